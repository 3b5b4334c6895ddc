"""Defects of the order flow: what the gate lets in, what becomes of an order, what new settings do to it."""

from dataclasses import replace
from itertools import combinations

from core import admission, control, orders, protection, risk, sizing, state, tracking
from core.settings import Correlation
from core.units import BasisPoints, Lots
from tests.canary.planted import Swap, plant

PROMISED = (*(f"TC-IF-{number:03}" for number in (6, 8, 9, 10, 11, 12, 15)), "EM-04", "EM-05", "EM-12")

# ---- what the gate lets in -------------------------------------------------------------------------------


@plant("TC-IF-008", "TC-IF-009", "TC-IF-010", "TC-IF-012")
def limit_ignores_resting_orders() -> list[Swap]:
    """A running trade stands for what it has filled, and not for what rests or is still to be hedged."""
    contribute = risk.contribute

    def filled_alone(each, prices, settings):
        if each.phase == "proposed":
            return contribute(each, prices, settings)
        no_more = tuple(replace(order, phase="canceled") for order in each.orders)
        leg_a, leg_b = (replace(leg, planned=Lots(0)) for leg in (each.leg_a, each.leg_b))
        return contribute(replace(each, orders=no_more, leg_a=leg_a, leg_b=leg_b), prices, settings)

    return [(risk, "contribute", filled_alone)]


@plant("TC-IF-011")
def concurrent_entries_each_pass_the_cap() -> list[Swap]:
    """An entry is judged against what is held already: two that are asked for at once both fit."""
    summary = state.summary

    def held_alone(now):
        over = tuple(each for each in now.trades if each.phase in risk.OVER)
        return summary(replace(now, trades=over))

    return [(state, "summary", held_alone)]


@plant("TC-IF-009")
def size_is_rounded_up() -> list[Swap]:
    """A size that does not come out even is one step larger than what was to be risked."""
    whole = sizing._whole

    def rounded_up(amount, per_lot, price, traded):
        lots = whole(amount, per_lot, price, traded)
        return lots if lots * per_lot == amount else Lots(lots + traded.quantity_step)

    return [(sizing, "_whole", rounded_up)]


@plant("TC-IF-009")
def size_ignores_what_the_limits_leave() -> list[Swap]:
    """Any size that the signal asks for is said to fit."""
    return [(sizing, "largest_allowed", lambda summary, limits, plan, *_: plan.leg_a.planned)]


@plant("TC-IF-010")
def leverage_is_checked_at_entry_alone() -> list[Swap]:
    """What rests is not looked at again when equity falls."""
    return [(control, "within_leverage", lambda after, commands: (after, commands))]


@plant("TC-IF-008")
def resend_asks_nobody() -> list[Swap]:
    """An entry that never arrived is sent again whatever everything open together comes to by now."""
    return [(risk, "standing_refusal", lambda *_: None)]


@plant("TC-IF-012")
def unknown_correlation_counts_as_none() -> list[Swap]:
    """Two symbols of which nothing is known are taken to move apart."""
    clusters = state.clusters

    def unknown_is_none(instruments, correlations, threshold):
        symbols = [each.symbol for each in instruments]
        known = {frozenset((each.symbol_a, each.symbol_b)) for each in correlations}
        pairs = (pair for pair in combinations(symbols, 2) if frozenset(pair) not in known)
        none = tuple(Correlation(*pair, BasisPoints(0)) for pair in pairs)
        return clusters(instruments, (*correlations, *none), threshold)

    return [(state, "clusters", unknown_is_none)]


@plant("TC-IF-012")
def only_neighbours_are_a_cluster() -> list[Swap]:
    """Two symbols that nothing but a third one links are judged apart."""

    def neighbours(instruments, correlations, threshold):
        apart = {
            frozenset((each.symbol_a, each.symbol_b)) for each in correlations if abs(each.value) < threshold
        }
        named: dict[str, str] = {}
        for each in instruments:
            first = next((name for name in named.values() if {name, each.symbol} not in apart), each.symbol)
            named[each.symbol] = first
        return tuple(sorted(named.items()))

    return [(state, "clusters", neighbours)]


# ---- what becomes of an order ----------------------------------------------------------------------------


@plant("TC-IF-006")
def replace_ack_overwrites_a_fill() -> list[Swap]:
    """A confirmed replacement takes the place of the order with all that it had filled."""
    replaced = orders._replaced

    def overwriting(order, quantity):
        fresh = replace(order, fills=(), filled=Lots(0), reported=Lots(0), phase="new")
        return replaced(fresh, quantity)

    return [(orders, "_replaced", overwriting)]


@plant("TC-IF-006")
def move_asks_nobody() -> list[Swap]:
    """An entry is moved to any price that a strategy names."""
    return [(admission, "may_change", lambda *_: True)]


@plant("EM-04")
def timeout_is_permission_to_send_again() -> list[Swap]:
    """An order of which nothing was heard counts as never arrived."""
    unknown = orders._outcome_unknown

    def absent(order, event):
        if event.request == "submit" and order.phase == "pending_new":
            return replace(order, phase="absent", reconciled=True)
        return unknown(order, event)

    return [(orders, "_outcome_unknown", absent)]


@plant("EM-04")
def one_denial_is_enough() -> list[Swap]:
    """The first "not found" is believed."""
    answered = orders._answered
    return [(orders, "_answered", lambda order, event, confirmations: answered(order, event, 1))]


@plant("EM-05")
def stop_not_resized_after_a_partial() -> list[Swap]:
    """A stop keeps the size of the first fill."""
    align = protection._align_leg

    def once(each, leg, slot):
        stands = protection._standing(each, slot) is not None and protection._wanted(each, leg)
        return (each, ()) if stands else align(each, leg, slot)

    return [(protection, "_align_leg", once)]


@plant("EM-12")
def late_answer_is_an_end() -> list[Swap]:
    """An order that is not heard of before its time is over counts as gone: nobody cancels it."""

    def given_up(order, protocol):
        return replace(order, phase="absent", reconciled=True, timeout_armed=False), ()

    return [(tracking, "timed_out", given_up)]


# ---- what new settings do ----------------------------------------------------------------------------------


@plant("TC-IF-015")
def bad_settings_are_taken_in_part() -> list[Swap]:
    """A set of settings that makes no sense is taken as it is."""
    return [(control, "problems", lambda settings: ())]


@plant("TC-IF-015")
def tightened_limits_leave_what_rests() -> list[Swap]:
    """New limits hold for what is asked from now on; what rests beyond them may still be filled."""
    return [(control, "rests", lambda _: False)]
