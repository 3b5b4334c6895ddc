"""The numbered invariants, as pure observers of what a venue and an engine did."""

from hedgecheck.invariants.attributed import Attribution
from hedgecheck.invariants.base import (
    Belief,
    BelievedOrder,
    Books,
    Bounds,
    Broken,
    Conflicts,
    Finding,
    Handler,
    Heard,
    Invariant,
    MarketTerms,
    Restart,
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
from hedgecheck.invariants.crossing import NoSelfCross
from hedgecheck.invariants.exits import ExitsOnlyReduce
from hedgecheck.invariants.exposure import OneIntentOneExposure
from hedgecheck.invariants.halt import HaltIsHalt, SaneOrders
from hedgecheck.invariants.hedge import Hedged
from hedgecheck.invariants.interference import NonInterference, Step, Steps
from hedgecheck.invariants.limits import WorstCaseLimit
from hedgecheck.invariants.liveness import Live
from hedgecheck.invariants.orders import DurableTrace, OpenOrdersConverge
from hedgecheck.invariants.protection import AlwaysProtected
from hedgecheck.invariants.resends import NoBlindResend
from hedgecheck.invariants.restart import RestartNeutral
from hedgecheck.invariants.risk_numbers import RiskNumberIsRight
from hedgecheck.invariants.slots import OneOrderPerSlot

position_converges = PositionConverges()
open_orders_converge = OpenOrdersConverge()
fill_exactly_once = FillExactlyOnce()
fill_bound = FillBound()
one_intent_one_exposure = OneIntentOneExposure()
no_terminal_state_without_evidence = NoTerminalStateWithoutEvidence()
hedged = Hedged()
exits_only_reduce = ExitsOnlyReduce()
always_protected = AlwaysProtected()
worst_case_limit = WorstCaseLimit()
money_conserved = MoneyConserved()
halt_is_halt = HaltIsHalt()
risk_number_is_right = RiskNumberIsRight()
sane_orders = SaneOrders()
live = Live()
restart_neutral = RestartNeutral()
durable_trace = DurableTrace()
attribution = Attribution()
no_self_cross = NoSelfCross()
non_interference = NonInterference()
no_blind_resend = NoBlindResend()
one_order_per_slot = OneOrderPerSlot()

ALL: tuple[Invariant, ...] = (
    position_converges,
    open_orders_converge,
    fill_exactly_once,
    fill_bound,
    one_intent_one_exposure,
    no_terminal_state_without_evidence,
    hedged,
    exits_only_reduce,
    always_protected,
    worst_case_limit,
    money_conserved,
    halt_is_halt,
    risk_number_is_right,
    sane_orders,
    live,
    restart_neutral,
    durable_trace,
    attribution,
)  # the bundled core's set

# What any engine is held to that says nothing of itself.
LEDGER_BASE: tuple[Invariant, ...] = (no_blind_resend, sane_orders, no_self_cross, live)

__all__ = [
    "ALL",
    "LEDGER_BASE",
    "Belief",
    "BelievedOrder",
    "Books",
    "Bounds",
    "Broken",
    "Conflicts",
    "Finding",
    "Handler",
    "Heard",
    "Invariant",
    "MarketTerms",
    "Restart",
    "Step",
    "Steps",
    "Terms",
    "View",
    "always_protected",
    "attribution",
    "durable_trace",
    "exits_only_reduce",
    "fill_bound",
    "fill_exactly_once",
    "halt_is_halt",
    "heard_as",
    "hedged",
    "live",
    "money_conserved",
    "no_blind_resend",
    "no_self_cross",
    "no_terminal_state_without_evidence",
    "non_interference",
    "one_intent_one_exposure",
    "one_order_per_slot",
    "open_orders_converge",
    "position_converges",
    "restart_neutral",
    "risk_number_is_right",
    "sane_orders",
    "worst_case_limit",
]
