"""The command line: exit codes, what it says of bad input, and the verdict it writes."""

import json
from pathlib import Path

import pytest

from hedgecheck import cli, invariants, prices
from hedgecheck.errors import PricesMissing
from hedgecheck.explore.goals import GOALS

Z001_TOKEN = "hc1-DQAABHAxYTEAAAIHDAAIPbQ"
SMALL = ["--executions", "60", "--seed", "1"]


@pytest.mark.parametrize(
    ("arguments", "cause", "cure"),
    [
        (["bogus"], "No such command 'bogus'", "hedgecheck --help"),
        (["verify", "--seed", "x"], "--seed", "hedgecheck --help"),
        (["verify", "--nonsense"], "--nonsense", "hedgecheck --help"),
        (["verify", "--budget", "5x"], "'5x' is no duration", "45s, 10m or 8h"),
        (["verify", "--budget", "0s"], "'0s' is no duration", "45s, 10m or 8h"),
        (["verify", "--prices", "goog"], "No prices for 'goog'", "aapl, ibm, msft"),
        (["verify", "--prices", "ibm", "--no-prices"], "exclude each other", "Choose one"),
        (["verify", "nosuch"], "'nosuch' is no target", "module:factory"),
        (["verify", "nosuch:thing"], "cannot be loaded", "importable"),
        (["verify", "json:loads"], "cannot be called", "without arguments"),
        (["verify", "builtins:dict"], "has no initial, step, belief", "hedgecheck.world.Engine"),
        (["verify", "tests/test_x.py::test_y"], "pytest test", "Run it with pytest"),
        (["fuzz", "core", "core", "--json", "x.json"], "several targets", "one by one"),
        (["verify", "--json", "/nosuch/x.json"], "no folder /nosuch", "Make it first"),
        (["verify", "--json", "/"], "is a folder", "Name a file"),
        (["fuzz", "core", "core", "--html", "x.html"], "several targets", "one by one"),
        (["verify", "--html", "/nosuch/x.html"], "no folder /nosuch", "Make it first"),
        (["verify", "--junit", "/"], "is a folder", "Name a file"),
        (["replay", "xyz"], "no token", "Copy it again"),
        (["replay", "hc2-abcdef"], "format 2", "hc2-"),
        (["replay", Z001_TOKEN[:-4]], "bytes", "copy it again"),
    ],
)
def test_bad_input_exits_64_with_cause_and_cure(arguments, cause, cure, capsys):
    code = cli.call(arguments)

    said = " ".join(capsys.readouterr().err.split())
    assert code == 64
    assert cause in said
    assert cure in said


def test_a_run_that_holds_exits_0_and_writes_the_verdict(tmp_path: Path, capsys):
    path = tmp_path / "verdict.json"

    code = cli.call(["verify", *SMALL, "--json", str(path)])

    verdict = json.loads(path.read_text())
    assert code == 0
    assert (verdict["schema"], verdict["verdict"], verdict["seed"]) == (1, "holds", 1)
    assert verdict["target"] == "bundled core (not your bot)"
    explorers = {each["name"]: each for each in verdict["explorers"]}
    assert set(explorers) == {"fuzz", "hypothesis", "exhaustive"}
    assert all(each["steps"] > 0 and not each["truncated"] for each in explorers.values())
    assert all(explorers[name]["executions"] >= 60 for name in ("fuzz", "hypothesis"))
    assert explorers["exhaustive"]["edges"] > explorers["exhaustive"]["states"] > 0
    assert [each["id"] for each in verdict["sometimes"]] == [goal.id for goal in GOALS]
    assert any(each["reached"] for each in verdict["sometimes"])
    assert [each["id"] for each in verdict["invariants"]] == [rule.id for rule in invariants.ALL]
    assert capsys.readouterr().out.startswith(
        "hedgecheck verify core --seed 1 --executions 60 --prices aapl\n"
    )


def test_verdict_has_exactly_the_fields_of_schema_1(tmp_path: Path):
    path = tmp_path / "verdict.json"

    code = cli.call(
        ["fuzz", "tests.canary.engines:z001", "--seed", "0", "--executions", "50", "--json", str(path)]
    )

    verdict = json.loads(path.read_text())
    assert code == 1
    assert list(verdict) == [
        *("schema", "verdict", "target", "seed", "replay", "explorers", "invariants", "faults"),
        *("sometimes", "calls", "counterexamples"),
    ]
    assert set(verdict["explorers"][0]) == {
        *("name", "verdict", "executions", "steps", "states", "edges", "seconds", "truncated", "scope"),
    }
    assert set(verdict["invariants"][0]) == {"id", "name", "verdict", "why", "checks", "nonvacuous_checks"}
    assert set(verdict["faults"][0]) == {"id", "name", "spent"}
    assert set(verdict["sometimes"][0]) == {"id", "reached"}
    assert set(verdict["calls"][0]) == {"action", "tried", "enabled", "accepted", "rejected"}
    assert set(verdict["counterexamples"][0]) == {"invariant", "token", "steps", "diagram", "pytest"}


def test_a_broken_rule_exits_1_and_the_printed_command_replays_it(capsys):
    code = cli.call(["fuzz", "tests.canary.engines:z001", "--seed", "0", "--executions", "50"])
    out = capsys.readouterr().out

    command = next(line.split("hedgecheck ", 1)[1] for line in out.splitlines() if "replay:" in line)
    again = cli.call(command.split())
    shown = capsys.readouterr().out

    assert (code, again) == (1, 1)
    diagram = [line for line in shown.splitlines() if line.startswith("  t=")]
    assert diagram == [line for line in out.splitlines() if line.startswith("  t=")]


def test_printed_pytest_file_fails_on_the_defect_and_passes_on_the_sound_core(tmp_path: Path):
    path = tmp_path / "verdict.json"
    cli.call(["fuzz", "tests.canary.engines:z001", "--seed", "0", "--executions", "50", "--json", str(path)])
    source = json.loads(path.read_text())["counterexamples"][0]["pytest"]

    def run(text: str) -> None:
        names: dict[str, object] = {}
        exec(compile(text, "test_counterexample.py", "exec"), names)
        next(value for name, value in names.items() if name.startswith("test_"))()

    with pytest.raises(AssertionError):
        run(source)
    run(source.replace("tests.canary.engines:z001", "core"))


def test_engine_that_never_trades_is_unknown_and_exits_2(tmp_path: Path):
    path = tmp_path / "verdict.json"

    code = cli.call(["fuzz", "tests.unit.cli.engines:Refuser", *SMALL, "--json", str(path)])

    verdict = json.loads(path.read_text())
    assert code == 2
    assert verdict["verdict"] == "unknown"
    unknown = [each for each in verdict["invariants"] if each["verdict"] == "unknown"]
    assert {"I01", "I05", "I07"} <= {each["id"] for each in unknown}
    assert all(each["nonvacuous_checks"] == 0 and each["why"] for each in unknown)


def test_replay_on_the_sound_core_passes_now(capsys):
    code = cli.call(["replay", Z001_TOKEN])

    assert code == 0
    assert "passes now" in capsys.readouterr().out


def test_a_defect_of_our_own_exits_70(monkeypatch, capsys):
    def fails(*_: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr("hedgecheck.runner.replayed", fails)

    code = cli.call(["replay", Z001_TOKEN])

    assert code == 70
    assert "planted" in capsys.readouterr().err


def test_missing_price_package_is_said_and_the_run_goes_on(monkeypatch, capsys):
    def missing(symbol: str) -> tuple[int, ...]:
        raise PricesMissing(f"no {symbol}")

    monkeypatch.setattr(prices, "moves", missing)

    code = cli.call(["fuzz", *SMALL])

    assert code in (0, 2)
    assert "left out: real price moves" in capsys.readouterr().out


def test_asking_for_prices_that_are_not_installed_is_an_error(monkeypatch, capsys):
    monkeypatch.setattr(
        "hedgecheck.packages.import_module", lambda name: (_ for _ in ()).throw(ImportError(name))
    )
    prices.closes.cache_clear()
    prices.moves.cache_clear()

    code = cli.call(["verify", "--prices", "ibm"])

    assert code == 64
    assert "pip install 'hedgecheck[prices]'" in " ".join(capsys.readouterr().err.split())


def test_requirements_prints_every_requirement_as_json(capsys):
    code = cli.call(["requirements", "--json"])

    rows = json.loads(capsys.readouterr().out)
    assert code == 0
    assert next(row for row in rows if row["id"] == "CH-05")["tests"]


def test_requirements_outside_a_checkout_says_where_to_run_it(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    code = cli.call(["requirements"])

    assert code == 64
    assert "checkout" in capsys.readouterr().err


def test_version(capsys):
    assert cli.call(["--version"]) == 0
    assert capsys.readouterr().out.startswith("hedgecheck ")


def test_engine_that_ends_its_process_leaves_the_verdict_unknown(capsys):
    code = cli.call(["fuzz", "tests.unit.cli.engines:Quitter", *SMALL])

    assert code == 2
    assert "worker process ended" in capsys.readouterr().err


def test_engine_that_raises_breaks_liveness_and_is_named(capsys):
    code = cli.call(["fuzz", "tests.unit.cli.engines:Thrower", *SMALL])

    assert code == 1
    assert "the engine raised ValueError: not today" in " ".join(capsys.readouterr().out.split())


def test_nothing_asked_for_shows_the_help_and_no_error(capsys):
    code = cli.call([])

    said = capsys.readouterr()
    assert code == 0
    assert "verify" in said.out
    assert said.err == ""
