"""Halts are those that the rules of US exchanges would call for at those prices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import prices
from hedgecheck.stress.regulation import market_wide_halts, price_band_halts
from hedgecheck.stress.stressed import TradingHalt, Window
from hedgecheck.stress.transforming import Halts, transformed, unstressed
from tests.unit.stress.markets import DAY_NS, HOUR_NS, PLAIN, made

MINUTE_NS = HOUR_NS // 60
CALM = [100.0] * 12


def level(number, start, end):
    return TradingHalt(Window(start, end), f"LEVEL_{number}")


def pause(start, end, symbol="A"):
    return TradingHalt(Window(start, end, (symbol,)), "LULD")


@pytest.mark.covers("ST-13")
@pytest.mark.parametrize(
    ("closes", "halts"),
    [
        ([93.01] * 3, []),
        ([93.0] * 3, [level(1, 13, 14)]),
        ([93.0, 92.0, 87.0, 86.0], [level(1, 13, 14), level(2, 15, 16)]),
        ([87.0, 93.0, 100.0, 92.0], [level(2, 13, 14)]),  # level 1 is spent with level 2
        ([80.0, 70.0], [level(3, 13, 24)]),
    ],
)
def test_all_trading_halts_where_the_index_falls_to_a_level(closes, halts):
    market = made(CALM + closes + [closes[-1]] * (12 - len(closes)) + [closes[-1]] * 5)

    assert market_wide_halts(market) == tuple(halts)


def test_halt_lasts_fifteen_minutes_and_levels_count_from_the_close_of_the_day_before():
    bars = 24 * 12  # of five minutes
    market = made([100.0] * (bars - 1) + [90.0] + [90.0] * 20 + [83.0] * 20, 5 * MINUTE_NS)

    assert market_wide_halts(market) == (level(1, bars + 21, bars + 24),)


def test_levels_one_and_two_halt_nothing_in_the_last_35_minutes_and_level_three_does():
    bars = 24 * 12  # of five minutes

    def halts(fall, bars_left):
        return market_wide_halts(made([100.0] * (bars - bars_left - 1) + [fall] * 20, 5 * MINUTE_NS))

    assert halts(90.0, 8) == (level(1, bars - 8, bars - 5),)
    assert halts(90.0, 7) == halts(86.0, 7) == ()
    assert halts(79.0, 6) == (level(3, bars - 6, bars),)


def test_index_is_of_all_symbols():
    closes = np.full((24, 2), 100.0)
    closes[12:, 0] = 87.0
    halted = closes.copy()
    halted[12:, 0] = 85.0

    assert market_wide_halts(made(closes, symbols=("A", "B"))) == ()
    assert market_wide_halts(made(halted, symbols=("A", "B"))) == (level(1, 13, 14),)


def test_daily_closes_stand_in_and_halt_the_day_after():
    assert market_wide_halts(made([100, 93, 92, 80, 79], DAY_NS)) == (level(1, 2, 3), level(2, 4, 5))
    days = prices.daily("sp500")
    index = made([float(day.close) for day in days], DAY_NS, price=float(days[0].open))

    found = {days[each.window.start - 1].date: each.why for each in market_wide_halts(index)}
    assert found == dict.fromkeys(("2008-09-29", "2008-10-09", "2008-10-15", "2008-12-01"), "LEVEL_1")


@pytest.mark.covers("ST-13")
@pytest.mark.parametrize(
    ("close", "price", "halts"),
    [
        (95.01, 100.0, []),
        (95.0, 100.0, [pause(13, 14)]),
        (105.0, 100.0, [pause(13, 14)]),
        (104.99, 100.0, []),
        (1.7, 2.0, []),  # 20 % where the price is below 3 dollars
        (1.6, 2.0, [pause(13, 14)]),
        (0.36, 0.5, []),  # 15 cents below 75
        (0.35, 0.5, [pause(13, 14)]),
        (0.0000095, 0.00001, []),
    ],
)
def test_symbol_pauses_where_it_leaves_its_band(close, price, halts):
    market = made([price] * 12 + [close] * 6, price=price)

    assert price_band_halts(market) == tuple(halts)


def test_pause_is_of_five_minutes_and_the_reference_price_is_new_after_it():
    calm = [100.0] * 600
    falling = made([*calm, 95.0, 90.0, 85.0, 85.0, 85.0, 85.0, 85.0, 85.0, 80.0, 80.0], MINUTE_NS)

    assert price_band_halts(falling) == (pause(601, 607), pause(609, 610))


def test_closes_of_a_pause_are_no_part_of_the_reference_price_after_it():
    paused = [95.0, 95.0, 95.0, 95.0, 95.0, 88.0]

    found = price_band_halts(made([100.0] * 600 + [95.0, *paused, 84.0, 84.0], MINUTE_NS))
    assert found == (pause(601, 607),)


def test_reference_price_is_the_mean_of_five_minutes():
    slowly = [100.0] * 600 + [99.0, 98.0, 97.0, 96.0, 95.0]  # of which the mean is 97, and 5 % below 92.15

    assert price_band_halts(made([*slowly, 92.16, 95.0], MINUTE_NS)) == ()
    assert price_band_halts(made([*slowly, 92.14, 95.0], MINUTE_NS)) == (pause(606, 607),)


def test_bands_are_doubled_in_the_last_25_minutes_and_the_last_pause_ends_with_the_day():
    before, late = [100.0] * (24 * 60 - 27), [100.0] * (24 * 60 - 25)
    last = [100.0] * (24 * 60 - 12)

    assert price_band_halts(made([*before, *[94.0] * 10], MINUTE_NS))[0] == pause(1_414, 1_420)
    assert price_band_halts(made([*late, *[94.0] * 10], MINUTE_NS)) == ()
    assert price_band_halts(made([*last, *[89.0] * 30], MINUTE_NS)) == (pause(1_429, 1_440),)


def test_symbols_pause_each_by_itself():
    closes = np.full((24, 2), 100.0)
    closes[12:, 1] = 90.0

    assert price_band_halts(made(closes, symbols=("A", "B"))) == (pause(13, 14, "B"),)


@given(st.lists(st.floats(0.8, 1.25), min_size=1, max_size=80), st.sampled_from([1, 5, 60, 24 * 60]))
def test_no_band_is_left_by_less_than_five_per_cent_nor_kept_beyond_by_ten(steps, minutes):
    market = made(100 * np.cumprod(steps), minutes * MINUTE_NS)
    halts = price_band_halts(market)

    paused = {bar for each in halts for bar in range(each.window.start, each.window.end)}
    for each in halts:
        assert each.window.start < each.window.end <= len(market)
    if minutes >= 60:
        for bar, step in enumerate(steps[:-1]):
            is_out = abs(step - 1) >= 0.0501 and bar not in paused
            assert not is_out or bar + 1 in paused or market.close[:bar, 0].min(initial=9) < 3


def test_halts_are_planned_from_the_start_of_the_stress_on():
    market = made([100.0] * 5 + [90.0] * 7 + [80.0] * 8)
    halts = [Halts(10, price_band_halts)]

    assert transformed(unstressed(market), halts).plan == (pause(13, 14),)
    assert transformed(unstressed(market), [Halts(0, price_band_halts)]).plan == (pause(6, 7), pause(13, 14))
    assert transformed(unstressed(PLAIN), halts).plan == price_band_halts(PLAIN)[0:0]
