"""The wall clock and chance, as a simulated bot meets them: virtual, and the same in every run of a token.

``time_machine`` moves ``time.time`` and ``datetime`` under every name they were imported by. The monotonic
clock is replaced by attribute only, because test runners time themselves with their own names for it.
"""

import datetime
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import time_machine

EPOCH_SECONDS = 1_700_000_000  # 2023-11-14 22:13:20 UTC, when every simulation begins
SEED = 20231114
CHANCE = random.Random(SEED)  # what os.urandom gives in a simulation


class WallClock:
    """What the machine's clock shows; ``skew`` seconds from what it should."""

    __slots__ = ("_traveller", "now", "skew")

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller
        self.now = 0.0
        self.skew = 0.0

    def show(self, now: float) -> None:
        """Moves to ``now`` virtual seconds."""
        if now != self.now:
            self.now = now
            self._traveller.move_to(EPOCH_SECONDS + now + self.skew)

    def set_back_or_ahead(self, seconds: float) -> None:
        """Somebody or something sets the clock."""
        self.skew += seconds
        self._traveller.move_to(EPOCH_SECONDS + self.now + self.skew)

    def reset(self) -> None:
        """To the beginning of an execution."""
        self.now, self.skew = 0.0, 0.0
        self._traveller.move_to(float(EPOCH_SECONDS))


@contextmanager
def virtual_clock() -> Iterator[WallClock]:
    """Puts the wall clock under our control, and takes chance out of the bot's hands, until it ends."""
    real, states = _Real(), random.getstate()
    begin = datetime.datetime.fromtimestamp(EPOCH_SECONDS, tz=datetime.UTC)
    with time_machine.travel(begin, tick=False) as traveller:
        clock = WallClock(traveller)
        real.replace(clock)
        random.Random.seed = _seeded(random.Random.seed)  # type: ignore[method-assign]
        try:
            yield clock
        finally:
            real.restore()
            random.setstate(states)


def _seeded(seed: Callable[..., None]) -> Callable[..., None]:
    """``random.Random.seed``, which without a seed draws from the same bytes as everything else."""

    def seeded(self: random.Random, a: Any = None, version: int = 2) -> None:
        seed(self, int.from_bytes(os.urandom(16), "big") if a is None else a, version)

    return seeded


class _Real:
    """What was there before. A module that is loaded meanwhile may keep what we put there under a name of its
    own: once we are done that is the real thing again."""

    def __init__(self) -> None:
        self.monotonic, self.monotonic_ns, self.urandom = time.monotonic, time.monotonic_ns, os.urandom
        self.seed = random.Random.seed
        self.is_back = False

    def replace(self, clock: WallClock) -> None:
        """Puts ours in the place of each."""

        def urandom(size: int, /) -> bytes:
            return self.urandom(size) if self.is_back else CHANCE.randbytes(size)

        time.monotonic = lambda: self.monotonic() if self.is_back else clock.now
        time.monotonic_ns = lambda: self.monotonic_ns() if self.is_back else int(clock.now * 1e9)
        os.urandom = urandom
        random._urandom = urandom  # type: ignore[attr-defined]

    def restore(self) -> None:
        """Puts it back."""
        self.is_back = True
        time.monotonic, time.monotonic_ns = self.monotonic, self.monotonic_ns
        os.urandom = self.urandom
        random.Random.seed = self.seed  # type: ignore[method-assign]
        random._urandom = self.urandom  # type: ignore[attr-defined]


def seeds() -> Callable[[], None]:
    """A function that puts every generator a bot may draw from at the start of its sequence."""
    first = random.Random(SEED).getstate()
    numpy_random = getattr(sys.modules.get("numpy"), "random", None)
    numpy_first = numpy_random.RandomState(SEED).get_state() if numpy_random is not None else None

    def seed() -> None:
        random.setstate(first)
        CHANCE.setstate(first)
        if numpy_random is not None:
            numpy_random.set_state(numpy_first)

    return seed
