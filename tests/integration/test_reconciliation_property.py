"""Whatever gets lost on the line: reconciled and at rest, what is believed is what the venue holds.

Nothing is taken over that a question would have booked, and nobody is asked. The scenes that guard this are
played once more with a defect planted each time, and must fail.
"""

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.messages import BreakerTripRequested, CashMoved, ExitRequested, PositionAdjusted, SignalId
from core.reconcile_report import Report
from hedgecheck.live import reconciliation
from hedgecheck.messages import CancelOrder
from hedgecheck.venue import fillable, find
from tests.integration.live.books import SECOND, Line, Scene, opening, play, run, signal
from tests.integration.live.scene import WaitingLog
from tests.integration.test_reconciliation_history import baseline
from tests.integration.test_reconciliation_people import failed_report

Move = tuple[str, int]
LIMITS = {"p": 100, "q": 100, "r": 10}
SYMBOLS = {"p": {}, "q": {"side_a": "sell", "side_b": "buy", "symbol_b": "CCC"}, "r": {"symbol_a": "CCC"}}
STRATEGIES = tuple(LIMITS)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["want", "want", "fill", "fill", "cancel", "silent", "deaf", "wait", "exit"]),
        st.integers(0, 9),
    ),
    max_size=14,
)


async def happens(scene: Scene, moves: list[Move]) -> None:
    """A history: wishes, fills of what rests, cancels at the venue, lost reports and replies, time."""
    line, wanted = scene.line, dict.fromkeys(STRATEGIES, 0)
    line.trades = False
    for kind, number in moves:
        strategy = STRATEGIES[number % len(STRATEGIES)]
        resting = [each.client_order_id for each in line.truth().open_orders or ()]
        name = resting[number % len(resting)] if resting else ""
        match kind:
            case "want":
                wanted[strategy] += 1
                limit = LIMITS[strategy] if number < 6 else None
                scene.shell.tell(signal(wanted[strategy], strategy, limit, **SYMBOLS[strategy]))
            case "fill" if name:
                line.fill(name, min(1 + number, fillable_at(line, name)))
            case "cancel" if name:
                line.does(CancelOrder(name))
            case "exit":
                scene.shell.tell(ExitRequested(SignalId(strategy, wanted[strategy])))
            case "silent":
                line.silent += 1 + number % 3
            case "deaf":
                line.deaf += 1
            case "wait":
                await scene.rest(number * 10)
        await scene.rest(0.01)


def fillable_at(line: Line, name: str) -> int:
    """Lots of an order that the market would trade."""
    order = find(line.venue, name)
    return 0 if order is None else fillable(line.venue, order)


async def converges(scene: Scene, moves: list[Move]) -> None:
    """Plays a history, reconciles at once; then all that rests is filled, and once more."""
    await happens(scene, moves)
    scene.line.silent = 0
    assert (await scene.reconcile()).is_reconciled
    scene.assert_belief_is_truth()
    scene.line.trades = True
    for _ in range(6):
        for each in scene.line.truth().open_orders or ():
            scene.line.fill(each.client_order_id)
        await scene.rest()
    assert (await scene.reconcile()).is_reconciled
    scene.assert_belief_is_truth()
    assert scene.told(PositionAdjusted, CashMoved, BreakerTripRequested) == []
    assert scene.people.heard == []


def patient() -> Scene:
    """A core that leaves an order that rests alone: what it was not told, it does not know."""
    return Scene(log=WaitingLog(opening(leg_timeout=100_000 * SECOND)))


@given(MOVES)
@example([("want", 0), ("silent", 2), ("fill", 9)])
@example([("want", 0), ("silent", 2), ("fill", 3), ("cancel", 0)])
@example([("deaf", 0), ("want", 9), ("wait", 9), ("silent", 0), ("exit", 9)])
@pytest.mark.covers("TC-RC-002", "TC-IF-014")
def test_belief_is_truth_after_whatever_got_lost(moves: list[Move]) -> None:
    async def told(scene: Scene) -> None:
        await converges(scene, moves)

    play(told, patient)


# ---- canaries: each defect must be seen --------------------------------------------------------------


def read_as_flat(account: Any, skew: int | None) -> Report:
    """A report that failed is read as one that says there is nothing."""
    return report_of(
        replace(account, open_orders=account.open_orders or (), positions=account.positions or ()), skew
    )


report_of = reconciliation.report_of


class Reseeded(Scene):
    """What the venue lists at the start is taken for booked."""

    def __init__(self, line: Line, log: Any, people: Any) -> None:
        super().__init__(line, log, people)
        for each in line.truth().fills or ():
            self.booked._trades[each.trade_id] = None


def test_report_that_is_read_as_flat_is_seen() -> None:
    with patch.object(reconciliation, "report_of", read_as_flat), pytest.raises(AssertionError):
        play(failed_report)


def test_baseline_that_is_seeded_anew_at_the_start_is_seen() -> None:
    async def told() -> None:
        await baseline(Reseeded)

    with pytest.raises(AssertionError):
        run(told)
