"""Engines with one breaker and a manual one: nothing else could trip there, and no limit refuses anything."""

from dataclasses import replace

from core import engine
from core.messages import BreakerResetRequested
from core.settings import MANUAL, BreakerKind, BreakerRule
from tests.unit.core.build import CODES, OTHER_CODES, WIDE, ready, settings

LOOSE = replace(
    WIDE, trades_in_flight=9, strategy_bps=100_000, leverage_bps=100_000, cluster_bps=100_000, net_bps=100_000
)


def guarded(kind: BreakerKind, threshold: int, **rest) -> engine.State:
    """The engine with a breaker of that kind; ``name`` for one of a metric."""
    return watching(BreakerRule(rest.pop("name", kind), kind, threshold, **rest))


def watching(rule: BreakerRule) -> engine.State:
    """The engine with a breaker by that rule."""
    rules = tuple(sorted((rule, MANUAL), key=lambda each: each.name))
    anchors = tuple(sorted(((rule.name, CODES[0]), ("manual", OTHER_CODES[0]))))
    return ready(settings(LOOSE, anchors=anchors, breakers=rules))


def reset(name: str, link: int = 1) -> BreakerResetRequested:
    """A person's reset with that link of its chain."""
    return BreakerResetRequested(name, CODES[link])
