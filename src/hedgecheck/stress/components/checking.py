"""Whether what a component returned is what its protocol says: else refused with name, bar and value."""

from collections.abc import Sequence
from math import isfinite
from typing import Any, TypeVar

from hedgecheck.errors import UsageError
from hedgecheck.stress.components.protocols import BarView, Order, Refused, Signal

Kind = TypeVar("Kind")


def refuse(name: str, bar: int, value: object, why: str) -> UsageError:
    """The error of a component that returned something it must not."""
    return UsageError(f"{name} at bar {bar} returned {value!r}: {why}.")


def items(name: str, bar: int, value: Any, kind: type[Kind]) -> Sequence[Kind]:
    """A list or a tuple of ``kind``."""
    if not isinstance(value, list | tuple):
        raise refuse(name, bar, value, f"give a list or a tuple of {kind.__name__}")
    for each in value:
        if not isinstance(each, kind):
            raise refuse(name, bar, each, f"give a list of {kind.__name__} and nothing else")
    return value


def halves(name: str, bar: int, value: Any, kind: type[Kind]) -> tuple[Sequence[Kind], Sequence[Refused]]:
    """What goes on, and what does not."""
    if not isinstance(value, tuple) or len(value) != 2:
        raise refuse(name, bar, value, f"give two lists: of {kind.__name__} that go on, and of Refused")
    return items(name, bar, value[0], kind), items(name, bar, value[1], Refused)


def signal_checked(name: str, view: BarView, signal: Signal) -> None:
    """Symbols of the bar, a target that there is, a confidence that is a float: even one that is no number,
    for models fail so."""
    known = {each.symbol for each in view.quotes}
    if signal.symbol not in known or (signal.hedge and signal.hedge not in known):
        raise refuse(name, view.bar, signal, f"unknown symbol; there are {', '.join(sorted(known))}")
    if signal.symbol == signal.hedge:
        raise refuse(name, view.bar, signal, "a symbol does not hedge itself")
    if signal.target not in (1, 0, -1):
        raise refuse(name, view.bar, signal, "target is 1, 0 or -1")
    if not isinstance(signal.confidence, float | int):
        raise refuse(name, view.bar, signal, "confidence is a number from 0 to 1")


def order_checked(name: str, view: BarView, order: Order, given: Sequence[Signal]) -> None:
    """A size for a signal that was given: finite amounts above 0, stops that are prices or None."""
    signal = order.signal
    if signal not in given:
        raise refuse(name, view.bar, order, "this signal was not given to it")
    if order.side not in ("buy", "sell"):
        raise refuse(name, view.bar, order, "side is buy or sell")
    stops = [each for each in (order.stop, order.hedge_stop) if each is not None]
    if not _amount(order.quantity) or not all(map(_amount, stops)):
        raise refuse(name, view.bar, order, "quantity and stop are finite numbers above 0")
    if signal.hedge and not _amount(order.hedge_quantity):
        raise refuse(name, view.bar, order, "the hedge's quantity is a finite number above 0")
    if not signal.hedge and (order.hedge_quantity != 0 or order.hedge_stop is not None):
        raise refuse(name, view.bar, order, "there is no hedge: its quantity is 0 and its stop None")


def subset_checked(name: str, bar: int, found: Sequence[Signal], given: Sequence[Signal]) -> None:
    """Nothing that was not given, and nothing more often than it was."""
    left = list(given)
    for each in found:
        if each not in left:
            raise refuse(name, bar, each, "this signal was not given to it, or not as often")
        left.remove(each)


def flag(name: str, value: Any) -> bool:
    """True or False; ``UsageError`` for anything else, which would be read as one of them."""
    if not isinstance(value, bool):
        raise UsageError(f"{name} is {value!r}. Give true or false.")
    return value


def _amount(value: object) -> bool:
    return isinstance(value, float | int) and isfinite(value) and value > 0
