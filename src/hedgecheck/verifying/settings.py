"""What a run asks of all its tests: by command line option, else by environment, else by the table
``[tool.hedgecheck]`` of pyproject.toml. What none of them says is the decorator's.

It reads texts and tables that are handed to it, knows nothing of pytest, and loads nothing of the kit.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from hedgecheck.errors import UsageError
from hedgecheck.values import frozen

PROFILES = ("ci", "dev", "nightly", "mutation")
REPEATABLE = ("ci", "mutation")  # profiles in which nothing is drawn anew and nothing is kept
KEYS = ("executions", "max_faults", "seed", "profile", "budget_seconds", "exhaustive")
TABLE = "[tool.hedgecheck] of pyproject.toml"


@frozen
class Asked:
    """What a run asks of all its tests; None where it says nothing. ``passing``: what was said by option or
    environment, for this run alone, so that a line which repeats the run has to say it too."""

    executions: int | None = None
    max_faults: int | None = None
    seed: int | None = None
    profile: str | None = None
    budget_seconds: float | None = None
    exhaustive: int | Literal["all"] | None = None
    replay: str | None = None
    step: int | None = None
    passing: tuple[str, ...] = ()

    @property
    def is_repeatable(self) -> bool:
        """Whether every run is to try the same, and to keep nothing for the next."""
        return self.profile in REPEATABLE

    def replay_command(self, pytest: str, token: str) -> str:
        """The line that performs one execution again. ``pytest``: the command that runs the test."""
        return f"{self._environment()}{pytest} --hedgecheck-replay {token}"

    def search_command(self, pytest: str, seed: int) -> str:
        """The line that searches again."""
        names = ("executions", "profile", "exhaustive")
        said = [(name, getattr(self, name)) for name in names if name in self.passing]
        options = "".join(f" --hedgecheck-{name} {value}" for name, value in said)
        return f"{self._environment()}{pytest}{options} --hedgecheck-seed {seed}"

    def _environment(self) -> str:
        """``max_faults`` decides what a token means, and no option says it."""
        return f"HEDGECHECK_MAX_FAULTS={self.max_faults} " if "max_faults" in self.passing else ""


# What one setting may be: in words, by example, how a text of it is read, and which values are good. A record
# would take longer to make than everything else here.
_Kind = tuple[str, str, Callable[[str], Any], Callable[[Any], bool]]


def _whole(least: int, example: str) -> _Kind:
    words = f"a whole number from {least} up"
    return words, example, int, lambda value: type(value) is int and value >= least


_KINDS: dict[str, _Kind] = {
    "executions": _whole(1, "500"),
    "max_faults": _whole(0, "2"),
    "seed": ("a whole number", "7", int, lambda value: type(value) is int),
    "profile": (f"one of {', '.join(PROFILES)}", "ci", str, lambda value: value in PROFILES),
    "budget_seconds": (
        *("a number above 0", "60", float),
        lambda value: type(value) in (int, float) and value > 0,
    ),
    "exhaustive": (
        "all, or a whole number from 0 up",
        "1",
        lambda text: text if text == "all" else int(text),
        lambda value: value == "all" or (type(value) is int and value >= 0),
    ),
    "step": _whole(1, "3"),
}


def read(
    options: Mapping[str, str | None],
    environment: Mapping[str, str],
    ini_profile: str = "",
    table: Mapping[str, Any] | None = None,
) -> Asked:
    """What a run asks. ``options`` by the names of settings, and ``replay`` and ``step``; ``ini_profile``
    goes before the table's. An empty text says nothing.

    Raises ``UsageError``, with cause and cure, for whatever is unknown or of a wrong type.
    """
    table = {} if table is None else table
    _refuse_nonsense(table)
    values: dict[str, Any] = {"replay": options.get("replay") or environment.get("HEDGECHECK_REPLAY") or None}
    passing = []
    for name in (*KEYS, "step"):
        said = [(f"--hedgecheck-{name}", options.get(name))]
        if name in KEYS:
            said.append((_variable(name), environment.get(_variable(name))))
        texts = [(source, text) for source, text in said if text]
        if texts:
            passing.append(name)
        elif name == "profile" and ini_profile:
            texts = [("hedgecheck_profile of pytest's settings", ini_profile)]
        values[name] = _parsed(name, *texts[0]) if texts else table.get(name)
    if values["step"] is not None and values["replay"] is None:
        raise UsageError(
            "--hedgecheck-step stops in one execution, and none is named. Say which: "
            "--hedgecheck-replay TOKEN --hedgecheck-step N, with the token that the failure printed."
        )
    return Asked(**values, passing=tuple(passing))


def table_of(pyproject: Path) -> Any:
    """``[tool.hedgecheck]`` of a pyproject.toml; None where there is none. A file that does not speak of
    hedgecheck is not read as TOML: what is wrong with it is not ours to say.

    Raises ``UsageError`` where it cannot be read.
    """
    if not pyproject.is_file():
        return None
    text = pyproject.read_bytes()
    if b"hedgecheck" not in text:
        return None
    import tomllib

    try:
        return tomllib.loads(text.decode()).get("tool", {}).get("hedgecheck")
    except (ValueError, AttributeError) as error:
        raise UsageError(f"{pyproject} cannot be read for {TABLE}: {error}. Mend it there.") from error


def _variable(name: str) -> str:
    return f"HEDGECHECK_{name.upper()}"


def _refuse_nonsense(table: Mapping[str, Any]) -> None:
    """Raises ``UsageError`` for the first entry of a table that makes no sense."""
    if not isinstance(table, Mapping):
        raise UsageError(f"{TABLE} is {table!r} and no table. Write [tool.hedgecheck], and settings below.")
    for name, value in table.items():
        if name not in KEYS:
            from difflib import get_close_matches

            close = get_close_matches(name, KEYS, 1)
            hint = f"Is {close[0]} meant? " if close else ""
            raise UsageError(f"{TABLE} has no setting {name!r}. {hint}There are {_listed(KEYS)}.")
        *_, is_good = _KINDS[name]
        if not is_good(value):
            raise _wrong(f"{name} = {value!r} in {TABLE}", name)


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}"


def _parsed(name: str, source: str, text: str) -> Any:
    *_, parse, is_good = _KINDS[name]
    try:
        value = parse(text)
    except ValueError:
        raise _wrong(f"{source}={text}", name) from None
    if not is_good(value):
        raise _wrong(f"{source}={text}", name)
    return value


def _wrong(what: str, name: str) -> UsageError:
    words, example, *_ = _KINDS[name]
    return UsageError(f"{what}: it must be {words}, such as {example}.")


# ---- of the run that is on ---------------------------------------------------------------------------------

_of_this_run: list[Asked] = []


def asked() -> Asked:
    """What the run that is on asks: as the pytest plugin has read it, and without one by environment."""
    return _of_this_run[-1] if _of_this_run else read({}, os.environ)


def begin(of_run: Asked) -> Callable[[], object]:
    """Makes this what the run asks, until the function that is returned is called."""
    _of_this_run.append(of_run)
    return _of_this_run.pop
