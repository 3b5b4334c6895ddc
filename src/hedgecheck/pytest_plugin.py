"""The pytest plugin: Hypothesis profiles by name, and what a command line says to tests under ``verify``.

``--hedgecheck-profile`` (or ``HEDGECHECK_PROFILE``, or ``hedgecheck_profile`` in pytest's settings): ci is
derandomised, dev draws anew, nightly draws much, mutation neither shrinks nor stores; without it Hypothesis
is left alone. ``--hedgecheck-replay``, ``--hedgecheck-executions`` and ``--hedgecheck-seed`` go before what
a decorator says; each is also an environment variable.
"""

import os
from functools import partial
from typing import Any

PASSED_ON = ("replay", "executions", "seed")
PROFILES = ("ci", "dev", "nightly", "mutation")


def pytest_addoption(parser: Any) -> None:
    """Adds the options."""
    group = parser.getgroup("hedgecheck")
    group.addoption(
        "--hedgecheck-profile",
        choices=PROFILES,
        default=os.environ.get("HEDGECHECK_PROFILE"),
        help="how much is tried and drawn, and whether anew each time; Hypothesis is left alone unless given",
    )
    parser.addini("hedgecheck_profile", "the profile where no option and no HEDGECHECK_PROFILE names one")
    group.addoption("--hedgecheck-replay", metavar="TOKEN", help="perform this execution alone")
    group.addoption("--hedgecheck-executions", metavar="N", help="try so many executions of each test")
    group.addoption("--hedgecheck-seed", metavar="N", help="the seed of what is tried")


def pytest_configure(config: Any) -> None:
    """Registers the profiles and loads the one asked for; hands the options on to ``hedgecheck.verify``."""
    for name in PASSED_ON:
        value = config.getoption(f"--hedgecheck-{name}")
        if value is not None:
            os.environ[f"HEDGECHECK_{name.upper()}"] = value
            config.add_cleanup(partial(os.environ.pop, f"HEDGECHECK_{name.upper()}", None))
    config.addinivalue_line("markers", "hedgecheck: a test that verifies a trading engine")
    profile = config.getoption("--hedgecheck-profile") or config.getini("hedgecheck_profile")
    if profile:
        _load(profile)


def _load(name: str) -> None:
    """A Hypothesis profile; under a name of our own, for a project may have a profile called ci."""
    from hypothesis import HealthCheck, Phase, settings

    quiet = [HealthCheck.too_slow, HealthCheck.differing_executors, HealthCheck.data_too_large]
    same: dict[str, Any] = {"deadline": None, "suppress_health_check": quiet}
    once: dict[str, Any] = {**same, "derandomize": True, "database": None}
    profiles: dict[str, dict[str, Any]] = {
        "ci": once,
        "dev": same,
        "nightly": {**same, "max_examples": 2_000},
        "mutation": {**once, "max_examples": 50, "phases": (Phase.explicit, Phase.generate)},
    }
    settings.register_profile(f"hedgecheck-{name}", **profiles[name])
    settings.load_profile(f"hedgecheck-{name}")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Marks the tests that ``hedgecheck.verify`` made, so that ``-m hedgecheck`` selects them."""
    for item in items:
        if hasattr(getattr(item, "obj", None), "_hedgecheck_examples"):
            item.add_marker("hedgecheck")


def pytest_pyfunc_call(pyfuncitem: Any) -> None:
    """Refuses a fixture that all executions of a test would share though pytest makes it for each test."""
    allowed = getattr(pyfuncitem.obj, "_hedgecheck_allowed", None)
    if allowed is None:
        return
    known = pyfuncitem._fixtureinfo.name2fixturedefs
    given = getattr(getattr(pyfuncitem, "callspec", None), "params", {})
    for name in pyfuncitem._fixtureinfo.argnames:
        made = known.get(name)
        if made and made[-1].scope == "function" and name not in allowed and name not in given:
            from hedgecheck.errors import FixtureScope

            raise FixtureScope(
                f"fixture {name!r} is made once for this test, and all its executions would share it. "
                f"Make what it gives in the test, widen its scope, or say verify(allow_fixtures=({name!r},))."
            )
