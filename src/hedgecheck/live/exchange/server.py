"""The exchange as a process: clients connect on loopback, ask, and are told. A client that hangs up, or that
says what cannot be read, ends nothing but its own connection, and nothing of its orders."""

import asyncio
from collections.abc import Callable

from hedgecheck.errors import UsageError
from hedgecheck.live.exchange.market import Exchange
from hedgecheck.live.exchange.mishaps import Mishaps
from hedgecheck.live.exchange.wire import (
    HOST,
    LINE_MAX,
    FetchAccount,
    FetchLedger,
    FetchMarkets,
    Logon,
    Misread,
    Push,
    Reply,
    Subscribe,
    line,
    question,
)
from hedgecheck.messages import QUOTES, Report

ACCOUNT = "main"
UNREAD_MAX = 1 << 26  # bytes that wait for a client which does not read; then it is hung up on


class ExchangeServer:
    """Listens for clients from ``start`` on, and lets time pass at the exchange: a beat each
    ``pause_seconds``."""

    def __init__(self, exchange: Exchange, pause_seconds: float, mishaps: Mishaps | None = None) -> None:
        self.exchange = exchange
        self.mishaps = mishaps or Mishaps({})
        self.misread = 0
        self.port = 0
        self._pause_seconds = pause_seconds
        self._server: asyncio.Server | None = None
        self._time: asyncio.Task[None] | None = None
        self._clients: dict[_Client, asyncio.Task[None] | None] = {}

    async def start(self, port: int = 0) -> None:
        """Takes clients at ``port`` of 127.0.0.1, at a free one for 0. Raises ``UsageError`` where it is not
        free."""
        try:
            self._server = await asyncio.start_server(self._serve, HOST, port, limit=LINE_MAX)
        except OSError as error:
            raise UsageError(
                f"Port {port} of {HOST} is not to be had: {error}. Name another, or none."
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        self._time = asyncio.create_task(self._beat())

    async def close(self) -> None:
        """Hangs up on everybody and listens no more."""
        assert self._server is not None, "Invariant: what was started is closed"
        assert self._time is not None, "Invariant: time passes from the start on"
        self._time.cancel()
        self._server.close()
        served = dict(self._clients)
        for client in served:
            client.hang_up()
        await asyncio.gather(*[each for each in served.values() if each is not None])
        await self._server.wait_closed()

    def counts(self) -> dict[str, int]:
        """What there is and what there was, by its name."""
        counted = {"clients": len(self._clients), **self.exchange.counts()}
        return {**counted, "lines misread": self.misread, **self.mishaps.struck}

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._pause_seconds)
            self.exchange.beat()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = _Client(self, writer)
        self._clients[client] = asyncio.current_task()
        try:
            while (said := await _next_line(reader)).endswith(b"\n"):
                client.heard(said)
                await writer.drain()
        except ConnectionError:
            pass  # it hung up: its orders stay what they are
        finally:
            del self._clients[client]
            client.leave()
            writer.close()


class _Client:
    """One connection."""

    def __init__(self, server: ExchangeServer, writer: asyncio.StreamWriter) -> None:
        self._server = server
        self._exchange = server.exchange
        self._writer = writer
        self._account = ACCOUNT
        self.leave: Callable[[], None] = _nothing

    def heard(self, said: bytes) -> None:
        """Answers a line."""
        asked = question(said)
        if isinstance(asked, Misread):
            self._server.misread += 1
            self._write(line(asked))
            return
        content = asked.content
        match content:
            case Logon():
                self._account = content.account
                self._reply(Reply(asked.id, ()))
            case Subscribe():
                self._reply(Reply(asked.id, ()))
                self._listen()
            case FetchLedger():
                self._reply(Reply(asked.id, self._exchange.ledger(self._account)))
            case FetchMarkets():
                self._reply(Reply(asked.id, self._exchange.markets))
            case FetchAccount():
                self._reply_perhaps(Reply(asked.id, self._exchange.account(self._account)))
            case _:
                answers = self._exchange.request(self._account, content, self._push)
                self._reply_perhaps(Reply(asked.id, answers))

    def hang_up(self) -> None:
        """Ends the connection at once."""
        self._writer.transport.abort()

    def _listen(self) -> None:
        self.leave()
        left = self._exchange.listen(self._account, self._push)

        def leave() -> None:
            self.leave = _nothing
            left()

        self.leave = leave

    def _reply(self, reply: Reply) -> None:
        self._write(line(reply))

    def _reply_perhaps(self, reply: Reply) -> None:
        match self._server.mishaps.of_reply():
            case "none":
                self._reply(reply)
            case "late":
                self._later(self._server.mishaps.late_seconds(), line(reply))
            case "hung_up":
                self.hang_up()
            case "lost":
                pass

    def _push(self, report: Report) -> None:
        said = line(Push(report))
        if isinstance(report, QUOTES):
            self._write(said)
            return
        for seconds in self._server.mishaps.of_report():
            self._later(seconds, said)

    def _later(self, seconds: float, said: bytes) -> None:
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._write, said)
        else:
            self._write(said)

    def _write(self, said: bytes) -> None:
        if self._writer.is_closing():
            return
        self._writer.write(said)
        if self._writer.transport.get_write_buffer_size() > UNREAD_MAX:
            self.hang_up()


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    """The next line; empty at the end. Of one that is too long, what is no question either."""
    try:
        return await reader.readline()
    except ValueError:
        return b"too long\n"


def _nothing() -> None:
    pass
