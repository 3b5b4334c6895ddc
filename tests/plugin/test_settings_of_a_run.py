"""Where a setting comes from, what makes no sense, and which seed a test gets."""

import re
import zlib
from types import SimpleNamespace

import pytest

from hedgecheck import pytest_plugin
from tests.plugin.runs import BROKEN, HOLDS, command_in, python, run, store_of, token_in

pytest_plugins = ["pytester"]


def test_each_setting_comes_from_where_it_is_said_first(project, budgets, monkeypatch):
    project.makepyfile(HOLDS)
    project.makepyprojecttoml(
        '[tool.hedgecheck]\nexecutions = 4\nmax_faults = 3\nseed = 11\nbudget_seconds = 90\nprofile = "ci"\n'
    )

    def seen(*arguments):
        budgets.clear()
        said, code = run(project, "-k", "fixtures", *arguments)
        assert code == 0, said
        ((_, budget),) = budgets
        return budget.executions, budget.max_faults, budget.seed, budget.seconds

    assert seen() == (4, 3, 11, 90)
    monkeypatch.setenv("HEDGECHECK_EXECUTIONS", "3")
    monkeypatch.setenv("HEDGECHECK_MAX_FAULTS", "0")
    assert seen() == (3, 0, 11, 90)
    assert seen("--hedgecheck-executions", "2", "--hedgecheck-seed", "0") == (2, 0, 0, 90)
    assert seen("--hedgecheck-executions=1", "--hedgecheck-profile=nightly") == (20, 0, 11, 90)

    budgets.clear()
    run(project, "-k", "fixtures", "--hedgecheck-exhaustive=all")
    assert [budget.exhaustive for _, budget in budgets] == ["all"]

    monkeypatch.delenv("HEDGECHECK_MAX_FAULTS")
    project.makepyprojecttoml("")
    project.makepyfile(HOLDS.replace("executions=5", "executions=5, seed=9, max_faults=2"))
    assert seen("--hedgecheck-profile=ci") == (3, 2, 9, None)


def test_what_makes_no_sense_is_one_usage_error_and_no_test_runs(project, monkeypatch):
    project.makepyfile(HOLDS)
    project.makepyprojecttoml("[tool.hedgecheck]\nexecution = 4\n")
    said, code = run(project)

    assert code == pytest.ExitCode.USAGE_ERROR
    assert said.count("has no setting 'execution'. Is executions meant?") == 1
    assert "passed" not in said
    assert run(project, "-k", "nothing")[1] == pytest.ExitCode.USAGE_ERROR

    done = python(project, "-m", "pytest", "-q", "-n2", "-pno:cacheprovider", "-pno:hypothesispytest")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert (done.stdout + done.stderr).count("has no setting 'execution'") == 1

    project.makepyprojecttoml("")
    for arguments in (["--hedgecheck-seed=x"], ["--hedgecheck-step=3"], ["--hedgecheck-profile=none"]):
        assert run(project, *arguments)[1] == pytest.ExitCode.USAGE_ERROR
    monkeypatch.setenv("HEDGECHECK_MAX_FAULTS", "few")
    said, code = run(project)
    assert code == pytest.ExitCode.USAGE_ERROR
    assert said.count("HEDGECHECK_MAX_FAULTS=few: it must be") == 1


def test_seed_is_of_the_node_id_in_ci_and_drawn_otherwise_and_one_for_each_test(project, budgets):
    (project.path / "deep").mkdir()
    (project.path / "deep" / "test_bots.py").write_text(HOLDS)

    def seeds(*arguments):
        budgets.clear()
        said, code = run(project, *arguments)
        assert code == 0, said
        return [budget.seed for _, budget in budgets]

    names = ["fixtures", "TestOfBots::test_method[buy]", "TestOfBots::test_method[sell]", "drawn"]
    ids = [f"deep/test_bots.py::{'' if '::' in name else 'test_'}{name}" for name in names]
    here = seeds("--hedgecheck-profile=ci")
    assert list(dict.fromkeys(here)) == [zlib.crc32(id.encode()) for id in ids]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.path / "deep")
        assert seeds("--hedgecheck-profile=ci", "--rootdir", str(project.path)) == here
    drawn, again = seeds(), seeds()
    assert len(set(drawn)) == len(ids)  # also where Hypothesis calls one of them many times
    assert not set(drawn) & set(again)


def test_drawn_seed_is_printed_in_a_line_that_finds_the_same_again(project):
    project.makepyfile(test_bots=BROKEN)
    first, code = run(project, "--hedgecheck-executions=399")
    assert code == 1
    found = re.search(r"Execution \d+ of 399", first)[0]
    assert command_in(first, "search")[0] == "test_bots.py::test_bot"

    (kept,) = store_of(project)
    kept.unlink()
    again, code = run(project, *command_in(first, "search"))

    assert found in again
    assert token_in(first) == token_in(again)
    assert "search:" not in again  # the seed was said, and is known
    with pytest.MonkeyPatch.context() as patch:
        (project.path / "deep").mkdir()
        patch.chdir(project.path / "deep")
        below, _ = run(project, "..")
    assert command_in(below, "replay")[0] == "../test_bots.py::test_bot"


NOTHING_SHOWN = """
import hedgecheck, pytest

@hedgecheck.verify(executions=3)
async def test_goal(sim):
    sim.sometimes("on the moon", lambda ledger: False)
    await sim.exchange().create_order("BTC/USDT", "market", "buy", 1)

@pytest.fixture
def made_anew():
    return []

@hedgecheck.verify(executions=3)
async def test_shared(sim, made_anew):
    await sim.exchange().create_order("BTC/USDT", "market", "buy", 1)
"""


def test_what_was_not_shown_names_its_seed_and_a_shared_fixture_is_refused(project):
    project.makepyfile(test_bots=NOTHING_SHOWN)

    said, _ = run(project, "-k", "goal")
    shared, _ = run(project, "-k", "shared")

    assert "never reached in 3 executions: on the moon" in said
    assert "--hedgecheck-seed" in command_in(said, "search")
    assert "FixtureScope: fixture 'made_anew' is made once for this test" in shared


def test_group_that_a_worker_adds_to_an_id_is_no_part_of_it(project):
    item = SimpleNamespace(
        nodeid="test_bots.py::test_bot[a@b]@one_two",
        iter_markers=lambda name: [pytest.mark.xdist_group(each).mark for each in ("two", "one")],
        config=SimpleNamespace(rootpath=project.path, invocation_params=SimpleNamespace(dir=project.path)),
        module=SimpleNamespace(__name__="test_bots"),
        obj=None,
    )

    node = pytest_plugin._node(item, draws=False)

    assert node.id == "test_bots.py::test_bot[a@b]"
    assert node.command == 'pytest "test_bots.py::test_bot[a@b]"'
