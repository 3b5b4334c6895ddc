"""Work in forked children, so many at once: each does one thing, says what came of it, and is gone.

A child begins with all that its parent has imported, which takes no time, and whatever it does to that dies
with it. It may use so much CPU time and memory; what it says is read while it works.
"""

import os
import pickle
import resource
import selectors
import signal
import traceback
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from itertools import islice
from typing import TypeVar

from hedgecheck.values import frozen

Task = TypeVar("Task")
MEGABYTES_MAX = 4_096
CPU_SECONDS_MAX = 300  # the last resort: for what does not listen to a timer


@frozen
class Ended:
    """How a child ended: what it said or raised, None where it could not; the signal that killed it, 0 for
    none; its CPU seconds."""

    said: object
    signal: int
    seconds: float


def each_in_a_child(
    work: Callable[[Task], object], tasks: Iterable[Task], at_once: int
) -> Generator[tuple[Task, Ended], None, None]:
    """Does the work for each task in a child of its own; yields them as they end. A task is asked for when a
    child is to begin it. Children that are left when this is closed or interrupted are killed."""
    waiting, running = iter(tasks), selectors.DefaultSelector()
    children: dict[int, tuple[int, Task, bytearray]] = {}
    try:
        while True:
            for task in islice(waiting, at_once - len(children)):
                pid, pipe = _begun(work, task)
                running.register(pipe, selectors.EVENT_READ)
                children[pipe] = pid, task, bytearray()
            if not children:
                return
            for key, _ in running.select():
                pid, task, said = children[key.fd]
                chunk = os.read(key.fd, 1 << 16)
                if chunk:
                    said += chunk
                    continue
                running.unregister(key.fd)
                del children[key.fd]
                os.close(key.fd)
                yield task, _ended(pid, bytes(said))
    finally:
        for pipe, (pid, _, _) in children.items():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(pipe)
        running.close()


def _ended(pid: int, said: bytes) -> Ended:
    _, status, used = os.wait4(pid, 0)
    return Ended(
        pickle.loads(said) if said else None,
        os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        used.ru_utime + used.ru_stime,
    )


def _begun(work: Callable[[Task], object], task: Task) -> tuple[int, int]:
    """The number of a child that is at it, and the pipe to read from."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    try:
        os.close(reading)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _bound(resource.RLIMIT_CPU, CPU_SECONDS_MAX)
        _bound(resource.RLIMIT_AS, MEGABYTES_MAX << 20)
        said = memoryview(pickle.dumps(_done(work, task)))
        while said:
            said = said[os.write(writing, said) :]
    finally:
        os._exit(0)


def _done(work: Callable[[Task], object], task: Task) -> object:
    try:
        return work(task)
    except Exception as error:  # it is the parent's to raise
        error.add_note(traceback.format_exc())
        return error


def _bound(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    with suppress(ValueError, OSError):  # not every system bounds everything
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
