"""The first panel: the verdict, what it means, what was not shown, and how to run it again."""

from hedgecheck.report.page.markup import Html, copyable, element, joined, plural
from hedgecheck.report.verdict import Report

MEANING = {
    "holds": (
        "No rule was broken in anything that was tried. "
        "That is not a proof: something that was not tried may still break one."
    ),
    "broken": "Your engine broke a rule. The smallest case that was found is below, step by step.",
    "unknown": (
        "No rule was broken, but too little was tried to say that they hold: "
        "some rule never had anything to check."
    ),
}
EXHAUSTED = (
    "Every execution of these scopes was seen, and no rule was broken in any of them. "
    "A larger scope may still break one."
)
SHAPES = {  # of a box of 24 by 24: a disc with a tick, an octagon with a cross, a diamond with a question
    "holds": ("M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22z", "M6.8 12.4l3.5 3.5 6.9-7.4"),
    "broken": ("M7.6 1h8.8L23 7.6v8.8L16.4 23H7.6L1 16.4V7.6z", "M8 8l8 8M16 8l-8 8"),
    "unknown": ("M12 .6L23.4 12 12 23.4.6 12z", "M9.4 9.6c0-3.5 5.2-3.4 5.2-.2 0 2-2.6 2.2-2.6 4.3M12 17v.2"),
    "n/a": ("M3 3h18v18H3z", "M8 12h8"),
}


def render(report: Report) -> Html:
    """The verdict first, in a word, a shape and a colour."""
    verdict = report.verdict
    meaning = EXHAUSTED if report.exhausts and verdict == "holds" else MEANING[verdict]
    return joined(
        element(
            "div",
            icon(verdict),
            element("div", element("p", verdict, class_="word"), element("p", meaning)),
            class_=f"hero {verdict}",
        ),
        _broken(report),
        _figures(report),
        element("h3", "Run it again"),
        copyable("the command that does this run again", report.replay, "replay-command"),
        element("h3", "What this run did not show"),
        _not_shown(report),
    )


def icon(verdict: str) -> Html:
    """The shape of a verdict, for those who do not see its colour."""
    outline, sign = SHAPES[verdict]
    return element(
        "svg",
        element("path", d=outline, class_="outline"),
        element("path", d=sign, class_="sign"),
        viewBox="0 0 24 24",
        class_=f"icon {verdict.replace('/', '')}",
        aria_hidden="true",
    )


def badge(verdict: str) -> Html:
    """A verdict in a row: shape, word and colour."""
    return element("span", icon(verdict), verdict, class_=f"badge {verdict.replace('/', '')}")


def _broken(report: Report) -> Html | None:
    if not report.counterexamples:
        return None
    names = {row["id"]: row["name"].replace("_", " ") for row in report.invariant_rows()}
    rows = (
        element(
            "li",
            element(
                "a", f"{each.invariant} {names.get(each.invariant, '')}", href=f"#counterexample-{index}"
            ),
            ": ",
            each.why,
        )
        for index, each in enumerate(report.counterexamples, 1)
    )
    return element("ul", *rows, class_="broken-rules")


def _figures(report: Report) -> Html:
    """What was tried, in four numbers."""
    total, rows = report.total, report.invariant_rows()
    checked = sum(1 for row in rows if row["nonvacuous_checks"])
    tried = ((f"{total.executions:,}", "executions"), (f"{total.steps:,}", "steps"))
    if report.exhausts:
        searches = [each for explorer in report.explorers for each in explorer.searches]
        tried = (
            (f"{sum(each.states for each in searches):,}", "states"),
            (f"{sum(each.edges for each in searches):,}", "edges"),
        )
    figures = (
        *tried,
        (f"{sum(total.spent.values()):,}", "faults that struck"),
        (f"{checked} of {len(rows)}", "rules that had something to check"),
    )
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for value, name in figures),
        class_="figures",
    )


def _not_shown(report: Report) -> Html:
    gaps = _gaps(report)
    if not gaps:
        if report.exhausts:
            return element("p", "Nothing that these scopes have room for.", class_="quiet")
        tried = plural(report.total.executions, "execution")
        return element(
            "p",
            f"Nothing that it set out to show. It still tried only {tried}: "
            "another seed or a longer run may find more.",
            class_="quiet",
        )
    rows = (element("li", element("b", f"{subject}:"), " ", text) for subject, text in gaps)
    return element("ul", *rows, class_="gaps")


def _gaps(report: Report) -> list[tuple[str, str]]:
    """What keeps this run from showing more: what it is about, and what is missing."""
    gaps = [
        (f"{row['id']} {row['name'].replace('_', ' ')}", row["why"] or "nothing was there to check")
        for row in report.invariant_rows()
        if row["verdict"] == "unknown"
    ]
    for explorer in report.explorers:
        if explorer.truncated:
            gaps.append((explorer.name, "a bound ended it before it had seen all of its scope"))
        elif not explorer.campaign.steps:
            gaps.append((explorer.name, "did not take a single step"))
    gaps += [(each.name.replace("_", " "), "never reached") for each in report.goals if not each.reached]
    idle = [row["name"].replace("_", " ") for row in report.fault_rows() if not row["spent"]]
    if idle:
        gaps.append(("faults that never struck", ", ".join(idle)))
    return gaps + [("note", note) for note in report.notes]
