"""Scenarios by name: the ten that come with the kit, and those that a user adds."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from functools import cache
from importlib.resources import files

from hedgecheck.errors import UsageError
from hedgecheck.stress.models import Scenario, ScenarioType
from hedgecheck.stress.parameters import parameters_of
from hedgecheck.stress.parameters.checked import meant
from hedgecheck.stress.reading import parsed_scenarios

FILE = "library.toml"


class ScenarioLibrary:
    """The ten scenarios of the kit, in their order, and ``more`` behind them. What it gives is a copy each
    time: to change it changes nothing here."""

    def __init__(self, more: Iterable[Scenario] = ()) -> None:
        self._scenarios = {each.name: each for each in _shipped()}
        for each in more:
            self.add(each)

    def __iter__(self) -> Iterator[Scenario]:
        return iter(deepcopy(list(self._scenarios.values())))

    def __len__(self) -> int:
        return len(self._scenarios)

    def names(self) -> tuple[str, ...]:
        """Of all scenarios, in their order."""
        return tuple(self._scenarios)

    def get(self, name: str) -> Scenario:
        """The scenario of that name. ``UsageError`` for one that there is not."""
        if name not in self._scenarios:
            raise UsageError(f"There is no scenario {name!r}. {meant(name, self._scenarios)}")
        return deepcopy(self._scenarios[name])

    def by_type(self, kind: ScenarioType | str) -> tuple[Scenario, ...]:
        """All of a type, in their order. ``UsageError`` for a type that there is not."""
        wanted = ScenarioType(kind)
        return tuple([each for each in self if each.type == wanted])

    def add(self, scenario: Scenario) -> None:
        """One more. ``UsageError`` for a name that is taken, and for parameters that make no sense."""
        if scenario.name in self._scenarios:
            raise UsageError(f"There is a scenario {scenario.name!r} already. Give yours another name.")
        parameters_of(scenario)
        self._scenarios[scenario.name] = deepcopy(scenario)


@cache
def _shipped() -> tuple[Scenario, ...]:
    return parsed_scenarios(files("hedgecheck.stress").joinpath(FILE).read_text(encoding="utf-8"), ".toml")
