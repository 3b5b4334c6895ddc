"""Performs one execution of a small program, as a test of the simulator looks at it."""

from typing import Any, NamedTuple

import ccxt

import hedgecheck
from hedgecheck import faults
from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import Outcome, stage

NOTHING = faults.Plan(())
EVERYTHING = faults.ALL | faults.CRASHES

BTC = "BTC/USDT"
BUY = (BTC, "market", "buy", 1)


class Seen(NamedTuple):
    """What the program returned, and what the execution came to."""

    value: Any
    outcome: Outcome


def perform(body, *, plan=NOTHING, max_faults=1, strikes=None, moves=()):
    """One execution of ``async def body(sim)``; ``strikes`` says which variant of a fault strikes where: by
    (about, count) a number from 1. An error of the test's own is raised."""
    values = []

    async def test(sim):
        values.append(await body(sim))

    deviations = {("fault", *place): number for place, number in (strikes or {}).items()}
    with stage(test) as open_stage:
        setting = Setting(plan, max_faults, moves=moves)
        outcome = open_stage.perform(setting, Choices(None, deviations), tell=True)
    if outcome.error is not None:
        raise outcome.error
    return Seen(values[0] if values else None, outcome)


def answer_of(body, **how):
    """What the program returns, where no rule is asked for but that it ends."""

    async def unjudged(sim):
        sim.always(anything)
        return await body(sim)

    seen = perform(unjudged, **how)
    assert seen.outcome.failure is None, seen.outcome.failure
    ends = [line.text for line in seen.outcome.lines if line.text.startswith("ends with")]
    assert not ends, ends
    return seen.value


def seen_by(body, **how):
    """What the plain ``body(sim)`` returns in one execution that breaks no rule."""
    seen = []

    def test(sim):
        sim.always(anything)
        seen.append(body(sim))
        sim.exchange().create_order(*BUY)

    verdict = hedgecheck.check(test, executions=1, faults=None, **how)
    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    (value,) = seen
    return value


def failure_of(body, **how):
    """Id and reason of the rule that the program breaks by itself; None where it breaks none."""
    failure = perform(body, **how).outcome.failure
    return None if failure is None else (failure[0], failure[2])


def anything(ledger):
    """A rule that is never broken."""


async def error_of(awaitable):
    """The exception that it raises, of ccxt's family."""
    try:
        answer = await awaitable
    except ccxt.BaseError as error:
        return error
    raise AssertionError(f"no error, but {answer!r}")
