"""Random walks over the world, each from its own seed, with every invariant watching.

An execution is named by (root seed, number): its scope, its walk and its faults follow from both alone, so
executions can be shared out among processes in any way and found again one by one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from hedgecheck import faults, invariants
from hedgecheck.explore import scopes
from hedgecheck.explore.goals import GOALS, Story
from hedgecheck.explore.replay import Failure, Run
from hedgecheck.explore.scopes import BOOKED_FROM, LONE_FROM, OWNED_FROM
from hedgecheck.explore.watch import Tally
from hedgecheck.invariants import Invariant
from hedgecheck.messages import Anomaly, Record, ReplaceOrder, Returned, Spent
from hedgecheck.tape import Action, Execution, Tape
from hedgecheck.values import frozen
from hedgecheck.world import Engine, Universe, World
from hedgecheck.world.books import refills
from hedgecheck.world.ordinary import HALT, ROLL, firing, may_fire, moves, tick
from hedgecheck.world.sessions import is_open, openings

ACTIONS_MAX = 200
EXECUTIONS_PER_SCOPE = 8
OWNED_EVERY = 9  # scopes: in one of so many, strategies have capital of their own
BOOKED_EVERY = 5  # scopes: in one of so many, symbols have order books
LONE_EVERY = 7  # scopes: in one of so many, most intents have one leg
HALT_RATE = 0.02
ROLL_RATE = 0.03
CHANGE_RATE = 0.3
EXIT_RATE = 0.1
CLOSING_RATE = 0.05
OPENING_RATE = 0.05
REBALANCE_RATE = 0.1
RESHAPE_RATE = 0.1
REFILL_RATE = 0.05
CASH_FLOW_RATE = 0.05
BATCH_RATE = 0.3
READ_EVERY = 8  # executions: goals are looked for in one of so many
ENDS = ("hedged", "flattened", "unfilled", "parked")


@dataclass(slots=True)
class Call:
    """One action: picked by the walk, possible, then taken by the engine or refused by it."""

    tried: int = 0
    enabled: int = 0
    accepted: int = 0
    rejected: int = 0

    def add(self, other: "Call") -> None:
        """Adds another row to this one."""
        self.tried += other.tried
        self.enabled += other.enabled
        self.accepted += other.accepted
        self.rejected += other.rejected


@frozen
class Rates:
    """How often a walk prefers a fault, a timer or a tick to what else could happen."""

    fault: float
    timer: float
    tick: float


@frozen
class Found:
    """A failing execution, as it was found."""

    origin: Execution
    tape: Tape
    failure: Failure


@dataclass(slots=True)
class Campaign:
    """What a run of many executions did and found; campaigns add up.

    ``chosen``: the steps that the explorer chose. The rest of ``steps`` let things come to their end.
    ``goals``: in how many of the ``stories``, the executions that were read for it, each was reached.
    ``transitions``: of the phases of single trades, where an explorer counts them.
    """

    executions: int = 0
    steps: int = 0
    chosen: int = 0
    calls: defaultdict[str, Call] = field(default_factory=lambda: defaultdict(Call))
    spent: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    found: list[Found] = field(default_factory=list)
    goals: Counter[str] = field(default_factory=Counter)
    stories: int = 0
    transitions: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, action: Action, records: tuple[Record, ...]) -> None:
        """Counts one action that was picked, and the fault it may have spent."""
        call = self.calls[type(action).__name__]
        call.tried += 1
        if not records:
            return
        call.enabled += 1
        is_refused = False
        for record in records:
            if isinstance(record, Spent):
                self.spent[record.fault] += 1
            elif isinstance(record, Anomaly) or (isinstance(record, Returned) and record.reason not in ENDS):
                is_refused = True
        if is_refused:
            call.rejected += 1
        else:
            call.accepted += 1

    def read(self, records: list[Record]) -> None:
        """Notes which goals an execution with these records reached."""
        story = Story(records)
        self.stories += 1
        self.goals.update(goal.id for goal in GOALS if goal.reached(story))

    def add(self, other: "Campaign") -> None:
        """Adds another campaign to this one."""
        self.executions += other.executions
        self.steps += other.steps
        self.chosen += other.chosen
        for name, call in other.calls.items():
            self.calls[name].add(call)
        self.spent.update(other.spent)
        self.tally.add(other.tally)
        self.goals.update(other.goals)
        self.stories += other.stories
        self.transitions.update(other.transitions)
        self.found += other.found


@frozen
class Fuzz:
    """A fuzz run: an engine, a root seed, and where price moves come from."""

    engine: Engine
    seed: int
    prices: str = ""
    moves: tuple[int, ...] = ()
    rules: tuple[Invariant, ...] = invariants.ALL
    actions_max: int = ACTIONS_MAX

    def campaign(self, numbers: Iterable[int], go_on: Callable[[], bool] = lambda: True) -> Campaign:
        """Executions of these numbers, until one fails or ``go_on`` says no."""
        campaign = Campaign()
        for number in numbers:
            found = self.execute(number, campaign)
            if found is not None:
                campaign.found.append(found)
            if found is not None or not go_on():
                break
        return campaign

    def execute(self, number: int, campaign: Campaign) -> Found | None:
        """Runs one execution and counts it; the failure it found, if any."""
        taped, failure = self.run(number, campaign)
        if failure is None:
            return None
        return Found(Execution(self.seed, number, self.prices), taped, failure)

    def run(self, number: int, campaign: Campaign) -> tuple[Tape, Failure | None]:
        """Runs one execution and counts it: its tape, and how it failed, if it did."""
        scope_seed, universe, opening = _setting(self, number // EXECUTIONS_PER_SCOPE)
        random = Random(self.seed << 32 | number)
        run = Run(universe, self.rules, campaign.tally, opening)
        story: list[Record] | None = [] if number % READ_EVERY == 0 else None
        actions = self._walk(run, random, campaign, story)
        campaign.chosen += run.steps
        if run.failure is None:
            for action, records in run.settle():
                campaign.count(action, records)
                if story is not None:
                    story += records
        if story is not None:
            campaign.read(story)
        campaign.executions += 1
        campaign.steps += run.steps
        return Tape(scope_seed, tuple(actions)), run.failure

    def _walk(self, run: Run, random: Random, campaign: Campaign, story: list[Record] | None) -> list[Action]:
        """Up to ``actions_max`` actions; how long, how faulty and how impatient is drawn first."""
        length = min(self.actions_max, random.choice((20, 40, 80, 200)))
        rates = Rates(
            fault=random.choice((0.05, 0.15, 0.3)),
            timer=random.choice((0.0, 0.02, 0.1, 0.3)),
            tick=random.choice((0.1, 0.3, 0.5)),
        )
        actions: list[Action] = []
        while len(actions) < length:
            action = _pick(run, random, rates)
            if action is None:
                break
            actions.append(action)
            run.used = len(actions)
            records = run.do(action)
            campaign.count(action, records)
            if story is not None:
                story += records
            if run.failure:
                break
        return actions


@lru_cache(maxsize=4)
def _setting(fuzz: Fuzz, block: int) -> tuple[int, Universe, World]:
    """What a block of executions shares: scope seed, universe and opening world."""
    scope_seed = Random(f"scope {fuzz.seed} {block}").getrandbits(24) or 1
    if block % OWNED_EVERY == OWNED_EVERY - 1:
        scope_seed += OWNED_FROM
    if block % BOOKED_EVERY == BOOKED_EVERY - 1:
        scope_seed += BOOKED_FROM
    if block % LONE_EVERY == LONE_EVERY - 1:
        scope_seed += LONE_FROM
    universe = Universe(scopes.draw(scope_seed, fuzz.moves), fuzz.engine)
    return scope_seed, universe, universe.initial()


def _pick(run: Run, random: Random, rates: Rates) -> Action | None:
    universe, world = run.universe, run.world
    if _changes_an_order(world) and world.faults_left > 0 and random.random() < rates.fault:
        crossing = universe.adverse(world, faults.fill_during_modify)  # it can hardly ever strike
        if crossing:
            return crossing[int(random.random() * len(crossing))]
    if (world.faults_left > 0 or world.crashes_left > 0) and random.random() < rates.fault:
        kinds = universe.scope.faults.kinds
        possible = universe.adverse(world, kinds[int(random.random() * len(kinds))])
        if possible:
            return possible[int(random.random() * len(possible))]
    outside = _from_outside(universe, world, random)
    if outside is not None:
        return outside
    ticks = universe.scope.ticks
    if ticks and random.random() < rates.tick and _is_busy(world):
        symbol = world.venue.prices[int(random.random() * len(world.venue.prices))][0]
        return tick(symbol, ticks[int(random.random() * len(ticks))])
    if world.crashed:
        return None
    ordinary, timers = moves(world), world.timers if may_fire(universe, world) else ()
    if timers and (not ordinary or random.random() < rates.timer):
        return firing(timers[int(random.random() * len(timers))])
    if not ordinary:
        return next(iter((*openings(world), *refills(universe, world))), None)
    return ordinary[int(random.random() * len(ordinary))]


def _from_outside(universe: Universe, world: World, random: Random) -> Action | None:
    """What people, strategies and the calendar do, each at a rate of its own."""
    if world.halts_left > 0 and random.random() < HALT_RATE:
        return HALT
    if world.days_left > 0 and random.random() < ROLL_RATE:
        return ROLL
    possible: list[Action] = []
    if world.changes_left > 0 and random.random() < CHANGE_RATE:
        possible = universe.changes(world)
    elif (world.sessions_left > 0 or world.pauses_left > 0) and random.random() < CLOSING_RATE:
        possible = universe.closings(world)
    elif not is_open(world) and random.random() < OPENING_RATE:
        possible = openings(world)
    elif world.rebalances_left > 0 and random.random() < REBALANCE_RATE:
        possible = universe.rebalances(world)
    elif world.exits_left > 0 and random.random() < EXIT_RATE:
        possible = universe.exits(world)
    elif world.reshapes_left > 0 and random.random() < RESHAPE_RATE:
        possible = universe.reshapes(world)
    elif world.venue.books and random.random() < REFILL_RATE:
        possible = refills(universe, world)
    elif world.cash_flows_left > 0 and random.random() < CASH_FLOW_RATE:
        possible = universe.cash_flows(world)
    elif world.batches_left > 0 and random.random() < BATCH_RATE:
        possible = universe.batches(world)
    return possible[int(random.random() * len(possible))] if possible else None


def _changes_an_order(world: World) -> bool:
    """Whether a replacement is the next request that the venue takes."""
    return bool(world.outbound) and isinstance(world.outbound[0], ReplaceOrder)


def _is_busy(world: World) -> bool:
    """Whether anything else is going on, at a glance."""
    return bool(world.outbound or world.inbound or world.timers or 0 in world.signaled)
