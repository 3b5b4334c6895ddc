"""``hedgecheck stress``: exit codes, what it says of bad input, what it writes and what it replays."""

import json
import signal
import sys
from pathlib import Path

import pytest

from hedgecheck import UsageError, cli
from hedgecheck.stress import models, parts
from hedgecheck.stress.keeping import ResultDirectory
from hedgecheck.stress.models import Scenario, ScenarioResult
from hedgecheck.stress.parameters import types
from hedgecheck.stress.results import read
from hedgecheck.stress.runner import StressTestRunner
from hedgecheck.stress.transforming import registry
from hedgecheck.stress.watching import Bars
from tests.unit.cli.stressing import kit, said, stress
from tests.unit.stress import fakes

__all__ = ["kit"]
pytestmark = pytest.mark.usefixtures("kit")
EXECUTOR_OF = parts.executor_of
FLASH, DROUGHT, WRONG = "BTC Flash Crash 2021", "ETH Liquidity Collapse", "Wrong"


@pytest.mark.covers("SR-17")
def test_library_as_json_is_a_list_of_name_type_description_parameters(capsys):
    assert stress("list", "--json") == 0

    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [FLASH, DROUGHT, WRONG]
    assert rows[1] == {
        "name": DROUGHT,
        "type": "flash_crash",
        "description": "30% drop in 5 bars",
        "parameters": {"liquidity_drop_pct": 0.95},
    }


def test_library_is_listed(capsys):
    assert stress("list") == 0

    words = said(capsys)
    assert DROUGHT in words
    assert "30% drop in 5 bars" in words


@pytest.mark.covers("SR-08")
@pytest.mark.parametrize("seed", [0, 9])
def test_run_tells_first_how_to_replay_and_then_what_came_of_it(capsys, seed: int):
    code = stress("run", FLASH, "--seed", seed, "--set", "drop_pct=0.2")

    lines = capsys.readouterr().out.splitlines()
    told = " ".join(" ".join(lines).split())
    assert code == 0
    assert lines[0] == f"hedgecheck stress run 'BTC Flash Crash 2021' --seed {seed} --set=drop_pct=0.2"
    assert f"flash crash, seed {seed}: 30% drop in 5 bars" in told
    for figure in ("P&L", "worst drawdown", "win rate │ 45.50 %", "trades │ 11", "rejected"):
        assert figure in told
    assert "302 │ 2021-05-19 13:03:00 │ breaker DRAWDOWN │ drawdown 3.2 % is over 3 %" in told
    assert "data issues │ price jump 1" in told
    assert "I001 │ positions match fills" in told
    assert lines[-1].startswith("verdict: holds")


def test_command_that_is_printed_does_the_same_again(tmp_path: Path, capsys):
    first, again = tmp_path / "first.json", tmp_path / "again.json"
    stress("run", FLASH, "--seed", 9, "--bars", 50, "--set", "drop_pct=0.2", "--json", first)
    import shlex  # noqa: PLC0415

    replayed = shlex.split(capsys.readouterr().out.splitlines()[0])[1:]

    assert cli.call([*replayed, "--json", str(again)]) == 0
    assert again.read_bytes() == first.read_bytes()


def test_run_writes_result_and_page_and_keeps_it(tmp_path: Path):
    path, page, out = tmp_path / "x.json", tmp_path / "x.html", tmp_path / "kept"

    code = stress("run", FLASH, "--bars", 700, "--json", path, "--html", page, "--out", out)

    result = read(path.read_text())
    assert code == 0
    assert result.scenario.parameters == {"bars": 700}
    assert ResultDirectory(out).load(FLASH) == result
    assert "<title>holds: BTC Flash Crash 2021 - hedgecheck</title>" in page.read_text()


def test_name_is_found_in_any_case(capsys):
    assert stress("run", FLASH.lower()) == 0


def test_run_that_fails_exits_1_and_says_why(capsys):
    assert stress("run", WRONG) == 1

    assert "verdict: failed - ValueError: no such price" in said(capsys)


def test_other_data_are_another_scenario(tmp_path: Path):
    path = tmp_path / "x.json"
    stress("run", FLASH, "--data", "real", "--json", path)

    result = read(path.read_text())

    assert result.name == "BTC Flash Crash 2021 [real]"
    assert result.scenario.parameters["source"] == "real"


def test_own_components_are_made_in_the_process_of_the_run():
    assert stress("run", FLASH, "--components", "tests.unit.stress.fakes:executor") == 0


def test_scenario_of_a_file_is_run(tmp_path: Path, monkeypatch, capsys):
    path = tmp_path / "mine.toml"
    path.write_text("")
    monkeypatch.setattr(parts, "scenarios_in", lambda file: (Scenario(file.stem, "pump_dump", seed=3),))

    assert stress("run", path) == 0
    assert "pump dump, seed 3" in said(capsys)


ADDED = """
from hedgecheck.stress.parameters import Parameters
from hedgecheck.stress.transforming import register

class DripParameters(Parameters):
    "Nothing."

register("drip", DripParameters, lambda given, symbols: [])
"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a scenario of a type that the module ``own_drip`` of its folder adds; forgotten
    afterwards."""
    for module, name in ((models, "_ADDED"), (models, "_HOMES"), (types, "_MODELS"), (registry, "_MAKERS")):
        monkeypatch.setattr(module, name, dict(getattr(module, name)))
    monkeypatch.setitem(sys.modules, "own_drip", None)
    monkeypatch.delitem(sys.modules, "own_drip")
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "own_drip.py").write_text(ADDED)
    file = tmp_path / "mine.toml"
    file.write_text('name = "Mine"\ntype = "drip"\n')
    return file


@pytest.mark.covers("EX-01")
def test_type_of_a_loaded_module_is_read_run_and_shown(added: Path, tmp_path: Path, capsys):
    assert stress("run", added) == 64
    assert "no scenario type 'drip'" in said(capsys)

    assert stress("--load", "own_drip", "run", added, "--json", tmp_path / "x.json") == 0
    assert capsys.readouterr().out.startswith(f"hedgecheck stress --load=own_drip run {added}")
    assert stress("show", tmp_path / "x.json") == 0
    assert "drip, seed" in said(capsys)


def test_type_that_the_process_of_the_run_does_not_know_is_refused(monkeypatch):
    monkeypatch.setattr(models, "_ADDED", {})
    unknown = Scenario("x", models.add_type("drip"))

    with pytest.raises(UsageError, match="no scenario type 'drip'"):
        StressTestRunner(fakes.executor).run(unknown)


@pytest.mark.parametrize(
    ("named", "why"),
    [("FakeExecutor", "is no factory of components"), ("scenario", "made no components, but Scenario")],
)
def test_what_makes_no_components_is_refused_with_what_does(named: str, why: str):
    executor = EXECUTOR_OF(f"tests.unit.stress.fakes:{named}")

    with pytest.raises(UsageError, match=f"{why}.*components_from"):
        executor.run(Scenario("x", "flash_crash", parameters={"bars": 30, "recovery_bars": 5}))


def test_sources_of_a_batch_have_commas_between_and_within(tmp_path: Path):
    data = "synthetic, packaged:sp500,aapl,csv:x,y.csv"

    stress("batch", FLASH, "--data", data, "--json", tmp_path / "b.json")

    results = json.loads((tmp_path / "b.json").read_text())["results"]
    assert [each["scenario"]["parameters"]["source"] for each in results] == [
        "synthetic",
        "packaged:sp500,aapl",
        "csv:x,y.csv",
    ]


def test_batch_of_fewer_bars_says_so_of_each(tmp_path: Path):
    stress("batch", FLASH, DROUGHT, "--bars", 50, "--json", tmp_path / "b.json")

    asked = [
        each["scenario"]["parameters"] for each in json.loads((tmp_path / "b.json").read_text())["results"]
    ]
    assert asked == [{"bars": 50}, {"liquidity_drop_pct": 0.95, "bars": 50}]


def test_batch_prints_its_totals_and_writes_them(tmp_path: Path, capsys):
    path, page = tmp_path / "b.json", tmp_path / "b.html"

    code = stress("batch", FLASH, WRONG, "--json", path, "--html", page)

    told = said(capsys)
    content = json.loads(path.read_text())
    assert code == 1
    assert told.startswith("hedgecheck stress batch 'BTC Flash Crash 2021' Wrong ")
    assert "Total scenarios: 2 Successful: 1 Avg win rate: 45.5% Worst DD:" in told
    assert "Wrong: ValueError: no such price" in told
    assert (content["total_scenarios"], content["successful"], content["avg_winrate"]) == (2, 1, 45.5)
    assert "1 of 2 failed: Wrong" in page.read_text()


def test_all_of_the_library_is_run_on_synthetic_and_on_real_data(tmp_path: Path):
    path = tmp_path / "b.json"

    code = stress("batch", "--library", "--sequential", "--json", path)

    names = [each["scenario_name"] for each in json.loads(path.read_text())["results"]]
    assert code == 1
    assert names == [f"{name} [{data}]" for name in (FLASH, DROUGHT, WRONG) for data in ("synthetic", "real")]


def test_scenario_that_is_out_of_time_is_said_so(tmp_path: Path, monkeypatch, capsys):
    endless = Scenario("Endless", "flash_crash", parameters={"do": "never end"})
    monkeypatch.setattr(parts, "scenarios_in", lambda _: (endless,))
    path = tmp_path / "x.toml"
    path.write_text("")

    assert stress("batch", path, "--timeout", 0.2) == 1
    assert "Endless: took longer than its time-out of 0.2 s" in said(capsys)


def test_interrupted_batch_exits_2_and_keeps_what_is_finished(tmp_path: Path, monkeypatch, capsys):
    def interrupt(self: Bars, result: ScenarioResult) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Bars, "finished", interrupt)
    path = tmp_path / "b.json"

    code = stress("batch", FLASH, DROUGHT, "--sequential", "--json", path)

    content = json.loads(path.read_text())
    assert code == 2
    assert (content["partial"], content["unfinished"]) == (True, [DROUGHT])
    assert [each["scenario_name"] for each in content["results"]] == [FLASH]
    assert "interrupted: 1 of 2 scenarios did not come to an end." in said(capsys)


def test_interrupted_run_exits_130(monkeypatch):
    monkeypatch.setattr(Bars, "started", lambda *_: signal.raise_signal(signal.SIGINT))

    assert stress("run", FLASH) == 130


# ---- what makes no sense


@pytest.mark.parametrize(
    ("arguments", "cause", "cure"),
    [
        (
            ["run", "BTC Flsh Crash 2021"],
            "no scenario 'BTC Flsh Crash 2021'",
            "Is 'BTC Flash Crash 2021'",
        ),
        (["run", "zzz"], "no scenario 'zzz'", "There are BTC Flash Crash 2021"),
        (["run", "nosuch.toml"], "no file nosuch.toml", "Name one"),
        (["run", FLASH, "--set", "drop_pct"], "--set drop_pct", "NAME=VALUE"),
        (["run", FLASH, "--set", "do=refuse"], "drop_pct is 3", "Give a fraction"),
        (["run", FLASH, "--json", "/nosuch/x.json"], "no folder /nosuch", "Make it first"),
        (["run", FLASH, "--html", "/"], "is a folder", "Name a file"),
        (["run", FLASH, "--components", "nosuch:thing"], "cannot be loaded", "importable"),
        (["run", FLASH, "--components", "nosuch"], "is no target", "module:factory"),
        (["run"], "Missing argument", "hedgecheck --help"),
        (["batch"], "Name scenarios", "--library"),
        (["batch", FLASH, "--library"], "Name scenarios", "--library"),
        (["batch", FLASH, FLASH], "twice", "Leave one out"),
        (["batch", FLASH, "--max-workers", "0"], "--max-workers", "hedgecheck --help"),
        (["show", "/nosuch.json"], "cannot be read", "Name a result"),
        (["show", "tests"], "no results in tests", "--out tests"),
        (["show", "setup.cfg"], "is no JSON", "take another file"),
        (["compare", "setup.cfg"], "is no folder", "a later result, too"),
        (["compare", "tests"], "no scenario with two results", "--out tests"),
    ],
)
def test_bad_input_exits_64_with_cause_and_cure(arguments: list[str], cause: str, cure: str, capsys):
    code = stress(*arguments)

    words = said(capsys)
    assert code == 64
    assert cause in words
    assert cure in words


def test_a_cache_that_is_a_file_is_refused_before_anything_runs(tmp_path: Path, capsys):
    (tmp_path / "candles").touch()

    assert stress("run", FLASH, "--cache", tmp_path / "candles") == 64

    assert "--cache" in (told := said(capsys))
    assert "is a file" in told
