"""The machine for a user's order state: right states pass, each wrong one is caught by the rule that it
breaks."""

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from core import orders
from core.orders import Order
from core.values import replace
from hedgecheck.drive import event_of
from hedgecheck.errors import UsageError
from hedgecheck.machines import OrderMachine, st
from hedgecheck.machines.venue_order import Heard, evidence
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    CreateOrder,
    Expired,
    Filled,
    OutcomeUnknown,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Status,
)
from hedgecheck.values import replace as renamed
from tests.unit.kit import order_states as states

ORDER = CreateOrder("c1", "AAA", "buy", 10)
EVERY_REPORT = {
    *(Accepted, Canceled, CancelRefused, Expired, Filled, Rejected, Replaced, ReplaceRefused, Status)
}

SETTING = hypothesis.settings(
    max_examples=70,
    stateful_step_count=30,
    phases=(hypothesis.Phase.generate,),  # what is found is not made small here
    deadline=None,
    database=None,
    derandomize=True,
)


def machine(kind):
    """The machine for an order state."""

    class Machine(OrderMachine):
        order = kind()

        def new(self, order):
            return self.order.new(order)

        def on(self, state, event):
            return self.order.on(state, event)

        def filled(self, state):
            return self.order.filled(state)

        def is_open(self, state):
            return self.order.is_open(state)

        def status(self, state):
            return self.order.status(state)

        def restarted(self, state):
            return self.order.restarted(state)

    return Machine


def tried(kind, setting=SETTING):
    """Runs the machine for an order state."""
    run_state_machine_as_test(machine(kind), settings=setting)


class CoreOrder:
    """The bundled core's order. Every answer is one to a question, as its engine asks them."""

    id = "p1a1"

    def new(self, order):
        return Order(self.id, order.symbol, order.side, order.amount, order.price)

    def on(self, state, event):
        if isinstance(event, CancelOrder):
            return orders.request_cancel(state)
        if isinstance(event, ReplaceOrder):
            return orders.request_replace(state, event.amount, event.price)
        if isinstance(event, Status):
            state = replace(state, queries=state.queries + 1)
        return orders.book(state, event_of(renamed(event, client_order_id=self.id)), states.ENOUGH)[0]

    def filled(self, state):
        return state.filled

    def is_open(self, state):
        return orders.is_live(state)

    def status(self, state):
        return orders.status(state)

    def restarted(self, state):
        return replace(state)


@pytest.mark.parametrize("kind", [states.Order, CoreOrder])
def test_right_state_passes(kind):
    tried(kind)


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (states.CountsDuplicates, "fill_"),
        (states.TellsTradesApartByPrice, "fill_exactly_once"),
        (states.DropsLateFills, "fill_exactly_once"),
        (states.IgnoresFillsBeforeTheAck, "fill_exactly_once"),
        (states.TakesATimeoutForARejection, "no_terminal_state_without_evidence"),
        (states.TakesARequestForItsAnswer, "no_terminal_state_without_evidence"),
        (states.TakesOneNotFoundForTheEnd, "no_terminal_state_without_evidence"),
        (states.WaitsForEver, "live"),
        (states.IsReopenedByALateAck, "open_orders_converge"),
        (states.IsReopenedByAStaleStatus, "open_orders_converge"),
        (states.IgnoresStatusReports, "fill_exactly_once|open_orders_converge|status_precedence"),
        (states.KeepsItsSize, "open_orders_converge|no_terminal_state|status_precedence"),
        (states.ShowsThePhaseFirst, "status_precedence"),
        (states.ForgetsItsTrades, "fill_"),
        (states.ForgetsItsEnd, "restart_neutral"),
        (states.WritesOver, "one_answer"),
        (states.FillsToTheSize, "fill_exactly_once"),
    ],
)
def test_wrong_state_is_caught(kind, rule):
    with pytest.raises(AssertionError, match=f"^({rule})"):
        tried(kind, hypothesis.settings(SETTING, max_examples=10_000))


@pytest.mark.parametrize("method", ["new", "on", "filled", "is_open"])
def test_machine_without_a_method_says_what_to_write(method):
    incomplete = machine(states.Order)
    setattr(incomplete, method, getattr(OrderMachine, method))

    with pytest.raises(UsageError, match=rf"Machine has no {method}\. Write def {method}\(self"):
        run_state_machine_as_test(incomplete, settings=SETTING)


def test_status_that_is_no_word_of_fix_is_refused():
    class SaysWorking(states.Order):
        """Has words of its own."""

        def status(self, state):
            return "working"

    with pytest.raises(AssertionError, match="'working' is no status; there are pending_new, new"):
        tried(SaysWorking)


# ---- the recount -----------------------------------------------------------------------------------


def after(*events, fresh=True):
    return evidence(ORDER, tuple(Heard(each, fresh) for each in events))


def fill(trade_id, lots):
    return Filled("c1", trade_id, "AAA", "buy", lots, 100)


def test_trade_counts_once_whoever_tells_of_it():
    found = after(
        fill("t1", 3), Status("c1", "found", "open", (fill("t1", 3), fill("t2", 2)), 10), fill("t2", 2)
    )

    assert found.traded == 5
    assert found.statuses(2) == {"partially_filled"}


@pytest.mark.parametrize(
    ("events", "statuses"),
    [
        ((), {"pending_new"}),
        ((Accepted("c1"),), {"new"}),
        ((fill("t1", 10), CancelOrder("c1")), {"filled", "pending_cancel"}),
        ((fill("t1", 3), CancelOrder("c1")), {"pending_cancel"}),
        ((CancelOrder("c1"), ReplaceOrder("c1", 5)), {"pending_cancel"}),
        ((Accepted("c1"), ReplaceOrder("c1", 5)), {"pending_replace"}),
        ((fill("t1", 3), Expired("c1", 3)), {"expired"}),
        ((Canceled("c1", 10), fill("t1", 10)), {"filled"}),
        ((Accepted("c1"), CancelOrder("c1"), OutcomeUnknown("c1", "cancel")), {"new", "pending_cancel"}),
    ],
)
def test_status_is_that_of_highest_precedence(events, statuses):
    assert after(*events).statuses(2) == statuses


def test_size_is_open_until_the_replacement_is_answered():
    asked = after(fill("t1", 4), ReplaceOrder("c1", 4))

    assert asked.may_be_over(2)
    assert not asked.must_be_over
    assert after(fill("t1", 4), ReplaceOrder("c1", 4), Replaced("c1", 4)).must_be_over
    assert not after(fill("t1", 4), ReplaceOrder("c1", 4), ReplaceRefused("c1", "NO")).may_be_over(2)


def test_size_that_a_stale_status_tells_is_one_of_two():
    stale = Heard(Status("c1", "found", "open", (), 10), fresh=False)
    heard = (Heard(ReplaceOrder("c1", 5)), Heard(Replaced("c1", 5)), stale)

    assert evidence(ORDER, heard).sizes == {5, 10}


# ---- strategies ------------------------------------------------------------------------------------


def test_reports_are_of_every_kind_and_about_the_order():
    kinds = set()

    @hypothesis.settings(SETTING, max_examples=300)
    @hypothesis.given(st.order_reports(ORDER))
    def look(report):
        assert report.client_order_id == "c1"
        kinds.add(type(report))

    look()

    assert kinds == EVERY_REPORT
