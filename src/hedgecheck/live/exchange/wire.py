"""What goes over the wire between a client and the exchange's process: a record a line, see ``codec``.

A client says for which account it speaks, then asks; each question has a number, which its reply repeats.
What is told unasked is pushed. ``hedgecheck.messages`` is what is talked of.
"""

from hedgecheck import messages
from hedgecheck.codec import Codec, Unreadable, parsed, records, wrong_with
from hedgecheck.live.exchange.market import Ledger
from hedgecheck.live.ports import Account, OpenOrder
from hedgecheck.messages import Report, Request
from hedgecheck.values import frozen
from hedgecheck.venue import Market, VenueOrder

HOST = "127.0.0.1"
LINE_MAX = 1 << 16  # bytes that a client may say at once
ANSWER_MAX = 1 << 28  # the ledger of a long day


@frozen
class Logon:
    """The client speaks for this account from now on; before, for ``main``."""

    account: str


@frozen
class Subscribe:
    """The client is told of prices, present ones first, and of what becomes of the account's orders."""


@frozen
class FetchAccount:
    """Asks for an ``Account``."""


@frozen
class FetchLedger:
    """Asks for a ``Ledger``: for judges. No fault strikes it."""


@frozen
class FetchMarkets:
    """Asks for every ``Market`` that there is."""


@frozen
class Question:
    """``id``: any number of the client's own."""

    id: int
    content: Request | Logon | Subscribe | FetchAccount | FetchLedger | FetchMarkets


@frozen
class Reply:
    """To the question of that number. Nothing (an empty list) where there is nothing to say but that it was
    done."""

    id: int
    content: tuple[Report | Market, ...] | Account | Ledger


@frozen
class Push:
    """What the account is told unasked."""

    report: Report


@frozen
class Misread:
    """A line was no question; the connection goes on. ``id``: the number in it, where there was one."""

    why: str
    id: int | None = None


OWN = (Logon, Subscribe, FetchAccount, FetchLedger, FetchMarkets, Question, Reply, Push, Misread)
CODEC = Codec((*records(messages), *OWN, Account, OpenOrder, Ledger, VenueOrder, Market))


def line(record: Question | Reply | Push | Misread) -> bytes:
    """A record as it goes over the wire."""
    return CODEC.written(record).encode() + b"\n"


def question(said: bytes) -> Question | Misread:
    """What a client asks; or what is wrong with that."""
    try:
        asked = CODEC.read(said)
    except Unreadable as error:
        return Misread(f"The line {error}.", _number(said))
    if not isinstance(asked, Question):
        return Misread("The line is no Question.", _number(said))
    wrong = wrong_with(asked, Question)
    return Misread(f"The Question is none: {wrong}.", _number(said)) if wrong else asked


def said_by_venue(said: bytes) -> Reply | Push | Misread:
    """What the exchange says. Raises ``Unreadable`` for what is nothing of it."""
    found = CODEC.read(said)
    if not isinstance(found, Reply | Push | Misread):
        raise Unreadable("is nothing that an exchange says")
    return found


def _number(said: bytes) -> int | None:
    """The number of what is no question, where it has one."""
    try:
        found = parsed(said)
    except Unreadable:
        return None
    number = found.get("id") if isinstance(found, dict) else None
    return number if type(number) is int else None
