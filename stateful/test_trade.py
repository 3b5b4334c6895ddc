"""One trade of two legs or of one, and a venue at its worst: replies get lost, reports come late and twice.

The machine keeps the venue's truth, which the trade never sees, and judges by it. As the trade is a value,
every state reached is also played to its end on a copy: in a market that fills all, and in one that fills
nothing after all that was under way is lost.
"""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from core import messages, trade
from core.plan import NO_LEG, has_two_legs
from stateful.counted import counted, judge, run
from stateful.play import ENTRY, PROTOCOL, SIGNAL, Play
from stateful.venue_rules import INDEX, Venue

LOST, DOUBTED = -1, -3
OVER = ("closed", "held", "parked")
PLANS = st.sampled_from([(100, 1, 1), (10, 1, 3), (100, 10, 20), (1, 1, 1)])  # planned, step, minimum
FIRST = st.sampled_from([100, 100, 55, 7, 7, 0, LOST, LOST, LOST, DOUBTED])
LATER = st.sampled_from([0, 3, 6, 9, 16, 40, 40])
MARKETS = st.sampled_from(["liquid", "dead", "dead", "mean"])
SECOND = st.sampled_from([(100, 1, 1), None, (10, 1, 3), (100, 10, 20), (1, 1, 1), None])  # None: no leg B
STARTS = st.tuples(PLANS, SECOND, st.booleans(), FIRST, LATER, MARKETS)


class TradeMachine(Venue):
    """The venue and the clock do as they like; each rule is one thing that one of them does."""

    ends = ("hedged", "flattened", "unfilled", "ORDER_UNRESOLVED", "TRADE_PARKED")
    turns = ("entry sent anew", "entry not sent anew", "hedge sent anew", "overtaken")
    lone = ("a small part of one leg is kept",)
    awaited = ("entry", "hedge", "flatten", *OVER, *ends, *turns, *lone)

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
        leg_b = trade.Leg("BBB", "sell", plan_b[0], 50, None, None, *plan_b[1:]) if plan_b else NO_LEG
        self.play = Play(trade.Trade(SIGNAL, leg_a, leg_b, PROTOCOL), self.see)
        self.is_halted = self.has_restarted = self.has_lost = False
        self.play.drive(
            messages.SignalReceived(SIGNAL, "AAA", "buy", plan_a[0], "BBB", "sell", leg_b.planned)
        )
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
        if not has_two_legs(play.trade):
            assert outcome == ("hedged" if held_a else "unfilled")
            self.see(*["a small part of one leg is kept"] * (0 < held_a * 2 < leg_a.planned))
        elif outcome == "hedged":
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
