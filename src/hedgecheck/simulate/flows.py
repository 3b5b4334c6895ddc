"""What goes on beside a test function: calls into the bot, each a task of its own, and processes that die."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context, copy_context
from functools import partial
from typing import Any

from hedgecheck.errors import HedgecheckError, UsageError
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.messages import Restarted, Returned
from hedgecheck.simulate.execution import Execution
from hedgecheck.simulate.loop import Process, process_of
from hedgecheck.simulate.processes import Call, Running
from hedgecheck.simulate.signals import Carrier, Signal, call_of

DELIVERY_SECONDS = 0.0, 0.5


async def outcome(fn: Callable[[], Any]) -> Any:
    """What a function of an async bot comes to: its result, or what that comes to where it is awaited."""
    result = fn()
    return await result if inspect.isawaitable(result) else result


def _pass_on(end: "asyncio.Future[Any]", task: "asyncio.Future[Any]") -> None:
    """What came of a call, to whoever waits for it."""
    if not end.done():
        error = None if task.cancelled() else task.exception()
        if error is not None:
            end.set_exception(error)
        else:
            end.set_result(None if task.cancelled() else task.result())


def _died(end: "asyncio.Future[Any]") -> None:
    if not end.done():
        end.set_result(None)


class Flows:
    """Whatever a test starts. ``call`` is how a function of the bot is called; ``carries`` hears of the
    signal that a call is handed."""

    def __init__(self, run: Execution, call: Call, carries: Callable[[Signal], None]) -> None:
        self._run = run
        self._call = call
        self._carries = carries
        self.processes: list[Running] = []

    # ---- calls ------------------------------------------------------------------------------------------

    async def deliver(self, signal: Signal, fn: Callable[[Signal], Any], times: int) -> Any:
        """Delivers an intent to ``fn`` that many times at once; a fault may deliver it once more. The result,
        or of several the list of them."""
        arrived = self._run.loop.create_future()

        def arrive() -> None:
            again = self._run.strike(f"delivery of {signal.id}", self._run.arsenal.of_delivery())
            if again is not None:
                self._run.struck_at(min(signal.symbols), "delivery", again)
                self._run.say("test", f"delivers {signal.id} again", again)
            arrived.set_result(times + (again is not None))

        now, (lo, hi) = self._run.now, DELIVERY_SECONDS
        self._run.agenda.add(f"signal {signal.id}", now + lo, now + hi, arrive)
        count = await arrived
        self._run.delivered[signal.id] = signal.symbols
        if signal.symbols & self._run.left_out:  # the same tasks all the same, so that each has its name
            results = await self._all([lambda: None] * count, None)
        else:
            results = await self._all([lambda: fn(signal)] * count, signal)
        return results[0] if times == 1 else results[:times]

    async def concurrently(self, factories: tuple[Callable[[], Any], ...]) -> list[Any]:
        """Calls each and waits for all. Raises ``UsageError`` for what is no function."""
        for each in factories:
            if not callable(each):
                if asyncio.iscoroutine(each):
                    each.close()
                raise UsageError(
                    f"sim.concurrently takes functions, not a {type(each).__name__}. Write "
                    "sim.concurrently(lambda: bot.trade(signal))."
                )
        return await self._all(list(factories), None)

    def background(self, fn: Callable[[], Any]) -> None:
        """Calls ``fn`` and waits for nothing. What is wrong with the test and not with the bot ends it."""

        async def called() -> None:
            try:
                await self._called(fn, None)
            except HedgecheckError as error:
                self._run.loop.stash(error)
            except AssertionError as error:
                self._run.judge.assertion(error)

        self._begin(called())

    async def _all(self, factories: list[Callable[[], Any]], signal: Signal | None) -> list[Any]:
        ends = [self._start(each, signal) for each in factories]
        return list(await asyncio.gather(*ends))

    def _start(self, factory: Callable[[], Any], signal: Signal | None) -> Awaitable[Any]:
        """A call in a task of its own; in a process it dies with that, and its caller hears None."""
        task, process = self._begin(self._called(factory, signal))
        if process is None:
            return task
        end: asyncio.Future[Any] = self._run.loop.create_future()
        task.add_done_callback(partial(_pass_on, end), context=Context())
        self._run.when_dies(process, partial(_died, end))
        return end

    def _begin(self, coroutine: Coroutine[Any, Any, Any]) -> tuple["asyncio.Task[Any]", Process | None]:
        """A task, and the process in which it is, where there is one."""
        loop, process = self._run.loop, self.processes[-1].process if self.processes else None
        if process is None:
            return loop.create_task(coroutine), None
        context = copy_context()
        context.run(process_of.set, process)
        return loop.create_task(coroutine, context=context), process

    async def _called(self, factory: Callable[[], Any], signal: Signal | None) -> Any:
        carrier = Carrier(is_call=True)
        call_of.set(carrier)
        if signal is not None:
            self._carries(signal)
        try:
            result = await self._call(factory)
        except error_class("BaseError") as error:
            self._run.say(self._run.flow(), f"raises {type(error).__name__}")
            self._run.ends_with(error)
            self._return(carrier, error)
            return error
        except (HedgecheckError, AssertionError):
            raise
        except Exception as error:  # a bot may raise anything: that is a finding
            self._run.crash(error)
            return error
        self._return(carrier, result)
        return result

    def _return(self, carrier: Carrier, result: Any) -> None:
        """What answers True or False has done all it will; anything else may go on in the background."""
        for signal in carrier.signals:
            if isinstance(result, bool | Exception):
                self._run.note(None, Returned(signal.id, result is True, ""))
            else:
                self._run.finished.append((signal.id, False, "it did not say"))

    # ---- processes --------------------------------------------------------------------------------------

    async def process(self, factory: Callable[[], Any], start: str, stop: str) -> Any:
        """Makes a bot that may crash at any await and come up again, and starts it."""
        running = Running(self._run, factory, start, stop, self._call)
        self.processes.append(running)
        return await running.come_up()

    def crash(self, bot: Any) -> None:
        """The process of the bot dies at once; None: all of them."""
        for running in self.processes:
            if bot is None or running.bot is bot:
                self._run.kill(running.process)

    async def crash_and_restart(self, factory: Callable[[], Any]) -> Any:
        """Everything but the test dies at once, and ``factory`` makes the bot anew, over what venues have.
        Raises ``UsageError`` where not the test function calls it."""
        task, process = asyncio.current_task(), process_of.get()
        if process is None or task is None or task.get_name() != "test":
            raise UsageError(
                "sim.crash_and_restart(...) is for the test function itself: whoever else calls it would die "
                "of it. Call it in the test, or start the bot with sim.process(...)."
            )
        process_of.set(Process("bot", came_back=True))
        self._run.kill(process)
        self._run.say("test", "the bot crashes, and comes up again")
        self._run.note(None, Restarted())
        return await self._call(factory)
