"""Sets of risk limits as people choose them: from such that let nothing in to such that never bind."""

from hedgecheck.errors import UsageError
from hedgecheck.machines import GateLimits
from hedgecheck.values import frozen

WHOLE_BPS = 10_000


@frozen
class RiskLimits:
    """A set of limits, in basis points of equity but for ``trades_in_flight``, and ``why`` it is there.

    ``position``: what may be held of a symbol. ``gross`` and ``net``: of all symbols, added up and netted.
    ``heat``: what may be lost at the stops. ``strategy``: what one strategy may hold. ``leverage``: where
    positions must be reduced. ``cluster``: what may be held of symbols that move together, which are those of
    a ``cluster_correlation`` or more. ``daily_loss`` and ``drawdown``: what trips a breaker.
    """

    name: str
    why: str
    position_bps: int = 2_000
    gross_bps: int = 10_000
    net_bps: int = 10_000
    heat_bps: int = 600
    strategy_bps: int = 10_000
    leverage_bps: int = 10_000
    cluster_bps: int = 10_000
    cluster_correlation_bps: int = 7_000
    daily_loss_bps: int = 200
    drawdown_bps: int = 1_000
    trades_in_flight: int = 4

    def gate(self) -> GateLimits:
        """Those of them that a risk gate of one's own is tested by (``RiskGateMachine.limits``)."""
        return GateLimits(self.position_bps / WHOLE_BPS, self.gross_bps / WHOLE_BPS, self.net_bps / WHOLE_BPS)


WIDE_BPS = 10_000_000
RISK_LIMITS = (
    RiskLimits("standard", "a fifth in one position, all of the equity at most, six percent at risk"),
    RiskLimits(
        "conservative",
        "capital is to be kept: a twentieth in one position, half invested, one percent a day",
        *(500, 5_000, 2_500, 200, 1_500, 5_000, 1_500),
        *(5_000, 100, 500, 2),
    ),
    RiskLimits(
        "aggressive",
        "three times the equity may be held, and losses are ridden out",
        *(10_000, 30_000, 30_000, 2_500, 20_000, 30_000, 20_000),
        *(9_000, 1_000, 3_000, 20),
    ),
    RiskLimits(
        "market_neutral",
        "much long against as much short: it is the net that binds",
        *(3_000, 20_000, 500, 2_000, 20_000, 20_000, 20_000),
        *(9_000, 200, 1_000, 10),
    ),
    RiskLimits(
        "one_strategy_each",
        "no strategy may hold more than a tenth, so that none rules the portfolio",
        strategy_bps=1_000,
    ),
    RiskLimits(
        "clustered",
        "what moves together counts as one: a fifth for a cluster of symbols as for one",
        cluster_bps=2_000,
        cluster_correlation_bps=5_000,
    ),
    RiskLimits("hair_trigger", "a breaker trips at a basis point", daily_loss_bps=1, drawdown_bps=1),
    RiskLimits("one_at_a_time", "a trade must be over before the next may begin", trades_in_flight=1),
    RiskLimits(
        "nothing",
        "each limit is the least there is, so that no order fits",
        *(1, 1, 1, 1, 1, 1, 1),
        *(1, 1, 1, 1),
    ),
    RiskLimits(
        "unbound",
        "no limit is ever reached: what is refused is refused for another reason",
        *(WIDE_BPS,) * 7,
        *(WHOLE_BPS, WHOLE_BPS, WHOLE_BPS, 1_000_000),
    ),
)


def risk_limits(name: str) -> RiskLimits:
    """The set of that name; ``UsageError`` for a name that there is not."""
    for each in RISK_LIMITS:
        if each.name == name:
            return each
    raise UsageError(
        f"There are no risk limits {name!r}. There are {', '.join(each.name for each in RISK_LIMITS)}."
    )
