"""Any event in any state of a portfolio has an answer, and what strategies have adds up to the account."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core import engine, trade
from core.messages import CashMoved, RebalanceRequested, SignalsReceived
from core.settings import Strategy
from core.units import sign
from tests.unit.core.build import CASH, both_filled, ready, signal
from tests.unit.core.stories import (
    BEGINNINGS,
    CHOSEN,
    EVENTS,
    NEXT_SIGNALS,
    NUMBERS,
    STRATEGIES,
    WILD_SIGNALS,
    meant,
)

OWNED = replace(CHOSEN, strategies=(Strategy("pairs", 6_001), Strategy("squeeze", 2_002)))
SHARES = st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)).map(
    lambda shares: (("pairs", shares[0]), ("squeeze", shares[1]))
)
WILD_SHARES = st.lists(st.tuples(STRATEGIES | st.just(""), NUMBERS), max_size=3).map(tuple)
MOMENTS = st.lists(NEXT_SIGNALS | WILD_SIGNALS, max_size=4).map(tuple)
MORE = st.one_of(
    st.builds(RebalanceRequested, SHARES),
    st.builds(RebalanceRequested, SHARES),
    st.builds(RebalanceRequested, WILD_SHARES),
    st.builds(SignalsReceived, MOMENTS),
    st.builds(CashMoved, NUMBERS | st.integers(-CASH, CASH)),
)
SQUEEZE = (signal(1, "squeeze"), *both_filled(1, "squeeze"))
BEGUN = st.sampled_from([*BEGINNINGS.values(), SQUEEZE, SQUEEZE[:2]])
STORIES = st.builds(lambda begun, rest: (*begun, *rest), BEGUN, st.lists(EVENTS | MORE, max_size=12))


def told(state, event):
    """The event as it is meant in this state."""
    if isinstance(event, SignalsReceived):
        return SignalsReceived(tuple(meant(state, each) for each in event.signals))
    return meant(state, event)


@given(story=STORIES, conflicts=st.sampled_from(["refuse", "net"]))
def test_no_event_makes_a_step_raise_and_what_strategies_have_adds_up(story, conflicts):
    state = ready(replace(OWNED, conflicts=conflicts))
    for event in story:
        before = engine.equity(state)
        state, _ = engine.step(state, told(state, event))

        if isinstance(event, RebalanceRequested):
            assert engine.equity(state) == before
        assert_accounts_add_up(state)
        engine.health(state)


def assert_accounts_add_up(state):
    """Cash, fees and profit of all are the account's; each one's lots are those of its own trades, and the
    reserve's those that were taken over."""
    books = [each.book for each in state.accounts]
    assert [each.strategy for each in state.accounts] == ["", "pairs", "squeeze"]
    assert sum(each.cash for each in books) == state.book.cash
    assert sum(each.fees for each in books) == state.book.fees
    assert sum(each.assigned for each in state.accounts) == 0
    assert profit_of(*books) == profit_of(state.book)
    assert all(each.amount > 0 and each.giver != each.receiver for each in state.owed)
    held, booked = Counter(), Counter()
    for each in state.trades:
        for leg in (each.leg_a, each.leg_b):
            held[each.signal.strategy, leg.symbol] += sign(leg.side) * trade.open_lots(each, leg)
    for each in state.adopted:
        held["", each.symbol] += each.lots
    for each in state.accounts:
        booked.update({(each.strategy, position.symbol): position.lots for position in each.book.positions})
    assert +held == +booked
    assert -held == -booked


def profit_of(*books):
    """What was realised less what the open lots cost: what positions brought in cash so far, fees aside."""
    return sum(each.realised - each.cost for book in books for each in book.positions)
