"""What ``hedgecheck live`` is connected to: a venue, a store, and the strategies that trade."""

import asyncio
import importlib
import inspect
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from core.settings import Instrument, Settings
from core.units import Lots, Money
from core.values import replace
from hedgecheck.errors import StoreMissing, UsageError
from hedgecheck.live import codes
from hedgecheck.live.brokers import RemoteBroker
from hedgecheck.live.log import DurableLog
from hedgecheck.live.ports import Opening
from hedgecheck.live.questions import Questions
from hedgecheck.live.reconciliation import BOOKED_EVENTS, Booked
from hedgecheck.live.round_trips import RoundTrips
from hedgecheck.live.shell import Shell
from hedgecheck.live.store import EventStore
from hedgecheck.values import frozen
from hedgecheck.venue import Market

Strategy = Callable[[Shell], Coroutine[Any, Any, None]]
VENUE = "venue"
STRATEGIES = ("alpha", "beta")


@frozen
class Asked:
    """What the command was asked for. ``broker``: ``venue`` for one that is begun and ended with the command,
    or ``tcp://HOST:PORT`` of one that runs. ``store``: where; None for one that goes with that venue.
    ``strategy``: ``module:function``, or empty for one to watch. ``rounds``: pairs that each strategy
    trades, None for no end. ``seconds``: how long, None for no end. ``reset``: breakers, by the codes in
    ``codes``, or in the file beside the store."""

    broker: str = VENUE
    store: str | None = None
    strategy: str = ""
    seed: int = 0
    rounds: int | None = None
    seconds: float | None = None
    patience_seconds: float = 60.0
    reset: tuple[str, ...] = ()
    codes: Path | None = None

    @property
    def command(self) -> str:
        """The line that does it again."""
        named = (("--store", self.store), ("--strategy", self.strategy), ("--rounds", self.rounds))
        more = "".join([f" {name} {value}" for name, value in named if value not in (None, "")])
        return f"hedgecheck live --broker {self.broker}{more} --seed {self.seed}"

    @property
    def codes_file(self) -> Path | None:
        """Where the codes of its breakers are; None for a store that ends with the command, or of a server
        where none is named."""
        if self.codes is not None or self.store is None or "://" in self.store:
            return self.codes
        return Path(f"{self.store}.codes")


@asynccontextmanager
async def broker_of(asked: Asked) -> AsyncIterator[RemoteBroker]:
    """The venue's account, and the venue too where it comes and goes with the command. Raises
    ``UsageError``."""
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
async def kept(
    asked: Asked, broker: RemoteBroker, found: Callable[[Exception], None]
) -> AsyncIterator[tuple[DurableLog, Questions, Booked]]:
    """The store: gone on with where there is one, or a new one with the account's cash and the venue's
    markets; the questions beside it, and which fills are booked in it."""
    with tempfile.TemporaryDirectory() as folder:
        address = asked.store or str(Path(folder, "events.db"))
        booked = Booked()
        store = await _store(asked, address, broker, booked)
        log = DurableLog(store, found)
        try:
            with Questions(address) as questions:
                yield log, questions, booked
        finally:
            log.close()


async def _store(asked: Asked, address: str, broker: RemoteBroker, booked: Booked) -> EventStore:
    try:
        return EventStore.open(address, stepped=booked.stepped, events_min=BOOKED_EVENTS)
    except StoreMissing:
        opening, file = await _opening(broker), asked.codes_file
        if file is not None:
            names = [each.name for each in opening.settings.breakers]
            settings = replace(opening.settings, reset_anchors=codes.made(file, names))
            opening = replace(opening, settings=settings)
        return EventStore.create(address, opening)


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


def strategies_of(asked: Asked) -> list[Strategy]:
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
    if not inspect.iscoroutinefunction(found) and not inspect.iscoroutinefunction(type(found).__call__):
        raise UsageError(f"--strategy {asked.strategy} is no async function of a shell.")
    return [found]
