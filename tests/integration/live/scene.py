"""A shell with everything at hand: a venue that trades what it is told to, a log and timers that wait."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from core import engine
from core.engine import State
from core.messages import AnyTimerId, Command, Event, SignalId, SignalReceived
from core.settings import Instrument, Settings
from core.units import Lots, Money, Nanoseconds
from hedgecheck.errors import BrokerLost, StoreUnavailable
from hedgecheck.live.ports import Account, Opening, OpenOrder
from hedgecheck.live.shell import Shell
from hedgecheck.messages import (
    CreateOrder,
    EngineEvent,
    FetchOrder,
    Filled,
    OutcomeUnknown,
    Price,
    Report,
    Request,
)
from hedgecheck.venue import FillOrder, House, Market, Venue, fillable, filled, find, status_of, step

CASH = 1_000_000
PRICES = (("BTC", 100), ("ETH", 50))
OPENING = Opening(Settings(tuple(Instrument(symbol) for symbol, _ in PRICES)), Money(CASH))


def signal(sequence: int = 1) -> SignalReceived:
    """Buy ten BTC against twenty ETH."""
    return SignalReceived(SignalId("p", sequence), "BTC", "buy", Lots(10), "ETH", "sell", Lots(20))


class WaitingLog:
    """A log in memory. While ``gate`` is closed an append waits; with ``is_broken`` it fails."""

    def __init__(self, opening: Opening = OPENING) -> None:
        self.opening = opening
        self.stored: list[Event] = []
        self.batches: list[int] = []
        self.is_broken = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(self, events: Sequence[Event]) -> int:
        await self.gate.wait()
        if self.is_broken:
            raise StoreUnavailable("the disk is full")
        self.stored += events
        self.batches.append(len(events))
        return len(self.stored)

    def recovered(self) -> tuple[State, int]:
        state = engine.initial(self.opening.settings, self.opening.cash)
        for event in self.stored:
            state, _ = engine.step(state, event)
        return state, len(self.stored)

    def events(self, after: int = 0) -> Sequence[Event]:
        return self.stored[after:]


class HandTimers:
    """Timers that fire when they are told to."""

    def __init__(self) -> None:
        self.running: dict[AnyTimerId, Callable[[], object]] = {}

    def start(self, timer: AnyTimerId, duration: Nanoseconds, fire: Callable[[], object]) -> None:
        assert duration > 0
        self.running[timer] = fire

    def stop(self, timer: AnyTimerId) -> None:
        self.running.pop(timer, None)

    def close(self) -> None:
        self.running.clear()

    def fire(self, purpose: str) -> None:
        """All that run for a purpose."""
        for timer in [each for each in self.running if getattr(each, "purpose", "") == purpose]:
            self.running.pop(timer)()


class HandBroker:
    """A venue that trades all it can at once. ``sent``: every request; ``loses``: the answers to so many
    requests more get lost; ``takes``: whether orders arrive at all."""

    name = "hand"

    def __init__(self, log: WaitingLog) -> None:
        markets = tuple(Market(symbol) for symbol, _ in PRICES)
        self.venue = Venue(House(markets), CASH, PRICES)
        self.sent: list[Request] = []
        self.stored_when_sent: list[int] = []
        self.loses = 0
        self.fails: Exception | None = None
        self.connections = 0
        self._log = log
        self._reports: asyncio.Queue[Report | None] = asyncio.Queue()

    async def send(self, request: Request) -> tuple[EngineEvent, ...]:
        self.sent.append(request)
        self.stored_when_sent.append(len(self._log.stored))
        if self.fails is not None:
            raise self.fails
        if isinstance(request, FetchOrder):
            return (status_of(self.venue, request.client_order_id),)
        self.venue, reports = step(self.venue, request)
        if isinstance(request, CreateOrder):
            reports += self._traded(request.client_order_id)
        if self.loses:
            self.loses -= 1
            return (OutcomeUnknown(request.client_order_id, "create"),)
        return reports

    def _traded(self, name: str) -> tuple[Report, ...]:
        order = find(self.venue, name)
        amount = 0 if order is None else fillable(self.venue, order)
        if not amount:
            return ()
        self.venue, reports = step(self.venue, FillOrder(name, amount))
        return reports

    def breaks(self) -> None:
        """The stream does."""
        self._reports.put_nowait(None)

    async def stream(self) -> AsyncIterator[Report]:
        self.connections += 1
        for symbol, price in PRICES:
            yield Price(symbol, price)
        while True:
            report = await self._reports.get()
            if report is None:
                raise BrokerLost("the connection was reset")
            yield report

    async def account(self) -> Account:
        orders = [each for each in self.venue.orders if each.phase == "open"]
        fills: list[Filled] = [fill for each in self.venue.orders for fill in each.fills]
        shown = [
            OpenOrder(
                each.request.client_order_id,
                each.request.symbol,
                each.request.side,
                each.request.amount,
                filled(each),
            )
            for each in orders
        ]
        return Account(tuple(shown), self.venue.positions, self.venue.cash, tuple(fills), 0)

    async def close(self) -> None:
        pass


class Scene:
    """A shell, and what it is connected to."""

    def __init__(self, log: WaitingLog | None = None, broker: HandBroker | None = None) -> None:
        self.log = log or WaitingLog()
        self.broker = broker or HandBroker(self.log)
        self.timers = HandTimers()
        self.reconciled = 0
        self.failures: list[Exception] = []
        self.commands: list[Command] = []
        self.shell = Shell(
            self.log, self.broker, reconcile=lambda _: self._reconcile, watchers=(self,), timers=self.timers
        )

    async def _reconcile(self) -> None:
        self.reconciled += 1

    def stepped(self, state: State, event: Event, commands: tuple[Command, ...]) -> None:
        self.commands += commands

    def failed(self, error: Exception) -> None:
        self.failures.append(error)
