"""Capital moves between strategies: none is lost, none that is in use, and all of it in the end."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import engine
from core.messages import (
    AssignCapital,
    BreakerResetRequested,
    BreakerTripRequested,
    CashMoved,
    PriceMoved,
    PriceUnusable,
    RaiseAlert,
    RebalanceRequested,
    RefuseSignal,
    ReportAnomaly,
    Restarted,
    SettingsChanged,
)
from core.portfolio import Transfer
from core.portfolio_rebalancing import Capital, rebalance, released
from core.settings import DAILY_LOSS, MANUAL, Strategy
from tests.quality.rebalancing import wrong_with
from tests.unit.core.build import (
    ANCHORS,
    OTHER_CODES,
    WIDE,
    after,
    both_filled,
    filled,
    of_kind,
    order_id,
    ready,
    settings,
    signal,
)
from tests.unit.core.owned import CAPITAL, NAMES, STRATEGIES, cash_of, owned

EQUAL = tuple((name, 2_000) for name in NAMES)
STATE = ready(owned())
USED = after(STATE, signal(), *both_filled())  # pairs holds 1,000 AAA at 100 and is short 2,000 BBB at 50
TO_NOBODY = tuple((name, 0) for name in NAMES)


def capitals(*rows):
    """What the reserve and strategies a, b, c have and need."""
    return tuple(Capital(name, *row) for name, row in zip(["", *"abc"], rows, strict=False))


# ---- the pure function -----------------------------------------------------------------------------


@pytest.mark.covers("MS-05", "MS-08")
@pytest.mark.parametrize(
    ("rows", "shares", "moved", "owed"),
    [
        ([(0,), (60,), (40,)], (5_000, 5_000), [("a", "b", 10)], []),
        ([(0,), (50,), (50,)], (5_000, 5_000), [], []),
        ([(0,), (51,), (49,)], (5_000, 5_000), [("a", "b", 1)], []),
        ([(20,), (40,), (40,)], (5_000, 5_000), [("", "a", 10), ("", "b", 10)], []),
        ([(0,), (70,), (31,)], (5_000, 5_000), [("a", "b", 19)], []),
        ([(0,), (60,), (40,)], (2_000, 3_000), [("a", "", 40), ("b", "", 10)], []),
        ([(0,), (60, 55), (40,)], (5_000, 5_000), [("a", "b", 5)], [("a", "b", 5)]),
        ([(0,), (60, 60), (40,)], (5_000, 5_000), [], [("a", "b", 10)]),
        ([(0,), (60, 99), (40,)], (5_000, 5_000), [], [("a", "b", 10)]),
        ([(0,), (60, 50), (40, 99)], (5_000, 5_000), [("a", "b", 10)], []),
        ([(-10,), (60,), (50,)], (5_000, 5_000), [("a", "", 10)], []),
        (
            [(0,), (90, 70), (0,), (10,)],
            (4_000, 3_000, 3_000),
            [("a", "b", 20)],
            [("a", "b", 10), ("a", "c", 20)],
        ),
        (
            [(0,), (90, 55), (0,), (10,)],
            (4_000, 3_000, 3_000),
            [("a", "b", 30), ("a", "c", 5)],
            [("a", "c", 15)],
        ),
        ([(0,), (50,), (50,), (0,)], (2_500, 2_500, 5_000), [("a", "c", 25), ("b", "c", 25)], []),
    ],
    ids=[
        "back to half",
        "nothing to do",
        "one unit",
        "out of reserve",
        "an odd unit",
        "into reserve",
        "half in use",
        "all in use",
        "more than all in use",
        "one that gets is over its need",
        "a debt of the reserve",
        "the first by name first",
        "then the second",
        "from two to one",
    ],
)
def test_what_can_be_spared_moves_and_the_rest_is_owed(rows, shares, moved, owed):
    targets = tuple(zip("abc", shares, strict=False))

    found = rebalance(capitals(*rows), targets)

    assert found == (tuple(Transfer(*each) for each in moved), tuple(Transfer(*each) for each in owed))


PORTFOLIOS = st.integers(1, 8).flatmap(
    lambda count: st.tuples(
        st.lists(
            st.tuples(st.integers(-(10**6), 10**9), st.integers(0, 10**9)),
            min_size=count + 1,
            max_size=count + 1,
        ),
        st.lists(st.integers(0, 10_000 // count), min_size=count, max_size=count),
    )
)


@pytest.mark.covers("MS-05", "MS-08")
@given(PORTFOLIOS)
def test_value_is_kept_targets_are_reached_and_no_limit_is_broken_on_the_way(drawn):
    rows, shares = drawn
    names = ["", *(f"strategy {at}" for at in range(len(shares)))]
    held = tuple(Capital(name, *row) for name, row in zip(names, rows, strict=True))
    if sum(each.money for each in held) > 0:
        assert wrong_with(held, tuple(zip(names[1:], shares, strict=True))) == ""


def test_what_is_owed_by_one_of_unknown_worth_stays_owed():
    owed = (Transfer("a", "b", 5), Transfer("c", "b", 3))

    assert released(capitals((0,), (9,)), owed) == (owed[:1], owed[1:])
    assert released((), owed) == ((), owed)


# ---- the engine ------------------------------------------------------------------------------------


@pytest.mark.covers("MS-08")
def test_capital_that_is_free_moves_at_once():
    state, commands = engine.step(STATE, RebalanceRequested(EQUAL))

    assert commands == (
        AssignCapital("", -1_000_000),
        AssignCapital("mean_reversion", 1_000_000),
        AssignCapital("momentum", -1_000_000),
        AssignCapital("pairs", -500_000),
        AssignCapital("squeeze", 1_500_000),
    )
    assert cash_of(state) == {"": 0, **dict.fromkeys(NAMES, 2_000_000)}
    assert (state.book, state.owed) == (STATE.book, ())


def test_without_targets_the_budgets_of_the_settings_are_taken():
    moved = after(STATE, RebalanceRequested(EQUAL))
    changed = replace(owned(), strategies=(*STRATEGIES[:4], Strategy("squeeze", 1_500)))

    assert cash_of(after(moved, RebalanceRequested())) == CAPITAL
    back = after(moved, SettingsChanged(changed), RebalanceRequested())
    assert cash_of(back) == {**CAPITAL, "": 0, "squeeze": 1_500_000}


@pytest.mark.covers("MS-05", "MS-08")
def test_capital_in_use_stays_is_owed_and_follows_when_the_trade_ends():
    state, commands = engine.step(USED, RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))

    assert cash_of(state) == {
        **dict.fromkeys(CAPITAL, 0),
        "pairs": 200_000,
        "squeeze": 9_800_000,
    }
    assert commands[-1] == RaiseAlert("REBALANCING_OWED", ("pairs", 200_000))
    assert engine.health(state).strategies[4].owed == 200_000

    ended = after(state, filled(order_id("flatten_a"), 1_000), filled(order_id("flatten_b"), 2_000))
    assert cash_of(ended)["squeeze"] == 9_800_000


def test_what_is_owed_follows_as_the_need_falls_and_is_told():
    state = after(USED, RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))

    fallen, commands = engine.step(state, PriceMoved("BBB", 40))

    assert commands == (AssignCapital("pairs", -2_340_000), AssignCapital("squeeze", 9_340_000))
    assert fallen.owed == (Transfer("pairs", "squeeze", 160_000),)
    assert engine.step(fallen, PriceMoved("CCC", 11))[1] == ()


def test_after_a_restart_capital_that_moved_and_what_is_owed_are_told_again():
    state = after(STATE, signal(), RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))

    told = engine.step(state, Restarted())[1]

    assert told[-7:] == (
        AssignCapital("", -1_000_000),
        AssignCapital("deep_value", -2_000_000),
        AssignCapital("mean_reversion", -1_000_000),
        AssignCapital("momentum", -3_000_000),
        AssignCapital("pairs", -2_300_000),
        AssignCapital("squeeze", 9_300_000),
        RaiseAlert("REBALANCING_OWED", ("pairs", 200_000)),
    )
    assert of_kind(engine.step(ready(settings()), Restarted())[1], AssignCapital) == ()


@pytest.mark.parametrize("symbol", ["AAA", "BBB"])
def test_capital_of_open_trades_that_nobody_can_judge_stays(symbol):
    """An entry is out, nothing is held yet: the strategy's worth is known, and its need is not."""
    flying = after(STATE, signal(), signal(1, "momentum", symbol_b="CCC"))
    blind = after(flying, PriceUnusable(symbol))

    state = after(blind, RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))

    kept = {"pairs", "momentum"} if symbol == "AAA" else {"pairs"}
    assert {name for name, cash in cash_of(state).items() if cash == CAPITAL[name]} == kept
    assert {each.giver for each in state.owed} == {"pairs", "momentum"}
    seen = cash_of(after(state, PriceMoved(symbol, 60)))
    assert seen["pairs"] == (160_000 if symbol == "AAA" else 220_000)


def test_profit_that_is_made_while_capital_is_owed_is_the_strategys_own():
    state = after(USED, RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))), PriceMoved("AAA", 150))

    assert cash_of(state)["squeeze"] == 9_800_000
    assert state.owed == (Transfer("pairs", "squeeze", 200_000),)


def test_a_new_request_takes_the_place_of_what_is_owed():
    state = after(USED, RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))

    again = after(state, RebalanceRequested(EQUAL))

    assert again.owed == ()
    assert cash_of(again) == dict.fromkeys(NAMES, 2_000_000) | {"": 0}


def test_capital_that_is_reserved_for_a_trade_in_flight_is_in_use():
    state = after(after(STATE, signal()), RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))

    assert cash_of(state)["pairs"] == 200_000


@pytest.mark.covers("MS-06", "MS-08")
def test_a_strategy_may_trade_with_what_it_was_given_and_not_with_what_it_gave():
    state = after(STATE, RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))

    refused = engine.step(state, signal())[1]
    assert refused == (RefuseSignal(signal().signal, "STRATEGY_BUDGET"),)
    assert not of_kind(engine.step(state, signal(1, "squeeze", quantity_a=40_000))[1], RefuseSignal)


def test_on_probation_more_capital_bears_the_same_trades():
    rules = (DAILY_LOSS, replace(MANUAL, probation=1))
    state = ready(replace(owned(), breakers=rules, reset_anchors=ANCHORS))
    state = after(state, signal(), *both_filled(), BreakerTripRequested())
    state = after(state, BreakerResetRequested("manual", OTHER_CODES[1]))

    moved = after(state, RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))

    assert cash_of(moved)["pairs"] == 800_000


@pytest.mark.parametrize("bps", [5_000, 20_000])
def test_how_much_a_strategy_may_have_open_by_its_capital_says_how_much_it_keeps(bps):
    state = after(ready(owned(replace(WIDE, budget_bps=bps))), signal(), *both_filled())

    moved = after(state, RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))

    assert cash_of(moved)["pairs"] == 200_000 * 10_000 // bps


@pytest.mark.parametrize(
    "targets",
    [
        EQUAL[:4],
        (*EQUAL, ("zebra", 0)),
        EQUAL[::-1],
        (*EQUAL[:4], EQUAL[3]),
        (("", 0), *EQUAL),
        (*EQUAL[:4], ("squeeze", 2_001)),
        (*EQUAL[:4], ("squeeze", -1)),
    ],
    ids=["one is missing", "a stranger", "unsorted", "twice", "the reserve", "more than all", "negative"],
)
def test_targets_that_are_none_are_an_anomaly_and_nothing_moves(targets):
    event = RebalanceRequested(targets)

    assert engine.step(USED, event) == (USED, (ReportAnomaly("INVALID_TARGETS", event),))


def test_without_strategies_there_is_nothing_to_rebalance():
    plain = ready(settings())

    for event in (RebalanceRequested(), RebalanceRequested(EQUAL)):
        assert engine.step(plain, event) == (plain, (ReportAnomaly("INVALID_TARGETS", event),))


def test_what_has_no_known_worth_cannot_be_shared():
    event = RebalanceRequested(EQUAL)
    blind = after(USED, PriceUnusable("AAA"))
    broke = after(STATE, CashMoved(-10_000_000))

    assert engine.step(blind, event) == (blind, (ReportAnomaly("INVALID_VALUE", event),))
    assert engine.step(broke, event) == (broke, (ReportAnomaly("INVALID_VALUE", event),))
    assert of_kind(engine.step(after(broke, CashMoved(1)), event)[1], ReportAnomaly) == ()


def test_while_its_worth_is_unknown_nothing_that_a_strategy_owes_moves():
    state = after(USED, RebalanceRequested((*TO_NOBODY[:4], ("squeeze", 10_000))))
    blind = after(state, PriceUnusable("AAA"))

    assert after(blind, PriceMoved("BBB", 40)).owed == state.owed
    assert after(blind, PriceMoved("BBB", 40), PriceMoved("AAA", 100)).owed[0].amount == 160_000
