"""Defects in what is stored, and in what is made of it when the process comes up again."""

from dataclasses import replace as changed
from typing import Any

from core import breakers, engine, gauges, positions
from core.messages import Restarted
from core.orders import is_live, net_lots
from core.units import Money
from hedgecheck.explore.bounded import Small
from hedgecheck.invariants import Belief
from tests.canary.engines.defective import Defective, canary
from tests.canary.engines.inputs import handling

engine_restarted = engine.HANDLERS[Restarted]


@canary("I01", "I03", "I13", "I16", small=Small(faults=1, lots=2, crashes=1, kinds=("F10",)))
def z056() -> Defective:
    """After a restart what open orders have filled is added to the positions that hold it already."""

    def restarted(state: engine.State, event: Restarted) -> Any:
        book = state.book
        for order in (order for one in state.trades for order in one.orders if is_live(order)):
            book = positions._add(book, order.symbol, net_lots(order), Money(0), Money(0))
        return engine_restarted(changed(state, book=book), event)

    return Defective("Z056", handling(Restarted, restarted))


@canary("I03", "I17", "I01", "I02", "I05", "I07", small=Small(crashes=1), needs_fault="F12")
def z064() -> Defective:
    """An order is sent before it is stored: a crash in between forgets an order that is out."""
    return Defective("Z064", stores_first=False)


@canary("I16", "I12", "I13", small=Small(crashes=1, halts=1))
def z134() -> Defective:
    """A restart clears a tripped breaker and measures the day's loss from what is left."""

    def restarted(state: engine.State, event: Restarted) -> Any:
        known = engine.equity(state)
        armed = changed(
            state,
            breakers=breakers.initial(state.settings),
            gauges=gauges.day_begun(state.gauges, known),
        )
        return engine_restarted(armed, event)

    return Defective("Z134", handling(Restarted, restarted))


@canary("I16", small=Small(crashes=1), needs_invariant="I16")
def x007() -> Defective:
    """The engine comes up halted and tells nobody."""

    def restarted(state: engine.State, event: Restarted) -> Any:
        manual = breakers.find(state.breakers, "manual")
        if manual is not None and manual.phase == "armed":
            state = changed(state, breakers=breakers.put(state.breakers, breakers.trip(manual)))
            after, commands = engine_restarted(state, event)
            return after, tuple(each for each in commands if getattr(each, "kind", "") != "BREAKER_TRIPPED")
        return engine_restarted(state, event)

    return Defective("X007", handling(Restarted, restarted))


@canary("I17", small=Small(crashes=1), needs_invariant="I17")
def x008() -> Defective:
    """Until it has heard of them again, a restarted engine knows nothing of the orders that are out."""

    def believes(state: engine.State, belief: Belief) -> Belief:
        if not state.recovering:
            return belief
        return changed(belief, orders=tuple(order for order in belief.orders if order.over))

    return Defective("X008", believes=believes)
