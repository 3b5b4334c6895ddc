"""A portfolio of five strategies and more: one account, one heat limit, and capital for each of them.

A desk of 1,000,000 in cash, prices of 100, pairs of equal legs. Each test is one story.
"""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from core import engine
from core.portfolio import RESERVE
from core.settings import problems
from hedgecheck import tape
from hedgecheck.explore.replay import Run
from hedgecheck.invariants import Bounds, Conflicts
from hedgecheck.messages import Batch, Intent, Rebalance, Record, Signaled
from hedgecheck.world import Universe
from tests.integration.desk import Desk
from tests.integration.flow import FREE, PRICE, RESTING, SYMBOLS, WITH_STOPS, expected_of, pair, scope, walk

NAMES = ("deep_value", "mean_reversion", "momentum", "pairs", "squeeze_hunter")
BUDGETS = tuple(zip(NAMES, (2_000, 1_500, 2_500, 2_000, 1_000), strict=True))  # a tenth is in reserve
CAPITAL = {name: 100 * bps for name, bps in BUDGETS}
LEGS = ("AAA BBB", "AAA DDD", "CCC DDD", "EEE FFF", "CCC BBB")  # along each other where they meet
OWNED = replace(FREE, budgets=BUDGETS)


class Portfolio(Desk):
    """A desk of strategies with capital of their own, and a recount of each one's account."""

    def __init__(
        self, *intents: Intent, bounds: Bounds = OWNED, conflicts: Conflicts = "refuse", **house: Any
    ) -> None:
        super().__init__(scope(*intents, bounds=replace(bounds, conflicts=conflicts), **house))
        self.run = Run(Universe(self.scope, self.engine))

    def moment(self, *intents: Intent) -> "Portfolio":
        """All these are signaled at one moment."""
        return self.hears(Batch(intents), Batch(intents), *map(Signaled, intents))

    def rebalance(self, **shares: int) -> "Portfolio":
        """Capital moves towards these shares, in bps; strategies that are not named get nothing."""
        asked = Rebalance(tuple((name, shares.get(name, 0)) for name in NAMES))
        return self.hears(asked, asked)

    def hears(self, event: Any, *records: Record) -> "Portfolio":
        """The core is told, and no rule is broken."""
        universe = self.run.universe
        self.run.world, said = universe.tell(self.run.world, event, *records)
        broken = self.run.watch.see(said, universe.view(self.run.world, at_rest=False))
        assert broken is None, broken
        self.records += said
        return self

    @property
    def capital(self) -> dict[str, int | None]:
        """What each strategy is worth, and the reserve."""
        return {each.name: each.capital for each in engine.health(self.state).strategies}

    @property
    def cash(self) -> dict[str, int]:
        """The cash of each strategy, and of the reserve."""
        return {each.strategy: each.book.cash for each in self.state.accounts}

    def recounted_by_strategy(self) -> dict[str, tuple[int, int, dict[str, int]]]:
        """Cash that moved, fees and lots of each strategy, from the venue's own records of its fills."""
        owner = {each.client_order_id: (each.intent or "").rstrip("0123456789") for each in self.created}
        cash, fees, lots = Counter(), Counter(), {name: Counter() for name in NAMES}
        for fill in self.fills:
            name, direction = owner[fill.client_order_id], {"buy": 1, "sell": -1}[fill.side]
            cash[name] -= direction * fill.amount * fill.price + fill.fee_money
            fees[name] += fill.fee_money
            lots[name][fill.symbol] += direction * fill.amount
        return {name: (cash[name], fees[name], {k: v for k, v in lots[name].items() if v}) for name in NAMES}

    def audit(self) -> "Portfolio":
        """Each strategy's book is its own recount, and all of them together are the account."""
        books = {each.strategy: each.book for each in self.state.accounts}
        given = {each.strategy: each.assigned for each in self.state.accounts}
        for name, (moved, fees, lots) in self.recounted_by_strategy().items():
            assert books[name].cash == CAPITAL[name] + given[name] + moved
            assert books[name].fees == fees
            assert {each.symbol: each.lots for each in books[name].positions if each.lots} == lots
        assert sum(each.cash for each in books.values()) == self.state.book.cash
        assert sum(each.fees for each in books.values()) == self.state.book.fees
        assert sum(self.capital.values()) == engine.equity(self.state)
        assert sum(given.values()) == 0
        return self


def wants(name: str, lots: int = 100, symbols: str = "AAA BBB", **more: object) -> Intent:
    """A strategy's first intent."""
    return pair(f"{name}1", lots, symbols, **more)


def one_each(lots: int = 100, **more: object) -> tuple[Intent, ...]:
    """Each strategy wants a pair."""
    return tuple(wants(name, lots, legs, **more) for name, legs in zip(NAMES, LEGS, strict=True))


# ---- MS-01: five strategies and more -----------------------------------------------------------------


@pytest.mark.covers("MS-01")
def test_a_portfolio_begins_with_the_capital_of_each_of_its_strategies():
    desk = Portfolio()

    assert desk.capital == {RESERVE: 100_000, **CAPITAL}
    assert desk.audit().state.trades == ()
    assert problems(desk.state.settings) == ()


@pytest.mark.covers("MS-01")
@pytest.mark.parametrize("count", [1, 5, 6, 9])
def test_there_may_be_as_many_strategies_as_anybody_likes(count: int):
    budgets = tuple((f"strategy_{letter}", 1_000) for letter in "abcdefghi"[:count])
    desk = Portfolio(*(wants(name) for name, _ in budgets), bounds=replace(FREE, budgets=budgets))

    for index in range(count):
        desk.traded(index)

    assert [each.signal.strategy for each in desk.state.trades] == [name for name, _ in budgets]
    assert list(desk.capital.values()) == [1_000_000 - 100_000 * count, *[100_000] * count]


@pytest.mark.covers("MS-01")
def test_a_strategy_that_is_none_of_the_portfolio_does_not_trade():
    assert Portfolio(wants("day_trader")).refusal(0) == "UNKNOWN_STRATEGY"


# ---- MS-02: all at once ------------------------------------------------------------------------------


@pytest.mark.covers("MS-02")
@pytest.mark.parametrize("seed", range(8))
def test_strategies_trade_at_the_same_time_and_each_fill_is_its_own_strategys(seed: int):
    fills, far = (100, 60, 100, 40, 0), {"price_a": PRICE // 2}
    desk = Portfolio(*one_each()[:4], wants(NAMES[4], 100, LEGS[4], **far), fee_bps=10)

    walk(desk, fills, Random(seed)).finish()

    outcomes, lots = expected_of(desk.scope.intents, fills)
    assert (desk.outcomes, desk.believed().lots_by_intent) == (outcomes, lots)
    desk.audit()


@pytest.mark.covers("MS-02")
def test_strategies_that_hold_the_same_symbol_know_their_own_part():
    desk = Portfolio(wants("deep_value", 300), wants("momentum", 100, "AAA DDD")).traded(0)

    desk.price("AAA", 10_000).traded(1).price("AAA", 10_000).finish()

    assert desk.capital["deep_value"] == CAPITAL["deep_value"] + 300 * 2
    assert desk.capital["momentum"] == CAPITAL["momentum"] + 100
    desk.audit()


# ---- MS-03: one heat limit ---------------------------------------------------------------------------

EQUAL = tuple((name, 2_000) for name in NAMES)
MORE_HEAT = pair("momentum2", 1_100, "AAA FFF", **WITH_STOPS)  # two legs risk 2 x (5,500 + 110)
# five that fit, one more that would by itself, and the limit of all together that it is beyond
TOGETHER = {
    "HEAT": ({"heat_bps": 600}, one_each(1_100, **WITH_STOPS), MORE_HEAT),
    "POSITION_CAP": ({"position_bps": 2_000}, one_each(700), pair("momentum2", 700, "AAA FFF")),
    "GROSS_EXPOSURE": ({"gross_bps": 10_000}, one_each(900), pair("momentum2", 600, "AAA FFF")),
}


@pytest.mark.covers("MS-03")
@pytest.mark.parametrize("reason", TOGETHER)
def test_heat_positions_and_exposure_are_bounded_for_all_strategies_together(reason: str):
    limits, five, sixth = TOGETHER[reason]
    bounds = replace(FREE, budgets=EQUAL, budget_bps=100_000, trades_in_flight=9, **limits)
    desk = Portfolio(*five, sixth, bounds=bounds)
    for index in range(5):
        desk.signal(index)

    assert [each.signal.strategy for each in desk.state.trades] == list(NAMES)
    assert desk.refusal(5) == reason
    assert len(Portfolio(sixth, bounds=bounds).signal(0).state.trades) == 1


# ---- MS-04: conflicts --------------------------------------------------------------------------------


def lots_of(desk: Portfolio, symbol: str) -> list[int]:
    """Signed lots of a symbol that each strategy holds."""
    held = [each for account in desk.state.accounts for each in account.book.positions]
    return [each.lots for each in held if each.symbol == symbol]


@pytest.mark.covers("MS-04")
def test_a_later_signal_that_opposes_is_refused_whole():
    desk = Portfolio(wants("pairs"), wants("momentum", 50, "CCC AAA")).traded(0)

    assert desk.refusal(1) == "OPPOSING_POSITION"
    assert desk.orders("momentum1") == []
    assert desk.finish().believed().lots == {"AAA": 100, "BBB": -100}


@pytest.mark.covers("MS-04")
@pytest.mark.parametrize("seed", range(8))
def test_no_strategy_is_ever_long_where_another_is_short(seed: int):
    """All want AAA, or its opposite, in any order: one side of it is all that is ever traded."""
    legs = ("AAA BBB", "BBB AAA", "AAA CCC", "CCC AAA", "DDD AAA")
    intents = (wants(name, 100, symbols) for name, symbols in zip(NAMES, legs, strict=True))
    random, desk = Random(seed), Portfolio(*intents)
    while possible := possible_now(desk):
        desk.do(random.choice(possible))
        for symbol in SYMBOLS:
            lots = lots_of(desk, symbol)
            assert min(lots, default=0) >= 0 or max(lots, default=0) <= 0

    assert "OPPOSING_POSITION" in desk.finish().audit().outcomes.values()


def possible_now(desk: Portfolio) -> list[tape.Action]:
    """What may happen next, timers apart: any signal, and what is under way."""
    signals = [tape.Signal(index) for index, count in enumerate(desk.run.world.signaled) if not count]
    others = desk.run.universe.ordinary(desk.run.world)
    return [*signals, *(each for each in others if not isinstance(each, tape.Signal | tape.Fire))]


@pytest.mark.covers("MS-04")
def test_signals_of_one_moment_that_oppose_are_netted_and_what_is_left_is_one_strategys():
    long, short = wants("pairs", 100), wants("momentum", 40, "BBB AAA")
    desk = Portfolio(long, short, conflicts="net").moment(short, long)

    desk.hear_all()

    assert (desk.orders("momentum1"), desk.outcomes["momentum1"]) == ([], "NETTED")
    assert desk.orders("pairs1") == [("AAA", "buy", 60)]
    lots = desk.settle().audit().believed().lots_by_intent
    assert lots == {("pairs1", "AAA"): 60, ("pairs1", "BBB"): -60}


@pytest.mark.covers("MS-04")
def test_without_netting_the_first_signal_of_a_moment_stands_and_the_later_is_refused():
    desk = Portfolio().moment(wants("momentum", 40, "BBB AAA"), wants("pairs", 100))

    assert desk.outcomes == {"pairs1": "OPPOSING_POSITION"}
    assert desk.settle().audit().believed().lots == {"AAA": -40, "BBB": 40}


# ---- MS-05: rebalancing preserves value --------------------------------------------------------------


@pytest.mark.covers("MS-05")
@pytest.mark.parametrize("seed", range(8))
def test_rebalancing_at_any_moment_neither_makes_nor_loses_a_unit(seed: int):
    """Between all that five strategies do, capital moves to random shares, and a price moves."""
    random, desk = Random(seed), Portfolio(*one_each(300), fee_bps=7)
    while possible := possible_now(desk):
        desk.do(random.choice(possible))
        desk.do(tape.Move("AAA", random.choice((-13_000, 17_000)))).hear_all()
        before = engine.equity(desk.state)
        shares = [random.randint(0, 2_000) for _ in NAMES]
        desk.rebalance(**dict(zip(NAMES, shares, strict=True))).audit()
        assert engine.equity(desk.state) == before

    desk.finish().audit()


@pytest.mark.covers("MS-05")
def test_shares_are_reached_to_the_minor_unit_with_what_is_held_at_the_market():
    desk = Portfolio(wants("squeeze_hunter", 100)).traded(0).price("AAA", 30_000)

    desk.rebalance(deep_value=3_333, mean_reversion=3_333, squeeze_hunter=3_333)

    total = 1_000_000 + 300
    assert engine.equity(desk.state) == total
    exact = {RESERVE: 1, "deep_value": 3_333, "mean_reversion": 3_333, "squeeze_hunter": 3_333}
    for name, capital in desk.audit().capital.items():
        assert abs(capital * 10_000 - exact.get(name, 0) * total) < 10_000


# ---- MS-06: no strategy dominates --------------------------------------------------------------------


@pytest.mark.covers("MS-06")
@pytest.mark.parametrize("name", NAMES)
def test_a_strategy_may_use_its_capital_and_no_lot_more_whatever_the_others_use(name: str):
    whole = CAPITAL[name] // 200  # lots a leg, at 100 each
    others = [each for each in NAMES if each != name]
    legs = dict(zip(NAMES, LEGS, strict=True))
    full = [wants(each, CAPITAL[each] // 200, legs[each]) for each in others]
    desk = Portfolio(*full, wants(name, whole + 1, legs[name]), pair(f"{name}2", whole, legs[name]))
    for index in range(4):
        desk.traded(index)

    assert desk.refusal(4) == "STRATEGY_BUDGET"
    assert desk.traded(5).outcomes[f"{name}2"] == "hedged"
    desk.finish().audit()


# ---- MS-07: heat with any number of strategies -------------------------------------------------------


@pytest.mark.covers("MS-07")
@pytest.mark.parametrize("count", [5, 6, 7, 9])
def test_heat_is_bounded_over_any_number_of_strategies(count: int):
    """As many strategies as fit share the heat; the next one is refused, and would fit alone."""
    budgets = tuple((f"strategy_{letter}", 1_000) for letter in "abcdefghij"[: count + 1])
    lots = 600_000 // (102 * count) - 1  # with stops 5 away a pair risks 10.2 a lot
    intents = [wants(name, lots, **WITH_STOPS) for name, _ in budgets]
    bounds = replace(FREE, heat_bps=600, budgets=budgets, budget_bps=100_000)
    desk = Portfolio(*intents, bounds=bounds)
    for index in range(count):
        desk.traded(index)

    assert len(desk.state.trades) == count
    assert desk.refusal(count) == "HEAT"
    assert len(Portfolio(intents[count], bounds=bounds).signal(0).state.trades) == 1


# ---- MS-08: capital moves ----------------------------------------------------------------------------


@pytest.mark.covers("MS-08")
def test_capital_that_moved_is_traded_with_by_the_one_that_got_it():
    desk = Portfolio(wants("squeeze_hunter", 2_000), wants("momentum", 500, "CCC DDD"))

    assert Portfolio(wants("squeeze_hunter", 2_000)).refusal(0) == "STRATEGY_BUDGET"
    desk.rebalance(squeeze_hunter=9_000).traded(0)

    assert desk.outcomes["squeeze_hunter1"] == "hedged"
    assert desk.refusal(1) == "STRATEGY_BUDGET"
    assert desk.capital == {**dict.fromkeys(CAPITAL, 0), RESERVE: 100_000, "squeeze_hunter": 900_000}


@pytest.mark.covers("MS-08")
def test_capital_that_a_trade_needs_follows_when_the_trade_ends():
    desk = Portfolio(wants("momentum", 500, **RESTING)).enter(0)

    desk.rebalance(squeeze_hunter=10_000)
    assert (desk.capital["momentum"], desk.capital["squeeze_hunter"]) == (100_000, 900_000)
    assert [each.owed for each in engine.health(desk.state).strategies] == [0, 0, 0, 100_000, 0, 0]

    desk.fires("momentum1a1/timeout").finish()
    assert desk.outcomes["momentum1"] == "unfilled"
    assert desk.audit().capital == {**dict.fromkeys(CAPITAL, 0), RESERVE: 0, "squeeze_hunter": 1_000_000}


@pytest.mark.covers("MS-08")
@pytest.mark.parametrize("cut", ["lost", "stored"])
def test_capital_that_moved_in_a_step_that_crashed_is_told_once_and_moved_once(cut: str):
    desk = Portfolio(wants("momentum", 500, **RESTING)).enter(0).rebalance(squeeze_hunter=10_000)

    desk.fires("momentum1a1/timeout").receive()
    desk.run.world = replace(desk.run.world, crashes_left=1)
    desk.do(tape.CrashIn(cut, "deliver", "")).finish()

    assert desk.audit().capital["squeeze_hunter"] == 1_000_000
