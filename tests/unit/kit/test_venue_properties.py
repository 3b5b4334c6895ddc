"""What is true of the venue after any sequence of requests and decisions whatsoever."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from hedgecheck.messages import CancelOrder, CreateOrder, FetchOrder, Filled, Report
from hedgecheck.venue import (
    FillOrder,
    House,
    Market,
    MovePrice,
    NewSession,
    Venue,
    filled,
    find,
    position_of,
    step,
)

ORDINARY = settings(max_examples=300)

SYMBOLS = st.sampled_from(("AAA", "AAA", "AAA", "BBB", "ZZZ"))  # the last is not listed
NAMES = st.sampled_from(("X", "Y", "X~2"))
SIDES = st.sampled_from(("buy", "sell"))
AMOUNTS = st.one_of(st.integers(2, 12), st.integers(1, 6).map(lambda half: 2 * half), st.integers(-1, 1))
PRICES = st.one_of(st.sampled_from((80, 95, 100, 105, 200)), st.integers(-1, 300))
LIMITS = st.none() | PRICES

CREATES = st.builds(CreateOrder, NAMES, SYMBOLS, SIDES, AMOUNTS, LIMITS, st.booleans(), st.booleans())
OTHERS = st.one_of(
    st.builds(FillOrder, NAMES, AMOUNTS, st.booleans()),
    st.builds(CancelOrder, NAMES),
    st.builds(FetchOrder, NAMES),
    st.builds(MovePrice, SYMBOLS, PRICES),
    st.just(NewSession()),
)


@st.composite
def orders(draw: st.DrawFn) -> tuple[object, ...]:
    """An order, and what happens next: most of it about that order and its symbol."""
    request = draw(CREATES)
    amounts = st.just(request.amount) | AMOUNTS
    fills = st.builds(FillOrder, st.just(request.client_order_id), amounts, st.booleans())
    moves = st.builds(MovePrice, st.just(request.symbol), PRICES)
    return request, *draw(st.lists(st.one_of(fills, moves, fills, OTHERS), max_size=4))


EVENTS = st.lists(orders(), max_size=10).map(lambda parts: [event for part in parts for event in part])


@st.composite
def venues(draw: st.DrawFn) -> Venue:
    """Any house, and an account that holds something; on spot nothing below zero."""
    lots, ticks = st.sampled_from((1, 2)), st.sampled_from((1, 5))
    markets = tuple(
        Market(symbol, draw(ticks), draw(lots), draw(lots), draw(st.sampled_from((0, 300))), draw(lots))
        for symbol in ("AAA", "BBB")
    )
    account = draw(st.sampled_from(("margin", "spot")))
    uniqueness = draw(st.sampled_from(("open_orders", "session", "forever")))
    house = House(markets, account, uniqueness, draw(st.sampled_from((0, 1, 100, 2_500, 10_000))))
    held = draw(st.integers(0 if account == "spot" else -9, 9))
    positions = (("AAA", held),) if held else ()
    return Venue(house, draw(st.integers(0, 3_000)), (("AAA", 100), ("BBB", 100)), positions)


def history(venue: Venue, events: list[object]) -> list[tuple[Venue, tuple[Report, ...]]]:
    """Each state with what was said on the way to it, from the opening on."""
    states: list[tuple[Venue, tuple[Report, ...]]] = [(venue, ())]
    for event in events:
        states.append(step(states[-1][0], event))
    return states


def fills_in(states: list[tuple[Venue, tuple[Report, ...]]]) -> list[Filled]:
    """Every execution reported, in order."""
    return [report for _, reports in states for report in reports if isinstance(report, Filled)]


@ORDINARY
@given(venues(), EVENTS)
def test_cash_and_positions_are_a_recount_of_the_fills_reported(venue: Venue, events: list[object]) -> None:
    states = history(venue, events)
    values = {market.symbol: market.tick_lot_value for market in venue.house.markets}
    cash, positions = venue.cash, Counter(dict(venue.positions))

    for fill in fills_in(states):
        sign = {"buy": 1, "sell": -1}[fill.side]
        cash -= sign * fill.amount * fill.price * values[fill.symbol]
        cash -= fill.fee_money
        positions[fill.symbol] += sign * fill.amount
        positions[fill.symbol] -= fill.fee_lots

    last = states[-1][0]
    assert last.cash == cash
    assert dict(last.positions) == {symbol: lots for symbol, lots in positions.items() if lots}


@ORDINARY
@given(venues(), EVENTS)
def test_spot_balances_are_never_negative(venue: Venue, events: list[object]) -> None:
    spot = replace(venue, house=replace(venue.house, account="spot"))
    spot = replace(spot, positions=tuple((symbol, abs(lots)) for symbol, lots in spot.positions))

    for state, _ in history(spot, events):
        assert state.cash >= 0
        assert all(lots > 0 for _, lots in state.positions)


@ORDINARY
@given(venues(), EVENTS)
def test_no_order_is_filled_beyond_its_amount(venue: Venue, events: list[object]) -> None:
    for state, _ in history(venue, events):
        for order in state.orders:
            assert 0 <= filled(order) <= order.request.amount
            assert (filled(order) == order.request.amount) == (order.phase == "filled")


@ORDINARY
@given(venues(), EVENTS)
def test_reduce_only_fill_never_grows_or_flips_a_margin_position(venue: Venue, events: list[object]) -> None:
    margin = replace(venue, house=replace(venue.house, account="margin", fee_bps=0))
    states = history(margin, events)

    for (before, _), (after, reports) in pairwise(states):
        for fill in reports:
            if isinstance(fill, Filled) and find(before, fill.client_order_id).request.reduce_only:
                held, left = position_of(before, fill.symbol), position_of(after, fill.symbol)
                assert abs(left) < abs(held)
                assert left * held >= 0


@ORDINARY
@given(venues(), EVENTS)
def test_trade_ids_are_unique_for_ever(venue: Venue, events: list[object]) -> None:
    trades = [fill.trade_id for fill in fills_in(history(venue, events))]

    assert len(set(trades)) == len(trades)


@ORDINARY
@given(venues(), EVENTS)
def test_immediate_order_that_rests_can_always_trade(venue: Venue, events: list[object]) -> None:
    for state, _ in history(venue, events):
        prices = dict(state.prices)
        for order in state.orders:
            request = order.request
            if order.phase == "open" and request.immediate and request.price is not None:
                reach = request.price - prices[request.symbol]
                assert (reach if request.side == "buy" else -reach) >= 0


@ORDINARY
@given(venues(), EVENTS)
def test_step_is_a_function_of_its_input_and_never_raises(venue: Venue, events: list[object]) -> None:
    first, second = history(venue, events), history(venue, events)

    assert first == second
    assert len(first) == len(events) + 1
    assert hash(first[-1][0]) == hash(second[-1][0])
