"""Real daily closes through the core: a split loses nobody any money, a crash does."""

from itertools import pairwise

import pytest

from core import engine
from core.messages import (
    Fill,
    OrderFilled,
    OrderId,
    PriceMoved,
    RaiseAlert,
    SessionChanged,
    SignalId,
    SignalReceived,
)
from core.settings import Instrument, Limits, Settings
from core.units import BasisPoints, Lots, Money, Ticks
from hedgecheck.prices import Close, closes

TICKS_PER_UNIT = 10_000
SIGNAL = SignalId("p", 1)
LIMITS = Limits(gross_bps=BasisPoints(20_000), heat_bps=BasisPoints(20_000))


def ticks(close: Close) -> Ticks:
    return Ticks(int(close.price * TICKS_PER_UNIT))


def holding_a_tenth_in_aapl(price: Ticks) -> engine.State:
    """An engine whose equity is a tenth in AAPL, hedged with an instrument whose price stands still."""
    settings = Settings((Instrument("AAPL"), Instrument("CASH")), LIMITS)
    lots = Lots(100)
    state = engine.initial(settings, Money(10 * price * lots))
    entry, hedge = OrderId(SIGNAL, "entry", 1), OrderId(SIGNAL, "hedge", 1)
    for event in (
        PriceMoved("AAPL", price),
        PriceMoved("CASH", price),
        SignalReceived(SIGNAL, "AAPL", "buy", lots, "CASH", "sell", lots),
        OrderFilled(entry, Fill("t1", lots, price)),
        OrderFilled(hedge, Fill("t2", lots, price)),
    ):
        state, _ = engine.step(state, event)
    return state


def trips(before: Close, after: Close) -> bool:
    """Whether the daily-loss breaker trips on the day that closes at ``after``."""
    state = holding_a_tenth_in_aapl(ticks(before))
    state, _ = engine.step(state, SessionChanged(1))
    _, commands = engine.step(state, PriceMoved("AAPL", ticks(after)))
    return any(isinstance(each, RaiseAlert) and each.kind == "BREAKER_TRIPPED" for each in commands)


def day(date: str, series) -> tuple[Close, Close]:
    """The closes of the trading day before ``date`` and of ``date``."""
    days = closes("aapl", series)
    index = next(index for index, close in enumerate(days) if close.date == date)
    return days[index - 1], days[index]


@pytest.mark.parametrize("date", ["2000-06-21", "2005-02-28"])
def test_splits_do_not_trip_the_daily_loss_breaker(date: str):
    assert not trips(*day(date, "adjusted"))


@pytest.mark.parametrize("date", ["2000-06-21", "2005-02-28"])
def test_raw_closes_would_have_tripped_it_on_the_split(date: str):
    assert trips(*day(date, "raw"))


def test_crash_of_2000_09_29_trips_the_daily_loss_breaker():
    assert trips(*day("2000-09-29", "adjusted"))


def test_only_a_loss_of_a_fifth_in_a_day_trips_with_a_tenth_at_risk():
    days = closes("aapl")

    tripped = [after.date for before, after in pairwise(days) if trips(before, after)]

    fallen = [
        after.date for before, after in pairwise(days) if ticks(before) - ticks(after) >= ticks(before) / 5
    ]
    assert tripped == fallen
    assert "2000-09-29" in tripped
