"""Several trades side by side: each has symbols, an account and a connection of its own, and a wire in order.

What they share is the engine, and what comes over all of it: crashes, halts, days, the number of faults. So a
lane is the world of one trade, and its neighbours reach it through the engine alone. Timers stay patient for
all: one fires while no message is in flight in any lane.
"""

from functools import lru_cache

from hedgecheck import faults, tape
from hedgecheck.errors import UsageError
from hedgecheck.faults import Plan
from hedgecheck.messages import EngineEvent, Exit, Record, Report, Request, Sent, StartTimer, StopTimer
from hedgecheck.values import frozen, replace
from hedgecheck.venue import Venue
from hedgecheck.world import crashes, ordinary
from hedgecheck.world.model import Engine, Scope, Step, World, disconnected, without_timer
from hedgecheck.world.universe import HANDLERS, Universe

SHARED_KINDS = (faults.clock_skew, faults.crosstalk, faults.restart)  # not of a lane
SHARED_ACTIONS = (tape.Halt, tape.Roll, tape.Skew, tape.Crosstalk, tape.Restart)

in_lane = lru_cache(maxsize=4096)(tape.InLane)


def universe_of(scope: Scope, engine: Engine) -> Universe:
    """The scope with that engine in it. Raises ``UsageError`` where the scope has lanes, and sessions or
    order books beside them, or an engine that does not say which intent an order is for."""
    if not scope.lanes:
        return Universe(scope, engine)
    if scope.sessions or scope.pauses:
        raise UsageError(
            "Sessions and halts are of a whole market, and lanes have one each. Take --symbols shared."
        )
    if scope.books:
        raise UsageError("Order books are of one market, and lanes have one each. Take --symbols shared.")
    if scope.cash_flows:
        raise UsageError(
            "Cash is deposited and withdrawn in one account, and lanes have one each. Take --symbols shared."
        )
    if scope.batches:
        raise UsageError(
            "Intents of one moment are told with one event, and lanes have one each. Take --symbols shared."
        )
    if getattr(engine, "owner", None) is None:
        raise UsageError(
            f"{getattr(engine, 'name', type(engine).__name__)} has no owner(name), which says what intent an "
            "order or a timer is for: its trades cannot be told apart. Take --symbols shared."
        )
    sides = tuple(Universe(lane_of(scope, index), engine) for index in range(len(scope.intents)))
    return LanedUniverse(scope, engine, sides)


def lane_of(scope: Scope, index: int) -> Scope:
    """What is of one lane alone."""
    intent = scope.intents[index]
    symbols = intent.symbols
    house = replace(scope.house, markets=tuple(m for m in scope.house.markets if m.symbol in symbols))
    return replace(
        scope,
        intents=(intent,),
        house=house,
        prices=tuple(each for each in scope.prices if each[0] in symbols),
        faults=Plan(tuple(each for each in scope.faults if each not in SHARED_KINDS)),
        max_faults=0,
        max_crashes=0,
        halts=0,
        days=0,
        strangers=(),
        lanes=False,
        rebalances=0,
    )


@frozen
class LanedUniverse(Universe):
    """See ``Universe``; what happens in a lane is ``tape.InLane``. ``sides``: the setting of each lane."""

    sides: tuple[Universe, ...] = ()

    def initial(self) -> World:
        """The world before anything happened."""
        world = Universe.initial(self)
        lanes = tuple(
            World(
                None,
                Venue(s.scope.house, s.scope.cash, s.scope.prices),
                (0,),
                0,
                changes_left=s.scope.changes,
                exits_left=self.understood(Exit, s.scope.exits),
            )
            for s in self.sides
        )
        return replace(world, signaled=(), changes_left=0, exits_left=0, lanes=lanes)

    def enabled(self, world: World) -> tuple[tape.Action, ...]:
        """Every action that would change this world, lane by lane, then what comes over all of them."""
        if world.crashed:
            return ()
        is_quiet = _is_quiet(world)
        actions: list[tape.Action] = [
            in_lane(index, action)
            for index, lane in enumerate(world.lanes)
            for action in self._in_one(world, lane, self.sides[index], is_quiet)
        ]
        if is_quiet:
            actions += map(ordinary.firing, world.timers)
        actions += [*self.halts(world), *self.rolls(world)]
        for kind in self.scope.faults:
            if kind in SHARED_KINDS:
                actions += self.adverse(world, kind)
        if world.crashes_left > 0 and faults.storage_error in self.scope.faults and is_quiet:
            actions += crashes.OPTIONS[faults.storage_error](self, replace(world, signaled=(1,)))
        return tuple(actions)

    def _in_one(self, world: World, lane: World, side: Universe, is_quiet: bool) -> list[tape.Action]:
        lane = replace(lane, faults_left=world.faults_left, crashes_left=world.crashes_left)
        actions = ordinary.moves(lane)
        actions += map(ordinary.firing, lane.timers if is_quiet else ())
        actions += [*side.ticks(lane), *side.changes(lane), *side.exits(lane)]
        for kind in side.scope.faults:
            struck = side.adverse(lane, kind)
            if kind == faults.storage_error and not is_quiet:
                struck = [each for each in struck if isinstance(each, tape.CrashIn) and each.step != "fire"]
            actions += struck
        return actions

    def apply(self, world: World, action: tape.Action) -> Step:
        """The world after ``action``, and what happened; no records where it was not possible."""
        if world.crashed:
            return world, ()
        if isinstance(action, tape.InLane):
            return self._apply_in_lane(world, action.lane, action.action)
        if isinstance(action, tape.CrashIn):
            step = crashes.step_of(world, action)
            if not isinstance(step, tape.Fire):
                return world, ()
            return crashes.crashed_in(self, world, action, self.apply(world, step))
        if isinstance(action, SHARED_ACTIONS) or (isinstance(action, tape.Fire) and _is_quiet(world)):
            return HANDLERS[type(action)](self, world, action)
        return world, ()

    def hear(self, world: World, inbound: tuple[Report, ...], event: EngineEvent, *records: Record) -> Step:
        """See ``Setting``; what comes over all lanes, and what the engine commands to any of them."""
        after, said = Universe.hear(self, world, inbound, event, *records)
        return self._routed(after, said[len(records) :]), said

    def _apply_in_lane(self, world: World, index: int, action: tape.Action) -> Step:
        if not 0 <= index < len(world.lanes) or isinstance(action, (tape.InLane, *SHARED_ACTIONS)):
            return world, ()
        lane = replace(world.lanes[index], engine=world.engine, faults_left=world.faults_left)
        if isinstance(action, tape.CrashIn):
            step = crashes.step_of(lane, action)
            if step is None:
                return world, ()
            return crashes.crashed_in(self, world, action, self._apply_in_lane(world, index, step))
        if isinstance(action, tape.Fire) and not _is_quiet(world):
            return world, ()
        after, records = self.sides[index].apply(lane, action)
        if not records:
            return world, ()
        kept = replace(after, engine=None, faults_left=0, crashed=False)
        lanes = (*world.lanes[:index], kept, *world.lanes[index + 1 :])
        world = replace(
            world, engine=after.engine, faults_left=after.faults_left, crashed=after.crashed, lanes=lanes
        )
        return self._routed(world, records, index), records

    def restarted(self, world: World, *records: Record) -> Step:
        """The world after its engine died and came up again: every lane was disconnected."""
        lanes = tuple(disconnected(each) for each in world.lanes)
        return Universe.restarted(self, replace(world, lanes=lanes), *records)

    def kept_over_crash(self, world: World, after: World, *, sends: bool, stores: bool) -> World:
        """See ``Setting``; signals and requests are those of the lanes."""
        lanes = tuple(
            replace(each, signaled=then.signaled, outbound=then.outbound if sends else each.outbound)
            for each, then in zip(world.lanes, after.lanes, strict=True)
        )
        return replace(world, lanes=lanes, engine=after.engine if stores else world.engine)

    def quiet(self, world: World) -> tape.Action | None:
        """See ``Universe``: messages of any lane before fills, fills before timers."""
        if world.crashed:
            return None
        for index, lane in enumerate(world.lanes):
            if lane.outbound or lane.inbound:
                action = self.sides[index].quiet(lane)
                assert action is not None, "Invariant: a message in flight can always arrive"
                return in_lane(index, action)
        for index, lane in enumerate(world.lanes):
            for action in ordinary.moves(lane):
                if not isinstance(action, tape.Signal):
                    return in_lane(index, action)
        return next(iter(self.firings(world)), None)

    def firings(self, world: World) -> tuple[tape.Action, ...]:
        """The timer that is next in each lane, and beside them."""
        lanes = [
            in_lane(index, ordinary.firing(lane.timers[0]))
            for index, lane in enumerate(world.lanes)
            if lane.timers
        ]
        return (*lanes, *map(ordinary.firing, world.timers[:1]))

    def _routed(self, world: World, records: tuple[Record, ...], index: int | None = None) -> World:
        """The world once what the engine commanded is where it belongs: in the lane of its intent. It was put
        into lane ``index``, or beside all lanes."""
        for record in records:
            if isinstance(record, (Sent, StartTimer, StopTimer)):
                home = self._home(record, index)
                if home != index:
                    world = _moved(world, record, index, home)
        return world

    def _home(self, record: Sent | StartTimer | StopTimer, index: int | None) -> int | None:
        """The lane a command belongs to. A request about an order of nobody stays where it was made."""
        is_request = isinstance(record, Sent)
        about = record.request.client_order_id if isinstance(record, Sent) else record.timer
        owner = self.engine.owner(about)  # type: ignore[attr-defined]
        for place, intent in enumerate(self.scope.intents):
            if intent.id == owner:
                return place
        return (index or 0) if is_request else None


def _is_quiet(world: World) -> bool:
    """Whether no message is in flight in any lane."""
    return not any(each.outbound or each.inbound for each in world.lanes)


def _moved(
    world: World, record: Sent | StartTimer | StopTimer, origin: int | None, home: int | None
) -> World:
    """The world with one command taken from where it was put, and carried out where it belongs."""
    if isinstance(record, Sent):
        world = _changed(world, origin, outbound=_without(_part(world, origin).outbound, record.request))
        return _changed(world, home, outbound=(*_part(world, home).outbound, record.request))
    world = _changed(world, origin, timers=without_timer(_part(world, origin).timers, record.timer))
    timers = without_timer(_part(world, home).timers, record.timer)
    return _changed(world, home, timers=(*timers, record.timer) if isinstance(record, StartTimer) else timers)


def _part(world: World, index: int | None) -> World:
    return world if index is None else world.lanes[index]


def _changed(world: World, index: int | None, **changes: tuple[Request, ...] | tuple[str, ...]) -> World:
    if index is None:
        return replace(world, **changes)  # type: ignore[arg-type]
    lane = replace(world.lanes[index], **changes)  # type: ignore[arg-type]
    return replace(world, lanes=(*world.lanes[:index], lane, *world.lanes[index + 1 :]))


def _without(requests: tuple[Request, ...], gone: Request) -> tuple[Request, ...]:
    """The requests less the newest of that content."""
    at = len(requests) - 1 - requests[::-1].index(gone)
    return requests[:at] + requests[at + 1 :]
