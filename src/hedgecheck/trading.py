"""The ``live`` command: a broker, a store, the shell between them, a strategy, and what is seen of it all."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from traceback import extract_tb
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from hedgecheck.connecting import VENUE, Asked, Strategy, broker_of, kept, strategies_of
from hedgecheck.errors import ShellStopped, UsageError
from hedgecheck.live import codes
from hedgecheck.live.days import utc_days
from hedgecheck.live.freshness import Freshness
from hedgecheck.live.questions import Question
from hedgecheck.live.reconciliation import Reconciliation
from hedgecheck.live.screen import Screen
from hedgecheck.live.shell import Reconcile, Shell
from hedgecheck.live.winding_down import still_open, tripped_breakers, wind_down
from hedgecheck.terminal import writable
from hedgecheck.values import frozen

Beside = Callable[[], Coroutine[Any, Any, None]]
SHOWN_PER_SECOND = 4
PRICE_AGE_SECONDS_MAX = 60.0  # after which it is unusable


class Milestones:
    """A line of JSON for each: ``{"at": ..., "position": ...}``, at once. Nowhere where ``out`` is None."""

    def __init__(self, out: TextIO | None) -> None:
        self._out = out

    def reach(self, at: str, shell: Shell | None = None, **more: object) -> None:
        """Says that something is reached."""
        if self._out is not None:
            position = {} if shell is None else {"position": shell.position}
            print(json.dumps({"at": at, **position, **more}), file=self._out, flush=True)


@contextmanager
def milestones_to(place: str | None) -> Iterator[Milestones]:
    """To a file, or ``-`` for stdout; nowhere for None. Raises ``UsageError`` where it cannot be written."""
    if place is None or place == "-":
        yield Milestones(sys.stdout if place else None)
        return
    writable(Path(place))
    with Path(place).open("w", encoding="utf-8") as out:
        yield Milestones(out)


def trade(asked: Asked, console: Console, milestones: Milestones) -> int:
    """Trades until it is told to stop, and comes to rest. The exit code: 0 where nothing is open in the end,
    1 where something is. Raises ``HedgecheckError``."""
    if asked.broker == VENUE and asked.store is not None:
        raise UsageError(
            "--store: a venue that ends with the command leaves nothing to go on with. Begin one with "
            "hedgecheck venue, and name its address as --broker."
        )
    return asyncio.run(_traded(asked, strategies_of(asked), console, milestones))


async def _traded(
    asked: Asked, strategies: Sequence[Strategy], console: Console, milestones: Milestones
) -> int:
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, partial(_asked_to_stop, stop))
    damage = Damage()
    async with broker_of(asked) as broker, kept(asked, broker, damage.found) as store:
        log, questions, booked = store
        screen = Screen(None if console.is_terminal else partial(_say, console))
        freshness = Freshness(PRICE_AGE_SECONDS_MAX)

        def reconciling(shell: Shell) -> Reconcile:
            reconciliation = Reconciliation(broker, shell, questions, booked)

            async def reconcile() -> None:
                screen.reconciled(await reconciliation.once())

            return reconcile

        shell = Shell(log, broker, reconcile=reconciling, watchers=(screen, freshness, booked, log))
        shown = Shown(console, screen, shell)
        beside = (damage.comes, partial(utc_days, shell), partial(freshness.watch, shell), shown.refreshed)
        work = Work(asked, shell, strategies, beside, milestones)
        try:
            with shown:
                failure = await work.done(stop)
        except (ShellStopped, UsageError) as error:
            failure = str(error)
        finally:
            await shell.close()
        waiting = [
            f"{each.id} {each.kind} {each.subject}: {each.details}" for each in questions.open_questions()
        ]
    console.print(Text(screen.summary()), soft_wrap=True)
    return _ended(shell, failure, waiting, console, milestones)


def _ended(
    shell: Shell, failure: str, questions: Sequence[str], console: Console, milestones: Milestones
) -> int:
    """Says how it ended, and gives the exit code."""
    left, tripped = still_open(shell.state), tripped_breakers(shell.state)
    milestones.reach("stopped", shell, open=left, questions=questions, tripped=tripped, failed=failure)
    bad = [f"failed: {failure}"] if failure else []
    bad += [f"open: {line}" for line in left]
    bad += [f"question {line} Answer it: hedgecheck store answer." for line in questions]
    for line in bad:
        console.print(Text(line, style="bold red"), soft_wrap=True)
    if tripped:
        console.print(
            Text(f"halted: {', '.join(tripped)}. Nothing is opened before that is reset."), style="yellow"
        )
    if not left and not questions:
        console.print(Text("flat: nothing is held, no order works", style="green"))
    return 1 if bad else 0


@frozen
class Work:
    """What a shell is to do. ``beside``: what runs beside it from the start on."""

    asked: Asked
    shell: Shell
    strategies: Sequence[Strategy]
    beside: Sequence[Beside]
    milestones: Milestones

    async def done(self, stop: asyncio.Event) -> str:
        """Starts, trades until there is no more to trade or somebody says stop, and comes to rest. What a
        strategy has failed by; empty where none has. Raises ``ShellStopped``."""
        told = asyncio.ensure_future(stop.wait())
        shell, reach, failure = self.shell, self.milestones.reach, ""
        reach("recovered", shell)
        try:
            if not await _first(told, shell.start()):
                reach("trading", shell)
                for work in self.beside:
                    shell.beside(work())
                failure = await self._reset() or await self._traded(told)
            reach("stopping", shell)
            await wind_down(shell, self.asked.patience_seconds)
            reach("resting", shell)
        finally:
            told.cancel()
        return failure

    async def _reset(self) -> str:
        """Resets what it was asked to; which breakers stayed tripped, in words."""
        file = self.asked.codes_file
        known = codes.read(file) if file is not None and self.asked.reset else {}
        kept = [each for each in self.asked.reset if not await codes.reset(self.shell, each, known)]
        return f"{', '.join(kept)} stayed tripped: its cause lasts, or the code is another's" if kept else ""

    async def _traded(self, told: "asyncio.Future[Any]") -> str:
        try:
            await _first(told, _all(self.strategies, self.shell), seconds=self.asked.seconds)
        except ShellStopped:
            raise
        except Exception as error:
            at = extract_tb(error.__traceback__)[-1]
            return f"a strategy raised {type(error).__name__}: {error} ({at.filename}, line {at.lineno})"
        return ""


async def _first(
    told: "asyncio.Future[Any]", work: Coroutine[Any, Any, None], seconds: float | None = None
) -> bool:
    """Does the work, unless it is told to stop, or the time is over: then no more of it. Whether it was told
    to stop. Raises what the work raises."""
    working = asyncio.ensure_future(work)
    await asyncio.wait((told, working), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    await asyncio.wait((working,))
    if not working.cancelled():
        working.result()
    return told.done()


async def _all(strategies: Sequence[Strategy], shell: Shell) -> None:
    """Every strategy until it ends, or until the shell does."""
    trading = asyncio.gather(*[each(shell) for each in strategies])
    ended = asyncio.ensure_future(shell.until(lambda _: False))
    try:
        await asyncio.wait((trading, ended), return_when=asyncio.FIRST_COMPLETED)
        (trading if trading.done() else ended).result()
    finally:
        trading.cancel()
        ended.cancel()
        await asyncio.gather(trading, ended, return_exceptions=True)


class Damage:
    """What the log finds wrong, in a thread of its own, with what was written long ago."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._found: asyncio.Future[None] = self._loop.create_future()

    def found(self, error: Exception) -> None:
        """From any thread; only the first counts."""
        self._loop.call_soon_threadsafe(self._raise, error)

    async def comes(self) -> None:
        """Waits for it, and raises it."""
        await asyncio.shield(self._found)

    def _raise(self, error: Exception) -> None:
        if not self._found.done():
            self._found.set_exception(error)


def _worded(question: Question) -> str:
    return f"{question.id} {question.kind} {question.subject}: {question.details}"


def _say(console: Console, line: str) -> None:
    console.print(Text(line, style="yellow"), soft_wrap=True)


def _asked_to_stop(stop: asyncio.Event) -> None:
    """Comes to rest first; asked again, it ends at once."""
    if stop.is_set():
        raise KeyboardInterrupt
    stop.set()


class Shown:
    """The live table on a terminal; nothing elsewhere."""

    def __init__(self, console: Console, screen: Screen, shell: Shell) -> None:
        self._screen = screen
        self._shell = shell
        is_seen = console.is_terminal
        self._live = Live(console=console, auto_refresh=False, transient=True) if is_seen else None

    def __enter__(self) -> "Shown":
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    async def refreshed(self) -> None:
        """Shows it anew for ever."""
        while self._live is not None:
            self._live.update(self._screen.table(self._shell), refresh=True)
            await asyncio.sleep(1 / SHOWN_PER_SECOND)
