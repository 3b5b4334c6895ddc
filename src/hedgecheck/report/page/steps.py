"""A counterexample step by step: a slider over its frames, who said what to whom, and what holds after it.

Everything is in the page from the start, at the last step; the script only chooses what of it is seen.
"""

import re

from hedgecheck.report.page.markup import Html, element, joined
from hedgecheck.report.verdict import Counterexample, Frame
from hedgecheck.values import frozen

ARROWS = {  # how it is drawn, written, and read aloud
    "->": ("right", "→", "to"),
    "<-": ("left", "←", "hears from"),
    "-x": ("right lost", "↛", "to, lost on the way,"),
    "x-": ("left lost", "↚", "hears nothing from"),
}
LANES_MAX = 5
ACTORS = ("strategy", "bot", "engine", "venue", "market")
BETWEEN = re.compile(r"\s*(\S+)\s+(->|<-|-x|x-)\s+(\S+)\s+(.*)", re.DOTALL)
ALONE = re.compile(rf"\s*({'|'.join(ACTORS)})\s+(.*)", re.DOTALL)


@frozen
class Saying:
    """A line taken apart: who, an arrow of ``ARROWS`` or none, to whom, what. Unknown parts are empty."""

    who: str
    arrow: str
    whom: str
    what: str


def saying(line: str) -> Saying:
    """A frame's line taken apart; a line of another form is all ``what``."""
    between = BETWEEN.fullmatch(line)
    if between:
        return Saying(*between.groups())
    alone = ALONE.fullmatch(line)
    return Saying(alone[1], "", "", alone[2]) if alone else Saying("", "", "", line.strip())


def stepper(each: Counterexample, anchor: str) -> Html:
    """The slider, the steps and the facts of one counterexample."""
    said = [[saying(line) for line in frame.lines] for frame in each.frames]
    lanes = _lanes(said)
    last = len(each.frames)
    rows = (
        _step(frame, said[number - 1], lanes, number, each.why if number == last else None)
        for number, frame in enumerate(each.frames, 1)
    )
    return element(
        "div",
        _controls(each.frames, anchor),
        element(
            "div",
            element(
                "div",
                _lane_names(lanes),
                element("ol", *rows, class_="steps"),
                class_="timeline",
                tabindex=0,
                role="region",
                aria_label="Steps",
            ),
            _facts(each.frames),
            class_="stage",
        ),
        class_="stepper",
        style=f"--lanes: {len(lanes)}",
    )


def _lanes(said: list[list[Saying]]) -> tuple[str, ...]:
    """Who takes part, from left to right; nobody where it would be a crowd."""
    names = dict.fromkeys(name for step in said for one in step for name in (one.who, one.whom) if name)
    lanes = tuple(sorted(names, key=lambda name: (*ACTORS, name).index(name)))
    return lanes if len(lanes) <= LANES_MAX else ()


def _controls(frames: tuple[Frame, ...], anchor: str) -> Html:
    last = len(frames)
    slider = element(
        "input", type="range", min=1, max=last, value=last, step=1, id=f"{anchor}-step", aria_label="Step"
    )
    marks = (element("i", class_=_marks(frame, index == last)) for index, frame in enumerate(frames, 1))
    return element(
        "div",
        element("button", "‹", type="button", class_="previous", aria_label="Previous step"),
        element("div", slider, element("div", *marks, class_="strip", aria_hidden="true"), class_="track"),
        element("button", "›", type="button", class_="next", aria_label="Next step"),
        element("output", f"Step {last} of {last}", for_=f"{anchor}-step"),
        _legend(frames),
        class_="controls",
    )


def _legend(frames: tuple[Frame, ...]) -> Html:
    """What the colours mean, of those that are there."""
    meanings = (
        ("faulted", "a fault struck", any(frame.faults for frame in frames)),
        ("drains", "faults have stopped", any(frame.drains for frame in frames)),
        ("breaks", "the rule breaks", True),
    )
    entries = (
        element("span", element("i", class_=f"mark {mark}"), text)
        for mark, text, is_there in meanings
        if is_there
    )
    return element("p", *entries, class_="legend", aria_hidden="true")


def _marks(frame: Frame, is_last: bool) -> str | None:
    marks = ("faulted" * bool(frame.faults), "drains" * frame.drains, "breaks" * is_last)
    return " ".join(mark for mark in marks if mark) or None


def _step(frame: Frame, said: list[Saying], lanes: tuple[str, ...], number: int, why: str | None) -> Html:
    marks = _marks(frame, why is not None)
    return element(
        "li",
        element(
            "button", number, type="button", class_="ordinal", tabindex=-1, aria_label=f"Go to step {number}"
        ),
        element("span", f"{frame.at_ns / 1e9:.3f} s", class_="time"),
        element(
            "div",
            *(_said(one, lanes) for one in said),
            *(_mark("fault-mark", f"FAULT {fault}", lanes) for fault in frame.faults),
            _mark("break-mark", f"rule broken: {why}", lanes) if why is not None else None,
            class_="said",
        ),
        class_=f"step {marks or ''}".strip(),
        data_step=number,
        data_time=f"{frame.at_ns / 1e9:.3f} s",
    )


def _mark(kind: str, text: str, lanes: tuple[str, ...]) -> Html:
    gutter = element("span", class_="lanes", aria_hidden="true") if lanes else None
    return element("p", gutter, element("span", text, class_=kind), class_="line mark-line")


def _said(one: Saying, lanes: tuple[str, ...]) -> Html:
    """A line: an arrow between the lanes, and the words."""
    direction = ARROWS[one.arrow][0] if one.arrow else ""
    return element(
        "p",
        _arrow(one, direction, lanes),
        _who(one),
        " ",
        element("span", one.what, class_="what"),
        class_="line",
    )


def _who(one: Saying) -> Html | None:
    if not one.who:
        return None
    if not one.arrow:
        return element("span", one.who, class_="who")
    _, sign, word = ARROWS[one.arrow]
    read = element("span", f" {word} ", class_="aloud")
    return element(
        "span", one.who, element("span", f" {sign} ", aria_hidden="true"), read, one.whom, class_="who"
    )


def _arrow(one: Saying, direction: str, lanes: tuple[str, ...]) -> Html | None:
    if not lanes:
        return None
    ends = sorted(lanes.index(name) for name in (one.who, one.whom) if name)
    if not ends:
        return element("span", class_="lanes", aria_hidden="true")
    first, last = ends[0], ends[-1]
    pointed = direction
    if one.whom and lanes.index(one.who) > lanes.index(one.whom):  # the words run against the lanes
        pointed = direction.replace("right", "RIGHT").replace("left", "right").replace("RIGHT", "left")
    kind = f"arrow {pointed}" if first != last else "dot"
    arrow = element("i", class_=kind, style=f"--from: {first}; --span: {last - first}")
    return element("span", arrow, class_="lanes", aria_hidden="true")


def _lane_names(lanes: tuple[str, ...]) -> Html | None:
    if not lanes:
        return None
    return element("div", *(element("span", name) for name in lanes), class_="lane-names", aria_hidden="true")


# ---- what holds after a step -----------------------------------------------------------------------


def _facts(frames: tuple[Frame, ...]) -> Html | None:
    """A table per step of which the chosen one is seen; what the step changed stands out."""
    if not any(frame.facts for frame in frames):
        return None
    tables = []
    before: dict[str, str] = {}
    for number, frame in enumerate(frames, 1):
        tables.append(_after(frame, before, number, hidden=number != len(frames)))
        before = dict(frame.facts)
    return element("div", *tables, class_="facts", aria_live="polite")


def _after(frame: Frame, before: dict[str, str], number: int, *, hidden: bool) -> Html:
    rows = (_fact(label, value, before.get(label, value)) for label, value in frame.facts)
    none = element("p", "Nothing was noted.", class_="quiet")
    return element(
        "div",
        element("h4", f"After step {number}"),
        element("table", element("tbody", *rows)) if frame.facts else none,
        class_="after",
        data_step=number,
        hidden=hidden,
    )


def _fact(label: str, value: str, was: str) -> Html:
    changed = was != value
    cell = joined(value, element("small", f"was {was}") if changed else None)
    return element(
        "tr", element("th", label, scope="row"), element("td", cell), class_="changed" if changed else None
    )
