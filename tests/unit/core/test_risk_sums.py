"""Net exposure at worst, what is asked of the gate, and the sum over all trades, worked out bit by bit."""

from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import risk, sums
from core.messages import OrderRejected, SignalId
from core.orders import Order
from core.risk import NOTHING, Contribution, Intent
from core.settings import Instrument, Settings
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    HEDGE,
    SIGNAL,
    confirmed_canceled,
    filled,
    opened,
    order_id,
    proposed,
)

PRICES = (("AAA", 100), ("BBB", 50))
SETTINGS = Settings((Instrument("AAA"), Instrument("BBB")))
KEPT = (filled(ENTRY, 1_000), filled(HEDGE, 2_000))


def net(trade, prices=PRICES, settings=SETTINGS):
    """Its highest and its lowest net notional."""
    stands = risk.contribute(trade, prices, settings)
    return stands.net_high, stands.net_low


# ---- net ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trade", "expected"),
    [
        (proposed(), (100_000, -100_000)),
        (opened(), (100_000, -100_000)),
        (opened(filled(ENTRY, 1_000)), (100_000, 0)),
        (opened(*KEPT), (0, 0)),
        (opened(filled(ENTRY, 960), *confirmed_canceled(ENTRY, 960), filled(HEDGE, 1_000)), (50_000, -4_000)),
        (opened(filled(ENTRY, 1_000), filled(HEDGE, 3_000)), (0, -50_000)),
    ],
    ids=["asked for", "entry", "hedge", "held", "partly hedged", "buying back"],
)
def test_net_is_high_where_buys_fill_alone_and_low_where_sells_do(trade, expected):
    assert net(trade) == expected


def test_order_that_takes_from_a_leg_may_be_filled_alone():
    selling = Order(FLATTEN_A, "AAA", "sell", 1_000, None, "new")
    buying = Order(order_id("flatten_b"), "BBB", "buy", 2_000, None, "partially_filled", filled=500)
    held = opened(*KEPT)

    assert net(replace(held, orders=(*held.orders, selling))) == (0, -100_000)
    assert net(replace(held, orders=(*held.orders, buying))) == (75_000, 0)


def test_order_that_is_over_takes_nothing():
    held = opened(*KEPT)
    rejected = Order(FLATTEN_A, "AAA", "sell", 1_000, None, "rejected")

    assert net(replace(held, orders=(*held.orders, rejected))) == (0, 0)


def test_order_to_take_from_a_leg_that_holds_nothing_is_net_and_no_exposure():
    nothing_left = opened(OrderRejected(ENTRY, "no"))
    selling = Order(FLATTEN_A, "AAA", "sell", 10, None, "new")
    stands = risk.contribute(replace(nothing_left, orders=(*nothing_left.orders, selling)), PRICES, SETTINGS)

    assert stands == Contribution(net_low=-1_000)


@pytest.mark.parametrize("held", [0, -1])
def test_order_that_adds_to_a_trade_that_is_over_is_exposure_of_the_side_that_is_held(held):
    over = replace(opened(OrderRejected(ENTRY, "no")), carried_a=held)
    adding = Order(order_id("entry", 2), "AAA", "buy", 10, None, "new")

    stands = risk.contribute(replace(over, orders=(*over.orders, adding)), PRICES, SETTINGS)

    assert stands.exposures == ((("AAA", 0, 11, 1_100) if held else ("AAA", 10, 0, 1_000)),)


def test_order_that_adds_counts_beyond_what_is_held():
    held = opened(*KEPT)
    adding = Order(order_id("entry", 2), "AAA", "buy", 10, None, "new")
    stands = risk.contribute(replace(held, orders=(*held.orders, adding)), PRICES, SETTINGS)

    assert stands.exposures[0] == ("AAA", 1_010, 0, 101_000)
    assert (stands.net_high, stands.net_low, stands.gross) == (1_000, 0, 201_000)


def test_plan_of_a_running_trade_counts_beyond_what_is_held_the_wrong_way_round():
    wrong_way = replace(opened(), carried_a=-3)

    assert net(wrong_way) == (-300 + 100_000, -300 - 100_000)
    assert risk.contribute(wrong_way, PRICES, SETTINGS).exposures[0] == ("AAA", 1_003, 0, 100_300)


def test_net_is_in_money():
    worth = Settings((Instrument("AAA", tick_lot_value=3), Instrument("BBB")))

    assert net(proposed(), settings=worth) == (300_000, -100_000)


@pytest.mark.parametrize("phase", ["proposed", "entry", "hedge", "flatten", "parked"])
def test_running_trade_counts_its_plan(phase):
    stands = risk.contribute(replace(proposed(), phase=phase), PRICES, SETTINGS)

    assert (stands.in_flight, stands.gross, stands.strategies) == (1, 200_000, (("pairs", 200_000),))


@pytest.mark.parametrize("phase", ["ended", "held", "exit", "closed"])
def test_trade_that_is_over_counts_what_it_holds(phase):
    assert risk.contribute(replace(proposed(), phase=phase), PRICES, SETTINGS) == NOTHING


# ---- what is asked of the gate -----------------------------------------------------------------------


def intent(trade, prices=PRICES, settings=SETTINGS):
    """What the trade asks for, adding nothing."""
    return risk.intent(trade, NOTHING, prices, settings)


def limited(price):
    """The pair's trade with a limit price for its entry."""
    trade = proposed()
    return replace(trade, leg_a=replace(trade.leg_a, limit_price=price, price=price))


def test_intent_is_that_of_the_larger_leg():
    worth = Settings((Instrument("AAA"), Instrument("BBB", tick_lot_value=3)))

    assert intent(proposed()) == Intent(SIGNAL, NOTHING, 2_000, 100_000, None, 100)
    assert intent(proposed(3_000)) == Intent(SIGNAL, NOTHING, 3_000, 300_000, None, 100)
    assert intent(proposed(), settings=worth).order_notional == 300_000


def test_order_at_a_limit_is_worth_its_limit_and_judged_by_the_market():
    assert intent(limited(120)) == Intent(SIGNAL, NOTHING, 2_000, 120_000, 120, 100)


def test_order_without_a_limit_is_worth_what_the_market_says_now():
    assert intent(proposed(), (("AAA", 130), ("BBB", 50))).order_notional == 130_000


def test_order_is_judged_by_the_price_of_its_plan_where_the_market_s_is_not_known():
    unknown = (("AAA", None), ("BBB", None))

    assert intent(limited(120), unknown) == Intent(SIGNAL, NOTHING, 2_000, 120_000, 120, 120)
    assert intent(proposed(), unknown) == Intent(SIGNAL, NOTHING, 2_000, 100_000, None, 100)


def test_intent_in_a_symbol_no_one_trades_is_a_bug():
    with pytest.raises(AssertionError, match="Invariant: a trade's symbols stay in the settings"):
        intent(proposed(), settings=Settings((Instrument("AAA"),)))


# ---- differences -------------------------------------------------------------------------------------

ROWS = st.dictionaries(st.sampled_from("ABC"), st.integers(-9, 9), max_size=3)
NUMBERS = st.integers(-99, 99)


@st.composite
def contributions(draw):
    """Any numbers, in up to three symbols and strategies."""
    exposures = tuple((name, each, each + 1, each + 2) for name, each in sorted(draw(ROWS).items()))
    strategies = tuple(sorted(draw(ROWS).items()))
    return Contribution(draw(NUMBERS), draw(NUMBERS), draw(NUMBERS), exposures, 7, draw(NUMBERS), strategies)


@given(contributions(), contributions())
def test_difference_is_what_a_sum_was_made_of(one, other):
    left = risk.less(risk.add(one, other), other)

    assert without_zeros(left) == without_zeros(one)


def without_zeros(whole):
    """The same, without the rows in which nothing is."""
    exposures = tuple(each for each in whole.exposures if any(each[1:]))
    return replace(whole, exposures=exposures, strategies=tuple(row for row in whole.strategies if row[1]))


def test_difference_keeps_the_names_of_what_is_gone():
    whole = risk.contribute(proposed(), PRICES, SETTINGS)

    assert risk.less(whole, whole) == Contribution(
        0, 0, 0, (("AAA", 0, 0, 0), ("BBB", 0, 0, 0)), 0, 0, (("pairs", 0),)
    )


# ---- the sum over all trades -------------------------------------------------------------------------

SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
WHOLE = Settings(tuple(Instrument(symbol, tick_lot_value=at + 1) for at, symbol in enumerate(SYMBOLS)))


@st.composite
def trades(draw):
    """Trades of two strategies, in the order of the state, each held or about to open."""
    numbers = draw(st.sets(st.integers(1, 8), max_size=6))
    return tuple(drawn(draw, number) for number in sorted(numbers))


def drawn(draw, number):
    """A trade in two of the symbols, about to open or held."""
    symbol_a, symbol_b = draw(st.permutations(SYMBOLS))[:2]
    planned = proposed(draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    held_a, held_b = draw(st.integers(-2, 2)), draw(st.integers(-2, 2))
    return replace(
        planned,
        signal=SignalId("pm"[number % 2], number),
        leg_a=replace(planned.leg_a, symbol=symbol_a),
        leg_b=replace(planned.leg_b, symbol=symbol_b),
        phase=draw(st.sampled_from(["proposed", "held"])),
        carried_a=held_a,
        carried_b=held_b,
    )


def added_up(of, prices, settings=WHOLE):
    return reduce(risk.add, (risk.contribute(each, prices, settings) for each in of), NOTHING)


@given(st.data())
def test_sum_is_that_of_all_trades_however_it_came_about(data):
    present, prices = (), tuple((symbol, 10) for symbol in SYMBOLS)
    for _ in range(data.draw(st.integers(1, 8))):
        if data.draw(st.booleans()):
            symbol, price = data.draw(st.sampled_from(SYMBOLS)), data.draw(st.none() | st.integers(1, 20))
            prices = tuple((symbol, price) if each[0] == symbol else each for each in prices)
        else:
            fresh = {each.signal: each for each in (*present, *data.draw(trades()))}
            left = [each for each in fresh.values() if data.draw(st.integers(0, 4))]
            present = tuple(sorted(left, key=lambda each: (each.signal.strategy, each.signal.sequence)))

        assert sums.total(present, prices, WHOLE) == added_up(present, prices)


def test_sum_is_counted_anew_with_other_settings():
    present = (proposed(),)
    dear = Settings((Instrument("AAA", tick_lot_value=2), Instrument("BBB")))

    found = [sums.total(present, PRICES, each) for each in (SETTINGS, dear, SETTINGS)]

    assert found == [added_up(present, PRICES, each) for each in (SETTINGS, dear, SETTINGS)]


def test_sum_is_counted_anew_by_another_count(monkeypatch):
    present = (proposed(),)
    assert sums.total(present, PRICES, SETTINGS).heat == 200_200

    monkeypatch.setattr(risk, "contribute", lambda *_: Contribution(heat=7))

    assert sums.total(present, PRICES, SETTINGS) == Contribution(heat=7)


def counted(monkeypatch):
    """The trades that are counted from here on, in order."""
    seen, count = [], risk.contribute

    def watched(trade, prices, settings):
        seen.append(trade.signal.sequence)
        return count(trade, prices, settings)

    monkeypatch.setattr(risk, "contribute", watched)
    return seen


def numbered(*numbers, symbols=("AAA", "BBB")):
    """Trades of these numbers, all held."""
    return tuple(
        replace(
            proposed(),
            signal=SignalId("pairs", number),
            phase="held",
            carried_a=number,
            leg_a=replace(proposed().leg_a, symbol=symbols[0]),
            leg_b=replace(proposed().leg_b, symbol=symbols[1]),
        )
        for number in numbers
    )


def test_only_what_changed_is_counted(monkeypatch):
    seen = counted(monkeypatch)
    present = numbered(1, 2, 3, 4, 5)
    sums.total(present, PRICES, SETTINGS)
    assert seen == [1, 2, 3, 4, 5]

    sums.total(present, PRICES, SETTINGS)
    assert seen[5:] == []

    one, two, three, four, five = present
    changed = (one, replace(two, carried_a=9), three, replace(four, carried_a=8), five)
    sums.total(changed, PRICES, SETTINGS)
    assert seen[5:] == [2, 4]

    sums.total((*changed[:3], *changed[4:], *numbered(6)), PRICES, SETTINGS)
    assert seen[7:] == [6]


def test_only_trades_in_a_symbol_whose_price_moved_are_counted_again(monkeypatch):
    seen = counted(monkeypatch)
    prices = (("AAA", 100), ("BBB", 50), ("CCC", 10))
    settings = Settings((*SETTINGS.instruments, Instrument("CCC")))
    ours, others = numbered(1, 2), numbered(3, 4, symbols=("CCC", "BBB"))
    sums.total(ours + others, prices, settings)

    sums.total(ours + others, (prices[0], prices[1], ("CCC", 11)), settings)

    assert seen[4:] == [3, 4]


def test_sum_holds_no_row_of_what_is_gone():
    both = numbered(1, 2) + numbered(3, symbols=("BBB", "AAA"))
    sums.total(both, PRICES, SETTINGS)
    aside = replace(both[2], signal=SignalId("other", 1))
    sums.total((aside, *both[:2]), PRICES, SETTINGS)

    assert sums.total(both[:2], PRICES, SETTINGS) == added_up(both[:2], PRICES, SETTINGS)


def test_sum_of_nothing_is_nothing():
    sums.total(numbered(1), PRICES, SETTINGS)

    assert sums.total((), PRICES, SETTINGS) == NOTHING
