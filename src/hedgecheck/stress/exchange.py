"""How an exchange behaves under stress: what an order costs, how long it takes, and when it fails.

A bar has a level of stress for each symbol, from 0 (calm) to 1: how far its spread, its depth or its range
is from what is usual for the symbol. Slippage, latency and the rate of failures go with it between the two
ends of the profile; the spread is that of the data, kept within its ends. It decides nothing for the venue:
what it says is handed to the venue as decisions, and the venue's own rules hold.
"""

from random import Random
from typing import Literal

import numpy as np

from hedgecheck.arrays import Floats, number
from hedgecheck.errors import UsageError
from hedgecheck.marketdata import Market
from hedgecheck.messages import Side
from hedgecheck.stress.stressed import ExecutionFailure, RuntimeFault, Slowness
from hedgecheck.values import frozen

Failure = Literal["", "rejected", "request_lost", "reply_lost"]
FAILURES: tuple[Failure, ...] = ("rejected", "rejected", "request_lost", "reply_lost")  # how one fails
WHOLE_BPS = 10_000
MILLISECOND_NS = 1_000_000
CALM_TO = 3.0  # so many times the usual spread or range is still a calm bar
WILD_FROM = 20.0  # and so many times is as wild as it gets
PARTIAL_FROM = 0.3  # the level of stress from which orders fill in part
Range = tuple[float, float]


@frozen
class ExchangeProfile:
    """What is so in a calm market and at the height of stress: ``slippage_bps`` beyond half the spread,
    ``spread_bps`` that an order may meet at all, ``latency_ms`` one way, ``failure_rate`` of orders,
    ``filled`` of an order at least."""

    slippage_bps: Range = (10.0, 1_000.0)
    spread_bps: Range = (5.0, 500.0)
    latency_ms: Range = (50.0, 1_000.0)
    failure_rate: Range = (0.001, 0.30)
    filled: Range = (1.0, 0.3)
    whole_lots: int = 50


@frozen
class Fill:
    """What an order gets of the market: lots, and the price in ticks; ``slippage`` and ``spread_cost`` are
    the parts of the price, in ticks, by which it is worse than the market's."""

    lots: int
    price: int
    slippage: float
    spread_cost: float


ORDINARY = ExchangeProfile()


class ExchangeSimulator:
    """One exchange over one market; what it draws comes from its seed, order by order."""

    def __init__(
        self,
        market: Market,
        plan: tuple[RuntimeFault, ...] = (),
        seed: int = 0,
        profile: ExchangeProfile = ORDINARY,
    ) -> None:
        """Raises ``UsageError`` for a profile that makes no sense."""
        self.profile = _sound(profile)
        self._random = Random(f"{seed}/exchange")
        self._stress = _columns(market, stress_levels(market))
        self._spread = _columns(market, np.clip(market.spread_bps, *profile.spread_bps))
        self._failures = [each for each in plan if isinstance(each, ExecutionFailure)]
        self._slowness = [each for each in plan if isinstance(each, Slowness)]

    def stress(self, bar: int, symbol: str) -> float:
        """The level of stress of a symbol in a bar, 0 to 1."""
        return self._stress[symbol][bar]

    def latency_ns(self, bar: int, symbol: str) -> int:
        """How long a message takes one way: drawn around what the level of stress asks for, and so many times
        as long as the plan says, but never longer than a minute."""
        low, high = self.profile.latency_ms
        factor = 1.0
        for each in self._slowness:
            if each.window.holds(bar, symbol):
                factor *= each.factor
        typical = low + (high - low) * self.stress(bar, symbol)
        drawn = typical * factor * self._random.uniform(0.8, 1.25)
        return int(min(max(low, drawn), 60_000.0) * MILLISECOND_NS)

    def failure(self, bar: int, symbol: str) -> Failure:
        """How the next order fails; empty where it does not. Half of those that fail are refused; of a
        quarter the request, and of a quarter the reply is lost."""
        low, high = self.profile.failure_rate
        rate = low + (high - low) * self.stress(bar, symbol)
        planned = [each.rate for each in self._failures if each.window.holds(bar, symbol)]
        if self._random.random() >= max([rate, *planned]):
            return ""
        return self._random.choice(FAILURES)

    def fill(
        self, bar: int, symbol: str, side: Side, lots: int, price: int, limit: int | None = None
    ) -> Fill:
        """What so many lots get around the market ``price`` in ticks: all of them in a calm market. An order
        with a limit gets no worse price than that."""
        stress = self.stress(bar, symbol)
        low, high = self.profile.slippage_bps
        slippage = price * (low + (high - low) * stress) / WHOLE_BPS
        spread = price * self._spread[symbol][bar] / 2 / WHOLE_BPS
        worse = round(slippage + spread)
        at = price + worse if side == "buy" else max(1, price - worse)
        if limit is not None and (at - limit) * (1 if side == "buy" else -1) > 0:
            at, slippage, spread = limit, 0.0, 0.0
        return Fill(self._lots(stress, lots), at, slippage, spread)

    def _lots(self, stress: float, lots: int) -> int:
        if stress < PARTIAL_FROM or lots <= self.profile.whole_lots:
            return lots
        full, least = self.profile.filled
        part = full - (full - least) * stress
        return max(self.profile.whole_lots, int(lots * self._random.uniform(part, full)))


def stress_levels(market: Market) -> Floats:
    """The level of stress of each bar and symbol, of shape (bars, symbols), from 0 to 1.

    A bar is as wild as the worst of three: its spread and its range, each by how many times the symbol's
    median it is, from three times on (calm) to twenty (as wild as it gets), and its depth by the part of the
    median that is gone, from a half on.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        wide = _times(market.spread_bps)
        far = _times((market.high - market.low) / market.close)
        gone = 1.0 - np.nan_to_num(market.depth / _median(market.depth), nan=1.0, posinf=1.0)
    ratios = np.maximum(_between(wide, CALM_TO, WILD_FROM), _between(far, CALM_TO, WILD_FROM))
    found: Floats = np.maximum(ratios, _between(gone, 0.5, 1.0))
    return found


def _columns(market: Market, values: Floats) -> dict[str, list[float]]:
    return dict(zip(market.symbols, values.T.tolist(), strict=True))


def _median(values: Floats) -> Floats:
    found: Floats = np.median(values, axis=0)
    return found


def _times(values: Floats) -> Floats:
    usual = _median(values)
    return np.divide(values, usual, out=np.ones_like(values), where=usual > 0)


def _between(values: Floats, low: float, high: float) -> Floats:
    return np.clip((values - low) / (high - low), 0.0, 1.0)


def _sound(profile: ExchangeProfile) -> ExchangeProfile:
    bounds = {
        "slippage_bps": WHOLE_BPS,
        "spread_bps": WHOLE_BPS,
        "latency_ms": 60_000.0,
        "failure_rate": 1.0,
        "filled": 1.0,
    }
    for name, high in bounds.items():
        ends = getattr(profile, name)
        for each in ends:
            number(f"{name} of an exchange", each, 0.0, high)
        is_rising = ends[0] <= ends[1]
        if is_rising == (name == "filled") and ends[0] != ends[1]:
            raise UsageError(
                f"{name} of an exchange is {ends}. Give what it is in a calm market first, then what it is "
                "at the height of stress, which is worse."
            )
    return profile
