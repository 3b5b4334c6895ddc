"""The simulated exchange as a broker, without a wire. What goes wrong on one can be had all the same."""

import asyncio
from collections.abc import AsyncIterator

from hedgecheck.errors import BrokerLost
from hedgecheck.live.exchange.market import Exchange
from hedgecheck.live.exchange.mishaps import Mishaps
from hedgecheck.live.ports import Account
from hedgecheck.messages import QUOTES, EngineEvent, Report, Request
from hedgecheck.outcomes import outcome_unknown
from hedgecheck.venue import Market

PAUSE_SECONDS = 0.02


class VenueBroker:
    """A connection to an account of an exchange in this process.

    ``pause_seconds``: how long the market rests between two beats, from the first call of ``stream`` on; None
    where somebody else lets time pass. ``mishaps``: a late reply is as good as lost here.
    """

    def __init__(
        self,
        exchange: Exchange,
        account: str = "main",
        pause_seconds: float | None = PAUSE_SECONDS,
        mishaps: Mishaps | None = None,
    ) -> None:
        self.exchange = exchange
        self.name = f"venue {account}"
        self._account = account
        self._pause_seconds = pause_seconds
        self._mishaps = mishaps or Mishaps({})
        self._reports: asyncio.Queue[Report | None] = asyncio.Queue()
        self._time: asyncio.Task[None] | None = None
        self._is_closed = False

    async def send(self, request: Request) -> tuple[EngineEvent, ...]:
        """See ``Broker``."""
        await asyncio.sleep(0)
        if self._is_closed:
            return (outcome_unknown(request),)
        answers = self.exchange.request(self._account, request, self._hear)
        return answers if self._is_answered() else (outcome_unknown(request),)

    async def stream(self) -> AsyncIterator[Report]:
        """See ``Broker``."""
        self._reports = asyncio.Queue()
        reports = self._reports
        if self._is_closed:
            raise self._lost()
        leave = self.exchange.listen(self._account, self._hear)
        if self._time is None and self._pause_seconds is not None:
            self._time = asyncio.create_task(self._beat(self._pause_seconds))
        try:
            while (report := await reports.get()) is not None:
                yield report
        finally:
            leave()
        raise self._lost()

    async def markets(self) -> tuple[Market, ...]:
        """What can be traded there."""
        return self.exchange.markets

    async def account(self) -> Account:
        """See ``Broker``."""
        await asyncio.sleep(0)
        found = self.exchange.account(self._account)
        return Account() if self._is_closed or not self._is_answered() else found

    async def close(self) -> None:
        """See ``Broker``. The exchange keeps the account."""
        self._is_closed = True
        self._reports.put_nowait(None)
        if self._time is not None:
            self._time.cancel()
            self._time = None

    def _is_answered(self) -> bool:
        outcome = self._mishaps.of_reply()
        if outcome == "hung_up":
            self._reports.put_nowait(None)
        return outcome == "none"

    def _hear(self, report: Report) -> None:
        comes = (0.0,) if isinstance(report, QUOTES) else self._mishaps.of_report()
        for seconds in comes:
            if seconds:
                asyncio.get_running_loop().call_later(seconds, self._reports.put_nowait, report)
            else:
                self._reports.put_nowait(report)

    def _lost(self) -> BrokerLost:
        return BrokerLost(f"The connection to {self.name} is lost.")

    async def _beat(self, pause_seconds: float) -> None:
        while True:
            await asyncio.sleep(pause_seconds)
            self.exchange.beat()
