"""Every place at which a fault may strike a client, each with a small program that goes there.

``SITES`` walks the tables of ``hedgecheck.simulate.variants``: what is added there is performed here.
"""

import asyncio
import os
import time
from functools import cache
from typing import Any, NamedTuple

import ccxt

from hedgecheck.simulate import variants
from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.clock import EPOCH_SECONDS
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.variants import Variant
from tests.schedules.performing import EVERYTHING, anything

SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"
AFTER_SECONDS = 8  # by then whatever a fault held back has come


class Seen(NamedTuple):
    """What the client and the venue's ledger show of one call. ``again``: what a query says afterwards."""

    value: Any
    error: Any
    seconds: float
    before: Any
    after: Any
    again: Any
    truth: Any
    skew: float
    price: float


class Site(NamedTuple):
    """``about`` and ``count`` name the place in the sequence of choices; ``program(sim)`` returns what was
    seen. ``others``: variants that may strike there too, before those of the table."""

    about: str
    table: tuple[Variant, ...]
    program: Any
    count: int = 0
    others: int = 0


def rows(orders):
    return [(each.side, str(each.amount), str(each.filled), each.status) for each in orders]


async def ask(sim, exchange, call, truth, symbol=SPOT):
    """Calls once, and looks around."""
    before, began = rows(sim.ledger.orders), sim.now()
    value = error = None
    try:
        value = await call()
    except ccxt.BaseError as raised:
        error = raised
    seconds, skew = sim.now() - began, time.time() - EPOCH_SECONDS - sim.now()
    after = rows(sim.ledger.orders)
    price = (await exchange.fetch_ticker(symbol))["last"]
    await sim.sleep(AFTER_SECONDS)
    again = await truth()
    return Seen(value, error, seconds, before, after, again, rows(sim.ledger.orders), skew, price)


# ---- orders ----------------------------------------------------------------------------------------


async def create(sim):
    exchange, name = sim.exchange(markets=[SPOT, SWAP]), {"clientOrderId": "mine"}

    async def truth():
        return [(each["id"], each["filled"], each["status"]) for each in await exchange.fetch_orders(SPOT)]

    return await ask(
        sim, exchange, lambda: exchange.create_order(SPOT, "limit", "buy", 1, 51_000, name), truth
    )


def ends(make):
    """A call about a resting order of 1 at 40000."""

    async def program(sim):
        exchange = sim.exchange(markets=[SPOT, SWAP])
        order = await exchange.create_order(SPOT, "limit", "buy", 1, 40_000)

        async def truth():
            return (await exchange.fetch_order(order["id"], SPOT))["status"]

        return await ask(sim, exchange, lambda: make(exchange, order["id"]), truth)

    return program


async def configure(sim):
    exchange = sim.exchange(markets=[SPOT, SWAP])
    return await ask(
        sim, exchange, lambda: exchange.set_leverage(2, SWAP), lambda: exchange.set_leverage(2, SWAP)
    )


# ---- queries ---------------------------------------------------------------------------------------

ARGUMENTS = {
    **dict.fromkeys(("orders", "open_orders", "closed_orders", "canceled_orders", "my_trades"), (SPOT,)),
    **dict.fromkeys(("ticker", "order_book", "ohlcv", "trades"), (SPOT,)),
    **dict.fromkeys(("balance", "markets", "currencies", "time", "status", "trading_fees"), ()),
    **dict.fromkeys(("positions", "tickers"), ([SPOT],)),
    **dict.fromkeys(("position", "funding_rate"), (SWAP,)),
}


def fetch(what):
    """A query where much has happened: an order rests, one is cancelled, and the last of two has filled."""
    symbol = SWAP if what == "position" else SPOT

    async def program(sim):
        exchange = sim.exchange(markets=[SPOT, SWAP])
        await exchange.create_order(SPOT, "limit", "buy", 1, 40_000)
        gone = await exchange.create_order(SPOT, "limit", "buy", 1, 41_000)
        await exchange.create_order(symbol, "market", "buy", 1)
        last = await exchange.create_order(symbol, "market", "buy", 2)
        await exchange.cancel_order(gone["id"], SPOT)
        arguments = (last["id"], symbol) if what in ("order", "order_trades") else ARGUMENTS[what]
        method = getattr(exchange, f"fetch_{what}")
        return await ask(sim, exchange, lambda: method(*arguments), lambda: method(*arguments), symbol)

    return program


# ---- streams ---------------------------------------------------------------------------------------

OF_ORDERS = ("orders", "my_trades", "balance", "positions")


def watch(what):
    """Three things happen within a second of subscribing; what came, and when."""
    arguments = {"balance": (), "positions": ([SPOT],), "tickers": ([SPOT],)}.get(what, (SPOT,))

    async def program(sim):
        exchange, log = sim.exchange(markets=[SPOT, SWAP]), []

        async def collect():
            while True:
                try:
                    answer = await getattr(exchange, f"watch_{what}")(*arguments)
                    log.extend((sim.now(), each) for each in pushed(what, answer))
                except ccxt.BaseError as error:
                    log.append((sim.now(), type(error)))

        task = asyncio.create_task(collect())
        await sim.sleep(0.2)
        for step in (1, 2, 3):
            if what in OF_ORDERS:
                await exchange.create_order(SPOT, "limit", "buy", step, 51_000)
            else:
                sim.price(SPOT, 50_000 + step)
            await sim.sleep(0.15)
        await sim.sleep(AFTER_SECONDS)
        task.cancel()
        return log

    return program


def pushed(what, answer):
    """The parts of a message that differ from one to the next."""
    match what:
        case "orders":
            return [(each["amount"], each["filled"]) for each in answer]
        case "my_trades":
            return [each["amount"] for each in answer]
        case "balance":
            return [answer["BTC"]["total"]]
        case "positions":
            return [each["contracts"] for each in answer]
        case "ticker":
            return [answer["last"]]
        case "tickers":
            return [answer[SPOT]["last"]]
        case "order_book":
            return [answer["bids"][0][0]]
        case "ohlcv":
            return [answer[-1][4]]
    return ["trades"]


# ---- the bot itself --------------------------------------------------------------------------------


async def deliver(sim):
    sim.exchange()
    calls = []

    async def bot(signal):
        calls.append(signal.signal_id)
        return False

    answer = await sim.deliver(sim.signal(SPOT, None, 1), bot)
    await sim.deliver(sim.signal(SPOT, None, 1), bot)
    return calls, answer


async def process(sim):
    exchange, lives = sim.exchange(), []

    class Bot:
        async def start(self):
            lives.append(self)
            await exchange.fetch_balance()
            self.is_up = True

    bot = await sim.process(Bot)
    for _ in range(AFTER_SECONDS):
        await sim.sleep(1)
    return len(lives), getattr(lives[-1], "is_up", False), bot is lives[-1]


async def write(sim):
    """A process that has a file open, synced in part; what each life finds in it."""
    log, found, files = sim.storage("bot") / "log", [], []

    class Bot:
        async def start(self):
            found.append(log.read_text() if log.exists() else None)
            files.append(open(log, "a", encoding="utf-8"))  # noqa: SIM115 - it stays open
            for text in ("synced ", "unsynced"):
                os.fsync(files[-1].fileno())
                files[-1].write(text)
                files[-1].flush()

    await sim.process(Bot)
    await sim.sleep(AFTER_SECONDS)
    return found


async def submit(sim):
    """A process that buys where there is no order yet, in a task of its own."""
    exchange, lives = sim.exchange(), []

    class Bot:
        async def start(self):
            self.answer, self.task = None, asyncio.create_task(self.trade())
            lives.append(self)

        async def trade(self):
            self.found = len(await exchange.fetch_orders(SPOT))
            if not self.found:
                self.answer = await exchange.create_order(SPOT, "market", "buy", 1)

    await sim.process(Bot)
    await sim.sleep(AFTER_SECONDS)
    return [(each.found, each.answer is not None) for each in lives], rows(sim.ledger.orders)


# ---- all of it -------------------------------------------------------------------------------------

ARSENAL = variants.arsenal_of(EVERYTHING)
EDITED = (SPOT, "limit", "buy", 2, 39_000)
STREAMS = (*OF_ORDERS, "ticker", "tickers", "order_book", "ohlcv", "trades")


def _stream(what):
    about = f"stream 1 {what} {SPOT if what not in ('balance', 'positions', 'tickers') else ''}".rstrip()
    return Site(about, ARSENAL.of_stream(what), watch(what))


SITES: dict[str, Site] = {
    "create_order": Site("1 create_order", variants.CREATE, create),
    "edit_order": Site(
        "1 edit_order", variants.EDIT, ends(lambda exchange, id: exchange.edit_order(id, *EDITED))
    ),
    "cancel_order": Site(
        "1 cancel_order", variants.CANCEL, ends(lambda exchange, id: exchange.cancel_order(id))
    ),
    "cancel_all_orders": Site(
        "1 cancel_all_orders", variants.CANCEL, ends(lambda exchange, id: exchange.cancel_all_orders(SPOT))
    ),
    "set_leverage": Site("1 set_leverage", variants.ANY, configure),
    **{
        f"fetch_{what}": Site(f"1 fetch_{what}", table, fetch(what))
        for what, table in variants.FETCHED.items()
    },
    **{f"watch_{what}": _stream(what) for what in STREAMS},
    "deliver": Site("delivery of s1", variants.AGAIN, deliver),
    "process": Site("process", variants.CRASH, process, 8),
    "process's file": Site("process", variants.UNSYNCED, write, 1, others=len(variants.CRASH)),
    "process's order": Site("1.1.1 create_order", variants.SUBMIT, submit, others=len(variants.CREATE)),
}
CASES = [(name, each) for name, site in SITES.items() for each in site.table]
KNOWN = {each for table in vars(variants).values() if isinstance(table, tuple) for each in table}


@cache
def performed(name: str) -> dict[Variant | None, Any]:
    """What is seen at a site with each variant, and with none."""
    site, seen = SITES[name], {}
    current: list[Any] = []

    async def test(sim):
        sim.always(anything)
        current.append(await site.program(sim))

    with stage(test) as open_stage:
        for variant in (None, *site.table):
            current.clear()
            number = 0 if variant is None else 1 + site.others + site.table.index(variant)
            choices = Choices(None, {("fault", site.about, site.count): number})
            outcome = open_stage.perform(Setting(EVERYTHING), choices, tell=True)
            assert outcome.error is None, outcome.error
            assert outcome.failure is None, (variant, outcome.failure)
            assert len(current) == 1, (variant, outcome.lines)
            seen[variant] = (current[0], outcome.spent)
    return seen
