"""What ``hedgecheck explore`` makes of its options: what is left out, what is said again, what is refused."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from hedgecheck import cli
from hedgecheck.drive import BundledCore
from hedgecheck.errors import UsageError
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.exploring import MEGABYTES, STATES, Asked, plan_of
from hedgecheck.runner import Plan, Progress, run
from hedgecheck.values import replace

ASKED = Asked(2, 0, "all", 0, None, 0, None, None, None, None, None, None, None, "1h")
TINY = ["explore", "--trades", "2", "--crashes", "0"]


class Undivided:
    """The bundled core, but for how its state falls into trades."""

    stores_first = True

    def __init__(self) -> None:
        core = BundledCore()
        self.initial, self.step, self.belief, self.owner = core.initial, core.step, core.belief, core.owner
        self.name, self.essence, self.phases = "undivided", core.essence, core.phases


class Unowned(Undivided):
    """It does not say either whose an order is."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "unowned"
        del self.owner


def planned(target: str = "core", **asked: Any) -> Plan:
    return plan_of(target, replace(ASKED, **asked), 3_600.0)


def small_of(**asked: Any) -> Small:
    (small,) = planned(**asked).scopes
    return small


def here(engine: type) -> str:
    """That engine as a target."""
    return f"{__name__}:{engine.__name__}"


# ---- what is left out --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "own"),
    [
        ({"trades": 1}, 0),
        ({}, 1),
        ({"trades": 3}, 1),
        ({"symbols": "shared"}, 0),
        ({"trades": 1, "symbols": "own"}, 1),
        ({"trades": 1, "symbols": "shared"}, 0),
    ],
    ids=str,
)
def test_several_trades_have_symbols_of_their_own_unless_told_otherwise(asked: Any, own: int) -> None:
    assert small_of(**asked).own == own
    assert scope_of(small_of(**asked)).lanes is bool(own)


@pytest.mark.parametrize(
    ("asked", "lots", "crashes"),
    [
        ({"faults": 1}, 2, 1),
        ({}, 1, 1),
        ({"faults": 1, "symbols": "shared"}, 1, 0),
        ({"faults": 1, "trades": 1}, 1, 0),
        ({"faults": 1, "lots": 1, "crashes": 0}, 1, 0),
        ({"faults": 1, "symbols": "shared", "lots": 3, "crashes": 2}, 3, 2),
    ],
    ids=str,
)
def test_own_symbols_mean_two_lots_where_faults_divide_them_and_a_crash(
    asked: Any, lots: int, crashes: int
) -> None:
    assert (small_of(**asked).lots, small_of(**asked).crashes) == (lots, crashes)


@pytest.mark.parametrize(
    ("asked", "cap", "in_flight"),
    [
        ({}, 1, 1),
        ({"trades": 3}, 2, 2),
        ({"trades": 3, "cap": 3}, 3, 3),
        ({"heat": 2}, None, 4),
        ({"heat": 2, "cap": 1}, 1, 1),
        ({"symbols": "shared"}, None, 4),
        ({"trades": 1, "symbols": "own"}, None, 4),
    ],
    ids=str,
)
def test_own_symbols_mean_a_cap_that_binds_unless_another_limit_does(
    asked: Any, cap: int | None, in_flight: int
) -> None:
    assert small_of(**asked).cap == cap
    assert scope_of(small_of(**asked)).bounds.trades_in_flight == in_flight


@pytest.mark.parametrize(
    ("target", "asked", "is_by_tables"),
    [
        ("core", {}, True),
        ("core", {"trades": 1}, False),
        ("core", {"symbols": "shared"}, False),
        ("core", {"search": "direct"}, False),
        ("core", {"symbols": "shared", "search": "table"}, True),
        (here(Undivided), {}, False),
    ],
    ids=str,
)
def test_tables_are_made_where_trades_are_apart_and_the_engine_says_how(
    target: str, asked: Any, is_by_tables: bool
) -> None:
    plan, kind = planned(target, **asked), "table" if is_by_tables else "direct"

    assert (plan.way.kind == "table") is is_by_tables
    assert (plan.bounds.states_max, plan.bounds.megabytes_max) == (STATES[kind], MEGABYTES[kind])


def test_walks_are_of_the_seed_that_is_given() -> None:
    assert (planned(search="walk", seed=7).way.kind, planned(search="walk", seed=7).seed) == ("walk", 7)
    assert (planned(search="walk").seed, planned().way.kind) == (0, "table")


def test_bounds_that_are_given_are_the_bounds() -> None:
    bounds = planned(states=7, memory=99).bounds

    assert (bounds.states_max, bounds.megabytes_max, bounds.seconds_max) == (7, 99, 3_600.0)


def test_help_says_what_is_taken_where_an_option_is_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")

    assert cli.call(["explore", "--help"]) == 0

    said = capsys.readouterr().out
    lines = {line.split()[1]: line for line in said.splitlines() if line.startswith("│ --")}
    assert "own, faults: 2, else 1" in lines["--lots"]
    assert "own: 1, else 0" in lines["--crashes"]
    assert "own, no heat: one less than trades, else 4" in lines["--cap"]
    assert "1 trade: shared, else own" in lines["--symbols"]
    assert "own: table, else direct" in lines["--search"]
    for option, most in (("--states", STATES), ("--memory", MEGABYTES)):
        assert f"table: {most['table']}, direct: {most['direct']}" in lines[option]


# ---- what is said again ------------------------------------------------------------------------------------

AGAIN: dict[str, dict[str, Any]] = {
    "one": {"trades": 1},
    "one-own": {"trades": 1, "symbols": "own", "faults": 1},
    "several": {},
    "three": {"trades": 3, "faults": 1, "kinds": "F01,f10"},
    "each": {"faults": 2, "kinds": "each", "halts": 1, "stops": 1},
    "no-crash": {"crashes": 0},
    "crashes": {"crashes": 2},
    "lots": {"faults": 1, "lots": 1},
    "cap": {"cap": 0},
    "heat": {"heat": 3},
    "both-limits": {"heat": 3, "cap": 2},
    "shared": {"symbols": "shared", "faults": 1, "crashes": 1},
    "direct": {"search": "direct", "states": 9, "memory": 50, "budget": "5m"},
    "table": {"symbols": "shared", "search": "table"},
    "fewer-orders": {"partial_order": True, "faults": 1, "memory": 50},
    "walk": {"search": "walk", "budget": "5m"},
    "seed": {"search": "walk", "seed": 7},
    "checkpoint": {"checkpoint": Path("my searches/big.ckpt")},
    "checkpoint-of-two": {"faults": 2, "checkpoint": Path("big.ckpt")},
    "two-shared-one": {"trades": 1, "symbols": "shared", "search": "direct"},
}


@pytest.mark.parametrize("asked", AGAIN.values(), ids=AGAIN)
def test_the_line_that_is_printed_makes_the_same_plan_again(
    asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    budget = asked.get("budget", "1h")
    plan = plan_of("core", replace(ASKED, **asked), cli._seconds(budget))
    plans: list[Plan] = []
    monkeypatch.setattr(cli, "_run", lambda each, _outputs: plans.append(each) or 0)

    assert cli.call(shlex.split(plan.replay)[1:]) == 0

    assert plans == [plan]


def test_a_mixture_says_which_kinds_it_has_no_room_for() -> None:
    (note,) = planned(trades=2, faults=1).notes
    (with_a_file,) = planned(trades=2, faults=2, checkpoint=Path("big.ckpt")).notes

    assert note.startswith("no room in this scope for F09 fill during modify, F24 ")
    assert with_a_file.startswith("no room in this scope for F09 fill during modify: ")
    assert planned(trades=2, faults=2).notes == planned(trades=2).notes == ()
    assert planned(trades=2, faults=2, kinds="each").notes == ()


def test_the_line_that_is_printed_first_makes_the_same_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "verdict.json"
    assert cli.call([*TINY, "--json", str(path)]) == 0
    line, first = capsys.readouterr().out.splitlines()[0], json.loads(path.read_text())

    assert cli.call([*shlex.split(line)[1:], "--json", str(path)]) == 0

    assert line == "hedgecheck explore core --trades 2 --faults 0 --lots 1 --crashes 0 --cap 1 --symbols own"
    assert capsys.readouterr().out.splitlines()[0] == line
    second = json.loads(path.read_text())
    for verdict in (first, second):
        del verdict["explorers"][0]["seconds"]
    assert first == second


# ---- what is written ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [[], ["--search", "direct"], ["--symbols", "shared"]], ids=str)
def test_json_has_states_and_edges_however_it_was_searched(more: list[str], tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"

    assert cli.call([*TINY, *more, "--json", str(path)]) == 0

    verdict = json.loads(path.read_text())
    (explorer,) = verdict["explorers"]
    assert (verdict["verdict"], explorer["truncated"]) == ("holds", False)
    assert explorer["edges"] >= explorer["states"] - 1 > 0
    assert verdict["calls"]


def test_search_by_fewer_orders_says_so_wherever_it_says_how_many_states_there_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, explorers = tmp_path / "verdict.json", []
    for more in ([], ["--partial-order"]):
        assert cli.call([*TINY, *more, "--json", str(path), "--html", str(path.with_suffix(".html"))]) == 0
        explorers += json.loads(path.read_text())["explorers"]
    said = " ".join(capsys.readouterr().out.replace("│", " ").split())

    whole, fewer = explorers
    assert ("reduction" in whole, fewer["reduction"]) == (False, "partial order")
    assert fewer["verdict"] == whole["verdict"] == "holds"
    assert fewer["states"] < whole["states"]
    assert said.count("every execution of these scopes was seen") == 1
    assert said.count("that differ in the order of independent steps one was seen") == 1
    assert said.count("the search reduced by partial order") == 1
    assert "all of its scope, reduced by partial order" in path.with_suffix(".html").read_text()


def test_one_trade_with_symbols_of_its_own_is_searched_by_tables_too() -> None:
    assert cli.call(["explore", "--symbols", "own", "--crashes", "0"]) == 0


@pytest.mark.parametrize(
    ("engine", "symbols"), [(here(Undivided), "own"), (here(Unowned), "shared")], ids=str
)
def test_an_engine_that_says_less_is_searched_state_by_state(engine: str, symbols: str) -> None:
    assert cli.call([*TINY, engine, "--symbols", symbols]) == 0


def test_walks_that_broke_nothing_leave_the_verdict_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "verdict.json"

    assert cli.call([*TINY, "--search", "walk", "--budget", "2s", "--json", str(path)]) == 2

    verdict = json.loads(path.read_text())
    (explorer,) = verdict["explorers"]
    assert (verdict["verdict"], explorer["truncated"]) == ("unknown", True)
    assert "random walks" in " ".join(capsys.readouterr().out.split())


# ---- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "cause", "cure"),
    [
        (["--symbols", "mine"], "--symbols mine", "there are own and shared"),
        (["--symbols", ""], "--symbols", "there are own and shared"),
        (["--search", "deep"], "--search deep", "there are table, direct and walk"),
        (["--search", "TABLE"], "--search TABLE", "there are table, direct and walk"),
        (["--checkpoint", "f", "--search", "direct"], "whole worlds", "Take --search table, or leave it out"),
        (["--checkpoint", "f", "--search", "walk"], "random walks begin anew", "leave it out"),
        (["--checkpoint", "f", "--faults", "1", "--kinds", "each"], "searches", "Take one of --kinds"),
        (["--checkpoint", "nowhere/f"], "nowhere/f cannot be written", "Name a file in a folder"),
        (["--seed", "0"], "--seed is of random walks", "take --search walk"),
        (["--symbols", "shared", "--search", "walk"], "symbols of their own", "Take --symbols own"),
        (["--symbols", "shared", "--search", "table"], "symbols of their own", "Take --symbols own"),
        (["--trades", "1", "--search", "table"], "symbols of their own", "Take --symbols own"),
        (["--partial-order", "--search", "direct"], "a direct search has none", "Take --symbols own"),
        (["--partial-order", "--symbols", "shared"], "a direct search has none", "Take --symbols own"),
        (["--partial-order", "--trades", "1"], "there is one", "Take --trades 2"),
        ([here(Unowned)], "unowned has no owner", "Take --symbols shared"),
        ([here(Undivided), "--search", "table"], "undivided does not say how", "Take --search direct"),
        ([here(Unowned), "--search", "direct"], "unowned has no owner", "Take --symbols shared"),
    ],
    ids=str,
)
def test_what_cannot_be_searched_so_exits_64_with_cause_and_cure(
    arguments: list[str], cause: str, cure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.call([*TINY, *arguments])

    said = " ".join(capsys.readouterr().err.split())
    assert code == 64
    assert cause in said
    assert cure in said


@pytest.mark.parametrize(
    "asked", [{"symbols": "Own"}, {"search": "tables"}, {"trades": 4}, {"cap": -1}], ids=str
)
def test_a_plan_of_unknown_words_or_impossible_numbers_is_a_usage_error(asked: Any) -> None:
    with pytest.raises(UsageError):
        planned(**asked)


# ---- what ends it early ------------------------------------------------------------------------------


@pytest.mark.parametrize("search", ["table", "direct"])
def test_an_engine_that_ends_its_process_leaves_the_verdict_unknown(
    search: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.call([*TINY, "tests.unit.cli.engines:Quitter", "--search", search])

    assert code == 2
    assert "ended without an answer" in capsys.readouterr().err


@pytest.mark.parametrize("search", ["table", "direct"])
def test_an_interrupt_ends_a_search_with_what_it_saw(search: str) -> None:
    plan = plan_of("core", replace(ASKED, trades=3, faults=2, lots=1, search=search), 600.0)
    told: list[str] = []

    def interrupt(progress: Progress) -> None:
        if progress.now and not told:
            told.append(progress.now)
            raise KeyboardInterrupt

    report = run(plan, interrupt)

    (looked,) = report.explorers[0].searches
    assert " states" in told[0]
    assert looked.verdict == "truncated"
    assert looked.why.startswith("interrupted")
    assert report.verdict == "unknown"


def test_a_second_interrupt_ends_everything() -> None:
    plan = plan_of("core", replace(ASKED, trades=3, faults=2, lots=1), 600.0)

    def interrupt(progress: Progress) -> None:
        if progress.now:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(plan, interrupt)
