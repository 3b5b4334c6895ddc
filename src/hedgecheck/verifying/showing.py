"""A failing execution in a verdict, and in the message of a test that failed."""

from collections.abc import Callable
from typing import Any

from hedgecheck.report.verdict import Counterexample, Frame, Report
from hedgecheck.simulate.failure import Failure
from hedgecheck.verifying.budget import Budget, arguments_of
from hedgecheck.verifying.settings import asked


def again(report: Report, failure: Failure, executions: int, search: str = "") -> str:
    """How far from the plain execution, and how to see it again. ``search``: the line that finds it again,
    where its seed was drawn."""
    lines = [
        f"  {failure.deviations}. Execution {failure.execution} of {executions}. "
        "The same trace in 2 of 2 re-runs."
    ]
    if failure.nearest:
        lines.append(f"  {failure.nearest}")
    example_of = report.counterexamples[0]
    if search:
        lines.append(f"  search:  {search}")
    lines.append(f"  replay:  {example_of.replay}")
    lines.append(f'  pin:     @hedgecheck.example("{failure.token}")')
    return "\n".join(lines)


def counterexample(fn: Callable[..., Any], failure: Failure, budget: Budget, command: str) -> Counterexample:
    """The failure as the verdict holds it. ``command`` runs the test alone, empty outside of pytest."""
    frames = tuple(
        Frame(round(each.at * 1e9), (f"{each.who} {each.text}",), (each.fault,) if each.fault else ())
        for each in failure.lines
    )
    return Counterexample(
        invariant=failure.id,
        why=failure.why,
        token=failure.token,
        steps=failure.steps,
        diagram=failure.diagram,
        pytest=_pytest_file(fn, failure, budget),
        replay=_replay_line(fn, failure.token, budget, command),
        found_after=failure.execution,
        actions_found=failure.found_faults + failure.found_holds,
        actions_shrunk=failure.faults + failure.holds,
        frames=frames,
        name=failure.name,
    )


def _replay_line(fn: Callable[..., Any], token: str, budget: Budget, command: str) -> str:
    if command:
        return asked().replay_command(command, token)
    return f'hedgecheck.check({getattr(fn, "__name__", "test")}, token="{token}"{arguments_of(budget)})'


def _pytest_file(fn: Callable[..., Any], failure: Failure, budget: Budget) -> str:
    """A test file that fails until the bot is mended."""
    module, name = getattr(fn, "__module__", "test_bot"), getattr(fn, "__name__", "test")
    return (
        f'"""{failure.name} ({failure.id}): {failure.why}"""\n\n'
        "import hedgecheck\n"
        f"import {module} as tested\n\n\n"
        "def test_counterexample():\n"
        f"    verdict = hedgecheck.check(tested.{name}, token={failure.token!r}{arguments_of(budget)})\n\n"
        '    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram\n'
    )
