"""The chain of a store: each row's digest is of what it holds and of the digest before it.

So a row that was changed, left out, put in, doubled or moved shows, and where. What was cut off at the end
shows against the head, which is written with every row. The first row holds what the store began with.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from hedgecheck.errors import StoreDamaged
from hedgecheck.values import frozen

Digest = bytes
Columns = tuple[int, int, int, str, Digest]  # a row as a table has it: cheaper to make than one


@frozen
class Row:
    """An event as it is stored: positions count from 1, and 0 is the opening. ``recorded_ns``: when it was
    stored, since 1970; it never goes backwards."""

    position: int
    format: int
    recorded_ns: int
    body: str
    digest: Digest


@frozen
class Head:
    """The end of a chain: its last row less what that holds."""

    position: int
    recorded_ns: int
    digest: Digest


def genesis(opening: str, format: int, now_ns: int) -> Row:
    """The row that a chain begins with."""
    return Row(0, format, now_ns, opening, _digest(b"", 0, format, now_ns, opening))


def linked(before: Head, format: int, bodies: Iterable[str], now_ns: int) -> list[Columns]:
    """The rows that come after ``before``. Where the clock went back they have the time of the row before."""
    recorded_ns, digest = max(now_ns, before.recorded_ns), before.digest
    rows = []
    for position, body in enumerate(bodies, before.position + 1):
        digest = _digest(digest, position, format, recorded_ns, body)
        rows.append((position, format, recorded_ns, body, digest))
    return rows


def columns_of(row: Row) -> Columns:
    """A row as a table has it."""
    return row.position, row.format, row.recorded_ns, row.body, row.digest


def head_of(row: Row) -> Head:
    """The end of a chain whose last row it is."""
    return Head(row.position, row.recorded_ns, row.digest)


def _digest(before: Digest, position: int, format: int, recorded_ns: int, body: str) -> Digest:
    return sha256(before + f"{position} {format} {recorded_ns} {body}".encode()).digest()


@frozen
class Damage:
    """The first thing that is wrong with a chain. ``good``: the last position up to which all is well."""

    good: int
    what: str


def is_beginning(row: Row) -> bool:
    """Whether a chain can begin with this row."""
    return row.position == 0 and row == genesis(row.body, row.format, row.recorded_ns)


def ended_wrongly(last: Head, head: Head) -> Damage | None:
    """What is wrong with a chain that is to end at ``head``, and ends at ``last``."""
    if head == last:
        return None
    cut = head.position > last.position
    ending = f"events from {last.position + 1} to {head.position} are missing at the end"
    return Damage(last.position, ending if cut else "the head is not what was written")


def wrong_with(last: Head, row: Row) -> str:
    """What is wrong with the row that is to come after ``last``; nothing where nothing is."""
    if row.position <= last.position:
        return f"event {last.position + 1} is not there, but one of another place"
    if row.position > last.position + 1:
        return f"event {last.position + 1} is missing"
    if row.digest != _digest(last.digest, row.position, row.format, row.recorded_ns, row.body):
        return f"event {row.position} is not what was written"
    if row.recorded_ns < last.recorded_ns:
        return f"event {row.position} is older than the one before it"
    return ""


def damaged(where: str, what: str, good: int) -> StoreDamaged:
    """The error that says so, with its cure."""
    return StoreDamaged(
        f"{where}: {what}. All is well up to event {good}. "
        "Recover it into a new store: hedgecheck store recover.",
        good,
    )


def whole(after: Head, rows: Iterable[Row], head: Head, where: str) -> Iterator[Row]:
    """The rows that come after ``after``, each checked before it is given, up to ``head``. Raises
    ``StoreDamaged`` at the first that is not what was written."""
    last = after
    for row in rows:
        what = wrong_with(last, row)
        if what:
            raise damaged(where, what, last.position)
        yield row
        last = head_of(row)
    ending = ended_wrongly(last, head)
    if ending is not None:
        raise damaged(where, ending.what, ending.good)
