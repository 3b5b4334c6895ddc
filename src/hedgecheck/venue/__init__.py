"""The one simulated exchange, pure: ``step(venue, Request or Decision) -> (venue, reports)``.

It draws nothing and knows no fault: what a real matching engine would leave to chance is a ``Decision``
that the explorer hands in. Accounts: ``margin`` nets a signed position per symbol and honours reduce-only
on arrival and again on every fill; ``spot`` holds inventory, has no shorts and ignores reduce-only.

A stop order rests unseen until the market price is at its stop or beyond, and then is the market or limit
order that it stands for; one that is passed on arrival is refused. A replacement keeps the order's fills.
"""

from hedgecheck.venue.model import (
    CancelAcross,
    Decision,
    ExpireOrder,
    FillOrder,
    House,
    Market,
    MovePrice,
    NewSession,
    RefuseOrder,
    ReplaceAcross,
    Uniqueness,
    Venue,
    VenueOrder,
    fillable,
    filled,
    find,
    market_of,
    marketable,
    position_of,
    price_of,
    status_of,
    waits,
)
from hedgecheck.venue.rules import Step, step

__all__ = [
    "CancelAcross",
    "Decision",
    "ExpireOrder",
    "FillOrder",
    "House",
    "Market",
    "MovePrice",
    "NewSession",
    "RefuseOrder",
    "ReplaceAcross",
    "Step",
    "Uniqueness",
    "Venue",
    "VenueOrder",
    "fillable",
    "filled",
    "find",
    "market_of",
    "marketable",
    "position_of",
    "price_of",
    "status_of",
    "step",
    "waits",
]
