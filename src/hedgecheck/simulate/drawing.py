"""Values that a test draws from a Hypothesis strategy, each by one choice of the execution.

A strategy stands for its simplest value and a few more that Hypothesis generates, the shorter the earlier:
so a token replays the value, and shrinking leads towards the simplest. Hypothesis by itself also draws the
constants that it reads in whatever modules are loaded; a token would then mean another value in another run,
so the values come from a backend of ours that leaves those out.
"""

from collections import OrderedDict
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, strategies
from hypothesis.errors import InvalidArgument, Unsatisfiable
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

from hedgecheck.errors import UsageError
from hedgecheck.simulate.execution import Execution
from hedgecheck.simulate.judge import without_addresses

Value = TypeVar("Value")
VALUES = 16
TRIED = 4 * VALUES  # how many are generated for so many that differ
BACKEND = "hedgecheck-alike"
KEPT_MAX = 256
PLAIN = (int, float, complex, str, bytes, bool, type(None))


class _Alike(HypothesisProvider):
    """Draws as Hypothesis does, and the same whatever modules are loaded."""

    def _maybe_draw_constant(self, *asked: Any, **named: Any) -> None:
        return None


AVAILABLE_PROVIDERS[BACKEND] = _Alike

# What was generated, by the strategy's identity: Hypothesis itself gives one object for equal arguments.
_KEPT: OrderedDict[tuple[int, int], tuple[Any, tuple[Any, ...]]] = OrderedDict()


def draw(run: Execution, strategy: "strategies.SearchStrategy[Value]") -> Value:
    """The value that the execution chose. Raises ``UsageError`` for what is no strategy, or has no value."""
    if not isinstance(strategy, strategies.SearchStrategy):
        raise UsageError(
            f"sim.draw({strategy!r}): give a strategy of Hypothesis, such as "
            "sim.draw(hypothesis.strategies.integers(1, 5))."
        )
    chosen = run.choose("draw", run.flow(), VALUES)
    with run.loop.excused():  # Hypothesis may have tables of its own to make
        values = _values(strategy, VALUES if chosen else 1)
    value: Value = values[chosen % len(values)]
    if run.story is not None:
        run.say(run.flow(), f"draws {without_addresses(repr(value))}")
    return value


def _values(strategy: "strategies.SearchStrategy[Value]", count: int) -> tuple[Value, ...]:
    """The simplest value, and up to ``count`` in all; kept where no caller can change them."""
    key = id(strategy), count
    kept = _KEPT.get(key)
    if kept is not None:
        _KEPT.move_to_end(key)
        return kept[1]
    values = _generated(strategy, count)
    if all(_is_plain(each) for each in values):
        _KEPT[key] = strategy, values  # with the strategy, or another may get its identity
        while len(_KEPT) > KEPT_MAX:
            _KEPT.popitem(last=False)
    return values


def _is_plain(value: Any) -> bool:
    """Whether nobody can change it."""
    return type(value) in PLAIN or (type(value) is tuple and all(_is_plain(each) for each in value))


def _generated(strategy: "strategies.SearchStrategy[Value]", count: int) -> tuple[Value, ...]:
    found: list[Value] = []

    @hypothesis.seed(0)
    @hypothesis.settings(
        max_examples=TRIED if count > 1 else 1,
        backend=BACKEND,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(strategy)
    def generate(value: Value) -> None:
        found.append(value)

    try:
        generate()
    except (InvalidArgument, Unsatisfiable) as error:
        raise UsageError(f"sim.draw({strategy!r}): {error}") from error
    simplest, *others = {repr(each): each for each in found}.values()
    return (simplest, *_spread(sorted(others, key=_length), count - 1))


def _spread(values: list[Value], count: int) -> list[Value]:
    """At most ``count`` of them, from the first on, as far apart as they can be."""
    if len(values) <= count:
        return values
    return [values[place * len(values) // count] for place in range(count)]


def _length(value: Any) -> int:
    return len(repr(value))
