"""``fault``: a fault of a user's own, a pure function of one message, and how it strikes in an execution.

A function is asked what it would make of a message before anything is chosen: where it says None the fault
cannot strike. What a client of the venue learns by an answer that was altered counts as nothing.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from hedgecheck import faults as kinds
from hedgecheck.errors import UsageError
from hedgecheck.faults import Fault
from hedgecheck.fronts.ccxt.calls import Call, EditOrder
from hedgecheck.fronts.ccxt.errors import error_class
from hedgecheck.fronts.ccxt.markets import amount_of, lots_of, price_of, ticks_of
from hedgecheck.fronts.desk import Desk
from hedgecheck.simulate.variants import Variant
from hedgecheck.values import frozen, replace

if TYPE_CHECKING:
    from hedgecheck.simulate.execution import Execution

At = Literal["request", "reply", "event", "price"]
SITES = ("request", "reply", "event", "price")
CCXT = {
    "client_order_id": "clientOrderId",
    "reduce_only": "reduceOnly",
    "post_only": "postOnly",
    "stop_price": "stopPrice",
}
OWN = {name: field for field, name in CCXT.items()}


@frozen
class Message:
    """What a fault looks at; nothing in it can be changed in place. ``method`` is ccxt's, such as
    create_order. ``arguments``: what was asked for, amounts and prices as Decimal. ``answer``: ccxt's
    structure, or an exception; at a price the price; of a request None."""

    method: str
    arguments: Mapping[str, Any]
    answer: Any = None

    def changed(self, **arguments: Any) -> "Message":
        """The same request with other arguments."""
        return Message(self.method, MappingProxyType({**self.arguments, **arguments}), self.answer)

    def answered(self, answer: Any) -> "Message":
        """The same with another answer, structure or price."""
        return Message(self.method, self.arguments, answer)


Does = Callable[[Message], Message | Exception | None]


def fault(*, at: At, method: str = "*", heals_after_seconds: float | None = None) -> Callable[[Does], Fault]:
    """Makes a fault of a pure function: it is given a ``Message`` and returns an altered one, an exception
    that the client gets instead, or None where it would do nothing.

    ``at``: request, on its way to the venue; reply; event, a message of a stream; price, that of a ticker.
    ``method``: ccxt's method, ``*`` for any part of it. It strikes one message; with ``heals_after_seconds``
    (virtual) every message that it would alter, for that long. Raises ``UsageError`` for what makes no sense.
    """
    if at not in SITES:
        raise UsageError(f"fault(at={at!r}): there are 'request', 'reply', 'event' and 'price'.")
    if not isinstance(method, str) or not method:
        raise UsageError(f"fault(method={method!r}): give the name of a method of ccxt, or '*' for all.")
    seconds = heals_after_seconds
    if seconds is not None and (isinstance(seconds, bool) or not 0 < seconds < float("inf")):
        raise UsageError(f"fault(heals_after_seconds={seconds!r}): it must be more than 0.")

    def made(does: Does) -> Fault:
        if not callable(does) or isinstance(does, type) or inspect.iscoroutinefunction(does):
            raise UsageError(f"@hedgecheck.fault stands above a plain function, not above {does!r}.")
        name = str(getattr(does, "__name__", type(does).__name__))
        name = "fault" if name == "<lambda>" else name
        if hasattr(kinds, name):
            raise UsageError(f"{name} is a fault of hedgecheck's own. Give the function another name.")
        heals = "it strikes once" if seconds is None else f"it is over after {seconds:g} s"
        return Fault(name, name, at, heals, does, method, seconds)

    return made


class OwnFaults:
    """The user's own faults in one execution."""

    def __init__(self, run: "Execution") -> None:
        self._run = run
        own = [each for each in run.setting.faults if each.does is not None]
        self._at = {at: [each for each in own if each.site == at] for at in SITES}
        self._until: dict[Fault, float] = {}

    def strike(
        self, at: At, about: str, message: Callable[[], Message], others: tuple[Variant, ...] = ()
    ) -> tuple[Variant | None, Message | Exception | None]:
        """The fault that strikes here, one of ``others`` or a user's, and what that makes of the message."""
        run = self._run
        effects = self._effects(at, message()) if self._at[at] and run.ended_at is None else []
        for each, effect in effects:
            if run.now < self._until.get(each, 0.0):
                run.fault_at = run.now
                return Variant(each, "own", f"{each.name} goes on"), effect
        offered = tuple(Variant(each, "own", each.name) for each, _ in effects)
        variant = run.strike(about, (*others, *offered))
        if variant is None or variant not in offered:
            return variant, None
        self._until[variant.fault] = run.now + (variant.fault.heals_after_seconds or 0.0)
        return variant, effects[offered.index(variant)][1]

    def _effects(self, at: At, message: Message) -> list[tuple[Fault, Message | Exception]]:
        asked = [each for each in self._at[at] if fnmatchcase(message.method, each.method)]
        effects = [(each, self._effect(each, message)) for each in asked]
        return [(each, effect) for each, effect in effects if effect is not None]

    def _effect(self, fault: Fault, message: Message) -> Message | Exception | None:
        assert fault.does is not None, "Invariant: a user's own fault has a function"
        try:
            effect = fault.does(message)
            if isinstance(effect, type) and issubclass(effect, Exception):
                effect = effect()
            if effect is None or isinstance(effect, Message | Exception):
                return effect
            raise UsageError(
                f"fault {fault.name} returned {effect!r}. Return message.changed(...) for a request, "
                "message.answered(...) otherwise, an exception, or None."
            )
        except Exception as error:
            self._run.loop.stash(error)  # it is the test's mistake, and the bot must not catch it
            raise


# ---- messages as a function may look at them, and back ----------------------------------------------------


def frozen_view(value: Any) -> Any:
    """A structure that cannot be changed in place."""
    if isinstance(value, Mapping):
        return MappingProxyType({name: frozen_view(each) for name, each in value.items()})
    return tuple(frozen_view(each) for each in value) if isinstance(value, list | tuple) else value


def thawed(value: Any) -> Any:
    """The same in dicts and lists, as ccxt gives it."""
    if isinstance(value, Mapping):
        return {name: thawed(each) for name, each in value.items()}
    return [thawed(each) for each in value] if isinstance(value, list | tuple) else value


def view_of(desk: Desk, method: str, call: Call, answer: Any = None) -> Message:
    """A request, or what comes of it."""
    arguments: dict[str, Any] = {"id": call.id} if isinstance(call, EditOrder) else {}
    about: Any = call.order if isinstance(call, EditOrder) else call
    for each in fields(about):
        value = getattr(about, each.name)
        if value is not None and each.name in ("amount", "price", "stop_price"):
            exactly = amount_of if each.name == "amount" else price_of
            value = exactly(desk.listing(about.symbol), value)
        arguments[CCXT.get(each.name, each.name)] = value
    return Message(method, frozen_view(arguments), frozen_view(answer))


def call_of_view(desk: Desk, call: Call, before: Message, after: Message) -> Call:
    """The request with the arguments that were changed. Raises ``UsageError`` for those that cannot be."""
    changes = {
        OWN.get(name, name): value
        for name, value in after.arguments.items()
        if name not in before.arguments or before.arguments[name] != value
    }
    about: Any = call.order if isinstance(call, EditOrder) else call
    known = {each.name for each in fields(about)}
    own = {name: changes.pop(name) for name in ("id",) if isinstance(call, EditOrder) and name in changes}
    if not set(changes) <= known:
        raise UsageError(f"{after.method} has no {', '.join(sorted(set(changes) - known))} to change.")
    try:
        listing = desk.listing(changes.get("symbol", about.symbol)) if "symbol" in known else None
        for name in {"amount", "price", "stop_price"} & set(changes):
            if changes[name] is not None and listing is not None:
                changes[name] = (lots_of if name == "amount" else ticks_of)(listing, changes[name])
    except error_class("BaseError") as error:
        raise UsageError(f"a fault changed {after.method}: {error}") from error
    changed = replace(about, **changes)
    return replace(call, order=changed, **own) if isinstance(call, EditOrder) else changed
