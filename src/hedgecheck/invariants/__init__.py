"""The numbered invariants, as pure observers of what a venue and an engine did."""

from hedgecheck.invariants.base import (
    Belief,
    BelievedOrder,
    Books,
    Bounds,
    Broken,
    Finding,
    Handler,
    Heard,
    Invariant,
    MarketTerms,
    Terms,
    View,
    heard_as,
)
from hedgecheck.invariants.belief import (
    FillBound,
    FillExactlyOnce,
    MoneyConserved,
    NoTerminalStateWithoutEvidence,
    PositionConverges,
)
from hedgecheck.invariants.exposure import OneIntentOneExposure
from hedgecheck.invariants.hedge import Hedged
from hedgecheck.invariants.limits import WorstCaseLimit
from hedgecheck.invariants.liveness import Live

position_converges = PositionConverges()
fill_exactly_once = FillExactlyOnce()
fill_bound = FillBound()
one_intent_one_exposure = OneIntentOneExposure()
no_terminal_state_without_evidence = NoTerminalStateWithoutEvidence()
hedged = Hedged()
worst_case_limit = WorstCaseLimit()
money_conserved = MoneyConserved()
live = Live()

ALL: tuple[Invariant, ...] = (
    position_converges,
    fill_exactly_once,
    fill_bound,
    one_intent_one_exposure,
    no_terminal_state_without_evidence,
    hedged,
    worst_case_limit,
    money_conserved,
    live,
)

__all__ = [
    "ALL",
    "Belief",
    "BelievedOrder",
    "Books",
    "Bounds",
    "Broken",
    "Finding",
    "Handler",
    "Heard",
    "Invariant",
    "MarketTerms",
    "Terms",
    "View",
    "fill_bound",
    "fill_exactly_once",
    "heard_as",
    "hedged",
    "live",
    "money_conserved",
    "no_terminal_state_without_evidence",
    "one_intent_one_exposure",
    "position_converges",
    "worst_case_limit",
]
