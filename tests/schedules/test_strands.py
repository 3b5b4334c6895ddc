"""Synchronous code that never gets to its end: nothing more of it runs, and nothing of it is left behind."""

import asyncio
import gc
import time
from contextlib import suppress

import ccxt
import pytest

import hedgecheck
from hedgecheck import faults
from hedgecheck.simulate.bridge import Strand
from hedgecheck.simulate.waiting import Lock
from tests.schedules.performing import anything

BTC = "BTC/USDT"
BUY = (BTC, "market", "buy", 1)
REST = 100  # seconds, by when everything under way has come to rest


class Recorder:
    """A bot that says what of it runs, in a list that outlives it."""

    def __init__(self, sim, said, work):
        self.sim, self.said, self.work = sim, said, work

    def start(self):
        self.said.append("begins")
        try:
            self.work(self.sim)
        except BaseException as error:
            self.said.append(f"except {type(error).__name__}")
            raise
        finally:
            self.said.append("finally")
        self.said.append("ends")


def sleeps(sim):
    time.sleep(10)


def orders(sim):
    sim.exchange().create_order(*BUY)
    sim.sleep(10)


def calls(sim):
    sim.concurrently(lambda: sim.sleep(10), lambda: orders(sim))


def generates(sim):
    def numbers():
        while True:
            yield 1
            sim.sleep(10)

    for _ in numbers():
        pass


def waits(sim):
    lock = Lock()
    with lock, lock:
        pass


@pytest.mark.parametrize("work", [sleeps, orders, calls, generates, waits])
@pytest.mark.parametrize("after", [0.01, 0.03, 5])
def test_no_except_and_no_finally_of_a_dead_process_runs(work, after) -> None:
    seen = []

    def test(sim):
        first, later = [], []
        sim.always(anything)
        sim.background(
            lambda: sim.process(lambda: Recorder(sim, later if first else first, sleeps if first else work))
        )
        sim.sleep(after)
        before = list(first)
        sim.crash()
        sim.sleep(REST)
        seen.append((before, list(first), list(later)))

    hedgecheck.check(test, executions=1, faults=None)

    assert seen == [(["begins"], ["begins"], ["begins", "finally", "ends"])]


def test_a_call_of_a_process_dies_with_it() -> None:
    seen = []

    def test(sim):
        said = []
        sim.always(anything)
        sim.process(lambda: Recorder(sim, [], lambda sim: None))
        sim.background(lambda: (sim.sleep(10), said.append("goes on")))
        heard = sim.concurrently(lambda: sim.sleep(10) or 5, lambda: sim.sleep(1) or sim.crash())
        sim.sleep(REST)
        seen.append((said, heard))

    hedgecheck.check(test, executions=1, faults=None)

    assert seen == [([], [None, None])]


@pytest.mark.parametrize(
    ("error", "caught"),
    [(hedgecheck.UsageError, hedgecheck.UsageError), (AssertionError, hedgecheck.Falsified)],
)
def test_what_is_wrong_with_the_test_is_heard_from_beside_it(error, caught) -> None:
    def test(sim):
        def fails():
            sim.sleep(1)
            raise error("no")

        sim.background(fails)
        sim.exchange().create_order(*BUY)

    with pytest.raises(caught, match="no"):
        hedgecheck.verify(executions=2, faults=None)(test)()


def stubborn(sim):
    while True:
        with suppress(BaseException):
            sim.sleep(10)


def reluctant(sim):
    for _ in range(3):
        with suppress(BaseException):
            sim.sleep(10_000)


def leaves(sim):
    """Everything that can be left behind: calls, a process, one that clings to life, and one that died."""
    exchange = sim.exchange()
    sim.always(anything)
    for work in (sleeps, orders, generates, waits, reluctant):
        sim.background(lambda work=work: work(sim))
    sim.background(lambda: sim.process(lambda: Recorder(sim, [], calls)))
    sim.sleep(0.01)
    sim.crash()
    exchange.create_order(*BUY)


def strands():
    gc.collect()
    return sum(isinstance(each, Strand) and not each.dead for each in gc.get_objects())


def test_nothing_that_waits_is_left_after_hundreds_of_executions(recwarn) -> None:
    before = strands()
    recwarn.clear()  # of what tests before this one have left

    verdict = hedgecheck.check(leaves, executions=300)

    assert verdict.verdict in ("holds", "broken")
    assert strands() == before
    assert [str(each.message) for each in recwarn.list] == []


def test_who_catches_even_its_own_end_does_not_run_on(recwarn) -> None:
    turns = []
    gc.collect()
    recwarn.clear()  # of what tests before this one have left

    def test(sim):
        sim.exchange().create_order(*BUY)
        sim.background(lambda: stubborn(sim))
        sim.sleep(5)
        turns.append(sim.now())

    verdict = hedgecheck.check(test, executions=5, faults=None)
    gc.collect()

    assert verdict.verdict == "holds"
    assert len(turns) == 5
    assert [str(each.message) for each in recwarn.list] == []


def test_a_call_that_gives_up_closes_what_it_waited_for() -> None:
    seen = []

    def test(sim):
        exchange = sim.exchange()
        sim.always(anything)

        def asks():
            try:
                exchange.create_order(*BUY)
            finally:
                seen.append(sim.now())

        sim.background(asks)
        sim.sleep(0.01)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        sim.sleep(1)

    hedgecheck.check(test, executions=1, faults=None)

    assert seen == [0.01]


@pytest.mark.parametrize("times", [1, 3])
def test_a_signal_is_delivered_as_often_as_it_is_asked_and_a_fault_delivers_it_again(times) -> None:
    seen = set()

    def test(sim):
        exchange, read = sim.exchange(), []
        sim.always(anything)

        def enter(signal):
            read.append(signal.signal_id)
            try:
                exchange.fetch_time()
            except ccxt.NetworkError:
                return False
            return len(read)

        answers = sim.deliver(sim.signal(BTC), enter, times=times)
        exchange.create_order(*BUY)
        seen.add((len(read), len(answers) if times > 1 else 1))

    hedgecheck.check(test, executions=40, faults=faults.simultaneous_signals)

    assert seen == {(times, times), (times + 1, times)}
