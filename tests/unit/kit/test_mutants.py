"""Mutants of the core judged by exhaustive search: how they are made and loaded, and what becomes of each."""

import inspect
import os
import sys
from collections.abc import Callable
from functools import cache

import pytest
from mutmut.mutation.file_mutation import mutate_file_contents

import core.orders
import core.rate
import core.risk
from hedgecheck.drive import bundled_core
from hedgecheck.errors import UsageError
from hedgecheck.explore.bounded import Small
from hedgecheck.explore.exhaustive import search
from hedgecheck.mutants import Wanted, judge, running, trial
from hedgecheck.mutants.children import Ended, each_in_a_child
from hedgecheck.mutants.fresh import core_with, noting
from hedgecheck.mutants.ladder import LADDER, MOST_OF_ONE, MOST_OF_TWO, ONE, TWO, Rung
from hedgecheck.mutants.mutant import Mutant, mutants_of, path_of
from hedgecheck.mutants.report import Report
from hedgecheck.values import replace
from hedgecheck.world import universe_of

# a process of pytest may have threads, of which a forked child has none
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

SHORT = (
    Rung(ONE),
    Rung(ONE, tuple(MOST_OF_ONE.items())),
    Rung(ONE, (("gross_bps", 1),)),
)
SHORTEST = SHORT[2:]


@cache
def every() -> tuple[Mutant, ...]:
    """The mutants of the gate."""
    return mutants_of("core.risk")


def by_diff(text: str) -> Mutant:
    """The mutant of the gate that changes a line so."""
    (found,) = [each for each in every() if each.diff == text]
    return found


def planted(old: str, new: str, module: str = "core.risk") -> Mutant:
    """A mutant made by hand, on the line of ``old``."""
    source = path_of(module).read_text()
    assert source.count(old) == 1
    line = source[: source.index(old)].count("\n") + 1
    return Mutant(
        "planted", module, str(path_of(module)), line, old, new, (line, line), source.replace(old, new)
    )


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Report]:
    """Judges these mutants and no others, on few scopes."""

    def judging(*mutants: Mutant, ladder: tuple[Rung, ...] = SHORT, **options: object) -> Report:
        monkeypatch.setattr(running, "mutants_of", lambda module: mutants)
        return judge(Wanted(("core.risk",), **options), ladder=ladder)  # type: ignore[arg-type]

    return judging


def in_a_child(work: Callable[[int], object]) -> Ended:
    """What becomes of work in a child."""
    ((_, ended),) = each_in_a_child(work, [0], 1)
    return ended


# ---- how they are made ---------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["core.rate", "core.values"])  # functions, and a class with methods
def test_a_module_has_the_mutants_that_mutmut_makes_under_the_same_names(module: str):
    source = path_of(module).read_text()

    mutants = mutants_of(module)

    names = mutate_file_contents(str(path_of(module)), source).mutant_names
    assert [each.name for each in mutants] == [f"{module}.{name}" for name in names]
    assert all(each.source != source for each in mutants)


def test_a_mutant_says_where_it_differs_and_the_statement_that_is_in():
    lines, first = inspect.getsourcelines(core.risk.less)
    at = first + next(index for index, line in enumerate(lines) if "-part.in_flight" in line)

    mutant = by_diff("-part.in_flight, -> +part.in_flight,")

    assert mutant.line == at
    assert mutant.lines == (first + 2, first + len(lines) - 1)  # all of the return
    assert mutant.source.splitlines()[at - 1].strip() == "+part.in_flight,"


def test_every_mutant_is_a_module_that_compiles():
    for each in every()[::10]:
        compile(each.source, each.path, "exec")


def test_without_mutmut_the_cure_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "hedgecheck.mutants.operators", raising=False)
    monkeypatch.setitem(sys.modules, "mutmut.mutation.file_mutation", None)

    with pytest.raises(UsageError, match=r"made by mutmut.*pip install 'hedgecheck\[dev\]'"):
        mutants_of("core.rate")


def test_a_mutmut_with_other_insides_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(sys.modules, "hedgecheck.mutants.operators", raising=False)
    monkeypatch.delattr("mutmut.mutation.file_mutation.create_mutations")

    with pytest.raises(UsageError, match="This mutmut cannot be asked"):
        mutants_of("core.rate")


# ---- how they are loaded -------------------------------------------------------------------------------


def test_a_mutant_reaches_whoever_imported_what_it_changes_and_ends_with_its_process():
    source = path_of("core.orders").read_text()
    changed = replace(
        planted("def leaves(", "def leaves(", "core.orders"),
        source=source + "\ndef leaves(order):\n    return 7\n",
    )

    def work(_: int) -> object:
        engine = core_with(changed)
        gate = sys.modules["core.risk"]
        return gate.leaves(None), gate is core.risk, type(engine).__name__

    assert in_a_child(work).said == (7, False, "BundledCore")
    assert core.risk.leaves is core.orders.leaves
    assert sys.modules["core.risk"] is core.risk


def test_lines_that_are_run_are_noted_of_the_modules_asked_for_and_no_others():
    files = {str(path_of("core.rate")): "core.rate"}
    lines: set[tuple[str, int]] = set()

    def work(_: int) -> object:
        with noting(files, lines):
            core_with(None)
        return lines

    said = in_a_child(work).said

    body, defined = inspect.getsourcelines(core.rate.refilled)
    assert isinstance(said, set)
    assert {module for module, _ in said} == {"core.rate"}
    assert ("core.rate", defined) in said
    assert not {("core.rate", defined + index) for index in range(1, len(body))} & said


# ---- what becomes of them ------------------------------------------------------------------------------


def test_rules_come_first_then_counts_and_what_neither_notices_survives(judged: Callable[..., Report]):
    mutants = {
        "rule": by_diff("gross += value -> gross = value"),
        "error": by_diff("decisions = [] -> decisions = None"),
        "counts": by_diff(
            "if judged.gross > share(equity, limits.gross_bps): -> "
            "if judged.gross >= share(equity, limits.gross_bps):"
        ),
        "survived": by_diff(
            "return Money(max(sums.values(), default=0)) -> return Money(max(sums.values(), default=1))"
        ),
        "not run": by_diff("-part.in_flight, -> +part.in_flight,"),
    }

    report = judged(*mutants.values())

    rule, error, counts, survived, not_run = [trial for _, trial in report.judged]
    assert (rule.outcome, rule.rule, rule.steps, rule.rung) == ("rule", "I10", 1, SHORT[2].name)
    assert (error.outcome, error.rung, error.steps) == ("error", SHORT[0].name, 1)
    assert "NoneType" in error.why
    assert (counts.outcome, counts.rung) == ("counts", SHORT[1].name)
    assert counts.why.startswith("93 -> 2 states")
    assert (survived.outcome, survived.rungs) == ("survived", 3)
    assert (not_run.outcome, not_run.rungs) == ("survived", 0)
    assert report.is_whole


def test_a_mutant_that_the_counts_notice_is_still_tried_by_the_rules_on_later_scopes(
    judged: Callable[..., Report],
):
    both = planted(
        "if judged.gross > share(equity, limits.gross_bps):",
        "if judged.gross == share(equity, limits.gross_bps):",
    )

    (trial,) = [trial for _, trial in judged(both).judged]

    assert (trial.outcome, trial.rung) == ("rule", SHORT[2].name)


def test_what_never_ends_is_killed_and_what_ends_its_process_is_not_decided(
    judged: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(trial, "SLACK_SECONDS", 1.0)
    endless = planted("    decisions = []", "    while True: pass")
    deadly = planted("    decisions = []", "    __import__('os').kill(__import__('os').getpid(), 9)")
    broken = planted("NOTHING = Contribution()", "NOTHING = Contribution(1, 2, 3, 4, 5, 6, 7, 8)")

    report = judged(endless, deadly, broken)

    outcomes = {trial.why: trial.outcome for _, trial in report.judged}
    assert sorted(outcomes.values()) == ["endless", "error", "undecided"]
    assert outcomes["its process ended with signal 9"] == "undecided"
    assert not report.is_whole
    assert next(trial for _, trial in report.judged if trial.outcome == "error").rung == "import"


def test_a_core_that_is_broken_already_is_not_judged(
    judged: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
):
    broken = by_diff("gross += value -> gross = value")
    monkeypatch.setattr(trial, "core_with", lambda mutant: core_with(broken))

    with pytest.raises(UsageError, match="The core itself breaks worst_case_limit"):
        judged(every()[0])


# ---- what cuts a run short -----------------------------------------------------------------------------


def test_an_interrupt_ends_with_what_was_judged_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch):
    children: list[int] = []
    fork = os.fork

    def forking() -> int:
        pid = fork()
        children.append(pid)
        return pid

    def interrupting(total: int, judged: list[object]) -> None:
        if judged:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fork", forking)
    monkeypatch.setattr(running, "mutants_of", lambda module: every()[:40])

    report = judge(Wanted(("core.risk",)), interrupting, SHORTEST)

    assert (report.why, len(report.judged), report.asked) == ("interrupted", 1, 40)
    assert not report.is_whole
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_no_mutant_is_begun_when_the_time_is_over(judged: Callable[..., Report]):
    report = judged(*every()[:3], seconds=0.0, ladder=SHORTEST)

    assert (report.judged, report.why) == ((), "0 seconds are over")
    assert report.to_json()["verdict"] == "truncated"


def test_a_sample_is_drawn_from_its_seed_and_said_to_be_one(judged: Callable[..., Report]):
    one, same, other = [
        [mutant.name for mutant, _ in judged(*every()[:60], sample=2, seed=seed, ladder=SHORTEST).judged]
        for seed in (1, 1, 2)
    ]

    assert len(one) == 2
    assert one == same != other


# ---- the scopes ----------------------------------------------------------------------------------------


def test_each_limit_of_the_ladder_binds_and_is_met_exactly():
    def states(small: Small = ONE, **bounds: int) -> int:
        return search(universe_of(Rung(small, tuple(bounds.items())).scope, bundled_core())).states

    allowed = states()

    assert states(**MOST_OF_ONE) == allowed
    assert states(TWO, **MOST_OF_TWO) == states(TWO)
    assert {name: states(**{name: most - 1}) for name, most in MOST_OF_ONE.items()} == dict.fromkeys(
        MOST_OF_ONE, 2
    )


def test_no_scope_is_there_twice_and_each_has_a_name_of_its_own():
    assert len({rung.name for rung in LADDER}) == len({rung.scope for rung in LADDER}) == len(LADDER)
    assert Rung(Small(halts=1)) in LADDER
