"""Scenarios from files that people write, TOML or JSON, and the schema by which editors check these.

A file holds one scenario, or several under ``scenario`` (``[[scenario]]`` in TOML), or in JSON a list.
"""

import json
import tomllib
from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hedgecheck.errors import UsageError
from hedgecheck.stress.models import Scenario, ScenarioType
from hedgecheck.stress.parameters import parameters_by_type, parameters_of
from hedgecheck.stress.parameters.checked import innermost, meant

SEVERAL = "scenario"  # the key under which a file holds more than one
SCHEMA = "$schema"  # editors look for it in a JSON file; it says nothing about a scenario
WANTED = {
    "name": "a text that is not empty",
    "type": f"one of {', '.join(ScenarioType)}",
    "description": "a text",
    "parameters": "a table of names and values",
    "symbols": "a list of one or more names",
    "seed": "a whole number of 0 or more",
}


class Entry(BaseModel):
    """A scenario as it is written."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: str = Field(min_length=1, description="By which it is found; results have it, too.")
    type: str = Field(description="What kind of stress it is.")
    description: str = Field("", description="What it is for.")
    parameters: dict[str, Any] = Field({}, description="By the names of its type; others take a default.")
    symbols: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False, min_length=1)] = (
        Field(("BTCUSDT",), description="What is traded and stressed.")
    )
    seed: int | None = Field(None, ge=0, description="Of all chance; default: drawn from the name.")


def read_scenarios(path: Path | str) -> tuple[Scenario, ...]:
    """The scenarios of a file, in its order. ``UsageError`` with the file and the key for what makes no
    sense, with the line for what is no TOML or JSON."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"{file} cannot be read: {why}. Name a TOML or JSON file.") from error
    try:
        return parsed_scenarios(text, file.suffix)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error


def parsed_scenarios(text: str, suffix: str) -> tuple[Scenario, ...]:
    """The scenarios of a text; ``suffix``: ``.toml`` or ``.json``. ``UsageError`` as ``read_scenarios``."""
    if suffix.lower() not in (".toml", ".json"):
        raise UsageError(f"Scenarios are in files that end in .toml or .json, and not in {suffix!r}.")
    try:
        content = tomllib.loads(text) if suffix.lower() == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{_syntax(error, text)}. Mend it there.") from error
    found = []
    for at, each in _entries(content):
        try:
            found.append(scenario_of(each))
        except UsageError as error:
            raise UsageError("\n".join(f"{at}{line}" for line in str(error).splitlines())) from error
    twice = [name for name, times in Counter(each.name for each in found).items() if times > 1]
    if twice:
        raise UsageError(f"Several scenarios are named {twice[0]!r}. Give each a name of its own.")
    return tuple(found)


def _syntax(error: Exception, text: str) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno} is no JSON: {error.msg}"
    if isinstance(error, tomllib.TOMLDecodeError):
        last = text.count("\n", 0, -1) + 1
        return f"this is no TOML: {str(error).replace('end of document', f'line {last}, the last one')}"
    return f"this is no JSON: {error}"


def _entries(content: Any) -> list[tuple[str, Any]]:
    """Each entry, and where it stands, to be put before what is wrong with it."""
    if isinstance(content, dict) and SEVERAL in content:
        others = content.keys() - {SEVERAL, SCHEMA}
        if others:
            raise UsageError(f"{sorted(others)[0]}: beside {SEVERAL} there is nothing. Move it into one.")
        content = content[SEVERAL]
        content = content if isinstance(content, list) else [content]
    if not isinstance(content, list):
        return [("", content)]
    if not content:
        raise UsageError("There is no scenario in it. Give one with a name and a type.")
    return [(f"{SEVERAL}[{at}].", each) for at, each in enumerate(content)]


def scenario_of(content: Any) -> Scenario:
    """The scenario of an object as JSON and TOML have it, with its parameters checked. ``UsageError`` with a
    line for each key that makes no sense."""
    plain = _plain(content)
    if isinstance(plain, dict):
        plain.pop(SCHEMA, None)
    try:
        entry = Entry.model_validate(plain)
    except ValidationError as error:
        raise UsageError("\n".join(map(_said, innermost(error)))) from None
    try:
        kind = ScenarioType(entry.type)
    except UsageError as error:
        raise UsageError(f"type: {error}") from None
    scenario = Scenario(**entry.model_dump(exclude_unset=True) | {"type": kind})
    parameters_of(scenario)
    return scenario


def _plain(content: Any) -> Any:
    """With days as text: TOML has them without quotes, too."""
    if isinstance(content, Mapping):
        return {name: _plain(each) for name, each in content.items()}
    if isinstance(content, list):
        return [_plain(each) for each in content]
    return content.isoformat() if isinstance(content, date) else content


def _said(found: Any) -> str:
    if not found["loc"]:
        return f"this is {found['input']!r}. Give an object with a name and a type."
    key = ".".join(map(str, found["loc"]))
    if found["type"] == "extra_forbidden":
        return f"{key}: a scenario has no such key. {meant(str(found['loc'][-1]), Entry.model_fields)}"
    if found["type"] == "missing":
        return f"{key} is missing. Give it: {Entry.model_fields[key].description}"
    return f"{key} is {found['input']!r}. Give {WANTED[str(found['loc'][0])]}."


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of such a file, with the parameters of every type."""
    models = parameters_by_type()
    one = {"$ref": "#/$defs/scenario"}
    several = {"type": "array", "items": one, "minItems": 1}
    within = {
        "type": "object",
        "properties": {SCHEMA: {"type": "string"}, SEVERAL: {"anyOf": [several, one]}},
        "required": [SEVERAL],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stress scenarios of hedgecheck",
        "anyOf": [one, several, within],
        "$defs": {
            "scenario": {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in models]},
            **{str(kind): _entry_schema(kind, model) for kind, model in models.items()},
        },
    }


def _entry_schema(kind: ScenarioType, model: type[BaseModel]) -> dict[str, Any]:
    schema = deepcopy(Entry.model_json_schema())
    properties = {SCHEMA: {"type": "string"}, **schema["properties"]}
    properties["type"] = {"const": str(kind), "description": schema["properties"]["type"]["description"]}
    properties["parameters"] = model.model_json_schema()
    return {**schema, "title": str(kind), "description": model.__doc__, "properties": properties}
