"""The pages of stress tests in a real browser, opened from disk."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hedgecheck.stress.batches import BatchResult
from hedgecheck.stress.page import batch_page, result_page
from tests.browser.test_page import browser  # noqa: F401 (a fixture)
from tests.unit.stress.fakes import crash, scenario

PAGES = {
    "result": lambda: result_page(crash()),
    "batch": lambda: batch_page(BatchResult(tuple(crash(scenario(f"Crash {at}")) for at in range(4)))),
}


def opened(browser: Any, tmp_path: Path, kind: str, **context: Any) -> tuple[Any, list[str]]:  # noqa: F811
    """The page, and what it asked for or complained of."""
    path = tmp_path / "page.html"
    path.write_text(PAGES[kind](), encoding="utf-8")
    page, seen = browser.new_context(**context).new_page(), []
    page.on("request", lambda each: seen.append(each.url))
    page.on("console", lambda each: seen.append(each.text))
    page.on("pageerror", lambda each: seen.append(str(each)))
    page.goto(path.as_uri())
    assert seen.pop(0) == path.as_uri()
    return page, seen


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("width", [360, 1600])
def test_page_asks_for_nothing_and_scrolls_down_only(browser, tmp_path, kind: str, width: int):  # noqa: F811
    page, seen = opened(browser, tmp_path, kind, viewport={"width": width, "height": 800})

    assert seen == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [360, 1600])
def test_words_of_the_time_axis_lie_apart_and_panes_are_wide(browser, tmp_path, width: int):  # noqa: F811
    page, _ = opened(browser, tmp_path, "result", viewport={"width": width, "height": 800})

    boxes = [each.bounding_box() for each in page.locator(".axis-body span:visible").all()]
    plots = [each.bounding_box() for each in page.locator("#timeline .plot").all()]

    assert len(boxes) >= 3
    assert all(left["x"] + left["width"] < right["x"] for left, right in pairwise(boxes))
    assert len({(each["x"], each["width"]) for each in plots}) == 1
    assert plots[0]["width"] > 0.6 * min(width, 1152)


def test_lines_are_as_thick_in_a_wide_drawing_as_in_a_narrow_one(browser, tmp_path):  # noqa: F811
    page, _ = opened(browser, tmp_path, "result", color_scheme="dark")

    styles = page.evaluate(
        "Array.from(document.querySelectorAll('.curve'), each => getComputedStyle(each).vectorEffect)"
    )

    assert set(styles) == {"non-scaling-stroke"}
