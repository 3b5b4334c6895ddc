"""The live shell passes the conformance tests, as a user would run them on an engine of their own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGINE = "tests.conformance.shell_engine:make"


def test_live_shell_conforms() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider"]
    command += ["--pyargs", "hedgecheck.conformance", "--hedgecheck-engine", ENGINE]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout[-4_000:]
    assert " passed" in run.stdout
    assert "skipped" not in run.stdout
