"""Reconciliation of the running shell with the real venue, in virtual time: what differs, and what is done.

A pair is ten AAA at 100 against twenty BBB at 50; cash is 1,000,000. Nobody is told of what a stranger does.
"""

import asyncio
from dataclasses import replace

import pytest

from core import engine
from core.messages import (
    Adjustment,
    BreakerTripRequested,
    CashMoved,
    ExitRequested,
    OrderDoubted,
    OrderId,
    PositionAdjusted,
    PriceMoved,
    PriceUnusable,
    RefuseSignal,
    SettingsChanged,
    SignalId,
)
from core.positions import position_of
from core.reconcile_report import Terms
from core.units import Money, Ticks
from hedgecheck.live.reconciliation import Booked
from hedgecheck.messages import CancelOrder, CreateOrder
from hedgecheck.venue import MovePrice
from tests.integration.live.books import (
    CASH,
    OPENING,
    SECOND,
    Line,
    People,
    Scene,
    opening,
    play,
    run,
    signal,
)
from tests.integration.live.scene import WaitingLog

ENTRY = OrderId(SignalId("p", 1), "entry", 1)
ACTED = (PositionAdjusted, CashMoved, OrderDoubted, BreakerTripRequested)


def refusals(commands) -> list[str]:
    """Why signals were refused."""
    return [each.reason for each in commands if isinstance(each, RefuseSignal)]


async def hedged(scene: Scene, *sequences: int) -> None:
    """Pairs that are held; their orders have left the state."""
    for each in sequences or (1,):
        assert await scene.shell.trade(signal(each)) == "hedged"
    await scene.rest(40)


# ---- TC-RC-001: the portfolio ------------------------------------------------------------------------


@pytest.mark.covers("TC-RC-001")
def test_portfolio_is_the_venues_after_fills_and_ends_that_nobody_heard_of() -> None:
    """Three pairs of three strategies: of the first the fills are lost, the second rests and is cancelled at
    the venue, the third rests and half of it is filled."""

    async def told(scene: Scene) -> None:
        line = scene.line
        line.silent = 1
        scene.shell.tell(signal(1, "p"))
        await scene.rest()
        line.trades = False
        scene.shell.tell(signal(1, "q", limit=100))
        scene.shell.tell(signal(1, "r", symbol_a="CCC", limit=10))
        await scene.rest()
        line.silent = 9
        line.does(CancelOrder("q1a1"))
        line.fill("r1a1", 5)
        line.silent, line.trades = 0, True
        assert (scene.lots(), dict(line.venue.positions)) == ({}, {"AAA": 10, "CCC": 5})

        outcome = await scene.reconcile()

        assert outcome.is_reconciled
        scene.assert_belief_is_truth()
        assert scene.told(PositionAdjusted, CashMoved, BreakerTripRequested) == []
        await scene.rest(60)
        assert (await scene.reconcile()).rounds == 1
        scene.assert_belief_is_truth()
        assert scene.lots() == {"AAA": 10, "BBB": -30, "CCC": 5}

    play(told)


# ---- TC-RC-002: positions ----------------------------------------------------------------------------


@pytest.mark.covers("TC-RC-002")
def test_position_that_nobody_here_made_is_asked_about_and_booked_at_its_price_when_taken_over() -> None:
    async def told(scene: Scene) -> None:
        await hedged(scene)
        scene.line.silent = 1
        scene.line.does(MovePrice("CCC", 12))
        scene.line.stranger("CCC", "buy", 7)

        outcome = await scene.reconcile()

        assert [(each.kind, each.subject) for each in outcome.left] == [("external_trade", "CCC")]
        assert scene.people.open == [("external_trade", "CCC +7")]
        assert scene.lots() == {"AAA": 10, "BBB": -20}
        scene.people.answers("adopt")
        assert (await scene.reconcile()).is_reconciled
        adjusted = PositionAdjusted("CCC", 7, 12, "EXTERNAL_TRADE", trade_id="by-hand.1")
        assert scene.told(PositionAdjusted) == [adjusted]
        scene.assert_belief_is_truth()
        assert engine.equity(scene.state) == CASH - 7 * 2  # the core still has the price from before

    play(told)


@pytest.mark.covers("TC-RC-002")
@pytest.mark.parametrize(
    ("kind", "answer", "reason"),
    [("phantom", "gone", "CLOSED_OUTSIDE"), ("external_trade", "adopt", "EXTERNAL_TRADE")],
    ids=["without a history", "with a history"],
)
def test_pair_that_was_closed_outside_is_over_when_a_person_says_so(
    kind: str, answer: str, reason: Adjustment
) -> None:
    async def told(scene: Scene) -> None:
        await hedged(scene)
        scene.line.stranger("AAA", "sell", 10)
        scene.line.stranger("BBB", "buy", 20, "by-hand-2")
        if kind == "phantom":
            scene.line.shown = lambda account: replace(account, fills=())

        await scene.reconcile()

        assert scene.people.open == [(kind, "AAA -10"), (kind, "BBB +20")]
        scene.people.answers(answer)
        assert (await scene.reconcile()).is_reconciled
        booked = scene.told(PositionAdjusted)
        assert [(each.symbol, each.lots, each.reason) for each in booked] == [
            ("AAA", -10, reason),
            ("BBB", 20, reason),
        ]
        assert {each.signal for each in booked} == {SignalId("p", 1)}
        scene.assert_belief_is_truth()
        await scene.rest(40)
        assert (scene.state.trades, scene.state.adopted) == ((), ())
        await scene.reset()
        assert await scene.shell.trade(signal(2)) == "hedged"
        scene.assert_belief_is_truth()

    play(told)


def test_fills_that_were_booked_last_are_remembered() -> None:
    booked = Booked(trades_max=2)
    for number in range(4):
        adjusted = PositionAdjusted("AAA", 1, Ticks(5), "EXTERNAL_TRADE", trade_id=f"t{number}")
        booked.stepped(engine.initial(OPENING.settings, OPENING.cash), adjusted, ())

    assert booked.trades == ("t2", "t3")


def test_question_is_withdrawn_when_what_it_was_about_is_gone() -> None:
    async def told(scene: Scene) -> None:
        scene.line.stranger("CCC", "buy", 7)
        await scene.reconcile()
        assert scene.people.open == [("external_trade", "CCC +7")]

        scene.line.stranger("CCC", "sell", 7)

        assert (await scene.reconcile()).is_reconciled
        assert scene.people.open == []
        assert scene.told(PositionAdjusted) == []

    play(told)


@pytest.mark.covers("TC-RC-002")
def test_what_was_taken_over_is_closed_outside_before_what_a_trade_holds() -> None:
    async def told(scene: Scene) -> None:
        await hedged(scene)
        for number, (side, amount) in enumerate((("buy", 7), ("sell", 9))):
            scene.line.stranger("AAA", side, amount, f"by-hand-{number}")
            await scene.reconcile()
            scene.people.answers("adopt")
            assert (await scene.reconcile()).is_reconciled

        assert [(each.lots, each.signal) for each in scene.told(PositionAdjusted)] == [
            (7, None),
            (-7, None),
            (-2, SignalId("p", 1)),
        ]
        scene.assert_belief_is_truth()
        assert scene.state.adopted == ()
        await scene.shell.tell(ExitRequested(SignalId("p", 1)))
        await scene.rest(60)
        assert scene.lots() == {}
        scene.assert_belief_is_truth()

    play(told, lambda: Scene(Line(fee_bps=10)))


@pytest.mark.covers("TC-RC-002")
@pytest.mark.parametrize("part", ["positions", "cash"])
def test_parts_of_a_report_that_are_of_two_moments_are_no_difference(part: str) -> None:
    async def told(scene: Scene) -> None:
        before = [getattr(scene.line.truth(), part)]
        await hedged(scene)
        scene.line.shown = lambda now: replace(now, **{part: before.pop()}) if before else now

        outcome = await scene.reconcile()

        assert (outcome.rounds, outcome.is_reconciled) == (2, True)
        assert scene.told(*ACTED) == []
        assert scene.people.heard == []

    play(told, lambda: Scene(Line(fee_bps=10)))


# ---- TC-RC-003: balances -----------------------------------------------------------------------------


@pytest.mark.covers("TC-RC-003")
@pytest.mark.parametrize("amount", [5_000, -5_000])
def test_cash_that_no_fill_accounts_for_is_asked_about_and_neither_profit_nor_loss(amount: int) -> None:
    async def told(scene: Scene) -> None:
        await hedged(scene)
        scene.line.pays(amount)

        await scene.reconcile()

        assert scene.people.open == [("cash", f"cash {amount:+d}")]
        scene.people.answers("adopt")
        assert (await scene.reconcile()).is_reconciled
        assert scene.told(CashMoved) == [CashMoved(amount)]
        scene.assert_belief_is_truth()
        assert scene.state.gauges.moved == amount

    play(told)


@pytest.mark.covers("TC-RC-003")
def test_cash_within_the_tolerance_is_no_difference() -> None:
    async def told(scene: Scene) -> None:
        scene.line.shown = lambda account: replace(account, cash=CASH + 1)
        outcome = await scene.reconcile()
        assert [each.kind for each in outcome.left] == ["cash"]

    async def told_of_tolerance(scene: Scene) -> None:
        scene.line.shown = lambda account: replace(account, cash=CASH + 1)
        assert (await scene.reconcile()).is_reconciled

    play(told)
    play(told_of_tolerance, lambda: Scene(terms=Terms(cash=Money(1))))


# ---- TC-RC-004: orders -------------------------------------------------------------------------------

ENDS = {
    "filled": (lambda line: line.fill("p1a1"), "filled", 10),
    "partly filled": (lambda line: line.fill("p1a1", 6), "partially_filled", 6),
    "canceled": (lambda line: line.does(CancelOrder("p1a1")), "canceled", 0),
    "partly filled, then canceled": (
        lambda line: (line.fill("p1a1", 6), line.does(CancelOrder("p1a1"))),
        "canceled",
        6,
    ),
}


@pytest.mark.covers("TC-RC-004")
@pytest.mark.parametrize("name", ENDS)
def test_what_became_of_an_order_unheard_is_learnt_from_its_status(name: str) -> None:
    happens, phase, filled = ENDS[name]

    async def told(scene: Scene) -> None:
        scene.line.trades = False
        scene.shell.tell(signal(limit=100))
        await scene.rest()
        scene.line.silent = 9
        happens(scene.line)

        outcome = await scene.reconcile()

        order = scene.state.trades[0].orders[0]
        assert (order.phase, order.filled) == (phase, filled)
        assert outcome.is_reconciled
        assert OrderDoubted(ENTRY) in scene.told(OrderDoubted)
        assert scene.told(PositionAdjusted, BreakerTripRequested) == []
        scene.assert_belief_is_truth()

    play(told)


@pytest.mark.covers("TC-RC-004")
def test_order_that_its_venue_has_forgotten_is_over_when_it_has_said_so_thrice() -> None:
    async def told(scene: Scene) -> None:
        scene.line.trades = False
        scene.shell.tell(signal(limit=100))
        await scene.rest()
        scene.line.venue = replace(scene.line.venue, orders=())

        outcome = await scene.reconcile()

        assert outcome.is_reconciled
        assert scene.state.trades[0].orders[0].phase == "absent"
        assert scene.people.heard == []

    play(told)


@pytest.mark.covers("TC-RC-004")
def test_order_that_nobody_here_made_is_asked_about_and_let_be_while_it_is_there() -> None:
    async def told(scene: Scene) -> None:
        scene.line.stranger("CCC", "buy", 7, price=5)

        await scene.reconcile()

        assert scene.people.open == [("external_trade", "by-hand")]
        scene.people.answers("adopt")
        for _ in range(2):
            outcome = await scene.reconcile()
            assert (outcome.is_reconciled, outcome.rounds, scene.people.open) == (True, 1, [])
        scene.line.does(CancelOrder("by-hand"))
        await scene.reconcile()
        assert scene.people.answered() == []
        assert len(scene.people.heard) == 1

    play(told)


@pytest.mark.covers("TC-RC-004")
def test_while_no_answer_comes_nothing_follows_from_what_an_order_may_have_done() -> None:
    async def told(scene: Scene) -> None:
        scene.line.trades = False
        scene.shell.tell(signal(limit=100))
        await scene.rest()
        scene.line.silent, scene.line.deaf = 1, 3
        scene.line.fill("p1a1", 10)

        outcome = await scene.reconcile()

        assert dict(outcome.counts) == {"missing_fill": 1, "late_fill": 1, "in_flight": 2}
        assert outcome.is_reconciled
        assert scene.people.heard == []
        assert scene.told(PositionAdjusted, BreakerTripRequested) == []

    play(told, lambda: Scene(log=WaitingLog(opening(leg_timeout=3_600 * SECOND))))


# ---- TC-RC-005: the history of trades ----------------------------------------------------------------


@pytest.mark.covers("TC-RC-005")
def test_fill_of_a_trade_that_has_left_is_booked_once_from_the_history() -> None:
    """Its order was on its way until the venue had said thrice that there is none."""

    async def told(scene: Scene) -> None:
        scene.line.delays = True
        assert await scene.shell.trade(signal()) == "unfilled"
        await scene.rest(40)
        assert scene.state.trades == ()
        scene.line.arrive()

        outcome = await scene.reconcile()

        assert outcome.is_reconciled
        late = PositionAdjusted("AAA", 10, 100, "ENDED_TRADE", 1, trade_id="p1a1.1")
        assert scene.told(PositionAdjusted) == [late]
        assert scene.people.heard == []
        assert scene.halted() == []
        assert (await scene.reconcile()).rounds == 1
        assert scene.told(PositionAdjusted) == [late]
        scene.assert_belief_is_truth()

    play(told, lambda: Scene(Line(fee_bps=10)))


@pytest.mark.covers("TC-RC-005")
def test_several_at_once_book_a_late_fill_once() -> None:
    async def told(scene: Scene) -> None:
        scene.line.delays = True
        assert await scene.shell.trade(signal()) == "unfilled"
        await scene.rest(40)
        scene.line.arrive()

        await asyncio.gather(*[scene.reconcile() for _ in range(3)])

        assert len(scene.told(PositionAdjusted)) == 1
        scene.assert_belief_is_truth()

    play(told)


async def baseline(scene_of=Scene) -> None:
    """An order arrives and is filled while nobody is there: another shell begins over the same log."""
    line, log, people = Line(), WaitingLog(OPENING), People()
    first = Scene(line, log, people)
    await first.shell.start()
    await hedged(first)
    line.delays = True
    assert await first.shell.trade(signal(2)) == "unfilled"
    await first.rest(40)
    await first.shell.close()
    line.arrive()
    line.delays = False
    second = scene_of(line, log, people)
    await second.shell.start()
    second.assert_belief_is_truth()
    assert people.heard == []
    assert [each.trade_id for each in second.told(PositionAdjusted)] == ["p2a1.1"]
    await second.shell.close()


@pytest.mark.covers("TC-RC-005")
def test_what_was_filled_while_nobody_was_there_is_not_taken_for_booked() -> None:
    run(baseline)


@pytest.mark.covers("TC-RC-005")
def test_history_that_lacks_what_was_booked_is_old_and_asked_for_again() -> None:
    async def told(scene: Scene) -> None:
        await scene.shell.trade(signal())
        truth = scene.line.truth()
        stale = [truth.fills[:1], truth.fills[:1]]
        scene.line.shown = lambda account: replace(account, fills=stale.pop() if stale else account.fills)

        outcome = await scene.reconcile()

        assert (outcome.counts, outcome.rounds, outcome.is_reconciled) == ((("stale_report", 1),), 3, True)
        assert scene.told(*ACTED) == []

    play(told)


# ---- TC-RC-007: what is told of it -------------------------------------------------------------------


@pytest.mark.covers("TC-RC-007")
def test_what_a_reconciliation_says_it_found_is_what_it_did() -> None:
    async def told(scene: Scene) -> None:
        line = scene.line
        line.delays = True
        assert await scene.shell.trade(signal()) == "unfilled"
        await scene.rest(40)
        line.delays, line.trades = False, False
        scene.shell.tell(signal(2, limit=100))
        await scene.rest()
        line.arrive()
        line.silent = 1
        line.fill("p2a1", 4)
        line.stranger("CCC", "buy", 1, price=5)

        outcome = await scene.reconcile()

        counts = dict(outcome.counts)
        assert counts["late_fill"] == len({each.order for each in scene.told(OrderDoubted)}) == 1
        assert counts["ended_fill"] == len(scene.told(PositionAdjusted)) == 1
        assert counts["external_trade"] == len(scene.people.heard) == len(outcome.left) == 1
        assert outcome.rounds == len(line.asked_at) - 1  # one was made as the shell began
        assert scene.told(BreakerTripRequested) == [BreakerTripRequested()]

    play(told)


# ---- TC-RC-008: settings at run time -----------------------------------------------------------------


@pytest.mark.covers("TC-RC-008")
def test_limits_set_at_run_time_hold_for_what_is_taken_over_and_after_a_restart() -> None:
    async def told(scene: Scene) -> None:
        scene.line.stranger("CCC", "buy", 1_000)
        await scene.reconcile()
        scene.people.answers("adopt")
        await scene.reconcile()
        await scene.reset()
        before = scene.state.settings
        tight = replace(
            before, limits=replace(before.limits, gross_bps=119)
        )  # 11,900: 10,000 and a pair's 2,000

        await scene.shell.tell(SettingsChanged(tight))

        assert refusals(await scene.shell.tell(signal(1))) == ["GROSS_EXPOSURE"]
        await scene.shell.tell(SettingsChanged(replace(tight, limits=replace(tight.limits, gross_bps=120))))
        assert refusals(await scene.shell.tell(signal(2))) == []
        await scene.rest()
        assert (await scene.reconcile()).is_reconciled
        again = Scene(scene.line, scene.log, scene.people)
        assert again.state == scene.state
        assert again.state.settings.limits.gross_bps == 120

    play(told)


# ---- TC-RC-009: risk metrics -------------------------------------------------------------------------


@pytest.mark.covers("TC-RC-009")
def test_risk_numbers_are_a_recount_of_what_the_venue_holds() -> None:
    async def told(scene: Scene) -> None:
        await hedged(scene)
        scene.line.stranger("CCC", "sell", 30)
        scene.line.stranger("AAA", "buy", 3, "by-hand-2")
        await scene.reconcile()
        scene.people.answers("adopt")
        assert (await scene.reconcile()).is_reconciled

        venue = scene.line.venue
        prices, held = dict(venue.prices), dict(venue.positions)
        assert held == {"AAA": 13, "BBB": -20, "CCC": -30}
        values = {symbol: lots * prices[symbol] for symbol, lots in held.items()}
        gross, net = sum(map(abs, values.values())), sum(values.values())
        total = engine.summary(scene.state).total
        assert (total.gross, total.net_high, total.net_low) == (gross, net, net)
        assert total.exposures == tuple(
            (each, max(0, held[each]), max(0, -held[each]), abs(values[each])) for each in sorted(held)
        )
        costs = [-(-abs(value) * 10 // 10_000) for value in (1_000, 300, 1_000, 300)]  # no stop anywhere
        assert total.heat == gross + sum(costs)
        assert engine.equity(scene.state) == venue.cash + net

    play(told)


# ---- TC-RC-010: timestamps ---------------------------------------------------------------------------


@pytest.mark.covers("TC-RC-010")
@pytest.mark.parametrize("sign", [1, -1])
def test_clock_that_is_wrong_is_asked_about_and_time_on_the_way_is_no_skew(sign: int) -> None:
    async def told(scene: Scene) -> None:
        scene.line.lag_seconds = 30
        assert (await scene.reconcile()).is_reconciled
        scene.line.lag_seconds, scene.line.skew_ns = 0, sign * SECOND
        assert (await scene.reconcile()).is_reconciled

        scene.line.skew_ns = sign * 2 * SECOND
        outcome = await scene.reconcile()

        assert [(each.kind, each.reported) for each in outcome.left] == [("clock_skew", sign * 2 * SECOND)]
        assert scene.people.open == [("clock_skew", "clock")]
        assert refusals(await scene.shell.tell(signal())) == ["HALTED"]
        scene.line.skew_ns = 0
        scene.people.answers("again")
        assert (await scene.reconcile()).is_reconciled
        assert scene.people.answered() == []

    play(told)


# ---- TC-RC-011: disputes -----------------------------------------------------------------------------


@pytest.mark.covers("TC-RC-011")
def test_what_no_question_settles_is_a_dispute_and_stops_entries_alone() -> None:
    """The venue lists more as filled than it will say in the order's status, for ever."""

    async def told(scene: Scene) -> None:
        await hedged(scene)
        scene.line.trades = False
        scene.shell.tell(signal(2, limit=100))
        await scene.rest()
        lie = [replace(each, filled=3) for each in scene.line.truth().open_orders or ()]
        scene.line.shown = lambda account: replace(account, open_orders=tuple(lie))

        outcome = await scene.reconcile()

        assert [(each.kind, each.rounds) for each in outcome.left] == [("dispute", 6)]
        assert outcome.rounds == 6
        assert scene.people.open == [("dispute", "p2a1")]
        assert refusals(await scene.shell.tell(signal(3))) == ["HALTED"]
        scene.line.shown = lambda account: account
        scene.line.trades = True
        await scene.shell.tell(ExitRequested(SignalId("p", 1)))
        await scene.rest(60)
        assert scene.lots() == {}
        scene.assert_belief_is_truth()

    play(told)


# ---- TC-RC-014: asked again --------------------------------------------------------------------------


@pytest.mark.covers("TC-RC-014")
def test_report_that_fails_is_asked_for_again_each_time_later_and_not_for_ever() -> None:
    async def told(scene: Scene) -> None:
        scene.line.fails["cash"] = 99
        scene.line.asked_at.clear()

        outcome = await scene.reconcile()

        begun = scene.line.asked_at[0]
        assert [each - begun for each in scene.line.asked_at] == pytest.approx([0, 1, 3, 7, 15, 31])
        assert (outcome.unknown, outcome.left, outcome.is_reconciled) == (("cash",), (), False)
        assert scene.told(*ACTED) == []
        scene.line.fails["cash"] = 2
        outcome = await scene.reconcile()
        assert (outcome.rounds, outcome.is_reconciled) == (3, True)

    play(told)


async def failed_report(scene: Scene) -> None:
    """No part of the account is told, nor what is held: nothing follows from that."""
    await hedged(scene)
    scene.line.fails.update({"open_orders": 99, "positions": 99, "cash": 99, "fills": 99})
    outcome = await scene.reconcile()
    assert outcome.unknown == ("orders", "positions", "cash")
    assert scene.lots() == {"AAA": 10, "BBB": -20}
    assert scene.told(*ACTED) == []
    assert scene.people.heard == []


@pytest.mark.covers("TC-RC-014")
def test_failed_report_is_not_flat() -> None:
    play(failed_report)


# ---- TC-RC-015: people -------------------------------------------------------------------------------


@pytest.mark.covers("TC-RC-015")
def test_no_entry_leaves_before_a_person_has_answered_and_the_breaker_was_reset() -> None:
    async def told(scene: Scene) -> None:
        scene.line.stranger("CCC", "buy", 7)
        await scene.reconcile()
        assert refusals(await scene.shell.tell(signal(1))) == ["HALTED"]

        await scene.reset(1)
        assert scene.halted() == []
        await scene.reconcile()
        assert refusals(await scene.shell.tell(signal(2))) == ["HALTED"]
        scene.people.answers("adopt")
        assert (await scene.reconcile()).is_reconciled
        assert refusals(await scene.shell.tell(signal(3))) == ["HALTED"]
        await scene.reset(2)
        assert await scene.shell.trade(signal(4)) == "hedged"
        scene.assert_belief_is_truth()

    play(told)


@pytest.mark.covers("TC-RC-015")
def test_entries_that_rest_go_and_hedges_and_exits_go_on_meanwhile() -> None:
    async def told(scene: Scene) -> None:
        scene.line.trades = False
        scene.shell.tell(signal(1, limit=100))
        scene.shell.tell(signal(1, "q", symbol_a="CCC", limit=9))
        await scene.rest()
        scene.line.fill("p1a1", 10)
        scene.line.trades = True
        scene.line.stranger("CCC", "buy", 7)

        await scene.reconcile()
        await scene.rest(15)

        sent = [each.client_order_id for each in scene.line.sent if isinstance(each, CreateOrder)]
        assert sent == ["p1a1", "q1a1", "p1b1"]
        assert scene.line.truth().open_orders == ()
        assert scene.lots() == {"AAA": 10, "BBB": -20}
        await scene.shell.tell(ExitRequested(SignalId("p", 1)))
        await scene.rest(15)
        assert scene.lots() == {}

    play(told)


@pytest.mark.covers("TC-RC-015")
@pytest.mark.parametrize("answer", ["again", "gone"])
def test_what_is_looked_at_again_is_asked_anew_while_it_is_there(answer: str) -> None:
    async def told(scene: Scene) -> None:
        scene.line.stranger("CCC", "buy", 7)
        await scene.reconcile()
        scene.people.answers(answer)

        assert not (await scene.reconcile()).is_reconciled
        assert [each[:2] for each in scene.people.heard] == [("external_trade", "CCC +7")] * 2
        assert scene.told(PositionAdjusted) == []
        scene.line.stranger("CCC", "sell", 7, "by-hand-2")
        scene.people.answers(answer)
        assert (await scene.reconcile()).is_reconciled
        assert scene.people.answered() == []

    play(told)


@pytest.mark.covers("TC-RC-015")
def test_answer_is_to_what_was_asked_and_to_nothing_that_came_since() -> None:
    async def told(scene: Scene) -> None:
        scene.line.stranger("CCC", "buy", 7)
        await scene.reconcile()
        scene.people.answers("adopt")
        scene.line.stranger("CCC", "buy", 500, "by-hand-2")

        await scene.reconcile()

        assert scene.told(PositionAdjusted) == []
        assert scene.people.open == [("external_trade", "CCC +507")]
        assert scene.people.answered() == []

    play(told)


@pytest.mark.covers("TC-RC-015")
def test_what_has_no_price_is_not_taken_over_before_it_has_one() -> None:
    async def told(scene: Scene) -> None:
        scene.line.shown = lambda account: replace(account, positions=(("CCC", 7),))
        await scene.reconcile()
        scene.people.answers("adopt")
        await scene.shell.tell(PriceUnusable("CCC"))

        await scene.reconcile()
        assert scene.told(PositionAdjusted) == []

        await scene.shell.tell(PriceMoved("CCC", Ticks(11)))
        await scene.reconcile()
        assert scene.told(PositionAdjusted) == [PositionAdjusted("CCC", 7, 11, "EXTERNAL_TRADE")]

    play(told)


# ---- TC-IF-014: positions as they change -------------------------------------------------------------


@pytest.mark.covers("TC-IF-014")
def test_positions_are_the_venues_at_every_rest_of_a_trades_way() -> None:
    async def told(scene: Scene) -> None:
        scene.line.trades = False
        scene.shell.tell(signal(limit=100))
        for lots in (3, 3, 4):
            await scene.rest()
            scene.line.silent = lots % 3  # of the last fill nobody is told
            scene.line.fill("p1a1", lots)
            await scene.reconcile()
            scene.assert_belief_is_truth()
        scene.line.silent, scene.line.trades = 0, True
        await scene.rest(60)
        assert (await scene.reconcile()).is_reconciled
        await scene.shell.tell(ExitRequested(SignalId("p", 1)))
        await scene.rest(60)
        assert (await scene.reconcile()).is_reconciled
        scene.assert_belief_is_truth()
        assert position_of(scene.state.book, "AAA").lots == 0

    play(told)
