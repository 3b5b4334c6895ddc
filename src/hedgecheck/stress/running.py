"""What runs a scenario, as the runner and the commands see it."""

from collections.abc import Callable
from typing import Protocol

from hedgecheck.stress.models import Scenario, ScenarioResult

Progress = Callable[[int, int], None]  # bars done, of how many


class Executor(Protocol):
    """Runs one scenario to its end. The same scenario gives the same result, byte for byte."""

    def run(self, scenario: Scenario, progress: Progress | None = None) -> ScenarioResult:
        """What came of it. Raises ``HedgecheckError`` for a scenario that cannot be run."""
