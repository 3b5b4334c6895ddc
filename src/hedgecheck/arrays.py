"""Series of numbers as users hand them over: read once, refused with cause and cure, never mended."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hedgecheck.errors import UsageError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def series(name: str, values: ArrayLike, bars_min: int = 1, above: float | None = None) -> Floats:
    """One finite number for each bar, oldest first; every one larger than ``above``.

    Raises ``UsageError`` for what is no series, is too short, or has a bar without a usable number.
    """
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"{name} holds something that is no number. Give one number for each bar."
        ) from error
    if found.ndim != 1:
        raise UsageError(f"{name} has {found.ndim} dimensions. Give one number for each bar, oldest first.")
    if len(found) < bars_min:
        raise UsageError(f"{name} has {len(found)} bars where {bars_min} are needed. Give a longer series.")
    unusable = ~np.isfinite(found)
    if unusable.any():
        raise UsageError(_at(name, found, unusable, "is no finite number"))
    if above is not None and (found <= above).any():
        raise UsageError(_at(name, found, found <= above, f"is not above {above:g}"))
    return found


def _at(name: str, found: Floats, wrong: NDArray[np.bool_], why: str) -> str:
    bar = int(np.argmax(wrong))
    return (
        f"{name} {why} at bar {bar}: {found[bar]}; {int(wrong.sum())} of {len(found)} bars are so. "
        "Leave these bars out, or fill them with the last value that was known then."
    )


def number(name: str, value: Any, low: float, high: float = float("inf")) -> float:
    """A finite number from ``low`` to ``high``; ``UsageError`` for any other."""
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not is_number or not np.isfinite(value) or not low <= value <= high:
        bounds = f"at least {low:g}" if high == float("inf") else f"from {low:g} to {high:g}"
        raise UsageError(f"{name} is {value!r}. Give a number that is {bounds}.")
    return float(value)


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """A whole number from ``low`` to ``high``; ``UsageError`` for any other."""
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or value < low or (high is not None and value > high):
        bounds = f"at least {low}" if high is None else f"from {low} to {high}"
        raise UsageError(f"{name} is {value!r}. Give a whole number that is {bounds}.")
    return int(value)


def names(name: str, values: str | Sequence[str]) -> tuple[str, ...]:
    """One name or several, each different; ``UsageError`` for none, and for one said twice."""
    found = (values,) if isinstance(values, str) else tuple(values)
    if not found or len(set(found)) != len(found):
        raise UsageError(f"{name} are {found}. Give one or more, each of them once.")
    return found
