"""What a stress test is asked and what it answers: scenarios, trades, orders, results.

Parameters are fractions and factors (``drop_pct`` 0.3 is 30 %); amounts of money are in the currency of the
prices, amounts traded in units of the symbol, bars are counted from 0, time is in ns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from hashlib import blake2b
from importlib import import_module
from typing import Any, Literal

from hedgecheck.errors import UsageError
from hedgecheck.messages import Side
from hedgecheck.values import frozen

BARS = 1_000  # of a scenario that does not say
MetricValue = float | int | None | Mapping[str, float | int]  # None: undefined for this run


class ScenarioType(StrEnum):
    """The thirteen kinds of stress. Its call also knows those that were added by ``add_type``; for a name
    that there is not it raises ``UsageError``."""

    HISTORIC_REPLAY = "historic_replay"
    FLASH_CRASH = "flash_crash"
    VOLATILITY_SPIKE = "volatility_spike"
    TREND_SHIFT = "trend_shift"
    LIQUIDITY_DROP = "liquidity_drop"
    SPREAD_EXPLOSION = "spread_explosion"
    DATA_CORRUPTION = "data_corruption"
    MODEL_FAILURE = "model_failure"
    EXECUTION_FAILURE = "execution_failure"
    LATENCY_SPIKE = "latency_spike"
    CORRELATION_BREAKDOWN = "correlation_breakdown"
    PUMP_DUMP = "pump_dump"
    MIXED_CUSTOM = "mixed_custom"

    @classmethod
    def _missing_(cls, value: object) -> "ScenarioType":
        if value in _ADDED:
            return _ADDED[str(value)]
        every = [*map(str, cls), *_ADDED]
        close = get_close_matches(str(value), every, 1)
        every_one = f"There are {', '.join(every)}, and those of modules that were imported (--load)."
        hint = f"Did you mean {close[0]}?" if close else every_one
        raise UsageError(f"There is no scenario type {value!r}. {hint}")

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return _type_of, (self.value, _HOMES.get(self.value, ""))


_ADDED: dict[str, ScenarioType] = {}
_HOMES: dict[str, str] = {}  # the modules that add types


def _type_of(name: str, home: str) -> ScenarioType:
    """A type in another process, where its module may not have been imported yet."""
    if home:
        import_module(home)
    return ScenarioType(name)


def add_type(name: str, home: str = "") -> ScenarioType:
    """A further type; the enumeration has thirteen members as before. ``home``: the module that adds it where
    it is imported, so that a process that is handed the type knows it. ``UsageError`` for a name that is
    taken."""
    if name in [*ScenarioType, *_ADDED]:
        raise UsageError(f"There is a scenario type {name!r} already. Give yours another name.")
    added = str.__new__(ScenarioType, name)
    added._name_, added._value_ = name.upper(), name
    _HOMES[name] = home
    return _ADDED.setdefault(name, added)


@dataclass(slots=True)
class Scenario:
    """One stress test. ``parameters`` by the names of its type (``hedgecheck.stress.parameters``), ``bars``
    among them; what is left out takes the type's default. ``seed`` None is drawn from the name, so that the
    same scenario is the same test on every machine."""

    name: str
    type: ScenarioType
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    symbols: tuple[str, ...] = ("BTCUSDT",)
    seed: int | None = None

    def __post_init__(self) -> None:
        self.type = ScenarioType(self.type)
        self.symbols = tuple(self.symbols)

    @property
    def root_seed(self) -> int:
        """The seed, or what the name gives, the same on every machine."""
        if self.seed is not None:
            return self.seed
        return int.from_bytes(blake2b(self.name.encode(), digest_size=4).digest(), "big")


@frozen
class TradeRecord:
    """One round trip: everything one intent traded, from its first fill until it held nothing again.

    ``hedge`` is the second symbol, empty for a trade of one leg. ``quantity`` and the prices are of the first
    leg; ``pnl`` is of both, after ``fees``. ``exit_bar`` and ``exit_price`` are None while it is open: then
    ``pnl`` is at the last price. ``mae`` and ``mfe``: the worst and the best it stood at, in money;
    ``reason``: why it was left: ``signal``, ``stop``, ``liquidation``, or ``engine`` for its own reasons;
    ``open`` while it is not.
    """

    intent: str
    strategy: str
    symbol: str
    hedge: str
    side: Side
    quantity: float
    entry_bar: int
    entry_price: float
    exit_bar: int | None
    exit_price: float | None
    pnl: float
    fees: float
    mae: float
    mfe: float
    reason: str


@frozen
class ExecutionResult:
    """The outcome of one order. ``price`` is the average of its fills, None without one; ``reference_price``
    the market's when it was sent. ``slippage`` and ``spread_cost`` in money, positive is worse;
    ``latency_ns`` from sent until its fate was known, None where it never was. ``reason``: why it failed."""

    order: str
    intent: str
    symbol: str
    side: Side
    bar: int
    status: Literal["filled", "partially_filled", "canceled", "rejected", "failed", "unknown", "open"]
    requested: float
    filled: float
    price: float | None
    reference_price: float
    slippage: float
    spread_cost: float
    fee: float
    latency_ns: int | None
    reason: str = ""


@frozen
class EmergencyStop:
    """Trading was stopped. ``source``: ``breaker`` of the engine, ``governor``, ``market`` (a halt of the
    exchange). ``breached_bar``: the bar in which the number was first beyond its limit, None where there
    is no number. ``reset_bar``: when trading went on, None where it did not."""

    bar: int
    source: str
    kind: str
    why: str
    breached_bar: int | None = None
    reset_bar: int | None = None


@frozen
class Injected:
    """What a transformation did to the data or plans to do to a run: so many ``bars`` from ``bar`` on."""

    kind: str
    symbol: str
    bar: int
    bars: int = 1


@frozen
class Issue:
    """What is wrong with a bar of a feed, as found without looking ahead."""

    kind: str
    symbol: str
    bar: int
    raw: str = ""


@frozen
class Curves:
    """One number for each bar, at its end, in the order of the bars. ``drawdown``, ``heat`` and ``exposure``
    are fractions of the equity; ``pnl`` is since the start."""

    time_ns: tuple[int, ...]
    equity: tuple[float, ...]
    pnl: tuple[float, ...]
    drawdown: tuple[float, ...]
    heat: tuple[float, ...]
    exposure: tuple[float, ...]
    prices: tuple[tuple[str, tuple[float, ...]], ...]


@frozen
class Rule:
    """An invariant over the run: how often it was judged, and how often there was something to break."""

    id: str
    name: str
    verdict: Literal["holds", "broken", "n/a"]
    checks: int
    nonvacuous_checks: int
    why: str = ""


@dataclass(slots=True)
class ScenarioResult:
    """What came of a scenario. ``success``: it ran to its last bar and no invariant was broken. ``failure``
    says in one line why not. ``metrics``: all of ``hedgecheck.stress.metrics`` by name. It holds nothing
    of the machine it was made on: the same scenario, seed and data give the same result byte for byte."""

    scenario: Scenario
    success: bool
    failure: str = ""
    seed: int = 0
    source: str = ""
    bars: int = 0
    metrics: dict[str, MetricValue] = field(default_factory=dict)
    trades: tuple[TradeRecord, ...] = ()
    executions: tuple[ExecutionResult, ...] = ()
    curves: Curves | None = None
    stops: tuple[EmergencyStop, ...] = ()
    injected: tuple[Injected, ...] = ()
    issues: tuple[Issue, ...] = ()
    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the scenario."""
        return self.scenario.name
