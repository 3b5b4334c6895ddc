"""The verdict of a run, and its JSON: schema 1, as users' tools read it.

holds / broken / unknown; broken beats unknown beats holds. A rule that never had anything to check is
unknown, and a run with an unknown rule does not hold.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from hedgecheck import faults, invariants
from hedgecheck.explore.fuzz import Call, Campaign
from hedgecheck.explore.goals import GOALS
from hedgecheck.tape import Action, Tape, token_of
from hedgecheck.values import frozen, replace

Outcome = Literal["holds", "broken", "unknown"]
SCHEMA = 1
IDS = {each.id for each in faults.ALL | faults.CRASHES}
WITHOUT = {  # of a bot nothing is known but what its test says
    "I01": "the test does not say what the bot believes it holds: sim.believes(positions)",
    "I02": "the test does not say which orders the bot believes open: sim.believes(..., open_orders=...)",
    "I13": "the test does not say what the bot believes it is worth: sim.believes(..., equity=...)",
}


@frozen
class Goal:
    """Something that a good run gets to see: how often it did. Where a search in full saw it also after how
    many ``steps`` at the earliest of the ways it went, and the token of that way."""

    id: str
    name: str
    reached: int
    steps: int | None = None
    witness: str = ""


@frozen
class Transition:
    """An edge of the diagram of one trade's life, and how often it was taken."""

    source: str
    target: str
    count: int


@frozen
class Frame:
    """One step of a counterexample. ``lines``: what was said, in order. ``faults``: what struck in it.
    ``facts``: label and value of what holds after it. ``drains``: it only let things come to their end."""

    at_ns: int
    lines: tuple[str, ...]
    faults: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    drains: bool = False


@frozen
class Counterexample:
    """A broken rule with all that is needed to see it again. ``name``: of a rule that is not the kit's."""

    invariant: str
    why: str
    token: str
    steps: int
    diagram: str
    pytest: str
    replay: str
    found_after: int
    actions_found: int
    actions_shrunk: int
    frames: tuple[Frame, ...] = ()
    name: str = ""


@frozen
class Witness:
    """A goal that a search of one scope saw: after how many steps, and the token of the way there."""

    goal: str
    steps: int
    token: str


def witnesses_of(scope: int, ways: Mapping[str, tuple[Action, ...]]) -> tuple[Witness, ...]:
    """The ways to goals in the scope of that number."""
    return tuple(Witness(goal, len(way), token_of(Tape(scope, way))) for goal, way in sorted(ways.items()))


@frozen
class Looked:
    """One scope of an exhaustive search, and how far it came; ``why`` says which bound ended it, ``detail``
    how it was searched. ``layers``: new states by their steps from the start. ``reduction``: by what fewer
    states than all of them were enough; then ``states``, ``edges`` and ``depth`` are of those alone.
    ``reached``: the goals that were seen, none of which is known to be impossible where it was not; None
    where none were looked for. ``unsought``: goals that were not looked for."""

    scope: str
    verdict: str
    states: int
    edges: int
    depth: int
    seconds: float
    megabytes: int
    why: str = ""
    detail: str = ""
    layers: tuple[int, ...] = ()
    reduction: str = ""
    reached: tuple[Witness, ...] | None = None
    unsought: tuple[str, ...] = ()


@frozen
class ExplorerResult:
    """One way of looking, and what it did. ``searches``: the scopes that an exhaustive one went through.
    ``broke``: it found a failure that is no tape of the pure world. ``cut_short``: it was to try everything,
    and did not."""

    name: str
    campaign: Campaign
    seconds: float
    scope: str
    searches: tuple[Looked, ...] = ()
    broke: bool = False
    cut_short: bool = False

    @property
    def states(self) -> int | None:
        """States of all its scopes; None where it counts none."""
        return sum(each.states for each in self.searches) if self.searches else None

    @property
    def edges(self) -> int | None:
        """Edges of all its scopes, each judged; None where it counts none."""
        return sum(each.edges for each in self.searches) if self.searches else None

    @property
    def depth(self) -> int | None:
        """Steps to the farthest state of any of its scopes."""
        return max(each.depth for each in self.searches) if self.searches else None

    @property
    def reduction(self) -> str:
        """By what fewer states than all of them were enough; empty where all were seen."""
        return next((each.reduction for each in self.searches if each.reduction), "")

    @property
    def truncated(self) -> bool:
        """Whether a bound ended it before it had seen all of a scope."""
        return self.cut_short or any(each.verdict == "truncated" for each in self.searches)

    @property
    def verdict(self) -> Outcome:
        """Broken where it found anything; unknown where it was cut short or did nothing."""
        if self.campaign.found or self.broke:
            return "broken"
        return "holds" if self.campaign.steps and not self.truncated else "unknown"


@frozen
class Report:
    """All of a run: which engine, how to run it again, what looked at it, what was found.

    ``exhausts``: all of some scopes was asked for. Then what no scope can break is not applicable,
    and a search cut short leaves the verdict unknown. ``asked``: id and name of the rules that a test asked
    for; None where all were. ``unknown_because``: why nothing was shown, where nothing was.
    """

    target: str
    seed: int
    replay: str
    explorers: tuple[ExplorerResult, ...]
    counterexamples: tuple[Counterexample, ...]
    notes: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()
    lifecycle: tuple[Transition, ...] = ()
    exhausts: bool = False
    asked: tuple[tuple[str, str], ...] | None = None
    unknown_because: str = ""

    @property
    def executions(self) -> int:
        """How many executions were tried."""
        return self.total.executions

    @property
    def total(self) -> Campaign:
        """All explorers' counts together."""
        total = Campaign()
        for explorer in self.explorers:
            total.add(explorer.campaign)
        return total

    def invariant_rows(self) -> list[dict[str, Any]]:
        """One row per invariant: id, name, verdict, why, checks, nonvacuous_checks."""
        broken = {each.invariant: each.why for each in self.counterexamples}
        tally = self.total.tally
        asked = dict(self._rules()) if self.asked is None else dict(self.asked)
        rows = []
        found = {each.invariant: each.name or each.invariant for each in self.counterexamples}
        asked = {**{rule_id: name for rule_id, name in found.items() if rule_id not in asked}, **asked}
        for rule_id, name in {**dict(self._rules()), **asked}.items():
            nonvacuous = tally.nonvacuous.get(rule_id, 0)
            vacuous = "n/a" if self.exhausts or self.asked is not None else "unknown"
            verdict = "broken" if rule_id in broken else "holds" if nonvacuous else vacuous
            why = "" if nonvacuous else "no execution gave it anything to check"
            if rule_id not in asked:
                verdict, why = "n/a", WITHOUT.get(rule_id, "the test does not ask for it")
            row = {"id": rule_id, "name": name, "verdict": verdict, "why": broken.get(rule_id, why)}
            checks = tally.checks.get(rule_id, 0)
            rows.append({**row, "checks": checks, "nonvacuous_checks": nonvacuous})
        return rows

    @staticmethod
    def _rules() -> tuple[tuple[str, str], ...]:
        return tuple((rule.id, rule.name) for rule in invariants.ALL)

    def fault_rows(self) -> list[dict[str, Any]]:
        """One row per kind of fault: id, name, spent."""
        spent, known = self.total.spent, faults.PURE if self.asked is None else faults.ALL | faults.CRASHES
        names = {
            **{each.id: each.name for each in known},
            **{each: each for each in spent if each not in IDS},
        }
        return [{"id": each, "name": name, "spent": spent.get(each, 0)} for each, name in names.items()]

    @property
    def sometimes(self) -> tuple[Goal, ...]:
        """The goals, with the shortest witness of each. ``reached`` counts executions, or scopes where only
        searches in full looked for goals."""
        seen = [witness for each in self._looking for witness in each.reached or ()]
        scopes = Counter(each.goal for each in seen)
        counted = self.goals or tuple(
            Goal(each.id, each.name, scopes[each.id]) for each in GOALS if self._is_sought(each.id)
        )
        shortest = {each.goal: each for each in sorted(seen, key=lambda each: -each.steps)}
        return tuple(
            replace(goal, steps=shortest[goal.id].steps, witness=shortest[goal.id].token)
            if goal.id in shortest
            else goal
            for goal in counted
        )

    @property
    def unsought(self) -> tuple[str, ...]:
        """The names of goals that none of the searches in full looked for, where nothing else did."""
        if self.goals or not self._looking:
            return ()
        return tuple(each.name for each in GOALS if not self._is_sought(each.id))

    @property
    def _looking(self) -> tuple[Looked, ...]:
        """The searches that looked for goals."""
        return tuple(each for one in self.explorers for each in one.searches if each.reached is not None)

    def _is_sought(self, goal: str) -> bool:
        return any(goal not in each.unsought for each in self._looking)

    def sometimes_rows(self) -> list[dict[str, Any]]:
        """One row per goal: id, reached; where a search in full saw it also its ``steps`` and ``witness``."""
        return [
            {"id": each.id, "reached": each.reached}
            | ({} if each.steps is None else {"steps": each.steps, "witness": each.witness})
            for each in self.sometimes
        ]

    def call_rows(self) -> list[dict[str, Any]]:
        """One row per action: tried, enabled, accepted, rejected."""
        return [
            {
                "action": name,
                "tried": call.tried,
                "enabled": call.enabled,
                "accepted": call.accepted,
                "rejected": call.rejected,
            }
            for name, call in sorted(self.total.calls.items())
            if isinstance(call, Call)
        ]

    @property
    def verdict(self) -> Outcome:
        """The worst of all rows."""
        verdicts = {row["verdict"] for row in self.invariant_rows()}
        verdicts |= {"unknown"} if self.unknown_because else set()
        if self.exhausts:
            verdicts |= {explorer.verdict for explorer in self.explorers}
        return "broken" if "broken" in verdicts else "unknown" if "unknown" in verdicts else "holds"

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return {
            "schema": SCHEMA,
            "verdict": self.verdict,
            "target": self.target,
            "seed": self.seed,
            "replay": self.replay,
            "explorers": [_explorer_row(each) for each in self.explorers],
            "invariants": self.invariant_rows(),
            "faults": self.fault_rows(),
            "sometimes": self.sometimes_rows(),
            "calls": self.call_rows(),
            "counterexamples": [
                {
                    "invariant": each.invariant,
                    "token": each.token,
                    "steps": each.steps,
                    "diagram": each.diagram,
                    "pytest": each.pytest,
                }
                for each in self.counterexamples
            ],
        }


def _explorer_row(result: ExplorerResult) -> dict[str, Any]:
    campaign, reduction = result.campaign, {"reduction": result.reduction} if result.reduction else {}
    return {
        "name": result.name,
        "verdict": result.verdict,
        "executions": campaign.executions,
        "steps": campaign.steps,
        "states": result.states,
        "edges": result.edges,
        "seconds": round(result.seconds, 3),
        "truncated": result.truncated,
        **reduction,
        "scope": result.scope,
    }
