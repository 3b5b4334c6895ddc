"""What metrics are made of: the course of a run, bar by bar, and its trades and orders."""

from dataclasses import dataclass

from hedgecheck.arrays import Floats
from hedgecheck.stress.models import EmergencyStop, ExecutionResult, Injected, Issue, TradeRecord


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """``equity`` has one number more than there are bars: it begins with that before the first. The other
    arrays have one number for each bar, at its end, in money: ``gross`` is the value of what is held,
    ``heat`` what would be lost at the stops, ``held`` how many symbols are. ``flows``: deposits less
    withdrawals in each bar. ``benchmark``: the simple returns of what one compares with, bar by bar, None
    without. ``bars_per_year``: to annualise by. ``realized_pnl``: closed profit after fees. ``refusals`` by
    reason: intents that were not let in."""

    equity: Floats
    gross: Floats
    heat: Floats
    held: Floats
    flows: Floats
    bars_per_year: float
    realized_pnl: float
    unrealized_pnl: float
    trades: tuple[TradeRecord, ...] = ()
    executions: tuple[ExecutionResult, ...] = ()
    stops: tuple[EmergencyStop, ...] = ()
    injected: tuple[Injected, ...] = ()
    issues: tuple[Issue, ...] = ()
    refusals: tuple[tuple[str, int], ...] = ()
    reconciliation_breaks: int = 0
    ghost_orders_resolved: int = 0
    invariant_violations: int = 0
    benchmark: Floats | None = None
