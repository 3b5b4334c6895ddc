"""What I05 keeps: per symbol and per order lots asked for, filled and working on either side, and whose."""

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import Counts, Names, Table, put
from hedgecheck.messages import Intent, Side
from hedgecheck.values import frozen, replace

BothSides = tuple[int, int]  # lots bought, lots sold
SIDES: tuple[Side, Side] = ("buy", "sell")
NONE: BothSides = (0, 0)


@frozen
class Line:
    """One symbol's epoch: lots asked for, filled and working by side, and what was left open before it."""

    asked: BothSides = NONE
    filled: BothSides = NONE
    working: BothSides = NONE
    residual: BothSides = NONE


@frozen
class Order:
    """An order on its way to the venue (``held`` False) or held there, with the lots it has left of the
    ``amount`` in all. ``exits``: it can only make a position smaller. ``apart``: it closes what its intent
    asked to be closed, and is no part of the symbol's line."""

    client_order_id: str
    symbol: str
    side: Side
    left: int
    intent: str
    held: bool = False
    amount: int = 0
    exits: bool = False
    apart: bool = False


@frozen
class Exposure:
    """``calls``: deliveries of an intent that have not returned. ``done``: intents that succeeded.
    ``by_intent``: signed lots moved, by "intent symbol", where there are any. ``owners``: whose each order
    is. ``ended``: lots that orders had left when they ended. ``stops``: orders that protect what is held, and
    ``guarded``, the intents that they are of. ``apart``: orders that are no part of a line. ``leaving``:
    intents that have reason to close what they hold; all of them where ``liquidates``. ``contested``: by
    intent, those of its moment that oppose it; ``kept``: what such intents ask for still, by "intent
    symbol"."""

    lines: Table[Line]
    orders: tuple[Order, ...]
    intents: Archive[Intent] = Archive()
    calls: Counts = Table()
    done: Names = Archive()
    by_intent: Counts = Table()
    owners: Archive[str] = Archive()
    ended: Archive[int] = Archive()
    stops: Names = Archive()
    guarded: Names = Archive()
    apart: Names = Archive()
    leaving: Names = Archive()
    liquidates: bool = False
    contested: Archive[tuple[Intent, ...]] = Archive()
    kept: Archive[int] = Archive()


def is_begun(line: Line) -> bool:
    """Whether anything was asked for or filled in the epoch."""
    return line.asked != NONE or line.filled != NONE


def changed(
    lines: Table[Line], symbol: str, side: Side, asked: int, filled: int = 0, working: int = 0
) -> Table[Line]:
    """The lines with those lots added on one side of one symbol."""
    line = lines[symbol]
    after = Line(
        _added(line.asked, side, asked),
        _added(line.filled, side, filled),
        _added(line.working, side, working),
        line.residual,
    )
    return put(lines, symbol, after)


def _added(both: BothSides, side: Side, lots: int) -> BothSides:
    if not lots:
        return both
    return (both[0] + lots, both[1]) if side == "buy" else (both[0], both[1] + lots)


# A client order id can be in use twice: held at the venue, and sent again. What happens to one of the two is
# no word about the other.


def on_its_way(orders: tuple[Order, ...], client_order_id: str) -> Order | None:
    """The oldest order of that id that the venue has not answered."""
    for order in orders:
        if order.client_order_id == client_order_id and not order.held:
            return order
    return None


def held_at_venue(orders: tuple[Order, ...], client_order_id: str) -> Order | None:
    """The order of that id at the venue."""
    for order in orders:
        if order.client_order_id == client_order_id and order.held:
            return order
    return None


def with_left(orders: tuple[Order, ...], order: Order, left: int) -> tuple[Order, ...]:
    """The orders, one of them with so many lots left, and gone with none."""
    rest = (replace(order, left=left),) if left > 0 else ()
    return tuple([each for known in orders for each in (rest if known is order else (known,))])
