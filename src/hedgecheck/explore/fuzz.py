"""Random walks over the world, each from its own seed, with every invariant watching.

An execution is named by (root seed, number): its scope, its walk and its faults follow from both alone, so
executions can be shared out among processes in any way and found again one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from hedgecheck import invariants
from hedgecheck.explore import scopes
from hedgecheck.explore.replay import Failure, Run
from hedgecheck.explore.watch import Tally
from hedgecheck.invariants import Invariant
from hedgecheck.messages import Anomaly, Record, Returned, Spent
from hedgecheck.tape import Action, Execution, Tape
from hedgecheck.world import ADVERSITIES, Engine, Universe

ACTIONS_MAX = 200
REFUSALS_EXPECTED = ("hedged", "flattened", "unfilled", "parked")


@dataclass(slots=True)
class Calls:
    """Per action: picked by the walk, possible, then taken by the engine or refused as an anomaly."""

    tried: Counter[str] = field(default_factory=Counter)
    enabled: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    def count(self, action: Action, records: tuple[Record, ...]) -> None:
        """Counts one action that was picked."""
        name = type(action).__name__
        self.tried[name] += 1
        if not records:
            return
        self.enabled[name] += 1
        refused = any(
            isinstance(record, Anomaly)
            or (isinstance(record, Returned) and record.reason not in REFUSALS_EXPECTED)
            for record in records
        )
        (self.rejected if refused else self.accepted)[name] += 1

    def add(self, other: "Calls") -> None:
        """Adds another table to this one."""
        for name in ("tried", "enabled", "accepted", "rejected"):
            getattr(self, name).update(getattr(other, name))


@dataclass(frozen=True, slots=True)
class Found:
    """A failing execution, as it was found."""

    origin: Execution
    tape: Tape
    failure: Failure


@dataclass(slots=True)
class Campaign:
    """What a run of many executions did and found; campaigns add up."""

    executions: int = 0
    steps: int = 0
    calls: Calls = field(default_factory=Calls)
    spent: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    found: list[Found] = field(default_factory=list)

    def add(self, other: "Campaign") -> None:
        """Adds another campaign to this one."""
        self.executions += other.executions
        self.steps += other.steps
        self.calls.add(other.calls)
        self.spent.update(other.spent)
        self.tally.add(other.tally)
        self.found += other.found


@dataclass(frozen=True, slots=True)
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
        random = Random(f"walk {self.seed} {number}")
        scope_seed = random.getrandbits(24) or 1
        universe = Universe(scopes.draw(scope_seed, self.moves), self.engine)
        run = Run(universe, self.rules, campaign.tally)
        actions = self._walk(run, random, campaign)
        if run.failure is None:
            for action, records in run.settle():
                _count(campaign, action, records)
        campaign.executions += 1
        campaign.steps += run.steps
        if run.failure is None:
            return None
        origin = Execution(self.seed, number, self.prices)
        return Found(origin, Tape(scope_seed, tuple(actions)), run.failure)

    def _walk(self, run: Run, random: Random, campaign: Campaign) -> list[Action]:
        """Up to ``actions_max`` actions; how long, how faulty and how impatient is drawn first."""
        length = min(self.actions_max, random.choice((20, 40, 80, 200)))
        fault_rate = random.choice((0.05, 0.15, 0.3))
        timer_rate = random.choice((0.0, 0.02, 0.1, 0.3))
        actions: list[Action] = []
        while len(actions) < length:
            action = _pick(run, random, fault_rate, timer_rate, campaign)
            if action is None:
                break
            actions.append(action)
            run.used = len(actions)
            _count(campaign, action, run.do(action))
            if run.failure:
                break
        return actions


def _pick(
    run: Run, random: Random, fault_rate: float, timer_rate: float, campaign: Campaign
) -> Action | None:
    universe, world = run.universe, run.world
    if world.faults_left > 0 and random.random() < fault_rate:
        kinds = universe.scope.faults.kinds
        possible = ADVERSITIES[kinds[int(random.random() * len(kinds))]](universe, world)
        if possible:
            return possible[int(random.random() * len(possible))]
    ordinary = universe.ordinary(world)
    if not ordinary:
        return None
    timers = len(world.timers)  # they come last
    others = len(ordinary) - timers
    if timers and (not others or random.random() < timer_rate):
        return ordinary[others + int(random.random() * timers)]
    return ordinary[int(random.random() * others)]


def _count(campaign: Campaign, action: Action, records: tuple[Record, ...]) -> None:
    campaign.calls.count(action, records)
    for record in records:
        if isinstance(record, Spent):
            campaign.spent[record.fault] += 1
