"""What goes wrong on the wire of the exchange's process: drawn from a seed, each at a rate of its own."""

from collections.abc import Mapping
from random import Random
from typing import Literal

from hedgecheck import faults
from hedgecheck.errors import UsageError
from hedgecheck.faults import Fault

KINDS: dict[str, Fault] = {
    "response_lost": faults.response_lost,
    "late_ack": faults.late_ack,
    "disconnect": faults.disconnect,
    "duplicated": faults.duplicated,
    "reordered": faults.reordered,
}
RATE = 0.05
LATE_SECONDS_MAX = 8.0  # of a reply: beyond what a client waits for one
ASTRAY_SECONDS_MAX = 0.5  # of a report


def rates(text: str) -> dict[str, float]:
    """The rates of a text like ``response_lost,disconnect=0.01``; a kind without one has one of 0.05.

    Raises ``UsageError`` for a kind or a rate that there is not.
    """
    found = {}
    for each in filter(None, text.split(",")):
        name, _, share = each.strip().partition("=")
        if name not in KINDS:
            raise UsageError(f"{name!r} is no fault of a wire. There are {', '.join(KINDS)}.")
        found[name] = _share(name, share)
    return found


def _share(name: str, text: str) -> float:
    try:
        share = float(text) if text else RATE
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f"{text!r} is no rate of {name}. Write one from 0 to 1, as {name}=0.05.")
    return share


class Mishaps:
    """Draws what happens to each message, and counts it. ``shares``: of the messages that it may strike, for
    each kind by its name; one that is not there never does. ``struck``: how often which did."""

    def __init__(self, shares: Mapping[str, float], seed: int = 0, speed: float = 1.0) -> None:
        self.struck = dict.fromkeys(shares, 0)
        self._shares = shares
        self._random = Random(f"{seed} mishaps")
        self._speed = speed

    def of_reply(self) -> Literal["none", "lost", "late", "hung_up"]:
        """What becomes of a reply to what was done."""
        if self._strikes("disconnect"):
            return "hung_up"
        if self._strikes("response_lost"):
            return "lost"
        return "late" if self._strikes("late_ack") else "none"

    def of_report(self) -> tuple[float, ...]:
        """In how many seconds a report comes, and, where it comes twice, comes again."""
        first = self._astray() if self._strikes("reordered") else 0.0
        return (first, first + self._astray()) if self._strikes("duplicated") else (first,)

    def late_seconds(self) -> float:
        """By how much a late reply is that."""
        return self._random.uniform(0, LATE_SECONDS_MAX) / self._speed

    def _astray(self) -> float:
        return self._random.uniform(0, ASTRAY_SECONDS_MAX) / self._speed

    def _strikes(self, name: str) -> bool:
        share = self._shares.get(name, 0.0)
        if not share or self._random.random() >= share:
            return False
        self.struck[name] += 1
        return True
