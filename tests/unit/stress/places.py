"""A floor with the bundled core at it, for tests: one symbol or two, and everything that was heard."""

from collections.abc import Callable
from typing import get_args

from hedgecheck.drive import bundled_core
from hedgecheck.marketdata import Market, generate
from hedgecheck.messages import Exit, Intent, Record, Signaled, Spent
from hedgecheck.stress.exchange import ExchangeSimulator, Failure, Fill
from hedgecheck.stress.execution import scope_of
from hedgecheck.stress.floor import Floor
from hedgecheck.stress.ledger import HANDLERS, Ledger
from hedgecheck.stress.scale import Scale
from hedgecheck.stress.settings import SETTINGS
from hedgecheck.stress.stressed import RuntimeFault

PRICE, CASH = 10_000, 10**10
SECOND_NS = 10**9
LONG = Intent("s1", "AAA", "buy", 1_000, "", "sell", 0, stop_a=9_500)


class Scripted(ExchangeSimulator):
    """An exchange that does as it is told: ``fails`` and ``fills`` are taken one after the other, then
    everything goes well. Each message takes a tenth of a second."""

    def __init__(self, market: Market, plan: tuple[RuntimeFault, ...] = ()) -> None:
        super().__init__(market, plan)
        self.fails: list[Failure] = []
        self.fills: list[int] = []

    def latency_ns(self, bar: int, symbol: str) -> int:
        return SECOND_NS // 10

    def failure(self, bar: int, symbol: str) -> Failure:
        return self.fails.pop(0) if self.fails else ""

    def fill(self, bar, symbol, side, lots, price, limit=None) -> Fill:
        return Fill(self.fills.pop(0) if self.fills else lots, price, 0.0, 0.0)


class Place:
    """``heard``: every record with its time in seconds."""

    def __init__(self, plan: tuple[RuntimeFault, ...] = (), symbols: tuple[str, ...] = ("AAA",)) -> None:
        prices = dict.fromkeys(symbols, PRICE)
        self.exchange = Scripted(generate(symbols, bars=10, seed=1), plan)
        self.ledger = Ledger(CASH, dict(prices), Scale(tuple((each, 0.01) for each in symbols), 1e-5))
        self.heard: list[tuple[float, Record]] = []
        scope = scope_of(prices, CASH, SETTINGS)
        everything = dict.fromkeys(get_args(Record), self._hear)
        self.floor = Floor(scope, bundled_core(), self.exchange, plan, everything, self.ledger.cost)

    def _hear(self, record: Record, now_ns: int) -> None:
        self.heard.append((now_ns / SECOND_NS, record))
        if type(record) in HANDLERS:
            self.ledger.hear(record, now_ns)

    def ask(self, intent: Intent = LONG, seconds: float = 10.0) -> None:
        """A strategy wants something, and time passes."""
        self.ledger.asked(intent, intent.id.rstrip("0123456789"))
        self.floor.tell(intent, Signaled(intent))
        self.wait(seconds)

    def leave(self, intent: Intent = LONG, seconds: float = 10.0) -> None:
        """It wants out, and time passes."""
        self.ledger.leaves(intent.id, "signal")
        self.floor.tell(Exit(intent.id), Exit(intent.id))
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.floor.wait(round(seconds * SECOND_NS))

    def price(self, ticks: int, symbol: str = "AAA", seconds: float = 10.0) -> None:
        """A symbol trades at another price, and time passes."""
        self.ledger.price(symbol, ticks)
        self.floor.price(symbol, ticks)
        self.wait(seconds)

    def of(self, kind: type | tuple[type, ...]) -> list[Record]:
        """Every record of a kind."""
        return [record for _, record in self.heard if isinstance(record, kind)]

    def when(self, holds: Callable[[Record], bool]) -> float:
        """The time of the first record of which that holds, in seconds."""
        return next(at for at, record in self.heard if holds(record))

    @property
    def faults(self) -> list[str]:
        """The faults that were spent."""
        return [record.fault for record in self.of(Spent)]

    @property
    def held(self) -> dict[str, int]:
        """What is truly held."""
        return dict(self.floor.world.venue.positions)
