"""What an honest venue reports of an engine's state, and reports that say otherwise."""

from dataclasses import replace

from core.orders import is_live
from core.reconcile import differences
from core.reconcile_report import ListedFill, ListedOrder, Report, Seen, Terms
from tests.unit.core.build import fill

STANDARD = Terms()


def honest(state, **changes) -> Report:
    """The state, as a venue would report it that has heard and told everything."""
    orders = [order for trade in state.trades for order in trade.orders]
    report = Report(
        tuple(listed(each) for each in orders if is_live(each)),
        tuple((each.symbol, each.lots) for each in state.book.positions if each.lots),
        state.book.cash,
        tuple(ListedFill(each.id, each.symbol, each.side, fill) for each in orders for fill in each.fills),
        0,
    )
    return replace(report, **changes)


def listed(order, /, **changes) -> ListedOrder:
    """An order as its venue lists it."""
    return replace(ListedOrder(order.id, order.symbol, order.side, order.quantity, order.filled), **changes)


def history(order, quantity, price=100, trade_id="x1", symbol="AAA", side="buy", **fees) -> ListedFill:
    """A fill in a venue's history."""
    return ListedFill(order, symbol, side, fill(quantity, price, trade_id, **fees))


def found(state, report, trades=(), rounds=1, **terms):
    """The differences of a report that was made so many times in a row."""
    seen = Seen(trades)
    for _ in range(rounds):
        seen = replace(seen, found=differences(state, report, seen, Terms(**terms)))
    return seen.found


def kinds(*args, **more):
    """Part, kind and subject of each difference."""
    return [(each.part, each.kind, each.subject) for each in found(*args, **more)]
