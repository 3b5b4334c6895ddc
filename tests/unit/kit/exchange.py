"""A small exchange for the venue's tests: AAA and BBB at 100, and ``run``, which feeds it a story."""

from dataclasses import replace
from typing import Any

from hedgecheck.messages import CreateOrder, Report, Request, Side
from hedgecheck.venue import Decision, FillOrder, House, Market, Venue, step

CASH = 10_000
MARKETS = (Market("AAA"), Market("BBB"))


def exchange(*markets: Market, cash: int = CASH, **house: Any) -> Venue:
    """A venue with these markets (else AAA and BBB, one lot a step), all at 100, and nothing open."""
    listed = markets or MARKETS
    return Venue(House(listed, **house), cash, tuple((each.symbol, 100) for each in listed))


def spot(cash: int = CASH, **held: int) -> Venue:
    """A spot account that holds these lots."""
    return replace(exchange(account="spot", cash=cash), positions=tuple(sorted(held.items())))


def run(venue: Venue, *events: Request | Decision) -> tuple[Venue, tuple[Report, ...]]:
    """The venue after all of it, and everything it said."""
    said: tuple[Report, ...] = ()
    for event in events:
        venue, reports = step(venue, event)
        said += reports
    return venue, said


def reports_of(venue: Venue, *events: Request | Decision) -> tuple[Report, ...]:
    """What the venue says to the last of these events."""
    venue, _ = run(venue, *events[:-1])
    return step(venue, events[-1])[1]


def order(name: str = "X", side: Side = "buy", amount: int = 10, **changes: Any) -> CreateOrder:
    """An order in AAA at market."""
    return replace(CreateOrder(name, "AAA", side, amount), **changes)


def fill(name: str = "X", amount: int = 10, fee_in_base: bool = False) -> FillOrder:
    """The market trades so many lots of the order."""
    return FillOrder(name, amount, fee_in_base)


def bought(amount: int) -> tuple[CreateOrder, FillOrder]:
    """What it takes to hold so many lots of AAA."""
    return order("H", "buy", amount), fill("H", amount)


def sold(amount: int) -> tuple[CreateOrder, FillOrder]:
    """What it takes to be short so many lots of AAA."""
    return order("H", "sell", amount), fill("H", amount)
