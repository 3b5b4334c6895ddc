"""Defects in what the engine makes of prices and halts."""

from dataclasses import replace as changed
from typing import Any

from core import admission, engine, market, trade
from core.messages import PriceMoved, PriceUnusable
from core.positions import price_of
from core.units import Lots
from hedgecheck.explore.bounded import Small
from tests.canary.engines.defective import Defective, canary

NAN: Any = float("nan")


def handling(event: type[Any], handler: Any) -> tuple[Any, str, Any]:
    """The patch that has the engine handle one kind of event in another way."""
    return engine, "HANDLERS", {**engine.HANDLERS, event: handler}


@canary("I14", "I10", "I13", small=Small(faults=1, kinds=("F15",)), needs_fault="F15")
def z141() -> Defective:
    """A price that is not a number is kept as the price: every comparison with it passes."""
    return Defective(
        "Z141", handling(PriceUnusable, lambda state, event: (market._priced(state, event.symbol, NAN), ()))
    )


@canary("I14", "I13", small=Small(faults=1, kinds=("F15",)), needs_fault="F15")
def z034() -> Defective:
    """When the feed shows no price any more, the last one is traded by."""
    return Defective("Z034", handling(PriceUnusable, lambda state, event: (state, ())))


@canary("I05", "I07", small=Small(faults=1, kinds=("F14",)), needs_fault="F14")
def x009() -> Defective:
    """A price gap closes the first leg of a hedged pair, and leaves the second."""

    def price_moved(state: engine.State, event: PriceMoved) -> Any:
        known = price_of(state.prices, event.symbol)
        is_gap = known is not None and 10 * abs(event.price - known) > known
        state, commands = engine_price_moved(state, event)
        trades = []
        for one in state.trades:
            held, more = one, ()
            if is_gap and one.phase == "ended" and one.kept_a > 0 and one.leg_a.symbol == event.symbol:
                held, more = trade._submit(changed(one, kept_a=0), "flatten_a", Lots(one.kept_a))
            trades.append(held)
            commands += more
        return changed(state, trades=tuple(trades)), commands

    engine_price_moved = engine.HANDLERS[PriceMoved]
    return Defective("X009", handling(PriceMoved, price_moved))


@canary("I12", small=Small(halts=1), needs_invariant="I12")
def z125() -> Defective:
    """The kill switch fires, and orders go on."""
    admission_summary = admission.summary
    return Defective(
        "Z125", (admission, "summary", lambda state: changed(admission_summary(state), halted=False))
    )
