"""Planted defects, one at least per requirement: with one in the core, a test of its requirement turns red.

    python -m tests.canary.planted               every plant, and what found it
    python -m tests.canary.planted trips_late    these alone
    HEDGECHECK_PLANT=trips_late python -m pytest tests/unit/core     any tests, with that defect

A plant is a function with a docstring, the defect, that returns what takes the place of what (``Swap``). It
is registered with the requirements it offends. Tests are found by their ``covers`` marks.
"""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import pytest
from hypothesis import Phase, settings

from specs.generate import ROOT, covered

VARIABLE = "HEDGECHECK_PLANT"
OURS = ("core", "hedgecheck", "specs", "stateful", "tests")
PLANTS_ARE_IN = "tests.canary.plants"
FAST_FIRST = ("tests/unit", "tests/e2e", "tests/integration")

Swap = tuple[ModuleType, str, Callable[..., Any]]  # a function's module and name, and what takes its place


@dataclass(frozen=True)
class Plant:
    """A defect, the requirements it offends, and how to plant it."""

    name: str
    requirements: tuple[str, ...]
    defect: str
    swaps: Callable[[], Sequence[Swap]]


PLANTS: dict[str, Plant] = {}


def plant(*requirements: str) -> Callable[[Callable[[], Sequence[Swap]]], Callable[[], Sequence[Swap]]]:
    """Registers a defect under its function's name."""

    def register(swaps: Callable[[], Sequence[Swap]]) -> Callable[[], Sequence[Swap]]:
        defect = (swaps.__doc__ or "").strip()
        assert requirements, f"{swaps.__name__}: which requirements does it offend?"
        assert defect, f"{swaps.__name__}: what is wrong?"
        assert swaps.__name__ not in PLANTS, f"{swaps.__name__} is planted twice"
        PLANTS[swaps.__name__] = Plant(swaps.__name__, requirements, defect, swaps)
        return swaps

    return register


def known() -> dict[str, Plant]:
    """Every plant, from every module of ``tests.canary.plants``."""
    package = import_module(PLANTS_ARE_IN)
    for each in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{each.name}")
    return PLANTS


# ---- planting ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def planted(name: str) -> Iterator[None]:
    """The defect is in the core."""
    swaps = [(getattr(module, own), other) for module, own, other in known()[name].swaps()]
    for original, other in swaps:
        exchange(original, other)
    try:
        yield
    finally:
        for original, other in swaps:
            exchange(other, original)


def exchange(original: object, other: object) -> None:
    """Puts ``other`` in the place of ``original``, wherever a module, or a table in one, refers to it."""
    assert callable(original), "only functions are exchanged: a number may be the same object by chance"
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in OURS and not name.startswith(PLANTS_ARE_IN):
            for attribute, value in list(vars(module).items()):
                if value is original:
                    setattr(module, attribute, other)
                elif type(value) is dict:
                    value.update({key: other for key, each in value.items() if each is original})


# ---- what finds it -------------------------------------------------------------------------------------


@cache
def marks() -> tuple[tuple[str, str], ...]:
    """Requirement and test, for every ``covers`` mark; the fast tests first."""
    return tuple(sorted(covered(), key=lambda mark: (_slowness(mark[1]), mark)))


def _slowness(test: str) -> int:
    return next((rank for rank, folder in enumerate(FAST_FIRST) if test.startswith(folder)), len(FAST_FIRST))


def marked_with(requirement: str) -> list[str]:
    """The tests that are marked with a requirement, the fast ones first."""
    return [test for marked, test in marks() if marked == requirement]


@dataclass
class Witness:
    """Notes which requirements turned red, and stops once all of them did."""

    by_test: dict[str, list[str]]
    red: dict[str, str] = field(default_factory=dict)
    session: Any = None

    def pytest_sessionstart(self, session: Any) -> None:
        """Keeps the session, to end it. An example that is found need not be made small."""
        self.session = session
        settings.register_profile("planted", settings(), phases=(Phase.explicit, Phase.generate))
        settings.load_profile("planted")

    def pytest_runtest_logreport(self, report: Any) -> None:
        """A test that fails, or cannot even be set up, is red."""
        if report.failed:
            name = report.nodeid.partition("[")[0]
            for requirement in self.by_test.get(name, ()):
                self.red.setdefault(requirement, name)
            if len(self.red) == len({each for all_ in self.by_test.values() for each in all_}):
                self.session.shouldstop = "found"


def run(requirements: Sequence[str]) -> dict[str, str]:
    """Runs the tests of the requirements; those that turned red, each with its first red test."""
    by_test: dict[str, list[str]] = {}
    for requirement in requirements:
        for test in marked_with(requirement):
            by_test.setdefault(test, []).append(requirement)
    witness = Witness(by_test)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-n0", "--rootdir", str(ROOT)]
    options += ["--tb=no", "-p", "no:unraisableexception"]  # which collects garbage five times a run
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        pytest.main([*options, *(str(ROOT / test) for test in by_test)], plugins=[witness])
    return witness.red


def warmed_up(names: Sequence[str]) -> dict[str, str]:
    """What is red without any plant, of the requirements of these plants; ought to be nothing.

    It also loads every test module with the sound core, so that no plant leaves anything behind in one.
    """
    requirements = {each for name in names for each in known()[name].requirements}
    return run(sorted(requirements))


def found(name: str) -> dict[str, str]:
    """With the plant: requirements and the tests that turned red. In a process that is warmed up."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = name
    try:
        return run(known()[name].requirements)
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


def main(arguments: Sequence[str]) -> int:
    """Plants these, or all; 1 where a test is red without a plant, or none is with one."""
    os.chdir(ROOT)
    names = [name for name in arguments if name in known()] or sorted(known())
    red = warmed_up(names)
    for requirement, test in red.items():
        print(f"RED WITHOUT ANY PLANT  {requirement}  {test}")
    missed = 0
    for name in names:
        seen = found(name)
        for requirement in known()[name].requirements:
            print(f"{requirement:10} {name:40} {seen.get(requirement, 'NOT FOUND')}", flush=True)
            missed += requirement not in seen
    return 1 if red or missed else 0


if __name__ == "__main__":
    sys.exit(import_module("tests.canary.planted").main(sys.argv[1:]))  # plants register themselves there
