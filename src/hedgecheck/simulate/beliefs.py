"""What a bot says it holds, has open and is worth, in the words of the rules that hold it against the venues.

Nothing of the bot is looked at but by what its test hands over. What it says is asked for anew at every
check, and is never kept with the records: two executions with the same records may differ in it.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from hedgecheck import invariants
from hedgecheck.errors import HedgecheckError, NotApplicable, UsageError
from hedgecheck.fronts.ccxt.markets import MONEY, Listing, amount_of, price_of
from hedgecheck.invariants import Belief, BelievedOrder, Broken, Finding, Invariant
from hedgecheck.venue import position_of
from hedgecheck.venue import price_of as venue_price

if TYPE_CHECKING:
    from hedgecheck.simulate.market import Market

Said = Callable[[], Any] | Mapping[str, Any] | Iterable[Any] | float | Decimal
CENT = Decimal("0.01")  # equity may be rounded to it
ARGUMENTS = {
    invariants.position_converges.id: "sim.believes(positions)",
    invariants.open_orders_converge.id: "sim.believes(positions, open_orders=...)",
    invariants.risk_number_is_right.id: "sim.believes(positions, equity=...)",
}


class Beliefs:
    """What the test has handed over. ``rules``: those that this is enough for."""

    def __init__(self, markets: "Mapping[str, Market]", positions: Said, open_orders: Said | None) -> None:
        self._markets = markets
        self._positions = positions
        self._open_orders = open_orders
        self._equity: Said | None = None
        self.rules: tuple[Invariant, ...] = (invariants.position_converges,)
        if open_orders is not None:
            self.rules += (invariants.open_orders_converge,)

    def measures(self, equity: Said) -> None:
        """The bot also says what its account is worth, in the quote currency."""
        self._equity = equity
        self.rules += (invariants.risk_number_is_right,)

    def finding(self, rule: Invariant, told: Callable[[Belief], Finding | None]) -> Finding:
        """What the rule finds in what the bot says now; ``told`` asks it about a belief. What the bot raises
        when it is asked is a finding, too."""
        try:
            if rule is invariants.risk_number_is_right:
                return self._worth()
            return told(self._belief(rule)) or "vacuous"
        except HedgecheckError:
            raise
        except _Unusable as error:
            return Broken(str(error))
        except Exception as error:  # a bot may raise anything
            return Broken(f"asked what it believes, the bot raised {type(error).__name__}: {error}")

    def _belief(self, rule: Invariant) -> Belief:
        if rule is invariants.position_converges:
            return Belief(0, self._lots(), ())
        keys = [self._key(each) for each in _collection(_asked(self._open_orders, "open_orders"))]
        return Belief(0, (), tuple(BelievedOrder(key, False, 0) for key in dict.fromkeys(keys)))

    # ---- positions ----------------------------------------------------------------------------------------

    def _lots(self) -> tuple[tuple[str, int], ...]:
        """Lots by symbol beyond what the account was opened with, which no execution tells of."""
        said = _asked(self._positions, "positions")
        if not isinstance(said, Mapping):
            raise UsageError(
                f"sim.believes: positions came to {said!r}. Make it a dict of amounts by symbol, such as "
                '{"BTC/USDT": -0.5}, or a function that returns one.'
            )
        lots = {symbol: _whole(symbol, amount, self._listing(symbol)) for symbol, amount in said.items()}
        for market in self._markets.values():
            for symbol, opened in market.desk.opening.positions:
                lots[symbol] = lots.get(symbol, 0) - opened
        return tuple(sorted((symbol, count) for symbol, count in lots.items() if count))

    def _listing(self, symbol: str) -> Listing:
        for market in self._markets.values():
            if symbol in market.desk.listings:
                return market.desk.listings[symbol]
        raise UsageError(f"sim.believes: no exchange of this simulation lists {symbol!r}.")

    # ---- orders -------------------------------------------------------------------------------------------

    def _key(self, said: Any) -> str:
        """The name in the records of an order that the bot names by its id, its client order id, or whole."""
        name = str(said.get("id") or said.get("clientOrderId")) if isinstance(said, Mapping) else str(said)
        for market in self._markets.values():
            desk = market.desk
            by_id = desk.find(name, None) or desk.find(name.removeprefix("x-"), None)
            placed = by_id or desk.find(None, name)
            if placed is not None:
                return placed.key
        sent = (market.sent_ids.get(name) for market in self._markets.values())
        return next((key for key in sent if key is not None), name)

    # ---- equity -------------------------------------------------------------------------------------------

    def _worth(self) -> Finding:
        said = _asked(self._equity, "equity")
        believed = _number(said)
        if believed is None:
            raise _Unusable(f"at rest the bot believes that its equity is {said!r}")
        true = sum((_equity(each) for each in self._markets.values()), Decimal(0))
        if abs(believed - true) > CENT:
            return Broken(f"at rest the bot believes that its equity is {believed}; the venues' is {true}")
        return "holds" if any(market.desk.orders for market in self._markets.values()) else "vacuous"


class _Unusable(Exception):
    """The bot says what cannot be."""


def refuse_without(rule: Invariant, beliefs: Beliefs | None) -> None:
    """Raises ``NotApplicable`` for a rule of which the bot's test does not say what the bot believes."""
    if rule.id in OF_BELIEF and (beliefs is None or rule not in beliefs.rules):
        raise NotApplicable(
            f"{rule.name} ({rule.id}) compares what the bot believes with what is so. Say what it believes: "
            f"{ARGUMENTS[rule.id]}."
        )


OF_BELIEF = (invariants.position_converges.id, invariants.open_orders_converge.id)


def _asked(said: Said | None, what: str) -> Any:
    answer: Any = said() if callable(said) else said
    if hasattr(answer, "__await__"):
        if hasattr(answer, "close"):
            answer.close()
        raise UsageError(f"sim.believes: {what} is a coroutine function. Make it a plain function.")
    return answer


def _collection(said: Any) -> Iterable[Any]:
    if isinstance(said, str) or not isinstance(said, Iterable):
        raise UsageError(
            f"sim.believes: open_orders came to {said!r}. Make it a list of order ids or client order ids, "
            "or a function that returns one."
        )
    return said


def _number(said: Any) -> Decimal | None:
    try:
        number = Decimal(str(said))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _whole(symbol: str, amount: Any, listing: Listing) -> int:
    """The nearest whole number of lots: floats are added up in many ways."""
    number = _number(amount)
    if number is None:
        raise _Unusable(f"at rest the bot believes that it holds {amount!r} of {symbol}")
    return round(number / listing.lot)


def _equity(market: "Market") -> Decimal:
    """Cash, and what is held at the market's price, in the quote currency."""
    desk = market.desk
    worth = Decimal(desk.venue.cash) * MONEY
    for symbol, listing in desk.listings.items():
        price = price_of(listing, venue_price(desk.venue, symbol))
        worth += amount_of(listing, position_of(desk.venue, symbol)) * price
    return worth
