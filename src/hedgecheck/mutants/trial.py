"""What becomes of one mutant: it climbs the ladder, and on every rung all executions are gone through.

First the rules: a mutant that breaks one is killed, and so is one that raises or never ends. Then the counts:
that a scope has other numbers of states, edges or steps than it has with the core itself shows that something
changed, not that it is wrong. A rung on which the core runs no line of the changed statement is left out:
there the mutant is the core.
"""

import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Literal

from hedgecheck.errors import UsageError
from hedgecheck.explore.exhaustive import DEFAULT, Bounds, Search, search
from hedgecheck.messages import EngineEvent
from hedgecheck.mutants.fresh import Line, Noted, core_with, noting
from hedgecheck.mutants.ladder import Rung
from hedgecheck.mutants.mutant import Mutant, path_of
from hedgecheck.values import frozen, replace
from hedgecheck.world import Engine, universe_of

Outcome = Literal["rule", "error", "endless", "counts", "survived", "undecided"]
KILLED: tuple[Outcome, ...] = ("rule", "error", "endless")
IMPORT = "import"
SLACK_SECONDS, SLACK_STATES, TIMES = 2.0, 1_000, 2  # how far beyond the core a mutant may go on a rung


@frozen
class Expected:
    """What the core itself comes to on a rung: counts, CPU seconds, and the lines that it ran."""

    states: int
    edges: int
    depth: int
    seconds: float
    lines: frozenset[Line]

    @property
    def bounds(self) -> Bounds:
        """Where the search of a mutant is given up: its counts are others by then."""
        return replace(DEFAULT, states_max=TIMES * self.states + SLACK_STATES)


Climb = tuple[tuple[Rung, Expected], ...]


@frozen
class Trial:
    """What became of a mutant. ``rule``: the id of the one it breaks, in so many ``steps``. ``why``: what was
    broken, raised, exceeded, or counted otherwise; ``rung``: where. ``rungs``: how many of them ran it.
    ``seconds`` of CPU, of its whole process."""

    outcome: Outcome
    rung: str = ""
    rule: str = ""
    steps: int = 0
    why: str = ""
    rungs: int = 0
    seconds: float = 0.0


def expected(modules: Iterable[str], ladder: tuple[Rung, ...]) -> tuple[Expected, ...]:
    """What the core itself comes to, rung by rung. For a process that ends with it.

    Raises ``UsageError`` where it does not hold: what is broken already says nothing of mutants.
    """
    files = {str(path_of(each)): each for each in modules}
    return tuple([_expected(rung, files) for rung in ladder])


def _expected(rung: Rung, files: Mapping[str, str]) -> Expected:
    """With a core made anew, which remembers nothing: a remembered answer hides the lines that made it."""
    begun, lines = time.process_time(), set[Line]()
    with noting(files, lines):
        core = core_with(None)
    engine: Any = Noted(core, files, lines)
    done = search(universe_of(rung.scope, engine))
    if done.verdict != "exhausted":
        found = f"breaks {done.failure.name}" if done.failure else f"is not exhausted: {done.why}"
        raise UsageError(f"The core itself {found} ({rung.name}). Mend it before its mutants are judged.")
    return Expected(done.states, done.edges, done.depth, time.process_time() - begun, frozenset(lines))


def climb(ladder: Climb, mutant: Mutant) -> Trial:
    """What becomes of a mutant. For a process that ends with it."""
    try:
        with _within(SLACK_SECONDS):
            core = core_with(mutant)
    except _Endless as endless:
        return Trial("endless", IMPORT, why=str(endless))
    except Exception as error:  # whatever the mutant raises is the answer
        return Trial("error", IMPORT, why=_said(error))
    rungs = [(rung, known) for rung, known in ladder if _is_run(mutant, known)]
    noticed: Trial | None = None
    for count, (rung, known) in enumerate(rungs, start=1):
        trial = _tried(core, rung, known)
        if trial is not None and trial.outcome in KILLED:
            return replace(trial, rungs=count)
        noticed = noticed or trial
    return replace(noticed or Trial("survived"), rungs=len(rungs))


def _is_run(mutant: Mutant, known: Expected) -> bool:
    first, last = mutant.lines
    return any((mutant.module, line) in known.lines for line in range(first, last + 1))


def _tried(core: Engine, rung: Rung, known: Expected) -> Trial | None:
    """What is noticed on one rung; None where nothing is."""
    engine = _Heard(core)
    try:
        with _within(SLACK_SECONDS + TIMES * known.seconds):
            done = search(universe_of(rung.scope, engine), bounds=known.bounds)
    except (_Endless, MemoryError) as endless:
        return Trial("endless", rung.name, why=str(endless) or "out of memory")
    except Exception as error:  # whatever the mutant raises is the answer
        return Trial("error", rung.name, why=_said(error))
    if done.failure is not None:
        outcome: Outcome = "error" if engine.raised else "rule"
        return Trial(outcome, rung.name, done.failure.invariant, len(done.tape), done.failure.why)
    if done.verdict == "truncated" and done.states <= known.states:
        return Trial("endless", rung.name, why=done.why)
    differs = _difference(done, known)
    return Trial("counts", rung.name, why=differs) if differs else None


def _difference(done: Search, known: Expected) -> str:
    if done.verdict == "truncated":
        return f"{known.states:,} -> more than {done.states:,} states"
    pairs = (
        ("states", known.states, done.states),
        ("edges", known.edges, done.edges),
        ("steps deep", known.depth, done.depth),
    )
    return ", ".join([f"{one:,} -> {other:,} {name}" for name, one, other in pairs if one != other])


def _said(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}"[:200] if lines else type(error).__name__


class _Heard:
    """An engine that is heard when it raises: that breaks a rule, and is not what the rules are there for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.raised = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def step(self, state: Any, event: EngineEvent) -> tuple[Any, tuple[Any, ...]]:
        """See ``Engine``."""
        try:
            return self._engine.step(state, event)
        except Exception:
            self.raised = True
            raise


class _Endless(BaseException):
    """The time that a mutant has on a rung is over."""


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Ends what takes more CPU seconds."""

    def over(number: int, frame: FrameType | None) -> None:
        raise _Endless(f"more than {seconds:.1f} s of CPU time")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
