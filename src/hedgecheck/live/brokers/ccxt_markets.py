"""Markets as ccxt lists them: steps, minimums, and exact whole numbers of what ccxt writes as floats.

A float is read by its shortest text, which is the text that the venue sent. What is no number, not finite,
negative, or no whole number of steps is ``Unreadable``, and goes no further. Nothing here rounds silently:
each rule is at its function, and is the one that overstates a cost or understates what is held.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import Any

from core.settings import Instrument
from core.units import Lots, Money
from hedgecheck.errors import UsageError
from hedgecheck.values import frozen

MONEY = Decimal("0.00000001")  # one unit of money, in the quote currency
DECIMAL_PLACES, TICK_SIZE = 2, 4  # ccxt's precisionMode
TAKER_FEE = Decimal("0.001")  # of cost, where a market does not say
EXACT = Context(prec=120)


class Unreadable(ValueError):
    """A value in an answer that nobody can book by."""


@frozen
class CcxtMarket:
    """``tick``, ``minimum_cost`` and ``money`` in the quote currency; ``lot`` and ``minimum_amount`` in the
    base currency, or in contracts of ``size`` of it; ``taker``: the fee as a part of cost."""

    symbol: str
    base: str
    quote: str
    tick: Decimal
    lot: Decimal
    size: Decimal = Decimal(1)
    minimum_amount: Decimal = Decimal(0)
    minimum_cost: Decimal = Decimal(0)
    taker: Decimal = TAKER_FEE
    money: Decimal = MONEY
    is_contract: bool = False

    @property
    def instrument(self) -> Instrument:
        """The market as the core knows it: one tick and one lot are its units."""
        return Instrument(
            self.symbol,
            Money(int(self.lot_value(Decimal(1)))),
            minimum_quantity=Lots(max(1, _whole(self.minimum_amount, self.lot, ROUND_CEILING))),
            minimum_notional=Money(_whole(self.minimum_cost, self.money, ROUND_CEILING)),
        )

    def lot_value(self, ticks: Decimal) -> Decimal:
        """What one lot costs at a price, in units of money."""
        return EXACT.divide(
            EXACT.multiply(EXACT.multiply(ticks, self.tick), EXACT.multiply(self.lot, self.size)), self.money
        )


async def markets_of(exchange: Any, symbols: Iterable[str], money: Decimal = MONEY) -> tuple[CcxtMarket, ...]:
    """The markets of these symbols, sorted, as a ccxt exchange lists them.

    Raises ``UsageError`` for a symbol that is not listed, an inverse contract, prices or amounts without
    steps, several quote currencies, two spot markets of one base, and a money unit that is too large.
    """
    listed = await exchange.load_markets()
    for each in symbols:
        if each not in listed:
            raise UsageError(f"{exchange.id} does not list {each}. Name a symbol as in exchange.symbols.")
    made = tuple(_market(exchange, listed[each], money) for each in sorted(set(symbols)))
    quotes = sorted({each.quote for each in made})
    if len(quotes) > 1:
        raise UsageError(f"Markets settle in {' and '.join(quotes)}. Take a broker for each currency.")
    bases = [each.base for each in made if not each.is_contract]
    if len(set(bases)) < len(bases):
        raise UsageError("Two spot markets have one base: a balance would not say whose it is. Take one.")
    return made


def instruments(markets: Sequence[CcxtMarket]) -> tuple[Instrument, ...]:
    """The markets as the core's settings want them."""
    return tuple(each.instrument for each in markets)


def _market(exchange: Any, listed: dict[str, Any], money: Decimal) -> CcxtMarket:
    symbol, is_contract = listed["symbol"], bool(listed.get("contract"))
    if listed.get("inverse"):
        raise UsageError(f"{symbol} is an inverse contract. Take a linear one: its worth is in the quote.")
    limits = listed.get("limits") or {}
    market = CcxtMarket(
        symbol,
        listed["base"],
        listed.get("settle") or listed["quote"],
        _step(exchange, symbol, listed["precision"].get("price")),
        _step(exchange, symbol, listed["precision"].get("amount")),
        _said(listed.get("contractSize") if is_contract else None, Decimal(1)),
        _said((limits.get("amount") or {}).get("min"), Decimal(0)),
        _said((limits.get("cost") or {}).get("min"), Decimal(0)),
        _said(listed.get("taker"), TAKER_FEE),
        money,
        is_contract,
    )
    value = market.lot_value(Decimal(1))
    if value != value.to_integral_value() or value < 1:
        raise UsageError(
            f"{symbol}: a lot at one tick is worth {value} units of {money}. Take a smaller unit."
        )
    return market


def _step(exchange: Any, symbol: str, precision: Any) -> Decimal:
    if exchange.precisionMode == TICK_SIZE and precision:
        return number(precision)
    if exchange.precisionMode == DECIMAL_PLACES and precision is not None:
        return Decimal(1).scaleb(-int(precision))
    raise UsageError(f"{symbol}: {exchange.id} says no step of its prices or amounts. Take another market.")


def _said(value: Any, otherwise: Decimal) -> Decimal:
    return otherwise if value is None else number(value)


# ---- numbers ---------------------------------------------------------------------------------------------


def number(value: Any) -> Decimal:
    """A finite number, exactly as the venue wrote it."""
    text = float.__repr__(value) if isinstance(value, float) else str(value)
    try:
        found = Decimal("NaN") if value is None or isinstance(value, bool) else Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Unreadable(f"{value!r} is no number")
    return found


def steps(value: Any, step: Decimal) -> int:
    """How many whole steps a value is; ``Unreadable`` where it is negative, or there is a rest."""
    found = number(value)
    count = EXACT.divide(found, step)
    if count < 0 or count != count.to_integral_value():
        raise Unreadable(f"{value!r} is not a whole number of {step}")
    return int(count)


def up(value: Decimal, step: Decimal) -> int:
    """Steps, rounded up: what has to be paid."""
    return _whole(value, step, ROUND_CEILING)


def down(value: Decimal, step: Decimal) -> int:
    """Steps, rounded down: what is held, or owed at worst."""
    return _whole(value, step, ROUND_FLOOR)


def _whole(value: Decimal, step: Decimal, rounding: str) -> int:
    return int(EXACT.divide(value, step).to_integral_value(rounding))


def sent(count: int, step: Decimal) -> float:
    """What so many steps are, as ccxt wants a number."""
    exact = EXACT.multiply(Decimal(count), step)
    assert number(float(exact)) == exact, "Invariant: what is sent has no more digits than a float"
    return float(exact)
