"""What the plugin costs whoever runs pytest without using it: CPU time of a run over one empty test.

Runs with the plugin and without it take turns, each in a process of its own and with no other plugin; the
median of the differences between neighbours counts, so that what else the machine does falls on both.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

PAIRS = 40
FLOOR_MS = 5.0
PLUGIN = ("-p", "hedgecheck.pytest_plugin")
EMPTY = "def test_nothing():\n    pass\n"


def cpu_seconds(folder: Path, *options: str) -> float:
    """CPU time of one run of pytest over the empty test."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, "test_empty.py"],
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Prints the medians of both, and of their difference."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_empty.py").write_text(EMPTY, encoding="utf-8")
        cpu_seconds(folder, *PLUGIN)  # compiles what is not compiled yet
        pairs = [(cpu_seconds(folder, *PLUGIN), cpu_seconds(folder)) for _ in range(PAIRS)]
    with_it, without = (1000 * median(each) for each in zip(*pairs, strict=True))
    more = 1000 * median(one - other for one, other in pairs)
    print(f"pytest with the plugin {with_it:.0f} ms, without {without:.0f} ms, {with_it / without:.3f} times")
    print(f"{more:+.1f} ms at the median of {PAIRS} pairs (at most {FLOOR_MS:g})")


if __name__ == "__main__":
    main()
