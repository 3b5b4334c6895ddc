"""What people ask for on a command line: scenarios by names and files, with parameters and data; results."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hedgecheck.codec import Unreadable, parsed
from hedgecheck.errors import UsageError
from hedgecheck.stress import parts
from hedgecheck.stress.batches import BatchResult, batch_of
from hedgecheck.stress.keeping import ResultDirectory
from hedgecheck.stress.models import Scenario, ScenarioResult
from hedgecheck.stress.near import meant
from hedgecheck.stress.results import from_json
from hedgecheck.stress.runner import Library

Pair = tuple[ScenarioResult, ScenarioResult]
FILES = (".json", ".toml", ".yaml", ".yml")


def chosen(name: str, library: Callable[[], Library]) -> tuple[Scenario, ...]:
    """The scenarios of a file, or the one of the library with that name.

    Raises ``UsageError`` for a name that is not there, with those that are near.
    """
    path = Path(name)
    if path.suffix.lower() in FILES or path.is_file():
        if not path.is_file():
            raise UsageError(
                f"There is no file {name}. Name one that is there, or a scenario of the library."
            )
        return parts.scenarios_in(path)
    known = library()
    by_folded = {each.casefold(): each for each in known.names()}
    found = by_folded.get(name.casefold())
    if found is None:
        near = meant(name, known.names())
        raise UsageError(f"There is no scenario {name!r}. {near} List them: hedgecheck stress list.")
    return (known.get(found),)


def with_parameters(scenario: Scenario, settings: Iterable[str], bars: int | None = None) -> Scenario:
    """The scenario with ``NAME=VALUE`` as its parameters, values as JSON or as plain text.

    Raises ``UsageError`` for a text of another form.
    """
    parameters = dict(scenario.parameters)
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise UsageError(f"--set {text}: write NAME=VALUE, as drop_pct=0.2.")
        parameters[name.strip()] = _value(value.strip())
    if bars is not None:
        parameters["bars"] = bars
    return replace(scenario, parameters=parameters)


def sources_in(text: str) -> list[str]:
    """The sources of a text, with commas between. A comma within one, as in ``packaged:sp500,aapl``, is its
    own: what follows it is no source."""
    return [
        each.strip() for each in re.split(r",(?=\s*(?:synthetic|real|packaged|csv|parquet|ccxt)\b)", text)
    ]


def with_data(scenario: Scenario, source: str) -> Scenario:
    """The scenario on that data, with the same seed, under a name that says so."""
    return replace(
        scenario,
        name=f"{scenario.name} [{source}]",
        parameters={**scenario.parameters, "source": source},
        seed=scenario.root_seed,
    )


def kept_in(path: Path) -> BatchResult:
    """Results as a batch: of a file with one or with a batch, or the latest of each name of a folder.

    Raises ``UsageError`` where there is none.
    """
    if path.is_dir():
        store = ResultDirectory(path)
        found = tuple(store.load(name) for name in store.names())
        if not found:
            raise UsageError(f"There are no results in {path}. Run scenarios with --out {path}.")
        return BatchResult(found)
    try:
        content = parsed(path.read_bytes())
        is_batch = isinstance(content, dict) and "results" in content
        return batch_of(content) if is_batch else BatchResult((from_json(content),))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Name a result or a folder.") from error
    except Unreadable as why:
        raise UsageError(f"{path} {why}. Run the scenario again, or take another file.") from None


def paired(
    old: Path, new: Path | None
) -> tuple[list[tuple[ScenarioResult, ScenarioResult]], tuple[str, ...]]:
    """Earlier results with later ones, and the names of those earlier ones that have none. Of a folder alone:
    the latest of each name with the one before.

    Raises ``UsageError`` where there is nothing to compare.
    """
    if new is None:
        return _histories(old), ()
    earlier, later = ({each.name: each for each in kept_in(path).results} for path in (old, new))
    if len(earlier) == len(later) == 1:
        return [(each, now) for each in earlier.values() for now in later.values()], ()
    pairs = [(each, later[name]) for name, each in earlier.items() if name in later]
    if not pairs:
        raise UsageError(f"{old} and {new} have no scenario in common. Give results of the same scenarios.")
    return pairs, tuple(name for name in earlier if name not in later)


def _histories(folder: Path) -> list[Pair]:
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder of results. Name one, or a later result, too.")
    store = ResultDirectory(folder)
    pairs = [
        (before, store.load(name)) for name in store.names() if (before := store.before(name)) is not None
    ]
    if not pairs:
        raise UsageError(f"{folder} has no scenario with two results. Run one again with --out {folder}.")
    return pairs


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
