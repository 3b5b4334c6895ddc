"""The panels that are tables: rules by explorer, explorers, faults, goals, actions."""

from collections.abc import Iterable

from hedgecheck.report.page.markup import Child, Html, element, joined, plural
from hedgecheck.report.page.verdict import badge
from hedgecheck.report.verdict import ExplorerResult, Goal, Report


def rules(report: Report) -> Html:
    """Rules by explorers: how often each gave a rule something to check, and the verdict of all."""
    names = [explorer.name for explorer in report.explorers]
    body = []
    for row in report.invariant_rows():
        counts = [explorer.campaign.tally.nonvacuous.get(row["id"], 0) for explorer in report.explorers]
        body.append(
            element(
                "tr",
                element("th", element("span", row["id"], class_="id"), " ", _words(row["name"]), scope="row"),
                element("td", badge(row["verdict"]), title=row["why"] or None),
                *(_number(count) for count in counts),
                _number(row["nonvacuous_checks"]) if len(names) > 1 else None,
                class_=row["verdict"] if row["verdict"] in ("broken", "unknown") else None,
            )
        )
    together = ("together",) if len(names) > 1 else ()
    return joined(
        lead_in(
            "How often each rule had something it could have caught. "
            "A rule that never had anything to check is unknown, whatever else was tried."
        ),
        table_box(
            "Rules by explorer",
            head_cells("rule", "verdict", *(f">{name}" for name in (*names, *together))),
            body,
        ),
    )


def explorers(report: Report) -> Html:
    """One row per way of looking."""
    if not report.explorers:
        return _empty("Nothing looked at the engine.")
    heads = head_cells(
        "explorer",
        "verdict",
        ">executions",
        ">steps",
        ">states",
        ">edges",
        ">depth",
        ">seconds",
        "seen",
        "scope",
    )
    body = []
    for explorer, row in zip(report.explorers, report.to_json()["explorers"], strict=True):
        body.append(
            element(
                "tr",
                element("th", explorer.name, scope="row"),
                element("td", badge(judged(explorer, row["verdict"]))),
                _number(explorer.campaign.executions or None),
                _number(explorer.campaign.steps),
                *(_number(count) for count in (explorer.states, explorer.edges, explorer.depth)),
                element("td", f"{explorer.seconds:,.1f}", class_="number"),
                element("td", _seen(explorer)),
                element("td", _scope(explorer), class_="scope"),
            )
        )
    return joined(lead_in("A dash: it does not count that."), table_box("Explorers", heads, body))


def _scope(explorer: ExplorerResult) -> Child:
    """What it looked at; scopes have a panel of their own."""
    if not explorer.searches:
        return explorer.scope
    return element("a", plural(len(explorer.searches), "scope"), href="#scopes")


def judged(explorer: ExplorerResult, verdict: str) -> str:
    """An explorer's verdict; one that was ended before it had seen all of its scope does not hold."""
    return "unknown" if explorer.truncated and verdict == "holds" else verdict


def _seen(explorer: ExplorerResult) -> Html:
    """How much of its scope an explorer saw: truncated is never told as a proof."""
    if explorer.truncated:
        return element("span", "truncated: a bound ended it", class_="warn")
    if explorer.states is None:
        return element("span", "a sample", class_="quiet")
    reduced = f", reduced by {explorer.reduction}" if explorer.reduction else ""
    return element("span", f"all of its scope{reduced}", class_="quiet")


def faults(report: Report) -> Html:
    """How often each kind of fault struck."""
    rows = report.fault_rows()
    most = max((row["spent"] for row in rows), default=0)
    body = [
        element(
            "tr",
            element("th", element("span", row["id"], class_="id"), " ", _words(row["name"]), scope="row"),
            _number(row["spent"]),
            element("td", _bar(row["spent"], most) if row["spent"] else _warning("never struck")),
            class_=None if row["spent"] else "zero",
        )
        for row in rows
    ]
    return joined(
        lead_in("How often each kind of trouble struck: lost replies, late fills, and the like."),
        table_box("Faults", head_cells("fault", ">times", "share"), body),
    )


def _bar(count: int, most: int) -> Html:
    """A bar as long as the count's share of the most; no shorter than can be seen."""
    return element(
        "svg",
        element("rect", width=f"{max(1.0, 100 * count / most):.1f}", height=8, rx=2),
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        class_="bar",
        aria_hidden="true",
    )


def goals(report: Report) -> Html | None:
    """What a good run gets to see; what it did not comes first."""
    if not report.sometimes:
        return None
    body = [
        element(
            "tr",
            element("th", _words(each.name), scope="row"),
            _number(each.reached),
            element("td", _way(each)),
            class_=None if each.reached else "zero",
        )
        for each in sorted(report.sometimes, key=lambda goal: goal.reached > 0)
    ]
    lead = "Situations that a thorough run gets into. In one that was never reached, nothing was checked."
    if report.exhausts:
        lead = (
            "Situations that were reached in these scopes, each with the shortest way there that the search "
            "went: a token for hedgecheck replay."
        )
    if report.unsought:
        lead += (
            " By tables it goes ways of one trade, those with the fewest faults first. "
            f"Not looked for: {', '.join(report.unsought)}."
        )
    counted = ">scopes" if report.exhausts else ">times"
    return joined(lead_in(lead), table_box("Goals", head_cells("situation", counted, ""), body))


def _way(goal: Goal) -> Html:
    if goal.witness:
        return joined(f"in {plural(goal.steps or 0, 'step')}: ", element("code", goal.witness))
    return element("span", "reached", class_="quiet") if goal.reached else _warning("never reached")


def calls(report: Report) -> Html:
    """How each action fared; its headers sort it."""
    rows = report.call_rows()
    if not rows:
        return _empty("No action was counted.")
    body = []
    for row in rows:
        remark = _remark(row)
        body.append(
            element(
                "tr",
                element("th", row["action"], scope="row", data_value=row["action"]),
                *(_number(row[key]) for key in ("tried", "enabled", "accepted")),
                element("td", row["rejected"], class_="number", data_value=row["rejected"]),
                element("td", _warning(remark) if remark else None, data_value=remark),
                class_="zero" if remark else None,
            )
        )
    heads = sorting_cells("action", ">tried", ">possible", ">accepted", ">refused", "remark")
    return joined(
        lead_in(
            "Tried by an explorer, possible at that moment, and taken or refused by the engine. "
            "Click a header to sort."
        ),
        table_box("Actions", heads, body, kind="sortable"),
    )


def _remark(row: dict[str, int]) -> str:
    """What is odd about an action: it never got anywhere."""
    if not row["tried"]:
        return "never tried"
    if not row["enabled"]:
        return "never possible"
    return "" if row["accepted"] else "never accepted"


# ---- the parts of a table --------------------------------------------------------------------------


def table_box(label: str, heads: Iterable[Html], body: Iterable[Html], *, kind: str = "") -> Html:
    """A table that scrolls sideways where it is too wide. ``kind``: ``sortable`` with ``sorting_cells``."""
    table = element(
        "table", element("thead", element("tr", *heads)), element("tbody", *body), class_=kind or None
    )
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=label)


def head_cells(*names: str) -> list[Html]:
    """Headers; one whose name begins with ``>`` is of numbers."""
    return [element("th", name.lstrip(">"), scope="col", class_=_kind(name)) for name in names]


def sorting_cells(*names: str) -> list[Html]:
    """Headers that sort their column."""
    return [
        element(
            "th",
            element("button", name.lstrip(">"), type="button"),
            scope="col",
            class_=_kind(name),
            aria_sort="none",
        )
        for name in names
    ]


def _kind(name: str) -> str | None:
    return "number" if name.startswith(">") else None


def _number(count: int | None) -> Html:
    """A cell: the number, a zero that is seen, a dash for what was not counted."""
    if count is None:
        return element("td", element("span", "–", class_="quiet", title="not counted"), class_="number")
    return element("td", count, class_="number" if count else "number none", data_value=count)


def _warning(text: Child) -> Html:
    return element("span", text, class_="warn")


def _words(name: str) -> str:
    return name.replace("_", " ")


def lead_in(text: str) -> Html:
    """What a panel begins with."""
    return element("p", text, class_="lead")


def _empty(text: str) -> Html:
    return element("p", text, class_="quiet")
