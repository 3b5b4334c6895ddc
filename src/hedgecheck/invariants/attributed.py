"""I18: every lot that is held is held for one intent, and what was traded for it is booked to it and to its
strategy: what each strategy has adds up to the account, whatever moves between them."""

from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import (
    Books,
    Bounds,
    Broken,
    Counts,
    Finding,
    Heard,
    Names,
    Table,
    Terms,
    View,
    bump,
    capitals,
    lots_of,
    money_of,
    moved,
    named,
    put,
    shared,
    told_fills,
)
from hedgecheck.invariants.worst import strategy_of
from hedgecheck.messages import (
    CapitalAssigned,
    CashFlow,
    CreateOrder,
    Filled,
    Intent,
    Overheard,
    Rebalance,
    Sent,
    Signaled,
    Status,
    Told,
)
from hedgecheck.values import frozen, replace


@frozen
class Attributed:
    """``owners``: whose each order is; ``symbols``: those that each intent trades. Signed lots by "intent
    symbol", where there are any: ``at_venue``, by the venue's executions, and ``told``, by those that the
    engine heard of; these are ``trades``. ``traded``: of which the venue ever executed any. ``astray``:
    an order that nobody asked for, or capital. ``cash``: of each strategy and the reserve, where strategies
    have their own, by what the engine heard; ``is_asked``: whether any was ever to move."""

    owners: Archive[str] = Archive()
    symbols: Archive[tuple[str, ...]] = Archive()
    at_venue: Counts = Table()
    told: Counts = Table()
    trades: Names = Archive()
    astray: str = ""
    lot_values: Counts = Table()
    cash: Counts = Table()
    assigned: Counts = Table()
    is_asked: bool = False
    bounds: Bounds = Bounds()
    traded: Names = Archive()


def _initial(terms: Terms) -> Attributed:
    lot_values = Table({each.symbol: each.tick_lot_value for each in terms.markets})
    return Attributed(lot_values=lot_values, cash=capitals(terms), bounds=terms.bounds)


def _signaled(memory: Attributed, record: Signaled) -> Attributed:
    intent: Intent = record.intent
    if intent.id in memory.symbols:
        return memory
    return replace(memory, symbols=memory.symbols.put(intent.id, intent.symbols))


def _sent(memory: Attributed, record: Sent) -> Attributed:
    order = record.request
    assert isinstance(order, CreateOrder), "Invariant: books hear only what they ask for"
    astray = memory.astray or _astray(memory, order)
    owners = memory.owners.put(order.client_order_id, order.intent or "")
    return replace(memory, owners=owners, astray=astray)


def _astray(memory: Attributed, order: CreateOrder) -> str:
    """Why an order is not of the intent that it says it is of; empty where it is."""
    name, intent = order.client_order_id, order.intent or ""
    if memory.owners.get(name, intent) != intent:
        return f"order {name} is of intent {intent}, and was of {memory.owners[name]}"
    if intent not in memory.symbols:
        return f"order {name} is of {f'intent {intent}, which nobody signaled' if intent else 'no intent'}"
    if order.symbol not in memory.symbols[intent]:
        return f"order {name} is in {order.symbol}, which intent {intent} does not trade"
    return ""


def _key(memory: Attributed, fill: Filled) -> str:
    return f"{memory.owners.get(fill.client_order_id, '')} {fill.symbol}"


def _filled(memory: Attributed, fill: Filled) -> Attributed:
    key = _key(memory, fill)
    at_venue = moved(memory.at_venue, key, lots_of(fill))
    return replace(memory, at_venue=at_venue, traded=named(memory.traded, key))


def _told(memory: Attributed, record: Told) -> Attributed:
    for fill in told_fills(record, memory.trades):
        told = moved(memory.told, _key(memory, fill), lots_of(fill))
        memory = replace(memory, told=told, trades=named(memory.trades, fill.trade_id))
        memory = _paid(memory, fill)
    return memory


def _paid(memory: Attributed, fill: Filled) -> Attributed:
    """The strategy of the intent that the order was for pays, and nobody else."""
    strategy = strategy_of(memory.owners.get(fill.client_order_id, ""))
    if strategy not in memory.cash:
        return memory
    money = money_of(fill, memory.lot_values[fill.symbol])
    return replace(memory, cash=bump(memory.cash, strategy, money))


def _flowed(memory: Attributed, flow: CashFlow) -> Attributed:
    """Each strategy and the reserve get or give their share of it."""
    shares = shared(flow.amount, memory.bounds)
    return replace(memory, cash=Table({name: has + shares[name] for name, has in memory.cash.items()}))


def _asked(memory: Attributed, _record: Rebalance) -> Attributed:
    return replace(memory, is_asked=True)


def _assigned(memory: Attributed, record: CapitalAssigned) -> Attributed:
    """What one gives others get, where anybody asked for it."""
    name, change = record.strategy, record.amount - memory.assigned.get(record.strategy, 0)
    if name not in memory.cash or (change and not memory.is_asked):
        why = f"{change:+d} is assigned to strategy {name!r}, which nobody asked for"
        return replace(memory, astray=memory.astray or why)
    assigned = put(memory.assigned, name, record.amount)
    return replace(memory, cash=bump(memory.cash, name, change), assigned=assigned)


ATTRIBUTED = Books(
    _initial,
    {
        Signaled: _signaled,
        (Sent, CreateOrder): _sent,
        Filled: _filled,
        (Told, Filled): _told,
        (Told, Status): _told,
        Rebalance: _asked,
        CapitalAssigned: _assigned,
        CashFlow: _flowed,
    },
    lambda memory: (
        memory.owners,
        memory.symbols,
        memory.at_venue,
        memory.told,
        memory.trades,
        memory.astray,
        memory.cash,
        memory.assigned,
        memory.is_asked,
        memory.traded,
    ),
)


@frozen
class Attribution:
    """Every order is of one intent, which trades its symbol, so that what is held for each intent adds up to
    what is held in all. An engine that says for whom it holds what books to each intent what it heard was
    traded for it, and nothing else; at rest that is what the venue traded for it. Where strategies have
    capital of their own, what was traded for an intent is paid by its strategy and by no other, what one
    gives another gets, cash that is deposited or withdrawn is shared by their budgets, and all of them have
    what the account has."""

    id: str = "I18"
    name: str = "attribution"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (
        (Sent, CreateOrder),
        Filled,
        (Told, Filled),
        (Told, Status),
        Overheard,
        CapitalAssigned,
        CashFlow,
        Rebalance,
    )
    books: Books = ATTRIBUTED

    def verdict(self, memory: Attributed, view: View) -> Finding:
        if memory.astray:
            return Broken(memory.astray)
        for key, lots in memory.at_venue.items():
            if key.startswith(" ") and lots:
                return Broken(f"{lots:+d} lots of{key} are held for no intent")
        return _believed(memory, view) or _owned(memory, view) or ("holds" if memory.traded else "vacuous")


def _believed(memory: Attributed, view: View) -> Broken | None:
    """Where what the engine says it holds for each intent is something else."""
    said = view.belief.attributed
    if said is None:
        return None
    believed = Table({f"{intent} {symbol}": lots for intent, symbol, lots in said})
    known = memory.at_venue if view.is_at_rest else memory.told
    for key in sorted({*believed, *known}):
        if believed.get(key, 0) != known.get(key, 0):
            intent, _, symbol = key.rpartition(" ")
            return Broken(
                f"the engine holds {believed.get(key, 0)} lots of {symbol} for intent {intent}, "
                f"where {known.get(key, 0)} were traded for it"
            )
    return None


def _owned(memory: Attributed, view: View) -> Broken | None:
    """Where what the engine says each strategy has is something else, or not what the account has in all."""
    made, said = sum(memory.assigned.values()), view.belief.accounts
    if made:
        return Broken(f"where capital moved between strategies, {made:+d} came out of nothing")
    if said is None or not memory.cash:
        return None
    for name in sorted({*dict(said), *memory.cash}):
        has, paid = dict(said).get(name, 0), memory.cash.get(name, 0)
        if has != paid:
            return Broken(f"strategy {name or 'none'} has {has} in the engine's books, where it is {paid}")
    if sum(dict(said).values()) != view.belief.cash:
        return Broken(f"all strategies have {sum(dict(said).values())}, and the account {view.belief.cash}")
    return None
