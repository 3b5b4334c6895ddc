"""Intents without a leg B: every rule judges leg A alone, whatever is said of the leg that there is not."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import invariants
from hedgecheck.drive import BundledCore
from hedgecheck.explore import exhaustive, scopes
from hedgecheck.explore.bounded import scope_of
from hedgecheck.explore.goals import GOALS, Story
from hedgecheck.explore.hints import Hints
from hedgecheck.explore.tables import search
from hedgecheck.explore.tables.renaming import twins
from hedgecheck.invariants import Bounds, MarketTerms, Terms
from hedgecheck.invariants.netting import opponents, opposed
from hedgecheck.messages import (
    BadPrice,
    Batch,
    Exit,
    Halt,
    Price,
    Sent,
    Signaled,
    Told,
    TradingHalted,
)
from hedgecheck.mutants.ladder import Rung
from hedgecheck.trace import line
from hedgecheck.world import Scope, universe_of
from hedgecheck.world.lanes import lane_of
from tests.unit.kit.test_invariant_limits import EQUITY, WIDE, limited
from tests.unit.kit.traces import (
    CASH,
    Records,
    buy,
    fill,
    heard,
    intent,
    is_broken,
    judge,
    leaving,
    placed,
    returned,
    sell,
    signaled,
    stop,
    traded,
)
from tests.unit.kit.walks import PAIR

NAMED = ("BBB", "AAA", "")  # what an intent of one leg may say that its leg B is
each_name = pytest.mark.parametrize("symbol_b", NAMED, ids=["another", "leg A", "none"])
ONE_MARKET = Terms(CASH, (MarketTerms("AAA", 100),))


def lone(symbol_b: str = "", name: str = "p1", **changes: Any) -> Signaled:
    """An intent to buy 10 AAA, and nothing else."""
    return signaled(name, 10, 0, symbol_b=symbol_b, **changes)


def says(rule: Any, *records: Any, terms: Terms = ONE_MARKET, at_rest: bool | None = None) -> str:
    """What the rule says of these."""
    finding = judge(rule, records, terms=terms, at_rest=at_rest)
    return "broken" if is_broken(finding) else finding


def test_an_intent_trades_the_symbols_of_its_legs() -> None:
    assert intent().symbols == ("AAA", "BBB")
    assert [lone(each).intent.symbols for each in NAMED] == [("AAA",)] * 3


def test_a_leg_that_there_is_not_is_not_told_of() -> None:
    assert line(lone("BBB")).endswith("signal p1: buy 10 AAA")
    assert line(signaled()).endswith("signal p1: buy 10 AAA, sell 10 BBB")
    assert Rung(PAIR, intents=(lone("BBB").intent,)).name.endswith("p1: buy 10 AAA")


# ---- I10, what it stands for -------------------------------------------------------------------------------


@each_name
@pytest.mark.parametrize(
    ("bound", "most"),
    [
        ("position_bps", 1_000),
        ("gross_bps", 1_000),
        ("net_bps", 1_000),
        ("strategy_bps", 1_000),
        ("heat_bps", 50),
    ],
)
def test_leg_a_counts_once_from_its_entry_on(symbol_b: str, bound: str, most: int) -> None:
    def terms(bps: int) -> Terms:
        return Terms(EQUITY, ONE_MARKET.markets, Bounds(**{**WIDE, bound: bps}))

    given = lone(symbol_b, stop_a=95)
    held = (given, Sent(buy("p1a1")), heard(buy("p1a1")), returned(success=True, reason="hedged"))
    again = (*held, lone(symbol_b, "p2", stop_a=95), Sent(buy("p2a1", of="p2")))

    assert says(invariants.worst_case_limit, *held[:2], terms=terms(most)) == "holds"
    assert says(invariants.worst_case_limit, *held[:2], terms=terms(most - 1)) == "broken"
    assert says(invariants.worst_case_limit, *again, terms=terms(2 * most)) == "holds"
    assert says(invariants.worst_case_limit, *again, terms=terms(2 * most - 1)) == "broken"


def test_another_symbol_that_drifted_beyond_its_bound_is_none_of_its_own() -> None:
    hedge = sell("p1b1", symbol="BBB")
    pair = (signaled(), Sent(buy("p1a1")), heard(buy("p1a1")), Sent(hedge), heard(hedge))
    drifted = (*pair, returned(success=True, reason="hedged"), Told(Price("BBB", 300)))
    terms, entry = limited(position_bps=2_500), Sent(buy("m1a1", of="m1"))  # 3,000 of BBB, 2,000 of AAA

    assert says(invariants.worst_case_limit, *drifted, lone("BBB", "m1"), entry, terms=terms) == "holds"
    assert says(invariants.worst_case_limit, *drifted, signaled("m1", 10, 1), entry, terms=terms) == "broken"


@each_name
def test_one_that_is_netted_is_judged_as_what_it_enters_for(symbol_b: str) -> None:
    own, other = lone(symbol_b).intent, replace(intent("m1", 4, 0), side_a="sell", symbol_b="")
    terms = Terms(EQUITY, ONE_MARKET.markets, Bounds(**{**WIDE, "conflicts": "net", "gross_bps": 600}))
    both = (Batch((own, other)), Signaled(own), Signaled(other))

    assert says(invariants.worst_case_limit, *both, Sent(buy("p1a1", 6)), terms=terms) == "holds"
    assert says(invariants.worst_case_limit, *both, Sent(buy("p1a1", 7)), terms=terms) == "broken"


@each_name
def test_only_leg_a_opposes(symbol_b: str) -> None:
    own = replace(lone(symbol_b).intent, side_b="sell")
    other = replace(intent("m1", 4, 3), side_a="sell", side_b="buy")
    along = replace(intent("m2", 4, 3), side_b="buy")

    assert opposed(own, other) == (("AAA", "buy", 4),)
    assert opponents(Batch((own, along))) == {}


# ---- I07 and I05, what it holds ----------------------------------------------------------------------------


@each_name
def test_there_is_nothing_to_hedge_until_its_strategy_wants_out(symbol_b: str) -> None:
    held = (lone(symbol_b), *traded(buy()))

    assert says(invariants.hedged, *held) == "vacuous"
    assert says(invariants.hedged, *held, Exit("p1")) == "broken"
    assert says(invariants.hedged, *held, Exit("p1"), *traded(leaving("E", 10))) == "vacuous"


def test_what_is_still_held_of_it_is_told() -> None:
    finding: Any = judge(invariants.hedged, (lone(), *traded(buy()), Exit("p1")), terms=ONE_MARKET)

    assert finding.why == "at rest intent p1 holds 10 lots of AAA, which its strategy wanted out of"


@each_name
def test_it_is_filled_once(symbol_b: str) -> None:
    once = (lone(symbol_b), *traded(buy()))

    assert says(invariants.one_intent_one_exposure, *once) == "holds"
    assert says(invariants.one_intent_one_exposure, *once, *placed(buy("Y"))) == "broken"


# ---- I09, its protection -----------------------------------------------------------------------------------


@each_name
def test_its_stop_is_that_of_leg_a(symbol_b: str) -> None:
    held = (lone(symbol_b, stop_a=95, stop_b=90), *traded(buy()))

    assert says(invariants.always_protected, *held, at_rest=True) == "broken"
    assert says(invariants.always_protected, *held, *placed(stop()), at_rest=True) == "holds"


@each_name
def test_a_stop_of_a_leg_that_there_is_not_is_asked_of_nobody(symbol_b: str) -> None:
    held = (lone(symbol_b, stop_b=90), *traded(buy()))

    assert says(invariants.always_protected, *held, at_rest=True) == "vacuous"


# ---- when it may be traded, and in what --------------------------------------------------------------------


@pytest.mark.parametrize(("symbol", "broken"), [("AAA", True), ("BBB", False)])
def test_halts_and_prices_of_its_own_symbol_matter(symbol: str, broken: bool) -> None:
    given, terms = lone("BBB"), limited()
    halted = (given, TradingHalted((symbol,)), Sent(buy()))
    blind = (given, Told(BadPrice(symbol, "nan")), Sent(buy()))

    assert (says(invariants.halt_is_halt, *halted, terms=terms) == "broken") is broken
    assert (says(invariants.sane_orders, *blind, terms=terms) == "broken") is broken


def test_an_order_of_another_symbol_is_not_its_own() -> None:
    order = sell("Y", symbol="BBB")

    assert says(invariants.attribution, lone("BBB"), Sent(buy()), terms=limited()) == "vacuous"
    assert says(invariants.attribution, lone("BBB"), Sent(order), terms=limited()) == "broken"


# ---- goals -------------------------------------------------------------------------------------------------


def test_nothing_is_between_the_legs_of_one() -> None:
    story: Records = (Sent(buy()), fill(buy()), Halt())

    for given, reached in ((lone(), False), (signaled(), True)):
        _, hinted = Hints((given.intent,)).read(0, (given, *story))
        assert ("G14" in [goal.id for goal in hinted]) is reached
        assert any(goal.id == "G14" and goal.reached(Story([given, *story])) for goal in GOALS) is reached


# ---- searches ----------------------------------------------------------------------------------------------


def side_by_side(symbols_b: tuple[str, str]) -> Scope:
    """Two trades of one leg, each in its lane."""
    scope = scope_of(PAIR)
    given = zip(scope.intents, symbols_b, strict=True)
    return replace(scope, intents=tuple(replace(each, amount_b=0, symbol_b=other) for each, other in given))


SPELLED = [("BBB", "DDD"), ("AAA", "CCC"), ("", "")]


@pytest.mark.parametrize("symbols_b", SPELLED)
def test_lanes_of_one_leg_are_twins_with_one_market_each(symbols_b: tuple[str, str]) -> None:
    scope = side_by_side(symbols_b)

    assert twins(scope, 1) is not None
    assert [each.symbol for each in lane_of(scope, 1).house.markets] == ["CCC"]
    assert twins(replace(scope, intents=(scope.intents[0], scope_of(PAIR).intents[1])), 1) is None


@pytest.mark.parametrize("symbols_b", SPELLED)
def test_trades_of_one_leg_are_tabulated(symbols_b: tuple[str, str]) -> None:
    found = search(universe_of(side_by_side(symbols_b), BundledCore()))

    assert (found.failure, found.why) == (None, "")


def test_from_the_latest_seed_on_most_intents_have_one_leg_and_all_else_is_as_before_it() -> None:
    drawn = [(scopes.draw(seed), scopes.draw(scopes.LONE_FROM + seed)) for seed in range(1, 300)]

    assert {each.symbol_b for _, scope in drawn for each in scope.intents if not each.amount_b} >= set(NAMED)
    assert any(each.amount_b for _, scope in drawn for each in scope.intents)
    for before, scope in drawn:
        legs = [(each.symbol_b, each.amount_b) for each in before.intents]
        given = zip(scope.intents, legs, strict=True)
        intents = tuple(replace(each, symbol_b=symbol, amount_b=lots) for each, (symbol, lots) in given)
        assert replace(scope, intents=intents) == before


def test_no_execution_of_one_leg_that_is_filled_in_parts_breaks_a_rule() -> None:
    small = replace(PAIR, trades=1, own=0, lots=10, faults=1, kinds=("F10",))
    scope = scope_of(small)
    one = replace(scope, intents=(replace(scope.intents[0], amount_b=0, symbol_b=""),))

    found = exhaustive.search(universe_of(one, BundledCore()))

    assert found.failure is None
