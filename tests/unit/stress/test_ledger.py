"""The books of a run, against sums that are written out."""

import pytest

from hedgecheck.messages import Alert, CreateOrder, Filled, Intent, Sent
from hedgecheck.stress.account import Account
from hedgecheck.stress.exchange import Fill
from hedgecheck.stress.ledger import Ledger
from hedgecheck.stress.settings import SETTINGS
from tests.unit.stress.places import CASH, LONG, PRICE, Place

PAIR = Intent("p1", "AAA", "buy", 1_000, "BBB", "sell", 500, stop_a=9_500, stop_b=10_500)
FEE_BPS = SETTINGS.fee_bps


def fee(*notionals: int) -> int:
    """What the venue takes of each, in minor units."""
    return sum(notional * FEE_BPS // 10_000 for notional in notionals)


def traded(price: int = 10_300) -> Place:
    """Bought at 10,000, sold again at another price."""
    place = Place()
    place.ask()
    place.price(price)
    place.leave()
    return place


def record(ledger: Ledger):
    (found,) = ledger.trade_records()
    return found


def of(ledger: Ledger, status: str) -> list[str]:
    return [each.order for each in ledger.execution_results() if each.status == status]


# ---- one leg -------------------------------------------------------------------------------------------


@pytest.mark.covers("SM-03")
def test_purchase_moves_cash_into_a_position_and_takes_a_fee():
    place = Place()
    place.ask()
    ledger, cost = place.ledger, fee(1_000 * PRICE)

    assert ledger.positions == {"AAA": 1_000} == place.held
    assert ledger.cash == CASH - 1_000 * PRICE - cost
    assert ledger.equity() == CASH - cost
    assert ledger.held() == (1_000 * PRICE, 1)
    assert ledger.heat() == 1_000 * 500


@pytest.mark.covers("SM-03")
def test_round_trip_brings_the_difference_less_both_fees():
    ledger = traded().ledger
    cost = fee(1_000 * PRICE, 1_000 * 10_300)
    made = 1_000 * 300 - cost

    assert ledger.cash == ledger.equity() == CASH + made
    assert ledger.positions["AAA"] == 0
    assert ledger.realized() == made
    trade = record(ledger)
    assert (trade.entry_price, trade.exit_price) == (100.0, 103.0)
    assert trade.pnl == pytest.approx(made * 1e-5)
    assert trade.fees == pytest.approx(cost * 1e-5)
    assert (trade.reason, trade.quantity) == ("signal", 1.0)


def test_what_is_open_is_not_realized_and_stands_at_the_last_price():
    place = Place()
    place.ask()
    place.price(10_200)
    trade = record(place.ledger)

    assert place.ledger.realized() == 0
    assert trade.pnl == pytest.approx((1_000 * 200 - fee(1_000 * PRICE)) * 1e-5)
    assert (trade.exit_bar, trade.exit_price, trade.reason) == (None, None, "open")


def test_worst_and_best_are_those_of_the_bars_that_were_marked():
    place = Place()
    place.ask()
    for ticks in (9_800, 10_400, 10_100):
        place.price(ticks)
        place.ledger.mark()
    place.price(10_900)
    place.price(10_100)

    trade, cost = record(place.ledger), fee(1_000 * PRICE)
    assert trade.mae == pytest.approx((-200_000 - cost) * 1e-5)
    assert trade.mfe == pytest.approx((400_000 - cost) * 1e-5)


def test_stop_ends_a_trade_for_that_reason():
    place = Place()
    place.ask()
    place.price(9_500)

    trade = record(place.ledger)
    assert (trade.reason, trade.exit_price) == ("stop", 95.0)
    assert place.ledger.realized() == place.ledger.equity() - CASH == -1_000 * 500 - fee(10**7, 9_500_000)


def test_least_equity_is_of_every_price_and_fill_on_the_way():
    place = Place()
    place.ask()
    place.ledger.price("AAA", 9_700)
    place.ledger.price("AAA", 10_100)

    assert place.ledger.low == CASH - fee(1_000 * PRICE) - 1_000 * 300


# ---- two legs ------------------------------------------------------------------------------------------


@pytest.mark.covers("SM-03")
def test_pair_is_one_trade_of_both_legs():
    place = Place(symbols=("AAA", "BBB"))
    place.ask(PAIR)
    place.price(10_200)
    place.price(10_100, "BBB")

    ledger, cost = place.ledger, fee(1_000 * PRICE, 500 * PRICE)
    assert ledger.positions == {"AAA": 1_000, "BBB": -500} == place.held
    assert ledger.held() == (1_000 * 10_200 + 500 * 10_100, 2)
    assert ledger.heat() == 1_000 * 700 + 500 * 400
    trade = record(ledger)
    assert (trade.symbol, trade.hedge, trade.quantity) == ("AAA", "BBB", 1.0)
    assert trade.pnl == pytest.approx((1_000 * 200 - 500 * 100 - cost) * 1e-5)


def test_pair_is_over_when_neither_leg_holds_anything():
    place = Place(symbols=("AAA", "BBB"))
    place.ask(PAIR)
    place.ledger.bar = 3
    place.leave(PAIR)

    assert place.ledger.open == {}
    assert record(place.ledger).exit_bar == 3
    assert record(place.ledger).pnl == pytest.approx(-fee(*[1_000 * PRICE, 500 * PRICE] * 2) * 1e-5)


def test_heat_of_a_leg_without_a_stop_is_all_of_it():
    place = Place()
    place.ask(Intent("s1", "AAA", "buy", 1_000, "", "sell", 0))

    assert place.ledger.heat() == 1_000 * PRICE


# ---- orders --------------------------------------------------------------------------------------------


@pytest.mark.covers("SM-04")
def test_order_says_what_it_asked_for_got_and_cost_and_how_long_it_took():
    place = Place()
    place.ask()

    bought, stop = place.ledger.execution_results()
    assert (bought.status, bought.requested, bought.filled) == ("filled", 1.0, 1.0)
    assert (bought.price, bought.reference_price) == (100.0, 100.0)
    assert bought.fee == pytest.approx(fee(1_000 * PRICE) * 1e-5)
    assert bought.latency_ns == 200_000_000  # there and back
    assert (stop.status, stop.filled, stop.price, stop.reference_price) == ("open", 0.0, None, 95.0)


@pytest.mark.covers("SM-04")
def test_price_slippage_spread_and_fees_of_an_order_are_those_of_all_its_fills():
    ledger = Place().ledger
    ledger.asked(LONG, "s")
    ledger.hear(Sent(CreateOrder("o", "AAA", "buy", 1_000, intent="s1")), 0)
    fills = (600, 10_009, 7.0, 2.0), (300, 10_021, 18.0, 3.0)
    for lots, price, slippage, spread in fills:
        ledger.cost("o", Fill(lots, price, slippage, spread))
        ledger.hear(Filled("o", f"t{lots}", "AAA", "buy", lots, price, 40), 10)

    (order,) = ledger.execution_results()
    assert (order.status, order.filled) == ("partially_filled", pytest.approx(0.9))
    assert order.price == pytest.approx((600 * 100.09 + 300 * 100.21) / 900)
    assert order.slippage == pytest.approx((600 * 7 + 300 * 18) * 1e-5)
    assert order.spread_cost == pytest.approx((600 * 2 + 300 * 3) * 1e-5)
    assert order.fee == pytest.approx(80e-5)
    assert ledger.cash == CASH - 600 * 10_009 - 300 * 10_021 - 80


def test_what_holds_something_while_its_entry_is_under_way_is_held_once():
    ledger = Place().ledger
    found = Account(ledger, 0)
    ledger.asked(LONG, "s")
    found.close()
    assert [(each.intent, each.quantity) for each in found.view().holdings] == [("s1", 0.0)]

    ledger.hear(Sent(CreateOrder("o", "AAA", "buy", 1_000, intent="s1")), 0)
    ledger.hear(Filled("o", "t", "AAA", "buy", 600, PRICE), 10)
    found.close()

    assert [(each.intent, each.quantity) for each in found.view().holdings] == [("s1", 0.6)]
    assert found.view().pending == ("s1",)


@pytest.mark.covers("SM-04")
def test_order_that_fills_in_part_is_told_so_and_its_trade_holds_as_much():
    place = Place()
    place.exchange.fills = [400]
    place.ask(seconds=0.15)
    place.leave(seconds=600)

    bought = place.ledger.execution_results()[0]
    assert bought.filled >= 0.4
    assert sum(place.held.values()) == place.ledger.positions["AAA"]
    assert place.ledger.cash + sum(place.ledger.positions.values()) * PRICE == place.ledger.equity()


@pytest.mark.covers("SM-04", "SE-12")
def test_order_that_is_refused_by_the_venue_or_lost_has_failed():
    refused, lost = Place(), Place()
    refused.exchange.fails = ["rejected"]
    lost.exchange.fails = ["request_lost"]
    refused.ask(seconds=600)
    lost.ask(seconds=3_600)

    first = refused.ledger.execution_results()[0]
    assert (first.status, first.reason) == ("rejected", "INSUFFICIENT_BALANCE")
    assert refused.ledger.failures == 1
    first = lost.ledger.execution_results()[0]
    assert (first.status, first.reason) == ("failed", "REQUEST_LOST")
    assert lost.ledger.failures >= 1


@pytest.mark.covers("SM-04")
def test_order_whose_reply_was_lost_is_unknown_until_its_fate_is_and_counts_as_a_ghost():
    place = Place()
    place.exchange.fails = ["reply_lost"]
    place.ask(seconds=3_600)

    first = place.ledger.execution_results()[0]
    assert first.status == "filled"
    assert place.held == {"AAA": 1_000} == dict(place.ledger.positions)
    assert place.ledger.failures <= 1
    assert place.ledger.ghosts == place.ledger.failures


def test_stop_that_is_not_needed_any_more_is_canceled():
    assert of(traded().ledger, "canceled") == ["s1s1"]


def test_intent_that_the_engine_does_not_let_in_is_counted_by_reason():
    place = Place()
    place.ask(Intent("s1", "AAA", "buy", 900_000, "", "sell", 0, stop_a=9_500))

    assert dict(place.ledger.refusals) == {"POSITION_CAP": 1}
    assert place.ledger.trade_records() == ()
    assert place.ledger.pending == {}


def test_trips_and_trades_that_wait_for_a_person_have_their_bars():
    ledger = Place().ledger
    ledger.bar = 7

    ledger.hear(Alert("drawdown#1", "BREAKER_TRIPPED"), 0)
    ledger.hear(Alert("s1", "TRADE_PARKED"), 0)

    assert ledger.trips == [(7, "drawdown")]
    assert ledger.parked == {"s1": (7, "TRADE_PARKED")}
