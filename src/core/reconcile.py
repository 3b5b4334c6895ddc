"""Compares what is believed with what a venue reports: which kind each difference is. Nothing is booked here.

Orders come first, then fills, then positions and cash: while the fate of an order is open, or its fills are
not all told, nothing follows from a position. Only fills of orders that were made here are ever taken over
without a person, and only where they account for every lot and all cash that differ.
"""

from collections.abc import Collection, Iterator, Sequence

from core.messages import OrderId
from core.orders import Order, is_calm, is_live, is_settled, position_change
from core.positions import Book, book_fill
from core.reconcile_report import (
    ANSWERS,
    Answer,
    Difference,
    Kind,
    ListedFill,
    ListedOrder,
    Report,
    Seen,
    Terms,
)
from core.settings import Protocol, Settings, instrument
from core.state import State
from core.tracking import is_given_up
from core.units import Money
from core.values import replace

CONFIRMED: tuple[Kind, ...] = ("ended_fill", "external_trade", "phantom", "cash", "clock_skew")

Found = Iterator[Difference]
Amounts = dict[str, tuple[int, int]]  # by symbol: lots believed, lots reported


def answer_to(difference: Difference) -> Answer:
    """What is to be done about it."""
    return ANSWERS[difference.kind]


def differences(state: State, report: Report, seen: Seen, terms: Terms) -> tuple[Difference, ...]:
    """How the report differs from what is believed. Of what it does not say nothing follows."""
    found = [*_of_orders(state, report), *_of_fills(state, report, seen.trades)]
    is_open = any(answer_to(each) != "ask" for each in found)
    is_quiet = not is_open and not any(_is_under_way(order) for _, order in _orders(state))
    found += _of_strange_symbols(state, report)
    found += _of_holdings(state, report, seen.trades, terms, is_quiet)
    if report.skew is not None and abs(report.skew) > terms.skew:
        found.append(Difference("clock", "clock_skew", "clock", 0, report.skew))
    return tuple([_aged(each, seen.found, terms) for each in found])


def _aged(difference: Difference, before: Collection[Difference], terms: Terms) -> Difference:
    """The difference with how often it was found, and what that makes of it. History that is short of a fill
    is no dispute: what is wrong shows in a position."""
    rounds = 1 + sum([each.rounds for each in before if is_same(each, difference)])
    kind = difference.kind
    if kind in CONFIRMED:
        kind = kind if rounds >= terms.confirmations else "unconfirmed"
    elif rounds >= terms.rounds and difference.part != "trades":
        kind = "dispute"
    return replace(difference, kind=kind, rounds=rounds)


def is_same(one: Difference, other: Difference) -> bool:
    """Whether both say the same of the same. No clock is ever wrong by the same twice."""
    if (one.part, one.subject) != (other.part, other.subject):
        return False
    return one.part == "clock" or (one.believed, one.reported) == (other.believed, other.reported)


def is_ours(state: State, order: OrderId) -> bool:
    """Whether a signal of that id was answered here, so that the order may have been made here."""
    return order.signal.sequence <= dict(state.high_water).get(order.signal.strategy, -1)


# ---- orders ----------------------------------------------------------------------------------------


def _orders(state: State) -> Iterator[tuple[Protocol, Order]]:
    for trade in state.trades:
        for order in trade.orders:
            yield trade.protocol, order


def _is_under_way(order: Order) -> bool:
    """Whether something about it is open that the venue has not said yet."""
    return not is_calm(order) if is_live(order) else not is_settled(order)


def _of_orders(state: State, report: Report) -> Found:
    if report.orders is None:
        return
    listed = {each.order: each for each in report.orders}
    for protocol, order in _orders(state):
        there = listed.pop(order.id, None)
        kind = _compared(order, there)
        if kind is not None:
            reported = None if there is None else there.filled
            yield _asked(Difference("orders", kind, order.id, order.filled, reported), order, protocol)
    for each in listed.values():
        kind = "stale_report" if is_ours(state, each.order) else "external_trade"
        yield Difference("orders", kind, each.order, None, each.filled)


def _compared(order: Order, there: ListedOrder | None) -> Kind | None:
    """What is wrong with an order, by the list of those that work at the venue."""
    if there is None:
        return "missing_fill" if is_live(order) else None
    if (there.symbol, there.side) != (order.symbol, order.side):
        return "external_trade"
    if there.filled != order.filled:
        return "late_fill" if there.filled > order.filled else "stale_report"
    if is_live(order):
        return None if there.quantity == order.quantity else "missing_fill"
    return "missing_fill" if order.phase in ("absent", "rejected") else "stale_report"


def _asked(difference: Difference, order: Order, protocol: Protocol) -> Difference:
    """The same, in flight where the order is being asked about or changed as it is."""
    may_ask = is_given_up(order, protocol) or not _is_under_way(order)
    if ANSWERS[difference.kind] != "query" or may_ask:
        return difference
    return replace(difference, kind="in_flight")


# ---- fills -----------------------------------------------------------------------------------------


def _of_fills(state: State, report: Report, booked: Sequence[str]) -> Found:
    """Fills of orders in the state that only one side knows."""
    if report.fills is None:
        return
    listed = {each.fill.trade_id for each in report.fills}
    covered = _covered(booked, listed)
    for protocol, order in _orders(state):
        known = {each.trade_id for each in order.fills}
        there = {each.fill.trade_id for each in report.fills if each.order == order.id}
        found = Difference("trades", "late_fill", order.id, len(known), len(there))
        if not there <= known:
            yield _asked(found, order, protocol)
        elif not known & covered <= listed:
            yield replace(found, kind="stale_report")


def _covered(booked: Sequence[str], listed: Collection[str]) -> set[str]:
    """The booked fills that the venue ought to list: it shows the latest, so all after one that it lists. A
    history without any ought to have all of them."""
    first = next((at for at, each in enumerate(booked) if each in listed), 0 if not listed else len(booked))
    return set(booked[first:])


# ---- positions and cash ----------------------------------------------------------------------------


def _of_strange_symbols(state: State, report: Report) -> Found:
    """What is held of symbols that are not traded here: nothing here made it, nor counts it."""
    for symbol, lots in report.positions or ():
        if lots and instrument(state.settings, symbol) is None:
            yield Difference("positions", "external_trade", symbol, None, lots)


def _of_holdings(state: State, report: Report, booked: Sequence[str], terms: Terms, is_quiet: bool) -> Found:
    """Positions first: while they differ, cash must."""
    lots = _lots(state, report)
    differing = {symbol: each for symbol, each in lots.items() if each[0] != each[1]}
    short = 0 if report.cash is None else report.cash - state.book.cash
    is_short = abs(short) > terms.cash
    fills: tuple[ListedFill, ...] = ()
    verdict: Kind | None = None if is_quiet and report.positions is not None else "in_flight"
    if verdict is None and report.cash is not None and (differing or is_short):
        verdict, fills = _explained(state, report, booked, differing, short, terms)
    for symbol in sorted({*differing, *[each.symbol for each in fills]}):
        believed, reported = lots[symbol]
        kind = verdict or ("phantom" if _is_less(believed, reported) else "external_trade")
        of_it = tuple([each for each in fills if each.symbol == symbol])
        yield Difference("positions", kind, symbol, believed, reported, fills=of_it)
    if is_short and not differing and not fills:
        yield Difference("cash", verdict or "cash", "cash", state.book.cash, report.cash)


def _lots(state: State, report: Report) -> Amounts:
    """Lots believed and reported of each symbol that is traded here; nothing where no positions are told."""
    if report.positions is None:
        return {}
    believed = {each.symbol: each.lots for each in state.book.positions}
    reported = dict(report.positions)
    symbols = [each.symbol for each in state.settings.instruments]
    return {each: (believed.get(each, 0), reported.get(each, 0)) for each in symbols}


def _is_less(believed: int, reported: int) -> bool:
    """Whether less is there than is believed, on the same side."""
    return abs(reported) < abs(believed) and reported * believed >= 0


def _explained(
    state: State, report: Report, booked: Sequence[str], differing: Amounts, short: int, terms: Terms
) -> tuple[Kind | None, tuple[ListedFill, ...]]:
    """The latest fills that nobody here has booked, if they account for every lot and all cash that differ:
    of orders that were made here, or else of anybody."""
    kept = {fill.trade_id for _, order in _orders(state) for fill in order.fills}.union(booked)
    unbooked = [each for each in report.fills or () if each.fill.trade_id not in kept]
    strange = [each for each in unbooked if instrument(state.settings, each.symbol) is not None]
    own = [each for each in strange if is_ours(state, each.order)]
    lots = {symbol: reported - believed for symbol, (believed, reported) in differing.items()}
    kinds: tuple[tuple[Kind, list[ListedFill]], ...] = (("ended_fill", own), ("external_trade", strange))
    for kind, fills in kinds:
        found = _accounting_for(fills, lots, short, state.settings, terms)
        if found:
            return kind, found
    return None, ()


def _accounting_for(
    fills: Sequence[ListedFill], lots: dict[str, int], short: int, settings: Settings, terms: Terms
) -> tuple[ListedFill, ...]:
    """The fewest of the latest fills that come to these lots and this cash; none where no number does."""
    book, left = Book(Money(0)), dict(lots)
    for at in range(len(fills) - 1, -1, -1):
        each = fills[at]
        book = book_fill(book, each.symbol, each.side, each.fill, settings)
        left[each.symbol] = left.get(each.symbol, 0) - position_change(each.side, each.fill)
        if not any(left.values()) and abs(short - book.cash) <= terms.cash:
            return tuple(fills[at:])
    return ()
