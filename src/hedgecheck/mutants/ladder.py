"""The small scopes that a mutant is searched in, in full, one after the other: cheap ones first.

Every kind of fault by itself, a crash, halts, stops, two trades; and limits that bind, since a mutant of the
gate shows only where the gate refuses, or allows the very most it may.
"""

from typing import Any

from hedgecheck.explore.bounded import LOOSE_BPS, PRICE, Small, scope_of, smalls
from hedgecheck.messages import Intent
from hedgecheck.values import frozen, replace
from hedgecheck.world import Scope


@frozen
class Rung:
    """A scope: a small one, and what is changed in it. ``bounds``: limits, by their names in ``Bounds``;
    ``intents`` in the place of those of the small scope, where there are any; ``settings``: whatever else, by
    the names in ``Scope``."""

    small: Small
    bounds: tuple[tuple[str, int], ...] = ()
    intents: tuple[Intent, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """The options of ``hedgecheck explore`` that make the small scope, and then what is changed in it."""
        shown = [f"{name} {value}" for name, value in (*self.bounds, *self.settings)]
        return ", ".join([self.small.name, *shown, *map(_shown, self.intents)])

    @property
    def scope(self) -> Scope:
        """The scope itself."""
        scope = scope_of(self.small)
        changes: dict[str, Any] = dict(self.settings)
        limits: dict[str, Any] = dict(self.bounds)
        scope = replace(scope, bounds=replace(scope.bounds, **limits), **changes)
        return replace(scope, intents=self.intents) if self.intents else scope


def _shown(intent: Intent) -> str:
    limit = "" if intent.price_a is None else f" at {intent.price_a}"
    second = f", {intent.side_b} {intent.amount_b} {intent.symbol_b}" if intent.amount_b else ""
    closing = "reduces: " if intent.reduces else ""
    return f"{intent.id}: {closing}{intent.side_a} {intent.amount_a} {intent.symbol_a}{limit}{second}"


def _tight(small: Small, **bounds: int) -> Rung:
    return Rung(small, tuple(bounds.items()))


# One lot at the opening price is one basis point of equity: a trade of one lot is two gross, one net.
ONE, TWO, STOPPED = Small(), Small(trades=2), Small(lots=20, stops=1)
SHOCKED = Small(lots=1000, faults=1, kinds=("F14",))
CHANGING = (("changes", 1),)
MOST_OF_ONE = {
    "position_bps": 1,
    "strategy_bps": 2,
    "gross_bps": 2,
    "net_bps": 1,
    "leverage_bps": 2,
    "cluster_bps": 2,
    "heat_bps": 2,
    "trades_in_flight": 1,
    "order_amount": 1,
    "order_notional": PRICE,
}
OF_EACH = ("strategy_bps", "order_amount", "order_notional")
MOST_OF_TWO = {name: most if name in OF_EACH else 2 * most for name, most in MOST_OF_ONE.items()}
PAIR = Intent("p1", "AAA", "buy", 1, "BBB", "sell", 1)
PRICED = replace(PAIR, price_a=PRICE + 1)
RESTING = replace(PAIR, price_a=PRICE - 1)
UNEVEN = replace(PAIR, amount_a=2, amount_b=3)
OPPOSED = (PAIR, Intent("q1", "AAA", "sell", 1, "BBB", "buy", 1))
CLOSING = (PAIR, Intent("p2", "AAA", "sell", 1, "BBB", "buy", 1, reduces=True))
BOTH = (PAIR, replace(PAIR, id="p2"))

LIMITS_OF_ONE = (
    _tight(ONE, **MOST_OF_ONE),
    *[_tight(ONE, **{name: most - 1}) for name, most in MOST_OF_ONE.items()],
    _tight(STOPPED, heat_bps=1),
    _tight(STOPPED, heat_bps=2),
    _tight(STOPPED, heat_bps=3, exit_cost_bps=500),
    _tight(STOPPED, heat_bps=4, exit_cost_bps=500),
    Rung(ONE, (("collar_bps", 99),), (PRICED,)),
    Rung(ONE, (("collar_bps", 100),), (PRICED,)),
    Rung(ONE, (("order_notional", PRICE),), (PRICED,)),
    Rung(ONE, (("order_amount", 2),), (UNEVEN,)),
    Rung(ONE, (("order_notional", 3 * PRICE),), (UNEVEN,)),
    _tight(ONE, message_burst=1),
)
"""Scopes of one trade in which a limit is met exactly, or exceeded by a little."""

LIMITS_OF_TWO = (
    *[_tight(TWO, **{name: 1}) for name in ("position_bps", "net_bps", "trades_in_flight")],
    *[_tight(TWO, **{name: 3}) for name in ("gross_bps", "heat_bps", "leverage_bps", "cluster_bps")],
    Rung(ONE, (("strategy_bps", 3),), BOTH),
    Rung(ONE, intents=OPPOSED),
    Rung(ONE, (("message_burst", 1),), BOTH),
)
"""Scopes in which one trade is allowed beside another, or is not."""

LADDER = (
    Rung(ONE),
    *LIMITS_OF_ONE,
    Rung(ONE, intents=(RESTING,), settings=CHANGING),
    Rung(ONE, (("gross_bps", 1),), (RESTING,), CHANGING),
    Rung(ONE, (("collar_bps", 100),), (RESTING,), CHANGING),
    Rung(Small(halts=1)),
    *[Rung(each) for each in smalls(Small(faults=1), "each") if "F09" not in each.kinds],
    Rung(SHOCKED, settings=(("daily_loss_bps", 200),)),
    Rung(SHOCKED, settings=(("daily_loss_bps", LOOSE_BPS), ("drawdown_bps", 200))),
    Rung(Small(stops=1)),
    Rung(Small(stops=1, halts=1)),
    Rung(Small(crashes=1)),
    Rung(Small(crashes=1), settings=(("attempts", (2, 1, 2)),)),
    Rung(ONE, intents=CLOSING),
    *LIMITS_OF_TWO,
    Rung(Small(faults=1, lots=3, kinds=("F10",)), intents=(UNEVEN,)),
    Rung(Small(faults=2, kinds=("F01",))),
    Rung(Small(faults=2, lots=2, kinds=("F10",))),
    Rung(Small(faults=1, lots=4, kinds=("F10",))),
    Rung(Small(crashes=1, halts=1)),
    Rung(Small(faults=1, lots=2, kinds=("F10", "F09"), stops=1)),
    _tight(TWO, **MOST_OF_TWO),
    Rung(Small(crashes=1, stops=1)),
)
"""All of them, in the order in which they are climbed."""
