"""Orders that asyncio does not have: they are those of real other loops, and what they break is a warning."""

import asyncio
import warnings

import pytest
import uvloop

import hedgecheck
from hedgecheck import faults
from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from tests.schedules.catalog import CORRECT

MILLISECOND = 0.001
RUNS = 20  # of the real loop, which a busy machine keeps from being on time now and then


async def timers(delays: tuple[float, ...]) -> list[float]:
    """The order in which timers set in this order fire."""
    loop, fired, done = asyncio.get_running_loop(), [], asyncio.Event()
    for delay in delays:
        loop.call_later(delay * MILLISECOND, fired.append, delay)
    loop.call_later(20 * MILLISECOND, done.set)
    await done.wait()
    return fired


async def timers_and_callbacks() -> list[str]:
    """A timer that is due, against callbacks that wait."""
    loop, seen, done = asyncio.get_running_loop(), [], asyncio.Event()

    def busy() -> None:
        loop.call_later(0, seen.append, "timer")
        loop.call_soon(seen.append, "callback")

    loop.call_soon(busy)
    loop.call_later(20 * MILLISECOND, done.set)
    await done.wait()
    return seen


def simulated(program, profile: str):
    """What a program sees on the simulated loop."""
    seen = []

    async def test(sim):
        seen.append(await program())

    with stage(test) as open_stage:
        open_stage.perform(Setting(faults.ALL, profile=profile), Choices())
    return seen[0]


@pytest.mark.parametrize("delays", [(1.4, 0.6, 0.9), (3.0, 1.0, 2.0), (0.4, 0.2, 1.2), (2.2, 1.8, 2.0)])
@pytest.mark.parametrize(("profile", "run"), [("asyncio", asyncio.run), ("uvloop", uvloop.run)])
def test_timers_fire_in_an_order_of_the_loop(delays, profile, run):
    order = simulated(lambda: timers(delays), profile)

    assert any(run(timers(delays)) == order for _ in range(RUNS))


@pytest.mark.parametrize(("profile", "run"), [("asyncio", asyncio.run), ("uvloop", uvloop.run)])
def test_due_timer_and_waiting_callback_run_in_an_order_of_the_loop(profile, run):
    order = simulated(timers_and_callbacks, profile)

    assert any(run(timers_and_callbacks()) == order for _ in range(RUNS))


@pytest.mark.parametrize("name", ["registers_first", "hands_over"])
def test_what_hangs_on_the_order_of_callbacks_holds_with_a_warning(name):
    verdict = hedgecheck.check(CORRECT[name].scenario, executions=200, portable=True)

    assert verdict.verdict == "holds"
    assert any("ready queue in another order" in note for note in verdict.notes)


def test_what_hangs_on_no_order_holds_without_a_warning():
    verdict = hedgecheck.check(CORRECT["pair_engine"].scenario, executions=100, portable=True)

    assert (verdict.verdict, verdict.notes) == ("holds", ())


def test_nothing_else_is_tried_unless_asked():
    verdict = hedgecheck.check(CORRECT["registers_first"].scenario, executions=200)

    assert (verdict.verdict, verdict.notes) == ("holds", ())


def test_decorated_test_warns():
    test = hedgecheck.verify(executions=100, portable=True)(CORRECT["hands_over"].scenario)

    with pytest.warns(hedgecheck.PortabilityWarning, match="no defect on asyncio"):
        test()


def test_quick_timer_relies_on_rounding_only_under_uvloop():
    """A bot that sets its later timer first is right on asyncio, wrong where both round to a millisecond."""

    async def test(sim):
        exchange, order = sim.exchange(), []
        loop = asyncio.get_running_loop()
        loop.call_later(1.4 * MILLISECOND, order.append, "second")
        loop.call_later(0.6 * MILLISECOND, order.append, "first")
        await asyncio.sleep(0.01)
        await exchange.create_order("BTC/USDT", "market", "buy", 1)
        assert order == ["first", "second"]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = hedgecheck.check(test, executions=20, portable=True)

    assert verdict.verdict == "holds"
    assert any("timers of uvloop" in note for note in verdict.notes)
