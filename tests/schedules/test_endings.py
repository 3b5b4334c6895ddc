"""However an execution ends, the verdict says so, and the next execution and the process are as they were."""

import asyncio
import gc
import logging
import os
import random
import sys
import threading
import time

import pytest

from hedgecheck.errors import HedgecheckError
from hedgecheck.simulate import execution, loop, watchdog
from hedgecheck.simulate.clock import EPOCH_SECONDS
from hedgecheck.simulate.watchdog import LOOKS, STARVED, NeverYields
from tests.schedules.endings import (
    ABRUPT,
    ALL,
    BROKEN,
    HARMLESS,
    KEPT,
    RAISES,
    background,
    checked,
    nothing,
    spin,
)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "PATIENCE_SECONDS", 0.2)
    for module in (loop, execution):
        monkeypatch.setattr(module, "STEPS_MAX", 500)


def outcome_of(program):
    """What a check says or raises, in one text."""
    try:
        verdict = checked(program)
    except HedgecheckError as error:
        return f"{type(error).__name__}: {error}"
    return " ".join([verdict.verdict, *(each.why for each in verdict.counterexamples)])


# ---- verdicts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", BROKEN)
def test_an_engine_that_ends_badly_is_broken_and_the_verdict_says_how(program) -> None:
    verdict = checked(program)

    assert verdict.verdict == "broken"
    assert [each.invariant for each in verdict.counterexamples] == ["I15"]
    assert BROKEN[program] in verdict.counterexamples[0].why


@pytest.mark.parametrize("program", RAISES)
def test_an_engine_that_cannot_be_simulated_is_an_error_that_says_why(program) -> None:
    with pytest.raises(HedgecheckError) as caught:
        checked(program)

    assert RAISES[program] in str(caught.value)


@pytest.mark.parametrize("program", ABRUPT)
def test_an_engine_that_stops_everything_is_broken_and_the_verdict_says_how(program) -> None:
    try:
        verdict = checked(program)
    except SystemExit:
        pytest.fail("it ended the campaign")

    assert verdict.verdict == "broken"
    assert ABRUPT[program] in verdict.counterexamples[0].why


def test_an_engine_that_never_yields_is_told_where_it_blocks() -> None:
    with pytest.raises(NeverYields, match=r"at endings\.py:\d+\. Await in its loops"):
        checked(spin)


@pytest.mark.parametrize(
    ("cpu_seconds", "looks"),
    [(0.0, LOOKS), (0.002, LOOKS), (0.003, STARVED * LOOKS), (0.099, STARVED * LOOKS), (0.1, LOOKS)],
)
def test_patience_is_longer_with_an_engine_that_had_little_of_the_processor(cpu_seconds, looks) -> None:
    """Patience is 0.2 s here: so much of the processor is half of it, or next to nothing, or in between."""
    assert watchdog.is_too_long(looks, cpu_seconds)
    assert not watchdog.is_too_long(looks - 1, cpu_seconds)


def test_an_assertion_of_the_test_that_fails_is_broken() -> None:
    async def program(sim):
        assert sim.now() < 0, "it is late"

    verdict = checked(program)

    assert [each.invariant for each in verdict.counterexamples] == ["assertion"]
    assert verdict.verdict == "broken"


@pytest.mark.parametrize("program", HARMLESS)
def test_an_engine_that_leaves_something_behind_holds(program) -> None:
    assert checked(program).verdict == "holds"


def test_verdicts_are_the_same_in_any_order() -> None:
    chosen = [*BROKEN, *HARMLESS][::3]
    forwards = [outcome_of(program) for program in chosen]
    backwards = [outcome_of(program) for program in reversed(chosen)]

    assert forwards == backwards[::-1]


# ---- nothing leaks -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def _everything_is_loaded() -> None:
    checked(nothing)  # what ccxt does while it is loaded is its own affair


def state_of_the_process() -> dict[str, object]:
    gc.collect()  # which in Python 3.12 also freezes what is immortal
    return {
        "threads": threading.enumerate(),
        "collector": (gc.isenabled(), gc.get_freeze_count(), gc.callbacks[:]),
        "random": random.getstate(),
        "urandom": os.urandom,
        "logging": logging.root.manager.disable,
        "clocks": (time.time, time.monotonic, time.monotonic_ns, time.perf_counter),
        "loop": asyncio._get_running_loop(),
        "generators": sys.get_asyncgen_hooks(),
    }


@pytest.mark.parametrize("program", ALL)
def test_nothing_of_an_engine_stays_and_a_correct_one_holds_afterwards(
    program, capfd, caplog, recwarn, tmp_path
) -> None:
    random.seed(program.__name__)  # another state than that in which every execution begins
    before = state_of_the_process()
    recwarn.clear()  # of what tests before this one have left

    outcome_of(program)
    KEPT.clear()

    assert state_of_the_process() == before
    (tmp_path / "now").touch()
    assert time.time() == pytest.approx((tmp_path / "now").stat().st_mtime, abs=3600)
    assert time.time() > EPOCH_SECONDS + 86_400
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert [str(each.message) for each in recwarn.list] == []
    assert checked(nothing).verdict == "holds"


@pytest.mark.parametrize("enabled", [False, True])
def test_the_collector_is_on_afterwards_only_if_it_was_before(enabled: bool) -> None:
    was = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        checked(nothing)
        after = gc.isenabled()
    finally:
        (gc.enable if was else gc.disable)()

    assert after == enabled


def test_the_collector_walks_over_what_a_check_leaves_and_not_over_all_that_lives() -> None:
    walks = []
    gc.collect()
    before = gc.get_freeze_count()

    def watch(phase: str, told: dict[str, int]) -> None:
        if phase == "start" and told["generation"] == 2:
            walks.append("what it leaves" if gc.get_freeze_count() > before else "all")

    gc.disable()  # or it may come by itself
    gc.callbacks.append(watch)
    try:
        checked(nothing)
    finally:
        gc.callbacks.remove(watch)
        gc.enable()

    assert set(walks) == {"what it leaves"}


def test_generators_of_an_execution_are_closed_when_it_ends_or_when_nobody_holds_them() -> None:
    closed = []

    async def program(sim):
        async def numbers(name):
            try:
                yield 1
            finally:
                closed.append((name, sim.now() > 0))

        kept = numbers("kept")
        KEPT.append(kept)
        await anext(kept)
        async for _ in numbers("dropped"):
            break
        await sim.sleep(1)
        closed.append("goes on")

    checked(program, executions=1)
    KEPT.clear()

    assert closed == [("dropped", True), "goes on", ("kept", True)]


def test_nothing_of_one_execution_runs_in_the_next() -> None:
    running, seen = set(), []

    async def program(sim):
        number = len(seen)
        seen.append(frozenset(running))

        async def poll():
            while True:
                running.add(number)
                await sim.sleep(1)

        running.clear()
        background(poll())
        await sim.sleep(10)
        assert running == {number}

    assert checked(program, executions=5).verdict == "holds"
    KEPT.clear()
