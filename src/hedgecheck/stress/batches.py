"""Many scenarios: what is asked for by name, and what came of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hedgecheck.codec import Unreadable
from hedgecheck.stress.models import ScenarioResult
from hedgecheck.stress.results import SCHEMA, from_json, headline, percent, to_json
from hedgecheck.values import frozen


@dataclass(slots=True)
class BatchRequest:
    """What a batch is asked for by name. ``parallel`` False: one after another; ``max_workers``: so many
    processes at once at most, None as many as there are processors. Fewer take less memory."""

    scenario_names: Sequence[str] = ()
    parallel: bool = True
    max_workers: int | None = None


@frozen
class BatchResult:
    """What came of a batch, in the order in which it was asked for. ``unfinished``: what was interrupted, or
    never began; then the batch is ``partial``, and says nothing of those."""

    results: tuple[ScenarioResult, ...]
    unfinished: tuple[str, ...] = ()

    @property
    def total_scenarios(self) -> int:
        """That were asked for."""
        return len(self.results) + len(self.unfinished)

    @property
    def successful(self) -> int:
        """That ran to their last bar and broke nothing."""
        return sum(each.success for each in self.results)

    @property
    def partial(self) -> bool:
        """Whether it was interrupted."""
        return bool(self.unfinished)

    @property
    def avg_winrate(self) -> float:
        """In percent, over the scenarios that have a win rate; 0 where none has."""
        rates = [each for each in map(_winrate, self.results) if each is not None]
        return percent(sum(rates) / len(rates) / 100) if rates else 0.0

    @property
    def worst_drawdown(self) -> float:
        """In percent of the highest equity before; 0 where no scenario ran."""
        return max((each for each in map(_drawdown, self.results) if each is not None), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """The batch as plain data: its totals, and every result."""
        return {
            "schema": SCHEMA,
            "total_scenarios": self.total_scenarios,
            "successful": self.successful,
            "avg_winrate": self.avg_winrate,
            "worst_drawdown": self.worst_drawdown,
            "partial": self.partial,
            "unfinished": list(self.unfinished),
            "results": [to_json(each) for each in self.results],
        }


def batch_of(content: dict[str, Any]) -> BatchResult:
    """The batch of plain data. Raises ``Unreadable``."""
    results, unfinished = content.get("results"), content.get("unfinished")
    if not isinstance(results, list) or not isinstance(unfinished, list):
        raise Unreadable("is no batch of stress tests")
    return BatchResult(tuple(map(from_json, results)), tuple(map(str, unfinished)))


def _winrate(result: ScenarioResult) -> float | None:
    return headline(result)["winrate"]


def _drawdown(result: ScenarioResult) -> float | None:
    return headline(result)["max_drawdown"]
