"""One call of a test under ``verify``: what is pinned above it, what was kept from earlier runs, then the
search; or, where a run asks for it, one execution alone.

It raises what a verdict other than holds is called, and writes down at the node what happened.
"""

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from hedgecheck.errors import (
    Diverged,
    Falsified,
    ForeignToken,
    HedgecheckError,
    NothingHappened,
    PortabilityWarning,
    TokenError,
    Unproven,
    UsageError,
)
from hedgecheck.report.verdict import Report
from hedgecheck.simulate.failure import Failure
from hedgecheck.simulate.tokens import schedule_of
from hedgecheck.values import frozen, replace
from hedgecheck.verifying import settings
from hedgecheck.verifying.budget import Budget
from hedgecheck.verifying.checking import checked
from hedgecheck.verifying.nodes import Node, current
from hedgecheck.verifying.settings import Asked
from hedgecheck.verifying.showing import again
from hedgecheck.verifying.stats import Work

NIGHTLY = 20  # times as many executions


@frozen
class _Call:
    """The test with its arguments, what the run asks of it, and the pytest command that runs it alone."""

    fn: Callable[..., Any]
    budget: Budget
    asked: Asked
    node: Node | None
    command: str

    @property
    def search(self) -> str:
        """The line that searches again; empty where every run searches alike."""
        seed = self.budget.seed
        is_drawn = self.node is not None and self.node.is_seed_drawn and seed == self.node.seed
        return self.asked.search_command(self.command, seed) if is_drawn and seed is not None else ""


def try_all(fn: Callable[..., Any], budget: Budget, pinned: Sequence[str]) -> None:
    """Performs all that there is to perform. Raises ``Falsified``, ``Unproven`` or ``NothingHappened``, and
    what ``check`` raises."""
    __tracebackhide__ = True
    asked, node = settings.asked(), current()
    call = _Call(fn, _as_asked(budget, asked, node), asked, node, _command(node))
    if asked.replay is not None:
        _replay(call, asked.replay)
        return
    for token in pinned:
        _try_pinned(call, token)
    if node is not None:
        for token in node.kept:
            _try_kept(call, node, token)
    _search(call)


def _as_asked(budget: Budget, asked: Asked, node: Node | None) -> Budget:
    """The budget as the run asks it; what it leaves open is the decorator's."""
    executions = budget.executions if asked.executions is None else asked.executions
    seed = budget.seed if asked.seed is None else asked.seed
    return replace(
        budget,
        executions=executions * NIGHTLY if asked.profile == "nightly" else executions,
        max_faults=budget.max_faults if asked.max_faults is None else asked.max_faults,
        seconds=budget.seconds if asked.budget_seconds is None else asked.budget_seconds,
        exhaustive=budget.exhaustive if asked.exhaustive is None else asked.exhaustive,
        seed=node.seed if seed is None and node is not None else seed,
    )


def _command(node: Node | None) -> str:
    if node is not None:
        return node.command
    outer = os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" ", 1)[0]
    return f'pytest "{outer}"' if outer else ""


def _checked(call: _Call, token: str | None = None, step: int | None = None) -> tuple[Report, Failure | None]:
    """The verdict; its work is counted. The way to an error is ours, and says nothing to a bot's author."""
    __tracebackhide__ = True
    try:
        report, failure, result = checked(call.fn, call.budget, token, command=call.command, step=step)
    except HedgecheckError as error:
        raise error.with_traceback(None) from None
    if call.node is not None:
        found = (result.executions, result.steps, result.seconds, result.spent, result.ways)
        work = Work(*found, is_whole=result.is_whole)
        call.node.work.add(work)
    return report, failure


def _search(call: _Call) -> None:
    __tracebackhide__ = True
    report, failure = _checked(call)
    if call.node is not None and failure is not None and failure.agrees:
        call.node.found = failure.token
    _judge(report, failure, call.budget.executions, call.search)


def _replay(call: _Call, token: str) -> None:
    """Performs one execution alone. Of a test that is called many times, it is the execution of one call."""
    __tracebackhide__ = True
    try:
        report, failure = _checked(call, token, call.asked.step)
    except Diverged as error:
        if call.node is None or not call.node.repeats:
            raise
        call.node.strayed.append(error)
        return
    if report.verdict == "holds":
        print(f"hedgecheck: {token} passes now")
    _judge(report, failure, 1)


def _try_pinned(call: _Call, token: str) -> None:
    """Performs a pinned execution. What a token no longer fits is said, and is no failure of the bot."""
    __tracebackhide__ = True
    try:
        report, failure = _checked(call, token)
    except (Diverged, ForeignToken) as error:
        warnings.warn(f"pinned {token}: {error}", stacklevel=4)
        return
    _judge(report, failure, 1)


def _try_kept(call: _Call, node: Node, token: str) -> None:
    """Performs an execution that failed in an earlier run."""
    __tracebackhide__ = True
    try:
        schedule_of(token)
    except (TokenError, UsageError) as error:
        node.outdated[token] = str(error)
        return
    try:
        report, failure = _checked(call, token)
    except Diverged as error:
        node.outdated[token] = str(error)
        return
    (node.passed if failure is None else node.failed).add(token)
    _judge(report, failure, 1)


def _judge(report: Report, failure: Failure | None, executions: int, search: str = "") -> None:
    """Raises what a verdict other than holds is called. ``executions``: how many were asked for. ``search``:
    the line that searches again."""
    __tracebackhide__ = True
    for note in report.notes:
        warnings.warn(note, PortabilityWarning, stacklevel=5)
    if report.verdict == "holds":
        return
    if report.counterexamples and failure is not None:
        why = "\n".join(each for each in (failure.in_short, f"  {failure.why}") if each)
        how = again(report, failure, executions, search)
        raise Falsified(failure.name, failure.id, why, failure.token, failure.lines, failure.diagram, how)
    because = report.unknown_because
    told = f"{because or 'nothing was shown.'}\n  search:  {search}" if search else because
    if because.startswith("no "):
        raise NothingHappened(told)
    raise Unproven(told or "nothing was shown.")
