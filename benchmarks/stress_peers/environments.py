"""Where a peer's interpreter is: named by a variable, or an environment that is made for it on demand.

Environments are kept in ``hedgecheck/benchmarks`` of the user's cache, one for each package and version. A
peer that cannot be had says why in one line.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hedgecheck.values import frozen

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
SECONDS_MAX = {"import": 120, "install": 900, "run": 3_600}
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


class Absent(Exception):
    """A peer cannot be asked; says why in one line."""


@frozen
class Peer:
    """A package at a version, the module that it is imported as, the variable that may name an interpreter
    which has it, and its script."""

    name: str
    package: str
    version: str
    module: str
    variable: str
    script: str


NAUTILUS = Peer(
    "NautilusTrader",
    "nautilus_trader",
    "1.221.0",
    "nautilus_trader",
    "HEDGECHECK_NAUTILUS_PYTHON",
    "with_nautilus.py",
)
BACKTESTING = Peer(
    "backtesting.py",
    "backtesting",
    "0.6.6",
    "backtesting",
    "HEDGECHECK_BACKTESTING_PYTHON",
    "with_backtesting.py",
)


def cache() -> Path:
    """Where environments are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "hedgecheck" / "benchmarks"


def python_of(peer: Peer) -> str:
    """An interpreter that has the peer. Raises ``Absent`` where there is none and none can be made."""
    named = os.environ.get(peer.variable)
    if named:
        if not _imports(named, peer):
            raise Absent(f"{peer.variable} names {named}, which does not import {peer.module}")
        return named
    version = ".".join(map(str, sys.version_info[:2]))
    folder = cache() / f"{peer.package}-{peer.version}-python{version}"
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not _imports(str(python), peer):
        _made(folder, python, peer)
    return str(python)


def _imports(python: str, peer: Peer) -> bool:
    try:
        _run([python, "-c", f"import {peer.module}"], "import")
    except Absent:
        return False
    return True


def _made(folder: Path, python: Path, peer: Peer) -> None:
    print(f"  {peer.name}: an environment is made in {folder}", file=sys.stderr, flush=True)
    wanted = f"{peer.package}=={peer.version}"
    pip = ["-m", "pip", "--disable-pip-version-check", "install", "-q", "--retries", "1", "--timeout", "15"]
    _run([sys.executable, "-m", "venv", "--clear", str(folder)], "install")
    _run([str(python), *pip, wanted], "install")


def asked(python: str, script: Path, path: Path, counts: Iterable[int]) -> list[dict[str, Any]]:
    """What a peer's script says of a file of bars, for each count of them. Raises ``Absent``."""
    return _answers([python, str(script), str(path), *map(str, counts)])


def asked_ours(path: Path, counts: Iterable[int]) -> list[dict[str, Any]]:
    """The same of hedgecheck, in a process of its own. Raises ``Absent``."""
    module = "benchmarks.stress_peers.with_hedgecheck"
    return _answers([sys.executable, "-m", module, str(path), *map(str, counts)])


def _answers(command: list[str]) -> list[dict[str, Any]]:
    lines = _run(command, "run").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def _run(command: list[str], what: str) -> str:
    """What a command printed. Raises ``Absent`` where it fails, with the last line that it says."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX[what],
            check=False,
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(str(error)) from error
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        errors = [line for line in said if line.startswith("ERROR")]
        raise Absent((errors or said)[-1])
    return done.stdout
