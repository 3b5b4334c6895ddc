"""Executions that Hypothesis draws: at most four places to hold a flow back, and each fault at its call."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, strategies

from hedgecheck.simulate.choices import Drawn

HOLDS_MAX, PLACES = 4, 40


class _Enough(BaseException):
    """Ends Hypothesis's run; it would go on to replay what failed."""


def can_draw() -> bool:
    """Whether Hypothesis may draw here: inside a test of its own, under ``given``, it refuses to."""
    return not hypothesis.currently_in_test_context()


def drawn_executions(count: int, seed: int, perform: Callable[[Drawn], bool]) -> None:
    """Calls ``perform`` with choices that Hypothesis draws, ``count`` times or until it returns False."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(strategies.data())
    def run(data: Any) -> None:
        places = strategies.lists(strategies.integers(0, PLACES), max_size=HOLDS_MAX, unique=True)
        holds = tuple(data.draw(places))
        if not perform(Drawn(lambda most: int(data.draw(strategies.integers(0, most))), holds)):
            raise _Enough

    with _stopped_by(_Enough):
        run()


@contextmanager
def _stopped_by(kind: type[BaseException]) -> Iterator[None]:
    try:
        yield
    except kind:
        return
