"""What of the signals of a bar goes on: one word for each that does not.

What is left is never held back by how sure one is of it, nor by a price. What is opened is judged by itself
first, then with the others of the bar: who is refused alone opposes nobody.
"""

from collections.abc import Mapping, Sequence

from hedgecheck.arrays import whole
from hedgecheck.stress.components.protocols import AccountView, BarView, Holding, Policy, Refused, Signal

Key = tuple[str, str, str]  # strategy, symbol, hedge
LONG, SHORT = 1, 2


class SignalFilter:
    """The bundled orchestrator. An opening signal that came to nothing by the next bar, because something
    behind refused it, is not let through again for ``cooldown_bars``."""

    def __init__(self, cooldown_bars: int = 5) -> None:
        self._cooldown = whole("cooldown_bars", cooldown_bars, 0)
        self._sent: dict[Key, int] = {}  # opening signals let through, and the bar
        self._cooling: dict[Key, int] = {}  # until which bar
        self._told: set[str] = set()  # intents told to leave

    def select(
        self, signals: Sequence[Signal], view: BarView, account: AccountView, policy: Policy
    ) -> tuple[Sequence[Signal], Sequence[Refused]]:
        """See ``Orchestrator``. Reasons: CONFIDENCE_UNUSABLE, LOW_CONFIDENCE, UNUSABLE_PRICE, HELD,
        HELD_OPPOSITE, PENDING, NOTHING_HELD, COOLDOWN, DUPLICATE, OPPOSED."""
        if not (signals or self._sent or self._told):
            return (), ()
        held = {(each.strategy, each.symbol, each.hedge): each for each in account.holdings}
        self._learn(view.bar, held)
        usable = {each.symbol for each in view.quotes if each.usable}
        reasons = [self._alone(each, view.bar, usable, held, account, policy) for each in signals]
        _together(signals, reasons)
        judged = list(zip(signals, reasons, strict=True))
        passed = [each for each, reason in judged if not reason]
        for each in passed:
            key = _key(each)
            if each.target:
                self._sent[key] = view.bar
            else:
                self._told.add(held[key].intent)
        return passed, [Refused("orchestrator", reason, each) for each, reason in judged if reason]

    def _learn(self, bar: int, held: Mapping[Key, Holding]) -> None:
        """What became of the signals that were let through."""
        for key, sent in tuple(self._sent.items()):
            if key in held:
                del self._sent[key]
            elif sent < bar:
                del self._sent[key]
                self._cooling[key] = sent + self._cooldown
        if self._told:
            self._told &= {each.intent for each in held.values()}

    def _alone(
        self,
        signal: Signal,
        bar: int,
        usable: set[str],
        held: Mapping[Key, Holding],
        account: AccountView,
        policy: Policy,
    ) -> str:
        """Why a signal does not go on, whatever else the bar brings; empty if it may."""
        key = _key(signal)
        holding = held.get(key)
        if not 0 <= signal.confidence <= 1:  # nor is what is no number
            return "CONFIDENCE_UNUSABLE"
        if not signal.target:
            if holding is None:
                return "NOTHING_HELD"
            return "PENDING" if holding.intent in self._told and holding.intent in account.pending else ""
        if signal.confidence < policy.confidence_min:
            return "LOW_CONFIDENCE"
        if signal.symbol not in usable or (signal.hedge and signal.hedge not in usable):
            return "UNUSABLE_PRICE"
        if holding is not None:
            if not holding.quantity or holding.intent in account.pending:
                return "PENDING"
            return "HELD" if holding.quantity * signal.target > 0 else "HELD_OPPOSITE"
        return "COOLDOWN" if bar <= self._cooling.get(key, -1) else ""


def _together(signals: Sequence[Signal], reasons: list[str]) -> None:
    """Fills in why signals that could go on alone cannot go on together.

    The same said again is refused. Where some want a symbol bought and some want it sold nobody opens it, and
    who says both that he leaves and that he opens leaves.
    """
    said: set[tuple[Key, int]] = set()
    sides: dict[str, int] = {}
    for at, each in enumerate(signals):
        if reasons[at]:
            continue
        if (_key(each), each.target) in said:
            reasons[at] = "DUPLICATE"
            continue
        said.add((_key(each), each.target))
        for symbol, side in _legs(each):
            sides[symbol] = sides.get(symbol, 0) | side
    for at, each in enumerate(signals):
        if not reasons[at] and each.target:
            contested = any(sides[symbol] == LONG | SHORT for symbol, _ in _legs(each))
            if contested or (_key(each), 0) in said:
                reasons[at] = "OPPOSED"


def _legs(signal: Signal) -> tuple[tuple[str, int], ...]:
    """What it opens: the symbols, and on which side."""
    if not signal.target:
        return ()
    side, other = (LONG, SHORT) if signal.target > 0 else (SHORT, LONG)
    return ((signal.symbol, side), (signal.hedge, other)) if signal.hedge else ((signal.symbol, side),)


def _key(signal: Signal) -> Key:
    return signal.strategy, signal.symbol, signal.hedge
