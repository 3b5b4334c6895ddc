"""NautilusTrader's ``BacktestEngine`` on the bars of a file, by an interpreter that has it: ``run`` alone.

A margin account, so that it may be short; logging is bypassed; a reversal is one order of twice the size,
which is the least work. The indicators are its own compiled ones.
"""

import sys
from decimal import Decimal
from typing import Any

import nautilus_trader
from clocked import CASH, FAST, QUANTITY, SLOW, TOLERANCE, Bars, Done, Work, clocked
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

VENUE = Venue("SIM")
INSTRUMENT = TestInstrumentProvider.equity(symbol="AAA", venue="SIM")
BAR_TYPE = BarType.from_str(f"{INSTRUMENT.id}-1-MINUTE-LAST-EXTERNAL")


class Crossing(Strategy):
    """Always reversing."""

    def __init__(self) -> None:
        super().__init__()
        self.fast, self.slow = SimpleMovingAverage(FAST), SimpleMovingAverage(SLOW)
        self.side = self.trades = 0

    def on_start(self) -> None:
        """See ``Strategy``."""
        self.register_indicator_for_bars(BAR_TYPE, self.fast)
        self.register_indicator_for_bars(BAR_TYPE, self.slow)
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, bar: Bar) -> None:
        """See ``Strategy``."""
        if not self.slow.initialized:
            return
        ahead = self.fast.value - self.slow.value
        if ahead > TOLERANCE and self.side <= 0:
            self.turn(OrderSide.BUY, 1)
        elif ahead < -TOLERANCE and self.side >= 0:
            self.turn(OrderSide.SELL, -1)

    def turn(self, side: OrderSide, sign: int) -> None:
        """To the other side, from wherever it is."""
        quantity = Quantity.from_int(QUANTITY * (2 if self.side else 1))
        self.side = sign
        self.submit_order(self.order_factory.market(INSTRUMENT.id, side, quantity))

    def on_order_filled(self, event: Any) -> None:
        """See ``Strategy``."""
        self.trades += 1  # each is filled at once, and begins a trade


def prepare(bars: Bars) -> Work:
    """An engine that has the bars, and what is timed."""
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        base_currency=USD,
        starting_balances=[Money(CASH, USD)],
        default_leverage=Decimal(1),
    )
    engine.add_instrument(INSTRUMENT)
    rows = zip(*(bars[name].tolist() for name in ("open", "high", "low", "close")), strict=True)
    times, volumes = bars["time_ns"].tolist(), bars["volume"].tolist()
    engine.add_data(
        [
            Bar(BAR_TYPE, *[Price(each, 2) for each in row], Quantity(volume, 0), at, at)
            for row, volume, at in zip(rows, volumes, times, strict=True)
        ]
    )
    strategy = Crossing()
    engine.add_strategy(strategy)

    def work() -> Done:
        engine.run()
        held = engine.portfolio.unrealized_pnl(INSTRUMENT.id).as_double()
        equity = engine.portfolio.account(VENUE).balance_total(USD).as_double() + held
        orders = engine.cache.orders_total_count()
        engine.dispose()
        return orders, strategy.trades, equity

    return work


if __name__ == "__main__":
    clocked(f"NautilusTrader {nautilus_trader.__version__}", prepare, sys.argv[1:])
