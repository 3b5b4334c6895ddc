"""Results as JSON and back, exactly: equal results are equal bytes.

At the top level are the few keys that clients read, amounts in money and percentages as 3.2 and 45.5; beside
them is everything that a ``ScenarioResult`` holds, with fractions as fractions and null where a metric is
undefined. A digest over all of it shows damage. Nothing is read here but the text it is handed.
"""

import json
import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import blake2b
from typing import Any, Union, get_args, get_origin, get_type_hints

from hedgecheck.codec import Unreadable, parsed, wrong_with
from hedgecheck.errors import UsageError
from hedgecheck.stress.models import ScenarioResult

SCHEMA = 1
PERCENT_DIGITS = 6
UNDEFINED = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}  # JSON has no such numbers
SEED_KEYS = (  # key, metric, whether it is told in percent
    ("total_pnl", "total_pnl", False),
    ("max_drawdown", "max_drawdown", True),
    ("winrate", "win_rate", True),
    ("total_trades", "total_trades", False),
    ("emergency_stops", "emergency_stops", False),
    ("execution_failures", "execution_failures", False),
)


def to_json(result: ScenarioResult) -> dict[str, Any]:
    """The result as plain data. Raises ``UsageError`` for one that holds what JSON cannot."""
    content: dict[str, Any] = plain(result, ScenarioResult)
    content |= {"schema": SCHEMA, "scenario_name": result.name, **headline(result)}
    return content | {"digest": _digest(content)}


def headline(result: ScenarioResult) -> dict[str, float | int | None]:
    """What is told first of a result, by the keys of its JSON; None is undefined."""
    found: dict[str, float | int | None] = {}
    for key, metric, is_percent in SEED_KEYS:
        value = result.metrics.get(metric)
        assert not isinstance(value, Mapping), f"Invariant: {metric} is one number"
        found[key] = percent(value) if is_percent and value is not None else value
    return found


def percent(fraction: float) -> float:
    """0.032 as 3.2."""
    return round(100 * fraction, PERCENT_DIGITS)


def written(result: ScenarioResult) -> str:
    """The text of a result: one line, keys sorted, floats as Python writes them."""
    return canonical(to_json(result)) + "\n"


def canonical(content: Any) -> str:
    """Plain data as text: equal data, equal text."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def read(text: str | bytes, named: str = "This") -> ScenarioResult:
    """The result of a text. ``named``: what it is called where it is none.

    Raises ``UsageError`` for a text that is damaged, is none, or is of a newer release.
    """
    try:
        return from_json(parsed(text))
    except Unreadable as why:
        raise UsageError(f"{named} {why}. Run the scenario again, or take another file.") from None


def from_json(content: Any) -> ScenarioResult:
    """The result of plain data. Raises ``Unreadable``."""
    if not isinstance(content, dict) or "schema" not in content or "scenario_name" not in content:
        raise Unreadable("is no result of a stress test")
    schema = content["schema"]
    if not isinstance(schema, int) or schema > SCHEMA:
        raise Unreadable(f"is of schema {schema!r}, and this release knows {SCHEMA}: a newer one wrote it")
    held = {name: each for name, each in content.items() if name != "digest"}
    if content.get("digest") != _digest(held):
        raise Unreadable("is damaged: its digest is of another content")
    missing = [each.name for each in fields(ScenarioResult) if each.name not in content]
    if missing:
        raise Unreadable(f"is damaged: it has no {', '.join(missing)}")
    try:
        result: ScenarioResult = _made(content, ScenarioResult)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable(f"is damaged: {type(error).__name__} {error}") from None
    wrong = wrong_with(result, ScenarioResult)
    if wrong:
        raise Unreadable(f"is damaged: {wrong}")
    return result


def _digest(content: dict[str, Any]) -> str:
    return blake2b(canonical(content).encode(), digest_size=16).hexdigest()


# ---- values to plain data, as their annotations say -------------------------------------------------------


def plain(value: Any, hint: Any = Any) -> Any:
    """A value as JSON has it, by its annotation: where a float is due a whole number is one, too, so that 0
    and 0.0 of equal results are equal."""
    kind: type[Any] = type(value)
    if is_dataclass(kind):
        return {name: plain(getattr(value, name), each) for name, each in _hints(kind).items()}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [plain(each, kind) for each, kind in zip(value, _kinds(hint, len(value)), strict=True)]
    if isinstance(value, Mapping):
        return {str(name): plain(each, Any) for name, each in value.items()}
    if hasattr(value, "item"):  # a number of numpy
        value = value.item()
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and not _wants_float(hint):
        return int(value)
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else str(float(value))
    raise UsageError(
        f"A scenario or its result holds a {kind.__name__}, which is not written. Give plain values."
    )


def _made(content: Any, hint: Any) -> Any:
    """The value of plain data, which ``wrong_with`` judges afterwards."""
    if is_dataclass(hint):
        kind: Any = hint
        return kind(**{name: _made(content[name], each) for name, each in _hints(kind).items()})
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        kinds = [each for each in get_args(hint) if each is not type(None)]
        return content if content is None else _made(content, _fitting(content, kinds))
    if origin is tuple and isinstance(content, list):
        return tuple(
            [_made(each, kind) for each, kind in zip(content, _kinds(hint, len(content)), strict=True)]
        )
    if origin in (dict, Mapping) and isinstance(content, dict):
        return {name: _made(each, get_args(hint)[1]) for name, each in content.items()}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(content)
    return UNDEFINED.get(content, content) if hint is float and isinstance(content, str) else content


def _fitting(content: Any, kinds: list[Any]) -> Any:
    """Which of several annotations a value is of, by its shape."""
    if isinstance(content, dict):
        return next((each for each in kinds if is_dataclass(each) or get_origin(each) is Mapping), kinds[0])
    return float if float in kinds else kinds[0]


def _kinds(hint: Any, count: int) -> tuple[Any, ...]:
    """The annotation of each value of a sequence."""
    kinds = get_args(hint) if get_origin(hint) is tuple else ()
    if kinds[1:] == (...,):
        return (kinds[0],) * count
    return kinds if len(kinds) == count else (Any,) * count


def _wants_float(hint: Any) -> bool:
    """Whether an annotation takes floats and no ints."""
    choices = get_args(hint) or (hint,)
    return float in choices and int not in choices


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    found = get_type_hints(kind)
    return {each.name: found[each.name] for each in fields(kind)}
