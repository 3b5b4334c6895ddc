"""What a worker process says while it works, and is told: how far it is, and that it is to stop.

An interrupt from the keyboard reaches the command alone, which passes it on: a search then ends with what it
saw, and a second one ends everything.
"""

import signal
import time
from multiprocessing.context import SpawnContext
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event

EVERY = 0.5  # seconds


class Line:
    """Between a command and its workers."""

    def __init__(self, context: SpawnContext) -> None:
        self._said: SimpleQueue[str] = context.SimpleQueue()
        self._stop: Event = context.Event()

    @property
    def ends(self) -> tuple["SimpleQueue[str]", Event]:
        """What a worker is given; see ``attach``."""
        return self._said, self._stop

    def stop(self) -> None:
        """Tells the workers to stop."""
        self._stop.set()

    @property
    def is_stopped(self) -> bool:
        """Whether they were told to."""
        return self._stop.is_set()

    def heard(self) -> str:
        """What was said last; empty where nothing was since."""
        text = ""
        while not self._said.empty():
            text = self._said.get()
        return text


class _Attached:
    """This process as a worker."""

    ends: "tuple[SimpleQueue[str], Event] | None" = None
    said_at = 0.0


def attach(said: "SimpleQueue[str]", stop: Event) -> None:
    """Makes this process a worker at the other end of a line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Attached.ends = said, stop


def say(text: str) -> None:
    """Says how far the work is, now and then; raises ``KeyboardInterrupt`` where it is to stop."""
    if _Attached.ends is None:
        return
    said, stop = _Attached.ends
    if stop.is_set():
        raise KeyboardInterrupt
    now = time.monotonic()
    if now - _Attached.said_at >= EVERY:
        _Attached.said_at = now
        said.put(text)
