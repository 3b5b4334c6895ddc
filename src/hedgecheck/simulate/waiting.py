"""What synchronous code waits with, in virtual time: ``time.sleep``, and the locks that conditions, events,
semaphores and queues are made of.

Each is replaced while a campaign of plain tests runs, under every name by which a module has imported it, and
is the real one wherever nothing may wait: in other threads, between executions, while a module is loaded.
A lock that was made before is replaced where a module of the user's holds it by a name of its own.
"""

import _thread
import asyncio
import queue
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from greenlet import getcurrent

from hedgecheck.simulate.bridge import Strand, wait
from hedgecheck.simulate.guards import is_importing
from hedgecheck.simulate.loop import Process, process_of, running_simulation

_allocate, _reentrant = _thread.allocate_lock, threading.RLock
_sleep, _monotonic = time.sleep, time.monotonic
PLAIN_LOCK, REENTRANT_LOCK = type(_allocate()), type(_reentrant())
INSTALLED = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))
OURS = __name__.partition(".")[0]


class Lock:
    """A lock around a real one: whoever waits for it in a simulation lets others run meanwhile."""

    __slots__ = ("__weakref__", "_holder", "_real", "_turns")

    def __init__(self, real: Any = None) -> None:
        self._real: Any = _allocate() if real is None else real
        self._turns: list[asyncio.Future[bool]] = []
        self._holder: Process | None = None

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Takes it, in ``timeout`` seconds at most; False where it is not to be had."""
        if running_simulation() is None:
            return bool(self._real.acquire(blocking, timeout))
        if self._take():
            return True
        if not blocking:
            return bool(self._real.acquire(False, timeout))
        if timeout < 0 and timeout != -1:
            raise ValueError("timeout value must be a non-negative number")
        return wait(self._acquired(None if timeout == -1 else timeout))

    def _take(self) -> bool:
        if self._holder is not None and self._holder.is_dead and self._real.locked():
            self._real.release()  # the dead hold nothing
        if not self._real.acquire(False):
            return False
        self._holder = process_of.get()
        return True

    async def _acquired(self, timeout: float | None) -> bool:
        loop = asyncio.get_running_loop()
        until = None if timeout is None else loop.time() + timeout
        while not self._take():
            turn: asyncio.Future[bool] = loop.create_future()
            self._turns.append(turn)
            timer = None if until is None else loop.call_at(until, _set, turn, False)
            try:
                is_free = await turn
            finally:
                if timer is not None:
                    timer.cancel()
            if not is_free:
                self._turns.remove(turn)
                return False
        return True

    def release(self) -> None:
        """Gives it back. All who wait try again, in their order: one of them may have died."""
        self._holder = None
        self._real.release()
        turns, self._turns = self._turns, []
        for turn in turns:
            _set(turn, True)

    def locked(self) -> bool:
        """Whether somebody has it."""
        return bool(self._real.locked())

    def _at_fork_reinit(self) -> None:
        self._real._at_fork_reinit()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def _set(turn: "asyncio.Future[bool]", is_free: bool) -> None:
    if not turn.done():
        turn.set_result(is_free)


class RLock:
    """The same, which its owner may take again: a thread, or in a simulation a task."""

    __slots__ = ("__weakref__", "_count", "_lock", "_owner")

    def __init__(self) -> None:
        self._lock = Lock()
        self._owner: object = None
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As ``Lock.acquire``."""
        me = _who()
        if self._owner is me:
            self._count += 1
            return True
        if not self._lock.acquire(blocking, timeout):
            return False
        self._owner, self._count = me, 1
        return True

    def release(self) -> None:
        """Gives it back once. Raises ``RuntimeError`` for who does not have it."""
        if not self._is_owned():
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._release_save()

    def _release_save(self) -> tuple[int, object]:  # this and what follows is for conditions
        count, owner = self._count, self._owner
        self._count, self._owner = 0, None
        self._lock.release()
        return count, owner

    def _acquire_restore(self, state: tuple[int, object]) -> None:
        self._lock.acquire()
        self._count, self._owner = state

    def _is_owned(self) -> bool:
        return self._owner is _who()

    def _at_fork_reinit(self) -> None:
        self._lock._at_fork_reinit()
        self._owner, self._count = None, 0

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def _who() -> object:
    """Who runs: of two that wait at once another in a simulation, of two threads another everywhere."""
    strand = getcurrent()
    return strand.task if isinstance(strand, Strand) else strand


def _is_simulated() -> bool:
    return running_simulation() is not None and not is_importing(sys._getframe())


class _NewLock:
    """In the place of ``threading.Lock``: a class, as that is in newer Pythons, so that annotations work."""

    def __new__(cls) -> Any:
        return Lock() if _is_simulated() else _allocate()


class _NewRLock:
    """In the place of ``threading.RLock``."""

    def __new__(cls) -> Any:
        return RLock() if _is_simulated() else _reentrant()


def _time() -> float:
    loop = running_simulation()
    return _monotonic() if loop is None else loop.time()


def _sleeping(real: Callable[[float], None]) -> Callable[[float], None]:
    """``time.sleep``: ``real`` where no simulation runs."""

    def sleep(seconds: float, /) -> None:
        if not _is_simulated():
            real(seconds)
        elif seconds < 0:
            raise ValueError("sleep length must be non-negative")
        else:
            wait(asyncio.sleep(seconds))

    return sleep


def _modules() -> Iterator[tuple[ModuleType, dict[str, Any]]]:
    """Every module but ours with its names; what only says that it is a module is left out."""
    for module in list(sys.modules.values()):
        if issubclass(type(module), ModuleType) and module is not _thread:
            names = ModuleType.__getattribute__(module, "__dict__")  # what loads lazily stays unloaded
            if str(names.get("__name__")).partition(".")[0] != OURS:
                yield module, names


def _replacements(instead: dict[int, Any]) -> Iterator[tuple[Any, str, Any]]:
    """Where something is to be replaced, as owner, name and what to put there. ``instead``: by identity."""
    for module, names in _modules():
        for name, each in list(names.items()):
            if id(each) in instead:
                yield module, name, instead[id(each)]
        file = names.get("__file__")
        if isinstance(file, str) and not file.startswith(INSTALLED):
            yield from _locks_of(module, names)


def _locks_of(module: ModuleType, names: dict[str, Any]) -> Iterator[tuple[Any, str, Any]]:
    """The locks that a module of the user's and its classes were made with."""
    own = [each for each in names.values() if isinstance(each, type) and each.__module__ == names["__name__"]]
    for owner in (module, *own):
        for name, each in list(vars(owner).items()):
            if type(each) is PLAIN_LOCK:
                yield owner, name, Lock(each)
            elif type(each) is REENTRANT_LOCK:
                yield owner, name, RLock()


@contextmanager
def waiting() -> Iterator[None]:
    """Everything that waits does so in virtual time, until it ends."""
    sleep = _sleeping(time.sleep)
    instead: dict[int, Any] = {
        id(_allocate): _NewLock,
        id(threading.Lock): _NewLock,
        id(_reentrant): _NewRLock,
    }
    instead[id(_sleep)] = sleep
    instead[id(queue.SimpleQueue)] = queue._PySimpleQueue  # type: ignore[attr-defined]
    places = [*_replacements(instead), (time, "sleep", sleep)]
    places += [(threading, "_time", _time), (queue, "time", _time)]
    real = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    try:
        for owner, name, ours in places:
            setattr(owner, name, ours)
        yield
    finally:
        for owner, name, attribute in real:
            setattr(owner, name, attribute)
