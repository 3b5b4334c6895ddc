"""The S&P 500, 1999 to 2018, held in full: the breakers trip on the days that numpy says, and on no other.

Closes are read at run time from the package ``arch``. The other leg of the pair stands still.
"""

from hashlib import sha256

import numpy as np
import pytest
from arch.data import sp500

from core import engine
from core.messages import (
    BreakerResetRequested,
    Fill,
    HighWaterMarkRebased,
    OrderFilled,
    OrderId,
    PriceMoved,
    RaiseAlert,
    SessionChanged,
    SignalId,
    SignalReceived,
)
from core.settings import MANUAL, BreakerRule, Instrument, Limits, Settings
from core.units import BasisPoints, Lots, Money, Ticks

SIGNAL = SignalId("p", 1)
LOTS = 1_000
CAPS = ("position_bps", "gross_bps", "heat_bps", "strategy_bps", "net_bps", "leverage_bps", "cluster_bps")
LIMITS = Limits(**dict.fromkeys(CAPS, BasisPoints(1_000_000)))
LINKS = 1_000


def closes() -> np.ndarray:
    """Daily closes in ticks of a hundredth, oldest first."""
    return np.rint(sp500.load()["Close"].to_numpy() * 100).astype(np.int64)


def chain() -> list[str]:
    """Codes for as many trips as there can be, the public end first."""
    values = [sha256(b"real prices").hexdigest()]
    for _ in range(LINKS):
        values.append(sha256(values[-1].encode()).hexdigest())
    return values[::-1]


CODES = chain()


def holding(rule: BreakerRule, first: int) -> engine.State:
    """An engine whose equity is the index at its first close, so that a loss of it is a loss of equity."""
    settings = Settings(
        (Instrument("CASH"), Instrument("SPX")),
        LIMITS,
        reset_anchors=((rule.name, CODES[0]),),
        breakers=(rule, MANUAL),
    )
    state = engine.initial(settings, Money(first * LOTS))
    for event in (
        PriceMoved("SPX", Ticks(first)),
        PriceMoved("CASH", Ticks(1)),
        SignalReceived(SIGNAL, "SPX", "buy", Lots(LOTS), "CASH", "sell", Lots(1)),
        OrderFilled(OrderId(SIGNAL, "entry", 1), Fill("t1", Lots(LOTS), Ticks(first))),
        OrderFilled(OrderId(SIGNAL, "hedge", 1), Fill("t2", Lots(1), Ticks(1))),
    ):
        state, _ = engine.step(state, event)
    assert engine.equity(state) == first * LOTS
    return state


def tripped_days(rule: BreakerRule, prices: np.ndarray) -> list[int]:
    """The days on which the breaker trips. After each trip the mark is rebased, and somebody resets it with
    the next code; the day after begins as days do."""
    state, days, link = holding(rule, int(prices[0])), [], 0
    for day, price in enumerate(prices[1:], start=1):
        state, commands = engine.step(state, PriceMoved("SPX", Ticks(int(price))))
        if any(isinstance(each, RaiseAlert) and each.kind == "BREAKER_TRIPPED" for each in commands):
            days.append(day)
            link += 1
        state, _ = engine.step(state, SessionChanged(day))
        if days[-1:] == [day]:
            state, _ = engine.step(state, HighWaterMarkRebased())
            state, _ = engine.step(state, BreakerResetRequested(rule.name, CODES[link]))
            assert not engine.summary(state).halted
    return days


@pytest.mark.covers("EM-09", "TC-CB-001")
@pytest.mark.parametrize("bps", [100, 200, 300])
def test_daily_loss_trips_on_exactly_the_days_that_lost_so_much(bps: int):
    prices = closes()
    change = prices[1:] * 10_000 - prices[:-1] * (10_000 - bps)

    expected = (np.flatnonzero(change <= 0) + 1).tolist()

    assert tripped_days(BreakerRule("daily_loss", "daily_loss", bps), prices) == expected
    assert len(expected) > 50


@pytest.mark.covers("EM-08")
@pytest.mark.parametrize("bps", [500, 1_000, 2_000])
def test_drawdown_trips_on_exactly_the_days_that_were_so_far_below_the_top(bps: int):
    prices = closes()
    expected, start = [], 0
    while True:
        top = np.maximum.accumulate(prices[start:])
        below = np.flatnonzero(prices[start:] * 10_000 <= top * (10_000 - bps))
        if not below.size:
            break
        start += int(below[0])
        expected.append(start)

    assert tripped_days(BreakerRule("drawdown", "drawdown", bps), prices) == expected
    assert len(expected) > 3


def test_the_worst_days_are_among_them():
    frame = sp500.load()
    days = tripped_days(BreakerRule("daily_loss", "daily_loss", 700), closes())

    assert [str(frame.index[day].date()) for day in days] == [
        "2008-09-29",
        "2008-10-09",
        "2008-10-15",
        "2008-12-01",
    ]
