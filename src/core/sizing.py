"""How many lots a position may have: by what its stop loses, by how it moves, by what the limits leave.

Every answer is rounded down to what the venue takes as one order, and 0 where that is nothing.
"""

from core import risk
from core.liquidity import Reports
from core.positions import Prices
from core.risk import Summary
from core.settings import Instrument, Limits, Settings
from core.trade import Trade, legs
from core.units import WHOLE_BPS, BasisPoints, Lots, Money, Ticks, orderable, scaled
from core.values import replace


def fixed_fraction(
    equity: Money, fraction: BasisPoints, price: Ticks, stop: Ticks, traded: Instrument
) -> Lots:
    """Lots whose loss at the stop is at most ``fraction`` of ``equity``; 0 for a stop at the price.

    Fixed fractional sizing (Vince 1990): fraction x equity / (distance to the stop x money per tick and lot).
    """
    loss = abs(price - stop) * traded.tick_lot_value
    return _whole(equity * fraction, WHOLE_BPS * loss, price, traded)


def volatility_target(
    equity: Money, target: BasisPoints, volatility: BasisPoints, price: Ticks, traded: Instrument
) -> Lots:
    """Lots whose notional times ``volatility`` is at most ``target`` of ``equity``, both of one period; 0 for
    an instrument that does not move.

    Volatility targeting (Moskowitz, Ooi and Pedersen 2012): target / volatility x equity / notional of a lot.
    """
    moved = volatility * price * traded.tick_lot_value
    return _whole(equity * target, moved, price, traded)


def _whole(amount: int, per_lot: int, price: Ticks, traded: Instrument) -> Lots:
    if per_lot <= 0:
        return Lots(0)
    return orderable(Lots(amount // per_lot), traded.quantity_step, minimum_order(traded, price))


def minimum_order(traded: Instrument, price: Ticks) -> Lots:
    """The smallest order the venue takes at this price, by quantity and by notional."""
    by_notional = -(-traded.minimum_notional // (price * traded.tick_lot_value))
    return Lots(max(traded.minimum_quantity, by_notional))


def largest_allowed(
    summary: Summary,
    limits: Limits,
    plan: Trade,
    prices: Prices,
    settings: Settings,
    liquidity: Reports = (),
) -> Lots:
    """The most lots of leg A, up to the plan, with which the gate lets the whole trade in.

    Leg B is in the plan's proportion. More lots never stand for less, so the gate's answers are searched by
    halves: what heat, caps and the other limits leave is what it says they do.
    """

    def fits(steps: int) -> bool:
        trade = resized(plan, Lots(steps * plan.leg_a.step))
        adds = risk.contribute(trade, prices, settings)
        intent = risk.intent(trade, adds, prices, settings, liquidity)
        return risk.decide(summary, limits, (intent,))[0].reason is None

    low, high = 0, plan.leg_a.planned // plan.leg_a.step
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    sized = resized(plan, Lots(low * plan.leg_a.step))
    takes = all(leg.planned >= leg.minimum for leg in legs(sized))
    return sized.leg_a.planned if takes else Lots(0)


def resized(plan: Trade, lots: Lots) -> Trade:
    """The plan with ``lots`` of leg A, and of leg B in proportion, down to its step."""
    leg_a, leg_b = plan.leg_a, plan.leg_b
    other = orderable(scaled(leg_b.planned, lots, leg_a.planned), leg_b.step, Lots(1))
    return replace(plan, leg_a=replace(leg_a, planned=lots), leg_b=replace(leg_b, planned=other))
