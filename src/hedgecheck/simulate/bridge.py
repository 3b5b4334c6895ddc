"""Synchronous code inside of a task: a function runs in a greenlet, and where it waits, its task waits.

What it waits for is a coroutine, driven from the function's own stack, so that whoever looks where something
happened finds the bot's line. Nothing but what the loop is to wait for goes over to the task.
"""

import asyncio
import ctypes
import inspect
import types
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from hedgecheck.errors import UsageError
from hedgecheck.simulate.loop import CLOSES_MAX, running_simulation

Value = TypeVar("Value")


class Strand(greenlet):  # type: ignore[misc]
    """A synchronous function under way in a task, with the task's own context variables. ``is_waiting``: what
    it waits for is being driven, and waits for nothing itself."""

    def __init__(self, fn: Callable[[], Any]) -> None:
        super().__init__(partial(_called, fn))
        self.gr_context = getcurrent().gr_context
        self.task = asyncio.current_task()
        self.is_waiting = False


def _called(fn: Callable[[], Any]) -> Any:
    try:
        return fn()
    except StopIteration as error:  # which no coroutine can raise
        failed = RuntimeError(f"the function raised {error!r}")
        raise failed.with_traceback(error.__traceback__) from None


@types.coroutine
def plainly(fn: Callable[[], Any]) -> Generator[Any, Any, Any]:
    """Awaits a synchronous function. Raises what it raises, and ``UsageError`` where it is async after all.

    A task that is closed while its function waits closes that, too: ``GeneratorExit`` rises where it waits.
    """
    strand = Strand(fn)
    reached = strand.switch()
    while not strand.dead:
        try:
            answer = yield reached
        except GeneratorExit:
            _end(strand)
            raise
        except BaseException as error:
            strand.parent = getcurrent()
            reached = strand.throw(type(error), error, error.__traceback__)  # alone it would lose that
        else:
            strand.parent = getcurrent()
            reached = strand.switch(answer)
    if inspect.isawaitable(reached):
        if asyncio.iscoroutine(reached):
            reached.close()
        raise UsageError(
            f"{_name_of(fn)} gave something to await in a plain test. Write async def for the test, or call "
            "what is synchronous."
        )
    return reached


def _name_of(fn: Any) -> str:
    while isinstance(fn, partial):
        fn = fn.func
    return str(getattr(fn, "__qualname__", type(fn).__name__))


def _end(strand: Strand) -> None:
    """Ends a function that waits. Raises what it raises; what catches even that is kept, or it would run on
    when nobody holds it any more."""
    for _ in range(CLOSES_MAX):
        strand.parent = getcurrent()
        strand.throw(GeneratorExit())
        if strand.dead:
            return
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(strand))


def wait(coroutine: Coroutine[Any, Any, Value]) -> Value:
    """What the coroutine returns or raises. Raises ``UsageError`` where nothing may wait."""
    strand = _strand_for(coroutine)
    strand.is_waiting = True
    try:
        reached = coroutine.send(None)
        while True:
            try:
                answer = strand.parent.switch(reached)
            except BaseException as error:
                reached = coroutine.throw(error)
            else:
                reached = coroutine.send(answer)
    except StopIteration as end:
        value: Value = end.value
        return value
    finally:
        strand.is_waiting = False


def _strand_for(coroutine: Coroutine[Any, Any, Any]) -> Strand:
    strand = getcurrent()
    if isinstance(strand, Strand) and not strand.is_waiting and strand.task is asyncio.current_task():
        return strand
    coroutine.close()
    error = UsageError(
        "The exchange of a plain test, its sim or time.sleep was called where nothing can wait: in a rule, a "
        "callback or a coroutine, or when the test was over. Call it in the test function, in what that "
        "calls, or in a function that sim.concurrently is given."
    )
    loop = running_simulation()
    if loop is not None:
        loop.stash(error)
    raise error
