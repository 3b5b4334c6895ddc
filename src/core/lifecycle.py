"""The life of one order as a table: what its phase becomes on what is heard of it.

The module must not know who says so, nor how much is filled.
"""

from typing import Literal

Phase = Literal[
    "pending_new", "new", "partially_filled", "filled", "canceled", "expired", "rejected", "absent"
]
Signal = Literal[
    "accepted", "rejected", "canceled", "expired", "absent", "unfilled", "partly_filled", "fully_filled"
]

LIVE: tuple[Phase, ...] = ("pending_new", "new", "partially_filled")

# (phase, signal) -> phase. The last three signals say how much is filled after a fill, a correction or a
# replacement was booked. No row: the report contradicts what is known; it changes no phase.
TABLE: dict[tuple[Phase, Signal], Phase] = {
    ("pending_new", "accepted"): "new",
    ("pending_new", "rejected"): "rejected",
    ("pending_new", "canceled"): "canceled",  # the cancel's answer overtook the acknowledgement
    ("pending_new", "expired"): "expired",  # immediate-or-cancel with nothing to trade against
    ("pending_new", "absent"): "absent",
    ("pending_new", "unfilled"): "new",  # a replacement was acknowledged before the order was
    ("pending_new", "partly_filled"): "partially_filled",  # the fill overtook the acknowledgement
    ("pending_new", "fully_filled"): "filled",
    ("new", "accepted"): "new",  # acknowledged on two channels
    ("new", "rejected"): "rejected",  # the gateway took it, the matching engine did not
    ("new", "canceled"): "canceled",
    ("new", "expired"): "expired",
    ("new", "absent"): "absent",  # the venue restarted and forgot it
    ("new", "unfilled"): "new",
    ("new", "partly_filled"): "partially_filled",
    ("new", "fully_filled"): "filled",
    ("partially_filled", "accepted"): "partially_filled",  # a late acknowledgement is no news
    ("partially_filled", "canceled"): "canceled",
    ("partially_filled", "expired"): "expired",
    ("partially_filled", "absent"): "canceled",  # what traded stays; the remainder is not at the venue
    ("partially_filled", "unfilled"): "new",  # every fill was busted
    ("partially_filled", "partly_filled"): "partially_filled",
    ("partially_filled", "fully_filled"): "filled",
    ("filled", "accepted"): "filled",  # the acknowledgement came last; it opens nothing
    ("filled", "canceled"): "filled",  # FIX: filled outranks canceled
    ("filled", "expired"): "filled",
    ("filled", "absent"): "filled",  # moved to the venue's archive
    ("filled", "unfilled"): "new",  # busted after completion: it may work again
    ("filled", "partly_filled"): "partially_filled",
    ("filled", "fully_filled"): "filled",
    ("canceled", "accepted"): "canceled",
    ("canceled", "canceled"): "canceled",
    ("canceled", "absent"): "canceled",
    ("canceled", "unfilled"): "canceled",  # FIX J.1.b: a bust after the cancel does not revive it
    ("canceled", "partly_filled"): "canceled",  # a fill that crossed the cancel, reported late
    ("canceled", "fully_filled"): "filled",  # all of it had crossed
    ("expired", "accepted"): "expired",
    ("expired", "expired"): "expired",
    ("expired", "absent"): "expired",
    ("expired", "unfilled"): "expired",
    ("expired", "partly_filled"): "expired",
    ("expired", "fully_filled"): "filled",
    ("rejected", "rejected"): "rejected",
    ("rejected", "absent"): "rejected",  # venues keep no refused orders
    ("rejected", "partly_filled"): "partially_filled",  # it traded what it had refused: money is evidence
    ("rejected", "fully_filled"): "filled",
    ("absent", "accepted"): "new",  # it was there after all
    ("absent", "rejected"): "rejected",
    ("absent", "canceled"): "canceled",
    ("absent", "expired"): "expired",
    ("absent", "absent"): "absent",
    ("absent", "unfilled"): "new",
    ("absent", "partly_filled"): "partially_filled",
    ("absent", "fully_filled"): "filled",
}
