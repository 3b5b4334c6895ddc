"""Where a scenario's market comes from: made, packaged, from a file, or from an exchange."""

from hedgecheck.stress.loading.loader import Loaded, ScenarioLoader

__all__ = ["Loaded", "ScenarioLoader"]
