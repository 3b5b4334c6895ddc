"""The gate: every reason at its boundary, cumulative inside a batch, over worst-case sums."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import risk, trade
from core.liquidity import Footprint
from core.messages import OrderRejected, Refusal, SignalId
from core.risk import Contribution, Decision, Intent, Summary
from core.settings import Instrument, Limits, Settings
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    HEDGE,
    LINGER,
    SIGNAL,
    absent,
    answered,
    confirmed_canceled,
    filled,
    opened,
    proposed,
)

# Of an equity of 1,000: 200 per position, 1,000 gross, 60 heat.
LIMITS = Limits(order_quantity=50, trades_in_flight=2)
RICH = Summary(1_000, False)
PRICES = (("AAA", 100), ("BBB", 50))
SETTINGS = Settings((Instrument("AAA"), Instrument("BBB")))
OF_AAA = Contribution(exposures=(("AAA", 1, 0, 100),))


def adds(in_flight=1, gross=0, heat=0, exposures=()):
    return Contribution(in_flight, gross, heat, exposures)


def asked(intent, summary=RICH, limits=LIMITS):
    """The gate's reason for one intent."""
    (decision,) = risk.decide(summary, limits, (intent,))
    assert decision.signal == intent.signal
    return decision.reason


# ---- decisions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intent", "summary", "reason"),
    [
        (Intent(SIGNAL, adds()), RICH, None),
        (Intent(SIGNAL, adds()), Summary(1_000, True), "HALTED"),
        (Intent(SIGNAL), Summary(1_000, True), "HALTED"),
        (Intent(SIGNAL), Summary(1_000, False, session="closing"), "SESSION_CLOSED"),
        (Intent(SIGNAL, OF_AAA), Summary(1_000, False, halted_symbols=("AAA", "CCC")), "SYMBOL_HALTED"),
        (Intent(SIGNAL, OF_AAA), Summary(1_000, False, halted_symbols=("BBB", "CCC")), None),
        (Intent(SIGNAL, adds()), Summary(1_000, False, recovering=True), "RECOVERING"),
        (Intent(SIGNAL), Summary(1_000, False, recovering=True), "RECOVERING"),
        (Intent(SIGNAL), RICH, None),
        (Intent(SIGNAL), Summary(None, False), "PRICE_UNUSABLE"),
        (Intent(SIGNAL, adds()), Summary(None, False), "PRICE_UNUSABLE"),
        (Intent(SIGNAL, adds(), 50), RICH, None),
        (Intent(SIGNAL, adds(), 51), RICH, "ORDER_SIZE"),
        (Intent(SIGNAL, adds()), Summary(1_000, False, adds(1)), None),
        (Intent(SIGNAL, adds()), Summary(1_000, False, adds(2)), "TRADES_IN_FLIGHT"),
        (Intent(SIGNAL, adds(exposures=(("AAA", 1, 0, 200),))), RICH, None),
        (Intent(SIGNAL, adds(exposures=(("AAA", 1, 0, 201),))), RICH, "POSITION_CAP"),
        (Intent(SIGNAL, adds(exposures=(("AAA", 1, 1, 2),))), RICH, "OPPOSING_POSITION"),
        (Intent(SIGNAL, adds(gross=1_000)), RICH, None),
        (Intent(SIGNAL, adds(gross=1_001)), RICH, "GROSS_EXPOSURE"),
        (Intent(SIGNAL, adds(heat=60)), RICH, None),
        (Intent(SIGNAL, adds(heat=61)), RICH, "HEAT"),
    ],
)
def test_the_gate_decides_at_the_boundary(intent, summary, reason):
    assert asked(intent, summary) == reason


@pytest.mark.parametrize(
    ("held", "intended", "reason"),
    [
        (("AAA", 1, 0, 150), ("AAA", 1, 0, 50), None),
        (("AAA", 1, 0, 150), ("AAA", 1, 0, 51), "POSITION_CAP"),
        (("AAA", 1, 0, 200), ("BBB", 1, 0, 200), None),
        (("AAA", 1, 0, 10), ("AAA", 0, 1, 10), "OPPOSING_POSITION"),
        (("AAA", 1, 0, 10), ("BBB", 0, 1, 10), None),
    ],
)
def test_exposures_of_one_symbol_add_up(held, intended, reason):
    summary = Summary(1_000, False, adds(0, exposures=(held,)))

    assert asked(Intent(SIGNAL, adds(exposures=(intended,))), summary) == reason


def test_limits_are_shares_of_the_equity_rounded_down():
    nearly = Summary(999, False)

    assert asked(Intent(SIGNAL, adds(heat=59)), nearly) is None
    assert asked(Intent(SIGNAL, adds(heat=60)), nearly) == "HEAT"


LOOSENED = (  # one after the other, each making way for the reason after it
    ("ORDER_SIZE", {"order_quantity": 99}),
    ("ORDER_NOTIONAL", {"order_notional": 99}),
    ("PRICE_COLLAR", {"collar_bps": 9_999}),
    ("PARTICIPATION", {"participation_bps": 7}),
    ("SPREAD", {"spread_bps": 8}),
    ("MARKET_IMPACT", {"impact_bps": 9}),
    ("TRADES_IN_FLIGHT", {"trades_in_flight": 9}),
    ("POSITION_CAP", {"position_bps": 9_990}),
    ("STRATEGY_CAP", {"strategy_bps": 99_990}),
    ("GROSS_EXPOSURE", {"gross_bps": 99_990}),
    ("NET_EXPOSURE", {"net_bps": 99_990}),
    ("LEVERAGE", {"leverage_bps": 99_990}),
    ("CLUSTER_EXPOSURE", {"cluster_bps": 99_990}),
    ("HEAT", {"heat_bps": 99_990}),
    ("STRATEGY_BUDGET", {"budget_bps": 99_990}),
)


def test_reasons_come_in_a_fixed_order():
    exposures = (("AAA", 1, 0, 999), ("BBB", 1, 0, 999))
    sums = Contribution(9, 9_999, 9_999, exposures, 9_999, 0, (("pairs", 9_999),))
    torn = replace(sums, exposures=(("AAA", 1, 1, 999),))
    intent = Intent(SIGNAL, sums, 99, 99, 8, 9, Footprint(7, 8, 9))
    books = {"participation_bps": 6, "spread_bps": 7, "impact_bps": 8}
    limits = replace(LIMITS, order_notional=98, collar_bps=1, **books)
    rich = replace(RICH, capitals=(("pairs", 1_000),))
    unpriced = Summary(None, False)
    recovering = replace(unpriced, recovering=True)
    paused = replace(recovering, halted_symbols=("AAA",))
    shut = replace(paused, session="closed")
    doubts = (replace(shut, halted=True), shut, paused, recovering, unpriced, rich)
    found = [asked(replace(intent, adds=torn), each) for each in doubts]
    for reason, loosened in LOOSENED:
        if reason == "PARTICIPATION":
            found.append(asked(replace(intent, footprint=Footprint(7, None, 9)), rich, limits))
        if reason == "TRADES_IN_FLIGHT":
            found.append(asked(intent, replace(rich, tokens=0), limits))
        found.append(asked(intent, rich, limits))
        limits = replace(limits, **loosened)

    assert found[:3] == ["HALTED", "SESSION_CLOSED", "SYMBOL_HALTED"]
    assert found[3:6] == ["RECOVERING", "PRICE_UNUSABLE", "OPPOSING_POSITION"]
    assert tuple(found[5:]) == get_args(Refusal)[12:]
    between = ("LIQUIDITY_UNKNOWN", "MESSAGE_RATE")
    assert [each for each in found[6:] if each not in between] == [reason for reason, _ in LOOSENED]
    assert asked(intent, rich, limits) is None


def test_what_is_allowed_counts_against_those_after_it_and_what_is_refused_does_not():
    one, two, three, four = (SignalId("pairs", number) for number in (1, 2, 3, 4))
    batch = (
        Intent(one, adds(0, heat=30)),
        Intent(two, adds(0, heat=31)),
        Intent(three, adds(0, heat=30)),
        Intent(four, adds(0, heat=1)),
    )

    assert risk.decide(RICH, LIMITS, batch) == (
        Decision(one, None),
        Decision(two, "HEAT"),
        Decision(three, None),
        Decision(four, "HEAT"),
    )


def test_an_empty_batch_has_no_decisions():
    assert risk.decide(RICH, LIMITS, ()) == ()


# ---- sums ----------------------------------------------------------------------------------------

EXPOSURES = st.dictionaries(
    st.sampled_from("ABC"), st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), max_size=3
).map(lambda each: tuple(sorted((symbol, *rest) for symbol, rest in each.items())))
CONTRIBUTIONS = st.builds(Contribution, st.integers(0, 3), st.integers(0, 99), st.integers(0, 99), EXPOSURES)


@given(one=CONTRIBUTIONS, two=CONTRIBUTIONS, three=CONTRIBUTIONS)
def test_adding_is_commutative_and_associative_and_nothing_adds_nothing(one, two, three):
    assert risk.add(one, two) == risk.add(two, one)
    assert risk.add(risk.add(one, two), three) == risk.add(one, risk.add(two, three))
    assert risk.add(one, Contribution()) == one


def test_adding_sums_field_by_field_and_symbol_by_symbol():
    one = Contribution(1, 10, 100, (("AAA", 1, 2, 3), ("CCC", 7, 8, 9)))
    two = Contribution(2, 20, 200, (("AAA", 10, 20, 30), ("BBB", 4, 5, 6)))

    assert risk.add(one, two) == Contribution(
        3, 30, 300, (("AAA", 11, 22, 33), ("BBB", 4, 5, 6), ("CCC", 7, 8, 9))
    )


# ---- what a trade contributes --------------------------------------------------------------------

# 1,000 AAA at 100 and 2,000 BBB at 50; without stops the heat is the whole notional and 10 bps to get out.
WHOLE = Contribution(
    1,
    200_000,
    200_200,
    (("AAA", 1_000, 0, 100_000), ("BBB", 0, 2_000, 100_000)),
    100_000,
    -100_000,
    (("pairs", 200_000),),
)
REJECTIONS = tuple(OrderRejected(replace(HEDGE, attempt=attempt), "no") for attempt in (1, 2, 3))
UNSOLD = tuple(OrderRejected(replace(FLATTEN_A, attempt=attempt), "no") for attempt in (1, 2, 3))


def contributed(begun, prices=PRICES, settings=SETTINGS):
    return risk.contribute(begun, prices, settings)


@pytest.mark.parametrize(
    ("events", "net_low"),
    [
        ((), -100_000),
        ((filled(ENTRY, 400),), -60_000),
        ((filled(ENTRY, 1_000),), 0),
        ((filled(ENTRY, 1_000), *REJECTIONS), -100_000),
        ((filled(ENTRY, 1_000), *REJECTIONS, *UNSOLD), 0),
    ],
    ids=["entry", "partly filled", "hedge", "flatten", "parked"],
)
def test_until_it_ended_a_trade_counts_as_filled_whole(events, net_low):
    assert contributed(opened(*events)) == replace(WHOLE, net_low=net_low)


def test_a_trade_that_is_asked_for_counts_as_filled_whole():
    assert contributed(proposed()) == WHOLE


def test_what_is_held_beyond_the_plan_counts():
    overfilled = opened(filled(ENTRY, 1_500))

    assert contributed(overfilled).exposures[0] == ("AAA", 1_500, 0, 150_000)


@pytest.mark.parametrize("events", [(), (LINGER,)], ids=["ended", "held"])
def test_an_ended_trade_counts_for_what_it_holds(events):
    begun = opened(filled(ENTRY, 960), *confirmed_canceled(ENTRY, 960), filled(HEDGE, 1_920), *events)

    assert contributed(begun) == Contribution(
        0,
        192_000,
        192_192,
        (("AAA", 960, 0, 96_000), ("BBB", 0, 1_920, 96_000)),
        0,
        0,
        (("pairs", 192_000),),
    )


def test_an_ended_trade_that_holds_nothing_counts_for_nothing():
    assert contributed(opened(OrderRejected(ENTRY, "no"))) == Contribution()


def test_what_an_ended_trade_holds_the_other_way_round_is_exposure_of_that_side():
    short = replace(opened(OrderRejected(ENTRY, "no")), phase="held", carried_a=-3, carried_b=-4)

    assert contributed(short).exposures == (("AAA", 0, 3, 300), ("BBB", 4, 0, 200))


def test_exposures_are_sorted_by_symbol():
    begun = proposed()
    swapped = replace(begun, leg_a=begun.leg_b, leg_b=begun.leg_a)

    assert contributed(swapped) == WHOLE


@pytest.mark.parametrize(
    ("side", "stop", "risked"),
    [
        ("buy", 90, 10_000),
        ("buy", 100, 0),
        ("buy", 110, 0),
        ("sell", 110, 10_000),
        ("sell", 100, 0),
        ("sell", 90, 0),
        ("buy", None, 100_000),
        ("sell", None, 100_000),
    ],
)
def test_heat_is_what_the_stop_would_lose_and_the_cost_of_getting_out(side, stop, risked):
    begun = proposed()
    begun = replace(begun, leg_a=replace(begun.leg_a, side=side, stop_price=stop))

    assert contributed(begun).heat == risked + 100 + 100_100


def test_notional_is_at_the_market_and_the_stop_s_distance_from_the_price_judged_by():
    begun = proposed()
    begun = replace(begun, leg_a=replace(begun.leg_a, stop_price=90))

    moved = contributed(begun, (("AAA", 200), ("BBB", 50)))

    assert moved.gross == 200_000 + 100_000
    assert moved.heat == 10_000 + 200 + 100_100


def test_a_price_that_is_not_known_is_the_one_judged_by():
    assert contributed(proposed(), (("AAA", None), ("BBB", None))) == WHOLE


def test_the_cost_of_getting_out_is_rounded_up():
    begun = proposed(planned_a=1)
    begun = replace(begun, leg_a=replace(begun.leg_a, stop_price=100))

    assert contributed(begun).heat == 1 + 100_100


def test_a_tick_of_a_lot_is_worth_what_the_instrument_says():
    worth = Settings((Instrument("AAA", tick_lot_value=3), Instrument("BBB")), Limits(exit_cost_bps=0))
    begun = proposed()
    begun = replace(begun, leg_a=replace(begun.leg_a, stop_price=90))

    assert contributed(begun, settings=worth) == Contribution(
        1,
        400_000,
        130_000,
        (("AAA", 1_000, 0, 300_000), ("BBB", 0, 2_000, 100_000)),
        300_000,
        -100_000,
        (("pairs", 400_000),),
    )


def test_a_trade_in_a_symbol_no_one_trades_is_a_bug():
    with pytest.raises(AssertionError, match="Invariant: a trade's symbols stay in the settings"):
        contributed(proposed(), settings=Settings((Instrument("AAA"),)))


def test_a_refused_resend_leaves_nothing_reserved():
    begun = trade.step(opened(*absent(ENTRY, 2)), answered(ENTRY, "not_found"), False)[0]

    assert contributed(begun) == Contribution()
