"""The order book of a symbol, as a taker meets it: what stands around the market price, and what it pays.

It is block-shaped: the same lots at every price of a side, one price step apart (Obizhaeva and Wang, Optimal
trading strategy and supply/demand dynamics, 2013), for ``LEVELS`` prices. Knows no order and no account.
"""

from collections.abc import Iterator

from hedgecheck.messages import BookShown, Side
from hedgecheck.values import frozen, replace

LEVELS = 5  # of a side: the five best prices, as exchanges publish them


@frozen
class Book:
    """``bid_depth`` and ``ask_depth``: lots at each price of that side. ``spread``: ticks from the best bid
    to the best ask, with the market price halfway. ``bids_taken`` and ``asks_taken``: lots that are gone
    since it was shaped. ``volume`` in lots and ``volatility_bps`` are of a day, None where nobody says."""

    symbol: str
    spread: int
    bid_depth: int
    ask_depth: int
    bids_taken: int = 0
    asks_taken: int = 0
    volume: int | None = None
    volatility_bps: int | None = None


def offers(book: Book, side: Side, price: int, step: int) -> Iterator[tuple[int, int]]:
    """Prices and lots that a taker of that side meets, the best first, around the market ``price``.

    No bid is below one price step.
    """
    depth, taken = _side(book, side)
    for level in range(taken // depth if depth else LEVELS, LEVELS):
        if side == "buy":
            at = price + (book.spread + 1) // 2 + level * step
        else:
            at = max(step, price - book.spread // 2 - level * step)
        yield at, min(depth, depth * (level + 1) - taken)


def less(book: Book, side: Side, lots: int) -> Book:
    """The book once a taker of that side has traded so many lots."""
    if side == "buy":
        return replace(book, asks_taken=book.asks_taken + lots)
    return replace(book, bids_taken=book.bids_taken + lots)


def is_dry(book: Book) -> bool:
    """Whether one of its sides is empty."""
    return any(taken >= depth * LEVELS for depth, taken in (_side(book, "buy"), _side(book, "sell")))


def shown(book: Book, step: int) -> BookShown:
    """What a venue tells of it: the best prices' lots, and how far these are apart."""
    bids, asks = _best(book, "sell"), _best(book, "buy")
    gone = book.bids_taken // max(1, book.bid_depth) + book.asks_taken // max(1, book.ask_depth)
    spread = book.spread + gone * step if bids and asks else None
    return BookShown(book.symbol, bids, asks, spread, book.volume, book.volatility_bps)


def _side(book: Book, side: Side) -> tuple[int, int]:
    """Of the side that such a taker takes from: lots at each price, and lots that are gone."""
    return (book.ask_depth, book.asks_taken) if side == "buy" else (book.bid_depth, book.bids_taken)


def _best(book: Book, side: Side) -> int:
    """Lots at the best price for that taker."""
    depth, taken = _side(book, side)
    return 0 if taken >= depth * LEVELS else depth - taken % depth
