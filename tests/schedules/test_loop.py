"""The simulated loop by itself: CPython's order, virtual time, stable sets of tasks, and whole threads."""

import asyncio
import inspect
import time
from contextlib import suppress
from contextvars import ContextVar

import pytest

from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.loop import REFUSED, Process, SimLoop, process_of
from hedgecheck.simulate.perform import stage
from tests.schedules.cpython import Nothing
from tests.schedules.performing import NOTHING

YEAR_SECONDS = 365 * 86_400


class Threads(Nothing):
    """A world in which a thread's work is done only when nothing else is ready, the last one first."""

    def __init__(self):
        self.waiting = []

    def wait(self, loop, due):
        if self.waiting:
            self.waiting.pop()()
        else:
            super().wait(loop, due)

    def add_thread(self, loop, run):
        self.waiting.append(run)


def run(program, *, world=None, order=0):
    """What an async function returns on a loop of its own."""
    loop = SimLoop(world or Nothing(), order)
    try:
        return loop.run_until_complete(program())
    finally:
        loop.bury()


# ---- order and time ------------------------------------------------------------------------------------


def test_callbacks_run_in_the_order_in_which_they_were_called_soon() -> None:
    async def program():
        seen = []
        loop = asyncio.get_running_loop()
        loop.call_soon(seen.append, 1)
        loop.call_soon(loop.call_soon, seen.append, 4)
        loop.call_soon(seen.append, 2)
        loop.call_soon_threadsafe(seen.append, 3)
        await asyncio.sleep(1)
        return seen

    assert run(program) == [1, 2, 3, 4]


def test_tasks_take_turns_in_the_order_of_their_creation() -> None:
    async def program():
        seen = []

        async def count(name):
            for turn in range(3):
                seen.append((turn, name))
                await asyncio.sleep(0)

        await asyncio.gather(*(count(name) for name in "abc"))
        return seen

    assert run(program) == [(turn, name) for turn in range(3) for name in "abc"]


def test_timers_fire_in_the_order_of_their_times() -> None:
    async def program():
        seen = []
        loop = asyncio.get_running_loop()
        for delay in (3, 1, 0.5, 2, 1e-6):
            loop.call_later(delay, lambda delay=delay: seen.append((delay, loop.time())))
        await asyncio.sleep(4)
        return seen

    assert run(program) == [(delay, delay) for delay in (1e-6, 0.5, 1, 2, 3)]


def test_a_cancelled_timer_neither_fires_nor_holds_the_time_back() -> None:
    async def program():
        seen = []
        loop = asyncio.get_running_loop()
        loop.call_later(1, seen.append, "cancelled").cancel()
        await asyncio.sleep(5)
        return seen, loop.time()

    assert run(program) == ([], 5)


def test_callbacks_that_are_ready_run_before_a_timer_that_is_due() -> None:
    async def program():
        seen = []
        loop = asyncio.get_running_loop()
        loop.call_later(0, seen.append, "timer")
        loop.call_soon(seen.append, "soon")
        await asyncio.sleep(1)
        return seen

    assert run(program) == ["soon", "timer"]


@pytest.mark.parametrize("seconds", [1e-9, 0.1, 3600.0, YEAR_SECONDS, 30 * YEAR_SECONDS])
def test_virtual_time_jumps_to_the_timer_within_a_few_iterations(seconds) -> None:
    async def program():
        loop = asyncio.get_running_loop()
        for _ in range(3):
            await asyncio.sleep(seconds)
        return loop.time(), loop.steps

    now, steps = run(program)

    assert now == pytest.approx(3 * seconds)
    assert steps < 12


def test_a_timer_after_years_fires_neither_early_nor_with_a_later_one() -> None:
    async def program():
        loop = asyncio.get_running_loop()
        await asyncio.sleep(10 * YEAR_SECONDS)
        seen, begin = [], loop.time()
        for delay in (0.002, 0.001):
            loop.call_later(delay, lambda delay=delay: seen.append((delay, loop.time() >= begin + delay)))
        await asyncio.sleep(0.0015)
        return list(seen), loop.time() - begin

    seen, taken = run(program)

    assert seen == [(0.001, True)]
    assert taken == pytest.approx(0.0015, abs=1e-6)


def test_a_loop_with_nothing_left_to_do_stops_and_does_not_spin() -> None:
    loop = SimLoop(Nothing())

    with pytest.raises(RuntimeError, match="stopped before Future completed"):
        loop.run_until_complete(loop.create_future())

    assert loop.steps < 3
    loop.bury()


def test_timeouts_count_virtual_seconds() -> None:
    async def program():
        try:
            async with asyncio.timeout(7200):
                await asyncio.Event().wait()
        except TimeoutError:
            return asyncio.get_running_loop().time()

    assert run(program) == 7200


# ---- sets of tasks ---------------------------------------------------------------------------------------


def names_of_set(order):
    async def program():
        async def done():
            return None

        tasks = [asyncio.create_task(done(), name=f"t{number}") for number in range(6)]
        finished, _ = await asyncio.wait(tasks)
        return [task.get_name() for task in finished]

    return run(program, order=order)


def test_a_set_of_tasks_is_in_the_order_of_their_creation() -> None:
    assert names_of_set(0) == [f"t{number}" for number in range(6)]


@pytest.mark.parametrize("order", [1, 7, 11])
def test_order_permutes_sets_of_tasks_the_same_way_every_time(order) -> None:
    first = names_of_set(order)

    assert sorted(first) == names_of_set(0)
    assert first != names_of_set(0)
    assert all(names_of_set(order) == first for _ in range(20))


def test_task_group_cancels_its_tasks_in_an_order_that_is_stable() -> None:
    async def program():
        seen = []

        async def wait(name):
            try:
                await asyncio.Event().wait()
            finally:
                seen.append(name)

        async def fail():
            await asyncio.sleep(1)
            raise ValueError

        with suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                for name in "abcde":
                    group.create_task(wait(name))
                group.create_task(fail())
        return seen

    assert run(program) == list("abcde")
    assert {tuple(run(program, order=7)) for _ in range(20)} == {tuple(run(program, order=7))}


def test_tasks_are_named_by_their_place_in_the_family() -> None:
    async def program():
        async def child():
            grandchild = asyncio.create_task(asyncio.sleep(0))
            await grandchild
            return asyncio.current_task().lineage, grandchild.lineage

        return asyncio.current_task().lineage, await asyncio.gather(child(), child())

    assert run(program) == ("1", [("1.1", "1.1.1"), ("1.2", "1.2.1")])


# ---- threads -----------------------------------------------------------------------------------------------

WHO: ContextVar[str] = ContextVar("who", default="nobody")


def test_thread_work_runs_whole_at_the_moment_the_world_chooses() -> None:
    async def program():
        seen = []
        loop = asyncio.get_running_loop()

        def work(name):
            seen.extend([f"{name} begins", f"{name} ends"])
            return name

        one, two = loop.run_in_executor(None, work, "one"), asyncio.to_thread(work, "two")
        second = asyncio.create_task(two)
        for _ in range(5):
            await asyncio.sleep(0)
        seen.append("waits")
        return await asyncio.gather(one, second), seen

    assert run(program, world=Threads()) == (
        ["one", "two"],
        ["waits", "two begins", "two ends", "one begins", "one ends"],
    )


def test_thread_work_has_context_variables_of_its_caller_only_by_to_thread_as_in_asyncio() -> None:
    async def program():
        WHO.set("bot")

        def work():
            seen = WHO.get("nobody")
            WHO.set("thread")
            return seen

        by_hand = await asyncio.get_running_loop().run_in_executor(None, work)
        return by_hand, await asyncio.to_thread(work), WHO.get()

    assert run(program, world=Threads()) == asyncio.run(program()) == ("nobody", "bot", "bot")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [(ValueError("bad"), ValueError), (StopIteration(1), RuntimeError), (SystemExit(3), SystemExit)],
)
def test_what_thread_work_raises_is_raised_where_it_is_awaited(raised, expected) -> None:
    async def program():
        def work():
            raise raised

        with pytest.raises(expected):
            await asyncio.get_running_loop().run_in_executor(None, work)
        return "goes on"

    assert run(program, world=Threads()) == "goes on"


def test_cancelled_thread_work_never_runs() -> None:
    async def program():
        seen = []
        work = asyncio.get_running_loop().run_in_executor(None, seen.append, "ran")
        work.cancel()
        await asyncio.sleep(1)
        return seen

    assert run(program, world=Threads()) == []


def test_thread_work_of_a_dead_process_never_runs() -> None:
    async def program():
        seen, process, loop = [], Process("bot"), asyncio.get_running_loop()

        async def bot():
            process_of.set(process)
            await asyncio.to_thread(seen.append, "ran")

        asyncio.create_task(bot())  # noqa: RUF006
        await asyncio.sleep(0)
        loop.kill(process)
        await asyncio.sleep(1)
        return seen

    assert run(program, world=Threads()) == []


def test_thread_of_a_simulated_bot_takes_virtual_time_only() -> None:
    async def test(sim):
        begin = sim.now()
        await asyncio.to_thread(int)
        seen.append((sim.now() - begin, time.time()))

    seen = []
    with stage(test) as open_stage:
        for _ in range(3):
            open_stage.perform(Setting(NOTHING), Choices())

    assert len(set(seen)) == 1
    assert 0 < seen[0][0] <= 1


# ---- completeness ----------------------------------------------------------------------------------------


def test_every_method_of_a_loop_is_simulated_or_refused() -> None:
    abstract = asyncio.AbstractEventLoop
    open_methods = [
        name
        for name in vars(abstract)
        if not name.startswith("_")
        and name not in REFUSED
        and getattr(SimLoop, name) is getattr(abstract, name)
    ]

    assert open_methods == []


def test_everything_that_a_loop_does_with_the_outside_is_refused() -> None:
    ends_itself = {"shutdown_asyncgens", "shutdown_default_executor", "run_in_executor"}
    outside = {
        name
        for name, method in vars(asyncio.AbstractEventLoop).items()
        if inspect.iscoroutinefunction(method)
    }

    assert outside - ends_itself - set(REFUSED) == set()
