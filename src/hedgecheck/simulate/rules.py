"""``invariant``: a name and a kind for a rule of a user's own, which stays the function that it is."""

import inspect
from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

from hedgecheck import invariants
from hedgecheck.errors import UsageError
from hedgecheck.invariants import Invariant
from hedgecheck.values import frozen

Function = TypeVar("Function", bound=Callable[[Any], object])
Kind = Literal["always", "rest", "deadline"]
KINDS = ("always", "rest", "deadline")
MARK = "_hedgecheck_rule"
OURS = {
    word: rule.name
    for rule in vars(invariants).values()
    if all(hasattr(rule, part) for part in ("id", "name", "books")) and not isinstance(rule, type)
    for word in (rule.id, rule.name)
}


@frozen
class Mark:
    """What a rule was decorated with."""

    id: str
    kind: Kind


@overload
def invariant(fn: Function, /) -> Function: ...


@overload
def invariant(*, kind: Kind = "always", id: str | None = None) -> Callable[[Function], Function]: ...


def invariant(fn: Any = None, /, *, kind: Kind = "always", id: str | None = None) -> Any:
    """Decorates a function of the ledger that returns False, or raises AssertionError, where it is broken.

    ``kind``: always, at every moment; rest, once nothing moves any more; deadline, a rule that may be broken
    for a while, for ``sim.eventually`` alone. ``id``: what it is called in a verdict, else the function's
    name. Raises ``UsageError`` for another kind, an id of the kit's own, and what is no plain function.
    """
    if kind not in KINDS:
        raise UsageError(f"invariant(kind={kind!r}): there are 'always', 'rest' and 'deadline'.")
    if id is not None and (not isinstance(id, str) or not id.strip() or id in OURS):
        taken = f", and {id} is hedgecheck's own" if isinstance(id, str) and id in OURS else ""
        raise UsageError(f"invariant(id={id!r}): give a text of your own{taken}.")
    if fn is not None:
        return _marked(fn, kind, id)
    return lambda function: _marked(function, kind, id)


def _marked(fn: Any, kind: Kind, id: str | None) -> Any:
    if not callable(fn) or isinstance(fn, type) or hasattr(fn, "books"):
        raise UsageError(f"@hedgecheck.invariant stands above a function of the ledger, not above {fn!r}.")
    if inspect.iscoroutinefunction(fn):
        raise UsageError(f"{fn.__name__} is a coroutine function. Make it a plain function of the ledger.")
    name = id or str(getattr(fn, "__name__", type(fn).__name__))
    if name in OURS:
        raise UsageError(f"{name} is a rule of hedgecheck's own. Give it another name, or an id.")
    try:
        setattr(fn, MARK, Mark(name, kind))
    except AttributeError as error:
        raise UsageError(f"{fn!r} cannot be named. Write a function of the ledger that calls it.") from error
    return fn


def mark_of(rule: Invariant | Callable[[Any], object]) -> Mark | None:
    """What a rule was decorated with, if it was."""
    mark = getattr(rule, MARK, None)
    return mark if isinstance(mark, Mark) else None
