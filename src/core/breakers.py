"""Circuit breakers: armed or tripped, and reset only by a person with that trip's own code.

A confirmation code is the next link of a hash chain made by whoever may reset (Lamport 1981; RFC 2289):
the settings hold the chain's public end, each code is the value whose SHA-256 is the link before it. So a
code fits one breaker and one trip, works once, and nothing that knows the state can make one. Each trip asks
for the next link. A code is good for a time; using one after that asks for the link after it.
"""

from hashlib import sha256
from typing import Literal

from core.messages import BreakerKind
from core.settings import Settings
from core.units import WHOLE_BPS, BasisPoints, Money
from core.values import frozen, replace

KINDS: tuple[BreakerKind, ...] = ("daily_loss", "manual")
CODE_HEX_LENGTH = 64


@frozen
class Breaker:
    """``link`` is the code asked for, counted from the chain's public end; ``anchor`` is link ``spent``."""

    kind: BreakerKind
    anchor: str
    phase: Literal["armed", "tripped"] = "armed"
    link: int = 0
    spent: int = 0
    expired: bool = False


def initial(settings: Settings) -> tuple[Breaker, ...]:
    """Every breaker, armed, in the order of ``KINDS``."""
    anchors = dict(settings.reset_anchors)
    return tuple(Breaker(kind, anchors.get(kind, "")) for kind in KINDS)


def is_halted(breakers: tuple[Breaker, ...]) -> bool:
    """Whether any breaker is tripped."""
    return any(breaker.phase == "tripped" for breaker in breakers)


def get(breakers: tuple[Breaker, ...], kind: BreakerKind) -> Breaker:
    """The breaker of that kind."""
    return breakers[KINDS.index(kind)]


def put(breakers: tuple[Breaker, ...], breaker: Breaker) -> tuple[Breaker, ...]:
    """The breakers with that one in the place of its kind."""
    return tuple(breaker if each.kind == breaker.kind else each for each in breakers)


def trip(breaker: Breaker) -> Breaker:
    """The breaker, tripped, now asking for the next link of its chain."""
    return replace(breaker, phase="tripped", link=breaker.link + 1, expired=False)


def expire(breaker: Breaker) -> Breaker:
    """The breaker after the code it asked for ran out."""
    return replace(breaker, expired=True)


def reset(breaker: Breaker, code: str) -> Breaker | None:
    """The breaker armed again with its chain moved on, or None where the code is not the one asked for."""
    if not _opens(breaker, code):
        return None
    return replace(breaker, phase="armed", anchor=code, spent=breaker.link)


def _opens(breaker: Breaker, code: str) -> bool:
    if len(code) != CODE_HEX_LENGTH or not breaker.anchor:
        return False
    value = code
    for _ in range(breaker.link - breaker.spent):
        value = next_anchor(value)
    return value == breaker.anchor


def next_anchor(code: str) -> str:
    """The public value that ``code`` (hex) opens: its SHA-256, as hex."""
    return sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def loses_too_much(baseline: Money, equity: Money | None, daily_loss: BasisPoints) -> bool:
    """Whether the day's loss is at or beyond ``daily_loss`` of the baseline, the boundary included.

    Equity holds realised and unrealised profit and fees. An equity that is not known counts as a breach.
    """
    return equity is None or WHOLE_BPS * (baseline - equity) >= daily_loss * baseline
