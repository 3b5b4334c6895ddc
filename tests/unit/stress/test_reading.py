"""Scenarios are read from files; an error names the file, the key, and of bad syntax the line."""

import json

import pytest

from hedgecheck import UsageError
from hedgecheck.stress.models import Scenario, ScenarioType
from hedgecheck.stress.parameters import parameters_by_type
from hedgecheck.stress.reading import parsed_scenarios, read_scenarios, scenario_of, scenario_schema

ONE_TOML = """
name = "My crash"
type = "flash_crash"
symbols = ["BTCUSDT", "ETHUSDT"]
seed = 42

[parameters]
drop_pct = 0.2
duration_bars = 5
"""
ONE = Scenario(
    "My crash",
    ScenarioType.FLASH_CRASH,
    parameters={"drop_pct": 0.2, "duration_bars": 5},
    symbols=("BTCUSDT", "ETHUSDT"),
    seed=42,
)
AS_JSON = {
    "name": "My crash",
    "type": "flash_crash",
    "symbols": ["BTCUSDT", "ETHUSDT"],
    "seed": 42,
    "parameters": {"drop_pct": 0.2, "duration_bars": 5},
}
OTHER = {"name": "Other", "type": "pump_dump"}
TWO_TOML = """
[[scenario]]
name = "Other"
type = "pump_dump"

[[scenario]]
name = "Replay"
type = "historic_replay"
parameters = { first = 2008-09-01, last = "2008-12-31" }
"""


def test_one_scenario_in_toml(tmp_path):
    (tmp_path / "one.toml").write_text(ONE_TOML)

    assert read_scenarios(tmp_path / "one.toml") == (ONE,)
    assert read_scenarios(str(tmp_path / "one.toml")) == (ONE,)


@pytest.mark.parametrize(
    "content", [AS_JSON, [AS_JSON], {"$schema": "x", "scenario": [AS_JSON]}, {**AS_JSON, "$schema": "x"}]
)
def test_one_scenario_in_json(tmp_path, content):
    (tmp_path / "one.JSON").write_text(json.dumps(content))

    assert read_scenarios(tmp_path / "one.JSON") == (ONE,)


def test_several_scenarios_in_their_order_with_defaults_and_days():
    other, replay = parsed_scenarios(TWO_TOML, ".toml")

    assert other == Scenario("Other", ScenarioType.PUMP_DUMP)
    assert other.symbols == ("BTCUSDT",)
    assert replay.parameters == {"first": "2008-09-01", "last": "2008-12-31"}
    both = parsed_scenarios(json.dumps([OTHER, AS_JSON]), ".json")
    assert [each.name for each in both] == ["Other", "My crash"]


@pytest.mark.parametrize(
    ("text", "suffix", "why"),
    [
        ("a = 1\nb =\nc = 3", ".toml", "line 2, column"),
        ("a = 1\nb =", ".toml", "line 2, the last one"),
        ('{"name": "x",\n "type" 3}', ".json", "line 2, column 9 is no JSON"),
        ("", ".json", "line 1, column 1 is no JSON"),
        ("[" * 100_000, ".json", "this is no JSON"),
        ('type = "pump_dump"', ".toml", "name is missing. Give it"),
        ("", ".toml", "name is missing"),
        ('name = 1\ntype = "pump_dump"', ".toml", "name is 1. Give a text that is not empty"),
        (
            'name = "x"\ntype = "pumpdump"',
            ".toml",
            "type: There is no scenario type 'pumpdump'. Did you mean",
        ),
        (
            'name = "x"\ntype = "pump_dump"\nsymbol = "A"',
            ".toml",
            "symbol: a scenario has no such key. Did you",
        ),
        (
            'name = "x"\ntype = "pump_dump"\nsymbols = []',
            ".toml",
            "symbols is []. Give a list of one or more",
        ),
        ('name = "x"\ntype = "pump_dump"\nsymbols = ["", "A"]', ".toml", "symbols.0 is ''. Give a list"),
        ('name = "x"\ntype = "pump_dump"\nseed = -1', ".toml", "seed is -1. Give a whole number"),
        ('name = "x"\ntype = "pump_dump"\nparameters = 3', ".toml", "parameters is 3. Give a table"),
        ("[]", ".json", "There is no scenario in it"),
        ("3", ".json", "this is 3. Give an object"),
        (json.dumps([OTHER, OTHER]), ".json", "Several scenarios are named 'Other'"),
        (json.dumps([OTHER, {**AS_JSON, "seed": 0.5}]), ".json", "scenario[1].seed is 0.5"),
        (json.dumps({"scenario": [OTHER], "extra": 1}), ".json", "extra: beside scenario there is nothing"),
        (
            f"{TWO_TOML}parameters.drop = 1",
            ".toml",
            "line",
        ),
        (
            TWO_TOML.replace("first =", "furst ="),
            ".toml",
            "scenario[1].parameters.furst: there is no such parameter of historic_replay. Did you mean first",
        ),
    ],
)
def test_error_names_the_file_and_the_key_or_the_line(tmp_path, text, suffix, why):
    file = tmp_path / f"bad{suffix}"
    file.write_text(text)

    with pytest.raises(UsageError) as found:
        read_scenarios(file)

    assert str(found.value).startswith(f"{file}: ")
    assert why in str(found.value)
    assert len(str(found.value)) < 1_000


def test_file_that_is_none_and_one_of_another_kind(tmp_path):
    with pytest.raises(UsageError, match=r"none\.toml cannot be read: No such file"):
        read_scenarios(tmp_path / "none.toml")
    (tmp_path / "a.yaml").write_text("name: x")
    with pytest.raises(UsageError, match=r"end in \.toml or \.json"):
        read_scenarios(tmp_path / "a.yaml")
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="no UTF-8 text"):
        read_scenarios(tmp_path / "b.toml")


def test_reading_changes_nothing_that_it_was_given():
    content = {**AS_JSON, "$schema": "x"}
    assert scenario_of(content) == ONE
    assert content == {**AS_JSON, "$schema": "x"}


def test_schema_has_every_type_with_every_parameter_described():
    schema = scenario_schema()

    kinds = {each["$ref"].rpartition("/")[2] for each in schema["$defs"]["scenario"]["oneOf"]}
    assert kinds == {str(each) for each in ScenarioType}
    for kind, model in parameters_by_type().items():
        entry = schema["$defs"][str(kind)]
        assert entry["properties"]["type"]["const"] == str(kind)
        assert entry["required"] == ["name", "type"]
        assert entry["additionalProperties"] is False
        parameters = entry["properties"]["parameters"]
        assert parameters["additionalProperties"] is False
        assert parameters["properties"].keys() == model.model_fields.keys()
        assert all(each["description"] for each in parameters["properties"].values())
    drop = schema["$defs"]["flash_crash"]["properties"]["parameters"]["properties"]["drop_pct"]
    assert (drop["exclusiveMinimum"], drop["exclusiveMaximum"], drop["default"]) == (0, 1, 0.3)
    assert json.loads(json.dumps(schema)) == schema
