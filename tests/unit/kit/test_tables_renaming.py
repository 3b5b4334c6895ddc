"""Twins: what is true of one lane is true of the next, under its names."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from hedgecheck import invariants
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.tables.renaming import Renaming, twins
from hedgecheck.explore.watch import Tally, Watch
from hedgecheck.invariants.base import Table
from hedgecheck.messages import CreateOrder, Filled, StartTimer, Told
from hedgecheck.tape import InLane
from hedgecheck.venue import House
from hedgecheck.world import Scope
from tests.unit.kit.walks import PAIR, STRUCK, TURNED, alone, laned, walk

NAMES = {"p1": "q1", "p": "q", "AAA": "CCC", "BBB": "DDD"}
THREE = Small(trades=3, own=1, faults=1, kinds=("F10",), lots=2, stops=1)

each_seed = pytest.mark.parametrize("seed", range(4))


@pytest.fixture
def renaming() -> Renaming:
    return Renaming(NAMES)


# ---- the twin of a lane --------------------------------------------------------------------------------


@pytest.mark.parametrize("small", [STRUCK, TURNED, THREE], ids=lambda small: small.name)
@each_seed
def test_twin_of_a_lane_does_what_the_other_lane_does(small: Small, seed: int) -> None:
    scope = scope_of(small)
    index = len(scope.intents) - 1
    one, other, twin = alone(scope, 0), alone(scope, index), twins(scope, index)
    assert twin is not None
    here = other.initial()
    assert twin(one.initial()) == here
    judges = [Watch(each, invariants.ALL, Tally()) for each in (one, other)]

    for world, action, after, records in walk(one, seed):
        assert twin(one.enabled(world)) == other.enabled(here)
        here, said = other.apply(here, twin(action))
        assert (twin(after), twin(records)) == (here, said)
        found = [judges[0].see(records, one.view(after, False)), judges[1].see(said, other.view(here, False))]
        assert found == [None, None]
        assert twin(tuple(judges[0].memories)) == tuple(judges[1].memories)


@each_seed
def test_lane_beside_others_moves_as_its_twin_moved_in_the_first(seed: int) -> None:
    universe = laned(PAIR)
    twin = twins(universe.scope, 1)
    assert twin is not None
    here = there = universe.initial()

    for _, action, _, _ in walk(alone(universe.scope, 0), seed):
        here, records = universe.apply(here, InLane(0, action))
        there, said = universe.apply(there, InLane(1, twin(action)))
        assert twin(records) == said
        assert twin(here.lanes[0]) == there.lanes[1]
        assert (twin(here.engine.trades), twin(here.engine.book)) == (there.engine.trades, there.engine.book)


def test_first_lane_is_its_own_twin() -> None:
    scope = scope_of(PAIR)
    twin = twins(scope, 0)
    assert twin is not None

    assert twin(scope.intents[0]) == scope.intents[0]


def changed(scope: Scope, **changes: Any) -> Scope:
    """The scope with another second intent."""
    return replace(scope, intents=(scope.intents[0], replace(scope.intents[1], **changes)))


def coarse(scope: Scope, symbol: str) -> House:
    """The venue with larger lots of that symbol."""
    markets = [replace(each, lot=2) if each.symbol == symbol else each for each in scope.house.markets]
    return replace(scope.house, markets=tuple(markets))


OWN = scope_of(PAIR)
UNALIKE = {
    "amount": changed(OWN, amount_b=2),
    "side": changed(OWN, side_a="sell"),
    "limit": changed(OWN, price_a=100),
    "price": replace(OWN, prices=(*OWN.prices[:3], ("DDD", 101))),
    "market": replace(OWN, house=coarse(OWN, "DDD")),
    "shared symbols": scope_of(Small(trades=2)),
}


@pytest.mark.parametrize("scope", UNALIKE.values(), ids=UNALIKE)
def test_lanes_that_are_not_alike_are_no_twins(scope: Scope) -> None:
    assert twins(scope, 1) is None


# ---- names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("p1", "q1"),
        ("p1a1", "q1a1"),
        ("p1a1.1", "q1a1.1"),
        ("p1/linger", "q1/linger"),
        ("p1a1/timeout", "q1a1/timeout"),
        ("p", "q"),
        ("p1 AAA", "q1 CCC"),
        ("order p1a1 opens AAA, p1b1 BBB", "order q1a1 opens CCC, q1b1 DDD"),
        ("p12", "p12"),
        ("p12a1", "p12a1"),
        ("xp1", "xp1"),
        ("q1", "q1"),
        ("open", "open"),
        ("stop p", "stop p"),
        ("daily_loss#1", "daily_loss#1"),
        ("", ""),
    ],
)
def test_name_is_changed_wherever_it_stands_and_nothing_else_is(
    renaming: Renaming, text: str, renamed: str
) -> None:
    assert renaming(text) == renamed


def test_names_that_change_places_do_so_at_once() -> None:
    assert Renaming({"AAA": "BBB", "BBB": "AAA"})("AAA/BBB") == "BBB/AAA"


def test_strategy_of_one_letter_is_changed_where_it_stands_alone() -> None:
    assert Renaming({"p": "q"})(("p", "p1", "peak")) == ("q", "p1", "peak")


@pytest.mark.parametrize("value", [None, 7, -1, True, 0.5])
def test_value_without_a_name_stays(renaming: Renaming, value: Any) -> None:
    assert renaming(value) is value


def test_records_tables_and_tuples_are_renamed_all_the_way_down(renaming: Renaming) -> None:
    create = CreateOrder("p1a1", "AAA", "buy", 1, intent="p1")
    fill = Told(Filled("p1a1", "p1a1.1", "AAA", "buy", 1, 100))

    assert renaming((create, fill, StartTimer("p1/linger", 5))) == (
        CreateOrder("q1a1", "CCC", "buy", 1, intent="q1"),
        Told(Filled("q1a1", "q1a1.1", "CCC", "buy", 1, 100)),
        StartTimer("q1/linger", 5),
    )
    table = renaming(Table({"AAA": ("p1", 3), "EEE": ("r1", 4)}))
    assert table == {"CCC": ("q1", 3), "EEE": ("r1", 4)}
    assert isinstance(table, Table)
    assert renaming(frozenset({"AAA", "p"})) == frozenset({"CCC", "q"})


def test_what_was_renamed_before_is_the_very_same_object_again(renaming: Renaming) -> None:
    create = CreateOrder("p1a1", "AAA", "buy", 1)

    assert renaming(create) is renaming(create)


@dataclass
class Held:
    names: Any


@pytest.mark.parametrize("value", [["AAA"], {"AAA"}, {"AAA": 1}, object(), ("p1", ["AAA"]), Held(["AAA"])])
def test_what_nobody_knows_how_to_rename_is_an_error(renaming: Renaming, value: Any) -> None:
    with pytest.raises(TypeError, match="holds names that nobody knows how to change"):
        renaming(value)
