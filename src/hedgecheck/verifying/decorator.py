"""``verify`` makes a pytest test of a function around a bot; ``example`` pins a failure above it."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, overload

from hedgecheck import faults as kinds
from hedgecheck.errors import UsageError
from hedgecheck.faults import Fault, Plan
from hedgecheck.simulate.perform import is_plain
from hedgecheck.verifying.budget import Budget, Exhaustion, name_of, plan_of, refuse_no_test
from hedgecheck.verifying.checking import UNDECORATED
from hedgecheck.verifying.trying import try_all

Function = TypeVar("Function", bound=Callable[..., Any])
EXAMPLES, ALLOWED = "_hedgecheck_examples", "_hedgecheck_allowed"  # the pytest plugin knows these names


@overload
def verify(fn: Callable[..., Any], /) -> Callable[..., None]: ...


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
    exhaustive: Exhaustion = None,
) -> Callable[[Callable[..., Any]], Callable[..., None]]: ...


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
    exhaustive: Exhaustion = None,
) -> Any:
    """Makes an ordinary pytest test of ``async def test(sim)`` or ``def test(sim)``, tried in up to
    ``executions`` executions; ``sim`` is a ``hedgecheck.Sim``, or in the plain one a ``PlainSim``.

    The test raises ``Falsified`` where a rule is broken, ``Unproven`` or ``NothingHappened`` where nothing
    was shown. Other parameters of the function are pytest's, the same for every execution; a fixture that
    pytest makes for each test raises ``FixtureScope`` unless ``allow_fixtures`` names it. What the run asks
    by option, environment or pyproject.toml goes before what stands here. The rest is as for ``check``.
    ``@verify`` alone is ``@verify()``. Raises ``UsageError`` where it stands above something else.
    """
    budget = Budget(
        executions, plan_of(faults), max_faults, budget_seconds, seed, prices, portable, exhaustive
    )
    if fn is not None and not callable(fn):
        raise UsageError(f"verify({fn!r}): name the setting, as in verify(executions=500).")
    if fn is not None:
        return _decorated(fn, budget, ())
    return lambda function: _decorated(function, budget, tuple(allow_fixtures))


def example(token: str) -> Callable[[Function], Function]:
    """Pins a counterexample above ``verify``: it is performed first, every time. A token that no longer fits
    the test is a warning. Raises ``UsageError`` where it does not stand above ``verify``."""

    def pin(test: Function) -> Function:
        if not hasattr(test, EXAMPLES):
            raise UsageError("@hedgecheck.example stands above @hedgecheck.verify. Swap the two lines.")
        getattr(test, EXAMPLES).insert(0, token)
        return test

    return pin


def _decorated(fn: Callable[..., Any], budget: Budget, allowed: tuple[str, ...]) -> Callable[..., None]:
    signature = inspect.signature(fn)
    if hasattr(fn, "hypothesis"):
        raise UsageError(f"@given stands above @hedgecheck.verify. Swap the two lines of {name_of(fn)}.")
    refuse_no_test(fn)
    if "sim" not in signature.parameters:
        raise UsageError(f"{name_of(fn)} has no parameter named sim. Write {fn.__name__}(sim).")
    examples: list[str] = []

    names = [name for name in signature.parameters if name != "sim"]

    @functools.wraps(fn)
    def test(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        given = dict(zip(names, args, strict=False)) | kwargs  # by name: sim may stand before them
        bound = functools.partial(fn, **given) if given else fn
        try_all(functools.wraps(fn)(_with_sim(bound)), budget, examples)

    parameters = [each for name, each in signature.parameters.items() if name != "sim"]
    test.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    del test.__wrapped__
    setattr(test, EXAMPLES, examples)
    setattr(test, ALLOWED, allowed)
    setattr(test, UNDECORATED, fn)
    return test


def _with_sim(fn: Callable[..., Any]) -> Callable[[Any], Any]:
    async def called(sim: Any) -> Any:
        return await fn(sim=sim)

    def called_plainly(sim: Any) -> Any:
        return fn(sim=sim)

    return called_plainly if is_plain(fn) else called
