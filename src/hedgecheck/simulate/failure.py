"""A failing execution as people read it: what broke, the smallest way there, and how to see it again."""

import json
import re
from dataclasses import asdict
from itertools import zip_longest

from hedgecheck.simulate.choices import Choices, Label
from hedgecheck.simulate.diagram import diagram
from hedgecheck.simulate.perform import Outcome, Stage
from hedgecheck.simulate.search import Search
from hedgecheck.simulate.shrink import Shrunk
from hedgecheck.simulate.story import Line
from hedgecheck.simulate.tokens import in_words, token_of
from hedgecheck.values import frozen

RERUNS = 2
ORDERS_SHOWN = 6
SHOWN = ("fault", "draw", "vary")  # the diagram has a line for each of these
ORDER = re.compile(r"-> (?:create|edit)_order (?P<text>.*?) +(?P<key>#.*)")


@frozen
class Failure:
    """``agrees``: whether the re-runs gave one trace; where not, ``divergence`` says where they part.
    ``nearest``: how the nearest passing execution differs, empty where there is none."""

    id: str
    name: str
    why: str
    token: str
    lines: tuple[Line, ...]
    faults: int
    holds: int
    found_faults: int
    found_holds: int
    execution: int
    agrees: bool
    divergence: str
    nearest: str
    steps: int
    held: tuple[str, ...] = ()

    @property
    def diagram(self) -> str:
        """What happened, a line each, with the rule that broke at the end."""
        return diagram(self.lines)

    @property
    def in_short(self) -> str:
        """What was wanted, and what the venue took: the first things that a reader asks."""
        sent = (ORDER.fullmatch(each.text) for each in self.lines)
        orders = {each["key"]: each["text"] for each in sent if each}
        taken = [
            each.text.removeprefix("accepts ") for each in self.lines if each.text.startswith("accepts ")
        ]
        intents = dict.fromkeys(
            each.text.removeprefix("takes <signal ").rstrip(">")
            for each in self.lines
            if each.text.startswith("takes <signal ")
        )
        rows = [f"  intent {each}" for each in intents]
        if taken:
            named = (f"{key} {orders.get(key, '')}".rstrip() for key in taken[:ORDERS_SHOWN])
            more = f", and {len(taken) - ORDERS_SHOWN} more" if len(taken) > ORDERS_SHOWN else ""
            rows.append(f"  the venue accepted {', '.join(named)}{more}")
        return "\n".join(rows)

    @property
    def deviations(self) -> str:
        """How far from the plain execution this is, and from how far it was brought here."""
        holds = f"{self.holds} schedule deviation{'s' * (self.holds != 1)}"
        text = f"{self.faults} fault{'s' * (self.faults != 1)}, {holds}"
        if (self.found_faults, self.found_holds) != (self.faults, self.holds):
            text += f" (shrunk from {self.found_faults} and {self.found_holds})"
        return ". ".join((text, *self.held))

    def json_lines(self) -> str:
        """The trace for machines: one JSON object per line."""
        return "\n".join(json.dumps(asdict(each)) for each in self.lines)


def failure_of(stage: Stage, search: Search, shrunk: Shrunk) -> Failure:
    """Performs the small execution again, twice, and the one next to it that passes."""
    assert search.found is not None, "Invariant: a failure was found"
    found = search.found
    runs = [
        stage.perform(shrunk.setting, Choices(None, shrunk.deviations), tell=True, logs=number == 0)
        for number in range(RERUNS)
    ]
    finding = runs[0].failure or shrunk.outcome.failure
    assert finding is not None, "Invariant: what was shrunk fails"
    divergence = _first_difference(runs[0], runs[1])
    if not divergence and runs[0].failure is None:
        divergence = "the rule that broke in the search holds in the re-runs"
    rule_id, name, why = finding
    if " lots" in why:
        why += "".join(f"; a lot of {symbol} is {lot}" for symbol, lot in runs[0].lots)
    return Failure(
        rule_id,
        name,
        why,
        token_of(shrunk.setting, shrunk.outcome.made),
        runs[0].lines,
        *_counts(shrunk.deviations),
        *_counts(dict(found.deviations)),
        found.number,
        not divergence,
        divergence,
        _nearest(stage, shrunk, runs[0]),
        shrunk.outcome.steps,
        tuple(f"Deviates by {in_words(each)}" for each in shrunk.deviations if each[0] not in SHOWN),
    )


def _counts(deviations: dict[Label, int]) -> tuple[int, int]:
    faults = sum(label[0] == "fault" for label in deviations)
    return faults, sum(label[0] not in SHOWN for label in deviations)


def _first_difference(one: Outcome, other: Outcome) -> str:
    for left, right in zip_longest(one.lines, other.lines):
        if left is None or right is None:
            goes_on = left or right
            return f"at t={goes_on.at:.3f} one goes on, {_said(goes_on)}, where the other has ended"
        if left != right:
            return f"at t={left.at:.3f} in one {_said(left)}, in the other {_said(right)}"
    if one.failure != other.failure:
        return "what happened is the same, and the rules found different things in it"
    return ""


def _said(line: Line) -> str:
    return f"{line.who}: {line.text.strip()!r}"


def _nearest(stage: Stage, shrunk: Shrunk, failing: Outcome) -> str:
    """The execution without the last deviation, and where it first differs."""
    if not shrunk.deviations:
        return ""
    *kept, _ = shrunk.deviations.items()
    passing = stage.perform(shrunk.setting, Choices(None, dict(kept)), tell=True)
    if passing.failure is not None:
        return ""
    for bad, good in zip(failing.lines, passing.lines, strict=False):
        if (bad.who, bad.text, bad.fault) != (good.who, good.text, good.fault) or bad.at != good.at:
            if bad.fault and not good.fault:
                return f"Nearest passing run differs at t={bad.at:.3f}: {bad.fault} does not strike."
            return f"Nearest passing run differs at t={good.at:.3f}: there {_said(good)}"
    return ""
