"""Whether what a user hands over is a component: has it the methods, and do these take what they are given.

What a protocol asks for is read off the protocol, so that a message says what the documentation says.
"""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from hedgecheck.errors import UsageError


def fitted(name: str, component: Any, protocol: type) -> list[Callable[..., Any]]:
    """The methods of ``protocol`` that ``component`` has, in its order; a plain callable is the only method
    of a protocol that has one. ``UsageError`` where one is missing, or takes other arguments."""
    takes = _asked(protocol)
    wanted = list(takes)
    expected = " and ".join(_call(each, takes[each]) for each in wanted)
    if inspect.isclass(component):
        raise UsageError(
            f"{name} is the class {component.__name__}. Hand over an object of it, or give the class to "
            "components_from, which makes one for each run."
        )
    found = [getattr(component, each, None) for each in wanted]
    if len(wanted) == 1 and found[0] is None and callable(component):
        found = [component]
    missing = [each for each, method in zip(wanted, found, strict=True) if not callable(method)]
    if missing:
        what = f"{name} is a {type(component).__name__} without {' and '.join(missing)}."
        instead = " or a callable of the same arguments" if len(wanted) == 1 else ""
        raise UsageError(f"{what} Give an object with {expected}{instead}.")
    methods = [method for method in found if method is not None]
    for each, method in zip(wanted, methods, strict=True):
        _check_arguments(name, method, each, takes[each])
    return methods


@cache
def _asked(protocol: type) -> dict[str, list[str]]:
    """The methods of a protocol, and what each takes."""
    wanted = [each for each in vars(protocol) if not each.startswith("_")]
    return {each: list(inspect.signature(getattr(protocol, each)).parameters)[1:] for each in wanted}


def _check_arguments(name: str, method: Callable[..., Any], wanted: str, takes: list[str]) -> None:
    """Refuses what cannot be called with the protocol's arguments by position, or has to be awaited."""
    called = getattr(method, "__qualname__", type(method).__name__)
    expected = _call(wanted, takes)
    if inspect.iscoroutinefunction(method) or inspect.iscoroutinefunction(type(method).__call__):
        raise UsageError(f"{name}: {called} is async. Make it a plain function: {expected}.")
    try:
        signature = inspect.signature(method)
    except (TypeError, ValueError):  # some that are written in C do not tell
        return
    try:
        signature.bind(*takes)
    except TypeError as error:
        raise UsageError(
            f"{name}: {called}{signature} does not fit: {error}. It is called as {expected}."
        ) from error


def _call(method: str, takes: list[str]) -> str:
    return f"{method}({', '.join(takes)})"
