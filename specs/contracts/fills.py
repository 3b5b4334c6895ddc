"""Contracts of the fills of ``core.orders``: lots are counted once, whatever is reported and how often.

Phases are drawn by index, all of them; an order holds no fill or one, and all numbers are unbounded.
"""

# ruff: noqa: PT018, RUF059 - one assert before and one after, so that it is plain which is which; and
# a twin has the body of its check, whatever of it the false claim needs

from core import orders
from core.messages import Fill, FillCorrected, OrderStatusReported
from core.orders import Order, is_live, leaves
from core.values import replace
from specs.contracts.shapes import CONFIRMATIONS, ID, SIDES, booked, filled_by, working


def check_level_is_exact(quantity: int, filled: int) -> None:
    """Unfilled at 0, fully filled at the quantity or above, partly in between."""
    assert quantity > 0
    order = Order(ID, "A", "buy", quantity, filled=filled)
    level = orders._level(order)
    assert (level == "unfilled", level == "fully_filled") == (filled <= 0, filled > 0 and filled >= quantity)


def twin_level_is_exact(quantity: int, filled: int) -> None:
    """False: an overfill has no level."""
    assert quantity > 0
    order = Order(ID, "A", "buy", quantity, filled=filled)
    level = orders._level(order)
    assert (level == "unfilled", level == "fully_filled") == (filled <= 0, filled == quantity)


def check_fill_adds_its_lots(quantity: int, filled: int, more: int, phase: int) -> None:
    """In every phase: money moved, so it is booked; the venue has spoken of it, so its outcome is known."""
    assert quantity > 0 and filled >= 0 and more > 0 and 0 <= phase < 8
    before = replace(working(quantity, filled, phase), unknown=True)
    after = booked(before, filled_by("next", more))
    assert after.filled == filled + more and after.reported >= after.filled and not after.unknown


def twin_fill_adds_its_lots(quantity: int, filled: int, more: int, phase: int) -> None:
    """False: it fills no more than was asked for."""
    assert quantity > 0 and filled >= 0 and more > 0 and 0 <= phase < 8
    before = replace(working(quantity, filled, phase), unknown=True)
    after = booked(before, filled_by("next", more))
    assert after.filled == min(filled + more, quantity)


def check_fill_leaves_no_less_than_nothing(quantity: int, filled: int, more: int, phase: int) -> None:
    """Also when it overfills; and a working order leaves what is not filled."""
    assert quantity > 0 and filled >= 0 and more > 0 and 0 <= phase < 8
    after = booked(working(quantity, filled, phase), filled_by("next", more))
    assert leaves(after) >= 0 and (not is_live(after) or leaves(after) == quantity - filled - more > 0)


def twin_fill_leaves_no_less_than_nothing(quantity: int, filled: int, more: int, phase: int) -> None:
    """False: nothing is left."""
    assert quantity > 0 and filled >= 0 and more > 0 and 0 <= phase < 8
    after = booked(working(quantity, filled, phase), filled_by("next", more))
    assert leaves(after) == 0


def check_fill_books_once(quantity: int, filled: int, more: int, phase: int) -> None:
    """The same trade id once more changes nothing, in any phase, whatever it filled."""
    assert quantity > 0 and filled >= 0 and more > 0 and 0 <= phase < 8
    once = booked(working(quantity, filled, phase), filled_by("next", more))
    twice, anomaly = orders.book(once, filled_by("next", more), CONFIRMATIONS)
    assert twice == once and anomaly == "DUPLICATE_FILL"


def twin_fill_books_once(quantity: int, filled: int, more: int, phase: int) -> None:
    """False: it adds its lots again."""
    assert quantity > 0 and filled >= 0 and more > 0 and 0 <= phase < 8
    once = booked(working(quantity, filled, phase), filled_by("next", more))
    twice, anomaly = orders.book(once, filled_by("next", more), CONFIRMATIONS)
    assert twice.filled > once.filled


def check_fill_known_by_id_is_not_booked_with_other_numbers(
    quantity: int, filled: int, other: int, phase: int
) -> None:
    """Only a correction changes a fill; a second report with the id of the first does not."""
    assert quantity > 0 and filled > 0 and other > 0 and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after, anomaly = orders.book(before, filled_by("first", other), CONFIRMATIONS)
    assert after == before and anomaly == "DUPLICATE_FILL"


def twin_fill_known_by_id_is_not_booked_with_other_numbers(
    quantity: int, filled: int, other: int, phase: int
) -> None:
    """False: it is no anomaly."""
    assert quantity > 0 and filled > 0 and other > 0 and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after, anomaly = orders.book(before, filled_by("first", other), CONFIRMATIONS)
    assert after == before and anomaly is None and anomaly is None


def check_two_fills_come_to_the_same_in_either_order(quantity: int, one: int, other: int, phase: int) -> None:
    """Reports may overtake each other: phase, lots and what is left are the same."""
    assert quantity > 0 and one > 0 and other > 0 and 0 <= phase < 8
    order = working(quantity, 0, phase)
    here = booked(order, filled_by("x", one), filled_by("y", other))
    there = booked(order, filled_by("y", other), filled_by("x", one))
    assert (here.phase, here.filled, leaves(here)) == (there.phase, there.filled, leaves(there))


def twin_two_fills_come_to_the_same_in_either_order(quantity: int, one: int, other: int, phase: int) -> None:
    """False: the records are the same."""
    assert quantity > 0 and one > 0 and other > 0 and 0 <= phase < 8
    order = working(quantity, 0, phase)
    here = booked(order, filled_by("x", one), filled_by("y", other))
    there = booked(order, filled_by("y", other), filled_by("x", one))
    assert here == there


def check_overfill_is_reported(quantity: int, filled: int, more: int, phase: int) -> None:
    """Where the fills exceed the quantity, and nowhere else."""
    assert quantity > 0 and filled >= 0 and more > 0 and 0 <= phase < 8
    _, anomaly = orders.book(working(quantity, filled, phase), filled_by("next", more), CONFIRMATIONS)
    assert anomaly == ("OVERFILL" if filled + more > quantity else None)


def twin_overfill_is_reported(quantity: int, filled: int, more: int, phase: int) -> None:
    """False: also where they reach it."""
    assert quantity > 0 and filled >= 0 and more > 0 and 0 <= phase < 8
    _, anomaly = orders.book(working(quantity, filled, phase), filled_by("next", more), CONFIRMATIONS)
    assert anomaly == ("OVERFILL" if filled + more >= quantity else None)


def check_invalid_fill_changes_nothing(quantity: int, more: int, price: int, fee: int, phase: int) -> None:
    """No lots, no price, or a fee in the asset that is negative or above the lots."""
    assert quantity > 0 and 0 <= phase < 8 and (more <= 0 or price <= 0 or fee < 0 or fee > more)
    before = working(quantity, 0, phase)
    event = replace(filled_by("next", 1), fill=Fill("next", more, price, 0, fee))
    after, anomaly = orders.book(before, event, CONFIRMATIONS)
    assert after == before and anomaly == "INVALID_VALUE"


def twin_invalid_fill_changes_nothing(quantity: int, more: int, price: int, fee: int, phase: int) -> None:
    """False: it is no anomaly."""
    assert quantity > 0 and 0 <= phase < 8 and (more <= 0 or price <= 0 or fee < 0 or fee > more)
    before = working(quantity, 0, phase)
    event = replace(filled_by("next", 1), fill=Fill("next", more, price, 0, fee))
    after, anomaly = orders.book(before, event, CONFIRMATIONS)
    assert after == before and anomaly is None


def check_correction_moves_by_the_difference(quantity: int, filled: int, correct: int, phase: int) -> None:
    """A fill that was reported wrong counts as what it was; 0 is a bust."""
    assert quantity > 0 and filled > 0 and correct >= 0 and 0 <= phase < 8
    after = booked(working(quantity, filled, phase), FillCorrected(ID, Fill("first", correct, 1)))
    assert after.filled == correct == after.reported and leaves(after) >= 0


def twin_correction_moves_by_the_difference(quantity: int, filled: int, correct: int, phase: int) -> None:
    """False: it still asks for what is missing."""
    assert quantity > 0 and filled > 0 and correct >= 0 and 0 <= phase < 8
    after = booked(working(quantity, filled, phase), FillCorrected(ID, Fill("first", correct, 1)))
    assert after.filled == correct and leaves(after) == max(0, quantity - correct)


def check_busted_fill_stays_busted(quantity: int, filled: int, phase: int) -> None:
    """The report of a busted fill, delivered again, does not bring it back."""
    assert quantity > 0 and filled > 0 and 0 <= phase < 8
    busted = booked(working(quantity, filled, phase), FillCorrected(ID, Fill("first", 0, 1)))
    after = booked(busted, filled_by("first", filled))
    assert after == busted and after.filled == 0


def twin_busted_fill_stays_busted(quantity: int, filled: int, phase: int) -> None:
    """False: it is back."""
    assert quantity > 0 and filled > 0 and 0 <= phase < 8
    busted = booked(working(quantity, filled, phase), FillCorrected(ID, Fill("first", 0, 1)))
    after = booked(busted, filled_by("first", filled))
    assert after.filled == filled


def check_correction_of_an_unknown_fill_changes_nothing(
    quantity: int, filled: int, correct: int, phase: int
) -> None:
    """What was never reported cannot be corrected."""
    assert quantity > 0 and filled >= 0 and correct >= 0 and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after, anomaly = orders.book(before, FillCorrected(ID, Fill("other", correct, 1)), CONFIRMATIONS)
    assert after == before and anomaly == "UNKNOWN_FILL"


def twin_correction_of_an_unknown_fill_changes_nothing(
    quantity: int, filled: int, correct: int, phase: int
) -> None:
    """False: it is booked."""
    assert quantity > 0 and filled >= 0 and correct >= 0 and 0 <= phase < 8
    before = working(quantity, filled, phase)
    after, anomaly = orders.book(before, FillCorrected(ID, Fill("other", correct, 1)), CONFIRMATIONS)
    assert after.filled == filled + correct and anomaly is None


def check_position_change_is_the_fill_less_the_fee(side: int, lots: int, fee: int) -> None:
    """A buy gains at most its lots, a sell loses at least its lots."""
    assert 0 <= side < 2 and lots > 0 and 0 <= fee <= lots
    change = orders.position_change(SIDES[side], Fill("first", lots, 1, 0, fee))
    assert 0 <= change <= lots if side == 0 else -2 * lots <= change <= -lots


def twin_position_change_is_the_fill_less_the_fee(side: int, lots: int, fee: int) -> None:
    """False: a sell loses its lots."""
    assert 0 <= side < 2 and lots > 0 and 0 <= fee <= lots
    change = orders.position_change(SIDES[side], Fill("first", lots, 1, 0, fee))
    assert 0 <= change <= lots if side == 0 else change == -lots


def check_status_report_adds_only_what_is_missing(
    quantity: int, one: int, two: int, three: int, phase: int
) -> None:
    """The fill known before is not booked again, nor one of its own that is reported after it."""
    assert quantity > 0 and one > 0 and two > 0 and three > 0 and 0 <= phase < 8
    fills = (Fill("first", one, 1), Fill("next", two, 1))
    after = booked(
        working(quantity, one, phase),
        OrderStatusReported(ID, "found", "open", fills),
        filled_by("next", three),
    )
    assert after.filled == one + two and len(after.fills) == 2


def twin_status_report_adds_only_what_is_missing(
    quantity: int, one: int, two: int, three: int, phase: int
) -> None:
    """False: every report adds its lots."""
    assert quantity > 0 and one > 0 and two > 0 and three > 0 and 0 <= phase < 8
    fills = (Fill("first", one, 1), Fill("next", two, 1))
    after = booked(
        working(quantity, one, phase),
        OrderStatusReported(ID, "found", "open", fills),
        filled_by("next", three),
    )
    assert after.filled == one + two + three


def check_net_lots_is_what_its_fills_moved(side: int, one: int, two: int, fee: int) -> None:
    """In the direction of the side, less what was paid in the asset itself."""
    assert 0 <= side < 2 and one > 0 and two > 0 and 0 <= fee <= two
    order = Order(ID, "A", SIDES[side], 9, fills=(Fill("first", one, 1), Fill("next", two, 1, 0, fee)))
    net = orders.net_lots(order)
    assert net == (one + two if side == 0 else -one - two) - fee


def twin_net_lots_is_what_its_fills_moved(side: int, one: int, two: int, fee: int) -> None:
    """False: a fee is paid in money."""
    assert 0 <= side < 2 and one > 0 and two > 0 and 0 <= fee <= two
    order = Order(ID, "A", SIDES[side], 9, fills=(Fill("first", one, 1), Fill("next", two, 1, 0, fee)))
    net = orders.net_lots(order)
    assert net == (one + two if side == 0 else -one - two)
