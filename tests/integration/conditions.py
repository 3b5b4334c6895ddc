"""The core in a generated market: each bar is told as prices, order books and implied volatility."""

from collections.abc import Iterator

from core import engine
from core.admission import largest_allowed
from core.messages import (
    Command,
    Event,
    Fill,
    LiquidityReported,
    MetricReported,
    OrderFilled,
    OrderId,
    PriceMoved,
    RaiseAlert,
    RefuseSignal,
    SignalId,
    SignalReceived,
)
from core.settings import MANUAL, BreakerRule, Instrument, Limits, Settings
from core.units import BasisPoints, Lots, Money, Ticks
from hedgecheck.marketdata import Bar, Market

CASH = Money(10**12)
TICK = 0.01
SYMBOLS = ("AAA", "BBB")
LOOSE = 10**9
CAPS = (
    "position_bps",
    "gross_bps",
    "heat_bps",
    "strategy_bps",
    "net_bps",
    "leverage_bps",
    "cluster_bps",
    "collar_bps",
)
IMPLIED = BreakerRule("implied_volatility", "custom", 3_500)


class Trader:
    """A core that hears of a market bar by bar. It buys AAA and sells as much of BBB.

    ``volatility``: of a day's return as it is told, in bps. ``commands``: what the last bar made it do.
    """

    def __init__(self, *rules: BreakerRule, volatility: int | None = None, **limits: int) -> None:
        bounds = Limits(**{**dict.fromkeys(CAPS, BasisPoints(LOOSE)), **limits}, trades_in_flight=100)  # type: ignore[arg-type]
        breakers = tuple(sorted((*rules, MANUAL), key=lambda rule: rule.name))
        settings = Settings(tuple(map(Instrument, SYMBOLS)), bounds, breakers=breakers)
        self.state = engine.initial(settings, CASH)
        self.volatility = volatility
        self.commands: tuple[Command, ...] = ()
        self._signals = 0

    def hear(self, *events: Event) -> tuple[Command, ...]:
        """What the core commands at these events."""
        commands: tuple[Command, ...] = ()
        for event in events:
            self.state, more = engine.step(self.state, event)
            commands += more
        return commands

    def live(self, market: Market, start: int = 0) -> Iterator[int]:
        """Hears bar after bar from ``start`` on; after each, its number."""
        for bars in market.in_ticks(TICK).bars():
            if bars[0].index >= start:
                self.commands = self.hear(*[event for bar in bars for event in self._told(bar)])
                yield bars[0].index

    def _told(self, bar: Bar) -> Iterator[Event]:
        price, depth = Ticks(int(bar.close)), Lots(int(bar.depth))
        spread = Ticks(round(bar.close * bar.spread_bps / 10_000))
        yield PriceMoved(bar.symbol, price)
        yield LiquidityReported(
            bar.symbol,
            depth,
            depth,
            spread,
            Lots(int(bar.volume)),
            None if self.volatility is None else BasisPoints(self.volatility),
        )
        if any(rule.name == IMPLIED.name for rule in self.state.settings.breakers):
            yield MetricReported(IMPLIED.name, round(bar.implied_volatility * 10_000))

    def signal(self, lots: int, limit: int | None = None) -> SignalReceived:
        """The next signal: so many lots of both legs."""
        self._signals += 1
        price = None if limit is None else Ticks(limit)
        return SignalReceived(
            SignalId("p", self._signals), "AAA", "buy", Lots(lots), "BBB", "sell", Lots(lots), price
        )

    def refusal(self, lots: int) -> str | None:
        """Why a signal for so many lots would be refused now, B first; None where it would not."""
        id = SignalId("q", self._signals)
        event = SignalReceived(id, "BBB", "sell", Lots(lots), "AAA", "buy", Lots(lots))
        _, commands = engine.step(self.state, event)
        refused = [each.reason for each in commands if isinstance(each, RefuseSignal)]
        return refused[0] if refused else None

    def trade(self, lots: int) -> None:
        """Trades so many lots of both legs, each filled at its price."""
        event, prices = self.signal(lots), dict(self.state.prices)
        self.hear(event)
        for slot, symbol in (("entry", "AAA"), ("hedge", "BBB")):
            price = prices[symbol]
            assert price is not None
            order = OrderId(event.signal, slot, 1)  # type: ignore[arg-type]
            self.hear(OrderFilled(order, Fill(f"{slot}{self._signals}", Lots(lots), price)))

    def largest(self, lots: int) -> int:
        """How many of so many lots it would be let in with now."""
        return largest_allowed(self.state, self.signal(lots))

    @property
    def trips(self) -> bool:
        """Whether a breaker tripped in the last bar."""
        return any(isinstance(each, RaiseAlert) and each.kind == "BREAKER_TRIPPED" for each in self.commands)

    @property
    def held(self) -> dict[str, int]:
        """Lots by symbol."""
        return {each.symbol: each.lots for each in self.state.book.positions}
