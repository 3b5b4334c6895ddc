"""Runs explorers side by side in processes until a budget is spent or a rule is broken, and reports.

Work is cut into chunks named by numbers, so what a chunk finds depends on the seed and its number alone,
not on the process that ran it or on how many there are.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hedgecheck import invariants, machines, prices
from hedgecheck.cases import counterexamples
from hedgecheck.climbing import Ladder
from hedgecheck.errors import UsageError, WorkerDied
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import Small, number_of, smalls
from hedgecheck.explore.exhaustive import Bounds, Search, search
from hedgecheck.explore.fuzz import Call, Campaign, Found, Fuzz
from hedgecheck.explore.goals import GOALS
from hedgecheck.explore.replay import Replay, replay
from hedgecheck.explore.shrink import shrink
from hedgecheck.explore.tables import TableSearch, walk
from hedgecheck.explore.tables import search as search_tables
from hedgecheck.report import ExplorerResult, Goal, Looked, Report, Transition
from hedgecheck.report.verdict import witnesses_of
from hedgecheck.tape import Execution, Schedule, Tape, read_token
from hedgecheck.targets import described, engine_of
from hedgecheck.values import frozen
from hedgecheck.workers import Line, attach, say
from hedgecheck.world import universe_of

FUZZ_CHUNK = 400
HYPOTHESIS_CHUNK = 40
HYPOTHESIS_SHARE = 0.4  # of the processor time that is not for searches in full
POLL_SECONDS = 0.5  # how often it is looked what searches say
SMALL_SCOPES = (
    *smalls(Small(faults=2), "each"),
    Small(faults=1, lots=2),
    Small(crashes=1, halts=1),
    Small(crashes=1, faults=1, kinds=("F01",)),
    Small(trades=2),
    Small(trades=2, cap=1),
)


Kind = Literal["direct", "table", "walk"]


@frozen
class Way:
    """How scopes are searched in full: state by state, by tables, or by random walks over these, which is not
    in full. By tables: ``partial_order``, through fewer orders; ``checkpoint``, the file that keeps it."""

    kind: Kind = "direct"
    partial_order: bool = False
    checkpoint: Path | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. ``executions`` bounds fuzz and Hypothesis by count, ``budget_seconds`` all by time; the
    exhaustive search goes through ``scopes`` in that ``way``, each within ``bounds``."""

    target: str
    seed: int
    explorers: tuple[str, ...] = ("fuzz", "hypothesis", "exhaustive")
    budget_seconds: float = 45.0
    executions: int | None = None
    prices: str = ""
    command: str = "verify"
    scopes: tuple[Small, ...] = SMALL_SCOPES
    bounds: Bounds = Bounds()
    processes: int = field(default_factory=lambda: os.cpu_count() or 1)
    notes: tuple[str, ...] = ()
    scope_options: str = ""
    way: Way = Way()

    @property
    def is_counted(self) -> bool:
        """Whether counts end the run, and not the clock."""
        return self.executions is not None or self.explorers == ("exhaustive",)

    @property
    def exhausts(self) -> bool:
        """Whether all of some scopes is asked for, and nothing else."""
        return self.command == "explore"

    @property
    def climbs(self) -> bool:
        """Whether larger scopes follow while there is time."""
        return "exhaustive" in self.explorers and not self.is_counted

    @property
    def ladder(self) -> Ladder:
        """Those larger scopes."""
        cpu_seconds = self.budget_seconds * self.processes
        return Ladder(bool(getattr(engine_of(self.target), "parts", None)), cpu_seconds)

    @property
    def replay(self) -> str:
        """The command that does it again."""
        if self.exhausts:
            return " ".join(["hedgecheck explore", self.target, self.scope_options])
        bound = f"--budget {self.budget_seconds:g}s"
        if self.executions is not None:
            bound = f"--executions {self.executions}"
        source = f"--prices {self.prices}" if self.prices else "--no-prices"
        return f"hedgecheck {self.command} {self.target} --seed {self.seed} {bound} {source}"


@frozen
class Job:
    """One chunk of one explorer."""

    explorer: str
    target: str
    seed: int
    prices: str
    first: int
    count: int
    small: Small | None = None
    bounds: Bounds = Bounds()
    way: Way = Way()


@frozen
class Chunk:
    """What became of a job."""

    explorer: str
    campaign: Campaign
    seconds: float
    looked: Looked | None = None


def work(job: Job) -> Chunk:
    """Runs one chunk; called in a worker process."""
    begun = time.perf_counter()
    if job.small is not None:
        return _exhaust(job, job.small)
    engine = engine_of(job.target)
    moves = prices.moves(job.prices) if job.prices else ()
    if job.explorer == "fuzz":
        fuzz = Fuzz(engine, job.seed, job.prices, moves)
        campaign = fuzz.campaign(range(job.first, job.first + job.count))
    else:
        campaign = machines.explore(engine, job.seed + job.first, job.count, job.prices, moves)
    return Chunk(job.explorer, campaign, time.perf_counter() - begun)


def _exhaust(job: Job, small: Small) -> Chunk:
    """Goes through one small scope."""
    number = number_of(small)
    universe = universe_of(scopes.draw(number), engine_of(job.target))
    done: Search | TableSearch
    way, bounds = job.way, job.bounds
    reduction = "partial order" if way.partial_order else ""
    if way.kind == "walk":
        done = walk(universe, bounds=bounds, watch=_tell_tables, seed=job.seed)
        seen, detail, unsought = 0, _of_tables(done), done.unsought
    elif way.kind == "table":
        ways = (_tell_tables, way.partial_order, way.checkpoint)
        done = search_tables(universe, invariants.ALL, bounds, *ways)
        seen, detail, unsought = done.orders, _of_tables(done), done.unsought
    else:
        done = search(universe, bounds=bounds, watch=lambda each: say(_progress(each.states, each)))
        seen, detail, unsought = done.states, "", ()
    campaign = Campaign(steps=done.edges, chosen=done.edges, tally=done.tally, spent=done.spent)
    campaign.transitions.update(done.transitions)
    for action, count in done.actions.items():
        campaign.calls[action] = Call(count, count, count, 0)
    if done.failure is not None:
        origin = Execution(job.seed, 0, job.prices)
        campaign.found.append(Found(origin, Tape(number, done.tape), done.failure))
    shown = (small.name, done.verdict, seen, done.edges, done.depth, done.seconds, done.megabytes)
    reached = None if unsought is None else witnesses_of(number, done.reached)
    told = (done.why, detail, tuple(done.layers), reduction, reached, unsought or ())
    return Chunk(job.explorer, campaign, done.seconds, Looked(*shown, *told))


def _tell_tables(done: TableSearch) -> None:
    if done.walks:
        rate = done.edges / max(done.seconds - done.walking_from, 0.001)
        say(f"{done.stage}: {done.edges:,} steps, {rate:,.0f}/s, {done.walks:,} walks, {done.megabytes:,} MB")
    elif done.orders:
        say(
            f"{done.stage}: {_progress(done.orders, done)}, frontier {done.frontier:,}, {done.megabytes:,} MB"
        )
    else:
        say(f"{done.stage}: {done.alone:,} states, {done.megabytes:,} MB")


def _progress(states: int, done: Search | TableSearch) -> str:
    return f"{states:,} states, {states / max(done.seconds, 0.001):,.0f}/s, depth {done.depth}"


def _of_tables(done: TableSearch) -> str:
    """How a table search came to what it says, in words."""
    seen = f"{done.states:,} states with symmetry, {done.orders:,} without"
    if done.partial_order:
        seen = f"the search reduced by partial order: {seen}"
    if done.walks:
        seen = f"{done.walks:,} random walks"
    return f"{done.alone:,} states of one trade alone, in {done.classes:,} classes; {seen}"


@dataclass(slots=True)
class Progress:
    """How far a run has come; ``now``: what is being done, in words."""

    seconds: float = 0.0
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    busy_seconds: dict[str, float] = field(default_factory=dict)
    looked: list[Looked] = field(default_factory=list)
    now: str = ""

    def take(self, chunk: Chunk) -> None:
        """Adds a finished chunk."""
        self.campaigns[chunk.explorer].add(chunk.campaign)
        self.busy_seconds[chunk.explorer] += chunk.seconds
        if chunk.looked is not None:
            self.looked.append(chunk.looked)

    @property
    def has_found(self) -> bool:
        """Whether any explorer broke a rule."""
        return any(campaign.found for campaign in self.campaigns.values())


def run(plan: Plan, watch: Callable[[Progress], None] = lambda progress: None) -> Report:
    """Runs the plan and reports. ``watch`` is called as chunks finish."""
    engine_of(plan.target)  # a bad target is the user's error, not the workers'
    progress = Progress(
        campaigns={name: Campaign() for name in plan.explorers},
        busy_seconds=dict.fromkeys(plan.explorers, 0.0),
    )
    context = multiprocessing.get_context("spawn")
    line = Line(context)
    attached: dict[str, Any] = {"initializer": attach, "initargs": line.ends} if plan.exhausts else {}
    try:
        with ProcessPoolExecutor(plan.processes, mp_context=context, **attached) as pool:
            _keep_busy(plan, pool, progress, watch, line)
    except BrokenProcessPool as error:
        raise WorkerDied(
            "A worker process ended without an answer: the engine ended it, or memory ran out. "
            "An engine must return to its caller, whatever happens to it."
        ) from error
    return _report(plan, progress)


def _report(plan: Plan, progress: Progress) -> Report:
    source = f"price moves of {plan.prices}" if plan.prices else "invented price moves"
    ladder = plan.ladder
    order = {small.name: place for place, small in enumerate((*plan.scopes, *ladder.rungs))}
    looked = tuple(sorted(progress.looked, key=lambda each: order[each.scope]))
    scopes_said = f"{len(looked)} scope{'s' * (len(looked) != 1)}"
    if plan.climbs:
        looked, scopes_said = ladder.seen(looked), ladder.said(looked)
    results = tuple(
        ExplorerResult(
            name,
            progress.campaigns[name],
            progress.busy_seconds[name],
            scopes_said if name == "exhaustive" else source,
            looked if name == "exhaustive" else (),
        )
        for name in plan.explorers
    )
    found = [each for name in plan.explorers for each in progress.campaigns[name].found]
    total = Campaign()
    for campaign in progress.campaigns.values():
        total.add(campaign)
    reads = any(name in ("fuzz", "hypothesis") for name in plan.explorers)
    return Report(
        described(plan.target),
        plan.seed,
        plan.replay,
        results,
        counterexamples(plan.target, found),
        plan.notes,
        tuple(Goal(each.id, each.name, total.goals[each.id]) for each in GOALS) if reads else (),
        tuple(Transition(*pair, count) for pair, count in sorted(total.transitions.items())),
        exhausts=plan.exhausts,
    )


def _keep_busy(
    plan: Plan, pool: ProcessPoolExecutor, progress: Progress, watch: Callable[[Progress], None], line: Line
) -> None:
    """Hands out chunks, one per process at a time, until nothing is left to do or to wait for. Searches that
    are interrupted end with what they saw."""
    begun = time.perf_counter()
    jobs = {name: _jobs(plan, name, progress) for name in plan.explorers}
    running: set[Future[Chunk]] = set()
    while True:
        progress.seconds = time.perf_counter() - begun
        over = progress.has_found or (not plan.is_counted and progress.seconds >= plan.budget_seconds)
        over = over or line.is_stopped
        while not over and len(running) < plan.processes:
            job = _next(plan, jobs, progress)
            if job is None:
                break
            running.add(pool.submit(work, job))
        if not running:
            return
        try:
            done, running = wait(running, POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                progress.take(future.result())
            progress.now = line.heard() or progress.now
            watch(progress)
        except KeyboardInterrupt:
            if line.is_stopped or not plan.exhausts:
                raise
            line.stop()


def _next(plan: Plan, jobs: dict[str, Iterator[Job | None]], progress: Progress) -> Job | None:
    """The next chunk: scopes in full first, then of Hypothesis while it has had less than its share."""
    spent = sum(busy for name, busy in progress.busy_seconds.items() if name != "exhaustive")
    order = sorted(plan.explorers, key=lambda name: name != "exhaustive")
    if progress.busy_seconds.get("hypothesis", 0.0) < HYPOTHESIS_SHARE * spent:
        order.sort(key=lambda name: name == "fuzz")
    for name in order:
        job = next(jobs[name], None)
        if job is not None:
            return job
    return None


def _jobs(plan: Plan, explorer: str, progress: Progress) -> Iterator[Job | None]:
    """The chunks of an explorer; None while the next one waits for what is under way."""
    if explorer == "exhaustive":
        for small in plan.scopes:
            how = (small, plan.bounds, plan.way)
            yield Job(explorer, plan.target, plan.seed, plan.prices, 0, 0, *how)
        if plan.climbs:
            yield from _climb(plan, progress)
        return
    size = FUZZ_CHUNK if explorer == "fuzz" else HYPOTHESIS_CHUNK
    first = 0
    while plan.executions is None or first < plan.executions:
        count = size if plan.executions is None else min(size, plan.executions - first)
        yield Job(explorer, plan.target, plan.seed, plan.prices, first, count)
        first += count


def _climb(plan: Plan, progress: Progress) -> Iterator[Job | None]:
    """Larger scopes, one after the other."""
    ladder, begun = plan.ladder, len(plan.scopes)
    while True:
        while len(progress.looked) < begun:
            yield None
        chosen = ladder.next(progress.looked, plan.budget_seconds - progress.seconds)
        if chosen is None:
            return
        begun += 1
        yield Job("exhaustive", plan.target, plan.seed, plan.prices, 0, 0, *chosen, Way(ladder.kind))


def replayed(token: str, target: str) -> Replay:
    """What a token does to a target now. Raises ``TokenError`` or ``UsageError``."""
    read = read_token(token)
    engine = engine_of(target)
    if isinstance(read, Schedule):
        raise UsageError(
            f"{token!r} is of a test around a bot. Run it with: pytest --hedgecheck-replay {token} TEST."
        )
    if isinstance(read, Execution):
        read = _found_again(read, target)
    return replay(universe_of(scopes.draw(read.scope), engine), read)


def _found_again(origin: Execution, target: str) -> Tape:
    """The small tape of an execution that a fuzz run made, or its whole tape where it passes now."""
    engine = engine_of(target)
    moves = prices.moves(origin.prices) if origin.prices else ()
    fuzz = Fuzz(engine, origin.seed, origin.prices, moves)
    taped, failure = fuzz.run(origin.number, Campaign())
    return taped if failure is None else shrink(engine, taped, failure).tape
