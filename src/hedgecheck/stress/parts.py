"""What the commands take of the other parts of the package, each loaded when it is first used."""

from collections.abc import Iterable
from functools import partial
from importlib import import_module
from inspect import isclass
from pathlib import Path
from typing import Any

from hedgecheck.errors import UsageError
from hedgecheck.stress.comparing import MetricRow
from hedgecheck.stress.models import Scenario
from hedgecheck.stress.runner import Library
from hedgecheck.stress.running import Executor

FACTORY = (
    "Name what hedgecheck.stress.components.factory.components_from gives, or a function of the symbols that "
    "returns what create_components gives."
)


def library() -> Library:
    """The scenarios that come with the kit."""
    found: Library = _of("library", "ScenarioLibrary")()
    return found


def scenarios_in(path: Path) -> tuple[Scenario, ...]:
    """Those of a file. Raises ``UsageError`` for what is no scenario, with its place."""
    return tuple(_of("reading", "read_scenarios")(path))


def registry() -> tuple[MetricRow, ...]:
    """All metrics, in their order."""
    rows: tuple[MetricRow, ...] = _of("metrics", "METRICS")
    return rows


def executor_of(components: str = "", cache: Path | None = None) -> Executor:
    """An executor with the bundled components, or with those that ``module:factory`` makes of symbols;
    ``cache``: the folder in which downloads are kept."""
    loader = _of("loading", "ScenarioLoader")(cache)
    own = {"components": partial(_components_of, components)} if components else {}
    return _of("executor", "ScenarioExecutor")(loader=loader, **own)  # type: ignore[no-any-return]


def _components_of(named: str, symbols: tuple[str, ...]) -> Any:
    """What ``module:factory`` makes. Raises ``UsageError`` where that is no trading system."""
    module, _, attribute = named.partition(":")
    make = getattr(import_module(module), attribute)
    if isclass(make) or not callable(make):
        raise UsageError(f"{named!r} is no factory of components, but {make!r}. {FACTORY}")
    made = make(symbols)
    if not isinstance(made, _of("components.protocols", "Components")):
        raise UsageError(f"{named!r} made no components, but {made!r}. {FACTORY}")
    return made


def rows_of(scenarios: Iterable[Scenario]) -> list[dict[str, Any]]:
    """Scenarios as plain data: name, type, description, parameters."""
    keys = ("name", "type", "description", "parameters")
    return [{key: getattr(each, key) for key in keys} for each in scenarios]


def _of(module: str, name: str) -> Any:
    return getattr(import_module(f"hedgecheck.stress.{module}"), name)
