"""Reconciliation with a broker: asks for the account, compares, gives each difference its answer, asks again.

What a difference is, and its answer, ``core.reconcile`` says. Whatever follows is an event, so that it is in
the log. While a question waits for a person no entry leaves: the manual breaker is tripped, and again where
it was reset before the answer. When to reconcile is for others to say: at start, after a stream was lost, now
and then.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Literal, Protocol

from core import breakers, engine
from core.engine import State
from core.messages import (
    BreakerTripRequested,
    Command,
    Event,
    OrderDoubted,
    OrderFilled,
    OrderId,
    PositionAdjusted,
)
from core.plan import find
from core.reconcile import answer_to, differences, is_same
from core.reconcile_report import Difference, Kind, ListedFill, ListedOrder, Part, Report, Seen, Terms
from core.settings import SECOND
from core.units import Lots, Money, Nanoseconds
from core.values import frozen
from hedgecheck.drive import event_of, order_of
from hedgecheck.live.adoption import adjustments, details_of, is_bookable, subject_of
from hedgecheck.live.ports import Account, Broker, Opening, OpenOrder, Questions
from hedgecheck.messages import Filled

NEEDED = ("orders", "positions", "cash")  # the rest only explains
STANDARD = Terms()
TRADES_MAX = 10_000  # booked fills that are remembered; venues list fewer
BOOKED_EVENTS = 10_000  # that are looked at when a store is opened, for the fills that were booked last
Answers = dict[tuple[str, str], tuple[int, str]]  # by kind and subject: the number of a question, its answer
Entry = tuple[str, int]  # of the book: a symbol and lots, or cash
CASH = "cash"
BOOKED_PARTS = ("positions", CASH)
Became = Literal["asked", "waits", "done", "let be"]


class Running(Protocol):
    """A running engine, as ``live.shell`` is one."""

    @property
    def state(self) -> State:
        """What it believes now."""

    def tell(self, event: Event) -> Awaitable[object]:
        """Stores an event, and lets go what follows from it."""


@frozen
class Outcome:
    """What a reconciliation found. ``counts``: differences by kind, each once, sorted. ``left``: those that
    it ended with, and that nobody has let be. ``unknown``: parts of which the venue said nothing usable,
    or nothing of what is believed now."""

    rounds: int
    counts: tuple[tuple[Kind, int], ...]
    left: tuple[Difference, ...]
    unknown: tuple[str, ...]

    @property
    def is_reconciled(self) -> bool:
        """Whether all is known, and all is the same."""
        return not self.left and not self.unknown


class Booked:
    """The venue's ids of the latest fills that are booked, in that order. It watches the shell.

    It begins with what the log holds, never with what the venue lists: what was filled while nobody was there
    would be taken for booked.
    """

    def __init__(self, trades_max: int = TRADES_MAX) -> None:
        self._trades: dict[str, None] = {}
        self._trades_max = trades_max

    @classmethod
    def of(cls, opening: Opening, events: Iterable[Event]) -> "Booked":
        """What was booked by all events of a log."""
        found, state = cls(), engine.initial(opening.settings, opening.cash)
        for event in events:
            state, commands = engine.step(state, event)
            found.stepped(state, event, commands)
        return found

    def stepped(self, state: State, event: Event, _commands: tuple[Command, ...]) -> None:
        """After a step: a fill is booked where its order has it now."""
        if isinstance(event, PositionAdjusted) and event.trade_id:
            self._add(event.trade_id)
        order = getattr(event, "order", None)
        if order is None:
            return
        for trade in state.trades:
            known = find(trade, order) if trade.signal == order.signal else None
            for fill in () if known is None else known.fills:
                self._add(fill.trade_id)

    def failed(self, error: Exception) -> None:
        """Nothing is booked by that."""

    @property
    def trades(self) -> tuple[str, ...]:
        """The ids."""
        return tuple(self._trades)

    def _add(self, trade_id: str) -> None:
        self._trades.setdefault(trade_id)
        if len(self._trades) > self._trades_max:
            del self._trades[next(iter(self._trades))]


class Reconciliation:
    """Compares one broker's account with a running engine. ``backoff_ns``: before the second report, doubled
    before each later one. ``clock``: ours, in ns."""

    def __init__(
        self,
        broker: Broker,
        shell: Running,
        questions: Questions,
        booked: Booked,
        terms: Terms = STANDARD,
        backoff_ns: int = SECOND,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._broker = broker
        self._shell = shell
        self._questions = questions
        self._booked = booked
        self._terms = terms
        self._backoff_ns = backoff_ns
        self._clock = clock
        self._found: tuple[Difference, ...] = ()
        self._at_work = asyncio.Lock()

    async def once(self) -> Outcome:
        """Asks for the account until nothing is to be asked again, as often as the terms say at most. Called
        meanwhile it waits: what both find would be booked twice."""
        async with self._at_work:
            return await self._once()

    async def _once(self) -> Outcome:
        counted: dict[tuple[Kind, str], None] = {}
        rounds = 0
        while True:
            rounds += 1
            before = _booked(self._shell.state)
            report = await self._report()
            found, overtaken = self._compared(report, before ^ _booked(self._shell.state))
            counted.update(dict.fromkeys([(each.kind, subject_of(each)) for each in found]))
            answered = {(each[1], each[2]): (each[0], each[3]) for each in self._questions.answered()}
            became = [await self._answer(each, answered) for each in found]
            left = [each for each, what in zip(found, became, strict=True) if what in ("asked", "waits")]
            await self._stop_for(left)
            unknown = tuple([part for part in NEEDED if getattr(report, part) is None or part in overtaken])
            is_over = not unknown and not {"waits", "done"}.intersection(became)
            if is_over or rounds >= self._terms.rounds:
                break
            await asyncio.sleep(self._backoff_ns * 2 ** (rounds - 1) / SECOND)
        if not unknown:
            self._settle_what_is_gone(found)
        counts = Counter([kind for kind, _ in counted])
        return Outcome(rounds, tuple(sorted(counts.items())), tuple(left), unknown)

    # ---- what differs --------------------------------------------------------------------------------

    async def _report(self) -> Report:
        """The account now. A clock is ahead by what no time on the way explains."""
        asked = self._clock()
        account = await self._broker.account()
        told, time_ns = self._clock(), account.time_ns
        skew = None if time_ns is None else time_ns - min(max(time_ns, asked), told)
        return report_of(account, skew)

    def _compared(self, report: Report, moved: frozenset[Entry]) -> tuple[tuple[Difference, ...], set[Part]]:
        """What differs, and the parts of which something cannot be said: what was booked while the report was
        on its way is not in it, so that there it says nothing of what is believed now."""
        seen = Seen(self._booked.trades, self._found)
        every = differences(self._shell.state, report, seen, self._terms)
        subjects = {name for name, _ in moved}
        overtaken = [each for each in every if each.part in BOOKED_PARTS and each.subject in subjects]
        self._found = tuple([each for each in every if each not in overtaken])
        return self._found, {each.part for each in overtaken}

    # ---- what is done about it -----------------------------------------------------------------------

    async def _answer(self, difference: Difference, answered: Answers) -> Became:
        """Does what its answer is."""
        match answer_to(difference):
            case "ask":
                number, answer = answered.get((difference.kind, subject_of(difference)), (0, ""))
                if answer:
                    return await self._act(difference, number, answer)
                self._questions.ask(difference.kind, subject_of(difference), details_of(difference))
                return "asked"
            case "adjust":
                return "done" if await self._adjust(difference) else "waits"
            case "query":
                assert isinstance(difference.subject, OrderId), "Invariant: orders alone are asked about"
                await self._shell.tell(OrderDoubted(difference.subject))
        return "waits"

    async def _act(self, difference: Difference, number: int, answer: str) -> Became:
        """Does what a person has answered. What is let be stays answered for as long as it is there."""
        is_gone = answer == "gone" and difference.kind == "phantom"
        if answer == "adopt" or is_gone:
            if not is_bookable(difference, self._shell.state):
                return "let be"
            if not await self._adjust(difference):
                return "asked"
        else:
            self._found = tuple([each for each in self._found if not is_same(each, difference)])
        self._questions.settle(number)
        return "done"

    async def _adjust(self, difference: Difference) -> bool:
        """Books it, and says whether it could."""
        events = adjustments(difference, self._shell.state)
        for event in events:
            await self._shell.tell(event)
        return bool(events)

    async def _stop_for(self, left: Iterable[Difference]) -> None:
        """No entry leaves while a person is asked."""
        breaker = breakers.find(self._shell.state.breakers, "manual")
        is_stopped = breaker is not None and breaker.phase == "tripped"
        if not is_stopped and any(answer_to(each) == "ask" for each in left):
            await self._shell.tell(BreakerTripRequested())

    def _settle_what_is_gone(self, found: Iterable[Difference]) -> None:
        """What was asked about that is not there any more needs no answer."""
        subjects = [subject_of(each) for each in found]
        for number, subject in self._questions.asked():
            if subject not in subjects:
                self._questions.settle(number)


def _booked(state: State) -> frozenset[Entry]:
    """Lots by symbol, and cash."""
    held = [(each.symbol, int(each.lots)) for each in state.book.positions]
    return frozenset([*held, (CASH, int(state.book.cash))])


# ---- from the kit's words --------------------------------------------------------------------------


def report_of(account: Account, skew: int | None) -> Report:
    """An account in the core's words. ``skew``: ns by which its clock is ahead of ours; None: not known."""
    orders, fills, cash = account.open_orders, account.fills, account.cash
    return Report(
        None if orders is None else tuple(map(_listed_order, orders)),
        account.positions,
        None if cash is None else Money(cash),
        None if fills is None else tuple(map(_listed_fill, fills)),
        None if skew is None else Nanoseconds(skew),
    )


def _listed_order(order: OpenOrder) -> ListedOrder:
    name, amount, filled = order.client_order_id, Lots(order.amount), Lots(order.filled)
    return ListedOrder(order_of(name), order.symbol, order.side, amount, filled)


def _listed_fill(filled: Filled) -> ListedFill:
    told = event_of(filled)
    assert isinstance(told, OrderFilled), "Invariant: a fill is a fill in both vocabularies"
    return ListedFill(told.order, filled.symbol, filled.side, told.fill)
