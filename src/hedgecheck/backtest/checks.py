"""What a backtest is refused for, with the cause and the cure, before it begins."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from hedgecheck.arrays import series, whole
from hedgecheck.backtest.bars import Bars
from hedgecheck.backtest.sleeves import WHOLE_BPS, Sleeve
from hedgecheck.errors import UsageError
from hedgecheck.messages import Exit, Rebalance
from hedgecheck.signalers import Signals
from hedgecheck.world import Engine

SIDES = (-1, 0, 1)


def demand_sound(sleeves: Sequence[Sleeve], cash: int) -> None:
    """Sleeves can share the cash, and each can trade. Raises ``UsageError``."""
    if not sleeves:
        raise UsageError("There is no sleeve. Give one for each strategy.")
    names = [each.name for each in sleeves]
    for each in sleeves:
        if any(map(str.isdigit, each.name)):
            raise UsageError(f"The sleeve {each.name!r} has a digit in its name. Spell it.")
        if names.count(each.name) > 1:
            raise UsageError(f"Two sleeves are named {each.name!r}. Give each a name of its own.")
        if each.symbol == each.hedge:
            raise UsageError(f"{each.name} hedges {each.symbol} with itself. Give it another hedge.")
        for bps in ("budget_bps", "leg_bps", "stop_bps"):
            whole(f"{bps} of {each.name}", getattr(each, bps), 1, WHOLE_BPS)
    shared = sum(each.budget_bps for each in sleeves)
    if shared > WHOLE_BPS:
        raise UsageError(f"The sleeves share {shared} bps of the cash. Let them share 10000 at most.")
    if whole("cash", cash, 1) % WHOLE_BPS:
        raise UsageError(f"cash is {cash}. Give a multiple of 10000, so that every budget is exact.")


def demand_understanding(engine: Engine, *, rebalances: bool) -> None:
    """The engine can be told what a backtest tells it. Raises ``UsageError``."""
    needed = (Exit, Rebalance) if rebalances else (Exit,)
    if not set(needed) <= set(getattr(engine, "understands", ())):
        raise UsageError(
            f"The engine does not say that it understands {', '.join(kind.__name__ for kind in needed)}, by "
            "which trades are left and capital moves. See hedgecheck.world.Engine."
        )


def row_of(bars: Bars, first: str) -> int:
    """The row of the first day. Raises ``UsageError`` where it is no day with a bar before it."""
    try:
        is_written = date.fromisoformat(first).isoformat() == first
    except ValueError:
        is_written = False
    if not is_written:
        raise UsageError(f"{first!r} is no date. Write it as YYYY-MM-DD.")
    if first in bars.dates[1:]:
        return bars.dates.index(first)
    if first <= bars.dates[0]:
        raise UsageError(
            f"The bars begin on {bars.dates[0]}, and {first} needs one before it to trade by. Load more."
        )
    later = [each for each in bars.dates if each > first]
    cure = f"The next is of {later[0]}." if later else f"The last is of {bars.dates[-1]}."
    raise UsageError(f"There is no bar of {first}: no session, or not loaded. {cure}")


def signals_of(sleeve: Sleeve, bars: Bars) -> Signals:
    """What a sleeve wants after each bar. Raises ``UsageError`` where that is not a target and a ratio for
    each of them."""
    found, count = sleeve.signals(bars), len(bars.dates)
    for what, values in (("targets", found.targets), ("hedge ratios", found.hedge_ratio)):
        if np.shape(values) != (count,):
            raise UsageError(
                f"{sleeve.name} gave {what} of the shape {np.shape(values)} for {count} bars: each would be "
                "taken for that of another day. Give one for each bar, 0 where there can be none yet."
            )
    targets = series(f"targets of {sleeve.name}", found.targets)
    series(f"hedge ratios of {sleeve.name}", found.hedge_ratio, above=-1e-12)
    strange = np.flatnonzero(~np.isin(targets, SIDES))
    if len(strange):
        at = int(strange[0])
        raise UsageError(
            f"{sleeve.name} wants {targets[at]:g} after {bars.dates[at]}. A target is 1, 0 or -1; how large "
            "a trade is, its leg_bps say."
        )
    return found
