"""What every scenario of a run has in common: the limits of the engine, fees, the exchange, the rules."""

from hedgecheck import invariants
from hedgecheck.invariants import Bounds, Invariant
from hedgecheck.stress.exchange import ORDINARY, ExchangeProfile
from hedgecheck.values import frozen

LIMITS = Bounds(cluster_bps=20_000, trades_in_flight=32, order_amount=10**12, order_notional=10**16)


@frozen
class ExecutorSettings:
    """``bounds``, ``daily_loss_bps`` and ``drawdown_bps`` (of 0 there is none) are what the engine is told to
    keep to. ``stale_bars_max``: after so many bars in a row without a usable price the engine is told that
    there is none. ``fee_bps`` of what is traded. ``flatten_attempts``: orders that may be sent to get out of
    a leg, of which each may fill in part, before a person must look."""

    bounds: Bounds = LIMITS
    daily_loss_bps: int = 200
    drawdown_bps: int = 1_000
    fee_bps: int = 5
    stale_bars_max: int = 3
    flatten_attempts: int = 12
    profile: ExchangeProfile = ORDINARY
    rules: tuple[Invariant, ...] = invariants.ALL


SETTINGS = ExecutorSettings()
