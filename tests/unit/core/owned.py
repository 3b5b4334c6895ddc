"""Five strategies with capital of their own, for the core's tests: 10,000,000 in all, a tenth in reserve."""

from dataclasses import replace

from core import engine
from core.positions import Book
from core.settings import Settings, Strategy
from tests.unit.core.build import WIDE, settings

NAMES = ("deep_value", "mean_reversion", "momentum", "pairs", "squeeze")
BUDGETS = (2_000, 1_000, 3_000, 2_500, 500)
STRATEGIES = tuple(Strategy(*each) for each in zip(NAMES, BUDGETS, strict=True))
CAPITAL = {"": 1_000_000} | {name: 1_000 * bps for name, bps in zip(NAMES, BUDGETS, strict=True)}


def owned(limits=WIDE, strategies=STRATEGIES, **changes) -> Settings:
    """Settings in which these strategies have capital of their own."""
    return replace(settings(limits), strategies=strategies, **changes)


def cash_of(state: engine.State) -> dict[str, int]:
    """The cash of each strategy, and of the reserve."""
    return {each.strategy: each.book.cash for each in state.accounts}


def book_of(state: engine.State, strategy: str) -> Book:
    """The book of one strategy."""
    return next(each.book for each in state.accounts if each.strategy == strategy)
