"""The whole page: the panels in their order, in the template, with its style and its script inside."""

import base64
import hashlib
from importlib.resources import files
from string import Template

from hedgecheck.report.page import counterexamples, lifecycle, scopes, tables, verdict
from hedgecheck.report.page.markup import Html, element, escaped, joined
from hedgecheck.report.page.panel import Panel
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
    """The report as one HTML page that needs nothing beside it: no file, font, script or network.

    The page forbids itself, by its content security policy, to load anything and to run any script but its
    own.
    """
    shown = [(panel, content) for panel in PANELS if (content := panel.render(report)) is not None]
    script = _part("script.js")
    return Template(_part("template.html")).substitute(
        title=escaped(f"{report.verdict}: {report.target} - hedgecheck"),
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=_part("style.css"),
        script=script,
        target=escaped(report.target),
        seed=escaped(str(report.seed)),
        navigation=joined(
            *(element("li", element("a", panel.title, href=f"#{panel.id}")) for panel, _ in shown)
        ),
        panels=joined(*(_section(panel, content) for panel, content in shown)),
    )


def _section(panel: Panel, content: str) -> Html:
    title = f"{panel.id}-title"
    return element(
        "section",
        element("h2", panel.title, id=title),
        content,
        id=panel.id,
        class_="panel",
        aria_labelledby=title,
    )


def _part(name: str) -> str:
    return files("hedgecheck.report.page").joinpath(name).read_text(encoding="utf-8").strip()
