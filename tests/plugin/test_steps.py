"""A replay that stops in the debugger."""

import sys
from time import perf_counter

import pytest

from hedgecheck.simulate import watchdog
from hedgecheck.simulate.watchdog import LOOKS, PATIENCE_SECONDS
from tests.plugin.runs import BROKEN, DRAWN_LINE, HEADLINE, command_in, run

pytest_plugins = ["pytester"]


def test_replay_stops_once_at_the_step_that_is_asked_for(project, monkeypatch):
    project.makepyfile(test_bots=BROKEN)
    first, _ = run(project)
    drawn = DRAWN_LINE.findall(first)
    sent = [mark for _, mark in drawn].index(">")
    stops = []

    def hook():
        frame, names = sys._getframe(1), []
        line = frame.f_locals["line"]
        while frame is not None:
            names.append(frame.f_code.co_name)
            frame = frame.f_back
        stops.append((f"{line.at:.3f}", line.text.startswith("->") and "enter" in names))

    monkeypatch.setattr(sys, "breakpointhook", hook)
    places = (0, sent, len(drawn) - 1)
    for place in places:
        said, code = run(project, *command_in(first, "replay"), f"--hedgecheck-step={place + 1}")
        assert code == 1
        assert HEADLINE in said

    assert stops == [(drawn[place][0], place == sent) for place in places]

    said, _ = run(project, *command_in(first, "replay"), f"--hedgecheck-step={len(drawn) + 1}")
    assert f"is past the end: this execution has {len(drawn)} steps" in said


def test_who_stands_still_in_a_debugger_is_not_taken_for_a_bot_that_blocks(project, monkeypatch):
    project.makepyfile(test_bots=BROKEN)
    first, _ = run(project)
    looked = []

    def hook():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(watchdog, "PATIENCE_SECONDS", 0.02)
            end = perf_counter() + 2 * PATIENCE_SECONDS / LOOKS
            while perf_counter() < end:
                looked.append("")

    monkeypatch.setattr(sys, "breakpointhook", hook)
    said, _ = run(project, *command_in(first, "replay"), "--hedgecheck-step=2")

    assert looked
    assert HEADLINE in said


SCRIPTED = """
import io, pathlib, pdb, sys

class Debugger(pdb.Pdb):
    def __init__(self, **more):
        script = io.StringIO(pathlib.Path("script").read_text())
        super().__init__(stdin=script, stdout=sys.stdout, nosigint=True, **more)
        self.use_rawinput = False
"""


def at_line(text):
    """Commands that stop at this line of the bot. The file lacks the first, empty line."""
    return f"break test_bots.py:{BROKEN[: BROKEN.index(text)].count(chr(10))}\ncontinue\n"


def debugged(project, commands, bot=BROKEN):
    """A replay that stops where the bot first sends something, and in which somebody types these."""
    project.makepyfile(test_bots=bot, scripted=SCRIPTED)
    project.syspathinsert()
    first, _ = run(project)
    step = [mark for _, mark in DRAWN_LINE.findall(first)].index(">") + 1
    (project.path / "script").write_text(f"p 'text is', line.text\n{commands}quit\n")
    debugging = (f"--hedgecheck-step={step}", "--pdbcls=scripted:Debugger")
    said, code = run(project, *command_in(first, "replay"), *debugging)
    assert f"hedgecheck: step {step}, t=0.000" in said
    assert "('text is', '-> create_order" in said
    return said, code


@pytest.mark.parametrize(
    ("commands", "bot"),
    [("", BROKEN.replace("ccxt.NetworkError", "Exception")), (at_line("order = await"), BROKEN)],
    ids=["where it stopped, and the bot catches all", "in the bot"],
)
def test_debugger_can_be_left(project, commands, bot):
    said, code = debugged(project, commands, bot)

    assert code == pytest.ExitCode.INTERRUPTED
    assert ("enter()" in said) == bool(commands)
    assert "Quitting debugger" in said
    assert "Falsified" not in said


def test_debugger_stops_in_the_execution_that_was_asked_for_and_in_no_other(project):
    said, code = debugged(project, at_line("return order"))  # only the nearest passing one gets there

    assert code == 1
    assert "enter()" not in said
    assert HEADLINE in said
