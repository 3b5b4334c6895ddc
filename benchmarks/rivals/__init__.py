"""hedgecheck's simulator beside other simulators of asyncio, on the same engines, exchange, faults and rules.

``python -m benchmarks rivals [--quick] [--json PATH] [--write]``: the twelve broken and the twelve correct
engines of ``tests.schedules``, and two programs that rely on the order of asyncio's loop. Each tool runs
in a process of its own, two at a time; what is timed runs alone. The tools need Python 3.12 and an
environment that has them: ``HEDGECHECK_RIVALS_PYTHON`` names its interpreter. Where none of them is there the
benchmark says how to install them. ``--write`` puts the table into docs/reference/rivals.md.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.rivals.results import Results, Row
from benchmarks.rivals.table import as_markdown, as_text

PYTHON = "HEDGECHECK_RIVALS_PYTHON"
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "rivals.md"
WAYS = {
    "hedgecheck": ("verify",),
    "simloom": ("random", "pct:auto"),
    "simloop": ("random", "pct"),
    "seedloop": ("seeds",),
    "frontrun": ("random",),
    "asyncio": ("seeds",),
}
RIVALS = ("simloom", "simloop", "seedloop", "frontrun")
INSTALL = (
    "python3.12 -m venv .venv-rivals && .venv-rivals/bin/pip install -e '.[ccxt]' " + " ".join(RIVALS),
    f"{PYTHON}=.venv-rivals/bin/python python -m benchmarks rivals",
)
FULL = {"seeds": 20, "budget": 500, "tried": 500, "shrunk": 12, "rounds": 3, "timed": 3.0}
QUICK = {"seeds": 3, "budget": 200, "tried": 50, "shrunk": 4, "rounds": 1, "timed": 0.5}


def main(*options: str) -> None:
    """Measures, and prints one line for each tool and way of using it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks rivals")
    parser.add_argument("--quick", action="store_true", help="few seeds and executions")
    parser.add_argument("--json", type=Path, help="where to put the figures")
    parser.add_argument("--write", action="store_true", help="puts the table into docs/reference")
    chosen = parser.parse_args(options)
    python = os.environ.get(PYTHON, sys.executable)
    missing = absent(python)
    if len(missing) == len(RIVALS):
        print(f"{python} has none of {', '.join(RIVALS)}. Install them, and name that interpreter:")
        print("\n".join(f"  {each}" for each in INSTALL))
        return
    command = "python -m benchmarks rivals" + (" --quick" if chosen.quick else "")
    results = measured(python, missing, QUICK if chosen.quick else FULL, command)
    print(as_text(results))
    if chosen.json:
        chosen.json.write_text(json.dumps(results.as_json(), indent=1) + "\n", encoding="utf-8")
    if chosen.write:
        PAGE.write_text(as_markdown(results), encoding="utf-8")


def absent(python: str) -> dict[str, str]:
    """The rivals that an interpreter cannot import, and why."""
    found = {}
    for name in RIVALS:
        done = subprocess.run([python, "-c", f"import {name}"], capture_output=True, text=True, check=False)
        if done.returncode:
            found[name] = done.stderr.strip().splitlines()[-1]
    return found


def measured(python: str, missing: dict[str, str], size: dict[str, float], command: str) -> Results:
    """Everything: the searches two at a time, and then what is timed."""
    orders = [{"tool": tool, "way": way, **size} for tool, ways in WAYS.items() for way in ways]
    possible = [each for each in orders if each["tool"] not in missing]
    with ThreadPoolExecutor(2) as pool:
        searched = list(pool.map(lambda each: child(python, {**each, "part": "search"}), possible))
    rates = [child(python, {**each, "part": "rates"}).rates for each in possible]
    rows = [replace(row, rates=rate) for row, rate in zip(searched, rates, strict=True)]
    rows += [Row(tool, "", "", "", why_not=f"n/a: {why}") for tool, why in missing.items()]
    asked = [python, "-c", "import platform; print(platform.python_version())"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    return Results(done.stdout.strip(), command, size["seeds"], size["budget"], rows)


def child(python: str, order: dict[str, str | float]) -> Row:
    """What a process of its own measures. Raises ``CalledProcessError`` where it fails."""
    paths = (str(ROOT / "src"), str(ROOT))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0"}
    command = [python, "-m", "benchmarks.rivals.measure", json.dumps(order)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return Row(**json.loads(done.stdout))
