"""Small builders for the core's tests: one pair, one strategy, round numbers.

The pair: buy 1,000 AAA at 100, sell 2,000 BBB at 50; cash is 10,000,000, so 2 % of it is 200,000.
"""

from hashlib import sha256

from core import engine, orders, trade
from core.messages import (
    BreakerTripRequested,
    CancelOrder,
    CodeTimerId,
    Command,
    EndTrade,
    Event,
    Fill,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderId,
    OrderStatusReported,
    PriceMoved,
    QueryOrder,
    RaiseAlert,
    RequestOutcomeUnknown,
    SignalId,
    SignalReceived,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerFired,
    TimerId,
    TradeEvent,
)
from core.orders import Order
from core.settings import DAILY_LOSS, MANUAL, Instrument, Limits, Protocol, Settings

SECOND = 1_000_000_000
CASH = 10_000_000
PRICES = {"AAA": 100, "BBB": 50, "CCC": 10}
INSTRUMENTS = tuple(Instrument(symbol) for symbol in sorted(PRICES))
WIDE = Limits(  # limits that refuse nothing here
    position_bps=100_000,
    gross_bps=100_000,
    heat_bps=100_000,
    strategy_bps=100_000,
    net_bps=100_000,
    leverage_bps=100_000,
    cluster_bps=100_000,
    collar_bps=100_000,
)
SETTINGS = Settings(INSTRUMENTS)

SIGNAL = SignalId("pairs", 1)
ENTRY = OrderId(SIGNAL, "entry", 1)
ENTRY_2 = OrderId(SIGNAL, "entry", 2)
HEDGE = OrderId(SIGNAL, "hedge", 1)
FLATTEN_A = OrderId(SIGNAL, "flatten_a", 1)
FLATTEN_B = OrderId(SIGNAL, "flatten_b", 1)


def _chain(secret: str, links: int) -> tuple[str, ...]:
    """A hash chain, the public end first: each value is the SHA-256 of the one after it."""
    values = [sha256(secret.encode()).hexdigest()]
    for _ in range(links):
        values.append(sha256(values[-1].encode()).hexdigest())
    return tuple(reversed(values))


CODES = _chain("daily loss", 5)  # CODES[0] is the anchor, CODES[n] resets the n-th trip
OTHER_CODES = _chain("manual", 5)
ANCHORS = (("daily_loss", CODES[0]), ("manual", OTHER_CODES[0]))

LINGER = TimerFired(TimerId(SIGNAL, "linger"))


# ---- events --------------------------------------------------------------------------------------


def signal(sequence=1, strategy="pairs", **changes) -> SignalReceived:
    """The pair's signal, with some fields changed."""
    fields = {
        "symbol_a": "AAA",
        "side_a": "buy",
        "quantity_a": 1_000,
        "symbol_b": "BBB",
        "side_b": "sell",
        "quantity_b": 2_000,
    }
    return SignalReceived(SignalId(strategy, sequence), **{**fields, **changes})


def order_id(slot="entry", attempt=1, sequence=1, strategy="pairs") -> OrderId:
    """An order of some trade."""
    return OrderId(SignalId(strategy, sequence), slot, attempt)


def fill(quantity, price=100, trade_id="t1", fee_money=0, fee_lots=0) -> Fill:
    """One execution."""
    return Fill(trade_id, quantity, price, fee_money, fee_lots)


def filled(order, quantity, trade_id=None, **rest) -> OrderFilled:
    """A fill of one of the pair's orders, at the pair's prices."""
    price = rest.pop("price", 100 if order.slot in ("entry", "flatten_a") else 50)
    name = trade_id or f"{order.slot}-{order.attempt}"
    return OrderFilled(order, fill(quantity, price, name, **rest))


def found(order, status="open", *fills) -> OrderStatusReported:
    """A query answered with what the venue holds."""
    return OrderStatusReported(order, "found", status, fills)


def confirmed_canceled(order, cumulative) -> tuple[TradeEvent, ...]:
    """An order that was canceled: told, asked about, and told again."""
    return (OrderCanceled(order, cumulative), found(order, "canceled"))


def confirmed_expired(order, cumulative) -> tuple[TradeEvent, ...]:
    """An order that expired: told, asked about, and told again."""
    return (OrderExpired(order, cumulative), found(order, "expired"))


def answered(order, answer) -> OrderStatusReported:
    """A query answered with not_found, failed, empty or stale."""
    return OrderStatusReported(order, answer)


def not_found(order, times=3) -> tuple[OrderStatusReported, ...]:
    """That many not-found answers in a row."""
    return (answered(order, "not_found"),) * times


def asked_and(order, *answers) -> tuple[TradeEvent, ...]:
    """That many questions, each a timer after the last, and their answers."""
    return tuple(each for answer in answers for each in (asked_again(order), answered(order, answer)))


def absent(order, answers=3) -> tuple[TradeEvent, ...]:
    """A lost submit, asked about, and not found so often; where that proves nothing yet, asked once more."""
    lost = (RequestOutcomeUnknown(order, "submit"), answered(order, "not_found"))
    more = asked_and(order, *("not_found",) * (answers - 1))
    return (*lost, *more, asked_again(order)) if answers < 3 else (*lost, *more)


def timed_out(order) -> TimerFired:
    """The order's leg timeout fired."""
    return TimerFired(TimerId(order.signal, "leg_timeout", order))


def asked_again(order) -> TimerFired:
    """The order's query timer fired."""
    return TimerFired(TimerId(order.signal, "query", order))


def both_filled(sequence=1, strategy="pairs", quantity_a=1_000, quantity_b=2_000) -> tuple[OrderFilled, ...]:
    """The fills of a trade whose legs both fill whole."""
    return (
        filled(order_id("entry", 1, sequence, strategy), quantity_a),
        filled(order_id("hedge", 1, sequence, strategy), quantity_b),
    )


# ---- one order -----------------------------------------------------------------------------------

ORDER = Order(ENTRY, "AAA", "buy", 10_000, queries=9)  # nine questions are out, so answers are taken in


def book(order: Order, event) -> orders.Booked:
    """The order after one report, or one request of ours, and what was wrong."""
    return (event(order), None) if callable(event) else orders.book(order, event, 3)


def booked(*events, order=ORDER) -> Order:
    """The order after those reports and requests."""
    for event in events:
        order, _ = book(order, event)
    return order


def trades(quantity, trade_id="t1") -> OrderFilled:
    """A fill of the order."""
    return OrderFilled(ENTRY, fill(quantity, trade_id=trade_id))


# ---- engine and trade ----------------------------------------------------------------------------


def settings(limits=WIDE, protocol=None, anchors=(), breakers=(DAILY_LOSS, MANUAL)) -> Settings:
    """Settings for the three instruments."""
    return Settings(INSTRUMENTS, limits, protocol or Protocol(), anchors, breakers)


def ready(chosen=SETTINGS, cash=CASH) -> engine.State:
    """An engine that knows all three prices."""
    prices = (PriceMoved(symbol, price) for symbol, price in PRICES.items())
    return after(engine.initial(chosen, cash), *prices)


def after(state: engine.State, *events: Event) -> engine.State:
    """The state after those events."""
    for event in events:
        state, _ = engine.step(state, event)
    return state


def commands_of(state: engine.State, *events: Event) -> tuple[Command, ...]:
    """Everything commanded on the way through those events."""
    commands: tuple[Command, ...] = ()
    for event in events:
        state, more = engine.step(state, event)
        commands += more
    return commands


def proposed(planned_a=1_000, planned_b=2_000, protocol=None, grid_a=(1, 1), grid_b=(1, 1)) -> trade.Trade:
    """The pair's trade before its signal was let through; a grid is (step, minimum) in lots."""
    leg_a = trade.Leg("AAA", "buy", planned_a, 100, None, None, *grid_a)
    leg_b = trade.Leg("BBB", "sell", planned_b, 50, None, None, *grid_b)
    return trade.Trade(SIGNAL, leg_a, leg_b, protocol or Protocol())


def played(begun: trade.Trade, *events: TradeEvent, allowed=True) -> trade.Trade:
    """The trade after those events."""
    for event in events:
        begun, _ = trade.step(begun, event, allowed)
    return begun


def opened(*events: TradeEvent, **plan) -> trade.Trade:
    """The pair's trade, let through, after those events."""
    return played(proposed(**plan), signal(), *events)


# ---- commands ------------------------------------------------------------------------------------


def of_kind(commands: tuple[Command, ...], *kinds: type) -> tuple[Command, ...]:
    """The commands of those classes."""
    return tuple(each for each in commands if isinstance(each, kinds))


def submitted(order, quantity, limit_price=None) -> tuple[Command, ...]:
    """What sends one of the pair's orders: the order and its timeout."""
    symbol, side = {
        "entry": ("AAA", "buy"),
        "hedge": ("BBB", "sell"),
        "flatten_a": ("AAA", "sell"),
        "flatten_b": ("BBB", "buy"),
    }[order.slot]
    reduces = order.slot.startswith("flatten")
    return (SubmitOrder(order, symbol, side, quantity, limit_price, reduces), starts_timeout(order))


def starts_timeout(order, duration=10 * SECOND) -> StartTimer:
    """The order's leg timeout starts."""
    return StartTimer(TimerId(order.signal, "leg_timeout", order), duration)


def stops_timeout(order) -> StopTimer:
    """The order's leg timeout stops."""
    return StopTimer(TimerId(order.signal, "leg_timeout", order))


def starts_query(order, duration=SECOND) -> StartTimer:
    """The order's query timer starts."""
    return StartTimer(TimerId(order.signal, "query", order), duration)


def stops_query(order) -> StopTimer:
    """The order's query timer stops."""
    return StopTimer(TimerId(order.signal, "query", order))


def queried(order, duration=SECOND) -> tuple[Command, ...]:
    """What asks for an order's status, and again later."""
    return (QueryOrder(order), starts_query(order, duration))


def asks_once_more(order) -> tuple[Command, ...]:
    """What is done when an order ended and a fill may have crossed its end: it is asked about."""
    return (stops_timeout(order), *queried(order))


def cancelled(order) -> tuple[Command, ...]:
    """What cancels an order, and asks later what became of it."""
    return (CancelOrder(order), starts_query(order))


def ends(outcome, entry_fill, dust_a=0, dust_b=0) -> tuple[Command, ...]:
    """What ends the trade: the call returns, and its orders stay a while."""
    return (
        EndTrade(SIGNAL, outcome, entry_fill, dust_a, dust_b),
        StartTimer(TimerId(SIGNAL, "linger"), 30 * SECOND),
    )


def parks(alert, entry_fill, held_a=0, held_b=0) -> tuple[Command, ...]:
    """What parks the trade: a person must look, and the call returns."""
    return (RaiseAlert(alert, SIGNAL), EndTrade(SIGNAL, "parked", entry_fill, held_a, held_b))


# ---- breakers ------------------------------------------------------------------------------------

GUARDED = settings(anchors=ANCHORS)
BIG = signal(quantity_a=10_000, quantity_b=20_000)  # one tick of AAA is 10,000; 2 % of the cash is 200,000
BIG_FILLED = both_filled(1, "pairs", 10_000, 20_000)
TRIP = BreakerTripRequested()


def after_trip(*events: Event) -> engine.State:
    """An engine that a person halted, after those events."""
    return after(ready(GUARDED), TRIP, *events)


def after_loss(*events: Event) -> engine.State:
    """An engine that lost 2 % of its cash on what it holds, after those events."""
    return after(ready(GUARDED), BIG, *BIG_FILLED, PriceMoved("AAA", 80), *events)


def halted(state: engine.State) -> list[str]:
    """The names of the breakers that are tripped."""
    return [each.name for each in state.breakers if each.phase == "tripped"]


def trips(kind, link=1, seconds=600) -> tuple[Command, ...]:
    """What a trip commands: an alert that names the code asked for, and how long it is good."""
    return (
        RaiseAlert("BREAKER_TRIPPED", (kind, link)),
        StartTimer(CodeTimerId(kind, link), seconds * SECOND),
    )


def warns(name) -> RaiseAlert:
    """The alert that a breaker is at 80 % of its threshold."""
    return RaiseAlert("BREAKER_WARNING", (name, 8_000))
