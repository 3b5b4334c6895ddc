"""Defects in the numbers that breakers trip by."""

from dataclasses import replace as changed

from core import engine, halts, levels
from core.messages import SessionChanged
from core.settings import BreakerRule
from core.units import Money
from hedgecheck.explore.bounded import Small
from hedgecheck.invariants import Belief
from tests.canary.engines.defective import Defective, canary
from tests.canary.engines.inputs import handling

session_changed = engine.HANDLERS[SessionChanged]


@canary("I13", needs_invariant="I13", why_blank="a small scope has no second day")
def x014() -> Defective:
    """A new day goes on measuring its loss from the opening of the day before."""

    def opened(state: engine.State, event: SessionChanged) -> engine.Step:
        after, commands = session_changed(state, event)
        return changed(after, gauges=state.gauges), commands

    return Defective("X014", handling(SessionChanged, opened))


@canary("I05", "I04", "I06", small=Small(faults=2, kinds=("F13", "F16")), needs_fault="F16")
def x019() -> Defective:
    """The signals that were seen are kept per day: a day that is told again starts without them."""

    def begun(state: engine.State, event: SessionChanged) -> engine.Step:
        after, commands = session_changed(state, event)
        return (after, commands) if event.day > state.day else (changed(after, high_water=()), commands)

    return Defective("X019", handling(SessionChanged, begun))


@canary("I18", small=Small(), needs_invariant="I18")
def x018() -> Defective:
    """What is held is booked to a strategy that did not trade it."""

    def believes(_state: engine.State, belief: Belief) -> Belief:
        moved = tuple((f"x{intent}", symbol, lots) for intent, symbol, lots in belief.attributed)
        return changed(belief, attributed=moved)

    return Defective("X018", believes=believes)


@canary("I13", needs_invariant="I13", why_blank="a small scope loses too little")
def x015() -> Defective:
    """The day's loss is measured without what is only lost on paper."""

    def realised(rule: BreakerRule, state: engine.State, worth: Money | None) -> levels.Level:
        lost = sum(each.realised for each in state.book.positions) - state.book.fees
        return daily_loss(rule, state, None if worth is None else Money((state.gauges.opening or 0) + lost))

    daily_loss = levels.MEASURES["daily_loss"]
    return Defective("X015", (halts, "MEASURES", {**levels.MEASURES, "daily_loss": realised}))
