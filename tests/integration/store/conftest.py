"""Addresses of new, empty databases: a SQLite file, and a schema of a PostgreSQL server."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from tests.integration.store.servers import Unavailable, do_without, postgresql


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server: the one that runs, or one of these tests' own."""
    try:
        with postgresql(tmp_path_factory.mktemp("postgresql")) as address:
            yield address
    except Unavailable as why:
        do_without(why)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a store can be made; gone after the test."""
    if request.param == "sqlite":
        yield str(tmp_path / "events.db")
    else:
        yield from schema(request.getfixturevalue("server"))


@pytest.fixture
def own_schema(server: str) -> Iterator[str]:
    """Where a store can be made on the server; gone after the test."""
    yield from schema(server)


def schema(server: str) -> Iterator[str]:
    """A schema of its own on a server."""
    engine, name = create_engine(server, isolation_level="AUTOCOMMIT"), f"hedgecheck_{uuid4().hex}"
    with engine.connect() as connection:
        connection.execute(text(f"create schema {name}"))
    yield f"{server}?options=-csearch_path%3D{name}"
    with engine.connect() as connection:
        connection.execute(text(f"drop schema {name} cascade"))
    engine.dispose()
