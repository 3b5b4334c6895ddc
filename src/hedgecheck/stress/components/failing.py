"""A model that fails: predictions go missing, say the opposite, or are no number."""

from collections.abc import Sequence
from math import nan

from hedgecheck.arrays import number
from hedgecheck.marketdata.chance import Source
from hedgecheck.stress.components.protocols import AccountView, BarView, RuntimeEngine, Signal
from hedgecheck.stress.stressed import ModelFailure, RuntimeFault
from hedgecheck.values import replace

NAME = "model failure"  # of the source that draws


class FailingEngine:
    """A runtime engine of which predictions fail. ``predictions``: those made within a window; ``missing``,
    ``inverted``, ``no_number``: those that failed, each kind as often."""

    def __init__(self, engine: RuntimeEngine, failures: Sequence[ModelFailure], source: Source) -> None:
        self._engine, self._failures, self._random = engine, failures, source(NAME)
        self.predictions = self.missing = self.inverted = self.no_number = 0
        for each in failures:
            number("rate", each.rate, 0, 1)

    @property
    def failed(self) -> int:
        """How many predictions failed."""
        return self.missing + self.inverted + self.no_number

    def signals(self, view: BarView, account: AccountView) -> Sequence[Signal]:
        """See ``RuntimeEngine``."""
        made = self._engine.signals(view, account)
        if not self._failures:
            return made
        now = [each for each in self._failures if each.window.holds(view.bar)]
        found = [self._struck(each, _rate(each, view.bar, now)) for each in made]
        return [each for each in found if each is not None]

    def _struck(self, signal: Signal, rate: float | None) -> Signal | None:
        """The signal as it comes out. Two numbers are drawn whether it fails or not: with a higher rate those
        that failed before fail the same way, as long as the engine says the same."""
        if rate is None:
            return signal
        self.predictions += 1
        fails, kind = self._random.random(), int(self._random.random() * 3)
        if fails >= rate:
            return signal
        if kind == 0:
            self.no_number += 1
            return replace(signal, confidence=nan)
        if kind == 1 and signal.target:
            self.inverted += 1
            return replace(signal, target=-signal.target)
        self.missing += 1  # the opposite of leaving is to say nothing
        return None


def failing(engine: RuntimeEngine, plan: Sequence[RuntimeFault], source: Source) -> FailingEngine:
    """The engine with the model failures of a plan: within a window each prediction fails with its rate,
    independently, drawn from the source's ``model failure``. Windows that overlap strike one after another.
    ``UsageError`` for a rate that is not from 0 to 1."""
    return FailingEngine(engine, [each for each in plan if isinstance(each, ModelFailure)], source)


def _rate(signal: Signal, bar: int, failures: Sequence[ModelFailure]) -> float | None:
    """How likely a prediction fails; None where no window is about its symbols."""
    symbols = (signal.symbol, signal.hedge) if signal.hedge else (signal.symbol,)
    rates = [each.rate for each in failures if any(each.window.holds(bar, symbol) for symbol in symbols)]
    works = 1.0
    for rate in rates:
        works *= 1 - rate
    return 1 - works if rates else None
