"""Results as a page of documentation, and as lines on a terminal. Every figure comes from the results."""

from math import inf
from statistics import median

from benchmarks.rivals.exchange import FAULT_PERCENT
from benchmarks.rivals.results import Results, Row
from benchmarks.rivals.subjects import FAULTS_MAX

OURS = "hedgecheck"
NAMES = {"asyncio": "no tool"}
PURPOSE = {
    "simloom": "servers and distributed systems: network, disk, crashes, stand-ins for Redis and NATS, "
    "liveness, serializability and linearizability checks",
    "simloop": "distributed systems: network and TLS, disks, hosts that crash, a timeline of the failure",
    "seedloop": "protocols on an abstract transport: partitions, crashes, an auditor of entropy",
    "frontrun": "data races of threads, tasks or processes, found by partial order reduction; SQL, Redis",
    "asyncio": "the baseline: CPython's own loop over a clock that jumps, delays and faults from "
    "`random.Random`",
}
HEAD = """\
<!-- Made by `{command} --write`. Do not edit. -->

# Beside other simulators of asyncio

The same engines, exchange, faults and rules under hedgecheck and under other tools that run asyncio programs
in virtual time. A defect is looked for under the faults that it needs, a correct engine is tried under all;
up to {faults} strike in one execution. A search has up to {budget} executions and is made with {seeds}
seeds; each correct program is performed {tried} times, or until it is accused.

Measured by `{command}` with Python {python}:
{versions}.
"""
KEY = """\
- Defects found: engines with a planted defect that was found under every seed; in brackets searches.
- Executions to detection: median, 95th percentile and most, over engines and seeds. A miss counts as more
  than any number.
- False alarms: correct programs that were accused, of {sound}: engines that trade, and programs that rely on
  the order in which asyncio runs callbacks and starts tasks.
- Executions a second: of one correct engine, CPU time of one core, median of the rounds; as shipped, and
  with the heap frozen (`gc.freeze`, `gc.disable`). Some tools collect garbage after each execution, which
  takes as long as the heap is large; it holds ccxt and hedgecheck here. Only rows of one run compare.
- Left after shrinking: median and most, over the defects. Each tool counts its own kind: hedgecheck flows
  held back, faults and values that differ from the plain execution; simloom draws that are not zero
  (callbacks out of order, delays, faults); simloop steps out of FIFO order, while delays and faults stay
  those of the seed.
"""
FAIR = """\
## What each tool is for, and where this is unfair to it

{purposes}

None of the others knows an exchange. They are lent hedgecheck's: its venue, its faults, its rules. A delay is
a timer of their own loop, drawn uniformly by their own seeded source from the interval that hedgecheck's
search has; a fault strikes with a probability of {percent} % where one may, {faults} at most. So the table
compares loops and searches, not what a user of theirs would have to write first, and what they are best at is
not asked for. The engines are small, and hedgecheck's own tests: its search was made with most of them in
view. hedgecheck's first execution is drawn too, with more faults than its later ones; its second is the plain
one, without any.

Most of these defects need no special order of callbacks, only an exchange that takes its time and fails. A
seeded source of delays on CPython's own loop, the row without a tool, shows how far that goes alone.

Some of the correct programs rely on the order of callbacks on purpose, because programs do. A tool that takes
any ready callback next accuses them. What it finds would be wrong on a loop with another order, and who wants
to know that is answered; for a program that runs on asyncio's own loop it is a false alarm.
"""


def as_markdown(results: Results) -> str:
    """The page."""
    ran = [row for row in results.rows if row.sound]
    versions = dict.fromkeys(f"{row.tool} {row.version}" for row in results.rows if row.version)
    head = HEAD.format(
        command=results.command,
        python=results.python,
        versions=", ".join(versions),
        budget=results.budget,
        seeds=results.seeds,
        tried=f"{max(row.tried for row in ran):,}",
        faults=FAULTS_MAX,
    )
    purposes = "\n".join(f"- {_name(tool)}: {text}." for tool, text in PURPOSE.items())
    parts = [
        head,
        _grid(_summary(results)),
        KEY.format(sound=max(row.sound for row in ran)),
        _read_off(results),
        "## Executions until each defect was found\n\nMedian over the seeds, and the most.\n",
        _grid(_each_defect(results)),
        "## Correct programs that were accused\n",
        _grid(_accused(results)),
        "## How each tool was used\n",
        "\n".join(f"- {_name(row.tool)}, {row.way}: {row.settings}." for row in ran) + "\n",
        FAIR.format(purposes=purposes, percent=FAULT_PERCENT, faults=FAULTS_MAX),
    ]
    return "\n".join(parts)


def as_text(results: Results) -> str:
    """The summary, for a terminal."""
    rows = _summary(results)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _name(tool: str) -> str:
    return NAMES.get(tool, tool)


def _grid(rows: list[list[str]]) -> str:
    head, *others = rows
    lines = [head, ["---"] * len(head), *others]
    return "\n".join(f"| {' | '.join(cell.replace('|', ' ') for cell in row)} |" for row in lines) + "\n"


# ---- the tables --------------------------------------------------------------------------------------


def _summary(results: Results) -> list[list[str]]:
    head = ["Tool", "Way", "Defects found", "Executions to detection", "False alarms"]
    head += ["Executions/s as shipped", "heap frozen", "Left after shrinking"]
    return [head, *(_summed(row) for row in results.rows)]


def _summed(row: Row) -> list[str]:
    name = f"{_name(row.tool)} {row.version}".strip()
    if not row.sound:
        return [name, row.way, row.why_not, *["n/a"] * 5]
    alarms = f"{len(row.alarms)} of {row.sound}"
    rates = ("n/a", "n/a") if row.rates is None else (f"{row.rates[0]:,.0f}", f"{row.rates[1]:,.0f}")
    left = f"{median(row.shrunk.values()):g}, {max(row.shrunk.values())}" if row.shrunk else "does not shrink"
    if not row.hits:
        return [name, row.way, row.why_not, "n/a", alarms, *rates, "n/a"]
    counts = counts_of(row)
    found = sum(each < inf for each in counts)
    whole = sum(None not in each for each in row.hits.values())
    spread = f"{_count(median(counts))}, {_count(percentile(counts, 95))}, {_count(max(counts))}"
    return [
        name,
        row.way,
        f"{whole} of {len(row.hits)} ({found} of {len(counts)})",
        spread,
        alarms,
        *rates,
        left,
    ]


def _each_defect(results: Results) -> list[list[str]]:
    rows = [row for row in results.rows if row.hits]
    names = list(dict.fromkeys(name for row in rows for name in row.hits))
    head = ["Engine", *(f"{_name(row.tool)}, {row.way}" for row in rows)]
    return [head, *([name, *(_spread(row.hits.get(name, [])) for row in rows)] for name in names)]


def _spread(hits: list[int | None]) -> str:
    if not hits:
        return "n/a"
    counts = [inf if each is None else float(each) for each in hits]
    return f"{_count(median(counts))} ({_count(max(counts))})"


def _accused(results: Results) -> list[list[str]]:
    rows = [row for row in results.rows if row.sound]
    found = [
        [name, f"{_name(row.tool)}, {row.way}", why.removeprefix("Accused: ")]
        for row in rows
        for name, why in row.alarms.items()
    ]
    return [["Program", "Tool", "Of what"], *(sorted(found) or [["none", "", ""]])]


def _read_off(results: Results) -> str:
    """What the figures say of hedgecheck, good or bad."""
    rows = [row for row in results.rows if row.hits]
    ours = next((row for row in rows if row.tool == OURS), None)
    if ours is None:
        return ""
    others = [row for row in rows if row.tool != OURS]
    anyone = {name for row in others for name, hits in row.hits.items() if any(hits)}
    missed = sorted(name for name in anyone if None in ours.hits[name])
    own = median(counts_of(ours))
    less = [f"{_name(row.tool)}, {row.way}" for row in others if median(counts_of(row)) < own]
    worse = [f"{_name(row.tool)}, {row.way}" for row in others if max(counts_of(row)) <= max(counts_of(ours))]
    return "\n".join(
        (
            f"- Defects that another tool found and hedgecheck missed under some seed: {_list(missed)}.",
            f"- Correct programs that hedgecheck accused: {_list(sorted(ours.alarms))}.",
            f"- Needed fewer executions at the median than hedgecheck's {_count(own)}: {_list(less)}.",
            "- Needed no more in its worst search than hedgecheck's "
            f"{_count(max(counts_of(ours)))}: {_list(worse)}.",
            "",
        )
    )


# ---- figures -----------------------------------------------------------------------------------------


def counts_of(row: Row) -> list[float]:
    """Executions of every search; a miss is infinite."""
    return [inf if each is None else float(each) for hits in row.hits.values() for each in hits]


def percentile(values: list[float], percent: int) -> float:
    """The smallest value that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _count(value: float) -> str:
    return "missed" if value == inf else f"{value:g}"


def _list(names: list[str]) -> str:
    return "; ".join(names) or "none"
