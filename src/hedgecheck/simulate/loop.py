"""CPython's own event loop over a simulated selector: its order, its timers, its cancellation, no real I/O.

The loop decides nothing. What arrives from outside, and when, is the agenda's to say; ``_run_once``, the
ready queue and the timer heap are those of the interpreter that runs.
"""

import asyncio
import ctypes
import heapq
import math
from asyncio import events
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context, ContextVar
from typing import Any, Literal, Protocol

from hedgecheck.errors import RealWorld, UsageError

STEPS_MAX = 20_000
CLOSES_MAX = 10
RESOLUTION_SECONDS = 1e-9
TIMER_STEP_SECONDS = 1e-10
Profile = Literal["asyncio", "uvloop", "eager"]

process_of: ContextVar["Process | None"] = ContextVar("process_of", default=None)


class Process:
    """What dies together: a bot with every task that it started. ``comes_back``: another takes its place
    when it dies. ``came_back``: it took the place of another."""

    __slots__ = ("came_back", "comes_back", "is_dead", "name")

    def __init__(self, name: str, *, comes_back: bool = False, came_back: bool = False) -> None:
        self.name = name
        self.comes_back = comes_back
        self.came_back = came_back
        self.is_dead = False


class World(Protocol):
    """What the loop asks once per iteration: everything outside of it."""

    def between(self, loop: "SimLoop") -> None:
        """Callbacks are ready: something may arrive before they run."""

    def wait(self, loop: "SimLoop", due: float | None) -> None:
        """Nothing is ready: lets something arrive, or moves the time on to ``due``, the next timer in
        virtual seconds (None for none), or stops the loop."""

    def add_thread(self, loop: "SimLoop", run: Callable[[], None]) -> None:
        """Something that a thread would do: ``run`` is called once, later."""


class SimTask(asyncio.Task[Any]):
    """A task whose hash is its number in the execution, so that sets of tasks have one order."""

    lineage: str
    children: int
    _log_destroy_pending: bool
    _log_traceback: bool

    def __init__(self, coro: Coroutine[Any, Any, Any], *, loop: "SimLoop", **kwargs: Any) -> None:
        loop.tasks_made += 1
        self._number = loop.number_of_task(loop.tasks_made)
        parent = asyncio.current_task(loop)
        if isinstance(parent, SimTask):
            parent.children += 1
            self.lineage = f"{parent.lineage}.{parent.children}"
        else:
            loop.roots += 1
            self.lineage = str(loop.roots)
        self.children = 0
        if kwargs.get("name") is None:
            kwargs["name"] = f"task {self.lineage}"
        loop.tasks.append(self)
        try:
            super().__init__(coro, loop=loop, **kwargs)
        except BaseException:
            loop.tasks.remove(self)  # it was given no coroutine, and is no task
            raise

    def __hash__(self) -> int:
        return self._number


class SimLoop(asyncio.BaseEventLoop):
    """An event loop in virtual time. ``now`` is in seconds from the start of the execution.

    ``is_plain``: the test is synchronous. ``order`` permutes the hashes of tasks: CPython iterates sets of
    tasks in an order that depends on addresses, so any order is one that a bot may meet. ``profile``: the
    timers of uvloop, or the eager tasks of Python 3.12.
    """

    # what the standard library's loop has, and its stubs leave out
    _ready: deque[Any]
    _scheduled: list[Any]
    _asyncgens: Any
    _stopping: bool
    _exception_handler: Any

    def __init__(self, world: World, order: int = 0, profile: Profile = "asyncio") -> None:
        super().__init__()
        self.now = 0.0
        self.steps = 0
        self.roots = 0
        self.tasks_made = 0
        self.tasks: list[SimTask] = []
        self.stashed: BaseException | None = None
        self.unhandled: list[dict[str, Any]] = []
        self.is_excused = False
        self.is_plain = False
        self._is_over = False
        self._world = world
        self.order = order
        self._clock_resolution = RESOLUTION_SECONDS
        self._selector = self
        self.set_debug(False)
        self._profile = profile
        self._timers = 0
        if profile == "eager" and not hasattr(asyncio, "eager_task_factory"):
            raise UsageError("This token is of eager tasks, which came with Python 3.12. Replay it there.")
        self._task_factory = _eager_factory if profile == "eager" else _factory

    def number_of_task(self, count: int) -> int:
        """The hash of the n-th task."""
        return count if not self.order else -count if self.order == 1 else count * 0x9E3779B1 >> self.order

    # ---- what BaseEventLoop asks of a concrete loop ------------------------------------------------

    def time(self) -> float:
        """Virtual seconds since the execution began."""
        return self.now

    def select(self, timeout: float | None) -> tuple[()]:
        """The selector's part: what arrives before the loop runs what is ready."""
        self.steps += 1
        if self.stashed is not None or self.steps > STEPS_MAX:
            self._stopping = True
            return ()
        if timeout == 0:
            if self._profile == "uvloop":
                self._due_timers_first()
            self._world.between(self)
        else:
            self._world.wait(self, None if timeout is None else self._scheduled[0]._when)
            # of a year in seconds a float no longer tells nanoseconds: a timer due now has to be due
            self._clock_resolution = max(RESOLUTION_SECONDS, math.ulp(self.now))
        return ()

    def call_at(  # type: ignore[override]
        self, when: float, callback: Any, *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """As asyncio has it; under uvloop to the millisecond, and of two at one the older first."""
        if self._profile == "uvloop":
            self._timers += 1
            when = self.now + round((when - self.now) * 1000) / 1000 + self._timers * TIMER_STEP_SECONDS
        return super().call_at(when, callback, *args, context=context)

    def _due_timers_first(self) -> None:
        """libuv runs its timers before what was called soon; asyncio after."""
        due = []
        while self._scheduled and self._scheduled[0]._when < self.now + self._clock_resolution:
            handle = heapq.heappop(self._scheduled)
            handle._scheduled = False
            due.append(handle)
        self._ready.extendleft(reversed(due))

    def move_to_front(self, position: int) -> None:
        """Another order of the ready queue than that of asyncio."""
        handle = self._ready[position]
        del self._ready[position]
        self._ready.appendleft(handle)

    def set_task_factory(self, factory: Any) -> None:
        """The bot's own factory. Its eager one keeps stable hashes; of any other that is its own affair."""
        eager = getattr(asyncio, "eager_task_factory", None)
        own = factory is not None and factory is not eager
        self._task_factory = factory if own else _factory if factory is None else _eager_factory

    def _process_events(self, event_list: Iterable[Any]) -> None:
        """Nothing: what arrived has already been handed over."""

    def _write_to_self(self) -> None:
        """Nothing to wake: the simulated selector never sleeps."""

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Keeps what nobody caught, for the verdict."""
        if self._exception_handler is not None:
            super().call_exception_handler(context)
        else:
            self.unhandled.append(context)

    @contextmanager
    def excused(self) -> Iterator[None]:
        """For code that is not the bot's: it may take its time."""
        self.is_excused = True
        try:
            yield
        finally:
            self.is_excused = False

    def stash(self, error: BaseException) -> None:
        """Ends the execution with this error, whatever the bot would make of it."""
        if self.stashed is None:
            self.stashed = error
        self._stopping = True

    # ---- processes ----------------------------------------------------------------------------------

    def _call_soon(self, callback: Callable[..., Any], args: Any, context: Context | None) -> events.Handle:
        handle: Any = events.Handle(callback, args, self, context)
        process = handle._context.get(process_of)
        if process is None or not process.is_dead:
            self._ready.append(handle)
        return handle  # type: ignore[no-any-return]

    def kill(self, process: Process) -> None:
        """Nothing of the process runs again, no ``finally`` and no ``except`` either."""
        process.is_dead = True
        for handle in (*self._ready, *self._scheduled):
            if handle._context.get(process_of) is process:
                handle.cancel()

    # ---- threads -------------------------------------------------------------------------------------

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """Runs the function at some later moment, whole: threads do not race in here. As a thread it has no
        context variables of its caller's; ``asyncio.to_thread`` hands them over itself."""
        future, process = self.create_future(), process_of.get()

        def run() -> None:
            if future.cancelled() or (process is not None and process.is_dead):
                return
            try:
                result = Context().run(func, *args)
            except StopIteration as error:  # which no future can hold
                future.set_exception(RuntimeError(f"the function raised {error!r}"))
            except (Exception, SystemExit) as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._world.add_thread(self, run)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """There is none."""

    # ---- the end --------------------------------------------------------------------------------------

    def bury(self) -> None:
        """Closes what is left of the execution, in order, so that nothing of it runs in the next one. What
        the bot says to that finds a loop and a task, as it may expect, and is of no interest any more."""
        self._is_over = True
        self._ready.clear()
        self._scheduled.clear()
        before = events._get_running_loop()
        events._set_running_loop(self)
        try:
            for task in self.tasks:
                self._close(task)
            for generator in list(self._asyncgens):
                closing = generator.aclose()
                with suppress(BaseException):
                    closing.send(None)
                closing.close()
        finally:
            events._set_running_loop(before)
        self._ready.clear()
        self._scheduled.clear()
        self.tasks.clear()
        self.close()

    def _close(self, task: SimTask) -> None:
        if task.done():
            if not task.cancelled():
                task.exception()
            return
        task._log_destroy_pending = False
        coroutine: Any = task.get_coro()
        asyncio.tasks._enter_task(self, task)
        try:
            if not _ended(coroutine):
                # a bare ``except:`` in a loop catches even its own end; freed it would spin, without a loop
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(coroutine))
        finally:
            asyncio.tasks._leave_task(self, task)

    def _asyncgen_finalizer_hook(self, agen: Any) -> None:
        """As asyncio: a generator that nobody holds any more is closed soon."""
        self._asyncgens.discard(agen)
        if not self._is_over:
            self.call_soon(self.create_task, agen.aclose())


def running_simulation() -> SimLoop | None:
    """The simulation whose code runs in this thread now."""
    loop = events._get_running_loop()
    return loop if isinstance(loop, SimLoop) else None


def _ended(coroutine: Any) -> bool:
    """Ends a suspended coroutine; its own ``finally`` may raise anything, and may await again."""
    for _ in range(CLOSES_MAX):
        try:
            coroutine.close()
        except BaseException:
            continue
        return True
    return False


def _factory(loop: SimLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> SimTask:
    return SimTask(coro, loop=loop, **kwargs)


def _eager_factory(loop: SimLoop, coro: Coroutine[Any, Any, Any], **kwargs: Any) -> SimTask:
    return SimTask(coro, loop=loop, eager_start=True, **kwargs)


def _no(what: str, cure: str) -> Callable[..., Any]:
    def refuse(self: SimLoop, *_args: Any, **_kwargs: Any) -> Any:
        error = RealWorld(f"{what} in a simulation. {cure}")
        self.stash(error)
        raise error

    return refuse


_NETWORK = ("A real network connection", "Let the bot talk to sim.exchange(), or to a fake of that service.")
_FILES = ("A real pipe or file descriptor", "Keep what the bot stores in memory or in plain files.")
_CHILD = ("A subprocess", "Call what it does as a function, or leave it out of the test.")
_SIGNAL = ("A signal handler", "Leave it out of the part that is tested, or use sim.crash().")
REFUSED: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            *("create_connection", "create_server", "create_unix_connection", "create_unix_server"),
            *("create_datagram_endpoint", "connect_accepted_socket", "start_tls", "sendfile"),
            *("sock_connect", "sock_accept", "sock_recv", "sock_recv_into", "sock_sendall", "sock_sendfile"),
            *("sock_recvfrom", "sock_recvfrom_into", "sock_sendto", "getaddrinfo", "getnameinfo"),
        ),
        _NETWORK,
    ),
    **dict.fromkeys(
        (
            "add_reader",
            "add_writer",
            "remove_reader",
            "remove_writer",
            "connect_read_pipe",
            "connect_write_pipe",
        ),
        _FILES,
    ),
    **dict.fromkeys(("subprocess_shell", "subprocess_exec"), _CHILD),
    **dict.fromkeys(("add_signal_handler", "remove_signal_handler"), _SIGNAL),
}
for _name, _reason in REFUSED.items():
    setattr(SimLoop, _name, _no(*_reason))
