"""What must be so of a store and a venue's ledger whenever the process between them was killed.

The shell is not asked, and nothing of it is used: events are folded anew, and the ledger is counted by hand.
"""

from collections import Counter
from typing import Any

from core import engine
from core.engine import State
from core.messages import RaiseAlert, SignalId, SignalReceived, SignalsReceived, SubmitOrder
from hedgecheck.drive import order_name, signal_name
from hedgecheck.errors import StoreDamaged, StoreMissing
from hedgecheck.live.chain import Head, head_of
from hedgecheck.live.databases import database
from hedgecheck.live.encoding import decoded
from hedgecheck.live.exchange import Ledger
from hedgecheck.live.rows import demand_there, good_rows, standing
from hedgecheck.live.store import verify
from hedgecheck.venue import VenueOrder, filled

Sides = dict[str, int]  # lots by side
OPPOSITE = {"buy": "sell", "sell": "buy"}


class Judge:
    """Follows one store. ``state``: the fold of its events so far; ``head``: the last of them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.state: State | None = None
        self.head = Head(0, 0, b"")
        self.sent: dict[str, SubmitOrder] = {}
        self.asked: dict[str, SignalReceived] = {}
        self.alerted: set[str] = set()

    @property
    def position(self) -> int:
        """Of the last event."""
        return self.head.position

    def parked(self) -> list[str]:
        """Intents that could not be flattened and wait for a person."""
        trades = () if self.state is None else self.state.trades
        return [signal_name(each.signal) for each in trades if each.phase == "parked"]

    def after_kill(self, ledger: Ledger, announced: int) -> list[str]:
        """What is wrong once the process is dead; ``announced``: the last position that it said."""
        try:
            found = self._follow()
        except StoreMissing as missing:  # it was killed before it made one
            return [str(missing)] if announced or ledger.orders else []
        if self.position < announced:
            found.append(f"event {announced} was announced, and the store ends with {self.position}")
        for order in ledger.orders:
            found += self._wrong_with_order(order)
        ids = Counter(order.request.client_order_id for order in ledger.orders)
        found += [f"{name}: {count} orders of one id" for name, count in ids.items() if count > 1]
        for intent, orders in self._by_intent(ledger).items():
            found += self._wrong_with_intent(intent, orders)
        return found

    def at_rest(self, ledger: Ledger) -> list[str]:
        """What is wrong beyond that, with the whole store as well, where all has come to rest. One leg alone
        is there only of what is parked, and that only with an alert."""
        verify(self.address)
        assert self.state is not None, "Invariant: a store is followed before it is judged at rest"
        found = [
            f"{each.request.client_order_id} works at rest" for each in ledger.orders if each.phase == "open"
        ]
        held = tuple((each.symbol, each.lots) for each in self.state.book.positions if each.lots)
        if held != ledger.positions:
            found.append(f"positions are {ledger.positions} at the venue and {held} in the books")
        if self.state.book.cash != ledger.cash:
            found.append(f"cash is {ledger.cash} at the venue and {self.state.book.cash} in the books")
        parked = set(self.parked())
        found += [f"{each} is parked, and nobody was alerted" for each in sorted(parked - self.alerted)]
        for intent, orders in self._by_intent(ledger).items():
            found += [] if intent in parked else self._one_legged(intent, orders)
        return found

    def _follow(self) -> list[str]:
        """Folds what is new; it is to go on from what was there before, link by link. A server may yet commit
        what the process sent before it died: that is for the next time."""
        base = database(self.address)
        demand_there(base)
        try:
            with base.engine.connect() as connection:
                stands = standing(base, connection)
                if self.state is None:
                    opening = decoded(stands.beginning.body, stands.beginning.format)
                    self.state = engine.initial(opening.settings, opening.cash)
                    self.head = head_of(stands.beginning)
                for row in good_rows(base, connection, self.head, stands.head):
                    self._fold(decoded(row.body, row.format))
                    self.head = head_of(row)
        except StoreDamaged as damage:
            return [str(damage)]
        finally:
            base.close()
        return []

    def _fold(self, event: Any) -> None:
        assert self.state is not None, "Invariant: a fold has a beginning"
        for signal in event.signals if isinstance(event, SignalsReceived) else (event,):
            if isinstance(signal, SignalReceived):
                self.asked.setdefault(signal_name(signal.signal), signal)
        self.state, commands = engine.step(self.state, event)
        for each in commands:
            if isinstance(each, SubmitOrder):
                self.sent[order_name(each.order)] = each
            elif isinstance(each, RaiseAlert) and isinstance(each.subject, SignalId):
                self.alerted.add(signal_name(each.subject))

    def _wrong_with_order(self, order: VenueOrder) -> list[str]:
        """It is one that stored events sent (I17), as they sent it."""
        request = order.request
        sent = self.sent.get(request.client_order_id)
        if sent is None:
            return [f"{request.client_order_id} is at the venue, and no stored event sent it"]
        if (sent.symbol, sent.side, sent.quantity) != (request.symbol, request.side, request.amount):
            return [f"{request.client_order_id} is not the order that the stored events sent"]
        return []

    def _wrong_with_intent(self, intent: str, orders: list[VenueOrder]) -> list[str]:
        """No more is bought than was wanted, and no more given back than was bought (I05)."""
        found = []
        for symbol, side, planned in self._legs(intent):
            other = OPPOSITE[side]
            done, working = _counted(orders, symbol)
            if done[side] + working[side] > planned + done[other]:
                found.append(
                    f"{intent}: {done[side]} lots of {symbol} {side} filled and {working[side]} working, "
                    f"where {planned} were wanted and {done[other]} given back"
                )
            if done[other] + working[other] > done[side]:
                found.append(
                    f"{intent}: {done[other]} lots of {symbol} {other} filled and {working[other]} working, "
                    f"where {done[side]} were held"
                )
        return found

    def _one_legged(self, intent: str, orders: list[VenueOrder]) -> list[str]:
        """Leg B is held in proportion to leg A."""
        (symbol_a, side_a, planned_a), (symbol_b, side_b, planned_b) = self._legs(intent)
        held_a, held_b = _held(orders, symbol_a, side_a), _held(orders, symbol_b, side_b)
        if held_b == planned_b * held_a // planned_a:
            return []
        return [
            f"{intent} is one-legged: {held_a} of {planned_a} {symbol_a}, {held_b} of {planned_b} {symbol_b}"
        ]

    def _by_intent(self, ledger: Ledger) -> dict[str, list[VenueOrder]]:
        """The orders of each intent that is known; that of another was never sent."""
        found: dict[str, list[VenueOrder]] = {}
        for order in ledger.orders:
            if order.request.intent in self.asked:
                found.setdefault(order.request.intent, []).append(order)
        return found

    def _legs(self, intent: str) -> tuple[tuple[str, str, int], tuple[str, str, int]]:
        asked = self.asked[intent]
        one = asked.symbol_a, asked.side_a, int(asked.quantity_a)
        return one, (asked.symbol_b, asked.side_b, int(asked.quantity_b))


def _counted(orders: list[VenueOrder], symbol: str) -> tuple[Sides, Sides]:
    """Lots filled, and lots working."""
    done, working = {"buy": 0, "sell": 0}, {"buy": 0, "sell": 0}
    for order in orders:
        if order.request.symbol == symbol:
            done[order.request.side] += filled(order)
            if order.phase == "open":
                working[order.request.side] += order.request.amount - filled(order)
    return done, working


def _held(orders: list[VenueOrder], symbol: str, side: str) -> int:
    done, _ = _counted(orders, symbol)
    return done[side] - done[OPPOSITE[side]]
