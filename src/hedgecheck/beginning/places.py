"""Where a test goes, and by what name it imports the bot, so that plain ``pytest`` finds both."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from hedgecheck.beginning.reading import Bot
from hedgecheck.errors import UsageError
from hedgecheck.values import frozen

MARKS = (".git", "pyproject.toml", "setup.cfg", "setup.py", "pytest.ini", "tox.ini", "requirements.txt")


@frozen
class Place:
    """``path`` is the test's file, ``module`` the name by which it imports the bot; ``roots``: the folders
    that it must add to ``sys.path`` for that, as pytest does not."""

    path: Path
    module: str
    roots: tuple[Path, ...]


def place_of(bot: Bot, out: Path | None) -> Place:
    """Beside the bot unless ``out`` says otherwise. Raises ``UsageError`` for a bot that no name imports.

    pytest puts the first folder above a test that is no package on ``sys.path``, and that of each
    ``conftest.py`` it reads (docs.pytest.org, "pytest import mechanisms", mode prepend).
    """
    file = Path(os.path.abspath(bot.path))
    root = _root(file)
    if root == file.parent:
        root = [root, *root.parents][min(bot.climbs, len(root.parents))]
    module = ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    path = Path(os.path.abspath(out or file.parent / f"test_{module.rpartition('.')[2]}.py"))
    if not all(each.isidentifier() for each in module.split(".")):
        better = re.sub(r"^(?=\d)", "bot_", re.sub(r"\W", "_", file.stem))
        raise UsageError(
            f"No import statement can name {file.name}: {module!r} is no Python name. "
            f"Rename it, as to {better}.py."
        )
    roots = dict.fromkeys([root, *_beside(root, bot.imports)])
    return Place(path, module, tuple(each for each in roots if not _is_found(each, path)))


def _is_found(root: Path, test: Path) -> bool:
    """Whether pytest puts this folder on ``sys.path`` for that test."""
    return _root(test) == root or (test.is_relative_to(root) and (root / "conftest.py").exists())


def _beside(root: Path, imports: frozenset[str]) -> Iterator[Path]:
    """Folders of the project above ``root`` that hold what the bot imports, where ``root`` does not."""
    for name in sorted(imports - set(sys.stdlib_module_names)):
        holding = [each for each in _project(root) if _holds(each, name)]
        if holding and holding[0] != root:
            yield holding[0]


def _project(folder: Path) -> Iterator[Path]:
    """The folder and those above it, up to where the project begins; where nothing says so, itself alone."""
    above = [folder, *folder.parents]
    ends = [index for index, each in enumerate(above) if any((each / mark).exists() for mark in MARKS)]
    yield from above[: ends[0] + 1 if ends else 1]


def _holds(folder: Path, name: str) -> bool:
    return (folder / f"{name}.py").exists() or any((folder / name).glob("*.py"))


def _root(path: Path) -> Path:
    """The first folder above a file that is no package."""
    folder = path.parent
    while (folder / "__init__.py").exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def refuse_taken(path: Path) -> None:
    """Raises ``UsageError`` where the test cannot be written: it would overwrite, or there is no folder."""
    shown = shown_path(path)
    if path.is_dir():
        raise UsageError(f"{shown} is a folder. Name a file: --out {shown}/test_bot.py.")
    if path.exists():
        raise UsageError(f"{shown} is there already and stays as it is. Name another file: --out FILE.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {shown_path(path.parent)}. Make it first.")


def shown_path(path: Path) -> str:
    """A path as it is typed here: from this folder where that is shorter."""
    path = Path(os.path.abspath(path))
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)
