"""A market as it arrives: every bar once, in order, with nothing of what is to come."""

import asyncio
from itertools import islice

import pytest

from hedgecheck import UsageError
from hedgecheck.marketdata import Feed, FlashCrash, generate

MARKET = generate(["A", "B"], bars=50, seed=1, conditions=(FlashCrash(10),))


@pytest.mark.covers("TI-03")
def test_bars_come_once_in_order_all_symbols_together():
    found = list(Feed(MARKET))

    assert len(found) == 50
    assert [[each.symbol for each in bars] for bars in found] == [["A", "B"]] * 50
    for index, bars in enumerate(found):
        for column, bar in enumerate(bars):
            assert (bar.index, bar.time_ns) == (index, MARKET.time_ns[index])
            for name in (
                "open",
                "high",
                "low",
                "close",
                "volume",
                "spread_bps",
                "depth",
                "implied_volatility",
            ):
                assert getattr(bar, name) == getattr(MARKET, name)[index, column]


def test_feed_begins_anew_for_each_who_listens():
    feed = Feed(MARKET)

    assert list(islice(feed, 3)) == list(islice(feed, 3))


def test_bid_and_ask_are_a_spread_apart_about_the_close():
    (bar, _) = next(iter(Feed(MARKET)))

    assert (bar.ask - bar.bid) / bar.close * 10_000 == pytest.approx(bar.spread_bps)
    assert (bar.ask + bar.bid) / 2 == pytest.approx(bar.close)


@pytest.mark.covers("TI-03")
def test_stream_lets_time_pass_before_each_bar():
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    async def listened():
        return [(len(slept), bars[0].index) async for bars in Feed(MARKET).stream(0.25, sleep)]

    heard = asyncio.run(listened())

    assert heard == [(index + 1, index) for index in range(50)]
    assert slept == [0.25] * 50


def test_negative_seconds_are_refused():
    async def listened():
        return [bars async for bars in Feed(MARKET).stream(-1)]

    with pytest.raises(UsageError, match="seconds_per_bar is -1"):
        asyncio.run(listened())
