"""Everything the engine knows, and what the gate may know of it. Nothing here decides anything."""

from core import adopted, breakers, gauges, portfolio, positions, risk, sums
from core.adopted import Holdings
from core.breakers import Breaker
from core.clusters import clusters
from core.gauges import Gauges
from core.liquidity import Reports
from core.memo import latest
from core.messages import Command
from core.portfolio import Accounts, Transfer
from core.positions import Book, Prices
from core.risk import Contribution, Summary
from core.sessions import SessionPhase
from core.settings import Correlation, Settings
from core.trade import Trade
from core.units import Money
from core.values import frozen


@frozen
class State:
    """Everything the engine knows. All tuples are sorted by their first field.

    ``high_water``: per strategy, the largest sequence ever answered. ``gauges``: what the breakers measure
    by. ``recovering``: a restart left orders whose fate is not known yet. ``correlations``: those of the
    settings, and what was reported since. ``tokens``: messages that may leave now, where a rate bounds them.
    ``liquidity``: the latest report of each symbol's book.
    ``day``: the last session day that began; ``session``: the phase of the session. ``halts``: symbols that
    are halted by name; ``market_halted``: all are.
    ``accounts``: of each strategy with capital of its own, and the reserve; ``owed``: capital that will move.
    ``adopted``: lots on the account that no trade holds.
    """

    settings: Settings
    book: Book
    gauges: Gauges
    breakers: tuple[Breaker, ...]
    prices: Prices = ()
    high_water: tuple[tuple[str, int], ...] = ()
    trades: tuple[Trade, ...] = ()
    day: int = 0
    recovering: bool = False
    correlations: tuple[Correlation, ...] = ()
    tokens: int = 0
    session: SessionPhase = "regular"
    halts: tuple[str, ...] = ()
    market_halted: bool = False
    liquidity: Reports = ()
    accounts: Accounts = ()
    owed: tuple[Transfer, ...] = ()
    adopted: Holdings = ()


Step = tuple[State, tuple[Command, ...]]


def initial(settings: Settings, cash: Money) -> State:
    """An engine that has seen nothing, with ``cash`` minor units. The settings have no ``problems``."""
    return State(
        settings,
        Book(cash),
        gauges.initial(settings, cash),
        breakers.initial(settings),
        tuple((each.symbol, None) for each in settings.instruments),
        correlations=settings.correlations,
        tokens=0 if settings.limits.message_rate is None else settings.limits.message_rate.burst,
        accounts=portfolio.initial(settings, cash),
    )


def summary(state: State) -> Summary:
    """What the gate may know of the state."""
    settings, limits = state.settings, state.settings.limits
    return Summary(
        equity(state),
        settings.trading != "active" or breakers.is_halted(state.breakers),
        _total(state),
        state.recovering,
        clusters(settings.instruments, state.correlations, limits.cluster_correlation),
        None if limits.message_rate is None else state.tokens,
        state.session,
        halted_symbols(state),
        portfolio.capitals(state.accounts, state.prices, settings),
    )


def _total(state: State) -> Contribution:
    total = sums.total(state.trades, state.prices, state.settings)
    if not state.adopted:
        return total
    return risk.add(total, adopted.contribution(state.adopted, state.prices, state.settings))


def halted_symbols(state: State) -> tuple[str, ...]:
    """The symbols in which trading is halted now, sorted."""
    return tuple([each.symbol for each in state.settings.instruments]) if state.market_halted else state.halts


def equity(state: State) -> Money | None:
    """Cash and marked positions; None while a held position has no usable price."""
    return _equity(state.book, state.prices, state.settings)


_equity = latest(positions.equity)
