"""With HEDGECHECK_PLANT a defect is in the core before any test is read (``tests.canary.planted``)."""

import os
from contextlib import ExitStack

import pytest

PLANTED = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Plants the defect of that name."""
    config.stash[PLANTED] = ExitStack()
    name = os.environ.get("HEDGECHECK_PLANT")
    if name:
        from tests.canary.planted import planted  # noqa: PLC0415

        config.stash[PLANTED].enter_context(planted(name))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Takes it out again."""
    config.stash[PLANTED].close()
