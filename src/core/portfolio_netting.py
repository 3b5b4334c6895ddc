"""Signals of one moment that pull a symbol both ways, set off against each other before admission.

Of two strategies' signals that oppose, the one that wants more keeps what it wants beyond the other, and that
one keeps nothing. Nothing is crossed between their books: no strategy is long where another is short, and an
order is of one trade. What opposes a signal of an earlier moment opposes a trade, and is refused by the gate.
"""

from core import admission, sizing
from core.messages import SignalReceived
from core.state import State
from core.trade import Leg, Trade, legs
from core.units import Lots
from core.values import replace


def netted(state: State, signals: tuple[SignalReceived, ...]) -> tuple[SignalReceived | None, ...]:
    """What is left of each signal; None where that is nothing.

    Only those take part that would be let in by themselves: a signal that trades nothing holds up no other.
    """
    if state.settings.conflicts == "refuse":
        return signals
    known, plans = set[object](), list[Trade | None]()
    for event in signals:
        plan = admission.planned(state, event)
        plans.append(plan if isinstance(plan, Trade) and event.signal not in known else None)
        known.add(event.signal)
    left = less_opposing(tuple(plans))
    return tuple([_resized(*each) for each in zip(signals, plans, left, strict=True)])


def _resized(event: SignalReceived, plan: Trade | None, left: Trade | None) -> SignalReceived | None:
    if plan is None:
        return event  # it took no part
    if left is None:
        return None
    return replace(event, quantity_a=left.leg_a.planned, quantity_b=left.leg_b.planned)


def less_opposing(plans: tuple[Trade | None, ...]) -> tuple[Trade | None, ...]:
    """Each plan less what opposes it in those of other strategies, in their order."""
    left = list(plans)
    for later in range(len(left)):
        for earlier in range(later):
            one, other = left[earlier], left[later]
            if one is not None and other is not None and one.signal.strategy != other.signal.strategy:
                left[earlier], left[later] = less(one, other), less(other, one)
    return tuple(left)


def less(plan: Trade, other: Trade) -> Trade | None:
    """The plan in its own proportions, each leg with what it wants beyond what opposes it or less; None where
    the venue would not take that."""
    opposed = [
        (leg, against.planned)
        for leg in legs(plan)
        for against in legs(other)
        if leg.symbol == against.symbol and leg.side != against.side
    ]
    if not opposed:
        return plan
    lots = min([_without(plan, leg, taken) for leg, taken in opposed])
    sized = sizing.resized(plan, Lots(lots - lots % plan.leg_a.step))
    is_taken = all(leg.planned >= leg.minimum for leg in legs(sized))
    return sized if is_taken else None


def _without(plan: Trade, leg: Leg, taken: Lots) -> int:
    """The most lots of leg A with which the plan has so many less of that leg; 0 or less where it cannot."""
    return plan.leg_a.planned * (leg.planned - taken) // leg.planned
