"""Five strategies on the S&P 500, the NASDAQ and single stocks, through the core, from 2007 to 2009.

    python -m tests.quality.five_strategies --picture five.svg --json five.json

A book of 100,000,000 with a breaker at a day's loss of one percent, heat of four percent and a fifth in one
symbol. Prices are read from installed packages. There is no series of book values or of short interest among
them, so the value of a share stands in as the mean of its last 500 closes, and six days of usual volume as
what is sold short: the strategies are there to make orders, and not money.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from core import engine
from core.settings import MANUAL, SECOND, BreakerRule
from core.units import Money, Nanoseconds
from core.values import replace
from hedgecheck import invariants
from hedgecheck.backtest import Backtest, Bars, Sheet, Sleeve, backtest, draw, load
from hedgecheck.drive import BundledCore, settings_of
from hedgecheck.invariants import Bounds
from hedgecheck.signalers import DeepValue, History, MeanReversion, Momentum, Pairs, SqueezeHunter
from hedgecheck.world import Scope

SYMBOLS = ("aapl", "ibm", "msft", "nasdaq", "sp500")
EARLIEST, FIRST, LAST = "2004-01-01", "2007-01-03", "2009-12-31"
CASH = 100_000_000_00
BOUNDS = Bounds(trades_in_flight=10, position_bps=2_000, gross_bps=10_000, heat_bps=400, cluster_bps=20_000)
LOSS_BPS = 100
DAY = Nanoseconds(24 * 3_600 * SECOND)
VALUE_BARS, SHORT_BARS, DAYS_SHORT = 500, 60, 6
# A breaker that comes back is not known to these two: they let nothing in any more once it has tripped.
RULES = tuple(
    rule for rule in invariants.ALL if rule not in (invariants.halt_is_halt, invariants.risk_number_is_right)
)


class Resetting(BundledCore):
    """The core with a daily-loss breaker that comes back after a day, on probation; it nets signals of one
    moment, and looks after its stops once a day."""

    def initial(self, scope: Scope) -> engine.State:
        """The core with the scope's settings but for these."""
        chosen = settings_of(scope)
        again = {"cooldown": DAY, "resets_itself": True, "probation": Nanoseconds(5 * DAY)}
        loss = BreakerRule("daily_loss", "daily_loss", scope.daily_loss_bps, **again)
        protocol = replace(chosen.protocol, watch_interval=DAY)
        return engine.initial(
            replace(chosen, breakers=(loss, MANUAL), protocol=protocol, conflicts="net"), Money(scope.cash)
        )


def trailing(values: np.ndarray, bars: int) -> np.ndarray:
    """The mean of each value and those up to ``bars`` before it."""
    sums = values.cumsum()
    lagged = sums.copy()
    lagged[bars:] -= sums[:-bars]
    return lagged / np.minimum(np.arange(1, len(values) + 1), bars)


def valued(bars: Bars) -> History:
    """IBM, and what it is worth."""
    closes = bars.closes("ibm")
    return History(closes, fundamental_value=trailing(closes, VALUE_BARS))


def shorted(bars: Bars) -> History:
    """Apple, and how much of it is sold short."""
    volumes = bars.volumes("aapl")
    return History(bars.closes("aapl"), volumes, short_interest=DAYS_SHORT * trailing(volumes, SHORT_BARS))


SIZE = {"budget_bps": 2_000, "leg_bps": 4_500, "stop_bps": 800}
SLEEVES = (
    Sleeve("deep_value", DeepValue(margin=0.05), "ibm", "sp500", history=valued, **SIZE),
    Sleeve("squeeze_hunter", SqueezeHunter(surge=1.3), "aapl", "nasdaq", history=shorted, **SIZE),
    Sleeve("mean_reversion", MeanReversion(), "msft", "nasdaq", **SIZE),
    Sleeve("momentum", Momentum(), "sp500", "nasdaq", **SIZE),
    Sleeve("pairs", Pairs(), "msft", "ibm", **SIZE),
)


def run(last: str = LAST) -> Backtest:
    """Trades them from the first session of 2007 on."""
    return backtest(
        SLEEVES,
        load(SYMBOLS, EARLIEST, last),
        Resetting(),
        FIRST,
        last,
        cash=CASH,
        bounds=BOUNDS,
        daily_loss_bps=LOSS_BPS,
        rebalance_days=63,
        rules=RULES,
    )


def said(result: Backtest) -> str:
    """What came of it, in lines."""
    sheets: list[Sheet] = result.sheets
    tripped = [each.date for each in sheets for reason, _ in each.alerts if reason == "BREAKER_TRIPPED"]
    lines = [
        f"{len(sheets)} sessions from {sheets[0].date} to {sheets[-1].date}, {len(result.fills)} fills",
        f"rule that was broken: {result.failure or 'none'}",
        f"days on which books differ: {sum(bool(each.differences) for each in sheets)}",
        f"most heat: {max(each.heat * 10_000 // each.equity for each in sheets)} bps of {BOUNDS.heat_bps}",
        f"daily loss trips on: {', '.join(tripped) or 'no day'}",
        *(f"{name or 'reserve':16}{profit / 100:16,.2f}" for name, profit in sheets[-1].profits),
        *(f"{name:16}{reason:20}{count:6}" for (name, reason), count in sorted(result.reasons.items())),
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs it, says what came of it, and draws it."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.five_strategies", description=__doc__)
    parser.add_argument("--picture", type=Path, help="draw equity, heat and profits here: .svg, .png or .pdf")
    parser.add_argument("--json", type=Path, help="write the sheet of every day here")
    chosen = parser.parse_args(arguments)
    result = run()
    print(said(result))
    if chosen.picture:
        draw(result, chosen.picture, "Five strategies on the S&P 500, the NASDAQ, AAPL, IBM and MSFT")
    if chosen.json:
        sheets = [asdict(each) for each in result.sheets]
        chosen.json.write_text(json.dumps(sheets, indent=1), encoding="utf-8")
    return 0 if result.failure is None and not any(each.differences for each in result.sheets) else 1


if __name__ == "__main__":
    sys.exit(main())
