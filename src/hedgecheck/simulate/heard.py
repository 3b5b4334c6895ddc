"""What rules make of records, heard once: executions of one test begin alike, most of them for long.

The records of an execution are a path in a tree. Each node holds the memories of the rules' books after its
records, which rules were asked there, and what they found; a path that was heard before is only walked.
"""

from hedgecheck.explore.watch import Setting, Tally, Watch
from hedgecheck.invariants import Finding, Invariant, View
from hedgecheck.messages import Record

NODES_MAX = 100_000


class Node:
    """After some records: memories, the checks asked for there, and the rule that broke there. ``at_rest``:
    the same, with every rule asked for once more. ``visits`` says how often all that happened."""

    __slots__ = ("after", "at_rest", "broken", "memories", "tally", "usual", "usually", "visits")

    def __init__(self, memories: tuple[object, ...]) -> None:
        self.memories = memories
        self.after: dict[Record, Node] = {}
        self.broken: tuple[Invariant, str] | None = None
        self.tally: Tally | None = None
        self.visits = 0
        self.at_rest: Node | None = None
        self.usual: Record | None = None
        self.usually: Node | None = None


class Tree:
    """All paths of one set of rules in one setting."""

    def __init__(self, setting: Setting, rules: tuple[Invariant, ...]) -> None:
        self.setting = setting
        self.rules = rules
        self._watch = Watch(setting, rules, Tally())
        self.root = Node(tuple(self._watch.memories))
        self.nodes = 1
        self._lost = Tally()

    def after(self, node: Node, record: Record, view: View) -> Node:
        """The node after one more record."""
        if node.usual == record:  # to compare is cheaper than to hash, and most nodes go on in one way
            assert node.usually is not None, "Invariant: what usually comes leads somewhere"
            node.usually.visits += 1
            return node.usually
        found = node.after.get(record)
        if found is None:
            tally = Tally()
            watch = self._at(node, tally)
            broken = watch.see((record,), view)
            found = Node(tuple(watch.memories))
            found.broken = broken
            found.tally = tally if tally.checks else None
            if self.nodes < NODES_MAX:
                node.after[record] = found
                self.nodes += 1
                if node.usual is None:
                    node.usual, node.usually = record, found
            else:
                self._lost.add(tally)
        found.visits += 1
        return found

    def rest(self, node: Node, view: View) -> Node:
        """The node after every rule was judged where nothing moves any more."""
        found = node.at_rest
        if found is None:
            tally = Tally()
            found = node.at_rest = Node(node.memories)
            found.broken = self._at(node, tally).rest(view)
            found.tally = tally
        found.visits += 1
        return found

    def add_to(self, total: Tally) -> None:
        """Adds every check that was ever asked for, as often as it was."""
        total.add(self._lost)
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            waiting += node.after.values()
            if node.at_rest is not None:
                waiting.append(node.at_rest)
            if node.tally is not None:
                for rule, count in node.tally.checks.items():
                    total.checks[rule] += count * node.visits
                for rule, count in node.tally.nonvacuous.items():
                    total.nonvacuous[rule] += count * node.visits

    def finding(self, node: Node, rule: Invariant, view: View) -> Finding | None:
        """What one rule finds there, uncounted."""
        return self._at(node, Tally()).finding(rule, view)

    def _at(self, node: Node, tally: Tally) -> Watch:
        watch = Watch(self.setting, self.rules, tally)
        watch.memories = list(node.memories)
        return watch
