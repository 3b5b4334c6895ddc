"""The simulated venue, its faults and its rules, on an event loop of somebody else's.

An engine meets the exchange that it meets in ``hedgecheck.check``: the same requests, the same faults, the
same rules. What differs is whose loop runs the tasks, and who chooses. What takes time is a timer of that
loop, after a delay that the tool's own seeded source draws from the same interval; a fault strikes where the
same source says so. ``Stage.play`` is one execution, and raises ``Accused`` where a rule is broken.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from benchmarks.rivals.subjects import FAULTS_MAX, Subject
from hedgecheck.explore.watch import Tally
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.execution import REST_SECONDS, Execution, Setting
from hedgecheck.simulate.footprints import Resource
from hedgecheck.simulate.judge import Trees
from hedgecheck.simulate.loop import Process, process_of
from hedgecheck.simulate.sim import Sim

FORGETS_EVERY = 32  # executions
FAULT_PERCENT = 25  # how often a fault strikes what it may strike, while any is left


class Chance(Protocol):
    """The seeded source of a tool."""

    def between(self, low: float, high: float) -> float:
        """A number of seconds in the interval."""

    def strikes(self, percent: int) -> bool:
        """True that often."""

    def one_of(self, options: int) -> int:
        """A number from zero, below ``options``."""


class Accused(AssertionError):
    """A rule was broken. The message is its id and name, the same for every way of breaking it."""


class Unplayable(Exception):
    """The execution came to nothing that can be judged: a mistake of this benchmark's own."""


class Clock:
    """The wall clock, which no tool but ours moves."""

    def show(self, now: float) -> None:
        """Nothing: no engine here looks."""

    def set_back_or_ahead(self, seconds: float) -> None:
        """Nothing either."""


class Borrowed:
    """The running loop, with what the simulator asks of its own besides. ``now``: seconds since the start."""

    steps = 0  # of endless loops the tools have limits of their own
    tasks: tuple[Any, ...] = ()  # and of errors that nobody asked for
    unhandled: tuple[Any, ...] = ()

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._began = loop.time()
        self._loop = loop
        self.stashed: BaseException | None = None
        self.create_future = loop.create_future
        self.create_task = loop.create_task
        self.call_soon = loop.call_soon
        self.call_later = loop.call_later
        self.is_closed = loop.is_closed

    @property
    def now(self) -> float:
        """Virtual seconds since the execution began."""
        return self._loop.time() - self._began

    def stash(self, error: BaseException) -> None:
        """Keeps what is wrong with the test itself."""
        self.stashed = self.stashed or error


class Timers:
    """The agenda, with a timer of the loop for each arrival and the tool's chance for its time."""

    def __init__(self, loop: Borrowed, chance: Chance, around: Callable[[Callable[[], None]], None]) -> None:
        self._loop = loop
        self._chance = chance
        self._around = around
        self._newest: dict[str, float] = {}

    def add(
        self,
        flow: str,
        earliest: float,
        latest: float,
        arrive: Callable[[], None],
        *,
        in_order: bool = False,
        touches: Resource | None = None,
    ) -> None:
        """Something arrives between these times; ``in_order``: not before what its flow sent earlier. What it
        touches is nothing to a tool that draws."""
        at = self._chance.between(earliest, latest) if latest > earliest else earliest
        if in_order:
            at = self._newest[flow] = max(at, self._newest.get(flow, 0.0))
        self._loop.call_later(max(0.0, at - self._loop.now), self._around, arrive)

    def release(self) -> None:
        """Nothing is held back here."""


class Borrowing(Execution):
    """One execution on the loop that is running. No engine here has a process or a storage."""

    def __init__(self, setting: Setting, chance: Chance, tally: Tally, trees: Trees) -> None:
        super().__init__(setting, Choices(), Clock(), tally, trees, None)
        self.loop.close()
        self.loop = Borrowed(asyncio.get_running_loop())
        self.agenda = Timers(self.loop, chance, self._arrives)
        self.over = self.loop.create_future()
        self._chance = chance

    def choose(self, kind: str, about: str, options: int) -> int:
        """Which fault strikes, if any."""
        if not self._chance.strikes(FAULT_PERCENT):
            return 0
        return 1 + self._chance.one_of(options - 1)

    def flow(self) -> str:
        """Nobody is held back, so nobody needs a name."""
        return ""

    def note(self, venue: str | None, record: Any) -> None:
        """As ours, until the verdict is known."""
        if not self.over.done():
            self.judge.see(venue, record)
            self.stop_where_broken()

    def _arrives(self, arrive: Callable[[], None]) -> None:
        """Functions of the ledger are asked, and deadlines looked at, where something may change."""
        if self.over.done():
            return
        try:
            self.look()
            arrive()
            self.look()
        except Exception as error:
            self.loop.stash(error)
        self.stop_where_broken()

    def judge_the_rest(self) -> None:
        """What is known only once nothing moves any more."""
        if self.loop.stashed is None and self.judge.failure is None:
            try:
                self.rest()
            except Exception as error:
                self.loop.stash(error)

    def look(self) -> None:
        """Asks every rule that is asked at a moment."""
        if self.judge.looks:
            self.judge.check()
        if self.judge.horizon_seconds:
            self.judge.check_deadlines(self.loop.now, max(self.fault_at, self.ended_at or 0.0))

    def stop_where_broken(self) -> None:
        """Whoever waits for the verdict need not wait for the end."""
        if (self.judge.failure is not None or self.loop.stashed is not None) and not self.over.done():
            self.over.set_result(None)

    def rest_is_over(self) -> None:
        """As long as any rule may be broken has passed, since the end and the last fault."""
        if not self.over.done():
            self.over.set_result(None)


class Stage:
    """Where one subject is played, again and again. What rules know of what they heard is kept for a while:
    as long as it saves more than it costs those tools that collect garbage after each execution."""

    def __init__(self, subject: Subject) -> None:
        self._scenario = subject.scenario
        self._setting = Setting(subject.plan, FAULTS_MAX)
        self._tally = Tally()
        self._trees: Trees = {}
        self._played = 0

    async def play(self, chance: Chance) -> None:
        """One execution on the running loop. Raises ``Accused``, and ``Unplayable``."""
        self._played += 1
        if self._played % FORGETS_EVERY == 0:
            self._trees = {}
        run = Borrowing(self._setting, chance, self._tally, self._trees)
        acting = run.loop.create_task(self._act(run))
        await run.over
        run.judge_the_rest()
        acting.cancel()
        if run.loop.stashed is not None:
            raise Unplayable(repr(run.loop.stashed)) from run.loop.stashed
        if run.judge.failure is not None:
            rule, name, _ = run.judge.failure
            raise Accused(rule if rule == name else f"{name} ({rule})")

    async def _act(self, run: Borrowing) -> None:
        """The program, and the time in which what is under way comes to rest."""
        process_of.set(Process("bot"))
        try:
            await self._scenario(Sim(run))
        except error_class("BaseError") as error:
            run.ends_with(error)
        except AssertionError as error:
            run.judge.assertion(error)
        except Exception as error:  # whatever the engine raised is a finding
            run.crash(error)
        run.end()
        run.stop_where_broken()
        rest = max(REST_SECONDS, run.judge.horizon_seconds)
        run.loop.call_later(max(run.ended_at, run.fault_at) + rest - run.now, run.rest_is_over)
