"""Searches by tables try with one neighbour a step whether trades are local; ``test_tables_locality`` tries
with all."""

import pytest

from hedgecheck.explore.tables import locality


@pytest.fixture(autouse=True)
def neighbours_tried(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is taken beside one neighbour."""
    if request.module.__name__.rpartition(".")[2] != "test_tables_locality":
        monkeypatch.setattr(locality, "TRIES", 1)
