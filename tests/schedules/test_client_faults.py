"""Every fault, at every call and stream that it may strike: what the client sees, and what the venue did."""

import asyncio
import math
from collections.abc import Mapping

import ccxt
import pytest

from hedgecheck import faults
from hedgecheck.simulate import variants
from tests.schedules.performing import EVERYTHING, NOTHING, answer_of, error_of, perform
from tests.schedules.strikes import CASES, KNOWN, SITES, SPOT, performed

TIMEOUT_SECONDS = 10
TIMES = ("timestamp", "datetime", "lastTradeTimestamp", "lastUpdateTimestamp", "nonce")
MESSAGE_SECONDS = 1.0  # by then the three messages of a stream have come, and no tick


def timeless(answer):
    """An answer without the times in it."""
    if isinstance(answer, Mapping):
        return {name: timeless(each) for name, each in answer.items() if name not in TIMES}
    if isinstance(answer, list):
        return [timeless(each) for each in answer]
    return None if isinstance(answer, int) and answer > 10**12 else answer


# ---- what each makes of a call: site, variant, what is seen with it and without --------------------


def nothing_done(struck):
    return struck.after == struck.before


def lose_reply(site, variant, struck, plain):
    assert type(struck.error) is ccxt.RequestTimeout
    assert struck.seconds == pytest.approx(TIMEOUT_SECONDS)
    assert struck.after == plain.after


def lose_request(site, variant, struck, plain):
    assert type(struck.error) is ccxt.RequestTimeout
    assert struck.seconds == pytest.approx(TIMEOUT_SECONDS)
    assert nothing_done(struck)


def delay_reply(site, variant, struck, plain):
    assert timeless(struck.value) == timeless(plain.value)
    assert 3 < struck.seconds < TIMEOUT_SECONDS
    assert struck.after == plain.after


def limit(site, variant, struck, plain):
    assert type(struck.error) is ccxt.RateLimitExceeded
    assert struck.seconds < 1
    assert nothing_done(struck)


def fail(site, variant, struck, plain):
    assert type(struck.error) is ccxt.ExchangeNotAvailable
    assert nothing_done(struck)


def reset(site, variant, struck, plain):
    assert type(struck.error) is ccxt.NetworkError
    assert struck.after == plain.after


def fill_part(site, variant, struck, plain):
    part = max(variant.detail / 1_000_000, 0.00001)
    assert (struck.value["status"], struck.value["filled"]) == ("open", pytest.approx(part))
    assert struck.truth == [("buy", "1.00000", "1.00000", "closed")]  # liquidity returns


def reject(site, variant, struck, plain):
    kinds = {"INSUFFICIENT_BALANCE": ccxt.InsufficientFunds, "BELOW_MINIMUM": ccxt.InvalidOrder}
    assert type(struck.error) is kinds[variant.detail]
    assert nothing_done(struck)


def fee_in_base(site, variant, struck, plain):
    (trade,) = struck.value["trades"]
    assert (trade["fee"]["currency"], trade["fee"]["cost"]) == ("BTC", 0.001)
    assert plain.value["trades"][0]["fee"]["currency"] == "USDT"


def expire(site, variant, struck, plain):
    assert (struck.value["status"], struck.value["filled"]) == ("expired", 0.0)
    assert struck.truth == [("buy", "1.00000", "0.00000", "expired")]


def only_an_id(site, variant, struck, plain):
    said = {name: each for name, each in struck.value.items() if each not in (None, [], {})}
    assert said == {name: plain.value[name] for name in ("id", "clientOrderId", "symbol")}
    assert struck.after == plain.after


def no_id(site, variant, struck, plain):
    said = {name: each for name, each in struck.value.items() if each not in (None, [], {})}
    assert said == {"symbol": SPOT}
    assert struck.after == plain.after


def shock(site, variant, struck, plain):
    assert struck.price == plain.price * (1 + variant.detail / 1_000_000)


def skew(site, variant, struck, plain):
    assert (struck.skew, plain.skew) == (pytest.approx(variant.detail, abs=1e-3), pytest.approx(0, abs=1e-3))
    assert struck.after == plain.after


def fill_first(site, variant, struck, plain):
    filled = f"{variant.detail / 1_000_000:.5f}"
    if filled == "1.00000":
        assert struck.after == [("buy", "1.00000", filled, "closed")]
        assert site == "cancel_all_orders" or type(struck.error) is ccxt.OrderNotFound
    else:
        assert struck.after == [("buy", "1.00000", filled, "canceled"), ("buy", "2.00000", "0.00000", "open")]


def fill_across(site, variant, struck, plain):
    assert struck.after == [("buy", "1.00000", "0.50000", "canceled")]
    answer = struck.value[0] if site == "cancel_all_orders" else struck.value
    assert (answer["status"], answer["filled"]) == ("canceled", 0.5)


def hide(site, variant, struck, plain):
    if site == "fetch_order":
        assert type(struck.error) is ccxt.OrderNotFound
    elif site == "fetch_balance":
        assert ("BTC" in plain.value, "BTC" in struck.value, "USDT" in struck.value) == (True, False, True)
    elif site == "fetch_position":
        assert (plain.value["contracts"], struck.value["contracts"]) == (3.0, 0.0)
    elif site == "fetch_order_book":
        assert (struck.value["bids"], struck.value["asks"]) == ([], [])
    elif site in ("fetch_ohlcv", "fetch_trades"):
        assert struck.value == []
    else:
        assert timeless(struck.value) == timeless(plain.value[:-1])
        assert plain.value


def stale(site, variant, struck, plain):
    """Before the last fill: the last order open, and what was cancelled since too."""
    assert timeless(struck.value) != timeless(plain.value)
    match site:
        case "fetch_order":
            assert (struck.value["status"], struck.value["filled"], struck.value["trades"]) == (
                "open",
                0.0,
                [],
            )
        case "fetch_open_orders":
            assert [each["amount"] for each in struck.value] == [1.0, 1.0, 2.0]
        case "fetch_orders":
            assert [each["status"] for each in struck.value] == ["open", "open", "closed", "open"]
        case "fetch_closed_orders" | "fetch_my_trades":
            assert [each["amount"] for each in struck.value] == [1.0]
        case "fetch_canceled_orders" | "fetch_order_trades":
            assert struck.value == []
        case "fetch_balance":
            assert struck.value["BTC"]["total"] == 1.0
        case "fetch_positions":
            assert [each["contracts"] for each in struck.value] == [1.0]
        case _:
            assert struck.value["contracts"] == 1.0


def alien(site, variant, struck, plain):
    assert timeless(struck.value[:-1]) == timeless(plain.value)
    assert struck.value[-1]["id"] not in {each["id"] for each in plain.value}
    assert struck.truth == plain.truth


def bad(site, variant, struck, plain):
    ticker = struck.value[SPOT] if site == "fetch_tickers" else struck.value
    for name in ("last", "close", "bid", "ask"):
        assert is_bad(ticker[name], variant)


def is_bad(price, variant):
    match variant.detail:
        case "none":
            return price is None
        case "nan":
            return math.isnan(price)
    return price == 0.0


OF_CALLS = {
    "lose reply": lose_reply,
    "lose request": lose_request,
    "delay reply": delay_reply,
    "limit": limit,
    "fail": fail,
    "reset": reset,
    "fill part": fill_part,
    "reject": reject,
    "fee in base": fee_in_base,
    "expire": expire,
    "only an id": only_an_id,
    "no id": no_id,
    "shock": shock,
    "skew": skew,
    "fill first": fill_first,
    "fill across": fill_across,
    "hide": hide,
    "stale": stale,
    "alien": alien,
    "bad": bad,
}


# ---- what each makes of a stream: the messages as they should come ---------------------------------


def swapped(plain, site):
    return [plain[1], plain[0], *plain[2:]]


def cut(plain, site):
    """An account's stream misses what came while it was cut; that of a price begins with the price."""
    begun = plain[2 if site == "watch_orders" else 1 :]
    return [ccxt.NetworkError, *(begun if site in OF_AN_ACCOUNT else plain)]


def cut_with_snapshot(plain, site):
    """All that there is, first: of an order its present state alone."""
    return [ccxt.NetworkError, *plain[1 if site == "watch_orders" else 0 :]]


OF_AN_ACCOUNT = ("watch_orders", "watch_my_trades", "watch_balance", "watch_positions")
OF_STREAMS = {
    "swap": swapped,
    "copy": lambda plain, site: [plain[0], *plain],
    "drop": lambda plain, site: plain[1:],
    "cut": cut,
    "cut with snapshot": cut_with_snapshot,
    "lag": lambda plain, site: [],
}


def messages(log, site):
    """What came within the first second; the first of a price is what it was at the beginning."""
    came = [each for at, each in log if at < MESSAGE_SECONDS]
    return came if site in OF_AN_ACCOUNT else came[1:]


def of_stream(site, variant, log, plain):
    came, whole = messages(log, site), messages(plain, site)
    if variant.does == "bad":
        assert is_bad(came[0], variant)
        assert came[1:] == whole[1:]
    else:
        assert came == OF_STREAMS[variant.does](whole, site)
    assert log[-1][1] == plain[-1][1]  # the stream goes on, and tells the truth


# ---- all of them -----------------------------------------------------------------------------------


@pytest.mark.covers("TI-06")
@pytest.mark.parametrize(
    ("site", "variant"), CASES, ids=[f"{site}: {each.words} {each.detail}" for site, each in CASES]
)
def test_fault_does_what_its_words_say_and_heals(site, variant):
    seen = performed(site)
    (struck, spent), (plain, nothing_spent) = seen[variant], seen[None]

    assert (spent, nothing_spent) == ((variant.fault.id,), ())
    if site.startswith("watch_"):
        of_stream(site, variant, struck, plain)
    elif site == "deliver":
        assert (struck, plain) == ((["s1", "s1", "s2"], False), (["s1", "s2"], False))
    elif site == "process":
        assert (struck, plain) == ((2, True, False), (1, True, True))
    elif site == "process's file":
        left = {"lose": "synced ", "tear": "synced unsy"}[variant.detail]
        assert (struck, plain) == ([None, left], [None])
    elif site == "process's order":
        bought = [("buy", "1.00000", "1.00000", "closed")]
        assert (struck, plain) == (([(0, False), (1, False)], bought), ([(0, True)], bought))
    else:
        OF_CALLS[variant.does](site, variant, struck, plain)
        if site == "create_order":
            assert [(filled, status) for _, filled, status in struck.again] == [
                (float(filled), status) for _, _, filled, status in struck.truth
            ]
        elif site.startswith("fetch_"):
            assert timeless(struck.again) == timeless(plain.again)
        elif site != "set_leverage":
            assert struck.again == struck.truth[0][3]


def test_every_variant_is_struck_at_some_site():
    assert {variant for _, variant in CASES} == KNOWN
    assert {f"fetch_{what}" for what in variants.FETCHED} < set(SITES)


def test_every_kind_of_fault_shows_to_a_client():
    assert {variant.fault for variant in KNOWN} == {*faults.ALL, *faults.CRASHES}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_process_that_dies_while_it_starts_comes_up_all_the_same(count):
    async def body(sim):
        exchange = sim.exchange()

        class Bot:
            async def start(self):
                await exchange.fetch_balance()
                await exchange.fetch_positions()

        return type(await sim.process(Bot)).__name__

    assert answer_of(body, plan=EVERYTHING, strikes={("process", count): 1}) == "Bot"


# ---- when faults strike ----------------------------------------------------------------------------


def test_no_fault_strikes_after_the_test_has_ended():
    async def leaves_a_task(sim):
        exchange = sim.exchange()

        async def later():
            await asyncio.sleep(1)
            await exchange.create_order(SPOT, "market", "buy", 1)

        sim.bot = asyncio.create_task(later())

    seen = answer_spent(leaves_a_task, {("1.1 create_order", 0): 1})

    assert seen == ()


def answer_spent(body, strikes, **how):
    return perform(body, plan=EVERYTHING, strikes=strikes, **how).outcome.spent


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_no_more_faults_strike_than_may(most):
    async def asks_thrice(sim):
        exchange = sim.exchange()
        for _ in range(3):
            await error_of(exchange.fetch_order("1", SPOT))

    strikes = {("1 fetch_order", count): 1 for count in range(3)}

    assert answer_spent(asks_thrice, strikes, max_faults=most) == ("F01",) * most


def test_a_plan_without_faults_asks_for_none():
    async def ask(sim):
        await sim.exchange().create_order(SPOT, "market", "buy", 1)
        return sim.now()

    assert answer_of(ask, plan=NOTHING, strikes={("1 create_order", 0): 1}) < 1
