"""What health says of an engine, and what of it keeps the engine from being well."""

from dataclasses import replace

import pytest

from core import engine
from core.health import BreakerHealth
from core.messages import (
    BreakerResetRequested,
    CodeTimerId,
    PriceMoved,
    PriceUnusable,
    RequestOutcomeUnknown,
    Restarted,
    TimerFired,
    TimerId,
)
from core.settings import DAILY_LOSS, MANUAL, Protocol
from tests.unit.core.build import (
    ANCHORS,
    BIG,
    BIG_FILLED,
    ENTRY,
    GUARDED,
    OTHER_CODES,
    SIGNAL,
    TRIP,
    after,
    after_trip,
    asked_again,
    both_filled,
    ready,
    settings,
    signal,
)

STATE = ready(GUARDED)
ARMED = (BreakerHealth("daily_loss", "armed", 10_000), BreakerHealth("manual", "armed", 10_000))


@pytest.mark.covers("TI-17", "TC-CB-017")
def test_an_engine_with_nothing_to_look_at_is_well():
    found = engine.health(STATE)

    assert found == engine.Health("active", 10_000, ARMED, (), (), (), (), False, True, True)
    assert engine.health(after(STATE, BIG, *BIG_FILLED)) == found


@pytest.mark.covers("TI-17", "TC-CB-017")
def test_a_tripped_breaker_shows_which_code_it_asks_for():
    found = engine.health(after_trip())

    assert found.breakers == (ARMED[0], BreakerHealth("manual", "tripped", 0, 1, False))
    assert (found.share, found.is_well) == (0, False)


@pytest.mark.covers("TC-CB-017")
def test_after_its_reset_the_engine_is_well_again():
    found = engine.health(after_trip(BreakerResetRequested("manual", OTHER_CODES[1])))

    assert (found.breakers, found.share, found.is_well) == (ARMED, 10_000, True)


def test_a_code_that_expired_is_shown():
    found = engine.health(after_trip(TimerFired(CodeTimerId("manual", 1))))

    assert found.breakers[1] == BreakerHealth("manual", "tripped", 0, 1, True)


def test_a_warning_is_shown_and_the_engine_is_well():
    found = engine.health(after(STATE, BIG, *BIG_FILLED, PriceMoved("AAA", 81)))

    assert found.breakers == (BreakerHealth("daily_loss", "warning", 10_000), ARMED[1])
    assert found.is_well


@pytest.mark.covers("TC-CB-017", "TC-CB-015")
def test_on_probation_the_share_of_the_limits_is_shown():
    rules = (DAILY_LOSS, replace(MANUAL, probation=1))
    tried = after(
        ready(settings(anchors=ANCHORS, breakers=rules)),
        TRIP,
        BreakerResetRequested("manual", OTHER_CODES[1]),
    )

    found = engine.health(tried)

    assert (found.share, found.breakers[1]) == (2_500, BreakerHealth("manual", "probation", 2_500))
    assert found.is_well


@pytest.mark.covers("TI-17")
def test_a_parked_trade_is_shown():
    impatient = settings(protocol=Protocol(query_attempts=1))
    lost = RequestOutcomeUnknown(ENTRY, "submit")

    found = engine.health(after(ready(impatient), signal(), lost, asked_again(ENTRY)))

    assert (found.parked, found.is_well) == ((SIGNAL,), False)


@pytest.mark.covers("TI-17")
def test_an_order_of_unknown_outcome_is_shown():
    found = engine.health(after(STATE, signal(), RequestOutcomeUnknown(ENTRY, "submit")))

    assert (found.unknown, found.parked, found.is_well) == ((ENTRY,), (), False)


@pytest.mark.covers("TI-17")
@pytest.mark.parametrize("leg", ["a", "b"])
def test_a_position_without_its_stop_is_shown(leg):
    guarded = signal(**{f"stop_price_{leg}": 90 if leg == "a" else 60})
    bought = after(STATE, guarded, *both_filled())
    protected = after(bought, TimerFired(TimerId(SIGNAL, "grace")))

    assert (engine.health(bought).unprotected, engine.health(bought).is_well) == ((SIGNAL,), False)
    assert (engine.health(protected).unprotected, engine.health(protected).is_well) == ((), True)


def test_a_leg_without_a_stop_or_without_lots_needs_none():
    assert engine.health(after(STATE, signal(), *both_filled())).unprotected == ()
    assert engine.health(after(STATE, signal(stop_price_a=90))).unprotected == ()


@pytest.mark.covers("TI-17")
def test_an_engine_that_recovers_shows_it():
    found = engine.health(after(STATE, signal(), Restarted()))

    assert (found.is_recovering, found.is_well) == (True, False)


@pytest.mark.covers("TI-17")
def test_a_symbol_without_a_price_is_shown_and_matters_where_it_is_held():
    idle = engine.health(after(STATE, PriceUnusable("BBB")))
    held = engine.health(after(STATE, BIG, *BIG_FILLED, PriceUnusable("BBB")))

    assert (idle.unpriced, idle.is_valued, idle.is_well) == (("BBB",), True, True)
    assert (held.unpriced, held.is_valued, held.is_well) == (("BBB",), False, False)


@pytest.mark.parametrize("trading", ["reducing", "halted"])
def test_an_engine_that_may_not_open_is_not_well(trading):
    found = engine.health(replace(STATE, settings=replace(STATE.settings, trading=trading)))

    assert (found.trading, found.share, found.is_well) == (trading, 10_000, False)


def test_asking_changes_nothing():
    before = after(STATE, signal())

    engine.health(before)

    assert before == after(STATE, signal())
