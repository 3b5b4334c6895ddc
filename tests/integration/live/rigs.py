"""Brokers to test, each with the exchange behind it, whose time and whose mishaps are the test's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal

from hedgecheck.live.brokers import RemoteBroker, VenueBroker
from hedgecheck.live.exchange import Exchange, Ledger, Temper
from hedgecheck.live.exchange.mishaps import Mishaps
from hedgecheck.live.exchange.server import ExchangeServer
from hedgecheck.live.exchange.wire import HOST
from hedgecheck.live.ports import Broker
from hedgecheck.messages import QUOTES, Report

PROMPT = Temper(
    moves_bps=0, trades_bps=10_000, parts_bps=0, expires_bps=0
)  # what can be traded is, at a beat
NEVER_SECONDS = 10_000.0
PATIENCE_SECONDS = 60.0  # of a test that is about to fail
Outcome = Literal["none", "lost", "late", "hung_up"]


class Next(Mishaps):
    """Nothing happens but what the test says: to the next replies, and to all reports."""

    def __init__(self) -> None:
        super().__init__({})
        self.replies: list[Outcome] = []
        self.reports: tuple[float, ...] = (0.0,)

    def of_reply(self) -> Outcome:
        return self.replies.pop(0) if self.replies else "none"

    def of_report(self) -> tuple[float, ...]:
        return self.reports

    def late_seconds(self) -> float:
        return 0.001


class Rig:
    """``broker`` is what is tested, ``exchange`` is behind it."""

    account = "main"

    def __init__(self, broker: Broker, exchange: Exchange, mishaps: Next) -> None:
        self.broker = broker
        self.exchange = exchange
        self.mishaps = mishaps

    @property
    def ledger(self) -> Ledger:
        return self.exchange.ledger(self.account)

    async def losing_its_reply(self, request: Awaitable[Any]) -> Any:
        """What a request comes to of which the reply is lost."""
        self.mishaps.replies.append("lost")
        return await request


class RemoteRig(Rig):
    """Who waits for a reply over a wire gives up after a while."""

    async def losing_its_reply(self, request: Awaitable[Any]) -> Any:
        await self.broker.account()  # the connection is there
        self.broker._timeout_seconds = 0.05
        lost = await super().losing_its_reply(request)
        self.broker._timeout_seconds = PATIENCE_SECONDS
        return lost


@asynccontextmanager
async def in_process(temper: Temper = PROMPT) -> AsyncIterator[Rig]:
    """Without a wire."""
    exchange, mishaps = Exchange(temper=temper), Next()
    broker = VenueBroker(exchange, pause_seconds=None, mishaps=mishaps)
    yield Rig(broker, exchange, mishaps)
    await broker.close()


@asynccontextmanager
async def remote(temper: Temper = PROMPT) -> AsyncIterator[Rig]:
    """Over a wire to a server in this process."""
    exchange, mishaps = Exchange(temper=temper), Next()
    server = ExchangeServer(exchange, NEVER_SECONDS, mishaps)
    await server.start()
    broker = RemoteBroker(HOST, server.port, timeout_seconds=PATIENCE_SECONDS)
    yield RemoteRig(broker, exchange, mishaps)
    await broker.close()
    await server.close()


RIGS: dict[str, Callable[..., AbstractAsyncContextManager[Rig]]] = {
    "in process": in_process,
    "remote": remote,
}


def performed(test: Callable[[Rig], Awaitable[None]], rig: AbstractAsyncContextManager[Rig]) -> None:
    """Runs a test that awaits."""

    async def run() -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), rig as made:
            await test(made)

    asyncio.run(run())


async def listening(broker: Broker) -> AsyncIterator[Report]:
    """The broker's stream, which has begun: its first report was taken from it."""
    stream = broker.stream()
    await anext(stream)
    return stream


async def next_of_orders(stream: AsyncIterator[Report]) -> Any:
    """The next report that is no quote."""
    async for report in stream:
        if not isinstance(report, QUOTES):
            return report
    raise AssertionError("the stream ended")
