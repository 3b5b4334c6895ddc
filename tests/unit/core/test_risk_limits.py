"""The gate's limits beyond single positions, what stands by now, and limits at a part of what they are."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import risk
from core.messages import SignalId
from core.risk import Contribution, Intent, Summary
from core.settings import Limits
from tests.unit.core.build import SIGNAL, WIDE

RICH = Summary(1_000, False)
CLUSTERS = (("AAA", "AAA"), ("BBB", "AAA"), ("CCC", "CCC"), ("DDD", "CCC"))


def asked(intent, summary=RICH, **limits):
    """The gate's reason for one intent, where only these limits bind."""
    (decision,) = risk.decide(summary, replace(WIDE, **limits), (intent,))
    return decision.reason


def adds(**sums):
    """An intent that adds these sums."""
    return Intent(SIGNAL, Contribution(**{"in_flight": 1, **sums}))


def holding(**sums):
    """A summary where these sums are open."""
    return replace(RICH, total=Contribution(**sums))


# ---- each order by itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("intent", [Intent(SIGNAL), adds()], ids=["resend", "opening"])
@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"largest_order": 7}, None),
        ({"largest_order": 8}, "ORDER_SIZE"),
        ({"order_notional": 700}, None),
        ({"order_notional": 701}, "ORDER_NOTIONAL"),
        ({"limit_price": 105, "market_price": 100}, None),
        ({"limit_price": 95, "market_price": 100}, None),
        ({"limit_price": 106, "market_price": 100}, "PRICE_COLLAR"),
        ({"limit_price": 94, "market_price": 100}, "PRICE_COLLAR"),
        ({"limit_price": 209, "market_price": 199}, "PRICE_COLLAR"),
        ({"limit_price": 208, "market_price": 199}, None),
        ({"limit_price": None, "market_price": 100}, None),
    ],
)
def test_every_order_is_judged_by_itself_whether_it_opens_or_is_sent_again(intent, order, reason):
    limits = {"order_quantity": 7, "order_notional": 700, "collar_bps": 500}

    assert asked(replace(intent, **order), **limits) == reason


# ---- messages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("intent", [Intent(SIGNAL), adds()], ids=["resend", "opening"])
@pytest.mark.parametrize(("tokens", "reason"), [(None, None), (1, None), (0, "MESSAGE_RATE")])
def test_entry_takes_a_message_where_a_rate_bounds_them(intent, tokens, reason):
    assert asked(intent, replace(RICH, tokens=tokens)) == reason


def test_batch_takes_one_message_for_each_that_is_allowed():
    intents = tuple(
        replace(adds(heat=heat), signal=SignalId("pairs", number))
        for number, heat in enumerate((1, 61, 1, 1, 1))
    )

    decisions = risk.decide(replace(RICH, tokens=3), replace(WIDE, heat_bps=600), intents)

    assert [each.reason for each in decisions] == [None, "HEAT", None, None, "MESSAGE_RATE"]


# ---- sums --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "asking", "reason"),
    [
        ((), 1_000, None),
        ((), 1_001, "STRATEGY_CAP"),
        ((("pairs", 600),), 400, None),
        ((("pairs", 600),), 401, "STRATEGY_CAP"),
        ((("other", 9_000),), 1_000, None),
    ],
)
def test_strategy_is_bounded_with_what_it_has_and_no_other(held, asking, reason):
    intent = adds(strategies=(("pairs", asking),))

    assert asked(intent, holding(strategies=held), strategy_bps=10_000) == reason


@pytest.mark.parametrize(
    ("held", "asking", "reason"),
    [
        ((0, 0), (1_000, -1_000), None),
        ((0, 0), (1_001, 0), "NET_EXPOSURE"),
        ((0, 0), (0, -1_001), "NET_EXPOSURE"),
        ((600, 100), (400, 0), None),
        ((600, 100), (401, 0), "NET_EXPOSURE"),
        ((-100, -600), (0, -400), None),
        ((-100, -600), (0, -401), "NET_EXPOSURE"),
        ((-100, -600), (1_100, 0), None),
    ],
)
def test_net_is_bounded_on_both_sides(held, asking, reason):
    high, low = asking
    total = holding(net_high=held[0], net_low=held[1])

    assert asked(adds(net_high=high, net_low=low), total, net_bps=10_000) == reason


@pytest.mark.parametrize(("asking", "reason"), [(900, None), (901, "LEVERAGE")])
def test_leverage_bounds_gross_over_equity(asking, reason):
    assert asked(adds(gross=asking), holding(gross=600), leverage_bps=15_000) == reason


@pytest.mark.parametrize(
    ("symbol", "asking", "reason"),
    [
        ("AAA", 400, None),
        ("AAA", 401, "CLUSTER_EXPOSURE"),
        ("CCC", 300, None),
        ("CCC", 301, "CLUSTER_EXPOSURE"),
        ("EEE", 1_000, None),
        ("EEE", 1_001, "CLUSTER_EXPOSURE"),
    ],
)
def test_cluster_is_bounded_as_if_it_were_one_position(symbol, asking, reason):
    held = (("AAA", 1, 0, 100), ("BBB", 0, 1, 500), ("CCC", 1, 0, 700))
    summary = replace(holding(exposures=held), clusters=CLUSTERS)

    assert asked(adds(exposures=((symbol, 1, 0, asking),)), summary, cluster_bps=10_000) == reason


@pytest.mark.parametrize(("asking", "reason"), [(300, None), (301, "CLUSTER_EXPOSURE")])
def test_symbols_that_no_cluster_names_are_one(asking, reason):
    held = holding(exposures=(("AAA", 1, 0, 100), ("BBB", 0, 1, 600)))

    assert asked(adds(exposures=(("CCC", 1, 0, asking),)), held, cluster_bps=10_000) == reason


def test_larger_of_two_clusters_that_are_touched_counts():
    held = (("AAA", 1, 0, 500), ("CCC", 1, 0, 10))
    summary = replace(holding(exposures=held), clusters=CLUSTERS)
    intent = adds(exposures=(("BBB", 1, 0, 501), ("DDD", 0, 1, 1)))

    assert asked(intent, summary, cluster_bps=10_000) == "CLUSTER_EXPOSURE"


@pytest.mark.parametrize(
    ("total", "limits"),
    [
        ({"exposures": (("ZZZ", 1, 0, 9_000),)}, {"position_bps": 10_000}),
        ({"exposures": (("ZZZ", 1, 1, 1),)}, {}),
        ({"strategies": (("other", 9_000),)}, {"strategy_bps": 10_000}),
        ({"exposures": (("DDD", 1, 0, 9_000),)}, {"cluster_bps": 10_000}),
    ],
    ids=["position", "opposing", "strategy", "cluster"],
)
def test_what_an_opening_does_not_touch_does_not_stop_it(total, limits):
    summary = replace(holding(**total), clusters=CLUSTERS)
    intent = adds(exposures=(("AAA", 1, 0, 10),), strategies=(("pairs", 10),))

    assert asked(intent, summary, **limits) is None


def test_change_that_opens_no_trade_is_not_stopped_by_their_number():
    summary = holding(in_flight=9)

    assert asked(adds(in_flight=0, heat=1), summary, trades_in_flight=1) is None
    assert asked(adds(in_flight=1, heat=1), summary, trades_in_flight=9) == "TRADES_IN_FLIGHT"


# ---- what stands by now ------------------------------------------------------------------------------

STANDING = [
    ("POSITION_CAP", "position_bps", {"exposures": (("AAA", 1, 0, 5), ("ZZZ", 0, 1, 200))}, 2_000),
    ("STRATEGY_CAP", "strategy_bps", {"strategies": (("aside", 200), ("pairs", 5))}, 2_000),
    ("GROSS_EXPOSURE", "gross_bps", {"gross": 200}, 2_000),
    ("NET_EXPOSURE", "net_bps", {"net_high": 200}, 2_000),
    ("NET_EXPOSURE", "net_bps", {"net_low": -200}, 2_000),
    ("LEVERAGE", "leverage_bps", {"gross": 200}, 2_000),
    ("CLUSTER_EXPOSURE", "cluster_bps", {"exposures": (("CCC", 1, 0, 100), ("DDD", 0, 1, 100))}, 2_000),
    ("HEAT", "heat_bps", {"heat": 200}, 2_000),
]


@pytest.mark.parametrize(("reason", "limit", "total", "bps"), STANDING)
def test_resend_is_refused_where_a_limit_is_broken_by_now(reason, limit, total, bps):
    summary = replace(holding(**total), clusters=CLUSTERS)
    tighter = replace(WIDE, **{limit: bps - 1})

    assert asked(Intent(SIGNAL), summary, **{limit: bps}) is None
    assert asked(Intent(SIGNAL), summary, **{limit: bps - 1}) == reason
    assert risk.standing_refusal(summary, tighter) == reason
    assert risk.standing_refusal(summary, replace(WIDE, **{limit: bps})) is None


# ---- capital of a strategy ---------------------------------------------------------------------------


@pytest.mark.covers("MS-06")
@pytest.mark.parametrize(
    ("capital", "bps", "reason"),
    [
        (500, 10_000, None),
        (499, 10_000, "STRATEGY_BUDGET"),
        (1_000, 5_000, None),
        (999, 5_000, "STRATEGY_BUDGET"),
        (250, 20_000, None),
        (249, 20_000, "STRATEGY_BUDGET"),
        (0, 10_000, "STRATEGY_BUDGET"),
        (-1, 10_000, "STRATEGY_BUDGET"),
        (None, 10_000, "PRICE_UNUSABLE"),
    ],
)
def test_a_strategy_has_no_more_open_than_its_own_capital_bears(capital, bps, reason):
    rows = (("aside", None), ("pairs", capital))
    summary = replace(holding(strategies=(("aside", 9_000), ("pairs", 400))), capitals=rows)

    assert asked(adds(gross=100, strategies=(("pairs", 100),)), summary, budget_bps=bps) == reason
    assert asked(adds(strategies=(("pairs", 100),)), replace(summary, capitals=(("aside", 0),))) is None


def test_a_resend_asks_for_the_capital_of_its_own_strategy_alone():
    total = holding(strategies=(("aside", 400), ("pairs", 400)))

    assert asked(Intent(SIGNAL), replace(total, capitals=(("aside", 0), ("pairs", 400)))) is None
    assert asked(Intent(SIGNAL), replace(total, capitals=(("pairs", 399),))) == "STRATEGY_BUDGET"


@given(st.integers(0, 10**12), st.integers(1, 30_000), st.integers(-5, 5))
def test_what_capital_is_needed_is_just_enough(gross, bps, off):
    limits, total = replace(WIDE, budget_bps=bps), Contribution(strategies=(("pairs", gross),))
    needed = risk.needed(total, limits, "pairs")

    assert (gross * 10_000 <= (needed + off) * bps) == (off >= 0)
    assert risk.needed(total, limits, "other") == 0


def test_what_stands_is_not_known_without_an_equity():
    assert risk.standing_refusal(Summary(None, False), WIDE) == "PRICE_UNUSABLE"


def test_neither_opposing_positions_nor_trades_in_flight_stop_a_resend():
    total = holding(in_flight=9, exposures=(("AAA", 1, 1, 2),))

    assert asked(Intent(SIGNAL), total, trades_in_flight=1) is None


@pytest.mark.parametrize(
    ("equity", "beyond"), [(1_000, False), (999, True), (0, True), (-5, True), (None, True)]
)
def test_leverage_is_beyond_its_bound_from_one_unit_on(equity, beyond):
    summary = Summary(equity, False, Contribution(gross=1_500))

    assert risk.is_leveraged_beyond(summary, replace(WIDE, leverage_bps=15_000)) is beyond


# ---- limits at a part --------------------------------------------------------------------------------

SCALED = (
    "position_bps",
    "gross_bps",
    "heat_bps",
    "order_quantity",
    "strategy_bps",
    "net_bps",
    "leverage_bps",
    "cluster_bps",
    "order_notional",
    "budget_bps",
)


def test_limits_on_exposure_and_size_are_scaled_down_and_no_others():
    odd = replace(Limits(), **{name: 1_001 + at for at, name in enumerate(SCALED)})

    scaled = risk.scaled(odd, 2_500)

    assert {name: getattr(scaled, name) for name in SCALED} == {
        "position_bps": 250,
        "gross_bps": 250,
        "heat_bps": 250,
        "order_quantity": 251,
        "strategy_bps": 251,
        "net_bps": 251,
        "leverage_bps": 251,
        "cluster_bps": 252,
        "order_notional": 252,
        "budget_bps": 252,
    }
    others = {each.name for each in fields(Limits)} - set(SCALED)
    assert {name: getattr(scaled, name) for name in others} == {name: getattr(odd, name) for name in others}


def test_whole_limits_are_what_they_are():
    assert risk.scaled(WIDE, 10_000) is WIDE


@pytest.mark.parametrize(("quantity", "least"), [(1, 1), (3, 1), (4, 1), (8, 2)])
def test_one_lot_may_always_be_ordered(quantity, least):
    assert risk.scaled(replace(WIDE, order_quantity=quantity), 2_500).order_quantity == least


@pytest.mark.parametrize(("budget", "least"), [(1, 1), (3, 1), (7, 1), (8, 2)])
def test_something_of_its_capital_a_strategy_may_always_have_open(budget, least):
    assert risk.scaled(replace(WIDE, budget_bps=budget), 2_500).budget_bps == least


@given(st.sampled_from(SCALED), st.integers(1, 10**9), st.integers(1, 10_000))
def test_no_limit_is_looser_at_a_part_of_it(name, value, part):
    scaled = risk.scaled(replace(Limits(), **{name: value}), part)

    assert getattr(scaled, name) <= value
