"""What the benchmark prints: a line for each figure, with its limit, and what it is compared with."""

from collections.abc import Sequence
from typing import Any

from hedgecheck.values import frozen

BUSY = 1.2  # a wall time above so many times the CPU time is another process's, and is not shown
BARS_PER_SECOND_MIN = 10_000
DOES = {
    "hedgecheck": "timed from loading to the metrics; every order its whole life, a risk core that judges "
    "each intent, all invariants at every step; pure Python; orders meet one price of a bar, its close",
    "NautilusTrader": "timed is run alone, without statistics; the full path of events: four prices of a "
    "bar, matching, risk engine, portfolio, compiled; no invariants",
    "backtesting.py": "timed with its statistics; no life of orders, no latency, no risk checks, no "
    "invariants: an order is a row that is filled at the next open",
}


@frozen
class Figure:
    """What something took in ``unit``, the ``limit`` it is accepted by, and the seed's figure in it.
    ``baseline``: what that of the same run took, which is ``of``."""

    what: str
    took: float
    unit: str
    limit: float
    seed: float
    baseline: float
    of: str

    def line(self) -> str:
        """As it is printed."""
        verdict = "" if self.took < self.limit else ", MISSED"
        times = f"{self.took / self.seed:.1%} of the seed's {self.seed:g}"
        beside = f"{self.took / self.baseline:.2f} times {self.of} ({self.baseline:,.2f})"
        took = f"{self.took:8,.2f} {self.unit}"
        return f"  {self.what:44} {took} (below {self.limit:g}{verdict}); {times}; {beside}"


def best(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The round with the least CPU time. All must have made the same trades."""
    same = {(each["bars"], each["orders"], each["trades"], round(each["equity"], 2)) for each in rounds}
    assert len(same) == 1, f"Invariant: each round makes the same trades, and not {same}"
    return min(rounds, key=lambda each: each["cpu_seconds"])


def peer_lines(found: Sequence[dict[str, Any]], recount: tuple[int, float]) -> list[str]:
    """A line for what NumPy counted, and one for each engine, the first of which is ours."""
    trades, equity = recount
    bars, ours = found[0]["bars"], found[0]["cpu_seconds"]
    verdict = "" if bars / ours >= BARS_PER_SECOND_MIN else ", MISSED"
    lines = [f"{bars:,} bars; counted by NumPy: {trades:,} trades, equity {equity:,.2f}"]
    for each in found:
        cpu, wall = each["cpu_seconds"], each["wall_seconds"]
        beside = f"{ours / cpu:.2f} times hedgecheck's"
        if each is found[0]:
            beside = f"(at least {BARS_PER_SECOND_MIN:,}{verdict})"
        lines.append(
            f"  {each['name']:22} {cpu:7.3f} s CPU, {_wall(cpu, wall)}; {bars / cpu:9,.0f} bars/s {beside}; "
            f"{each['orders']:,} orders, {each['trades']:,} trades, equity {each['equity']:,.2f}"
            + _differs(each["trades"], trades)
        )
    return lines


def does_lines() -> list[str]:
    """What each engine does for its time, and what it does not."""
    return [f"  {name}: {what}" for name, what in DOES.items()]


def _wall(cpu: float, wall: float) -> str:
    return "busy" if wall > BUSY * cpu else f"{wall:.3f} s wall"


def _differs(trades: int, counted: int) -> str:
    return "" if trades == counted else f" (NOT THE SAME: {trades - counted:+,})"
