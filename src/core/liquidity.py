"""What an order would do to its order book: the share of it that it takes, and what crossing it costs.

Knows no limit, and nothing of other orders: what is reported of a book holds until the next report.
"""

from collections.abc import Sequence
from math import isqrt

from core.messages import LiquidityReported
from core.plan import Leg
from core.units import WHOLE_BPS, BasisPoints, Lots, Ticks
from core.values import frozen

Reports = tuple[LiquidityReported, ...]


@frozen
class Footprint:
    """What orders do to their books, the worst of them; None is not known.

    ``participation``: of the side that is taken from; ``spread`` and ``impact``: of the price.
    """

    participation: BasisPoints | None = None
    spread: BasisPoints | None = None
    impact: BasisPoints | None = None


UNKNOWN = Footprint()


def put(known: Reports, latest: LiquidityReported) -> Reports:
    """The latest report of each symbol, sorted by symbol, with this one in the place of an earlier."""
    others = [each for each in known if each.symbol != latest.symbol]
    return tuple(sorted([*others, latest], key=lambda each: each.symbol))


def footprint(legs: Sequence[tuple[Leg, Ticks]], known: Reports) -> Footprint:
    """What orders for all of these legs, each at its price, would do to their books."""
    books = {each.symbol: each for each in known}
    each = [_of(leg, price, books[leg.symbol]) if leg.symbol in books else UNKNOWN for leg, price in legs]
    return Footprint(
        _worst([one.participation for one in each]),
        _worst([one.spread for one in each]),
        _worst([one.impact for one in each]),
    )


def _of(leg: Leg, price: Ticks, book: LiquidityReported) -> Footprint:
    depth = book.ask_depth if leg.side == "buy" else book.bid_depth
    return Footprint(
        None if not depth else _ratio(leg.planned, depth),
        None if book.spread is None else _ratio(book.spread, price),
        impact(leg.planned, book.volume, book.volatility),
    )


def impact(lots: Lots, volume: Lots | None, volatility: BasisPoints | None) -> BasisPoints | None:
    """What an order moves the price against itself, rounded up; None where that cannot be told.

    The square-root law: volatility x sqrt(lots / volume), both of a day (Toth et al., Anomalous price impact
    and the critical nature of liquidity in financial markets, 2011, with its constant of order one as 1).
    """
    if not volume or volatility is None:
        return None
    square = -(-volatility * volatility * lots // volume)
    return BasisPoints(isqrt(square - 1) + 1 if square > 0 else 0)


def _ratio(part: int, whole: int) -> BasisPoints:
    return BasisPoints(-(-part * WHOLE_BPS // whole))


def _worst(rates: list[BasisPoints | None]) -> BasisPoints | None:
    known = [each for each in rates if each is not None]
    return max(known) if len(known) == len(rates) else None
