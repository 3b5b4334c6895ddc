"""The panel of what was found: each broken rule, step by step, with all that is needed to see it again."""

from hedgecheck.report.page.markup import Html, copyable, element, joined, plural
from hedgecheck.report.page.steps import stepper
from hedgecheck.report.page.verdict import badge
from hedgecheck.report.verdict import Counterexample, Report


def render(report: Report) -> Html:
    """Every counterexample, or that there is none."""
    if not report.counterexamples:
        return element("p", "None was found.", class_="quiet")
    names = {row["id"]: row["name"] for row in report.invariant_rows()}
    return joined(
        *(
            _article(each, names.get(each.invariant, "").replace("_", " "), f"counterexample-{index}")
            for index, each in enumerate(report.counterexamples, 1)
        )
    )


def _article(each: Counterexample, name: str, anchor: str) -> Html:
    title = f"{anchor}-title"
    return element(
        "article",
        element("h3", badge("broken"), element("span", each.invariant, class_="id"), " ", name, id=title),
        element("p", each.why, class_="why"),
        element("p", _size(each), class_="quiet"),
        stepper(each, anchor) if each.frames else None,
        _diagram(each, anchor),
        element("h4", "See it again"),
        copyable("the command that replays this case", each.replay, f"{anchor}-replay"),
        element("p", "Its token, which stands for the whole case:", class_="label"),
        copyable("the token", each.token, f"{anchor}-token"),
        _test(each, anchor),
        id=anchor,
        class_="counterexample",
        aria_labelledby=title,
    )


def _size(each: Counterexample) -> str:
    return (
        f"{plural(each.actions_shrunk, 'action')}, shrunk from {each.actions_found:,}. "
        f"{plural(each.steps, 'step')}. Found in execution {each.found_after:,}."
    )


def _diagram(each: Counterexample, anchor: str) -> Html:
    return element(
        "details",
        element("summary", "The sequence diagram as text"),
        copyable("the sequence diagram", each.diagram, f"{anchor}-diagram", kind="text"),
        open=not each.frames,
    )


def _test(each: Counterexample, anchor: str) -> Html:
    return element(
        "details",
        element("summary", "A pytest file that fails until it is mended"),
        copyable("the pytest file", each.pytest, f"{anchor}-pytest", kind="text"),
    )
