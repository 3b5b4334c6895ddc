"""One engine over one venue: which fault strikes which of its orders, what it called, and what it answered.

What is demanded is read off the venue, never off the engine, but for the answer of a call.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hedgecheck import faults, invariants
from hedgecheck.conformance.engine import Clock, Make
from hedgecheck.fronts.ccxt.calls import Call, Fetch, NewOrder
from hedgecheck.simulate.exchange import scripted
from hedgecheck.simulate.ledger import Ledger, LedgerSignal
from hedgecheck.simulate.signals import Signal
from hedgecheck.simulate.sim import Sim
from hedgecheck.simulate.story import number
from hedgecheck.simulate.variants import Variant

X, Y = "BTC/USDT", "ETH/USDT"
MARKETS = {  # with a smallest order that is worth something
    X: {"min_amount": 0.001},
    Y: {"min_amount": 0.01},
    "SOL/USDT": {"min_amount": 0.1},
}
FLAT_SECONDS = 300.0  # for what must not stay as it is
DUST = Decimal("0.01")  # of the amount asked for: less than that may be too small to be ordered
LOOK_UPS = ("order", "orders", "open_orders", "closed_orders", "my_trades", "order_trades")

CLOSED_AT_60 = Variant(faults.partial_fill, "expire", "60 % of it fills, and the venue closes it", 600_000)
CLOSED_AT_10 = Variant(faults.partial_fill, "expire", "10 % of it fills, and the venue closes it", 100_000)
REFUSED = Variant(faults.venue_reject, "reject", "the venue rejects it", "INSUFFICIENT_BALANCE")
REPLY_LOST = Variant(faults.response_lost, "lose reply", "the reply is lost")
REQUEST_LOST = Variant(faults.response_lost, "lose request", "the request is lost")
RESET = Variant(faults.disconnect, "reset", "the connection breaks after the request arrived")
UNAVAILABLE = Variant(faults.response_lost, "unavailable", "the venue took it, and answers 503")

Strikes = Mapping[tuple[str, int], Variant]  # by symbol, and which order for it, from 1


def demand(condition: object, requirement: str, text: str) -> None:
    """Raises ``AssertionError`` with the requirement's id where it is not met."""
    if not condition:
        raise AssertionError(f"{requirement}: {text}")


class Scene:
    """A fresh engine, and what happens between it and the venue. ``calls``: every request that arrived."""

    def __init__(self, sim: Sim, make: Make, strikes: Strikes | None = None) -> None:
        self.sim = sim
        self.calls: list[Call] = []
        self._strikes = strikes or {}
        self._wrong = ""
        self.engine = make(scripted(sim.exchange(markets=MARKETS), self._struck), Clock(sim))
        sim.always(invariants.live)
        sim.always(self.answers_are_true)
        sim.eventually(invariants.hedged, within_seconds=FLAT_SECONDS)

    def _struck(self, call: Call) -> Variant | None:
        self.calls.append(call)
        if not isinstance(call, NewOrder):
            return None
        return self._strikes.get((call.symbol, len(self.sent(call.symbol))))

    def signal(self, amount_y: float = 1.0, side_x: Any = "buy", side_y: Any = "sell") -> Signal:
        """A new intent for 1.0 of X against ``amount_y`` of Y."""
        return self.sim.signal(X, Y, 1.0, amount_y, side_x, side_y)

    async def trade(self, signal: Signal, times: int = 1) -> list[bool]:
        """Hands the engine one signal that many times at once. Its answers: bools, of which at most one is
        True, and that only where both legs are now on and balanced."""
        before = self.held(X), self.held(Y)
        answers = await self.sim.concurrently(*[lambda: self.engine.execute_pair_trade(signal)] * times)
        for answer in answers:
            demand(
                isinstance(answer, bool), "CH-15", f"execute_pair_trade gave {answer!r}, not True or False"
            )
        try:
            self._look_at(answers, signal, self.held(X) - before[0], self.held(Y) - before[1])
        except AssertionError as error:
            self._wrong = self._wrong or str(error)
        return answers

    def _look_at(self, answers: list[bool], signal: Signal, held_x: Decimal, held_y: Decimal) -> None:
        demand(answers.count(True) <= 1, "CH-13", f"one signal is one trade, and was answered {answers}")
        if True in answers:
            taken = [each for each in self.sim.ledger.signals if each.signal_id == signal.id]
            demand(taken, "CH-15", "the answer was True, and nothing was read of the request")
            refuse_unbalanced(taken[0], held_x, held_y)

    def answers_are_true(self, _ledger: Ledger) -> None:
        """A rule: True is answered once for a signal, and only where it is hedged. It is asked after what a
        test itself demands of the same trade. Raises ``AssertionError``."""
        if self._wrong:
            raise AssertionError(self._wrong)

    def held(self, symbol: str) -> Decimal:
        """What was bought less what was sold of a symbol so far, in its base currency, before fees."""
        return held(self.sim, symbol)

    def sent(self, symbol: str | None = None) -> list[NewOrder]:
        """Every create_order that arrived, of one symbol or all, those that a fault struck among them."""
        return [each for each in self.calls if isinstance(each, NewOrder) and symbol in (None, each.symbol)]

    def amounts(self, symbol: str) -> list[Decimal]:
        """What the accepted orders of a symbol asked for, in its base currency."""
        return [each.amount for each in self.sim.ledger.orders if each.symbol == symbol]

    def looked_up_after(self, symbol: str, which: int) -> bool:
        """Whether the engine asked about its orders after that one, and before it sent another."""
        sent = 0
        for call in self.calls:
            if isinstance(call, NewOrder):
                if sent == which:
                    return False
                sent += call.symbol == symbol
            elif sent == which and isinstance(call, Fetch) and call.what in LOOK_UPS:
                return True
        return False


def held(sim: Sim, symbol: str) -> Decimal:
    """What was bought less what was sold of a symbol so far, in its base currency, before fees."""
    mine = [each for each in sim.ledger.fills if each.symbol == symbol]
    return sum((each.amount if each.side == "buy" else -each.amount for each in mine), Decimal(0))


def refuse_unbalanced(signal: LedgerSignal, held_x: Decimal, held_y: Decimal) -> None:
    """Raises ``AssertionError`` where what is held, signed, does not have both legs of a signal balanced."""
    assert signal.amount_y is not None, "Invariant: the signals of the conformance tests have two legs"
    done_x = held_x if signal.side_x == "buy" else -held_x
    done_y = held_y if signal.side_y == "buy" else -held_y
    demand(
        done_x > 0 and abs(done_x / signal.amount_x - done_y / signal.amount_y) <= DUST,
        "CH-09",
        f"the answer was True, which means that both legs are on and balanced; leg X has {number(done_x)} of "
        f"{number(signal.amount_x)}, leg Y {number(done_y)} of {number(signal.amount_y)}",
    )
