"""What arrives of a market at a trading system: each bar is looked at before anybody may decide by it."""

from itertools import pairwise

from hedgecheck.stress.components.protocols import BarView, Quote
from hedgecheck.stress.models import Issue
from hedgecheck.stress.quality import WITHHELD, FeedMonitor
from hedgecheck.stress.stressed import Stressed

SERIES = ("open", "high", "low", "close", "volume", "spread_bps")


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
        self._rows = list(zip(*[getattr(feed, name).tolist() for name in SERIES], strict=True))
        self._last = {
            symbol: Quote(symbol, price, price, price, 0.0, 0.0, False)
            for symbol, price in zip(self.symbols, truth.reference.tolist(), strict=True)
        }

    def show(self, bar: int, halted: frozenset[str] = frozenset()) -> BarView:
        """The bar as it may be seen: of a symbol whose bar was flagged, or that is halted, the last price
        and spread that could be used."""
        row = self._rows[bar]
        quotes = [
            self._quote(bar, at, symbol, row, symbol in halted) for at, symbol in enumerate(self.symbols)
        ]
        return BarView(bar, self._times[bar], tuple(quotes))

    def _quote(self, bar: int, at: int, symbol: str, row: tuple[list[float], ...], is_halted: bool) -> Quote:
        opened, high, low, close, volume, spread = [series[at] for series in row]
        if is_halted:
            return self._last[symbol]
        issue = self._monitor.check(bar, symbol, opened, high, low, close, volume, self._times[bar])
        if issue is not None:
            self.issues.append(issue)
        if issue is not None and issue.kind in WITHHELD:
            self.stale[symbol] += 1
            return self._last[symbol]
        self.stale[symbol] = 0
        self._last[symbol] = Quote(symbol, close, close, close, 0.0, spread, False)
        return Quote(symbol, close, high, low, volume, spread, True)

    def raw(self, bar: int, symbol: str) -> str:
        """The close of a bar as it arrived, in words."""
        return repr(self._rows[bar][3][self.symbols.index(symbol)])
