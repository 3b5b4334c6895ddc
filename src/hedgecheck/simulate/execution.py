"""One execution: the loop, what is on its way, the venues, the rules, and what happened.

Faults strike while the test function runs. When it has ended they stop, nothing is held back, and what is
under way comes to rest: until nothing is left to happen, or for as long as any rule may stay broken.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from hedgecheck import faults, invariants
from hedgecheck.errors import UsageError
from hedgecheck.explore.watch import Tally
from hedgecheck.faults import Plan
from hedgecheck.fronts.ccxt.calls import NewOrder
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.desk import Desk
from hedgecheck.messages import Crashed, Intent, Record, Returned, Spent
from hedgecheck.simulate.agenda import INFINITY, Agenda, Pace
from hedgecheck.simulate.choices import Choices, Kind
from hedgecheck.simulate.clock import EPOCH_SECONDS, WallClock
from hedgecheck.simulate.footprints import EVERYTHING, MEMORY
from hedgecheck.simulate.judge import Judge, Trees, without_addresses
from hedgecheck.simulate.ledger import Ledger, LedgerOrder, order_asked_for
from hedgecheck.simulate.loop import STEPS_MAX, Process, Profile, SimLoop, SimTask, process_of
from hedgecheck.simulate.storage import Loss, Storage
from hedgecheck.simulate.story import Story, is_of_the_bot
from hedgecheck.simulate.userfaults import OwnFaults
from hedgecheck.simulate.variants import STAYS_AT_THE_VENUE, Variant, arsenal_of
from hedgecheck.values import frozen

REST_SECONDS = 60.0
READY_MAX = 4  # of the ready queue, how far back one may be taken from
THREAD_SECONDS = 0.001, 1.0
LEAVES_A_DEBUGGER = ("bdb.BdbQuit", "_pytest.outcomes.Exit")


@frozen
class Setting:
    """What all executions of a campaign share, and the few things by which they may differ.

    ``arrivals`` and ``pace`` are the agenda's, ``order`` and ``profile`` the loop's. ``shuffled``: also
    try other orders of the ready queue, which no loop of CPython has. ``moves``: what
    prices do by themselves while a stream shows them, in parts per million from tick to tick.
    """

    faults: Plan
    max_faults: int = 1
    arrivals: bool = False
    pace: Pace = "held"
    order: int = 0
    profile: Profile = "asyncio"
    shuffled: bool = False
    moves: tuple[int, ...] = ()


class Execution:
    """The world outside of the loop, and the memory of what happened in it."""

    def __init__(
        self,
        setting: Setting,
        choices: Choices,
        clock: WallClock,
        tally: Tally,
        trees: Trees,
        storage: Storage,
        story: Story | None = None,
    ) -> None:
        self.setting = setting
        self.choices = choices
        self.clock = clock
        self.storage = storage
        self.story = story
        self.agenda = Agenda(choices, setting.arrivals, setting.pace)
        self.loop = SimLoop(self, setting.order, setting.profile)
        self.ledger = Ledger()
        self.judge = Judge(self.ledger, tally, trees)
        self.arsenal = arsenal_of(setting.faults)
        self.own = OwnFaults(self)
        self.faults_left = setting.max_faults
        self.spent: list[str] = []
        self.blows: list[tuple[str, str, str, str]] = []  # symbol, what of it, fault, in words
        self.left_out: frozenset[str] = frozenset()
        self.delivered: dict[str, frozenset[str]] = {}
        self.fault_at = 0.0
        self.rest_seconds = REST_SECONDS
        self.rests_until = 0.0
        self.is_interrupted = False  # something was done between two iterations, and time stands still
        self.ended_at: float | None = None
        self.orders = 0
        self.raised = ""
        self.owner_of: Callable[[LedgerOrder], Any] | None = None
        self.undelivered: dict[str, None] = {}
        self.intents: list[Intent] = []
        self.finished: list[tuple[str, bool, str]] = []
        self.on_boundary: list[Callable[[], None]] = []
        self.on_death: dict[Process, list[Callable[[], None]]] = {}
        self.dead: list[Any] = []  # bots that died: freed now they would close what is no longer theirs

    # ---- the loop asks ---------------------------------------------------------------------------------

    def between(self, loop: SimLoop) -> None:
        """Callbacks are ready: something may arrive before they run."""
        if self._is_over():
            return
        self.agenda.between(loop)
        if self.setting.shuffled and len(loop._ready) > 1:
            loop.move_to_front(self.choices.pick("ready", "the queue", min(READY_MAX, len(loop._ready))))
        for look in self.on_boundary:
            look()

    def wait(self, loop: SimLoop, due: float | None) -> None:
        """Nothing is ready: the next arrival, or the next timer, or the end."""
        if self._is_over():
            return
        horizon = self.horizon()
        timer = INFINITY if due is None else due
        for look in self.on_boundary:
            look()
        if self.is_interrupted:
            self.is_interrupted = False
            return
        if self.agenda.next(loop, min(timer, horizon)):
            pass
        elif timer <= horizon and due is not None:
            loop.now = max(loop.now, due)
        else:
            self._nothing_left(loop)
        self.clock.show(loop.now)
        if self.judge.horizon_seconds:
            self.judge.check_deadlines(loop.now, max(self.fault_at, self.ended_at or 0.0))

    def add_thread(self, loop: SimLoop, run: Callable[[], None]) -> None:
        """A thread's work is done at some moment, whole."""
        lo, hi = THREAD_SECONDS
        self.agenda.add(f"thread of {self.flow()}", loop.now + lo, loop.now + hi, run, touches=MEMORY)

    def _is_over(self) -> bool:
        judge = self.judge
        if judge.looks:
            judge.check()
        if judge.failure is not None:
            self.loop._stopping = True
            return True
        return False

    def horizon(self) -> float:
        """When everything has to have come to rest, in virtual seconds."""
        if self.ended_at is None:
            return INFINITY
        rest = max(self.rest_seconds, self.judge.horizon_seconds)
        return max(self.rests_until, max(self.ended_at, self.fault_at) + rest)

    def _nothing_left(self, loop: SimLoop) -> None:
        if self.ended_at is None:
            waiting = ", ".join(each.get_name() for each in loop.tasks if not each.done())
            self.judge.fail(invariants.live, f"nothing is left to happen, and {waiting} wait for ever")
        loop._stopping = True

    # ---- what happens -------------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return self.loop.now

    def now_ms(self) -> int:
        """The venue's clock, in milliseconds since 1970; it does not skew."""
        return EPOCH_SECONDS * 1000 + int(self.loop.now * 1000)

    def flow(self) -> str:
        """Who acts: the task that runs, by its place in the family of tasks."""
        task = asyncio.current_task(self.loop)
        return task.lineage if isinstance(task, SimTask) else "0"

    def note(self, venue: str | None, record: Record) -> None:
        """Something happened that rules may hear of."""
        self.judge.see(venue, record)
        if self.judge.failure is not None:
            self.loop._stopping = True

    def choose(self, kind: Kind, about: str, options: int) -> int:
        """A choice that may have to be made while the bot's own code runs."""
        try:
            return self.choices.pick(kind, about, options)
        except BaseException as error:
            self.loop.stash(error)  # the bot must not catch this
            raise

    def strike(self, about: str, variants: tuple[Variant, ...]) -> Variant | None:
        """The fault that strikes here, if any may and does."""
        if not self.faults_left or not variants or self.ended_at is not None:
            return None
        chosen = self.choose("fault", about, len(variants) + 1)
        if not chosen:
            return None
        variant = variants[chosen - 1]
        self.faults_left -= 1
        self.struck(variant)
        return variant

    def struck(self, variant: Variant) -> None:
        """A fault strikes: chosen here, or because the test says so."""
        self.fault_at = self.loop.now
        self.spent.append(variant.fault.id)
        if variant.does not in STAYS_AT_THE_VENUE:
            self.choices.touched.add(EVERYTHING)
        self.note(None, Spent(variant.fault.id, variant.words))

    def struck_at(self, symbol: str | None, what: str, variant: Variant) -> None:
        """A fault struck something that is about one symbol, or None."""
        self.blows.append((symbol or "", what, variant.fault.id, variant.words))

    def say(self, who: str, text: str, fault: Variant | None = None, *, venue: str = "") -> None:
        """A line for whoever reads what happened; nothing where nobody will."""
        if self.story is None:
            return
        try:
            self.story.say(self.loop.now, who, text, fault, venue)
        except BaseException as error:
            self.loop.stash(error)  # somebody left the debugger: that is no answer to the bot
            raise

    def take_process(self) -> None:
        """A process that can come up again exists: all faults now means crashes too."""
        self.storage.processes += 1
        given = self.setting.faults
        if Plan(tuple(each for each in given if each.does is None)) == faults.ALL:
            self.arsenal = arsenal_of(given | faults.CRASHES)

    def kill(self, process: Process, fault: Variant | None = None) -> None:
        """The process dies, and who waits for it hears so. ``fault``: what it dies of; where it is None, one
        may strike what it has not synced."""
        if fault is None and self.storage.is_unsynced(process):
            fault = self.strike("crash", self.arsenal.of_crash())
            if fault is not None:
                self.say("bot", fault.words, fault)
        self.loop.kill(process)
        self.storage.outlives(process, cast(Loss, fault.detail or "") if fault is not None else "")
        for tell in self.on_death.pop(process, ()):
            tell()

    def when_dies(self, process: Process, tell: Callable[[], None]) -> None:
        """Calls ``tell`` when the process dies."""
        self.on_death.setdefault(process, []).append(tell)

    def end(self) -> None:
        """The test function has ended: faults stop."""
        self.ended_at = self.loop.now
        self.choices.touched.add(EVERYTHING)
        self.agenda.release()
        for look in self.on_boundary:
            look()

    def crash(self, error: BaseException) -> None:
        """The bot raised something that is no answer of an exchange."""
        if f"{type(error).__module__}.{type(error).__name__}" in LEAVES_A_DEBUGGER:
            self.loop.stash(error)
            return
        text = without_addresses(f"{type(error).__name__}: {error}{_where(error)}")
        self.note(None, Crashed(text))
        self.judge.fail(invariants.live, f"the bot raised {text}")

    def intent_of(self, desk: Desk, new: NewOrder) -> str | None:
        """The intent of an order that was sent where no signal was read: the owner that the test says it
        has, or the intent that its client order id names; or, of a bot that came up again and knows its
        intents from its store, the latest that trades the symbol."""
        owner = self._owner_of(desk, new) if self.owner_of is not None else None
        if owner is not None:
            return owner
        symbol, client_order_id = new.symbol, new.client_order_id
        candidates = [each.id for each in self.intents if symbol in each.symbols]
        for intent in reversed(candidates):
            if client_order_id is not None and intent in client_order_id:
                return intent
        process = process_of.get()
        return candidates[-1] if candidates and process is not None and process.came_back else None

    def _owner_of(self, desk: Desk, new: NewOrder) -> str | None:
        assert self.owner_of is not None, "Invariant: whoever is asked is there"
        try:
            owner = self.owner_of(order_asked_for(desk, new, self.now_ms()))
            if owner is None or (isinstance(owner, str) and owner):
                return owner
            raise UsageError(
                f"sim.attribute: the owner of an order came to {owner!r}. Give a name, that of a signal or a "
                "strategy, or None where it has none."
            )
        except Exception as error:
            self.loop.stash(error)  # it is the test's mistake, and the bot must not catch it
            raise

    def ends_with(self, error: BaseException) -> None:
        """A call or the test has ended with an exchange's error."""
        self.raised = self.raised or f"{type(error).__name__}: {error}"

    def rest(self) -> None:
        """Judges what is left when nothing moves any more."""
        for context in self.loop.unhandled:
            error = context.get("exception")
            if isinstance(error, BaseException):
                self.crash(error)
        for task in self.loop.tasks:
            if task.done() and task._log_traceback:  # nobody has asked how it ended
                died = task.exception()
                if died is not None and not isinstance(died, error_class("BaseError")):
                    self.crash(died)
        if self.loop.steps > STEPS_MAX:
            self.judge.fail(invariants.live, f"no end after {STEPS_MAX:,} iterations of the loop")
        if self.ended_at is None:
            self.judge.fail(invariants.live, "the loop was stopped while the test was running")
        if self.judge.failure is None:
            for intent, success, reason in self.finished:
                self.note(None, Returned(intent, success, reason))
            self.judge.rest()


def _where(error: BaseException) -> str:
    """The last line of the bot's own code in a traceback."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if is_of_the_bot(name):
            place = f" at {Path(name).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
