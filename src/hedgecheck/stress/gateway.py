"""What arrives of a market at a trading system: each bar is looked at before anybody may decide by it."""

from itertools import pairwise

from hedgecheck.stress.components.protocols import BarView, Quote
from hedgecheck.stress.models import Issue
from hedgecheck.stress.quality import WITHHELD, FeedMonitor
from hedgecheck.stress.stressed import Stressed

SERIES = ("open", "high", "low", "close", "volume", "spread_bps")
CLOSE = SERIES.index("close")


class Gateway:
    """The feed of a stressed market, bar by bar. ``issues``: what was found so far. ``stale``: for how many
    bars in a row a symbol had no usable price."""

    def __init__(self, stressed: Stressed) -> None:
        feed, truth = stressed.feed, stressed.truth
        self.symbols = truth.symbols
        self.issues: list[Issue] = []
        self.stale = dict.fromkeys(self.symbols, 0)
        self._times: list[int] = feed.time_ns.tolist()
        silent_ns = max([later - sooner for sooner, later in pairwise(truth.time_ns.tolist())], default=0)
        self._monitor = FeedMonitor(self.symbols, gap_ns=silent_ns)
        self._columns: list[list[list[float]]] = [
            [getattr(feed, name)[:, at].tolist() for name in SERIES] for at in range(len(self.symbols))
        ]
        self._last = {
            symbol: (price, 0.0) for symbol, price in zip(self.symbols, truth.reference.tolist(), strict=True)
        }

    def show(self, bar: int, halted: frozenset[str] = frozenset()) -> BarView:
        """The bar as it may be seen: of a symbol whose bar was flagged, or that is halted, the last price
        and spread that could be used."""
        quotes = [
            self._before(symbol) if symbol in halted else self._quote(bar, symbol, columns)
            for symbol, columns in zip(self.symbols, self._columns, strict=True)
        ]
        return BarView(bar, self._times[bar], tuple(quotes))

    def _quote(self, bar: int, symbol: str, columns: list[list[float]]) -> Quote:
        opened, high, low, close, volume, spread = [each[bar] for each in columns]
        issue = self._monitor.check(bar, symbol, opened, high, low, close, volume, self._times[bar])
        if issue is not None:
            self.issues.append(issue)
            if issue.kind in WITHHELD:
                self.stale[symbol] += 1
                return self._before(symbol)
        self.stale[symbol] = 0
        self._last[symbol] = close, spread
        return Quote(symbol, close, high, low, volume, spread, True)

    def _before(self, symbol: str) -> Quote:
        price, spread = self._last[symbol]
        return Quote(symbol, price, price, price, 0.0, spread, False)

    def raw(self, bar: int, symbol: str) -> str:
        """The close of a bar as it arrived, in words."""
        return repr(self._columns[self.symbols.index(symbol)][CLOSE][bar])
