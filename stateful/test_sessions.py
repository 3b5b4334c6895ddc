"""Sessions and halts through the engine: what leaves when, what has to go, what waits and goes on.

The machine keeps a calendar of its own, written by other means than the core's table: what is shut, and for
whom. It judges every order that leaves by it, and every trade that is there.
"""

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from core import engine, messages, orders
from core.messages import Fill, SignalId
from core.settings import Instrument, Limits, Protocol, Settings
from stateful.counted import Counted, counted, judge, run

SYMBOLS = ("AAA", "BBB", "CCC")
CASH = 10_000_000
WIDE = 10**6
LIMITS = Limits(WIDE, WIDE, WIDE, 9, strategy_bps=WIDE, net_bps=WIDE, leverage_bps=WIDE, cluster_bps=WIDE)
PROTOCOL = Protocol(flatten_attempts=2, hedge_attempts=2)
SETTINGS = Settings(tuple(map(Instrument, SYMBOLS)), LIMITS, PROTOCOL)
PHASES = ("pre_market", "regular", "closing", "after_hours", "closed")
PAIRS = (("AAA", "BBB"), ("AAA", "CCC"), ("CCC", "BBB"))
STRATEGIES = ("one", "two", "three")
INDEX = st.integers(0, 11)
SOME = st.lists(st.sampled_from(SYMBOLS), max_size=2).map(tuple)
SENDING = (messages.SubmitOrder, messages.ReplaceOrder)


@dataclass
class Calendar:
    """What the machine was told. ``began``: the last day on which the market was not closed."""

    phase: str = "regular"
    day: int = 0
    began: int = 0
    opening: int = CASH
    paused: set[str] = field(default_factory=set)
    is_broken_off: bool = False
    trading: str = "active"

    def stops(self, symbols):
        """Whether the venue takes nothing in one of these symbols."""
        shut = self.phase in ("pre_market", "after_hours", "closed")
        return shut or self.is_broken_off or bool(self.paused.intersection(symbols))

    def forbids(self, slot, symbols):
        """Whether an order that does this job may not leave."""
        if self.stops(symbols) or self.trading == "halted":
            return True
        return slot == "entry" and (self.phase == "closing" or self.trading != "active")


class SessionsMachine(Counted):
    """One engine, three pairs, and a market that opens and closes as it likes."""

    turns = ("entry taken back", "held up", "hedged before the close", "flattened once open", "weekend")
    awaited = (*PHASES, *turns, "SESSION_CLOSED", "SYMBOL_HALTED", "told again", "INVALID_VALUE")

    @initialize(phase=st.sampled_from(PHASES), with_stops=st.booleans(), pairs=st.integers(0, 2))
    def begin(self, phase, with_stops, pairs):
        """An engine in some phase of a session; before that it took so many signals."""
        self.state, self.calendar, self.with_stops = engine.initial(SETTINGS, CASH), Calendar(), with_stops
        self.sequence = 0
        self.pairs, self.alerted, self.commands = {}, set(), ()
        for symbol in SYMBOLS:
            self.tell(messages.PriceMoved(symbol, 100))
        for which in range(pairs):
            self.signal(which, limited=True)
        if phase != "regular":
            self.turn(0, phase)

    def tell(self, event):
        """One event reaches the engine; what it does is seen."""
        before = self.state
        self.state, self.commands = engine.step(before, event)
        waiting = {each.signal for each in before.trades if each.stranded}
        for command in self.commands:
            match command:
                case messages.RaiseAlert() if isinstance(command.subject, SignalId):
                    self.see(*["told again"] * (command.subject in self.parked(before)))
                    self.alerted.add(command.subject)
                case messages.RefuseSignal() | messages.ReportAnomaly():
                    self.see(command.reason)
                case messages.CancelOrder():
                    self.see(*["entry taken back"] * (command.order.slot == "entry"))
                case messages.SubmitOrder():
                    self.see_sent(command.order, waiting)
        self.see(*["held up"] * any(each.stranded for each in self.state.trades))

    def see_sent(self, order, waiting):
        if order.slot == "hedge" and self.calendar.phase == "closing":
            self.see("hedged before the close")
        if order.slot.startswith("flatten") and order.signal in waiting:
            self.see("flattened once open")

    def parked(self, state):
        return {each.signal for each in state.trades if each.phase == "parked"}

    def live(self):
        return [order for each in self.state.trades for order in each.orders if orders.is_live(order)]

    def open_questions(self):
        return [o for each in self.state.trades for o in each.orders if not orders.is_settled(o)]

    # ---- the calendar ------------------------------------------------------------------------------

    @counted(days=st.sampled_from([0, 0, 0, 0, 1, 1, 2, -1]), phase=st.sampled_from(PHASES))
    def the_calendar_goes_on(self, days, phase):
        self.turn(days, phase)

    def turn(self, days, phase):
        calendar = self.calendar
        day, worth = calendar.began + days, engine.equity(self.state)
        is_heard = day > calendar.began or (days == 0 and phase != calendar.phase)
        if is_heard:
            calendar.phase = phase
            self.see(phase)
        if day > calendar.began and phase == "closed":
            self.see("weekend")
        elif day > calendar.began:
            calendar.began, calendar.opening = day, worth
        self.tell(messages.SessionChanged(day, phase))

    @counted(symbols=SOME)
    def trading_is_halted(self, symbols):
        self.calendar.paused.update(symbols)
        self.calendar.is_broken_off |= not symbols
        self.tell(messages.TradingHalted(symbols))

    @counted(symbols=SOME)
    def trading_goes_on(self, symbols):
        self.calendar.paused.difference_update(symbols)
        self.calendar.is_broken_off &= bool(symbols)
        self.tell(messages.TradingResumed(symbols))

    @counted()
    def everything_is_open_again(self):
        self.trading_state("active")
        for symbols in ((), SYMBOLS):
            self.calendar.paused.difference_update(symbols)
            self.calendar.is_broken_off &= bool(symbols)
            self.tell(messages.TradingResumed(symbols))
        self.turn(1, "regular")

    @counted(trading=st.sampled_from(["active", "active", "reducing", "halted"]))
    def people_set_what_is_traded(self, trading):
        self.trading_state(trading)

    def trading_state(self, trading):
        self.calendar.trading = trading
        self.tell(messages.SettingsChanged(replace(SETTINGS, trading=trading)))

    @counted()
    def the_process_restarts(self):
        self.tell(messages.Restarted())

    # ---- signals and the market --------------------------------------------------------------------

    @counted(which=st.integers(0, 2), limited=st.booleans())
    def a_signal_comes(self, which, limited):
        self.signal(which, limited)

    def signal(self, which, limited):
        self.sequence += 1
        signal, (first, second) = SignalId(STRATEGIES[which], self.sequence), PAIRS[which]
        sides = ("buy", "sell") if first == "AAA" else ("sell", "sell")
        stops = (90, 110) if self.with_stops and sides == ("buy", "sell") else (None, None)
        self.pairs[signal] = (first, second)
        limit = 100 if limited else None
        self.tell(messages.SignalReceived(signal, first, sides[0], 100, second, sides[1], 100, limit, *stops))

    @counted(when=lambda self: self.live(), which=INDEX, part=st.sampled_from([1, 3, 6, 10, 10, 10]))
    def an_order_is_filled(self, which, part):
        order = self.live()[which % len(self.live())]
        lots = max(1, orders.leaves(order) * part // 10)
        self.tell(messages.OrderFilled(order.id, Fill(f"{len(order.fills)}", lots, 100)))

    @counted(when=lambda self: self.entries() and self.calendar.phase == "regular", which=INDEX)
    def an_entry_is_filled_just_before_the_close(self, which):
        order = self.entries()[which % len(self.entries())]
        self.turn(0, "closing")
        self.tell(messages.OrderFilled(order.id, Fill("late", orders.leaves(order), 100)))

    def entries(self):
        return [order for order in self.live() if order.id.slot == "entry"]

    @counted(when=lambda self: self.live(), which=INDEX)
    def an_order_is_rejected(self, which):
        order = self.live()[which % len(self.live())]
        self.tell(messages.OrderRejected(order.id, "MARKET_CLOSED"))

    @counted(when=lambda self: self.live(), which=INDEX)
    def an_order_expires(self, which):
        order = self.live()[which % len(self.live())]
        self.tell(messages.OrderExpired(order.id, order.filled))

    @counted(when=lambda self: self.open_questions(), which=INDEX, is_over=st.booleans())
    def the_venue_tells_what_an_order_is(self, which, is_over):
        order = self.open_questions()[which % len(self.open_questions())]
        status = "canceled" if is_over or not orders.is_live(order) else "open"
        self.tell(messages.OrderStatusReported(order.id, "found", status, order.fills, order.quantity))

    @counted(when=lambda self: self.state.trades, which=INDEX)
    def a_grace_is_over(self, which):
        running = [each.signal for each in self.state.trades if each.grace == "running"]
        if running:
            timer = messages.TimerId(running[which % len(running)], "grace")
            self.tell(messages.TimerFired(timer))

    @counted(symbol=st.sampled_from(SYMBOLS), price=st.integers(98, 102))
    def a_price_moves(self, symbol, price):
        self.tell(messages.PriceMoved(symbol, price))

    # ---- what has to hold --------------------------------------------------------------------------

    @judge
    def nothing_leaves_that_may_not(self):
        for each in self.commands:
            if isinstance(each, SENDING):
                symbols = self.pairs[each.order.signal]
                assert not self.calendar.forbids(each.order.slot, symbols), f"{each} while {self.calendar}"

    @judge
    def every_trade_knows_whether_it_may_send(self):
        for each in self.state.trades:
            symbols = self.pairs[each.signal]
            assert each.paused == self.calendar.forbids("flatten_a", symbols), f"{each.signal} is wrong"

    @judge
    def no_entry_is_left_to_rest_where_none_may(self):
        for each in self.live():
            if each.id.slot == "entry" and self.calendar.forbids("entry", self.pairs[each.id.signal]):
                assert each.cancel_wanted, f"{each.id} rests while {self.calendar}"

    @judge
    def whoever_waits_for_the_market_was_told_of_and_nobody_else_waits(self):
        for each in self.state.trades:
            if each.stranded:
                assert each.paused, f"{each.signal} waits in an open market"
                assert each.signal in self.alerted, f"nobody was told of {each.signal}"
            elif each.phase in ("entry", "hedge", "flatten", "exit"):
                assert [order for order in each.orders if not orders.is_settled(order)], "it is forgotten"

    @judge
    def the_engine_shows_the_calendar(self):
        calendar, health = self.calendar, engine.health(self.state)
        halted = set(SYMBOLS) if calendar.is_broken_off else calendar.paused
        assert (health.session, health.halted_symbols) == (calendar.phase, tuple(sorted(halted)))
        assert (self.state.day, self.state.gauges.opening) == (calendar.began, calendar.opening)


def test_what_leaves_waits_and_goes_on_is_as_the_market_allows():
    run(SessionsMachine)
