"""Each test that needs a database has one of its own, and leaves nothing behind."""

import pytest
from sqlalchemy import create_engine, inspect

from core.settings import Instrument, Settings
from core.units import Money
from hedgecheck.errors import StoreMissing
from hedgecheck.live import EventStore, Opening
from tests.integration.store.conftest import schema

OPENING = Opening(Settings((Instrument("AAA"),)), Money(1_000))


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.covers("TI-05")
def test_database_of_a_test_is_new_to_it(address: str, turn: int) -> None:
    with pytest.raises(StoreMissing):
        EventStore.open(address)

    EventStore.create(address, OPENING).close()


@pytest.mark.covers("TI-05")
def test_databases_of_two_tests_are_apart_and_gone_afterwards(server: str) -> None:
    engine = create_engine(server)
    names = []
    for one in schema(server):
        EventStore.create(one, OPENING).close()
        for other in schema(server):
            names = [each.rpartition("%3D")[2] for each in (one, other)]
            assert set(names) <= set(inspect(engine).get_schema_names())
            with pytest.raises(StoreMissing):
                EventStore.open(other)

    assert len(set(names)) == 2
    assert not set(names) & set(inspect(engine).get_schema_names())
    engine.dispose()
