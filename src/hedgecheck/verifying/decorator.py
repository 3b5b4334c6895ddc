"""``verify`` makes a pytest test of a function around a bot; ``example`` pins a failure above it."""

import functools
import inspect
import os
import warnings
from collections.abc import Callable
from typing import Any, TypeVar, overload

from hedgecheck import faults as kinds
from hedgecheck.errors import (
    Diverged,
    Falsified,
    ForeignToken,
    HedgecheckError,
    NothingHappened,
    PortabilityWarning,
    Unproven,
    UsageError,
)
from hedgecheck.faults import Fault, Plan
from hedgecheck.report.verdict import Report
from hedgecheck.simulate.failure import Failure
from hedgecheck.values import replace
from hedgecheck.verifying.budget import Budget, name_of, plan_of
from hedgecheck.verifying.checking import UNDECORATED, checked
from hedgecheck.verifying.showing import again

Function = TypeVar("Function", bound=Callable[..., Any])
EXAMPLES, ALLOWED = "_hedgecheck_examples", "_hedgecheck_allowed"  # the pytest plugin knows these names
NIGHTLY = 20  # times as many executions


@overload
def verify(fn: Function, /) -> Function: ...


@overload
def verify(
    *,
    executions: int = 500,
    faults: Fault | Plan | None = kinds.ALL,
    max_faults: int = 1,
    budget_seconds: float | None = None,
    seed: int | None = None,
    prices: str | None = None,
    allow_fixtures: tuple[str, ...] = (),
    portable: bool = False,
) -> Callable[[Function], Callable[..., None]]: ...


def verify(
    fn: Any = None,
    /,
    *,
    executions: int = 500,
    faults: Fault | Plan | None = kinds.ALL,
    max_faults: int = 1,
    budget_seconds: float | None = None,
    seed: int | None = None,
    prices: str | None = None,
    allow_fixtures: tuple[str, ...] = (),
    portable: bool = False,
) -> Any:
    """Makes an ordinary pytest test of ``async def test(sim)``, tried in up to ``executions`` executions.

    The test raises ``Falsified`` where a rule is broken, ``Unproven`` or ``NothingHappened`` where nothing
    was shown. Other parameters of the function are pytest's, the same for every execution; a fixture that
    pytest makes for each test raises ``FixtureScope`` unless ``allow_fixtures`` names it. The rest is as for
    ``check``.
    """
    budget = Budget(executions, plan_of(faults), max_faults, budget_seconds, seed, prices, portable)
    if fn is not None and not callable(fn):
        raise UsageError(f"verify({fn!r}): name the setting, as in verify(executions=500).")
    if fn is not None:
        return _decorated(fn, budget, ())
    return lambda function: _decorated(function, budget, tuple(allow_fixtures))


def example(token: str) -> Callable[[Function], Function]:
    """Pins a counterexample above ``verify``: it is performed first, every time."""

    def pin(test: Function) -> Function:
        if not hasattr(test, EXAMPLES):
            raise UsageError("@hedgecheck.example stands above @hedgecheck.verify. Swap the two lines.")
        getattr(test, EXAMPLES).insert(0, token)
        return test

    return pin


def _decorated(fn: Callable[..., Any], budget: Budget, allowed: tuple[str, ...]) -> Callable[..., None]:
    signature = inspect.signature(fn)
    if not inspect.iscoroutinefunction(fn):
        raise UsageError(f"{name_of(fn)} is no async function. Write async def {fn.__name__}(sim).")
    if "sim" not in signature.parameters:
        raise UsageError(f"{name_of(fn)} has no parameter named sim. Write async def {fn.__name__}(sim).")
    examples: list[str] = []

    @functools.wraps(fn)
    def test(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        bound = functools.partial(fn, *args, **kwargs) if args or kwargs else fn
        call = functools.wraps(fn)(_with_sim(bound))
        for token in examples:
            _try_pinned(call, budget, token)
        given = os.environ.get("HEDGECHECK_REPLAY") or None
        asked = _as_asked(budget)
        try:
            result = checked(call, asked, given)
        except HedgecheckError as error:
            raise error.with_traceback(
                None
            ) from None  # the way there is ours, and says nothing to a bot's author
        _judge(*result, given, 1 if given else asked.executions)

    parameters = [each for name, each in signature.parameters.items() if name != "sim"]
    test.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    del test.__wrapped__
    setattr(test, EXAMPLES, examples)
    setattr(test, ALLOWED, allowed)
    setattr(test, UNDECORATED, fn)
    return test


def _try_pinned(call: Callable[..., Any], budget: Budget, token: str) -> None:
    """Performs a pinned execution. What a token no longer fits is said, and is no failure of the bot."""
    __tracebackhide__ = True
    try:
        result = checked(call, budget, token)
    except (Diverged, ForeignToken) as error:
        warnings.warn(f"pinned {token}: {error}", stacklevel=4)
        return
    _judge(*result, token, 1)


def _with_sim(fn: Callable[..., Any]) -> Callable[[Any], Any]:
    async def called(sim: Any) -> Any:
        return await fn(sim=sim)

    return called


def _as_asked(budget: Budget) -> Budget:
    """The budget as the environment has it: what is said on a command line goes before the decorator."""
    try:
        executions = int(os.environ.get("HEDGECHECK_EXECUTIONS", budget.executions))
        given = os.environ.get("HEDGECHECK_SEED")
        seed = int(given) if given is not None else budget.seed
    except ValueError as error:
        raise UsageError(f"HEDGECHECK_EXECUTIONS and HEDGECHECK_SEED are whole numbers: {error}.") from error
    if os.environ.get("HEDGECHECK_PROFILE") == "nightly":
        executions *= NIGHTLY
    return replace(budget, executions=executions, seed=seed)


def _judge(report: Report, failure: Failure | None, token: str | None, executions: int) -> None:
    """Raises what a verdict other than holds is called. ``executions``: how many were asked for."""
    __tracebackhide__ = True
    for note in report.notes:
        warnings.warn(note, PortabilityWarning, stacklevel=3)
    if report.verdict == "holds":
        if token is not None and os.environ.get("HEDGECHECK_REPLAY"):
            print(f"hedgecheck: {token} passes now")
        return
    if report.counterexamples and failure is not None:
        why = "\n".join(each for each in (failure.in_short, f"  {failure.why}") if each)
        how = again(report, failure, executions)
        raise Falsified(failure.name, failure.id, why, failure.token, failure.lines, failure.diagram, how)
    if report.unknown_because.startswith("no "):
        raise NothingHappened(report.unknown_because)
    raise Unproven(report.unknown_because or "nothing was shown.")
