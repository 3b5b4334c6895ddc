"""The fenced blocks of a page, performed in order in an empty folder, as its reader would.

A block ``python file=bot.py`` becomes that file. A ``python`` block with a test in it is run by pytest; one
without, where it speaks of ``sim``, inside of an execution. Of a ``console`` block each line behind ``$`` is
run in the folder, and what follows it must be in what that prints, with ``...`` for anything.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
SECONDS_MAX = 120
HEAD = """import asyncio

import ccxt
from hypothesis import strategies as st

import hedgecheck
from hedgecheck import faults, invariants

"""


@dataclass(frozen=True)
class Block:
    """A fenced block: what kind it is, the file it is to become, its text and the line where it stands."""

    kind: str
    file: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        kind, _, rest = match["info"].strip().partition(" ")
        file = rest.removeprefix("file=") if rest.startswith("file=") else ""
        found.append(Block(kind, file, match["text"], text.count("\n", 0, match.start()) + 1))
    return found


def run(folder: Path, command: str) -> str:
    """What a command prints, run in a folder with this interpreter's scripts before all others."""
    scripts = str(Path(sys.executable).parent)
    environment = {name: text for name, text in os.environ.items() if not name.startswith("HEDGECHECK_")}
    environment |= {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "PYTEST_ADDOPTS": "-p no:cacheprovider -p no:asyncio -p no:anyio",
        "COLUMNS": "120",
    }
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    return done.stdout + done.stderr


def session(text: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what it is to print."""
    steps = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    return [(command, expected) for command, _, expected in (step.partition("\n") for step in steps)]


def is_in(expected: str, printed: str) -> bool:
    """Whether the lines are there, in order, one below the other; a line ``...`` stands for any lines, and
    ``...`` in a line for any text. Spaces at the end of a line say nothing."""
    pattern = ""
    for line in expected.strip("\n").split("\n"):
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            parts = (re.escape(part) for part in line.rstrip().split("..."))
            pattern += ".*?".join(parts) + r"[ ]*\n"
    return re.search(f"^{pattern}", f"{printed.rstrip()}\n", re.MULTILINE) is not None


def as_test(block: Block, *, helped: bool) -> str:
    """A block as a test file: one with tests as it is, one that only speaks of ``sim`` inside of a test;
    ``helped``: with all that a module ``bot`` holds."""
    head = HEAD + "from bot import *\n\n" * helped
    if "def test_" in block.text:
        return head + block.text
    body = indent(block.text, "    ")
    order = '    await sim.exchange("any").create_order("BTC/USDT", "market", "buy", 1)\n'
    return f"{head}@hedgecheck.verify(executions=2, faults=None)\nasync def test_block(sim):\n{body}{order}"
