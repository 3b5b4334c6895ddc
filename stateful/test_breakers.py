"""Breakers through the engine: trips, codes that run out, wrong and stale codes, entries that must not leave.

The model knows of each breaker which link of its chain was asked for and whether that is still good; equity
is recounted from the fills that were told. The engine's books and its breakers' fields are not asked.
"""

from fractions import Fraction
from hashlib import sha256

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from core import breakers, engine, messages
from core.messages import CodeTimerId, Fill, SignalId
from core.settings import Instrument, Limits, Settings
from stateful.counted import Counted, counted, judge, run

CASH = 1_000_000
LINKS = 120
KINDS = ("daily_loss", "manual")
KIND = st.sampled_from(KINDS)
SYMBOLS = ("AAA", "BBB")
INDEX = st.integers(0, 5)
LIMITS = Limits(100_000, 100_000, 100_000, 8)


def chain(secret):
    """A hash chain, the public end first: each value is the SHA-256 of the one after it."""
    values = [sha256(secret.encode()).hexdigest()]
    for _ in range(LINKS):
        values.append(sha256(values[-1].encode()).hexdigest())
    return values[::-1]


CODES = {kind: chain(kind) for kind in KINDS}
ANCHORS = tuple((kind, CODES[kind][0]) for kind in KINDS)
SETTINGS = Settings(
    tuple(Instrument(symbol) for symbol in SYMBOLS),
    LIMITS,
    reset_anchors=ANCHORS,
)


class BreakersMachine(Counted):
    """One engine, two breakers, a person with the codes, and a market that can lose money."""

    answers = ("WRONG_CODE", "CODE_EXPIRED", "BREAKER_NOT_TRIPPED", "UNKNOWN_TIMER", "HALTED")
    trips = (
        "daily_loss tripped",
        "manual tripped",
        "daily_loss reset",
        "manual reset",
        "tripped at its reset",
    )
    turns = ("hedged while halted", "not sent anew while halted", "entry taken back", "lost while unknown")
    awaited = (*answers, *trips, *turns)

    def __init__(self):
        super().__init__()
        self.state = engine.initial(SETTINGS, CASH)
        self.sequence = self.day = 0
        self.baseline, self.loss_bps = CASH, LIMITS.daily_loss_bps
        self.prices, self.fills = dict.fromkeys(SYMBOLS), []
        self.open, self.canceled, self.proof = {}, set(), []
        self.link = dict.fromkeys(KINDS, 0)
        self.tripped, self.good, self.used = set(), set(), []
        self.event, self.commands, self.was_tripped, self.was_asked = None, (), set(), ()
        for symbol in SYMBOLS:
            self.prices[symbol] = 100
            self.tell(messages.PriceMoved(symbol, 100))

    @initialize(trades=st.integers(0, 2), events=st.integers(0, 5))
    def trade_before(self, trades, events):
        """So many pairs are held; the next one rests, is hedged, or was met by a halt, at last in doubt."""
        for _ in range(trades):
            self.signal(2_000, None)
            self.fill(0)
            self.fill(0)
        if events:
            self.signal(2_000, 100)
        if events == 2:
            self.fill(0)
        if events > 4:
            self.go_on_losing()
        if events > 2:
            self.tell(messages.BreakerTripRequested())

    def drive(self, event):
        """One event reaches the engine; what it says of breakers is taken down."""
        self.event, self.was_tripped = event, set(self.tripped)
        self.was_asked = tuple((kind, self.link[kind], kind in self.good) for kind in KINDS)
        self.state, self.commands = engine.step(self.state, event)
        for command in self.commands:
            match command:
                case messages.SubmitOrder():
                    self.open[command.order] = command.quantity
                    self.see(
                        *["hedged while halted"] * (bool(self.tripped) and command.order.slot == "hedge")
                    )
                case messages.CancelOrder():
                    self.canceled.add(command.order)
                case messages.RefuseSignal() | messages.ReportAnomaly():
                    self.see(command.reason)

    def equity(self):
        """Cash and what is held, from the list of fills; None while a held symbol has no price."""
        total = CASH
        for symbol in SYMBOLS:
            ours = [(lots, price) for name, lots, price in self.fills if name == symbol]
            held = sum(lots for lots, _ in ours)
            if held and self.prices[symbol] is None:
                return None
            total += held * (self.prices[symbol] or 0) - sum(lots * price for lots, price in ours)
        return total

    def loses_too_much(self):
        equity = self.equity()
        floor = self.baseline * (1 - Fraction(self.loss_bps, 10_000))
        return equity is None or equity <= floor

    def follow(self):
        """What has to become of the breakers by the event just driven, and by what was lost."""
        match self.event:
            case messages.BreakerTripRequested() if "manual" not in self.tripped:
                self.ask_for_code("manual")
            case messages.BreakerResetRequested(breaker=kind, code=code) if kind in self.tripped:
                if kind not in self.good:
                    self.ask_for_code(kind)
                elif code == CODES[kind][self.link[kind]]:
                    self.tripped.discard(kind)
                    self.used.append((kind, code))
                    self.see(f"{kind} reset")
            case messages.TimerFired(timer=CodeTimerId(breaker=kind, link=link)) if link == self.link[kind]:
                self.good.discard(kind)
            case messages.SessionChanged(day=day) if day > self.day:
                equity = self.equity()
                self.day, self.baseline = day, self.baseline if equity is None else equity
        if "daily_loss" not in self.tripped and self.loses_too_much():
            self.ask_for_code("daily_loss")
            self.see(*["tripped at its reset"] * isinstance(self.event, messages.BreakerResetRequested))
            self.see(*["lost while unknown"] * (self.equity() is None))

    def ask_for_code(self, kind):
        self.see(*[f"{kind} tripped"] * (kind not in self.tripped))
        self.tripped.add(kind)
        self.good.add(kind)
        self.link[kind] += 1

    # ---- rules -------------------------------------------------------------------------------------

    @counted()
    def person_halts_trading(self):
        self.tell(messages.BreakerTripRequested())

    def tell(self, event):
        self.drive(event)
        self.follow()

    @counted(kind=KIND)
    def person_resets(self, kind):
        self.tell(messages.BreakerResetRequested(kind, CODES[kind][self.link[kind]]))

    @counted(
        kind=KIND,
        of=KIND,
        apart=st.sampled_from([-2, -1, 0, 1, 2]),
        text=st.sampled_from(["", "", "", "x", "upper"]),
    )
    def person_resets_with_some_code(self, kind, of, apart, text):
        code = CODES[of][max(0, self.link[kind] + apart)]
        self.tell(messages.BreakerResetRequested(kind, {"": code, "upper": code.upper()}.get(text, text)))

    @counted(when=lambda self: self.used, index=INDEX, kind=KIND)
    def person_uses_a_code_again(self, index, kind):
        self.tell(messages.BreakerResetRequested(kind, self.used[-1 - index % len(self.used)][1]))

    @counted(kind=KIND, back=st.sampled_from([0, 0, 0, 1, 2]))
    def code_timer_fires(self, kind, back):
        self.tell(messages.TimerFired(CodeTimerId(kind, self.link[kind] - back)))

    @counted(
        symbol=st.sampled_from(SYMBOLS),
        price=st.integers(95, 105) | st.sampled_from([80, 90, 100, 110, None]),
    )
    def price_moves(self, symbol, price):
        self.prices[symbol] = price
        unknown, known = messages.PriceUnusable(symbol), messages.PriceMoved(symbol, price)
        self.tell(unknown if price is None else known)

    @counted(days=st.integers(-1, 2))
    def day_begins(self, days):
        self.tell(messages.SessionChanged(self.day + days))

    @counted(loss_bps=st.sampled_from([1, 50, 200, 200, 2_000]), is_met=st.booleans())
    def loss_limit_changes(self, loss_bps, is_met):
        """Half the time to what is lost right now, which is a loss too many."""
        lost = (self.baseline - (self.equity() or 0)) * 10_000 // self.baseline
        self.loss_bps = loss_bps = lost if is_met and lost > 0 else loss_bps
        limits = Limits(100_000, 100_000, 100_000, 8, daily_loss_bps=loss_bps)
        self.tell(messages.SettingsChanged(Settings(SETTINGS.instruments, limits, reset_anchors=ANCHORS)))

    @counted(lots=st.sampled_from([100, 2_000]), limit=st.sampled_from([None, 100]))
    def signal_arrives(self, lots, limit):
        self.signal(lots, limit)

    def signal(self, lots, limit):
        self.sequence += 1
        signal = SignalId("pairs", self.sequence)
        self.tell(messages.SignalReceived(signal, "AAA", "buy", lots, "BBB", "sell", lots, limit))

    @counted(when=lambda self: self.open, index=INDEX, is_whole=st.sampled_from([True, True, False]))
    def order_fills(self, index, is_whole):
        self.fill(index, is_whole)

    def fill(self, index, is_whole=True):
        order, left = sorted(self.open.items(), key=repr)[index % len(self.open)]
        lots = left if is_whole else -(-left // 2)
        symbol, sign = ("AAA", 1) if order.slot in ("entry", "flatten_a") else ("BBB", -1)
        sign = -sign if order.slot.startswith("flatten") else sign
        self.fills.append((symbol, sign * lots, 100))
        self.open[order] -= lots
        if not self.open[order]:
            del self.open[order]
        self.tell(messages.OrderFilled(order, Fill(f"t{len(self.fills)}", lots, 100)))

    @counted(when=lambda self: self.open, index=INDEX)
    def order_is_rejected_or_expires(self, index):
        order = sorted(self.open, key=repr)[index % len(self.open)]
        known = sum(each.filled for trade in self.state.trades for each in trade.orders if each.id == order)
        del self.open[order]
        self.tell(messages.OrderExpired(order, known))

    @counted(when=lambda self: self.proof or any(each.slot == "entry" for each in self.open))
    def entry_is_not_found(self):
        self.go_on_losing()

    def go_on_losing(self):
        """A lost entry is asked about until it proves absent, one event after the other."""
        if not self.proof:
            order = min((each for each in self.open if each.slot == "entry"), key=repr)
            ask = messages.TimerFired(messages.TimerId(order.signal, "query", order))
            not_found = messages.OrderStatusReported(order, "not_found")
            self.proof = [messages.RequestOutcomeUnknown(order, "submit"), *[not_found, ask] * 2, not_found]
        event, *self.proof = self.proof
        if not self.proof:
            self.open.pop(event.order, None)
            self.see(*["not sent anew while halted"] * bool(self.tripped))
        self.tell(event)

    # ---- judgement ---------------------------------------------------------------------------------

    @judge
    def what_is_tripped_is_what_the_model_says(self):
        tripped = {each.kind for each in self.state.breakers if each.phase == "tripped"}
        assert tripped == self.tripped
        assert breakers.is_halted(self.state.breakers) == bool(self.tripped)
        assert engine.summary(self.state).halted == bool(self.tripped)

    @judge
    def a_loss_trips_and_only_a_loss(self):
        assert engine.equity(self.state) == self.equity()
        assert self.state.baseline == self.baseline
        assert "daily_loss" in self.tripped or not self.loses_too_much()

    @judge
    def each_trip_and_each_late_code_asks_for_the_next_link(self):
        asked = [(kind, self.link[kind]) for kind, link, _ in self.was_asked if link != self.link[kind]]
        alerts = [each.subject for each in self.commands if isinstance(each, messages.RaiseAlert)]
        timers = [
            (each.timer.breaker, each.timer.link)
            for each in self.commands
            if isinstance(each, messages.StartTimer) and isinstance(each.timer, CodeTimerId)
        ]
        assert [each for each in alerts if isinstance(each, tuple)] == timers == asked

    @judge
    def a_code_works_once_for_its_breaker_and_its_trip(self):
        assert len(self.used) == len(set(self.used))
        if isinstance(self.event, messages.BreakerResetRequested):
            kind, code = self.event.breaker, self.event.code
            told = [each.reason for each in self.commands if isinstance(each, messages.ReportAnomaly)]
            _, link, is_good = next(each for each in self.was_asked if each[0] == kind)
            if kind not in self.was_tripped:
                assert told == ["BREAKER_NOT_TRIPPED"]
            elif not is_good:
                assert told == ["CODE_EXPIRED"]
            else:
                assert told == ([] if code == CODES[kind][link] else ["WRONG_CODE"])
            stopped = messages.StopTimer(CodeTimerId(kind, link)) in self.commands
            assert stopped == (kind in self.was_tripped and not told)

    @judge
    def no_entry_leaves_while_trading_is_halted(self):
        sent = [each.order.slot for each in self.commands if isinstance(each, messages.SubmitOrder)]
        if self.was_tripped or self.tripped:
            assert "entry" not in sent
        if self.was_tripped and isinstance(self.event, messages.SignalReceived):
            assert [type(each) for each in self.commands] == [messages.RefuseSignal]

    @judge
    def every_resting_entry_is_taken_back_by_a_trip(self):
        resting = {order for order in self.open if order.slot == "entry"} if self.tripped else set()
        assert resting <= self.canceled
        self.see(*["entry taken back"] * bool(resting))

    @judge
    def a_code_timer_that_does_not_run_is_unknown(self):
        if isinstance(self.event, messages.TimerFired) and isinstance(self.event.timer, CodeTimerId):
            timer = self.event.timer
            runs = (timer.breaker, timer.link, True) in self.was_asked and timer.breaker in self.was_tripped
            assert self.commands == (() if runs else (messages.ReportAnomaly("UNKNOWN_TIMER", self.event),))


def test_trading_stops_while_a_breaker_is_tripped_and_starts_with_its_own_code():
    run(BreakersMachine, 120)
