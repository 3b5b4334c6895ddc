"""One scenario under way: bar after bar the market moves, the feed is looked at, the components decide, and
the engine trades at the venue."""

from collections import Counter

from hedgecheck.explore.replay import Failure
from hedgecheck.explore.watch import Tally
from hedgecheck.messages import Exit, Filled, Halt, Intent, Side, Signaled
from hedgecheck.stress.account import DAY_NS, Account
from hedgecheck.stress.components.protocols import BarView, Components, Order, Signal, Stop
from hedgecheck.stress.deciding import Decisions
from hedgecheck.stress.emergencies import of_breakers
from hedgecheck.stress.exchange import ExchangeSimulator
from hedgecheck.stress.floor import Floor
from hedgecheck.stress.gateway import Gateway
from hedgecheck.stress.ledger import HANDLERS, Ledger
from hedgecheck.stress.models import EmergencyStop
from hedgecheck.stress.running import Progress
from hedgecheck.stress.scale import Scale, scale_of
from hedgecheck.stress.settings import ExecutorSettings
from hedgecheck.stress.stressed import Stressed, TradingHalt
from hedgecheck.venue import House, Market
from hedgecheck.world import Engine, Scope

SECOND_NS = 10**9
PAUSE_NS = 5 * SECOND_NS  # in which what is left goes, and a stop fills
REST_NS = 3_600 * SECOND_NS  # in which everything comes to rest after the last bar
FAULTS_MAX = 10**12
TOLD_EVERY = 256  # bars
OPPOSITE: dict[Side, Side] = {"buy": "sell", "sell": "buy"}


class Execution:
    """``cash`` in currency. What came of it is in ``ledger``, ``account`` and ``gateway``."""

    def __init__(
        self,
        stressed: Stressed,
        components: Components,
        engine: Engine,
        settings: ExecutorSettings,
        *,
        cash: float,
        seed: int,
    ) -> None:
        truth, plan = stressed.truth, stressed.plan
        self.settings = settings
        self.scale: Scale = scale_of(truth.symbols, truth.reference)
        first = {
            symbol: int(self.scale.in_ticks(symbol, truth.reference)[at])
            for at, symbol in enumerate(truth.symbols)
        }
        opening = int(cash / self.scale.minor)
        self.ledger = Ledger(opening, dict(first), self.scale)
        self._times: list[int] = truth.time_ns.tolist()
        self._days = _days_of(self._times)
        self.account = Account(self.ledger, self._times[0])
        self.gateway = Gateway(stressed)
        self._path = Path(stressed, self.scale)
        exchange = ExchangeSimulator(truth, plan, seed, settings.profile)
        scope = scope_of(first, opening, settings)
        listeners = {**dict.fromkeys(HANDLERS, self.ledger.hear), Filled: self._filled}
        self._floor = Floor(scope, engine, exchange, plan, listeners, self.ledger.cost, settings.rules)
        self.decisions = Decisions(components, self, plan)
        self._halts = [each for each in plan if isinstance(each, TradingHalt)]
        self._halted: frozenset[str] = frozenset()
        self._stops: list[EmergencyStop] = []
        self._numbers: Counter[str] = Counter()

    @property
    def broken(self) -> Failure | None:
        """The invariant that was broken, if one was; the run ended there."""
        return self._floor.failure

    @property
    def crashed(self) -> bool:
        """Whether the engine raised."""
        return self._floor.world.crashed

    @property
    def tally(self) -> Tally:
        """How often each invariant was judged."""
        return self._floor.tally

    @property
    def refusals(self) -> Counter[str]:
        """What components and the engine did not let in, by reason."""
        return self.decisions.refusals + self.ledger.refusals

    def reconciliation_breaks(self) -> int:
        """On how many of the cash and the positions the venue, the engine and the books of this run do not
        all agree."""
        venue, belief, ledger = self._floor.world.venue, self._floor.belief, self.ledger
        held = [dict(venue.positions), dict(belief.positions), ledger.positions]
        apart = [len({each.get(symbol, 0) for each in held}) > 1 for symbol in self.gateway.symbols]
        return sum([*apart, len({venue.cash, belief.cash, ledger.cash}) > 1])

    def run(self, progress: Progress) -> None:
        """Takes all bars, and lets everything come to rest; stops where an invariant is broken."""
        bars = len(self._times)
        for bar in range(bars):
            self._bar(bar)
            if self._floor.is_over:
                return
            if not (bar + 1) % TOLD_EVERY:
                progress(bar + 1, bars)
        self._floor.wait(REST_NS)
        self._floor.rest()
        self.account.close_again()
        progress(bars, bars)

    def _filled(self, fill: Filled, now_ns: int) -> None:
        self.ledger.hear(fill, now_ns)
        self.decisions.filled(self.ledger.bar, self.ledger.execution_result(fill.client_order_id))

    def _bar(self, bar: int) -> None:
        floor = self._floor
        floor.bar = self.ledger.bar = bar
        self._calendar(bar)
        self._touch_stops(bar)
        floor.settle(self._times[bar])
        view = self._show(bar)
        self.account.close()
        self.decisions.decide(view, self.account.view())

    # ---- what the market does --------------------------------------------------------------------------

    def _calendar(self, bar: int) -> None:
        """A day may begin, and the exchange halt or go on."""
        day = self._days[bar]
        if day > self.account.day:
            self.account.begin_day(day)
            if self._floor.is_at_rest:
                self._floor.rest()
            self._floor.day(day - self._times[0] // DAY_NS)
        for each in self._halts:
            if each.window.start == bar:
                self._floor.halt(each.window.symbols)
                why = f"the exchange halts {', '.join(each.window.symbols) or 'all symbols'}"
                called = max(0, bar - 1)  # by the close of the bar before
                self._stops.append(EmergencyStop(bar, "market", each.why, why, called, each.window.end))
            elif each.window.end == bar:
                self._floor.resume(each.window.symbols)
        if self._halts:
            self._halted = frozenset(
                symbol
                for symbol in self.gateway.symbols
                if any(each.window.holds(bar, symbol) for each in self._halts)
            )

    def _touch_stops(self, bar: int) -> None:
        """Prices go through every stop in the range of the bar, the nearest to the last price first."""
        if not self._floor.world.venue.orders:
            return
        for at, symbol in enumerate(self.gateway.symbols):
            resting = self._floor.stops(symbol)
            if not resting or symbol in self._halted:
                continue
            low, high, last = self._path.low[at][bar], self._path.high[at][bar], self.ledger.prices[symbol]
            for stop in sorted(set(resting), key=lambda price: (abs(price - last), price)):
                if low <= stop <= high and stop in self._floor.stops(symbol):
                    self._trades_at(symbol, stop)
                    self._floor.wait(PAUSE_NS)

    def _trades_at(self, symbol: str, ticks: int) -> None:
        self.ledger.price(symbol, ticks)
        self._floor.price(symbol, ticks)

    def _show(self, bar: int) -> BarView:
        """The close of the bar, as it arrives; a bar that was flagged gets to nobody."""
        view = self.gateway.show(bar, self._halted)
        for at, quote in enumerate(view.quotes):
            symbol, ticks = quote.symbol, self._path.close[at][bar]
            if symbol in self._halted:
                continue
            self.ledger.price(symbol, ticks)
            if quote.usable:
                self._floor.price(symbol, ticks)
                continue
            self.account.flagged_bars += 1
            raw = self.gateway.raw(bar, symbol)
            if self.gateway.stale[symbol] > self.settings.stale_bars_max:
                self._floor.price_unusable(symbol, ticks, raw)
            else:
                self._floor.price_unseen(symbol, ticks, raw)
        self._floor.settle(self._floor.now)
        return view

    # ---- what the components decided -------------------------------------------------------------------

    def leave(self, signal: Signal) -> bool:
        """See ``deciding.Trader``."""
        left = False
        for trade in list(self.ledger.open.values()):
            intent = trade.intent
            hedge = intent.symbol_b if intent.amount_b else ""
            asked = signal.strategy, signal.symbol, signal.hedge
            side = 1 if intent.side_a == "buy" else -1
            if (trade.strategy, intent.symbol_a, hedge) == asked and side != signal.target:
                self._leave(intent.id, "signal")
                left = True
        return left

    def _leave(self, intent: str, why: str) -> None:
        self.ledger.leaves(intent, why)
        self._floor.tell(Exit(intent), Exit(intent))

    def pause(self) -> None:
        """See ``deciding.Trader``."""
        self._floor.wait(PAUSE_NS)

    def enter(self, order: Order) -> None:
        """See ``deciding.Trader``."""
        signal, scale = order.signal, self.scale
        self._numbers[signal.strategy] += 1
        lots = scale.lots(signal.symbol, order.quantity)
        hedge_lots = scale.lots(signal.hedge, order.hedge_quantity) if signal.hedge else 0
        intent = Intent(
            f"{signal.strategy}{self._numbers[signal.strategy]}",
            signal.symbol,
            order.side,
            lots,
            signal.hedge,
            OPPOSITE[order.side],
            hedge_lots,
            stop_a=_ticks(scale, signal.symbol, order.stop),
            stop_b=_ticks(scale, signal.hedge, order.hedge_stop),
        )
        self.ledger.asked(intent, signal.strategy)
        self._floor.tell(intent, Signaled(intent))

    def stop(self, stop: Stop) -> None:
        """See ``deciding.Trader``."""
        bar = self._floor.bar
        self._stops.append(EmergencyStop(bar, "governor", stop.kind, stop.why, bar))
        self._floor.tell(Halt(), Halt())
        for intent in list(self.ledger.open) if stop.liquidate else ():
            self._leave(intent, "liquidation")

    def emergency_stops(self) -> tuple[EmergencyStop, ...]:
        """All of them, the oldest first."""
        trips = of_breakers(self.ledger.trips, self.account, self.settings, self.scale)
        return tuple(sorted([*self._stops, *trips], key=lambda each: (each.bar, each.source, each.kind)))


def _ticks(scale: Scale, symbol: str, price: float | None) -> int | None:
    return None if price is None else round(price / scale.tick(symbol))


def _days_of(times: list[int]) -> list[int]:
    """The day in which each bar begins: where the one before it ends."""
    before_first = 2 * times[0] - times[min(1, len(times) - 1)]
    return [begins // DAY_NS for begins in (before_first, *times[:-1])]


class Path:
    """Low, high and close of a market in ticks, a column for each symbol."""

    def __init__(self, stressed: Stressed, scale: Scale) -> None:
        truth = stressed.truth
        self.low, self.high, self.close = [
            [scale.in_ticks(symbol, series[:, at]).tolist() for at, symbol in enumerate(truth.symbols)]
            for series in (truth.low, truth.high, truth.close)
        ]


def scope_of(prices: dict[str, int], cash: int, settings: ExecutorSettings) -> Scope:
    """The world that the engine is in before the first bar."""
    markets = tuple(Market(symbol) for symbol in sorted(prices))
    return Scope(
        (),
        House(markets, fee_bps=settings.fee_bps),
        cash,
        tuple(sorted(prices.items())),
        settings.bounds,
        daily_loss_bps=settings.daily_loss_bps,
        drawdown_bps=settings.drawdown_bps,
        flatten_attempts=settings.flatten_attempts,
        max_faults=FAULTS_MAX,
    )
