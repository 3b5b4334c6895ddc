"""I05: no intent ever puts more at risk than it asked for."""

from typing import Literal

from hedgecheck.invariants.base import (
    Books,
    Broken,
    Counts,
    Finding,
    Heard,
    Table,
    Terms,
    View,
    bump,
    lots_of,
    put,
)
from hedgecheck.invariants.lines import (
    NONE,
    SIDES,
    BothSides,
    Line,
    Order,
    changed,
    held_at_venue,
    is_begun,
    on_its_way,
    with_left,
)
from hedgecheck.invariants.netting import given_up, legs, opponents
from hedgecheck.messages import (
    Accepted,
    Alert,
    Batch,
    Canceled,
    CreateOrder,
    Exit,
    Expired,
    Filled,
    Intent,
    Lost,
    Rejected,
    Replaced,
    Returned,
    Sent,
    Signaled,
)
from hedgecheck.values import frozen, replace

LIQUIDATES = "liquidation_buffer"  # the breaker that closes positions


@frozen
class Exposure:
    """``calls``: deliveries of an intent that have not returned. ``done``: intents that succeeded.
    ``by_intent``: signed lots moved, by "intent symbol". ``owners``: whose each order is. ``ended``: lots
    that orders had left when they ended. ``stops``: orders that protect what is held. ``apart``: orders that
    are no part of a line. ``leaving``: intents that have reason to close what they hold; all of them where
    ``liquidates``. ``contested``: by intent, those of its moment that oppose it; ``kept``: what such intents
    ask for still, by "intent symbol"."""

    lines: Table[Line]
    orders: tuple[Order, ...]
    intents: tuple[Intent, ...]
    calls: Counts
    done: tuple[str, ...]
    by_intent: Counts
    owners: Table[str] = Table()
    ended: Counts = Table()
    stops: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    liquidates: bool = False
    contested: Table[tuple[Intent, ...]] = Table()
    kept: Counts = Table()


# ---- what each record changes ----------------------------------------------------------------------


def _initial(terms: Terms) -> Exposure:
    lines = Table({market.symbol: Line() for market in terms.markets})
    return Exposure(lines, (), (), Table(), (), Table())


def _batched(memory: Exposure, batch: Batch) -> Exposure:
    contested, kept = Table({**memory.contested, **opponents(batch)}), memory.kept
    for intent in [each for each in batch.intents if each.id in contested]:
        for symbol, _, lots in legs(intent):
            kept = put(kept, f"{intent.id} {symbol}", lots)
    return replace(memory, contested=contested, kept=kept)


def _signaled(memory: Exposure, record: Signaled) -> Exposure:
    intent, lines, intents = record.intent, memory.lines, memory.intents
    if intent.id not in [known.id for known in intents]:
        lines = changed(lines, intent.symbol_a, intent.side_a, _asked(memory, intent))
        lines = changed(lines, intent.symbol_b, intent.side_b, intent.amount_b)
        intents = (*intents, intent)
    calls = bump(memory.calls, intent.id, 1)
    return replace(memory, lines=lines, intents=intents, calls=calls)


def _asked(memory: Exposure, intent: Intent) -> int:
    """Lots that leg A asks for: where it reduces, none that are there to be closed anyway."""
    line, side = memory.lines[intent.symbol_a], SIDES.index(intent.side_a)
    there = line.filled[1 - side] - line.filled[side] + line.residual[1 - side]
    return intent.amount_a - max(0, min(there, intent.amount_a)) if intent.reduces else intent.amount_a


def _sent(memory: Exposure, record: Sent) -> Exposure:
    request = record.request
    assert isinstance(request, CreateOrder), "Invariant: books hear only what they ask for"
    is_stop = request.reduce_only and request.stop_price is not None
    order = Order(
        request.client_order_id,
        request.symbol,
        request.side,
        request.amount,
        request.intent or "",
        amount=request.amount,
        exits=request.reduce_only,
        apart=is_stop,
    )
    owners = put(memory.owners, order.client_order_id, order.intent)
    stops = (*memory.stops, order.client_order_id) if is_stop else memory.stops
    return replace(memory, orders=(*memory.orders, order), owners=owners, stops=stops)


def _lost(memory: Exposure, record: Lost) -> Exposure:
    if not isinstance(record.request, CreateOrder):
        return memory  # the order it was about is where it was
    return _over(memory, on_its_way(memory.orders, record.request.client_order_id))


def _accepted(memory: Exposure, record: Accepted) -> Exposure:
    order = on_its_way(memory.orders, record.client_order_id)
    if order is None:
        return memory
    held = replace(order, held=True, apart=order.apart or (order.exits and _leaves(memory, order.intent)))
    orders = tuple(held if each is order else each for each in memory.orders)
    if held.apart:
        return replace(memory, orders=orders, apart=(*memory.apart, order.client_order_id))
    return _with(memory, changed(memory.lines, order.symbol, order.side, 0, 0, order.left), orders)


def _leaves(memory: Exposure, intent: str) -> bool:
    """Whether an intent that had succeeded has reason to close what it holds."""
    return intent in memory.done and (memory.liquidates or intent in memory.leaving)


def _filled(memory: Exposure, fill: Filled) -> Exposure:
    order = held_at_venue(memory.orders, fill.client_order_id)
    if order is None:
        return _crossed(memory, fill)
    done = min(fill.amount, order.left)
    orders = with_left(memory.orders, order, order.left - done)
    if order.apart:
        moved = bump(memory.by_intent, f"{order.intent} {order.symbol}", lots_of(fill))
        return _stopped(replace(memory, orders=orders, by_intent=moved), fill.client_order_id)
    lines = changed(memory.lines, fill.symbol, fill.side, 0, fill.amount - fill.fee_lots, -done)
    by_intent = bump(memory.by_intent, f"{order.intent} {order.symbol}", lots_of(fill))
    return _epochs(replace(memory, lines=lines, orders=orders, by_intent=by_intent), fill.symbol)


def _stopped(memory: Exposure, client_order_id: str) -> Exposure:
    """A stop that was hit, or that the venue did not take, is reason to close both legs."""
    intent = memory.owners.get(client_order_id, "")
    if client_order_id not in memory.stops or intent in memory.leaving:
        return memory
    return replace(memory, leaving=(*memory.leaving, intent))


def _asked_out(memory: Exposure, record: Exit) -> Exposure:
    return replace(memory, leaving=(*memory.leaving, record.intent))


def _alerted(memory: Exposure, alert: Alert) -> Exposure:
    """A critical breaker closes everything; other alerts are no reason to close what is held."""
    is_critical = (alert.reason, alert.subject.partition("#")[0]) == ("BREAKER_TRIPPED", LIQUIDATES)
    return replace(memory, liquidates=True) if is_critical else memory


def _replaced(memory: Exposure, record: Replaced) -> Exposure:
    order = held_at_venue(memory.orders, record.client_order_id)
    if order is None:
        return memory
    change = record.amount - order.amount
    after = replace(order, amount=record.amount, left=order.left + change)
    orders = tuple([after if each is order else each for each in memory.orders])
    memory = replace(memory, orders=orders)
    if not order.apart:
        memory = replace(memory, lines=changed(memory.lines, order.symbol, order.side, 0, 0, change))
    return memory if after.left > 0 else _over(memory, after)


def _crossed(memory: Exposure, fill: Filled) -> Exposure:
    """A fill of an order that does not work. Where it crossed the order's end and the epoch has ended since,
    it is something left open before the new one; else it counts as any fill."""
    order, symbol = fill.client_order_id, fill.symbol
    key = f"{memory.owners.get(order, '')} {symbol}"
    moved = replace(memory, by_intent=bump(memory.by_intent, key, lots_of(fill)))
    if order in memory.apart:
        return _stopped(moved, order)
    if fill.amount > memory.ended.get(order, 0) or memory.lines[symbol].asked != NONE:
        held = fill.amount - fill.fee_lots
        return _with(moved, changed(memory.lines, symbol, fill.side, 0, held), memory.orders)
    line = replace(memory.lines[symbol], residual=_residual(moved, symbol))
    ended = bump(memory.ended, order, -fill.amount)
    return replace(moved, lines=put(memory.lines, symbol, line), ended=ended)


def _rejected(memory: Exposure, record: Rejected) -> Exposure:
    refused = on_its_way(memory.orders, record.client_order_id)
    return _over(_stopped(memory, record.client_order_id), refused)


def _ended(memory: Exposure, record: Canceled | Expired) -> Exposure:
    return _over(memory, held_at_venue(memory.orders, record.client_order_id))


def _returned(memory: Exposure, record: Returned) -> Exposure:
    memory = _netted(memory, record.intent) if record.reason == "NETTED" else memory
    done = (*memory.done, record.intent) if record.success else memory.done
    calls = bump(memory.calls, record.intent, -1)
    after = replace(memory, calls=calls, done=done)
    if calls[record.intent] > 0:
        return after
    return _epochs(after, *[symbol for symbol, line in after.lines.items() if is_begun(line)])


def _netted(memory: Exposure, name: str) -> Exposure:
    """What an intent that was netted asked for is asked for no more."""
    intent = next(each for each in memory.intents if each.id == name)
    for owner, (symbol, side, lots) in given_up(intent, memory.contested.get(name, ())):
        key = f"{owner} {symbol}"
        less = min(lots, memory.kept.get(key, 0))
        lines, kept = changed(memory.lines, symbol, side, -less), bump(memory.kept, key, -less)
        memory = replace(memory, lines=lines, kept=kept)
    return memory


def _over(memory: Exposure, order: Order | None) -> Exposure:
    """The order works no more, or never did."""
    if order is None:
        return memory
    lines = memory.lines
    if order.held and not order.apart:
        lines = changed(lines, order.symbol, order.side, 0, 0, -order.left)
        memory = replace(memory, ended=put(memory.ended, order.client_order_id, order.left))
    orders = tuple(each for each in memory.orders if each is not order)
    return _epochs(_with(memory, lines, orders), order.symbol)


# ---- epochs ----------------------------------------------------------------------------------------


def _epochs(memory: Exposure, *symbols: str) -> Exposure:
    """Ends the epoch of those symbols on which nothing works and all calls have returned."""
    for symbol in symbols:
        if not _is_busy(memory, symbol):
            line = Line(residual=_residual(memory, symbol))
            memory = _with(memory, put(memory.lines, symbol, line), memory.orders)
    return memory


def _is_busy(memory: Exposure, symbol: str) -> bool:
    """Whether an order of its line is out, or a call that may still send one."""
    for order in memory.orders:
        if order.symbol == symbol and not order.apart:
            return True
    for intent in memory.intents:
        if memory.calls.get(intent.id, 0) > 0 and symbol in (intent.symbol_a, intent.symbol_b):
            return True
    return False


def _residual(memory: Exposure, symbol: str) -> BothSides:
    """Lots that intents without success hold of the symbol, bought and sold."""
    bought = sold = 0
    for key, lots in memory.by_intent.items():
        intent, _, name = key.rpartition(" ")
        if name == symbol and intent not in memory.done:
            bought, sold = bought + max(lots, 0), sold - min(lots, 0)
    return bought, sold


# ---- small parts -----------------------------------------------------------------------------------


def _with(memory: Exposure, lines: Table[Line], orders: tuple[Order, ...]) -> Exposure:
    return replace(memory, lines=lines, orders=orders)


EXPOSURE = Books(
    _initial,
    {
        Batch: _batched,
        Signaled: _signaled,
        (Sent, CreateOrder): _sent,
        Lost: _lost,
        Accepted: _accepted,
        Filled: _filled,
        Replaced: _replaced,
        Alert: _alerted,
        Exit: _asked_out,
        Rejected: _rejected,
        Canceled: _ended,
        Expired: _ended,
        Returned: _returned,
    },
    lambda memory: (
        memory.lines,
        tuple(sorted(memory.orders, key=lambda order: order.client_order_id)),
        frozenset(intent.id for intent in memory.intents),
        memory.calls,
        frozenset(memory.done),
        memory.by_intent,
        memory.owners,
        memory.ended,
        frozenset(memory.stops),
        frozenset(memory.apart),
        frozenset(memory.leaving),
        memory.liquidates,
        memory.contested,
        memory.kept,
    ),
)


@frozen
class OneIntentOneExposure:
    """After every venue step, per symbol, side s and opposite o, within an epoch of the symbol:
    ``filled[s] + working[s] <= asked[s] + filled[o] + residual[o]``.

    An epoch ends when nothing works on the symbol, nothing is unknown and every delivered call returned.
    ``residual`` is what intents that did not succeed left open before it. Lots that the venue kept as its
    fee were never held: they count as not filled, and may be bought again. Of two intents of one moment that
    oppose, what one was netted for is asked for by neither.

    Apart from that stand stops, which close what their intent holds at the price it named, and the exits of
    an intent that had succeeded and must leave: its strategy wants out, a stop of it was hit or refused, or
    positions are liquidated.
    Of an intent with stops no more exits work than it holds.
    """

    id: str = "I05"
    name: str = "one_intent_one_exposure"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (Accepted, Filled, Replaced)
    books: Books = EXPOSURE

    def verdict(self, memory: Exposure, view: View) -> Finding:
        finding: Finding = "vacuous"
        for symbol, line in memory.lines.items():
            if line.working == NONE and line.filled == NONE:
                continue
            for side, other in ((0, 1), (1, 0)):
                at_risk = line.filled[side] + line.working[side]
                if at_risk > line.asked[side] + line.filled[other] + line.residual[other]:
                    return _broken(symbol, line, side, other)
                if at_risk:
                    finding = "holds"
        return _beyond_what_is_held(memory) or finding


def _beyond_what_is_held(memory: Exposure) -> Broken | None:
    """Exits of an intent that has stops, or that leaves, for more than it holds."""
    exits = [each for each in memory.orders if each.held and each.exits and _is_judged(memory, each)]
    for intent, symbol, side in dict.fromkeys((each.intent, each.symbol, each.side) for each in exits):
        working = sum([each.left for each in exits if (each.intent, each.symbol) == (intent, symbol)])
        held = memory.by_intent.get(f"{intent} {symbol}", 0) * (1 if side == "sell" else -1)
        if working > max(0, held):
            return Broken(
                f"{symbol}: exits of intent {intent} for {working} lots work where it holds {max(0, held)}"
            )
    return None


def _is_judged(memory: Exposure, order: Order) -> bool:
    """From the first stop of an intent on; without stops of its own a stop may be anybody's, and nobody knows
    for whom it closes."""
    if not any(memory.owners[stop] == order.intent for stop in memory.stops):
        return order.apart
    for intent in memory.intents:
        if intent.id == order.intent and (intent.stop_a, intent.stop_b) != (None, None):
            return True
    return order.apart and order.client_order_id not in memory.stops


def _broken(symbol: str, line: Line, side: int, other: int) -> Broken:
    return Broken(
        f"{symbol}: {line.filled[side]} lots {SIDES[side]} filled and {line.working[side]} working, "
        f"where {line.asked[side]} were asked for and {line.filled[other] + line.residual[other]} are there "
        "to be closed"
    )
