"""Chaos mode: partial fills, ghost orders, signal spam. Ten lots stand for 1.0 of the asset."""

import pytest

from hedgecheck import tape
from hedgecheck.messages import CreateOrder
from tests.canary.engines import z005, z046
from tests.support import Script, pairs

ONE, SIX_TENTHS, ONE_TENTH = 10, 6, 1


def until_leg_b_is_sent(script: Script) -> Script:
    """Leg A is bought in full and leg B is on its way."""
    script.signal().receive().hear("p1a1", "Accepted").fill("p1a1", ONE)
    return script.hear("p1a1", "Filled")


def closed_with_60_percent(script: Script) -> Script:
    """Leg A comes back as "closed" with 0.6 filled, and nothing else is heard of it."""
    script.signal().receive().do(tape.LoseReply("p1a1", "Accepted")).fill("p1a1", SIX_TENTHS)
    script.receive()  # the query that a lost answer calls for
    return script.do(tape.Overtake("p1a1", "Status"))


@pytest.mark.covers("CH-01", "CH-08")
def test_closed_with_60_percent_filled_hedges_exactly_what_was_filled():
    script = closed_with_60_percent(Script(pairs(1))).settle()

    leg_a, leg_b = script.created
    assert (leg_a.side, leg_a.amount) == ("buy", ONE)
    assert (leg_b.symbol, leg_b.side, leg_b.amount) == ("BBB", "sell", SIX_TENTHS)
    assert script.returned == [("p1", True, "hedged")]


@pytest.mark.covers("CH-02", "CH-09")
def test_10_percent_filled_aborts_without_a_hedge_and_flattens_the_rest():
    script = Script(pairs(1)).signal().receive().fill("p1a1", ONE_TENTH).settle()

    entry, flatten = script.created
    assert (flatten.symbol, flatten.side, flatten.amount, flatten.reduce_only) == (
        "AAA",
        "sell",
        ONE_TENTH,
        True,
    )
    assert entry.amount == ONE
    assert script.returned == [("p1", False, "flattened")]


@pytest.mark.parametrize("lost", [tape.LoseRequest(), tape.LoseReply("p1b1", "Accepted")])
@pytest.mark.covers("CH-03", "CH-10", "EM-04")
def test_timed_out_order_is_looked_up_before_anything_else_is_sent(lost: tape.Action):
    script = until_leg_b_is_sent(Script(pairs(1)))
    if isinstance(lost, tape.LoseReply):
        script.receive()
    before = len(script.sent)

    script.do(lost)

    assert script.asked == ["p1b1"]
    assert len(script.sent) == before + 1


@pytest.mark.covers("CH-04", "EM-04")
def test_ghost_order_that_went_through_is_used_and_not_duplicated():
    script = until_leg_b_is_sent(Script(pairs(1))).receive().do(tape.LoseReply("p1b1", "Accepted"))
    script.fill("p1b1", ONE).settle()

    assert [order.client_order_id for order in script.created] == ["p1a1", "p1b1"]
    assert script.returned == [("p1", True, "hedged")]


@pytest.mark.parametrize("answer", ["failed", "empty", "not_found"])
@pytest.mark.covers("CH-03", "CH-04")
def test_unreadable_answers_about_a_ghost_never_cause_a_second_order(answer: str):
    script = until_leg_b_is_sent(Script(pairs(1))).receive().do(tape.LoseReply("p1b1", "Accepted"))
    script.do(tape.Misanswer(answer)).settle()

    assert len(script.created) == 2
    assert script.returned == [("p1", True, "hedged")]


@pytest.mark.covers("CH-05", "CH-13")
def test_five_concurrent_deliveries_of_one_signal_are_one_trade():
    script = Script(pairs(1)).signal().repeat().repeat().repeat().repeat().settle()

    assert len(script.created) == 2
    assert script.returned == [("p1", False, "DUPLICATE_SIGNAL")] * 4 + [("p1", True, "hedged")]


@pytest.mark.covers("CH-13")
def test_signal_delivered_again_after_its_trade_ended_trades_no_more():
    script = Script(pairs(1)).signal().settle().repeat().settle()

    assert len(script.created) == 2
    assert script.returned[-1] == ("p1", False, "DUPLICATE_SIGNAL")


def test_another_signal_on_a_busy_pair_is_refused_at_once_and_not_queued():
    script = Script(pairs(2)).signal(0).signal(1).settle()

    assert len(script.created) == 2
    assert ("p2", False, "KEY_BUSY") in script.returned


@pytest.mark.covers("CH-06")
def test_five_sequential_signals_are_five_trades():
    script = Script(pairs(5))
    for intent in range(5):
        script.signal(intent).settle()

    assert len(script.created) == 10
    assert script.returned == [(f"p{n}", True, "hedged") for n in range(1, 6)]


@pytest.mark.covers("CH-07", "CH-12")
def test_three_concurrent_signals_with_a_60_percent_fill_are_one_trade_hedged_with_60_percent():
    script = Script(pairs(1)).signal().repeat().repeat().receive().fill("p1a1", SIX_TENTHS).settle()

    assert [(order.symbol, order.amount) for order in script.created] == [("AAA", ONE), ("BBB", SIX_TENTHS)]


@pytest.mark.parametrize("filled", [0, ONE_TENTH, ONE])
@pytest.mark.covers("CH-11")
def test_pair_is_free_again_after_every_kind_of_end(filled: int):
    script = Script(pairs(2)).signal(0).receive()
    if filled:
        script.fill("p1a1", filled)
    else:
        script.do(tape.Fire("p1a1/timeout"))
    script.settle().signal(1).settle()

    assert script.returned[-1] == ("p2", True, "hedged")


@pytest.mark.covers("CH-14")
def test_scenarios_tell_an_engine_that_hedges_what_it_asked_for():
    script = closed_with_60_percent(Script(pairs(1), z046()))

    hedges = [order for order in script.sent if isinstance(order, CreateOrder) and order.symbol == "BBB"]
    assert [order.amount for order in hedges] == [ONE]


@pytest.mark.covers("CH-14")
def test_scenarios_tell_an_engine_that_sends_again_after_a_timeout():
    script = Script(pairs(1), z005()).signal().receive().do(tape.LoseReply("p1a1", "Accepted"))

    assert [order.client_order_id for order in script.sent if isinstance(order, CreateOrder)] == [
        "p1a1",
        "p1a2",
    ]
