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
    SignalId,
)
from core.positions import position_of
from core.reconcile_report import Terms
from core.units import Money
from hedgecheck.messages import CancelOrder
from hedgecheck.venue import MovePrice
from tests.integration.live.books import (
    ACTED,
    CASH,
    SECOND,
    Line,
    Scene,
    hedged,
    opening,
    play,
    signal,
)
from tests.integration.live.scene import WaitingLog

ENTRY = OrderId(SignalId("p", 1), "entry", 1)

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


def test_report_that_was_overtaken_by_a_fill_is_no_witness_of_a_phantom() -> None:
    async def told(scene: Scene) -> None:
        left = [scene.line.truth().positions]  # and in the next one the positions are of a moment ago
        scene.line.lag_seconds = 1.0
        asked = asyncio.ensure_future(scene.reconcile())
        await scene.rest(1.5)  # the first report is on its way back
        assert await scene.shell.trade(signal()) == "hedged"
        scene.line.shown = lambda account: replace(account, positions=left.pop()) if left else account

        outcome = await asked

        assert scene.people.open == []
        assert outcome.is_reconciled
        assert outcome.rounds == 3
        scene.assert_belief_is_truth()

    play(told)


def test_what_is_never_reported_as_it_is_now_is_not_reconciled() -> None:
    async def told(scene: Scene) -> None:
        await hedged(scene)
        scene.line.lag_seconds = 1.0

        async def trades() -> None:
            for number in range(2, 12):
                await scene.rest(0.7)
                await scene.shell.tell(CashMoved(Money(number)))

        trading = asyncio.ensure_future(trades())
        outcome = await scene.reconcile()
        trading.cancel()

        assert scene.people.open == []
        assert "cash" in outcome.unknown

    play(told, lambda: Scene(terms=Terms(rounds=2)))
