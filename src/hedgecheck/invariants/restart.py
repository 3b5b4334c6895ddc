"""I16: coming up again changes nothing that the engine knows, and makes nothing up."""

from typing import Literal

from hedgecheck.invariants.base import Belief, Books, Broken, Finding, Heard, View
from hedgecheck.messages import Alert, Filled
from hedgecheck.values import frozen, replace


@frozen
class Lived:
    """Whether anything was traded, and of whom a person was told."""

    traded: bool = False
    flagged: bool = False


def _filled(memory: Lived, _fill: Filled) -> Lived:
    return memory if memory.traded else replace(memory, traded=True)


def _alerted(memory: Lived, alert: Alert) -> Lived:
    return memory if alert.reason.startswith("BREAKER_") else replace(memory, flagged=True)


LIVED = Books(lambda terms: Lived(), {Filled: _filled, Alert: _alerted})


@frozen
class RestartNeutral:
    """At rest, after a restart and all that follows from it, the engine believes what it believed before, and
    has opened nothing; and the same after one more. Where a person was told of an open question a restart may
    answer it."""

    id: str = "I16"
    name: str = "restart_neutral"
    kind: Literal["always", "rest"] = "rest"
    judged_after: tuple[Heard, ...] | None = None
    books: Books = LIVED

    def verdict(self, memory: Lived, view: View) -> Finding:
        if memory.flagged or not view.restarts:
            return "vacuous"
        for times, (belief, opened) in enumerate(view.restarts, start=1):
            if opened:
                return Broken(f"after restart {times} at rest the engine sends {opened}")
            changed = _difference(view.belief, belief)
            if changed:
                return Broken(f"restart {times} at rest changes {changed}")
        return "holds" if memory.traded else "vacuous"


def _difference(before: Belief, after: Belief) -> str:
    """What differs, in words; empty where nothing that matters does."""
    if before.positions != after.positions:
        return f"positions from {before.positions} to {after.positions}"
    if before.cash != after.cash:
        return f"cash from {before.cash} to {after.cash}"
    if before.halted != after.halted:
        return f"halted from {before.halted} to {after.halted}"
    was, now = (
        sorted(order.client_order_id for order in each.orders if not order.over) for each in (before, after)
    )
    return f"open orders from {was} to {now}" if was != now else ""
