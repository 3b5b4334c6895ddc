"""States kept beside the events, so that recovery need not begin with the first of them.

They are an optimisation and nothing else: one that is damaged, of another release or of another chain is
ignored, and without any all is replayed. Only a release with the same classes and the same core reads one,
since another might have come to another state by the same events.
"""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import DBAPIError

from core import engine
from core.engine import State
from hedgecheck.errors import EventUnreadable
from hedgecheck.live.chain import Head, Row, head_of
from hedgecheck.live.databases import Database
from hedgecheck.live.encoding import CODEC, FORMAT, decoded, encoded
from hedgecheck.live.rows import row_at
from hedgecheck.live.tables import SNAPSHOTS
from hedgecheck.values import frozen

KEPT = 2


@frozen
class Snapshot:
    """The state after all events up to ``head``."""

    head: Head
    state: State


def beginning(row: Row) -> Snapshot:
    """The state before any event. Raises ``EventUnreadable``."""
    opening = decoded(row.body, row.format)
    return Snapshot(head_of(row), engine.initial(opening.settings, opening.cash))


@cache
def release() -> bytes:
    """What tells this release from every other that could read the same text as another state."""
    shapes = sorted(f"{kind.__name__} {' '.join(names)}" for kind, names in CODEC.fields.items())
    made = sha256(f"{FORMAT}\n{shapes}".encode())
    waiting = [files("core")]
    while waiting:
        for each in sorted(waiting.pop().iterdir(), key=lambda each: each.name):
            if each.is_dir():
                waiting.append(each)
            elif each.name.endswith(".py"):
                made.update(each.name.encode() + each.read_bytes())
    return made.digest()


def write(connection: Connection, snapshot: Snapshot) -> None:
    """Keeps a snapshot in the place of the oldest."""
    body, head = encoded(snapshot.state), snapshot.head
    row: dict[str, Any] = {
        "position": head.position,
        "release": release(),
        "chain_digest": head.digest,
        "body": body,
    }
    connection.execute(delete(SNAPSHOTS).where(SNAPSHOTS.c.position >= head.position))
    connection.execute(insert(SNAPSHOTS).values(**row, digest=_digest(**row)))
    latest = select(SNAPSHOTS.c.position).order_by(SNAPSHOTS.c.position.desc()).limit(KEPT)
    kept = connection.scalars(latest).all()
    connection.execute(delete(SNAPSHOTS).where(SNAPSHOTS.c.position < min(kept)))


def newest(base: Database, connection: Connection, position_max: int) -> Snapshot | None:
    """The newest snapshot up to a position that is good, if there is one."""
    latest = (
        select(SNAPSHOTS).where(SNAPSHOTS.c.position <= position_max).order_by(SNAPSHOTS.c.position.desc())
    )
    try:
        for found in connection.execute(latest).mappings():
            snapshot = _good(connection, dict(found))
            if snapshot is not None:
                return snapshot
    except DBAPIError as error:
        if not base.is_damage(error):
            raise
    return None


def _good(connection: Connection, found: dict[str, Any]) -> Snapshot | None:
    digest = found.pop("digest")
    kinds = [type(each) for each in found.values()]
    if kinds != [int, bytes, bytes, str] or found["release"] != release() or digest != _digest(**found):
        return None
    row = row_at(connection, found["position"])
    if row.digest != found["chain_digest"]:
        return None
    try:
        return Snapshot(head_of(row), decoded(found["body"]))
    except EventUnreadable:
        return None


def _digest(position: int, release: bytes, chain_digest: bytes, body: str) -> bytes:
    return sha256(f"{position} {release.hex()} {chain_digest.hex()} {body}".encode()).digest()
