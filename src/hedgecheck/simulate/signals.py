"""Intents as a bot gets them, and the calls that carry them.

A bot that nobody wrote for us says nothing about intents. So a signal notes who reads it: the call in which
that happens carries it, and orders that the reader sends from then on are for it.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from decimal import Decimal
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from hedgecheck.errors import UsageError
from hedgecheck.fronts.ccxt.markets import Listing, amount_of, lots_of
from hedgecheck.messages import Intent, Side
from hedgecheck.simulate.ledger import LedgerSignal

if TYPE_CHECKING:
    from hedgecheck.simulate.shared import Shared

call_of: ContextVar["Carrier | None"] = ContextVar("call_of", default=None)


last_read: ContextVar["Signal | None"] = ContextVar("last_read", default=None)


class Carrier:
    """One call into the bot, and the signals it carried; none but the test itself where ``is_call`` is
    False."""

    __slots__ = ("is_call", "signals")

    def __init__(self, *, is_call: bool) -> None:
        self.is_call = is_call
        self.signals: list[Signal] = []


class Signal:
    """One intent of a strategy: leg X, and leg Y where there is one. The same object is the same intent."""

    __slots__ = ("_reduces", "_sim", "_values")

    def __init__(self, sim: "Shared", values: dict[str, Any], *, reduces: bool) -> None:
        self._sim = sim
        self._values = values
        self._reduces = reduces

    def _read(self, name: str) -> Any:
        self._sim.carries(self)
        return self._values[name]

    @property
    def signal_id(self) -> str:
        """The intent's own id."""
        return cast(str, self._read("signal_id"))

    @property
    def pair_x(self) -> str:
        """The symbol of leg X."""
        return cast(str, self._read("pair_x"))

    @property
    def pair_y(self) -> str | None:
        """The symbol of leg Y; None without one."""
        return cast("str | None", self._read("pair_y"))

    @property
    def side_x(self) -> Side:
        """Which side leg X is on: buy or sell."""
        return cast(Side, self._read("side_x"))

    @property
    def side_y(self) -> Side | None:
        """The other leg's side; None without leg Y."""
        return cast("Side | None", self._read("side_y"))

    @property
    def amount_x(self) -> Any:
        """Leg X, in its base currency, as the test said it."""
        return self._read("amount_x")

    @property
    def amount_y(self) -> Any:
        """Leg Y, in its base currency; None without one."""
        return self._read("amount_y")

    @property
    def reduces(self) -> bool:
        """Whether it closes what is held."""
        return self._reduces

    @property
    def id(self) -> str:
        """The same as ``signal_id``, read by the simulator itself."""
        return str(self._values["signal_id"])

    @property
    def symbols(self) -> frozenset[str]:
        """What it trades, read by the simulator itself."""
        pairs = self._values["pair_x"], self._values["pair_y"]
        return frozenset(each for each in pairs if each is not None)

    @property
    def has_two_legs(self) -> bool:
        """Whether there is a leg Y."""
        return self._values["pair_y"] is not None

    def __repr__(self) -> str:
        value = self._values
        second = f", {value['side_y']} {value['amount_y']} {value['pair_y']}" if self.has_two_legs else ""
        return f"<signal {self.id}: {value['side_x']} {value['amount_x']} {value['pair_x']}{second}>"

    def as_intent(self, listings: dict[str, Listing]) -> Intent:
        """The intent in lots. A leg Y that does not exist is one of nothing."""
        value = self._values
        first = lots_of(_listing(listings, value["pair_x"]), value["amount_x"])
        second, symbol, side = 0, value["pair_x"], value["side_x"]
        if self.has_two_legs:
            symbol, side = value["pair_y"], value["side_y"]
            second = lots_of(_listing(listings, symbol), value["amount_y"])
        return Intent(
            self.id, value["pair_x"], value["side_x"], first, symbol, side, second, reduces=self._reduces
        )

    def in_ledger(self, listings: dict[str, Listing]) -> LedgerSignal:
        """The intent as rules see it."""
        value, intent = self._values, self.as_intent(listings)
        amount_y: Decimal | None = None
        if self.has_two_legs:
            amount_y = amount_of(listings[intent.symbol_b], intent.amount_b)
        return LedgerSignal(
            self.id,
            value["pair_x"],
            value["side_x"],
            amount_of(listings[intent.symbol_a], intent.amount_a),
            value["pair_y"],
            value["side_y"],
            amount_y,
            self._reduces,
        )


def signal_values(
    pair_x: str, pair_y: str | None, amount_x: Any, amount_y: Any, side_x: Side, side_y: Side, signal_id: str
) -> dict[str, Any]:
    """What a signal holds. Raises ``UsageError`` for sides that are none."""
    for side in (side_x, side_y):
        if side not in ("buy", "sell"):
            raise UsageError(f"{side!r} is no side. A side is 'buy' or 'sell'.")
    return {
        "signal_id": signal_id,
        "pair_x": pair_x,
        "pair_y": pair_y,
        "side_x": side_x,
        "side_y": side_y if pair_y is not None else None,
        "amount_x": amount_x,
        "amount_y": (amount_x if amount_y is None else amount_y) if pair_y is not None else None,
    }


def intending(
    sim: "Shared",
    stash: Callable[[BaseException], None],
    decide: Callable[..., Any],
    to_intent: Callable[[Any], Any],
) -> Callable[..., Any]:
    """The decision function, with each result declared and delivered; async where it is. ``stash`` ends the
    execution with an error, whatever the bot makes of it."""
    for each in (decide, to_intent):
        if not callable(each):
            raise UsageError(f"sim.intends takes functions, not a {type(each).__name__}.")

    def declared(result: Any) -> Any:
        try:
            _declare(sim, result, None if result is None else to_intent(result))
        except Exception as error:
            stash(error)  # it is the test's mistake, and the bot must not catch it
            raise
        return result

    async def later(deciding: Awaitable[Any]) -> Any:
        return declared(await deciding)

    if inspect.iscoroutinefunction(decide):

        @wraps(decide)
        async def decides(*args: Any, **kwargs: Any) -> Any:
            return await later(decide(*args, **kwargs))

        return decides

    @wraps(decide)
    def decides_at_once(*args: Any, **kwargs: Any) -> Any:
        result = decide(*args, **kwargs)
        return later(result) if inspect.isawaitable(result) else declared(result)

    return decides_at_once


def _declare(sim: "Shared", decided: Any, made: Any) -> None:
    """The intent that a decision makes, if any, is carried by whoever decided it."""
    if isinstance(made, Mapping):
        sim.carries(sim.signal(**made))
    elif isinstance(made, tuple):
        sim.carries(sim.signal(*made))
    elif made is not None:
        raise UsageError(
            f"sim.intends: {decided!r} came to {made!r}. Make of a decision None, or the arguments of "
            "sim.signal: a tuple or a dict."
        )


def _listing(listings: dict[str, Listing], symbol: str) -> Listing:
    found = listings.get(symbol)
    if found is None:
        raise UsageError(
            f"The signal trades {symbol}, which no exchange of this simulation lists. "
            f"Name it: sim.exchange(markets=[{symbol!r}, ...])."
        )
    return found
