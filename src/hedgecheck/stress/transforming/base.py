"""What a transformation is: a frozen value, pure over a stressed market and the sources of chance.

They compose in any order: what happens in the market comes first, then what exchanges answer to its prices,
then what goes wrong on the way to the system; within each of these, as they are named. A bar is made of bars
up to it alone. The exceptions end where they have to be exact: the last bar of a fall or a rise, or of a
window with a given correlation, is known to the bars of that leg or window, but no bar behind it is.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from enum import IntEnum
from typing import ClassVar, Protocol

from hedgecheck.arrays import whole
from hedgecheck.errors import UsageError
from hedgecheck.marketdata import Condition, Market
from hedgecheck.marketdata.chance import Source, source
from hedgecheck.stress.models import Injected
from hedgecheck.stress.stressed import Stressed

Symbols = tuple[str, ...]


class Stage(IntEnum):
    """What a transformation is about, and when its turn is."""

    MARKET = 0  # prices and liquidity as everybody sees them
    RUN = 1  # what is planned for the run; it may depend on the prices
    FEED = 2  # what arrives at the system


class Transformation(Protocol):
    """Makes one stressed market of another; one of a user's own has this method, and says its stage."""

    stage: ClassVar[Stage]

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """The market with the stress in it, and what was done in ``injected``. ``UsageError`` where it does
        not fit."""


def unstressed(market: Market) -> Stressed:
    """A market in which nothing is wrong."""
    return Stressed(market, market)


def transformed(stressed: Stressed, transformations: Iterable[Transformation], seed: int = 0) -> Stressed:
    """One transformation after the other, by their stages. Each draws under names of its own, so that it does
    the same whatever others there are. ``UsageError`` where one does not fit."""
    chance, turns = source(seed), Counter[str]()
    for each in sorted(transformations, key=lambda each: each.stage):
        kind = type(each).__name__
        turns[kind] += 1
        stressed = each.apply(stressed, _under(chance, f"stress {kind} {turns[kind]}"))
    return stressed


def _under(chance: Source, prefix: str) -> Source:
    return lambda name: chance(f"{prefix} {name}")


def lasting(market: Market, start: int, bars: int | None) -> int:
    """How many bars of a window are in a market: all up to its end where ``bars`` is None or more than that.
    ``UsageError`` where it begins behind the end."""
    if whole("start_bar", start, 0) >= len(market):
        raise UsageError(
            f"The stress begins at bar {start}, and there are {len(market)}. "
            "Give a start_bar that is there, or ask for as many bars as there are: then it is half of them."
        )
    left = len(market) - start
    return left if bars is None else min(left, whole("duration_bars", bars, 1))


def reshaped(stressed: Stressed, condition: Condition, done: tuple[Injected, ...]) -> Stressed:
    """The condition comes over the market as everybody sees it. ``UsageError`` where the feed is corrupted
    already: what would arrive of the changed market is not known then."""
    if stressed.feed is not stressed.truth:
        raise UsageError(
            "The data are corrupted already, so the market cannot change any more. "
            "Name all transformations in one call; they are put in order."
        )
    truth = condition.apply(stressed.truth)
    return replace(stressed, truth=truth, feed=truth, injected=stressed.injected + done)


def everywhere(kind: str, market: Market, symbols: Symbols, bar: int, bars: int) -> tuple[Injected, ...]:
    """That something was done to those symbols, to all where none are named."""
    return tuple([Injected(kind, each, bar, bars) for each in symbols or market.symbols])
