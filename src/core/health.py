"""What a person must know of an engine at a glance: what is halted, parked, unknown or without protection."""

from core import breakers
from core.admission import limits_now
from core.breakers import Breaker
from core.messages import BreakerName, OrderId, SignalId
from core.orders import is_live
from core.plan import Trade, open_lots
from core.portfolio import Account
from core.positions import unrealised
from core.risk import needed
from core.sessions import SessionPhase
from core.settings import TradingState
from core.state import State, equity, halted_symbols, summary
from core.units import BasisPoints, Money, Ticks
from core.values import frozen

NONE = BasisPoints(0)


@frozen
class BreakerHealth:
    """``share``: of the limits, as far as this breaker is concerned; 0 while it is tripped. ``asks_for``: the
    link of its chain that resets it, 0 where nothing is to be reset. ``code_expired``: using that one asks
    for the next."""

    name: BreakerName
    phase: str
    share: BasisPoints
    asks_for: int = 0
    code_expired: bool = False


@frozen
class StrategyHealth:
    """In money; an empty name is the reserve. ``capital`` and ``unrealised`` are None where it holds what has
    no usable price. ``needed``: capital that bears its open trades at worst. ``owed``: what will leave it."""

    name: str
    capital: Money | None
    cash: Money
    fees: Money
    realised: Money
    unrealised: Money | None
    needed: Money
    owed: Money


@frozen
class Health:
    """``share``: of every limit, that holds for new trades; 0 while halted. ``parked``: trades that wait for
    a person. ``unknown``: orders whose outcome is not known. ``unprotected``: trades that hold a position
    without the stop that it ought to have. ``unpriced``: symbols without a usable price. ``is_valued``:
    equity is known. ``is_well``: nothing here waits for a person, and all that was under way is known.
    ``halted_symbols``: those in which trading is halted; ``stranded``: trades that wait until it goes on.
    ``strategies``: those with capital of their own, and the reserve before them. ``adopted``: lots on the
    account by symbol that no trade holds."""

    trading: TradingState
    share: BasisPoints
    breakers: tuple[BreakerHealth, ...]
    parked: tuple[SignalId, ...]
    unknown: tuple[OrderId, ...]
    unprotected: tuple[SignalId, ...]
    unpriced: tuple[str, ...]
    is_recovering: bool
    is_valued: bool
    is_well: bool
    session: SessionPhase = "regular"
    halted_symbols: tuple[str, ...] = ()
    stranded: tuple[SignalId, ...] = ()
    strategies: tuple[StrategyHealth, ...] = ()
    adopted: tuple[tuple[str, int], ...] = ()


def health(state: State) -> Health:
    """The engine's condition. It changes nothing."""
    halted = breakers.is_halted(state.breakers)
    parked = tuple([trade.signal for trade in state.trades if trade.phase == "parked"])
    unknown = tuple([order.id for trade in state.trades for order in trade.orders if order.unknown])
    unprotected = tuple([trade.signal for trade in state.trades if _is_unprotected(trade)])
    is_valued = equity(state) is not None
    stranded = tuple([trade.signal for trade in state.trades if trade.stranded])
    troubles = (halted, parked, unknown, unprotected, state.recovering, not is_valued, stranded)
    return Health(
        state.settings.trading,
        NONE if halted else breakers.share(state.breakers),
        tuple([_breaker_health(each) for each in state.breakers]),
        parked,
        unknown,
        unprotected,
        tuple([symbol for symbol, price in state.prices if price is None]),
        state.recovering,
        is_valued,
        state.settings.trading == "active" and not any(troubles),
        state.session,
        halted_symbols(state),
        stranded,
        tuple([_strategy_health(state, each) for each in state.accounts]),
        tuple([(each.symbol, each.lots) for each in state.adopted]),
    )


def _strategy_health(state: State, account: Account) -> StrategyHealth:
    name, book = account.strategy, account.book
    known, prices = summary(state), dict(state.prices)
    capital = dict(known.capitals)[name]
    gains = [unrealised(each, prices.get(each.symbol) or Ticks(0), state.settings) for each in book.positions]
    return StrategyHealth(
        name,
        capital,
        book.cash,
        book.fees,
        Money(sum([each.realised for each in book.positions])),
        None if capital is None else Money(sum(gains)),
        needed(known.total, limits_now(state), name),
        Money(sum([each.amount for each in state.owed if each.giver == name])),
    )


def _is_unprotected(trade: Trade) -> bool:
    """Whether it holds lots of a leg that is to have a stop, and no stop of it works at the venue."""
    working = [order.id.slot for order in trade.orders if is_live(order)]
    return any(
        leg.stop_price is not None and open_lots(trade, leg) > 0 and slot not in working
        for leg, slot in ((trade.leg_a, "stop_a"), (trade.leg_b, "stop_b"))
    )


def _breaker_health(breaker: Breaker) -> BreakerHealth:
    if breaker.phase == "tripped":
        return BreakerHealth(breaker.name, breaker.phase, NONE, breaker.link, breaker.expired)
    return BreakerHealth(breaker.name, breaker.phase, breakers.share((breaker,)))
