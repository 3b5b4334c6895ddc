"""Stops a replay at one step of its story, in the debugger of whoever runs it."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hedgecheck.simulate.story import Line, Story
from hedgecheck.simulate.variants import Variant


class Stepped(Story):
    """A story that stops once, at line ``step``, counted from 1 as the lines of the trace are.

    ``before`` is called first: what watches the bot for standing still has to look away.
    """

    __slots__ = ("_before", "_step")

    def __init__(self, step: int, before: Callable[[], None]) -> None:
        super().__init__()
        self._step = step
        self._before = before

    def say(self, at: float, who: str, text: str, fault: Variant | None, venue: str) -> None:
        """Adds a line, and stops if it is the one."""
        super().say(at, who, text, fault, venue)
        if len(self.lines) == self._step:
            self._before()
            stop(self._step, self.lines[-1])


@contextmanager
def in_this_execution_alone() -> Iterator[None]:
    """What is set in a debugger while it is entered ends with it: the re-runs that follow are not what was
    asked for."""
    tracing = sys.gettrace()
    try:
        yield
    finally:
        sys.settrace(tracing)


def stop(step: int, line: Line) -> None:
    """Enters the debugger. The caller's frames lead up to the code of the bot, or to the loop."""
    if os.environ.get("PYTHONBREAKPOINT") or sys.breakpointhook is not sys.__breakpointhook__:
        breakpoint()
    else:
        breakpoint(header=f"hedgecheck: step {step}, t={line.at:.3f} {line.who} {line.text}")
