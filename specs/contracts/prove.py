"""Runs contracts through CrossHair, and reads its answers; the statuses that ``status.csv`` pins.

Contracts are found by reading, and run in processes that do nothing else: CrossHair walls its process off.
"""

import ast
import csv
import re
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout, suppress
from io import StringIO
from multiprocessing import get_context
from pathlib import Path

from hedgecheck.values import frozen

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
STATUS = FOLDER / "status.csv"
CONDITION_SECONDS_MAX = 10  # CPU seconds, so that a busy machine answers the same
SLOW_FAMILIES = ("unbounded",)  # they use up their time, so a quick run leaves them out, and says so

_ANSWER = re.compile(r"^(?P<file>.+?):(?P<line>\d+): (?:info|error): (?P<text>.*)$", re.MULTILINE)
_CALLED = re.compile(r"when calling (?P<name>\w+)\(")
_STATUSES = {"Confirmed over all paths.": "confirmed", "Not confirmed.": "not confirmed"}


@frozen
class Contract:
    """A pair of functions in ``path``, which is in the package at ``root``; ``lines`` by function."""

    root: Path
    path: Path
    name: str
    lines: tuple[tuple[str, int, int], ...]

    @property
    def label(self) -> str:
        """As ``status.csv`` calls it: family and name."""
        return f"{self.path.stem}.{self.name}"

    @property
    def is_slow(self) -> bool:
        """Whether a quick run leaves it out."""
        return self.path.stem in SLOW_FAMILIES

    @property
    def targets(self) -> tuple[str, str]:
        """Check and twin, as CrossHair is told of them."""
        module = ".".join(self.path.relative_to(self.root).with_suffix("").parts)
        return f"{module}.check_{self.name}", f"{module}.twin_{self.name}"


@frozen
class Answer:
    """``status``: confirmed, not confirmed, refuted, or no answer. ``text`` is CrossHair's own."""

    contract: Contract
    status: str
    text: str
    twin_refuted: bool
    seconds: float


def contracts(paths: Iterable[Path] | None = None, root: Path = ROOT) -> tuple[Contract, ...]:
    """Every contract in these files, by default all that are pinned; nothing is imported."""
    found = []
    for path in sorted(FOLDER.glob("*.py") if paths is None else paths):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        defs = [each for each in body if isinstance(each, ast.FunctionDef)]
        for each in defs:
            kind, _, name = each.name.partition("_")
            if kind == "check":
                lines = tuple(
                    (one.name, one.lineno, one.end_lineno or one.lineno)
                    for one in defs
                    if one.name in (f"check_{name}", f"twin_{name}")
                )
                found.append(Contract(root, path, name, lines))
    return tuple(found)


def answered(contract: Contract) -> Answer:
    """What CrossHair says of one contract and its twin, in this process."""
    begun = time.perf_counter()
    output, complaint = _crosshair(contract)
    return read(contract, output, complaint, time.perf_counter() - begun)


def read(contract: Contract, output: str, complaint: str = "", seconds: float = 0.0) -> Answer:
    """The answer in what CrossHair printed; no line on the contract is no answer."""
    texts = _by_function(contract, output)
    text = texts.get(f"check_{contract.name}")
    refuted = texts.get(f"twin_{contract.name}", "").startswith("AssertionError")
    status = "no answer" if text is None else _STATUSES.get(text, "refuted")
    return Answer(contract, status, text or complaint, refuted, seconds)


def _crosshair(contract: Contract) -> tuple[str, str]:
    """The command ``crosshair check`` by its entry point: starting it anew took most of the time."""
    from crosshair.main import main  # noqa: PLC0415 - it changes the process it is loaded into

    if str(contract.root) not in sys.path:
        sys.path.insert(0, str(contract.root))
    command = ["check", "--analysis_kind=asserts", "--report_all"]
    command += [f"--per_condition_timeout={CONDITION_SECONDS_MAX}", *contract.targets]
    output, complaint = StringIO(), StringIO()
    with redirect_stdout(output), redirect_stderr(complaint), suppress(SystemExit):
        main(command)  # its exit code is 0 also for what it could not confirm
    return output.getvalue(), complaint.getvalue()


def _by_function(contract: Contract, output: str) -> dict[str, str]:
    """The last answer on each function: a counterexample names it, else the line is in it."""
    texts = {}
    for each in _ANSWER.finditer(output):
        called = _CALLED.search(each["text"])
        for name, first, last in contract.lines:
            here = Path(each["file"]).name == contract.path.name and first <= int(each["line"]) <= last
            if called["name"] == name if called else here:
                texts[name] = each["text"]
    return texts


def answered_all(chosen: Iterable[Contract], processes: int = 2) -> Iterator[Answer]:
    """Every contract, in order, side by side in processes of their own."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(answered, chosen)


def pinned() -> dict[str, str]:
    """Status by contract, as ``status.csv`` has it."""
    if not STATUS.exists():
        return {}
    with STATUS.open(newline="", encoding="utf-8") as file:
        return {row["contract"]: row["status"] for row in csv.DictReader(file)}


def write(answers: Iterable[Answer]) -> None:
    """Replaces ``status.csv``."""
    with STATUS.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("contract", "status"))
        writer.writerows((each.contract.label, each.status) for each in answers)


def wrong(answers: Iterable[Answer]) -> list[str]:
    """What no golden file excuses: a contract that is refuted, and a twin that is not."""
    found = []
    for each in answers:
        if each.status in ("refuted", "no answer"):
            found.append(f"{each.contract.label}: {each.status}: {each.text}")
        if not each.twin_refuted:
            found.append(f"{each.contract.label}: its twin is not refuted, so this proves nothing")
    return found


def differences(answers: Iterable[Answer], known: dict[str, str]) -> list[str]:
    """Where the statuses are not the pinned ones, either way."""
    now = {each.contract.label: each.status for each in answers}
    return [
        f"{label}: {now.get(label, 'no such contract')}, pinned {known.get(label, 'nothing')}"
        for label in sorted(now.keys() | known.keys())
        if now.get(label) != known.get(label)
    ]
