"""Plain tests under pytest: methods, parameters, fixtures, Hypothesis, skips, replays, steps."""

import sys

from tests.plugin.runs import BROKEN, DRAWN_LINE, HEADLINE, HOLDS, command_in, run, token_in

pytest_plugins = ["pytester"]

PLAIN = {"async def": "def", "await ": ""}
SKIPS = """
import hedgecheck, pytest

@hedgecheck.verify(executions=5)
def test_skipped(sim):
    sim.exchange().fetch_time()
    pytest.skip("no market today")

@hedgecheck.verify(executions=5)
def test_missing_fixture_scope(sim, tmp_path):
    sim.exchange().fetch_time()
"""


def plainly(source):
    """The same tests without async and await."""
    for word, instead in PLAIN.items():
        source = source.replace(word, instead)
    return source


def test_fixtures_methods_parameters_and_hypothesis_are_those_of_any_test(project):
    source = plainly(HOLDS)
    assert "async" not in source
    project.makepyfile(test_bots=source)

    said, code = run(project)

    assert code == 0, said
    assert "5 passed" in said


def test_skip_is_a_skip_and_a_fixture_of_each_test_is_refused(project):
    project.makepyfile(test_bots=SKIPS)

    said, code = run(project, "-rs")

    assert code == 1
    assert "no market today" in said
    assert "FixtureScope" in said
    assert "1 failed, 1 skipped" in said


def test_failure_is_shown_and_its_token_replays_and_pins(project):
    project.makepyfile(test_bots=plainly(BROKEN))

    said, code = run(project)
    token = token_in(said)

    assert code == 1
    assert HEADLINE in said
    again, code = run(project, *command_in(said, "replay"))
    assert code == 1
    assert DRAWN_LINE.findall(again) == DRAWN_LINE.findall(said)
    twin = BROKEN.replace("@hedgecheck.verify", f'@hedgecheck.example("{token}")\n@hedgecheck.verify')
    project.makepyfile(test_bots=twin)
    pinned, code = run(project)
    assert code == 1
    assert DRAWN_LINE.findall(pinned) == DRAWN_LINE.findall(said)


def test_step_stops_on_the_stack_of_the_bot(project, monkeypatch):
    project.makepyfile(test_bots=plainly(BROKEN))
    first, _ = run(project)
    sent = [mark for _, mark in DRAWN_LINE.findall(first)].index(">")
    stops = []

    def hook():
        frame, names = sys._getframe(1), []
        while frame is not None:
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        stops.append("enter" in names)

    monkeypatch.setattr(sys, "breakpointhook", hook)
    said, code = run(project, *command_in(first, "replay"), f"--hedgecheck-step={sent + 1}")

    assert code == 1
    assert HEADLINE in said
    assert stops == [True]
