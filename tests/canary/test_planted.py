"""With any planted defect a test of each requirement that it offends turns red, and without it none is."""

import os
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pkgutil import iter_modules

import pytest

from specs.generate import ROOT
from tests.canary import plants
from tests.canary.planted import VARIABLE, known, marked_with

PARTS = 2
FAMILIES = [import_module(f"{plants.__name__}.{each.name}") for each in iter_modules(plants.__path__)]


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a Python program in the project."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_every_planted_defect_turns_a_test_of_its_requirements_red_and_none_is_without(part: int):
    names = sorted(known())[part::PARTS]

    done = python("-m", "tests.canary.planted", *names)

    told = done.stdout.splitlines()
    assert [line for line in told if line.startswith("RED WITHOUT") or line.endswith("NOT FOUND")] == []
    assert done.returncode == 0, done.stderr
    assert len(told) == sum(len(known()[name].requirements) for name in names)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_every_requirement_that_a_family_promises_has_a_plant_and_a_test(family):
    offended = Counter(each for plant in known().values() for each in plant.requirements)

    assert [each for each in family.PROMISED if not offended[each]] == []
    assert [each for each in family.PROMISED if not marked_with(each)] == []


def test_a_plant_is_planted_by_its_name_in_any_run_of_tests():
    test = "tests/unit/core/test_levels.py::test_two_per_cent_of_the_opening_is_too_much"

    sound = python("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", test)
    spoilt = python("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", test, **{VARIABLE: "trips_late"})

    assert (sound.returncode, spoilt.returncode) == (0, 1), spoilt.stdout
