"""Numbers as ccxt writes them: ``decimal_to_precision`` and what the exchange class makes of it.

Strings equal ccxt's for counting in ticks and in decimal places. What is no number raises
``decimal.InvalidOperation``, as in ccxt, which bots that catch ccxt's errors do not catch.
"""

from decimal import Context, Decimal, InvalidOperation
from typing import Any

from hedgecheck.fronts.ccxt.errors import error_class

TRUNCATE, ROUND = 0, 1
DECIMAL_PLACES, SIGNIFICANT_DIGITS, TICK_SIZE = 2, 3, 4
NO_PADDING, PAD_WITH_ZERO = 5, 6

# ccxt calculates with whatever context its caller has; more digits than any price has make it exact
EXACT = Context(prec=120)


def decimal_to_precision(
    n: Any,
    rounding_mode: int = ROUND,
    precision: Any = None,
    counting_mode: int = DECIMAL_PLACES,
    padding_mode: int = NO_PADDING,
) -> str:
    """``n`` truncated or rounded (a half goes away from zero), as text. ``precision`` is the tick with
    TICK_SIZE, a count of 0 or more with DECIMAL_PLACES; NotSupported for SIGNIFICANT_DIGITS."""
    assert precision is not None, "Invariant: a number is written to some precision"
    if counting_mode == SIGNIFICANT_DIGITS:
        raise error_class("NotSupported")("decimal_to_precision() does not count SIGNIFICANT_DIGITS here")
    number = Decimal(str(n))
    step = Decimal(str(precision)) if counting_mode == TICK_SIZE else Decimal(1).scaleb(-precision)
    assert step > 0, "Invariant: a tick is greater than zero"
    if not number.is_finite():
        raise InvalidOperation(f"{n} cannot be written to a precision")
    steps = _steps(number, step, rounding_mode)
    value = EXACT.multiply(steps, step)
    return _text(value.copy_abs() if value == 0 else value, step, padding_mode)


def _steps(number: Decimal, step: Decimal, rounding_mode: int) -> Decimal:
    """How many whole steps; ``number`` is finite."""
    whole = EXACT.divide_int(number, step)
    if rounding_mode == TRUNCATE:
        return whole
    missing = EXACT.subtract(number, EXACT.multiply(whole, step)).copy_abs()
    if EXACT.multiply(missing, Decimal(2)) < step:
        return whole
    return EXACT.add(whole, Decimal(1).copy_sign(number))


def _text(value: Decimal, step: Decimal, padding_mode: int) -> str:
    """Without exponent; with as many decimals as ``step`` has, or as few as can be."""
    places = -int(step.normalize(EXACT).as_tuple().exponent)
    if padding_mode == PAD_WITH_ZERO:
        return format(value, f".{max(places, 0)}f")
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_to_string(x: Any) -> str | None:
    """``x`` without exponent and without zeros at the end; None for None."""
    if x is None:
        return None
    text = format(Decimal(str(x)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount_to_precision(id: str, market: dict[str, Any], amount: Any) -> str | None:
    """``amount`` cut to the market's lot; InvalidOrder if nothing is left. None for None."""
    return _positive(id, market, amount, "amount", TRUNCATE)


def price_to_precision(id: str, market: dict[str, Any], price: Any) -> str | None:
    """``price`` rounded to the market's tick; InvalidOrder if nothing is left. None for None."""
    return _positive(id, market, price, "price", ROUND)


def cost_to_precision(market: dict[str, Any], cost: Any) -> str | None:
    """``cost`` cut to the precision of cost, else of price, which may leave "0". None for None."""
    if cost is None:
        return None
    precision = market["precision"]
    step = precision["price"] if precision.get("cost") is None else precision["cost"]
    return decimal_to_precision(cost, TRUNCATE, step, TICK_SIZE)


def _positive(id: str, market: dict[str, Any], value: Any, kind: str, rounding_mode: int) -> str | None:
    """The text of ``value``, never "0"; ``kind`` is "amount" or "price"."""
    if value is None:
        return None
    step = market["precision"][kind]
    text = decimal_to_precision(value, rounding_mode, step, TICK_SIZE)
    if text == "0":
        raise error_class("InvalidOrder")(too_small(id, market["symbol"], kind, step))
    return text


def too_small(id: str, symbol: str, kind: str, step: Any) -> str:
    """ccxt's words for an amount or price that precision makes zero."""
    return (
        f"{id} {kind} of {symbol} must be greater than minimum {kind} precision of {number_to_string(step)}"
    )
