"""The pages of a result and of a batch, as a parser sees them, and the curves on them, as numbers."""

import math
import re

import pytest

from hedgecheck.report.page.chart import Line, Scale, path_of, reduced, round_step, scale_of
from hedgecheck.stress.batches import BatchResult
from hedgecheck.stress.models import EmergencyStop, Injected, Rule, Scenario, ScenarioResult
from hedgecheck.stress.page import batch_page, result_page
from hedgecheck.stress.page.timeline import amount, spans_of, windows_of
from hedgecheck.values import replace
from tests.unit.report.test_page import HOSTILE, Tree
from tests.unit.stress.fakes import crash, scenario
from tests.unit.stress.test_comparing import METRICS

SECTIONS = ["verdict", "timeline", "stops", "invariants", "metrics", "trades", "failures"]


def failed() -> ScenarioResult:
    return ScenarioResult(scenario("Lost"), success=False, failure="ValueError: no price")


def broken() -> ScenarioResult:
    result = crash()
    result.success, result.rules = False, (Rule("I009", "no_naked_leg", "broken", 9, 2, "a leg was naked"),)
    return result


PAGES = {
    "result": lambda: result_page(crash(), METRICS),
    "failed": lambda: result_page(failed(), METRICS),
    "broken": lambda: result_page(broken()),
    "batch": lambda: batch_page(BatchResult((crash(), failed()), ("Left",))),
    "nothing": lambda: batch_page(BatchResult(())),
}


@pytest.mark.parametrize("kind", PAGES)
def test_page_is_well_formed_and_refers_to_nothing_outside(kind: str):
    page = PAGES[kind]()
    tree = Tree(page)

    assert len(tree.ids) == len(set(tree.ids))
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page


def test_page_of_a_result_has_every_panel_and_says_what_stopped_trading():
    tree = Tree(PAGES["result"]())

    assert [each for each in tree.ids if each in SECTIONS] == SECTIONS
    assert tree.row("302")[1:4] == ["2021-05-19 13:03:00", "breaker DRAWDOWN", "drawdown 3.2 % is over 3 %"]
    assert "flash crash BTCUSDT bar 300 to 304" in tree.words
    assert "order rejected INSUFFICIENT_LIQUIDITY 1" in tree.words
    assert "sharpe ratio -" in tree.words


def test_price_equity_drawdown_heat_and_exposure_are_drawn_each_with_its_words():
    tree = Tree(PAGES["result"]())

    labels = [
        attributes["aria-label"] for tag, attributes in tree.tags if tag == "svg" and "role" in attributes
    ]
    assert [label.split(":")[0] for label in labels] == [
        "Price BTCUSDT",
        "Equity",
        "Drawdown",
        "Portfolio heat",
        "Exposure",
    ]
    assert tree.words.count("lowest") >= 2


def test_verdict_is_in_a_word_and_broken_rules_say_why():
    assert "broken I009 no naked leg: a leg was naked" in Tree(PAGES["broken"]()).words
    assert "failed ValueError: no price" in Tree(PAGES["failed"]()).words


def test_texts_of_a_scenario_are_never_markup():
    asked = Scenario(HOSTILE, "flash_crash", HOSTILE, seed=1)
    result = crash(asked)
    result.failure, result.notes = HOSTILE, (HOSTILE,)
    result.stops = (EmergencyStop(3, HOSTILE, HOSTILE, HOSTILE),)
    result.injected = (Injected(HOSTILE, HOSTILE, 3, 2),)
    result.metrics["refusals"] = {HOSTILE: 1}

    for page in (result_page(result, METRICS), batch_page(BatchResult((result,), (HOSTILE,)))):
        tree = Tree(page)
        assert sum(tag == "script" for tag, _ in tree.tags) == 1
        assert not [tag for tag, _ in tree.tags if tag == "img"]
        assert not [name for _, attributes in tree.tags for name in attributes if name.startswith("on")]


def test_batch_has_a_picture_and_a_row_for_each_scenario_and_names_what_is_left():
    tree = Tree(PAGES["batch"]())

    assert sum(tag == "article" for tag, _ in tree.tags) == 2
    assert tree.row("BTC Flash Crash 2021")[1] == "holds"
    assert tree.row("Lost")[1] == "failed"
    assert "Left: no result" in tree.words
    assert "1 of 3 failed: Lost" in tree.words


def test_batch_that_was_interrupted_is_unknown_where_nothing_failed():
    words = Tree(batch_page(BatchResult((crash(),), ("Left",)))).words

    assert "unknown It was interrupted: 1 of 2 scenarios did not come to an end" in words


# ---- the drawing


def test_no_extreme_is_lost_where_there_are_more_bars_than_units():
    values = [math.sin(bar / 900) for bar in range(50_000)]
    values[31_417], values[7] = -9.0, 8.0

    drawn = list(reduced(values, 100))

    assert len(drawn) <= 400
    assert (31_417, -9.0) in drawn
    assert (7, 8.0) in drawn
    assert (drawn[0], drawn[-1]) == ((0, values[0]), (49_999, values[-1]))
    assert [place for place, _ in drawn] == sorted({place for place, _ in drawn})


def test_all_bars_are_drawn_where_there_is_room():
    assert list(reduced([1.0, 2.0, 3.0], 100)) == [(0, 1.0), (1, 2.0), (2, 3.0)]


def test_what_is_no_number_breaks_the_line():
    line = Line((1.0, 2.0, math.nan, 2.0, math.inf, 1.0), "s1")

    path = path_of(line, Scale(0.0, 2.0, 100.0), 6, 50)

    assert path == "M0 50L10 0M30 0h0M50 50h0"


def test_area_is_closed_down_to_zero():
    line = Line((1.0, 2.0), "s1", filled=True)

    assert path_of(line, Scale(0.0, 2.0, 100.0), 2, 10, closed=True) == "M0 50L10 0V100H0Z"


@pytest.mark.parametrize(
    ("values", "zero", "marks"),
    [
        ((39_000.0, 41_000.0), False, (39_000.0, 39_500.0, 40_000.0, 40_500.0, 41_000.0)),
        ((0.0, 0.035), True, (0.0, 0.01, 0.02, 0.03)),
        ((-2.7, 0.0), True, (-2.0, -1.0, 0.0)),
        ((0.0, 0.0), True, (0.0, 0.25, 0.5, 0.75, 1.0)),
        ((), False, (0.0, 0.25, 0.5, 0.75, 1.0)),
    ],
)
def test_marks_are_round_and_every_value_is_within(values: tuple[float, ...], zero: bool, marks):
    scale, found = scale_of([Line(values, "s1")], 100.0, 4, zero)

    assert found == pytest.approx(marks)
    assert all(-1e-9 <= scale.y(each) <= 100.0 + 1e-9 for each in values)


def test_scale_of_one_value_has_room_around_it():
    scale, _ = scale_of([Line((5.0, 5.0), "s1")], 100.0, 4, zero=False)

    assert scale.low < 5.0 < scale.high


@pytest.mark.parametrize(("wanted", "step"), [(1.0, 1.0), (1.1, 2.0), (2.1, 2.5), (3.0, 5.0), (60.0, 100.0)])
def test_step_is_the_next_round_one(wanted: float, step: float):
    assert round_step(wanted) == step


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (40_000.0, 5_000.0, "40,000"),
        (0.025, 0.005, "0.025"),
        (2.5, 2.5, "2.5"),
        (-0.0, 1.0, "0"),
        (1.25, 0.25, "1.25"),
    ],
)
def test_amounts_have_the_decimals_that_their_step_needs(value: float, step: float, text: str):
    assert amount(value, step) == text


# ---- what is shaded


def test_stress_that_meets_is_one_window_and_a_stop_lasts_until_its_reset():
    result = crash()

    spans = [(each.start, each.end, each.css) for each in spans_of(result)]

    assert spans == [
        (299, 349, "stress"),
        (302, 600, "stopped"),
        (303, 308, "halted"),
        (302, 302, "stop"),
        (303, 303, "halt"),
    ]


def test_bars_struck_one_by_one_are_windows_of_their_kind():
    result = crash()
    result.injected = tuple(Injected("nan", "BTCUSDT", bar) for bar in (9, 5, 6))

    (found,) = windows_of(result)

    assert (found.kind, found.symbol, found.bars) == ("nan", "BTCUSDT", ((5, 7), (9, 10)))


def test_symbols_struck_alike_are_told_together_and_others_apart():
    result = crash()
    alike = [Injected("crash", symbol, 5, 5) for symbol in ("A", "B")]
    apart = [Injected("spread", "A", 5, 5), Injected("spread", "B", 7, 5)]
    result.injected = (*alike, *apart)

    assert [(each.kind, each.symbol) for each in windows_of(result)] == [
        ("crash", "A, B"),
        ("spread", "A"),
        ("spread", "B"),
    ]


def test_bars_of_several_symbols_struck_one_by_one_are_one_row():
    result = crash()
    result.injected = tuple(Injected("nan", symbol, bar) for symbol, bar in (("A", 5), ("B", 9), ("A", 20)))

    assert [(each.symbol, each.bars) for each in windows_of(result)] == [
        ("A, B", ((5, 6), (9, 10), (20, 21)))
    ]


def test_stops_of_one_cause_are_one_row():
    result = crash()
    halts = ((bar, "market", "LULD", f"band {bar}", None, bar + 5) for bar in (9, 30))
    result.stops = tuple(EmergencyStop(*each) for each in halts)

    assert "market LULD bar 9: band 9; 1 more" in Tree(result_page(result)).words


def test_result_without_invariants_does_not_say_that_they_hold():
    result = crash()
    result.rules = ()

    assert "no invariant was judged" in Tree(result_page(result)).words


def test_several_symbols_start_together_at_100():
    result = crash()
    first = result.curves.prices[0][1]
    prices = (("A", first), ("B", tuple(each / 7 for each in first)))
    result.curves = replace(result.curves, prices=prices)

    words = Tree(result_page(result)).words

    assert "Prices each 100 at the start" in words
