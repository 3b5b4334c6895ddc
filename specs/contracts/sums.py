"""Contracts of the sums of ``core.risk``: one contribution more is one contribution more, in any order.

Contributions have one symbol each, drawn by index from two; all numbers are unbounded.
"""

# ruff: noqa: PT018, F841, RUF059 - one assert before and one after, so that it is plain which is which; and
# a twin has the body of its check, whatever of it the false claim needs

from core import risk
from core.risk import NOTHING, Contribution
from core.units import WHOLE_BPS
from specs.contracts.shapes import SIDES, SYMBOLS, judged, leg, long_in


def check_add_is_commutative(
    flight: int, money: int, long: int, symbol: int, flight2: int, money2: int, short2: int
) -> None:
    """Which trade is counted first does not matter, on one symbol or on two."""
    assert 0 <= symbol < 2
    one = Contribution(flight, money, money, ((SYMBOLS[symbol], long, 0, money),))
    other = Contribution(flight2, money2, money2, (("A", 0, short2, money2),))
    here, there = risk.add(one, other), risk.add(other, one)
    assert here == there


def twin_add_is_commutative(
    flight: int, money: int, long: int, symbol: int, flight2: int, money2: int, short2: int
) -> None:
    """False: it is one of them."""
    assert 0 <= symbol < 2
    one = Contribution(flight, money, money, ((SYMBOLS[symbol], long, 0, money),))
    other = Contribution(flight2, money2, money2, (("A", 0, short2, money2),))
    here, there = risk.add(one, other), risk.add(other, one)
    assert here in (one, other)


def check_add_is_associative(symbol: int, symbol2: int, money: int, money2: int, money3: int) -> None:
    """Nor which two are counted first."""
    assert 0 <= symbol < 2 and 0 <= symbol2 < 2
    one, other = long_in(SYMBOLS[symbol], 1, money, money, 1), long_in(SYMBOLS[symbol2], 1, money2, money2, 2)
    third = long_in("A", 1, money3, money3, 4)
    here, there = risk.add(risk.add(one, other), third), risk.add(one, risk.add(other, third))
    assert here == there


def twin_add_is_associative(symbol: int, symbol2: int, money: int, money2: int, money3: int) -> None:
    """False: they are all in one symbol."""
    assert 0 <= symbol < 2 and 0 <= symbol2 < 2
    one, other = long_in(SYMBOLS[symbol], 1, money, money, 1), long_in(SYMBOLS[symbol2], 1, money2, money2, 2)
    third = long_in("A", 1, money3, money3, 4)
    here, there = risk.add(risk.add(one, other), third), risk.add(one, risk.add(other, third))
    assert here == there and len(here.exposures) == 1


def check_nothing_is_the_neutral_element(
    flight: int, gross: int, heat: int, long: int, short: int, value: int
) -> None:
    """On either side, also of what is itself nothing but a symbol."""
    assert long >= 0 and short >= 0
    one = Contribution(flight, gross, heat, (("A", long, short, value),))
    left, right = risk.add(NOTHING, one), risk.add(one, NOTHING)
    assert left == right == one


def twin_nothing_is_the_neutral_element(
    flight: int, gross: int, heat: int, long: int, short: int, value: int
) -> None:
    """False: it takes away."""
    assert long >= 0 and short >= 0
    one = Contribution(flight, gross, heat, (("A", long, short, value),))
    left, right = risk.add(NOTHING, one), risk.add(one, NOTHING)
    assert left == right == NOTHING


def check_nothing_and_nothing_is_nothing(flight: int) -> None:
    """The neutral element of itself, and of a contribution without a symbol."""
    assert flight >= 0
    one = Contribution(flight)
    sum_of_both = risk.add(risk.add(NOTHING, NOTHING), one)
    assert sum_of_both == one


def twin_nothing_and_nothing_is_nothing(flight: int) -> None:
    """False: it is nothing."""
    assert flight >= 0
    one = Contribution(flight)
    sum_of_both = risk.add(risk.add(NOTHING, NOTHING), one)
    assert sum_of_both == NOTHING


def check_add_is_exact_in_one_symbol(
    gross: int, gross2: int, long: int, long2: int, short: int, short2: int
) -> None:
    """Every number is the sum of the two, and long and short do not cancel out."""
    assert long >= 0 and short >= 0 and long2 >= 0 and short2 >= 0
    one, other = (
        Contribution(1, gross, gross, (("A", long, short, gross),)),
        Contribution(1, gross2, gross2, (("A", long2, short2, gross2),)),
    )
    both = gross + gross2
    result = risk.add(one, other)
    assert result == Contribution(2, both, both, (("A", long + long2, short + short2, both),))


def twin_add_is_exact_in_one_symbol(
    gross: int, gross2: int, long: int, long2: int, short: int, short2: int
) -> None:
    """False: a long covers a short."""
    assert long >= 0 and short >= 0 and long2 >= 0 and short2 >= 0
    one, other = (
        Contribution(1, gross, gross, (("A", long, short, gross),)),
        Contribution(1, gross2, gross2, (("A", long2, short2, gross2),)),
    )
    both = gross + gross2
    result = risk.add(one, other)
    assert result.exposures[0][1] - result.exposures[0][2] == long + long2


def check_add_keeps_two_symbols_apart_and_sorted(gross: int, gross2: int, long: int, long2: int) -> None:
    """Each symbol with its own lots, whichever comes first."""
    assert long >= 0 and long2 >= 0
    result = risk.add(long_in("B", 1, gross, gross, long), long_in("A", 1, gross2, gross2, long2))
    assert (
        result.exposures == (("A", long2, 0, gross2), ("B", long, 0, gross))
        and result.gross == gross + gross2
    )


def twin_add_keeps_two_symbols_apart_and_sorted(gross: int, gross2: int, long: int, long2: int) -> None:
    """False: they are in the order given."""
    assert long >= 0 and long2 >= 0
    result = risk.add(long_in("B", 1, gross, gross, long), long_in("A", 1, gross2, gross2, long2))
    assert result.exposures[0] == ("B", long, 0, gross)


def check_leg_without_a_stop_counts_in_full(side: int, lots: int, price: int) -> None:
    """Heat is the whole notional and the cost of getting out."""
    assert 0 <= side < 2 and lots > 0 and price > 0
    value, heat = judged(leg(SIDES[side], price, None), lots)
    assert value == lots * price and value * 10 <= (heat - value) * WHOLE_BPS < value * 10 + WHOLE_BPS


def twin_leg_without_a_stop_counts_in_full(side: int, lots: int, price: int) -> None:
    """False: getting out is free."""
    assert 0 <= side < 2 and lots > 0 and price > 0
    value, heat = judged(leg(SIDES[side], price, None), lots)
    assert value == lots * price == heat


def check_leg_with_a_stop_counts_its_distance_and_the_cost(
    side: int, lots: int, price: int, stop: int
) -> None:
    """Never less than the cost: a stop on the wrong side is no gain."""
    assert 0 <= side < 2 and lots > 0 and price > 0 and stop > 0
    value, heat = judged(leg(SIDES[side], price, stop), lots)
    loss = (price - stop if side == 0 else stop - price) * lots
    assert heat >= 0 and value * 10 <= (heat - max(0, loss)) * WHOLE_BPS < value * 10 + WHOLE_BPS


def twin_leg_with_a_stop_counts_its_distance_and_the_cost(
    side: int, lots: int, price: int, stop: int
) -> None:
    """False: a stop on the wrong side is a gain."""
    assert 0 <= side < 2 and lots > 0 and price > 0 and stop > 0
    value, heat = judged(leg(SIDES[side], price, stop), lots)
    loss = (price - stop if side == 0 else stop - price) * lots
    assert heat >= 0 and value * 10 <= (heat - loss) * WHOLE_BPS < value * 10 + WHOLE_BPS


def check_heat_does_not_fall_with_the_lots(side: int, lots: int, more: int, price: int, stop: int) -> None:
    """More of a leg never risks less."""
    assert 0 <= side < 2 and lots > 0 and more >= 0 and price > 0 and stop > 0
    value, heat = judged(leg(SIDES[side], price, stop), lots)
    value_more, heat_more = judged(leg(SIDES[side], price, stop), lots + more)
    assert value <= value_more and heat <= heat_more


def twin_heat_does_not_fall_with_the_lots(side: int, lots: int, more: int, price: int, stop: int) -> None:
    """False: it always risks more."""
    assert 0 <= side < 2 and lots > 0 and more >= 0 and price > 0 and stop > 0
    value, heat = judged(leg(SIDES[side], price, stop), lots)
    value_more, heat_more = judged(leg(SIDES[side], price, stop), lots + more)
    assert heat < heat_more


def check_less_takes_back_what_add_gave(
    flight: int, money: int, long: int, symbol: int, flight2: int, money2: int, short2: int
) -> None:
    """Nothing is left of it but the name of its symbol."""
    assert 0 <= symbol < 2
    one = Contribution(flight, money, money, (("A", long, 0, money),), money, -money)
    other = Contribution(flight2, money2, money2, ((SYMBOLS[symbol], 0, short2, money2),), money2, -money2)
    left = risk.less(risk.add(one, other), other)
    named = (("A", long, 0, money),) if symbol == 0 else (("A", long, 0, money), ("B", 0, 0, 0))
    assert left == Contribution(flight, money, money, named, money, -money)


def twin_less_takes_back_what_add_gave(
    flight: int, money: int, long: int, symbol: int, flight2: int, money2: int, short2: int
) -> None:
    """False: nor that."""
    assert 0 <= symbol < 2
    one = Contribution(flight, money, money, (("A", long, 0, money),), money, -money)
    other = Contribution(flight2, money2, money2, ((SYMBOLS[symbol], 0, short2, money2),), money2, -money2)
    left = risk.less(risk.add(one, other), other)
    named = (("A", long, 0, money),) if symbol == 0 else (("A", long, 0, money), ("B", 0, 0, 0))
    assert left == one


def check_net_and_strategies_add_up(
    high: int, low: int, value: int, high2: int, low2: int, value2: int
) -> None:
    """Each by itself, and strategies by name."""
    assert value >= 0 and value2 >= 0
    one = Contribution(0, 0, 0, (), high, low, (("s", value),))
    other = Contribution(1, 0, 0, (), high2, low2, (("r", 1), ("s", value2)))
    both = risk.add(one, other)
    assert both == Contribution(1, 0, 0, (), high + high2, low + low2, (("r", 1), ("s", value + value2)))


def twin_net_and_strategies_add_up(
    high: int, low: int, value: int, high2: int, low2: int, value2: int
) -> None:
    """False: strategies do not."""
    assert value >= 0 and value2 >= 0
    one = Contribution(0, 0, 0, (), high, low, (("s", value),))
    other = Contribution(1, 0, 0, (), high2, low2, (("r", 1), ("s", value2)))
    both = risk.add(one, other)
    assert both == Contribution(1, 0, 0, (), high + high2, low + low2, (("r", 1), ("s", value2)))
