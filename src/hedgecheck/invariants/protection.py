"""I09: what was opened with a stop is protected by one stop order, of the size that is held."""

from typing import Literal

from hedgecheck.archive import Archive
from hedgecheck.invariants.base import (
    Books,
    Broken,
    Counts,
    Finding,
    Heard,
    MarketTerms,
    Table,
    Terms,
    View,
    lots_of,
    market_of,
    moved,
    put,
)
from hedgecheck.messages import (
    Accepted,
    Alert,
    Canceled,
    CreateOrder,
    Expired,
    Filled,
    Intent,
    Price,
    Replaced,
    ReplaceOrder,
    Restarted,
    Sent,
    Side,
    Signaled,
    StartTimer,
    StopTimer,
    TimerFired,
)
from hedgecheck.values import frozen, replace

EXCUSES = ("TRADE_PARKED", "ORDER_UNRESOLVED", "POSITION_UNPROTECTED")
GRACE = "/grace"
Leg = tuple[str, Side, int]  # symbol, side that opens it, stop price


@frozen
class Stop:
    """A reduce-only stop order, with the lots it has left at the venue of the ``amount`` in all; None before
    the venue has taken it."""

    order: CreateOrder
    amount: int
    left: int | None = None


@frozen
class Protected:
    """``lowest``: the lowest price of each symbol since an intent was there. ``owners``: whose each order is.
    ``held``: signed lots at the venue by "intent symbol", where there are any. ``graces``: intents whose
    grace timer runs."""

    markets: tuple[MarketTerms, ...]
    lowest: Counts
    intents: Archive[Intent] = Archive()
    owners: Archive[str] = Archive()
    held: Counts = Table()
    stops: tuple[Stop, ...] = ()
    graces: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()


# ---- what each record changes ----------------------------------------------------------------------


def _initial(terms: Terms) -> Protected:
    return Protected(terms.markets, Table({each.symbol: each.price for each in terms.markets}))


def _signaled(memory: Protected, record: Signaled) -> Protected:
    intent = record.intent
    if not _legs(intent) or intent.id in memory.intents:
        return memory
    return replace(memory, intents=memory.intents.put(intent.id, intent))


def _sent(memory: Protected, record: Sent) -> Protected:
    order = record.request
    assert isinstance(order, CreateOrder), "Invariant: books hear only what they ask for"
    if order.intent not in memory.intents:
        return memory
    memory = replace(memory, owners=memory.owners.put(order.client_order_id, order.intent or ""))
    if not order.reduce_only or order.stop_price is None:
        return memory
    return replace(memory, stops=(*memory.stops, Stop(order, order.amount)))


def _to_change(memory: Protected, record: Sent) -> Protected:
    change = record.request
    assert isinstance(change, ReplaceOrder), "Invariant: books hear only what they ask for"
    stop = _stop(memory, change.client_order_id)
    if stop is None or change.stop_price is None:
        return memory
    after = replace(stop, order=replace(stop.order, stop_price=change.stop_price))
    return replace(memory, stops=tuple([after if each is stop else each for each in memory.stops]))


def _with_left(memory: Protected, name: str, left: int | None, amount: int | None = None) -> Protected:
    """The stop of that name, if it is one, with so many lots left; gone with none."""
    stops: tuple[Stop, ...] = ()
    for each in memory.stops:
        if each.order.client_order_id != name:
            stops += (each,)
        elif left is None or left > 0:
            stops += (replace(each, left=left, amount=each.amount if amount is None else amount),)
    return replace(memory, stops=stops)


def _stop(memory: Protected, name: str) -> Stop | None:
    return next((each for each in memory.stops if each.order.client_order_id == name), None)


def _accepted(memory: Protected, record: Accepted) -> Protected:
    stop = _stop(memory, record.client_order_id)
    return memory if stop is None else _with_left(memory, record.client_order_id, stop.amount)


def _filled(memory: Protected, fill: Filled) -> Protected:
    owner = memory.owners.get(fill.client_order_id)
    if owner is None:
        return memory
    memory = replace(memory, held=moved(memory.held, f"{owner} {fill.symbol}", lots_of(fill)))
    stop = _stop(memory, fill.client_order_id)
    if stop is None:
        return memory
    return _with_left(memory, fill.client_order_id, (stop.left or 0) - fill.amount)


def _replaced(memory: Protected, record: Replaced) -> Protected:
    stop = _stop(memory, record.client_order_id)
    if stop is None:
        return memory
    left = (stop.left or 0) + record.amount - stop.amount
    return _with_left(memory, record.client_order_id, left, record.amount)


def _ended(memory: Protected, record: Canceled | Expired) -> Protected:
    stop = _stop(memory, record.client_order_id)
    return memory if stop is None else _with_left(memory, record.client_order_id, 0)


def _priced(memory: Protected, price: Price) -> Protected:
    if memory.intents and price.price >= memory.lowest[price.symbol]:
        return memory
    return replace(memory, lowest=put(memory.lowest, price.symbol, price.price))


def _grace_runs(memory: Protected, record: StartTimer) -> Protected:
    intent, is_grace, _ = record.timer.partition(GRACE)
    if not is_grace or intent in memory.graces:
        return memory
    return replace(memory, graces=(*memory.graces, intent))


def _grace_over(memory: Protected, record: TimerFired | StopTimer) -> Protected:
    intent, is_grace, _ = record.timer.partition(GRACE)
    if not is_grace or intent not in memory.graces:
        return memory
    return replace(memory, graces=tuple([each for each in memory.graces if each != intent]))


def _alerted(memory: Protected, alert: Alert) -> Protected:
    is_known = alert.subject in memory.intents
    if alert.reason not in EXCUSES or not is_known or alert.subject in memory.flagged:
        return memory
    return replace(memory, flagged=(*memory.flagged, alert.subject))


PROTECTED = Books(
    _initial,
    {
        Signaled: _signaled,
        (Sent, CreateOrder): _sent,
        (Sent, ReplaceOrder): _to_change,
        Accepted: _accepted,
        Filled: _filled,
        Replaced: _replaced,
        Canceled: _ended,
        Expired: _ended,
        Price: _priced,
        StartTimer: _grace_runs,
        TimerFired: _grace_over,
        StopTimer: _grace_over,
        Restarted: lambda memory, _record: replace(memory, graces=()) if memory.graces else memory,
        Alert: _alerted,
    },
    lambda memory: (
        memory.lowest if memory.intents else None,  # before that it is the venue's price
        memory.intents,
        memory.owners,
        memory.held,
        tuple(sorted(memory.stops, key=lambda stop: stop.order.client_order_id)),
        frozenset(memory.graces),
        frozenset(memory.flagged),
    ),
)


# ---- the rule --------------------------------------------------------------------------------------


@frozen
class AlwaysProtected:
    """At rest each leg that was opened with a stop has one stop order at the venue for the lots that its
    intent holds of it, reduce-only, on the other side, at the price asked for, and none where nothing is
    held. Not while the grace timer of the intent runs, nor for what the market would not take as an order,
    nor where a person has been told of the intent. Never do two stops of one leg together stand for more than
    is held."""

    id: str = "I09"
    name: str = "always_protected"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (Accepted, Filled, Replaced)
    books: Books = PROTECTED

    def verdict(self, memory: Protected, view: View) -> Finding:
        finding: Finding = "vacuous"
        for intent in _live(memory):
            for leg in _legs(intent):
                found = _too_many(memory, intent, leg)
                if found == "vacuous" and view.is_at_rest and intent.id not in memory.flagged:
                    found = _at_rest(memory, intent, leg)
                if isinstance(found, Broken):
                    return found
                finding = found if finding == "vacuous" else finding
        return finding


def _live(memory: Protected) -> list[Intent]:
    """The intents that hold something or have stops out: of any other there is nothing to protect."""
    names = [key.rpartition(" ")[0] for key in memory.held]
    names += [each.order.intent or "" for each in memory.stops]
    return [memory.intents[name] for name in dict.fromkeys(names)]


def _legs(intent: Intent) -> tuple[Leg, ...]:
    """The legs that have a stop."""
    stop_b = intent.stop_b if intent.amount_b else None
    both = (
        (intent.symbol_a, intent.side_a, intent.stop_a),
        (intent.symbol_b, intent.side_b, stop_b),
    )
    return tuple((symbol, side, stop) for symbol, side, stop in both if stop is not None)


def _working(memory: Protected, intent: Intent, leg: Leg) -> list[Stop]:
    """The stops that the venue has for a leg."""
    symbol, side, _ = leg
    found = []
    for each in memory.stops:
        is_of_leg = (each.order.intent, each.order.symbol) == (intent.id, symbol)
        if each.left and is_of_leg and each.order.side != side:
            found.append(each)
    return found


def _held_lots(memory: Protected, intent: Intent, leg: Leg) -> int:
    symbol, side, _ = leg
    return memory.held.get(f"{intent.id} {symbol}", 0) * (1 if side == "buy" else -1)


def _too_many(memory: Protected, intent: Intent, leg: Leg) -> Finding:
    working, held = _working(memory, intent, leg), _held_lots(memory, intent, leg)
    together = sum([each.left or 0 for each in working])
    if len(working) < 2 or together <= held:
        return "vacuous"
    names = " and ".join(each.order.client_order_id for each in working)
    return Broken(f"stops {names} work for {together} lots of {leg[0]} where intent {intent.id} holds {held}")


def _at_rest(memory: Protected, intent: Intent, leg: Leg) -> Finding:
    symbol, _, stop_price = leg
    working, held = _working(memory, intent, leg), max(0, _held_lots(memory, intent, leg))
    sizes = [each.left or 0 for each in working]
    step, minimum = _smallest(memory, symbol)
    if sizes == [held - held % step]:
        asked = working[0].order.stop_price
        wrong = f"protected at {asked}, where intent {intent.id} asked for {stop_price}"
        return "holds" if asked == stop_price else Broken(f"at rest {held} lots of {symbol} are {wrong}")
    if (not sizes and held - held % step < minimum) or intent.id in memory.graces:
        return "vacuous"
    return Broken(
        f"at rest intent {intent.id} holds {held} lots of {symbol}, with stops for {sizes or 'none'}"
    )


def _smallest(memory: Protected, symbol: str) -> tuple[int, int]:
    """The market's step, and the most that its smallest order ever was, in lots."""
    market = market_of(memory.markets, symbol)
    by_notional = -(-market.minimum_notional // (memory.lowest[symbol] * market.tick_lot_value))
    return market.lot, max(market.minimum, by_notional)
