"""With HEDGECHECK_PLANT a defect is in the core before any test is read (``tests.canary.planted``).

Hypothesis also draws the constants that it reads in whatever is loaded, and a worker of pytest-xdist has
loaded what came before: so that the same test draws the same everywhere, it is given none here.

A shell that runs tests in the background makes them deaf to Ctrl-C; some of them press it.
"""

import os
import signal
from contextlib import ExitStack

import pytest
from hypothesis.internal.conjecture import providers

PLANTED = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Takes Hypothesis's constants away, hears Ctrl-C, and plants the defect of that name."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    providers._get_local_constants = lambda: providers._local_constants
    config.stash[PLANTED] = ExitStack()
    name = os.environ.get("HEDGECHECK_PLANT")
    if name:
        from tests.canary.planted import planted  # noqa: PLC0415

        config.stash[PLANTED].enter_context(planted(name))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Takes it out again."""
    config.stash[PLANTED].close()
