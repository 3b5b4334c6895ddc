"""Runs CPython's own tests of asyncio on a simulated loop, in a process of its own: it replaces the loop that
the interpreter makes by default.

``python -m tests.schedules.cpython [--eager] [--stock] NAME...`` prints one line of JSON: how many tests ran,
how many loops were made, how many iterations simulated ones turned, and which tests failed. ``--stock`` takes
CPython's own loop instead, to compare with. A NAME is a module of the package or the id of a test.
"""

import asyncio
import io
import json
import signal
import sys
import unittest
import warnings
from asyncio import events

from hedgecheck.simulate.loop import SimLoop

PACKAGE = "test.test_asyncio"
MODULES = ("test_locks", "test_queues", "test_taskgroups", "test_timeouts", "test_waitfor", "test_runners")


class Nothing:
    """A world in which nothing arrives: time jumps to the next timer, and without one the loop stops."""

    def between(self, loop):
        """Nothing does."""

    def wait(self, loop, due):
        """On to the next timer."""
        if due is None:
            loop._stopping = True
        else:
            loop.now = max(loop.now, due)

    def add_thread(self, loop, run):
        """A thread is quick."""
        loop.call_soon(run)


def factory(*, eager, stock, made):
    """What makes a loop, and counts it."""

    def make():
        loop = (
            asyncio.SelectorEventLoop()
            if stock
            else SimLoop(Nothing(), profile="eager" if eager else "asyncio")
        )
        if stock and eager:
            loop.set_task_factory(asyncio.eager_task_factory)
        made.append(loop)
        return loop

    return make


def install(make):
    """Every loop that this process makes by default is one of ours."""
    policy = type(events.get_event_loop_policy())
    policy._loop_factory = staticmethod(make)
    events.set_event_loop_policy(None)


def run(names, *, eager, stock):
    """The tests of that name, as counts and names."""
    made = []
    install(factory(eager=eager, stock=stock, made=made))
    loader, suite = unittest.TestLoader(), unittest.TestSuite()
    for name in names:
        suite.addTests(loader.loadTestsFromName(name if name.startswith(PACKAGE) else f"{PACKAGE}.{name}"))
    with warnings.catch_warnings():
        result = unittest.TextTestRunner(io.StringIO(), verbosity=0).run(suite)
    bad = (*result.failures, *result.errors)
    return {
        "ran": result.testsRun,
        "loops": len(made),
        "steps": sum(getattr(each, "steps", 0) for each in made),
        "failed": {case.id(): text for case, text in bad},
    }


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a job in the background is without
    given = sys.argv[1:]
    names = [each for each in given if not each.startswith("--")]
    answer = run(names or MODULES, eager="--eager" in given, stock="--stock" in given)
    print(json.dumps(answer))
