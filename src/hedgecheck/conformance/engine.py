"""Which engine the conformance tests are about: named on the command line, loaded and tried once, before any
test is collected, so that what is wrong with it is said once."""

import importlib
import inspect
import os
import sys
from collections.abc import Awaitable, Callable
from functools import reduce
from types import ModuleType
from typing import Any

import pytest

from hedgecheck.errors import HedgecheckError, UsageError
from hedgecheck.faults import Plan
from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.exchange import SimExchange
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.sim import Sim

Make = Callable[[SimExchange, "Clock"], Any]

MAKE = pytest.StashKey[Make]()
METHOD = "execute_pair_trade"
VARIABLE = "HEDGECHECK_ENGINE"
NAMES_MAX = 8
HOW = (
    "Say which: pytest --pyargs hedgecheck.conformance --hedgecheck-engine module:make, or hedgecheck_engine "
    "in pytest's settings. make(exchange, clock) gives an engine with async execute_pair_trade(request)."
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
        config.stash[MAKE] = factory_of(target)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
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
    make = _loaded(target, module_name, attribute)
    if not callable(make):
        raise UsageError(
            f"--hedgecheck-engine {target!r} is a {type(make).__name__}, which cannot be called. Name a "
            "function or a class that is called as make(exchange, clock)."
        )
    _refuse_no_engine(target, _tried(target, make))
    return make  # type: ignore[no-any-return]


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
            f"one: async def {METHOD}(self, request) -> bool."
        )
    called = inspect.unwrap(method)
    if not inspect.iscoroutinefunction(called) and not inspect.iscoroutinefunction(type(called).__call__):
        raise UsageError(
            f"--hedgecheck-engine {target!r}: {METHOD} of {type(engine).__name__} is not async. Write "
            f"async def {METHOD}(self, request) -> bool."
        )


def _said(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
