"""Breakers as users write them: a right one, and others that differ in one thing."""

import pickle
from dataclasses import dataclass, replace

from hedgecheck.machines import (
    BreakerTerms,
    EquityMarked,
    ResetCodeEntered,
    SessionDayBegan,
    TimePassed,
    TradeClosed,
)


@dataclass(frozen=True)
class State:
    """What a breaker knows."""

    terms: BreakerTerms
    base: int | None = None
    losses: int = 0
    tripped: bool = False
    trips: int = 0
    tripped_ns: int = 0


class Breaker:
    """Compares whole numbers, and each trip has a code of its own."""

    def fresh(self, terms):
        return State(terms)

    def is_tripped(self, state):
        return state.tripped

    def allows(self, state, order_kind):
        return order_kind == "exit" or not state.tripped

    def code(self, state):
        return f"code {state.trips}"

    def restarted(self, state):
        return pickle.loads(pickle.dumps(state))

    def on(self, state, event):
        """Each kind of event has a method of its name."""
        return getattr(self, f"on_{type(event).__name__.lower()}")(state, event)

    def on_timepassed(self, state, event: TimePassed):
        return state

    def on_equitymarked(self, state, event: EquityMarked):
        if not isinstance(event.equity, int):
            return state
        base = event.equity if state.base is None else state.base
        if state.terms.measure == "drawdown":
            base = max(base, event.equity)
        return self.judged(replace(state, base=base), event.at_ns, event.equity)

    def judged(self, state, at_ns, equity):
        return self.trip(state, at_ns) if self.is_beyond(state, equity) else state

    def is_beyond(self, state, equity):
        if state.terms.measure == "consecutive_losses":
            return False
        return (state.base - equity) * 10_000 >= state.terms.level * state.base

    def trip(self, state, at_ns):
        if state.tripped:
            return state
        return replace(state, tripped=True, trips=state.trips + 1, tripped_ns=at_ns)

    def on_sessiondaybegan(self, state, event: SessionDayBegan):
        if state.terms.measure == "daily_loss":
            return replace(state, base=event.equity)
        return self.on_equitymarked(state, EquityMarked(event.at_ns, event.equity))

    def on_tradeclosed(self, state, event: TradeClosed):
        if state.terms.measure != "consecutive_losses" or not isinstance(event.pnl, int):
            return state
        state = replace(state, losses=state.losses + 1 if event.pnl < 0 else 0)
        return self.trip(state, event.at_ns) if state.losses >= state.terms.level else state

    def on_resetcodeentered(self, state, event: ResetCodeEntered):
        return self.reset(state) if state.tripped and self.fits(state, event.code) else state

    def fits(self, state, code):
        return code == self.code(state)

    def reset(self, state):
        return replace(state, tripped=False, base=None, losses=0)


class KeepsItsBase(Breaker):
    """Goes on counting after a reset from where it counted before: right too."""

    def reset(self, state):
        return replace(state, tripped=False)


class SleepsWhileTripped(Breaker):
    """Hears nothing but codes while it is tripped: right too."""

    def on(self, state, event):
        return (
            state if state.tripped and not isinstance(event, ResetCodeEntered) else super().on(state, event)
        )


class TripsBeyondItsLevel(Breaker):
    """At the level is not yet beyond it."""

    def is_beyond(self, state, equity):
        if state.terms.measure == "consecutive_losses":
            return False
        return (state.base - equity) * 10_000 > state.terms.level * state.base


class TripsEarly(Breaker):
    """Rounds to whole percents, up."""

    def is_beyond(self, state, equity):
        if state.terms.measure == "consecutive_losses":
            return False
        return -(-(state.base - equity) * 100 // state.base) * 100 >= state.terms.level


class RecoversByItself(Breaker):
    """Is tripped as long as the loss is that large."""

    def judged(self, state, at_ns, equity):
        state = super().judged(state, at_ns, equity)
        return state if self.is_beyond(state, equity) else replace(state, tripped=False)


class CoolsDown(Breaker):
    """Trades again after a day."""

    def on_timepassed(self, state, event):
        is_over = state.tripped and event.at_ns - state.tripped_ns >= 24 * 3_600 * 10**9
        return self.reset(state) if is_over else state


class StartsAfreshEachDay(Breaker):
    """A new day is a new game."""

    def on_sessiondaybegan(self, state, event):
        return replace(super().on_sessiondaybegan(state, event), tripped=False, losses=0)


class StopsExitsToo(Breaker):
    """A halt is a halt of everything."""

    def allows(self, state, order_kind):
        return not state.tripped


class LetsEntriesThrough(Breaker):
    """Says that it is tripped, and lets everything through."""

    def allows(self, state, order_kind):
        return True


class TakesNoPriceForRecovery(Breaker):
    """Starts anew where a price is missing."""

    def on_equitymarked(self, state, event):
        if not isinstance(event.equity, int):
            return replace(state, base=None)
        return super().on_equitymarked(state, event)


class TakesNoResultForAProfit(Breaker):
    """What is not a loss ends the row."""

    def on_tradeclosed(self, state, event):
        if not isinstance(event.pnl, int):
            return replace(state, losses=0)
        return super().on_tradeclosed(state, event)


class ForgetsAtARestart(Breaker):
    """Comes up armed."""

    def restarted(self, state):
        return replace(state, tripped=False)


class ForgetsWhatItMeasures(Breaker):
    """Comes up tripped where it was, and counts from zero."""

    def restarted(self, state):
        return replace(state, base=None, losses=0)


class HasOneCode(Breaker):
    """The same code every time."""

    def code(self, state):
        return "open sesame"


class TakesAnyCode(Breaker):
    """Whoever knows that there is a code may reset."""

    def fits(self, state, code):
        return code is not None


class CannotBeReset(Breaker):
    """Tripped once, tripped for ever."""

    def reset(self, state):
        return state


class StartsTripped(Breaker):
    """Is on the safe side."""

    def fresh(self, terms):
        return State(terms, tripped=True, trips=1)


class CountsTheDay(Breaker):
    """Measures a drawdown from the beginning of the day."""

    def on_sessiondaybegan(self, state, event):
        return replace(state, base=event.equity)


class WritesOver(Breaker):
    """Changes the state that it is given."""

    def on(self, state, event):
        for name, value in vars(super().on(state, event)).items():
            object.__setattr__(state, name, value)
        return state
