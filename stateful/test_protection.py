"""One trade with protective stops against a venue that does its worst, through halts, exits and restarts.

The machine keeps the venue's truth, which the trade never sees, and judges by it: what may still be closed at
worst, requests under way included, never exceeds what is held. Every state reached is also played to its rest
on a copy: in a market that trades all but stops, in one in which nothing trades any more, and in a crash.
"""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from core import messages, trade
from core.messages import TimerId
from core.plan import NO_LEG, has_two_legs
from core.units import orderable
from stateful.counted import counted, judge, run
from stateful.play import ENTRY, EXITS, PROTOCOL, SIGNAL, STOPS, Guarded
from stateful.venue_rules import INDEX, Venue

GUARDED = replace(PROTOCOL, protect_attempts=2)
LOST, DOUBTED, KNOWN = -1, -3, -4
OVER = ("closed", "held", "parked")
PLANS = st.sampled_from([(100, 1, 1), (100, 1, 1), (100, 10, 20), (1, 1, 1)])  # planned, step, minimum
MARKETS = st.sampled_from(["slow", "trickle", "liquid"])
GUARDS = st.sampled_from([(90, 55), (90, 55), (90, None), (None, 55)])
PRICES = st.sampled_from([101, 99, 100])
# How a trade begins: what its entry fills, usual things in each of the three markets, and something rare.
STORIES = st.sampled_from(
    [
        *[(55, (5, 2, 0), "resize in doubt"), (55, (5, 2, 0), "none"), (55, (5, 2, 0), "hit while resized")]
        * 2,
        *[(100, (0, 0, 9), twist) for twist in ("none", "stop is lost", "stop is refused")],
        *[(100, (0, 0, 14), "stop ends"), (100, (0, 0, 40), "none"), (100, (0, 0, 40), "stop ends")],
        *[(55, (3, 0, 0), "stop is lost"), (55, (5, 0, 0), "stop ends"), (55, (1, 0, 0), "none")],
        *[
            (0, (2, 0, 0), "none"),
            (7, (9, 0, 0), "none"),
            (LOST, (4, 0, 0), "none"),
            (DOUBTED, (0, 0, 0), "none"),
        ],
    ]
)
LIMITS = st.sampled_from([None, 100, 100])
AFTER = st.sampled_from([0, 0, 2, 6, 12, 30])
SECOND = st.sampled_from([(100, 1, 1), None, (100, 10, 20), (1, 1, 1)])  # None: no leg B
STARTS = st.tuples(PLANS, SECOND, GUARDS, LIMITS, st.booleans(), STORIES, AFTER)


class ProtectionMachine(Venue):
    """The venue, people and the clock do as they like; each rule is one thing that one of them does."""

    phases = ("entry", "hedge", "flatten", "exit", *OVER)
    ends = ("hedged", "flattened", "unfilled", "exited", "ORDER_UNRESOLVED", "TRADE_PARKED", "held up")
    left = ("entry left", "hedge left", "ended left", "held left")
    turns = ("stop_a sent anew", "stop_b sent anew", "stop resized", "entry changed", "resize in doubt")
    hits = ("hit", "hit in part", "a hit crosses a cancel", "a hit crosses a resize", "stop refused")
    awaited = (*phases, *ends, *left, *turns, *hits)

    def before_rule(self):
        self.play.steps = []

    @initialize(start=STARTS)
    def first_trade(self, start):
        self.begin(*start)

    @counted(start=STARTS)
    def next_trade(self, start):
        self.begin(*start)

    def begin(self, plan_a, plan_b, guards, limit, tells_size, story, after):
        """A trade begins; its entry fills or is in doubt, and usual things happen in three markets."""
        leg_a = trade.Leg("AAA", "buy", plan_a[0], 100, limit, guards[0], *plan_a[1:])
        leg_b = trade.Leg("BBB", "sell", plan_b[0], 50, None, guards[1], *plan_b[1:]) if plan_b else NO_LEG
        self.play = Guarded(trade.Trade(SIGNAL, leg_a, leg_b, GUARDED), self.see, tells_size)
        self.has_restarted = self.has_lost = self.is_halted = self.has_left = self.has_paused = False
        self.play.drive(
            messages.SignalReceived(SIGNAL, "AAA", "buy", plan_a[0], "BBB", "sell", leg_b.planned)
        )
        lots, walk, twist = story
        if lots in (LOST, DOUBTED):
            self.play.alter(ENTRY, status="lost" if lots == LOST else "open")
            self.play.drive(messages.RequestOutcomeUnknown(ENTRY, "submit"))
        elif lots:
            self.play.arrives(ENTRY)
            self.play.trades(ENTRY, lots)
        for market, times in zip(("slow", "trickle", "liquid"), walk, strict=True):
            for _ in range(times):
                self.play.goes_on(market)
        self.twist(twist)
        for _ in range(after):
            self.play.goes_on("slow")

    def twist(self, kind):
        """What is rare is made to happen at once, where it can."""
        flying = [order for order in self.play.of_status("flying") if order.slot in STOPS]
        if kind == "stop is lost" and flying:
            self.play.alter(flying[-1], status="lost")
            self.play.drive(messages.RequestOutcomeUnknown(flying[-1], "submit"))
        elif kind == "stop is refused" and flying:
            self.play.alter(flying[-1], messages.OrderRejected(flying[-1], ""), status="rejected")
        elif kind == "stop ends" and self.open_stops():
            self.play.ends(self.open_stops()[-1], "canceled")
        elif kind == "resize in doubt" and self.play.replaces:
            self.play.drive(messages.RequestOutcomeUnknown(self.play.replaces[0].order, "replace"))
        elif kind == "hit while resized" and self.play.replaces:
            order = self.play.replaces[0].order
            known = self.play.held[order].sent.quantity
            self.play.takes_replace()
            self.play.trades(order, known)
            self.play.reports = self.play.reports[::-1]

    @counted(market=MARKETS)
    def things_go_on(self, market):
        self.play.goes_on(market)

    @counted(when=lambda self: self.open_stops(), index=INDEX, lots=st.sampled_from([7, KNOWN, KNOWN, 100]))
    def stop_is_hit(self, index, lots):
        """In part, whole, or for as much as the trade knows of while a replacement is under way."""
        stops = self.open_stops()
        order = stops[index % len(stops)]
        known = trade.find(self.play.trade, order)
        self.play.trades(order, known.quantity - known.filled if lots == KNOWN and known else lots)

    def open_stops(self):
        return [order for order in self.play.of_status("open") if order.slot in STOPS]

    @counted(when=lambda self: self.play.replaces, is_refused=st.booleans())
    def replace_arrives(self, is_refused):
        self.play.takes_replace(is_refused)

    @counted(
        when=lambda self: self.play.replaces,
        fate=st.sampled_from(["executed", "lost", "late"]),
        is_told=st.booleans(),
    )
    def replace_reply_is_lost(self, fate, is_told):
        order, reports = self.play.replaces[0].order, self.play.reports
        if fate == "executed":
            self.play.takes_replace()
            self.play.reports = reports
        elif fate == "lost":
            self.play.replaces = self.play.replaces[1:]
        if is_told:
            self.play.drive(messages.RequestOutcomeUnknown(order, "replace"))

    # ---- the clock and people ------------------------------------------------------------------------

    @counted(when=lambda self: self.play.timers, index=INDEX)
    def timer_fires(self, index):
        timers = sorted(self.play.timers, key=repr)
        self.play.fires(timers[index % len(timers)])

    @counted(when=lambda self: self.play.of_status("flying", "open") and not self.is_halted)
    def entries_halt(self):
        self.is_halted = True
        self.play.drive(messages.EntriesHalted())

    @counted(
        when=lambda self: not self.has_left and self.play.trade.phase in ("entry", "hedge", "ended", "held")
    )
    def everything_must_go(self):
        self.has_left = True
        self.play.drive(messages.LiquidationOrdered())

    @counted(when=lambda self: not self.has_paused)
    def trading_halts(self):
        self.has_paused = True
        self.play.drive(messages.TradePaused())

    @counted(when=lambda self: self.play.trade.paused)
    def trading_resumes(self):
        self.play.resumes()

    @counted(when=lambda self: self.play.trade.phase == "entry", price=PRICES)
    def strategy_wants_another_price(self, price):
        self.play.drive(messages.EntryChangeRequested(SIGNAL, price))

    @counted(when=lambda self: not self.has_restarted)
    def process_restarts(self):
        """Timers and questions die with the process."""
        self.has_restarted = True
        self.play.timers, self.play.queries = {}, ()
        self.play.drive(messages.Restarted())

    # ---- what has to hold ----------------------------------------------------------------------------

    @judge
    def exits_never_exceed_what_is_held(self):
        for symbol, slots in EXITS.items():
            exits = [order for order in self.play.held if order.slot in slots]
            worst = sum(self.play.leaves(order) for order in exits)
            assert worst <= max(0, self.play.lots(symbol)), f"{worst} lots of {symbol} may be closed"
            assert len(self.play.stops(symbol)) <= 1, f"two stops of {symbol} stand"

    @judge
    def entries_and_hedges_never_exceed_the_plan(self):
        leg_a, leg_b = self.play.trade.leg_a, self.play.trade.leg_b
        known = sum(lots for (order, _), lots in self.play.told.items() if order.slot == "entry")
        assert self.play.total("entry", "worst") <= leg_a.planned, "entered twice"
        assert self.play.total("hedge", "worst") * leg_a.planned <= leg_b.planned * min(known, leg_a.planned)

    @judge
    def no_order_id_is_used_twice(self):
        assert not self.play.twice
        for slot in ("entry", "hedge", "flatten_a", "flatten_b", *STOPS):
            attempts = [order.attempt for order in self.play.held if order.slot == slot]
            assert attempts in ([], [1], [1, 2])

    @judge
    def nothing_but_cancels_leaves_while_trading_is_halted(self):
        for before, event, _, _, commands in self.play.steps:
            if before.paused and not isinstance(event, messages.TradeResumed):
                assert not [each for each in commands if isinstance(each, Sending)], "sent while halted"

    @judge
    def a_trade_whose_stop_was_hit_or_refused_is_left_and_opens_nothing(self):
        for before, _, _, after, commands in self.play.steps:
            void = [each for each in after.orders if each.id.slot in STOPS and is_void(each)]
            assert not void or (after.phase not in ("entry", "hedge", "held") and after.outcome != "hedged")
            if [each for each in before.orders if each.id.slot in STOPS and is_void(each)]:
                assert not opening(commands), "opened though a stop was hit"

    @judge
    def what_was_held_up_is_not_opened_when_trading_resumes(self):
        for before, event, _, _, commands in self.play.steps:
            if before.stranded and isinstance(event, messages.TradeResumed):
                assert not opening(commands)

    @judge
    def while_trading_is_halted_no_stop_is_taken_from_what_is_held(self):
        for before, _, _, after, commands in self.play.steps:
            for each in commands if after.paused else ():
                if isinstance(each, messages.CancelOrder) and each.order.slot in STOPS:
                    leg = after.leg_a if each.order.slot == "stop_a" else after.leg_b
                    is_held = orderable(trade.open_lots(after, leg), leg.step, leg.minimum) > 0
                    assert not is_held or trade.find(before, each.order).cancel_wanted

    @judge
    def orders_are_what_their_leg_and_purpose_make_them(self):
        for order, held in self.play.held.items():
            is_a, is_exit = order.slot in ("entry", *EXITS["AAA"]), order.slot not in ("entry", "hedge")
            leg = self.play.trade.leg_a if is_a else self.play.trade.leg_b
            assert (held.sent.symbol, held.sent.reduce_only) == (leg.symbol, is_exit)
            assert (held.sent.side == leg.side) != is_exit
            assert held.sent.stop_price == (leg.stop_price if order.slot in STOPS else None)
            assert held.sent.quantity == held.sent.quantity // leg.step * leg.step >= leg.minimum
        for change in self.play.replaces:
            is_stop = change.order.slot in STOPS
            assert is_stop == (change.limit_price is None) == (change.stop_price is not None)

    @judge
    def step_is_a_function_and_asks_the_gate_before_an_entry(self):
        for before, event, allowed, after, commands in self.play.steps:
            same = replace(before, orders=tuple(replace(order) for order in before.orders))
            assert trade.step(same, event, allowed) == (after, commands)
            if trade.wants(before, event) is None:
                assert trade.step(before, event, not allowed) == (after, commands)

    @judge
    def every_trade_comes_to_rest_protected_or_flat_or_with_an_alert(self):
        play = self.play
        for market in ("dead", "liquid", "crash"):  # the crash comes once all else is at rest
            play = (play if market == "crash" else self.play).at_rest(market)
            assert play is not None, f"in a {market} market the trade does not come to rest"
            assert play.trade.phase in OVER, f"in a {market} market it rests in {play.trade.phase}"
            assert len(play.ended) == 1, f"in a {market} market the call returns {len(play.ended)} times"
            if play.trade.phase == "parked":
                assert play.alerts, "parked, and nobody was told"
                assert market != "liquid" or not self.is_well_known(), "parked though all was to be known"
            else:
                self.judge_rest(play)

    def is_well_known(self):
        """Whether a venue that tells the truth from now on can tell all before the questions are used up."""
        asked = [order.queries for order in self.play.trade.orders]
        flattened = [each for each in self.play.held if each.slot in ("flatten_a", "flatten_b")]
        return self.play.trade.phase != "parked" and max(asked) <= 1 and not flattened

    @judge
    def nothing_stands_unprotected_through_a_halt_unless_a_person_was_told(self):
        if self.play.trade.paused:
            play = self.play.at_rest("slow", resumes=False)
            assert play is not None, "while trading is halted the trade does not come to rest"
            assert play.alerts or not self.unprotected(play), "unprotected, and nobody was told"

    def unprotected(self, play):
        """Legs for which not exactly what is held rests behind its stop."""
        wrong = []
        for leg in trade.legs(play.trade):
            lots = orderable(max(0, play.lots(leg.symbol)), leg.step, leg.minimum) if leg.stop_price else 0
            if [play.leaves(order) for order in play.stops(leg.symbol)] != [lots] * bool(lots):
                wrong.append(leg.symbol)
        return wrong

    def judge_rest(self, play):
        """Truth and belief agree; what is held is hedged and protected as far as the venue's grid allows."""
        leg_a, leg_b = play.trade.leg_a, play.trade.leg_b
        held_a, held_b = play.lots("AAA"), play.lots("BBB")
        known = [trade.open_lots(play.trade, leg) for leg in (leg_a, leg_b)]
        assert known == [held_a, held_b], f"{[held_a, held_b]} lots are held, but {known} known"
        assert play.trade.phase == ("held" if held_a or held_b else "closed")
        assert not self.unprotected(play), f"not protected: {self.unprotected(play)}"
        for order in [*play.stops("AAA"), *play.stops("BBB")]:
            assert TimerId(SIGNAL, "query", order) in play.timers, f"nobody asks about {order} any more"
        if play.trade.outcome == "hedged":
            wanted = leg_b.planned * held_a // leg_a.planned
            assert held_a > 0
            assert 0 < held_b <= wanted or not has_two_legs(play.trade)
            assert wanted - held_b < leg_b.minimum + leg_b.step, "the hedge is short of more than dust"
        else:
            assert 0 <= held_a - held_a % leg_a.step < leg_a.minimum
            assert 0 <= held_b - held_b % leg_b.step < leg_b.minimum


Sending = messages.SubmitOrder | messages.ReplaceOrder


def is_void(order):
    return order.fills or order.phase == "rejected"


def opening(commands):
    """Orders that would open more of a position."""
    sent = [each.order.slot for each in commands if isinstance(each, messages.SubmitOrder)]
    return [slot for slot in sent if slot in ("entry", "hedge")]


def test_a_position_with_stops_is_protected_or_left_whatever_the_venue_does():
    run(ProtectionMachine, 60)
