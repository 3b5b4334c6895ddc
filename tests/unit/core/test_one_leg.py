"""A trade of one leg: a signal with nothing of leg B trades leg A alone, and is a trade like any other."""

from dataclasses import replace

import pytest

from core import engine, risk, sizing
from core.admission import largest_allowed
from core.messages import (
    CancelOrder,
    ExitRequested,
    LiquidityReported,
    PriceUnusable,
    RefuseSignal,
    SignalsReceived,
    SubmitOrder,
    TradingHalted,
)
from core.plan import NO_LEG, legs
from core.portfolio_netting import netted
from core.settings import Instrument, Limits, MessageRate, Strategy, problems
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    SETTINGS,
    SIGNAL,
    WIDE,
    after,
    cancelled,
    commands_of,
    filled,
    of_kind,
    ready,
    settings,
    signal,
    submitted,
)
from tests.unit.core.one_leg import alone, one

FILLED = filled(ENTRY, 1_000)
NETS = replace(settings(), conflicts="net")
OUT = ExitRequested(SIGNAL)


def refusal(state, event):
    """Why the engine refuses a signal; None when it does not."""
    _, commands = engine.step(state, event)
    reasons = [each.reason for each in of_kind(commands, RefuseSignal)]
    assert bool(reasons) != bool(of_kind(commands, SubmitOrder))
    return reasons[0] if reasons else None


SELLS_BBB = one(1, "squeeze", symbol_a="BBB", side_a="sell")


# ---- a signal --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"symbol_b": "AAA", "side_b": "buy"},
        {"symbol_b": "BBB"},
        {"symbol_b": "ZZZ"},
        {"stop_price_b": -5},
    ],
    ids=["nothing", "leg A", "another", "unknown", "a stop that is none"],
)
def test_a_signal_with_nothing_of_leg_b_opens_leg_a_whatever_is_said_of_leg_b(said):
    state, commands = engine.step(ready(), one(**said))

    (begun,) = state.trades
    assert commands == submitted(ENTRY, 1_000)
    assert (begun.leg_b, legs(begun)) == (NO_LEG, (begun.leg_a,))


def test_no_price_and_no_halt_of_another_symbol_matters():
    state = after(ready(), PriceUnusable("BBB"), TradingHalted(("BBB",)))

    assert refusal(state, one(symbol_b="BBB")) is None
    assert refusal(state, signal()) == "PRICE_UNUSABLE"


def test_a_symbol_that_is_named_but_not_traded_is_not_held_by_its_halt():
    state, commands = engine.step(after(ready(), one(symbol_b="BBB")), TradingHalted(("BBB",)))
    _, own = engine.step(state, TradingHalted(("AAA",)))

    assert commands == ()
    assert of_kind(own, CancelOrder) == (CancelOrder(ENTRY),)


@pytest.mark.parametrize(
    ("reason", "chosen", "history", "event"),
    [
        ("INVALID_SIGNAL", SETTINGS, (), one(symbol_a="")),
        ("INVALID_SIGNAL", SETTINGS, (), one(symbol_a="ZZZ")),
        ("INVALID_SIGNAL", SETTINGS, (), one(quantity_a=0)),
        ("INVALID_SIGNAL", SETTINGS, (), one(quantity_b=-1)),
        ("INVALID_SIGNAL", SETTINGS, (), one(quantity_b=1)),
        ("KEY_BUSY", SETTINGS, (one(),), one(2)),
        ("KEY_BUSY", SETTINGS, (one(symbol_b="BBB"),), one(2, side_b="buy")),
        ("PRICE_UNUSABLE", SETTINGS, (PriceUnusable("AAA"),), one(limit_price_a=100)),
        ("SYMBOL_HALTED", SETTINGS, (TradingHalted(("AAA",)),), one()),
        ("OPPOSING_POSITION", settings(), (one(),), one(2, side_a="sell")),
        ("OPPOSING_POSITION", settings(), (signal(),), one(2, symbol_a="BBB")),
        ("ORDER_SIZE", settings(Limits(order_quantity=999)), (), one()),
        ("ORDER_NOTIONAL", settings(Limits(order_notional=99_999)), (), one()),
        ("LIQUIDITY_UNKNOWN", settings(Limits(spread_bps=1)), (), one()),
        ("TRADES_IN_FLIGHT", settings(Limits(trades_in_flight=1)), (one(),), one(2, symbol_a="BBB")),
        ("POSITION_CAP", settings(Limits(position_bps=99)), (), one()),
        ("GROSS_EXPOSURE", settings(Limits(gross_bps=99)), (), one()),
        ("NET_EXPOSURE", settings(Limits(net_bps=99)), (), one()),
        ("CLUSTER_EXPOSURE", settings(Limits(cluster_bps=99)), (), one()),
        ("HEAT", settings(Limits(heat_bps=100)), (), one()),
        ("HEAT", settings(Limits(heat_bps=10)), (), one(stop_price_a=90)),
        ("STRATEGY_BUDGET", replace(settings(), strategies=(Strategy("pairs", 99),)), (), one()),
    ],
)
def test_one_leg_is_refused_for_the_reasons_of_a_pair(reason, chosen, history, event):
    assert refusal(after(ready(chosen), *history), event) == reason


@pytest.mark.parametrize(
    "limits",
    [
        Limits(order_quantity=1_000),
        Limits(order_notional=100_000),
        Limits(gross_bps=100),
        Limits(net_bps=100),
        Limits(strategy_bps=100),
        Limits(message_rate=MessageRate(1, 1, 1)),
        Limits(heat_bps=11),
    ],
)
def test_limits_that_leg_a_just_fits_let_it_in(limits):
    assert refusal(ready(settings(limits)), one(stop_price_a=90)) is None


def test_a_pair_and_one_leg_of_it_have_keys_of_their_own():
    state = after(ready(settings()), signal(), one(2))

    assert [each.leg_b.symbol for each in state.trades] == ["BBB", ""]


def test_books_of_leg_a_alone_are_looked_at():
    book = LiquidityReported("AAA", 10_000, 10_000, 1, 100_000, 200)
    state = after(
        ready(settings(replace(WIDE, participation_bps=1_000, spread_bps=100, impact_bps=20))), book
    )

    assert refusal(state, one()) is None
    assert refusal(state, signal()) == "LIQUIDITY_UNKNOWN"
    assert commands_of(after(state, one()), replace(book, ask_depth=9_999)) == cancelled(ENTRY)


def test_an_instrument_without_a_name_is_no_instrument():
    assert problems(replace(SETTINGS, instruments=(Instrument(""),))) == ("instruments: a symbol is empty",)


# ---- what it stands for ------------------------------------------------------------------------------------


def test_one_leg_stands_for_itself_from_its_entry_until_it_is_left():
    state = after(ready(), one(stop_price_a=90))
    running = risk.contribute(state.trades[0], state.prices, state.settings)
    state = after(state, FILLED)
    held = risk.contribute(state.trades[0], state.prices, state.settings)
    gone = after(state, OUT, filled(FLATTEN_A, 1_000))

    # 1,000 at 100, out at 90, and 10 bps to get out
    whole = risk.Contribution(
        1, 100_000, 10_100, (("AAA", 1_000, 0, 100_000),), 100_000, 0, (("pairs", 100_000),)
    )
    assert running == whole
    assert held == replace(whole, in_flight=0, net_low=100_000)
    assert risk.contribute(gone.trades[0], gone.prices, gone.settings) == risk.NOTHING


def test_what_the_gate_is_asked_is_of_leg_a_alone():
    begun = alone()

    asked = risk.intent(begun, risk.NOTHING, (("AAA", 110),), SETTINGS)

    assert (asked.largest_order, asked.order_notional, asked.market_price) == (1_000, 110_000, 110)


def test_size_is_what_the_limits_leave_for_leg_a():
    state = ready(settings(replace(WIDE, gross_bps=50)))

    assert largest_allowed(state, one()) == 500
    assert largest_allowed(state, signal()) == 250
    assert sizing.resized(alone(), 10).leg_b == NO_LEG


# ---- netting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "left"),
    [
        (one(1, "squeeze", side_a="sell", quantity_a=400), (one(quantity_a=600), None)),
        (one(1, "squeeze", side_a="sell", side_b="buy", quantity_a=1_000), (None, None)),
        (signal(1, "squeeze", side_a="sell", quantity_a=250, symbol_b="CCC"), (one(quantity_a=750), None)),
        (
            signal(1, "squeeze", symbol_a="CCC", quantity_a=10, symbol_b="AAA", quantity_b=300),
            (one(quantity_a=700), None),
        ),
        (SELLS_BBB, (one(), SELLS_BBB)),
    ],
    ids=["less", "the same", "leg A of a pair", "leg B of a pair", "another symbol"],
)
def test_what_opposes_leg_a_is_set_off_against_it(other, left):
    state = ready(NETS)

    assert netted(state, (one(), other)) == left
    assert netted(state, (other, one())) == left[::-1]


def test_a_pair_of_which_no_leg_b_is_left_is_no_trade_of_one_leg():
    pair = signal(quantity_a=100, quantity_b=1)
    against = one(1, "squeeze", side_a="sell", quantity_a=50)

    commands = commands_of(ready(NETS), SignalsReceived((pair, against)))

    assert [each.reason for each in of_kind(commands, RefuseSignal)] == ["NETTED", "NETTED"]
