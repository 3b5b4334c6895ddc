"""What looks like a defect and is none: behaviour that is unusual and correct is never falsified.

Every script runs the sound core with every rule on; ``settle`` fails where one of them is broken.
"""

from dataclasses import replace

from hedgecheck import faults, tape
from hedgecheck.world import Scope
from tests.support import Script, pairs


def rough(price: int | None = None, **changes: object) -> Scope:
    """One pair of ten lots, everything may happen to it; ``price`` is the entry's limit."""
    scope = pairs(1)
    intents = tuple(replace(intent, price_a=price) for intent in scope.intents)
    return replace(scope, intents=intents, faults=faults.PURE, max_crashes=2, halts=1, **changes)


def entered(scope: Scope) -> Script:
    """The entry is at the venue, and acknowledged."""
    return Script(scope).signal().receive().hear("p1a1", "Accepted")


def crossed(lots: int) -> Script:
    """The entry is cancelled while ``lots`` of it trade; both reports are on their way."""
    return entered(rough(price=100)).do(tape.Fire("p1a1/timeout")).do(tape.CrossCancel(lots))


def test_fill_reported_after_its_trade_was_closed_is_booked_once():
    script = crossed(1).hear("p1a1", "Canceled").do(tape.Fire("p1a1/query"))
    script.receive().do(tape.Overtake("p1a1", "Status"))
    script.receive().do(tape.Overtake("p1x1", "Accepted"))
    script.fill("p1x1", 1).do(tape.Overtake("p1x1", "Filled"))
    assert script.returned == [("p1", False, "flattened")]

    script.hear("p1a1", "Filled").settle()

    assert script.run.world.venue.positions == ()


def test_fill_that_crossed_the_cancel_is_hedged():
    script = crossed(10).hear("p1a1", "Canceled").settle()

    assert script.returned == [("p1", True, "hedged")]


def test_hedge_is_sent_while_the_breaker_is_tripped():
    script = entered(rough()).fill("p1a1", 10).do(tape.Halt()).hear("p1a1", "Filled").settle()

    assert [order.client_order_id for order in script.created] == ["p1a1", "p1b1"]
    assert script.returned == [("p1", True, "hedged")]


def test_exit_is_sent_while_the_breaker_is_tripped():
    script = entered(rough()).fill("p1a1", 1).do(tape.Halt()).settle()

    assert [order.client_order_id for order in script.created] == ["p1a1", "p1x1"]
    assert script.returned == [("p1", False, "flattened")]


def test_halt_while_hedging_leaves_the_hedge_to_work():
    script = entered(rough()).fill("p1a1", 10).hear("p1a1", "Filled").receive().do(tape.Halt()).settle()

    assert script.returned == [("p1", True, "hedged")]


def test_partial_fill_that_exactly_exhausts_the_order_completes_it():
    script = entered(rough(price=100)).fill("p1a1", 4).fill("p1a1", 6).settle()

    assert script.returned == [("p1", True, "hedged")]


def test_report_told_twice_counts_once():
    script = entered(rough()).fill("p1a1", 10).do(tape.Duplicate("p1a1", "Filled")).settle()

    assert script.run.world.venue.positions == (("AAA", 10), ("BBB", -10))


def test_cancel_confirmed_twice_is_no_news():
    script = entered(rough(price=100)).do(tape.Fire("p1a1/timeout")).receive()
    script.do(tape.Duplicate("p1a1", "Canceled")).settle()

    assert script.returned == [("p1", False, "unfilled")]


def test_restart_twice_in_a_row_with_an_order_out_hedges_it():
    script = entered(rough()).do(tape.Restart()).do(tape.Restart()).settle()

    assert [order.client_order_id for order in script.created] == ["p1a1", "p1b1"]
    assert script.run.world.venue.positions == (("AAA", 10), ("BBB", -10))


def test_restart_while_the_entry_is_on_its_way_does_not_send_it_again():
    script = Script(rough()).signal().do(tape.Restart()).settle()

    assert [order.client_order_id for order in script.created] == ["p1a1", "p1b1"]


def test_halt_is_kept_over_two_restarts():
    script = entered(rough()).do(tape.Halt()).do(tape.Restart()).do(tape.Restart()).settle()

    assert script.run.universe.engine.belief(script.run.world.engine).halted


def test_entry_refused_by_the_venue_ends_unfilled():
    script = Script(rough()).signal().do(tape.Refuse("INSUFFICIENT_BALANCE")).settle()

    assert script.returned == [("p1", False, "unfilled")]


def test_hedge_refused_by_the_venue_is_sent_again():
    script = entered(rough()).fill("p1a1", 10).hear("p1a1", "Filled")
    script.do(tape.Refuse("INSUFFICIENT_BALANCE")).settle()

    assert [order.client_order_id for order in script.created] == ["p1a1", "p1b1", "p1b2"]
    assert script.returned == [("p1", True, "hedged")]


def test_price_that_comes_after_the_trades_it_was_made_at_changes_nothing():
    script = entered(rough()).do(tape.Move("AAA", -20_000)).do(tape.Delay("AAA", "Price")).fill("p1a1", 10)
    script.hear("p1a1", "Filled").receive().hear("p1b1", "Accepted").fill("p1b1", 10).hear("p1b1", "Filled")

    script.do(tape.DeliverLate("AAA", "Price")).settle()

    assert script.returned == [("p1", True, "hedged")]


def test_price_that_is_none_while_a_trade_runs_does_not_stop_its_hedge():
    script = entered(rough()).do(tape.Corrupt("AAA", "nan")).hear("AAA", "BadPrice").fill("p1a1", 10).settle()

    assert script.returned == [("p1", True, "hedged")]
