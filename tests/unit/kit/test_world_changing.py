"""A strategy of the world that changes its mind about an entry."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import tape
from hedgecheck.messages import (
    CreateOrder,
    EntryChange,
    ReplaceOrder,
    Sent,
)
from hedgecheck.venue import Market
from hedgecheck.world import Universe
from tests.unit.kit.worlds import (
    ACCEPTED,
    CANCELING,
    INTENTS,
    LIMITED,
    ORDER,
    PRICED,
    RECEIVE,
    SIGNAL,
    WORKING,
    Actions,
    Amends,
    after,
    core,
    strike,
    told,
    universe,
)

LIMITED_INTENT = replace(INTENTS[0], price_a=100)
CHANGES = (tape.ChangeEntry(0, -20_000), tape.ChangeEntry(0, 20_000))


def changing(order: CreateOrder = LIMITED, **more: Any) -> Universe:
    """A world in which the strategy may change an entry twice."""
    return universe(engine=Amends(order), **{"intents": (LIMITED_INTENT,), "changes": 2, **more})


@pytest.mark.parametrize(("action", "price"), [*zip(CHANGES, (98, 102), strict=True)])
def test_strategy_wants_its_entry_off_the_limit_it_named(action: tape.ChangeEntry, price: int) -> None:
    world, changed, records = strike(changing(), WORKING, action)

    assert records == [EntryChange("p1", price)]
    assert told(changed) == (*told(world), EntryChange("p1", price))
    assert replace(changed, engine=world.engine, changes_left=2) == world


def test_strategy_changes_its_mind_so_often_as_the_scope_says() -> None:
    setting = changing(changes=1)
    world = after(setting, *WORKING)
    changed = after(setting, *WORKING, CHANGES[0])

    assert (tuple(setting.changes(world)), setting.changes(changed)) == (CHANGES, [])
    assert set(CHANGES) < set(setting.enabled(world))
    assert setting.apply(changed, CHANGES[1]) == (changed, ())


@pytest.mark.parametrize(
    ("setting", "before"),
    [
        (changing(), (SIGNAL,)),
        (changing(), (*WORKING, tape.Fill("X", 10))),
        (changing(replace(LIMITED, reduce_only=True)), ()),
        (changing(ORDER), WORKING),
        (changing(replace(LIMITED, intent="p2")), WORKING),
        (changing(intents=INTENTS), WORKING),
    ],
    ids=["on-its-way", "filled", "exit", "at-market", "of-another", "no-limit-named"],
)
def test_only_an_entry_that_rests_at_a_limit_is_changed(setting: Universe, before: Actions) -> None:
    world = after(setting, *before)

    assert setting.changes(world) == []
    assert setting.apply(world, CHANGES[0]) == (world, ())


@pytest.mark.parametrize("action", [tape.ChangeEntry(0, 10_000), tape.ChangeEntry(1, 20_000)])
def test_change_by_another_step_or_of_another_intent_is_none(action: tape.ChangeEntry) -> None:
    world = after(changing(), *WORKING)

    assert changing().apply(world, action) == (world, ())


@pytest.mark.parametrize(("tick", "price"), [(1, 98), (5, 95), (100, 100)])
def test_limit_that_is_wanted_is_on_the_tick(tick: int, price: int) -> None:
    house = replace(universe().scope.house, markets=(Market("AAA", tick), Market("BBB"), Market("CCC")))
    _, _, records = strike(changing(house=house), WORKING, CHANGES[0])

    assert records == [EntryChange("p1", price)]


def test_core_replaces_its_entry_and_keeps_it_for_the_same_amount() -> None:
    setting = core(intents=(LIMITED_INTENT,), changes=2)
    world = after(setting, SIGNAL, RECEIVE, tape.Deliver("p1a1", "Accepted"))

    changed, records = setting.apply(world, CHANGES[0])

    assert records == (EntryChange("p1", 98), *records[1:])
    assert Sent(ReplaceOrder("p1a1", 10, 98)) in records
    assert after(setting, SIGNAL, RECEIVE, tape.Deliver("p1a1", "Accepted"), CHANGES[0]) == changed


@pytest.mark.parametrize(
    "before",
    [ACCEPTED, (*WORKING, tape.Fill("X", 4)), CANCELING, (*ACCEPTED, tape.Delay("X", "Accepted"))],
    ids=["not-yet-heard-of", "a-fill-in-flight", "a-cancel-in-flight", "heard-of-late"],
)
def test_entry_of_which_something_is_in_flight_is_not_changed(before: Actions) -> None:
    assert changing().changes(after(changing(), *before)) == []


def test_price_in_flight_keeps_no_entry_from_being_changed() -> None:
    assert tuple(changing().changes(after(changing(), *WORKING, *PRICED))) == CHANGES
