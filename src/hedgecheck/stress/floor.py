"""The kit's venue in virtual time, with an engine at it: messages take as long, fail and fill as the exchange
of a stress test says. Every step is judged by the invariants.

Requests reach the venue in the order in which they were sent, and reports the engine in that in which they
were made: one connection each way. A network that is down swallows requests; reports wait until it is up.
"""

from collections import deque
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from hedgecheck import invariants, tape, venue
from hedgecheck.explore.replay import Failure, Run
from hedgecheck.explore.watch import Tally
from hedgecheck.faults import bad_data, partial_fill
from hedgecheck.invariants import Belief, Invariant
from hedgecheck.messages import (
    QUOTES,
    BadPrice,
    CreateOrder,
    EngineEvent,
    NewDay,
    Record,
    Report,
    StartTimer,
    StopTimer,
    TimerFired,
    Told,
    TradingHalted,
    TradingResumed,
)
from hedgecheck.stress.exchange import ExchangeSimulator, Fill
from hedgecheck.stress.stressed import Partition, RuntimeFault
from hedgecheck.values import replace
from hedgecheck.venue import ArchiveOrders, FillOrder, HaltTrading, MovePrice, ResumeTrading
from hedgecheck.world import Engine, Scope, Universe, World, ordinary
from hedgecheck.world.model import label, struck

Listener = Callable[[Any, int], None]
Next = tuple[int, Callable[..., None] | None, tuple[str, ...]]  # when, what, and of which order or timer
NOBODY: Mapping[type[Any], Listener] = MappingProxyType({})
TIMERS = (StartTimer, StopTimer, TimerFired)
REFUSAL = "INSUFFICIENT_BALANCE"  # what a venue under stress says most often


class Floor:
    """One run. ``listeners`` by the type of the records that they hear, each with the time at which it was;
    ``filled`` hears what each fill cost beyond the price of the market."""

    def __init__(
        self,
        scope: Scope,
        engine: Engine,
        exchange: ExchangeSimulator,
        plan: tuple[RuntimeFault, ...] = (),
        listeners: Mapping[type[Any], Listener] = NOBODY,
        filled: Callable[[str, Fill], None] = lambda order, fill: None,
        rules: tuple[Invariant, ...] = invariants.ALL,
    ) -> None:
        self.now, self.bar = 0, 0
        self.tally = Tally()
        self._universe = Universe(scope, engine)
        self._run = Run(self._universe, rules, self.tally)
        self._exchange, self._filled = exchange, filled
        own = dict.fromkeys(TIMERS, self._wind)
        self._listeners = {kind: _both(own.get(kind), listeners.get(kind)) for kind in {*own, *listeners}}
        self._partitions = [each.window for each in plan if isinstance(each, Partition)]
        self._arrivals: deque[int] = deque()  # of requests on their way, in ns
        self._deliveries: deque[int] = deque()  # of reports on theirs
        self._fills: dict[str, int] = {}  # of orders that the market would trade
        self._due: dict[str, int] = {}  # timers
        self._lost: set[tuple[str, str]] = set()  # replies that will not arrive
        self._fired: tuple[str, World] | None = None  # the last timer, and the world before it
        self._symbols: dict[str, str] = {}  # of orders
        self._shown = dict(scope.prices)  # what the engine was last told of each symbol

    @property
    def failure(self) -> Failure | None:
        """The first rule that was broken."""
        return self._run.failure

    @property
    def is_over(self) -> bool:
        """Whether a rule was broken, or the engine raised."""
        run = self._run
        return run.failure is not None or run.world.crashed

    @property
    def world(self) -> World:
        """What is true."""
        return self._run.world

    @property
    def belief(self) -> Belief:
        """What the engine holds to be true."""
        return self._universe.engine.belief(self.world.engine)

    @property
    def is_down(self) -> bool:
        """Whether the network is, in this bar."""
        return bool(self._partitions) and any(window.holds(self.bar) for window in self._partitions)

    def tell(self, event: EngineEvent, *records: Record) -> None:
        """The engine is told; what it commands is on its way then."""
        self._turn(*self._universe.tell(self._run.world, event, *records))

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is under way, and nothing is held up."""
        return not self._is_under_way and not self.is_down and not _is_halted(self.world.venue)

    @property
    def _is_under_way(self) -> bool:
        return bool(self._arrivals or self._deliveries or self._fills or self._due)

    def rest(self) -> None:
        """Judges the rules of rest, where nothing is under way."""
        self._run.rest()

    # ---- the market and its calendar -------------------------------------------------------------------

    def price(self, symbol: str, ticks: int) -> None:
        """A symbol trades at this price; the engine is told."""
        world = self._run.world
        if ticks == self._shown[symbol] == venue.price_of(world.venue, symbol):
            return
        self._shown[symbol] = ticks
        after, reports = venue.step(world.venue, MovePrice(symbol, ticks))
        world = replace(world, venue=after)
        if world.inbound or len(reports) > 1 or self.is_down:
            self._turn(replace(world, inbound=(*world.inbound, *reports)), reports)
        else:  # nothing is before it on the wire
            self._turn(*self._universe.tell(world, reports[0], reports[0], Told(reports[0])))
        self._look()

    def price_unseen(self, symbol: str, ticks: int, raw: str) -> None:
        """A symbol trades at this price, but what came of it by the feed cannot be used: the engine keeps
        the last one."""
        self._moved_unseen(symbol, ticks, raw)

    def price_unusable(self, symbol: str, ticks: int, raw: str) -> None:
        """The same, and the engine is told that it has no price any more."""
        self._moved_unseen(symbol, ticks, raw, BadPrice(symbol, raw))

    def _moved_unseen(self, symbol: str, ticks: int, raw: str, *told: Report) -> None:
        self._shown[symbol] = 0
        after, (price, *lapsed) = venue.step(self.world.venue, MovePrice(symbol, ticks))
        world, spent = struck(replace(self.world, venue=after), bad_data, f"{symbol} price {raw}")
        self._turn(replace(world, inbound=(*world.inbound, *told, *lapsed)), (spent, price, *lapsed))
        self._look()

    def day(self, number: int) -> None:
        """A session day begins on a market that never closes."""
        began = NewDay(number, "regular")
        self._turn(*self._universe.tell(replace(self.world, day=number), began, began))

    def halt(self, symbols: tuple[str, ...]) -> None:
        """The exchange halts trading in them, in everything where none are named."""
        self._turned(HaltTrading(symbols), TradingHalted(symbols))

    def resume(self, symbols: tuple[str, ...]) -> None:
        """Such a halt is over."""
        self._turned(ResumeTrading(symbols), TradingResumed(symbols))
        self._look()

    def _turned(self, decision: venue.Decision, said: TradingHalted | TradingResumed) -> None:
        after, _ = venue.step(self.world.venue, decision)
        self._turn(*self._universe.tell(replace(self.world, venue=after), said, said))

    def stops(self, symbol: str) -> list[int]:
        """The prices at which orders of a symbol wait for it."""
        orders = self.world.venue.orders
        resting = [each.request for each in orders if each.phase == "open" and venue.waits(each)]
        return [each.stop_price for each in resting if each.symbol == symbol and each.stop_price is not None]

    # ---- time ------------------------------------------------------------------------------------------

    def wait(self, duration_ns: int) -> None:
        """Time passes at the same prices."""
        self.settle(self.now + duration_ns)

    def settle(self, until_ns: int) -> None:
        """Lets everything happen that happens by then, in the order of time."""
        if not self._is_under_way:
            self.now = max(self.now, until_ns)
            return
        while not self.is_over:
            at, happens, of = self._next()
            if happens is None or at > until_ns:
                break
            self.now = max(self.now, at)
            happens(*of)
        self.now = max(self.now, until_ns)
        self._archive()

    def _archive(self) -> None:
        """Closed orders are set apart, so that a run costs what is live, not all that ever was."""
        if any(order.phase != "open" for order in self.world.venue.orders):
            after, _ = venue.step(self.world.venue, ArchiveOrders())
            self._run.turn(replace(self.world, venue=after), ())

    def _next(self) -> Next:
        """A request, a report, a fill, then a timer."""
        found: Next = (0, None, ())
        if self._arrivals:
            found = self._arrivals[0], self._arrive, ()
        if self._deliveries and (found[1] is None or self._deliveries[0] < found[0]) and not self.is_down:
            found = self._deliveries[0], self._deliver, ()
        if self._fills:
            order = min(self._fills, key=self._fills.__getitem__)
            if found[1] is None or self._fills[order] < found[0]:
                found = self._fills[order], self._fill, (order,)
        if self._due and found[1] is None:
            self._calm_down()
        if self._due:
            timer = min(self._due, key=self._due.__getitem__)
            if found[1] is None or self._due[timer] < found[0]:
                found = self._due[timer], self._fire, (timer,)
        return found

    def _calm_down(self) -> None:
        """A timer of which nothing came is not fired again before it is started anew: an engine may ask about
        a stop every minute for as long as it rests."""
        if self._fired is None:
            return
        timer, before = self._fired
        self._fired = None
        world = self.world
        if (world.engine, world.venue) == (before.engine, before.venue):
            self._due.pop(timer, None)

    def _arrive(self) -> None:
        """The oldest request gets to the venue, or does not."""
        request = self.world.outbound[0]
        self._arrivals.popleft()
        if self.is_down:
            self._do(tape.LoseRequest())
            return
        fails = ""
        if isinstance(request, CreateOrder):
            fails = self._exchange.failure(self.bar, request.symbol)
        if fails == "rejected":
            self._do(tape.Refuse(REFUSAL))
        elif fails == "request_lost":
            self._do(tape.LoseRequest())
        else:
            if fails == "reply_lost":
                self._lost.add((request.client_order_id, "Accepted"))
            self._do(ordinary.RECEIVE)
            self._look()

    def _deliver(self) -> None:
        """The oldest report gets to the engine, unless it is lost."""
        name = label(self.world.inbound[0])
        self._deliveries.popleft()
        if name in self._lost:
            self._lost.discard(name)
            self._do(tape.LoseReply(*name))
        else:
            self._do(tape.Deliver(*name))

    def _fill(self, name: str) -> None:
        """The market trades an order, as much and as dear as the exchange says."""
        del self._fills[name]
        order = venue.find(self.world.venue, name)
        lots = 0 if order is None else venue.fillable(self.world.venue, order)
        if order is None or not lots:
            return
        request = order.request
        price = venue.price_of(self.world.venue, request.symbol)
        fill = self._exchange.fill(self.bar, request.symbol, request.side, lots, price, request.price)
        world, spent = self.world, tuple[Record, ...]()
        if fill.lots < lots:
            world, strike = struck(world, partial_fill, f"{name}: {fill.lots} lots")
            spent = (strike,)
        self._filled(name, fill)
        self._turn(*ordinary.decide(world, FillOrder(name, fill.lots, price=fill.price), spent))
        self._look()

    def _fire(self, timer: str) -> None:
        del self._due[timer]
        self._fired = timer, self.world
        self._do(ordinary.firing(timer))

    # ---- what follows ----------------------------------------------------------------------------------

    def _do(self, action: tape.Action) -> None:
        self._turn(*self._universe.apply(self.world, action))

    def _turn(self, world: World, records: tuple[Record, ...]) -> None:
        """The world has become this one: what is new on the wires gets its time, and all is passed on."""
        self._run.turn(world, records)
        if world.outbound or world.inbound:
            self._time(world)
        for record in records:
            for listener in self._listeners.get(type(record), ()):
                listener(record, self.now)

    def _wind(self, record: Any, now_ns: int) -> None:
        if isinstance(record, StartTimer):
            self._due[record.timer] = now_ns + record.duration_ns
        else:
            self._due.pop(record.timer, None)

    def _time(self, world: World) -> None:
        """What is new on the wires gets the time at which it arrives."""
        for request in world.outbound[len(self._arrivals) :]:
            if isinstance(request, CreateOrder):
                self._symbols[request.client_order_id] = request.symbol
            _put(self._arrivals, self.now + self._latency_ns(request.client_order_id))
        for report in world.inbound[len(self._deliveries) :]:
            takes = 0 if isinstance(report, QUOTES) else self._latency_ns(report.client_order_id)
            _put(self._deliveries, self.now + takes)

    def _latency_ns(self, order: str) -> int:
        """An engine may ask about an order that it never sent: that is of no symbol, and takes as long as one
        of the first."""
        symbol = self._symbols.get(order) or next(iter(self._shown))
        return self._exchange.latency_ns(self.bar, symbol)

    def _look(self) -> None:
        """Looks which of the orders at the venue the market would trade now."""
        now = self.world.venue
        for order in now.orders:
            name = order.request.client_order_id
            if name not in self._fills and venue.fillable(now, order):
                self._fills[name] = self.now


def _is_halted(now: venue.Venue) -> bool:
    return bool(now.halted) or now.market_halted


def _both(*listeners: Listener | None) -> tuple[Listener, ...]:
    return tuple([each for each in listeners if each is not None])


def _put(times: deque[int], at: int) -> None:
    """One connection: nothing overtakes what went before it."""
    times.append(max(at, times[-1]) if times else at)
