"""What stops a reconciliation, or needs people: clocks, disputes, reports that fail, questions and answers.

A pair is ten AAA at 100 against twenty BBB at 50; cash is 1,000,000. Nobody is told of what a stranger does.
"""

from dataclasses import replace

import pytest

from core.messages import (
    ExitRequested,
    PositionAdjusted,
    PriceMoved,
    PriceUnusable,
    SignalId,
)
from core.units import Ticks
from hedgecheck.messages import CreateOrder
from tests.integration.live.books import (
    ACTED,
    SECOND,
    Scene,
    hedged,
    play,
    refusals,
    signal,
)

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
def test_question_about_what_is_there_no_more_settles_itself() -> None:
    async def told(scene: Scene) -> None:
        scene.line.stranger("CCC", "buy", 7)
        await scene.reconcile()
        assert scene.people.open == [("external_trade", "CCC +7")]
        scene.line.stranger("CCC", "sell", 7, "by-hand-2")
        scene.line.fails["cash"] = 9
        await scene.reconcile()
        assert len(scene.people.open) == 1  # a report of which a part is missing says nothing of what is gone
        scene.line.fails.clear()

        assert (await scene.reconcile()).is_reconciled

        assert scene.people.open == []
        assert scene.halted() == ["manual"]

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
