"""The ``live`` command: a broker, a store, the shell between them, a strategy, and what is seen of it all."""

import asyncio
import importlib
import json
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from core.settings import Instrument, Settings
from core.units import Lots, Money
from hedgecheck.errors import ShellStopped, StoreMissing, UsageError
from hedgecheck.live.brokers import RemoteBroker
from hedgecheck.live.days import utc_days
from hedgecheck.live.freshness import Freshness
from hedgecheck.live.log import DurableLog
from hedgecheck.live.ports import Opening
from hedgecheck.live.questions import Questions
from hedgecheck.live.reconciliation import BOOKED_EVENTS, Booked, Reconciliation
from hedgecheck.live.round_trips import RoundTrips
from hedgecheck.live.screen import Screen
from hedgecheck.live.shell import Reconcile, Shell
from hedgecheck.live.store import EventStore
from hedgecheck.live.winding_down import still_open, wind_down
from hedgecheck.terminal import writable
from hedgecheck.values import frozen
from hedgecheck.venue import Market

Strategy = Callable[[Shell], Coroutine[Any, Any, None]]
Beside = Callable[[], Coroutine[Any, Any, None]]
VENUE = "venue"
SHOWN_PER_SECOND = 4
PRICE_AGE_SECONDS_MAX = 60.0  # after which it is unusable
STRATEGIES = ("alpha", "beta")


@frozen
class Asked:
    """What the command was asked for. ``broker``: ``venue`` for one that is begun and ended with the command,
    or ``tcp://HOST:PORT`` of one that runs. ``store``: where; None for one that goes with that venue.
    ``strategy``: ``module:function``, or empty for one to watch. ``rounds``: pairs that each strategy
    trades, None for no end. ``seconds``: how long, None for no end."""

    broker: str = VENUE
    store: str | None = None
    strategy: str = ""
    seed: int = 0
    rounds: int | None = None
    seconds: float | None = None
    patience_seconds: float = 60.0

    @property
    def command(self) -> str:
        """The line that does it again."""
        named = (("--store", self.store), ("--strategy", self.strategy), ("--rounds", self.rounds))
        more = "".join([f" {name} {value}" for name, value in named if value not in (None, "")])
        return f"hedgecheck live --broker {self.broker}{more} --seed {self.seed}"


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
    return asyncio.run(_traded(asked, _strategies(asked), console, milestones))


async def _traded(
    asked: Asked, strategies: Sequence[Strategy], console: Console, milestones: Milestones
) -> int:
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, partial(_asked_to_stop, stop))
    damage = Damage()
    async with _broker(asked) as broker, _kept(asked, broker, damage) as kept:
        log, questions, booked = kept
        screen, freshness = Screen(), Freshness(PRICE_AGE_SECONDS_MAX)

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
                await work.done(stop)
        except ShellStopped as error:
            console.print(Text(str(error), style="bold red"), soft_wrap=True)
            milestones.reach("failed", shell, why=str(error))
        finally:
            await shell.close()
    left = still_open(shell.state)
    console.print(Text(screen.summary()), soft_wrap=True)
    milestones.reach("stopped", shell, open=left)
    for line in left:
        console.print(Text(f"open: {line}", style="bold red"), soft_wrap=True)
    if not left:
        console.print(Text("flat: nothing is held, no order works", style="green"))
    return 1 if left else 0


@frozen
class Work:
    """What a shell is to do. ``beside``: what runs beside it from the start on."""

    asked: Asked
    shell: Shell
    strategies: Sequence[Strategy]
    beside: Sequence[Beside]
    milestones: Milestones

    async def done(self, stop: asyncio.Event) -> None:
        """Starts, trades until there is no more to trade or somebody says stop, and comes to rest."""
        told = asyncio.ensure_future(stop.wait())
        shell, reach = self.shell, self.milestones.reach
        reach("recovered", shell)
        try:
            if not await _first(told, shell.start()):
                reach("trading", shell)
                for work in self.beside:
                    shell.beside(work())
                await _first(told, _all(self.strategies, shell), seconds=self.asked.seconds)
            reach("stopping", shell)
            await wind_down(shell, self.asked.patience_seconds)
            reach("resting", shell)
        finally:
            told.cancel()


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


# ---- what it is connected to ---------------------------------------------------------------------------


@asynccontextmanager
async def _broker(asked: Asked) -> AsyncIterator[RemoteBroker]:
    if asked.broker == VENUE:
        async with _venue_process(asked.seed) as (host, port):
            yield RemoteBroker(host, port)
        return
    found = re.fullmatch(r"tcp://([^:/]+):(\d+)", asked.broker)
    if found is None:
        raise UsageError(f"--broker {asked.broker}: name venue, or tcp://HOST:PORT of one that runs.")
    yield RemoteBroker(found[1], int(found[2]))


@asynccontextmanager
async def _venue_process(seed: int) -> AsyncIterator[tuple[str, int]]:
    """A venue of its own, which ends with it."""
    arguments = ("-m", "hedgecheck", "venue", "--port", "0", "--seed", str(seed))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None, "Invariant: a process whose output is piped has one"
    try:
        address = re.search(rb"tcp://([^:/]+):(\d+)", await process.stdout.readline())
        if address is None:
            raise UsageError("The venue did not come up. Try: hedgecheck venue.")
        yield address[1].decode(), int(address[2])
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def _kept(
    asked: Asked, broker: RemoteBroker, damage: "Damage"
) -> AsyncIterator[tuple[DurableLog, Questions, Booked]]:
    """The store: gone on with where there is one, or a new one with the account's cash and the venue's
    markets; the questions beside it, and which fills are booked in it."""
    with tempfile.TemporaryDirectory() as folder:
        address = asked.store or str(Path(folder, "events.db"))
        booked = Booked()
        store = await _store(address, broker, booked)
        log = DurableLog(store, damage.found)
        try:
            with Questions(address) as questions:
                yield log, questions, booked
        finally:
            log.close()


async def _store(address: str, broker: RemoteBroker, booked: Booked) -> EventStore:
    try:
        return EventStore.open(address, stepped=booked.stepped, events_min=BOOKED_EVENTS)
    except StoreMissing:
        return EventStore.create(address, await _opening(broker))


async def _opening(broker: RemoteBroker) -> Opening:
    account = await broker.account()
    if account.cash is None:
        raise UsageError(
            f"{broker.name} does not say what the account has. See that it runs: hedgecheck venue."
        )
    if account.positions or account.open_orders:
        raise UsageError(
            f"The account at {broker.name} holds something already, of which a new store knows nothing. Name "
            "the store that it was traded with, or make the account flat."
        )
    markets = sorted(await broker.markets(), key=lambda each: each.symbol)
    return Opening(Settings(tuple(map(_instrument, markets))), Money(account.cash))


def _instrument(market: Market) -> Instrument:
    return Instrument(
        market.symbol,
        Money(market.tick_lot_value),
        market.tick,
        Lots(market.lot),
        Lots(market.minimum),
        Money(market.minimum_notional),
    )


def _strategies(asked: Asked) -> list[Strategy]:
    """The user's, or two to watch."""
    if not asked.strategy:
        return [RoundTrips(name, asked.seed, rounds=asked.rounds) for name in STRATEGIES]
    module, _, name = asked.strategy.partition(":")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"--strategy {asked.strategy}: {error}. Name module:function.") from error
    if not callable(found):
        raise UsageError(f"--strategy {asked.strategy} is no async function of a shell.")
    return [found]
