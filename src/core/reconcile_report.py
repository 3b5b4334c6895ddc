"""The words of a reconciliation: what a venue reports, how it differs from what is believed, and the answer.

Each kind of difference has one answer. Nothing is compared here.
"""

from typing import Literal

from core.messages import Fill, OrderId
from core.settings import SECOND
from core.units import Lots, Money, Nanoseconds, Side
from core.values import frozen

Part = Literal["orders", "trades", "positions", "cash", "clock"]
Kind = Literal[
    "late_fill",
    "missing_fill",
    "in_flight",
    "stale_report",
    "unconfirmed",
    "ended_fill",
    "external_trade",
    "phantom",
    "cash",
    "clock_skew",
    "dispute",
]
Answer = Literal["query", "again", "adjust", "ask"]  # ask: no entries until a person has answered

ANSWERS: dict[Kind, Answer] = {
    "late_fill": "query",  # the venue filled more of an order than it has told: its status brings the fills
    "missing_fill": "query",  # the last fills of an order, its end or its new size were never told
    "in_flight": "again",  # something is asked or requested that may explain it
    "stale_report": "again",  # venues answer from replicas: it lacks what the venue itself has told before
    "unconfirmed": "again",  # orders, positions and cash are not read at one moment
    "ended_fill": "adjust",  # it crossed the end of its order so late that the trade had left
    "external_trade": "ask",  # by hand, another program, a liquidation: nobody here knows what it is for
    "phantom": "ask",  # closed outside, or busted: what was held here is not there
    "cash": "ask",  # funding, interest, a fee, a transfer: profit or not, a person must say
    "clock_skew": "ask",  # timeouts, sessions and stale prices are judged by a clock that is wrong
    "dispute": "ask",  # both sides insist, and no question has settled it
}


@frozen
class ListedOrder:
    """An order that works at the venue: ``quantity`` lots in all, of which ``filled`` are."""

    order: OrderId
    symbol: str
    side: Side
    quantity: Lots
    filled: Lots


@frozen
class ListedFill:
    """A fill in the venue's history."""

    order: OrderId
    symbol: str
    side: Side
    fill: Fill


@frozen
class Report:
    """What a venue says of the account. None is not known, least of all that there is nothing.

    ``positions``: signed lots by symbol, sorted; one that is not named is flat. ``fills``: the latest, oldest
    first. ``skew``: how far the venue's clock is ahead of ours.
    """

    orders: tuple[ListedOrder, ...] | None = None
    positions: tuple[tuple[str, int], ...] | None = None
    cash: Money | None = None
    fills: tuple[ListedFill, ...] | None = None
    skew: Nanoseconds | None = None


@frozen
class Difference:
    """What is believed, and what is reported; None where there is none. In lots: of an order those filled, of
    history the fills. ``rounds``: reports in a row that said the same. ``fills``: those that explain it."""

    part: Part
    kind: Kind
    subject: OrderId | str
    believed: int | None
    reported: int | None
    rounds: int = 1
    fills: tuple[ListedFill, ...] = ()


@frozen
class Seen:
    """``trades``: the venue's ids of all fills that are booked, in that order, those of orders that have left
    the state among them. ``found``: how the report before this one differed."""

    trades: tuple[str, ...] = ()
    found: tuple[Difference, ...] = ()


@frozen
class Terms:
    """``cash`` and ``skew``: what is no difference yet. ``confirmations``: reports in a row that must say so
    before it is believed that nothing here explains it. ``rounds``: after so many it is a dispute."""

    cash: Money = Money(0)
    skew: Nanoseconds = Nanoseconds(SECOND)
    confirmations: int = 2
    rounds: int = 6
