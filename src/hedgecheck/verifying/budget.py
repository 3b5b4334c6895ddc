"""What was asked for: how much to try and of what, and what makes no sense."""

import inspect
from collections.abc import Callable
from typing import Any, Literal

from hedgecheck import faults as kinds
from hedgecheck.errors import UsageError
from hedgecheck.faults import Fault, Plan
from hedgecheck.values import frozen

Exhaustion = int | Literal["all"] | None


@frozen
class Budget:
    """How much to try, and of what. ``exhaustive``: everything is to be tried, within these bounds."""

    executions: int
    faults: Plan
    max_faults: int
    seconds: float | None
    seed: int | None
    prices: str | None
    portable: bool = False
    exhaustive: Exhaustion = None


def plan_of(faults: Fault | Plan | None) -> Plan:
    """What was given as faults, as a plan. Raises ``UsageError`` for anything else."""
    if faults is None:
        return Plan(())
    if isinstance(faults, Fault):
        return Plan((faults,))
    if isinstance(faults, Plan):
        return faults
    if isinstance(faults, list | tuple) and all(isinstance(each, Fault) for each in faults):
        return Plan(()) | Plan(tuple(faults))
    raise UsageError(
        f"faults={faults!r}: give hedgecheck.faults.ALL, one of its faults, several with |, or None."
    )


def refuse_nonsense(fn: Callable[..., Any], budget: Budget) -> None:
    """Raises ``UsageError``, with the cure, for what cannot be tried."""
    refuse_no_test(fn)
    if isinstance(budget.executions, bool) or not isinstance(budget.executions, int) or budget.executions < 1:
        raise UsageError(f"executions={budget.executions!r}: it must be a whole number from 1 up.")
    if isinstance(budget.max_faults, bool) or not isinstance(budget.max_faults, int) or budget.max_faults < 0:
        raise UsageError(f"max_faults={budget.max_faults!r}: it must be a whole number from 0 up.")
    bound = budget.exhaustive
    if bound not in (None, "all") and (isinstance(bound, bool) or not isinstance(bound, int) or bound < 0):
        raise UsageError(
            f"exhaustive={bound!r}: it must be 'all' (every order of arrival), or how many flows may be held "
            "back in one execution, a whole number from 0 up."
        )
    if budget.seconds is not None and not budget.seconds > 0:
        raise UsageError(f"budget_seconds={budget.seconds!r}: it must be more than 0.")


def refuse_no_test(fn: Any) -> None:
    """Raises ``UsageError`` for what is no function, or one that gives its values one by one."""
    inner = inspect.unwrap(fn) if callable(fn) else fn
    if isinstance(inner, type) or not callable(inner):
        raise UsageError(f"{fn!r} is no function. Write async def test(sim) or def test(sim).")
    if inspect.isgeneratorfunction(inner) or inspect.isasyncgenfunction(inner):
        raise UsageError(f"{name_of(fn)} yields. Make it a function that runs to its end, without yield.")


def arguments_of(budget: Budget) -> str:
    """The arguments without which a token means something else."""
    text = "" if budget.max_faults == 1 else f", max_faults={budget.max_faults}"
    if budget.faults == kinds.ALL:
        return text
    names = {each.id: name for name, each in vars(kinds).items() if isinstance(each, Fault)}
    plan = " | ".join(
        each.name if each.does is not None else f"hedgecheck.faults.{names.get(each.id, each.id)}"
        for each in budget.faults
    )
    return f"{text}, faults={plan or None}"


def name_of(fn: Callable[..., Any]) -> str:
    """Module and name of a test function."""
    return f"{getattr(fn, '__module__', '?')}.{getattr(fn, '__qualname__', repr(fn))}"
