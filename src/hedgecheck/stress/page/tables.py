"""The panels of a result that are tables: metrics, trades, stops, invariants, issues."""

from collections.abc import Iterable

from hedgecheck.report.page.markup import Html, element, joined, plural
from hedgecheck.report.page.tables import head_cells, lead_in, sorting_cells, table_box
from hedgecheck.report.page.verdict import badge
from hedgecheck.stress.comparing import MetricRow
from hedgecheck.stress.models import ScenarioResult, TradeRecord
from hedgecheck.stress.wording import (
    delay_of,
    failures_by_reason,
    issues_by_kind,
    shown,
    time_of,
    words,
)

TRADES_MAX = 200


def metrics(result: ScenarioResult, rows: Iterable[MetricRow]) -> Html | None:
    """Every metric in its unit, in columns; those the registry does not have come last."""
    units = {each.name: each.unit for each in rows}
    names = [*(name for name in units if name in result.metrics), *(set_aside(result, units))]
    if not names:
        return None
    told = ((words(name), shown(result.metrics[name], units.get(name, "ratio"))) for name in names)
    cells = (element("div", element("dt", name), element("dd", value)) for name, value in told)
    return joined(
        lead_in("A dash: undefined for this run, as a win rate without a trade."),
        element("dl", *cells, class_="metric-columns"),
    )


def set_aside(result: ScenarioResult, units: dict[str, str]) -> list[str]:
    """Metrics that the registry does not have."""
    return sorted(name for name in result.metrics if name not in units)


def trades(result: ScenarioResult) -> Html | None:
    """Round trips; the headers sort them."""
    if not result.trades:
        return None
    kept = result.trades[:TRADES_MAX]
    more = "" if len(kept) == len(result.trades) else f" The first {TRADES_MAX}; all are in the JSON."
    amounts = (">quantity", ">from bar", ">to bar", ">entry", ">exit", ">P&L", ">worst", ">best")
    heads = sorting_cells("trade", "side", *amounts, "left for")
    return joined(
        lead_in(f"{plural(len(result.trades), 'round trip')}, P&L after fees. Click a header to sort.{more}"),
        table_box("Trades", heads, map(_trade, kept), kind="sortable"),
    )


def _trade(trade: TradeRecord) -> Html:
    pair = f"{trade.symbol} / {trade.hedge}" if trade.hedge else trade.symbol
    named = f"{trade.strategy}, {trade.intent}"
    return element(
        "tr",
        element("th", pair, " ", element("span", named, class_="quiet"), scope="row", data_value=pair),
        element("td", trade.side),
        _cell(trade.quantity, f"{trade.quantity:,.6g}"),
        _cell(trade.entry_bar, f"{trade.entry_bar:,}"),
        _cell(trade.exit_bar, "open" if trade.exit_bar is None else f"{trade.exit_bar:,}"),
        _cell(trade.entry_price, f"{trade.entry_price:,.6g}"),
        _cell(trade.exit_price, "-" if trade.exit_price is None else f"{trade.exit_price:,.6g}"),
        *(_cell(each, shown(each, "money")) for each in (trade.pnl, trade.mae, trade.mfe)),
        element("td", words(trade.reason).lower()),
    )


def _cell(value: float | None, text: str) -> Html:
    return element("td", text, class_="number", data_value="" if value is None else repr(value))


def stops(result: ScenarioResult) -> Html | None:
    """When and why trading was stopped."""
    if not result.stops:
        return None
    body = (
        element(
            "tr",
            element("td", each.bar, class_="number"),
            element("td", time_of(result, each.bar)),
            element("th", f"{each.source} {words(each.kind)}", scope="row"),
            element("td", each.why),
            element("td", delay_of(each)),
        )
        for each in result.stops
    )
    return table_box("Stops", head_cells(">bar", "time", "by", "why", "then"), body)


def rules(result: ScenarioResult) -> Html | None:
    """The invariants over the run."""
    if not result.rules:
        return None
    body = (
        element(
            "tr",
            element("th", element("span", each.id, class_="id"), " ", words(each.name), scope="row"),
            element("td", badge(each.verdict)),
            element("td", each.checks, class_="number"),
            element("td", each.nonvacuous_checks, class_="number"),
            element("td", each.why),
            class_="broken" if each.verdict == "broken" else None,
        )
        for each in result.rules
    )
    return joined(
        lead_in("How often each was judged, and how often there was something it could have caught."),
        table_box("Invariants", head_cells("invariant", "verdict", ">checks", ">not vacuous", "why"), body),
    )


def troubles(result: ScenarioResult) -> Html | None:
    """Orders that failed and what is wrong with the data, by kind."""
    failed = failures_by_reason(result)
    issues = issues_by_kind(result)
    rows = [(f"order {status}", reason, count) for status, reason, count in failed]
    rows += [("data", words(kind), count) for kind, count in issues]
    if not rows:
        return None
    body = (
        element(
            "tr", element("th", what, scope="row"), element("td", why), element("td", count, class_="number")
        )
        for what, why, count in rows
    )
    return table_box("Failures and data issues", head_cells("what", "why", ">times"), body)
