"""Engines with a defect of liveness: something goes on for ever, or waits for ever."""

from typing import Any

from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small
from hedgecheck.messages import FetchOrder, Returned, StartTimer, Status, TimerFired

PLAIN, FULL = Small(), Small(cap=0)
LOST = Small(faults=1, kinds=("F01",))


class Waiting(BundledCore):
    """Keeps an intent that the gate refuses for later, and does not come back to it."""

    name = "waits for ever"

    def step(self, state: Any, event: Any) -> Any:
        """As the core, but for what the gate refuses."""
        after, commands = super().step(state, event)
        return after, tuple([each for each in commands if not is_refusal(each)])


def is_refusal(command: Any) -> bool:
    """Whether a caller is told what limit its intent met."""
    return isinstance(command, Returned) and not command.success and command.reason.isupper()


class Asking(BundledCore):
    """Asks about an order until it is found, which one that was lost never is."""

    name = "asks for ever"

    def step(self, state: Any, event: Any) -> Any:
        """As the core, but for answers that there is no such order, and without a timeout of its own."""
        if isinstance(event, Status) and event.answer == "not_found":
            return state, (StartTimer(f"{event.client_order_id}/query", 1),)
        if isinstance(event, TimerFired) and event.timer.endswith("/query"):
            return state, (FetchOrder(event.timer.removesuffix("/query")),)
        state, commands = super().step(state, event)
        return state, tuple([each for each in commands if not _is_timeout(each)])


def _is_timeout(command: Any) -> bool:
    return isinstance(command, StartTimer) and command.timer.endswith("/timeout")


class Requeuing(BundledCore):
    """Puts what it is to tell a caller into a queue, takes it out again, and puts it back."""

    name = "never drains its queue"

    def step(self, state: Any, event: Any) -> Any:
        """As the core, but for what it returns."""
        if isinstance(event, TimerFired) and event.timer.endswith("/queue"):
            return state, (StartTimer(event.timer, 1),)
        after, commands = super().step(state, event)
        return after, tuple([_queued(each) for each in commands])


def _queued(command: Any) -> Any:
    return StartTimer(f"{command.intent}/queue", 1) if isinstance(command, Returned) else command


class Ticking(BundledCore):
    """Wakes up every second as long as it lives, and finds nothing to do."""

    name = "ticks"

    def step(self, state: Any, event: Any) -> Any:
        """As the core, with a timer that is started again."""
        if isinstance(event, TimerFired) and event.timer == "tick":
            return state, (StartTimer("tick", 1),)
        after, commands = super().step(state, event)
        return after, (*commands, StartTimer("tick", 1))


class TickingAndWaiting(Ticking, Waiting):
    """Both."""


PLANTED = {
    "a trade that waits for ever": (Waiting(), FULL),
    "a query loop": (Asking(), LOST),
    "a queue that never drains": (Requeuing(), PLAIN),
}
