"""With HEDGECHECK_PLANT a defect is in the core before any test is read (``tests.canary.planted``).

Hypothesis also draws the constants that it reads in whatever is loaded, and a worker of pytest-xdist has
loaded what came before: so that the same test draws the same everywhere, it is given none here.
"""

import os
from contextlib import ExitStack

import pytest
from hypothesis.internal.conjecture import providers

PLANTED = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Takes Hypothesis's constants away, and plants the defect of that name."""
    providers._get_local_constants = lambda: providers._local_constants
    config.stash[PLANTED] = ExitStack()
    name = os.environ.get("HEDGECHECK_PLANT")
    if name:
        from tests.canary.planted import planted  # noqa: PLC0415

        config.stash[PLANTED].enter_context(planted(name))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Takes it out again."""
    config.stash[PLANTED].close()
