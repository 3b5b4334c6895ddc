"""Rules as a test gives them: the kit's invariants, and functions of the ledger.

``invariant`` gives a function a name and a kind, and leaves it the function that it is.
"""

import inspect
from collections.abc import Callable, Hashable
from typing import Any, Literal, TypeVar, cast, overload

from hedgecheck import invariants
from hedgecheck.errors import NotApplicable, UsageError
from hedgecheck.invariants import Invariant
from hedgecheck.simulate.ledger import Ledger
from hedgecheck.values import frozen

Predicate = Callable[[Ledger], object]
Rule = Invariant | Predicate
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


def mark_of(rule: Rule) -> Mark | None:
    """What a rule was decorated with, if it was."""
    mark = getattr(rule, MARK, None)
    return mark if isinstance(mark, Mark) else None


def name_of(rule: Rule) -> str:
    """What a rule is called in a verdict."""
    known = invariant_of(rule)
    if known is not None:
        return known.name
    mark = mark_of(rule)
    if mark is not None:
        return mark.id
    name = getattr(rule, "__name__", type(rule).__name__)
    return "rule" if name == "<lambda>" else str(name)


def refuse_what_compares(rule: Invariant | None) -> None:
    """Raises ``NotApplicable`` for a rule that one execution alone cannot break."""
    if rule is not None and rule.kind == "compared":
        raise NotApplicable(
            f"{rule.name} ({rule.id}) compares two executions of one tape, and says nothing of one alone. "
            f"hedgecheck.compare(fn, vary=hedgecheck.invariants.{rule.name}) makes both."
        )


def refuse_what_is_no_rule(rule: object) -> None:
    """Raises ``UsageError`` for what cannot be asked for."""
    if isinstance(rule, type) or not (callable(rule) or invariant_of(cast(Rule, rule))):
        raise UsageError(
            f"{rule!r} is no rule. Give one of hedgecheck.invariants, such as hedgecheck.invariants.hedged, "
            "or a function of the ledger."
        )


def invariant_of(rule: Rule) -> Invariant | None:
    """A rule as one of the kit's, if it is."""
    if isinstance(rule, Hashable) and all(hasattr(rule, name) for name in ("books", "verdict", "kind")):
        return cast(Invariant, rule)
    return None
