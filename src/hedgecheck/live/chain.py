"""The chain of a store: each row's digest is of what it holds and of the digest before it.

So a row that was changed, left out, put in, doubled or moved shows, and where. What was cut off at the end
shows against the head, which is written with every row.
"""

from collections.abc import Iterable
from hashlib import sha256

from hedgecheck.errors import StoreDamaged
from hedgecheck.values import frozen

Digest = bytes


@frozen
class Row:
    """An event as it is stored: positions count from 1."""

    position: int
    format: int
    body: str
    digest: Digest


@frozen
class Head:
    """The last row: how many there are, and its digest; of none the digest of the store's opening."""

    position: int
    digest: Digest


def genesis(opening: str, format: int) -> Head:
    """Where a chain begins that goes on from this opening."""
    return Head(0, sha256(f"0 {format} {opening}".encode()).digest())


def linked(before: Head, format: int, body: str) -> Row:
    """The row that comes after ``before``."""
    position = before.position + 1
    return Row(position, format, body, _digest(before.digest, position, format, body))


def _digest(before: Digest, position: int, format: int, body: str) -> Digest:
    return sha256(before + f"{position} {format} {body}".encode()).digest()


@frozen
class Damage:
    """The first thing that is wrong with a chain. ``good``: the last position up to which all is well."""

    good: int
    what: str


def first_damage(beginning: Head, rows: Iterable[Row], head: Head) -> tuple[Damage | None, Head]:
    """The first damage of rows in the order of their positions, None where there is none, and the last place
    up to which all is well. ``head``: where the chain is to end."""
    last = beginning
    for row in rows:
        what = wrong_with(last, row)
        if what:
            return Damage(last.position, what), last
        last = Head(row.position, row.digest)
    return ended_wrongly(last, head), last


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
    if row.digest != _digest(last.digest, row.position, row.format, row.body):
        return f"event {row.position} is not what was written"
    return ""


def demand_whole(beginning: Head, rows: Iterable[Row], head: Head, where: str) -> Head:
    """The end of a chain without damage. Raises ``StoreDamaged`` for another."""
    damage, last = first_damage(beginning, rows, head)
    if damage is not None:
        raise StoreDamaged(
            f"{where}: {damage.what}. All is well up to event {damage.good}. "
            "Recover it into a new store: hedgecheck store recover.",
            damage.good,
        )
    return last
