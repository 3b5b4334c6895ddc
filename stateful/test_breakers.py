"""Breakers of every kind through the engine: trips, warnings, codes, cooldown, probation, days, cash.

``breaker_model`` says what has to become of each breaker, from recounts of what was told. Here events are
driven, and the engine's breakers, alerts and timers compared; entries must not leave while one is tripped.
"""

from dataclasses import replace
from hashlib import sha256
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from core import breakers, engine, messages
from core.messages import BreakerTimerId, CodeTimerId, Fill, SignalId
from core.settings import BreakerRule, Instrument, Limits, Settings
from stateful.breaker_model import Model
from stateful.counted import Counted, counted, judge, run

CASH = 1_000_000
LINKS = 120
SYMBOLS = ("AAA", "BBB", "CCC")
INDEX = st.integers(0, 5)
CAPS = ("position_bps", "gross_bps", "heat_bps", "strategy_bps", "net_bps", "leverage_bps", "cluster_bps")
LIMITS = Limits(trades_in_flight=9, order_quantity=4_000, **dict.fromkeys(CAPS, 100_000))
COME_BACK = {"cooldown": 1_000, "resets_itself": True, "probation": 10}
RULES = (
    BreakerRule("consecutive_losses", "consecutive_losses", 2, **COME_BACK),
    BreakerRule("correlation", "correlation", 2_500, cooldown=50, resets_itself=True),
    BreakerRule("daily_loss", "daily_loss", 50, probation=20),
    BreakerRule("drawdown", "drawdown", 200),
    BreakerRule("error_rate", "error_rate", 5_000, 6, **COME_BACK),
    BreakerRule("liquidation_buffer", "liquidation_buffer", 5_500, probation=10),
    BreakerRule("manual", "manual", probation=30),
    BreakerRule("position_size", "position_size", 2_500, 3, cooldown=50, resets_itself=True),
    BreakerRule("vix", "custom", 40, **COME_BACK),
    BreakerRule("volatility", "volatility", 900, 3, **COME_BACK),
)
NAMES = tuple(rule.name for rule in RULES)
WHOSE = st.integers(0, 9)
FIXED = ("manual", "liquidation_buffer", "error_rate")  # thresholds that have an upper bound, or are none
OFFICE = (
    messages.BreakerTripRequested(),
    messages.HighWaterMarkRebased(),
    messages.SessionChanged(0),
    messages.Restarted(),
    messages.CashMoved(50_000),
    messages.CashMoved(-50_000),
)
BY_ITSELF = ("reset itself", "cooled down in vain")
SPOILT = st.sampled_from(["", "", "x", "upper", "who"])
HIT = ("HALTED", "WRONG_CODE", "CODE_EXPIRED", "BREAKER_NOT_TRIPPED", "UNKNOWN_TIMER", "UNKNOWN_BREAKER")


def chain(secret):
    """A hash chain, the public end first: each value is the SHA-256 of the one after it."""
    values = [sha256(secret.encode()).hexdigest()]
    for _ in range(LINKS):
        values.append(sha256(values[-1].encode()).hexdigest())
    return values[::-1]


CODES = {name: chain(name) for name in NAMES}
LINK_OF = {code: (name, link) for name, codes in CODES.items() for link, code in enumerate(codes)}


def settings_of(names):
    """The settings with these breakers and a manual one."""
    return Settings(
        tuple(Instrument(symbol, maintenance_bps=10_000) for symbol in SYMBOLS),
        LIMITS,
        reset_anchors=tuple((name, CODES[name][0]) for name in NAMES),
        breakers=tuple(rule for rule in RULES if rule.name in names or rule.name == "manual"),
    )


class BreakersMachine(Counted):
    """One engine, some breakers, a person with the codes, and a market that can lose money. Of the ``kinds``
    one at least is there."""

    kinds: ClassVar[tuple[str, ...]] = ()
    turns = ("manual tripped", "tripped on probation", "reset", "warning gone")
    alerts = ("BREAKER_WARNING", "BREAKER_TRIPPED", "BREAKER_PROBATION", "BREAKER_ARMED")
    awaited = (*HIT, *turns, *alerts, "entry taken back", *[type(each).__name__ for each in OFFICE])

    def __init__(self):
        super().__init__()
        self.sequence = self.day = self.fills = 0
        self.open, self.canceled, self.fresh = {}, set(), set()

    @initialize(
        main=INDEX,
        others=st.lists(st.sampled_from(NAMES), max_size=2),
        trades=st.sampled_from([2, 2, 1, 0]),
        lost=st.sampled_from([1, 0]),
        unlinked=st.booleans(),
    )
    def begin(self, main, others, trades, lost, unlinked):
        """An engine with these breakers, that holds so many pairs, and lost on so many."""
        settings = settings_of([self.kinds[main % len(self.kinds)], *others])
        self.names = tuple(rule.name for rule in settings.breakers)
        self.state, self.model = engine.initial(settings, CASH), Model(settings, CASH)
        for symbol in SYMBOLS:
            self.tell(messages.PriceMoved(symbol, 100))
        for one, other in (("AAA", "BBB"), ("AAA", "CCC")) if unlinked else ():
            self.tell(messages.CorrelationReported(other, one, 0))
        for _ in range(lost):
            self.signal(100, None, "CCC")
            self.fill(0)
            for _ in range(3):
                self.refuse(max(self.open, key=repr))
            self.fill(0, True, 99)
        for _ in range(trades):
            self.signal(1_000, None)
            while self.open:
                self.fill(0)

    def tell(self, event, fills=()):
        """One event reaches the engine and the model; what the engine sends is taken down."""
        self.event, self.was_tripped, self.before = event, self.model.tripped, self.state
        self.state, self.commands = engine.step(self.state, event)
        if isinstance(event, messages.BreakerResetRequested):
            event = replace(event, code=LINK_OF.get(event.code, ("", 0)))
        if isinstance(event, messages.SignalReceived) or self.state is not self.before:
            self.model.hear(event, self.commands, fills)
        self.model.follow(event)
        self.see(*self.model.seen)
        self.model.seen.clear()
        for command in self.commands:
            match command:
                case messages.SubmitOrder():
                    self.open[command.order] = command.quantity
                    self.fresh.add(command.order)
                    if self.was_tripped and command.order.slot == "hedge":
                        self.see("hedged while halted")
                case messages.CancelOrder():
                    self.canceled.add(command.order)
                    self.see(*["entry taken back"] * (command.order.slot == "entry"))
                case messages.RefuseSignal() | messages.ReportAnomaly():
                    self.see(command.reason)
                    self.see(*["refused for size"] * (command.reason == "ORDER_SIZE"))
        self.see(*["lost while unknown"] * (self.model.told.equity() is None and bool(self.model.tripped)))
        self.see(*["liquidated"] * self.model.liquidated)
        closed = [profit for over, profit in self.model.rounds.values() if over]
        self.see(*["round closed"] * bool(closed), *["came out even"] * (0 in closed))

    def name(self, whose):
        return self.names[whose % len(self.names)]

    # ---- people ------------------------------------------------------------------------------------

    @counted(what=st.sampled_from(OFFICE), days=st.integers(-1, 2))
    def person_or_calendar_says(self, what, days):
        if isinstance(what, messages.SessionChanged):
            what = messages.SessionChanged(self.day + days)
            self.day = max(self.day, what.day)
        self.see(type(what).__name__)
        self.tell(what)

    @counted(when=lambda self: self.model.tripped, index=INDEX)
    def person_resets_what_is_tripped(self, index):
        name = sorted(self.model.tripped)[index % len(self.model.tripped)]
        self.tell(messages.BreakerResetRequested(name, CODES[name][self.model.latches[name].link]))

    @counted(whose=WHOSE, of=WHOSE, apart=st.integers(-2, 2), text=SPOILT)
    def person_resets_with_some_code(self, whose, of, apart, text):
        tripped = sorted(self.model.tripped) or self.names
        name, other = tripped[whose % len(tripped)], tripped[of % len(tripped)]
        code = CODES[other][max(0, self.model.latches[other].link + apart)]
        reset = messages.BreakerResetRequested(name, {"x": "x", "upper": code.upper()}.get(text, code))
        self.tell(replace(reset, breaker="weather") if text == "who" else reset)

    @counted(threshold=st.integers(1, 9), whose=WHOSE)
    def threshold_changes(self, threshold, whose):
        rules = [
            replace(rule, threshold=rule.threshold * threshold // 6 or 1)
            if rule.name == self.name(whose) and rule.kind not in FIXED
            else rule
            for rule in self.state.settings.breakers
        ]
        self.tell(messages.SettingsChanged(replace(self.state.settings, breakers=tuple(rules))))

    # ---- time --------------------------------------------------------------------------------------

    @counted(whose=WHOSE, back=st.sampled_from([0, 0, 0, 1, 2]))
    def code_timer_fires(self, whose, back):
        name = self.name(whose)
        self.tell(messages.TimerFired(CodeTimerId(name, self.model.latches[name].link - back)))

    @counted(whose=WHOSE, back=st.sampled_from([0, 0, 0, 0, 0, 0, 1]))
    def time_of_a_breaker_is_up(self, whose, back):
        busy = [name for name, each in self.model.latches.items() if each.phase in ("tripped", "probation")]
        name = busy[whose % len(busy)] if busy else self.name(whose)
        latch = self.model.latches[name]
        purpose = "probation" if latch.phase == "probation" else "cooldown"
        self.tell(messages.TimerFired(BreakerTimerId(name, purpose, latch.trips - back)))

    # ---- market ------------------------------------------------------------------------------------

    @counted(
        symbol=st.sampled_from(SYMBOLS),
        price=st.integers(97, 103) | st.sampled_from([80, 90, 92, 100, 110, 130, None]),
    )
    def price_moves(self, symbol, price):
        unknown, known = messages.PriceUnusable(symbol), messages.PriceMoved(symbol, price)
        self.tell(unknown if price is None else known)

    @counted(symbol=st.sampled_from(SYMBOLS), price=st.sampled_from([60, 80, 130, 160]))
    def price_jumps(self, symbol, price):
        self.tell(messages.PriceMoved(symbol, price))

    @counted(value=st.integers(28, 42) | st.none())
    def metric_is_reported(self, value):
        self.tell(messages.MetricReported("vix", value))

    @counted(
        pair=st.permutations(SYMBOLS),
        value=st.sampled_from([None, 0, 0, 6_999, -7_000, 10_000]),
    )
    def correlation_is_reported(self, pair, value):
        self.tell(messages.CorrelationReported(*pair[:2], value))

    @counted(
        lots=st.sampled_from([100, 1_000, 1_000, 1_500, 4_001]),
        limit=st.sampled_from([None, 100]),
        symbol=st.sampled_from(["BBB", "CCC"]),
    )
    def signal_arrives(self, lots, limit, symbol):
        self.signal(lots, limit, symbol)

    def signal(self, lots, limit, symbol="BBB"):
        self.sequence += 1
        signal = SignalId("pairs", self.sequence)
        self.tell(messages.SignalReceived(signal, "AAA", "buy", lots, symbol, "sell", lots, limit))

    @counted(
        when=lambda self: self.open,
        index=INDEX,
        is_whole=st.sampled_from([True, True, False]),
        price=st.sampled_from([98, 99, 100, 100, 101]),
        fee=st.sampled_from([0, 0, 1]),
    )
    def order_fills(self, index, is_whole, price, fee):
        self.fill(index, is_whole, price, fee)

    def fill(self, index, is_whole=True, price=100, fee=0):
        order, left = sorted(self.open.items(), key=repr)[index % len(self.open)]
        lots = left if is_whole else -(-left // 2)
        trade = next(each for each in self.state.trades if each.signal == order.signal)
        leg = trade.leg_a if order.slot in ("entry", "flatten_a") else trade.leg_b
        sign = (1 if leg.side == "buy" else -1) * (-1 if order.slot.startswith("flatten") else 1)
        self.open[order] -= lots
        if not self.open[order]:
            del self.open[order]
        self.fills += 1
        event = messages.OrderFilled(order, Fill(f"t{self.fills}", lots, price, fee))
        self.tell(event, [(order.signal, leg.symbol, sign * lots, price, fee)])

    @counted(when=lambda self: self.fresh.intersection(self.open))
    def order_is_accepted(self):
        order = min(self.fresh.intersection(self.open), key=repr)
        self.fresh.discard(order)
        self.tell(messages.OrderAccepted(order))

    @counted(when=lambda self: self.open, index=INDEX)
    def order_is_rejected(self, index):
        self.refuse(sorted(self.open, key=repr)[index % len(self.open)])

    @counted(when=lambda self: self.open, price=st.sampled_from([98, 100]))
    def pair_goes_on_losing(self, price):
        """What was bought is hedged with nothing, and sold for less, or for as much."""
        order = sorted(self.open, key=repr)[0]
        if order.slot == "hedge":
            self.refuse(order)
        else:
            self.fill(0, True, 100 if order.slot == "entry" else price)

    def refuse(self, order):
        del self.open[order]
        self.tell(messages.OrderRejected(order, "no"))

    @counted(when=lambda self: self.open, index=INDEX)
    def order_may_be_lost_and_is_asked_about(self, index):
        order = sorted(self.open, key=repr)[index % len(self.open)]
        self.tell(messages.RequestOutcomeUnknown(order, "submit"))

    @counted(when=lambda self: self.state.trades, index=INDEX)
    def linger_is_over(self, index):
        trade = self.state.trades[index % len(self.state.trades)]
        self.tell(messages.TimerFired(messages.TimerId(trade.signal, "linger")))

    # ---- judgement ---------------------------------------------------------------------------------

    @judge
    def each_breaker_is_where_the_model_says(self):
        found = {each.name: each for each in self.state.breakers}
        assert list(found) == list(self.names)
        for name, latch in self.model.latches.items():
            assert (found[name].phase, found[name].link) == (latch.phase, latch.link), name
        assert breakers.share(self.state.breakers) == self.model.share
        assert engine.summary(self.state).halted == bool(self.model.tripped)
        assert engine.equity(self.state) == self.model.told.equity()

    @judge
    def people_are_told_and_timers_run_as_the_model_says(self):
        if isinstance(self.event, messages.Restarted):
            return
        about = (CodeTimerId, BreakerTimerId)
        said = [
            each
            for each in self.commands
            if (isinstance(each, messages.RaiseAlert) and isinstance(each.subject, tuple))
            or isinstance(getattr(each, "timer", None), about)
        ]
        assert said == self.model.said

    @judge
    def no_entry_leaves_while_trading_is_halted(self):
        sent = [each.order.slot for each in self.commands if isinstance(each, messages.SubmitOrder)]
        if self.was_tripped:
            assert "entry" not in sent
        if self.was_tripped and isinstance(self.event, messages.SignalReceived):
            assert [type(each) for each in self.commands] == [messages.RefuseSignal]

    @judge
    def every_resting_entry_is_taken_back_by_a_trip(self):
        resting = {order for order in self.open if order.slot == "entry"}
        assert not self.model.tripped or resting <= self.canceled

    @judge
    def what_means_nothing_changes_nothing(self):
        if any(isinstance(each, messages.ReportAnomaly) for each in self.commands):
            reasons = [each.reason for each in self.commands if isinstance(each, messages.ReportAnomaly)]
            assert self.state == self.before or reasons == ["CODE_EXPIRED"]


def tripped(*kinds):
    """That a breaker of each kind tripped."""
    return tuple(f"{kind} tripped" for kind in kinds)


class MoneyMachine(BreakersMachine):
    """What is lost, of a day and from the top, and what is left above the margin."""

    kinds = ("daily_loss", "drawdown", "liquidation_buffer")
    awaited = (*BreakersMachine.awaited, *tripped(*kinds), "liquidated", "lost while unknown")


class MarketMachine(BreakersMachine):
    """How much is held in one place, and how wild the market is."""

    kinds = ("correlation", "position_size", "volatility")
    awaited = (*BreakersMachine.awaited, *tripped(*kinds), "refused for size", *BY_ITSELF)


class CountsMachine(BreakersMachine):
    """What went wrong in a row, how often, and by how much."""

    kinds = ("consecutive_losses", "error_rate", "vix")
    rounds = ("round closed", "came out even", *BY_ITSELF)
    awaited = (*BreakersMachine.awaited, *tripped(*kinds[:2], "custom"), *rounds)


@pytest.mark.parametrize("machine", [MoneyMachine, MarketMachine, CountsMachine])
def test_trading_stops_while_a_breaker_is_tripped_and_starts_with_its_own_code(machine):
    run(machine, 100)
