"""The books of I10: what the engine was told, what it moved and sent, and what of that was beyond a limit."""

from typing import Any

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import (
    Books,
    Table,
    Terms,
    bump,
    capitals,
    lots_of,
    market_of,
    money_of,
    moved,
    named,
    put,
    shared,
    told_fills,
)
from hedgecheck.invariants.calendar import after, may_balance
from hedgecheck.invariants.netting import opponents
from hedgecheck.invariants.worst import (
    WHOLE,
    Account,
    Opened,
    Out,
    beyond_books,
    beyond_spreads,
    exposed_beyond,
    is_leveraged_beyond,
    is_running,
    legs,
    opened_of,
    order_of,
    over_budget,
    standing,
    strategy_of,
)
from hedgecheck.messages import (
    Alert,
    Batch,
    BookShown,
    Canceled,
    CancelOrder,
    CapitalAssigned,
    CashFlow,
    CreateOrder,
    Expired,
    FetchOrder,
    Filled,
    Lost,
    NewDay,
    Price,
    Rejected,
    Replaced,
    ReplaceOrder,
    Restarted,
    Returned,
    Sent,
    Signaled,
    Status,
    TimerFired,
    Told,
    TradingHalted,
    TradingResumed,
)
from hedgecheck.values import replace

RATE = "rate"  # the timer after which more messages may leave


def _initial(terms: Terms) -> Account:
    prices = Table({each.symbol: each.price for each in terms.markets})
    lot_values = Table({each.symbol: each.tick_lot_value for each in terms.markets})
    books = Table({each.symbol: each for each in terms.books})
    account = Account(terms, lot_values, prices, terms.cash, terms.bounds.message_burst)
    return replace(account, capitals=capitals(terms), books=books)


# ---- what the engine is told -------------------------------------------------------------------------


def _executed(memory: Account, record: Told) -> Account:
    for fill in told_fills(record, memory.trades):
        order, lots = order_of(memory, fill.client_order_id), lots_of(fill)
        intent = "" if order is None else order.intent
        money = money_of(fill, memory.lot_values[fill.symbol])
        memory = replace(
            _paid(memory, strategy_of(intent), money),
            trades=named(memory.trades, fill.trade_id),
            cash=memory.cash + money,
            positions=bump(memory.positions, fill.symbol, lots),
            held=moved(memory.held, f"{intent} {fill.symbol}", lots),
        )
        if order is not None:
            memory = _changed(memory, fill.client_order_id, filled=order.filled + fill.amount)
    return memory


def _paid(memory: Account, strategy: str, money: int) -> Account:
    """So much cash came to a strategy, where it has its own."""
    if strategy not in memory.capitals:
        return memory
    return replace(memory, capitals=bump(memory.capitals, strategy, money))


def _answered(memory: Account, record: Told) -> Account:
    status = record.report
    assert isinstance(status, Status), "Invariant: books hear only what they ask for"
    memory = _executed(memory, record)
    if status.answer == "not_found" or (status.answer == "found" and status.status != "open"):
        return _changed(memory, status.client_order_id, is_over=True)
    return memory


def _ended(memory: Account, record: Told) -> Account:
    report = record.report
    assert isinstance(report, Canceled | Expired | Rejected), "Invariant: books hear only what they ask for"
    return _changed(memory, report.client_order_id, is_over=True)


def _resized(memory: Account, record: Told) -> Account:
    report = record.report
    assert isinstance(report, Replaced), "Invariant: books hear only what they ask for"
    return _changed(memory, report.client_order_id, amount=report.amount)


def _priced(memory: Account, record: Told) -> Account:
    price = record.report
    assert isinstance(price, Price), "Invariant: books hear only what they ask for"
    return _with_less(replace(memory, prices=put(memory.prices, price.symbol, price.price)))


def _flowed(memory: Account, flow: CashFlow) -> Account:
    """Each strategy and the reserve get or give their share of it."""
    shares = shared(flow.amount, memory.terms.bounds)
    capitals = Table({name: has + shares[name] for name, has in memory.capitals.items()})
    return _with_less(replace(memory, cash=memory.cash + flow.amount, capitals=capitals))


def _with_less(memory: Account) -> Account:
    """Where there may be less equity while entries rest: beyond the leverage they must go at once."""
    resting = _resting(memory)
    if resting and is_leveraged_beyond(memory):
        return replace(memory, owed=tuple(resting))
    return memory


def _shown(memory: Account, record: Told) -> Account:
    """A book may no longer bear what rests: that must go at once."""
    book = record.report
    assert isinstance(book, BookShown), "Invariant: books hear only what they ask for"
    memory = replace(memory, books=put(memory.books, book.symbol, book))
    owed = [name for name in _resting(memory) if _is_too_large(memory, memory.orders[name].intent)]
    return replace(memory, owed=(*memory.owed, *owed))


def _is_too_large(memory: Account, name: str) -> bool:
    opened = opened_of(memory, name)
    return opened is not None and bool(beyond_books(memory, opened))


def _resting(memory: Account) -> list[str]:
    """Entries that may be filled, and that the engine has no reason to leave where they are."""
    return [name for name, each in memory.orders.items() if each.is_entry and not each.excused]


def _with_order(memory: Account, client_order_id: str, order: Out) -> Account:
    """The books with the order where it belongs: one with nothing left stands for nothing."""
    if order.left:
        return replace(memory, orders=put(memory.orders, client_order_id, order))
    orders = Table({name: each for name, each in memory.orders.items() if name != client_order_id})
    return replace(memory, orders=orders, past=memory.past.put(client_order_id, order))


def _changed(memory: Account, client_order_id: str, **changes: Any) -> Account:
    """The books with that order changed; as they are where it is not known."""
    order = order_of(memory, client_order_id)
    return memory if order is None else _with_order(memory, client_order_id, replace(order, **changes))


def _alerted(memory: Account, alert: Alert) -> Account:
    """What only waits until it can be traded takes nobody to act on it; what takes more is told again."""
    opened = opened_of(memory, alert.subject)
    if opened is not None and not may_balance(memory.hours, opened.intent):
        return memory
    return replace(memory, flagged=(*memory.flagged, alert.subject))


def _turned(memory: Account, record: NewDay | TradingHalted | TradingResumed) -> Account:
    return replace(memory, hours=after(memory.hours, record))


def _returned(memory: Account, record: Returned) -> Account:
    if record.reason in ("DUPLICATE_SIGNAL", "KEY_BUSY"):
        return memory
    return _over(memory, record.intent)


def _batched(memory: Account, batch: Batch) -> Account:
    if memory.terms.bounds.conflicts == "refuse":
        return memory
    return replace(memory, contested=named(memory.contested, *opponents(batch)))


def _signaled(memory: Account, record: Signaled) -> Account:
    intent = record.intent
    if opened_of(memory, intent.id) is not None:
        return memory
    price_a = intent.price_a or memory.prices[intent.symbol_a]
    opened = Opened(intent, price_a, memory.prices[intent.symbol_b] if intent.amount_b else 0)
    return replace(memory, opened=put(memory.opened, intent.id, opened))


def _over(memory: Account, intent: str) -> Account:
    ended = memory.opened.get(intent)
    if ended is None:
        return memory
    opened = Table({name: each for name, each in memory.opened.items() if name != intent})
    return replace(memory, opened=opened, over=memory.over.put(intent, replace(ended, phase="over")))


def _refilled(memory: Account, record: TimerFired) -> Account:
    bounds = memory.terms.bounds
    if record.timer != RATE or not bounds.message_burst:
        return memory
    return replace(memory, tokens=min(bounds.message_burst, memory.tokens + bounds.message_refill))


def _restarted(memory: Account, _record: Restarted) -> Account:
    """What the engine wanted to cancel when it went down it takes for cancelled."""
    orders, past = [
        {name: replace(each, excused=each.is_entry) for name, each in known.items()}
        for known in (memory.orders, memory.past)
    ]
    return replace(memory, orders=Table(orders), past=Archive(past), owed=())


def _lost(memory: Account, record: Lost) -> Account:
    request = record.request
    if isinstance(request, CreateOrder):
        return _changed(memory, request.client_order_id, is_over=True)
    return memory


# ---- what the engine moves and sends ------------------------------------------------------------------


def _assigned(memory: Account, record: CapitalAssigned) -> Account:
    """Capital goes to a strategy, or leaves it; what bears its open trades does not."""
    name, change = record.strategy, record.amount - memory.assigned.get(record.strategy, 0)
    memory = replace(_paid(memory, name, change), assigned=put(memory.assigned, name, record.amount))
    broken = over_budget(memory, name) if name and change < 0 else ""
    return replace(memory, breach=memory.breach or (broken and f"of its capital {-change} left: {broken}"))


def _left(memory: Account, _record: Sent) -> Account:
    """One message more."""
    return replace(memory, tokens=memory.tokens - 1) if memory.tokens > 0 else memory


def _cancelled(memory: Account, record: Sent) -> Account:
    name = record.request.client_order_id
    order = order_of(memory, name)
    if order is not None and order.is_entry:
        owed = tuple(each for each in memory.owed if each != name)
        memory = _changed(replace(memory, owed=owed), name, excused=True)
    return _left(memory, record)


def _replaced(memory: Account, record: Sent) -> Account:
    """Until the venue answers it stands for the one amount or the other."""
    request = record.request
    assert isinstance(request, ReplaceOrder), "Invariant: books hear only what they ask for"
    order = order_of(memory, request.client_order_id)
    amount = request.amount if order is None else min(order.amount, request.amount)
    return _left(_changed(memory, request.client_order_id, amount=amount), record)


def _sent(memory: Account, record: Sent) -> Account:
    request = record.request
    assert isinstance(request, CreateOrder), "Invariant: books hear only what they ask for"
    name = request.intent or ""
    asking = opened_of(memory, name)
    is_entry = asking is not None and _enters(asking, request)
    order = Out(name, request.symbol, request.side, request.amount, is_entry)
    memory = _with_order(memory, request.client_order_id, order)
    if asking is None or not (is_entry or asking.phase == "signaled"):
        return _left(memory, record)
    opens = asking.phase == "signaled"
    if opens:
        asking = _as_netted(memory, asking, request)
        memory = replace(memory, opened=put(memory.opened, name, asking), openings=memory.openings + 1)
    breach = memory.breach or _order_breach(memory, request, asking) or _breach(memory, asking, opens)
    return _left(replace(memory, breach=breach), record)


def _as_netted(memory: Account, asking: Opened, request: CreateOrder) -> Opened:
    """The intent as it opens: of one that may be netted the plan is what its entry is for, in proportion."""
    intent = asking.intent
    if intent.id in memory.contested and _enters(asking, request):
        lots = min(request.amount, intent.amount_a)
        other = intent.amount_b * lots // intent.amount_a
        if other:
            other -= other % market_of(memory.terms.markets, intent.symbol_b).lot
        intent = replace(intent, amount_a=lots, amount_b=other)
    return replace(asking, intent=intent, phase="open")


def _enters(asking: Opened, request: CreateOrder) -> bool:
    intent = asking.intent
    is_first_leg = (request.symbol, request.side) == (intent.symbol_a, intent.side_a)
    return is_first_leg and not request.reduce_only


def _order_breach(memory: Account, request: CreateOrder, asking: Opened) -> str:
    """What is wrong with the order and the plan behind it, whatever else is open."""
    bounds, name = memory.terms.bounds, request.client_order_id
    largest = max(request.amount, *(planned for _, _, planned, _, _ in legs(asking)))
    if largest > bounds.order_amount:
        return f"order {name} is for {largest} lots, over {bounds.order_amount}"
    market = memory.prices[request.symbol]
    prices = (request.price or market, *[memory.prices[symbol] for symbol, *_ in legs(asking)[1:]])
    for (symbol, _, planned, _, _), price in zip(legs(asking), prices, strict=True):
        if planned * price * memory.lot_values[symbol] > bounds.order_notional:
            return f"order {name} stands for more than {bounds.order_notional} of {symbol}"
    if request.price is not None and abs(request.price - market) * WHOLE > bounds.collar_bps * market:
        return f"order {name} at {request.price} is over {bounds.collar_bps} bps from the market at {market}"
    if bounds.message_burst and not memory.tokens:
        return f"order {name} opens a position when no message was left to be sent"
    thin = beyond_books(memory, asking) or beyond_spreads(memory, asking, prices)
    return f"order {name} leaves although {thin}" if thin else ""


def _breach(memory: Account, asking: Opened, opens: bool) -> str:
    running = [each for each in standing(memory) if is_running(memory, each)]
    if opens and len(running) > memory.terms.bounds.trades_in_flight:
        return f"{len(running)} trades are in flight, over {memory.terms.bounds.trades_in_flight}"
    beyond = exposed_beyond(memory, asking.intent if opens else None)
    return beyond or over_budget(memory, strategy_of(asking.intent.id))


def _essence(memory: Account) -> Any:
    """An order of which nothing is left matters by whose it is alone."""
    return (
        memory.prices,
        memory.cash,
        memory.trades,
        Table({**{name: each.intent for name, each in memory.past.items()}, **memory.orders}),
        memory.positions,
        memory.held,
        Table({**memory.over, **memory.opened}),
        frozenset(memory.flagged),
        memory.hours,
        memory.tokens,
        memory.openings > 0,
        memory.breach,
        memory.owed,
        memory.capitals,
        memory.assigned,
        memory.books,
        memory.contested,
    )


ACCOUNT = Books(
    _initial,
    {
        Batch: _batched,
        Signaled: _signaled,
        (Sent, CreateOrder): _sent,
        (Sent, CancelOrder): _cancelled,
        (Sent, ReplaceOrder): _replaced,
        (Sent, FetchOrder): _left,
        (Told, Filled): _executed,
        (Told, Status): _answered,
        (Told, Canceled): _ended,
        (Told, Expired): _ended,
        (Told, Rejected): _ended,
        (Told, Replaced): _resized,
        (Told, Price): _priced,
        (Told, BookShown): _shown,
        Returned: _returned,
        Alert: _alerted,
        NewDay: _turned,
        TradingHalted: _turned,
        TradingResumed: _turned,
        Lost: _lost,
        TimerFired: _refilled,
        Restarted: _restarted,
        CapitalAssigned: _assigned,
        CashFlow: _flowed,
    },
    _essence,
)
