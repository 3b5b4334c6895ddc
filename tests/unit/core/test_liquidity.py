"""What orders do to their books, what the gate says to it, and what goes when a book thins out."""

from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import engine, risk
from core.liquidity import UNKNOWN, Footprint, footprint, impact
from core.messages import (
    CancelOrder,
    LiquidityReported,
    OrderAccepted,
    RefuseSignal,
    ReportAnomaly,
    SubmitOrder,
)
from core.risk import Intent
from core.sizing import largest_allowed
from core.state import summary
from tests.unit.core.build import (
    ENTRY,
    SIGNAL,
    WIDE,
    absent,
    after,
    cancelled,
    filled,
    of_kind,
    ready,
    settings,
    signal,
)

# The pair buys 1,000 AAA from its asks at 100 and sells 2,000 BBB to its bids at 50.
AAA = LiquidityReported("AAA", 50_000, 10_000, 1, 100_000, 200)
BBB = LiquidityReported("BBB", 20_000, 50_000, 1, 200_000, 200)
BOUNDS = {"participation_bps": 1_000, "spread_bps": 200, "impact_bps": 20}


def with_books(*books, **limits):
    """An engine with these limits alone that was told of these books."""
    return after(ready(settings(replace(WIDE, **limits))), *books)


def refusal(state, event=None):
    """Why the pair's signal, or that one, is refused; None where it is not."""
    _, commands = engine.step(state, event or signal())
    refused = of_kind(commands, RefuseSignal)
    assert bool(refused) != bool(of_kind(commands, SubmitOrder))
    return refused[0].reason if refused else None


# ---- what orders do --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lots", "volume", "volatility", "expected"),
    [
        (1_000, 100_000, 200, 20),  # 2 % x sqrt(1 / 100)
        (1_001, 100_000, 200, 21),  # rounded up
        (999, 100_000, 200, 20),
        (100_000, 100_000, 200, 200),
        (1, 1, 1, 1),
        (0, 1, 200, 0),
        (1_000, 100_000, 0, 0),
        (1_000, 0, 200, None),
        (1_000, None, 200, None),
        (1_000, 100_000, None, None),
    ],
)
def test_impact_is_the_square_root_of_the_share_of_a_days_volume(lots, volume, volatility, expected):
    assert impact(lots, volume, volatility) == expected


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(0, 10_000))
def test_impact_is_never_understated_and_less_than_one_too_much(lots, volume, volatility):
    exact = volatility * sqrt(lots / volume)

    assert exact * (1 - 1e-9) <= impact(lots, volume, volatility) <= exact + 1 + 1e-3


def made(*books, **changes):
    """What the orders of the pair's trade do to these books."""
    state = after(with_books(*books), signal(**changes))
    (trade,) = state.trades
    return footprint([(trade.leg_a, 100), (trade.leg_b, 50)], state.liquidity)


@pytest.mark.covers("TC-MC-010")
def test_footprint_is_that_of_the_worse_leg():
    assert made(AAA, BBB) == Footprint(1_000, 200, 20)
    assert made(AAA, BBB, quantity_a=1_001).participation == 1_001
    assert made(AAA, BBB, quantity_b=2_001).participation == 1_001
    assert made(replace(AAA, spread=3), BBB).spread == 300
    assert made(AAA, replace(BBB, volatility=201)).impact == 21


def test_each_leg_takes_from_the_other_side_of_its_book():
    assert made(replace(AAA, bid_depth=None), replace(BBB, ask_depth=None)) == made(AAA, BBB)
    assert made(AAA, BBB, side_a="sell", side_b="buy").participation == 400


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(
    ("lost", "what"),
    [("depth", "participation"), ("spread", "spread"), ("volume", "impact"), ("volatility", "impact")],
)
def test_what_is_not_known_of_one_leg_is_not_known(at, lost, what):
    side = ("ask_depth", "bid_depth")[at] if lost == "depth" else lost
    books = [AAA, BBB]
    books[at] = replace(books[at], **{side: None})

    assert made(*books) == replace(Footprint(1_000, 200, 20), **{what: None})


def test_of_a_book_nobody_reported_nothing_is_known():
    assert made() == made(AAA) == made(BBB) == UNKNOWN


def test_empty_side_of_a_book_bears_nothing():
    assert made(replace(AAA, ask_depth=0), BBB).participation is None


def test_latest_report_of_a_book_holds_whole():
    emptied = LiquidityReported("BBB")
    state = with_books(BBB, AAA, replace(AAA, spread=7), emptied)

    assert state.liquidity == (replace(AAA, spread=7), emptied)


# ---- the gate --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "what", "reason"),
    [
        ("participation_bps", "participation", "PARTICIPATION"),
        ("spread_bps", "spread", "SPREAD"),
        ("impact_bps", "impact", "MARKET_IMPACT"),
    ],
)
def test_gate_looks_at_each_limit_that_is_set_and_refuses_what_is_not_known(limit, what, reason):
    def asked(rate, **limits):
        intent = Intent(SIGNAL, footprint=replace(Footprint(), **{what: rate}))
        (decision,) = risk.decide(risk.Summary(1_000, False), replace(WIDE, **limits), (intent,))
        return decision.reason

    assert asked(30, **{limit: 30}) is None
    assert asked(31, **{limit: 30}) == reason
    assert asked(None, **{limit: 30}) == "LIQUIDITY_UNKNOWN"
    assert asked(None) is asked(10**6) is None


@pytest.mark.covers("TC-MC-006")
def test_signal_that_its_books_bear_is_traded_and_one_lot_more_is_not():
    state = with_books(AAA, BBB, **BOUNDS)

    assert refusal(state) is None
    assert refusal(state, signal(quantity_a=1_001)) == "PARTICIPATION"
    assert refusal(with_books(AAA, **BOUNDS)) == "LIQUIDITY_UNKNOWN"


@pytest.mark.covers("TC-MC-009")
def test_signal_waits_for_a_spread_that_is_narrow_enough():
    wide = with_books(replace(AAA, spread=3), BBB, **BOUNDS)

    assert refusal(wide) == "SPREAD"
    assert refusal(after(wide, AAA)) is None


def test_entry_is_sent_again_only_where_the_books_still_bear_it():
    sent = after(with_books(AAA, BBB, **BOUNDS), signal())

    assert of_kind(engine.step(after(sent, *absent(ENTRY)[:-1]), absent(ENTRY)[-1])[1], SubmitOrder)
    thin = after(sent, replace(BBB, bid_depth=19_999))
    assert not of_kind(engine.step(after(thin, *absent(ENTRY)[:-1]), absent(ENTRY)[-1])[1], SubmitOrder)


@pytest.mark.covers("TC-MC-010")
def test_signal_may_be_as_large_as_its_impact_allows():
    state = with_books(AAA, BBB, impact_bps=10)
    plan = after(with_books(AAA, BBB), signal()).trades[0]
    asked = (summary(state), state.settings.limits, plan, state.prices, state.settings)

    assert largest_allowed(*asked, state.liquidity) == 250  # half the impact: a quarter of the lots
    assert largest_allowed(*asked) == 0  # of unknown books


# ---- while entries rest ----------------------------------------------------------------------------------


@pytest.mark.covers("TC-MC-007")
@pytest.mark.parametrize(
    "drained",
    [
        replace(AAA, ask_depth=9_999),
        replace(BBB, bid_depth=0),
        LiquidityReported("BBB"),
        replace(AAA, volume=99_000),
    ],
)
def test_entry_that_rests_goes_when_a_book_of_its_trade_drains(drained):
    resting = after(with_books(AAA, BBB, **BOUNDS), signal(limit_price_a=100), OrderAccepted(ENTRY))

    _, still = engine.step(resting, AAA)
    state, commands = engine.step(resting, drained)

    assert still == ()
    assert commands == cancelled(ENTRY)
    assert engine.step(state, drained)[1] == ()


@pytest.mark.covers("TC-MC-007")
def test_hedge_is_sent_whatever_became_of_the_books():
    state = after(with_books(AAA, BBB, **BOUNDS), signal(), LiquidityReported("BBB"))

    _, commands = engine.step(state, filled(ENTRY, 1_000))

    assert [each.symbol for each in of_kind(commands, SubmitOrder)] == ["BBB"]


def test_entries_of_other_books_stay():
    other = signal(1, "other", symbol_a="CCC", limit_price_a=10, symbol_b="BBB", quantity_b=10, quantity_a=10)
    ccc = replace(AAA, symbol="CCC")
    resting = after(with_books(AAA, BBB, ccc, **BOUNDS), signal(limit_price_a=100), other)

    _, commands = engine.step(resting, replace(AAA, ask_depth=9_999))

    assert commands == cancelled(ENTRY)
    assert not of_kind(engine.step(with_books(AAA, BBB), LiquidityReported("AAA"))[1], CancelOrder)


@pytest.mark.parametrize("name", ["bid_depth", "ask_depth", "spread", "volume", "volatility"])
def test_report_that_makes_no_sense_changes_nothing(name):
    state = with_books(AAA)
    wrong, unlisted = replace(AAA, **{name: -1}), replace(AAA, symbol="XXX")

    assert engine.step(state, wrong) == (state, (ReportAnomaly("INVALID_VALUE", wrong),))
    assert engine.step(state, unlisted) == (state, (ReportAnomaly("UNKNOWN_SYMBOL", unlisted),))
    assert engine.step(state, replace(AAA, **{name: 0}))[1] == ()
