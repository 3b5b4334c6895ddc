"""The verdict of a run, and its JSON: schema 1, as users' tools read it.

holds / broken / unknown; broken beats unknown beats holds. A rule that never had anything to check is
unknown, and a run with an unknown rule does not hold.
"""

from typing import Any, Literal

from hedgecheck import faults, invariants
from hedgecheck.explore.fuzz import Call, Campaign
from hedgecheck.values import frozen

Verdict = Literal["holds", "broken", "unknown"]
SCHEMA = 1


@frozen
class Goal:
    """Something that a good run gets to see: how often it did."""

    id: str
    name: str
    reached: int


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
    """A broken rule with all that is needed to see it again."""

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


@frozen
class ExplorerResult:
    """One way of looking, and what it did. ``states`` and ``edges`` where it counts them; ``truncated``:
    a bound ended it before it had seen all of its scope."""

    name: str
    campaign: Campaign
    seconds: float
    scope: str
    states: int | None = None
    edges: int | None = None
    depth: int | None = None
    truncated: bool = False


@frozen
class Report:
    """All of a run: which engine, how to run it again, what looked at it, what was found."""

    target: str
    seed: int
    replay: str
    explorers: tuple[ExplorerResult, ...]
    counterexamples: tuple[Counterexample, ...]
    notes: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()
    lifecycle: tuple[Transition, ...] = ()

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
        rows = []
        for rule in invariants.ALL:
            nonvacuous = tally.nonvacuous.get(rule.id, 0)
            verdict: Verdict = "broken" if rule.id in broken else "holds" if nonvacuous else "unknown"
            why = broken.get(rule.id, "" if nonvacuous else "no execution gave it anything to check")
            checks = tally.checks.get(rule.id, 0)
            row = {"id": rule.id, "name": rule.name, "verdict": verdict, "why": why}
            rows.append({**row, "checks": checks, "nonvacuous_checks": nonvacuous})
        return rows

    def fault_rows(self) -> list[dict[str, Any]]:
        """One row per kind of fault: id, name, spent."""
        spent = self.total.spent
        return [{"id": each.id, "name": each.name, "spent": spent.get(each.id, 0)} for each in faults.ALL]

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
    def verdict(self) -> Verdict:
        """The worst of all rows."""
        verdicts = {row["verdict"] for row in self.invariant_rows()}
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
            "sometimes": [{"id": each.id, "reached": each.reached} for each in self.goals],
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
    campaign = result.campaign
    broken: Verdict = "broken" if campaign.found else "holds" if campaign.executions else "unknown"
    return {
        "name": result.name,
        "verdict": broken,
        "executions": campaign.executions,
        "steps": campaign.steps,
        "states": result.states,
        "edges": result.edges,
        "seconds": round(result.seconds, 3),
        "truncated": result.truncated,
        "scope": result.scope,
    }
