"""What the market and the calendar say: prices, sessions, halts, cash moved, positions adjusted, correlations
and metrics."""

from typing import get_args

from core import adopted, gauges, portfolio, positions
from core.halts import watched
from core.leaving import aligned
from core.messages import (
    CashMoved,
    Command,
    CorrelationReported,
    HighWaterMarkRebased,
    MetricReported,
    PositionAdjusted,
    PriceMoved,
    PriceUnusable,
    RaiseAlert,
    ReportAnomaly,
    SessionChanged,
    SignalId,
    TradingHalted,
    TradingResumed,
)
from core.orders import is_valid
from core.portfolio import RESERVE
from core.positions import Book
from core.sessions import SessionPhase
from core.settings import Correlation, instrument
from core.state import State, Step, equity
from core.stepping import step_one
from core.units import WHOLE_BPS, Money, Ticks
from core.values import replace

PHASES = get_args(SessionPhase)

Told = tuple[Command, ...]


def price_moved(state: State, event: PriceMoved) -> Step:
    """A symbol has a new price, in ticks."""
    if instrument(state.settings, event.symbol) is None:
        return state, (ReportAnomaly("UNKNOWN_SYMBOL", event),)
    if event.price <= 0:
        return state, (ReportAnomaly("INVALID_VALUE", event),)
    state = _priced(state, event.symbol, event.price)
    if state.gauges.windows is not None:
        window = gauges.window_of(state.settings, "volatility")
        read = gauges.priced(state.gauges, event.symbol, event.price, window)
        state = replace(state, gauges=read)
    return watched(state, ())


def price_unusable(state: State, event: PriceUnusable) -> Step:
    """A symbol has no price that anybody could trade by."""
    if instrument(state.settings, event.symbol) is None:
        return state, (ReportAnomaly("UNKNOWN_SYMBOL", event),)
    return watched(_priced(state, event.symbol, None), ())


def _priced(state: State, symbol: str, price: Ticks | None) -> State:
    prices = tuple([(each[0], price) if each[0] == symbol else each for each in state.prices])
    return replace(state, prices=prices)


def session_changed(state: State, event: SessionChanged) -> Step:
    """Another phase of the session, or a new day. Of a day phases come in any order: some markets close at
    noon. A new day measures its loss from its own opening equity, but one that comes closed: a weekend or a
    holiday is no session. A tripped breaker stays tripped.
    """
    is_news = event.day > state.day or event.phase != state.session
    if event.phase not in PHASES or event.day < state.day or not is_news:
        return state, (ReportAnomaly("INVALID_VALUE", event),)
    if event.day > state.day and event.phase != "closed":
        read = gauges.day_begun(state.gauges, equity(state))
        state = replace(state, day=event.day, gauges=read)
    state, commands = aligned(replace(state, session=event.phase), ())
    return watched(state, commands)


def trading_halted(state: State, event: TradingHalted) -> Step:
    """Nothing but cancels may leave for these symbols, or for any where none is named. A halt that is known
    is no news."""
    known, commands = _listed(state, event)
    is_whole = state.market_halted or not event.symbols
    halts = tuple(sorted({*state.halts, *known}))
    return aligned(replace(state, halts=halts, market_halted=is_whole), commands)


def trading_resumed(state: State, event: TradingResumed) -> Step:
    """A halt is over; what it held up goes on where nothing else holds it up."""
    known, commands = _listed(state, event)
    is_whole = state.market_halted and bool(event.symbols)
    halts = tuple([each for each in state.halts if each not in known])
    return aligned(replace(state, halts=halts, market_halted=is_whole), commands)


def _listed(state: State, event: TradingHalted | TradingResumed) -> tuple[tuple[str, ...], Told]:
    """Those of its symbols that are traded here, and what is told where there are others."""
    known = tuple([each for each in event.symbols if instrument(state.settings, each) is not None])
    return known, () if known == event.symbols else (ReportAnomaly("UNKNOWN_SYMBOL", event),)


def cash_moved(state: State, event: CashMoved) -> Step:
    """Cash paid in or out is neither profit nor loss: what losses are measured from moves with it."""
    book = replace(state.book, cash=Money(state.book.cash + event.amount))
    read = gauges.cash_moved(state.gauges, event.amount)
    accounts = portfolio.cash_moved(state.accounts, event.amount, state.settings)
    return watched(replace(state, book=book, gauges=read, accounts=accounts), ())


def position_adjusted(state: State, event: PositionAdjusted) -> Step:
    """Lots that no order here made are booked as a fill, and people are told. Unlike cash paid in, what they
    gain or lose is profit or loss."""
    if instrument(state.settings, event.symbol) is None:
        return state, (ReportAnomaly("UNKNOWN_SYMBOL", event),)
    if not is_valid(adopted.fill_of(event)[1]):
        return state, (ReportAnomaly("INVALID_VALUE", event),)
    alert = RaiseAlert("POSITION_ADJUSTED", (event.symbol, event.lots))
    if event.signal is not None:
        return _closed_outside(state, event, event.signal, alert)
    state = _booked(state, event, RESERVE)
    return watched(replace(state, adopted=adopted.put(state.adopted, event)), (alert,))


def _closed_outside(state: State, event: PositionAdjusted, signal: SignalId, alert: RaiseAlert) -> Step:
    """What a trade held, as far as it is over or parked, was closed by somebody else: its result is the
    trade's."""
    for index, trade in enumerate(state.trades):
        if trade.signal == signal:
            after, commands = step_one(state, index, event)
            if after is state:
                break
            after = _booked(after, event, signal.strategy)
            if after.gauges.rounds is not None:
                brought = Money(after.book.cash - state.book.cash)
                read = gauges.traded(after.gauges, signal, brought, after.trades)
                after = replace(after, gauges=read)
            return watched(after, (alert, *commands))
    return state, (ReportAnomaly("UNKNOWN_SIGNAL", event),)


def _booked(state: State, event: PositionAdjusted, strategy: str) -> State:
    """The state with an adjustment in the book of the account, and in that of a strategy where it has one."""
    side, fill = adopted.fill_of(event)

    def with_fill(book: Book) -> Book:
        return positions.book_fill(book, event.symbol, side, fill, state.settings)

    accounts = portfolio.booked(state.accounts, strategy, with_fill)
    return replace(state, book=with_fill(state.book), accounts=accounts)


def high_water_mark_rebased(state: State, event: HighWaterMarkRebased) -> Step:
    """A person decides it; no reset does. Without a known equity there is nothing to measure from."""
    worth = equity(state)
    if state.gauges.mark is None:
        return state, (ReportAnomaly("UNKNOWN_BREAKER", event),)
    if worth is None:
        return state, (ReportAnomaly("INVALID_VALUE", event),)
    return watched(replace(state, gauges=replace(state.gauges, mark=worth)), ())


def correlation_reported(state: State, event: CorrelationReported) -> Step:
    """How two symbols move together now; one that is not known any more is left out, and counts as whole."""
    if any(instrument(state.settings, symbol) is None for symbol in (event.symbol_a, event.symbol_b)):
        return state, (ReportAnomaly("UNKNOWN_SYMBOL", event),)
    value = event.correlation
    if event.symbol_a == event.symbol_b or (value is not None and abs(value) > WHOLE_BPS):
        return state, (ReportAnomaly("INVALID_VALUE", event),)
    symbol_a, symbol_b = sorted((event.symbol_a, event.symbol_b))
    known = {(each.symbol_a, each.symbol_b): each for each in state.correlations}
    if value is None:
        known.pop((symbol_a, symbol_b), None)
    else:
        known[symbol_a, symbol_b] = Correlation(symbol_a, symbol_b, value)
    return watched(replace(state, correlations=tuple([known[each] for each in sorted(known)])), ())


def metric_reported(state: State, event: MetricReported) -> Step:
    """A metric that a custom breaker watches has a value, or none."""
    if not any(rule.kind == "custom" and rule.name == event.name for rule in state.settings.breakers):
        return state, (ReportAnomaly("UNKNOWN_METRIC", event),)
    read = gauges.metered(state.gauges, event.name, event.value)
    return watched(replace(state, gauges=read), ())
