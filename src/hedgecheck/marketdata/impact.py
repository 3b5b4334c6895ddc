"""What an order does to the price: the square-root law, and the power law that was fitted to trades.

Both are about a parent order traded over a day or a part of it. Results are parts of the price with the sign
of ``amount``: a purchase raises it. The square-root law is how practitioners have put it since Torre (1997);
Almgren and others (2005) reject it for the temporary part in favour of a power of 3/5, and find the permanent
part linear.
"""

import math

from hedgecheck.arrays import number
from hedgecheck.values import frozen

GAMMA = 0.314  # the permanent part; Almgren et al. (2005), +- 0.041
ETA = 0.142  # the temporary part, +- 0.0062
POWER = 0.6  # of the rate of trading, +- 0.038
TURNOVER_POWER = 0.25  # of the days it takes to trade all shares once, +- 0.065


@frozen
class Impact:
    """``permanent``: what stays when the order is done. ``temporary``: what only its own fills pay.
    ``cost``: what the order pays on average, half of the permanent part and all of the temporary one."""

    permanent: float
    temporary: float
    cost: float


def square_root_impact(amount: float, volume: float, volatility: float, coefficient: float = 1.0) -> float:
    """How far an order moves the price: coefficient x volatility x sqrt(amount / volume).

    ``volume`` is that of a day, in the unit of ``amount``; ``volatility`` that of a day, as a fraction.
    Torre, BARRA Market Impact Model Handbook (1997). ``UsageError`` for what is negative or no number.
    """
    traded = number("amount", amount, -1e300)
    part = abs(traded) / number("volume", volume, 1e-300)
    size = number("coefficient", coefficient, 0) * number("volatility", volatility, 0) * math.sqrt(part)
    return math.copysign(size, traded)


def almgren_impact(
    amount: float, volume: float, volatility: float, shares_outstanding: float, days: float = 1.0
) -> Impact:
    """What an order does that is traded evenly over ``days`` of trading, 0.1 for a tenth of one.

    permanent = 0.314 x volatility x (amount / volume) x (shares outstanding / volume)^(1/4);
    temporary = 0.142 x volatility x (amount / (volume x days))^(3/5). ``volume`` and ``volatility`` are those
    of a day. Almgren, Thum, Hauptmann and Li, Direct Estimation of Equity Market Impact (2005), fitted to US
    stocks. ``UsageError`` for what is negative or no number.
    """
    traded, daily = number("amount", amount, -1e300), number("volume", volume, 1e-300)
    deviation, lasts = number("volatility", volatility, 0), number("days", days, 1e-300)
    turnover = number("shares_outstanding", shares_outstanding, 1e-300) / daily
    permanent = GAMMA * deviation * traded / daily * turnover**TURNOVER_POWER
    temporary = math.copysign(ETA * deviation * math.pow(abs(traded) / (daily * lasts), POWER), traded)
    return Impact(permanent, temporary, permanent / 2 + temporary)
