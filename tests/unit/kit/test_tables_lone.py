"""The engine with one trade: it does what the engine does, and notes where the gate decided."""

from collections.abc import Callable
from typing import Any

import pytest

from hedgecheck.drive import BundledCore
from hedgecheck.explore.tables.lone import LoneEngine
from hedgecheck.messages import (
    Accepted,
    BadPrice,
    CreateOrder,
    Filled,
    Halt,
    Intent,
    Price,
    Rejected,
    Returned,
    StartTimer,
    StopTimer,
    TimerFired,
)
from tests.unit.kit.walks import alone, laned

SCOPE = alone(laned().scope, 0).scope
INTENT = SCOPE.intents[0]
OPEN = (Price("AAA", 100), Price("BBB", 100))
FILL = Filled("p1a1", "p1a1.1", "AAA", "buy", 1, 100)


class Counted(BundledCore):
    """The core, and how often it was asked."""

    steps = 0

    def step(self, state: Any, event: Any) -> Any:
        """As the core."""
        self.steps += 1
        return super().step(state, event)


class Said:
    """An engine whose state is what it was told last; it says what it was made with."""

    name = "said"
    stores_first = True

    def __init__(self, *commands: Any) -> None:
        self.commands = commands

    def initial(self, _scope: Any) -> str:
        """Nothing yet."""
        return ""

    def step(self, state: str, event: str) -> tuple[str, tuple[Any, ...]]:
        """Says it. One that refuses ends somewhere else when it is asked aloud, and says less when loudly."""
        if state == "refusing" and event == "ask":
            return "refused", self.commands
        if state == "refusing" and event == "say":
            return event, self.commands[:-1]
        return event, self.commands


class Whole:
    """Parts of a state that has none."""

    def refusing(self, _state: str) -> str:
        """See ``Parts``."""
        return "refusing"

    def neutral(self, state: str) -> str:
        """See ``Parts``."""
        return state


def lone(engine: Any = None, parts: Any = None, owner: Callable[[str], str] | None = None) -> LoneEngine:
    engine = engine or BundledCore()
    return LoneEngine(engine, parts or engine.parts(SCOPE), owner or BundledCore().owner)


def told(engine: LoneEngine, *events: Any) -> tuple[Any, tuple[Any, ...]]:
    """The state and the last commands after all of that; cleared before the last of them."""
    state, commands = engine.initial(SCOPE), ()
    for event in events:
        engine.asks = False
        state, commands = engine.step(state, event)
    return state, commands


# ---- where the gate decided ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "asks"),
    [
        ((INTENT,), True),
        ((INTENT, Accepted("p1a1")), False),
        ((INTENT, FILL), False),
        ((INTENT, Rejected("p1a1", "INSUFFICIENT_BALANCE")), False),
        ((INTENT, TimerFired("p1a1/timeout")), False),
        ((INTENT, Halt()), False),
        ((INTENT, INTENT), False),  # a duplicate is refused whatever the gate would say
        ((BadPrice("AAA", "nan"), INTENT), False),  # and so is what nobody can price
        ((Intent("p1", "AAA", "buy", 0, "BBB", "sell", 1),), False),
    ],
    ids=["signal", "accepted", "fill", "rejected", "timer", "halt", "duplicate", "no price", "no lots"],
)
def test_engine_asks_just_where_the_answer_of_the_gate_mattered(events: tuple[Any, ...], asks: bool) -> None:
    engine = lone()

    told(engine, *OPEN, *events)

    assert engine.asks is asks


def test_asking_is_noted_until_it_is_cleared_and_again_when_the_step_is_remembered() -> None:
    engine = lone()
    state, _ = told(engine, *OPEN)

    after, _ = engine.step(state, INTENT)
    engine.step(after, FILL)
    assert engine.asks

    engine.asks = False
    engine.step(state, INTENT)
    assert engine.asks


@pytest.mark.parametrize(("event", "asks"), [("ask", True), ("say", True), ("rest", False)])
def test_gate_mattered_where_the_state_or_the_commands_differ_without_it(event: str, asks: bool) -> None:
    engine = lone(Said(CreateOrder("p1a1", "AAA", "buy", 1)), Whole())

    told(engine, event)

    assert engine.asks is asks


def test_refusing_state_steps_to_what_the_gate_refused() -> None:
    engine = lone()
    state, _ = told(engine, *OPEN)

    after, commands = engine.step(engine.refusing(state), INTENT)

    assert [type(each) for each in commands] == [Returned]
    assert engine.neutral(after).trades == ()


def test_steps_come_with_what_the_gate_would_have_made_of_them() -> None:
    engine = lone()
    state, _ = told(engine, *OPEN, INTENT, FILL)

    steps = {event: (before, ways) for before, event, ways in engine.steps()}

    assert list(steps) == [*OPEN, INTENT, FILL]
    assert [len(ways) for _, ways in steps.values()] == [1, 1, 2, 1]
    assert steps[FILL][1][0][0] is state
    before, ((_, allowed), (_, refused)) = steps[INTENT]
    assert allowed == BundledCore().step(before, INTENT)[1]
    assert [type(each) for each in refused] == [Returned]


# ---- what it leaves out --------------------------------------------------------------------------------


def test_timers_of_nobody_are_left_out_and_all_else_is_said() -> None:
    kept = (
        CreateOrder("p1a1", "AAA", "buy", 1),
        StartTimer("p1a1/timeout", 5),
        StopTimer("p1/linger"),
        Returned("p1", True, "hedged"),
    )
    nobody = (StartTimer("rate", 5), StartTimer("cooldown:daily_loss#1", 5), StopTimer("daily_loss#1"))
    engine = lone(Said(*nobody[:1], *kept, *nobody[1:]), Whole())

    _, commands = told(engine, "rest")

    assert commands == kept


def test_timers_of_a_breaker_are_left_out_of_what_the_core_says() -> None:
    bare, commands = BundledCore(), told(lone(), *OPEN, Halt())[1]
    state = bare.initial(SCOPE)
    for event in OPEN:
        state, _ = bare.step(state, event)
    said = bare.step(state, Halt())[1]

    assert [each for each in said if isinstance(each, StartTimer)]
    assert commands == tuple(each for each in said if not isinstance(each, StartTimer))


# ---- what it remembers ---------------------------------------------------------------------------------


def test_step_is_taken_once_and_equal_states_are_one_object() -> None:
    core = Counted()
    engine = lone(core)
    state, _ = told(engine, *OPEN)
    before = core.steps

    first, again = engine.step(state, INTENT), engine.step(engine.initial(SCOPE), OPEN[0])
    twice = engine.step(state, INTENT)

    assert core.steps == before + 2  # the step, and the step with a gate that refuses
    assert first[0] is twice[0]
    assert engine.step(again[0], OPEN[1])[0] is state
    assert engine.neutral(state) is engine.neutral(state) is state


def test_belief_is_that_of_the_engine() -> None:
    engine = lone()
    state, _ = told(engine, *OPEN, INTENT, FILL)

    assert engine.belief(state) == BundledCore().belief(state)
    assert engine.belief(state) is engine.belief(state)
    assert engine.belief(engine.initial(SCOPE)) == BundledCore().belief(engine.initial(SCOPE))
