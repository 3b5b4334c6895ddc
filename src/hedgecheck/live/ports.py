"""What the shell is connected to: a broker, a log, whoever watches. Each can be another, and a test's own.

A broker speaks the kit's words; ``hedgecheck.drive`` maps them onto the core's. Nothing is decided here.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Protocol

from core.engine import State
from core.messages import Command, Event
from core.settings import Settings
from core.units import Money
from core.values import frozen
from hedgecheck.messages import EngineEvent, Filled, Report, Request, Side


@frozen
class Opening:
    """What an account's history begins with: the settings, and the cash in minor units."""

    settings: Settings
    cash: Money


@frozen
class OpenOrder:
    """An order that works at the venue: ``amount`` lots in all, of which ``filled`` are."""

    client_order_id: str
    symbol: str
    side: Side
    amount: int
    filled: int


@frozen
class Account:
    """What a venue says of an account. A part is None where no usable answer came: nothing is known of it
    then, least of all that there is nothing.

    ``positions``: signed lots by symbol, sorted; one that is not named is flat. ``cash``: minor units.
    ``fills``: the account's latest, oldest first. ``time_ns``: the venue's clock.
    """

    open_orders: tuple[OpenOrder, ...] | None = None
    positions: tuple[tuple[str, int], ...] | None = None
    cash: int | None = None
    fills: tuple[Filled, ...] | None = None
    time_ns: int | None = None


class Broker(Protocol):
    """A connection to a venue."""

    @property
    def name(self) -> str:
        """What people call it."""

    async def send(self, request: Request) -> tuple[EngineEvent, ...]:
        """Sends a request once, and says what came of it: the venue's reports, or ``OutcomeUnknown`` where no
        readable answer came. It raises nothing that a market does; a request that the venue provably did not
        take may be sent again by the broker itself."""

    def stream(self) -> AsyncIterator[Report]:
        """Fills, ends of orders and prices, as they come. Raises ``BrokerLost`` where the connection breaks;
        asked again it connects again, and what happened meanwhile is not told."""

    async def account(self) -> Account:
        """What the venue holds for the account now. Raises nothing: see ``Account``."""

    async def close(self) -> None:
        """Hangs up."""


class Log(Protocol):
    """What happened, in order, for ever."""

    @property
    def opening(self) -> Opening:
        """What it begins with."""

    async def append(self, events: Sequence[Event]) -> int:
        """Stores events, all or none, and returns the position of the last; they are durable then. Raises
        ``StoreError``: nothing that follows from them may leave then."""

    def recovered(self) -> tuple[State, int]:
        """The fold of all that is stored, and the position of the last event."""

    def events(self, after: int = 0) -> Iterable[Event]:
        """The events after a position, in order."""


class Questions(Protocol):
    """What people are asked, until they have answered and it was acted on."""

    def ask(self, kind: str, subject: str, details: str) -> int:
        """The number of the question. One of that kind and subject that is not settled is not asked twice."""

    def asked(self) -> list[tuple[int, str]]:
        """Those that are not settled: number and subject."""

    def answered(self) -> list[tuple[int, str, str, str]]:
        """Those that are answered and not settled: number, kind, subject, answer. That is "adopt" (what is
        there is ours), "gone" (it was closed outside) or "again" (look again)."""

    def settle(self, id: int) -> None:
        """It was acted on, and is asked no more."""


class Watcher(Protocol):
    """Whoever is told of each step, once it is durable: telemetry, alerts, a screen."""

    def stepped(self, state: State, event: Event, commands: tuple[Command, ...]) -> None:
        """``state``: after the step. It must not take long, and must not raise."""

    def failed(self, error: Exception) -> None:
        """A broker failed, and the shell goes on: a connection was lost, or a request raised."""
