"""The benchmark beside other simulators: what is made of a tool's answers, with a tool that is made up."""

import gc
import sys
from types import SimpleNamespace

import pytest

from benchmarks.rivals.measure import SEEDS_APART, Measuring, Order, Unfair
from benchmarks.rivals.results import Found
from benchmarks.rivals.subjects import DEFECTS, SOUND


@pytest.fixture
def tool(monkeypatch):
    """A tool that finds every defect but one in its second execution, and accuses one correct engine."""

    def search(subject, way, executions, seed):
        asked.append((subject.name, executions, seed))
        if subject.name in (*DEFECTS, "exit_once") and subject.name != "starvation":
            return Found(2, "Accused: a rule\nand more")
        return Found(executions, None)

    asked = []
    made = SimpleNamespace(
        PACKAGE=None, WAYS={"way": "as made up"}, search=search, shrink=lambda *given: 3, asked=asked
    )
    monkeypatch.setitem(sys.modules, "benchmarks.rivals.with_made_up", made)
    return made


def measuring(part="search"):
    return Measuring(
        Order("made_up", "way", part, seeds=2, budget=50, tried=7, shrunk=1, rounds=2, timed=0.001)
    )


def test_hits_are_executions_for_each_seed_and_none_where_it_was_missed(tool):
    row = measuring().row()

    assert row.hits == {name: [None] * 2 if name == "starvation" else [2, 2] for name in DEFECTS}
    assert [each for each in tool.asked if each[0] == "balance_race"] == [
        ("balance_race", 50, 0),
        ("balance_race", 50, SEEDS_APART),
    ]


def test_alarm_says_of_what_and_when_and_every_correct_program_is_tried(tool):
    row = measuring().row()

    assert row.alarms == {"exit_once": "Accused: a rule, execution 2"}
    assert (row.sound, row.tried) == (len(SOUND), 7)
    assert {name for name, executions, _ in tool.asked if executions == 7} == set(SOUND)


def test_as_many_defects_are_made_small_as_were_asked_for(tool):
    assert measuring().row().shrunk == {"balance_race": 3}


def test_tool_with_limits_is_asked_only_what_it_can(tool):
    tool.ONLY, tool.WHY_ONLY = ("exit_once",), "n/a: too hard"

    row = measuring().row()

    assert (row.hits, row.sound, row.why_not) == ({}, 1, "n/a: too hard")
    assert measuring("rates").row().rates is None


def test_mistake_of_the_benchmark_is_no_finding(tool):
    tool.search = lambda *given: Found(1, "Unplayable: an attribute is missing")

    with pytest.raises(Unfair, match="attribute"):
        measuring().row()


def test_rate_is_measured_as_shipped_and_with_the_heap_frozen(tool):
    seen = []

    def search(subject, way, executions, seed):
        seen.append(gc.isenabled())
        return Found(sum(range(200_000)) and executions, None)

    tool.search = search

    shipped, frozen = measuring("rates").row().rates

    assert min(shipped, frozen) > 0
    assert seen == [True, True, False, True, False]  # the first is to warm up
    assert gc.isenabled()
