"""The shell: one task owns the state, and stores what happened before what follows from it leaves.

Everything that happens is an event in one inbox: reports, answers, prices, timers, signals. The owner takes
all that waits there, steps the core with each, appends the events in one transaction, and only then carries
out the commands, in order. So a crash leaves one of three things: nothing, a state whose commands are lost,
or what was to be; and the core's ``Restarted`` is the answer to each. A log that cannot be written ends the
shell: no command leaves without its event.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Any, NoReturn

from core import engine
from core.engine import State
from core.messages import (
    Anomaly,
    CancelOrder,
    Command,
    EndTrade,
    Event,
    Outcome,
    PriceMoved,
    QueryOrder,
    Refusal,
    RefuseSignal,
    ReplaceOrder,
    ReportAnomaly,
    Restarted,
    SignalId,
    SignalReceived,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerFired,
)
from hedgecheck import drive
from hedgecheck.errors import BrokerLost, ShellStopped
from hedgecheck.live.ports import Broker, Log, Watcher
from hedgecheck.live.timers import LoopTimers, Timers
from hedgecheck.messages import EngineEvent
from hedgecheck.outcomes import outcome_unknown

BATCH_MAX = 1_024  # events that are stored in one transaction
BACKOFF_SECONDS, BACKOFF_SECONDS_MAX = 0.5, 30.0
PAUSE_SECONDS = 1.0  # between two reconciliations at least
DOUBTS: tuple[Anomaly, ...] = ("UNKNOWN_ORDER", "UNKNOWN_FILL", "OVERFILL")  # of what the books say

Told = asyncio.Future[tuple[Command, ...]]
Reconcile = Callable[[], Awaitable[object]]


class Shell:
    """The core at work for one account. ``state``: the last one that is durable; ``position``: of its event.

    ``reconcile``: makes what compares the state with what the venue says. It is called at the start, every
    ``reconcile_seconds``, when a connection was made again, and when a report does not fit the books.
    """

    def __init__(
        self,
        log: Log,
        broker: Broker,
        *,
        reconcile: Callable[["Shell"], Reconcile] | None = None,
        reconcile_seconds: float = 60.0,
        watchers: Sequence[Watcher] = (),
        timers: Timers | None = None,
    ) -> None:
        self.log = log
        self.broker = broker
        self.watchers = tuple(watchers)
        self.state, self.position = log.recovered()
        self._reconcile = None if reconcile is None else reconcile(self)
        self._reconcile_seconds = reconcile_seconds
        self._timers = timers or LoopTimers()
        self._inbox: asyncio.Queue[tuple[Event, Told]] = asyncio.Queue()
        self._batch: list[tuple[Event, Told]] = []
        self._ends: dict[SignalId, asyncio.Future[Outcome]] = {}
        self._unpriced = {each.symbol for each in self.state.settings.instruments}
        self._changed = asyncio.Event()
        self._doubted = asyncio.Event()
        self._group = asyncio.TaskGroup()
        self._main: asyncio.Task[None] | None = None
        self._is_ready = False
        self._error: BaseException | None = None

    # ---- from outside ------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Takes up the work: returns once the fate of every order is known, each symbol has a price, and the
        books were compared with what the venue holds. Raises ``ShellStopped`` where that does not come."""
        self._main = asyncio.get_running_loop().create_task(self._run(), name="shell")
        await self._wait(lambda: self._is_ready)

    def tell(self, event: Event) -> Told:
        """Puts an event in the inbox; awaited it gives the commands that followed, once it is durable. Raises
        ``ShellStopped``."""
        if self._error is not None:
            self._refuse()
        told: Told = asyncio.get_running_loop().create_future()
        self._inbox.put_nowait((event, told))
        return told

    async def trade(self, signal: SignalReceived) -> Outcome | Refusal:
        """Trades a pair, and says how it ended or why it was refused. Raises ``ShellStopped``: how it ends is
        for the next shell to say, over the same log."""
        ended = self._ends.setdefault(signal.signal, asyncio.get_running_loop().create_future())
        for command in await self.tell(signal):
            if isinstance(command, RefuseSignal) and command.signal == signal.signal:
                if not any(trade.signal == signal.signal for trade in self.state.trades):
                    self._ends.pop(signal.signal, None)
                return command.reason
        return await asyncio.shield(ended)

    async def until(self, holds: Callable[[State], bool]) -> None:
        """Waits until a durable state is so. Raises ``ShellStopped``."""
        await self._wait(lambda: holds(self.state))

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs something beside the shell, such as a calendar or a strategy, for as long as the shell does;
        where it fails, the shell ends."""
        self._group.create_task(work)

    async def close(self) -> None:
        """Ends all work at once; what is open at the venue stays open. Once more it does nothing."""
        if self._main is not None:
            self._main.cancel()
            await asyncio.wait((self._main,))
        await self.broker.close()

    # ---- inside ------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        error: BaseException = ShellStopped("The shell was closed.")
        try:
            async with self._group as group:
                group.create_task(self._own(), name="owner")
                if self.position:
                    self.tell(Restarted())
                group.create_task(self._listen(), name="listener")
                await self._recover()
                self._is_ready = True
                self._changed.set()
                await self._reconcile_again()
        except* Exception as failed:
            error = next(_leaves(failed))
        finally:
            self._end(error)

    async def _recover(self) -> None:
        """What was under way when the last process ended is asked about; only then anything may be traded."""
        await self.until(lambda state: not state.recovering and not self._unpriced)
        if self._reconcile is not None:
            await self._reconcile()

    async def _own(self) -> None:
        """Owns the state: nobody else steps the core."""
        while True:
            self._batch = batch = [await self._inbox.get()]
            while len(batch) < BATCH_MAX and not self._inbox.empty():
                batch.append(self._inbox.get_nowait())
            state, steps = self.state, []
            for event, told in batch:
                state, commands = engine.step(state, event)
                steps.append((state, event, commands, told))
            self.position = await self.log.append([event for event, _ in batch])
            for self.state, event, commands, told in steps:
                self._carry_out(event, commands)
                if not told.done():
                    told.set_result(commands)
            self._changed.set()

    def _carry_out(self, event: Event, commands: tuple[Command, ...]) -> None:
        """What follows from an event that is durable."""
        if isinstance(event, PriceMoved):
            self._unpriced.discard(event.symbol)
        for command in commands:
            match command:
                case SubmitOrder() | ReplaceOrder() | CancelOrder() | QueryOrder():
                    self._group.create_task(self._send(drive.command_of(command)))
                case StartTimer():
                    fire = partial(self.tell, TimerFired(command.timer))
                    self._timers.start(command.timer, command.duration, fire)
                case StopTimer():
                    self._timers.stop(command.timer)
                case ReportAnomaly(reason) if reason in DOUBTS:
                    self._doubted.set()
                case EndTrade():
                    ended = self._ends.pop(command.signal, None)
                    if ended is not None and not ended.done():
                        ended.set_result(command.outcome)
        for watcher in self.watchers:
            watcher.stepped(self.state, event, commands)

    async def _send(self, request: Any) -> None:
        """Sends a request, and tells what came of it. A broker that fails leaves the outcome unknown."""
        answers: tuple[EngineEvent, ...]
        try:
            answers = await self.broker.send(request)
        except Exception as error:
            answers = (outcome_unknown(request),)
            for watcher in self.watchers:
                watcher.failed(error)
        for answer in answers:
            self.tell(drive.event_of(answer))

    async def _listen(self) -> None:
        """Tells what the broker streams, over as many connections as it takes."""
        pause, is_new = BACKOFF_SECONDS, False
        while True:
            try:
                async for report in self.broker.stream():
                    self.tell(drive.event_of(report))
                    if is_new:
                        pause, is_new = BACKOFF_SECONDS, False
                        self._doubted.set()
            except BrokerLost as error:
                for watcher in self.watchers:
                    watcher.failed(error)
            is_new = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, BACKOFF_SECONDS_MAX)

    async def _reconcile_again(self) -> None:
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                async with asyncio.timeout(self._reconcile_seconds):
                    await self._doubted.wait()
            except TimeoutError:
                pass
            self._doubted.clear()
            if self._reconcile is not None:
                await self._reconcile()

    # ---- the end -----------------------------------------------------------------------------------------

    async def _wait(self, holds: Callable[[], bool]) -> None:
        while not holds():
            if self._error is not None:
                self._refuse()
            self._changed.clear()
            await self._changed.wait()

    def _end(self, error: BaseException) -> None:
        """Whoever waits is told that no answer comes."""
        self._error = error
        self._timers.close()
        waiting: list[asyncio.Future[Any]] = [*self._ends.values(), *[told for _, told in self._batch]]
        while not self._inbox.empty():
            waiting.append(self._inbox.get_nowait()[1])
        for each in waiting:
            if not each.done():
                each.set_exception(ShellStopped(f"The shell has stopped: {error}"))
                each.exception()  # nobody need wait for it
        self._changed.set()

    def _refuse(self) -> NoReturn:
        raise ShellStopped(f"The shell has stopped: {self._error}") from self._error


def _leaves(group: BaseExceptionGroup[Exception]) -> Iterator[BaseException]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each
