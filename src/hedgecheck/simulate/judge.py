"""Holds the rules of one execution against what happens in it.

A rule is an invariant of the kit, or a function of the ledger. Which invariants there are is known only once
the test has named them and its exchanges, so records are kept, and heard again from the first when the rules
or the venues change.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, cast

from hedgecheck import invariants
from hedgecheck.errors import NotApplicable, UsageError
from hedgecheck.explore.watch import Tally
from hedgecheck.invariants import Belief, Bounds, Broken, Invariant, MarketTerms, Restart, Terms
from hedgecheck.invariants import Finding as Found
from hedgecheck.messages import Record
from hedgecheck.simulate.beliefs import OF_BELIEF, Beliefs, refuse_without
from hedgecheck.simulate.footprints import BY_SYMBOL
from hedgecheck.simulate.heard import Tree
from hedgecheck.simulate.ledger import Ledger
from hedgecheck.simulate.rules import (
    Predicate,
    Rule,
    invariant_of,
    mark_of,
    name_of,
    refuse_what_compares,
    refuse_what_is_no_rule,
)
from hedgecheck.simulate.storage import PREFIX
from hedgecheck.values import frozen

Markets = tuple[MarketTerms, ...]
Trees = dict[tuple[int, ...], tuple[Tree, tuple[Markets, ...]]]
Finding = tuple[str, str, str]  # id, name, why

# Rules about one account: what happens at another venue is nothing to them.
OF_ONE_VENUE = {"I08", "I11", "I14", "I19", "one_order_per_slot"}


@frozen
class Setting:
    """The terms of the venues, as a watch asks for them."""

    markets: tuple[MarketTerms, ...]

    def terms(self) -> Terms:
        """What observers start from."""
        return Terms(cash=0, markets=self.markets, bounds=Bounds())


@frozen
class Sight:
    """What a verdict may see: nothing of the bot but what its test says of it."""

    is_at_rest: bool
    belief: Belief = Belief(0, (), ())
    restarts: tuple[Restart, ...] = ()


@dataclass(slots=True, eq=False)
class Deadline:
    """A rule that may be broken for ``seconds`` after it last held and the last fault struck."""

    rule: Rule
    seconds: float
    invariant: Invariant | None
    held_at: float = 0.0


class Heard:
    """One path through a tree, with the venue that it hears; None where it hears all."""

    __slots__ = ("node", "tree", "venue")

    def __init__(self, venue: str | None, tree: Tree) -> None:
        self.venue = venue
        self.tree = tree
        self.node = tree.root


class Judge:
    """The rules over one execution; ``failure`` is the first that broke. ``looks``: there are functions to
    ask all the time. ``horizon_seconds``: the longest that any rule may be broken."""

    def __init__(self, ledger: Ledger, tally: Tally, trees: Trees) -> None:
        self.failure: Finding | None = None
        self.reached: set[str] = set()
        self.looks = False
        self.horizon_seconds = 0.0
        self._ledger = ledger
        self._tally = tally
        self._trees = trees
        self._named: list[Invariant] = []
        self._always: list[tuple[Predicate, str]] = []
        self._at_rest: list[tuple[Predicate, str]] = []
        self._deadlines: list[Deadline] = []
        self._sometimes: list[tuple[str, Predicate]] = []
        self._beliefs: Beliefs | None = None
        self._believing: Heard | None = None
        self._intents: tuple[bool, bool] = (False, False)
        self._markets: dict[str, Markets] = {}
        self._records: list[tuple[str | None, Record]] = []
        self._heard: list[Heard] | None = None

    # ---- what the test says ---------------------------------------------------------------------------

    def always(self, rule: Rule) -> None:
        """A rule that is never broken."""
        refuse_what_is_no_rule(rule)
        known = invariant_of(rule)
        refuse_what_compares(known)
        mark = mark_of(rule)
        if mark is not None and mark.kind == "deadline":
            raise NotApplicable(
                f"{mark.id} may be broken for a while, as its kind says. Ask for it with sim.eventually(...)."
            )
        if known is None and mark is not None and mark.kind == "rest":
            self._at_rest.append((cast(Predicate, rule), mark.id))
        elif known is None:
            self._always.append((cast(Predicate, rule), name_of(rule)))
            self.looks = True
        elif known.kind != "always":
            raise NotApplicable(
                f"{known.name} ({known.id}) may be broken for a while by a bot that does all it should. "
                f"Ask for it with sim.eventually(hedgecheck.invariants.{known.name}, within_seconds=60)."
            )
        else:
            self._name(known)

    def eventually(self, rule: Rule, within_seconds: float) -> None:
        """A rule that holds again within that time."""
        refuse_what_is_no_rule(rule)
        known = invariant_of(rule)
        refuse_what_compares(known)
        if known is not None and known.id not in OF_BELIEF:
            self._name(known)
        self._deadlines.append(Deadline(rule, within_seconds, known))
        self.horizon_seconds = max(self.horizon_seconds, within_seconds)

    def sometimes(self, name: str, predicate: Predicate) -> None:
        """Something that a good run gets to see."""
        self._sometimes.append((name, predicate))
        self.looks = True

    def believes(self, beliefs: Beliefs) -> None:
        """The test says what the bot believes: rules about that apply from now on."""
        self._beliefs = beliefs
        self._heard = None

    def declare(self, two_legs: bool) -> None:
        """An intent exists: rules about intents apply from now on."""
        one, two = self._intents
        if not one or (two_legs and not two):
            self._intents = (True, two or two_legs)
            self._heard = None

    def add_venue(self, name: str, markets: Markets) -> None:
        """A venue exists."""
        self._markets[name] = markets
        self._heard = None

    def _name(self, rule: Invariant) -> None:
        if rule not in self._named:
            self._named.append(rule)
            self._heard = None

    @property
    def rules(self) -> tuple[Invariant, ...]:
        """The invariants that apply: those named, or where no rule was named the ledger's."""
        if self._named or self._always or self._at_rest or self._deadlines:
            return tuple(self._named)
        one, two = self._intents
        rules = invariants.LEDGER_BASE
        if one:
            rules += (invariants.one_intent_one_exposure, invariants.exits_only_reduce)
        return (*rules, invariants.hedged) if two else rules

    @property
    def rules_key(self) -> Hashable:
        """What tells one set of rules from another, without making it."""
        words = (*(name for _, name in (*self._always, *self._at_rest)), *self.goals())
        believed = self._beliefs is not None and self._beliefs.rules
        return tuple(each.id for each in self._named), words, len(self._deadlines), self._intents, believed

    @property
    def is_by_symbol(self) -> bool:
        """Whether no rule looks at more than one symbol before everything is at rest."""
        functions = self.looks or any(each.invariant is None for each in self._deadlines)
        return not functions and all(rule.id in BY_SYMBOL for rule in self.rules)

    def goals(self) -> tuple[str, ...]:
        """What the test wants to be seen at least once."""
        return tuple(name for name, _ in self._sometimes)

    def asked(self) -> dict[str, str]:
        """Name by id of every rule: invariants, and functions by their name."""
        functions = [each for each, _ in (*self._always, *self._at_rest)]
        functions += [cast(Predicate, each.rule) for each in self._deadlines if each.invariant is None]
        live = {invariants.live.id: invariants.live.name}  # whoever asks for what: the bot must not hang
        rules = (*self.rules, *(self._beliefs.rules if self._beliefs is not None else ()))
        return {
            **live,
            **{rule.id: rule.name for rule in rules},
            **{name_of(each): name_of(each) for each in functions},
        }

    # ---- what happens -----------------------------------------------------------------------------------

    def see(self, venue: str | None, record: Record) -> None:
        """Takes a record in; ``venue`` None where it is about none."""
        self._records.append((venue, record))
        if self._heard is None:
            if self._markets:
                self._hear_again()
            return
        self._pass_on(venue, record)

    def _pass_on(self, venue: str | None, record: Record) -> None:
        if self._believing is not None:
            self._believing.node = self._believing.tree.after(self._believing.node, record, MOVING)
        for heard in self._heard or ():
            if heard.venue is None or venue is None or heard.venue == venue:
                node = heard.node = heard.tree.after(heard.node, record, MOVING)
                if node.broken is not None and self.failure is None:
                    self.failure = (node.broken[0].id, node.broken[0].name, node.broken[1])

    def _hear_again(self) -> None:
        rules = self.rules
        venues = tuple(self._markets.values())
        if len(venues) == 1:
            self._heard = [Heard(None, self._tree(venues, rules))]
        else:
            local = tuple(rule for rule in rules if rule.id in OF_ONE_VENUE)
            shared = tuple(rule for rule in rules if rule.id not in OF_ONE_VENUE)
            self._heard = [Heard(None, self._tree(venues, shared))]
            self._heard += [Heard(name, self._tree((each,), local)) for name, each in self._markets.items()]
        if self._beliefs is not None:
            at_rest = tuple(rule for rule in self._beliefs.rules if rule.id in OF_BELIEF)
            self._believing = Heard(None, self._tree(venues, at_rest))
        for venue, record in self._records:
            self._pass_on(venue, record)

    def _tree(self, venues: tuple[Markets, ...], rules: tuple[Invariant, ...]) -> Tree:
        key = (*map(id, venues), 0, *map(id, rules))  # what has these ids is kept with the tree
        kept = self._trees.get(key)
        if kept is None:
            everywhere = {each.symbol: each for markets in venues for each in markets}
            tree = Tree(Setting(tuple(everywhere.values())), rules)
            kept = self._trees[key] = (tree, venues)
        return kept[0]

    def check(self) -> None:
        """Asks the functions that must always hold, and notes what was reached."""
        self._ask(self._always)
        for name, predicate in self._sometimes:
            if name not in self.reached and predicate(self._ledger):
                self.reached.add(name)

    def _ask(self, functions: list[tuple[Predicate, str]]) -> None:
        for predicate, name in functions:
            why = self._broken(predicate)
            self._tally.checks[name] += 1
            self._tally.nonvacuous[name] += 1
            if why is not None and self.failure is None:
                self.failure = (name, name, why)

    def check_deadlines(self, now: float, since: float) -> None:
        """Fails a rule that has been broken for longer than it may, since ``since`` at the earliest."""
        for each in self._deadlines:
            why = self._why(each)
            if why is None:
                each.held_at = now
            elif now - max(each.held_at, since) > each.seconds:
                self._fail(each.rule, f"{why} (for more than {each.seconds:g} s)")

    def rest(self) -> None:
        """Judges everything once nothing moves any more."""
        if self._heard is None and self._markets:
            self._hear_again()
        for heard in self._heard or ():
            broken = heard.tree.rest(heard.node, AT_REST).broken
            if broken is not None and self.failure is None:
                self.failure = (broken[0].id, broken[0].name, broken[1])
        for rule in self._beliefs.rules if self._beliefs is not None else ():
            self._judge_belief(rule)
        self.check()
        self._ask(self._at_rest)
        for each in self._deadlines:
            if each.invariant is None:
                self._tally.checks[name_of(each.rule)] += 1
                self._tally.nonvacuous[name_of(each.rule)] += 1
            why = self._why(each)
            if why is not None:
                self._fail(each.rule, why)

    def _judge_belief(self, rule: Invariant) -> None:
        finding = self._believed(rule)
        self._tally.checks[rule.id] += 1
        self._tally.nonvacuous[rule.id] += finding != "vacuous"
        if isinstance(finding, Broken):
            self._fail(rule, without_addresses(finding.why))

    def _believed(self, rule: Invariant) -> Found:
        """What a rule finds in what the bot says that it believes."""
        refuse_without(rule, self._beliefs)
        heard = self._believing
        if self._beliefs is None or heard is None:
            return "vacuous"
        return self._beliefs.finding(
            rule, lambda belief: heard.tree.finding(heard.node, rule, Sight(is_at_rest=True, belief=belief))
        )

    def assertion(self, error: AssertionError) -> None:
        """The test's own assertion failed."""
        if self.failure is None:
            self.failure = ("assertion", "assertion", without_addresses(str(error)) or ASSERTED)

    def fail(self, rule: Invariant, why: str) -> None:
        """A rule of the kit is broken in a way that only the execution sees."""
        self._fail(rule, why)

    def _fail(self, rule: Rule, why: str) -> None:
        if self.failure is None:
            known = invariant_of(rule)
            name = name_of(rule)
            self.failure = (known.id if known else name, name, why)

    def _why(self, deadline: Deadline) -> str | None:
        if deadline.invariant is None:
            return self._broken(cast(Predicate, deadline.rule))
        if deadline.invariant.id in OF_BELIEF:
            believed = self._believed(deadline.invariant)
            return believed.why if isinstance(believed, Broken) else None
        for heard in self._heard or ():
            finding = heard.tree.finding(heard.node, deadline.invariant, AT_REST)
            if isinstance(finding, Broken):
                return finding.why
        return None

    def _broken(self, predicate: Predicate) -> str | None:
        try:
            answer = predicate(self._ledger)
        except AssertionError as error:
            return without_addresses(str(error)) or "its assertion failed"
        if hasattr(answer, "__await__"):
            cast(Any, answer).close()
            raise UsageError(
                f"{name_of(predicate)} is a coroutine function. A rule looks at the ledger and answers at "
                "once: make it a plain function."
            )
        if answer is None or isinstance(answer, bool) or type(answer).__name__ in ("bool", "bool_"):
            return None if answer is None or answer else "it is False"
        raise UsageError(
            f"{name_of(predicate)} answered {answer!r}. A rule answers False or raises AssertionError where "
            "it is broken, and True or None where it holds."
        )


def without_addresses(text: str) -> str:
    """What an object is called, without where it lies in memory, and a file, without where it is kept: those
    are other places in every run."""
    return FOLDER.sub("storage", ADDRESS.sub("", text))


ADDRESS, ASSERTED = re.compile(r" at 0x[0-9a-f]+"), "an assertion of the test failed"
FOLDER = re.compile(rf"[^\s'\"]*{PREFIX}\w+[/\\]+now")
MOVING, AT_REST = Sight(is_at_rest=False), Sight(is_at_rest=True)
