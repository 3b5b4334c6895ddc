"""A state machine that asks a user's own risk gate, and recounts what it let in.

Subclass it, say the limits, and answer ``decide``; ``TestGate = MyMachine.TestCase`` is a test for pytest and
unittest. The rules drive; one invariant judges the last question, and asks it again in other words.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hedgecheck.errors import UsageError
from hedgecheck.machines import st as own
from hedgecheck.machines.gate import (
    GateLimits,
    GateOrder,
    GatePortfolio,
    Orders,
    excess,
    is_usable,
    measures,
    opening,
)
from hedgecheck.messages import Side
from hedgecheck.values import frozen, replace

SYMBOLS = ("AAA", "BBB", "CCC")
LOT, TICK = 0.001, 0.01
BEYOND = 1e-6  # of the equity that would be just enough
LITTLE = 0.01  # of a limit
WORKING_MAX = 8
TIMES = st.sampled_from([2.0, 5.0, 20.0, 100.0, 1.0, 0.7, 0.0, -0.5])
ORDINARY = 10_000.0  # what an account without exposure is measured by


@frozen
class Question:
    """What the gate was asked, and what it answered."""

    portfolio: GatePortfolio
    intents: Orders
    answers: tuple[bool, ...]

    @property
    def let_in(self) -> Orders:
        """The intents that may be sent."""
        return tuple(each for each, answer in zip(self.intents, self.answers, strict=False) if answer)


class RiskGateMachine(RuleBasedStateMachine):
    """A portfolio that grows by what the gate lets in.

    Amounts are whole multiples of 0.001, prices of 0.01. All orders count as filled at worst, at the prices
    of now. A gate may be stricter than ``limits``, but lets in what is below a hundredth of each.
    Raises ``UsageError`` where ``limits`` states nothing that could be passed, or ``decide`` is not there.
    """

    limits: ClassVar[GateLimits] = GateLimits()

    def decide(self, portfolio: GatePortfolio, intents: Orders) -> Sequence[bool]:
        """The gate under test: for each intent, in order, whether it may be sent. What is let in counts
        against those after it. It is a function of its arguments. Raises ``UsageError`` until a subclass
        answers."""
        raise UsageError(
            f"{type(self).__name__} has no decide. Write def decide(self, portfolio, intents) that asks your "
            "gate, and gives a bool for each intent."
        )

    def __init__(self) -> None:
        super().__init__()
        self.portfolio = GatePortfolio(100_000.0, tuple((symbol, 100.0) for symbol in SYMBOLS))
        self.asked: Question | None = None
        stated = list(self.limits.stated().values())
        if not stated or not min(stated) > 0:
            raise UsageError(
                f"{self.limits}: state at least one limit, each above 0, as in GateLimits(position=0.2)."
            )

    def _ask(self, portfolio: GatePortfolio, intents: Orders) -> Question:
        """The gate's answer."""
        self.asked = Question(portfolio, intents, tuple(map(bool, self.decide(portfolio, intents))))
        return self.asked

    def _change(self, **changes: Any) -> None:
        self.asked, self.portfolio = None, replace(self.portfolio, **changes)

    def _send(self, question: Question) -> None:
        """What was let in works from now on."""
        self.portfolio = replace(self.portfolio, working=(*self.portfolio.working, *question.let_in))

    # ---- rules --------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.portfolio.working) < WORKING_MAX)
    @rule(intents=own.batches(SYMBOLS, LOT))
    def some_are_asked_for(self, intents: Orders) -> None:
        """What the gate lets in is sent."""
        self._send(self._ask(self.portfolio, intents))

    @precondition(lambda self: len(self.portfolio.working) < WORKING_MAX)
    @rule(intents=own.batches(SYMBOLS, LOT), index=st.integers(0, 8))
    def some_are_asked_for_at_a_limit(self, intents: Orders, index: int) -> None:
        """The equity is just short of what one of the limits asks for, were all let in."""
        self._ask_at_a_limit(intents, index)

    @precondition(lambda self: 0 < len(self.portfolio.working) < WORKING_MAX)
    @rule(intents=own.batches(SYMBOLS, LOT), index=st.integers(0, 8), which=st.integers(0, WORKING_MAX))
    def some_are_asked_for_against_one_that_works(self, intents: Orders, index: int, which: int) -> None:
        """The same, of orders on the other side of one that works: it may fill last, or never."""
        order = self._taken(which)[0]
        side: Side = "sell" if order.side == "buy" else "buy"
        against = tuple(replace(each, symbol=order.symbol, side=side) for each in intents)
        self._ask_at_a_limit(against, index)

    def _ask_at_a_limit(self, intents: Orders, index: int) -> None:
        bounded = sorted(key for key in measures(self.portfolio) if key[0] in self.limits.stated())
        key = bounded[index % len(bounded)]
        wanted = measures(self.portfolio, intents)[key]
        assume(wanted > measures(self.portfolio)[key])
        self._change(equity=float(wanted) / self.limits.stated()[key[0]] * (1 - BEYOND), halted=False)
        self._send(self._ask(self.portfolio, intents))

    @rule(intent=own.orders(SYMBOLS, LOT), halted=st.sampled_from([False, True]))
    def little_is_asked_for(self, intent: GateOrder, halted: bool) -> None:
        """An empty account with equity for a thousand times as much; trading may be halted."""
        value = intent.amount * dict(self.portfolio.prices)[intent.symbol]
        equity = value * 1_000 / min(self.limits.stated().values())
        self._ask(GatePortfolio(equity, self.portfolio.prices, halted=halted), (intent,))

    @precondition(lambda self: self.portfolio.working)
    @rule(index=st.integers(0, WORKING_MAX), part=st.sampled_from([0.25, 0.5, 1.0]))
    def order_fills(self, index: int, part: float) -> None:
        """All of an order, or some lots of it."""
        order, others = self._taken(index)
        lots = max(1, int(order.amount / LOT * part))
        filled = min(order.amount, round(lots * LOT, 12))
        held = dict(self.portfolio.positions)
        sign = 1 if order.side == "buy" else -1
        held[order.symbol] = round(held.get(order.symbol, 0.0) + sign * filled, 12)
        left = round(order.amount - filled, 12)
        rest = (replace(order, amount=left),) if left > 0 else ()
        self._change(positions=tuple(sorted(held.items())), working=(*others, *rest))

    @precondition(lambda self: self.portfolio.working)
    @rule(index=st.integers(0, WORKING_MAX))
    def order_is_canceled(self, index: int) -> None:
        """An order works no longer."""
        self._change(working=self._taken(index)[1])

    @rule(symbol=st.sampled_from(SYMBOLS), price=own.prices(TICK))
    def price_moves(self, symbol: str, price: float) -> None:
        """One price is another."""
        self._change(prices=tuple(sorted({**dict(self.portfolio.prices), symbol: price}.items())))

    @rule(times=TIMES, halted=st.sampled_from([False, False, True]))
    def account_changes(self, times: float, halted: bool) -> None:
        """The equity becomes a multiple of what is at stake; trading is halted and goes on."""
        at_stake = float(measures(self.portfolio)["gross", "all symbols"])
        self._change(equity=times * (at_stake or ORDINARY), halted=halted)

    @rule(intents=own.batches(SYMBOLS, LOT), wrong=own.unusable(), place=st.integers(0, 3))
    def something_unusable_is_asked_about(self, intents: Orders, wrong: Any, place: int) -> None:
        """A number is none, where nothing else is in the way."""
        (name, _), *others = self.portfolio.prices
        portfolio = replace(self.portfolio, halted=False, equity=10.0**12)
        if place == 0:
            portfolio = replace(portfolio, equity=wrong)
        elif place == 1:
            portfolio = replace(portfolio, prices=((name, wrong), *others))
        elif place == 2:
            portfolio = replace(portfolio, working=(GateOrder(name, "buy", wrong),))
        else:
            intents = (replace(intents[0], amount=wrong), *intents[1:])
        self._ask(portfolio, intents)

    def _taken(self, index: int) -> tuple[GateOrder, Orders]:
        working = self.portfolio.working
        at = index % len(working)
        return working[at], (*working[:at], *working[at + 1 :])

    # ---- judgement ----------------------------------------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        """Judges the last question, once."""
        question, self.asked = self.asked, None
        if question is None:
            return
        asked, answered = len(question.intents), len(question.answers)
        assert asked == answered, f"{asked} intents were answered by {answered} bools"
        if not is_usable(question.portfolio, question.intents):
            self._judge_unusable(question)
            return
        self._judge_let_in(question)
        again = tuple(map(bool, self.decide(question.portfolio, question.intents)))
        assert again == question.answers, f"one question, two answers: {question.answers} and {again}"
        self._judge_larger(question)
        self._judge_little(question)

    def _judge_let_in(self, question: Question) -> None:
        """Nothing opens while trading is halted, and no limit is passed."""
        portfolio, let_in = question.portfolio, question.let_in
        opens = opening(portfolio, let_in)
        assert not (portfolio.halted and opens), f"trading is halted, and this was let in: {opens}"
        passed = excess(portfolio, self.limits, let_in)
        assert not passed, f"{passed}; let in were {let_in}, beside {portfolio}"

    def _judge_unusable(self, question: Question) -> None:
        """An order that is none is refused; and where the account cannot be counted, whatever opens."""
        portfolio, wrong = question.portfolio, question.let_in
        if is_usable(portfolio, ()):
            wrong = tuple(each for each in wrong if not is_usable(portfolio, (each,)))
        else:
            wrong = opening(portfolio, wrong)
        assert not wrong, f"there is no telling what this comes to, and it is let in: {wrong}, {portfolio}"

    def _judge_larger(self, question: Question) -> None:
        """What is refused is refused for twice as much too, where everything points the same way."""
        portfolio = question.portfolio
        for each in question.intents:
            other_way = any(working.side != each.side for working in portfolio.working)
            if portfolio.positions or other_way or any(self.decide(portfolio, (each,))):
                continue
            twice = replace(each, amount=2 * each.amount)
            larger = any(self.decide(portfolio, (twice,)))
            assert not larger, f"{each} is refused, and {twice} is let in, beside {portfolio}"

    def _judge_little(self, question: Question) -> None:
        """Of an empty account nothing is refused that comes to almost nothing."""
        portfolio, intents = question.portfolio, question.intents
        if portfolio.halted or portfolio.positions or portfolio.working or len(intents) > 1:
            return
        bounds = {name: LITTLE * part * portfolio.equity for name, part in self.limits.stated().items()}
        worst = measures(portfolio, intents)
        if all(value <= bounds[name] for (name, _), value in worst.items() if name in bounds):
            assert question.let_in, f"{intents} is below a hundredth of every limit, and is refused"
