"""Trades meet only in the gate: what one does is the same whatever other trades there are beside it.

An engine with many trades takes an event; the same engine takes it again with some of its trades gone, or
all of them in another order. What ``trade.step`` is given and gives is compared trade by trade.
"""

from dataclasses import replace
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from core import admission, engine, stepping, trade
from core.messages import (
    BreakerTripRequested,
    Restarted,
    SessionChanged,
    SignalId,
    SignalReceived,
    TimerFired,
    TradingHalted,
    TradingResumed,
)
from tests.unit.core.build import (
    WIDE,
    after,
    answered,
    asked_again,
    asked_and,
    order_id,
    ready,
    signal,
)
from tests.unit.core.stories import BEGINNINGS, CHOSEN, EVENTS, meant

MANY = replace(CHOSEN, limits=replace(WIDE, trades_in_flight=9))
# Six pairs that may stand beside each other: AAA is bought by all, BBB and CCC are sold.
SIGNALS = (
    signal(1),
    signal(2, symbol_b="CCC"),
    signal(3, symbol_a="CCC", side_a="sell"),
    signal(1, "squeeze", symbol_a="BBB", side_a="sell", symbol_b="AAA", side_b="buy"),
    signal(2, "squeeze", symbol_a="BBB", side_a="sell", symbol_b="CCC"),
    signal(3, "squeeze", symbol_a="CCC", side_a="sell", symbol_b="AAA", side_b="buy"),
)
WHOLE = (
    SignalReceived,
    BreakerTripRequested,
    Restarted,
    SessionChanged,
    TradingHalted,
)  # events of an engine, and of no one trade
OF_ALL = (Restarted, SessionChanged, TradingHalted, TradingResumed)
HISTORIES = {
    name: tuple(event for event in events if not isinstance(event, WHOLE))
    for name, events in BEGINNINGS.items()
}


def about(event, signal_id):
    """The event of the pair's trade, as one of another trade."""
    if isinstance(event, TimerFired):
        order = event.timer.order and replace(event.timer.order, signal=signal_id)
        return TimerFired(replace(event.timer, signal=signal_id, order=order))
    return replace(event, order=replace(event.order, signal=signal_id))


def crowd(names, story=()):
    """An engine with a trade per name, each with the history of that name, after a story."""
    state = ready(MANY)
    for event, name in zip(SIGNALS, names, strict=False):
        state = after(state, event, *(about(each, event.signal) for each in HISTORIES[name]))
    for event in story:
        state = after(state, meant(state, event))
    return state


CROWDS = st.builds(
    crowd,
    st.lists(st.sampled_from(sorted(HISTORIES)), min_size=2, max_size=len(SIGNALS)),
    st.lists(EVENTS, max_size=6),
)
NEWCOMERS = [replace(each, signal=SignalId("newcomer", None)) for each in SIGNALS]  # the next of its strategy
RARE = st.sampled_from([BreakerTripRequested(), Restarted(), TradingHalted(), *NEWCOMERS])
EVENTS_OF_ALL = st.sampled_from([EVENTS, EVENTS, RARE]).flatmap(lambda each: each)  # rare ones often enough


def steps(state, event):
    """Per trade: every step it was made to take, as (before, event, allowed) and what came of it."""
    taken = {}

    def recorded(before, cause, allowed):
        result = trade.step(before, cause, allowed)
        taken.setdefault(before.signal, []).append(((before, cause, allowed), result))
        return result

    with (
        mock.patch.object(stepping, "step_trade", recorded),
        mock.patch.object(admission, "step_trade", recorded),
    ):
        engine.step(state, event)
    return taken


def addressee(event):
    """The trade an event is about, or None."""
    subject = getattr(event, "order", None) or getattr(event, "timer", None)
    return getattr(subject, "signal", None)


def assert_same_but_for_the_gate(beside, alone):
    """The steps of one trade beside others and without them; fewer trades never close the gate."""
    assert len(beside) == len(alone)
    for (given_beside, result_beside), (given_alone, result_alone) in zip(beside, alone, strict=True):
        assert given_beside[:2] == given_alone[:2]
        if given_beside == given_alone:
            assert result_beside == result_alone
        else:
            assert trade.wants(*given_alone[:2]) is not None
            assert given_alone[2]


# ---- properties ----------------------------------------------------------------------------------


@given(state=CROWDS, event=EVENTS_OF_ALL, chosen=st.sets(st.integers(0, 5)))
def test_a_trade_does_the_same_when_other_trades_are_gone(state, event, chosen):
    event = meant(state, event)
    kept = [
        each for index, each in enumerate(state.trades) if index in chosen or each.signal == addressee(event)
    ]

    beside, alone = steps(state, event), steps(replace(state, trades=tuple(kept)), event)

    for each in kept:
        assert_same_but_for_the_gate(beside.get(each.signal, []), alone.get(each.signal, []))
    if isinstance(event, SignalReceived) and event.signal in beside:
        assert alone[event.signal] == beside[event.signal]


@given(state=CROWDS, event=EVENTS_OF_ALL, data=st.data())
def test_a_trade_does_the_same_in_whatever_order_the_trades_stand(state, event, data):
    event = meant(state, event)
    shuffled = replace(state, trades=tuple(data.draw(st.permutations(state.trades))))

    assert steps(shuffled, event) == steps(state, event)


@given(state=CROWDS, event=EVENTS)
def test_what_happens_to_one_trade_leaves_the_others_as_they_are(state, event):
    event = meant(state, event)
    own = {addressee(event), getattr(event, "signal", None)}

    told, _ = engine.step(state, event)

    if not isinstance(event, OF_ALL) and told.breakers == state.breakers:  # a trip cancels the entries of all
        assert others(told, own) == others(state, own)


def others(state, own):
    """The trades that an event is not about."""
    return [each for each in state.trades if each.signal not in own]


# ---- the properties speak of something -------------------------------------------------------------


def test_a_crowd_holds_trades_in_every_phase():
    names = ("entry", "hedge", "flatten", "ended", "held", "parked")

    assert [each.phase for each in crowd(names).trades] == list(names)


def test_the_gate_is_where_other_trades_are_felt():
    limits = replace(WIDE, trades_in_flight=1)
    lost = signal(2, symbol_b="CCC")
    state = after(ready(replace(MANY, limits=limits)), signal(1))

    refused, allowed = steps(state, lost), steps(replace(state, trades=()), lost)

    assert refused == {}
    assert list(allowed) == [lost.signal]


def test_a_resend_is_the_gate_s_to_hold_up():
    lost = order_id("entry", 1, 2)
    told = (answered(lost, "not_found"), *asked_and(lost, "not_found"), asked_again(lost))
    state = after(ready(MANY), signal(1), signal(2, symbol_b="CCC"), Restarted(), *told)
    alone = replace(state, trades=state.trades[1:], recovering=False)

    ((held_up, _),) = steps(state, answered(lost, "not_found"))[lost.signal]
    ((let_in, _),) = steps(alone, answered(lost, "not_found"))[lost.signal]

    assert trade.wants(*held_up[:2]) == "resend"
    assert held_up[:2] == let_in[:2]
    assert (held_up[2], let_in[2]) == (False, True)


def test_a_trip_a_restart_a_halt_and_a_close_reach_every_trade():
    state = crowd(("entry",) * len(SIGNALS))

    for event in (BreakerTripRequested(), Restarted(), TradingHalted(), SessionChanged(1, "closed")):
        assert list(steps(state, event)) == [each.signal for each in state.trades]
    assert len(state.trades) == len(SIGNALS)
