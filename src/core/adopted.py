"""Lots on the account that no trade here holds: taken over after the fact, and counted at worst.

They belong to no trade, so no order here protects or closes them: they count at their full notional, with no
stop, and go when they are closed outside. Nothing here decides that they are taken over.
"""

from functools import reduce

from core import risk
from core.messages import Fill, PositionAdjusted
from core.positions import Prices, price_of
from core.risk import NOTHING, Contribution
from core.settings import Settings, instrument
from core.units import Lots, Money, Side, Ticks, charge, notional
from core.values import frozen


@frozen
class Holding:
    """Lots of a symbol, signed; ``price`` is what they were taken over at last."""

    symbol: str
    lots: int
    price: Ticks


Holdings = tuple[Holding, ...]  # sorted by symbol; none of nothing


def fill_of(event: PositionAdjusted) -> tuple[Side, Fill]:
    """What is booked of an adjustment, and on which side."""
    side: Side = "buy" if event.lots > 0 else "sell"
    fill = Fill(event.trade_id, Lots(abs(event.lots)), event.price, event.fee_money, event.fee_lots)
    return side, fill


def put(holdings: Holdings, event: PositionAdjusted) -> Holdings:
    """The holdings after an adjustment: what comes to nothing is not kept."""
    others = [each for each in holdings if each.symbol != event.symbol]
    held = sum([each.lots for each in holdings if each.symbol == event.symbol])
    lots = held + event.lots - event.fee_lots
    if lots:
        others.append(Holding(event.symbol, lots, event.price))
    return tuple(sorted(others, key=lambda each: each.symbol))


def contribution(holdings: Holdings, prices: Prices, settings: Settings) -> Contribution:
    """What they add to the sums of the gate, at worst."""
    return reduce(risk.add, [_contribute(each, prices, settings) for each in holdings], NOTHING)


def _contribute(holding: Holding, prices: Prices, settings: Settings) -> Contribution:
    traded = instrument(settings, holding.symbol)
    assert traded is not None, "Invariant: a held symbol stays in the settings"
    lots, price = Lots(abs(holding.lots)), price_of(prices, holding.symbol) or holding.price
    value = notional(price, lots, traded.tick_lot_value)
    long, short, net = (lots, 0, value) if holding.lots > 0 else (0, lots, Money(-value))
    heat = Money(value + charge(value, settings.limits.exit_cost_bps))
    return Contribution(0, value, heat, ((holding.symbol, long, short, value),), net, net)
