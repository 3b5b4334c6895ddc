"""A market as it arrives, bar by bar: what a simulator of market data hands to a program."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from hedgecheck.arrays import number
from hedgecheck.marketdata.market import Bar, Market

Sleep = Callable[[float], Awaitable[object]]


class Feed:
    """The bars of a market, oldest first; all symbols of a bar come together. It can be gone through again.

    ``for bars in feed`` is at once. ``async for bars in feed.stream(...)`` lets time pass in between.
    """

    def __init__(self, market: Market) -> None:
        self.market = market

    def __iter__(self) -> Iterator[tuple[Bar, ...]]:
        return self.market.bars()

    async def stream(
        self, seconds_per_bar: float = 1.0, sleep: Sleep = asyncio.sleep
    ) -> AsyncIterator[tuple[Bar, ...]]:
        """Bar by bar, each after so many seconds: of ``sleep``, which inside of a test is ``sim.sleep`` or
        ``asyncio.sleep``, both virtual. ``UsageError`` for negative seconds."""
        seconds = number("seconds_per_bar", seconds_per_bar, 0)
        for bars in self.market.bars():
            await sleep(seconds)
            yield bars
