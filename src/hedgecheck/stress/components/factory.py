"""The eight components put together: the bundled ones, and a user's own in their places.

A run has components of its own. ``create_components`` makes them once, of what it is given; a
``ComponentsFactory`` makes them anew for each scenario, in whatever process that runs.
"""

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from hedgecheck.errors import UsageError
from hedgecheck.stress.components.adapters import (
    EventBusAdapter,
    MSCAdapter,
    OrchestratorAdapter,
    PolicyStoreAdapter,
    PortfolioBalancerAdapter,
    RiskGuardAdapter,
    RuntimeEngineAdapter,
    SafetyGovernorAdapter,
)
from hedgecheck.stress.components.event_bus import SynchronousBus
from hedgecheck.stress.components.msc import RegimeController
from hedgecheck.stress.components.orchestrator import SignalFilter
from hedgecheck.stress.components.policy_store import MemoryPolicyStore, policy_in, policy_of
from hedgecheck.stress.components.portfolio_balancer import EqualRiskBalancer
from hedgecheck.stress.components.protocols import (
    MSC,
    Components,
    Configuration,
    EventBus,
    Orchestrator,
    PolicyStore,
    PortfolioBalancer,
    RiskGuard,
    RuntimeEngine,
    SafetyGovernor,
)
from hedgecheck.stress.components.risk_guard import PreTradeGuard
from hedgecheck.stress.components.runtime_engine import StrategyEngine
from hedgecheck.stress.components.safety_governor import LimitGovernor
from hedgecheck.values import frozen

ComponentsFactory = Callable[[tuple[str, ...]], Components]  # of the symbols of a scenario

COMPONENT = "component"  # the key of a table of numbers that says whose they are
BUNDLED: Mapping[str, type] = {
    "runtime_engine": StrategyEngine,
    "orchestrator": SignalFilter,
    "risk_guard": PreTradeGuard,
    "portfolio_balancer": EqualRiskBalancer,
    "safety_governor": LimitGovernor,
    "msc": RegimeController,
    "policy_store": MemoryPolicyStore,
    "event_bus": SynchronousBus,
}


def create_components(
    *,
    runtime_engine: RuntimeEngine | Callable[..., Any] | None = None,
    orchestrator: Orchestrator | Callable[..., Any] | None = None,
    risk_guard: RiskGuard | Callable[..., Any] | None = None,
    portfolio_balancer: PortfolioBalancer | Callable[..., Any] | None = None,
    safety_governor: SafetyGovernor | Callable[..., Any] | None = None,
    msc: MSC | Callable[..., Any] | None = None,
    policy_store: PolicyStore | None = None,
    event_bus: EventBus | None = None,
) -> Components:
    """All eight, each in its adapter; the bundled one where none is given. For one run: what is given is used
    as it is, with whatever it remembers. ``UsageError`` for what is no such component."""
    guard = PreTradeGuard() if risk_guard is None else risk_guard
    bus = EventBusAdapter(SynchronousBus() if event_bus is None else event_bus)
    if isinstance(guard, PreTradeGuard):
        bus.subscribe("bar", guard.hear)
    return Components(
        RuntimeEngineAdapter(StrategyEngine() if runtime_engine is None else runtime_engine),
        OrchestratorAdapter(SignalFilter() if orchestrator is None else orchestrator),
        RiskGuardAdapter(guard),
        PortfolioBalancerAdapter(EqualRiskBalancer() if portfolio_balancer is None else portfolio_balancer),
        SafetyGovernorAdapter(LimitGovernor() if safety_governor is None else safety_governor),
        MSCAdapter(RegimeController() if msc is None else msc),
        PolicyStoreAdapter(MemoryPolicyStore() if policy_store is None else policy_store),
        bus,
    )


@frozen
class Recipe:
    """A ``ComponentsFactory``: what each component is made of, by its name. Can be pickled where that can."""

    parts: tuple[tuple[str, Any], ...]

    def __call__(self, symbols: tuple[str, ...]) -> Components:
        """Components that no run has used. ``UsageError`` for what is no such component."""
        return create_components(**{name: _made(name, given, symbols) for name, given in self.parts})


def components_from(config: Configuration) -> ComponentsFactory:
    """A factory of components by their names (``runtime_engine``, ``orchestrator`` ...). Each is

    - a table of numbers for the bundled one (``{"drawdown": 0.2}``), or with ``component`` for another;
      for ``policy_store`` the fields of the policy to begin with, or ``path`` of a file that holds one and is
      never written;
    - ``"module:name"`` of a class, an object or a function;
    - a class, made anew for each run, with the scenario's ``symbols`` where it has an argument of that name;
    - an object, copied for each run, or a function.

    What is left out or None is bundled. ``UsageError`` for a name that there is not, for what cannot be made,
    and for what is no such component: all of them are made once to see that.
    """
    unknown = sorted(set(config) - set(BUNDLED))
    if unknown:
        raise UsageError(f"There is no component {', '.join(unknown)}. There are {', '.join(BUNDLED)}.")
    recipe = Recipe(tuple((name, given) for name, given in config.items() if given is not None))
    recipe(("BTCUSDT",))
    return recipe


def _made(name: str, given: Any, symbols: tuple[str, ...]) -> Any:
    """A component for one run."""
    numbers = dict(given) if isinstance(given, Mapping) else {}
    source = numbers.pop(COMPONENT, BUNDLED[name]) if isinstance(given, Mapping) else given
    if isinstance(source, str):
        source = _loaded(name, source)
    if source is MemoryPolicyStore and numbers:
        return MemoryPolicyStore(_policy_of(numbers))
    if inspect.isclass(source):
        return _instance(name, source, numbers, symbols)
    if numbers:
        raise UsageError(f"{name} is no class, so it takes no {', '.join(numbers)}. Name its class.")
    try:
        return deepcopy(source)
    except Exception as error:
        raise UsageError(
            f"{name} cannot be copied for each run: {error}. Give its class instead of an object."
        ) from error


def _policy_of(numbers: dict[str, Any]) -> Any:
    if "path" not in numbers:
        return policy_of(numbers)
    if len(numbers) > 1:
        raise UsageError("policy_store has a path and numbers. Give one or the other.")
    return policy_in(numbers["path"])


def _instance(name: str, kind: type, numbers: dict[str, Any], symbols: tuple[str, ...]) -> Any:
    """An object of a class, of its numbers, and of the symbols where it asks for them."""
    try:
        parameters = inspect.signature(kind).parameters
    except (TypeError, ValueError):  # some that are written in C do not tell
        parameters = {}  # type: ignore[assignment]
    given = {"symbols": symbols} if "symbols" in parameters and "symbols" not in numbers else {}
    try:
        return kind(**numbers, **given)
    except TypeError as error:
        takes = ", ".join(parameters) or "nothing"
        raise UsageError(f"{name}: {error}. {kind.__name__} takes {takes}.") from error


def _loaded(name: str, target: str) -> Any:
    """What ``module:name`` names."""
    module, colon, attribute = target.partition(":")
    if not colon or not attribute:
        raise UsageError(f"{name} is {target!r}. Name it as module:name.")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"{name}: {target!r} cannot be loaded: {error}. Name it as module:name.") from error
