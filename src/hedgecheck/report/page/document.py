"""The whole page: the panels in their order, in the template, with its style and its script inside."""

import base64
import hashlib
from collections.abc import Iterable
from importlib.resources import files
from string import Template

from hedgecheck.report.page import counterexamples, lifecycle, scopes, tables, verdict
from hedgecheck.report.page.markup import Html, element, escaped, joined
from hedgecheck.report.page.panel import Panel, Section
from hedgecheck.report.verdict import Report

PANELS: tuple[Panel, ...] = (
    Panel("verdict", "Verdict", verdict.render),
    Panel("counterexamples", "Counterexamples", counterexamples.render),
    Panel("rules", "Rules", tables.rules),
    Panel("explorers", "Explorers", tables.explorers),
    Panel("scopes", "Scopes", scopes.render),
    Panel("faults", "Faults", tables.faults),
    Panel("goals", "Goals", tables.goals),
    Panel("calls", "Actions", tables.calls),
    Panel("lifecycle", "Life of a trade", lifecycle.render),
)


def to_html(report: Report) -> str:
    """The report as one HTML page that needs nothing beside it: no file, font, script or network."""
    shown = [
        Section(panel.id, panel.title, content)
        for panel in PANELS
        if (content := panel.render(report)) is not None
    ]
    return page_of(report.verdict, report.target, joined("seed ", element("b", str(report.seed))), shown)


def page_of(verdict: str, subject: str, aside: str, sections: Iterable[Section], *styles: str) -> str:
    """A page of sections, the first of which is the verdict. ``aside``: beside the ``subject``; ``styles``:
    more of the package's style sheets.

    The page forbids itself, by its content security policy, to load anything and to run any script but its
    own.
    """
    shown = list(sections)
    script = _part("script.js")
    return Template(_part("template.html")).substitute(
        title=escaped(f"{verdict}: {subject} - hedgecheck"),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style="\n".join(map(_part, ("style.css", *styles))),
        script=script,
        target=escaped(subject),
        aside=escaped(aside),
        navigation=joined(*(element("li", element("a", each.title, href=f"#{each.id}")) for each in shown)),
        panels=joined(*map(_section, shown)),
    )


def _section(shown: Section) -> Html:
    title = f"{shown.id}-title"
    return element(
        "section",
        element("h2", shown.title, id=title),
        shown.content,
        id=shown.id,
        class_="panel",
        aria_labelledby=title,
    )


def _part(name: str) -> str:
    return files("hedgecheck.report.page").joinpath(name).read_text(encoding="utf-8").strip()
