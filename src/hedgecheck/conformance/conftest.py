"""The fixture through which the conformance tests get the user's engine."""

import pytest

from hedgecheck.conformance.engine import HOW, MAKE, Make


@pytest.fixture(scope="session")
def make_engine(pytestconfig: pytest.Config) -> Make:
    """The factory that ``--hedgecheck-engine`` names; without one the test is skipped."""
    if MAKE not in pytestconfig.stash:
        pytest.skip(f"no engine is named. {HOW}")
    return pytestconfig.stash[MAKE]
