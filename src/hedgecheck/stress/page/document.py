"""The pages: one of a result, one of a batch."""

from collections.abc import Iterable

from hedgecheck.report.page import Section, page_of
from hedgecheck.report.page.markup import Html, element, joined
from hedgecheck.report.page.verdict import icon
from hedgecheck.stress.batches import BatchResult
from hedgecheck.stress.comparing import MetricRow
from hedgecheck.stress.models import ScenarioResult
from hedgecheck.stress.page import overview, tables
from hedgecheck.stress.page.timeline import period_of, timeline
from hedgecheck.stress.wording import FIGURES, Verdict, shown, verdict_of, words

STYLE = "chart.css"


def result_page(result: ScenarioResult, metrics: Iterable[MetricRow] = ()) -> str:
    """A result as one HTML page that needs nothing beside it. ``metrics``: the registry, for their units."""
    parts = (
        ("timeline", "Timeline", timeline(result)),
        ("stops", "Stops", tables.stops(result)),
        ("invariants", "Invariants", tables.rules(result)),
        ("metrics", "Metrics", tables.metrics(result, metrics)),
        ("trades", "Trades", tables.trades(result)),
        ("failures", "Failures and data issues", tables.troubles(result)),
    )
    verdict = verdict_of(result)
    said = joined(_hero(verdict), _about(result), _figures(_of_result(result)), _notes(result))
    first = Section("verdict", "Verdict", said)
    sections = [Section(*part[:2], part[2]) for part in parts if part[2] is not None]
    aside = joined("seed ", element("b", str(result.seed)))
    return page_of(verdict.word, result.name, aside, [first, *sections], STYLE)


def batch_page(batch: BatchResult) -> str:
    """A batch as one HTML page: the totals, every scenario small, and a table of all."""
    verdict = overview.verdict_of_batch(batch)
    figures = _figures(overview.totals(batch))
    sections = [
        Section("verdict", "Verdict", joined(_hero(verdict), figures, overview.unfinished(batch))),
        Section("scenarios", "Scenarios", overview.cards(batch)),
        Section("table", "All in a table", overview.table(batch)),
    ]
    aside = joined(element("b", str(batch.total_scenarios)), " scenarios")
    return page_of(verdict.word, "stress tests", aside, sections, STYLE)


def _hero(verdict: Verdict) -> Html:
    return element(
        "div",
        icon(verdict.kind),
        element(
            "div",
            element("p", verdict.word, class_="word"),
            element("p", verdict.why[:1].upper() + verdict.why[1:]),
        ),
        class_=f"hero {verdict.kind}",
    )


def _about(result: ScenarioResult) -> Html:
    scenario = result.scenario
    told = f"{scenario.description} " if scenario.description else ""
    period = "" if result.curves is None or not result.curves.time_ns else f", {period_of(result.curves)}"
    source = result.source or "unknown"
    bars = f"{result.bars:,} bars of {', '.join(scenario.symbols)}"
    told += f"({words(scenario.type)} on {source} data: {bars}{period})"
    return element("p", told, class_="label")


def _of_result(result: ScenarioResult) -> list[tuple[str, str]]:
    return [(name, shown(result.metrics.get(metric), unit)) for name, metric, unit in FIGURES]


def _figures(rows: Iterable[tuple[str, str]]) -> Html:
    cells = (element("div", element("dt", name), element("dd", value)) for name, value in rows)
    return element("dl", *cells, class_="figures")


def _notes(result: ScenarioResult) -> Html | None:
    if not result.notes:
        return None
    return element("ul", *(element("li", note) for note in result.notes), class_="gaps")
