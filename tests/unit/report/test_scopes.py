"""What the page says of scopes that were searched in full."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from hedgecheck.report import ExplorerResult, Looked, Report, show
from hedgecheck.report.page import to_html
from hedgecheck.report.verdict import Witness
from tests.unit.report import build
from tests.unit.report.test_page import Tree

SMALL = Looked("--trades 1", "exhausted", 6, 9, 2, 0.5, 60, layers=(1, 3, 2))
LARGE = Looked("--trades 2", "exhausted", 106, 300, 3, 2.5, 61, detail="in 4 classes", layers=(1, 5, 80, 20))


def exploring(*searches: Looked, **changes: object) -> Report:
    campaign = build.campaign(1)
    result = ExplorerResult("exhaustive", campaign, 3.0, "2 scopes", searches)
    return replace(build.good_report(), explorers=(result,), exhausts=True, **changes)


def drawn(page: str) -> list[list[float]]:
    """The heights of the bars of each drawing by depth."""
    drawings = re.findall(r'<svg[^>]*class="by-depth".*?</svg>', page)
    return [[float(each) for each in re.findall(r'<rect[^>]*\bheight="([\d.]+)"', one)] for one in drawings]


def test_every_scope_has_a_row_and_the_largest_is_drawn_large():
    page = to_html(exploring(SMALL, LARGE))
    tree = Tree(page)

    assert tree.row("--trades 1")[1:5] == ["all of it", "6", "9", "2"]
    assert tree.row("--trades 2in 4 classes")[1:5] == ["all of it", "106", "300", "3"]
    assert [len(each) for each in drawn(page)] == [4, 3, 4]
    assert (
        "--trades 2: states by their distance from the start, 0 to 3 steps. Most are 2 steps away: 80."
        in page
    )


def test_bars_are_as_tall_as_there_are_states():
    (large, *_) = drawn(to_html(exploring(LARGE)))

    assert large[2] == max(large)
    assert large[3] == pytest.approx(large[2] / 4)


def test_a_search_that_a_bound_ended_says_so():
    words = Tree(
        to_html(exploring(replace(LARGE, verdict="truncated", why="9 states, the bound is 9")))
    ).words

    assert "truncated: 9 states, the bound is 9" in words


def test_what_was_seen_in_full_is_said_to_be_so_and_counted_in_states():
    words = Tree(to_html(exploring(SMALL, LARGE))).words

    assert "Every execution of these scopes was seen" in words
    assert "112 states" in words or "states 112" in words
    assert "That is not a proof" not in words


def test_nothing_is_drawn_where_nothing_was_searched():
    assert 'by-depth"' not in to_html(build.empty_report())


def test_terminal_draws_a_few_searches_by_depth_and_no_more():
    def shown(*searches: Looked) -> str:
        console = Console(file=io.StringIO(), width=110)
        show(exploring(*searches), console)
        return console.file.getvalue()

    assert "states by depth  0 ▁▃█▅ 3  80 states at most, 2 steps from the start" in shown(
        replace(LARGE, layers=(1, 24, 80, 48))
    )
    assert "states by depth" not in shown(*[SMALL] * 4)


def test_a_deep_search_is_drawn_as_wide_as_any():
    console = Console(file=io.StringIO(), width=110)
    show(exploring(replace(LARGE, layers=(*range(1, 200),))), console)

    (line,) = [each for each in console.file.getvalue().splitlines() if "states by depth" in each]
    assert len(line.split()[4]) <= 60
    assert line.split()[4][-1] == "█"


def test_goals_of_a_search_come_with_the_shortest_way_there():
    long, short = Witness("G01", 9, "hc1-long"), Witness("G01", 7, "hc1-short")
    report = exploring(
        replace(SMALL, reached=(long,)), replace(LARGE, reached=(short, Witness("G02", 3, "hc1-x"))), goals=()
    )
    rows = {row["id"]: row for row in report.sometimes_rows()}
    row = Tree(to_html(report)).row("both legs traded")
    console = Console(file=io.StringIO(), width=110)
    show(report, console)

    assert rows["G01"] == {"id": "G01", "reached": 2, "steps": 7, "witness": "hc1-short"}
    assert rows["G03"] == {"id": "G03", "reached": 0}
    assert row[1:] == ["2", "in 7 steps: hc1-short"]
    assert "hc1-short" in console.file.getvalue()
    assert "hc1-long" not in console.file.getvalue()


def test_goals_that_were_not_looked_for_are_named_and_not_counted():
    one, other = replace(SMALL, reached=(), unsought=("G20", "G22")), replace(LARGE, reached=())

    def shown(report: Report) -> str:
        console = Console(file=io.StringIO(), width=110)
        show(report, console)
        return console.file.getvalue()

    alone, both = exploring(one, goals=()), exploring(one, replace(other, unsought=("G20",)), goals=())
    name, second = "signal refused for its key", "two trades under way at once"

    assert {"G20", "G22"}.isdisjoint(each["id"] for each in alone.sometimes_rows())
    assert f"not looked for: {name}, {second}\n" in shown(alone)
    assert f"Not looked for: {name}, {second}." in Tree(to_html(alone)).words
    assert {"id": "G22", "reached": 0} in both.sometimes_rows()
    assert f"not looked for: {name}\n" in shown(both)
    for complete in (exploring(one, other, goals=()), exploring(one), exploring(LARGE, goals=())):
        assert "not looked for" not in shown(complete)
        assert "Not looked for" not in to_html(complete)


def test_terminal_says_which_scope_was_the_largest_that_fitted():
    report = exploring(LARGE)
    console = Console(file=io.StringIO(), width=110)
    show(replace(report, exhausts=False), console)

    assert "2 scopes" in console.file.getvalue().splitlines()


def test_page_says_where_trades_that_are_alike_are_not_told_apart():
    alike = "Trades that are alike are not told apart here."

    assert alike in to_html(exploring(replace(LARGE, states=200)))
    assert alike not in to_html(exploring(LARGE))


def test_explorer_of_scopes_leads_to_them():
    assert '<a href="#scopes">2 scopes</a>' in to_html(exploring(SMALL, LARGE))
