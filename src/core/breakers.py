"""The latch of a circuit breaker: what may become of it next, and the codes that open it.

    armed   -> warning     at 80 % of the threshold; back again below it
    any     -> tripped     at the threshold; entries are refused until it is reset
    tripped -> probation   reset: a part of the limits holds, more with each step, then it is armed
    tripped -> armed       reset, where its rule has no probation

A person resets a breaker with that trip's own code. A confirmation code is the next link of a hash chain
made by whoever may reset (Lamport 1981; RFC 2289): the settings hold the chain's public end, each code is the
value whose SHA-256 is the link before it. So a code fits one breaker and one trip, works once, and nothing
that knows the state can make one. Each trip asks for the next link. A code is good for a time; using one
after that asks for the link after it. Where its rule says so a breaker also resets itself, without any code,
once it has cooled down and its cause is gone. What trips a breaker is decided in ``core.levels``.
"""

from hashlib import sha256
from typing import Literal

from core.messages import BreakerName
from core.settings import BreakerRule, Settings
from core.units import WHOLE_BPS, BasisPoints, Nanoseconds
from core.values import frozen, replace

SHARES = (BasisPoints(2_500), BasisPoints(5_000), BasisPoints(7_500))  # of the limits, per step of probation
CODE_HEX_LENGTH = 64


@frozen
class Breaker:
    """``link`` is the code asked for, counted from the chain's public end; ``anchor`` is link ``spent``.

    ``trips`` counts them all, ``row`` those that came each in the probation after the last. ``step`` of a
    probation counts from 1. ``liquidates``: it tripped on a buffer that is known to be gone, and all trades
    were told.
    """

    name: BreakerName
    anchor: str
    phase: Literal["armed", "warning", "tripped", "probation"] = "armed"
    link: int = 0
    spent: int = 0
    expired: bool = False
    trips: int = 0
    row: int = 0
    step: int = 0
    liquidates: bool = False


def initial(settings: Settings) -> tuple[Breaker, ...]:
    """Every breaker of the settings, armed, in their order."""
    anchors = dict(settings.reset_anchors)
    return tuple(Breaker(rule.name, anchors.get(rule.name, "")) for rule in settings.breakers)


def is_halted(breakers: tuple[Breaker, ...]) -> bool:
    """Whether any breaker is tripped."""
    return "tripped" in [breaker.phase for breaker in breakers]


def share(breakers: tuple[Breaker, ...]) -> BasisPoints:
    """The share of every limit that holds now: the least of those on probation, else all of it."""
    return min((share_of(each) for each in breakers if each.phase == "probation"), default=WHOLE_BPS)


def share_of(breaker: Breaker) -> BasisPoints:
    """The share of the limits at this step of its probation."""
    return SHARES[breaker.step - 1]


def find(breakers: tuple[Breaker, ...], name: BreakerName) -> Breaker | None:
    """The breaker of that name, or None."""
    for breaker in breakers:
        if breaker.name == name:
            return breaker
    return None


def put(breakers: tuple[Breaker, ...], breaker: Breaker) -> tuple[Breaker, ...]:
    """The breakers with that one in the place of its name."""
    return tuple(breaker if each.name == breaker.name else each for each in breakers)


# ---- the latch -----------------------------------------------------------------------------------


def trip(breaker: Breaker) -> Breaker:
    """The breaker, tripped, now asking for the next link of its chain."""
    row = breaker.row + 1 if breaker.phase == "probation" else 1
    return replace(asked_anew(breaker), phase="tripped", trips=breaker.trips + 1, row=row, step=0)


def asked_anew(breaker: Breaker) -> Breaker:
    """The breaker asking for the link after the one it asked for so far."""
    return replace(breaker, link=breaker.link + 1, expired=False)


def expire(breaker: Breaker) -> Breaker:
    """The breaker after the code it asked for ran out."""
    return replace(breaker, expired=True)


def returned(breaker: Breaker, rule: BreakerRule) -> Breaker:
    """The breaker after a reset: on probation where its rule has one, else armed."""
    if rule.probation > 0:
        return replace(breaker, phase="probation", step=1, liquidates=False)
    return replace(breaker, phase="armed", liquidates=False)


def eased(breaker: Breaker, rule: BreakerRule) -> Breaker:
    """The breaker after a step of its probation: at the next one, or armed after the last."""
    if rule.probation > 0 and breaker.step < len(SHARES):
        return replace(breaker, step=breaker.step + 1)
    return replace(breaker, phase="armed", step=0)


def cooldown(breaker: Breaker, rule: BreakerRule) -> Nanoseconds:
    """How long a tripped breaker cools down: twice as long for each trip in a row."""
    return Nanoseconds(rule.cooldown << breaker.row - 1)


# ---- codes ---------------------------------------------------------------------------------------


def unlocked(breaker: Breaker, code: str) -> Breaker | None:
    """The breaker with its chain moved on to ``code``, or None where that is not the code asked for."""
    if len(code) != CODE_HEX_LENGTH or not breaker.anchor:
        return None
    value = code
    for _ in range(breaker.link - breaker.spent):
        value = next_anchor(value)
    return replace(breaker, anchor=code, spent=breaker.link) if value == breaker.anchor else None


def next_anchor(code: str) -> str:
    """The public value that ``code`` (hex) opens: its SHA-256, as hex."""
    return sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
