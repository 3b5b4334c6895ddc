"""Results as JSON: read back they are the same, and equal ones are equal bytes."""

import json
import math
from dataclasses import replace as changed

import pytest

from hedgecheck.errors import UsageError
from hedgecheck.stress.batches import BatchResult, batch_of
from hedgecheck.stress.keeping import ResultDirectory
from hedgecheck.stress.models import ScenarioResult
from hedgecheck.stress.results import canonical, read, written
from hedgecheck.values import replace
from tests.unit.stress.fakes import crash, scenario


def test_result_read_back_is_the_same_in_every_field():
    result = crash(scenario(drop_pct=0.3, phases=[{"at": 1, "by": 0.5}], windows=[1, 2]))

    again = read(written(result))

    assert again == result
    assert written(again) == written(result)


def test_failed_result_without_curves_is_read_back():
    result = ScenarioResult(scenario(), success=False, failure="ValueError: no price")

    assert read(written(result)) == result


def test_equal_results_are_equal_bytes_whatever_order_they_were_made_in():
    one = crash()
    other = crash()
    other.metrics = dict(reversed(other.metrics.items()))
    curves = other.curves
    other.curves = replace(curves, heat=tuple(int(each) if each == 0 else each for each in curves.heat))

    assert written(other) == written(one)


def test_numbers_that_json_has_not_are_read_back():
    result = crash()
    curves = result.curves
    prices = (("BTCUSDT", (float("nan"), float("inf"), *curves.prices[0][1][2:])),)
    result.curves = replace(curves, prices=prices)

    text = written(result)
    json.loads(text, parse_constant=pytest.fail)
    first, second = read(text).curves.prices[0][1][:2]

    assert math.isnan(first)
    assert second == float("inf")


@pytest.mark.covers("SR-16", "SM-02")
def test_json_has_the_keys_that_clients_read_and_percentages_in_percent():
    result = crash()
    result.metrics |= {"total_pnl": -1250.5, "max_drawdown": 0.032, "total_trades": 12}

    content = json.loads(written(result))

    read_by_clients = {
        "scenario_name": "BTC Flash Crash 2021",
        "success": True,
        "total_pnl": -1250.50,
        "max_drawdown": 3.2,
        "winrate": 45.5,
        "total_trades": 12,
        "emergency_stops": 1,
        "execution_failures": 2,
    }
    assert {key: content[key] for key in read_by_clients} == read_by_clients
    assert content["metrics"]["max_drawdown"] == 0.032
    assert content["metrics"]["sharpe_ratio"] is None
    assert (len(content["trades"]), len(content["curves"]["equity"])) == (len(result.trades), 600)
    assert [each["kind"] for each in content["stops"]] == ["DRAWDOWN", "LULD"]


def without(key: str) -> str:
    content = json.loads(written(crash()))
    del content[key]
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no JSON"),
        (written(crash())[:-100], "is no JSON"),
        ("[1]", "is no result of a stress test"),
        ('{"verdict": "holds"}', "is no result of a stress test"),
        (written(crash()).replace('"schema":1', '"schema":2'), "schema 2, and this release knows 1: a newer"),
        (written(crash()).replace('"bars":600', '"bars":601'), "its digest is of another content"),
        (without("digest"), "its digest is of another content"),
    ],
)
def test_text_that_is_no_whole_result_is_refused_with_the_reason(text: str, why: str):
    with pytest.raises(UsageError, match=r"x\.json .*take another file") as refused:
        read(text, "x.json")

    assert why in str(refused.value)


def resigned(**changes) -> str:
    """A text whose digest is right and whose content is not."""
    from hedgecheck.stress import results  # noqa: PLC0415

    content = json.loads(written(crash())) | changes
    del content["digest"]
    return canonical(content | {"digest": results._digest(content)})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (resigned(bars="many"), "bars: 'many' is no int"),
        (resigned(trades=[{}]), "KeyError"),
        (resigned(trades=7), "trades"),
        (resigned(rules=[{**json.loads(written(crash()))["rules"][0], "verdict": "maybe"}]), "'maybe'"),
    ],
)
def test_values_of_another_kind_are_refused(text: str, why: str):
    with pytest.raises(UsageError, match="damaged") as refused:
        read(text)

    assert why in str(refused.value)


def test_batch_read_back_is_the_same():
    batch = BatchResult((crash(), crash(scenario("Other"))), ("Third",))

    assert batch_of(json.loads(canonical(batch.to_json()))) == batch


# ---- kept in a folder


def test_results_of_a_name_are_kept_one_after_the_other(tmp_path):
    store = ResultDirectory(tmp_path / "results")
    first, second = crash(), changed(crash(), bars=9)

    numbers = store.save(first), store.save(second)

    assert numbers == (1, 2)
    assert store.names() == ("BTC Flash Crash 2021",)
    assert store.load("BTC Flash Crash 2021") == second
    assert store.load("BTC Flash Crash 2021", 1) == first
    assert store.before("BTC Flash Crash 2021") == first


def test_there_is_nothing_before_the_first(tmp_path):
    store = ResultDirectory(tmp_path)
    store.save(crash())

    assert store.before("BTC Flash Crash 2021") is None


def test_removed_results_are_gone_and_others_stay(tmp_path):
    store = ResultDirectory(tmp_path)
    store.save(crash())
    store.save(crash(scenario("Other")))

    store.remove("Other")

    assert store.names() == ("BTC Flash Crash 2021",)
    with pytest.raises(UsageError, match="no result of 'Other'"):
        store.load("Other")


def test_name_that_is_not_there_is_told_with_the_one_that_is_meant(tmp_path):
    store = ResultDirectory(tmp_path)
    store.save(crash())

    with pytest.raises(UsageError, match="Is 'BTC Flash Crash 2021' meant"):
        store.load("BTC Flash Crsh 2021")


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../x", "Ärger & 50 %", "x\0y", "CON:1"])
def test_no_name_leaves_the_folder(tmp_path, name: str):
    store = ResultDirectory(tmp_path / "results")

    store.save(crash(scenario(name)))

    assert store.names() == (name,)
    assert store.load(name).name == name
    assert [each.name for each in tmp_path.iterdir()] == ["results"]


@pytest.mark.parametrize("name", ["", "x" * 300])
def test_name_that_no_file_can_have_is_refused(tmp_path, name: str):
    with pytest.raises(UsageError, match="no name to keep a result by"):
        ResultDirectory(tmp_path).save(crash(scenario(name)))


def test_number_that_another_took_meanwhile_is_not_written_over(tmp_path, monkeypatch):
    store = ResultDirectory(tmp_path)
    store.save(crash())
    monkeypatch.setattr("hedgecheck.stress.keeping._numbers", lambda folder: ())

    assert store.save(changed(crash(), bars=9)) == 2


def test_file_that_cannot_be_linked_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.link", full)

    with pytest.raises(UsageError, match="No space left on device"):
        ResultDirectory(tmp_path).save(crash())
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


def test_damaged_file_is_told_by_its_path(tmp_path):
    store = ResultDirectory(tmp_path)
    store.save(crash())
    path = tmp_path / "BTC%20Flash%20Crash%202021" / "000001.json"
    path.write_bytes(path.read_bytes()[:500])

    with pytest.raises(UsageError, match=r"000001\.json is no JSON"):
        store.load("BTC Flash Crash 2021")
