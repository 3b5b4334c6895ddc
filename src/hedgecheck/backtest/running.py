"""A portfolio through the days of an exchange: signals of the last close are traded at the open, stops where
the day's range meets them, and every day ends with a sheet."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from hedgecheck import invariants
from hedgecheck.arrays import Ints
from hedgecheck.backtest.bars import Bars
from hedgecheck.backtest.checks import demand_sound, demand_understanding, row_of, signals_of
from hedgecheck.backtest.desk import Desk
from hedgecheck.backtest.recount import Recount
from hedgecheck.backtest.sleeves import Sleeve
from hedgecheck.calendars import PhaseChange, phases
from hedgecheck.errors import UsageError
from hedgecheck.explore.replay import Failure
from hedgecheck.invariants import Bounds, Invariant
from hedgecheck.invariants.worst import parts, strategy_of
from hedgecheck.messages import Alert, Exit, Filled, Rebalance, Record, Returned, Signaled
from hedgecheck.signalers import Signals
from hedgecheck.values import frozen, replace
from hedgecheck.venue import House, Market
from hedgecheck.world import Engine, Scope

LESS_THAN_A_LOT = "LESS_THAN_A_LOT"  # the reason of a trade that was not even signaled
PAUSE_NS = 300 * 10**9  # in which an engine may ask, and send again, before prices move on


@frozen
class Sheet:
    """The end of a day, in minor units. ``capitals`` by strategy, the reserve under an empty name;
    ``profits``: what each made since the start, without what was moved. ``heat`` and ``gross``: what is open
    at worst. ``alerts``: what people were told in it, reason and subject. ``differences``: what the books of
    the engine, or the venue, say otherwise than those that were counted from the venue's records."""

    date: str
    equity: int
    cash: int
    heat: int
    gross: int
    positions: tuple[tuple[str, int], ...]
    capitals: tuple[tuple[str, int], ...]
    profits: tuple[tuple[str, int], ...]
    alerts: tuple[tuple[str, str], ...]
    differences: tuple[str, ...]


@dataclass(slots=True)
class Backtest:
    """What came of it. ``reasons``: how often a signal of which strategy came to what: ``hedged``, or why it
    was refused, as often as it was tried. ``failure``: the rule that was broken on the day of the last sheet;
    None where none was."""

    bounds: Bounds
    recount: Recount
    sheets: list[Sheet] = field(default_factory=list)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    failure: Failure | None = None

    @property
    def fills(self) -> list[tuple[str, Filled]]:
        """Every fill with its intent."""
        return self.recount.fills


def backtest(
    sleeves: Sequence[Sleeve],
    bars: Bars,
    engine: Engine,
    first: str,
    last: str,
    *,
    cash: int,
    bounds: Bounds,
    exchange: str = "XNYS",
    fee_bps: int = 5,
    daily_loss_bps: int = 200,
    drawdown_bps: int = 0,
    rebalance_days: int = 0,
    rules: tuple[Invariant, ...] = invariants.ALL,
    watch: Callable[[Sheet], None] = lambda sheet: None,
) -> Backtest:
    """Trades the sleeves with that engine on every session from ``first`` to ``last``.

    ``cash`` in ticks times lots; ``bounds`` are what the engine is told to keep to, the budgets apart, which
    are the sleeves'. Every ``rebalance_days`` sessions capital goes back to them; 0 is never. ``watch`` sees
    each sheet. Stops at the first rule that is broken. Raises ``UsageError`` for sleeves that cannot share
    the cash and for bars that are not of every session, and what ``Signaler.signals`` and
    ``calendars.phases`` raise.
    """
    demand_understanding(engine, rebalances=bool(rebalance_days))
    demand_sound(sleeves, cash)
    scope = _scope(sleeves, bars, first, cash, bounds, fee_bps, daily_loss_bps, drawdown_bps)
    run = _Run(sleeves, bars, engine, scope, rules)
    changes = [each for each in phases(exchange, first, last) if each.session >= first]
    for number, (session, of_day) in enumerate(groupby(changes, key=lambda change: change.session)):
        run.day(session, list(of_day), is_rebalanced=bool(rebalance_days) and number % rebalance_days == 0)
        if run.result.failure is not None:
            break
        watch(run.result.sheets[-1])
    return run.result


def _scope(
    sleeves: Sequence[Sleeve],
    bars: Bars,
    first: str,
    cash: int,
    bounds: Bounds,
    fee_bps: int,
    daily_loss_bps: int,
    drawdown_bps: int,
) -> Scope:
    """The world that the engine is in before the first session."""
    row, symbols = row_of(bars, first) - 1, sorted(bars.symbols)
    return Scope(
        (),
        House(tuple(Market(symbol) for symbol in symbols), fee_bps=fee_bps),
        cash,
        tuple((symbol, int(bars.close[row, bars.column(symbol)])) for symbol in symbols),
        replace(bounds, budgets=tuple(sorted((each.name, each.budget_bps) for each in sleeves))),
        daily_loss_bps=daily_loss_bps,
        drawdown_bps=drawdown_bps,
    )


class _Run:
    def __init__(
        self,
        sleeves: Sequence[Sleeve],
        bars: Bars,
        engine: Engine,
        scope: Scope,
        rules: tuple[Invariant, ...],
    ) -> None:
        self._sleeves, self._bars, self._engine = sleeves, bars, engine
        self._recount = Recount(scope.cash, scope.bounds.budgets, scope.prices)
        self.result = Backtest(scope.bounds, self._recount)
        self._desk = Desk(scope, engine, self._heard, rules)
        self._signals: dict[str, Signals] = {each.name: signals_of(each, bars) for each in sleeves}
        self._alerts: list[tuple[str, str]] = []
        self._held: dict[str, tuple[str, int]] = {}  # by sleeve: its intent and which side it is on
        self._asked: dict[str, tuple[str, int]] = {}  # the same of a call that has not returned
        self._count = 0

    def day(self, session: str, changes: list[PhaseChange], *, is_rebalanced: bool) -> None:
        """One session: the gap to the open, trading, the day's range, the close, and the sheet."""
        if session not in self._bars.dates:
            raise UsageError(f"There is no bar of the session {session}. Add it, or end before it.")
        row = self._bars.dates.index(session)
        is_open, is_over = False, False
        for change in changes:
            if change.phase == "regular" and not is_open:
                self._quote(self._bars.open[row])
                self._desk.phase(change)
                self._trade(row, is_rebalanced=is_rebalanced)
                is_open = True
                continue
            if is_open and not is_over:
                self._range(row)
                self._quote(self._bars.close[row])
                is_over = True
            self._desk.phase(change)
        self._desk.rest()
        self.result.failure = self._desk.failure
        self.result.sheets.append(self._sheet(session))
        self._alerts.clear()

    def _heard(self, record: Record) -> None:
        self._recount.hear(record)
        if isinstance(record, Alert):
            self._alerts.append((record.reason, record.subject))
        elif isinstance(record, Returned):
            name = strategy_of(record.intent)
            self.result.reasons[name, record.reason] += 1
            asked = self._asked.pop(name)
            if record.success:
                self._held[name] = asked

    def _quote(self, prices: Ints) -> None:
        """Every symbol trades at its price."""
        for symbol, price in zip(self._bars.symbols, prices.tolist(), strict=True):
            self._desk.price(symbol, price)

    def _range(self, row: int) -> None:
        """Prices go through every stop that lies in the range of the day, the nearest to the open first."""
        for column, symbol in enumerate(self._bars.symbols):
            low, high = int(self._bars.low[row, column]), int(self._bars.high[row, column])
            opened = int(self._bars.open[row, column])
            stops = {each for each in self._desk.stops(symbol) if low <= each <= high}
            for stop in sorted(stops, key=lambda price: (abs(price - opened), price)):
                if stop in self._desk.stops(symbol):
                    self._desk.price(symbol, stop)
                    self._desk.wait(PAUSE_NS)

    # ---- what the strategies want ----------------------------------------------------------------------

    def _trade(self, row: int, *, is_rebalanced: bool) -> None:
        """By the signals of the day before: what is not wanted any more is left, then what is wanted opened.
        What was stopped out is opened again when the signal has changed."""
        if is_rebalanced:
            shares = Rebalance(self.result.bounds.budgets)
            self._desk.tell(shares, shares)
        wanted = {name: int(signals.targets[row - 1]) for name, signals in self._signals.items()}
        for name, (intent, side) in list(self._held.items()):
            if wanted[name] != side:
                if self._recount.holds(intent):
                    self._desk.tell(Exit(intent), Exit(intent))
                del self._held[name]
        self._desk.wait(PAUSE_NS)
        for sleeve in self._sleeves:
            if wanted[sleeve.name] and sleeve.name not in (*self._held, *self._asked):
                self._open(sleeve, wanted[sleeve.name], row)
        self._desk.wait(PAUSE_NS)

    def _open(self, sleeve: Sleeve, side: int, row: int) -> None:
        capital = self._recount.capitals()[sleeve.name]
        ratio = float(self._signals[sleeve.name].hedge_ratio[row - 1])
        intent = sleeve.intent(self._count + 1, side, ratio, capital, self._recount.prices)
        if not (intent.amount_a and intent.amount_b):
            self.result.reasons[sleeve.name, LESS_THAN_A_LOT] += 1
            return
        self._count += 1
        self._asked[sleeve.name] = (intent.id, side)
        self._desk.tell(intent, Signaled(intent))

    # ---- the end of a day ------------------------------------------------------------------------------

    def _sheet(self, session: str) -> Sheet:
        recount, open_at_worst = self._recount, parts(self._desk.account)
        capitals = recount.capitals()
        return Sheet(
            session,
            sum(capitals.values()),
            recount.cash.total(),
            sum(part.heat for part in open_at_worst),
            sum(part.value for part in open_at_worst),
            tuple(recount.positions().items()),
            tuple(capitals.items()),
            tuple(recount.profits().items()),
            tuple(self._alerts),
            tuple(self._differences()),
        )

    def _differences(self) -> list[str]:
        """What the venue, or the engine, says otherwise than the recount; it need not say whose what is."""
        recount, venue = self._recount, self._desk.venue
        belief = self._engine.belief(self._desk.engine_state)
        by_intent = {
            (intent, symbol): lots
            for intent, held in recount.lots.items()
            for symbol, lots in held.items()
            if lots
        }
        compared: dict[str, tuple[object, object]] = {
            "the venue's cash": (venue.cash, recount.cash.total()),
            "the venue's positions": ({k: v for k, v in venue.positions if v}, recount.positions()),
            "the engine's cash": (belief.cash, recount.cash.total()),
            "the engine's positions": (dict(belief.positions), recount.positions()),
            "capital that was moved": (sum(recount.assigned.values()), 0),
            "fills that are nobody's": (len(recount.unattributed), 0),
        }
        if belief.accounts is not None:
            compared["the engine's strategies"] = (dict(belief.accounts), dict(recount.cash))
        if belief.attributed is not None:
            compared["the engine's trades"] = ({(i, s): n for i, s, n in belief.attributed}, by_intent)
        return [f"{what}: {one}, not {other}" for what, (one, other) in compared.items() if one != other]
