"""What waits in a plain test, and where it may."""

import asyncio
import queue
import signal
import threading
import time
from time import sleep

import pytest

import hedgecheck
from hedgecheck.simulate import watchdog
from hedgecheck.simulate.waiting import waiting
from tests.schedules.performing import BTC, BUY, seen_by

LOCK = threading.Lock()
REAL_SLEEP = time.sleep


# ---- time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pause", [lambda: sleep(60), lambda: time.sleep(60.0)])
def test_a_bot_that_polls_every_minute_for_an_hour_runs_at_once(pause) -> None:
    def body(sim):
        exchange, begun, polled = sim.exchange(), (time.time(), time.monotonic()), 0
        while sim.now() < 3600:
            exchange.fetch_ticker(BTC)
            polled += 1
            pause()
        return polled, time.time() - begun[0] >= 3600, time.monotonic() - begun[1] >= 3600

    assert seen_by(body) == (60, True, True)


def test_a_sleep_is_refused_where_the_real_one_refuses() -> None:
    def body(sim):
        with pytest.raises(ValueError, match="non-negative"):
            time.sleep(-1)
        sim.sleep(0)
        return sim.now()

    assert seen_by(body) == 0


def test_everything_that_was_replaced_is_back_afterwards() -> None:
    def names():
        return time.sleep, sleep, threading.Lock, threading.RLock, queue.SimpleQueue, LOCK, queue.time

    before = names()
    with waiting():
        during = names()

    assert names() == before
    assert all(one is not other for one, other in zip(before, during, strict=True))
    assert before[0] is REAL_SLEEP


# ---- locks and what is made of them ----------------------------------------------------------------------


def locks(sim):
    """Four calls that wait for each other, and what they say of it."""
    said, event, line, simple = [], threading.Event(), queue.Queue(), queue.SimpleQueue()

    def first():
        with LOCK:
            sim.sleep(10)
            said.append("first")
        line.put("from first")

    def second():
        sim.sleep(1)
        assert not LOCK.acquire(False)
        assert not LOCK.acquire(timeout=2)
        said.append(sim.now())
        with LOCK:
            said.append("second")
        event.set()
        simple.put("simply")

    def third():
        said.append((event.wait(5), sim.now()))
        said.append((event.wait(), line.get(), simple.get()))
        with pytest.raises(queue.Empty):
            line.get(timeout=7)
        said.append(sim.now())

    def fourth():
        condition = threading.Condition()
        with condition:
            said.append(condition.wait_for(lambda: sim.now() > 90, timeout=20))

    sim.concurrently(first, second, third, fourth)
    return said


def test_locks_events_conditions_and_queues_wait_in_virtual_time() -> None:
    assert seen_by(locks) == [
        3.0,
        (False, 5.0),
        "first",
        "second",
        (True, "from first", "simply"),
        17.0,
        False,
    ]


def test_a_lock_that_a_dead_process_waited_for_is_had_by_the_next() -> None:
    def body(sim):
        lock, said = threading.Lock(), []
        lock.acquire()

        class Bot:
            def start(self):
                with lock:
                    said.append("has it")

        sim.background(lambda: sim.process(Bot))
        sim.sleep(1)
        sim.crash()
        sim.sleep(1)
        lock.release()
        sim.sleep(1)
        return said

    assert seen_by(body) == ["has it"]


def test_a_lock_that_a_dead_process_held_is_free() -> None:
    def body(sim):
        said = []

        class Bot:
            def start(self):
                with LOCK:
                    said.append("has it")
                    if len(said) == 1:
                        sim.sleep(10)

        sim.background(lambda: sim.process(Bot))
        sim.sleep(1)
        sim.crash()
        sim.sleep(1)
        return said, LOCK.locked()

    assert seen_by(body) == (["has it", "has it"], False)
    assert not LOCK.locked()


class Held:
    """Something that is made before the test is, with a lock of its own."""

    def __init__(self):
        self.lock = threading.Lock()


@pytest.fixture(params=[signal.default_int_handler, signal.SIG_IGN], ids=["in front", "in the background"])
def interrupts(request):
    """What Ctrl-C does: a job in the background is without it."""
    before = signal.signal(signal.SIGINT, request.param)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_who_stands_at_a_real_lock_for_ever_is_told_so(monkeypatch) -> None:
    monkeypatch.setattr(watchdog, "PATIENCE_SECONDS", 0.2)
    held = Held()

    def test(sim):
        exchange = sim.exchange()

        def enter():
            with held.lock:
                exchange.create_order(*BUY)

        sim.concurrently(enter, enter)

    with pytest.raises(watchdog.NeverYields, match="Make a lock that it stands at where the bot is made"):
        hedgecheck.check(test, executions=3)


# ---- where nothing may wait ------------------------------------------------------------------------------


def in_a_rule(sim, ask):
    sim.always(lambda ledger: ask())


def in_a_callback(sim, ask):
    asyncio.get_running_loop().call_later(1, ask)
    sim.sleep(2)


def in_a_coroutine(sim, ask):
    async def asks():
        ask()

    asyncio.get_running_loop().create_task(asks())
    sim.sleep(2)


def in_an_owner(sim, ask):
    sim.attribute(lambda order: ask())


@pytest.mark.parametrize("place", [in_a_rule, in_a_callback, in_a_coroutine, in_an_owner])
@pytest.mark.parametrize("what", ["exchange", "sleep", "sim"])
def test_waiting_where_nothing_can_wait_is_refused(place, what) -> None:
    def test(sim):
        exchange = sim.exchange()
        ask = {
            "exchange": exchange.fetch_time,
            "sleep": lambda: time.sleep(1),
            "sim": lambda: sim.sleep(1),
        }[what]
        place(sim, ask)
        exchange.create_order(*BUY)

    with pytest.raises(hedgecheck.UsageError, match="where nothing can wait"):
        hedgecheck.check(test, executions=3, faults=None)


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="eager tasks came with Python 3.12")
def test_a_coroutine_that_begins_on_the_stack_of_the_test_cannot_wait_either() -> None:
    def test(sim):
        exchange = sim.exchange()

        async def asks():
            exchange.fetch_time()

        loop = asyncio.get_running_loop()
        asyncio.eager_task_factory(loop, asks())
        exchange.create_order(*BUY)

    with pytest.raises(hedgecheck.UsageError, match="where nothing can wait"):
        hedgecheck.check(test, executions=1)


def test_an_exchange_that_outlives_its_test_is_refused() -> None:
    kept = []
    seen_by(lambda sim: kept.append(sim.exchange()))

    with pytest.raises(hedgecheck.UsageError, match="when the test was over"):
        kept[0].fetch_time()


async def nothing():
    """A coroutine to run."""


REFUSED = {
    "asyncio.run": (lambda sim: asyncio.run(nothing()), hedgecheck.RealWorld, "Write async def"),
    "thread": (lambda sim: threading.Thread(target=int).start(), hedgecheck.RealWorld, "sim.concurrently"),
    "async call": (
        lambda sim: sim.concurrently(nothing),
        hedgecheck.UsageError,
        "^nothing gave .* Write async def",
    ),
    "async test": (lambda sim: nothing(), hedgecheck.UsageError, "^<lambda> gave .* Write async def"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_async_or_real_is_refused_with_a_cure(name: str, recwarn) -> None:
    body, error, cure = REFUSED[name]

    with pytest.raises(error, match=cure):
        hedgecheck.check(body, executions=3)

    assert [str(each.message) for each in recwarn.list if each.category is RuntimeWarning] == []
