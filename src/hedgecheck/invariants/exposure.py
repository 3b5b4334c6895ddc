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
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CreateOrder,
    Expired,
    Filled,
    Intent,
    Lost,
    Rejected,
    Returned,
    Sent,
    Side,
    Signaled,
)
from hedgecheck.values import frozen, replace

BothSides = tuple[int, int]  # lots bought, lots sold
SIDES: tuple[Side, Side] = ("buy", "sell")
NONE: BothSides = (0, 0)


@frozen
class Line:
    """One symbol's epoch: lots asked for, filled and working by side, and what was left open before it."""

    asked: BothSides = (0, 0)
    filled: BothSides = (0, 0)
    working: BothSides = (0, 0)
    residual: BothSides = (0, 0)


@frozen
class Order:
    """An order on its way to the venue (``held`` False) or held there, with the lots it has left."""

    client_order_id: str
    symbol: str
    side: Side
    left: int
    intent: str
    held: bool = False


@frozen
class Exposure:
    """``calls``: deliveries of an intent that have not returned. ``done``: intents that succeeded.
    ``by_intent``: signed lots moved, by "intent symbol". ``owners``: whose each order is. ``ended``: lots
    that orders had left when they ended."""

    lines: Table[Line]
    orders: tuple[Order, ...]
    intents: tuple[Intent, ...]
    calls: Counts
    done: tuple[str, ...]
    by_intent: Counts
    owners: Table[str] = Table()
    ended: Counts = Table()


# ---- what each record changes ----------------------------------------------------------------------


def _initial(terms: Terms) -> Exposure:
    lines = Table({market.symbol: Line() for market in terms.markets})
    return Exposure(lines, (), (), Table(), (), Table())


def _signaled(memory: Exposure, record: Signaled) -> Exposure:
    intent, lines, intents = record.intent, memory.lines, memory.intents
    if intent.id not in [known.id for known in intents]:
        lines = _changed(lines, intent.symbol_a, intent.side_a, _asked(memory, intent))
        lines = _changed(lines, intent.symbol_b, intent.side_b, intent.amount_b)
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
    order = Order(request.client_order_id, request.symbol, request.side, request.amount, request.intent or "")
    owners = put(memory.owners, order.client_order_id, order.intent)
    return replace(memory, orders=(*memory.orders, order), owners=owners)


def _lost(memory: Exposure, record: Lost) -> Exposure:
    if not isinstance(record.request, CreateOrder):
        return memory  # the order it was about is where it was
    return _over(memory, _on_its_way(memory, record.request.client_order_id))


def _accepted(memory: Exposure, record: Accepted) -> Exposure:
    order = _on_its_way(memory, record.client_order_id)
    if order is None:
        return memory
    held = Order(order.client_order_id, order.symbol, order.side, order.left, order.intent, held=True)
    orders = tuple(held if each is order else each for each in memory.orders)
    return _with(memory, _changed(memory.lines, order.symbol, order.side, 0, 0, order.left), orders)


def _filled(memory: Exposure, fill: Filled) -> Exposure:
    order = _held(memory, fill.client_order_id)
    if order is None:
        return _crossed(memory, fill)
    done = min(fill.amount, order.left)
    left = order.left - done
    rest = (Order(order.client_order_id, order.symbol, order.side, left, order.intent, held=True),)
    orders: tuple[Order, ...] = ()
    for each in memory.orders:
        orders += (each,) if each is not order else rest if left else ()
    lines = _changed(memory.lines, fill.symbol, fill.side, 0, fill.amount - fill.fee_lots, -done)
    by_intent = bump(memory.by_intent, f"{order.intent} {order.symbol}", lots_of(fill))
    return _epochs(replace(memory, lines=lines, orders=orders, by_intent=by_intent), fill.symbol)


def _crossed(memory: Exposure, fill: Filled) -> Exposure:
    """A fill of an order that does not work. Where it crossed the order's end and the epoch has ended since,
    it is something left open before the new one; else it counts as any fill."""
    order, symbol = fill.client_order_id, fill.symbol
    key = f"{memory.owners.get(order, '')} {symbol}"
    moved = replace(memory, by_intent=bump(memory.by_intent, key, lots_of(fill)))
    if fill.amount > memory.ended.get(order, 0) or memory.lines[symbol].asked != NONE:
        held = fill.amount - fill.fee_lots
        return _with(moved, _changed(memory.lines, symbol, fill.side, 0, held), memory.orders)
    line = replace(memory.lines[symbol], residual=_residual(moved, symbol))
    ended = bump(memory.ended, order, -fill.amount)
    return replace(moved, lines=put(memory.lines, symbol, line), ended=ended)


def _rejected(memory: Exposure, record: Rejected) -> Exposure:
    return _over(memory, _on_its_way(memory, record.client_order_id))


def _ended(memory: Exposure, record: Canceled | Expired) -> Exposure:
    return _over(memory, _held(memory, record.client_order_id))


def _returned(memory: Exposure, record: Returned) -> Exposure:
    done = (*memory.done, record.intent) if record.success else memory.done
    calls = bump(memory.calls, record.intent, -1)
    after = replace(memory, calls=calls, done=done)
    if calls[record.intent] > 0:
        return after
    return _epochs(after, *[symbol for symbol, line in after.lines.items() if _is_begun(line)])


def _is_begun(line: Line) -> bool:
    return line.asked != NONE or line.filled != NONE


def _over(memory: Exposure, order: Order | None) -> Exposure:
    """The order works no more, or never did."""
    if order is None:
        return memory
    lines = memory.lines
    if order.held:
        lines = _changed(lines, order.symbol, order.side, 0, 0, -order.left)
        memory = replace(memory, ended=put(memory.ended, order.client_order_id, order.left))
    orders = tuple(each for each in memory.orders if each is not order)
    return _epochs(_with(memory, lines, orders), order.symbol)


# A client order id can be in use twice: held at the venue, and sent again. What happens to one of the two is
# no word about the other.


def _on_its_way(memory: Exposure, client_order_id: str) -> Order | None:
    """The oldest order of that id that the venue has not answered."""
    for order in memory.orders:
        if order.client_order_id == client_order_id and not order.held:
            return order
    return None


def _held(memory: Exposure, client_order_id: str) -> Order | None:
    """The order of that id at the venue."""
    for order in memory.orders:
        if order.client_order_id == client_order_id and order.held:
            return order
    return None


# ---- epochs ----------------------------------------------------------------------------------------


def _epochs(memory: Exposure, *symbols: str) -> Exposure:
    """Ends the epoch of those symbols on which nothing works and all calls have returned."""
    for symbol in symbols:
        if not _is_busy(memory, symbol):
            line = Line(residual=_residual(memory, symbol))
            memory = _with(memory, put(memory.lines, symbol, line), memory.orders)
    return memory


def _is_busy(memory: Exposure, symbol: str) -> bool:
    """Whether an order of the symbol is out, or a call that may still send one."""
    for order in memory.orders:
        if order.symbol == symbol:
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


def _changed(
    lines: Table[Line], symbol: str, side: Side, asked: int, filled: int = 0, working: int = 0
) -> Table[Line]:
    """The lines with those lots added on one side of one symbol."""
    line = lines[symbol]
    changed = Line(
        _added(line.asked, side, asked),
        _added(line.filled, side, filled),
        _added(line.working, side, working),
        line.residual,
    )
    return put(lines, symbol, changed)


def _added(both: BothSides, side: Side, lots: int) -> BothSides:
    if not lots:
        return both
    return (both[0] + lots, both[1]) if side == "buy" else (both[0], both[1] + lots)


EXPOSURE = Books(
    _initial,
    {
        Signaled: _signaled,
        (Sent, CreateOrder): _sent,
        Lost: _lost,
        Accepted: _accepted,
        Filled: _filled,
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
    ),
)


@frozen
class OneIntentOneExposure:
    """After every venue step, per symbol, side s and opposite o, within an epoch of the symbol:
    ``filled[s] + working[s] <= asked[s] + filled[o] + residual[o]``.

    An epoch ends when nothing works on the symbol, nothing is unknown and every delivered call returned.
    ``residual`` is what intents that did not succeed left open before it. Lots that the venue kept as its
    fee were never held: they count as not filled, and may be bought again.
    """

    id: str = "I05"
    name: str = "one_intent_one_exposure"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (Accepted, Filled)
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
        return finding


def _broken(symbol: str, line: Line, side: int, other: int) -> Broken:
    return Broken(
        f"{symbol}: {line.filled[side]} lots {SIDES[side]} filled and {line.working[side]} working, "
        f"where {line.asked[side]} were asked for and {line.filled[other] + line.residual[other]} are there "
        "to be closed"
    )
