"""A market under stress, and what else of a scenario is not in its prices: what the executor is given.

Prices, volumes and spreads that everybody sees are in ``truth``. ``feed`` is what arrives at the system: the
same, but where data are corrupted. What goes wrong at run time is in the ``plan``.
"""

from dataclasses import dataclass

from hedgecheck.marketdata import Market
from hedgecheck.stress.models import Injected
from hedgecheck.values import frozen


@frozen
class Window:
    """Bars from ``start`` up to, without, ``end``. ``symbols``: of those alone; empty is of all."""

    start: int
    end: int
    symbols: tuple[str, ...] = ()

    def holds(self, bar: int, symbol: str = "") -> bool:
        """Whether a bar is in it, and the symbol, where one is named."""
        return self.start <= bar < self.end and not (symbol and self.symbols and symbol not in self.symbols)


@frozen
class ModelFailure:
    """Of the predictions in the window so many fail: they are missing, inverted, or no number."""

    window: Window
    rate: float


@frozen
class ExecutionFailure:
    """Of the orders in the window so many are refused by the venue, or their reply is lost."""

    window: Window
    rate: float


@frozen
class Slowness:
    """Latency is so many times as long."""

    window: Window
    factor: float


@frozen
class Partition:
    """The network is down: nothing gets to the venue, and nothing comes from it until it is up again."""

    window: Window


@frozen
class TradingHalt:
    """The exchange halts trading in those symbols, in all where none are named; ``why``: LULD, LEVEL_1 ..."""

    window: Window
    why: str


@frozen
class ShortSaleBan:
    """Nothing may be sold short."""

    window: Window


@frozen
class MarginRaise:
    """Exposure may be so much less: caps of position and exposure are divided by ``factor``."""

    window: Window
    factor: float


RuntimeFault = (
    ModelFailure | ExecutionFailure | Slowness | Partition | TradingHalt | ShortSaleBan | MarginRaise
)


@dataclass(frozen=True, slots=True, eq=False)
class Stressed:
    """``injected``: where what was done, for reports and for the recall of the data checks."""

    truth: Market
    feed: Market
    plan: tuple[RuntimeFault, ...] = ()
    injected: tuple[Injected, ...] = ()
