"""The judge of a killed process: one small history that is good, and one for each thing that must not be."""

from pathlib import Path
from typing import Any

import pytest

from core.messages import (
    Event,
    ExitRequested,
    Fill,
    OrderAccepted,
    OrderExpired,
    OrderFilled,
    OrderId,
    OrderStatusReported,
    PriceMoved,
    SignalId,
    SignalReceived,
    Slot,
)
from core.settings import Instrument, Settings
from core.units import Lots, Money
from hedgecheck.live.databases import database
from hedgecheck.live.exchange import Ledger
from hedgecheck.live.ports import Opening
from hedgecheck.live.store import EventStore
from hedgecheck.messages import CreateOrder, Filled
from hedgecheck.values import replace
from hedgecheck.venue import VenueOrder
from tests.quality.kill_judge import Judge

CASH = 1_000_000
OPENING = Opening(Settings((Instrument("AAA"), Instrument("BBB"))), Money(CASH))
SIGNAL = SignalId("p", 1)
ENTRY, HEDGE = OrderId(SIGNAL, "entry", 1), OrderId(SIGNAL, "hedge", 1)
BEGUN: tuple[Event, ...] = (
    PriceMoved("AAA", 100),
    PriceMoved("BBB", 50),
    SignalReceived(SIGNAL, "AAA", "buy", Lots(10), "BBB", "sell", Lots(20)),
    OrderAccepted(ENTRY),
)
ENTERED = OrderFilled(ENTRY, Fill("p1a1.1", Lots(10), 100))
HEDGED = (OrderAccepted(HEDGE), OrderFilled(HEDGE, Fill("p1b1.1", Lots(20), 50)))


def order(name: str, symbol: str, side: Any, amount: int, done: int, price: int) -> VenueOrder:
    """An order of the intent as the venue has it."""
    request = CreateOrder(name, symbol, side, amount, intent="p1")
    fills = (Filled(name, f"{name}.1", symbol, side, done, price),) if done else ()
    return VenueOrder(request, "filled" if done == amount else "open", fills)


A = order("p1a1", "AAA", "buy", 10, 10, 100)
B = order("p1b1", "BBB", "sell", 20, 20, 50)
WHOLE = Ledger((A, B), (*A.fills, *B.fills), (("AAA", 10), ("BBB", -20)), CASH)


@pytest.fixture
def address(tmp_path: Path) -> str:
    """A store in which a pair was traded."""
    where = str(tmp_path / "events.db")
    with EventStore.create(where, OPENING) as store:
        store.append((*BEGUN, ENTERED, *HEDGED))
    return where


def append(address: str, *events: Event) -> None:
    """The next process does."""
    with EventStore.open(address) as store:
        store.append(events)


def test_history_in_which_all_is_well_is_not_accused(address: str) -> None:
    judge = Judge(address)

    assert judge.after_kill(WHOLE, 7) == []
    assert judge.at_rest(WHOLE) == []
    append(address, PriceMoved("AAA", 101))
    assert judge.after_kill(WHOLE, 8) == []
    assert judge.position == 8


def test_store_that_was_not_made_yet_is_fine_while_nothing_was_sent(tmp_path: Path) -> None:
    judge = Judge(str(tmp_path / "none.db"))

    assert judge.after_kill(Ledger((), (), (), CASH), 0) == []
    assert "no event store" in judge.after_kill(WHOLE, 0)[0]


WRONG = {
    "an event that was announced is gone": (WHOLE, 8, "event 8 was announced, and the store ends with 7"),
    "nobody sent it": (
        replace(WHOLE, orders=(A, order("p1b2", "BBB", "sell", 1, 0, 50), B)),
        7,
        "p1b2 is at the venue, and no stored event sent it",
    ),
    "another was sent": (
        replace(WHOLE, orders=(order("p1a1", "AAA", "buy", 9, 9, 100), B)),
        7,
        "p1a1 is not the order that the stored events sent",
    ),
    "sent twice": (replace(WHOLE, orders=(A, A, B)), 7, "p1a1: 2 orders of one id"),
    "bought twice": (
        replace(WHOLE, orders=(A, A, B)),
        7,
        "20 lots of AAA buy filled and 0 working",
    ),
    "sold twice": (
        replace(WHOLE, orders=(A, order("p1x1", "AAA", "sell", 11, 0, 100), B)),
        7,
        "0 lots of AAA sell filled and 11 working, where 10 were held",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_must_not_be_after_a_kill_is_said(what: str, address: str) -> None:
    ledger, announced, why = WRONG[what]

    assert any(why in each for each in Judge(address).after_kill(ledger, announced))


UNRESTED = {
    "cash": (replace(WHOLE, cash=CASH - 1), f"cash is {CASH - 1} at the venue and {CASH} in the books"),
    "positions": (replace(WHOLE, positions=(("AAA", 10),)), "positions are (('AAA', 10),) at the venue"),
    "an order works": (replace(WHOLE, orders=(A, B, order("p1b2", "BBB", "sell", 1, 0, 50))), "p1b2 works"),
    "one leg": (replace(WHOLE, orders=(A,)), "p1 is one-legged: 10 of 10 AAA, 0 of 20 BBB"),
}


@pytest.mark.parametrize("what", UNRESTED)
def test_what_must_not_be_at_rest_is_said(what: str, address: str) -> None:
    judge, (ledger, why) = Judge(address), UNRESTED[what]
    judge.after_kill(WHOLE, 0)

    assert [each for each in judge.at_rest(ledger) if why in each]


@pytest.mark.parametrize("more", [(), (PriceMoved("AAA", 99),)], ids=["as long", "longer"])
def test_history_that_is_another_than_before_is_found_though_its_chain_is_whole(
    more: tuple[Event, ...], address: str
) -> None:
    judge = Judge(address)
    judge.after_kill(WHOLE, 7)
    for each in database(address).files():
        each.unlink(missing_ok=True)
    with EventStore.create(address, OPENING) as store:
        store.append((*BEGUN, ENTERED, *HEDGED, *more))

    assert any("is not what was written" in each for each in judge.after_kill(WHOLE, 7))


def test_leg_that_no_order_could_flatten_is_alone_and_people_know_of_it(address: str) -> None:
    judge = Judge(address)
    judge.after_kill(WHOLE, 7)
    append(address, ExitRequested(SIGNAL), *flattened("flatten_b", "BBB", 20))
    for attempt in (1, 2, 3):
        append(address, *unfilled(attempt))
    left = replace(WHOLE, orders=(A, B, order("p1y1", "BBB", "buy", 20, 20, 50)), positions=(("AAA", 10),))

    judge.after_kill(left, 7)

    assert judge.parked() == ["p1"]
    assert judge.at_rest(replace(left, cash=CASH - 1_000)) == []
    judge.alerted.clear()
    assert judge.at_rest(replace(left, cash=CASH - 1_000)) == ["p1 is parked, and nobody was alerted"]


def flattened(slot: Slot, symbol: str, lots: int) -> tuple[Event, ...]:
    """An order that closes a leg is filled."""
    closing = OrderId(SIGNAL, slot, 1)
    return OrderAccepted(closing), OrderFilled(closing, Fill("p1y1.1", Lots(lots), 50))


def unfilled(attempt: int) -> tuple[Event, ...]:
    """An order that would close leg A ends without a fill."""
    closing = OrderId(SIGNAL, "flatten_a", attempt)
    ended = OrderStatusReported(closing, "found", "closed", (), Lots(10))
    return OrderAccepted(closing), OrderExpired(closing, Lots(0)), ended
