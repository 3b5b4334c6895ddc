"""Contracts of the life of an order in ``core.orders``: what it leaves, and that what is over stays over.

Phases are drawn by index, all of them unless the precondition says otherwise; an order holds no fill or
one, and all numbers are unbounded.
"""

# ruff: noqa: PT018 - one assert before and one after, so that it is plain which is which; and
# a twin has the body of its check, whatever of it the false claim needs

from core import orders
from core.lifecycle import LIVE
from core.messages import (
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderReplaced,
    OrderStatusReported,
    RequestOutcomeUnknown,
)
from core.orders import Order, is_live, is_settled, leaves
from core.values import replace
from specs.contracts.shapes import CONFIRMATIONS, FINAL, ID, PHASES, REQUESTS, booked, working


def check_leaves_is_between_nothing_and_the_quantity(quantity: int, filled: int, phase: int) -> None:
    """An order never leaves less than nothing, nor more than it asked for."""
    assert 0 <= filled <= quantity and 0 <= phase < 8
    result = leaves(working(quantity, filled, phase))
    assert 0 <= result <= quantity


def twin_leaves_is_between_nothing_and_the_quantity(quantity: int, filled: int, phase: int) -> None:
    """False: it is less than it asked for."""
    assert 0 <= filled <= quantity and 0 <= phase < 8
    result = leaves(working(quantity, filled, phase))
    assert 0 <= result < quantity


def check_leaves_and_filled_make_up_the_quantity(quantity: int, filled: int, phase: int) -> None:
    """FIX: LeavesQty = OrderQty - CumQty while it works, 0 after."""
    assert 0 <= filled <= quantity and 0 <= phase < 8
    result = leaves(working(quantity, filled, phase))
    assert result == (quantity - filled if PHASES[phase] in LIVE else 0)


def twin_leaves_and_filled_make_up_the_quantity(quantity: int, filled: int, phase: int) -> None:
    """False: also after it is over."""
    assert 0 <= filled <= quantity and 0 <= phase < 8
    result = leaves(working(quantity, filled, phase))
    assert result == quantity - filled


def check_final_phase_absorbs_an_acknowledgement(quantity: int, filled: int, phase: int) -> None:
    """It came last, and opens nothing."""
    assert 0 <= filled <= quantity and 0 <= phase < 4
    before = replace(working(quantity, filled, 0), phase=FINAL[phase])
    after = booked(before, OrderAccepted(ID))
    assert after.phase == FINAL[phase] and leaves(after) == 0


def twin_final_phase_absorbs_an_acknowledgement(quantity: int, filled: int, phase: int) -> None:
    """False: it leaves what is not filled."""
    assert 0 <= filled <= quantity and 0 <= phase < 4
    before = replace(working(quantity, filled, 0), phase=FINAL[phase])
    after = booked(before, OrderAccepted(ID))
    assert after.phase == FINAL[phase] and leaves(after) == quantity - filled


def check_final_phase_absorbs_a_cancel(quantity: int, filled: int, cumulative: int, phase: int) -> None:
    """Whatever quantity it names: filled outranks canceled, and an end has one name."""
    assert 0 <= filled <= quantity and 0 <= phase < 4
    before = replace(working(quantity, filled, 0), phase=FINAL[phase])
    after = booked(before, OrderCanceled(ID, cumulative))
    assert after.phase == FINAL[phase] and leaves(after) == 0 and after.filled == filled


def twin_final_phase_absorbs_a_cancel(quantity: int, filled: int, cumulative: int, phase: int) -> None:
    """False: nothing changes."""
    assert 0 <= filled <= quantity and 0 <= phase < 4
    before = replace(working(quantity, filled, 0), phase=FINAL[phase])
    after = booked(before, OrderCanceled(ID, cumulative))
    assert after == before


def check_final_phase_absorbs_an_expiry(quantity: int, filled: int, cumulative: int, phase: int) -> None:
    """The same of an expiry."""
    assert 0 <= filled <= quantity and 0 <= phase < 4
    before = replace(working(quantity, filled, 0), phase=FINAL[phase])
    after = booked(before, OrderExpired(ID, cumulative))
    assert after.phase == FINAL[phase] and leaves(after) == 0 and after.filled == filled


def twin_final_phase_absorbs_an_expiry(quantity: int, filled: int, cumulative: int, phase: int) -> None:
    """False: nothing changes."""
    assert 0 <= filled <= quantity and 0 <= phase < 4
    before = replace(working(quantity, filled, 0), phase=FINAL[phase])
    after = booked(before, OrderExpired(ID, cumulative))
    assert after == before


def check_cancel_with_an_impossible_quantity_changes_nothing(
    quantity: int, filled: int, cumulative: int, phase: int
) -> None:
    """Below zero or above what was asked for."""
    assert 0 <= filled <= quantity and (cumulative < 0 or cumulative > quantity) and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after, anomaly = orders.book(before, OrderCanceled(ID, cumulative), CONFIRMATIONS)
    assert after == before and anomaly == "INVALID_VALUE"


def twin_cancel_with_an_impossible_quantity_changes_nothing(
    quantity: int, filled: int, cumulative: int, phase: int
) -> None:
    """False: it is no anomaly."""
    assert 0 <= filled <= quantity and (cumulative < 0 or cumulative > quantity) and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after, anomaly = orders.book(before, OrderCanceled(ID, cumulative), CONFIRMATIONS)
    assert after == before and anomaly is None


def check_cancel_of_a_live_order_ends_it_unsettled(
    quantity: int, filled: int, cumulative: int, phase: int
) -> None:
    """It fills no more, what the venue spoke of is still to come, and it must be asked once more."""
    assert 0 <= filled <= quantity and 0 <= cumulative <= quantity and 0 <= phase < 3
    after = booked(working(quantity, filled, phase), OrderCanceled(ID, cumulative))
    assert leaves(after) == 0 and after.reported == max(filled, cumulative) and not is_settled(after)


def twin_cancel_of_a_live_order_ends_it_unsettled(
    quantity: int, filled: int, cumulative: int, phase: int
) -> None:
    """False: it is settled if all its fills are known."""
    assert 0 <= filled <= quantity and 0 <= cumulative <= quantity and 0 <= phase < 3
    after = booked(working(quantity, filled, phase), OrderCanceled(ID, cumulative))
    assert is_settled(after) == (after.filled == after.reported)


def check_settled_is_not_live(filled: int, reported: int, phase: int, reconciled: bool) -> None:
    """The venue cannot fill it any more, and every fill it spoke of is known."""
    assert 0 <= phase < 8
    order = Order(
        ID, "A", "buy", 9, None, PHASES[phase], filled=filled, reported=reported, reconciled=reconciled
    )
    settled = is_settled(order)
    assert not settled or (not is_live(order) and filled >= reported and leaves(order) == 0)


def twin_settled_is_not_live(filled: int, reported: int, phase: int, reconciled: bool) -> None:
    """False: what is not live is settled."""
    assert 0 <= phase < 8
    order = Order(
        ID, "A", "buy", 9, None, PHASES[phase], filled=filled, reported=reported, reconciled=reconciled
    )
    settled = is_settled(order)
    assert settled or is_live(order)


def check_live_and_unknown_is_not_known(filled: int, phase: int, unknown: bool) -> None:
    """Nothing is sent twice while the first may have arrived."""
    assert filled >= 0 and 0 <= phase < 8
    order = replace(working(9, filled, phase), unknown=unknown)
    known = orders.is_known(order)
    assert not (known and unknown and is_live(order))


def twin_live_and_unknown_is_not_known(filled: int, phase: int, unknown: bool) -> None:
    """False: what is not known is live."""
    assert filled >= 0 and 0 <= phase < 8
    order = replace(working(9, filled, phase), unknown=unknown)
    known = orders.is_known(order)
    assert known or is_live(order)


def check_unasked_answer_proves_nothing(
    quantity: int, filled: int, queries: int, answers: int, phase: int
) -> None:
    """A not-found that nobody asked for, or delivered twice, changes nothing."""
    assert 0 <= filled <= quantity and 0 <= queries <= answers and 0 <= phase < 8
    before = replace(working(quantity, filled, phase), queries=queries, answers=answers)
    after, anomaly = orders.book(before, OrderStatusReported(ID, "not_found"), CONFIRMATIONS)
    assert after == before and anomaly == "UNEXPECTED_REPORT"


def twin_unasked_answer_proves_nothing(
    quantity: int, filled: int, queries: int, answers: int, phase: int
) -> None:
    """False: it is no anomaly."""
    assert 0 <= filled <= quantity and 0 <= queries <= answers and 0 <= phase < 8
    before = replace(working(quantity, filled, phase), queries=queries, answers=answers)
    after, anomaly = orders.book(before, OrderStatusReported(ID, "not_found"), CONFIRMATIONS)
    assert after == before and anomaly is None


def check_not_found_needs_its_confirmations(quantity: int, filled: int, times: int, phase: int) -> None:
    """Fewer in a row than the settings ask for move nothing."""
    assert 0 <= filled <= quantity and 0 <= times < CONFIRMATIONS - 1 and 0 <= phase < 8
    before = replace(working(quantity, filled, phase), queries=9, not_found=times, unknown=True)
    after = booked(before, OrderStatusReported(ID, "not_found"))
    assert after.phase == before.phase and after.unknown and after.not_found == times + 1


def twin_not_found_needs_its_confirmations(quantity: int, filled: int, times: int, phase: int) -> None:
    """False: they are not counted."""
    assert 0 <= filled <= quantity and 0 <= times < CONFIRMATIONS - 1 and 0 <= phase < 8
    before = replace(working(quantity, filled, phase), queries=9, not_found=times, unknown=True)
    after = booked(before, OrderStatusReported(ID, "not_found"))
    assert after.not_found == times


def check_replacement_asks_for_no_less_than_is_filled(
    quantity: int, filled: int, new: int, phase: int
) -> None:
    """A replacement below what traded fills the order."""
    assert 0 <= filled <= quantity and new > 0 and 0 <= phase < 8
    after = booked(working(quantity, filled, phase), OrderReplaced(ID, new))
    assert after.filled == filled and after.quantity >= filled and leaves(after) >= 0


def twin_replacement_asks_for_no_less_than_is_filled(
    quantity: int, filled: int, new: int, phase: int
) -> None:
    """False: it asks for what it says."""
    assert 0 <= filled <= quantity and new > 0 and 0 <= phase < 8
    after = booked(working(quantity, filled, phase), OrderReplaced(ID, new))
    assert after.quantity == new


def check_replacement_by_no_lots_changes_nothing(quantity: int, filled: int, new: int, phase: int) -> None:
    """It is not a way to cancel."""
    assert 0 <= filled <= quantity and new <= 0 and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after, anomaly = orders.book(before, OrderReplaced(ID, new), CONFIRMATIONS)
    assert after == before and anomaly == "INVALID_VALUE"


def twin_replacement_by_no_lots_changes_nothing(quantity: int, filled: int, new: int, phase: int) -> None:
    """False: it is no anomaly."""
    assert 0 <= filled <= quantity and new <= 0 and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after, anomaly = orders.book(before, OrderReplaced(ID, new), CONFIRMATIONS)
    assert after == before and anomaly is None


def check_unknown_outcome_moves_no_phase_and_no_lots(
    quantity: int, filled: int, request: int, phase: int
) -> None:
    """A timeout is no evidence, whichever request it was of."""
    assert 0 <= filled <= quantity and 0 <= request < 4 and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after = booked(before, RequestOutcomeUnknown(ID, REQUESTS[request]))
    assert (after.phase, after.filled, leaves(after)) == (before.phase, filled, leaves(before))


def twin_unknown_outcome_moves_no_phase_and_no_lots(
    quantity: int, filled: int, request: int, phase: int
) -> None:
    """False: it changes nothing."""
    assert 0 <= filled <= quantity and 0 <= request < 4 and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after = booked(before, RequestOutcomeUnknown(ID, REQUESTS[request]))
    assert after == before
