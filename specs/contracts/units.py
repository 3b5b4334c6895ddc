"""Contracts of ``core.units``: which way each conversion rounds, how far, and that it never turns around.

All numbers are unbounded.
"""

# ruff: noqa: PT018 - one assert before and one after, so that it is plain which is which; and
# a twin has the body of its check, whatever of it the false claim needs

from core import units
from core.units import WHOLE_BPS
from specs.contracts.shapes import SIDES


def check_opposite_side_has_the_opposite_sign(side: int) -> None:
    """A buy and a sell of the same lots cancel out."""
    assert 0 <= side < 2
    other = units.opposite(SIDES[side])
    assert units.sign(other) == -units.sign(SIDES[side]) and units.opposite(other) == SIDES[side]


def twin_opposite_side_has_the_opposite_sign(side: int) -> None:
    """False: a side has its own sign."""
    assert 0 <= side < 2
    other = units.opposite(SIDES[side])
    assert units.sign(other) == units.sign(SIDES[side])


def check_notional_is_exact(price: int, quantity: int, value: int) -> None:
    """One lot more is worth one lot more, at any price, and no lots are worth nothing."""
    assert price > 0 and quantity >= 0 and value > 0
    one, more = units.notional(price, quantity, value), units.notional(price, quantity + 1, value)
    assert more - one == price * value and units.notional(price, 0, value) == 0


def twin_notional_is_exact(price: int, quantity: int, value: int) -> None:
    """False: a lot is worth its price, whatever a tick is worth."""
    assert price > 0 and quantity >= 0 and value > 0
    one, more = units.notional(price, quantity, value), units.notional(price, quantity + 1, value)
    assert more - one == price


def check_notional_does_not_fall_with_the_price(price: int, rise: int, quantity: int, value: int) -> None:
    """Held lots are worth no less at a higher price, and never less than nothing."""
    assert price > 0 and rise >= 0 and quantity >= 0 and value > 0
    low, high = units.notional(price, quantity, value), units.notional(price + rise, quantity, value)
    assert 0 <= low <= high


def twin_notional_does_not_fall_with_the_price(price: int, rise: int, quantity: int, value: int) -> None:
    """False: it always rises."""
    assert price > 0 and rise >= 0 and quantity >= 0 and value > 0
    low, high = units.notional(price, quantity, value), units.notional(price + rise, quantity, value)
    assert 0 <= low < high


def check_share_rounds_down_by_less_than_one(amount: int, fraction: int) -> None:
    """Also below zero: a limit on a negative equity is not overstated either."""
    assert fraction >= 0
    result = units.share(amount, fraction)
    assert result * WHOLE_BPS <= amount * fraction < (result + 1) * WHOLE_BPS


def twin_share_rounds_down_by_less_than_one(amount: int, fraction: int) -> None:
    """False: it never loses anything."""
    assert fraction >= 0
    result = units.share(amount, fraction)
    assert result * WHOLE_BPS == amount * fraction


def check_share_of_the_whole_is_exact(amount: int, times: int) -> None:
    """Whole multiples of the whole lose nothing."""
    assert times >= 0
    result = units.share(amount, WHOLE_BPS * times)
    assert result == amount * times


def twin_share_of_the_whole_is_exact(amount: int, times: int) -> None:
    """False: it is never more than the amount."""
    assert times >= 0
    result = units.share(amount, WHOLE_BPS * times)
    assert result <= amount


def check_share_is_between_nothing_and_the_amount(amount: int, fraction: int) -> None:
    """A fraction of at most the whole is at most the amount."""
    assert amount >= 0 and 0 <= fraction <= WHOLE_BPS
    result = units.share(amount, fraction)
    assert 0 <= result <= amount


def twin_share_is_between_nothing_and_the_amount(amount: int, fraction: int) -> None:
    """False: it is less than the amount."""
    assert amount >= 0 and 0 <= fraction <= WHOLE_BPS
    result = units.share(amount, fraction)
    assert 0 <= result < amount


def check_share_does_not_fall_as_the_amount_grows(amount: int, more: int, fraction: int) -> None:
    """More equity never means a tighter limit."""
    assert more >= 0 and fraction >= 0
    small, large = units.share(amount, fraction), units.share(amount + more, fraction)
    assert small <= large


def twin_share_does_not_fall_as_the_amount_grows(amount: int, more: int, fraction: int) -> None:
    """False: more equity always means a wider limit."""
    assert more >= 0 and fraction >= 0
    small, large = units.share(amount, fraction), units.share(amount + more, fraction)
    assert small < large


def check_share_does_not_fall_as_the_fraction_grows(amount: int, fraction: int, more: int) -> None:
    """A larger fraction of something never is less of it."""
    assert amount >= 0 and fraction >= 0 and more >= 0
    small, large = units.share(amount, fraction), units.share(amount, fraction + more)
    assert small <= large


def twin_share_does_not_fall_as_the_fraction_grows(amount: int, fraction: int, more: int) -> None:
    """False: it always is more of it."""
    assert amount >= 0 and fraction >= 0 and more >= 0
    small, large = units.share(amount, fraction), units.share(amount, fraction + more)
    assert small < large


def check_shares_of_parts_never_exceed_the_share_of_all(one: int, other: int, fraction: int) -> None:
    """Splitting an amount wins no limit."""
    assert fraction >= 0
    apart = units.share(one, fraction) + units.share(other, fraction)
    assert apart <= units.share(one + other, fraction) <= apart + 1


def twin_shares_of_parts_never_exceed_the_share_of_all(one: int, other: int, fraction: int) -> None:
    """False: it loses none either."""
    assert fraction >= 0
    apart = units.share(one, fraction) + units.share(other, fraction)
    assert apart == units.share(one + other, fraction)


def check_charge_rounds_up_by_less_than_one(amount: int, rate: int) -> None:
    """A cost is never understated, and overstated by less than one minor unit."""
    assert rate >= 0
    result = units.charge(amount, rate)
    assert (result - 1) * WHOLE_BPS < amount * rate <= result * WHOLE_BPS


def twin_charge_rounds_up_by_less_than_one(amount: int, rate: int) -> None:
    """False: it is exact."""
    assert rate >= 0
    result = units.charge(amount, rate)
    assert amount * rate == result * WHOLE_BPS


def check_charge_does_not_fall_as_the_amount_grows(amount: int, more: int, rate: int) -> None:
    """More notional never costs less."""
    assert amount >= 0 and more >= 0 and rate >= 0
    small, large = units.charge(amount, rate), units.charge(amount + more, rate)
    assert 0 <= small <= large


def twin_charge_does_not_fall_as_the_amount_grows(amount: int, more: int, rate: int) -> None:
    """False: it always costs more."""
    assert amount >= 0 and more >= 0 and rate >= 0
    small, large = units.charge(amount, rate), units.charge(amount + more, rate)
    assert 0 <= small < large


def check_charge_is_the_share_or_one_more(amount: int, rate: int) -> None:
    """The two roundings of one number differ only where it is not whole, and then by one."""
    assert rate >= 0
    over = units.charge(amount, rate) - units.share(amount, rate)
    assert over == (0 if amount * rate % WHOLE_BPS == 0 else 1)


def twin_charge_is_the_share_or_one_more(amount: int, rate: int) -> None:
    """False: they never differ."""
    assert rate >= 0
    over = units.charge(amount, rate) - units.share(amount, rate)
    assert over == 0


def check_charges_of_parts_cover_the_charge_of_all(one: int, other: int, rate: int) -> None:
    """Summing the costs of parts never understates the cost of all."""
    assert rate >= 0
    apart = units.charge(one, rate) + units.charge(other, rate)
    assert apart - 1 <= units.charge(one + other, rate) <= apart


def twin_charges_of_parts_cover_the_charge_of_all(one: int, other: int, rate: int) -> None:
    """False: it is the same."""
    assert rate >= 0
    apart = units.charge(one, rate) + units.charge(other, rate)
    assert apart == units.charge(one + other, rate)


def check_reaches_is_the_threshold_rounded_up(part: int, whole: int, threshold: int) -> None:
    """Exact: it says yes from the first whole lot at or above the threshold on, and not before."""
    assert part >= 0 and whole > 0 and threshold >= 0
    reached = units.reaches(part, whole, threshold)
    assert reached == (part >= units.charge(whole, threshold))


def twin_reaches_is_the_threshold_rounded_up(part: int, whole: int, threshold: int) -> None:
    """False: it says yes from the lot below."""
    assert part >= 0 and whole > 0 and threshold >= 0
    reached = units.reaches(part, whole, threshold)
    assert reached == (part >= units.share(whole, threshold))


def check_reaches_stays_true_as_more_is_filled(part: int, more: int, whole: int, threshold: int) -> None:
    """A fill never takes a grade away."""
    assert more >= 0 and whole > 0 and threshold >= 0
    before, after = units.reaches(part, whole, threshold), units.reaches(part + more, whole, threshold)
    assert after or not before


def twin_reaches_stays_true_as_more_is_filled(part: int, more: int, whole: int, threshold: int) -> None:
    """False: a fill never gives one."""
    assert more >= 0 and whole > 0 and threshold >= 0
    before, after = units.reaches(part, whole, threshold), units.reaches(part + more, whole, threshold)
    assert before or not after


def check_reaches_is_true_of_the_whole_at_any_threshold(whole: int, threshold: int) -> None:
    """A full fill is complete, whatever the settings."""
    assert whole > 0 and 0 <= threshold <= WHOLE_BPS
    full, none = units.reaches(whole, whole, threshold), units.reaches(0, whole, threshold)
    assert full and none == (threshold == 0)


def twin_reaches_is_true_of_the_whole_at_any_threshold(whole: int, threshold: int) -> None:
    """False: no fill never is."""
    assert whole > 0 and 0 <= threshold <= WHOLE_BPS
    full, none = units.reaches(whole, whole, threshold), units.reaches(0, whole, threshold)
    assert full and not none


def check_scaled_rounds_down_by_less_than_one(planned: int, filled: int, first: int) -> None:
    """The hedge is never larger than the fill it matches."""
    assert planned > 0 and 0 <= filled <= first and first > 0
    result = units.scaled(planned, filled, first)
    assert result * first <= planned * filled < (result + 1) * first


def twin_scaled_rounds_down_by_less_than_one(planned: int, filled: int, first: int) -> None:
    """False: it matches exactly."""
    assert planned > 0 and 0 <= filled <= first and first > 0
    result = units.scaled(planned, filled, first)
    assert result * first == planned * filled


def check_scaled_is_between_nothing_and_the_plan(planned: int, filled: int, first: int) -> None:
    """All of the first leg asks for all of the second, none for none."""
    assert planned > 0 and 0 <= filled <= first and first > 0
    none, some, whole = (units.scaled(planned, each, first) for each in (0, filled, first))
    assert 0 == none <= some <= whole == planned


def twin_scaled_is_between_nothing_and_the_plan(planned: int, filled: int, first: int) -> None:
    """False: it is less than the plan."""
    assert planned > 0 and 0 <= filled <= first and first > 0
    none, some, whole = (units.scaled(planned, each, first) for each in (0, filled, first))
    assert 0 == none <= some < whole == planned


def check_scaled_of_equal_legs_is_the_fill(planned: int, filled: int) -> None:
    """With equal legs nothing is rounded."""
    assert planned > 0 and filled >= 0
    result = units.scaled(planned, filled, planned)
    assert result == filled


def twin_scaled_of_equal_legs_is_the_fill(planned: int, filled: int) -> None:
    """False: it is less than the plan."""
    assert planned > 0 and filled >= 0
    result = units.scaled(planned, filled, planned)
    assert result < planned


def check_scaled_does_not_fall_as_more_is_filled(planned: int, filled: int, more: int, first: int) -> None:
    """A fill never makes the hedge smaller, whatever was planned of either leg."""
    assert planned > 0 and filled >= 0 and more >= 0 and first > 0
    small, large = units.scaled(planned, filled, first), units.scaled(planned, filled + more, first)
    assert small <= large


def twin_scaled_does_not_fall_as_more_is_filled(planned: int, filled: int, more: int, first: int) -> None:
    """False: a fill always makes it larger."""
    assert planned > 0 and filled >= 0 and more >= 0 and first > 0
    small, large = units.scaled(planned, filled, first), units.scaled(planned, filled + more, first)
    assert small < large


def check_orderable_is_whole_steps_within_the_quantity(quantity: int, step: int, minimum: int) -> None:
    """An order never asks for more than is wanted, nor off the venue's grid."""
    assert quantity >= 0 and step > 0 and minimum > 0
    result = units.orderable(quantity, step, minimum)
    assert 0 <= result <= quantity and result % step == 0


def twin_orderable_is_whole_steps_within_the_quantity(quantity: int, step: int, minimum: int) -> None:
    """False: it is less than is wanted."""
    assert quantity >= 0 and step > 0 and minimum > 0
    result = units.orderable(quantity, step, minimum)
    assert 0 <= result < quantity and result % step == 0


def check_orderable_is_nothing_or_at_least_the_minimum(quantity: int, step: int, minimum: int) -> None:
    """The venue takes what it says, or nothing is asked; also of a quantity below zero."""
    assert step > 0 and minimum > 0
    result = units.orderable(quantity, step, minimum)
    assert result == 0 or result >= minimum


def twin_orderable_is_nothing_or_at_least_the_minimum(quantity: int, step: int, minimum: int) -> None:
    """False: it is more than the minimum."""
    assert step > 0 and minimum > 0
    result = units.orderable(quantity, step, minimum)
    assert result == 0 or result > minimum


def check_orderable_leaves_less_than_a_step_or_the_minimum(quantity: int, step: int, minimum: int) -> None:
    """What is left over as dust could not have been ordered."""
    assert quantity >= 0 and step > 0 and minimum > 0
    dust = quantity - units.orderable(quantity, step, minimum)
    assert dust < step or dust - dust % step < minimum


def twin_orderable_leaves_less_than_a_step_or_the_minimum(quantity: int, step: int, minimum: int) -> None:
    """False: it is less than a step."""
    assert quantity >= 0 and step > 0 and minimum > 0
    dust = quantity - units.orderable(quantity, step, minimum)
    assert dust < step


def check_orderable_of_the_orderable_is_itself(quantity: int, step: int, minimum: int) -> None:
    """Rounded once is rounded."""
    assert quantity >= 0 and step > 0 and minimum > 0
    result = units.orderable(quantity, step, minimum)
    assert units.orderable(result, step, minimum) == result


def twin_orderable_of_the_orderable_is_itself(quantity: int, step: int, minimum: int) -> None:
    """False: it was rounded from the start."""
    assert quantity >= 0 and step > 0 and minimum > 0
    result = units.orderable(quantity, step, minimum)
    assert result == quantity


def check_orderable_does_not_fall_with_the_quantity(
    quantity: int, more: int, step: int, minimum: int
) -> None:
    """Wanting more never orders less."""
    assert quantity >= 0 and more >= 0 and step > 0 and minimum > 0
    small, large = units.orderable(quantity, step, minimum), units.orderable(quantity + more, step, minimum)
    assert small <= large


def twin_orderable_does_not_fall_with_the_quantity(quantity: int, more: int, step: int, minimum: int) -> None:
    """False: wanting more always orders more."""
    assert quantity >= 0 and more >= 0 and step > 0 and minimum > 0
    small, large = units.orderable(quantity, step, minimum), units.orderable(quantity + more, step, minimum)
    assert small < large
