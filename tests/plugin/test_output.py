"""What a run prints, alone and with workers, and what it loads."""

import re
import zlib

import pytest

from tests.plugin.runs import BROKEN, HEADLINE, HOLDS, command_in, python, run, store_of

pytest_plugins = ["pytester"]


def told_once(said):
    """How to see it again, the rule and the diagram are each there once, in this order; and pytest's summary,
    which is one line for each failed test, has the headline alone."""
    whole, _, summary = said.partition("short test summary info")
    parts = ("  replay:  pytest", HEADLINE, "t         t", "<- rule broken", "  pin:  ")
    assert [whole.count(each) for each in parts] == [1] * len(parts)
    assert sorted(whole.index(each) for each in parts) == [whole.index(each) for each in parts]
    assert [summary.count(each) for each in parts] == [0, 1, 0, 0, 0]
    return True


@pytest.mark.parametrize("shown", [(), ("-vv",), ("--tb=short",), ("--tb=native",)], ids=" ".join)
def test_failure_is_told_once_with_the_line_that_replays_it_first(project, shown):
    project.makepyfile(test_bots=BROKEN)

    said, code = run(project, "-v", "--hedgecheck-executions=8", "--hedgecheck-profile=ci", *shown)

    assert code == 1
    assert told_once(said)


def test_statistics_are_of_each_test(project):
    project.makepyfile(test_bots=BROKEN, test_good=HOLDS)

    said, code = run(project, "--hedgecheck-stats", "-vv", "-m", "hedgecheck")

    assert code == 1
    assert told_once(said)
    rows = dict(re.findall(r"^(test_\w+\.py::\S+)  (\d.*)$", said, re.M))
    assert sorted(rows) == [
        "test_bots.py::test_bot",
        "test_good.py::TestOfBots::test_method[buy]",
        "test_good.py::TestOfBots::test_method[sell]",
        "test_good.py::test_drawn",
        "test_good.py::test_fixtures",
    ]
    assert re.fullmatch(
        r"5 executions \| \d+ steps \| \d+\.\d\d s \| [\d,]+ executions/s \| faults: F\d\d 1 "
        r"\| ways: 1 default; 1 one deviation; 3 order of tasks",
        rows["test_good.py::test_fixtures"],
    )
    assert "30 executions" in rows["test_good.py::test_drawn"]
    assert "hedgecheck ===" not in run(project, "test_good.py", "-k", "fixtures")[0]


def test_statistics_say_where_everything_there_is_was_tried(project):
    project.makepyfile(HOLDS)
    told = ("-k", "fixtures", "--hedgecheck-stats", "--hedgecheck-exhaustive=0")

    whole, code = run(project, *told, "--hedgecheck-executions=500")

    assert code == 0, whole
    assert "all there are within the bounds" in whole
    assert "all there are" not in run(project, *told, "--hedgecheck-executions=2")[0]


def test_workers_tell_the_same_once_with_the_same_seeds(project):
    grouped = BROKEN.replace("@hedgecheck", '@pytest.mark.xdist_group("venue")\n@hedgecheck')
    seed = "from hedgecheck.verifying.nodes import current; Path('seed').write_text(str(current().seed))"
    grouped = grouped.replace("    exchange = sim", f"    {seed}\n    exchange = sim")
    project.makepyfile(test_bots=grouped, test_good=HOLDS)
    common = ("-m", "pytest", "-q", "-pno:cacheprovider", "-pno:hypothesispytest", "--hedgecheck-stats")

    done = python(project, *common, "-n2", "--dist=loadgroup", "--hedgecheck-profile=ci")

    assert done.returncode == 1
    assert told_once(done.stdout), done.stdout
    assert command_in(done.stdout, "replay")[0] == "test_bots.py::test_bot"
    assert (project.path / "seed").read_text() == str(zlib.crc32(b"test_bots.py::test_bot"))
    assert len(re.findall(r"^test_\S+  .* steps \| ", done.stdout, re.M)) == 5
    assert "1 failed, 5 passed" in done.stdout
    assert store_of(project) == []


def test_last_failed_first_failure_and_names_select_as_ever(project):
    project.makepyfile(test_bots=BROKEN, test_good=HOLDS)
    ordinary = ("-q", "-pno:asyncio", "-pno:xdist", "-p", "cacheprovider", "--hedgecheck-profile=ci")

    stopped = project.runpytest_inprocess(*ordinary, "-x").stdout.str()
    last = project.runpytest_inprocess(*ordinary, "--lf").stdout.str()
    named = project.runpytest_inprocess(*ordinary, "-k", "method and sell").stdout.str()

    assert "stopping after 1 failures" in stopped
    assert "\n1 failed in" in last
    assert "1 passed, 5 deselected" in named


def modules(project, *options):
    """The exit code of a run, and what it loaded."""
    code = (
        "import pytest, sys; code = pytest.main(sys.argv[1:]); print('exit', int(code), *sorted(sys.modules))"
    )
    done = python(
        project, "-c", code, "-q", "-pno:cacheprovider", *options, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"
    )
    _, exit, *names = done.stdout.splitlines()[-1].split()
    return int(exit), set(names)


@pytest.mark.parametrize("settings", ["", "[tool.hedgecheck]\nexecutions = 5\n"])
def test_run_without_verified_tests_loads_the_plugin_and_nothing_else(project, settings):
    project.makepyfile("def test_plain(): pass\ndef test_wrong(): assert False")
    project.makepyprojecttoml(settings)

    exit, loaded = modules(project, "-phedgecheck.pytest_plugin")

    assert exit == 1
    assert loaded - modules(project)[1] == {"hedgecheck", "hedgecheck.pytest_plugin"}


def test_run_that_is_told_settings_loads_nothing_of_the_simulator(project):
    project.makepyfile("def test_plain(): pass")

    told = ("--hedgecheck-executions=5", "--hedgecheck-stats")
    exit, loaded = modules(project, "-phedgecheck.pytest_plugin", *told)

    assert exit == 0
    assert not loaded & {"hypothesis", "numpy", "ccxt", "rich", "hedgecheck.simulate"}
