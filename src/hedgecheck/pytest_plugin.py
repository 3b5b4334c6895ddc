"""The pytest plugin: Hypothesis profiles by name.

``--hedgecheck-profile`` (or ``HEDGECHECK_PROFILE``): ci is derandomised, dev draws anew, nightly draws much,
mutation neither shrinks nor stores.
"""

import os
from typing import Any

PROFILES = ("ci", "dev", "nightly", "mutation")


def pytest_addoption(parser: Any) -> None:
    """Adds the options."""
    group = parser.getgroup("hedgecheck")
    group.addoption(
        "--hedgecheck-profile",
        choices=PROFILES,
        default=os.environ.get("HEDGECHECK_PROFILE", "ci"),
        help="how much Hypothesis draws, and whether anew each time (default: ci)",
    )


def pytest_configure(config: Any) -> None:
    """Registers the profiles and loads the one asked for."""
    config.addinivalue_line("markers", "hedgecheck: a test that verifies a trading engine")
    from hypothesis import HealthCheck, Phase, settings

    quiet = [HealthCheck.too_slow, HealthCheck.differing_executors, HealthCheck.data_too_large]
    once = (Phase.explicit, Phase.generate)
    settings.register_profile(
        "ci", derandomize=True, database=None, deadline=None, suppress_health_check=quiet
    )
    settings.register_profile("dev", deadline=None, suppress_health_check=quiet)
    settings.register_profile("nightly", max_examples=2_000, deadline=None, suppress_health_check=quiet)
    settings.register_profile(
        "mutation",
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=50,
        phases=once,
        suppress_health_check=quiet,
    )
    settings.load_profile(config.getoption("--hedgecheck-profile"))
