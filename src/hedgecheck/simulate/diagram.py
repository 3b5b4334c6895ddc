"""The sequence diagram of a failing execution: a column per task and one per venue, time going down.

``>----`` a request leaves a task, ``<----`` an answer reaches it, ``x`` it gives up waiting, ``o`` it does
something by itself, ``*`` a venue acts. Faults, and places in the bot's code, are in the margin.
"""

from hedgecheck.simulate.story import Line

LANES_MAX = 8  # with more tasks than that the columns say less than their names
GAP = 3
PERIOD_MAX, FOLDED_FROM = 6, 3  # lines that repeat together, and how often before they are folded
TEXT_WIDTH = 58
ARROWS = {"-> ": ">", "<- ": "<", "x- ": "x"}


def diagram(lines: tuple[Line, ...], *, is_broken: bool = True) -> str:
    """All lines, the last with the word that a rule broke there."""
    lanes = _lanes(lines)
    rows = [f"  {'t':<9} " + "".join(f"{name:<{_width(name)}}" for name in lanes).rstrip()] if lanes else []
    place = 0
    while place < len(lines):
        period, times = _repeated(lines, place)
        for each in lines[place : place + period]:
            rows.append(_row(each, lanes).rstrip())
        place += period * times
        if times > 1:
            what = "this" if period == 1 else f"these {period} lines"
            rows.append(f"  ... {what} {times - 1} times more, until t={lines[place - 1].at:.3f}")
    if is_broken and rows:
        rows[-1] += "   <- rule broken"
    return "\n".join(rows)


def _repeated(lines: tuple[Line, ...], place: int) -> tuple[int, int]:
    """How many lines from here are repeated at once, and how often; (1, 1) where nothing is."""
    for period in range(1, PERIOD_MAX + 1):
        times = 1
        while _alike(lines, place, place + period * times, period):
            times += 1
        if times >= FOLDED_FROM:
            return period, times
    return 1, 1


def _alike(lines: tuple[Line, ...], one: int, other: int, period: int) -> bool:
    """Whether the same happens at two places, but for the time. The last line of all is never folded."""
    if other + period >= len(lines):
        return False
    return all(
        (lines[one + each].who, lines[one + each].text, lines[one + each].fault)
        == (lines[other + each].who, lines[other + each].text, lines[other + each].fault)
        for each in range(period)
    )


def _lanes(lines: tuple[Line, ...]) -> tuple[str, ...]:
    """The columns: tasks in the order in which they first act, then venues."""
    venues = dict.fromkeys(each.venue for each in lines if each.venue)
    tasks = dict.fromkeys(each.who for each in lines if each.who not in venues)
    return (*tasks, *venues) if len(tasks) <= LANES_MAX else ()


def _width(name: str) -> int:
    return len(name) + GAP


def _row(line: Line, lanes: tuple[str, ...]) -> str:
    mark, text = _marked(line)
    drawn = _drawn(line, mark, lanes) if lanes else f"{line.who:<10} {mark} "
    margin = f"  FAULT {line.fault}" if line.fault else f"  {line.place}" if line.place else ""
    return f"  {line.at:<9.3f} {drawn}{text:<{TEXT_WIDTH if margin else 0}}{margin}"


def _marked(line: Line) -> tuple[str, str]:
    for arrow, mark in ARROWS.items():
        if line.text.startswith(arrow):
            return mark, line.text.removeprefix(arrow)
    return "*" if line.who == line.venue else "o", line.text


def _drawn(line: Line, mark: str, lanes: tuple[str, ...]) -> str:
    """The columns of one line: who acts, and what it reaches, with the rest as they wait."""
    reaches = mark in "<>" and line.venue in lanes
    begin, end = lanes.index(line.who), lanes.index(line.venue) if reaches else -1
    cells = []
    for place, name in enumerate(lanes):
        sign = "+" if place == end else "-" if begin < place < end else "|"
        filler = "-" if begin <= place < end else " "
        cells.append(f"{mark if place == begin else sign:{filler}<{_width(name)}}")
    return "".join(cells)
