"""The gate under opens, fills, price moves and closes, against plain positions that are counted anew.

Each pair is kept twice: as a ``core.trade.Trade`` for the gate, and as two plain legs for the recount, which
uses fractions where the gate uses rounded ints, and knows no sums but those it makes itself.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import ceil

from hypothesis import strategies as st

from core import risk, sums
from core.clusters import clusters
from core.messages import SignalId
from core.risk import Intent, Summary
from core.settings import Correlation, Instrument, Limits, Settings
from stateful.counted import Counted, counted, judge, run
from stateful.pairs import Line, Pair, as_trade

TICK_LOT_VALUES = {"AAA": 1, "BBB": 3, "CCC": 10}
INSTRUMENTS = tuple(Instrument(symbol, value) for symbol, value in TICK_LOT_VALUES.items())
INDEX = st.integers(0, 9)
SIDES = st.sampled_from([1, -1])
LOTS = st.integers(1, 40)
PRICES = st.integers(1, 30)
EQUITIES = st.sampled_from([None, None, -1_000, 0, 4_999, 20_000, 20_001, 100_000, 10**6])
BOUNDS = st.sampled_from([1, 599, 2_000, 10_000, 50_000])
ON_SUMS = ("position", "strategy", "gross", "net", "leverage", "cluster", "heat")
WIDE = {f"{each}_bps": 10**9 for each in ON_SUMS}
LOOSE = {**WIDE, "trades_in_flight": 9, "collar_bps": 10**6}
TIGHT = st.dictionaries(st.sampled_from(sorted(WIDE)), BOUNDS, min_size=1, max_size=2)
LINKED = 7_000
PAIRS = st.permutations(sorted(TICK_LOT_VALUES)).map(lambda each: each[:2])


class RiskMachine(Counted):
    """A book of pairs that grows only by what the gate lets through."""

    reasons = (
        "HALTED",
        "PRICE_UNUSABLE",
        "OPPOSING_POSITION",
        "ORDER_SIZE",
        "ORDER_NOTIONAL",
        "PRICE_COLLAR",
    )
    more = ("MESSAGE_RATE", "TRADES_IN_FLIGHT", "POSITION_CAP", "STRATEGY_CAP", "GROSS_EXPOSURE")
    most = ("NET_EXPOSURE", "LEVERAGE", "CLUSTER_EXPOSURE", "HEAT")
    awaited = (*reasons, *more, *most, "let in", "let in after one refused", "flipped", "resend refused")

    def __init__(self):
        super().__init__()
        self.pairs, self.number = (), 0
        self.prices = dict.fromkeys(TICK_LOT_VALUES, 10)
        self.equity, self.halted = 100_000, False
        self.limits = Limits(position_bps=5_000, gross_bps=10_000, heat_bps=2_000)
        self.asked, self.answers, self.book, self.known = (), (), (), {}
        self.apart, self.tokens, self.had = frozenset(), None, None

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
        known = tuple(Correlation(*pair, LINKED - 1) for pair in sorted(self.apart))
        return Summary(self.equity, self.halted, total, clusters=clusters(INSTRUMENTS, known, LINKED))

    def intent(self, pair):
        adds, prices = self.contribution(pair, True), tuple(sorted(self.prices.items()))
        return risk.intent(as_trade(pair, True), adds, prices, self.settings)

    def decide(self, pairs, asked, tokens):
        intents = tuple(self.intent(pair) for pair in asked)
        summary = replace(self.summary(pairs), tokens=tokens)
        return tuple(each.reason for each in risk.decide(summary, self.limits, intents))

    def ask(self, *asked):
        """The gate is asked for these pairs at once; what it lets in is open from then on."""
        self.asked, self.book, self.had = asked, self.pairs, self.tokens
        self.answers = self.decide(self.pairs, asked, self.tokens)
        self.tokens = None if self.tokens is None else self.tokens - self.answers.count(None)
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
        limit = data.draw(st.none() | st.integers(max(1, lines[0].price - 2), lines[0].price + 2))
        lines[0] = replace(lines[0], limit=limit, price=limit or lines[0].price)
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

    @counted(data=st.data(), bound=st.sampled_from(sorted(WIDE)), slack=st.integers(-1, 1))
    def one_is_asked_for_at_the_limit(self, data, bound, slack):
        """The account is just large enough for what is open and asked for, or a unit off."""
        pair = self.drawn(data)
        cost = self.limits.exit_cost_bps
        self.limits = Limits(**{**LOOSE, bound: 10_000}, exit_cost_bps=cost)
        self.equity = max(self.worst_of((*self.pairs, pair), pair)[bound]) + slack
        self.halted, self.tokens = False, None
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

    @counted(when=lambda self: self.pairs, index=INDEX, leg=st.integers(0, 1), lots=LOTS | st.just(0))
    def exit_is_sent(self, index, leg, lots):
        self.change(index, leg, leaving=lots)

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

    @counted(bounds=TIGHT, flying=st.integers(1, 5), lots=LOTS)
    def limits_change(self, bounds, flying, lots):
        self.asked = ()
        tight = {**WIDE, **bounds}
        self.limits = Limits(**tight, trades_in_flight=flying, order_quantity=lots, exit_cost_bps=13)

    @counted(collar=st.sampled_from([500, 1_000, 10**6]), notional=st.sampled_from([100, 10**6]))
    def limits_on_orders_change(self, collar, notional):
        self.asked = ()
        self.limits = replace(self.limits, collar_bps=collar, order_notional=notional)

    @counted(apart=st.sets(st.sampled_from(list(combinations(sorted(TICK_LOT_VALUES), 2)))))
    def correlations_change(self, apart):
        self.asked, self.apart = (), frozenset(apart)

    @counted(data=st.data(), tokens=st.integers(0, 1))
    def one_is_asked_for_with_few_messages_left(self, data, tokens):
        self.limits, self.equity, self.halted, self.tokens = Limits(**LOOSE), 10**5, False, tokens
        self.ask(self.drawn(data))

    @counted(tokens=st.none() | st.integers(0, 3))
    def messages_come_and_go(self, tokens):
        self.asked, self.tokens = (), tokens

    # ---- the recount -------------------------------------------------------------------------------

    def worst(self, line, state):
        """(signed lots, notional, heat) of a line when everything goes against it."""
        lots = max(abs(line.held) + line.working, line.planned if state != "over" else 0)
        value = lots * self.lot(line)
        exit_cost = ceil(Fraction(value * self.limits.exit_cost_bps, 10_000))
        if line.stop is None:
            loss = value
        else:
            loss = lots * TICK_LOT_VALUES[line.symbol] * max(0, (line.price - line.stop) * line.direction)
        direction = -line.direction if line.held < 0 and state == "over" else line.direction
        return direction * lots, value, loss + exit_cost

    def lot(self, line):
        """What a lot is worth now."""
        return (self.prices[line.symbol] or line.price) * TICK_LOT_VALUES[line.symbol]

    def net(self, line, state):
        """What a line may come to, bought less sold, whichever of its orders are filled."""
        adding = max(line.working, line.planned - abs(line.held) if state != "over" else 0)
        ends = [
            (line.held + more - less) * line.direction for more in (0, adding) for less in (0, line.leaving)
        ]
        return min(ends) * self.lot(line), max(ends) * self.lot(line)

    def cluster(self, symbol):
        """The symbols it moves together with, however far around."""
        found = {symbol}
        for _ in TICK_LOT_VALUES:
            found |= {
                other
                for other in TICK_LOT_VALUES
                if any(tuple(sorted((each, other))) not in self.apart for each in found - {other})
            }
        return found

    def worst_of(self, pairs, new=None):
        """Per limit the sums that it bounds: those that ``new`` touches, or all of them."""
        lines = [(pair, line, *self.worst(line, pair.state)) for pair in pairs for line in pair.lines]
        symbols = {line.symbol for line in new.lines} if new else set(TICK_LOT_VALUES)
        names = [new.signal.strategy] if new else ["even", "odd"]
        of = {name: [row[3] for row in lines if row[0].signal.strategy == name] for name in names}
        nets = [self.net(line, pair.state) for pair in pairs for line in pair.lines]
        gross = sum(row[3] for row in lines)
        return {
            "position_bps": [sum(row[3] for row in lines if row[1].symbol == each) for each in symbols],
            "strategy_bps": [sum(values) for values in of.values()],
            "gross_bps": [gross],
            "net_bps": [sum(high for _, high in nets), -sum(low for low, _ in nets)],
            "leverage_bps": [gross],
            "cluster_bps": [
                sum(row[3] for row in lines if row[1].symbol in self.cluster(each)) for each in symbols
            ],
            "heat_bps": [sum(row[4] for row in lines)],
        }

    def standing(self, pairs, new=None):
        """The limits on exposure that are exceeded."""
        reasons = {"position_bps": "POSITION_CAP", "strategy_bps": "STRATEGY_CAP", "leverage_bps": "LEVERAGE"}
        worst = self.worst_of(pairs, new)
        return {
            reasons.get(name) or ("HEAT" if name == "heat_bps" else f"{name[:-4].upper()}_EXPOSURE")
            for name, amounts in worst.items()
            if any(amount > Fraction(self.equity * getattr(self.limits, name), 10_000) for amount in amounts)
        }

    def breaches(self, pairs, new, tokens):
        """Every limit that would be exceeded if ``new`` came to the pairs; empty where it may."""
        if self.halted or self.equity is None:
            return {"HALTED"} if self.halted else {"PRICE_UNUSABLE"}
        found = self.standing((*pairs, new), new)
        for touched in {line.symbol for line in new.lines}:
            there = [
                self.worst(line, pair.state)[0]
                for pair in (*pairs, new)
                for line in pair.lines
                if line.symbol == touched
            ]
            if min(there) < 0 < max(there):
                found.add("OPPOSING_POSITION")
        if sum(pair.state != "over" for pair in (*pairs, new)) > self.limits.trades_in_flight:
            found.add("TRADES_IN_FLIGHT")
        return found | self.wrong_with_orders(new) | ({"MESSAGE_RATE"} if tokens == 0 else set())

    def wrong_with_orders(self, new):
        """What is wrong with its orders, whatever else is open."""
        found, entry = set(), new.lines[0]
        if any(line.planned > self.limits.order_quantity for line in new.lines):
            found.add("ORDER_SIZE")
        for line in new.lines:
            price = line.limit or self.prices[line.symbol] or line.price
            if line.planned * price * TICK_LOT_VALUES[line.symbol] > self.limits.order_notional:
                found.add("ORDER_NOTIONAL")
        market = self.prices[entry.symbol] or entry.price
        if entry.limit and abs(Fraction(entry.limit, market) - 1) > Fraction(self.limits.collar_bps, 10_000):
            found.add("PRICE_COLLAR")
        return found

    # ---- judgement ---------------------------------------------------------------------------------

    @judge
    def sums_are_those_of_the_plain_positions(self):
        total = self.summary(self.pairs).total
        worst = [(line, *self.worst(line, pair.state)) for pair in self.pairs for line in pair.lines]
        nets = [self.net(line, pair.state) for pair in self.pairs for line in pair.lines]
        assert total.gross == sum(value for _, _, value, _ in worst)
        assert total.heat == sum(heat for *_, heat in worst)
        assert (total.net_low, total.net_high) == tuple(map(sum, zip(*nets, strict=True))) if nets else True
        assert total.in_flight == sum(pair.state != "over" for pair in self.pairs)
        for symbol, long_lots, short_lots, value in total.exposures:
            there = [(lots, each) for line, lots, each, _ in worst if line.symbol == symbol]
            assert long_lots == sum(lots for lots, _ in there if lots > 0)
            assert short_lots == -sum(lots for lots, _ in there if lots < 0)
            assert value == sum(each for _, each in there)
        assert {symbol for symbol, *_ in total.exposures} == {line.symbol for line, lots, *_ in worst if lots}

    @judge
    def sums_that_are_kept_are_those_that_are_counted(self):
        pairs = sorted(self.pairs, key=lambda pair: (pair.signal.strategy, pair.number))
        trades, prices = tuple(as_trade(pair) for pair in pairs), tuple(sorted(self.prices.items()))
        assert sums.total(trades, prices, self.settings) == self.summary(self.pairs).total

    @judge
    def a_refusal_has_a_true_reason_and_what_is_let_in_exceeds_nothing(self):
        book, tokens = self.book, self.had
        for pair, reason in zip(self.asked, self.answers[: len(self.asked)], strict=True):
            breached = self.breaches(book, pair, tokens)
            assert (reason in breached) if reason else not breached, f"{reason} of {sorted(breached)}"
            book += (pair,) if reason is None else ()
            tokens = tokens - 1 if reason is None and tokens is not None else tokens

    @judge
    def a_batch_is_decided_as_one_after_the_other(self):
        book, tokens = self.book, self.had
        for pair, reason in zip(self.asked, self.answers[: len(self.asked)], strict=True):
            assert self.decide(book, [pair], tokens) == (reason,)
            book += (pair,) if reason is None else ()
            tokens = tokens - 1 if reason is None and tokens is not None else tokens

    @judge
    def the_order_of_the_other_trades_does_not_matter(self):
        assert self.summary(self.pairs[::-1]) == self.summary(self.pairs)
        assert self.decide(self.book[::-1], self.asked, self.had) == self.answers[: len(self.asked)]

    @judge
    def a_resend_is_stopped_by_a_halt_and_by_what_stands_beyond_a_limit(self):
        (answer,) = risk.decide(self.summary(self.pairs), self.limits, (Intent(SignalId("pairs", 0)),))
        if self.halted or self.equity is None:
            assert answer.reason == ("HALTED" if self.halted else "PRICE_UNUSABLE")
            return
        standing = self.standing(self.pairs)
        assert (answer.reason in standing) if standing else answer.reason is None
        self.see(*["resend refused"] * bool(standing))


def test_the_gate_agrees_with_a_recount_of_plain_positions():
    run(RiskMachine)
