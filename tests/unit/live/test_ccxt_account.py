"""The ccxt broker: what an account holds, what a fill costs, and numbers that nobody can book by."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from core.settings import Instrument
from hedgecheck.errors import UsageError
from hedgecheck.live.brokers.ccxt import CcxtBroker
from hedgecheck.live.brokers.ccxt_markets import Unreadable, instruments, markets_of, steps
from hedgecheck.live.brokers.ccxt_orders import Ways
from hedgecheck.live.brokers.ccxt_reading import Booked, increase
from hedgecheck.live.ports import Account, OpenOrder
from hedgecheck.messages import FetchOrder, Status
from tests.unit.live.canned import BTC, ETH, MARKET, Canned, Session, binance, fill, ok, order, trade

AT_ONCE = Ways(pauses_seconds=(0.0, 0.0))


# ---- the account -----------------------------------------------------------------------------------------


def account(*answers: Canned) -> Account:
    async def play() -> Account:
        exchange, _ = binance()
        by_path = {
            "/api/v3/openOrders": answers[0],
            "/api/v3/account": answers[1],
            "/api/v3/myTrades": answers[2],
            "/api/v3/time": answers[3],
            "/api/v3/order": ok(order("FILLED", "0.4")),
        }
        exchange.session = ByPath(by_path)
        return await CcxtBroker(exchange, await markets_of(exchange, (BTC,)), ways=AT_ONCE).account()

    return asyncio.run(play())


class ByPath(Session):
    """The same answer each time, by what is asked for."""

    def __init__(self, answers: dict[str, Canned]) -> None:
        super().__init__()
        self._by_path = answers

    def __getattr__(self, method: str) -> Any:
        asking = super().__getattr__(method)

        def ask(url: Any, **how: Any) -> Any:
            self.answers = [self._by_path[str(url).partition(".com")[2].partition("?")[0]]]
            return asking(url, **how)

        return ask


BALANCES = ok(
    {
        "balances": [
            {"asset": "BTC", "free": "0.40000", "locked": "0.1000099"},
            {"asset": "USDT", "free": "7.5", "locked": "0"},
        ]
    }
)
TIME = ok({"serverTime": 1_507_725_176_595})
DOWN = (503, "<html>")


def test_an_account_is_what_the_venue_says_of_it() -> None:
    shown = ok([order("NEW"), order("NEW", orderId=29, clientOrderId="web_1")])

    assert account(shown, BALANCES, ok([trade()]), TIME) == Account(
        (OpenOrder("p1a1", BTC, "buy", 100_000, 0), OpenOrder("foreign(29)", BTC, "buy", 100_000, 0)),
        ((BTC, 50_000),),
        750_000_000,
        (fill(),),
        1_507_725_176_595_000_000,
    )


def test_a_part_that_gets_no_answer_is_none_and_takes_no_other_with_it() -> None:
    assert account(DOWN, DOWN, DOWN, DOWN) == Account()
    assert account(ok([]), DOWN, ok([]), DOWN) == Account((), None, None, (), None)


def test_a_balance_without_the_quote_currency_is_no_answer_and_not_flat() -> None:
    for empty in (ok({"balances": []}), (200, ""), (200, "<html>")):
        found = account(ok([]), empty, ok([]), TIME)
        assert (found.positions, found.cash) == (None, None)


def test_an_account_without_positions_is_flat() -> None:
    balances = ok({"balances": [{"asset": "USDT", "free": "7.5", "locked": "0"}]})
    assert account(ok([]), balances, ok([]), TIME).positions == ()


def test_an_open_order_that_nobody_can_read_makes_the_list_no_answer() -> None:
    assert account(ok([order("NEW", origQty="0.000001")]), BALANCES, ok([]), TIME).open_orders is None


# ---- markets and numbers ---------------------------------------------------------------------------------


def test_instruments_have_the_steps_and_minimums_of_the_venue() -> None:
    async def play() -> tuple[Instrument, ...]:
        exchange, _ = binance()
        return instruments(await markets_of(exchange, (ETH, BTC)))

    first, second = asyncio.run(play())
    assert first == Instrument(BTC, 10, 1, 1, 10, 500_000_000)
    assert second.symbol == ETH


def test_a_market_that_cannot_be_traded_in_whole_numbers_is_refused() -> None:
    async def play(symbols: tuple[str, ...], money: str, **other: Any) -> None:
        exchange, _ = binance()
        exchange.markets[BTC].update(other)
        with pytest.raises(UsageError):
            await markets_of(exchange, symbols, Decimal(money))

    asyncio.run(play(("DOGE/EUR",), "0.00000001"))
    asyncio.run(play((BTC,), "0.01"))
    asyncio.run(play((BTC,), "0.00000001", inverse=True))
    asyncio.run(play((BTC,), "0.00000001", precision={"price": None, "amount": 1e-5}))
    asyncio.run(play((BTC, ETH), "0.00000001", quote="USDC"))
    asyncio.run(play((BTC, ETH), "0.00000001", base="ETH"))


@pytest.mark.parametrize(
    "value", [None, float("nan"), float("inf"), -0.00001, 0.000015, True, "", "x", 0.1 + 0.2]
)
def test_a_value_that_is_no_whole_number_of_steps_is_unreadable(value: object) -> None:
    with pytest.raises(Unreadable):
        steps(value, Decimal("0.00001"))


@pytest.mark.parametrize("value", [0.3, "0.3", Decimal("0.30000")])
def test_a_float_is_read_by_the_text_that_the_venue_sent(value: object) -> None:
    assert steps(value, Decimal("0.00001")) == 30_000


# ---- fees and venues without trade ids -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fee", "ways", "money", "lots"),
    [
        (("0.1", "USDT"), AT_ONCE, 10_000_000, 0),
        (("0.000000001", "USDT"), AT_ONCE, 1, 0),  # rounded up to a unit of money
        (("0.0004", "BTC"), AT_ONCE, 0, 40),
        (("0.00000123", "BTC"), AT_ONCE, 0, 1),  # rounded up to a lot
        (("0.01", "BNB"), Ways(rates=(("BNB", Decimal(600)),)), 600_000_000, 0),
        (("0.01", "BNB"), AT_ONCE, 2_000_000_000, 0),  # no rate is known: the market's taker fee of 20,000
    ],
)
def test_a_fee_is_booked_in_money_or_in_lots(fee: tuple[str, str], ways: Ways, money: int, lots: int) -> None:
    async def play() -> tuple[object, ...]:
        exchange, _ = binance(ok(order("FILLED", "0.4", origQty="0.4")), ok([trade(fee=fee)]))
        return await CcxtBroker(exchange, (MARKET,), ways=ways).send(FetchOrder("p1a1"))

    booked = fill(56, 40_000, money, lots)
    assert asyncio.run(play()) == (Status("p1a1", "found", "closed", (booked,), 40_000),)


def cumulated(filled: float, average: float, before: Booked = Booked()) -> tuple[Any, Booked]:  # noqa: B008
    fee = {"currency": "USDT", "cost": filled * 50}
    raw = {"side": "buy", "filled": filled, "average": average, "fee": fee}
    return increase(MARKET, "p1a1", None, raw, before, {})


def test_each_increase_is_one_fill_named_by_what_is_filled_then() -> None:
    (first,), booked = cumulated(0.4, 50_000.0)
    (second,), after = cumulated(1.0, 50_600.0, booked)

    assert (first.trade_id, first.amount, first.price) == ("p1a1 at 40000", 40_000, 5_000_000)
    assert (second.trade_id, second.amount, second.price) == ("p1a1 at 100000", 60_000, 5_100_000)
    assert first.fee_money + second.fee_money == 50 * 10**8
    assert cumulated(1.0, 50_600.0, after) == ((), after)
    assert cumulated(0.4, 50_000.0, after) == ((), after)  # an answer that comes late


def test_after_a_restart_what_is_booked_already_is_no_increase() -> None:
    (fill,), _ = cumulated(1.0, 50_000.0, Booked(40_000))

    assert (fill.amount, fill.price, fill.fee_money) == (60_000, 5_000_000, 30 * 10**8)


def test_the_price_of_an_increase_is_rounded_so_that_it_is_paid_too_dear() -> None:
    (fill,), _ = cumulated(0.4, 50_000.001)
    assert fill.price == 5_000_001
