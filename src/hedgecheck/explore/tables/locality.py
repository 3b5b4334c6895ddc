"""Whether a trade does beside another what it does alone: tried out, on the real engine, before all is built
upon it.

Every step of the table is taken again with another trade in the state, which stands now here, now there in
its life, and is left there by every step that is not about all trades. Where the gate has a part in the step
it comes to what it does alone when the gate allows, or to what it does when the gate refuses. The trade is
now the one of the first lane and now that of another, under its name: each comes to what the first does.
"""

from collections.abc import Sequence
from itertools import cycle, islice
from random import Random
from typing import Any

from hedgecheck.explore.tables.alone import Tabulator
from hedgecheck.explore.tables.company import NotLocalError
from hedgecheck.explore.tables.lone import Way
from hedgecheck.explore.tables.parts import Parts
from hedgecheck.explore.tables.renaming import Renaming
from hedgecheck.messages import (
    Alert,
    EngineEvent,
    Halt,
    Intent,
    NewDay,
    Restarted,
    Returned,
    StartTimer,
    StopTimer,
)
from hedgecheck.values import replace
from hedgecheck.world import Universe

OVER_ALL = (Halt, NewDay, Restarted)
NOTHING_SAID = "a table of one trade says nothing of several. Take --search direct."
TRIES = 20_000  # each step is taken beside one neighbour at least, and beside as many as that leaves room for


def check_locality(tabulator: Tabulator, parts: Parts, universe: Universe, twins: Sequence[Renaming]) -> int:
    """How many steps were taken again. Raises ``NotLocalError`` for one that came out otherwise."""
    if len(twins) < 2:
        return 0
    lone = tabulator.engine
    steps = [each for each in lone.steps() if lone.neutral(each[0]) is each[0]]
    neighbours = _neighbours(tabulator)
    checks = [_Check(parts, universe, twins, lane) for lane in range(len(twins))]
    beside = [(check, each) for check in checks for each in neighbours]
    Random(0).shuffle(beside)  # or a kind of step might meet one lane alone
    times = min(len(beside), max(1, TRIES // max(1, len(steps))))
    company = cycle(beside)
    for state, event, ways in steps:
        for check, neighbour in islice(company, times):
            check.take(state, event, ways, neighbour)
    return len(steps) * times


def _neighbours(tabulator: Tabulator) -> list[Any]:
    """The engine's states of a trade of the first lane, as no fault has struck it."""
    found: dict[int, Any] = {}
    table = tabulator.table
    for number, struck in enumerate(table.struck):
        if not struck and not table.crashed[number]:
            found.setdefault(table.engines[number], number)
    return [tabulator.engine_at(number) for number in found.values()]


class _Check:
    """Takes steps of the trade of one lane beside that of the next."""

    def __init__(self, parts: Parts, universe: Universe, twins: Sequence[Renaming], lane: int) -> None:
        self._parts = parts
        self._engine = universe.engine
        self._everybody = universe.initial().engine
        beside = (lane + 1) % len(twins)
        self._intent, self._other = universe.scope.intents[lane], universe.scope.intents[beside]
        self._own, self._twin = twins[lane], twins[beside]

    def take(self, state: Any, event: EngineEvent, ways: Sequence[Way], neighbour: Any) -> None:
        """Takes a step of the first lane's trade, under its name here, beside that neighbour."""
        own_state, event, ways = self._own(state), self._own(event), self._own(tuple(ways))
        together = self._parts.together([own_state, self._twin(neighbour)], self._everybody, False)
        there, said = self._engine.step(together, event)
        own, is_asked = self._intent, len(ways) > 1
        if not any(
            self._part(there, own) == self._part(after, own)
            and self._said(said, own, is_asked) == self._said(commands, own, is_asked)
            for after, commands in ways
        ):
            raise NotLocalError(
                f"{type(event).__name__} makes intent {own.id} do something else beside another trade than "
                f"it does alone, and the gate is not why: {NOTHING_SAID}"
            )
        if not self._is_for_all(together, event, there):
            self._leave(self._other, together, event, there, said)

    def _is_for_all(self, together: Any, event: EngineEvent, there: Any) -> bool:
        """Whether a step is about all trades: then its neighbour does what it does alone at such a step."""
        return isinstance(event, OVER_ALL) or self._parts.shared(there) != self._parts.shared(together)

    def _leave(
        self, other: Intent, together: Any, event: EngineEvent, there: Any, said: tuple[Any, ...]
    ) -> None:
        """The neighbour is as it was, and nothing is commanded for it."""
        if self._part(there, other) == self._part(together, other) and not self._said(said, other):
            return
        raise NotLocalError(
            f"{type(event).__name__} of intent {self._intent.id} does something to intent {other.id} beside "
            f"it: {NOTHING_SAID}"
        )

    def _part(self, state: Any, intent: Intent) -> Any:
        symbols, strategy = intent.symbols, intent.id.rstrip("0123456789")
        return self._parts.part(state, symbols, strategy)

    def _said(self, commands: tuple[Any, ...], intent: Intent, is_asked: bool = False) -> list[Any]:
        """What is commanded for an intent; where the gate ``is_asked``, whatever its reason."""
        own = [each for each in commands if self._owner(each) == intent.id]
        if not is_asked:
            return own
        return [replace(each, reason="") if isinstance(each, Returned) else each for each in own]

    def _owner(self, command: Any) -> str:
        """The intent that a command is for. What names neither an order nor a timer is of who made it."""
        if isinstance(command, Returned):
            return command.intent
        if isinstance(command, Alert):
            return command.subject
        about = command.timer if isinstance(command, (StartTimer, StopTimer)) else None
        about = getattr(command, "client_order_id", about)
        if about is None:
            return self._intent.id
        owner: str = self._engine.owner(about)  # type: ignore[attr-defined]
        return owner
