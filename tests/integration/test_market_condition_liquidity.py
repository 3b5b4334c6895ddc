"""What the core does where markets are thin: signals are refused or made smaller, entries that rest go, and
what lowers risk is sent all the same."""

from dataclasses import replace

import numpy as np
import pytest

from core.messages import CancelOrder, OrderAccepted, OrderFilled, OrderId, SubmitOrder
from core.messages.ids import Fill
from hedgecheck import tape
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
from tests.integration.flow import CASH, FREE, Flow, booked, pair

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


# ---- the venue's own books ---------------------------------------------------------------------------------


def at_venue(*intents, **limits) -> Flow:
    """The core at a venue with books of 40 lots at each price, 2 apart; only these limits in reach."""
    return Flow(booked(*intents, bounds=replace(FREE, **limits)))


def told(flow: Flow, symbol: str, shape: str) -> Flow:
    """A book takes a shape, and the core hears of it."""
    return flow.do(tape.Reshape(symbol, shape)).hear_all()


def paid(flow: Flow) -> dict[str, list[tuple[int, int]]]:
    """Prices and lots of the venue's executions, by symbol."""
    return {
        symbol: [(each.price, each.amount) for each in flow.fills if each.symbol == symbol]
        for symbol in SYMBOLS
    }


@pytest.mark.covers("TC-MC-008")
def test_venue_walks_its_book_and_the_core_believes_every_price_that_it_paid():
    flow = at_venue(pair("p1")).signal().finish()

    assert paid(flow) == {"AAA": [(101, 40), (102, 40), (103, 20)], "BBB": [(99, 40), (98, 40), (97, 20)]}
    assert flow.outcomes == {"p1": "hedged"}
    assert flow.state.book.cash == flow.run.world.venue.cash == CASH - 10_180 + 9_820


@pytest.mark.covers("TC-MC-008")
def test_what_one_trade_took_from_a_book_is_not_there_for_the_next_until_it_refills():
    trades = (pair("p1", 30), pair("p2", 30), pair("p3", 30))
    flow = at_venue(*trades, participation_bps=10_000).signal(0).finish().signal(1).finish()

    assert flow.outcomes == {"p1": "hedged", "p2": "PARTICIPATION"}
    for symbol in SYMBOLS:
        told(flow, symbol, "opening")
    assert flow.signal(2).finish().outcomes["p3"] == "hedged"
    assert paid(flow) == {"AAA": [(101, 30), (101, 30)], "BBB": [(99, 30), (99, 30)]}


@pytest.mark.covers("TC-MC-006")
@pytest.mark.parametrize(("symbol", "shape"), [("AAA", "no_asks"), ("BBB", "no_bids"), ("AAA", "thin")])
def test_nothing_is_opened_in_a_book_without_the_side_that_it_would_take_from(symbol, shape):
    flow = told(at_venue(pair("p1", 40), pair("p2", 40), participation_bps=10_000), symbol, shape).signal(0)

    assert flow.finish().outcomes["p1"] in ("LIQUIDITY_UNKNOWN", "PARTICIPATION")
    assert told(flow, symbol, "deep").signal(1).finish().outcomes["p2"] == "hedged"


@pytest.mark.covers("TC-MC-006")
def test_an_empty_side_that_nobody_takes_from_stops_nothing():
    flow = told(at_venue(pair("p1", 40), participation_bps=10_000), "AAA", "no_bids").signal()

    assert flow.until_returned("p1").outcomes == {"p1": "hedged"}


@pytest.mark.covers("TC-MC-007")
def test_hedge_waits_at_a_venue_that_ran_dry_and_is_filled_once_it_is_not():
    flow = told(at_venue(pair("p1", 40), participation_bps=10_000).enter(0, 40), "BBB", "drained")

    assert [each.amount for each in flow.resting("BBB")] == [40]
    assert flow.believed().lots == {"AAA": 40}
    assert told(flow, "BBB", "opening").finish().believed().lots == {"AAA": 40, "BBB": -40}


@pytest.mark.covers("TC-MC-007")
def test_trade_whose_hedge_nobody_takes_in_time_is_flat_again():
    flow = told(at_venue(pair("p1", 40), participation_bps=10_000).enter(0, 40), "BBB", "drained")

    assert flow.settle_in_phase().believed().lots == {}
    assert flow.finish().outcomes == {"p1": "flattened"}


@pytest.mark.covers("TC-MC-007")
def test_entry_that_rests_at_the_venue_goes_when_its_book_drains():
    flow = at_venue(pair("p1", 40, price_a=100), participation_bps=10_000).enter(0)

    assert [each.amount for each in flow.resting("AAA")] == [40]
    told(flow, "AAA", "drained")
    assert flow.resting("AAA") == []
    assert flow.finish().outcomes == {"p1": "unfilled"}


@pytest.mark.covers("TC-MC-009")
def test_a_spread_that_widened_is_paid_by_the_hedge_and_by_no_entry():
    flow = at_venue(pair("p1", 40), pair("p2", 40), spread_bps=1_500).enter(0, 40)
    told(flow, "BBB", "wide").finish().signal(1).finish()

    assert flow.outcomes == {"p1": "hedged", "p2": "SPREAD"}
    assert paid(flow) == {"AAA": [(101, 40)], "BBB": [(90, 40)]}
    assert flow.state.book.cash == flow.run.world.venue.cash == CASH - 40 * 101 + 40 * 90


@pytest.mark.covers("TC-MC-010")
@pytest.mark.parametrize(("lots", "outcome"), [(25, "hedged"), (26, "MARKET_IMPACT")])
def test_impact_is_judged_by_the_volume_and_the_volatility_that_the_venue_tells(lots, outcome):
    assert at_venue(pair("p1", lots), impact_bps=10).signal().finish().outcomes == {"p1": outcome}
