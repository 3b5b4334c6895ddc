"""What is wrong with a set of settings is said one sentence each."""

from dataclasses import replace

import pytest

from core.settings import DAILY_LOSS, MANUAL, Instrument, Limits, Protocol, Settings, instrument, problems
from tests.unit.core.build import SETTINGS

POSITIVE_LIMITS = (
    "position_bps",
    "gross_bps",
    "heat_bps",
    "trades_in_flight",
    "order_quantity",
)
POSITIVE_PROTOCOL = (
    "hedge_bps",
    "entry_attempts",
    "hedge_attempts",
    "flatten_attempts",
    "not_found_confirmations",
    "query_attempts",
    "leg_timeout",
    "query_backoff",
    "linger",
    "code_lifetime",
)
POSITIVE_INSTRUMENT = ("tick_lot_value", "price_step", "quantity_step", "minimum_quantity")


def test_the_defaults_have_no_problems():
    assert problems(SETTINGS) == ()


def test_the_defaults_are_the_decided_ones():
    limits, protocol = Limits(), Protocol()

    assert (limits.position_bps, limits.gross_bps, limits.heat_bps) == (2_000, 10_000, 600)
    assert SETTINGS.breakers == (DAILY_LOSS, MANUAL)
    assert (DAILY_LOSS.threshold, DAILY_LOSS.resets_itself, MANUAL.resets_itself) == (200, False, False)
    assert (protocol.complete_bps, protocol.hedge_bps) == (9_500, 5_000)
    assert protocol.not_found_confirmations == 3


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("name", POSITIVE_LIMITS)
def test_a_limit_must_be_positive(name, value):
    wrong = replace(SETTINGS, limits=replace(Limits(), **{name: value}))

    assert problems(wrong) == (f"limits: {name} is {value}, it must be positive",)


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("name", POSITIVE_PROTOCOL)
def test_a_protocol_constant_must_be_positive(name, value):
    wrong = replace(SETTINGS, protocol=replace(Protocol(), **{name: value}))

    assert problems(wrong) == (f"protocol: {name} is {value}, it must be positive",)


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("name", POSITIVE_INSTRUMENT)
def test_an_instrument_s_grid_must_be_positive(name, value):
    wrong = Settings((replace(Instrument("AAA"), **{name: value}),))

    assert problems(wrong) == (f"instrument AAA: {name} is {value}, it must be positive",)


@pytest.mark.parametrize("name", POSITIVE_LIMITS)
def test_one_is_a_limit(name):
    assert problems(replace(SETTINGS, limits=replace(Limits(), **{name: 1}))) == ()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (Settings((Instrument("AAA", minimum_notional=-1),)), "instrument AAA: minimum_notional is negative"),
        (Settings((), Limits(exit_cost_bps=-1)), "limits: exit_cost_bps is negative"),
        (
            Settings((Instrument("BBB"), Instrument("AAA"))),
            "instruments: sort them by symbol, each symbol once",
        ),
        (
            Settings((Instrument("AAA"), Instrument("AAA"))),
            "instruments: sort them by symbol, each symbol once",
        ),
        (
            Settings((), protocol=Protocol(complete_bps=4_999)),
            "protocol: it must hold that hedge_bps <= complete_bps <= 10000",
        ),
        (
            Settings((), protocol=Protocol(complete_bps=10_001)),
            "protocol: it must hold that hedge_bps <= complete_bps <= 10000",
        ),
    ],
    ids=["negative minimum", "negative cost", "unsorted", "twice", "thresholds crossed", "above the whole"],
)
def test_each_problem_has_its_sentence(wrong, sentence):
    assert problems(wrong) == (sentence,)


@pytest.mark.parametrize(
    "right",
    [
        Settings(()),
        Settings((Instrument("AAA", minimum_notional=0),)),
        Settings((), Limits(exit_cost_bps=0)),
        Settings((), protocol=Protocol(complete_bps=5_000)),
        Settings((), protocol=Protocol(complete_bps=10_000)),
    ],
    ids=["no instrument", "no minimum", "no cost", "one threshold", "the whole"],
)
def test_the_boundary_is_allowed(right):
    assert problems(right) == ()


def test_all_problems_are_told_at_once():
    wrong = Settings((Instrument("AAA", price_step=0, minimum_notional=-1),), Limits(heat_bps=0))

    assert len(problems(wrong)) == 3


def test_an_instrument_is_found_by_its_symbol():
    assert instrument(SETTINGS, "BBB") == Instrument("BBB")
    assert instrument(SETTINGS, "ZZZ") is None
