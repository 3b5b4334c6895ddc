"""A picture of a backtest: equity with what breakers did, heat against its limit, and whose profit it was."""

from datetime import date
from pathlib import Path
from typing import Any

from hedgecheck.backtest.recount import RESERVE
from hedgecheck.backtest.running import Backtest
from hedgecheck.errors import UsageError
from hedgecheck.packages import optional

WHOLE_BPS = 10_000
TIMELESS = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
MINOR_PER_MAJOR = 100
# Okabe and Ito's colours, told apart by everybody
INK, LINES = "#333333", ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
MARKS = {  # colour, shape, size and words; what is drawn later lies above
    "BREAKER_PROBATION": ("#E69F00", "o", 20, "on probation"),
    "BREAKER_ARMED": ("#009E73", "^", 40, "armed again"),
    "BREAKER_TRIPPED": ("#D55E00", "v", 60, "breaker trips"),
}


def draw(result: Backtest, path: Path | str, title: str = "") -> None:
    """Draws it to a file, of the kind that its name ends with: svg, png or pdf.

    Raises ``PackageMissing`` without matplotlib, ``UsageError`` for a backtest without a day, a kind of file
    that there is not, or one that cannot be written. Amounts are of what has a hundred minor units.
    """
    path = Path(path)
    if not result.sheets:
        raise UsageError("The backtest has no day to draw.")
    figures = optional("matplotlib.figure", "Pictures are drawn", "stress")
    matplotlib = optional("matplotlib", "Pictures are drawn", "stress")
    figure = figures.Figure(figsize=(11, 8), layout="constrained")
    kinds = figure.canvas.get_supported_filetypes()
    if path.suffix[1:] not in kinds:
        raise UsageError(f"{path} would be no picture. Let its name end with .svg, .png or .pdf.")
    top, middle, bottom = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 3))
    days = [date.fromisoformat(each.date) for each in result.sheets]
    _equity(top, days, result)
    _heat(middle, days, result)
    _profits(bottom, days, result)
    for axes in (top, middle, bottom):
        axes.grid(visible=True, color="#DDDDDD", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    with matplotlib.rc_context({"svg.hashsalt": "hedgecheck"}):  # the same backtest is the same file
        try:
            figure.savefig(path, metadata=TIMELESS.get(path.suffix))
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}. Name another file.") from error


def _equity(axes: Any, days: list[date], result: Backtest) -> None:
    worth = [each.equity / MINOR_PER_MAJOR for each in result.sheets]
    axes.plot(days, worth, color=INK, linewidth=1.2, label="equity")
    for reason, (colour, marker, size, words) in MARKS.items():
        at = [place for place, each in enumerate(result.sheets) if reason in dict(each.alerts)]
        if at:
            x, y = [days[each] for each in at], [worth[each] for each in at]
            axes.scatter(x, y, color=colour, marker=marker, s=size, zorder=3, label=words)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel("equity")


def _heat(axes: Any, days: list[date], result: Backtest) -> None:
    heat = [each.heat / each.equity * 100 for each in result.sheets]
    limit = result.bounds.heat_bps / WHOLE_BPS * 100
    axes.fill_between(days, heat, color=LINES[1], alpha=0.6, linewidth=0, step="post", label="heat at worst")
    axes.axhline(limit, color=LINES[5], linestyle="--", linewidth=1.2, label="its limit")
    axes.set_ylabel("% of equity")
    axes.set_ylim(bottom=0)


def _profits(axes: Any, days: list[date], result: Backtest) -> None:
    names = [name for name, _ in result.sheets[0].profits if name != RESERVE]
    for place, name in enumerate(names):
        earned = [dict(each.profits)[name] / MINOR_PER_MAJOR for each in result.sheets]
        axes.plot(days, earned, color=LINES[place % len(LINES)], linewidth=1.2, label=name.replace("_", " "))
    axes.axhline(0, color=INK, linewidth=0.6)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_ylabel("profit since the start")
