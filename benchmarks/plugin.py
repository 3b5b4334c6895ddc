"""What hedgecheck costs whoever has it installed and runs pytest without it: CPU time over one empty test.

Two environments hold pytest alone, and pytest with hedgecheck as a wheel installs it: its files, their
list and its entry point. Runs in the one and in the other take turns, each in a process of its own; the
median of the differences between neighbours counts, so that what else the machine does falls on both. A
run in a project that sets something in ``[tool.hedgecheck]``, and verifies nothing, is measured too.
"""

import os
import resource
import subprocess
import sys
import tempfile
import tomllib
from importlib.util import find_spec
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 100
FLOOR_MS = 5.0
PYTEST = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments")
EMPTY = "def test_nothing():\n    pass\n"


def environment(folder: Path, *packages: Path) -> Path:
    """A folder for PYTHONPATH that holds pytest and these packages, and nothing else."""
    folder.mkdir()
    for each in (*map(place_of, PYTEST), *packages):
        (folder / each.name).symlink_to(each)
    return folder


def place_of(name: str) -> Path:
    """The folder of a package, or the file of a module."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent if spec.submodule_search_locations else Path(spec.origin)


def install(folder: Path) -> None:
    """What a wheel of hedgecheck says of itself, beside its packages."""
    info = folder / "hedgecheck-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hedgecheck\nVersion: 0\n", encoding="utf-8")
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [f"{name} = {place}" for name, place in declared["entry-points"]["pytest11"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[pytest11]", *lines, ""]), encoding="utf-8")
    source = ROOT / "src"
    files = [path.relative_to(source).as_posix() for path in sorted(source.glob("*/**/*.py"))]
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in files), encoding="utf-8")


def cpu_ms(folder: Path, environment: Path) -> float:
    """CPU time of one run of pytest over the empty test."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-S", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_empty.py"],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPATH": str(environment),
            "PYTHONPYCACHEPREFIX": str(environment / "compiled"),
        },
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def measure(folder: Path, name: str, alone: Path, both: Path) -> None:
    """Prints the medians of both, and of their difference."""
    for each in (alone, both):
        cpu_ms(folder, each)  # compiles what is not compiled yet
    pairs = []
    for number in range(PAIRS):  # each goes first as often as the other
        turns = (both, alone) if number % 2 else (alone, both)
        taken = {each: cpu_ms(folder, each) for each in turns}
        pairs.append((taken[both], taken[alone]))
    with_it, without = (median(each) for each in zip(*pairs, strict=True))
    more = median(one - other for one, other in pairs)
    print(
        f"{name}: with hedgecheck {with_it:.0f} ms, without {without:.0f} ms, {with_it / without:.3f} times"
    )
    print(f"  {more:+.1f} ms at the median of {PAIRS} pairs (at most {FLOOR_MS:g})")


def main() -> None:
    """Measures a project that says nothing of hedgecheck, and one that does."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        alone = environment(folder / "alone")
        both = environment(folder / "both", ROOT / "src" / "hedgecheck", ROOT / "src" / "core")
        install(both)
        for said, settings in (("says nothing", ""), ("has settings", "[tool.hedgecheck]\nexecutions = 5\n")):
            project = folder / said.replace(" ", "_")
            project.mkdir()
            (project / "test_empty.py").write_text(EMPTY, encoding="utf-8")
            (project / "pyproject.toml").write_text(settings, encoding="utf-8")
            measure(project, said, alone, both)


if __name__ == "__main__":
    main()
