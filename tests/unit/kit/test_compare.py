"""I20: what two executions of one tape say, the comparison that makes them, and engines that interfere."""

from typing import Any

import pytest

from hedgecheck import faults
from hedgecheck.drive import BundledCore
from hedgecheck.errors import NotApplicable
from hedgecheck.explore import scopes
from hedgecheck.explore.compare import OTHER, compare, roomy, with_other
from hedgecheck.explore.watch import Tally
from hedgecheck.invariants import Step, non_interference
from hedgecheck.messages import (
    Accepted,
    CancelOrder,
    CreateOrder,
    FetchOrder,
    Intent,
    Price,
    Returned,
    Sent,
    Signaled,
    Told,
)
from hedgecheck.simulate.judge import Judge
from tests.unit.kit.traces import alert, buy, intent, is_broken, judge, placed, signaled

OWN = (intent(),)
OTHERS = Signaled(intent("u1"))


def own(*records: Any, action: str = "signal") -> Step:
    return Step(True, action, records)


def between(*records: Any, action: str = "signal u1") -> Step:
    return Step(False, action, records)


TAPE = (own(signaled(), Sent(buy())), own(*placed(buy()), action="receive"))


def says(alone: tuple[Step, ...], beside: tuple[Step, ...]) -> str:
    finding = non_interference.compared(OWN, alone, beside)
    return finding.why if is_broken(finding) else finding


# ---- the rule --------------------------------------------------------------------------------------------


def test_smallest_good_and_bad_pair() -> None:
    alone = (own(signaled()),)

    assert says(alone, (between(OTHERS), own(signaled()))) == "holds"
    assert "leads to" in says(alone, (between(OTHERS), own(signaled(), Sent(buy()))))
    assert says(alone, (own(signaled()),)) == says((), ()) == "vacuous"


@pytest.mark.parametrize(
    ("beside", "why"),
    [
        ((between(OTHERS), own(signaled(), Sent(buy("Z"))), TAPE[1]), "beside another intent to"),
        ((between(OTHERS), own(signaled()), TAPE[1]), "alone only"),
        ((between(OTHERS), own(*TAPE[0].records, Sent(buy("Z"))), TAPE[1]), "beside another intent only"),
        ((between(OTHERS), own(), TAPE[1]), "alone only"),
        ((between(OTHERS), TAPE[0]), "2 steps alone are 1"),
        ((between(OTHERS), *TAPE, TAPE[1]), "2 steps alone are 3"),
        ((between(OTHERS), TAPE[0], own(*TAPE[1].records, action="fire")), "becomes fire"),
    ],
)
def test_step_of_the_tape_that_differs_is_interference(beside: tuple[Step, ...], why: str) -> None:
    assert why in says(TAPE, beside)


@pytest.mark.parametrize(
    "record",
    [
        Sent(CancelOrder("X")),
        Sent(FetchOrder("X")),
        Sent(CreateOrder("new", "AAA", "buy", 1, intent="p1")),
        Told(Accepted("X")),
        Accepted("X"),
        Returned("p1", False, "HALTED"),
        alert("p1"),
        signaled(),
    ],
)
def test_step_of_the_other_intent_says_nothing_of_the_tapes(record: Any) -> None:
    assert "of another intent leads to" in says(TAPE, (between(record), *TAPE))
    assert says(TAPE, (own(record), *TAPE)) != "holds"


@pytest.mark.parametrize(
    "record", [Price("UUU", 100), Told(Price("UUU", 100)), alert("u1"), Sent(CancelOrder("u1a1"))]
)
def test_step_of_the_other_intent_may_say_anything_of_itself(record: Any) -> None:
    assert says(TAPE, (between(record), *TAPE)) == "holds"


def test_rule_is_the_twentieth_and_compares() -> None:
    assert (non_interference.id, non_interference.name) == ("I20", "non_interference")
    assert non_interference.kind == "compared"


def test_one_execution_says_nothing() -> None:
    assert judge(non_interference, (signaled(), *placed(buy()))) == "vacuous"


@pytest.mark.parametrize("ask", ["always", "eventually"])
def test_rule_of_two_executions_cannot_be_asked_of_one(ask: str) -> None:
    simulated = Judge(None, Tally(), {})
    within = {} if ask == "always" else {"within_seconds": 1.0}

    with pytest.raises(NotApplicable, match="compares two executions"):
        getattr(simulated, ask)(non_interference, **within)


# ---- the two settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 40))
def test_nothing_is_shared_that_could_run_short_or_strike_both(seed: int) -> None:
    scope = roomy(scopes.draw(seed))

    assert scope.house.account == "margin"
    assert (scope.max_crashes, scope.halts, scope.timers) == (0, 0, "any")
    assert not {*scope.faults} & {*faults.CRASHES}
    assert scope.bounds.trades_in_flight > len(scope.intents)
    assert scope.cash >= 1_000_000 * sum(each.amount_a + each.amount_b for each in scope.intents)


def test_other_intent_comes_last_on_symbols_of_its_own() -> None:
    scope = scopes.plain()
    more = with_other(scope)

    assert more.intents == (*scope.intents, OTHER)
    assert more.prices[: len(scope.prices)] == scope.prices
    own_symbols = {symbol for symbol, _ in scope.prices}
    assert {each.symbol for each in more.house.markets} - own_symbols == {OTHER.symbol_a, OTHER.symbol_b}
    assert {symbol for symbol, _ in more.prices} == {each.symbol for each in more.house.markets}


# ---- engines ---------------------------------------------------------------------------------------------


class Wrapped(BundledCore):
    """The bundled core with something of its own beside its state."""

    def initial(self, scope: Any) -> Any:
        return super().initial(scope), 0

    def step(self, state: Any, event: Any) -> Any:
        inner, count = state
        after, commands = super().step(inner, event)
        return (after, count + 1), commands

    def belief(self, state: Any) -> Any:
        return super().belief(state[0])


class Forgetful(Wrapped):
    """Swallows every tenth thing that it is told, whoever it is about."""

    def step(self, state: Any, event: Any) -> Any:
        inner, count = state
        if count % 10 == 9 and not isinstance(event, (Intent, Price)):
            return (inner, count + 1), ()
        return super().step(state, event)


class Jealous(Wrapped):
    """Cancels an order of another intent when the other one comes."""

    def step(self, state: Any, event: Any) -> Any:
        after, commands = super().step(state, event)
        if isinstance(event, Intent) and event.id == OTHER.id:
            return after, (*commands, CancelOrder("p1a1"))
        return after, commands


class Confused(Wrapped):
    """Holds for the first what it holds for the other."""

    def belief(self, state: Any) -> Any:
        belief = super().belief(state)
        moved = tuple(("AAA" if symbol == "UUU" else symbol, lots) for symbol, lots in belief.positions)
        return type(belief)(belief.cash, moved, belief.orders)


def found(engine: BundledCore, seeds: range) -> list[str]:
    """What the comparisons found that did not hold."""
    findings = [compare(engine, seed).finding for seed in seeds]
    return [each.why for each in findings if is_broken(each)]


def test_core_does_the_same_for_its_intents_beside_another() -> None:
    results = [compare(BundledCore(), seed) for seed in range(1, 120)]

    assert [each.finding for each in results if is_broken(each.finding)] == []
    assert sum(each.finding == "holds" for each in results) > 100
    assert sum(each.beside - each.alone for each in results) > 1_000


@pytest.mark.parametrize("engine", [Forgetful(), Jealous(), Confused()], ids=lambda each: type(each).__name__)
def test_engine_that_lets_one_intent_touch_another_is_found(engine: BundledCore) -> None:
    assert found(engine, range(1, 40))


def test_engine_with_a_memory_of_its_own_is_not_blamed_for_it() -> None:
    assert found(Wrapped(), range(1, 40)) == []


def test_same_seed_is_the_same_comparison() -> None:
    assert compare(BundledCore(), 7) == compare(BundledCore(), 7)
