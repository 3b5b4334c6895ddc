"""What all trades together stand for, worked out anew only where something changed since it was last asked.

An answer depends on nothing but the arguments: what is remembered is an earlier answer with all that it was
made of, and any will do to start from. Trades and prices are told apart by identity, as records never change.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import is_

from core import risk
from core.positions import Prices
from core.risk import NOTHING, Contribution
from core.settings import Settings
from core.trade import Trade
from core.values import frozen, replace

Contribute = Callable[[Trade, Prices, Settings], Contribution]


@frozen
class Sums:
    """A total and what it was made of. ``parts``: what each trade contributes, in the order of ``trades``."""

    trades: tuple[Trade, ...]
    prices: Prices
    settings: Settings
    contribute: Contribute
    parts: tuple[Contribution, ...]
    total: Contribution


_latest: list[Sums] = []  # at most one


def total(trades: tuple[Trade, ...], prices: Prices, settings: Settings) -> Contribution:
    """The sum of what the trades stand for at worst, at these prices; see ``risk.contribute``."""
    contribute, known = risk.contribute, _latest[0] if _latest else None
    if known is None or known.settings is not settings or known.contribute is not contribute:
        known = Sums((), prices, settings, contribute, (), NOTHING)
    elif known.trades is trades and known.prices is prices:
        return known.total
    after = brought_up(known, trades, prices)
    _latest[:] = (after,)
    return after.total


def brought_up(known: Sums, trades: tuple[Trade, ...], prices: Prices) -> Sums:
    """The sums for these trades and prices: what is as it was when ``known`` was made is not counted anew."""
    parts, gone = _kept(known, trades)
    moved = _moved(known.prices, prices)
    if moved:
        for index, trade in enumerate(trades):
            part = parts[index]
            if part is not None and (trade.leg_a.symbol in moved or trade.leg_b.symbol in moved):
                gone.append(part)
                parts[index] = None
    made = {
        index: known.contribute(trades[index], prices, known.settings)
        for index, part in enumerate(parts)
        if part is None
    }
    complete = tuple([part or made[index] for index, part in enumerate(parts)])
    if len(gone) + len(made) < len(complete):
        whole = _settled(reduce(risk.add, made.values(), reduce(risk.less, gone, known.total)))
    else:
        whole = reduce(risk.add, complete, NOTHING)
    return replace(known, trades=trades, prices=prices, parts=complete, total=whole)


def _kept(known: Sums, trades: tuple[Trade, ...]) -> tuple[list[Contribution | None], list[Contribution]]:
    """Per trade its part where it is known, and the parts of the trades that are not there any more."""
    begun = _alike(known.trades, trades)
    ended = _alike(known.trades[begun:][::-1], trades[begun:][::-1])
    was, now = slice(begun, len(known.trades) - ended), slice(begun, len(trades) - ended)
    between = dict(zip(map(id, known.trades[was]), known.parts[was], strict=True))
    parts = [*known.parts[:begun], *[between.pop(id(each), None) for each in trades[now]]]
    return [*parts, *known.parts[was.stop :]], list(between.values())


def _alike(one: Sequence[object], other: Sequence[object]) -> int:
    """How many of the first items are the same in both."""
    same = list(map(is_, one, other))
    return same.index(False) if False in same else len(same)


def _moved(before: Prices, after: Prices) -> tuple[str, ...]:
    """The symbols whose price changed. Both name the same symbols."""
    if before is after:
        return ()
    return tuple([new[0] for old, new in zip(before, after, strict=True) if old is not new])


def _settled(whole: Contribution) -> Contribution:
    """Without the symbols and strategies of which nothing is left."""
    return replace(
        whole,
        exposures=tuple([each for each in whole.exposures if each[1] or each[2]]),
        strategies=tuple([each for each in whole.strategies if each[1]]),
    )
