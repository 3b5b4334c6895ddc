"""Ends code that never gives the loop a chance: a simulation cannot step over what does not await."""

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

from hedgecheck.errors import HedgecheckError
from hedgecheck.simulate.guards import is_importing
from hedgecheck.simulate.loop import SimLoop

PATIENCE_SECONDS = 2.0
LOOKS = 8  # in that time
STARVED = 5  # so many times as patient with a bot that had little of the processor meanwhile
SIGNAL = getattr(signal, "SIGURG", None)  # ignored by default; Ctrl-C may be, too; none on Windows
_start = threading.Thread.start
CURE = "Await in its loops, or move the work to asyncio.to_thread."
PLAIN_CURE = (
    "Call the exchange or time.sleep in its loops. Make a lock that it stands at where the bot is made: one "
    "from before the test is real, and nobody else runs while the bot waits for it."
)


def is_too_long(looks: int, cpu_seconds: float) -> bool:
    """Whether a bot that so many looks found in the same step is stuck there: it had the processor and went
    on, or had none of it at all and waits for something real. One that had a little is on a busy machine."""
    busy = PATIENCE_SECONDS / 100 < cpu_seconds < PATIENCE_SECONDS / 2
    return looks >= (STARVED * LOOKS if busy else LOOKS)


class Blocked(BaseException):
    """Raised in the bot's code where it blocks; not an ``Exception``, so that few bots catch it."""


class NeverYields(HedgecheckError):
    """Cause: the bot runs on without awaiting anything. Cure: in the message."""


class Watchdog:
    """Looks now and then whether the loop still turns."""

    def __init__(self) -> None:
        self._loop: SimLoop | None = None
        self._woken: SimLoop | None = None
        self._can_wake = False
        self._thread = threading.get_ident()
        self._over = threading.Event()
        self._guard = threading.Thread(target=self._watch, daemon=True, name="hedgecheck watchdog")

    def __enter__(self) -> Self:
        is_main = threading.current_thread() is threading.main_thread()
        if SIGNAL is not None and is_main and signal.getsignal(SIGNAL) == signal.SIG_DFL:
            signal.signal(SIGNAL, self._raise)
            self._can_wake = True
        _start(self._guard)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._guard.join()
        if SIGNAL is not None and self._can_wake:
            signal.signal(SIGNAL, signal.SIG_DFL)

    @contextmanager
    def over(self, loop: SimLoop) -> Iterator[None]:
        """Watches one execution."""
        self._loop = loop
        try:
            yield
        except Blocked:
            pass  # what is wrong is stashed already; most often a task of the bot keeps this exception
        finally:
            with suppress(Blocked):  # a signal that came as the bot went on by itself
                self._loop = None
            self._loop = None

    def look_away(self) -> None:
        """Watches no more until the next execution."""
        self._loop = None

    def _watch(self) -> None:
        """Counts looks and not seconds: a machine that sleeps delays both threads alike."""
        seen: tuple[SimLoop | None, int] = (None, 0)
        idle, moved = 0, self._cpu_seconds()
        while not self._over.wait(PATIENCE_SECONDS / LOOKS):
            loop = self._loop
            now = (loop, loop.steps if loop is not None else 0)
            stands = loop is not None and now == seen and not loop.is_excused
            idle, moved = (idle + 1, moved) if stands else (0, self._cpu_seconds())
            seen = now
            if loop is not None and is_too_long(idle, self._cpu_seconds() - moved):
                self._end(loop)
                idle, moved = 0, self._cpu_seconds()

    def _cpu_seconds(self) -> float:
        """What the bot's thread had of the processor so far; where nobody says, the time."""
        clock_of = getattr(time, "pthread_getcpuclockid", None)
        return time.monotonic() if clock_of is None else time.clock_gettime(clock_of(self._thread))

    def _end(self, loop: SimLoop) -> None:
        frame = sys._current_frames().get(self._thread)
        if is_importing(frame):
            return
        if isinstance(loop.stashed, NeverYields) and self._wakes(loop):
            return
        place = f" at {frame.f_code.co_filename.rsplit('/', 1)[-1]}:{frame.f_lineno}" if frame else ""
        text = f"The bot ran for {PATIENCE_SECONDS:g} s without awaiting anything{place}."
        if loop.stashed is None:
            loop.stashed = NeverYields(f"{text} {PLAIN_CURE if loop.is_plain else CURE}")
        set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc
        set_exception(ctypes.c_ulong(self._thread), ctypes.py_object(Blocked))

    def _wakes(self, loop: SimLoop) -> bool:
        """The bot may stand in a call of the system, such as for a lock, where no exception reaches it: a
        signal does, in the main thread."""
        if SIGNAL is None or not self._can_wake:
            return False
        self._woken = loop
        signal.pthread_kill(self._thread, SIGNAL)
        return True

    def _raise(self, *_: object) -> None:
        """Runs in the bot's thread; a signal that comes as the bot went on by itself is late, and nothing."""
        if self._loop is not None and self._woken is self._loop:
            raise Blocked
