"""Contracts of the gate of ``core.risk``: what it allows is inside every limit, and when it allows nothing.

Sums and intents have one symbol each, and all numbers are unbounded. The limits in a fraction of equity
are compared by cross-multiplication, not by the gate's own rounding.
"""

# ruff: noqa: PT018, F841, RUF059 - one assert before and one after, so that it is plain which is which; and
# a twin has the body of its check, whatever of it the false claim needs

from core.risk import NOTHING, Contribution, Intent, Summary, decide
from core.settings import Limits
from core.units import WHOLE_BPS
from specs.contracts.shapes import ENOUGH, SIGNAL, WIDE, long_in, reason, wide


def check_allowed_is_within_trades_in_flight(open_now: int, adds: int, limit: int) -> None:
    """The intent counted, no more trades are under way than the limit."""
    assert open_now >= 0 and adds > 0 and limit > 0
    why = reason(long_in("A", open_now, 0, 0, 0), long_in("A", adds, 0, 0, 0), wide(trades_in_flight=limit))
    after = open_now + adds
    assert why == (None if after <= limit else "TRADES_IN_FLIGHT")


def twin_allowed_is_within_trades_in_flight(open_now: int, adds: int, limit: int) -> None:
    """False: the intent does not count."""
    assert open_now >= 0 and adds > 0 and limit > 0
    why = reason(long_in("A", open_now, 0, 0, 0), long_in("A", adds, 0, 0, 0), wide(trades_in_flight=limit))
    after = open_now + adds
    assert (why is None) == (open_now <= limit)


def check_allowed_is_within_the_order_size(largest: int, limit: int) -> None:
    """No order of an intent that adds something is above the limit."""
    assert largest > 0 and limit > 0
    why = reason(NOTHING, long_in("A", 1, 0, 0, 0), wide(order_quantity=limit), largest)
    assert why == (None if largest <= limit else "ORDER_SIZE")


def twin_allowed_is_within_the_order_size(largest: int, limit: int) -> None:
    """False: the limit itself is too large."""
    assert largest > 0 and limit > 0
    why = reason(NOTHING, long_in("A", 1, 0, 0, 0), wide(order_quantity=limit), largest)
    assert why == (None if largest < limit else "ORDER_SIZE")


def check_allowed_is_within_gross_exposure(equity: int, gross: int, adds: int, bps: int) -> None:
    """What stands and the intent together are within the fraction of equity."""
    assert equity >= 0 and 0 < bps <= ENOUGH
    why = reason(Contribution(1, gross), Contribution(1, adds), wide(gross_bps=bps), equity=equity)
    assert (gross + adds) * WHOLE_BPS <= equity * bps if why is None else why == "GROSS_EXPOSURE"


def twin_allowed_is_within_gross_exposure(equity: int, gross: int, adds: int, bps: int) -> None:
    """False: what is refused is above it even without the intent."""
    assert equity >= 0 and 0 < bps <= ENOUGH
    why = reason(Contribution(1, gross), Contribution(1, adds), wide(gross_bps=bps), equity=equity)
    assert why is None or gross * WHOLE_BPS > equity * bps


def check_within_gross_exposure_is_allowed(equity: int, gross: int, adds: int, bps: int) -> None:
    """The limit is not tighter than it says: the fraction itself is still allowed."""
    assert equity >= 0 and 0 < bps <= ENOUGH and (gross + adds) * WHOLE_BPS <= equity * bps
    why = reason(Contribution(1, gross), Contribution(1, adds), wide(gross_bps=bps), equity=equity)
    assert why is None


def twin_within_gross_exposure_is_allowed(equity: int, gross: int, adds: int, bps: int) -> None:
    """False: it is refused."""
    assert equity >= 0 and 0 < bps <= ENOUGH and (gross + adds) * WHOLE_BPS <= equity * bps
    why = reason(Contribution(1, gross), Contribution(1, adds), wide(gross_bps=bps), equity=equity)
    assert why == "GROSS_EXPOSURE"


def check_allowed_is_within_heat(equity: int, heat: int, adds: int, bps: int) -> None:
    """The sum of what all stops would lose is within the fraction of equity."""
    assert equity >= 0 and bps > 0
    why = reason(Contribution(1, 0, heat), Contribution(1, 0, adds), wide(heat_bps=bps), equity=equity)
    assert why == (None if (heat + adds) * WHOLE_BPS <= equity * bps else "HEAT")


def twin_allowed_is_within_heat(equity: int, heat: int, adds: int, bps: int) -> None:
    """False: the intent does not count."""
    assert equity >= 0 and bps > 0
    why = reason(Contribution(1, 0, heat), Contribution(1, 0, adds), wide(heat_bps=bps), equity=equity)
    assert why == (None if heat * WHOLE_BPS <= equity * bps else "HEAT")


def check_allowed_is_within_the_position_cap(equity: int, value: int, adds: int, bps: int) -> None:
    """In the symbol it touches, with what is there already."""
    assert equity >= 0 and 0 < bps <= ENOUGH
    total, more = Contribution(1, 0, 0, (("A", 1, 0, value),)), Contribution(1, 0, 0, (("A", 1, 0, adds),))
    why = reason(total, more, wide(position_bps=bps), equity=equity)
    assert why == (None if (value + adds) * WHOLE_BPS <= equity * bps else "POSITION_CAP")


def twin_allowed_is_within_the_position_cap(equity: int, value: int, adds: int, bps: int) -> None:
    """False: what is there already does not count."""
    assert equity >= 0 and 0 < bps <= ENOUGH
    total, more = Contribution(1, 0, 0, (("A", 1, 0, value),)), Contribution(1, 0, 0, (("A", 1, 0, adds),))
    why = reason(total, more, wide(position_bps=bps), equity=equity)
    assert why == (None if adds * WHOLE_BPS <= equity * bps else "POSITION_CAP")


def check_allowed_opposes_no_position(long: int, short: int, long_more: int, short_more: int) -> None:
    """It is never long and short in one symbol, at worst."""
    assert long >= 0 and short >= 0 and long_more >= 0 and short_more >= 0
    total, more = (
        Contribution(1, 0, 0, (("A", long, short, 0),)),
        Contribution(1, 0, 0, (("A", long_more, short_more, 0),)),
    )
    why = reason(total, more, WIDE)
    assert why == ("OPPOSING_POSITION" if long + long_more > 0 and short + short_more > 0 else None)


def twin_allowed_opposes_no_position(long: int, short: int, long_more: int, short_more: int) -> None:
    """False: what is there already does not count."""
    assert long >= 0 and short >= 0 and long_more >= 0 and short_more >= 0
    total, more = (
        Contribution(1, 0, 0, (("A", long, short, 0),)),
        Contribution(1, 0, 0, (("A", long_more, short_more, 0),)),
    )
    why = reason(total, more, WIDE)
    assert why == ("OPPOSING_POSITION" if long_more > 0 and short_more > 0 else None)


def check_allowed_is_within_every_limit(
    equity: int,
    size: int,
    held: int,
    adds: int,
    heat: int,
    gross_bps: int,
    heat_bps: int,
    cap_bps: int,
    order_max: int,
) -> None:
    """With all of them at once, each as tight as it may be."""
    assert (
        held >= 0 and adds > 0 and heat >= 0 and size > 0 and gross_bps > 0 and heat_bps > 0 and cap_bps > 0
    )
    limits = Limits(cap_bps, gross_bps, heat_bps, 2, order_max)
    why = reason(long_in("A", 1, held, heat, 1), long_in("A", 1, adds, heat, 1), limits, size, equity)
    exposed, cap = (held + adds) * WHOLE_BPS, equity * min(gross_bps, cap_bps)
    assert why is not None or (
        exposed <= cap and 2 * heat * WHOLE_BPS <= equity * heat_bps and size <= order_max
    )


def twin_allowed_is_within_every_limit(
    equity: int,
    size: int,
    held: int,
    adds: int,
    heat: int,
    gross_bps: int,
    heat_bps: int,
    cap_bps: int,
    order_max: int,
) -> None:
    """False: and with room to spare."""
    assert (
        held >= 0 and adds > 0 and heat >= 0 and size > 0 and gross_bps > 0 and heat_bps > 0 and cap_bps > 0
    )
    limits = Limits(cap_bps, gross_bps, heat_bps, 2, order_max)
    why = reason(long_in("A", 1, held, heat, 1), long_in("A", 1, adds, heat, 1), limits, size, equity)
    exposed, cap = (held + adds) * WHOLE_BPS, equity * min(gross_bps, cap_bps)
    assert why is not None or (
        exposed < cap and 2 * heat * WHOLE_BPS <= equity * heat_bps and size <= order_max
    )


def check_nothing_opens_without_equity(equity: int, gross: int, bps: int) -> None:
    """A loss of everything allows no exposure at all."""
    assert equity <= 0 and gross > 0 and bps > 0
    why = reason(NOTHING, long_in("A", 1, gross, 0, 1), wide(gross_bps=bps), equity=equity)
    assert why is not None


def twin_nothing_opens_without_equity(equity: int, gross: int, bps: int) -> None:
    """False: the gross exposure is why, not the position."""
    assert equity <= 0 and gross > 0 and bps > 0
    why = reason(NOTHING, long_in("A", 1, gross, 0, 1), wide(gross_bps=bps), equity=equity)
    assert why == "GROSS_EXPOSURE"


def check_nothing_opens_while_a_price_is_unknown(flight: int, gross: int, long: int) -> None:
    """What equity is cannot be known then."""
    assert flight > 0
    why = reason(NOTHING, long_in("A", flight, gross, 0, long), WIDE, equity=None)
    assert why == "PRICE_UNUSABLE"


def twin_nothing_opens_while_a_price_is_unknown(flight: int, gross: int, long: int) -> None:
    """False: it is allowed."""
    assert flight > 0
    why = reason(NOTHING, long_in("A", flight, gross, 0, long), WIDE, equity=None)
    assert why is None


def check_halted_refuses_all(flight: int, gross: int, equity: int, recovering: bool) -> None:
    """Also what adds nothing, and before any other reason."""
    assert flight >= 0 and gross >= 0
    summary = Summary(equity, True, NOTHING, recovering)
    intents = (Intent(SIGNAL), Intent(SIGNAL, long_in("A", flight, gross, gross, 1)))
    first, second = decide(summary, WIDE, intents)
    assert first.reason == second.reason == "HALTED"


def twin_halted_refuses_all(flight: int, gross: int, equity: int, recovering: bool) -> None:
    """False: what adds nothing is allowed."""
    assert flight >= 0 and gross >= 0
    summary = Summary(equity, True, NOTHING, recovering)
    intents = (Intent(SIGNAL), Intent(SIGNAL, long_in("A", flight, gross, gross, 1)))
    first, second = decide(summary, WIDE, intents)
    assert first.reason is None


def check_recovering_refuses_all(flight: int, gross: int, equity: int) -> None:
    """Until the fate of every order is known, also what adds nothing."""
    assert flight >= 0 and gross >= 0
    summary = Summary(equity, False, NOTHING, True)
    intents = (Intent(SIGNAL), Intent(SIGNAL, long_in("A", flight, gross, gross, 1)))
    first, second = decide(summary, WIDE, intents)
    assert first.reason == second.reason == "RECOVERING"


def twin_recovering_refuses_all(flight: int, gross: int, equity: int) -> None:
    """False: what adds nothing is allowed."""
    assert flight >= 0 and gross >= 0
    summary = Summary(equity, False, NOTHING, True)
    intents = (Intent(SIGNAL), Intent(SIGNAL, long_in("A", flight, gross, gross, 1)))
    first, second = decide(summary, WIDE, intents)
    assert first.reason is None


def check_batch_counts_what_it_allowed(gross: int, one: int, other: int, equity: int, bps: int) -> None:
    """Two that are allowed together are within the limit together."""
    assert gross >= 0 and one > 0 and other > 0 and bps > 0
    intents = (Intent(SIGNAL, Contribution(1, one)), Intent(SIGNAL, Contribution(1, other)))
    first, second = decide(Summary(equity, False, Contribution(1, gross)), wide(gross_bps=bps), intents)
    allowed = (one if first.reason is None else 0) + (other if second.reason is None else 0)
    assert allowed == 0 or (gross + allowed) * WHOLE_BPS <= equity * bps


def twin_batch_counts_what_it_allowed(gross: int, one: int, other: int, equity: int, bps: int) -> None:
    """False: they stand for nothing before."""
    assert gross >= 0 and one > 0 and other > 0 and bps > 0
    intents = (Intent(SIGNAL, Contribution(1, one)), Intent(SIGNAL, Contribution(1, other)))
    first, second = decide(Summary(equity, False, Contribution(1, gross)), wide(gross_bps=bps), intents)
    allowed = (one if first.reason is None else 0) + (other if second.reason is None else 0)
    assert allowed == 0 or (gross + one + other) * WHOLE_BPS <= equity * bps


def check_refused_leaves_nothing_behind(gross: int, one: int, other: int, equity: int, bps: int) -> None:
    """Whoever comes after it is judged as if it had not asked."""
    assert gross >= 0 and one > 0 and other > 0 and bps > 0
    limits, summary = wide(gross_bps=bps), Summary(equity, False, Contribution(1, gross))
    large, small = Intent(SIGNAL, Contribution(1, one)), Intent(SIGNAL, Contribution(1, other))
    first, second = decide(summary, limits, (large, small))
    (alone,) = decide(summary, limits, (small,))
    assert first.reason is None or second == alone


def twin_refused_leaves_nothing_behind(gross: int, one: int, other: int, equity: int, bps: int) -> None:
    """False: nor does what was allowed."""
    assert gross >= 0 and one > 0 and other > 0 and bps > 0
    limits, summary = wide(gross_bps=bps), Summary(equity, False, Contribution(1, gross))
    large, small = Intent(SIGNAL, Contribution(1, one)), Intent(SIGNAL, Contribution(1, other))
    first, second = decide(summary, limits, (large, small))
    (alone,) = decide(summary, limits, (small,))
    assert second == alone


def check_less_than_allowed_is_allowed(gross: int, heat: int, less: int, equity: int, bps: int) -> None:
    """A smaller intent passes wherever a larger one does."""
    assert gross > 0 and heat > 0 and 0 <= less < gross and less <= heat and bps > 0
    limits = Limits(bps, bps, bps)
    large = reason(NOTHING, long_in("A", 1, gross, heat, 1), limits, equity=equity)
    small = reason(NOTHING, long_in("A", 1, gross - less, heat - less, 1), limits, equity=equity)
    assert small is None or large is not None


def twin_less_than_allowed_is_allowed(gross: int, heat: int, less: int, equity: int, bps: int) -> None:
    """False: and only there."""
    assert gross > 0 and heat > 0 and 0 <= less < gross and less <= heat and bps > 0
    limits = Limits(bps, bps, bps)
    large = reason(NOTHING, long_in("A", 1, gross, heat, 1), limits, equity=equity)
    small = reason(NOTHING, long_in("A", 1, gross - less, heat - less, 1), limits, equity=equity)
    assert (small is None) == (large is None)
