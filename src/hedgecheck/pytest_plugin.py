"""The pytest plugin: Hypothesis profiles by name, and what a run asks of its tests under ``verify``.

``--hedgecheck-profile`` (or ``HEDGECHECK_PROFILE``, or ``hedgecheck_profile`` in pytest's settings, or
``profile`` in ``[tool.hedgecheck]``): ci is derandomised, dev draws anew, nightly draws much, mutation
neither shrinks nor stores; without it Hypothesis is left alone. Options go before environment, pyproject.toml
and decorator: ``hedgecheck.verifying.settings`` says how. Who has hedgecheck installed pays for this module
in every run of pytest: before somebody speaks of hedgecheck it loads nothing that pytest has not loaded.
"""

import os
import re
import sys
import warnings
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

STORE = ".hypothesis/hedgecheck"  # beside Hypothesis's example database
SEED_BITS = 32
SHIPPED = "hedgecheck.conformance."
CONFORMANCE = r"\bhedgecheck[./\\]conformance\b"  # of what is to be collected
SETTINGS = ("executions", "exhaustive", "seed", "profile", "replay", "step")
BEGUN = pytest.StashKey[bool]()


def pytest_addoption(parser: Any) -> None:
    """Adds the options."""
    group = parser.getgroup("hedgecheck")
    group.addoption(
        "--hedgecheck-profile",
        metavar="ci|dev|nightly|mutation",
        help="how much is tried and drawn, and whether anew each time; Hypothesis is left alone unless given",
    )
    parser.addini("hedgecheck_profile", "the profile where no option and no HEDGECHECK_PROFILE names one")
    group.addoption("--hedgecheck-replay", metavar="TOKEN", help="perform this execution alone")
    group.addoption("--hedgecheck-executions", metavar="N", help="try so many executions of each test")
    group.addoption(
        "--hedgecheck-exhaustive",
        metavar="all|N",
        help="try everything: every order of arrival, or N flows held back; up to --hedgecheck-executions",
    )
    group.addoption("--hedgecheck-seed", metavar="N", help="the seed of what is tried")
    group.addoption(
        "--hedgecheck-step",
        metavar="N",
        help="with --hedgecheck-replay: stop in the debugger at line N of what happens, counted from 1",
    )
    group.addoption(
        "--hedgecheck-stats", action="store_true", help="after the run, a line about each verified test"
    )
    group.addoption(
        "--hedgecheck-engine", metavar="MODULE:MAKE", help="whose engine hedgecheck.conformance is about"
    )
    parser.addini("hedgecheck_engine", "the same, where no option and no HEDGECHECK_ENGINE names one")


def pytest_configure(config: Any) -> None:
    """Where the run says anything of hedgecheck, reads it, and loads the Hypothesis profile asked for."""
    config.addinivalue_line("markers", "hedgecheck: a test that verifies a trading engine")
    if config.getoption("--hedgecheck-engine") or _collects_conformance(config):
        from hedgecheck.conformance.engine import configure

        configure(config)
    if config.getoption("--hedgecheck-stats"):
        from hedgecheck.verifying.stats import Stats

        config.pluginmanager.register(Stats(), "hedgecheck-stats")
    if _is_spoken_of(config):
        _begin(config)


def _collects_conformance(config: Any) -> bool:
    """Whether the shipped tests are asked for. A pattern takes longer to compile than all else here."""
    return any("conformance" in each and re.search(CONFORMANCE, each) for each in config.args)


def _is_spoken_of(config: Any) -> bool:
    """Whether this run says anything of hedgecheck, or may ask for a profile, which has to be there before a
    test is read. A table that asks for none waits for the first test under ``verify``, but where workers
    read the tests: what is wrong with it is said here."""
    if any(config.getoption(f"--hedgecheck-{name}") for name in SETTINGS):
        return True
    if config.getini("hedgecheck_profile") or any(name.startswith("HEDGECHECK_") for name in os.environ):
        return True
    pyproject = config.rootpath / "pyproject.toml"
    text = pyproject.read_bytes() if pyproject.is_file() else b""
    return b"hedgecheck" in text and (b"profile" in text or config.getoption("dist", "no") != "no")


def _begin(config: Any) -> None:
    """Reads the settings, once. Raises ``pytest.UsageError`` for what makes no sense."""
    if BEGUN in config.stash:
        return
    config.stash[BEGUN] = True
    from hedgecheck.errors import UsageError
    from hedgecheck.verifying import settings

    options = {name: config.getoption(f"--hedgecheck-{name}") for name in SETTINGS}
    try:
        table = settings.table_of(config.rootpath / "pyproject.toml")
        asked = settings.read(options, os.environ, config.getini("hedgecheck_profile"), table)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    if asked.step is not None and config.getoption("dist", "no") != "no":
        raise pytest.UsageError("--hedgecheck-step needs this terminal, and workers have none. Add -n0.")
    config.add_cleanup(settings.begin(asked))
    if asked.profile:
        _load(asked.profile)


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


# ---- tests under verify ------------------------------------------------------------------------------------


def _verified(item: Any) -> Any:
    """The function that ``hedgecheck.verify`` made of this test, also inside ``given``; or None."""
    function = getattr(item, "obj", None)
    function = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    return function if hasattr(function, "_hedgecheck_examples") else None


NOT_ASYNC = "ignore:The test .* is marked with '@pytest.mark.asyncio':pytest.PytestWarning"


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Marks the tests that ``hedgecheck.verify`` made, so that ``-m hedgecheck`` selects them."""
    for item in items:
        if _verified(item) is not None:
            _begin(config)
            item.add_marker("hedgecheck")
            if item.get_closest_marker("asyncio"):  # of its module: pytest-asyncio finds it no async function
                item.add_marker(pytest.mark.filterwarnings(NOT_ASYNC))


def pytest_pyfunc_call(pyfuncitem: Any) -> None:
    """Refuses a fixture that all executions of a test would share though pytest makes it for each test, and
    one that lives on an event loop of its own."""
    test = _verified(pyfuncitem)
    if test is None:
        return
    from hedgecheck.errors import FixtureScope, RealWorld

    known = pyfuncitem._fixtureinfo.name2fixturedefs
    given = getattr(getattr(pyfuncitem, "callspec", None), "params", {})
    for name in pyfuncitem._fixtureinfo.argnames:
        made = known.get(name)
        if not made or name in given:
            continue
        if made[-1].scope == "function" and name not in test._hedgecheck_allowed:
            raise FixtureScope(
                f"fixture {name!r} is made once for this test, and all its executions would share it. "
                f"Make what it gives in the test, widen its scope, or say verify(allow_fixtures=({name!r},))."
            )
        if _is_on_a_loop(pyfuncitem.funcargs[name]):
            raise RealWorld(
                f"fixture {name!r} gives what belongs to an event loop of this machine, and the test runs "
                "on a simulated one. Make it in the test; an async fixture may give plain data."
            )


def _is_on_a_loop(value: Any) -> bool:
    """Whether it is bound to an event loop: a future, a queue that somebody waited for, a client session."""
    from asyncio import AbstractEventLoop

    held = (value, getattr(value, "_loop", None), *getattr(value, "__dict__", {}).values())
    return any(isinstance(each, AbstractEventLoop) for each in held)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: Any) -> Generator[None, Any, Any]:
    """Tells the test its name, its seed and its stored failures, and stores or drops failures after it."""
    __tracebackhide__ = True
    if _verified(item) is None:
        return (yield)
    from hedgecheck.verifying import nodes, settings, stored

    asked, store = settings.asked(), stored.Store(item.config.rootpath / STORE)
    stores = not asked.is_repeatable and asked.replay is None
    node = _node(item, draws=not asked.is_repeatable)
    if stores:
        kept = store.read(node.id)
        node.kept = kept.tokens
        _warn(kept.complaint)
    try:
        with nodes.running(node):
            result = yield
        if node.strayed and not node.work.executions:
            raise node.strayed[0].with_traceback(None)
    except BaseException:
        with suppress(Warning):  # where warnings are errors, this is not the error to tell of
            _settle(item, node, store if stores else None)
        raise
    _settle(item, node, store if stores else None)
    return result


def _settle(item: Any, node: Any, store: Any) -> None:
    """Writes down what became of a test."""
    if item.config.getoption("--hedgecheck-stats"):
        item.user_properties.append(("hedgecheck", node.work.plain()))
    for said in node.settle(store) if store is not None else ():
        _warn(said)


def _node(item: Any, *, draws: bool) -> Any:
    """The test as ``verify`` sees it. Workers of pytest-xdist add a group to its id; that says where it runs,
    not what it is."""
    import secrets
    from zlib import crc32

    from hedgecheck.verifying.nodes import Node

    groups = {
        str(mark.args[0] if mark.args else mark.kwargs.get("name", "default"))
        for mark in item.iter_markers("xdist_group")
    }
    id = item.nodeid.removesuffix(f"@{'_'.join(sorted(groups))}") if groups else item.nodeid
    path, colons, names = id.partition("::")
    with suppress(ValueError):  # on Windows, from another drive
        path = os.path.relpath(item.config.rootpath / path, item.config.invocation_params.dir)
    command = f"pytest {_quoted(f'{Path(path).as_posix()}{colons}{names}')}"
    if item.module.__name__.startswith(SHIPPED):  # it lies outside of the user's project
        engine = os.environ.get("HEDGECHECK_ENGINE", "")
        command = (
            f"pytest --pyargs {_quoted(f'{item.module.__name__}::{names}')} --hedgecheck-engine {engine}"
        )
    seed = secrets.randbits(SEED_BITS) if draws else crc32(id.encode())
    repeats = hasattr(item.obj, "hypothesis")
    return Node(id, command, seed, draws, repeats)


def _quoted(id: str) -> str:
    """A node id as one word of a shell."""
    if not set(id) & set('"$`\\!'):
        return f'"{id}"'
    from shlex import quote

    return quote(id)


def _warn(text: str) -> None:
    if text:
        warnings.warn(text, stacklevel=2)


# ---- what a person sees ------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: Any) -> Generator[None, Any, Any]:
    """Tells of an error once, and of a broken rule first how to see it again. In pytest's summary is the
    headline alone, which in CI the rest would follow."""
    report: Any = yield
    errors = sys.modules.get("hedgecheck.errors")  # an error of ours cannot come of a module not loaded
    error = call.excinfo.value if call.excinfo is not None else None
    crash = getattr(report.longrepr, "reprcrash", None)
    if errors is None or crash is None or not isinstance(error, errors.HedgecheckError):
        return report
    crash.message = crash.message.partition("\n")[0]
    report.longrepr.reprtraceback.extraline = None
    if isinstance(error, errors.Falsified):
        for entry in report.longrepr.reprtraceback.reprentries:
            _put_replay_first(entry, f"Falsified: {error.invariant} ({error.id})")
    return report


def _put_replay_first(entry: Any, headline: str) -> None:
    """The line that replays an execution goes before what is told of it, as in every command."""
    is_native = entry.style == "native"
    lines = "".join(entry.lines).splitlines(keepends=True) if is_native else entry.lines
    first = next((at for at, line in enumerate(lines) if headline in line), len(lines))
    replay = next((at for at, line in enumerate(lines) if line.lstrip().startswith("replay:  ")), -1)
    if first < replay:
        moved = lines.pop(replay)
        lines.insert(first, moved if is_native else f"E{moved[1:]}")
        entry.lines = lines
