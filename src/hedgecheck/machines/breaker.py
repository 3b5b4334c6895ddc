"""A state machine that tells a user's own circuit breaker what an account may go through, and recounts when
it is to trip.

Subclass it, say the terms, and answer ``fresh``, ``on``, ``is_tripped`` and ``allows``;
``TestBreaker = MyMachine.TestCase`` is a test for pytest and unittest. The rules drive; one invariant judges.
"""

import math
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from hedgecheck.errors import UsageError
from hedgecheck.machines import st as own
from hedgecheck.machines.adapted import AdaptedMachine
from hedgecheck.machines.trips import (
    MEASURES,
    WHOLE_BPS,
    BreakerEvent,
    BreakerTerms,
    EquityMarked,
    OrderKind,
    Recount,
    ResetCodeEntered,
    SessionDayBegan,
    TimePassed,
    TradeClosed,
    equity_at,
    is_usable,
    recounted,
    reset,
    settled,
    tripped,
)
from hedgecheck.messages import Restarted
from hedgecheck.values import frozen

START, MARKS_MAX = 1_000_000, 40
SECOND_NS, HOUR_NS = 10**9, 3_600 * 10**9
UNUSABLE = st.sampled_from([math.nan, None, math.inf, -math.inf])
MADE_UP = st.sampled_from(["", "0000", "reset", None, "0" * 64])


@frozen
class Shown:
    """What the user's readers say of one state."""

    is_tripped: bool
    entry: bool
    exit: bool


@frozen
class Step:
    """What was told last, what the readers said before it and say after it, and what a second answer and the
    old state say. ``code``: what kind of code was entered."""

    event: Any
    before: Shown
    after: Shown
    again: tuple[Shown, Shown]
    code: str = ""


class BreakerMachine(AdaptedMachine):
    """One breaker, and an account that loses, recovers, and is asked about while its numbers are none.

    Events are those of ``hedgecheck.machines``: ``EquityMarked``, ``TradeClosed``, ``SessionDayBegan``,
    ``TimePassed`` and ``ResetCodeEntered``. Money is int minor units. ``terms`` say when it is to trip.
    Raises ``UsageError`` where a method is not there, or the terms make no sense.
    """

    terms: ClassVar[BreakerTerms] = BreakerTerms("daily_loss", 300)

    def fresh(self, terms: BreakerTerms) -> Any:
        """The state of a breaker that has seen nothing."""
        raise self._has_no("fresh(self, terms)", "gives the state of a new breaker")

    def on(self, state: Any, event: BreakerEvent) -> Any:
        """The state after an event; ``state`` itself stays what it is."""
        raise self._has_no("on(self, state, event)", "gives the state after an event")

    def is_tripped(self, state: Any) -> bool:
        """Whether it has tripped and was not reset since."""
        raise self._has_no("is_tripped(self, state)", "says whether the breaker has tripped")

    def allows(self, state: Any, order_kind: OrderKind) -> bool:
        """Whether an order may be sent that opens ("entry"), or that only reduces ("exit")."""
        raise self._has_no("allows(self, state, order_kind)", 'says whether an "entry" or "exit" may be sent')

    def code(self, state: Any) -> Any:
        """The code that resets this trip, as whoever may reset would enter it; None where there is none."""
        return None

    def restarted(self, state: Any) -> Any:
        """The state after it was stored and loaded."""
        return state

    def __init__(self) -> None:
        super().__init__()
        if self.terms.measure not in MEASURES or not is_usable(self.terms.level) or self.terms.level < 1:
            raise UsageError(
                f'{self.terms}: name a measure and its level from 1 up, as in BreakerTerms("drawdown", 500). '
                f"The measures are {', '.join(MEASURES)}."
            )
        self.state: Any = None
        self.now_ns = 0
        self.path: tuple[int, ...] = ()
        self.found = Recount()
        self.is_on = False  # it has tripped
        self.used: list[Any] = []
        self.step: Step | None = None

    @initialize(path=own.equity_paths(START, marks_max=MARKS_MAX))
    def account_opens(self, path: tuple[int, ...]) -> None:
        """What the account will be worth, where nothing else happens to it."""
        self.path = (START, *path)
        self.state = self.fresh(self.terms)
        shown = self._shown(self.state)
        self.step = Step(None, shown, shown, (shown, shown))

    def _shown(self, state: Any) -> Shown:
        entry, leaving = self.allows(state, "entry"), self.allows(state, "exit")
        return Shown(bool(self.is_tripped(state)), bool(entry), bool(leaving))

    def _tell(self, event: BreakerEvent, code: str = "") -> None:
        """One event; the state is asked twice, and looked at before and after."""
        old, before = self.state, self._shown(self.state)
        self.state, again = self.on(old, event), self.on(old, event)
        self.step = Step(event, before, self._shown(self.state), (self._shown(again), self._shown(old)), code)
        self.found = recounted(self.found, self.terms, event)

    def _later(self, ns: int = SECOND_NS) -> int:
        self.now_ns += ns
        return self.now_ns

    # ---- rules --------------------------------------------------------------------------------------

    @precondition(lambda self: self.path)
    @rule()
    def equity_is_marked(self) -> None:
        """The account is worth something else."""
        equity, *rest = self.path
        self.path = tuple(rest)
        self._tell(EquityMarked(self._later(), equity))

    @precondition(lambda self: self.found.high and self.terms.measure != "consecutive_losses")
    @rule(beyond=st.sampled_from([0, -1, 1]))
    def equity_comes_to_the_level(self, beyond: int) -> None:
        """The account loses just as much as is enough; or a minor unit less, or more."""
        assert self.found.high is not None, "Invariant: where a level is, an equity was"
        equity = max(1, equity_at(self.found.high, self.terms) - beyond)
        self._tell(EquityMarked(self._later(), equity))

    @rule(pnl=st.sampled_from([-500, -1, -20_000, 700]))
    def trade_closes(self, pnl: int) -> None:
        """At a loss, or a profit."""
        self._tell(TradeClosed(self._later(), pnl))

    @rule(bps=st.integers(-200, 200))
    def day_begins(self, bps: int) -> None:
        """A session day, with what the night has changed."""
        equity = self.found.equity or START
        self._tell(
            SessionDayBegan(self._later(24 * HOUR_NS), max(1, equity * (WHOLE_BPS + bps) // WHOLE_BPS))
        )

    @rule(wrong=UNUSABLE, is_equity=st.booleans())
    def number_is_unusable(self, wrong: Any, is_equity: bool) -> None:
        """A price is none, and so is what follows from it."""
        kind = EquityMarked if is_equity else TradeClosed
        self._tell(kind(self._later(), wrong))

    @rule(hours=st.sampled_from([1, 24, 24 * 365]))
    def time_passes(self, hours: int) -> None:
        """It is later."""
        self._tell(TimePassed(self._later(hours * HOUR_NS)))

    @precondition(lambda self: self.is_on and self.code(self.state) is not None)
    @rule()
    def code_is_entered(self) -> None:
        """The code of this trip."""
        code = self.code(self.state)
        kind = "used" if code in self.used else "right"
        self.used.append(code)
        self._tell(ResetCodeEntered(self._later(), code), kind)

    @precondition(lambda self: self.used)
    @rule(index=st.integers(0, 4))
    def used_code_is_entered(self, index: int) -> None:
        """One that has reset another trip."""
        self._tell(ResetCodeEntered(self._later(), self.used[index % len(self.used)]), "used")

    @rule(code=MADE_UP)
    def made_up_code_is_entered(self, code: Any) -> None:
        """One that nobody gave out."""
        self._tell(ResetCodeEntered(self._later(), code), "made up")

    @rule()
    def process_restarts(self) -> None:
        """The state is stored, and loaded again."""
        before = self._shown(self.state)
        self.state = self.restarted(self.state)
        after = self._shown(self.state)
        self.step = Step(Restarted(), before, after, (after, before))

    # ---- judgement ----------------------------------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        """Judges the last step, once."""
        step, self.step = self.step, None
        if step is None:
            return
        self._judge_answers(step)
        self._judge_orders(step)
        if self.is_on:
            self._judge_tripped(step)
        else:
            self._judge_level(step)
        self._note(step)

    def _judge_orders(self, step: Step) -> None:
        assert step.after.exit, f"exits_pass: after {step.event} an exit is refused; it would only reduce"
        assert not (step.after.is_tripped and step.after.entry), (
            f"halt_is_halt: after {step.event} the breaker is tripped, and an entry may be sent"
        )
        assert step.event is not None or step.after.entry, "of_use: a fresh breaker lets no entry through"

    def _judge_tripped(self, step: Step) -> None:
        after = step.after.is_tripped
        if step.code == "right":
            assert not after, f"reset_code: {step.event} has this trip's own code, and it stays tripped"
        elif step.code:
            assert after, f"reset_code: the code of {step.event} is {step.code}, and it resets this trip"
        else:
            assert after, f"halt_is_halt: {step.event} ends a halt, and only this trip's own code may"

    def _judge_level(self, step: Step) -> None:
        terms, found, after = self.terms, self.found, step.after.is_tripped
        said = f"after {step.event} {_in_words(terms, found)}"
        assert after or not found.must_trip(terms), f"trips_at_its_level: {said}, and it has not tripped"
        is_told = not isinstance(step.event, (EquityMarked, TradeClosed)) or is_usable(_value(step.event))
        if is_told:  # to trip on what is unusable is on the safe side
            assert not after or found.may_trip(terms), f"trips_at_its_level: {said}, and it has tripped"

    def _note(self, step: Step) -> None:
        """What follows for the recount."""
        if self.is_on and not step.after.is_tripped:
            self.found = reset(self.found, self.terms)
        elif step.after.is_tripped:
            self.found = tripped(self.found)
        elif isinstance(step.event, (EquityMarked, SessionDayBegan)) and is_usable(step.event.equity):
            self.found = settled(self.found)
        self.is_on = step.after.is_tripped


def _value(event: EquityMarked | TradeClosed) -> Any:
    return event.equity if isinstance(event, EquityMarked) else event.pnl


def _in_words(terms: BreakerTerms, found: Recount) -> str:
    if terms.measure == "consecutive_losses":
        count = str(found.few) if found.few == found.many else f"{found.few} to {found.many}"
        return f"{count} trades in a row were closed at a loss, where {terms.level} is the level"
    base = str(found.low) if found.low == found.high else f"{found.low} to {found.high}"
    name = terms.measure.replace("_", " ")
    return f"the equity is {found.equity} of {base}, where a {name} of {terms.level} bps is the level"
