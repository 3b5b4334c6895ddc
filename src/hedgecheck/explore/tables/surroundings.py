"""What a product of tables asks beside them: what the gate answers, and what comes over all lanes.

Everything is worked out on the real engine in company, once per question.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from hedgecheck import tape
from hedgecheck.explore.tables.alone import ASKS, CRASHES, REFUSED, SHAKES, WRONG, Tabulator
from hedgecheck.explore.tables.company import Broken, Company, Node, NotLocalError, Taken
from hedgecheck.explore.tables.renaming import Renaming
from hedgecheck.messages import Spent
from hedgecheck.tape import InLane
from hedgecheck.values import frozen, replace

TRIED = 100  # kinds of company in which what comes over all is tried
FRESH = 0  # the state of a trade of which nothing has happened yet


@frozen
class Answer:
    """What an edge does in company. ``everybody``: what holds for all then, by number; ``refused``: what the
    gate said; ``broken``: a rule over all trades that does not hold then."""

    everybody: int
    refused: bool
    broken: Broken


@frozen
class OverAll:
    """What comes over all lanes at once. ``fires``: only while nothing is in flight; ``cost`` in faults;
    ``turns``: what it does to a lane. ``everybody`` and ``broken`` as of an ``Answer``."""

    action: tape.Action
    fires: bool
    cost: int
    turns: Literal["nothing", "halted", "restarted"]
    everybody: int
    broken: Broken


class Surroundings:
    """Answers by the numbers of states and edges in the table. ``twins``: what turns the first lane into
    each; ``faces``: what is to be seen of each state, by number."""

    def __init__(
        self, tabulator: Tabulator, faces: Sequence[int], company: Company, twins: tuple[Renaming, ...]
    ) -> None:
        self.table = tabulator.table
        self.company = company
        self.lanes = len(twins)
        self._tabulator = tabulator
        self.faces = faces
        self._twins = twins
        self._answers: dict[tuple[object, ...], Answer] = {}
        self._at_rest: dict[int, Broken] = {}
        self._over_all: dict[int, tuple[OverAll, ...]] = {}
        self._held: dict[int, set[tuple[int, ...]]] = {}
        self.news: set[tuple[int, int]] = set()  # what held for all, and did after all were told, by no fault
        self.learned: list[tuple[tuple[int, ...], int]] = []  # questions, and how much was known after each

    def learn(self, question: Sequence[int]) -> None:
        """Asks again what was asked in an earlier search: what may hold for all has the same numbers then."""
        everybody, *more = question
        if more:
            self._taken(everybody, bool(more[0]), more[2:], more[1])
        else:
            self.over_all(everybody)

    def _note(self, *question: int) -> None:
        known = len(self.company.known)
        if known > (self.learned[-1][1] if self.learned else 1):
            self.learned.append((question, known))

    def answer(self, everybody: int, recovering: bool, others: Sequence[int], edge: int) -> Answer:
        """What happens when a trade takes an edge beside others that are in these states."""
        key = (everybody, recovering, edge, *sorted([self.faces[each] for each in others]))
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._taken(everybody, recovering, others, edge)
            self._tell(everybody, edge, known.everybody)
        return known

    def shaken(self, everybody: int, edge: int) -> Answer:
        """What holds for all after an edge that they are told of, whatever they do."""
        key = (everybody, edge)
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._taken(everybody, False, [FRESH] * (self.lanes - 1), edge)
            self._tell(everybody, edge, known.everybody)
        return known

    def _tell(self, before: int, edge: int, after: int) -> None:
        table = self.table
        by_itself = not table.costs[edge] and not table.flags[edge] & CRASHES
        if by_itself and table.flags[edge] & SHAKES and self.is_news(before, after):
            self.news.add((before, after))

    def is_news(self, before: int, after: int) -> bool:
        """Whether all trades were told something between the two."""
        return self.company.shares(before) != self.company.shares(after)

    def at_rest(self, everybody: int) -> Broken:
        """A rule that is broken by what holds for all, once everything rests."""
        if not self.company.rests(everybody):
            return None
        if everybody not in self._at_rest:
            fresh = self._nodes([FRESH] * self.lanes)
            self._at_rest[everybody] = self.company.at_rest(everybody, fresh)
        return self._at_rest[everybody]

    def restarted(self, everybody: int) -> int:
        """What holds for all after the engine went down and came up again."""
        return next(each.everybody for each in self.over_all(everybody) if each.turns == "restarted")

    def over_all(self, everybody: int) -> tuple[OverAll, ...]:
        """What may come over all lanes."""
        known = self._over_all.get(everybody)
        if known is None:
            known = self._over_all[everybody] = self._looked_up(everybody)
        return known

    def _looked_up(self, everybody: int) -> tuple[OverAll, ...]:
        company = self.company
        fresh = self._nodes([FRESH] * self.lanes)
        found = []
        for action in company.universe.enabled(company.joined(everybody, False, fresh)[0]):
            if isinstance(action, InLane):
                continue
            taken = company.take(everybody, False, fresh, action)
            self._count(action, taken)
            self._hold_still(everybody, action)
            fires = isinstance(action, (tape.Fire, tape.CrashIn))
            found.append(OverAll(action, fires, taken.cost, _turn(action), taken.everybody, taken.broken))
        self._note(everybody)
        return tuple(found)

    def _count(self, action: tape.Action, taken: Taken) -> None:
        """What a table of one trade has no edges for is counted where it is looked up."""
        if isinstance(action, (tape.Roll, tape.Skew, tape.Crosstalk)):
            self.table.actions[type(action).__name__] += 1
            self.table.spent.update(each.fault for each in taken.records if isinstance(each, Spent))

    def _hold_still(self, everybody: int, action: tape.Action) -> None:
        """Raises ``NotLocalError`` where what is to come over all does something to a trade of its own."""
        if _turn(action) != "nothing":
            return
        for state in range(FRESH, self.table.states, max(1, self.table.states // TRIED)):
            if isinstance(action, (tape.Fire, tape.CrashIn)) and not self.table.quiet[state]:
                continue
            nodes = self._nodes([state] * self.lanes)
            self._same(action, self.company.take(everybody, False, nodes, action), nodes)

    def _same(self, action: tape.Action, taken: Taken, nodes: list[Node]) -> None:
        for lane, (alone, _) in enumerate(nodes):
            if not self.company.same(taken.after, lane, alone):
                raise NotLocalError(f"{action} does something to a trade that it is not about.")

    def hold(self, everybody: int, recovering: bool, reached: Iterable[Sequence[int]]) -> None:
        """Tries what may come over all lanes beside trades in states that were reached together, some of each
        kind: it comes to what it does beside fresh ones. Raises ``NotLocalError`` where it does not, or does
        something to a trade that it is not about."""
        tried = self._held.setdefault(everybody, set())
        for states in reached:
            if len(tried) >= TRIED:
                return
            kind = (recovering, *sorted([self.faces[each] for each in states]))
            if kind not in tried:
                tried.add(kind)
                for each in self.over_all(everybody):
                    if not each.fires or all(self.table.quiet[state] for state in states):
                        self._hold(everybody, recovering, states, each)

    def _hold(self, everybody: int, recovering: bool, states: Sequence[int], over: OverAll) -> None:
        nodes = self._nodes(states)
        taken = self.company.take(everybody, recovering, nodes, over.action)
        if over.turns == "nothing":
            self._same(over.action, taken, nodes)
        if (taken.everybody, taken.broken) != (over.everybody, over.broken):
            raise NotLocalError(
                f"What {over.action} comes to hangs on the trades that are under way. Take --search direct."
            )

    def _nodes(self, states: Sequence[int]) -> list[Node]:
        nodes = [self._tabulator.node(each) for each in states]
        return [twin(node) for twin, node in zip(self._twins, nodes, strict=True)]

    def _taken(self, everybody: int, recovering: bool, others: Sequence[int], edge: int) -> Answer:
        company, table = self.company, self.table
        source = table.sources[edge]
        world, _ = self._tabulator.node(source)
        action = self._tabulator.universe.enabled(world)[table.choices[edge]]
        taken = company.take(everybody, recovering, self._nodes([source, *others]), InLane(0, action))
        self._note(everybody, recovering, edge, *others)
        for way in sorted(self._ways(edge), key=lambda each: table.flags[each] & WRONG):
            alone, _ = self._tabulator.node(table.targets[way])
            is_same = company.same(taken.after, 0, alone) and self._says(way, action, taken)
            if table.flags[way] & WRONG or is_same:  # wrong ones lead nowhere
                return Answer(taken.everybody, bool(table.flags[way] & REFUSED), taken.broken)
        raise NotLocalError(f"{action} does something else beside other trades than it does alone.")

    def _says(self, way: int, action: tape.Action, taken: Taken) -> bool:
        """Whether the engine says there what it says alone."""
        made, table = self._tabulator, self.table
        world, _ = made.node(table.sources[way])
        if table.flags[way] & REFUSED:
            world = replace(world, engine=made.engine.refusing(world.engine))
        _, records = made.universe.apply(world, action)
        return self.company.said(records) == self.company.said(taken.records)

    def _ways(self, number: int) -> list[int]:
        """That edge; where the gate was asked, what is allowed and then, beside it, what is refused."""
        flags = self.table.flags[number]
        if not flags & ASKS:
            return [number]
        allowed = number - 1 if flags & REFUSED else number
        return [allowed, allowed + 1]


def _turn(action: tape.Action) -> Literal["nothing", "halted", "restarted"]:
    if isinstance(action, tape.Halt):
        return "halted"
    return "restarted" if isinstance(action, (tape.Restart, tape.CrashIn)) else "nothing"
