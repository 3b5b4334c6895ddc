"""The one simulated exchange, pure: ``step(venue, Request or Decision) -> (venue, reports)``.

It draws nothing and knows no fault: what a real matching engine would leave to chance is a ``Decision``
that the explorer hands in. Accounts: ``margin`` nets a signed position per symbol and honours reduce-only
on arrival and again on every fill; ``spot`` holds inventory, has no shorts and ignores reduce-only.

A stop order rests unseen until the market price is at its stop or beyond, and then is the market or limit
order that it stands for; one that is passed on arrival is refused. A replacement keeps the order's fills.

Orders are taken, and trade, in the regular and the closing phase of a session, and not in a symbol that is
halted; cancels and questions always are. Day orders, which is all but stops, end with the session.

A symbol may have an order book (``books``): then an order that the market trades walks it, price by price.
"""

from hedgecheck.venue.books import LEVELS, Book, is_dry, offers
from hedgecheck.venue.model import (
    ArchiveOrders,
    CancelAcross,
    ChangePhase,
    Decision,
    ExpireOrder,
    FillOrder,
    HaltTrading,
    House,
    Market,
    MoveCash,
    MovePrice,
    NewSession,
    RefuseOrder,
    ReplaceAcross,
    ReshapeBook,
    ResumeTrading,
    Uniqueness,
    Venue,
    VenueOrder,
    book_of,
    book_shown,
    closure_of,
    fillable,
    filled,
    find,
    market_of,
    marketable,
    position_of,
    price_of,
    status_of,
    waits,
    withdrawable,
)
from hedgecheck.venue.rules import Step, step

__all__ = [
    "LEVELS",
    "ArchiveOrders",
    "Book",
    "CancelAcross",
    "ChangePhase",
    "Decision",
    "ExpireOrder",
    "FillOrder",
    "HaltTrading",
    "House",
    "Market",
    "MoveCash",
    "MovePrice",
    "NewSession",
    "RefuseOrder",
    "ReplaceAcross",
    "ReshapeBook",
    "ResumeTrading",
    "Step",
    "Uniqueness",
    "Venue",
    "VenueOrder",
    "book_of",
    "book_shown",
    "closure_of",
    "fillable",
    "filled",
    "find",
    "is_dry",
    "market_of",
    "marketable",
    "offers",
    "position_of",
    "price_of",
    "status_of",
    "step",
    "waits",
    "withdrawable",
]
