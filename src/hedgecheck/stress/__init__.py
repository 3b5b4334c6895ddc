"""Stress tests: scenarios as data, run bar by bar through a trading system and the venue."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hedgecheck.stress.batches import BatchRequest, BatchResult
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
    from hedgecheck.stress.components.factory import components_from, create_components
    from hedgecheck.stress.components.protocols import (
        AccountView,
        BarView,
        Components,
        Holding,
        Order,
        Policy,
        Published,
        Quote,
        Refused,
        Signal,
        Stop,
    )
    from hedgecheck.stress.exchange import ExchangeProfile, ExchangeSimulator
    from hedgecheck.stress.executor import (
        ScenarioExecutor,
        create_executor,
        create_quantum_trader_executor,
    )
    from hedgecheck.stress.keeping import ResultDirectory
    from hedgecheck.stress.library import ScenarioLibrary
    from hedgecheck.stress.loading import ScenarioLoader
    from hedgecheck.stress.metrics import METRICS, measure
    from hedgecheck.stress.models import (
        EmergencyStop,
        ExecutionResult,
        Scenario,
        ScenarioResult,
        ScenarioType,
        TradeRecord,
    )
    from hedgecheck.stress.reading import parsed_scenarios, read_scenarios, scenario_of, scenario_schema
    from hedgecheck.stress.runner import StressTestRunner
    from hedgecheck.stress.settings import ExecutorSettings
    from hedgecheck.stress.transforming import ScenarioTransformer

# Where each public name is. Nothing is loaded before it is asked for: a process pays for what it uses.
_NAMES = {
    "batches": ("BatchRequest", "BatchResult"),
    "components.adapters": (
        *("EventBusAdapter", "MSCAdapter", "OrchestratorAdapter", "PolicyStoreAdapter"),
        *("PortfolioBalancerAdapter", "RiskGuardAdapter", "RuntimeEngineAdapter", "SafetyGovernorAdapter"),
    ),
    "components.factory": ("components_from", "create_components"),
    "components.protocols": (
        *("AccountView", "BarView", "Components", "Holding", "Order", "Policy", "Published", "Quote"),
        *("Refused", "Signal", "Stop"),
    ),
    "exchange": ("ExchangeProfile", "ExchangeSimulator"),
    "executor": ("ScenarioExecutor", "create_executor", "create_quantum_trader_executor"),
    "keeping": ("ResultDirectory",),
    "library": ("ScenarioLibrary",),
    "loading": ("ScenarioLoader",),
    "metrics": ("METRICS", "measure"),
    "models": (
        *("EmergencyStop", "ExecutionResult", "Scenario", "ScenarioResult", "ScenarioType", "TradeRecord"),
    ),
    "reading": ("parsed_scenarios", "read_scenarios", "scenario_of", "scenario_schema"),
    "runner": ("StressTestRunner",),
    "settings": ("ExecutorSettings",),
    "transforming": ("ScenarioTransformer",),
}
_HOMES = {name: f"{__name__}.{module}" for module, names in _NAMES.items() for name in names}

__all__ = [
    "METRICS",
    "AccountView",
    "BarView",
    "BatchRequest",
    "BatchResult",
    "Components",
    "EmergencyStop",
    "EventBusAdapter",
    "ExchangeProfile",
    "ExchangeSimulator",
    "ExecutionResult",
    "ExecutorSettings",
    "Holding",
    "MSCAdapter",
    "OrchestratorAdapter",
    "Order",
    "Policy",
    "PolicyStoreAdapter",
    "PortfolioBalancerAdapter",
    "Published",
    "Quote",
    "Refused",
    "ResultDirectory",
    "RiskGuardAdapter",
    "RuntimeEngineAdapter",
    "SafetyGovernorAdapter",
    "Scenario",
    "ScenarioExecutor",
    "ScenarioLibrary",
    "ScenarioLoader",
    "ScenarioResult",
    "ScenarioTransformer",
    "ScenarioType",
    "Signal",
    "Stop",
    "StressTestRunner",
    "TradeRecord",
    "components_from",
    "create_components",
    "create_executor",
    "create_quantum_trader_executor",
    "measure",
    "parsed_scenarios",
    "read_scenarios",
    "scenario_of",
    "scenario_schema",
]


def _public(name: str) -> Any:
    """A public name, loaded when it is first used."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


if not TYPE_CHECKING:  # to a type checker a module with this has every name
    __getattr__ = _public


def __dir__() -> list[str]:
    return sorted(__all__)
