"""Pairs in plain words, and the same as trades of the core."""

from dataclasses import dataclass, replace

from core import trade
from core.messages import Fill, OrderId, SignalId
from core.orders import Order
from core.settings import Protocol


@dataclass(frozen=True)
class Line:
    """One leg in plain words: lots held are signed by the leg's direction, working ones may be added, and
    leaving ones taken away. ``limit``: of the entry, where it has one."""

    symbol: str
    direction: int
    planned: int
    price: int
    stop: int | None
    held: int = 0
    working: int = 0
    leaving: int = 0
    limit: int | None = None


@dataclass(frozen=True)
class Pair:
    """Two lines that were opened together; ``state`` is running, over or parked."""

    number: int
    lines: tuple[Line, Line]
    state: str = "running"

    @property
    def signal(self):
        """Two strategies take turns."""
        return SignalId(("even", "odd")[self.number % 2], self.number)


def as_trade(pair, is_proposed=False):
    """The pair as the core knows it."""
    signal = pair.signal
    legs = [
        trade.Leg(
            line.symbol,
            "buy" if line.direction > 0 else "sell",
            *(line.planned, line.price, line.limit, line.stop, 1, 1),
        )
        for line in pair.lines
    ]
    if is_proposed:
        return trade.Trade(signal, *legs, Protocol())
    if pair.state == "over" and not any(line.working or line.leaving for line in pair.lines):
        held_a, held_b = (line.held for line in pair.lines)
        return trade.Trade(signal, *legs, Protocol(), "held", carried_a=held_a, carried_b=held_b)
    orders = [
        each for line, leg in zip(pair.lines, legs, strict=True) for each in as_orders(signal, line, leg)
    ]
    phase = {"running": "hedge", "over": "ended", "parked": "parked"}[pair.state]
    return trade.Trade(signal, *legs, Protocol(), phase, None, tuple(orders))


def as_orders(signal, line, leg):
    """What was bought in the leg's direction, what still works, and what is flattened beyond it."""
    grown = max(line.held, 0) + 5
    shrunk = grown - line.held
    fills = (Fill("grown", grown, line.price),)
    opposite = "sell" if leg.side == "buy" else "buy"
    back = (Fill("shrunk", shrunk, line.price),)
    working = Order(OrderId(signal, "hedge", 1), leg.symbol, leg.side, grown + line.working, None, "new")
    phase = "partially_filled" if line.working else "filled"
    yield replace(working, phase=phase, filled=grown, reported=grown, fills=fills)
    flat = Order(OrderId(signal, "flatten_b", 1), leg.symbol, opposite, shrunk + line.leaving, None, "filled")
    phase = "partially_filled" if line.leaving else "filled"
    yield replace(flat, phase=phase, filled=shrunk, reported=shrunk, fills=back)
