"""A synchronous engine in the place of an async one: each of its calls waits in virtual time."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from hedgecheck.simulate.blocking import PlainExchange
from hedgecheck.simulate.bridge import plainly, wait
from hedgecheck.simulate.exchange import SimExchange
from hedgecheck.simulate.waiting import Lock

Make = Callable[[PlainExchange, "PlainClock"], Any]


class PlainClock:
    """The virtual time of one simulation, as a synchronous engine gets it."""

    __slots__ = ("_now",)

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def __call__(self) -> float:
        """Seconds since the simulation began."""
        return self._now()

    def sleep(self, seconds: float) -> None:
        """Lets virtual time pass."""
        wait(asyncio.sleep(seconds))


class Awaited:
    """The engine that a factory makes at the first call, when that may wait for its exchange."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._lock = Lock()
        self._engine: Any = None

    async def execute_pair_trade(self, request: Any) -> Any:
        """What the engine answers."""
        return await plainly(partial(self._trade, request))

    def _trade(self, request: Any) -> Any:
        with self._lock:
            if self._engine is None:
                self._engine = self._make()
        return self._engine.execute_pair_trade(request)


class Synchronous:
    """A factory of synchronous engines, called as one of async engines is."""

    def __init__(self, make: Make) -> None:
        self._make = make

    def __call__(self, exchange: SimExchange, clock: Callable[[], float]) -> Awaited:
        """The engine, to be awaited."""
        return Awaited(partial(self._make, PlainExchange.of(exchange), PlainClock(clock)))
