"""Performs one execution of a test function, whole, and leaves nothing of it behind."""

import asyncio
import gc
import inspect
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import Context
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

from hedgecheck.errors import HedgecheckError
from hedgecheck.explore.watch import Tally
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.simulate.bridge import plainly
from hedgecheck.simulate.choices import Choices, Label
from hedgecheck.simulate.clock import WallClock, seeds, virtual_clock
from hedgecheck.simulate.execution import Execution, Setting
from hedgecheck.simulate.guards import guards
from hedgecheck.simulate.judge import Finding, Trees
from hedgecheck.simulate.loop import Process, process_of
from hedgecheck.simulate.ordering import ordered_as_completed
from hedgecheck.simulate.plain import PlainSim
from hedgecheck.simulate.sim import Sim
from hedgecheck.simulate.storage import PREFIX, Storage, storage_in
from hedgecheck.simulate.story import Line, Story
from hedgecheck.simulate.waiting import waiting
from hedgecheck.simulate.watchdog import Watchdog
from hedgecheck.values import frozen

COLLECT_EVERY = 256
OUTCOMES = ("OutcomeException", "SkipTest")  # of pytest and of unittest
OF_INTENTS = ("I05", "I07")

Test = Callable[[Any], Any]  # of a Sim where it is async, else of a PlainSim
Made = tuple[tuple[Label, int, int], ...]


@frozen
class Outcome:
    """What one execution came to. ``made``: every choice, as label, options, value. ``error``: what is wrong
    with the test and not with the bot. ``lots``: of each symbol that was traded, what a lot is.
    ``raised``: the first exchange's error that a call or the test ended with."""

    failure: Finding | None
    made: Made
    steps: int
    orders: int
    spent: tuple[str, ...]
    reached: frozenset[str]
    lines: tuple[Line, ...] = ()
    error: BaseException | None = None
    lots: tuple[tuple[str, str], ...] = ()
    raised: str = ""


class Stage:
    """Where executions are performed, one after the other, with clock, chance and guards set up once."""

    def __init__(self, test: Test, clock: WallClock, watchdog: Watchdog, storage: Storage) -> None:
        self._test = test
        self._is_plain = is_plain(test)
        self._clock = clock
        self._storage = storage
        self._watchdog = watchdog
        self._seed = seeds()
        self._performed = 0
        self._rules: dict[str, str] = {}
        self._known: set[Hashable] = set()
        self.goals: tuple[str, ...] = ()
        self._trees: Trees = {}
        self._functions = Tally()

    def tally(self) -> Tally:
        """Every check of every rule, in all executions so far."""
        total = Tally()
        total.add(self._functions)
        for tree, _ in self._trees.values():
            tree.add_to(total)
        return total

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """Id and name of every rule that any execution was held to."""
        return tuple(self._rules.items())

    def perform(
        self,
        setting: Setting,
        choices: Choices,
        *,
        tell: bool = False,
        logs: bool = False,
        story: Story | None = None,
    ) -> Outcome:
        """One execution; with ``tell`` its story is kept, in ``story`` if one is given; with ``logs`` the bot
        may log."""
        story = Story() if tell and story is None else story
        if not logs:
            return self._perform(setting, choices, story)
        logging.disable(logging.NOTSET)
        try:
            return self._perform(setting, choices, story)
        finally:
            logging.disable(logging.CRITICAL)

    def look_away(self) -> None:
        """The execution that is on may stand still from now on: somebody looks at it in a debugger."""
        self._watchdog.look_away()

    def _perform(self, setting: Setting, choices: Choices, story: Story | None) -> Outcome:
        self._performed += 1
        if self._performed % COLLECT_EVERY == 0:
            gc.collect()
        self._seed()
        self._clock.reset()
        run = Execution(setting, choices, self._clock, self._functions, self._trees, self._storage, story)
        try:
            return self._run(run, choices, story)
        finally:
            run.loop.bury()
            self._storage.reset()

    def _run(self, run: Execution, choices: Choices, story: Story | None) -> Outcome:
        run.loop.is_plain = self._is_plain
        Context().run(run.loop.create_task, _main(partial(self._begun, run), run), name="test")
        try:
            with self._watchdog.over(run.loop):
                run.loop.run_forever()
        except SystemExit as error:  # asyncio lets it through
            run.crash(error)
        if run.loop.stashed is None:
            run.rest()
        if run.judge.rules_key not in self._known:
            self._known.add(run.judge.rules_key)
            self._rules.update(run.judge.asked())
            self.goals = tuple(dict.fromkeys((*self.goals, *run.judge.goals())))
        return Outcome(
            _with_hint(run),
            tuple(choices.made),
            run.loop.steps,
            run.orders,
            tuple(run.spent),
            frozenset(run.judge.reached),
            tuple(story.lines) if story is not None else (),
            run.loop.stashed,
            run.ledger.lots() if run.judge.failure is not None else (),
            run.raised,
        )

    def _begun(self, run: Execution) -> Awaitable[Any]:
        """The test function, called with the face of the world that is of its kind."""
        if self._is_plain:
            return plainly(partial(self._test, PlainSim(run)))
        under_way: Awaitable[Any] = self._test(Sim(run))
        return under_way


def is_plain(test: Test) -> bool:
    """Whether a test function is synchronous, below whatever decorates it."""
    return not inspect.iscoroutinefunction(inspect.unwrap(test)) and not inspect.iscoroutinefunction(test)


def _with_hint(run: Execution) -> Finding | None:
    """The failure, and what may explain it: an intent of which the bot was never told."""
    failure = run.judge.failure
    if failure is None or failure[0] not in OF_INTENTS or not run.undelivered:
        return failure
    rule_id, name, why = failure
    signals = ", ".join(run.undelivered)
    hint = (
        f"signal {signals} was made and nobody has read it; is it delivered, as by sim.deliver(signal, fn)?"
    )
    return rule_id, name, f"{why} ({hint})"


async def _main(begin: Callable[[], Awaitable[Any]], run: Execution) -> None:
    """The test function, and what it means that it ended. What it starts is one process, to begin with."""
    process_of.set(Process("bot"))
    try:
        await begin()
    except error_class("BaseError") as error:
        run.say("test", f"ends with {type(error).__name__}: {error}")
        run.ends_with(error)
    except HedgecheckError as error:
        run.loop.stash(error)
    except AssertionError as error:
        run.judge.assertion(error)
    except asyncio.CancelledError:
        run.crash(RuntimeError("the test was cancelled"))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever the bot raised is a finding
        if any(each.__name__ in OUTCOMES for each in type(error).__mro__):
            run.loop.stash(error)  # pytest.skip and the like are the test's own affair
        else:
            run.crash(error)
    run.end()


@contextmanager
def stage(test: Test) -> Iterator[Stage]:
    """Sets a stage up for as long as a campaign takes, with what lives now out of the collector's sight."""
    error_class("BaseError")  # loads ccxt, which opens a socket as it does, before sockets are refused
    was_enabled, were_disabled = gc.isenabled(), logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # of hundreds of executions only the one that is shown may log
    gc.collect(1)  # what is old is left to the collector's own pace: to walk over all of it takes long
    gc.freeze()
    gc.disable()
    try:
        with (
            TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder,
            virtual_clock() as clock,
            guards(),
            waiting() if is_plain(test) else nullcontext(),
            ordered_as_completed(),
            Watchdog() as watchdog,
            storage_in(folder) as storage,
        ):
            yield Stage(test, clock, watchdog, storage)
    finally:
        logging.disable(were_disabled)
        gc.collect()  # what the campaign leaves behind, and no more: all else is frozen
        gc.unfreeze()
        if was_enabled:
            gc.enable()
