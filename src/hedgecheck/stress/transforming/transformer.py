"""Makes the stressed market of a scenario."""

from hedgecheck.arrays import whole
from hedgecheck.marketdata import Market
from hedgecheck.stress.models import Scenario
from hedgecheck.stress.stressed import Stressed
from hedgecheck.stress.transforming.base import transformed, unstressed
from hedgecheck.stress.transforming.registry import transformations_of


class ScenarioTransformer:
    """``seed`` is that of scenarios that have none of their own. It knows no type: those are registered."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = whole("seed", seed, 0)

    def apply(self, market: Market, scenario: Scenario) -> Stressed:
        """The market under the stress of a scenario, the same bytes each time. The scenario's symbols are
        stressed; others that the market has stay as they are.

        Raises ``UsageError`` for parameters, symbols or a seed that make no sense, and where the stress does
        not fit into the market.
        """
        seed = self._seed if scenario.seed is None else scenario.seed
        return transformed(unstressed(market), transformations_of(scenario), seed)
