"""Defects in how trades and orders come to their end: cancels, exits, and trades that are given up."""

from dataclasses import replace as changed
from typing import Any

from core import tracking, trade
from core.messages import CancelRejected, EndTrade
from core.orders import Order, is_live
from core.trade import Trade
from core.units import Lots
from hedgecheck.explore.bounded import Small
from tests.canary.engines.defective import Defective, canary

EXITS = ("flatten_a", "flatten_b")


@canary("I07", small=Small())
def z038() -> Defective:
    """An entry that fills while it is being cancelled counts as unfilled: the hedge is never sent."""

    def after_entry(one: Trade, allowed: bool) -> Any:
        last = one.orders[-1]
        if last.phase == "filled" and last.cancel_wanted:
            after, commands = trade.end(one, "unfilled")
            return changed(after, kept_a=trade.open_lots(one, one.leg_a)), commands
        return trade_after_entry(one, allowed)

    trade_after_entry = trade._after_entry
    return Defective("Z038", (trade, "_after_entry", after_entry))


@canary("I01", "I18", small=Small(faults=1, kinds=("F05",)), needs_fault="F05")
def z028() -> Defective:
    """After a cancel was refused nobody asks for executions that may be missing; a person is told instead."""

    def follow_up(order: Order, event: Any, protocol: Any) -> Any:
        if isinstance(event, CancelRejected) and is_live(order):
            return changed(order, queries=protocol.query_attempts + 1), ()
        return tracking_follow_up(order, event, protocol)

    tracking_follow_up = tracking.follow_up
    return Defective("Z028", (tracking, "follow_up", follow_up))


@canary("I15", small=Small(faults=1, kinds=("F05",)))
def z037() -> Defective:
    """An order whose cancel is refused is alive, and cancelled again, without end."""

    def follow_up(order: Order, event: Any, protocol: Any) -> Any:
        if isinstance(event, CancelRejected) and is_live(order):
            return tracking.cancel(order, protocol)
        return tracking_follow_up(order, event, protocol)

    tracking_follow_up = tracking.follow_up
    return Defective("Z037", (tracking, "follow_up", follow_up))


@canary("I05", "I08", small=Small(faults=1, lots=10, kinds=("F10",)))
def z106() -> Defective:
    """An exit keeps the size that the trade was planned with, whatever is left of the position."""

    def submit(one: Trade, slot: Any, quantity: Lots) -> Any:
        leg = one.leg_a if slot == "flatten_a" else one.leg_b
        return trade_submit(one, slot, leg.planned if slot in EXITS else quantity)

    trade_submit = trade._submit
    return Defective("Z106", (trade, "_submit", submit))


@canary("I02", small=Small(faults=2, kinds=("F18",)), needs_invariant="I02")
def x003() -> Defective:
    """A trade that is given up is written down with an exit that never left."""

    def park(one: Trade, alert: Any) -> Any:
        after, commands = trade_park(one, alert)
        if one.phase != "parked":
            after, _never_sent = trade._submit(after, "flatten_a", after.leg_a.planned)
        return after, commands

    trade_park = trade.park
    return Defective("X003", (trade, "park", park))


@canary("I10", "I15", small=Small(), needs_invariant="I15")
def x013() -> Defective:
    """Whoever sent a signal is not answered when its trade ends with nothing filled."""

    def end(one: Trade, outcome: Any) -> Any:
        after, commands = trade_end(one, outcome)
        return after, tuple(
            each for each in commands if not (isinstance(each, EndTrade) and each.outcome == "unfilled")
        )

    trade_end = trade.end
    return Defective("X013", (trade, "end", end))
