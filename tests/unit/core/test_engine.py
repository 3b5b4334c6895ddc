"""Signals through the engine: each id once, each key once at a time, every reason to refuse."""

from dataclasses import replace
from typing import get_args

import pytest

from core import engine
from core.messages import (
    BreakerTripRequested,
    EndTrade,
    LiquidityReported,
    OrderAccepted,
    OrderRejected,
    PriceMoved,
    PriceUnusable,
    Refusal,
    RefuseSignal,
    RequestOutcomeUnknown,
    Restarted,
    SessionChanged,
    SettingsChanged,
    SignalId,
    SubmitOrder,
    TradingHalted,
)
from core.orders import Order
from core.settings import Instrument, Limits, MessageRate, Protocol, Settings, Strategy
from tests.unit.core.build import (
    CASH,
    ENTRY,
    HEDGE,
    LINGER,
    SETTINGS,
    SIGNAL,
    WIDE,
    after,
    asked_again,
    both_filled,
    commands_of,
    confirmed_expired,
    filled,
    found,
    of_kind,
    order_id,
    ready,
    settings,
    signal,
    submitted,
)
from tests.unit.core.build import fill as one_fill

GRID = Settings(
    (
        Instrument("AAA", price_step=5, quantity_step=10, minimum_quantity=20, minimum_notional=10_001),
        Instrument("BBB", quantity_step=100, minimum_quantity=300),
        Instrument("CCC", tick_lot_value=3, minimum_notional=301),
    )
)


def refusal(state, event):
    """Why the engine refuses a signal; None when it does not."""
    _, commands = engine.step(state, event)
    reasons = [each.reason for each in of_kind(commands, RefuseSignal)]
    assert bool(reasons) != bool(of_kind(commands, SubmitOrder))
    return reasons[0] if reasons else None


# ---- a signal ------------------------------------------------------------------------------------


def test_an_engine_starts_with_cash_no_prices_and_nothing_tripped():
    state = engine.initial(settings(), CASH)

    assert (state.book.cash, state.gauges.opening, engine.equity(state)) == (CASH, CASH, CASH)
    assert state.prices == (("AAA", None), ("BBB", None), ("CCC", None))
    assert (state.trades, state.high_water, state.day) == ((), (), 0)


def test_a_signal_opens_a_trade_with_its_entry():
    state, commands = engine.step(ready(), signal())

    assert commands == submitted(ENTRY, 1_000)
    assert [each.signal for each in state.trades] == [SIGNAL]
    assert state.high_water == (("pairs", 1),)


def test_a_trade_knows_its_legs_as_planned_and_judged():
    state = after(ready(GRID), signal(limit_price_a=95, stop_price_a=90, stop_price_b=60))

    (begun,) = state.trades
    assert (begun.leg_a.symbol, begun.leg_a.side, begun.leg_a.planned) == ("AAA", "buy", 1_000)
    assert (begun.leg_a.price, begun.leg_a.limit_price, begun.leg_a.stop_price) == (95, 95, 90)
    assert (begun.leg_a.step, begun.leg_a.minimum) == (10, 106)  # 10,001 at 95 each, rounded up
    assert (begun.leg_b.symbol, begun.leg_b.side, begun.leg_b.planned) == ("BBB", "sell", 2_000)
    assert (begun.leg_b.price, begun.leg_b.limit_price, begun.leg_b.stop_price) == (50, None, 60)
    assert (begun.leg_b.step, begun.leg_b.minimum) == (100, 300)
    assert begun.protocol == Protocol()


def test_trades_are_sorted_by_strategy_and_sequence():
    state = after(
        ready(settings()),
        signal(9, "b"),
        signal(10, "a", symbol_b="CCC"),
        signal(10, "b", symbol_a="BBB", side_a="sell", symbol_b="AAA", side_b="buy"),
        signal(11, "a", symbol_a="CCC", side_a="sell"),
    )

    assert [(each.signal.strategy, each.signal.sequence) for each in state.trades] == [
        ("a", 10),
        ("a", 11),
        ("b", 9),
        ("b", 10),
    ]
    assert state.high_water == (("a", 11), ("b", 10))


# ---- each id once --------------------------------------------------------------------------------


@pytest.mark.covers("CH-13")
def test_the_same_signal_five_times_is_one_trade():
    state = ready()

    commands = commands_of(state, *[signal()] * 5)

    assert of_kind(commands, SubmitOrder) == submitted(ENTRY, 1_000)[:1]
    assert of_kind(commands, RefuseSignal) == (RefuseSignal(SIGNAL, "DUPLICATE_SIGNAL"),) * 4


@pytest.mark.covers("CH-12", "CH-13")
def test_the_same_signal_between_the_steps_of_its_trade_is_one_trade():
    story = (
        signal(quantity_b=1_000),
        signal(quantity_b=1_000),
        found(ENTRY, "closed", one_fill(600)),
        signal(quantity_b=1_000),
        filled(HEDGE, 600),
        signal(quantity_b=1_000),
        LINGER,
        signal(quantity_b=1_000),
    )

    commands = commands_of(ready(), *story)

    assert [(each.order, each.quantity) for each in of_kind(commands, SubmitOrder)] == [
        (ENTRY, 1_000),
        (HEDGE, 600),
    ]


@pytest.mark.parametrize("sequence", [7, 6, 0, -1])
def test_an_id_at_or_below_the_strategy_s_highest_is_a_duplicate(sequence):
    state = after(ready(), signal(7, symbol_b="CCC"))

    assert refusal(state, signal(sequence)) == "DUPLICATE_SIGNAL"
    assert refusal(state, signal(8)) is None
    assert refusal(state, signal(sequence + 10, "other")) is None


def test_the_smallest_sequence_is_zero():
    assert refusal(ready(), signal(0)) is None
    assert refusal(ready(), signal(-1)) == "DUPLICATE_SIGNAL"


def test_before_the_first_price_nothing_is_traded():
    assert refusal(engine.initial(settings(), CASH), signal()) == "PRICE_UNUSABLE"


def test_a_refused_id_is_answered_and_not_taken_later():
    state = after(ready(), PriceUnusable("AAA"), signal(3))

    assert refusal(after(state, PriceMoved("AAA", 100)), signal(3)) == "DUPLICATE_SIGNAL"


# ---- each key once at a time -----------------------------------------------------------------------

BUSY = {
    "entry": (),
    "entry partly filled": (filled(ENTRY, 400),),
    "hedge": (filled(ENTRY, 1_000),),
    "flatten": (filled(ENTRY, 400), *confirmed_expired(ENTRY, 400)),
}
ONE_QUESTION = settings(protocol=Protocol(query_attempts=1))
EXITS = {
    "hedged": both_filled(),
    "unfilled": (OrderRejected(ENTRY, "no"),),
    "flattened": (*BUSY["flatten"], filled(order_id("flatten_a"), 400)),
    "parked": (RequestOutcomeUnknown(ENTRY, "submit"), asked_again(ENTRY)),
}


@pytest.mark.covers("CH-11")
@pytest.mark.parametrize("name", BUSY)
def test_a_second_id_on_a_key_in_flight_is_refused(name):
    state = after(ready(settings()), signal(1), *BUSY[name])

    assert [each.phase for each in state.trades] == [name.split()[0]]
    assert refusal(state, signal(2)) == "KEY_BUSY"
    assert refusal(state, signal(1, "other")) == "KEY_BUSY"


@pytest.mark.covers("CH-11")
@pytest.mark.parametrize("outcome", EXITS)
def test_a_key_is_free_again_whatever_way_its_trade_ended(outcome):
    state = after(ready(ONE_QUESTION), signal(1), *EXITS[outcome])

    assert [each.outcome for each in state.trades] == [outcome]
    assert refusal(state, signal(2)) is None


@pytest.mark.parametrize("other", [{"symbol_b": "CCC"}, {"symbol_a": "CCC"}], ids=["leg B", "leg A"])
def test_another_pair_is_another_key(other):
    assert refusal(after(ready(settings()), signal(1)), signal(2, **other)) is None


@pytest.mark.covers("CH-06")
def test_five_signals_one_after_another_are_five_trades():
    story = []
    for sequence in range(1, 6):
        story += [signal(sequence), *both_filled(sequence), signal(sequence)]

    commands = commands_of(ready(settings()), *story)

    assert len(of_kind(commands, SubmitOrder)) == 10
    assert [(each.signal.sequence, each.outcome) for each in of_kind(commands, EndTrade)] == [
        (sequence, "hedged") for sequence in range(1, 6)
    ]
    assert len(of_kind(commands, RefuseSignal)) == 5


# ---- every refusal ---------------------------------------------------------------------------------

ONE_TRADE = settings(replace(WIDE, trades_in_flight=1))
ONE_MESSAGE = settings(replace(WIDE, message_rate=MessageRate(1, 1, 1)))
BOOKS = (  # of which the pair takes a tenth, and a hundredth of a day's volume
    LiquidityReported("AAA", 10_000, 10_000, 1, 100_000, 200),
    LiquidityReported("BBB", 20_000, 20_000, 1, 200_000, 200),
)
OWNED = replace(settings(), strategies=(Strategy("pairs", 200),))
REFUSALS = [
    ("DUPLICATE_SIGNAL", settings(), (signal(1),), signal(1)),
    ("KEY_BUSY", settings(), (signal(1),), signal(2)),
    ("INVALID_SIGNAL", SETTINGS, (), signal(symbol_b="AAA")),
    ("INVALID_SIGNAL", SETTINGS, (), signal(symbol_a="ZZZ")),
    ("INVALID_SIGNAL", SETTINGS, (), signal(symbol_b="ZZZ")),
    ("INVALID_SIGNAL", SETTINGS, (), signal(quantity_a=0)),
    ("INVALID_SIGNAL", SETTINGS, (), signal(quantity_b=-1)),
    ("INVALID_SIGNAL", SETTINGS, (), signal(limit_price_a=0)),
    ("INVALID_SIGNAL", SETTINGS, (), signal(stop_price_a=0)),
    ("INVALID_SIGNAL", SETTINGS, (), signal(stop_price_b=-5)),
    ("OFF_STEP", GRID, (), signal(quantity_a=1_001)),
    ("OFF_STEP", GRID, (), signal(quantity_b=2_050)),
    ("OFF_STEP", GRID, (), signal(limit_price_a=96)),
    ("OFF_STEP", GRID, (), signal(stop_price_a=91)),
    ("BELOW_MINIMUM", GRID, (), signal(quantity_a=10)),
    ("BELOW_MINIMUM", GRID, (), signal(quantity_a=100)),
    ("BELOW_MINIMUM", GRID, (), signal(quantity_b=200)),
    ("BELOW_MINIMUM", GRID, (), signal(symbol_a="CCC", quantity_a=10)),
    ("PRICE_UNUSABLE", SETTINGS, (PriceUnusable("AAA"),), signal(limit_price_a=100)),
    ("PRICE_UNUSABLE", SETTINGS, (PriceUnusable("BBB"),), signal()),
    ("HALTED", SETTINGS, (BreakerTripRequested(),), signal()),
    ("SESSION_CLOSED", SETTINGS, (SessionChanged(0, "closing"),), signal()),
    ("SYMBOL_HALTED", SETTINGS, (TradingHalted(("BBB",)),), signal()),
    ("RECOVERING", settings(), (signal(1), Restarted()), signal(2, symbol_b="CCC")),
    ("OPPOSING_POSITION", settings(), (signal(1),), signal(2, side_a="sell", symbol_b="CCC")),
    ("OPPOSING_POSITION", settings(), (signal(1),), signal(2, symbol_a="CCC", side_b="buy")),
    ("ORDER_SIZE", settings(Limits(order_quantity=1_999)), (), signal()),
    ("ORDER_NOTIONAL", settings(Limits(order_notional=99_999)), (), signal()),
    ("PRICE_COLLAR", SETTINGS, (), signal(limit_price_a=111)),
    ("LIQUIDITY_UNKNOWN", settings(Limits(spread_bps=1)), (), signal()),
    ("PARTICIPATION", settings(Limits(participation_bps=1)), BOOKS, signal()),
    ("SPREAD", settings(Limits(spread_bps=199)), BOOKS, signal()),
    ("MARKET_IMPACT", settings(Limits(impact_bps=19)), BOOKS, signal()),
    ("MESSAGE_RATE", ONE_MESSAGE, (signal(1),), signal(2, symbol_b="CCC")),
    ("TRADES_IN_FLIGHT", ONE_TRADE, (signal(1),), signal(2, symbol_b="CCC")),
    ("POSITION_CAP", SETTINGS, (), signal(quantity_a=20_001)),
    ("GROSS_EXPOSURE", settings(Limits(gross_bps=199)), (), signal()),
    ("STRATEGY_CAP", settings(Limits(strategy_bps=199)), (), signal()),
    ("NET_EXPOSURE", settings(Limits(net_bps=99)), (), signal()),
    ("LEVERAGE", settings(Limits(leverage_bps=199)), (), signal()),
    ("CLUSTER_EXPOSURE", settings(Limits(cluster_bps=199)), (), signal()),
    ("HEAT", SETTINGS, (), signal(quantity_a=10_000)),
    ("UNKNOWN_STRATEGY", OWNED, (), signal(strategy="other")),
    ("UNKNOWN_STRATEGY", OWNED, (), signal(strategy="")),
    ("STRATEGY_BUDGET", OWNED, (), signal(quantity_a=1_001)),
]


@pytest.mark.covers("TC-IF-002")
@pytest.mark.parametrize(
    ("reason", "chosen", "history", "event"), REFUSALS, ids=[each[0] for each in REFUSALS]
)
def test_a_refused_signal_sends_nothing_and_leaves_only_its_id(reason, chosen, history, event):
    state = after(ready(chosen), *history)

    refused, commands = engine.step(state, event)

    assert commands == (RefuseSignal(event.signal, reason),)
    assert replace(refused, high_water=state.high_water) == state
    assert dict(refused.high_water)[event.signal.strategy] == event.signal.sequence


def test_every_reason_to_refuse_is_reachable():
    netted = {"NETTED"}  # of several signals only; see test_portfolio_netting
    assert {refused[0] for refused in REFUSALS} == set(get_args(Refusal)) - netted


@pytest.mark.parametrize(
    "event",
    [
        signal(quantity_a=110),
        signal(quantity_a=101 * 10, limit_price_a=100, stop_price_a=95),
        signal(quantity_b=300),
        signal(symbol_a="CCC", quantity_a=11),
    ],
    ids=["notional", "prices on the grid", "quantity", "notional of worthier lots"],
)
def test_the_smallest_order_the_venue_takes_is_taken(event):
    assert refusal(ready(GRID), event) is None


@pytest.mark.parametrize("position", ["in flight", "held"])
@pytest.mark.parametrize(
    "opposing", [{"side_a": "sell", "symbol_b": "CCC"}, {"symbol_a": "CCC", "side_b": "buy"}], ids=["A", "B"]
)
@pytest.mark.covers("MS-04")
def test_a_signal_against_what_another_strategy_holds_is_refused_whole(position, opposing):
    events = both_filled() if position == "held" else ()
    state = after(ready(settings()), signal(), *events)

    assert refusal(state, signal(1, "other", **opposing)) == "OPPOSING_POSITION"
    assert refusal(state, signal(1, "other", symbol_b="CCC")) is None


@pytest.mark.covers("TC-IF-008")
def test_what_is_working_counts_as_filled_and_a_rejection_gives_it_back():
    limited = settings(Limits(heat_bps=201, exit_cost_bps=0))  # 201,000, one pair stands for 200,000
    waiting = after(ready(limited), signal(1), OrderAccepted(ENTRY))
    spare = signal(2, symbol_b="CCC", quantity_a=10, quantity_b=1)

    assert refusal(waiting, spare) == "HEAT"
    assert refusal(after(waiting, OrderRejected(ENTRY, "no")), spare) is None


@pytest.mark.covers("TC-IF-008")
def test_what_is_held_counts_at_the_market():
    limited = settings(Limits(heat_bps=201, exit_cost_bps=0))
    held = after(ready(limited), signal(1), *both_filled())
    spare = signal(2, symbol_b="CCC", quantity_a=10, quantity_b=1)

    assert refusal(held, spare) == "HEAT"
    assert refusal(after(held, PriceMoved("AAA", 99)), spare) is None


def test_a_running_trade_s_orders_are_all_its_own():
    state = after(ready(settings()), signal(1), *both_filled(), signal(2, "other", symbol_b="CCC"))

    assert [[order.id.signal for order in each.orders] for each in state.trades] == [
        [SignalId("other", 2)],
        [SIGNAL, SIGNAL],
    ]
    assert all(isinstance(order, Order) for each in state.trades for order in each.orders)


def test_a_signal_is_judged_by_the_limits_of_the_moment():
    state = ready(settings(Limits(heat_bps=201, exit_cost_bps=0)))
    tighter = settings(Limits(heat_bps=199, exit_cost_bps=0))

    assert refusal(state, signal()) is None
    assert refusal(after(state, SettingsChanged(tighter)), signal()) == "HEAT"
