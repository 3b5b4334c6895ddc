"""``hedgecheck explore --mutants``: how it is asked, what it refuses, and what it prints and writes."""

import json
from pathlib import Path

import pytest

from hedgecheck import cli
from hedgecheck.mutants import Wanted, commanding
from hedgecheck.mutants.mutant import Mutant
from hedgecheck.mutants.report import Report
from hedgecheck.mutants.trial import Trial


def mutant(number: int, module: str = "core.risk") -> Mutant:
    """A mutant of that number."""
    return Mutant(f"{module}.x_add__mutmut_{number}", module, "", number, "a + b", "a - b", (1, 1), "")


RULE = Trial("rule", "--trades 1", "I10", 3, "too much", 2, 0.1)
COUNTS = Trial("counts", "--trades 1", why="93 -> 2 states", rungs=9, seconds=0.5)
SURVIVED, NOT_RUN = Trial("survived", rungs=9, seconds=4.0), Trial("survived", seconds=0.2)
JUDGED = tuple((mutant(number), trial) for number, trial in enumerate((RULE, COUNTS, SURVIVED, NOT_RUN), 1))
WHOLE = Report(("core.risk",), 4, 4, JUDGED, (("--trades 1", 93, 104, 24),), 0, 2, 9.0)
CUT = Report(("core.risk",), 900, 50, JUDGED, (("--trades 1", 93, 104, 24),), 7, 2, 9.0, "interrupted")


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit code and output, in one line."""
    code = cli.call(["explore", *arguments])
    printed = capsys.readouterr()
    return code, " ".join((printed.out + printed.err).split())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Wanted]:
    """What is asked for, with a report for an answer."""
    heard: list[Wanted] = []

    def judging(wanted: Wanted, watch: object) -> Report:
        heard.append(wanted)
        return WHOLE if wanted.sample is None else CUT

    monkeypatch.setattr(commanding, "judge", judging)
    return heard


@pytest.mark.parametrize(
    "arguments",
    [
        ["--mutants", "core.trade", "core.risk"],
        ["core.trade", "core.risk", "--mutants"],
        ["core.trade", "--mutants", "core.risk"],
    ],
)
def test_modules_are_named_beside_the_option(arguments: list[str], asked: list[Wanted]):
    assert cli.call(["explore", *arguments]) == 0

    assert asked == [Wanted(("core.trade", "core.risk"))]


def test_a_sample_has_a_size_a_seed_and_a_budget(asked: list[Wanted]):
    cli.call(["explore", "--mutants", "core.risk", "--sample", "50", "--seed", "7", "--budget", "10m"])

    assert asked == [Wanted(("core.risk",), 50, 7, 600.0)]


def test_the_report_names_what_no_rule_noticed_and_says_what_counts_are_worth(
    asked: list[Wanted], capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    path = tmp_path / "mutants.json"

    code, text = said(["--mutants", "core.risk", "--json", str(path)], capsys)

    assert code == 0
    assert "core.risk.x_add__mutmut_1 " not in text  # a rule noticed it
    assert (
        "counts only: core.risk.x_add__mutmut_2 line 2: a + b -> a - b (93 -> 2 states; --trades 1)" in text
    )
    assert "Counts are a change detector, not a specification" in text
    assert "survived: core.risk.x_add__mutmut_3 line 3" in text
    assert "survived, no scope runs it: core.risk.x_add__mutmut_4" in text
    assert text.count("x_add__mutmut_4") == 1
    assert "rules that were broken: I10 1" in text
    assert "1 of 4 killed, 1 more noticed by the counts only, 2 survived" in text
    assert "a sample" not in text
    written = json.loads(path.read_text())
    assert written["verdict"] == "complete"
    assert written["modules"]["core.risk"] == written["all"]
    assert written["all"]["cpu_seconds_median"] == 0.35
    assert written["all"]["not_run"] == 1
    assert [each["outcome"] for each in written["mutants"]] == ["rule", "counts", "survived", "survived"]


def test_a_run_cut_short_exits_2_and_says_how_much_it_left_out(
    asked: list[Wanted], capsys: pytest.CaptureFixture[str]
):
    code, text = said(["--mutants", "core.risk", "--sample", "50", "--seed", "7"], capsys)

    assert code == 2
    assert "hedgecheck explore --mutants core.risk --sample 50 --seed 7" in text
    assert "a sample: 50 of 900 mutants, seed 7" in text
    assert "interrupted: 46 were not tried" in text


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (["--mutants"], "Name modules of the bundled core"),
        (["--mutants", "core.nope"], "core.nope is no module of the bundled core. There are core.admission,"),
        (["--mutants", "core.risk", "json"], "json is no module of the bundled core"),
        (["--mutants", "core"], "core is no module of the bundled core"),
        (
            ["--mutants", "core.lifecycle"],
            "There are no mutants of core.lifecycle: only functions are changed",
        ),
        (["--mutants", "core.risk", "--trades", "2"], "--mutants has scopes of its own"),
        (["--mutants", "core.risk", "--states", "9"], "--mutants has scopes of its own"),
        (["--mutants", "core.risk", "--html", "x.html"], "--mutants writes JSON alone"),
        (["--mutants", "core.risk", "--json", "/nosuch/x"], "no folder /nosuch"),
        (["core", "core.risk"], "One target is explored at a time"),
        (["--sample", "3"], "One target is explored at a time"),
        (["--seed", "3"], "--seed is of random walks and of --mutants"),
    ],
)
def test_what_cannot_be_judged_exits_64_with_its_cause(
    arguments: list[str], cause: str, capsys: pytest.CaptureFixture[str]
):
    code, text = said(arguments, capsys)

    assert code == 64
    assert cause in text
