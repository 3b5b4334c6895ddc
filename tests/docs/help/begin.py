"""What the page on the first test names."""

from tests.schedules.engines.correct.pair_engine import PairEngine

__all__ = ["PairEngine"]
