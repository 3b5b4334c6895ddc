"""A bot as a process: it comes up, it may die at any await, and it comes up again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

from hedgecheck.messages import Restarted
from hedgecheck.simulate.execution import Execution
from hedgecheck.simulate.loop import Process, process_of

Call = Callable[[Callable[[], Any]], Awaitable[Any]]  # calls a function of the bot, and waits for it


class Running:
    """The bot that runs now; ``factory`` makes the next one, ``start`` and ``stop`` name its methods."""

    def __init__(self, run: Execution, factory: Callable[[], Any], start: str, stop: str, call: Call) -> None:
        self.bot: Any = None
        self.process = Process("bot", comes_back=True)
        self._is_up: asyncio.Future[None] = run.loop.create_future()
        self._run = run
        self._factory = factory
        self._start = start
        self._stop = stop
        self._call = call
        run.take_process()
        run.on_boundary.append(self._maybe_crash)

    async def come_up(self) -> Any:
        """Makes the bot and starts it; where it dies meanwhile, the one that is up in the end."""
        self._is_up = self._run.loop.create_future()
        self._begin(came_back=False)
        await self._is_up
        return self.bot

    def _begin(self, *, came_back: bool) -> None:
        self.process = Process("bot", comes_back=True, came_back=came_back)
        self._run.when_dies(self.process, self._begin_again)
        context = Context()
        context.run(process_of.set, self.process)
        task = self._run.loop.create_task(self._up(), context=context)
        task.add_done_callback(self._began, context=Context())

    def _begin_again(self) -> None:
        self._run.dead.append(self.bot)
        self._run.say("bot", "comes up again")
        self._run.note(None, Restarted())
        self._begin(came_back=True)

    def _began(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if self._is_up.done():
            if error is not None:
                self._run.crash(error)
        elif error is not None:
            self._is_up.set_exception(error)
        else:
            self._is_up.set_result(None)

    async def _up(self) -> None:
        self.bot = await self._call(self._factory)
        started = getattr(self.bot, self._start, None)
        if started is not None:
            await self._call(started)

    def _maybe_crash(self) -> None:
        """Between two iterations of the loop a fault may strike the process."""
        if self.process.is_dead or self.bot is None:
            return
        run = self._run
        unsynced = run.storage.is_unsynced(self.process)
        variant = run.strike("process", run.arsenal.of_process(unsynced=unsynced))
        if variant is not None:
            run.say("bot", variant.words, variant)
            run.kill(self.process, variant)
