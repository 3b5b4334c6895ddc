"""The one simulated exchange, pure: ``step(venue, Request or Decision) -> (venue, reports)``.

It draws nothing and knows no fault: what a real matching engine would leave to chance is a ``Decision``
that the explorer hands in. Accounts: ``margin`` nets a signed position per symbol and honours reduce-only
on arrival and again on every fill; ``spot`` holds inventory, has no shorts and ignores reduce-only.
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
]
