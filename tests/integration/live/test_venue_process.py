"""The exchange's process: many clients, lines that are none, a wire on which things go wrong, and its end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hedgecheck.errors import BrokerLost
from hedgecheck.live.brokers import RemoteBroker
from hedgecheck.live.exchange import Exchange
from hedgecheck.live.exchange.server import ExchangeServer
from hedgecheck.live.exchange.wire import HOST, LINE_MAX, FetchAccount, Logon, Question, Subscribe, line
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CreateOrder,
    FetchOrder,
    Filled,
    OutcomeUnknown,
    Price,
    Status,
)
from tests.integration.live.rigs import (
    NEVER_SECONDS,
    PATIENCE_SECONDS,
    PROMPT,
    Next,
    listening,
    next_of_orders,
)

BUY = CreateOrder("p1a1", "AAA", "buy", 10)
REST = CreateOrder("p1a1", "AAA", "buy", 10, price=9_000)
PRICES = 4  # that a new stream begins with


class Place:
    """A server whose time stands still unless the test says otherwise, and clients of it."""

    def __init__(self) -> None:
        self.exchange, self.mishaps = Exchange(temper=PROMPT), Next()
        self.server = ExchangeServer(self.exchange, NEVER_SECONDS, self.mishaps)
        self.brokers: list[RemoteBroker] = []

    def broker(self, account: str = "main") -> RemoteBroker:
        self.brokers.append(RemoteBroker(HOST, self.server.port, account, PATIENCE_SECONDS))
        return self.brokers[-1]

    @asynccontextmanager
    async def wire(self) -> AsyncIterator["Wire"]:
        reader, writer = await asyncio.open_connection(HOST, self.server.port)
        yield Wire(reader, writer)
        writer.close()


class Wire:
    """A connection with nobody to mind what is said."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def ask(self, said: bytes) -> dict[str, Any]:
        self.writer.write(said)
        return await self.hear()

    async def hear(self) -> Any:
        return json.loads(await self.reader.readline())


def run(test: Callable[[Place], Awaitable[None]]) -> None:
    """Runs a test at a place of its own."""

    async def performed() -> None:
        place = Place()
        await place.server.start()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await test(place)
            for each in place.brokers:
                await each.close()
            await place.server.close()

    asyncio.run(performed())


MISREAD = [
    (b"\n", "is no JSON"),
    (b"hello\n", "is no JSON"),
    (b"\xff\xfe\n", "is no JSON"),
    (b"[" * 9_000 + b"\n", "is no JSON"),
    (b"7\n", "The line is no record but 7."),
    (b'{"is":"Subscribe"}\n', "The line is no Question."),
    (b'{"is":"Question","id":1,"content":{"is":"Bribe"}}\n', "holds a 'Bribe', of which"),
    (b'{"is":"Question","id":1,"content":{"is":"FetchOrder"}}\n', "FetchOrder is written with nothing"),
    (
        b'{"is":"Question","id":1,"content":{"is":"FetchOrder","client_order_id":null}}\n',
        "content: client_order_id: None is no str",
    ),
    (
        b'{"is":"Question","id":1,"content":{"is":"Accepted","client_order_id":"x"}}\n',
        "a Accepted is none of",
    ),
    (b"x" * (LINE_MAX + 1) + b"\n", "is no JSON"),
]


@pytest.mark.parametrize(("said", "why"), MISREAD, ids=range(len(MISREAD)))
def test_line_that_is_no_question_is_answered_so_and_the_connection_goes_on(said: bytes, why: str) -> None:
    async def test(place: Place) -> None:
        async with place.wire() as wire:
            answer = await wire.ask(said)
            assert answer["is"] == "Misread"
            assert why in answer["why"]
            while answer["is"] == "Misread":  # of a line that is too long the rest is another
                answer = await wire.ask(line(Question(7, FetchOrder("p1a1"))))
            assert (answer["id"], answer["content"][0]["answer"]) == (7, "not_found")
            assert place.server.counts()["lines misread"] >= 1

    run(test)


def test_number_of_a_question_that_cannot_be_read_is_in_the_answer() -> None:
    async def test(place: Place) -> None:
        async with place.wire() as wire:
            assert (await wire.ask(b'{"is":"Question","id":12,"content":{"is":"Bribe"}}\n'))["id"] == 12
            assert (await wire.ask(b'{"is":"Question","id":"x","content":{"is":"Bribe"}}\n'))["id"] is None

    run(test)


def test_question_that_was_cut_off_is_not_taken() -> None:
    async def test(place: Place) -> None:
        async with place.wire() as wire:
            wire.writer.write(line(Question(1, BUY))[:-1])
            wire.writer.write_eof()
            assert await wire.reader.read() == b""
        assert place.exchange.ledger("main").orders == ()

    run(test)


def test_client_that_hangs_up_loses_nothing_of_its_orders() -> None:
    async def test(place: Place) -> None:
        first = place.broker()
        await first.send(REST)
        await first.send(CreateOrder("p2a1", "AAA", "buy", 3))
        await first.close()
        place.exchange.beat()

        second = place.broker()
        found = await second.send(FetchOrder("p1a1"))
        assert found == (Status("p1a1", "found", "open", (), 10),)
        assert (await second.account()).positions == (("AAA", 3),)
        assert await second.send(CancelOrder("p1a1")) == (Canceled("p1a1", 0),)

    run(test)


def test_clients_of_one_account_all_hear_and_those_of_another_do_not() -> None:
    async def test(place: Place) -> None:
        one, two, other = place.broker(), place.broker(), place.broker("other")
        streams = [await listening(each) for each in (one, two, other)]
        await one.send(REST)
        await one.send(CancelOrder("p1a1"))
        assert await next_of_orders(streams[1]) == Canceled("p1a1", 0)
        await other.send(BUY)
        await one.send(CreateOrder("p2a1", "BBB", "sell", 4))
        place.exchange.beat()
        sold = Filled("p2a1", "p2a1.1", "BBB", "sell", 4, 10_000)
        assert [await next_of_orders(each) for each in streams[:2]] == [sold, sold]
        assert (await next_of_orders(streams[2])).symbol == "AAA"
        assert (await other.ledger()).positions == (("AAA", 10),)

    run(test)


def test_ledger_that_a_judge_asks_for_is_the_exchange_s_whatever_strikes() -> None:
    async def test(place: Place) -> None:
        broker = place.broker()
        for number in range(100):
            await broker.send(CreateOrder(f"p{number}a1", "AAA", "buy", 1))
            place.exchange.beat()
        place.mishaps.replies = ["lost"] * 3
        ledger = await broker.ledger()
        assert ledger == place.exchange.ledger("main")
        assert (len(ledger.orders), len(ledger.fills), ledger.positions) == (100, 100, (("AAA", 100),))

    run(test)


def test_stream_asked_for_again_begins_with_the_prices_and_tells_each_thing_once() -> None:
    async def test(place: Place) -> None:
        async with place.wire() as wire:
            for number in (1, 2):
                await wire.ask(line(Question(number, Subscribe())))
                shown = [(await wire.hear())["report"]["is"] for _ in range(PRICES)]
                assert shown == ["Price"] * PRICES
            await wire.ask(line(Question(3, BUY)))
            place.exchange.beat()
            assert (await wire.hear())["report"]["is"] == "Filled"
            assert (await wire.ask(line(Question(4, FetchAccount()))))["id"] == 4

    run(test)


def test_late_reply_comes_after_what_was_asked_later() -> None:
    async def test(place: Place) -> None:
        place.mishaps.replies = ["late"]
        async with place.wire() as wire:
            wire.writer.write(line(Question(1, BUY)) + line(Question(2, FetchOrder("p1a1"))))
            assert [(await wire.hear())["id"] for _ in range(2)] == [2, 1]

    run(test)


def test_reports_come_twice_and_late_where_the_wire_is_so() -> None:
    async def test(place: Place) -> None:
        broker = place.broker()
        stream = await listening(broker)
        place.mishaps.reports = (0.0, 0.001)
        await broker.send(BUY)
        place.exchange.beat()
        first, second = await next_of_orders(stream), await next_of_orders(stream)
        assert first == second == Filled("p1a1", "p1a1.1", "AAA", "buy", 10, 10_000)

    run(test)


def test_venue_that_is_not_there_yet_is_waited_for_and_the_order_sent_once() -> None:
    async def test(place: Place) -> None:
        port = place.server.port
        await place.server.close()
        broker = place.broker()
        sending = asyncio.ensure_future(broker.send(BUY))
        await asyncio.sleep(0)
        place.server = ExchangeServer(place.exchange, NEVER_SECONDS)
        await place.server.start(port)
        assert await sending == (Accepted("p1a1"),)
        assert len(place.exchange.ledger("main").orders) == 1

    run(test)


def test_where_no_venue_is_nothing_is_known_and_the_stream_says_that_it_is_lost() -> None:
    async def test(place: Place) -> None:
        broker = RemoteBroker(HOST, 1, timeout_seconds=0.1)
        assert await broker.send(BUY) == (OutcomeUnknown("p1a1", "create"),)
        with pytest.raises(BrokerLost, match="See that it runs: hedgecheck venue"):
            await anext(broker.stream())
        with pytest.raises(BrokerLost):
            await broker.ledger()

    run(test)


def test_what_another_server_says_breaks_the_connection_and_not_the_client() -> None:
    async def test(place: Place) -> None:
        async def babbles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 ready\r\n")
            await reader.read()
            writer.close()

        async with await asyncio.start_server(babbles, HOST, 0) as server:
            broker = RemoteBroker(HOST, server.sockets[0].getsockname()[1], timeout_seconds=PATIENCE_SECONDS)
            assert await broker.send(BUY) == (OutcomeUnknown("p1a1", "create"),)
            await broker.close()

    run(test)


def started(*options: str) -> subprocess.Popen[str]:
    """The real command."""
    command = (sys.executable, "-m", "hedgecheck", "venue", *options)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("ends", [signal.SIGTERM, signal.SIGINT])
def test_command_says_its_address_trades_and_ends_cleanly(ends: signal.Signals) -> None:
    async def trade(port: int) -> Any:
        broker = RemoteBroker(HOST, port, timeout_seconds=PATIENCE_SECONDS)
        stream = await listening(broker)
        assert await broker.send(CreateOrder("p1a1", "XXX", "buy", 10)) == (Accepted("p1a1"),)
        fill = await next_of_orders(stream)
        prices = [each async for each in several(stream, 20)]
        ledger = await broker.ledger()
        await broker.close()
        return fill, prices, ledger

    with started("--markets", "XXX:700", "--seed", "3", "--cash", "9000", "--speed", "50") as process:
        assert process.stdout is not None
        address = process.stdout.readline()
        assert address.startswith("tcp://127.0.0.1:")
        replay = process.stdout.readline()
        fill, prices, ledger = asyncio.run(trade(int(address.rpartition(":")[2])))
        process.send_signal(ends)
        said, errors = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, errors) == (0, "")
    assert replay == "hedgecheck venue --port 0 --seed 3 --markets XXX:700 --cash 9000 --speed 50\n"
    assert "1 accounts, 1 orders," in said
    assert fill.symbol == "XXX"
    assert len({each for each in prices if isinstance(each, Price)}) > 1
    assert ledger.cash == 9_000 - sum(each.amount * each.price for each in ledger.fills)


async def several(stream: AsyncIterator[Any], count: int) -> AsyncIterator[Any]:
    """So many reports."""
    for _ in range(count):
        yield await anext(stream)


def test_command_shows_a_line_of_counts_on_a_terminal() -> None:
    ours, terminal = os.openpty()
    command = (sys.executable, "-m", "hedgecheck", "venue")
    with subprocess.Popen(command, stdout=terminal, env={**os.environ, "TERM": "xterm"}) as process:
        os.close(terminal)
        shown = b""
        while b"0 clients" not in shown or b"0 fills" not in shown:
            shown += os.read(ours, 1_000)
        process.terminate()
        process.wait(PATIENCE_SECONDS)
    os.close(ours)
    assert shown.startswith(b"tcp://127.0.0.1:")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--faults", "gremlins"), "'gremlins' is no fault of a wire"),
        (("--markets", "AAA"), "'AAA' is no market"),
    ],
)
def test_command_refuses_what_it_cannot_do(options: tuple[str, ...], why: str) -> None:
    with started(*options) as process:
        said, errors = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, said) == (64, "")
    assert why in errors


def test_port_that_somebody_has_is_refused() -> None:
    async def test(place: Place) -> None:
        with started("--port", str(place.server.port)) as process:
            _, errors = await asyncio.to_thread(process.communicate)
        assert process.returncode == 64
        assert "is not to be had" in errors

    run(test)


def test_account_is_named_at_logon() -> None:
    async def test(place: Place) -> None:
        async with place.wire() as wire:
            assert await wire.ask(line(Question(1, Logon("other")))) == {
                "is": "Reply",
                "id": 1,
                "content": [],
            }
            await wire.ask(line(Question(2, BUY)))
        assert [len(place.exchange.ledger(each).orders) for each in ("main", "other")] == [0, 1]

    run(test)
