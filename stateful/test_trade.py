"""One trade of two legs against a venue that does its worst: replies get lost, reports come late and twice.

The machine keeps the venue's truth, which the trade never sees, and judges by it. As the trade is a value,
every state reached is also played to its end on a copy: in a market that fills all, and in one that fills
nothing after all that was under way is lost.
"""

from copy import copy
from dataclasses import dataclass, replace

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from core import messages, trade
from core.messages import Fill, OrderId, SignalId
from core.settings import Protocol
from stateful.counted import Counted, counted, judge, run

SIGNAL = SignalId("pairs", 1)
ENTRY = OrderId(SIGNAL, "entry", 1)
SOON = ("query", "leg_timeout", "linger")
PROTOCOL = Protocol(query_attempts=6, entry_attempts=2, hedge_attempts=2, flatten_attempts=2)
LIES_MAX = PROTOCOL.not_found_confirmations - 1  # a venue that lies more often cannot be told from a loss
REST_STEPS_MAX = 400
LOST, REFUSED, DOUBTED = -1, -2, -3
OVER = ("closed", "held", "parked")
INDEX = st.integers(0, 5)
LOTS = st.sampled_from([100, 100, 55, 7, 7])
ANSWERS = st.sampled_from([*["found"] * 3, "not_found", "failed", "empty", "lost"])
PLANS = st.sampled_from([(100, 1, 1), (10, 1, 3), (100, 10, 20), (1, 1, 1)])  # planned, step, minimum
FIRST = st.sampled_from([100, 100, 55, 7, 7, 0, LOST, LOST, LOST, DOUBTED])
LATER = st.sampled_from([0, 3, 6, 9, 16, 40, 40])
MARKETS = st.sampled_from(["liquid", "dead", "dead", "mean"])
STARTS = st.tuples(PLANS, PLANS, st.booleans(), FIRST, LATER, MARKETS)


@dataclass(frozen=True)
class Held:
    """One order in truth. ``flying`` has not arrived yet; ``lost`` never will."""

    sent: messages.SubmitOrder
    status: str = "flying"
    fills: tuple[Fill, ...] = ()
    lies: int = 0

    @property
    def filled(self):
        return sum(fill.quantity for fill in self.fills)

    @property
    def worst(self):
        return self.sent.quantity if self.status in ("flying", "open") else self.filled


class Play:
    """A trade, the truth at its venue, and all that is under way between them."""

    def __init__(self, begun, see):
        self.trade, self.see, self.gate = begun, see, True
        self.held, self.told = {}, {}
        self.cancels, self.queries, self.reports = (), (), ()
        self.timers, self.ended, self.alerts, self.steps = frozenset(), (), (), []

    def copy(self):
        other = copy(self)
        other.held, other.told, other.see = dict(self.held), dict(self.told), lambda *names: None
        other.steps = []
        return other

    def drive(self, event):
        """One event reaches the trade, and what it commands is under way."""
        before = self.trade
        if isinstance(event, messages.OrderFilled) and event.order in self.held:
            self.told[event.order, event.fill.trade_id] = event.fill.quantity
        for fill in getattr(event, "fills", ()):
            self.told[event.order, fill.trade_id] = fill.quantity
        self.trade, commands = trade.step(before, event, self.gate)
        self.steps.append((before, event, self.gate, self.trade, commands))
        for command in commands:
            self.take(command, event)
        self.see_turns()

    def take(self, command, event):
        match command:
            case messages.SubmitOrder():
                self.held[command.order] = Held(command)
            case messages.CancelOrder():
                self.cancels += (command.order,)
            case messages.QueryOrder():
                self.queries += (command.order,)
            case messages.StartTimer():
                self.timers |= {command.timer}
            case messages.StopTimer():
                self.timers -= {command.timer}
            case messages.EndTrade() if not isinstance(event, messages.Restarted):  # else it is said again
                self.ended += (command.outcome,)
            case messages.RaiseAlert():
                self.alerts += (command.kind,)

    def see_turns(self):
        before, event, allowed, after, _ = self.steps[-1]
        self.see(after.phase, *(f"{each.slot} sent anew" for each in self.sent() if each.attempt > 1))
        self.see(*["entry not sent anew"] * (trade.wants(before, event) == "resend" and not allowed))
        self.see(*self.ended[-1:], *self.alerts)
        if isinstance(event, messages.OrderFilled) and (order := trade.find(before, event.order)):
            self.see(*["overtaken"] * (order.phase == "pending_new"))

    def sent(self):
        last = self.steps[-1][-1] if self.steps else ()
        return [each.order for each in last if isinstance(each, messages.SubmitOrder)]

    def alter(self, order, *reports, **changes):
        """The venue's truth changes, and reports of it set out."""
        self.held[order] = replace(self.held[order], **changes)
        self.reports += reports

    def arrives(self, order):
        self.alter(order, messages.OrderAccepted(order), status="open")

    def trades(self, order, lots):
        held = self.held[order]
        lots = max(1, min(lots, held.sent.quantity - held.filled))
        fill = Fill(f"{order.slot}-{order.attempt}-{len(held.fills)}", lots, 100)
        status = "closed" if held.filled + lots == held.sent.quantity else "open"
        self.alter(order, messages.OrderFilled(order, fill), status=status, fills=(*held.fills, fill))

    def ends(self, order, status):
        kind = {"canceled": messages.OrderCanceled, "expired": messages.OrderExpired}[status]
        self.alter(order, kind(order, self.held[order].filled), status=status)

    def takes_cancel(self):
        order, self.cancels = self.cancels[0], self.cancels[1:]
        if self.held[order].status == "open":
            self.ends(order, "canceled")
        else:
            self.alter(order, messages.CancelRejected(order, ""))
        return order

    def takes_query(self, answer="found"):
        """Answers the oldest question; what is not there is not found, and now and then what is there."""
        order, self.queries = self.queries[0], self.queries[1:]
        held = self.held[order]
        may_lie = held.lies < LIES_MAX and held.status != "rejected"
        if held.status in ("lost", "flying") or (answer == "not_found" and may_lie):
            is_true = held.status == "lost"
            answer = "failed" if not is_true and not may_lie else "not_found"
            self.alter(order, messages.OrderStatusReported(order, answer), lies=held.lies + (not is_true))
        elif answer in ("found", "not_found"):
            self.alter(order, messages.OrderStatusReported(order, "found", held.status, held.fills))
        else:
            self.alter(order, messages.OrderStatusReported(order, answer))
        return order

    def fires(self, timer):
        self.timers -= {timer}
        self.drive(messages.TimerFired(timer))

    def of_status(self, *statuses):
        return [order for order, held in self.held.items() if held.status in statuses]

    def at_rest(self, market):
        """A copy in which all that is under way came to its end; None when it does not."""
        play = self.copy()
        if market == "dead":
            play.cancels, play.queries, play.reports = (), (), ()
        for _ in range(REST_STEPS_MAX):
            if not play.goes_on(market):
                return play
        return None

    def goes_on(self, market="liquid"):
        """The next usual thing, False when none is left; a mean market lies and tells all too late."""
        if late := [each for each in self.timers if (market, each.purpose) == ("mean", "leg_timeout")]:
            self.fires(min(late, key=repr))
        elif self.reports:
            waiting = self.reports[::-1] if market == "mean" else self.reports
            self.reports = tuple(each for each in self.reports if each is not waiting[0])
            self.drive(waiting[0])
        elif flying := self.of_status("flying"):
            self.arrives(flying[0])
        elif self.cancels:
            self.takes_cancel()
        elif self.queries:
            self.takes_query("not_found" if market == "mean" else "found")
        elif market == "liquid" and (resting := self.of_status("open")):
            self.trades(resting[0], 10**9)
        elif self.timers:
            self.fires(min(self.timers, key=lambda timer: (SOON.index(timer.purpose), repr(timer))))
        else:
            return False
        return True

    def total(self, slot, field):
        return sum(getattr(held, field) for order, held in self.held.items() if order.slot == slot)


class TradeMachine(Counted):
    """The venue and the clock do as they like; each rule is one thing that one of them does."""

    ends = ("hedged", "flattened", "unfilled", "ORDER_UNRESOLVED", "TRADE_PARKED")
    turns = ("entry sent anew", "entry not sent anew", "hedge sent anew", "overtaken")
    awaited = ("entry", "hedge", "flatten", *OVER, *ends, *turns)

    def before_rule(self):
        self.play.steps = []

    @initialize(start=STARTS)
    def first_trade(self, start):
        self.begin(*start)

    @counted(when=lambda self: self.play.trade.phase in OVER and not self.play.reports, start=STARTS)
    def next_trade(self, start):
        self.begin(*start)

    def begin(self, plan_a, plan_b, gate, lots, later, market):
        """A trade begins; its entry fills or is in doubt, and ``later`` usual things happen."""
        leg_a = trade.Leg("AAA", "buy", plan_a[0], 100, None, None, *plan_a[1:])
        leg_b = trade.Leg("BBB", "sell", plan_b[0], 50, None, None, *plan_b[1:])
        self.play = Play(trade.Trade(SIGNAL, leg_a, leg_b, PROTOCOL), self.see)
        self.is_halted = self.has_restarted = self.has_lost = False
        self.play.drive(messages.SignalReceived(SIGNAL, "AAA", "buy", plan_a[0], "BBB", "sell", plan_b[0]))
        self.play.gate = gate
        if lots in (LOST, DOUBTED):
            self.play.alter(ENTRY, status="lost" if lots == LOST else "open")
            self.play.drive(messages.RequestOutcomeUnknown(ENTRY, "submit"))
        elif lots:
            self.play.arrives(ENTRY)
            self.play.trades(ENTRY, lots)
        for _ in range(later):
            self.play.goes_on(market)

    @counted()
    def things_go_on(self):
        self.play.goes_on()

    def one_of(self, index, *statuses):
        orders = self.play.of_status(*statuses)
        return orders[index % len(orders)]

    @counted(
        when=lambda self: self.play.of_status("flying"),
        index=INDEX,
        lots=LOTS | st.sampled_from([0, REFUSED]),
    )
    def submit_arrives(self, index, lots):
        order = self.one_of(index, "flying")
        self.play.arrives(order)
        if lots == REFUSED:
            self.play.alter(order, messages.OrderRejected(order, ""), status="rejected")
        elif lots:
            self.play.trades(order, lots)

    @counted(when=lambda self: self.play.of_status("flying"), index=INDEX, is_told=st.booleans())
    def submit_is_lost(self, index, is_told):
        order = self.one_of(index, "flying")
        self.play.alter(order, status="lost")
        if is_told:
            self.play.drive(messages.RequestOutcomeUnknown(order, "submit"))

    @counted(when=lambda self: self.play.of_status("flying", "open") and not self.has_lost, index=INDEX)
    def submit_reply_is_lost(self, index):
        self.has_lost = True
        self.play.drive(messages.RequestOutcomeUnknown(self.one_of(index, "flying", "open"), "submit"))

    @counted(when=lambda self: self.play.of_status("open"), index=INDEX, lots=LOTS)
    def market_fills(self, index, lots):
        self.play.trades(self.one_of(index, "open"), lots)

    @counted(when=lambda self: self.play.of_status("open"), index=INDEX, is_day_over=st.booleans())
    def venue_ends_it(self, index, is_day_over):
        self.play.ends(self.one_of(index, "open"), "expired" if is_day_over else "canceled")

    @counted(when=lambda self: self.play.cancels)
    def cancel_arrives(self):
        self.play.takes_cancel()

    @counted(when=lambda self: self.play.cancels, is_executed=st.booleans())
    def cancel_reply_is_lost(self, is_executed):
        order, reports = self.play.cancels[0], self.play.reports
        if is_executed:
            self.play.takes_cancel()
        self.play.cancels, self.play.reports = self.play.cancels[not is_executed :], reports
        self.play.drive(messages.RequestOutcomeUnknown(order, "cancel"))

    @counted(when=lambda self: self.play.queries, answer=ANSWERS)
    def query_is_taken(self, answer):
        order = self.play.takes_query(answer)
        if answer == "lost":
            self.play.reports = self.play.reports[:-1]
            self.play.drive(messages.RequestOutcomeUnknown(order, "query"))

    @counted(when=lambda self: self.play.reports, index=INDEX, times=st.sampled_from([1, 1, 1, 1, 2, 0]))
    def report_arrives(self, index, times):
        at = index % len(self.play.reports)
        report = self.play.reports[at]
        if times < 2 or isinstance(report, messages.OrderStatusReported):  # a question has one answer
            self.play.reports = (*self.play.reports[:at], *self.play.reports[at + 1 :])
        if times:
            self.play.drive(report)

    @counted(when=lambda self: self.play.timers, index=INDEX)
    def timer_fires(self, index):
        timers = sorted(self.play.timers, key=repr)
        self.play.timers -= {timers[index % len(timers)]}
        self.play.drive(messages.TimerFired(timers[index % len(timers)]))

    @counted(when=lambda self: self.play.of_status("flying", "open") and not self.is_halted)
    def trading_halts(self):
        self.is_halted = True
        self.play.drive(messages.EntriesHalted())

    @counted(when=lambda self: not self.has_restarted)
    def process_restarts(self):
        """Timers and questions die with the process."""
        self.has_restarted = True
        self.play.timers, self.play.queries = frozenset(), ()
        self.play.drive(messages.Restarted())

    @judge
    def hedge_never_exceeds_what_the_known_entry_fills_allow(self):
        leg_a, leg_b = self.play.trade.leg_a, self.play.trade.leg_b
        known = sum(lots for (order, _), lots in self.play.told.items() if order.slot == "entry")
        entered = min(known, leg_a.planned)
        assert self.play.total("hedge", "worst") * leg_a.planned <= leg_b.planned * entered

    @judge
    def no_order_can_come_to_more_than_its_purpose(self):
        entered, hedged = self.play.total("entry", "filled"), self.play.total("hedge", "filled")
        assert self.play.total("entry", "worst") <= self.play.trade.leg_a.planned, "entered twice"
        assert self.play.total("flatten_a", "worst") <= entered, "flattened more of leg A than was there"
        assert self.play.total("flatten_b", "worst") <= hedged, "flattened more of leg B than was there"

    @judge
    def an_order_is_sent_when_every_earlier_one_is_over_and_all_its_fills_are_known(self):
        sent = self.play.sent()
        for order, held in self.play.held.items():
            if sent and order not in sent:
                known = sum(lots for (each, _), lots in self.play.told.items() if each == order)
                assert held.status not in ("flying", "open"), f"{sent} sent while {order} is open"
                assert known == held.filled, f"{sent} sent while fills of {order} are missing"

    @judge
    def attempts_count_up_one_by_one_and_are_bounded(self):
        for slot in ("entry", "hedge", "flatten_a", "flatten_b"):
            attempts = [order.attempt for order in self.play.held if order.slot == slot]
            assert attempts in ([], [1], [1, 2])
        if replace(ENTRY, attempt=2) in self.play.held:
            assert self.play.held[ENTRY].status == "lost", "sent anew though the first one came"

    @judge
    def orders_are_what_their_leg_and_purpose_make_them(self):
        for order, held in self.play.held.items():
            is_flatten, is_a = order.slot.startswith("flatten"), order.slot in ("entry", "flatten_a")
            leg = self.play.trade.leg_a if is_a else self.play.trade.leg_b
            assert (held.sent.symbol, held.sent.reduce_only) == (leg.symbol, is_flatten)
            assert (held.sent.side == leg.side) != is_flatten
            assert held.sent.quantity == held.sent.quantity // leg.step * leg.step >= leg.minimum

    @judge
    def step_is_a_function_and_asks_the_gate_before_an_entry(self):
        for before, event, allowed, after, commands in self.play.steps:
            same = replace(before, orders=tuple(replace(order) for order in before.orders))
            assert trade.step(same, event, allowed) == (after, commands)
            sent = [order.id.slot for order in after.orders[len(before.orders) :]]
            if trade.wants(before, event) is None:
                assert trade.step(before, event, not allowed) == (after, commands)
            assert "entry" not in sent or (allowed and trade.wants(before, event))

    @judge
    def every_call_returns_once_and_leaves_nothing_unhedged(self):
        for market in ("liquid", "dead"):
            play = self.play.at_rest(market)
            assert play is not None, f"in a {market} market the trade does not come to rest"
            assert len(play.ended) == 1, f"in a {market} market the call returns {len(play.ended)} times"
            assert (play.trade.phase == "parked") == bool(play.alerts), "parked is what a person is told"
            if play.trade.phase != "parked":
                self.judge_rest(play)

    def judge_rest(self, play):
        """Truth and belief agree, and what is held is hedged as far as the venue's grid allows."""
        leg_a, leg_b = play.trade.leg_a, play.trade.leg_b
        held_a = play.total("entry", "filled") - play.total("flatten_a", "filled")
        held_b = play.total("hedge", "filled") - play.total("flatten_b", "filled")
        assert [trade.open_lots(play.trade, leg) for leg in (leg_a, leg_b)] == [held_a, held_b]
        assert play.trade.phase == ("held" if held_a or held_b else "closed")
        (outcome,) = play.ended
        if outcome == "hedged":
            wanted = leg_b.planned * held_a // leg_a.planned
            assert held_a > 0 < held_b <= wanted
            assert wanted - held_b < leg_b.minimum + leg_b.step, "the hedge is short of more than dust"
        else:
            assert outcome in ("flattened", "unfilled")
            assert 0 <= held_a - held_a % leg_a.step < leg_a.minimum
            assert 0 <= held_b - held_b % leg_b.step < leg_b.minimum
            assert outcome == "flattened" or held_a == held_b == 0


def test_one_trade_ends_hedged_or_flat_or_parked_whatever_the_venue_does():
    run(TradeMachine, 60)
