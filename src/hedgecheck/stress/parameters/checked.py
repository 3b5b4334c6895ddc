"""The parameters of a scenario, checked: an error names the key, the value, and what there is instead."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from hedgecheck.errors import UsageError
from hedgecheck.stress.models import Scenario
from hedgecheck.stress.parameters.fields import DAY, SOURCE, Parameters
from hedgecheck.stress.parameters.types import parameters_by_type

BOUNDS = (
    ("exclusiveMinimum", "above"),
    ("minimum", "at least"),
    ("exclusiveMaximum", "below"),
    ("maximum", "at most"),
)
FORMS = {
    DAY: "a day as YYYY-MM-DD",
    SOURCE: "synthetic, real, packaged:NAME, csv:PATH, parquet:PATH or ccxt:EXCHANGE",
}


def parameters_of(scenario: Scenario) -> Parameters:
    """The parameters of a scenario, those left out by their defaults, as the model of its type.

    ``UsageError`` with a line for each that there is not, or that is out of range.
    """
    model = parameters_by_type()[scenario.type]
    try:
        return model.model_validate(scenario.parameters)
    except ValidationError as error:
        said = [_said(each, scenario.type, model) for each in innermost(error)]
        raise UsageError("\n".join(said)) from None


def innermost(error: ValidationError) -> list[ErrorDetails]:
    """What is wrong, without what is so because of something in it."""
    found = error.errors()
    around = {each["loc"][:-1] for each in found if len(each["loc"]) > 1}
    return [each for each in found if each["loc"] not in around]


def meant(name: str, known: Iterable[str]) -> str:
    """What a name was meant to be: the nearest of those there are, or all of them."""
    every = list(known)
    close = get_close_matches(name, every, 1)
    return f"Did you mean {close[0]}?" if close else f"There are {', '.join(every)}."


def _said(found: ErrorDetails, kind: str, model: type[Parameters]) -> str:
    path = ".".join(["parameters", *[str(each) for each in found["loc"]]])
    if found["type"] == "extra_forbidden":
        name = str(found["loc"][-1])
        return f"{path}: there is no such parameter of {kind}. {meant(name, model.model_fields)}"
    if found["type"] == "value_error":
        return f"parameters: {found['msg'].removeprefix('Value error, ')}"
    if not found["loc"]:
        return f"parameters are {found['input']!r}. Give a table of names and values."
    name = str(found["loc"][0])
    return f"{path} is {found['input']!r}. Give {_wanted(name, model, found)}."


def _wanted(name: str, model: type[Parameters], found: ErrorDetails) -> str:
    """What a parameter can be, in words made of its model's own bounds."""
    schema = model.model_json_schema()["properties"][name]
    (shape,) = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    if shape["type"] in ("number", "integer"):
        is_part = name.endswith("_pct") and shape["type"] == "number"
        return _number(shape) + (", as a fraction: 0.3 is 30 %" if is_part else "")
    if shape["type"] == "array":
        return f"one or more of {', '.join(shape['items']['enum'])}"
    if shape["type"] == "boolean":
        return "true or false"
    return FORMS.get(shape.get("pattern", ""), f"a text: {schema['description']}")


def _number(shape: dict[str, Any]) -> str:
    bounds = [f"{word} {shape[key]:,.12g}" for key, word in BOUNDS if key in shape]
    return f"a {'whole ' if shape['type'] == 'integer' else ''}number {' and '.join(bounds)}"
