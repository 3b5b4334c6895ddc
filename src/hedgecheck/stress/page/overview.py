"""A batch at a glance: its verdict, each scenario as a small picture, and all of them in a table."""

from hedgecheck.report.page.chart import Line, drawing, pane, scale_of
from hedgecheck.report.page.markup import Html, element, joined
from hedgecheck.report.page.tables import lead_in, sorting_cells, table_box
from hedgecheck.report.page.verdict import icon
from hedgecheck.stress.batches import BatchResult
from hedgecheck.stress.models import Curves, ScenarioResult
from hedgecheck.stress.page.timeline import HEIGHT, spans_of
from hedgecheck.stress.wording import FIGURES, Verdict, shown, verdict_of

SMALL = 240  # units across a small picture


def verdict_of_batch(batch: BatchResult) -> Verdict:
    """Broken beats unknown beats holds."""
    failed = [each.name for each in batch.results if not each.success]
    if failed:
        why = f"{len(failed)} of {batch.total_scenarios} failed: {', '.join(failed)}"
        return Verdict("broken", "broken", why)
    if batch.partial:
        left = f"{len(batch.unfinished)} of {batch.total_scenarios} scenarios did not come to an end"
        return Verdict("unknown", "unknown", f"It was interrupted: {left}.")
    many = f"All {batch.total_scenarios} scenarios ran to their last bar, and no invariant was broken."
    return Verdict("holds", "holds", many if batch.results else "Nothing was asked for.")


def totals(batch: BatchResult) -> tuple[tuple[str, str], ...]:
    """The totals of a batch in words."""
    return (
        ("scenarios", f"{batch.total_scenarios:,}"),
        ("successful", f"{batch.successful:,}"),
        ("average win rate", f"{batch.avg_winrate:.1f} %"),
        ("worst drawdown", f"{batch.worst_drawdown:.2f} %"),
    )


def unfinished(batch: BatchResult) -> Html | None:
    """What was interrupted."""
    if not batch.unfinished:
        return None
    rows = (element("li", element("b", f"{name}:"), " no result") for name in batch.unfinished)
    return element("ul", *rows, class_="gaps")


def cards(batch: BatchResult) -> Html:
    """Every scenario small: price and equity above each other, what was stressed and stopped shaded."""
    return joined(
        lead_in(
            "Price above, equity below, each on a scale of its own. Shaded: stress, and trading stopped."
        ),
        element("div", *map(_card, batch.results), class_="cards chart"),
    )


def _card(result: ScenarioResult) -> Html:
    verdict = verdict_of(result)
    cells = (
        element("div", element("dt", name), element("dd", shown(result.metrics.get(metric), unit)))
        for name, metric, unit in FIGURES
    )
    told = element("p", verdict.why, class_="why") if not result.success else None
    return element(
        "article",
        element("h3", result.name),
        _said(verdict),
        told,
        *(_pictures(result, result.curves) if result.curves is not None and result.bars else ()),
        element("dl", *cells),
        class_="card",
    )


def _said(verdict: Verdict) -> Html:
    """A verdict in a row, in its own word."""
    return element("span", icon(verdict.kind), verdict.word, class_=f"badge {verdict.kind}")


def _pictures(result: ScenarioResult, curves: Curves) -> tuple[Html, ...]:
    symbol, prices = curves.prices[0] if curves.prices else ("", ())
    rows = ((f"price {symbol}", prices, "s1"), ("equity", curves.equity, "equity"))
    return tuple(_small(name, Line(values, css), result) for name, values, css in rows if values)


def _small(name: str, line: Line, result: ScenarioResult) -> Html:
    scale, _ = scale_of((line,), HEIGHT, 2, zero=False)
    label = f"{name} of {result.name}"
    plot = drawing((line,), scale, (), spans_of(result), len(line.values), label, SMALL)
    return pane("", name, plot, scale, ())


def table(batch: BatchResult) -> Html:
    """A row for each scenario; the headers sort them."""
    body = []
    for each in batch.results:
        cells = (
            element("td", shown(value, unit), class_="number", data_value="" if value is None else str(value))
            for value, unit in ((each.metrics.get(metric), unit) for _, metric, unit in FIGURES)
        )
        verdict = verdict_of(each)
        row = (element("th", each.name, scope="row"), element("td", _said(verdict)), *cells)
        body.append(element("tr", *row, class_=None if each.success else "broken"))
    heads = sorting_cells("scenario", "verdict", *(f">{name}" for name, _, _ in FIGURES))
    return table_box("Scenarios", heads, body, kind="sortable")
