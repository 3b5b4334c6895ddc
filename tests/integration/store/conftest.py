"""Addresses of new, empty databases: a SQLite file, and a schema of a PostgreSQL server."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

SERVER = os.environ.get("HEDGECHECK_POSTGRESQL", "postgresql+psycopg://postgres@localhost/postgres")


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a store can be made; gone after the test."""
    if request.param == "sqlite":
        yield str(tmp_path / "events.db")
        return
    yield from schema()


def schema() -> Iterator[str]:
    """A schema of its own on the server; skipped where none answers, but for where services are demanded."""
    engine, name = create_engine(SERVER, isolation_level="AUTOCOMMIT"), f"hedgecheck_{uuid4().hex}"
    try:
        with engine.connect() as connection:
            connection.execute(text(f"create schema {name}"))
    except OperationalError:
        if os.environ.get("HEDGECHECK_REQUIRE_SERVICES"):
            raise
        pytest.skip(f"no PostgreSQL answers at {SERVER}; HEDGECHECK_POSTGRESQL names another")
    yield f"{SERVER}?options=-csearch_path%3D{name}"
    with engine.connect() as connection:
        connection.execute(text(f"drop schema {name} cascade"))
    engine.dispose()
