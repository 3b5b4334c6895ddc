"""What the table search asks of the bundled core: what of its state is one trade's, and what is everybody's.

All of it is written in the core's words and decides nothing: states are taken apart and put together.
"""

from collections.abc import Hashable, Sequence

from core import breakers, gauges, sums
from core.engine import State, equity
from core.positions import Book
from core.trade import is_resolved
from core.units import WHOLE_BPS, BasisPoints, Money, share
from core.values import replace
from hedgecheck.errors import UsageError

Weights = tuple[int, ...]
WEIGHTS = ("trades in flight", "gross exposure", "heat", "net long", "net short")


class CoreParts:
    """See ``explore.tables.parts.Parts``. ``first``: the state that the engine begins in."""

    def __init__(self, first: State) -> None:
        self._first = first
        self._armed = breakers.initial(first.settings)
        self._gauges = gauges.initial(first.settings, first.book.cash)
        self._quiet = self.shared(first)

    def neutral(self, state: State) -> State:
        """The state had nothing come over all trades: no halt, no turn of the calendar, no restart."""
        if not state.recovering and self.shared(state) == self._quiet:
            return state if state.gauges is self._gauges else replace(state, gauges=self._gauges)
        return replace(
            state,
            breakers=self._armed,
            gauges=self._gauges,
            day=0,
            session="regular",
            halts=(),
            market_halted=False,
            recovering=False,
        )

    def shared(self, state: State) -> Hashable:
        """What came over all trades, but for recovering. What a day's loss is measured from is left out: no
        loss of so few lots trips anything."""
        return state.breakers, state.day, state.session, state.halts, state.market_halted

    def refusing(self, state: State) -> State:
        """The state with a gate that refuses whatever it is asked."""
        return replace(state, recovering=True)

    def is_recovering(self, state: State) -> bool:
        """Whether it waits for the fate of orders from before a restart."""
        return state.recovering

    def is_resolved(self, state: State) -> bool:
        """Whether the fate of every order is known."""
        return all(map(is_resolved, state.trades))

    def is_valued(self, state: State) -> bool:
        """Whether everything held has a price."""
        return equity(state) is not None

    def weights(self, state: State) -> Weights:
        """What all its trades stand for at worst, by ``WEIGHTS``."""
        total = sums.total(state.trades, state.prices, state.settings)
        return total.in_flight, total.gross, total.heat, max(0, total.net_high), max(0, -total.net_low)

    def binding(self, most: Sequence[int], least_gain: int, most_gain: int) -> tuple[int, ...]:
        """The places in ``WEIGHTS`` that may come to matter, where all together weigh at most so much, and
        equity is at least and at most so much above what it began with. Raises ``UsageError`` where a loss
        may trip a breaker, where messages are limited, or where strategies have capital of their own: those
        are no sums of what the trades weigh."""
        limits, cash = self._first.settings.limits, self._first.book.cash
        if limits.message_rate is not None:
            raise UsageError("A limit of messages is of all trades together. Take --search direct.")
        if self._first.accounts:
            raise UsageError("Capital of a strategy is of all its trades together. Take --search direct.")
        worth, best = Money(cash + least_gain), cash + most_gain  # which a day may begin with
        for rule in self._first.settings.breakers:
            measures = rule.kind in ("daily_loss", "drawdown")
            if measures and worth * WHOLE_BPS <= best * (WHOLE_BPS - rule.threshold):
                raise UsageError(f"A loss of {best - worth} may trip {rule.name}. Take --search direct.")
        gross = BasisPoints(min(limits.gross_bps, limits.leverage_bps, limits.cluster_bps))
        bounds = (
            limits.trades_in_flight,
            share(worth, gross),
            share(worth, limits.heat_bps),
            share(worth, limits.net_bps),
            share(worth, limits.net_bps),
        )
        return tuple([at for at, (each, bound) in enumerate(zip(most, bounds, strict=True)) if each > bound])

    def gain(self, state: State) -> int:
        """Equity above what it began with; 0 where it is not known."""
        worth = equity(state)
        return 0 if worth is None else worth - self._first.book.cash

    def part(self, state: State, symbols: Sequence[str], strategy: str) -> Hashable:
        """What of the state is that strategy's: its trades, positions, prices and signals."""
        return (
            tuple([each for each in state.trades if each.signal.strategy == strategy]),
            tuple([each for each in state.book.positions if each.symbol in symbols]),
            tuple([each for each in state.prices if each[0] in symbols]),
            tuple([each for each in state.high_water if each[0] == strategy]),
        )

    def together(self, states: Sequence[State], everybody: State, recovering: bool) -> State:
        """The state of one engine with the trades of all of these; ``everybody`` tells what came over all."""
        first = self._first
        own = [each.book.cash - first.book.cash for each in states]
        positions = tuple(sorted((p for each in states for p in each.book.positions), key=lambda p: p.symbol))
        moved = {each[0]: each[1] for state in states for each in state.prices}
        trades = [trade for each in states for trade in each.trades]
        return replace(
            first,
            book=Book(
                Money(first.book.cash + sum(own)), Money(sum([s.book.fees for s in states])), positions
            ),
            prices=tuple([(symbol, moved.get(symbol, price)) for symbol, price in first.prices]),
            high_water=tuple(sorted(each for state in states for each in state.high_water)),
            trades=tuple(sorted(trades, key=lambda trade: (trade.signal.strategy, trade.signal.sequence))),
            breakers=everybody.breakers,
            gauges=everybody.gauges,
            day=everybody.day,
            session=everybody.session,
            halts=everybody.halts,
            market_halted=everybody.market_halted,
            recovering=recovering,
        )
