"""The machine for a user's risk gate: right gates pass, each wrong one is caught for what it does."""

import math
from dataclasses import replace
from fractions import Fraction

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from core import risk
from core.risk import Summary
from core.settings import Instrument, Limits, Settings
from hedgecheck.errors import UsageError
from hedgecheck.machines import GateLimits, GateOrder, GatePortfolio, RiskGateMachine
from hedgecheck.machines.gate import excess, is_usable, measures, opening
from stateful.pairs import Line, Pair, as_trade
from tests.unit.kit import gates

SETTING = hypothesis.settings(
    max_examples=60,
    stateful_step_count=20,
    phases=(hypothesis.Phase.generate,),  # what is found is not made small here
    deadline=None,
    database=None,
    derandomize=True,
)
SYMBOLS = ("AAA", "BBB", "CCC")
OTHER_LEG = Line("ZZZ", 1, 1, 1, None)
LOTS, TICKS = 1_000, 100  # of one unit
SIGNS = {"buy": 1, "sell": -1}
EVEN = GatePortfolio(1_000.0, (("AAA", 10.0), ("BBB", 1.0)))


def machine(asked, stated=gates.LIMITS):
    """The machine for a gate."""

    class Machine(RiskGateMachine):
        limits = stated

        def __init__(self):
            super().__init__()
            self.gate = asked()

        def decide(self, portfolio, intents):
            return self.gate.decide(portfolio, intents)

    return Machine


def tried(asked, setting=SETTING):
    """Runs the machine for a gate."""
    run_state_machine_as_test(machine(asked), settings=setting)


class CoreGate:
    """The bundled core's gate. Each position and each order is a pair whose second leg is next to nothing."""

    symbols = (*SYMBOLS, "ZZZ")
    wide = dict.fromkeys(("strategy_bps", "heat_bps", "leverage_bps", "cluster_bps"), 10**9)

    def decide(self, portfolio, intents):
        """A bool for each intent; what is no number stops here, as it does at the edge of the core."""
        if not is_usable(portfolio, ()):
            return [False] * len(intents)
        good = [number for number, each in enumerate(intents) if is_usable(portfolio, (each,))]
        reasons = dict(zip(good, self.reasons(portfolio, [intents[each] for each in good]), strict=True))
        return [reasons.get(number, "PRICE_UNUSABLE") is None for number in range(len(intents))]

    def reasons(self, portfolio, intents):
        """The core's answers."""
        prices = (*((symbol, round(price * TICKS)) for symbol, price in portfolio.prices), ("ZZZ", 1))
        settings = Settings(tuple(map(Instrument, self.symbols)), self.limits(self.money(portfolio)))
        total = risk.NOTHING
        for number, line in enumerate(self.open_lines(portfolio)):
            held = as_trade(Pair(number, (line, OTHER_LEG), "over"))
            total = risk.add(total, risk.contribute(held, prices, settings))
        asked = []
        for number, order in enumerate(intents):
            price = dict(prices)[order.symbol]
            line = Line(order.symbol, SIGNS[order.side], round(order.amount * LOTS), price, None)
            trade = as_trade(Pair(100 + number, (line, OTHER_LEG)), True)
            asked.append(risk.intent(trade, risk.contribute(trade, prices, settings), prices, settings))
        summary = Summary(self.money(portfolio), portfolio.halted, total)
        return [each.reason for each in risk.decide(summary, settings.limits, tuple(asked))]

    def limits(self, equity):
        """The limits of ``gates``, in the core's words."""
        orders = {"order_notional": max(0, equity // 10), "order_quantity": 10**12, "trades_in_flight": 10**6}
        return Limits(position_bps=2_000, gross_bps=10_000, net_bps=6_000, **orders, **self.wide)

    @staticmethod
    def open_lines(portfolio):
        """What is held, and what works."""
        for symbol, amount in portfolio.positions:
            if amount:
                lots = round(abs(amount) * LOTS)
                yield Line(symbol, 1 if amount > 0 else -1, 1, 1, None, held=lots)
        for order in portfolio.working:
            yield Line(order.symbol, SIGNS[order.side], 1, 1, None, working=round(order.amount * LOTS))

    @staticmethod
    def money(portfolio):
        """The equity in units of a lot at a tick."""
        return math.floor(Fraction(portfolio.equity) * LOTS * TICKS)


# ---- gates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("gate", [gates.Gate, CoreGate])
def test_right_gate_passes(gate):
    tried(gate)


@pytest.mark.parametrize(
    ("gate", "why"),
    [
        (gates.IgnoresRestingOrders, "may come to"),
        (gates.SeesEachOrderAlone, "may come to"),
        (gates.RoundsAtTheBoundary, "may come to"),
        (gates.NetsAgainstOrders, "may come to"),
        (gates.LetsUnusableNumbersThrough, "there is no telling"),
        (gates.IgnoresTheHalt, "trading is halted"),
        (gates.RefusesEverything, "below a hundredth of every limit"),
        (gates.ChangesItsMind, "one question, two answers"),
        (gates.AnswersOnce, "intents were answered by 1"),
    ],
)
def test_wrong_gate_is_caught(gate, why):
    with pytest.raises(AssertionError, match=why):
        tried(gate, hypothesis.settings(SETTING, max_examples=500))


def test_gate_that_lets_in_twice_of_what_it_refuses_is_caught_below_any_limit():
    class HasABand(gates.Gate):
        """Refuses two to four of anything."""

        def fits(self, portfolio, working, order):
            return super().fits(portfolio, working, order) and not 2 <= order.amount <= 4

    asked = machine(HasABand)()
    asked.some_are_asked_for(intents=(GateOrder("AAA", "buy", 3.0),))

    with pytest.raises(AssertionError, match=r"3\.0\) is refused, and .*6\.0\) is let in"):
        asked.everything_holds()


@pytest.mark.parametrize("stated", [GateLimits(None, None), GateLimits(position=0.0), GateLimits(math.nan)])
def test_limits_that_cannot_be_passed_are_refused(stated):
    with pytest.raises(UsageError, match="at least one limit"):
        machine(gates.Gate, stated)()


def test_machine_without_a_gate_says_what_to_write():
    with pytest.raises(UsageError, match="has no decide"):
        run_state_machine_as_test(RiskGateMachine, settings=SETTING)


# ---- the recount -----------------------------------------------------------------------------------


def test_worst_case_is_what_fills_in_one_direction_alone():
    portfolio = replace(EVEN, positions=(("AAA", 5.0),), working=(GateOrder("AAA", "sell", 20.0),))

    found = measures(portfolio, (GateOrder("AAA", "buy", 1.0), GateOrder("BBB", "sell", 30.0)))

    assert {name: int(value) for name, value in found.items()} == {
        ("position", "AAA"): 150,
        ("position", "BBB"): 30,
        ("gross", "all symbols"): 180,
        ("net", "all symbols"): 180,
        ("order", "the largest order"): 30,
    }


def test_limit_may_be_reached_and_not_passed():
    limits = GateLimits(position=0.2, gross=None)

    assert excess(EVEN, limits, (GateOrder("AAA", "buy", 20.0),)) == ""
    assert "AAA may come to 200.01" in excess(EVEN, limits, (GateOrder("AAA", "buy", 20.001),))


def test_what_stands_beyond_a_limit_may_be_reduced_and_not_added_to():
    beyond = replace(EVEN, positions=(("AAA", 50.0),))

    assert excess(beyond, GateLimits(), (GateOrder("AAA", "sell", 10.0),)) == ""
    assert "position: AAA" in excess(beyond, GateLimits(), (GateOrder("AAA", "buy", 0.001),))


def test_exits_together_are_no_more_than_the_position():
    portfolio = replace(EVEN, positions=(("AAA", 5.0),), working=(GateOrder("AAA", "sell", 2.0),))
    half = GateOrder("AAA", "sell", 1.5)

    assert opening(portfolio, (half, half)) == ()
    assert opening(portfolio, (half, half, half)) == (half,)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, None, -1.0, 0.0])
def test_amount_that_is_none_is_unusable_and_opens(wrong):
    order = GateOrder("AAA", "buy", wrong)

    assert not is_usable(EVEN, (order,))
    assert opening(EVEN, (order,)) == (order,)
