"""The mutants of a module: each is its source with one function changed in one place, by mutmut's operators.

Mutants have the names that mutmut gives them, so that what the unit tests made of one (``hedgecheck mutate``)
can be looked up.
"""

import ast
from importlib.util import find_spec
from itertools import takewhile
from operator import eq
from pathlib import Path

from hedgecheck.errors import UsageError
from hedgecheck.values import frozen

CURE = "Install the development extra: pip install 'hedgecheck[dev]'."


@frozen
class Mutant:
    """A module with one change. ``path``: its file; ``source``: all of it, changed. ``line``: where that is
    in the file, from 1; ``before`` and ``after``: the lines that differ. ``lines``: the first and the last
    one of the statement that the change is in: where none of them is run, the change is not."""

    name: str
    module: str
    path: str
    line: int
    before: str
    after: str
    lines: tuple[int, int]
    source: str

    @property
    def diff(self) -> str:
        """The change in one line."""
        return f"{_flat(self.before)} -> {_flat(self.after)}"


def _flat(text: str) -> str:
    return " ".join(text.split()) or "(nothing)"


def path_of(module: str) -> Path:
    """Where the source of a module is. Raises ``UsageError`` where there is none."""
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise UsageError(f"{module}: there is no such module.")
    return Path(spec.origin)


def mutants_of(module: str) -> tuple[Mutant, ...]:
    """Every mutant of a module, in the order of its source.

    Raises ``UsageError`` without mutmut, with one whose insides are others, or outside of a checkout.
    """
    path = path_of(module)
    source = path.read_text(encoding="utf-8")
    statements = _statements(source)
    try:
        from hedgecheck.mutants.operators import changed

        made = list(changed(path, source))
    except ModuleNotFoundError as error:
        raise UsageError(f"Mutants are made by mutmut: {error}. {CURE}") from error
    except FileNotFoundError as error:
        raise UsageError(f"There is no [mutmut] section in {Path.cwd()}. Run this in a checkout.") from error
    except (ImportError, AttributeError, TypeError) as error:
        raise UsageError(f"This mutmut cannot be asked for mutants ({error}). {CURE}") from error
    return tuple([_mutant(module, path, name, source, text, statements) for name, text in made])


def _statements(source: str) -> list[tuple[int, int]]:
    """First and last line of every statement, the shortest first."""
    found = [
        (each.lineno, each.end_lineno or each.lineno)
        for each in ast.walk(ast.parse(source))
        if isinstance(each, ast.stmt)
    ]
    return sorted(found, key=lambda lines: lines[1] - lines[0])


def _mutant(
    module: str, path: Path, name: str, source: str, changed: str, statements: list[tuple[int, int]]
) -> Mutant:
    one, other = source.splitlines(), changed.splitlines()
    start = _alike(one, other)
    end = min(_alike(one[::-1], other[::-1]), len(one) - start, len(other) - start)
    before, after = one[start : len(one) - end], other[start : len(other) - end]
    first, last = start + 1, max(start + 1, len(one) - end)
    lines = next(((low, high) for low, high in statements if low <= first and last <= high), (1, len(one)))
    diff = "\n".join(before), "\n".join(after)
    return Mutant(f"{module}.{name}", module, str(path), first, *diff, lines, changed)


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines they begin with in common."""
    return sum(1 for _ in takewhile(bool, map(eq, one, other)))
