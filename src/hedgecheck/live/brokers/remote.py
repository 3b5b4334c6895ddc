"""A broker at the other end of a wire: the exchange's process. The wire breaks, and is made again.

What is known of a request whose reply does not come is nothing at all: ``OutcomeUnknown``. A reply that comes
after that was said is thrown away: whoever wants to know has to ask.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from hedgecheck.codec import Unreadable
from hedgecheck.errors import BrokerLost
from hedgecheck.live.exchange.market import Ledger
from hedgecheck.live.exchange.wire import (
    ANSWER_MAX,
    FetchAccount,
    FetchLedger,
    FetchMarkets,
    Logon,
    Misread,
    Push,
    Question,
    Reply,
    Subscribe,
    line,
    said_by_venue,
)
from hedgecheck.live.ports import Account
from hedgecheck.messages import EngineEvent, Report, Request
from hedgecheck.outcomes import outcome_unknown
from hedgecheck.venue import Market

TIMEOUT_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.02  # before the connection is tried again; twice as long each time
PAUSE_SECONDS_MAX = 1.0
Content = Request | Logon | Subscribe | FetchAccount | FetchLedger | FetchMarkets
Answer = tuple[Report | Market, ...] | Account | Ledger


class RemoteBroker:
    """An account at the exchange's process at ``host`` and ``port``. It connects when it is first used, and
    again whenever that connection is gone; what takes longer than ``timeout_seconds`` has failed."""

    def __init__(
        self, host: str, port: int, account: str = "main", timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self.name = f"venue {account} at {host}:{port}"
        self._at = host, port
        self._account = account
        self._timeout_seconds = timeout_seconds
        self._connection: _Connection | None = None
        self._connecting = asyncio.Lock()
        self._is_closed = False

    async def send(self, request: Request) -> tuple[EngineEvent, ...]:
        """See ``Broker``. While nobody can be connected to, nothing was sent, and it is tried again."""
        answer = await self._answer(request)
        if not isinstance(answer, tuple):
            return (outcome_unknown(request),)
        return tuple([each for each in answer if not isinstance(each, Market)])

    async def stream(self) -> AsyncIterator[Report]:
        """See ``Broker``."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                connection = await self._connected()
                reports = connection.subscribed()
                if await connection.answer(Subscribe()) is None:
                    raise self._lost()
        except TimeoutError:
            raise self._lost() from None
        while (report := await reports.get()) is not None:
            yield report
        raise self._lost()

    async def account(self) -> Account:
        """See ``Broker``."""
        answer = await self._answer(FetchAccount())
        return answer if isinstance(answer, Account) else Account()

    async def markets(self) -> tuple[Market, ...]:
        """What can be traded there. Raises ``BrokerLost``."""
        answer = await self._answer(FetchMarkets())
        if not isinstance(answer, tuple):
            raise self._lost()
        return tuple([each for each in answer if isinstance(each, Market)])

    async def ledger(self) -> Ledger:
        """What a judge may know of the account. Raises ``BrokerLost``."""
        answer = await self._answer(FetchLedger())
        if not isinstance(answer, Ledger):
            raise self._lost()
        return answer

    async def close(self) -> None:
        """See ``Broker``. Nothing is connected to after that."""
        self._is_closed = True
        if self._connection is not None:
            await self._connection.close()

    async def _answer(self, content: Content) -> Answer | None:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                connection = await self._connected()
                return await connection.answer(content)
        except (TimeoutError, BrokerLost):
            return None

    async def _connected(self) -> "_Connection":
        async with self._connecting:
            pause_seconds = FIRST_PAUSE_SECONDS
            while self._connection is None or self._connection.is_over:
                if self._is_closed:
                    raise self._lost()
                try:
                    self._connection = await _Connection.made(*self._at, self._account)
                except OSError:
                    await asyncio.sleep(pause_seconds)
                    pause_seconds = min(2 * pause_seconds, PAUSE_SECONDS_MAX)
            return self._connection

    def _lost(self) -> BrokerLost:
        return BrokerLost(
            f"The connection to {self.name} is lost, or there is none. See that it runs: hedgecheck venue."
        )


class _Connection:
    """One connection, until it is over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.is_over = False
        self._writer = writer
        self._asked = 0
        self._waiting: dict[int, asyncio.Future[Answer | None]] = {}
        self._reports: asyncio.Queue[Report | None] = asyncio.Queue()
        self._listening = asyncio.create_task(self._listen(reader))

    @classmethod
    async def made(cls, host: str, port: int, account: str) -> "_Connection":
        """A new one, for this account. Raises ``OSError``."""
        made = cls(*await asyncio.open_connection(host, port, limit=ANSWER_MAX))
        made._ask(Logon(account))
        return made

    def subscribed(self) -> asyncio.Queue[Report | None]:
        """Where reports come from now on; None is the end."""
        self._reports = asyncio.Queue()
        if self.is_over:
            self._reports.put_nowait(None)
        return self._reports

    async def answer(self, content: Content) -> Answer | None:
        """What the exchange answers; None where the connection is over before."""
        if self.is_over:
            return None
        number = self._ask(content)
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            return await answer
        finally:
            del self._waiting[number]

    async def close(self) -> None:
        """Hangs up."""
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening

    def _ask(self, content: Content) -> int:
        self._asked += 1
        self._writer.write(line(Question(self._asked, content)))
        return self._asked

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while (said := await reader.readline()).endswith(b"\n"):
                self._heard(said_by_venue(said))
        except (OSError, Unreadable):
            pass  # whoever waits is told that it is over
        finally:
            self._end()

    def _heard(self, said: Reply | Push | Misread) -> None:
        if isinstance(said, Push):
            self._reports.put_nowait(said.report)
            return
        waiting = None if said.id is None else self._waiting.get(said.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(said.content if isinstance(said, Reply) else None)

    def _end(self) -> None:
        self.is_over = True
        self._writer.close()
        self._reports.put_nowait(None)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)
