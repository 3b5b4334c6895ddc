"""What is true of the venue after any sequence of requests and decisions whatsoever."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import ceil, inf

from hypothesis import given, settings
from hypothesis import strategies as st

from hedgecheck.messages import CancelOrder, CreateOrder, FetchOrder, Filled, ReplaceOrder, Report, Request
from hedgecheck.venue import (
    LEVELS,
    Book,
    Decision,
    FillOrder,
    House,
    Market,
    MovePrice,
    NewSession,
    ReplaceAcross,
    ReshapeBook,
    Venue,
    book_of,
    fillable,
    filled,
    find,
    position_of,
    step,
    waits,
)

State = tuple[Venue, tuple[Report, ...]]

MANY = settings(max_examples=300)

NAMES = ("X", "Y", "X~2")
SYMBOLS = ("AAA",) * 6 + ("BBB", "BBB", "ZZZ")  # the last is not listed
AMOUNTS = (10, 10, 8, 6, 5, 4, 2, 2, 1, 1, 20, 0, -1)
LIMITS = (None,) * 6 + (100, 100, 105, 95, 0, -1)
STOPS = (None,) * 8 + (105, 95, 110, 90)
PRICES = (100, 95, 105, 125, 80, 150, 1, 0)
DEPTHS = (4, 10, 2, 1, 0, 6, 20, -1)
SPREADS = (2, 1, 0, 5, 9, -1)
EVENT_BYTES = 5
CODES = st.binary(min_size=30 * EVENT_BYTES, max_size=60 * EVENT_BYTES)


def event_of(code: bytes, venue: Venue) -> Request | Decision:
    """The event that five bytes stand for: a third orders, a third fills, most of them possible."""
    kind, name, amount, price, flags = code
    name_of, amount_of = NAMES[name % 3], AMOUNTS[amount % 13]
    symbol = SYMBOLS[flags // 8 % 9]
    match kind % 12:
        case 0 | 1 | 2 | 3:
            side = "buy" if flags & 1 else "sell"
            reduce_only, immediate = flags & 6 == 6, flags & 6 == 4
            limit, stop = LIMITS[price % 12], STOPS[price // 12 % 12]
            new = CreateOrder(name_of, symbol, side, amount_of, limit, reduce_only, immediate)
            return replace(new, stop_price=stop)
        case 4 | 5 | 6 | 7:
            whole = find(venue, name_of) if flags & 4 else None
            return FillOrder(name_of, fillable(venue, whole) if whole else amount_of, flags & 3 == 3)
        case 8 | 9:
            return MovePrice(symbol, PRICES[price % 8])
        case 10 if flags & 1:
            return ReshapeBook(Book(symbol, SPREADS[name % 6], DEPTHS[amount % 8], DEPTHS[price % 8]))
        case _:
            limit, stop = LIMITS[price % 12], STOPS[price // 12 % 12]
            changed = ReplaceOrder(name_of, AMOUNTS[flags % 13], limit, stop)
            across = ReplaceAcross(name_of, AMOUNTS[flags % 13], amount_of, limit, stop)
            return (CancelOrder(name_of), FetchOrder(name_of), NewSession(), changed, across)[amount % 5]


def history(venue: Venue, code: bytes) -> list[State]:
    """Each state with what was said on the way to it, from the opening on: arbitrary bytes as events."""
    states: list[State] = [(venue, ())]
    for at in range(0, len(code) - EVENT_BYTES + 1, EVENT_BYTES):
        last, _ = states[-1]
        states.append(step(last, event_of(code[at : at + EVENT_BYTES], last)))
    return states


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


def fills_in(states: list[State]) -> list[Filled]:
    """Every execution reported, in order."""
    return [report for _, reports in states for report in reports if isinstance(report, Filled)]


def quotes(venue: Venue, symbol: str) -> dict[str, float]:
    """The best price to buy and to sell at; beyond any limit where nobody is there."""
    mid, book = dict(venue.prices)[symbol], book_of(venue, symbol)
    if book is None:
        return {"buy": mid, "sell": mid}
    tick = next(each.tick for each in venue.house.markets if each.symbol == symbol)
    ladders = {"buy": [], "sell": []}
    for level in range(LEVELS):
        ladders["buy"] += [mid + ceil(book.spread / 2) + level * tick] * book.ask_depth
        ladders["sell"] += [max(tick, mid - book.spread // 2 - level * tick)] * book.bid_depth
    asks, bids = ladders["buy"][book.asks_taken :], ladders["sell"][book.bids_taken :]
    return {"buy": min(asks, default=inf), "sell": max(bids, default=-inf)}


@MANY
@given(venues(), CODES)
def test_cash_and_positions_are_a_recount_of_the_fills_reported(venue: Venue, code: bytes) -> None:
    states = history(venue, code)
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


@MANY
@given(venues(), CODES)
def test_spot_balances_are_never_negative(venue: Venue, code: bytes) -> None:
    spot = replace(venue, house=replace(venue.house, account="spot"))
    spot = replace(spot, positions=tuple((symbol, abs(lots)) for symbol, lots in spot.positions))

    for state, _ in history(spot, code):
        assert state.cash >= 0
        assert all(lots > 0 for _, lots in state.positions)


@MANY
@given(venues(), CODES)
def test_no_order_is_filled_beyond_its_amount(venue: Venue, code: bytes) -> None:
    for state, _ in history(venue, code):
        for order in state.orders:
            assert 0 <= filled(order) <= order.request.amount
            assert (filled(order) == order.request.amount) == (order.phase == "filled")


@MANY
@given(venues(), CODES)
def test_stop_order_works_from_the_first_price_at_its_stop_on(venue: Venue, code: bytes) -> None:
    for state, _ in history(venue, code):
        prices = dict(state.prices)
        for order in state.orders:
            stop = order.request.stop_price
            if stop is not None and order.phase == "open" and not order.triggered:
                assert not order.fills
                reach = stop - prices[order.request.symbol]
                assert (reach if order.request.side == "buy" else -reach) > 0


@MANY
@given(venues(), CODES)
def test_reduce_only_fill_never_grows_or_flips_a_margin_position(venue: Venue, code: bytes) -> None:
    margin = replace(venue, house=replace(venue.house, account="margin", fee_bps=0))
    states = history(margin, code)

    for (before, _), (after, reports) in pairwise(states):
        for fill in reports:
            if isinstance(fill, Filled) and find(before, fill.client_order_id).request.reduce_only:
                held, left = position_of(before, fill.symbol), position_of(after, fill.symbol)
                assert abs(left) < abs(held)
                assert left * held >= 0


@MANY
@given(venues(), CODES)
def test_trade_ids_are_unique_for_ever(venue: Venue, code: bytes) -> None:
    trades = [fill.trade_id for fill in fills_in(history(venue, code))]

    assert len(set(trades)) == len(trades)


@MANY
@given(venues(), CODES)
def test_immediate_order_that_rests_can_always_trade(venue: Venue, code: bytes) -> None:
    for state, _ in history(venue, code):
        for order in state.orders:
            request = order.request
            at_work = order.phase == "open" and not waits(order)
            if at_work and request.immediate and request.price is not None:
                reach = request.price - quotes(state, request.symbol)[request.side]
                assert (reach if request.side == "buy" else -reach) >= 0


@MANY
@given(venues(), CODES)
def test_what_a_book_loses_is_what_was_filled_from_it_and_it_never_gives_more_than_it_has(
    venue: Venue, code: bytes
) -> None:
    for (before, _), (after, reports) in pairwise(history(venue, code)):
        filled_lots = Counter()
        for fill in reports:
            if isinstance(fill, Filled):
                filled_lots[fill.symbol, fill.side] += fill.amount
                best = quotes(before, fill.symbol)[fill.side]
                assert fill.price >= best if fill.side == "buy" else fill.price <= best
        for book in after.books:
            was = book_of(before, book.symbol)
            assert 0 <= book.bids_taken <= LEVELS * book.bid_depth
            assert 0 <= book.asks_taken <= LEVELS * book.ask_depth
            if was is not None and filled_lots:
                gone = book.asks_taken - was.asks_taken, book.bids_taken - was.bids_taken
                assert gone == (filled_lots[book.symbol, "buy"], filled_lots[book.symbol, "sell"])


@MANY
@given(venues(), CODES)
def test_step_is_a_function_of_its_input_and_never_raises(venue: Venue, code: bytes) -> None:
    first, second = history(venue, code), history(venue, code)

    assert first == second
    assert len(first) == len(code) // EVENT_BYTES + 1
    assert hash(first[-1][0]) == hash(second[-1][0])
