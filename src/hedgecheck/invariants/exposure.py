"""I05: no intent ever puts more at risk than it asked for."""

from typing import Literal

from hedgecheck.invariants.base import (
    Books,
    Broken,
    Finding,
    Heard,
    Table,
    Terms,
    View,
    lots_of,
    moved,
    named,
    put,
)
from hedgecheck.invariants.lines import (
    NONE,
    SIDES,
    BothSides,
    Exposure,
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


# ---- what each record changes ----------------------------------------------------------------------


def _initial(terms: Terms) -> Exposure:
    lines = Table({market.symbol: Line() for market in terms.markets})
    return Exposure(lines, ())


def _batched(memory: Exposure, batch: Batch) -> Exposure:
    contested, kept = memory.contested, memory.kept
    for name, others in opponents(batch).items():
        contested = contested.put(name, others)
    for intent in [each for each in batch.intents if each.id in contested]:
        for symbol, _, lots in legs(intent):
            kept = kept.put(f"{intent.id} {symbol}", lots)
    return replace(memory, contested=contested, kept=kept)


def _signaled(memory: Exposure, record: Signaled) -> Exposure:
    intent, lines, intents = record.intent, memory.lines, memory.intents
    if intent.id not in intents:
        lines = changed(lines, intent.symbol_a, intent.side_a, _asked(memory, intent))
        if intent.amount_b:
            lines = changed(lines, intent.symbol_b, intent.side_b, intent.amount_b)
        intents = intents.put(intent.id, intent)
    calls = moved(memory.calls, intent.id, 1)
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
    owners = memory.owners.put(order.client_order_id, order.intent)
    memory = replace(memory, orders=(*memory.orders, order), owners=owners)
    if not is_stop and order.client_order_id not in memory.stops:
        return memory
    stops = named(memory.stops, order.client_order_id)
    return replace(memory, stops=stops, guarded=named(memory.guarded, order.intent))


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
        return replace(memory, orders=orders, apart=named(memory.apart, order.client_order_id))
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
        by_intent = moved(memory.by_intent, f"{order.intent} {order.symbol}", lots_of(fill))
        return _stopped(replace(memory, orders=orders, by_intent=by_intent), fill.client_order_id)
    lines = changed(memory.lines, fill.symbol, fill.side, 0, fill.amount - fill.fee_lots, -done)
    by_intent = moved(memory.by_intent, f"{order.intent} {order.symbol}", lots_of(fill))
    return _epochs(replace(memory, lines=lines, orders=orders, by_intent=by_intent), fill.symbol)


def _stopped(memory: Exposure, client_order_id: str) -> Exposure:
    """A stop that was hit, or that the venue did not take, is reason to close all legs."""
    intent = memory.owners.get(client_order_id, "")
    if client_order_id not in memory.stops or intent in memory.leaving:
        return memory
    return replace(memory, leaving=named(memory.leaving, intent))


def _asked_out(memory: Exposure, record: Exit) -> Exposure:
    return replace(memory, leaving=named(memory.leaving, record.intent))


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
    memory = replace(memory, by_intent=moved(memory.by_intent, key, lots_of(fill)))
    if order in memory.apart:
        return _stopped(memory, order)
    if fill.amount > memory.ended.get(order, 0) or memory.lines[symbol].asked != NONE:
        held = fill.amount - fill.fee_lots
        return _with(memory, changed(memory.lines, symbol, fill.side, 0, held), memory.orders)
    line = replace(memory.lines[symbol], residual=_residual(memory, symbol))
    ended = memory.ended.put(order, memory.ended.get(order, 0) - fill.amount)
    return replace(memory, lines=put(memory.lines, symbol, line), ended=ended)


def _rejected(memory: Exposure, record: Rejected) -> Exposure:
    refused = on_its_way(memory.orders, record.client_order_id)
    return _over(_stopped(memory, record.client_order_id), refused)


def _ended(memory: Exposure, record: Canceled | Expired) -> Exposure:
    return _over(memory, held_at_venue(memory.orders, record.client_order_id))


def _returned(memory: Exposure, record: Returned) -> Exposure:
    memory = _netted(memory, record.intent) if record.reason == "NETTED" else memory
    done = named(memory.done, record.intent) if record.success else memory.done
    calls = moved(memory.calls, record.intent, -1)
    after = replace(memory, calls=calls, done=done)
    if calls.get(record.intent, 0) > 0:
        return after
    return _epochs(after, *[symbol for symbol, line in after.lines.items() if is_begun(line)])


def _netted(memory: Exposure, name: str) -> Exposure:
    """What an intent that was netted asked for is asked for no more."""
    intent = memory.intents[name]
    for owner, (symbol, side, lots) in given_up(intent, memory.contested.get(name, ())):
        key = f"{owner} {symbol}"
        there = memory.kept.get(key, 0)
        less = min(lots, there)
        lines, kept = changed(memory.lines, symbol, side, -less), memory.kept.put(key, there - less)
        memory = replace(memory, lines=lines, kept=kept)
    return memory


def _over(memory: Exposure, order: Order | None) -> Exposure:
    """The order works no more, or never did."""
    if order is None:
        return memory
    lines = memory.lines
    if order.held and not order.apart:
        lines = changed(lines, order.symbol, order.side, 0, 0, -order.left)
        memory = replace(memory, ended=memory.ended.put(order.client_order_id, order.left))
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
    for name, waiting in memory.calls.items():
        intent = memory.intents.get(name)
        if waiting > 0 and intent is not None and symbol in intent.symbols:
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
        frozenset(memory.intents),
        memory.calls,
        memory.done,
        memory.by_intent,
        memory.owners,
        memory.ended,
        memory.stops,
        memory.guarded,
        memory.apart,
        memory.leaving,
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
    if order.intent not in memory.guarded:
        return order.apart
    intent = memory.intents.get(order.intent)
    if intent is not None and (intent.stop_a, intent.stop_b) != (None, None):
        return True
    return order.apart and order.client_order_id not in memory.stops


def _broken(symbol: str, line: Line, side: int, other: int) -> Broken:
    return Broken(
        f"{symbol}: {line.filled[side]} lots {SIDES[side]} filled and {line.working[side]} working, "
        f"where {line.asked[side]} were asked for and {line.filled[other] + line.residual[other]} are there "
        "to be closed"
    )
