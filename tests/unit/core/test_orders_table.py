"""Every cell of the order table, driven by the reports a venue sends.

``GRID`` says again, by hand, what each report does to each phase; a dash is a report that contradicts what
is known. It is not derived from ``lifecycle.TABLE``: a row changed there turns a cell red here.
"""

from typing import get_args

import pytest

from core import lifecycle, orders
from core.messages import (
    FillCorrected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderReplaced,
)
from core.orders import Order
from tests.unit.core.build import ENTRY, answered, fill, found

GRID = """
                 accepted         rejected canceled expired absent   unfilled partly_filled    fully_filled
pending_new      new              rejected canceled expired absent   new      partially_filled filled
new              new              rejected canceled expired absent   new      partially_filled filled
partially_filled partially_filled -        canceled expired canceled new      partially_filled filled
filled           filled           -        filled   filled  filled   new      partially_filled filled
canceled         canceled         -        canceled -       canceled canceled canceled         filled
expired          expired          -        -        expired expired  expired  expired          filled
rejected         -                rejected -        -       rejected -        partially_filled filled
absent           new              rejected canceled expired absent   new      partially_filled filled
"""
HEADER, *ROWS = (line.split() for line in GRID.strip().splitlines())
CELLS = {(row[0], signal): phase for row in ROWS for signal, phase in zip(HEADER, row[1:], strict=True)}

QUANTITY = 1_000
ACCEPTED = OrderAccepted(ENTRY)
SOME = OrderFilled(ENTRY, fill(400))
REST = OrderFilled(ENTRY, fill(600, trade_id="t2"))
BUST = FillCorrected(ENTRY, fill(0))

# The reports that bring an order into a phase. One not-found answer is enough for these orders.
HISTORY = {
    "pending_new": (),
    "new": (ACCEPTED,),
    "partially_filled": (ACCEPTED, SOME),
    "filled": (ACCEPTED, OrderFilled(ENTRY, fill(QUANTITY))),
    "canceled": (ACCEPTED, OrderCanceled(ENTRY, 0)),
    "expired": (ACCEPTED, OrderExpired(ENTRY, 0)),
    "rejected": (OrderRejected(ENTRY, "no"),),
    "absent": (answered(ENTRY, "not_found"),),
}
# The report that gives a signal.
REPORT = {
    "accepted": ACCEPTED,
    "rejected": OrderRejected(ENTRY, "no"),
    "canceled": OrderCanceled(ENTRY, 0),
    "expired": OrderExpired(ENTRY, 0),
    "absent": answered(ENTRY, "not_found"),
    "unfilled": OrderReplaced(ENTRY, QUANTITY),
    "partly_filled": SOME,
    "fully_filled": OrderFilled(ENTRY, fill(QUANTITY, trade_id="t3")),
}
# Where the order has fills already, only a correction can take them back.
REPORT_IN = {
    ("partially_filled", "unfilled"): BUST,
    ("partially_filled", "partly_filled"): OrderFilled(ENTRY, fill(100, trade_id="t2")),
    ("partially_filled", "fully_filled"): REST,
    ("filled", "unfilled"): BUST,
    ("filled", "partly_filled"): FillCorrected(ENTRY, fill(400)),
    ("filled", "fully_filled"): FillCorrected(ENTRY, fill(QUANTITY, price=101)),
}


def booked(*events, quantity=QUANTITY):
    """An order after those reports, and what was wrong with the last."""
    order, anomaly = Order(ENTRY, "AAA", "buy", quantity, queries=9), None
    for event in events:
        order, anomaly = orders.book(order, event, 1)
    return order, anomaly


def test_the_grid_has_every_phase_and_every_signal():
    assert set(CELLS) == {
        (phase, signal) for phase in get_args(lifecycle.Phase) for signal in get_args(lifecycle.Signal)
    }


def test_the_table_has_a_row_exactly_where_the_grid_has_an_answer():
    assert set(lifecycle.TABLE) == {cell for cell, answer in CELLS.items() if answer != "-"}


@pytest.mark.parametrize("phase", HISTORY)
def test_reports_bring_an_order_into_each_phase(phase):
    order, anomaly = booked(*HISTORY[phase])

    assert order.phase == phase
    assert anomaly is None


@pytest.mark.parametrize(("phase", "signal"), CELLS, ids=lambda word: word)
def test_each_cell_answers_its_report(phase, signal):
    report = REPORT_IN.get((phase, signal), REPORT[signal])
    expected = CELLS[phase, signal]

    order, anomaly = booked(*HISTORY[phase], report)

    if expected == "-":
        assert (order.phase, anomaly) == (phase, "UNEXPECTED_REPORT")
    else:
        assert order.phase == expected
        assert anomaly in (None, "OVERFILL")


@pytest.mark.parametrize("phase", HISTORY)
@pytest.mark.parametrize("status", ["open", "canceled", "expired", "rejected"])
def test_a_query_s_answer_moves_an_order_as_the_same_report_would(phase, status):
    signal = "accepted" if status == "open" else status
    if {phase, status} == {"canceled", "expired"}:
        signal = phase  # asked about an order that is over, venues have two words for one end
    expected = CELLS[phase, signal]

    order, anomaly = booked(*HISTORY[phase], found(ENTRY, status))

    assert order.phase == (phase if expected == "-" else expected)
    assert anomaly == ("UNEXPECTED_REPORT" if expected == "-" else None)


@pytest.mark.parametrize(
    ("history", "report", "phase"),
    [
        ((ACCEPTED, SOME, OrderCanceled(ENTRY, 400)), BUST, "canceled"),
        ((ACCEPTED, SOME, OrderCanceled(ENTRY, 400)), REST, "filled"),
        ((ACCEPTED, SOME, OrderExpired(ENTRY, 400)), BUST, "expired"),
        ((ACCEPTED, SOME, OrderExpired(ENTRY, 400)), REST, "filled"),
        ((ACCEPTED, SOME), OrderReplaced(ENTRY, 400), "filled"),
        ((ACCEPTED, SOME), OrderReplaced(ENTRY, 401), "partially_filled"),
        ((ACCEPTED, SOME, REST), OrderReplaced(ENTRY, 1_001), "partially_filled"),
        ((ACCEPTED, SOME, BUST, OrderRejected(ENTRY, "no")), BUST, "rejected"),
    ],
    ids=[
        "bust after cancel",
        "rest after cancel",
        "bust after expiry",
        "rest after expiry",
        "replaced to what is filled",
        "replaced to one more",
        "replaced to more after all was filled",
        "bust after reject",
    ],
)
def test_how_much_is_filled_decides_after_each_booking(history, report, phase):
    order, _ = booked(*history, report)

    assert order.phase == phase


@pytest.mark.parametrize("phase", HISTORY)
def test_the_same_answer_twice_changes_nothing_more(phase):
    for signal in ("accepted", "rejected", "canceled", "expired"):
        once, _ = booked(*HISTORY[phase], REPORT[signal])
        twice, _ = orders.book(once, REPORT[signal], 1)

        assert twice == once
