"""What a venue pushes: in order, nothing lost, until a fault strikes; and what prices do meanwhile."""

import asyncio
from itertools import pairwise

import ccxt
import pytest

import hedgecheck
from hedgecheck import prices
from hedgecheck.fronts.ccxt.calls import CancelOrder
from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.exchange import scripted
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.variants import Variant
from tests.schedules.performing import EVERYTHING, answer_of, perform
from tests.schedules.strikes import ARSENAL

BTC = "BTC/USDT"
ORDERS = f"stream 1 orders {BTC}"


def number(does, what="orders"):
    """The number of the variant that does this to a message."""
    return 1 + [each.does for each in ARSENAL.of_stream(what)].index(does)


def watched(events, *, until, strikes=None, max_faults=1):
    """Amount and status of each order as ``watch_orders`` gives it, until the fill of ``until``; an error by
    its name. ``events(exchange)`` runs beside."""

    async def body(sim):
        exchange, seen = sim.exchange(), []

        async def watch():
            while (until, "closed") not in seen:
                try:
                    seen.extend((each["amount"], each["status"]) for each in await exchange.watch_orders(BTC))
                except ccxt.NetworkError as error:
                    seen.append(type(error).__name__)

        task = asyncio.create_task(watch())
        await sim.sleep(0.5)
        await events(exchange)
        await task
        return seen

    return answer_of(body, plan=EVERYTHING, strikes=strikes, max_faults=max_faults)


async def buys(exchange, *amounts, pause_seconds=0):
    for amount in amounts:
        await exchange.create_order(BTC, "market", "buy", amount)
        await asyncio.sleep(pause_seconds)


async def buys_slowly(exchange):
    await buys(exchange, 1, 2, pause_seconds=1)


def test_messages_come_in_the_order_in_which_things_happened():
    seen = watched(lambda exchange: buys(exchange, 1, 2), until=2)

    assert seen == [(1, "open"), (1, "closed"), (2, "open"), (2, "closed")]


def test_resting_order_is_pushed_when_it_is_accepted_and_when_it_is_cancelled():
    async def events(exchange):
        order = await exchange.create_order(BTC, "limit", "buy", 5, 40_000)
        await exchange.cancel_order(order["id"], BTC)
        await buys(exchange, 1)

    seen = watched(events, until=1)

    assert seen == [(5, "open"), (5, "canceled"), (1, "open"), (1, "closed")]


def test_nothing_is_lost_between_two_calls():
    async def body(sim):
        exchange = sim.exchange()
        first = asyncio.create_task(exchange.watch_my_trades(BTC))
        await sim.sleep(0.5)
        await buys(exchange, 1)
        seen = [await first]
        await buys(exchange, 2, 3)
        await sim.sleep(10)
        seen.append(await exchange.watch_my_trades(BTC))
        return [[each["amount"] for each in part] for part in seen], sim.now()

    seen, now = answer_of(body)

    assert seen == [[1.0], [2.0, 3.0]]
    assert now < 11  # what is there is handed over at once


def test_two_who_watch_one_stream_get_the_same():
    async def body(sim):
        exchange = sim.exchange()
        waiting = asyncio.gather(exchange.watch_orders(BTC), exchange.watch_orders(BTC))
        await sim.sleep(0.5)
        await buys(exchange, 1)
        return await waiting

    one, other = answer_of(body)

    assert one == other


def test_each_client_has_a_stream_of_its_own():
    async def body(sim):
        one, other = sim.exchange(), sim.exchange()
        waiting = asyncio.gather(one.watch_orders(BTC), other.watch_orders(BTC))
        await sim.sleep(0.5)
        await buys(one, 1)
        await waiting
        return [[each["filled"] for each in await client.watch_orders(BTC)] for client in (one, other)]

    drop_first = {(ORDERS, 0): number("drop")}

    assert answer_of(body) == [[1.0], [1.0]]
    assert (
        perform(body, plan=EVERYTHING, strikes=drop_first).outcome.failure[0] == "I15"
    )  # one waits for ever


def test_stream_is_of_its_symbol_alone():
    async def body(sim):
        exchange = sim.exchange()
        waiting = asyncio.create_task(exchange.watch_orders(BTC))
        await sim.sleep(0.5)
        await exchange.create_order("ETH/USDT", "market", "buy", 1)
        await buys(exchange, 1)
        return [each["symbol"] for each in await waiting]

    assert answer_of(body) == [BTC]


# ---- two faults ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("swap", "drop", [(2, "open"), (2, "closed"), (3, "open"), (3, "closed"), (1, "open")]),
        ("copy", "swap", [(1, "open"), (1, "open"), (2, "open"), (1, "closed"), (2, "closed")]),
        ("drop", "copy", [(1, "closed"), (1, "closed"), (2, "open"), (2, "closed")]),
    ],
)
def test_two_faults_compose(first, second, expected):
    strikes = {(ORDERS, 0): number(first), (ORDERS, 1): number(second)}

    async def body(sim):
        exchange, seen = sim.exchange(), []

        async def watch():
            while True:
                seen.extend((each["amount"], each["status"]) for each in await exchange.watch_orders(BTC))

        task = asyncio.create_task(watch())
        await sim.sleep(0.5)
        for amount in (1, 2) if first != "swap" else (1, 2, 3):
            await buys(exchange, amount)
        await sim.sleep(10)
        task.cancel()
        return seen

    seen = answer_of(body, plan=EVERYTHING, strikes=strikes, max_faults=2)

    assert sorted(seen) == sorted(expected) if first == "swap" else seen == expected


def test_swapped_message_comes_though_none_overtakes_it():
    async def body(sim):
        exchange = sim.exchange()
        waiting = asyncio.create_task(exchange.watch_my_trades(BTC))
        await sim.sleep(0.5)
        await buys(exchange, 1)
        return [each["amount"] for each in await waiting]

    strikes = {(f"stream 1 my_trades {BTC}", 0): number("swap")}

    assert answer_of(body, plan=EVERYTHING, strikes=strikes) == [1.0]


def test_break_shows_to_who_waits_and_the_next_call_connects_again():
    seen = watched(buys_slowly, until=2, strikes={(ORDERS, 1): number("cut")})

    assert seen == [(1, "open"), "NetworkError", (2, "open"), (2, "closed")]


def test_break_with_snapshot_tells_what_was_missed():
    seen = watched(buys_slowly, until=2, strikes={(ORDERS, 1): number("cut with snapshot")})

    assert seen == [(1, "open"), "NetworkError", (1, "closed"), (2, "open"), (2, "closed")]


def test_what_a_snapshot_shows_was_asked_about():
    """The bot may send again what it then knows of: that is no blind resend."""

    async def body(sim):
        exchange = sim.exchange()
        sim.always(hedgecheck.invariants.no_blind_resend)

        async def watch():
            for _ in range(2):
                await asyncio.gather(exchange.watch_orders(BTC), return_exceptions=True)

        task = asyncio.create_task(watch())
        await sim.sleep(0.5)
        with pytest.raises(ccxt.RequestTimeout):
            await buys(exchange, 1)
        await task
        await buys(exchange, 1)

    lost_and_cut = {("1 create_order", 0): 1, (ORDERS, 0): number("cut with snapshot")}
    lost_and_dropped = {("1 create_order", 0): 1, (ORDERS, 0): number("cut")}
    seen = perform(body, plan=EVERYTHING, max_faults=2, strikes=lost_and_cut)

    assert seen.outcome.spent == ("F01", "F06")
    assert seen.outcome.failure is None
    # without one it waits for what never comes
    assert perform(body, plan=EVERYTHING, max_faults=2, strikes=lost_and_dropped).outcome.failure[0] == "I15"


def test_stream_that_is_held_back_loses_nothing_and_keeps_its_order():
    """A hold delays every message of the stream by as much as the network may."""
    seen = []

    async def body(sim):
        exchange = sim.exchange()

        async def watch():
            while len(seen) < 4:
                rows = await exchange.watch_orders(BTC)
                seen.extend((sim.now(), each["amount"], each["status"]) for each in rows)

        task = asyncio.create_task(watch())
        await sim.sleep(3)  # the subscription is held back too
        await buys(exchange, 1, 2)
        await task

    with stage(body) as open_stage:
        choices = Choices(None, {("hold", ORDERS, 0): 1})
        open_stage.perform(Setting(hedgecheck.faults.Plan(())), choices)

    assert [row[1:] for row in seen] == [(1, "open"), (1, "closed"), (2, "open"), (2, "closed")]
    assert seen[0][0] > 4.5


# ---- prices --------------------------------------------------------------------------------------


def tickers(count, *, moves=(), strikes=None, change=None):
    """When and what: the first tickers of a stream."""

    async def body(sim):
        exchange, seen = sim.exchange(), []
        if change is not None:
            asyncio.get_running_loop().call_later(2.5, sim.price, BTC, change)
        for _ in range(count):
            ticker = await exchange.watch_ticker(BTC)
            seen.append((sim.now(), ticker["last"]))
        return seen

    return answer_of(body, plan=EVERYTHING, moves=moves, strikes=strikes)


def test_ticker_ticks_while_somebody_waits():
    seen = tickers(5)

    assert {price for _, price in seen} == {50_000.0}
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(seen)]
    assert all(1 <= gap <= 3.5 for gap in gaps)


def test_price_that_moved_is_pushed_and_time_does_not_run_backwards_on_a_stream():
    seen = [price for _, price in tickers(6, change=51_000)]

    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (50_000.0, 51_000.0)


def test_lagging_price_comes_late_and_before_newer_ones():
    about = f"stream 1 ticker {BTC}"
    seen = tickers(4, change=51_000, strikes={(about, 0): number("lag", "ticker")})

    late = [(at, price) for at, price in seen if price == 51_000]
    assert late[0][0] > 7.4
    assert [price for _, price in seen] == sorted(price for _, price in seen)


IBM = pytest.mark.skipif("not __import__('importlib.util').util.find_spec('bokeh_sampledata')")


@IBM
def test_real_prices_move_a_stream_as_the_stock_moved():
    moves = prices.moves("ibm")
    seen = [price for _, price in tickers(40, moves=moves)]

    for (before, after), move in zip(pairwise(seen), moves, strict=False):
        assert after == pytest.approx(before * (1 + move / 1_000_000), abs=0.02)


@IBM
def test_stream_of_real_prices_goes_on_after_a_message_that_never_came():
    about = f"stream 1 ticker {BTC}"
    strikes = {(about, 1): number("drop", "ticker")}
    plain = [price for _, price in tickers(5, moves=prices.moves("ibm"))]
    struck = [price for _, price in tickers(4, moves=prices.moves("ibm"), strikes=strikes)]

    assert struck == [plain[0], plain[1], *plain[3:]]


@IBM
def test_check_takes_real_prices():
    seen = []

    async def bot(sim):
        exchange = sim.exchange()
        sim.always(lambda ledger: None)
        for _ in range(3):
            seen.append((await exchange.watch_ticker(BTC))["last"])
        await exchange.create_order(BTC, "market", "buy", 1)

    verdict = hedgecheck.check(bot, executions=1, faults=None, prices="ibm")

    assert verdict.verdict == "holds"
    assert len(set(seen)) == 3


def test_fill_that_crosses_a_cancel_is_in_the_order_when_a_stream_tells_of_its_end():
    across = Variant(hedgecheck.faults.fill_during_cancel, "fill across", "half of it fills", 500_000)

    async def program(sim):
        exchange = scripted(sim.exchange(), lambda call: across if isinstance(call, CancelOrder) else None)
        watching = asyncio.create_task(exchange.watch_orders())
        await sim.sleep(1)
        order = await exchange.create_order(BTC, "limit", "buy", 1, 49_000)
        await watching
        watching = asyncio.create_task(exchange.watch_orders())
        answer = await exchange.cancel_order(order["id"], BTC)
        heard = await watching
        return [(each["status"], each["filled"], len(each["trades"])) for each in (answer, *heard)]

    assert set(answer_of(program)) == {("canceled", 0.5, 1)}
