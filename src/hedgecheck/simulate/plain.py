"""``sim`` as a plain test is given it: what an async test awaits returns here when it is there.

Calls that go on at once take turns where they wait, at calls of an exchange and in ``time.sleep``, and
nowhere else. Threads may take turns anywhere: what is found here happens to them too, not the reverse.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from hedgecheck.simulate.blocking import PlainExchange
from hedgecheck.simulate.bridge import plainly, wait
from hedgecheck.simulate.execution import Execution
from hedgecheck.simulate.flows import Flows
from hedgecheck.simulate.shared import Markets, Shared
from hedgecheck.simulate.signals import Signal
from hedgecheck.simulate.sim import Sim
from hedgecheck.venue import Uniqueness


class PlainSim(Shared):
    """One simulated world, for one execution of a plain test function."""

    def __init__(self, run: Execution) -> None:
        super().__init__(run)
        self._flows = Flows(run, plainly, self.carries)

    def exchange(
        self,
        name: str = "sim",
        *,
        account: Literal["margin", "spot"] = "margin",
        balances: dict[str, float] | None = None,
        markets: Markets = None,
        client_id_unique: Uniqueness = "open_orders",
    ) -> PlainExchange:
        """A client of a venue, with ccxt's unified synchronous API. Two names are two venues; the same name
        again is a second client of it. Raises ``UsageError`` for terms that make no sense."""
        return PlainExchange(*self._client(name, account, balances, markets, client_id_unique))

    # ---- calls ------------------------------------------------------------------------------------------

    def deliver(self, signal: Signal, fn: Callable[[Signal], Any], *, times: int = 1) -> Any:
        """Delivers an intent to ``fn`` that many times at once; a fault may deliver it once more. The result,
        or of several the list of them."""
        return wait(self._flows.deliver(signal, fn, times))

    def concurrently(self, *factories: Callable[[], Any]) -> list[Any]:
        """Calls each and waits for all; they take turns where one waits. The results in order; an exchange's
        error is a result too. Raises ``UsageError`` for what is no function."""
        return wait(self._flows.concurrently(factories))

    def background(self, fn: Callable[[], Any]) -> None:
        """Calls ``fn`` beside the test from the next time that the test waits, and returns at once. Where the
        test ends first, it goes on until everything has come to rest."""
        self._flows.background(fn)

    # ---- processes --------------------------------------------------------------------------------------

    def process(self, factory: Callable[[], Any], *, start: str = "start", stop: str = "stop") -> Any:
        """Makes a bot that may crash wherever it waits and come up again, and starts it; returns it when its
        ``start`` has returned. One that never does belongs into ``sim.background``."""
        return wait(self._flows.process(factory, start, stop))

    def crash(self, process: Any = None) -> None:
        """The process dies at once: nothing of it runs again, no ``finally`` either. None: all of them."""
        self._flows.crash(process)

    def crash_and_restart(self, factory: Callable[[], Any]) -> Any:
        """Everything but the test dies at once, and ``factory`` makes the bot anew, over what venues have.
        Raises ``UsageError`` where not the test function calls it."""
        return wait(self._flows.crash_and_restart(factory))

    # ---- time -------------------------------------------------------------------------------------------

    def sleep(self, seconds: float) -> None:
        """Lets that many virtual seconds pass, as ``time.sleep`` does."""
        wait(asyncio.sleep(seconds))


Face = Sim | PlainSim  # of one world, to a test that is async or plain
