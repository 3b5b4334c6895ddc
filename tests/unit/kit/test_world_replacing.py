"""Replacements on the wire: lost, late, and crossed by fills."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import faults, tape, venue
from hedgecheck.messages import (
    Arrived,
    CreateOrder,
    Expired,
    Filled,
    Lost,
    OutcomeUnknown,
    Price,
    Replaced,
    ReplaceRefused,
)
from hedgecheck.world import Universe
from tests.unit.kit.worlds import (
    ACCEPTED,
    CANCELING,
    LIMITED,
    ORDER,
    RECEIVE,
    REPLACEMENT,
    REPLACING,
    Actions,
    Amends,
    after,
    strike,
    told,
    universe,
)

REPLACED = (*REPLACING, RECEIVE)


def amending(**changes: Any) -> Universe:
    """A world whose engine replaces its limit order when a person halts trading."""
    return universe(engine=Amends(LIMITED), **changes)


def test_replacement_leaves_as_a_request_and_the_venue_makes_it() -> None:
    world, received, records = strike(amending(), REPLACING, RECEIVE)

    assert world.outbound == (REPLACEMENT,)
    assert records == [Arrived(REPLACEMENT), Replaced("X", 6)]
    assert received.inbound == (Replaced("X", 6),)
    assert venue.find(received.venue, "X").request == replace(LIMITED, amount=6)


def test_lost_replacement_never_reaches_the_venue_and_its_outcome_is_unknown() -> None:
    world, struck, records = strike(amending(), REPLACING, tape.LoseRequest())

    assert records[:2] == [Lost(REPLACEMENT), OutcomeUnknown("X", "replace")]
    assert struck.venue == world.venue
    assert told(struck)[-1] == OutcomeUnknown("X", "replace")


@pytest.mark.parametrize(
    ("before", "kind"),
    [((), "Replaced"), ((tape.Fill("X", 10),), "ReplaceRefused")],
    ids=["taken", "refused"],
)
def test_lost_answer_to_a_replacement_leaves_its_outcome_unknown(before: Actions, kind: str) -> None:
    world, struck, records = strike(amending(), (*REPLACING, *before, RECEIVE), tape.LoseReply("X", kind))

    assert records[0] == OutcomeUnknown("X", "replace")
    assert struck.venue == world.venue
    assert kind not in [type(each).__name__ for each in struck.inbound]


def test_replacement_that_left_reaches_the_venue_over_a_crash() -> None:
    _, up, _ = strike(amending(), REPLACING, tape.Restart())

    assert up.outbound == (REPLACEMENT,)


def test_answer_to_a_replacement_comes_once() -> None:
    setting = amending()
    world = after(setting, *REPLACED)

    assert setting.adverse(world, faults.duplicated) == []
    assert setting.adverse(world, faults.event_dropped) == []
    assert tape.LoseReply("X", "Replaced") in setting.adverse(world, faults.response_lost)


@pytest.mark.parametrize(
    ("lots", "answer"),
    [
        (4, Replaced("X", 6)),
        (6, Replaced("X", 6)),
        (9, Replaced("X", 9)),
        (10, ReplaceRefused("X", "TOO_LATE")),
    ],
)
def test_replacement_that_crosses_a_fill_is_answered_before_it_is_told(lots: int, answer: Any) -> None:
    world, crossed, records = strike(amending(), REPLACING, tape.CrossReplace(lots))
    fill = Filled("X", "X.1", "AAA", "buy", lots, 100)

    assert records == [Arrived(REPLACEMENT), answer, fill]
    assert (crossed.inbound, crossed.outbound) == ((answer, fill), ())
    assert venue.position_of(crossed.venue, "AAA") == venue.position_of(world.venue, "AAA") + lots


@pytest.mark.parametrize(
    "before", [REPLACING, ACCEPTED, ()], ids=["other-amount", "no-replacement", "nothing"]
)
def test_crossing_that_cannot_be_changes_nothing(before: Actions) -> None:
    setting = amending()
    world = after(setting, *before)

    assert setting.apply(world, tape.CrossReplace(11)) == (world, ())
    assert setting.apply(world, tape.CrossReplace(0)) == (world, ())


REACHED = [
    (replace(ORDER, stop_price=110), 110),
    (replace(ORDER, stop_price=110, price=115), 110),
    (replace(ORDER, price=90), 90),
    (replace(ORDER, side="sell", price=120), 120),
]


@pytest.mark.parametrize(("order", "price"), REACHED, ids=["stop", "stop-limit", "bid", "ask"])
def test_market_comes_to_an_order_that_it_has_not_reached_and_fills_it(
    order: CreateOrder, price: int
) -> None:
    setting = universe(engine=Amends(order))
    world, crossed, records = strike(setting, REPLACING, tape.CrossReplace(4))
    fill = Filled("X", "X.1", "AAA", order.side, 4, price)

    if order.price is None:  # at market what is left then goes, and there is nothing to replace
        answers: tuple[Any, ...] = (ReplaceRefused("X", "TOO_LATE"), fill, Expired("X", 4))
    else:
        answers = (Replaced("X", 6), fill)
    assert records == [Price("AAA", price), Arrived(REPLACEMENT), *answers]
    assert crossed.inbound == (Price("AAA", price), *answers)
    offered = tuple(map(tape.CrossReplace, (1, 4, 5, 6, 9, 10)))
    assert tuple(setting.adverse(world, faults.fill_during_modify)) == offered


@pytest.mark.parametrize("order", [ORDER, LIMITED], ids=["market", "limit"])
def test_market_stays_where_it_is_for_an_order_that_trades_there(order: CreateOrder) -> None:
    _, crossed, records = strike(universe(engine=Amends(order)), REPLACING, tape.CrossReplace(4))

    assert not [each for each in records if isinstance(each, Price)]
    assert venue.price_of(crossed.venue, "AAA") == 100


def test_replacement_of_an_order_that_never_arrived_crosses_nothing() -> None:
    setting = amending()
    world = after(setting, tape.Signal(0), tape.LoseRequest(), tape.Halt())
    world = replace(world, outbound=world.outbound[-1:])

    assert world.outbound == (REPLACEMENT,)
    assert setting.adverse(world, faults.fill_during_modify) == []
    assert setting.apply(world, tape.CrossReplace(1)) == (world, ())


@pytest.mark.parametrize("action", [tape.CrossReplace(1), tape.CrossCancel(1)])
def test_crossing_takes_one_request_and_needs_one(action: tape.Action) -> None:
    setting = amending()
    asked = REPLACING if isinstance(action, tape.CrossReplace) else CANCELING
    world = after(setting, *asked)
    world = replace(world, outbound=(*world.outbound, *world.outbound))

    crossed, _ = setting.apply(world, action)

    assert crossed.outbound == world.outbound[1:]
    assert setting.apply(setting.initial(), action) == (setting.initial(), ())
