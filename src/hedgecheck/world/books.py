"""The order books of a world: shapes that liquidity takes, and how often it does.

The venue shows each shape, and the engine hears of it as of a price. To take a shape takes one of those that
the scope allows; that a book which ran dry fills again takes none, so that all comes to rest in a market
with two sides.
"""

from collections.abc import Callable
from typing import Any

from hedgecheck import tape, venue
from hedgecheck.values import replace
from hedgecheck.venue import Book, ReshapeBook
from hedgecheck.world.model import Setting, Step, World

OPENING = "opening"
SHAPES: dict[str, tuple[int, int, int]] = {  # bids, asks and spread, in percent of the opening ones
    OPENING: (100, 100, 100),
    "deep": (1_000, 1_000, 100),
    "thin": (10, 10, 100),
    "wide": (100, 100, 1_000),
    "drained": (0, 0, 100),
    "no_bids": (0, 100, 100),
    "no_asks": (100, 0, 100),
}


def reshapes(setting: Setting, world: World) -> list[tape.Action]:
    """The other shapes that books may take, so often as the scope says."""
    if world.reshapes_left <= 0 or world.crashed:
        return []
    return [
        tape.Reshape(book.symbol, part)
        for book in setting.scope.books
        for part in SHAPES
        if shaped(book, part, _lot(world, book)) not in world.venue.books
    ]


def refills(setting: Setting, world: World) -> list[tape.Action]:
    """The books with an empty side that fill again."""
    if world.crashed or not world.venue.books:
        return []
    dry = {book.symbol for book in world.venue.books if venue.is_dry(book)}
    return [
        tape.Reshape(book.symbol, OPENING)
        for book in setting.scope.books
        if book.symbol in dry and not venue.is_dry(book)
    ]


def shaped(opening: Book, part: str, lot: int) -> Book:
    """A book of that shape, in whole lots of its market; where any stand, one lot at least."""
    bids, asks, spread = SHAPES[part]
    return replace(
        opening,
        bid_depth=_part(opening.bid_depth, bids, lot),
        ask_depth=_part(opening.ask_depth, asks, lot),
        spread=opening.spread * spread // 100,
    )


def _part(depth: int, percent: int, lot: int) -> int:
    lots = depth * percent // 100
    return max(lot, lots - lots % lot) if depth and percent else 0


def _lot(world: World, book: Book) -> int:
    market = venue.market_of(world.venue, book.symbol)
    return 1 if market is None else market.lot


def _reshape(setting: Setting, world: World, action: tape.Reshape) -> Step:
    is_free = action in refills(setting, world)
    if not is_free and action not in reshapes(setting, world):
        return world, ()
    opening = next(book for book in setting.scope.books if book.symbol == action.symbol)
    book = shaped(opening, action.part, _lot(world, opening))
    after, reports = venue.step(world.venue, ReshapeBook(book))
    left = world.reshapes_left - (not is_free)
    return replace(world, venue=after, inbound=(*world.inbound, *reports), reshapes_left=left), reports


HANDLERS: dict[type[Any], Callable[[Setting, World, Any], Step]] = {tape.Reshape: _reshape}
