"""I13: the breakers of money lost trip at the number that a recount gives, no earlier and no later."""

from dataclasses import replace

import pytest

from hedgecheck.invariants import MarketTerms, Terms, risk_number_is_right
from hedgecheck.messages import BadPrice, CashFlow, NewDay, Price, Restarted, Told
from tests.unit.kit.traces import CASH, Records, alert, buy, fill, heard, is_broken, judge, sell, status

MARKETS = (MarketTerms("AAA", 100), MarketTerms("BBB", 100, tick_lot_value=3))
TERMS = Terms(CASH, MARKETS, daily_loss_bps=200)
DEEP = replace(TERMS, daily_loss_bps=0, drawdown_bps=200)
HELD = heard(buy(amount=1_000))  # a tick of AAA is 1,000; 2 % of the cash is 20,000
TRIPS = alert("daily_loss#1", "BREAKER_TRIPPED")
SINKS = alert("drawdown#1", "BREAKER_TRIPPED")


def price(ticks: int, symbol: str = "AAA") -> Told:
    """The engine hears a price."""
    return Told(Price(symbol, ticks))


def wrong(*records, terms=TERMS) -> bool:
    """Whether the rule is broken at the end of the records of one step."""
    return is_broken(judge(risk_number_is_right, records, terms=terms))


# ---- early and late ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("ticks", "is_due"), [(120, False), (81, False), (80, True), (79, True)])
def test_a_loss_of_two_per_cent_trips_and_one_tick_less_does_not(ticks: int, is_due: bool) -> None:
    assert wrong(HELD, price(ticks)) is is_due
    assert wrong(HELD, price(ticks), TRIPS) is not is_due


@pytest.mark.parametrize(("fee", "is_due"), [(19_999, False), (20_000, True)])
def test_fees_are_lost_too(fee: int, is_due: bool) -> None:
    assert wrong(heard(buy(amount=1_000), fee_money=fee)) is is_due


def test_what_is_lost_for_good_counts_as_what_is_lost_on_paper() -> None:
    closed = heard(sell("Y", amount=1_000), price=80)

    assert wrong(HELD, closed)
    assert not wrong(HELD, closed, price(100), TRIPS)


def test_a_tick_is_worth_what_its_market_says() -> None:
    short = heard(sell(amount=1_000, symbol="BBB"))

    assert not wrong(short, price(106, "BBB"))
    assert wrong(short, price(107, "BBB"))


def test_a_fee_in_the_asset_itself_is_not_held() -> None:
    assert wrong(heard(buy(amount=1_000), fee_lots=200))
    assert not wrong(heard(buy(amount=1_000), fee_lots=199))


def test_an_execution_counts_once_however_often_it_is_told() -> None:
    again = status("found", "closed", fill(buy(amount=1_000)))

    assert not wrong(HELD, again, price(81))
    assert wrong(HELD, again, price(80))
    assert wrong(again, price(80))


def test_a_trip_without_any_cause_is_early() -> None:
    assert wrong(TRIPS)
    assert wrong(HELD, price(81), TRIPS)
    assert wrong(HELD, price(81), TRIPS, price(80))


def test_a_trip_that_came_too_late_is_remembered_until_it_comes() -> None:
    late: Records = (HELD, price(80), price(100))

    assert wrong(*late)
    assert not wrong(*late, TRIPS)


def test_a_held_symbol_without_a_price_trips_and_another_does_not() -> None:
    assert wrong(HELD, Told(BadPrice("AAA", "nan")))
    assert not wrong(HELD, Told(BadPrice("AAA", "nan")), TRIPS)
    assert not wrong(HELD, Told(BadPrice("BBB", "nan")))
    assert not wrong(HELD, heard(sell("Y", amount=1_000)), Told(BadPrice("AAA", "nan")))


def test_without_a_price_a_short_position_is_no_gain() -> None:
    short = heard(sell(amount=1_000))

    assert wrong(short, Told(BadPrice("AAA", "0")))
    assert not wrong(short, Told(BadPrice("AAA", "0")), TRIPS)


def test_told_again_after_a_restart_it_is_no_second_trip() -> None:
    assert not wrong(HELD, price(80), TRIPS, price(100), Restarted(), TRIPS)
    assert not wrong(HELD, price(80), TRIPS, price(100), alert("daily_loss#2", "BREAKER_TRIPPED"))


@pytest.mark.parametrize(
    "other",
    [
        alert("manual#1", "BREAKER_TRIPPED"),
        alert("daily_loss#8000", "BREAKER_WARNING"),
        alert("p1"),
    ],
)
def test_other_alerts_are_none_of_its_business(other) -> None:
    assert not wrong(HELD, other)
    assert wrong(HELD, price(80), other)


# ---- days ----------------------------------------------------------------------------------------------


def test_a_new_day_measures_from_its_own_opening() -> None:
    down: Records = (HELD, price(90), NewDay(1))

    assert not wrong(*down, price(71))
    assert wrong(*down, price(70))
    assert wrong(*down, price(71), TRIPS)


@pytest.mark.parametrize("day", [1, 0, -1])
def test_a_day_that_is_repeated_or_goes_back_begins_nothing(day: int) -> None:
    assert wrong(HELD, NewDay(1), price(90), NewDay(day), price(80))
    assert not wrong(HELD, NewDay(1), price(90), NewDay(2), price(80))


def test_a_day_that_comes_closed_is_no_session_and_the_one_after_it_is() -> None:
    weekend: Records = (HELD, price(90), NewDay(1, "closed"), NewDay(2, "closed"))

    assert wrong(*weekend, price(80))
    assert not wrong(*weekend, NewDay(2, "pre_market"), price(71))


def test_a_day_that_begins_without_a_price_goes_on_as_before() -> None:
    blind: Records = (HELD, Told(BadPrice("AAA", "nan")), TRIPS, NewDay(1))

    assert not wrong(*blind)
    assert not wrong(*blind, price(10))


# ---- drawdown ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ticks", "is_due"), [(130, False), (129, True)])
def test_a_fall_of_two_per_cent_from_the_top_trips_the_drawdown_breaker(ticks: int, is_due: bool) -> None:
    top: Records = (HELD, price(150), NewDay(1))  # 1,050,000, of which 2 % is 21,000

    assert wrong(*top, price(ticks), terms=DEEP) is is_due
    assert wrong(*top, price(ticks), SINKS, terms=DEEP) is not is_due


def test_the_top_is_never_lower_than_it_was() -> None:
    assert wrong(HELD, price(150), price(140), price(129), terms=DEEP)


def test_without_a_drawdown_breaker_a_fall_is_no_matter() -> None:
    assert not wrong(HELD, price(150), NewDay(1), price(131))
    assert wrong(HELD, price(150), SINKS)


def test_without_a_daily_loss_breaker_a_loss_is_no_matter() -> None:
    assert not wrong(HELD, price(10), SINKS, terms=DEEP)
    assert wrong(HELD, price(10), SINKS, TRIPS, terms=DEEP)


# ---- what is said --------------------------------------------------------------------------------------


def test_the_finding_names_the_numbers() -> None:
    late = judge(risk_number_is_right, (HELD, price(80)), terms=TERMS)
    early = judge(risk_number_is_right, (HELD, price(90), TRIPS), terms=TERMS)

    assert late.why == "daily_loss has not tripped: equity is 980000, 200 bps below 1000000 or lower"
    assert early.why == "daily_loss tripped at equity 990000, measured from 1000000: that is too early"


def test_before_anything_was_traded_there_is_nothing_to_break() -> None:
    assert judge(risk_number_is_right, (price(10),), terms=TERMS) == "vacuous"
    assert judge(risk_number_is_right, (HELD,), terms=TERMS) == "holds"


# ---- cash that flows -----------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [-500_000, 500_000])
def test_cash_that_flows_is_neither_profit_nor_loss(amount: int) -> None:
    both = replace(TERMS, drawdown_bps=200)

    assert not wrong(CashFlow(amount), terms=both)
    assert wrong(CashFlow(amount), TRIPS, terms=both)
    assert wrong(CashFlow(amount), SINKS, terms=both)


@pytest.mark.parametrize("amount", [-500_000, 500_000])
@pytest.mark.parametrize(("ticks", "is_due"), [(81, False), (80, True)])
def test_a_day_loses_a_share_of_its_opening_whatever_flowed_since(
    amount: int, ticks: int, is_due: bool
) -> None:
    assert wrong(HELD, CashFlow(amount), price(ticks)) is is_due
    assert wrong(CashFlow(amount), HELD, price(ticks)) is is_due
    assert wrong(HELD, price(90), CashFlow(amount), price(ticks)) is is_due
    assert wrong(HELD, CashFlow(amount), price(ticks), TRIPS) is not is_due


@pytest.mark.parametrize(("ticks", "is_due"), [(91, False), (90, True)])
def test_a_new_day_is_measured_from_what_is_left_after_a_withdrawal(ticks: int, is_due: bool) -> None:
    assert wrong(HELD, CashFlow(-500_000), NewDay(1), price(ticks)) is is_due


@pytest.mark.parametrize(
    ("amount", "ticks", "is_due"),
    [(-500_000, 91, False), (-500_000, 90, True), (500_000, 71, False), (500_000, 70, True)],
)
def test_the_highest_equity_moves_with_cash_that_flows(amount: int, ticks: int, is_due: bool) -> None:
    assert wrong(HELD, CashFlow(amount), price(ticks), terms=DEEP) is is_due
    assert wrong(HELD, CashFlow(amount), price(ticks), SINKS, terms=DEEP) is not is_due


def test_the_finding_tells_what_flowed() -> None:
    late = judge(risk_number_is_right, (HELD, CashFlow(-7), price(80)), terms=TERMS)
    early = judge(risk_number_is_right, (CashFlow(-7), TRIPS), terms=TERMS)

    assert late.why.startswith("daily_loss has not tripped: equity is 979993, 200 bps below 1000000 or lower")
    assert late.why.endswith(", -7 of cash that flowed apart")
    assert early.why == "daily_loss tripped at equity 999993, measured from 999993: that is too early"
    assert CashFlow in risk_number_is_right.judged_after


@pytest.mark.parametrize(("left", "is_due"), [(1, False), (0, True), (-1, True)])
def test_a_day_that_opens_with_nothing_has_lost_all(left: int, is_due: bool) -> None:
    opens = (CashFlow(left - CASH), NewDay(1))

    assert wrong(*opens) is is_due
    assert wrong(*opens, TRIPS) is not is_due
    assert NewDay in risk_number_is_right.judged_after
