"""Timers of the event loop: each once, by its id; one that is started again runs from then."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from core.messages import AnyTimerId
from core.settings import SECOND
from core.units import Nanoseconds


class Timers(Protocol):
    """What counts time for the core."""

    def start(self, timer: AnyTimerId, duration: Nanoseconds, fire: Callable[[], object]) -> None:
        """Calls ``fire`` once, after ``duration``, unless it is stopped or started again before."""

    def stop(self, timer: AnyTimerId) -> None:
        """Ends a timer; one that does not run is none to end."""

    def close(self) -> None:
        """Ends all."""


class LoopTimers:
    """The running loop's own."""

    def __init__(self) -> None:
        self._running: dict[AnyTimerId, asyncio.TimerHandle] = {}

    def start(self, timer: AnyTimerId, duration: Nanoseconds, fire: Callable[[], object]) -> None:
        """See ``Timers``."""

        def fired() -> None:
            del self._running[timer]
            fire()

        self.stop(timer)
        self._running[timer] = asyncio.get_running_loop().call_later(duration / SECOND, fired)

    def stop(self, timer: AnyTimerId) -> None:
        """See ``Timers``."""
        handle = self._running.pop(timer, None)
        if handle is not None:
            handle.cancel()

    def close(self) -> None:
        """See ``Timers``."""
        for timer in tuple(self._running):
            self.stop(timer)
