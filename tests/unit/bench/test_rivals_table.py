"""The benchmark beside other simulators: what its page says of given results."""

import json

import pytest

from benchmarks import rivals
from benchmarks.rivals.results import Results, Row
from benchmarks.rivals.table import as_markdown, as_text, percentile


def row(tool="hedgecheck", way="verify", **values):
    given = {"hits": {"a": [1, 2], "b": [2, 4]}, "sound": 14, "tried": 1_000, "rates": (100.4, 2_000.0)}
    return Row(tool, "1.2", way, "as it says", **{**given, **values})


def page(*rows):
    return as_markdown(results(*rows))


def results(*rows):
    return Results("3.12.1", "python -m benchmarks rivals", 2, 500, list(rows))


def line_of(text, start):
    return next(line for line in text.splitlines() if line.startswith(start))


def test_row_sums_up_searches_alarms_and_rates():
    text = page(row(alarms={"sound one": "I05"}, shrunk={"a": 1, "b": 2}))

    assert line_of(text, "| hedgecheck 1.2 |") == (
        "| hedgecheck 1.2 | verify | 2 of 2 (4 of 4) | 2, 4, 4 | 1 of 14 | 100 | 2,000 | 1.5, 2 |"
    )


def test_miss_counts_as_more_than_any_number():
    text = page(row("simloop", "pct", hits={"a": [1, 2], "b": [None, 400]}))

    assert "| 1 of 2 (3 of 4) | 201, missed, missed |" in line_of(text, "| simloop 1.2 |")
    assert "| b | missed (missed) |" in text


def test_tool_that_cannot_be_asked_says_why():
    text = page(row("frontrun", "random", hits={}, rates=None, sound=2, why_not="n/a: no timers"))

    assert "| n/a: no timers | n/a | 0 of 2 | n/a | n/a | n/a |" in line_of(text, "| frontrun 1.2 |")


def test_tool_that_is_not_there_says_why():
    text = page(row(), Row("simloom", "", "", "", why_not="n/a: ModuleNotFoundError"))

    assert line_of(text, "| simloom |") == "| simloom |  | n/a: ModuleNotFoundError |" + " n/a |" * 5


def test_page_admits_what_hedgecheck_missed_and_where_it_was_slower():
    ours = row(hits={"a": [3, 3], "b": [None, 9]}, alarms={"sound one": "I05"})

    text = page(ours, row("seedloop", "seeds", hits={"a": [1, 1], "b": [1, 2]}))

    assert "hedgecheck missed under some seed: b." in text
    assert "hedgecheck accused: sound one." in text
    assert "at the median than hedgecheck's 6: seedloop, seeds." in text
    assert "than hedgecheck's missed: seedloop, seeds." in text


def test_page_says_none_where_there_is_nothing_to_admit():
    other = row("simloom", "random", hits={"a": [5, 5], "b": [None, 5]}, alarms={"x": "Accused: I05"})
    text = page(row(), other)

    assert "missed under some seed: none." in text
    assert "hedgecheck accused: none." in text
    assert "than hedgecheck's 2: none." in text
    assert "| x | simloom, random | I05 |" in text


def test_terminal_gets_one_line_for_each_row():
    lines = as_text(results(row(), row("simloom", "random"))).splitlines()

    assert [line.split()[0] for line in lines] == ["Tool", "hedgecheck", "simloom"]


def test_results_survive_json():
    given = results(row(alarms={"x": "I05"}, hits={"a": [None, 2]}), row("simloom", rates=None))

    assert Results.from_json(json.loads(json.dumps(given.as_json()))) == given


@pytest.mark.parametrize(("percent", "value"), [(1, 1), (50, 10), (51, 11), (95, 19), (100, 20)])
def test_percentile_is_the_smallest_value_that_so_many_do_not_exceed(percent, value):
    assert percentile([float(each) for each in range(20, 0, -1)], percent) == value


def test_without_any_rival_it_says_how_to_install_them_and_measures_nothing(monkeypatch, capsys):
    monkeypatch.setattr(rivals, "absent", lambda python: dict.fromkeys(rivals.RIVALS, "no module"))
    monkeypatch.setattr(rivals, "measured", lambda *given: pytest.fail("nothing is to be measured"))

    rivals.main("--quick", "--write")

    assert "pip install -e '.[ccxt]' simloom simloop seedloop frontrun" in capsys.readouterr().out
