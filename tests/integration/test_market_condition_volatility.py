"""What the core does in wild markets: breakers trip on the bars that numpy says, positions stay, entries do
not leave, and sizes follow the volatility."""

from dataclasses import replace

import numpy as np
import pytest

from core.messages import CancelOrder, OrderAccepted, OrderId, TimerFired
from core.messages.commands import StartTimer
from core.settings import BreakerRule, Instrument
from core.sizing import volatility_target
from hedgecheck.marketdata import (
    FlashCrash,
    Gbm,
    ImpliedVolatilitySurge,
    Market,
    Regime,
    Regimes,
    Spike,
    Switching,
    VolatilityFactor,
    generate,
)
from tests.integration.conditions import IMPLIED, SYMBOLS, Trader

CALM = Gbm(0.1)
WINDOW = 5
MOVED = BreakerRule("volatility", "volatility", 1_000, WINDOW)


def market(*conditions, model=CALM) -> Market:
    """A market of both symbols in which nothing else happens."""
    return generate(SYMBOLS, bars=200, seed=7, model=model, conditions=conditions)


def wild_bars(of: Market) -> list[int]:
    """The bars that closed so far from one of the last closes, by numpy."""
    closes = of.in_ticks(0.01).close
    found = []
    for at in range(1, len(closes)):
        earlier = closes[max(0, at - WINDOW) : at]
        rise = (closes[at] - earlier.min(axis=0)) * 10_000 >= MOVED.threshold * earlier.min(axis=0)
        fall = (earlier.max(axis=0) - closes[at]) * 10_000 >= MOVED.threshold * earlier.max(axis=0)
        if (rise | fall).any():
            found.append(at)
    return found


def first_trip(trader: Trader, of: Market) -> int | None:
    """The bar in which the first breaker trips."""
    return next((bar for bar in trader.live(of) if trader.trips), None)


@pytest.mark.covers("TC-MC-001")
def test_high_volatility_trips_on_the_first_bar_that_moved_too_far_and_a_calm_market_on_none():
    calm = market()
    wild = market(VolatilityFactor(100, 100, 6.0))
    expected = wild_bars(wild)

    assert first_trip(Trader(MOVED), calm) is None
    assert wild_bars(calm) == []
    assert expected[0] >= 100
    assert first_trip(Trader(MOVED), wild) == expected[0]


@pytest.mark.covers("TC-MC-001")
def test_in_high_volatility_no_entry_leaves_and_positions_stay():
    trader, wild = Trader(MOVED), market(VolatilityFactor(100, 100, 6.0))
    (tripped, *_) = wild_bars(wild)

    for bar in trader.live(wild):
        if bar == 50:
            trader.trade(10)
        assert trader.refusal(1) == ("HALTED" if bar >= tripped else None)

    assert trader.held == {"AAA": 10, "BBB": -10}


@pytest.mark.covers("TC-MC-002")
@pytest.mark.parametrize("move", [0.12, -0.12])
def test_sudden_spike_trips_in_its_bar_though_it_reverts_in_the_next(move):
    trader, spiked = Trader(MOVED), market(Spike(60, move, revert_bars=1))
    state = {}

    for bar in trader.live(spiked):
        state[bar] = (trader.trips, trader.refusal(1))

    assert [bar for bar, (trips, _) in state.items() if trips] == [60]
    assert [state[bar][1] for bar in (59, 60, 61, 199)] == [None, "HALTED", "HALTED", "HALTED"]


@pytest.mark.covers("TC-MC-003")
def test_flash_crash_trips_on_its_way_down_keeps_positions_and_stays_halted_after_the_recovery():
    crash = market(FlashCrash(80, 0.2, fall_bars=4, recovery_bars=10))
    trader, tripped = Trader(MOVED), []

    for bar in trader.live(crash):
        if bar == 70:
            trader.trade(10)
            resting = trader.signal(5, limit=1)
        if bar == 79:
            trader.hear(resting, OrderAccepted(OrderId(resting.signal, "entry", 1)))
        if trader.trips:
            tripped.append(bar)
            assert CancelOrder(OrderId(resting.signal, "entry", 1)) in trader.commands

    assert tripped == wild_bars(crash)[:1]
    assert 80 <= tripped[0] <= 83
    assert trader.held == {"AAA": 10, "BBB": -10}
    assert trader.refusal(1) == "HALTED"


@pytest.mark.covers("TC-MC-004")
def test_breaker_that_resets_itself_comes_back_only_in_the_calm_regime():
    regimes = Regimes((Regime(0.1), Regime(1.5), Regime(0.1)), changes=(60, 120))
    trader, of = Trader(replace(MOVED, resets_itself=True)), market(model=Switching(regimes))
    cooldown, halted = None, []

    for bar in trader.live(of):
        if cooldown is not None:
            trader.hear(cooldown)
        started = [each.timer for each in trader.commands if isinstance(each, StartTimer)]
        cooldown = TimerFired(started[-1]) if started else cooldown
        if trader.refusal(1) == "HALTED":
            halted.append(bar)

    wild = wild_bars(of)
    assert wild
    assert 60 <= wild[0] <= wild[-1] < 120 + WINDOW
    assert halted[0] == wild[0]
    assert set(wild) <= set(halted)
    assert halted[-1] < 120 + 2 * WINDOW


@pytest.mark.covers("TC-MC-004")
def test_size_follows_the_volatility_of_the_regime():
    regimes = Regimes((Regime(0.1), Regime(0.4)), changes=(100,))
    of = market(model=Switching(regimes))
    returns = np.diff(np.log(of.close[:, 0]))
    sizes = []
    for part in (returns[:99], returns[99:]):
        deviation = round(float(part.std()) * 10_000)
        sizes.append(volatility_target(10**9, 100, deviation, 10_000, Instrument("AAA")))

    assert 3 < sizes[0] / sizes[1] < 5


@pytest.mark.covers("TC-MC-005")
def test_surge_of_implied_volatility_halts_though_no_price_moves_by_it():
    surge = market(ImpliedVolatilitySurge(90, 4.0, half_life_bars=5))
    trader = Trader(IMPLIED)
    expected = np.flatnonzero(np.rint(surge.implied_volatility * 10_000).max(axis=1) >= IMPLIED.threshold)

    tripped = [bar for bar in trader.live(surge) if trader.trips]

    assert tripped == [90] == expected[:1].tolist()
    assert (surge.close == market().close).all()
    assert trader.refusal(1) == "HALTED"
