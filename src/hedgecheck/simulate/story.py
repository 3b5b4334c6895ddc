"""What happened, for people: a line per message with who, when, where in the bot's code, and the fault."""

import asyncio
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from hedgecheck.fronts.ccxt.calls import Call, CancelAll, CancelOrder, Configure, EditOrder, Fetch, NewOrder
from hedgecheck.fronts.ccxt.markets import amount_of, price_of
from hedgecheck.fronts.desk import Desk
from hedgecheck.messages import (
    Accepted,
    BookShown,
    Canceled,
    CancelRefused,
    Expired,
    Filled,
    Price,
    Rejected,
    Report,
)
from hedgecheck.simulate.variants import Variant
from hedgecheck.values import frozen

NOT_OF_THE_BOT = (str(Path(__file__).parents[1]), str(Path(asyncio.__file__).parent), "<")


@frozen
class Line:
    """One thing that happened. ``at`` in virtual seconds; ``who`` a task, "test" or a venue; ``place`` is
    file:line of the bot; ``venue`` is the venue that is part of it, empty for none."""

    at: float
    who: str
    text: str
    fault: str = ""
    place: str = ""
    venue: str = ""


class Story:
    """The lines of one execution, in order."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def say(self, at: float, who: str, text: str, fault: Variant | None, venue: str) -> None:
        """Adds a line; where in the bot's code it happened is read off the stack."""
        name = fault.fault.name.replace(" ", "_") if fault is not None else ""
        place = _place() if text.startswith(("->", "x-")) else ""
        self.lines.append(Line(at, _by_name(who), text, name, place, venue))


def _by_name(who: str) -> str:
    """Tasks are known by their place in the family of tasks: 1 runs the test, 1.2 is its second child."""
    return "test" if who == "1" else f"task {who}" if who[:1].isdigit() else who


def is_of_the_bot(filename: str) -> bool:
    """Whether a file is neither ours nor asyncio's."""
    return not filename.startswith(NOT_OF_THE_BOT)


def _place() -> str:
    """The innermost line of code that is neither ours nor asyncio's."""
    frame = sys._getframe(2)
    while frame is not None:
        if is_of_the_bot(frame.f_code.co_filename):
            return f"{'/'.join(Path(frame.f_code.co_filename).parts[-2:])}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""


# ---- in words ----------------------------------------------------------------------------------------


def number(value: Decimal) -> str:
    """Without zeros that say nothing."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def words(desk: Desk, call: Call, key: str, answer: Any = None) -> str:
    """A request, or its answer, in one short line."""
    match call:
        case NewOrder():
            return f"create_order {_order(desk, call)}{_tail(key)}{_outcome(answer)}"
        case EditOrder():
            return f"edit_order {call.id} to {_order(desk, call.order)}{_tail(key)}{_outcome(answer)}"
        case CancelOrder():
            placed = desk.find(call.id, call.client_order_id)
            name = placed.key if placed is not None else call.id or call.client_order_id
            return f"cancel_order {name}{_outcome(answer)}"
        case CancelAll():
            return f"cancel_all_orders {call.symbol or ''}".rstrip()
        case Fetch():
            return f"fetch_{call.what} {_about(desk, call)}".rstrip() + _found(answer)
        case Configure():
            return f"set_{call.what} {call.symbol or ''} {call.value}"
    return f"watch_{call.what} {call.symbol or ''}".rstrip()


def noun_of(call: Call) -> str:
    """ccxt's name of the method that asked."""
    match call:
        case NewOrder():
            return "create_order"
        case EditOrder():
            return "edit_order"
        case CancelOrder():
            return "cancel_order"
        case CancelAll():
            return "cancel_all_orders"
        case Fetch():
            return f"fetch_{call.what}"
        case Configure():
            return f"set_{call.what}"
    return f"watch_{call.what}"


def _about(desk: Desk, call: Fetch) -> str:
    if call.what != "order":
        return call.symbol or ""
    placed = desk.find(call.id, call.client_order_id)
    return placed.key if placed is not None else str(call.id or call.client_order_id)


def _order(desk: Desk, new: NewOrder) -> str:
    listing = desk.listings.get(new.symbol)
    if listing is None:
        return f"{new.side} {new.symbol}"
    price = "" if new.price is None else f" at {number(price_of(listing, new.price))}"
    price += "" if new.stop_price is None else f", stop {number(price_of(listing, new.stop_price))}"
    only = ", reduce only" if new.reduce_only else ""
    only += f", id {new.client_order_id}" if new.client_order_id is not None else ""
    return f"{new.side} {number(amount_of(listing, new.amount))} {new.symbol}{price}{only}"


def _tail(key: str) -> str:
    return f"   {key}" if key else ""


def _outcome(answer: Any) -> str:
    if not isinstance(answer, dict):
        return ""
    return f": {answer.get('status')}, filled {answer.get('filled')}"


def _found(answer: Any) -> str:
    if isinstance(answer, list):
        return f": {len(answer)}"
    if isinstance(answer, dict) and "filled" in answer:
        return _outcome(answer)
    if isinstance(answer, dict) and "last" in answer:
        return f": {answer['last']}"
    return ""


def report_words(desk: Desk, report: Report) -> str:
    """What the venue did, in one short line."""
    match report:
        case Price():
            return f"{report.symbol} trades at {number(price_of(desk.listings[report.symbol], report.price))}"
        case BookShown():
            listing = desk.listings[report.symbol]
            bids, asks = (number(amount_of(listing, each)) for each in (report.bid_depth, report.ask_depth))
            return f"{report.symbol} book: {bids} bid, {asks} asked"
        case Filled():
            listing = desk.listings[report.symbol]
            amount, price = amount_of(listing, report.amount), price_of(listing, report.price)
            return f"fills {report.client_order_id}: {number(amount)} at {number(price)}"
        case Rejected() | CancelRefused():
            verb = "rejects" if isinstance(report, Rejected) else "refuses to cancel"
            return f"{verb} {report.client_order_id}: {report.reason}"
        case Canceled() | Expired():
            return f"{type(report).__name__.lower().removesuffix('ed')}s {report.client_order_id}".replace(
                "expirs", "expires"
            )
        case Accepted():
            return f"accepts {report.client_order_id}"
    return str(report)
