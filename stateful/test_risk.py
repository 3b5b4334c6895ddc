"""The gate under opens, fills, price moves and closes, against plain positions that are counted anew.

Each pair is kept twice: as a ``core.trade.Trade`` for the gate, and as two plain legs for the recount, which
uses fractions where the gate uses rounded ints, and knows no sums but those it makes itself.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from hypothesis import strategies as st

from core import risk, trade
from core.messages import Fill, OrderId, SignalId
from core.orders import Order
from core.risk import Intent, Summary
from core.settings import Instrument, Limits, Protocol, Settings
from stateful.counted import Counted, counted, judge, run

TICK_LOT_VALUES = {"AAA": 1, "BBB": 3, "CCC": 10}
INSTRUMENTS = tuple(Instrument(symbol, value) for symbol, value in TICK_LOT_VALUES.items())
INDEX = st.integers(0, 9)
SIDES = st.sampled_from([1, -1])
LOTS = st.integers(1, 40)
PRICES = st.integers(1, 30)
EQUITIES = st.sampled_from([None, -1_000, 0, 4_999, 20_000, 20_001, 100_000, 10**6])
BOUNDS = st.sampled_from([1, 599, 2_000, 10_000, 50_000])
PAIRS = st.permutations(sorted(TICK_LOT_VALUES)).map(lambda each: each[:2])


@dataclass(frozen=True)
class Line:
    """One leg in plain words: lots held are signed by the leg's direction, working ones may be added."""

    symbol: str
    direction: int
    planned: int
    price: int
    stop: int | None
    held: int = 0
    working: int = 0


@dataclass(frozen=True)
class Pair:
    """Two lines that were opened together; ``state`` is running, over or parked."""

    number: int
    lines: tuple[Line, Line]
    state: str = "running"


def as_trade(pair, is_proposed=False):
    """The pair as the core knows it."""
    signal = SignalId("pairs", pair.number)
    legs = [
        trade.Leg(
            line.symbol,
            "buy" if line.direction > 0 else "sell",
            *(line.planned, line.price, None, line.stop, 1, 1),
        )
        for line in pair.lines
    ]
    if is_proposed:
        return trade.Trade(signal, *legs, Protocol())
    if pair.state == "over" and not any(line.working for line in pair.lines):
        kept_a, kept_b = (line.held for line in pair.lines)
        return trade.Trade(signal, *legs, Protocol(), "held", "hedged", (), False, kept_a, kept_b)
    orders = [
        each for line, leg in zip(pair.lines, legs, strict=True) for each in as_orders(signal, line, leg)
    ]
    phase = {"running": "hedge", "over": "ended", "parked": "parked"}[pair.state]
    return trade.Trade(signal, *legs, Protocol(), phase, None, tuple(orders))


def as_orders(signal, line, leg):
    """What was bought in the leg's direction, what still works, and what was flattened beyond it."""
    grown = max(line.held, 0) + 5
    shrunk = grown - line.held
    fills = (Fill("grown", grown, line.price),)
    opposite = "sell" if leg.side == "buy" else "buy"
    back = (Fill("shrunk", shrunk, line.price),)
    working = Order(OrderId(signal, "hedge", 1), leg.symbol, leg.side, grown + line.working, None, "new")
    phase = "partially_filled" if line.working else "filled"
    yield replace(working, phase=phase, filled=grown, reported=grown, fills=fills)
    flat = Order(OrderId(signal, "flatten_b", 1), leg.symbol, opposite, shrunk, None, "filled")
    yield replace(flat, filled=shrunk, reported=shrunk, fills=back)


class RiskMachine(Counted):
    """A book of pairs that grows only by what the gate lets through."""

    reasons = ("HALTED", "PRICE_UNUSABLE", "ORDER_SIZE", "TRADES_IN_FLIGHT", "OPPOSING_POSITION")
    sums = ("POSITION_CAP", "GROSS_EXPOSURE", "HEAT", "let in", "let in after one refused", "flipped")
    awaited = (*reasons, *sums)

    def __init__(self):
        super().__init__()
        self.pairs, self.number = (), 0
        self.prices = dict.fromkeys(TICK_LOT_VALUES, 10)
        self.equity, self.halted = 100_000, False
        self.limits = Limits(position_bps=5_000, gross_bps=10_000, heat_bps=2_000)
        self.asked, self.answers, self.book, self.known = (), (), (), {}

    @property
    def settings(self):
        return Settings(INSTRUMENTS, self.limits)

    def before_rule(self):
        self.known = {}

    def contribution(self, pair, is_proposed=False):
        """What a pair stands for now; worked out once while nothing changes."""
        key = (pair, is_proposed, tuple(sorted(self.prices.items())), self.limits)
        if key not in self.known:
            self.known[key] = risk.contribute(as_trade(pair, is_proposed), key[2], self.settings)
        return self.known[key]

    def summary(self, pairs):
        total = risk.NOTHING
        for pair in pairs:
            total = risk.add(total, self.contribution(pair))
        return Summary(self.equity, self.halted, total)

    def intent(self, pair):
        signal = SignalId("pairs", pair.number)
        return Intent(signal, self.contribution(pair, True), max(line.planned for line in pair.lines))

    def decide(self, pairs, asked):
        intents = tuple(self.intent(pair) for pair in asked)
        return tuple(each.reason for each in risk.decide(self.summary(pairs), self.limits, intents))

    def ask(self, *asked):
        """The gate is asked for these pairs at once; what it lets in is open from then on."""
        self.asked, self.book = asked, self.pairs
        self.answers = self.decide(self.pairs, asked)
        let_in = [pair for pair, reason in zip(asked, self.answers, strict=True) if reason is None]
        self.pairs += tuple(let_in)
        self.see(*(reason or "let in" for reason in self.answers))
        if None in self.answers[1:] and self.answers[0]:
            self.see("let in after one refused")

    def drawn(self, data):
        """A pair that some strategy might want."""
        self.number += 1
        lines = [
            Line(
                symbol,
                data.draw(SIDES),
                data.draw(LOTS),
                (price := self.prices[symbol] or 10),
                data.draw(st.none() | st.integers(max(1, price - 5), price + 5)),
            )
            for symbol in data.draw(PAIRS)
        ]
        return Pair(self.number, tuple(lines))

    def change(self, index, leg, **changes):
        """One line of one pair changes; the last question is then a thing of the past."""
        self.asked = ()
        at = index % len(self.pairs)
        pair = self.pairs[at]
        lines = tuple(
            replace(line, **changes) if each == leg else line for each, line in enumerate(pair.lines)
        )
        self.pairs = (*self.pairs[:at], replace(pair, lines=lines), *self.pairs[at + 1 :])

    def line(self, index, leg):
        return self.pairs[index % len(self.pairs)].lines[leg]

    # ---- rules -------------------------------------------------------------------------------------

    @counted(when=lambda self: len(self.pairs) < 7, data=st.data())
    def one_is_asked_for(self, data):
        self.ask(self.drawn(data))

    @counted(when=lambda self: len(self.pairs) < 7, data=st.data(), count=st.integers(2, 4))
    def some_are_asked_for_at_once(self, data, count):
        self.ask(*(self.drawn(data) for _ in range(count)))

    @counted(data=st.data(), bound=st.sampled_from(["position", "gross", "heat"]), slack=st.integers(-1, 1))
    def one_is_asked_for_at_the_limit(self, data, bound, slack):
        """The account is just large enough for what is open and asked for, or a unit off."""
        pair = self.drawn(data)
        lines = [(line, *self.worst(line, each.state)) for each in (*self.pairs, pair) for line in each.lines]
        touched = [sum(row[2] for row in lines if row[0].symbol == line.symbol) for line in pair.lines]
        sums = {"gross": sum(row[2] for row in lines), "heat": sum(row[3] for row in lines)}
        bounds = {**dict.fromkeys(("position_bps", "gross_bps", "heat_bps"), 10**9), f"{bound}_bps": 10_000}
        self.limits = Limits(**bounds, trades_in_flight=9, exit_cost_bps=self.limits.exit_cost_bps)
        self.equity, self.halted = sums.get(bound, max(touched)) + slack, False
        self.ask(pair)

    @counted(when=lambda self: self.pairs, index=INDEX, leg=st.integers(0, 1), lots=LOTS)
    def order_is_sent(self, index, leg, lots):
        self.change(index, leg, working=lots)

    @counted(when=lambda self: self.pairs, index=INDEX, leg=st.integers(0, 1), lots=LOTS)
    def order_fills(self, index, leg, lots):
        line = self.line(index, leg)
        lots = min(lots, line.working)
        self.change(index, leg, held=line.held + lots, working=line.working - lots)

    @counted(when=lambda self: self.pairs, index=INDEX, leg=st.integers(0, 1), lots=LOTS)
    def lots_are_flattened(self, index, leg, lots):
        line = self.line(index, leg)
        self.change(index, leg, held=line.held - lots, working=0)
        self.see(*["flipped"] * (line.held < lots))

    @counted(when=lambda self: self.pairs, index=INDEX, state=st.sampled_from(["over", "over", "parked"]))
    def trade_ends(self, index, state):
        self.asked = ()
        at = index % len(self.pairs)
        self.pairs = (*self.pairs[:at], replace(self.pairs[at], state=state), *self.pairs[at + 1 :])

    @counted(when=lambda self: self.pairs, index=INDEX)
    def trade_is_closed(self, index):
        self.asked = ()
        at = index % len(self.pairs)
        self.pairs = (*self.pairs[:at], *self.pairs[at + 1 :])

    @counted(symbol=st.sampled_from(sorted(TICK_LOT_VALUES)), price=PRICES | st.none())
    def price_moves(self, symbol, price):
        self.asked = ()
        self.prices[symbol] = price

    @counted(equity=EQUITIES, halted=st.sampled_from([False, False, True]))
    def account_changes(self, equity, halted):
        self.asked = ()
        self.equity, self.halted = equity, halted

    @counted(position=BOUNDS, gross=BOUNDS, heat=BOUNDS, flying=st.integers(1, 5), lots=LOTS)
    def limits_change(self, position, gross, heat, flying, lots):
        self.asked = ()
        self.limits = Limits(position, gross, heat, flying, lots, 13)

    # ---- the recount -------------------------------------------------------------------------------

    def worst(self, line, state):
        """(signed lots, notional, heat) of a line when everything goes against it."""
        lots = max(abs(line.held) + line.working, line.planned if state != "over" else 0)
        value = lots * (self.prices[line.symbol] or line.price) * TICK_LOT_VALUES[line.symbol]
        exit_cost = ceil(Fraction(value * self.limits.exit_cost_bps, 10_000))
        if line.stop is None:
            loss = value
        else:
            loss = lots * TICK_LOT_VALUES[line.symbol] * max(0, (line.price - line.stop) * line.direction)
        direction = -line.direction if line.held < 0 and state == "over" else line.direction
        return direction * lots, value, loss + exit_cost

    def breaches(self, pairs, new):
        """Every limit that would be exceeded if ``new`` came to the pairs; empty where it may."""
        if self.halted or self.equity is None:
            return {"HALTED"} if self.halted else {"PRICE_UNUSABLE"}
        lines = [(line, *self.worst(line, pair.state)) for pair in (*pairs, new) for line in pair.lines]
        found = set()
        for touched in {line.symbol for line in new.lines}:
            there = [(lots, value) for line, lots, value, _ in lines if line.symbol == touched]
            if min(lots for lots, _ in there) < 0 < max(lots for lots, _ in there):
                found.add("OPPOSING_POSITION")
            if self.exceeds(sum(value for _, value in there), self.limits.position_bps):
                found.add("POSITION_CAP")
        if self.exceeds(sum(value for _, _, value, _ in lines), self.limits.gross_bps):
            found.add("GROSS_EXPOSURE")
        if self.exceeds(sum(heat for _, _, _, heat in lines), self.limits.heat_bps):
            found.add("HEAT")
        if sum(pair.state != "over" for pair in (*pairs, new)) > self.limits.trades_in_flight:
            found.add("TRADES_IN_FLIGHT")
        if any(line.planned > self.limits.order_quantity for line in new.lines):
            found.add("ORDER_SIZE")
        return found

    def exceeds(self, amount, bound_bps):
        return amount > Fraction(self.equity * bound_bps, 10_000)

    # ---- judgement ---------------------------------------------------------------------------------

    @judge
    def sums_are_those_of_the_plain_positions(self):
        total = self.summary(self.pairs).total
        worst = [(line, *self.worst(line, pair.state)) for pair in self.pairs for line in pair.lines]
        assert total.gross == sum(value for _, _, value, _ in worst)
        assert total.heat == sum(heat for *_, heat in worst)
        assert total.in_flight == sum(pair.state != "over" for pair in self.pairs)
        for symbol, long_lots, short_lots, value in total.exposures:
            there = [(lots, each) for line, lots, each, _ in worst if line.symbol == symbol]
            assert long_lots == sum(lots for lots, _ in there if lots > 0)
            assert short_lots == -sum(lots for lots, _ in there if lots < 0)
            assert value == sum(each for _, each in there)
        assert {symbol for symbol, *_ in total.exposures} == {line.symbol for line, lots, *_ in worst if lots}

    @judge
    def a_refusal_has_a_true_reason_and_what_is_let_in_exceeds_nothing(self):
        book = self.book
        for pair, reason in zip(self.asked, self.answers[: len(self.asked)], strict=True):
            breached = self.breaches(book, pair)
            assert (reason in breached) if reason else not breached, f"{reason} of {sorted(breached)}"
            book += (pair,) if reason is None else ()

    @judge
    def a_batch_is_decided_as_one_after_the_other(self):
        book = self.book
        for pair, reason in zip(self.asked, self.answers[: len(self.asked)], strict=True):
            assert self.decide(book, [pair]) == (reason,)
            book += (pair,) if reason is None else ()

    @judge
    def the_order_of_the_other_trades_does_not_matter(self):
        assert self.summary(self.pairs[::-1]) == self.summary(self.pairs)
        assert self.decide(self.book[::-1], self.asked) == self.answers[: len(self.asked)]

    @judge
    def a_resend_is_stopped_by_a_halt_alone(self):
        intent = Intent(SignalId("pairs", 0), largest_order=10**9)
        reasons = [each.reason for each in risk.decide(self.summary(self.pairs), self.limits, (intent,))]
        assert reasons == ["HALTED" if self.halted else None]


def test_the_gate_agrees_with_a_recount_of_plain_positions():
    run(RiskMachine)
