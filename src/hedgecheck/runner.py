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

from hedgecheck import machines, prices
from hedgecheck.errors import WorkerDied
from hedgecheck.explore import scopes
from hedgecheck.explore.fuzz import Campaign, Found, Fuzz
from hedgecheck.explore.replay import Replay, replay
from hedgecheck.explore.shrink import shrink
from hedgecheck.report import Counterexample, ExplorerResult, Report
from hedgecheck.tape import Execution, Tape, read_token, token_of
from hedgecheck.targets import described, engine_of
from hedgecheck.trace import diagram
from hedgecheck.values import frozen
from hedgecheck.world import Universe

FUZZ_CHUNK = 400
HYPOTHESIS_CHUNK = 40
HYPOTHESIS_SHARE = 0.4  # of the budget's processor time
COUNTEREXAMPLES_MAX = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. ``executions`` bounds each explorer by count, ``budget_seconds`` all of them by time."""

    target: str
    seed: int
    explorers: tuple[str, ...] = ("fuzz", "hypothesis")
    budget_seconds: float = 45.0
    executions: int | None = None
    prices: str = ""
    command: str = "verify"
    processes: int = field(default_factory=lambda: os.cpu_count() or 1)
    notes: tuple[str, ...] = ()

    @property
    def replay(self) -> str:
        """The command that does it again."""
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


def work(job: Job) -> tuple[str, Campaign, float]:
    """Runs one chunk; called in a worker process."""
    begun = time.perf_counter()
    engine = engine_of(job.target)
    moves = prices.moves(job.prices) if job.prices else ()
    if job.explorer == "fuzz":
        fuzz = Fuzz(engine, job.seed, job.prices, moves)
        campaign = fuzz.campaign(range(job.first, job.first + job.count))
    else:
        campaign = machines.explore(engine, job.seed + job.first, job.count, job.prices, moves)
    return job.explorer, campaign, time.perf_counter() - begun


@dataclass(slots=True)
class Progress:
    """How far a run has come."""

    seconds: float = 0.0
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    busy_seconds: dict[str, float] = field(default_factory=dict)

    def take(self, explorer: str, campaign: Campaign, seconds: float) -> None:
        """Adds a finished chunk."""
        self.campaigns[explorer].add(campaign)
        self.busy_seconds[explorer] += seconds

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
    try:
        with ProcessPoolExecutor(plan.processes, mp_context=context) as pool:
            _keep_busy(plan, pool, progress, watch)
    except BrokenProcessPool as error:
        raise WorkerDied(
            "A worker process ended without an answer: the engine ended it, or memory ran out. "
            "An engine must return to its caller, whatever happens to it."
        ) from error
    source = f"price moves of {plan.prices}" if plan.prices else "invented price moves"
    results = tuple(
        ExplorerResult(name, progress.campaigns[name], progress.busy_seconds[name], source)
        for name in plan.explorers
    )
    found = [each for name in plan.explorers for each in progress.campaigns[name].found]
    small = counterexamples(plan.target, found)
    return Report(described(plan.target), plan.seed, plan.replay, results, small, plan.notes)


def _keep_busy(
    plan: Plan, pool: ProcessPoolExecutor, progress: Progress, watch: Callable[[Progress], None]
) -> None:
    """Hands out chunks, one per process at a time, until nothing is left to do or to wait for."""
    begun = time.perf_counter()
    jobs = {name: _jobs(plan, name) for name in plan.explorers}
    running: set[Future[tuple[str, Campaign, float]]] = set()
    while True:
        progress.seconds = time.perf_counter() - begun
        over = progress.has_found or (plan.executions is None and progress.seconds >= plan.budget_seconds)
        while not over and len(running) < plan.processes:
            job = _next(plan, jobs, progress)
            if job is None:
                break
            running.add(pool.submit(work, job))
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            progress.take(*future.result())
        watch(progress)


def _next(plan: Plan, jobs: dict[str, Iterator[Job]], progress: Progress) -> Job | None:
    """The next chunk: of Hypothesis while it has had less than its share, else of the others."""
    spent = sum(progress.busy_seconds.values())
    order = list(plan.explorers)
    if progress.busy_seconds.get("hypothesis", 0.0) < HYPOTHESIS_SHARE * spent:
        order.sort(key=lambda name: name != "hypothesis")
    for name in order:
        job = next(jobs[name], None)
        if job is not None:
            return job
    return None


def _jobs(plan: Plan, explorer: str) -> Iterator[Job]:
    size = FUZZ_CHUNK if explorer == "fuzz" else HYPOTHESIS_CHUNK
    first = 0
    while plan.executions is None or first < plan.executions:
        count = size if plan.executions is None else min(size, plan.executions - first)
        yield Job(explorer, plan.target, plan.seed, plan.prices, first, count)
        first += count


# ---- counterexamples -------------------------------------------------------------------------------


def counterexamples(target: str, found: list[Found]) -> tuple[Counterexample, ...]:
    """The smallest case of each broken rule, at most ``COUNTEREXAMPLES_MAX`` of them."""
    first = {each.failure.invariant: each for each in reversed(found)}
    chosen = [first[rule] for rule in sorted(first)][:COUNTEREXAMPLES_MAX]
    return tuple(_counterexample(target, each) for each in chosen)


def _counterexample(target: str, found: Found) -> Counterexample:
    engine = engine_of(target)
    shrunk = shrink(engine, found.tape, found.failure)
    ran = replay(Universe(scopes.draw(shrunk.tape.scope), engine), shrunk.tape)
    token = token_of(shrunk.tape, found.origin)
    return Counterexample(
        invariant=shrunk.failure.invariant,
        why=shrunk.failure.why,
        token=token,
        steps=len(ran.entries),
        diagram=diagram(ran.entries, shrunk.failure.why),
        pytest=pytest_file(target, token, shrunk.failure.name),
        replay=f"hedgecheck replay {token} {target}",
        found_after=found.origin.number + 1,
        actions_found=len(found.tape.actions),
        actions_shrunk=len(shrunk.tape.actions),
    )


def pytest_file(target: str, token: str, rule: str) -> str:
    """A test that fails until the defect is mended."""
    return (
        '"""A counterexample that hedgecheck found. It passes once the engine is mended."""\n\n'
        "from hedgecheck.runner import replayed\n\n\n"
        f"def test_{rule}() -> None:\n"
        f'    assert replayed("{token}", "{target}").failure is None\n'
    )


def replayed(token: str, target: str) -> Replay:
    """What a token does to a target now. Raises ``TokenError`` or ``UsageError``."""
    read = read_token(token)
    engine = engine_of(target)
    if isinstance(read, Execution):
        read = _found_again(read, target)
    return replay(Universe(scopes.draw(read.scope), engine), read)


def _found_again(origin: Execution, target: str) -> Tape:
    """The small tape of an execution that a fuzz run made, or its whole tape where it passes now."""
    engine = engine_of(target)
    moves = prices.moves(origin.prices) if origin.prices else ()
    fuzz = Fuzz(engine, origin.seed, origin.prices, moves)
    taped, failure = fuzz.run(origin.number, Campaign())
    return taped if failure is None else shrink(engine, taped, failure).tape
