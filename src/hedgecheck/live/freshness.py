"""Prices that are too old to trade by: the core is told that they are unusable, once, until the next one."""

import asyncio
import time
from collections.abc import Callable

from core.engine import State
from core.messages import Command, Event, PriceMoved, PriceUnusable
from hedgecheck.live.shell import Shell


class Freshness:
    """A watcher that remembers when each symbol's price was last told. ``now``: seconds."""

    def __init__(self, age_seconds_max: float, now: Callable[[], float] = time.monotonic) -> None:
        self._age_seconds_max = age_seconds_max
        self._now = now
        self._told: dict[str, float] = {}

    def stepped(self, state: State, event: Event, commands: tuple[Command, ...]) -> None:
        """See ``Watcher``."""
        if isinstance(event, PriceMoved):
            self._told[event.symbol] = self._now()

    def failed(self, error: Exception) -> None:
        """See ``Watcher``."""

    async def watch(self, shell: Shell) -> None:
        """Looks for ever, a few times in the age that a price may have."""
        while True:
            for symbol in self.stale():
                del self._told[symbol]
                await shell.tell(PriceUnusable(symbol))
            await asyncio.sleep(self._age_seconds_max / 4)

    def stale(self) -> tuple[str, ...]:
        """The symbols whose price has grown too old, and was not said to be."""
        oldest = self._now() - self._age_seconds_max
        return tuple([symbol for symbol, told in self._told.items() if told < oldest])
