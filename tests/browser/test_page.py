"""The page in a real browser, opened from disk."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hedgecheck.report.page import to_html
from tests.unit.report import build

CURE = (
    "run `pip install playwright` and `apt-get install chromium` or `python -m playwright install chromium`"
)


@dataclass
class Opened:
    """A page, what it asked for, and what it complained of."""

    page: Any
    requests: list[str]
    complaints: list[str]


def missing(what: str) -> Any:
    """Skips, or fails where everything is to be there."""
    reason = f"{what} is not installed: {CURE}"
    if os.environ.get("HEDGECHECK_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    return pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 (an optional package)
    except ImportError:
        missing("playwright")
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = shutil.which("chromium") or (own if Path(own).exists() else missing("chromium"))
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """The page of a broken run; parameters go to the browser's context."""
    path = tmp_path / "report.html"
    path.write_text(to_html(build.report()), encoding="utf-8")
    context = browser.new_context(
        **{"viewport": {"width": 1200, "height": 800}, **getattr(request, "param", {})}
    )
    page = context.new_page()
    found = Opened(page, [], [])
    page.on("request", lambda each: found.requests.append(each.url))
    page.on("console", lambda each: found.complaints.append(each.text))
    page.on("pageerror", lambda each: found.complaints.append(str(each)))
    page.goto(path.as_uri())
    yield found
    context.close()


def test_page_opens_from_disk_without_complaint_or_request(opened: Opened):
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("file://")] == []
    assert len(opened.requests) == 1


def test_verdict_is_seen_without_scrolling(opened: Opened):
    hero = opened.page.locator(".hero")

    assert hero.is_visible()
    assert hero.locator(".word").inner_text() == "broken"
    assert hero.bounding_box()["y"] < 300


def test_last_step_is_shown_first_and_arrow_keys_on_the_slider_go_back(opened: Opened):
    page = opened.page
    assert page.locator("output").inner_text() == "Step 8 of 8, t = 0.200 s"
    assert page.locator('[data-step="8"] .said').is_visible()

    page.locator("input[type=range]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")

    assert page.locator("output").inner_text() == "Step 6 of 8, t = 0.150 s"
    assert page.locator('li[data-step="6"] .said').is_visible()
    assert not page.locator('li[data-step="7"] .said').is_visible()
    assert page.locator("li[aria-current=step]").get_attribute("data-step") == "6"


def test_facts_are_those_after_the_chosen_step(opened: Opened):
    page = opened.page
    page.locator("input[type=range]").focus()

    page.keyboard.press("Home")

    shown = page.locator(".after:visible")
    assert shown.count() == 1
    assert shown.get_attribute("data-step") == "1"


def test_buttons_step_and_arrow_keys_work_on_them(opened: Opened):
    page = opened.page

    page.get_by_role("button", name="Previous step").click()
    assert page.locator("output").inner_text().startswith("Step 7 of 8")

    page.keyboard.press("ArrowLeft")
    assert page.locator("output").inner_text().startswith("Step 6 of 8")

    page.get_by_role("button", name="Next step").click()
    assert page.locator("output").inner_text().startswith("Step 7 of 8")


def test_clicking_a_step_goes_to_it(opened: Opened):
    opened.page.get_by_role("button", name="Go to step 3").click()

    assert opened.page.locator("output").inner_text().startswith("Step 3 of 8")


def test_headers_sort_the_actions_numbers_by_size(opened: Opened):
    page = opened.page
    actions = page.locator("#calls tbody th")
    assert actions.all_inner_texts()[0] == "Deliver"

    page.locator("#calls").get_by_role("button", name="tried").click()
    most_first = actions.all_inner_texts()
    page.locator("#calls").get_by_role("button", name="tried").press("Enter")

    assert most_first == ["Deliver", "Receive", "Signal", "Fire", "LoseReply", "Misanswer"]
    assert actions.all_inner_texts() == most_first[::-1]
    assert page.locator("#calls th[aria-sort=ascending]").inner_text().startswith("tried")


def test_a_command_is_copied(opened: Opened):
    page = opened.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.get_by_role("button", name="Copy the command that does this run again")

    button.click()

    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == build.report().replay


@pytest.mark.parametrize("opened", [{"color_scheme": "dark"}], indirect=True)
def test_dark_mode_is_dark_and_readable(opened: Opened):
    page = opened.page

    def brightness(selector: str, what: str) -> float:
        script = f"getComputedStyle(document.querySelector({selector!r})).{what}"
        colour = page.evaluate(script)
        return sum(int(part) for part in colour[4:-1].split(",")[:3]) / 3

    assert brightness("body", "backgroundColor") < 40
    assert brightness(".panel", "backgroundColor") < 50
    assert brightness("body", "color") > 200
    assert brightness(".hero .word", "color") - brightness(".hero", "backgroundColor") > 90


@pytest.mark.parametrize("opened", [{"viewport": {"width": 390, "height": 800}}], indirect=True)
def test_a_phone_scrolls_the_page_down_only(opened: Opened):
    widths = opened.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")

    assert widths == [390, 390]


@pytest.mark.parametrize("opened", [{"viewport": {"width": 390, "height": 800}}], indirect=True)
def test_the_chosen_step_is_scrolled_into_its_box(opened: Opened):
    page = opened.page
    box, row = page.locator(".timeline"), page.locator("li.step.current")

    last, around = row.bounding_box(), box.bounding_box()
    page.locator("input[type=range]").press("Home")
    first, around_first = row.bounding_box(), box.bounding_box()

    assert last["y"] + last["height"] <= around["y"] + around["height"] + 1
    assert first["y"] >= around_first["y"] - 1


@pytest.mark.parametrize("opened", [{"java_script_enabled": False}], indirect=True)
def test_everything_is_there_without_script(opened: Opened):
    page = opened.page

    assert all(step.is_visible() for step in page.locator("li.step .said").all())
    assert not page.locator("input[type=range]").is_visible()
