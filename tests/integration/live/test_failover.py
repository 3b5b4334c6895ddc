"""What fails over: the venue goes away in the middle of a trade and comes back; another shell takes over."""

import asyncio
from pathlib import Path

import pytest

from core.messages import SignalId, SignalReceived
from core.positions import position_of
from core.units import Lots
from hedgecheck.errors import ShellStopped
from hedgecheck.live.brokers import RemoteBroker, VenueBroker
from hedgecheck.live.databases import SQLite
from hedgecheck.live.exchange import Exchange
from hedgecheck.live.exchange.server import ExchangeServer
from hedgecheck.live.exchange.wire import HOST
from hedgecheck.live.log import DurableLog, MemoryLog
from hedgecheck.live.shell import Shell
from hedgecheck.live.store import EventStore
from tests.integration.live.rigs import NEVER_SECONDS, PATIENCE_SECONDS, PROMPT, Next
from tests.integration.live.test_state_consistency import CASH, OPENING, SYMBOLS


def exchange() -> Exchange:
    """One at which nothing trades before its next beat, and then all does."""
    return Exchange(tuple((symbol, 10_000) for symbol in SYMBOLS), CASH, temper=PROMPT)


def pair(sequence: int = 1) -> SignalReceived:
    """Buy ten against ten."""
    return SignalReceived(SignalId("p", sequence), "AAA", "buy", Lots(10), "BBB", "sell", Lots(10))


async def beating(traded: Exchange) -> None:
    """Time passes there."""
    while True:
        traded.beat()
        await asyncio.sleep(0.001)


def names(traded: Exchange) -> list[str]:
    """The orders that ever were at the venue."""
    return [each.request.client_order_id for each in traded.ledger("main").orders]


@pytest.mark.covers("TI-16")
def test_venue_that_is_lost_in_the_middle_of_a_trade_is_found_again_and_the_trade_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The entry was taken and filled, and neither was told: nothing is sent a second time, and the hedge
    leaves as soon as the venue is there again."""
    monkeypatch.setattr("hedgecheck.live.shell.BACKOFF_SECONDS", 0.01)

    async def play() -> None:
        traded, mishaps = exchange(), Next()
        server = ExchangeServer(traded, NEVER_SECONDS, mishaps)
        await server.start()
        shell = Shell(MemoryLog(OPENING), RemoteBroker(HOST, server.port, timeout_seconds=0.2))
        await shell.start()
        mishaps.replies = ["hung_up"]
        trading = asyncio.ensure_future(shell.trade(pair()))
        await shell.until(lambda state: any(each.unknown for t in state.trades for each in t.orders))
        port = server.port
        await server.close()
        traded.beat()
        assert names(traded) == ["p1a1"]

        back = ExchangeServer(traded, 0.001)
        await back.start(port)
        assert await trading == "hedged"
        assert names(traded) == ["p1a1", "p1b1"]
        assert await shell.trade(pair(2)) == "hedged"
        assert [position_of(shell.state.book, each).lots for each in ("AAA", "BBB")] == [20, -20]
        assert shell.state.book.cash == traded.ledger("main").cash
        await shell.close()
        await back.close()

    asyncio.run(asyncio.wait_for(play(), PATIENCE_SECONDS))


@pytest.mark.covers("TI-16")
def test_shell_that_takes_over_finishes_what_the_other_began_and_the_other_sends_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is taken for dead while it works: its lock is lost, a second opens the store."""
    monkeypatch.setattr(SQLite, "lock", lambda self: None)

    async def play() -> None:
        traded, address = exchange(), str(tmp_path / "events.db")
        first_log = DurableLog(EventStore.create(address, OPENING), pytest.fail)
        first = Shell(first_log, VenueBroker(traded, pause_seconds=None))
        await first.start()
        trading = asyncio.ensure_future(first.trade(pair()))
        await first.until(lambda state: any(each.phase == "entry" for each in state.trades))
        while not names(traded):
            await asyncio.sleep(0)

        second_log = DurableLog(EventStore.open(address), pytest.fail)
        second = Shell(second_log, VenueBroker(traded, pause_seconds=None))
        await second.start()
        time = asyncio.ensure_future(beating(traded))
        with pytest.raises(ShellStopped, match="opened by another process since"):
            await trading
        with pytest.raises(ShellStopped):
            await first.trade(pair(2))
        await second.until(lambda state: bool(state.trades[0].outcome))
        assert second.state.trades[0].outcome == "hedged"
        assert names(traded) == ["p1a1", "p1b1"]
        assert await second.trade(pair(2)) == "hedged"
        assert second.state.book.cash == traded.ledger("main").cash
        time.cancel()
        for shell, log in ((first, first_log), (second, second_log)):
            await shell.close()
            log.close()

    asyncio.run(asyncio.wait_for(play(), PATIENCE_SECONDS))
