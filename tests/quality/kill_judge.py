"""What must be so of a store and a venue's ledger whenever the process between them was killed.

The shell is not asked, and nothing of it is used: events are folded anew, and the ledger is counted by hand.
"""

from collections import Counter
from typing import Any

from core import engine
from core.engine import State
from core.messages import SignalReceived, SignalsReceived, SubmitOrder
from hedgecheck.drive import order_name, signal_name
from hedgecheck.errors import StoreMissing
from hedgecheck.live.databases import database
from hedgecheck.live.encoding import decoded
from hedgecheck.live.exchange import Ledger
from hedgecheck.live.rows import row_at
from hedgecheck.live.store import recorded, verify
from hedgecheck.venue import VenueOrder, filled

Sides = dict[str, int]  # lots by side
OPPOSITE = {"buy": "sell", "sell": "buy"}


class Judge:
    """Follows one store. ``state``: the fold of its events so far; ``position``: of the last of them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.state: State | None = None
        self.position = 0
        self.digest = b""
        self.sent: dict[str, SubmitOrder] = {}
        self.asked: dict[str, SignalReceived] = {}

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
        """What is wrong beyond that where all has come to rest."""
        assert self.state is not None, "Invariant: a store is followed before it is judged at rest"
        found = [
            f"{each.request.client_order_id} works at rest" for each in ledger.orders if each.phase == "open"
        ]
        held = tuple((each.symbol, each.lots) for each in self.state.book.positions if each.lots)
        if held != ledger.positions:
            found.append(f"positions are {ledger.positions} at the venue and {held} in the books")
        if self.state.book.cash != ledger.cash:
            found.append(f"cash is {ledger.cash} at the venue and {self.state.book.cash} in the books")
        for intent, orders in self._by_intent(ledger).items():
            found += self._one_legged(intent, orders)
        return found

    def _follow(self) -> list[str]:
        """Checks the whole chain, and folds what is new; what was its head is to be a link of it still. A
        server may yet commit what the process sent before it died: that is for the next time."""
        stands = verify(self.address)
        if self.state is None:
            opening = decoded(stands.beginning.body, stands.beginning.format)
            self.state = engine.initial(opening.settings, opening.cash)
        elif self._digest_at(self.position) != self.digest:
            return [f"event {self.position} is not the one that it was"]
        for each in recorded(self.address, self.position):
            if each.position > stands.head.position:
                break
            self._fold(each.event)
            self.position = each.position
        if self.position != stands.head.position:
            return [f"the head is {stands.head.position}, and the last event is {self.position}"]
        self.digest = stands.head.digest
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

    def _digest_at(self, position: int) -> bytes:
        base = database(self.address)
        try:
            with base.engine.connect() as connection:
                return row_at(connection, position).digest
        finally:
            base.close()

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
