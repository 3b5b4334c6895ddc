"""``hedgecheck explore``: what its verdicts are, what it says of bad numbers, and the files it writes."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from hedgecheck import cli, faults, invariants
from hedgecheck.explore import scopes
from hedgecheck.explore.goals import GOALS
from hedgecheck.explore.replay import replay
from hedgecheck.messages import Returned
from hedgecheck.runner import replayed
from hedgecheck.tape import Tape, read_token
from hedgecheck.targets import engine_of
from hedgecheck.world import universe_of

HOLDS = ["explore"]
TABLES = ["explore", "--trades", "2", "--crashes", "0", "--cap", "2"]
TRUNCATED = ["explore", "--faults", "1", "--kinds", "F01", "--states", "20"]
BROKEN = ["explore", "tests.canary.engines:z001", "--faults", "1", "--kinds", "F01"]
RUNS = {"holds": (HOLDS, 0), "unknown": (TRUNCATED, 2), "broken": (BROKEN, 1)}

each_run = pytest.mark.parametrize(("arguments", "code"), RUNS.values(), ids=RUNS)


def written(arguments: list[str], folder: Path, code: int) -> dict[str, Any]:
    """The verdict that the run writes as JSON."""
    path = folder / "verdict.json"
    assert cli.call([*arguments, "--json", str(path)]) == code
    return json.loads(path.read_text())


# ---- bad numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "cause", "cure"),
    [
        (["--trades", "0"], "--trades 0", "between 1 and 3"),
        (["--trades", "4"], "--trades 4", "between 1 and 3"),
        (["--faults", "-1"], "not negative", "at least one lot"),
        (["--lots", "0"], "not negative", "at least one lot"),
        (["--faults", "1", "--kinds", "F99"], "--kinds F99", "There are F01"),
        (["--faults", "1", "--kinds", "F01,x"], "--kinds x", "There are F01"),
        (["--crashes", "99"], "--crashes 99 is too large", "is the most"),
        (["--heat", "5000"], "--heat 5000 is too large", "4094 is the most"),
        (["--cap", "20"], "--cap 20 is too large", "14 is the most"),
        (["--states", "0"], "--states", "hedgecheck --help"),
        (["--memory", "0"], "--memory", "hedgecheck --help"),
        (["--budget", "5x"], "'5x' is no duration", "45s, 10m or 8h"),
        (["--html", "/nosuch/x.html"], "no folder /nosuch", "Make it first"),
        (["--junit", "/"], "is a folder", "Name a file"),
    ],
)
def test_bad_number_exits_64_with_cause_and_cure(
    arguments: list[str], cause: str, cure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.call(["explore", "core", *arguments])

    said = " ".join(capsys.readouterr().err.split())
    assert code == 64
    assert cause in said
    assert cure in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--kinds", "F01"], "without a fault none would strike"),
        (["--kinds", "each"], "without a fault none would strike"),
        (["--faults", "1", "--kinds", "F09"], "there is no room for it in this scope"),
    ],
)
def test_kinds_that_would_never_strike_exit_64(arguments: list[str], words: str, capsys: Any) -> None:
    assert cli.call(["explore", *arguments]) == 64
    assert words in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("arguments", [["--heat", "-1"], ["--cap", "-1"], ["--kinds", "F99"]], ids="-".join)
def test_number_that_makes_no_scope_exits_64(arguments: list[str]) -> None:
    assert cli.call(["explore", "core", *arguments]) == 64


# ---- verdicts ----------------------------------------------------------------------------------------------


def test_scope_that_was_seen_to_its_end_holds_and_exits_0(tmp_path: Path, capsys: Any) -> None:
    verdict = written(HOLDS, tmp_path, 0)

    (explorer,) = verdict["explorers"]
    assert (verdict["verdict"], explorer["name"], explorer["verdict"]) == ("holds", "exhaustive", "holds")
    assert explorer["edges"] >= explorer["states"] - 1 > 0
    assert not explorer["truncated"]
    said = capsys.readouterr().out
    assert said.startswith("hedgecheck explore core --trades 1 --faults 0 --lots 1\n")
    assert "every execution of these scopes was seen" in said


def test_search_cut_short_is_unknown_and_exits_2(tmp_path: Path, capsys: Any) -> None:
    verdict = written(TRUNCATED, tmp_path, 2)

    (explorer,) = verdict["explorers"]
    assert (verdict["verdict"], explorer["verdict"]) == ("unknown", "unknown")
    assert explorer["truncated"]
    assert verdict["counterexamples"] == []
    said = capsys.readouterr().out
    assert "truncated" in said
    assert "every execution" not in said


def test_broken_scope_exits_1_with_a_token_that_replays(tmp_path: Path) -> None:
    verdict = written(BROKEN, tmp_path, 1)

    (found,) = verdict["counterexamples"]
    assert verdict["verdict"] == "broken"
    assert verdict["explorers"][0]["verdict"] == "broken"
    assert replayed(found["token"], BROKEN[1]).failure.invariant == found["invariant"]
    assert replayed(found["token"], "core").failure is None


@pytest.mark.parametrize(
    "bound", [["--states", "20"], ["--memory", "1"], ["--budget", "0.001s"]], ids="".join
)
def test_every_bound_leaves_the_verdict_unknown(bound: list[str], tmp_path: Path) -> None:
    scope = ["explore", "--faults", "2", "--kinds", "F01,F03"]

    assert written([*scope, *bound], tmp_path, 2)["explorers"][0]["truncated"]


def test_each_kind_is_searched_in_a_scope_of_its_own(tmp_path: Path) -> None:
    verdict = written(["explore", "--faults", "2", "--kinds", "each", "--crashes", "1"], tmp_path, 0)

    assert all(row["spent"] for row in verdict["faults"])
    assert {row["id"] for row in verdict["faults"]} == {fault.id for fault in faults.PURE}


def test_kinds_named_are_the_only_ones_that_strike(tmp_path: Path) -> None:
    verdict = written(["explore", "--faults", "1", "--kinds", "f03,F04"], tmp_path, 0)

    assert {row["id"] for row in verdict["faults"] if row["spent"]} == {"F03", "F04"}


def test_rule_that_no_scope_of_these_can_break_is_not_applicable(tmp_path: Path) -> None:
    rows = {row["id"]: row for row in written(HOLDS, tmp_path, 0)["invariants"]}

    assert list(rows) == [rule.id for rule in invariants.ALL]
    assert rows["I17"]["verdict"] == "n/a"
    assert rows["I01"]["verdict"] == "holds"


def test_same_scope_again_is_the_same_to_the_last_count(tmp_path: Path) -> None:
    first, second = (written(["explore", "--crashes", "1"], tmp_path, 0) for _ in range(2))

    for verdict in (first, second):
        del verdict["explorers"][0]["seconds"]
    assert first == second


# ---- files -------------------------------------------------------------------------------------------------


@each_run
def test_json_has_the_fields_that_an_exhaustive_run_fills(
    arguments: list[str], code: int, tmp_path: Path
) -> None:
    verdict = written(arguments, tmp_path, code)

    (explorer,) = verdict["explorers"]
    assert [each["id"] for each in verdict["sometimes"]] == [goal.id for goal in GOALS]
    assert all(
        ("witness" in each) == ("steps" in each) == bool(each["reached"]) for each in verdict["sometimes"]
    )
    assert isinstance(explorer["states"], int)
    assert isinstance(explorer["edges"], int)
    assert (explorer["scope"], explorer["executions"]) == ("1 scope", 0)
    assert verdict["calls"]


@pytest.mark.parametrize("arguments", [HOLDS, TABLES], ids=["direct", "tables"])
def test_a_goal_that_a_search_saw_is_seen_when_its_token_is_replayed(
    arguments: list[str], tmp_path: Path
) -> None:
    verdict = written(arguments, tmp_path, 0)

    seen = {each["id"]: each for each in verdict["sometimes"] if each["reached"]}
    tape = read_token(seen["G01"]["witness"])

    assert isinstance(tape, Tape)
    assert len(tape.actions) == seen["G01"]["steps"]
    entries = replay(universe_of(scopes.draw(tape.scope), engine_of("core")), tape).entries
    assert any(Returned("p1", True, "hedged") in each.records for each in entries if not each.drained)


UNSOUGHT = {"G18", "G20", "G24", "G25", "G26", "G27"}  # several trades, sessions, halts of symbols, capital


def test_page_and_terminal_show_the_goals_of_tables_and_what_was_not_looked_for(
    tmp_path: Path, capsys: Any
) -> None:
    page = tmp_path / "page.html"

    verdict = written([*TABLES, "--html", str(page)], tmp_path, 0)

    (witness,) = [each["witness"] for each in verdict["sometimes"] if each["id"] == "G01"]
    assert UNSOUGHT.isdisjoint(each["id"] for each in verdict["sometimes"])
    unsought = ", ".join(each.name for each in GOALS if each.id in UNSOUGHT)
    assert f"not looked for: {unsought}" in capsys.readouterr().out
    assert f"<code>{witness}</code>" in page.read_text()
    assert f"Not looked for: {unsought}." in page.read_text()


class Tags(HTMLParser):
    """The tags of a page, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Notes it."""
        self.seen.append(tag)


@each_run
def test_page_is_html_that_stands_alone(arguments: list[str], code: int, tmp_path: Path) -> None:
    path, tags = tmp_path / "verdict.html", Tags()

    assert cli.call([*arguments, "--html", str(path)]) == code

    page = path.read_text(encoding="utf-8")
    tags.feed(page)
    assert page.lower().startswith("<!doctype html>")
    assert {"html", "head", "title", "body"} <= set(tags.seen)
    assert "hedgecheck explore" in page
    assert not {"link", "iframe", "img"} & set(tags.seen)


@each_run
def test_junit_is_xml_whose_counts_are_those_of_its_cases(
    arguments: list[str], code: int, tmp_path: Path
) -> None:
    path = tmp_path / "verdict.xml"

    assert cli.call([*arguments, "--junit", str(path)]) == code

    root = ElementTree.parse(path).getroot()
    cases = list(root.iter("testcase"))
    assert root.tag == "testsuites"
    assert root.get("tests") == str(len(cases))
    assert root.get("failures") == str(len(list(root.iter("failure"))))
    assert (code == 1) is bool(list(root.iter("failure")))
    named = {case.get("name") for case in cases}
    assert {"exhaustive", *(f"{rule.id} {rule.name}" for rule in invariants.ALL)} <= named


def test_all_files_are_written_in_one_run_and_said(tmp_path: Path, capsys: Any) -> None:
    paths = {kind: tmp_path / f"verdict.{kind}" for kind in ("json", "html", "junit")}
    options = [word for kind, path in paths.items() for word in (f"--{kind}", str(path))]

    assert cli.call([*HOLDS, *options]) == 0

    said = capsys.readouterr().out
    for path in paths.values():
        assert path.stat().st_size
        assert str(path) in said.replace("\n", "")
    assert len(list(tmp_path.iterdir())) == 3
