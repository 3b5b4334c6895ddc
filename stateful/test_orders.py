"""One order under every report in any order, followed until it is settled.

The machine logs all that was told and asked and recounts from it: fills by trade id, lots owed, the row of
not-found answers, the pending request. Legal phases follow from forbidden sequences, not from the table.
"""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from core import messages, orders, tracking
from core.messages import Fill, OrderId, SignalId
from core.orders import Order
from core.settings import Protocol
from stateful.counted import Counted, counted, judge, run
from stateful.order_model import ENDINGS, ENDS, LIVE, Recount

ID = OrderId(SignalId("pairs", 1), "entry", 1)
PROTOCOL = Protocol(query_attempts=6, not_found_confirmations=3)
OVER = ("filled", "canceled", "expired", "rejected", "absent")
QUANTITIES = st.sampled_from([60, 20, 1])
LOTS = st.integers(1, 12)
TRADE_IDS = st.sampled_from(["t1", "t2", "t3", "t4", "t5", "t6"])
FILLS = st.builds(Fill, TRADE_IDS, LOTS, st.integers(90, 110))
WILD = st.sampled_from([-1, 0, 1, 10**30])
WILD_FILLS = st.builds(Fill, TRADE_IDS, WILD, WILD, st.just(0), WILD)
STATUSES = st.sampled_from(["open", "open", "closed", "canceled", "expired", "rejected"])
REFUSALS = [messages.CancelRejected, messages.ReplaceRejected, messages.OrderRejected]
NOT_FOUND = messages.OrderStatusReported(ID, "not_found")
LOST = messages.RequestOutcomeUnknown(ID, "submit")
TWICE = ("ask", NOT_FOUND, "ask", NOT_FOUND, "ask")
EARLY = [(messages.OrderRejected(ID, ""),), *((end(ID, 1),) for end in ENDINGS[:2])]
DOUBTED, RESISTING = (LOST, messages.CancelRejected(ID, "")), (messages.OrderAccepted(ID), "cancel")
GONE = (*TWICE, NOT_FOUND)
STARTS = [(), DOUBTED, RESISTING, TWICE, (LOST, *TWICE), GONE, (LOST, *GONE), *EARLY]
MONEY = messages.OrderFilled | messages.FillCorrected | messages.OrderReplaced


class OrderMachine(Counted):
    """Drives ``orders.book`` and ``tracking`` as a trade does, and keeps the log."""

    anomalies = ("OVERFILL", "DUPLICATE_FILL", "UNKNOWN_FILL", "UNEXPECTED_REPORT", "INVALID_VALUE")
    turns = ("proven absent", "revived", "owed no more", "given up", "doubted", "resisted")
    awaited = (*LIVE, *OVER, *anomalies, *turns)

    @initialize(quantity=QUANTITIES, beginning=st.sampled_from(STARTS))
    def first_order(self, quantity, beginning):
        self.begin(quantity, beginning)

    @counted(
        when=lambda self: self.order.phase in OVER, quantity=QUANTITIES, beginning=st.sampled_from(STARTS)
    )
    def next_order(self, quantity, beginning):
        self.begin(quantity, beginning)

    def begin(self, quantity, beginning):
        self.order = self.before = Order(ID, "AAA", "buy", quantity, timeout_armed=True)
        self.log, self.commands, self.running = [], (), {"leg_timeout"}
        self.event, self.anomaly, self.first_quantity = None, None, quantity
        for entry in beginning:
            getattr(self, entry)() if isinstance(entry, str) else self.hear(entry)

    def cancel(self):
        self.do("cancel", *tracking.cancel(self.order, PROTOCOL))

    def ask(self):
        self.do("ask", *tracking.query(self.order, PROTOCOL))

    def hear(self, event):
        """One report reaches the order, as ``core.trade`` would pass it on."""
        self.before, self.event = self.order, event
        booked, self.anomaly = orders.book(self.order, event, PROTOCOL.not_found_confirmations)
        self.order, self.commands = tracking.follow_up(booked, event, PROTOCOL)
        self.note(event)
        before, after = self.before, self.order
        self.see(after.phase, self.anomaly or "no anomaly")
        if after.phase == "absent" != before.phase:
            self.see("proven absent")
        if before.phase in OVER and after.phase in LIVE:
            self.see("revived")
        if before.phase in ("canceled", "expired") and before.reported > before.filled:
            self.see(*["owed no more"] * (after.filled >= after.reported))
        resisted = getattr(event, "answer", "") == "found" and before.cancel_wanted and orders.is_live(after)
        self.see(*["given up"] * self.is_given_up(), *["doubted"] * after.unknown, *["resisted"] * resisted)

    def do(self, request, order, commands=()):
        self.before, self.event, self.anomaly = self.order, None, None
        self.order, self.commands = order, commands
        self.note(request)

    def note(self, entry):
        self.log.append((entry, self.before.phase, self.anomaly, self.commands))
        for command in self.commands:
            if isinstance(command, messages.StartTimer):
                self.running |= {command.timer.purpose}
            elif isinstance(command, messages.StopTimer):
                self.running -= {command.timer.purpose}

    @counted()
    def venue_accepts(self):
        self.hear(messages.OrderAccepted(ID))

    @counted(kind=st.sampled_from(REFUSALS))
    def venue_refuses_a_request(self, kind):
        self.hear(kind(ID, ""))

    @counted(fill=FILLS, is_all=st.sampled_from([False, False, False, True]))
    def venue_fills(self, fill, is_all):
        left = max(1, self.order.quantity - self.order.filled)
        self.hear(messages.OrderFilled(ID, replace(fill, quantity=left) if is_all else fill))

    @counted(fill=FILLS | st.builds(Fill, TRADE_IDS, st.just(0), st.integers(90, 110)))
    def venue_corrects_a_fill(self, fill):
        self.hear(messages.FillCorrected(ID, fill))

    @counted(unreported=st.integers(-1, 9), kind=st.sampled_from(ENDINGS[:2]))
    def venue_ends_it(self, unreported, kind):
        self.hear(kind(ID, self.order.filled + unreported))

    @counted(quantity=LOTS | WILD)
    def venue_replaces_it(self, quantity):
        self.hear(messages.OrderReplaced(ID, quantity))

    @counted(fill=WILD_FILLS, kind=st.sampled_from([messages.OrderFilled, messages.FillCorrected]))
    def venue_tells_nonsense(self, fill, kind):
        self.hear(kind(ID, fill))

    @counted(
        status=STATUSES,
        fills=st.lists(FILLS | WILD_FILLS, max_size=2).map(tuple),
        quantity=st.sampled_from([None, None, 7, 1, 20, 60]),
    )
    def query_finds_it(self, status, fills, quantity):
        self.hear(messages.OrderStatusReported(ID, "found", status, fills, quantity))

    @counted(answer=st.sampled_from(["not_found", "not_found", "failed", "empty", "stale"]), status=STATUSES)
    def query_does_not_find_it(self, answer, status):
        self.hear(messages.OrderStatusReported(ID, answer, status))

    @counted(request=st.sampled_from(["submit", "cancel", "replace", "query"]))
    def reply_is_lost(self, request):
        self.hear(messages.RequestOutcomeUnknown(ID, request))

    @counted(when=lambda self: self.log, back=st.integers(0, 9))
    def report_comes_again(self, back):
        told = [entry for entry, *_ in self.log if not isinstance(entry, str)] or [LOST]
        self.hear(told[-1 - back % len(told)])

    @counted(when=lambda self: self.running, first=st.booleans())
    def timer_fires(self, first):
        purpose = sorted(self.running)[0 if first else -1]
        self.running.discard(purpose)
        fire = tracking.timed_out if purpose == "leg_timeout" else tracking.asked_again
        self.do(purpose, *fire(self.order, PROTOCOL))

    @counted(when=lambda self: not orders.is_settled(self.order))
    def we_ask(self):
        self.ask()

    @counted(when=lambda self: orders.is_live(self.order), replaces=st.booleans())
    def we_cancel_or_replace(self, replaces):
        if replaces:
            self.do("replace", orders.request_replace(self.order, 7, None))
        else:
            self.cancel()

    def is_given_up(
        self,
    ):  # past its last question, which was not sent, one answer more than asked for counts
        return tracking.is_given_up(self.order, PROTOCOL)

    def recount(self):
        count = Recount(self.first_quantity)
        for entry, phase, _, commands in self.log:
            if not isinstance(entry, str):
                count.hear(entry, phase)
            if entry == "replace":
                count.asks_to_replace(7)
            count.questions += any(isinstance(each, messages.QueryOrder) for each in commands)
            if any(isinstance(each, messages.CancelOrder) for each in commands):
                count.pending = "cancel"
        return count

    @judge
    def every_trade_id_counts_once_with_its_last_word_and_what_is_wrong_is_told(self):
        count = self.recount()
        assert self.event is None or self.is_given_up() or self.anomaly == count.anomaly
        told = [(fill.trade_id, fill.quantity) for fill in self.order.fills]
        assert told == list(count.by_trade_id.items())
        assert self.order.filled == count.filled >= 0
        assert orders.net_lots(self.order) == count.filled - sum(fill.fee_lots for fill in self.order.fills)

    @judge
    def quantities_and_phase_agree_and_an_excess_is_an_overfill(self):
        order, phase = self.order, self.order.phase
        assert (phase == "filled") == (order.filled >= order.quantity)
        assert phase != "partially_filled" or 0 < order.filled < order.quantity
        assert phase not in ("pending_new", "new", "rejected", "absent") or not order.filled
        assert order.filled <= order.quantity or any(wrong for _, _, wrong, _ in self.log)
        count = self.recount()
        assert orders.leaves(order) == (count.most - order.filled if order.phase in LIVE else 0) >= 0
        assert (order.quantity, order.replacing) == (count.quantity, count.replacing)

    @judge
    def only_money_or_a_mistaken_absence_revives_an_order(self):
        before, after = self.before.phase, self.order.phase
        if before in OVER and after in LIVE:
            is_money = isinstance(self.event, MONEY) or getattr(self.event, "fills", ())
            is_money = is_money or getattr(self.event, "quantity", None)
            assert is_money or before == "absent", f"{self.event} made {after} of {before}"
        if before in ("canceled", "expired"):
            assert after in (before, "filled"), "a remainder that is gone came back"
        if self.anomaly == "UNEXPECTED_REPORT" and self.order.fills == self.before.fills:
            assert after == before, "what contradicts the past moved the order"

    @judge
    def an_order_ends_as_it_was_told_and_whenever_it_was(self):
        told, after = None if self.is_given_up() else self.told_end(), self.order.phase
        if after != self.before.phase and after in OVER[1:] and not self.is_given_up():
            remainder_is_gone = (told, after, self.before.phase) == ("absent", "canceled", "partially_filled")
            assert after == told or remainder_is_gone
        if told and self.anomaly is None:
            assert after in OVER, f"{self.event} ended nothing"
        assert after != "pending_new" or not isinstance(self.event, messages.OrderAccepted)

    def told_end(self):
        event = self.event
        if isinstance(event, messages.OrderStatusReported) and event.answer == "found":
            return {"closed": "expired", "open": None}.get(event.status, event.status)
        if isinstance(event, messages.OrderStatusReported):
            return "absent" if self.recount().row == 3 and self.anomaly is None else None
        return ENDS.get(type(event))

    @judge
    def doubt_ends_by_evidence_and_a_request_by_its_answer(self):
        count, order = self.recount(), self.order
        assert not order.unknown or order.phase == "pending_new"
        assert orders.status(order) == {"none": order.phase}.get(order.pending, f"pending_{order.pending}")
        if not self.is_given_up():
            assert order.unknown == count.doubted
            assert order.not_found == count.row, "not found counts in a row, and only when asked"
            assert order.pending == count.pending

    @judge
    def settled_is_over_with_nothing_owed(self):
        is_over, count = self.order.phase in OVER, self.recount()
        is_sure = count.confirmed or not (count.resized or self.order.phase in ("canceled", "expired"))
        is_settled = is_over and not count.owed and is_sure
        assert self.is_given_up() or orders.is_settled(self.order) == is_settled
        assert orders.is_live(self.order) != is_over

    @judge
    def an_open_order_is_never_out_of_sight(self):
        armed = [self.order.timeout_armed, self.order.query_armed]
        assert armed == [each in self.running for each in ("leg_timeout", "query")]
        if orders.is_settled(self.order) and self.event is not None:
            assert not self.running, "a settled order has a timer running"
        # Nothing follows an order that was over when the venue replaced it: we send no replacements.
        enlarged = any(isinstance(each, messages.OrderReplaced) and was in OVER for each, was, *_ in self.log)
        is_left = orders.is_settled(self.order) or self.is_given_up() or enlarged
        assert is_left or self.running, "nobody asks about it any more"
        assert self.recount().questions <= PROTOCOL.query_attempts

    @judge
    def what_was_told_to_go_is_told_again_when_it_is_still_there(self):
        is_found = getattr(self.event, "answer", "") == "found"
        if is_found and self.order.phase in LIVE and self.before.cancel_wanted:
            assert messages.CancelOrder(ID) in self.commands


def test_one_order_is_right_under_every_report_in_any_order():
    run(OrderMachine, 80)
