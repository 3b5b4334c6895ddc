"""The tables of an event store: what is the same on every database.

``store`` has one row: what the store began with, which writer is the present one (its epoch), and the head of
the chain. ``events`` has a row for each event.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

SCHEMA = 1
METADATA = MetaData()
STORE = Table(
    "hedgecheck_store",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("schema_version", Integer, nullable=False),
    Column("opening_format", Integer, nullable=False),
    Column("opening", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)
EVENTS = Table(
    "hedgecheck_events",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("format", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)
