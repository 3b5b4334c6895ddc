"""``sim``: what an async test of a bot is given. The public face of the simulator."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from hedgecheck.simulate.exchange import SimExchange
from hedgecheck.simulate.execution import Execution
from hedgecheck.simulate.flows import Flows, outcome
from hedgecheck.simulate.shared import Markets, Shared
from hedgecheck.simulate.signals import Signal
from hedgecheck.venue import Uniqueness


class Sim(Shared):
    """One simulated world, for one execution of an async test function."""

    def __init__(self, run: Execution) -> None:
        super().__init__(run)
        self._flows = Flows(run, outcome, self.carries)

    def exchange(
        self,
        name: str = "sim",
        *,
        account: Literal["margin", "spot"] = "margin",
        balances: dict[str, float] | None = None,
        markets: Markets = None,
        client_id_unique: Uniqueness = "open_orders",
    ) -> SimExchange:
        """A client of a venue, with ccxt's unified async API. Two names are two venues; the same name again
        is a second client of it. Raises ``UsageError`` for terms that make no sense."""
        return SimExchange(*self._client(name, account, balances, markets, client_id_unique))

    # ---- calls ------------------------------------------------------------------------------------------

    async def deliver(self, signal: Signal, fn: Callable[[Signal], Any], *, times: int = 1) -> Any:
        """Delivers an intent to ``fn`` that many times at once; a fault may deliver it once more. The result,
        or of several the list of them."""
        return await self._flows.deliver(signal, fn, times)

    async def concurrently(self, *factories: Callable[[], Any]) -> list[Any]:
        """Calls each and waits for all. The results in order; an exchange's error is a result too. Raises
        ``UsageError`` for what is no function, such as a coroutine."""
        return await self._flows.concurrently(factories)

    # ---- processes --------------------------------------------------------------------------------------

    async def process(self, factory: Callable[[], Any], *, start: str = "start", stop: str = "stop") -> Any:
        """Makes a bot that may crash at any await and come up again, and starts it. ``start`` and ``stop``:
        the methods that bring it up and down, where it has them. Returns the bot."""
        return await self._flows.process(factory, start, stop)

    async def crash(self, process: Any = None) -> None:
        """The process dies at once: nothing of it runs again, no ``finally`` either. None: all of them."""
        self._flows.crash(process)

    async def crash_and_restart(self, factory: Callable[[], Any]) -> Any:
        """Everything but the test dies at once, and ``factory`` makes the bot anew, over what venues have.
        Raises ``UsageError`` where not the test function calls it."""
        return await self._flows.crash_and_restart(factory)

    # ---- time -------------------------------------------------------------------------------------------

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Lets that many virtual seconds pass; await it."""
        return asyncio.sleep(seconds)
