"""The tables of an event store: what is the same on every database.

``store`` has one row: which writer is the present one (its epoch), and the head of the chain. ``events`` has
a row for each event, and before them one for what the store began with; ``opening`` has that row once more,
since nothing can be made of the others without it. ``snapshots`` may be emptied at any time. ``questions``
are those to people.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

SCHEMA = 1
METADATA = MetaData()
KEY = BigInteger().with_variant(Integer, "sqlite")  # there the one type that needs no index beside the table


def _rows(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("position", KEY, primary_key=True, autoincrement=False),
        Column("format", Integer, nullable=False),
        Column("recorded_ns", BigInteger, nullable=False),
        Column("body", Text, nullable=False),
        Column("digest", LargeBinary, nullable=False),
    )


STORE = Table(
    "hedgecheck_store",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("schema_version", Integer, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("recorded_ns", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)
OPENING = _rows("hedgecheck_opening")
EVENTS = _rows("hedgecheck_events")
SNAPSHOTS = Table(
    "hedgecheck_snapshots",
    METADATA,
    Column("position", KEY, primary_key=True, autoincrement=False),
    Column("release", LargeBinary, nullable=False),
    Column("chain_digest", LargeBinary, nullable=False),
    Column("body", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)
QUESTIONS = Table(
    "hedgecheck_questions",
    METADATA,
    Column("id", KEY, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("asked_ns", BigInteger, nullable=False),
    Column("answer", Text),
    Column("answered_by", Text),
    Column("answered_ns", BigInteger),
    Column("settled_ns", BigInteger),
)
IS_OPEN = QUESTIONS.c.settled_ns.is_(None)
Index(
    "hedgecheck_open_questions",
    QUESTIONS.c.kind,
    QUESTIONS.c.subject,
    unique=True,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
