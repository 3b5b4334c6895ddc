"""For each invariant the smallest trace that it holds for, and the smallest that breaks it."""

from dataclasses import replace

from hedgecheck import invariants
from hedgecheck.messages import Accepted, Arrived, Canceled, Sent, Told
from tests.unit.kit.traces import (
    CASH,
    NOTHING,
    Case,
    buy,
    fill,
    heard,
    holding,
    order_open,
    order_over,
    returned,
    sell,
    signaled,
)

BOUGHT = fill(buy())
HEDGE = sell("Y", symbol="BBB")
PAID = replace(NOTHING, cash=CASH - 1_000)
HUGE = 3_000  # lots at 100: 300,000 of 1,000,000, where a position may be 200,000

GOOD = (
    Case(invariants.position_converges, (BOUGHT,), holding(AAA=10)),
    Case(invariants.fill_exactly_once, (Told(BOUGHT),), holding(AAA=10)),
    Case(invariants.fill_bound, (Sent(buy()), BOUGHT, Told(BOUGHT)), order_over(filled=10)),
    Case(invariants.one_intent_one_exposure, (signaled(), Sent(buy()), Accepted("X"))),
    Case(invariants.no_terminal_state_without_evidence, (Told(Canceled("X", 0)),), order_over()),
    Case(
        invariants.hedged,
        (signaled(), Arrived(buy()), BOUGHT, Arrived(HEDGE), fill(HEDGE)),
    ),
    Case(invariants.worst_case_limit, (signaled(stop_a=95, stop_b=105), Sent(buy()))),
    Case(invariants.money_conserved, (Told(BOUGHT),), PAID),
    Case(invariants.live, (signaled(), returned())),
)

BAD = (
    Case(invariants.position_converges, (BOUGHT,)),
    Case(invariants.fill_exactly_once, (heard(buy()),)),
    Case(invariants.fill_bound, (heard(buy()),), order_open(filled=0)),
    Case(invariants.one_intent_one_exposure, (Sent(buy()), Accepted("X"))),
    Case(invariants.no_terminal_state_without_evidence, (Told(Canceled("X", 0)),), order_open()),
    Case(invariants.hedged, (signaled(), Arrived(buy()), BOUGHT)),
    Case(invariants.worst_case_limit, (signaled(amount_a=HUGE, stop_a=99), Sent(buy(amount=HUGE)))),
    Case(invariants.money_conserved, (heard(buy()),)),
    Case(invariants.live, (signaled(),)),
)
