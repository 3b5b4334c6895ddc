"""A state machine that tells a user's own order state what a venue may tell it, and recounts what follows.

Subclass it and answer ``new``, ``on``, ``filled`` and ``is_open``; ``TestOrder = MyMachine.TestCase`` is a
test for pytest and unittest. The rules drive one order and its reports in any order; one invariant judges.
"""

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from hedgecheck.machines import st as own
from hedgecheck.machines import venue_order as venue
from hedgecheck.machines.adapted import AdaptedMachine
from hedgecheck.machines.venue_order import STATUSES, Heard, OrderEvent, VenueOrder, evidence
from hedgecheck.messages import (
    CancelOrder,
    CancelRefused,
    CreateOrder,
    OrderReport,
    OutcomeUnknown,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Restarted,
    Status,
)
from hedgecheck.values import frozen, replace

CANCELS_MAX = 2
LOTS_MAX = 40
CROSSED = st.sampled_from([True, False])
PARTS = st.sampled_from([2, 0, 3, 1])  # of what is left: so much of it; 0 is one lot
ANY = st.integers(0, 8)


@frozen
class Shown:
    """What the user's readers say of one state."""

    filled: Any
    is_open: bool
    status: str | None


@frozen
class Step:
    """What was told last, what the readers said before it and say after it, and what a second answer and the
    old state say. ``is_old``: it was heard before."""

    event: Any
    before: Shown
    after: Shown
    again: tuple[Shown, Shown]
    is_old: bool = False


class OrderMachine(AdaptedMachine):
    """One order, its venue, and reports on their way that arrive in any order, late, or twice.

    Events are ``hedgecheck.messages``: all reports of an order, ``OutcomeUnknown`` for a request that got no
    answer, and ``CancelOrder`` and ``ReplaceOrder`` where the client itself sends one. Amounts are int lots,
    prices int ticks. ``not_found_confirmations``: the not-found answers that end an order, and no fewer.
    Raises ``UsageError`` where a method is not there.
    """

    not_found_confirmations: ClassVar[int] = 2

    def new(self, order: CreateOrder) -> Any:
        """The state of an order that is being sent."""
        raise self._has_no("new(self, order)", "gives the state of an order that is being sent")

    def on(self, state: Any, event: OrderEvent) -> Any:
        """The state after an event; ``state`` itself stays what it is."""
        raise self._has_no("on(self, state, event)", "gives the state after an event")

    def filled(self, state: Any) -> int:
        """Lots that are filled, as far as the state knows."""
        raise self._has_no("filled(self, state)", "gives the lots that are filled")

    def is_open(self, state: Any) -> bool:
        """Whether the venue may still fill it, as far as the state knows."""
        raise self._has_no("is_open(self, state)", "says whether the order may still be filled")

    def status(self, state: Any) -> str | None:
        """The one status shown to people, in the words of FIX, as "partially_filled"; None is not judged."""
        return None

    def restarted(self, state: Any) -> Any:
        """The state after it was stored and loaded."""
        return state

    def __init__(self) -> None:
        super().__init__()
        self.venue: VenueOrder
        self.state: Any = None
        self.under_way: list[OrderReport] = []
        self.arrived: list[OrderReport] = []
        self.heard: tuple[Heard, ...] = ()
        self.step: Step | None = None
        self._known: venue.Evidence | None = None
        self.given_up: list[str] = []
        self.is_cancel_sent = False
        self.cancels = 0
        self.wanted: int | None = None
        self.is_resized = False

    @initialize(order=own.create_orders(("AAA",), LOTS_MAX))
    def order_is_sent(self, order: CreateOrder) -> None:
        """It is on its way to the venue."""
        self.venue = VenueOrder(order, order.amount)
        self.state = self.new(order)
        shown = self._shown(self.state)
        self.step = Step(order, shown, shown, (shown, shown))

    def _shown(self, state: Any) -> Shown:
        return Shown(self.filled(state), bool(self.is_open(state)), self.status(state))

    def _tell(self, event: Any, fresh: bool = True, is_old: bool = False) -> None:
        """One event; the state is asked twice, and looked at before and after."""
        old, before = self.state, self._shown(self.state)
        after = self.on(old, event)
        again = self.on(old, event)
        self.state = after
        self._hear(event, fresh)
        seen = self._shown(again), self._shown(old)
        self.step = Step(event, before, self._shown(after), seen, is_old)

    def _hear(self, event: Any, fresh: bool) -> None:
        self.heard, self._known = (*self.heard, Heard(event, fresh)), None

    def _answer(self, done: venue.Done) -> None:
        """The venue did something, and its report is on its way."""
        self.venue, report = done
        self.under_way.append(report)

    # ---- the venue ----------------------------------------------------------------------------------

    @precondition(lambda self: self.venue.status is None and not self.venue.lost)
    @rule(what=st.sampled_from(["taken"] * 6 + ["refused", "lost"]))
    def request_arrives(self, what: str) -> None:
        """The venue takes the order, or refuses it; or it never arrives."""
        if what == "lost":
            self.venue = replace(self.venue, lost=True)
        else:
            self._answer(venue.taken(self.venue) if what == "taken" else venue.refused(self.venue))

    @precondition(lambda self: self.venue.is_open)
    @rule(part=PARTS, price=st.integers(99, 101))
    def market_fills_it(self, part: int, price: int) -> None:
        """It trades some lots, or all that are left."""
        self._fill(part, price)

    def _fill(self, part: int, price: int) -> None:
        left = self.venue.amount - self.venue.filled
        self._answer(venue.traded(self.venue, -(-left // part) if part else 1, price))

    @precondition(lambda self: self.venue.is_open)
    @rule()
    def it_expires(self) -> None:
        """Its time is over."""
        self._answer(venue.expired(self.venue))

    @precondition(lambda self: self.is_cancel_sent)
    @rule(is_crossed=CROSSED, part=PARTS)
    def cancel_arrives(self, is_crossed: bool, part: int) -> None:
        """The venue cancels, or refuses to; a fill may come just before."""
        self.is_cancel_sent = False
        if is_crossed and self.venue.is_open:
            self._fill(part, 100)
        self._answer(venue.canceled(self.venue))

    @precondition(lambda self: self.wanted is not None)
    @rule(is_taken=st.sampled_from([True, True, False]), is_crossed=CROSSED, part=PARTS)
    def replacement_arrives(self, is_taken: bool, is_crossed: bool, part: int) -> None:
        """The venue changes the order, or refuses to; a fill may come just before."""
        assert self.wanted is not None, "Invariant: a replacement that arrives was asked for"
        wanted, self.wanted = self.wanted, None
        if is_crossed and self.venue.is_open:
            self._fill(part, 100)
        if is_taken:
            self._answer(venue.resized(self.venue, wanted))
        else:
            self.under_way.append(ReplaceRefused(self.venue.id, "EXCHANGE_OPTION"))

    # ---- the client ---------------------------------------------------------------------------------

    @precondition(lambda self: self.cancels < CANCELS_MAX and not self._is_waiting())
    @rule()
    def client_cancels(self) -> None:
        """The client sends a cancel."""
        self.is_cancel_sent, self.cancels = True, self.cancels + 1
        self._tell(CancelOrder(self.venue.id))

    def _is_waiting(self) -> bool:
        """Whether a cancel's answer is still to come, or the client knows that there is nothing to cancel."""
        found = self._evidence()
        return self.is_cancel_sent or found.cancel != "none" or found.must_be_over

    @precondition(lambda self: not self.is_resized and not self._is_waiting())
    @rule(lots=st.integers(1, 3) | st.integers(1, 2 * LOTS_MAX))
    def client_replaces(self, lots: int) -> None:
        """The client asks for another size, once."""
        if lots == self.venue.amount:
            return
        self.is_resized, self.wanted = True, lots
        self._tell(ReplaceOrder(self.venue.id, lots))

    @precondition(lambda self: self._unanswered())
    @rule(index=ANY)
    def request_is_given_up(self, index: int) -> None:
        """No answer came in time; what was asked for may come to be all the same."""
        waiting = self._unanswered()
        request = waiting[index % len(waiting)]
        self.given_up.append(request)
        self._tell(OutcomeUnknown(self.venue.id, request))

    def _unanswered(self) -> list[Any]:
        found = self._evidence()
        waiting = [] if found.is_known or found.must_be_over else ["create"]
        waiting += ["cancel"] if found.cancel == "pending" else []
        waiting += ["replace"] if found.change == "pending" else []
        return [each for each in waiting if each not in self.given_up]

    # ---- reports ------------------------------------------------------------------------------------

    @precondition(lambda self: self.under_way)
    @rule(index=st.sampled_from([0, 1, 2]))
    def report_arrives(self, index: int) -> None:
        """One of the reports on their way, not always the first."""
        report = self.under_way.pop(index % len(self.under_way))
        self.arrived.append(report)
        self._tell(report, fresh=False)

    @precondition(lambda self: self.arrived)
    @rule(index=ANY)
    def report_arrives_again(self, index: int) -> None:
        """One that was heard before."""
        self._tell(self.arrived[index % len(self.arrived)], fresh=False, is_old=True)

    @rule(answer=st.sampled_from(["fresh", "late", "late", "failed", "empty", "stale"]))
    def client_asks(self, answer: Any) -> None:
        """The venue answers honestly; or its answer is late, and may be stale when it arrives; or it says
        nothing about the order."""
        if answer == "fresh":
            self._tell(self.venue.answer())
        elif answer == "late":
            self.under_way.append(self.venue.answer())
        else:
            self._tell(Status(self.venue.id, answer))

    @precondition(lambda self: self.heard and not isinstance(self.heard[-1].event, Restarted))
    @rule()
    def process_restarts(self) -> None:
        """The state is stored, and loaded again."""
        before = self._shown(self.state)
        self.state = self.restarted(self.state)
        after = self._shown(self.state)
        self._hear(Restarted(), True)
        self.step = Step(Restarted(), before, after, (after, before))

    # ---- judgement ----------------------------------------------------------------------------------

    def _evidence(self) -> venue.Evidence:
        if self._known is None:
            self._known = evidence(self.venue.request, self.heard)
        return self._known

    @invariant()
    def everything_holds(self) -> None:
        """Judges the last step, once."""
        step, self.step = self.step, None
        if step is None:
            return
        self._judge_answers(step)
        self._judge_fills(step)
        self._judge_end(step)
        self._judge_no_news(step)
        self._judge_status(step)
        self._judge_truth(step)

    def _judge_fills(self, step: Step) -> None:
        found, filled = self._evidence(), step.after.filled
        bound = max([self.venue.request.amount, *(_size(each.event) for each in self.heard)])
        assert filled <= bound, (
            f"fill_bound: {_told(step)} {filled} lots are filled of an order that stood for {bound} at most"
        )
        most = max(found.traded, found.cumulative)
        assert found.traded <= filled <= most, (
            f"fill_exactly_once: {_told(step)} filled is {filled}, where the trades {_listed(found.trades)} "
            f"come to {found.traded}{f' and {most} were spoken of' if most > found.traded else ''}"
        )

    def _judge_end(self, step: Step) -> None:
        found, is_open = self._evidence(), step.after.is_open
        assert is_open or found.may_be_over(self.not_found_confirmations), (
            f"no_terminal_state_without_evidence: {_told(step)} the order is over, where nothing says so: "
            f"{found.traded} of {max(found.sizes)} lots are filled, and it was told of no end"
        )
        why = f"it was told {' and '.join(sorted(found.ends))}" if found.ends else "all of it is filled"
        assert not (is_open and found.must_be_over), (
            f"open_orders_converge: {_told(step)} the order is open, where {why}"
        )
        is_gone = found.row >= self.not_found_confirmations and not (found.is_known or found.trades)
        assert not (is_open and is_gone), (
            f"live: {found.row} times in a row the venue did not find an order that it never spoke of, and "
            "the order is open"
        )

    def _judge_no_news(self, step: Step) -> None:
        found, before, after = self._evidence(), step.before, step.after
        if not step.is_old or found.not_found or len(found.sizes) > 1:
            return
        seen = [("filled", before.filled, after.filled), ("is_open", before.is_open, after.is_open)]
        if not isinstance(step.event, (Status, CancelRefused)):
            seen.append(("status", before.status, after.status))
        for name, was, now in seen:
            assert was == now, (
                f"duplicates_change_nothing: {step.event}, heard before, changes {name} from {was} to {now}"
            )

    def _judge_status(self, step: Step) -> None:
        status = step.after.status
        if status is None:
            return
        assert status in STATUSES, f"{status!r} is no status; there are {', '.join(STATUSES)}"
        allowed = self._evidence().statuses(self.not_found_confirmations)
        assert status in allowed, (
            f"status_precedence: {_told(step)} the status is {status}, where FIX's precedence makes it "
            f"{' or '.join(sorted(allowed))}"
        )

    def _judge_truth(self, step: Step) -> None:
        """After an honest answer the order is what it is at the venue."""
        is_told = isinstance(step.event, Status) and step.event.answer == "found"
        if not is_told or not self.heard[-1].fresh:
            return
        true = self.venue
        assert step.after.filled == true.filled, (
            f"position_converges: the venue says that {true.filled} lots are filled, and {step.after.filled} "
            "are believed"
        )
        assert step.after.is_open == true.is_open, (
            f"open_orders_converge: the venue says {step.event.status}, and the order is believed "
            f"{'open' if step.after.is_open else 'over'}"
        )


def _size(event: Any) -> int:
    """The lots in all that an event speaks of; 0 for none."""
    return event.amount if isinstance(event, (ReplaceOrder, Replaced)) else 0


def _told(step: Step) -> str:
    return f"after {step.event}"


def _listed(trades: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{trade_id} ({lots})" for trade_id, lots in trades) or "(none)"
