"""What the core does where markets are thin: signals are refused or made smaller, entries that rest go, and
what lowers risk is sent all the same."""

import numpy as np
import pytest

from core.messages import CancelOrder, OrderAccepted, OrderFilled, OrderId, SubmitOrder
from core.messages.ids import Fill
from hedgecheck.marketdata import (
    DepthChange,
    Liquidity,
    LiquidityDrain,
    LowLiquidity,
    Market,
    SpreadWidening,
    generate,
    square_root_impact,
)
from tests.integration.conditions import SYMBOLS, Trader

BOOK = Liquidity(volume=1_000_000, depth=5_000, spread_bps=5)


def market(*conditions, bars=100) -> Market:
    """A market of both symbols in which nothing else happens."""
    return generate(SYMBOLS, bars=bars, seed=3, conditions=conditions, liquidity=BOOK)


def refusals(trader: Trader, of: Market, lots: int) -> list[str | None]:
    """What a signal of so many lots would be told after each bar."""
    return [trader.refusal(lots) for _ in trader.live(of)]


def depths(of: Market) -> np.ndarray:
    """Lots that each bar offers in the thinner of both books."""
    return of.in_ticks(0.01).depth.min(axis=1)


@pytest.mark.covers("TC-MC-006")
def test_what_ordinary_books_bear_is_refused_while_liquidity_is_low():
    thin = market(LowLiquidity(40, 20, 0.1, spread=1.0))

    told = refusals(Trader(participation_bps=1_000), thin, 200)

    assert set(told[:40]) == set(told[60:]) == {None}
    assert set(told[40:60]) == {"PARTICIPATION"}


@pytest.mark.covers("TC-MC-007")
def test_entry_that_rests_goes_in_the_bar_in_which_its_book_drains_and_none_leaves_after_it():
    dry = market(LiquidityDrain(30, 40, left=0.01))
    trader, lots = Trader(participation_bps=1_000), 100
    borne = depths(dry) * 1_000 >= lots * 10_000
    drained = int(np.flatnonzero(~borne)[0])
    gone = []

    for bar in trader.live(dry):
        if bar == 20:
            entry = trader.signal(lots, limit=1)
            order = OrderId(entry.signal, "entry", 1)
            trader.hear(entry, OrderAccepted(order))
        if CancelOrder(order) in trader.commands if bar > 20 else False:
            gone.append(bar)
        assert trader.refusal(lots) == (None if borne[bar] else "PARTICIPATION")

    assert gone == [drained]
    assert 30 < drained < 70


@pytest.mark.covers("TC-MC-007")
def test_what_was_filled_is_hedged_into_a_book_that_ran_dry():
    dry = market(LiquidityDrain(30, 40, left=0.01))
    trader = Trader(participation_bps=1_000)
    bars = trader.live(dry)
    next(bars)
    entry = trader.signal(100)
    trader.hear(entry)
    *_, _ = bars

    commands = trader.hear(OrderFilled(OrderId(entry.signal, "entry", 1), Fill("t1", 100, 10_000)))

    assert depths(dry)[-1] < 1_000
    assert [each.quantity for each in commands if isinstance(each, SubmitOrder)] == [100]


@pytest.mark.covers("TC-MC-008")
def test_largest_signal_follows_the_depth_of_the_book():
    of = market(DepthChange(30, 20, 0.25), DepthChange(60, 20, 3.0))
    trader = Trader(participation_bps=1_000)

    largest = [trader.largest(10_000) for _ in trader.live(of)]

    assert largest == (depths(of) // 10).tolist()
    assert max(largest[30:50]) < min(largest[60:80]) / 3


@pytest.mark.covers("TC-MC-009")
def test_no_entry_leaves_while_a_spread_is_too_wide():
    wide = market(SpreadWidening(40, 20, 10.0))

    told = refusals(Trader(spread_bps=30), wide, 1)

    assert set(told[:40]) == set(told[60:]) == {None}
    assert set(told[40:60]) == {"SPREAD"}


@pytest.mark.covers("TC-MC-010")
@pytest.mark.parametrize("limit", [10, 25])
def test_largest_signal_is_the_one_whose_impact_the_limit_allows(limit):
    of, daily = market(bars=20), 0.02
    trader = Trader(impact_bps=limit, volatility=round(daily * 10_000))
    volumes = of.in_ticks(0.01).volume.min(axis=1)

    for bar in trader.live(of):
        lots = trader.largest(10**7)
        cost = square_root_impact(lots, float(volumes[bar]), daily) * 10_000
        more = square_root_impact(lots + 1, float(volumes[bar]), daily) * 10_000
        assert cost <= limit * (1 + 1e-9) < more * (1 + 2e-9)
