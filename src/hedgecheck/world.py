"""Engine x venue x wire as one pure value: ``enabled(world)``, ``apply(world, action) -> (world, records)``.

Time is left out: any armed timer may fire at any moment, so every duration and latency is covered. Requests
keep their order (one session); reports may be lost, overtaken or doubled, each at the price of one fault.
``apply`` of an action that is not possible changes nothing and records nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from hedgecheck import faults, tape, venue
from hedgecheck.faults import Fault, Plan
from hedgecheck.invariants import Belief, Bounds, MarketTerms, Terms
from hedgecheck.messages import (
    REPLIES,
    Accepted,
    Arrived,
    Canceled,
    CancelOrder,
    Crashed,
    CreateOrder,
    EngineEvent,
    Expired,
    FetchOrder,
    Filled,
    Intent,
    Lost,
    OutcomeUnknown,
    Price,
    Record,
    Rejected,
    Report,
    Request,
    Sent,
    Signaled,
    Spent,
    StartTimer,
    StopTimer,
    TimerFired,
    Told,
)
from hedgecheck.values import replace
from hedgecheck.venue import FillOrder, House, MovePrice, Venue

_delivery = lru_cache(maxsize=1024)(tape.Deliver)  # the same few, over and over
_firing = lru_cache(maxsize=1024)(tape.Fire)

MILLION = 1_000_000
REPEATS_MAX = 4
REQUEST_NAMES = {CreateOrder: "create", CancelOrder: "cancel", FetchOrder: "fetch"}
STREAMED = (Accepted, Rejected, Filled, Canceled, Expired)  # what a venue may say twice


class Engine(Protocol):
    """An engine under test as a pure transition function, in the kit's words."""

    @property
    def name(self) -> str: ...

    def initial(self, scope: "Scope") -> Any: ...

    def step(self, state: Any, event: EngineEvent) -> tuple[Any, tuple[Any, ...]]: ...

    def belief(self, state: Any) -> Belief: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """The setting of an execution. ``prices`` by symbol; ``moves``: price changes in parts per million that
    may be drawn; ``denials``: how often a venue may deny an order that it has."""

    intents: tuple[Intent, ...]
    house: House
    cash: int
    prices: tuple[tuple[str, int], ...]
    bounds: Bounds = Bounds()
    daily_loss_bps: int = 200
    not_found_confirmations: int = 3
    flatten_attempts: int = 3
    moves: tuple[int, ...] = (-200_000, -20_000, 10_000)
    faults: Plan = faults.ALL
    max_faults: int = 2
    denials: int = 2


@dataclass(frozen=True, slots=True)
class World:
    """Only what the future depends on. ``engine`` is opaque; ``signaled`` counts deliveries per intent."""

    engine: Any
    venue: Venue
    signaled: tuple[int, ...]
    faults_left: int
    outbound: tuple[Request, ...] = ()
    inbound: tuple[Report, ...] = ()
    timers: tuple[str, ...] = ()
    denied: tuple[tuple[str, int], ...] = ()
    crashed: bool = False


Step = tuple[World, tuple[Record, ...]]


@dataclass(frozen=True, slots=True)
class Universe:
    """A scope with an engine in it: the fixed part, which worlds do not carry around."""

    scope: Scope
    engine: Engine

    def initial(self) -> World:
        """The world before anything happened. The engine knows the opening prices."""
        scope = self.scope
        state = self.engine.initial(scope)
        for symbol, price in scope.prices:
            state, _ = self.engine.step(state, Price(symbol, price))
        opened = Venue(scope.house, scope.cash, scope.prices)
        return World(state, opened, (0,) * len(scope.intents), scope.max_faults)

    def terms(self) -> Terms:
        """What the observers are told of the setting."""
        prices = dict(self.scope.prices)
        markets = tuple(
            MarketTerms(
                each.symbol,
                prices[each.symbol],
                each.tick_lot_value,
                each.minimum,
                each.minimum_notional,
                each.lot,
            )
            for each in self.scope.house.markets
        )
        return Terms(self.scope.cash, markets, self.scope.bounds, self.scope.not_found_confirmations)

    # ---- what can happen -----------------------------------------------------------------------------

    def enabled(self, world: World) -> tuple[tape.Action, ...]:
        """Every action that would change this world, in a fixed order."""
        adverse = (self.adverse(world, fault) for fault in self.scope.faults)
        return (*self.ordinary(world), *(action for actions in adverse for action in actions))

    def ordinary(self, world: World) -> list[tape.Action]:
        """What happens without any fault."""
        actions: list[tape.Action] = []
        if world.crashed:
            return actions
        if 0 in world.signaled:
            actions.append(tape.Signal(world.signaled.index(0)))
        if world.outbound:
            actions.append(tape.Receive())
        if world.inbound:
            actions.append(_delivery(*label(world.inbound[0])))
        for order in world.venue.orders:
            amount = venue.fillable(world.venue, order) if order.phase == "open" else 0
            if amount:
                actions.append(tape.Fill(order.request.client_order_id, amount))
        actions += map(_firing, world.timers)
        return actions

    def adverse(self, world: World, fault: Fault) -> list[tape.Action]:
        """What one kind of fault could do now; nothing once no faults are left."""
        if world.faults_left <= 0 or world.crashed or fault not in self.scope.faults:
            return []
        return ADVERSITIES[fault](self, world)

    def apply(self, world: World, action: tape.Action) -> Step:
        """The world after ``action``, and what happened; no records where it was not possible."""
        return HANDLERS[type(action)](self, world, action)

    def quiet(self, world: World) -> tape.Action | None:
        """The next thing to happen once faults have stopped, fairly; None at rest.

        Messages go before fills, fills before timers; a timer fires only when nothing else can happen.
        """
        if world.outbound and not world.crashed:
            return tape.Receive()
        if world.inbound and not world.crashed:
            return tape.Deliver(*label(world.inbound[0]))
        return next((each for each in self.ordinary(world) if not isinstance(each, tape.Signal)), None)

    def view(self, world: World, at_rest: bool) -> "WorldView":
        """What a verdict may see."""
        return WorldView(self.engine, world, at_rest)

    # ---- the engine's turn ---------------------------------------------------------------------------

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
        outbound, timers = world.outbound, world.timers
        said: list[Record] = list(records)
        for command in commands:
            if isinstance(command, (CreateOrder, CancelOrder, FetchOrder)):
                outbound = (*outbound, command)
                said.append(Sent(command))
                continue
            said.append(command)
            if isinstance(command, StartTimer):
                timers = (*(each for each in timers if each != command.timer), command.timer)
            elif isinstance(command, StopTimer):
                timers = tuple(each for each in timers if each != command.timer)
        after = World(
            state,
            world.venue,
            world.signaled,
            world.faults_left,
            outbound,
            inbound,
            timers,
            world.denied,
        )
        return after, tuple(said)


class WorldView:
    """See ``invariants.View``; what the engine believes is worked out once, when it is first asked for."""

    __slots__ = ("_belief", "_engine", "_world", "is_at_rest")

    def __init__(self, engine: Engine, world: World, is_at_rest: bool) -> None:
        self._engine = engine
        self._world = world
        self._belief: Belief | None = None
        self.is_at_rest = is_at_rest

    @property
    def belief(self) -> Belief:
        if self._belief is None:
            self._belief = self._engine.belief(self._world.engine)
        return self._belief


def label(report: Report) -> tuple[str, str]:
    """The name of a message in flight: what it is about, and its kind."""
    about = report.symbol if isinstance(report, Price) else report.client_order_id
    return about, type(report).__name__


def _index(world: World, about: str, kind: str) -> int:
    """Where the oldest message of that name is in flight; -1 where there is none."""
    for index, report in enumerate(world.inbound):
        if label(report) == (about, kind):
            return index
    return -1


def _struck(world: World, fault: Fault, where: str) -> tuple[World, Spent]:
    return replace(world, faults_left=world.faults_left - 1), Spent(fault.id, f"{fault.name}: {where}")


# ---- the ordinary actions --------------------------------------------------------------------------


def _signal(universe: Universe, world: World, action: tape.Signal) -> Step:
    if action.intent >= len(world.signaled) or world.signaled[action.intent]:
        return world, ()
    return _deliver_intent(universe, world, action.intent)


def _deliver_intent(universe: Universe, world: World, index: int, *records: Record) -> Step:
    counts = world.signaled
    signaled = (*counts[:index], counts[index] + 1, *counts[index + 1 :])
    intent = universe.scope.intents[index]
    return universe.tell(replace(world, signaled=signaled), intent, *records, Signaled(intent))


def _receive(universe: Universe, world: World, _action: tape.Receive) -> Step:
    if not world.outbound:
        return world, ()
    request = world.outbound[0]
    after, reports = venue.step(world.venue, request)
    world = replace(world, venue=after, outbound=world.outbound[1:], inbound=(*world.inbound, *reports))
    return world, (Arrived(request), *reports)


def _deliver(universe: Universe, world: World, action: tape.Deliver) -> Step:
    if not world.inbound or label(world.inbound[0]) != (action.about, action.kind):
        return world, ()
    report = world.inbound[0]
    return universe.hear(world, world.inbound[1:], report, Told(report))


def _fire(universe: Universe, world: World, action: tape.Fire) -> Step:
    if action.timer not in world.timers:
        return world, ()
    world = replace(world, timers=tuple(each for each in world.timers if each != action.timer))
    fired = TimerFired(action.timer)
    return universe.tell(world, fired, fired)


def _fill(universe: Universe, world: World, action: tape.Fill) -> Step:
    order = venue.find(world.venue, action.order)
    records: tuple[Record, ...] = ()
    if order is not None and action.amount < venue.fillable(world.venue, order):
        if world.faults_left <= 0:
            return world, ()
        world, spent = _struck(world, faults.partial_fill, f"{action.order}: {action.amount} lots")
        records = (spent,)
    return _decide(world, FillOrder(action.order, action.amount), records)


def _decide(world: World, decision: venue.Decision, records: tuple[Record, ...]) -> Step:
    after, reports = venue.step(world.venue, decision)
    if not reports:
        return world, ()
    return replace(world, venue=after, inbound=(*world.inbound, *reports)), (*records, *reports)


# ---- the adverse ones ------------------------------------------------------------------------------


def _repeat(universe: Universe, world: World, action: tape.Repeat) -> Step:
    if action.intent >= len(world.signaled) or not 0 < world.signaled[action.intent] <= REPEATS_MAX:
        return world, ()
    if world.faults_left <= 0:
        return world, ()
    intent = universe.scope.intents[action.intent]
    world, spent = _struck(world, faults.simultaneous_signals, f"intent {intent.id} again")
    return _deliver_intent(universe, world, action.intent, spent)


def _overtake(universe: Universe, world: World, action: tape.Overtake) -> Step:
    index = _index(world, action.about, action.kind)
    if index <= 0 or world.faults_left <= 0:
        return world, ()
    report = world.inbound[index]
    world, spent = _struck(world, faults.reordered, f"{action.kind} of {action.about}")
    return universe.hear(world, faults.without(world.inbound, index), report, spent, Told(report))


def _duplicate(universe: Universe, world: World, action: tape.Duplicate) -> Step:
    index = _index(world, action.about, action.kind)
    if index < 0 or world.faults_left <= 0 or not isinstance(world.inbound[index], STREAMED):
        return world, ()
    report = world.inbound[index]
    world, spent = _struck(world, faults.duplicated, f"{action.kind} of {action.about}")
    return universe.hear(world, faults.with_copy(world.inbound, index), report, spent, Told(report))


def _lose_request(universe: Universe, world: World, _action: tape.LoseRequest) -> Step:
    if not world.outbound or world.faults_left <= 0:
        return world, ()
    request = world.outbound[0]
    unknown = OutcomeUnknown(request.client_order_id, REQUEST_NAMES[type(request)])  # type: ignore[arg-type]
    world, spent = _struck(world, faults.response_lost, f"{unknown.request} {request.client_order_id}")
    world = replace(world, outbound=world.outbound[1:])
    return universe.tell(world, unknown, spent, Lost(request), unknown)


def _lose_reply(universe: Universe, world: World, action: tape.LoseReply) -> Step:
    index = _index(world, action.about, action.kind)
    if index < 0 or world.faults_left <= 0 or not isinstance(world.inbound[index], REPLIES):
        return world, ()
    request = {"Accepted": "create", "Rejected": "create", "Status": "fetch"}.get(action.kind, "cancel")
    unknown = OutcomeUnknown(action.about, request)  # type: ignore[arg-type]
    world, spent = _struck(world, faults.response_lost, f"{action.kind} of {action.about}")
    return universe.hear(world, faults.without(world.inbound, index), unknown, spent, unknown)


def _fill_fee_in_base(universe: Universe, world: World, action: tape.FillFeeInBase) -> Step:
    order = venue.find(world.venue, action.order)
    if order is None or world.faults_left <= 0 or action.amount != venue.fillable(world.venue, order):
        return world, ()
    world, spent = _struck(world, faults.base_fee, f"{action.order}: {action.amount} lots")
    return _decide(world, FillOrder(action.order, action.amount, fee_in_base=True), (spent,))


def _misanswer(universe: Universe, world: World, action: tape.Misanswer) -> Step:
    if not world.outbound or world.faults_left <= 0:
        return world, ()
    request = world.outbound[0]
    answer = _false_answers(universe, world).get(action.answer)
    if answer is None:
        return world, ()
    order = request.client_order_id
    world, spent = _struck(world, faults.query_unreliable, f"query of {order}: {action.answer}")
    if action.answer == "not_found":
        denied = dict(world.denied)
        denied[order] = denied.get(order, 0) + 1
        world = replace(world, denied=tuple(sorted(denied.items())))
    world = replace(world, outbound=world.outbound[1:], inbound=(*world.inbound, answer))
    return world, (spent, Arrived(request))


def _false_answers(universe: Universe, world: World) -> dict[str, Any]:
    request = world.outbound[0] if world.outbound else None
    if not isinstance(request, FetchOrder):
        return {}
    order = request.client_order_id
    may_hide = dict(world.denied).get(order, 0) < universe.scope.denials
    return dict(faults.false_answers(venue.status_of(world.venue, order), may_hide))


def _move(universe: Universe, world: World, action: tape.Move) -> Step:
    price = dict(world.venue.prices).get(action.symbol)
    if price is None or world.faults_left <= 0:
        return world, ()
    moved = max(1, price * (MILLION + action.ppm) // MILLION)
    world, spent = _struck(world, faults.price_shock, f"{action.symbol} {price} -> {moved}")
    return _decide(world, MovePrice(action.symbol, moved), (spent,))


HANDLERS: dict[type[Any], Callable[[Universe, World, Any], Step]] = {
    tape.Signal: _signal,
    tape.Repeat: _repeat,
    tape.Receive: _receive,
    tape.Deliver: _deliver,
    tape.Overtake: _overtake,
    tape.Duplicate: _duplicate,
    tape.LoseRequest: _lose_request,
    tape.LoseReply: _lose_reply,
    tape.Fill: _fill,
    tape.FillFeeInBase: _fill_fee_in_base,
    tape.Misanswer: _misanswer,
    tape.Fire: _fire,
    tape.Move: _move,
}


# ---- which adverse actions are possible -------------------------------------------------------------


def _losses(_universe: Universe, world: World) -> list[tape.Action]:
    lost: list[tape.Action] = [tape.LoseRequest()] if world.outbound else []
    replies = {label(report): None for report in world.inbound if isinstance(report, REPLIES)}
    return lost + [tape.LoseReply(*name) for name in replies]


def _overtakings(_universe: Universe, world: World) -> list[tape.Action]:
    names = {label(report): None for report in world.inbound[1:]}
    return [tape.Overtake(*name) for name in names if _index(world, *name) > 0]


def _duplications(_universe: Universe, world: World) -> list[tape.Action]:
    names = {label(report): None for report in world.inbound if isinstance(report, STREAMED)}
    return [tape.Duplicate(*name) for name in names]


def _misanswers(universe: Universe, world: World) -> list[tape.Action]:
    return [tape.Misanswer(name) for name in _false_answers(universe, world)]


def _partial_fills(_universe: Universe, world: World) -> list[tape.Action]:
    actions: list[tape.Action] = []
    for order in world.venue.orders:
        amount = venue.fillable(world.venue, order)
        if amount:
            market = venue.market_of(world.venue, order.request.symbol)
            assert market is not None, "Invariant: an accepted order's symbol is listed"
            parts = faults.partial_amounts(amount, market.lot)
            actions += [tape.Fill(order.request.client_order_id, part) for part in parts]
    return actions


def _repetitions(_universe: Universe, world: World) -> list[tape.Action]:
    return [tape.Repeat(index) for index, count in enumerate(world.signaled) if 0 < count <= REPEATS_MAX]


def _shocks(universe: Universe, world: World) -> list[tape.Action]:
    return [tape.Move(symbol, ppm) for symbol, _ in world.venue.prices for ppm in universe.scope.moves]


def _base_fees(universe: Universe, world: World) -> list[tape.Action]:
    if not universe.scope.house.fee_bps:
        return []
    return [
        tape.FillFeeInBase(order.request.client_order_id, amount)
        for order in world.venue.orders
        if order.request.side == "buy" and (amount := venue.fillable(world.venue, order))
    ]


ADVERSITIES: dict[Fault, Callable[[Universe, World], list[tape.Action]]] = {
    faults.response_lost: _losses,
    faults.reordered: _overtakings,
    faults.duplicated: _duplications,
    faults.query_unreliable: _misanswers,
    faults.partial_fill: _partial_fills,
    faults.simultaneous_signals: _repetitions,
    faults.price_shock: _shocks,
    faults.base_fee: _base_fees,
}
