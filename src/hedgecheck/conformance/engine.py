"""Which engine the conformance tests are about: named on the command line, loaded and tried once, before any
test is collected, so that what is wrong with it is said once."""

import importlib
import inspect
import os
import sys
import warnings
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from functools import reduce
from types import ModuleType
from typing import Any

import pytest

from hedgecheck.conformance.synchronous import PlainClock, Synchronous
from hedgecheck.errors import HedgecheckError, UsageError
from hedgecheck.faults import Plan
from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.exchange import SimExchange
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.plain import PlainSim
from hedgecheck.simulate.sim import Sim
from hedgecheck.simulate.waiting import waiting

Make = Callable[[SimExchange, "Clock"], Any]

MAKE = pytest.StashKey[Make]()
METHOD = "execute_pair_trade"
VARIABLE = "HEDGECHECK_ENGINE"
NAMES_MAX = 8
HOW = (
    "Say which: pytest --pyargs hedgecheck.conformance --hedgecheck-engine module:make, or hedgecheck_engine "
    "in pytest's settings. make(exchange, clock) gives an engine with execute_pair_trade(request)."
)


class Clock:
    """The virtual time of one simulation, as an engine gets it."""

    __slots__ = ("_sim",)

    def __init__(self, sim: Sim) -> None:
        self._sim = sim

    def __call__(self) -> float:
        """Seconds since the simulation began."""
        return self._sim.now()

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Lets virtual time pass."""
        return self._sim.sleep(seconds)


def configure(config: pytest.Config) -> None:
    """Loads the engine that option, environment or settings name, for the fixture ``make_engine``.

    Raises ``pytest.UsageError``, with cause and cure, where none is named or it is no engine.
    """
    given = config.getoption("--hedgecheck-engine") or os.environ.get(VARIABLE)
    target = given or config.getini("hedgecheck_engine")
    if not target:
        raise pytest.UsageError(f"hedgecheck.conformance is about an engine of yours. {HOW}")
    try:
        make = config.stash[MAKE] = factory_of(target)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    if isinstance(make, Synchronous):
        until_the_end = ExitStack()
        until_the_end.enter_context(waiting())
        config.add_cleanup(until_the_end.close)
    if os.environ.get(VARIABLE) != target:
        os.environ[VARIABLE] = target  # the line that repeats a failure names it
        config.add_cleanup(_forget)


def _forget() -> None:
    os.environ.pop(VARIABLE, None)


def factory_of(target: str) -> Make:
    """The factory that ``module:attribute`` names, after it has made one engine in a simulation.

    Raises ``UsageError`` where there is none, and where what it makes is no engine.
    """
    module_name, colon, attribute = target.partition(":")
    if not colon or not module_name or not attribute:
        raise UsageError(
            f"--hedgecheck-engine {target!r} is no factory. Write module:make, as in bot.engine:make."
        )
    make: Any = _loaded(target, module_name, attribute)
    if not callable(make):
        raise UsageError(
            f"--hedgecheck-engine {target!r} is a {type(make).__name__}, which cannot be called. Name a "
            "function or a class that is called as make(exchange, clock)."
        )
    try:
        with warnings.catch_warnings():  # a synchronous engine would call and await nothing
            warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
            engine = _tried(target, make)
    except UsageError:
        if _makes_synchronous_engines(make):
            return Synchronous(make)
        raise
    if _is_synchronous(engine) and _makes_synchronous_engines(make):
        return Synchronous(make)
    _refuse_no_engine(target, engine)
    return make  # type: ignore[no-any-return]


def _makes_synchronous_engines(make: Any) -> bool:
    """Whether a factory makes an engine of a synchronous exchange, whose method returns what it answers."""
    made: list[Any] = []

    def trial(sim: PlainSim) -> None:
        with suppress(Exception):  # what is wrong is said of the async trial
            made.append(make(sim.exchange(), PlainClock(sim.now)))

    with stage(trial) as open_stage:
        outcome = open_stage.perform(Setting(Plan(()), max_faults=0), Choices())
    if made and inspect.iscoroutine(made[0]):
        made[0].close()
    return outcome.error is None and bool(made) and _is_synchronous(made[0])


def _is_synchronous(engine: Any) -> bool:
    method = getattr(engine, METHOD, None)
    called = inspect.unwrap(method) if callable(method) else None
    is_async = inspect.iscoroutinefunction(called) or inspect.iscoroutinefunction(type(called).__call__)
    return called is not None and not is_async


def _loaded(target: str, module_name: str, attribute: str) -> Any:
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # a module of a user's may raise anything
        raise UsageError(
            f"--hedgecheck-engine {target!r}: module {module_name} cannot be loaded: {_said(error)}. "
            f"Can it be imported from {os.getcwd()}? pytest's setting pythonpath adds folders."
        ) from error
    try:
        return reduce(getattr, attribute.split("."), module)
    except AttributeError as error:
        raise UsageError(f"--hedgecheck-engine {target!r}: {error}. {_in_its_place(module)}") from error


def _in_its_place(module: ModuleType) -> str:
    """What a module defines that can be called."""
    own = [name for name, each in vars(module).items() if getattr(each, "__module__", "") == module.__name__]
    names = [name for name in own if callable(getattr(module, name)) and not name.startswith("_")]
    more = f", and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
    return f"It defines {', '.join(names[:NAMES_MAX]) or 'nothing that could be called'}{more}."


def _tried(target: str, make: Make) -> Any:
    """The engine that the factory makes."""
    made: list[Any] = []
    raised: list[Exception] = []

    async def trial(sim: Sim) -> None:
        try:
            made.append(make(sim.exchange(), Clock(sim)))
        except HedgecheckError:
            raise
        except Exception as error:
            raised.append(error)

    with stage(trial) as open_stage:
        outcome = open_stage.perform(Setting(Plan(()), max_faults=0), Choices())
    error = raised[0] if raised else outcome.error
    if error is not None or not made:
        raise UsageError(
            f"--hedgecheck-engine {target!r} raised {_said(error)} when called as make(exchange, clock). "
            "It is called once per execution, with an exchange and a clock of that simulation, and gives a "
            "new engine."
        ) from error
    return made[0]


def _refuse_no_engine(target: str, engine: Any) -> None:
    if inspect.iscoroutine(engine):
        engine.close()
        raise UsageError(
            f"--hedgecheck-engine {target!r} is async. Make it a plain function; what the engine has to "
            f"await first belongs into its first {METHOD}."
        )
    method = getattr(engine, METHOD, None)
    if not callable(method):
        raise UsageError(
            f"--hedgecheck-engine {target!r} makes a {type(engine).__name__}, which has no {METHOD}. Give it "
            f"one: async def {METHOD}(self, request) -> bool, or def."
        )
    if _is_synchronous(engine):
        raise UsageError(
            f"--hedgecheck-engine {target!r}: {METHOD} of {type(engine).__name__} is not async, and the "
            "factory makes none with a synchronous exchange. Let it take that, or write async def."
        )


def _said(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
