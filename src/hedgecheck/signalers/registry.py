"""Signalers by name: the kit's own, and those that a user adds."""

from collections.abc import Callable
from typing import Any

from hedgecheck.errors import UsageError
from hedgecheck.signalers.history import Signaler
from hedgecheck.signalers.pairs import Pairs
from hedgecheck.signalers.strategies import DeepValue, MeanReversion, Momentum, SqueezeHunter

_MAKERS: dict[str, Callable[..., Signaler]] = {
    "deep_value": DeepValue,
    "squeeze_hunter": SqueezeHunter,
    "mean_reversion": MeanReversion,
    "momentum": Momentum,
    "pairs": Pairs,
}


def names() -> tuple[str, ...]:
    """The names of all signalers, in the order in which they were registered."""
    return tuple(_MAKERS)


def register(name: str, make: Callable[..., Signaler]) -> None:
    """Adds a signaler: ``make`` is its class, or a function of its parameters. ``UsageError`` for a name that
    is taken."""
    if name in _MAKERS:
        raise UsageError(f"There is a signaler {name!r} already. Give yours another name.")
    _MAKERS[name] = make


def signaler(name: str, **parameters: Any) -> Signaler:
    """The signaler of that name; without parameters with its own. ``UsageError`` for a name or a parameter
    that there is not."""
    if name not in _MAKERS:
        raise UsageError(f"There is no signaler {name!r}. There are {', '.join(names())}.")
    try:
        return _MAKERS[name](**parameters)
    except TypeError as error:
        raise UsageError(f"{name} was given what it does not take: {error}.") from error
