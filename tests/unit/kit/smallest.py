"""For each invariant the smallest trace that it holds for, and the smallest that breaks it."""

from dataclasses import replace

from hedgecheck import invariants
from hedgecheck.messages import Accepted, Arrived, Canceled, Halt, Sent, Told
from tests.unit.kit.traces import (
    CASH,
    NOTHING,
    Case,
    alert,
    buy,
    fill,
    heard,
    holding,
    leaving,
    order_open,
    order_over,
    returned,
    sell,
    signaled,
    stop,
)

RULES = tuple(
    sorted({*invariants.ALL, invariants.always_protected, invariants.attribution}, key=lambda rule: rule.id)
)
BOUGHT = fill(buy())
PROTECTED = (signaled(stop_a=95), Sent(buy()), BOUGHT, Sent(stop()), Accepted("S"))
HEDGE = sell("Y", symbol="BBB")
PAID = replace(NOTHING, cash=CASH - 1_000)
HUGE = 3_000  # lots at 100: 300,000 of 1,000,000, where a position may be 200,000

GOOD = (
    Case(invariants.position_converges, (BOUGHT,), holding(AAA=10)),
    Case(invariants.open_orders_converge, (Sent(buy()), Accepted("X")), order_open()),
    Case(invariants.fill_exactly_once, (Told(BOUGHT),), holding(AAA=10)),
    Case(invariants.fill_bound, (Sent(buy()), BOUGHT, Told(BOUGHT)), order_over(filled=10)),
    Case(invariants.one_intent_one_exposure, (signaled(), Sent(buy()), Accepted("X"))),
    Case(invariants.no_terminal_state_without_evidence, (Told(Canceled("X", 0)),), order_over()),
    Case(
        invariants.hedged,
        (signaled(), Arrived(buy()), BOUGHT, Arrived(HEDGE), fill(HEDGE)),
    ),
    Case(invariants.exits_only_reduce, (BOUGHT, Sent(leaving()), Accepted("E"))),
    Case(invariants.always_protected, PROTECTED),
    Case(invariants.worst_case_limit, (signaled(stop_a=95, stop_b=105), Sent(buy()))),
    Case(invariants.money_conserved, (Told(BOUGHT),), PAID),
    Case(invariants.halt_is_halt, (Halt(),)),
    Case(invariants.risk_number_is_right, (Told(BOUGHT),)),
    Case(invariants.sane_orders, (Sent(buy()),)),
    Case(invariants.live, (signaled(), returned())),
    Case(invariants.restart_neutral, (BOUGHT,), PAID, restarts=((PAID, ""), (PAID, ""))),
    Case(invariants.durable_trace, (Sent(buy()),), order_open()),
    Case(invariants.attribution, (signaled(), Sent(buy()), BOUGHT)),
)

BAD = (
    Case(invariants.position_converges, (BOUGHT,)),
    Case(invariants.open_orders_converge, (Sent(buy()), Accepted("X"))),
    Case(invariants.fill_exactly_once, (heard(buy()),)),
    Case(invariants.fill_bound, (heard(buy()),), order_open(filled=0)),
    Case(invariants.one_intent_one_exposure, (Sent(buy()), Accepted("X"))),
    Case(invariants.no_terminal_state_without_evidence, (Told(Canceled("X", 0)),), order_open()),
    Case(invariants.hedged, (signaled(), Arrived(buy()), BOUGHT)),
    Case(invariants.exits_only_reduce, (Sent(leaving()), Accepted("E"))),
    Case(invariants.always_protected, PROTECTED[:3]),
    Case(invariants.worst_case_limit, (signaled(amount_a=HUGE, stop_a=99), Sent(buy(amount=HUGE)))),
    Case(invariants.money_conserved, (heard(buy()),)),
    Case(invariants.halt_is_halt, (signaled(), Halt(), Sent(buy()))),
    Case(invariants.risk_number_is_right, (alert("daily_loss#1", "BREAKER_TRIPPED"),)),
    Case(invariants.sane_orders, (Sent(buy(amount=0)),)),
    Case(invariants.live, (signaled(),)),
    Case(invariants.restart_neutral, (), restarts=((holding(AAA=10), ""),)),
    Case(invariants.durable_trace, (Sent(buy()),)),
    Case(invariants.attribution, (Sent(buy()),)),
)
