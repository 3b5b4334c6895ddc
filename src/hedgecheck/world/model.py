"""What a world is made of: the scope, the engine as the kit sees it, the state, and the engine's turn."""

from typing import Any, Literal, Protocol

from hedgecheck import faults
from hedgecheck.faults import BAD_PRICES, REJECTIONS, Fault, Plan
from hedgecheck.invariants import Belief, Bounds
from hedgecheck.messages import (
    QUOTES,
    BadPrice,
    BookShown,
    CancelOrder,
    Crashed,
    CreateOrder,
    EngineCommand,
    EngineEvent,
    FetchOrder,
    Intent,
    Price,
    Record,
    ReplaceOrder,
    Report,
    Request,
    Restarted,
    Sent,
    Spent,
    StartTimer,
    StopTimer,
)
from hedgecheck.values import frozen, replace
from hedgecheck.venue import Book, House, Venue, book_shown


class Engine(Protocol):
    """An engine under test as a pure transition function, in the kit's words.

    It may have ``understands`` beside these: those of ``Exit``, ``Rebalance``, ``Batch``, ``CashFlow`` and
    ``BookShown`` of ``hedgecheck.messages`` that it can be told; without it, none. One that knows whose an
    order or a timer is has ``owner(name)``, the intent; what tables need beside that is ``parts``, see
    ``explore.tables.parts``.
    """

    @property
    def name(self) -> str: ...

    def initial(self, scope: "Scope") -> Any: ...

    def step(self, state: Any, event: EngineEvent) -> tuple[Any, tuple[Any, ...]]: ...

    @property
    def stores_first(self) -> bool:
        """Whether an event is stored before the commands of its step leave, or after they left."""

    def belief(self, state: Any) -> Belief: ...


@frozen
class Scope:
    """The setting of an execution. ``prices`` by symbol. In parts per million: ``ticks``, price changes of
    an ordinary day, and ``moves``, the shocks. ``denials``: how often a venue may deny an order it has.
    ``halts``: how often a person may halt trading. ``attempts``: at entry, hedge and query. ``timers``:
    patient ones fire only when no message is in flight, but for those that fell behind: latency is small
    against every duration, and a message slower than that is a fault. ``days``: how often a session day may
    begin. ``strangers``: client order ids that somebody else has on the account. ``drawdown_bps`` 0: there
    is no such breaker. ``changes``: how often a strategy may want an entry that rests at another price.
    ``lanes``: every intent has a lane of its own; see ``world.lanes``. ``sessions``: how often the trading
    session may end, and ``pauses``, how often trading may be halted; see ``world.sessions``.
    ``rebalances``: how often capital may be moved between strategies, where the bounds give them budgets.
    ``exits``: how often a strategy may want out of an intent. ``books``: those that the market opens with,
    sorted by symbol, and ``reshapes``, how often one may take another shape; see ``world.books``.
    ``cash_flows``: how often cash may be deposited or withdrawn. ``batches``: how often several intents may
    be signaled at one moment."""

    intents: tuple[Intent, ...]
    house: House
    cash: int
    prices: tuple[tuple[str, int], ...]
    bounds: Bounds = Bounds()
    daily_loss_bps: int = 200
    not_found_confirmations: int = 3
    flatten_attempts: int = 3
    ticks: tuple[int, ...] = ()
    moves: tuple[int, ...] = (-200_000, -20_000, 20_000)
    faults: Plan = faults.WORLD
    max_faults: int = 2
    denials: int = 2
    bad_prices: tuple[str, ...] = BAD_PRICES
    rejections: tuple[str, ...] = REJECTIONS
    max_crashes: int = 0
    halts: int = 0
    attempts: tuple[int, int, int] = (2, 3, 12)
    timers: Literal["any", "patient"] = "any"
    days: int = 0
    strangers: tuple[str, ...] = ()
    drawdown_bps: int = 0
    changes: int = 0
    lanes: bool = False
    sessions: int = 0
    pauses: int = 0
    rebalances: int = 0
    exits: int = 0
    books: tuple[Book, ...] = ()
    reshapes: int = 0
    cash_flows: int = 0
    batches: int = 0


@frozen
class World:
    """Only what the future depends on. ``engine`` is opaque; ``signaled`` counts deliveries per intent;
    ``late`` are the messages to the engine that fell behind; ``day`` is the session day it was last told.
    ``lanes``: one world per intent, where each has its own; the engine is in none of them."""

    engine: Any
    venue: Venue
    signaled: tuple[int, ...]
    faults_left: int
    outbound: tuple[Request, ...] = ()
    inbound: tuple[Report, ...] = ()
    timers: tuple[str, ...] = ()
    denied: tuple[tuple[str, int], ...] = ()
    late: tuple[Report, ...] = ()
    crashes_left: int = 0
    halts_left: int = 0
    crashed: bool = False
    day: int = 0
    days_left: int = 0
    changes_left: int = 0
    lanes: tuple["World", ...] = ()
    sessions_left: int = 0
    pauses_left: int = 0
    rebalances_left: int = 0
    exits_left: int = 0
    reshapes_left: int = 0
    cash_flows_left: int = 0
    batches_left: int = 0


REQUESTS = (CreateOrder, CancelOrder, FetchOrder, ReplaceOrder)

Step = tuple[World, tuple[Record, ...]]


@frozen
class Setting:
    """The fixed part that worlds do not carry around: the scope, and the engine in it."""

    scope: Scope
    engine: Engine

    def tell(self, world: World, event: EngineEvent, *records: Record) -> Step:
        """Steps the engine with ``event`` and carries out its commands."""
        return self.hear(world, world.inbound, event, *records)

    def hear(self, world: World, inbound: tuple[Report, ...], event: EngineEvent, *records: Record) -> Step:
        """The same, leaving ``inbound`` in flight."""
        try:
            state, commands = self.engine.step(world.engine, event)
        except Exception as error:  # whatever an engine raises is a finding, not our failure
            crash = Crashed(f"{type(error).__name__}: {error}")
            return replace(world, inbound=inbound, crashed=True), (*records, crash)
        outbound, timers, said = _carried_out(world, commands)
        after = replace(world, engine=state, outbound=outbound, inbound=inbound, timers=timers, crashed=False)
        return after, (*records, *said)

    def restarted(self, world: World, *records: Record) -> Step:
        """The world after its engine died and came up again."""
        return self.tell(disconnected(world), Restarted(), *records, Restarted())

    def kept_over_crash(self, world: World, after: World, *, sends: bool, stores: bool) -> World:
        """The world in which, of a step that would lead to ``after``, only the requests that it sent or the
        state that it stored came to be; signals were delivered in either case."""
        return replace(
            world,
            signaled=after.signaled,
            outbound=after.outbound if sends else world.outbound,
            engine=after.engine if stores else world.engine,
        )


def _carried_out(
    world: World, commands: tuple[EngineCommand, ...]
) -> tuple[tuple[Request, ...], tuple[str, ...], list[Record]]:
    """The requests on their way and the timers after these commands, and what is recorded of them."""
    outbound, timers = world.outbound, world.timers
    said: list[Record] = []
    for command in commands:
        if isinstance(command, REQUESTS):
            outbound = (*outbound, command)
            said.append(Sent(command))
            continue
        said.append(command)
        if isinstance(command, StartTimer):
            timers = (*without_timer(timers, command.timer), command.timer)
        elif isinstance(command, StopTimer):
            timers = without_timer(timers, command.timer)
    return outbound, timers, said


def disconnected(world: World) -> World:
    """What is left around an engine that died, once it is connected again: requests that change something and
    had left, and the present price and book of each symbol of which one was in flight."""
    in_flight = (*world.late, *world.inbound)
    priced = {each.symbol for each in in_flight if isinstance(each, (Price, BadPrice))}
    prices = tuple(Price(symbol, price) for symbol, price in world.venue.prices if symbol in priced)
    kept = tuple(each for each in world.outbound if not isinstance(each, FetchOrder))
    showing = sorted({each.symbol for each in in_flight if isinstance(each, BookShown)})
    books = tuple(book for symbol in showing if (book := book_shown(world.venue, symbol)))
    return replace(world, outbound=kept, inbound=(*prices, *books), late=(), timers=())


def without_timer(timers: tuple[str, ...], timer: str) -> tuple[str, ...]:
    """The timers that run, without that one."""
    if timer not in timers:
        return timers
    index = timers.index(timer)
    return timers[:index] + timers[index + 1 :]


def label(report: Report) -> tuple[str, str]:
    """The name of a message in flight: what it is about, and its kind."""
    about = report.symbol if isinstance(report, QUOTES) else report.client_order_id
    return about, type(report).__name__


def struck(world: World, fault: Fault, where: str) -> tuple[World, Spent]:
    """The world with one fault less, and the record that it struck."""
    return replace(world, faults_left=world.faults_left - 1), Spent(fault.id, f"{fault.name}: {where}")
