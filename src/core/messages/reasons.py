"""Why: refusals, anomalies, alerts and outcomes, each of a closed list."""

from typing import Literal

Refusal = Literal[
    "DUPLICATE_SIGNAL",  # this id, or a later one of the strategy, was already answered
    "NETTED",  # nothing is left of it beside a signal of the same moment that opposes it
    "UNKNOWN_STRATEGY",  # none that has capital, where strategies need it
    "KEY_BUSY",  # the same symbols and sides are being traded now
    "INVALID_SIGNAL",  # unknown symbol, one symbol twice, a number not positive, a stop on the wrong side
    "OFF_STEP",  # quantity or price not on the instrument's grid
    "BELOW_MINIMUM",  # a leg the venue would not take
    "PRICE_UNUSABLE",  # no current price to judge the trade by
    "HALTED",  # a breaker is tripped
    "SESSION_CLOSED",  # the phase of the session lets nothing be opened
    "SYMBOL_HALTED",  # trading in a symbol of the trade, or in all, is halted
    "RECOVERING",  # after a restart the fate of some order is not known yet
    "OPPOSING_POSITION",  # would be long and short one symbol at once
    "ORDER_SIZE",
    "ORDER_NOTIONAL",
    "PRICE_COLLAR",  # a limit price too far from the market
    "LIQUIDITY_UNKNOWN",  # what an order does to its book is limited, and cannot be told
    "PARTICIPATION",  # too much of what stands in a book
    "SPREAD",  # too wide to cross
    "MARKET_IMPACT",
    "MESSAGE_RATE",  # too many messages left already
    "TRADES_IN_FLIGHT",
    "POSITION_CAP",
    "STRATEGY_CAP",
    "GROSS_EXPOSURE",
    "NET_EXPOSURE",
    "LEVERAGE",
    "CLUSTER_EXPOSURE",  # symbols that move together, taken together
    "HEAT",
    "STRATEGY_BUDGET",  # more than the capital of its strategy bears
]

Anomaly = Literal[
    "UNKNOWN_ORDER",
    "UNKNOWN_TIMER",
    "UNKNOWN_SYMBOL",
    "UNKNOWN_BREAKER",
    "UNEXPECTED_REPORT",  # no row of the order table
    "DUPLICATE_FILL",
    "UNKNOWN_FILL",  # a correction of a fill that was never reported
    "INVALID_VALUE",
    "OVERFILL",
    "INVALID_SETTINGS",
    "WRONG_CODE",
    "CODE_EXPIRED",
    "BREAKER_NOT_TRIPPED",
    "UNKNOWN_METRIC",
    "UNKNOWN_SIGNAL",  # a change of a trade that is not there, or not to be changed any more
    "CHANGE_REFUSED",  # the gate allows no such change
    "INVALID_TARGETS",  # not each strategy once, or more than the whole
]

AlertKind = Literal[
    "TRADE_PARKED",
    "ORDER_UNRESOLVED",
    "BREAKER_TRIPPED",
    "BREAKER_WARNING",
    "BREAKER_PROBATION",
    "BREAKER_ARMED",
    "REBALANCING_OWED",  # capital that is in use follows when it is free
    "POSITION_ADJUSTED",  # lots that no order here made were taken over
]

# why lots are booked that no order here made
Adjustment = Literal[
    "ENDED_TRADE",  # an order here made them after all, whose trade had left
    "EXTERNAL_TRADE",  # somebody else on the account did, and a person takes them over
    "CLOSED_OUTSIDE",  # they were held here, and a person says that they are gone
]

# hedged: of one leg, that it was filled; exited: it was hedged, and what it held was closed since
Outcome = Literal["hedged", "flattened", "unfilled", "parked", "exited"]

FillGrade = Literal["complete", "partial", "severe", "none"]  # how much of leg A was filled
