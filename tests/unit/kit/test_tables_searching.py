"""The table search of a scope: what it takes, what ends it, and what it counts."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import invariants
from hedgecheck.drive import BundledCore
from hedgecheck.errors import UsageError
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.exhaustive import Bounds
from hedgecheck.explore.tables import TableSearch, search
from hedgecheck.explore.tables.classes import faces_of, partitions
from hedgecheck.explore.tables.company import Company
from hedgecheck.explore.tables.product import Dense
from hedgecheck.explore.tables.reference import Product, Reference
from hedgecheck.explore.tables.searching import prepare
from hedgecheck.explore.tables.surroundings import Surroundings
from hedgecheck.world import Universe, universe_of
from tests.unit.kit.walks import PAIR, all_twins, laned, parts_of, tabulated

CAPPED = Small(trades=2, own=1, cap=1)
SMALLS = [PAIR, CAPPED, Small(trades=2, own=1, faults=1, kinds=("F02",)), Small(trades=2, own=1, halts=1)]
BINDING = {PAIR: (), CAPPED: (0,)}

each_small = pytest.mark.parametrize("small", SMALLS, ids=lambda small: small.name)


class Whole(BundledCore):
    """The core, and it does not say how its state falls into trades."""

    name = "whole core"
    parts = None  # type: ignore[assignment]


class Nobody(BundledCore):
    """The core, and it does not hedge: trades end with one leg."""

    def step(self, state: Any, event: Any) -> Any:
        """As the core, less what it sends for the second leg."""
        after, commands = super().step(state, event)
        return after, tuple(c for c in commands if "b1" not in getattr(c, "client_order_id", ""))


def product(small: Small, symmetric: bool) -> Product:
    """The same search, state by state, with every state its own class unless ``symmetric``."""
    universe, tabulator, binding = laned(small), tabulated(small), BINDING.get(small, ())
    kinds = partitions(tabulator.table, binding, universe.scope.max_faults)
    company = Company(universe, parts_of(small), invariants.ALL, tabulator.watch)
    faces = faces_of(tabulator.table, binding).tolist()
    around = Surroundings(tabulator, faces, company, all_twins(universe.scope))
    return Reference(around, kinds, symmetric).search()


# ---- what it takes -------------------------------------------------------------------------------------


def test_scope_without_lanes_is_refused() -> None:
    universe = universe_of(scope_of(Small(trades=2)), BundledCore())

    with pytest.raises(UsageError, match="--symbols own"):
        search(universe)


def test_engine_that_does_not_say_how_its_state_falls_into_trades_is_refused() -> None:
    with pytest.raises(UsageError, match=r"whole core does not say .* \(parts\).*--search direct"):
        search(universe_of(scope_of(PAIR), Whole()))


def test_scope_without_lanes_is_told_so_before_anything_of_its_engine() -> None:
    with pytest.raises(UsageError, match="--symbols own"):
        search(Universe(scope_of(Small()), Whole()))


def test_trades_that_are_not_alike_are_refused() -> None:
    scope = scope_of(PAIR)
    unalike = replace(scope, intents=(scope.intents[0], replace(scope.intents[1], amount_b=2)))

    with pytest.raises(UsageError, match="not alike"):
        search(universe_of(unalike, BundledCore()))


def test_loss_that_may_trip_a_breaker_is_refused() -> None:
    scope = replace(scope_of(Small(trades=2, own=1, faults=1, kinds=("F14",))), cash=1_000)

    with pytest.raises(UsageError, match="may trip daily_loss"):
        search(universe_of(scope, BundledCore()))


# ---- what ends it --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "why"),
    [
        ({"states_max": 100}, "the bound is 100"),
        ({"seconds_max": 0.0}, "0 seconds are over"),
        ({"megabytes_max": 0}, "0 MB of memory are used"),
    ],
    ids=["states", "seconds", "memory"],
)
def test_search_that_a_bound_ends_is_truncated_and_says_which(bound: dict[str, Any], why: str) -> None:
    result = search(laned(), bounds=Bounds(**bound))

    assert result.verdict == "truncated"
    assert why in result.why
    assert result.failure is None
    assert result.states < search(laned()).states


def test_bound_that_is_not_reached_ends_nothing() -> None:
    whole = search(laned())

    result = search(laned(), bounds=Bounds(states_max=whole.states + 1, megabytes_max=8_192))

    assert (result.verdict, result.why, result.states) == ("exhausted", "", whole.states)


def at(stage: str) -> Callable[[TableSearch], None]:
    """Interrupts when the search is there."""

    def watch(result: TableSearch) -> None:
        if result.stage == stage:
            raise KeyboardInterrupt

    return watch


@pytest.mark.parametrize("stage", ["one trade alone", "which states are alike", "all trades together"])
def test_search_that_is_interrupted_is_truncated_and_says_at_what(stage: str) -> None:
    result = search(laned(), watch=at(stage))

    assert result.verdict == "truncated"
    assert result.why == f"interrupted: {stage}"
    assert result.failure is None


def test_interrupted_search_keeps_what_it_has_seen() -> None:
    def watch(result: TableSearch) -> None:
        if result.depth == 5:
            raise KeyboardInterrupt

    result = search(laned(), watch=watch)

    assert (result.depth, sum(result.layers)) == (5, result.states)
    assert result.states > 0
    assert result.alone == tabulated(PAIR).table.states


# ---- what it counts ------------------------------------------------------------------------------------


@each_small
def test_layers_sum_up_to_the_states_and_end_with_the_deepest(small: Small) -> None:
    result = search(laned(small))

    assert (result.verdict, result.why) == ("exhausted", "")
    assert sum(result.layers) == result.states
    assert len(result.layers) == result.depth + 1
    assert result.frontier == result.layers[-1]
    assert result.layers[0] == 1


@each_small
def test_orders_are_the_states_with_lanes_told_apart(small: Small) -> None:
    result, apart = search(laned(small)), product(small, symmetric=False)

    assert result.orders == apart.states
    assert result.edges == apart.edges
    assert len(result.layers) == len(apart.layers)


@each_small
def test_states_are_those_with_lanes_not_told_apart(small: Small) -> None:
    result, together = search(laned(small)), product(small, symmetric=True)

    assert result.states == together.states
    assert result.layers == together.layers


def test_single_trade_is_searched_alone() -> None:
    result = search(laned(Small(trades=1, own=1)))

    assert result.verdict == "exhausted"
    assert result.states == result.orders == result.classes


def test_search_tells_of_one_trade_what_its_table_tells() -> None:
    result, table = search(laned()), tabulated(PAIR).table

    assert result.alone == table.states
    assert result.actions == table.actions
    assert result.transitions == table.transitions
    assert result.tally.checks == table.tally.checks
    assert 0 < result.classes < result.alone


def test_watch_sees_every_stage_and_every_layer() -> None:
    seen: list[tuple[str, int]] = []

    result = search(laned(), watch=lambda search: seen.append((search.stage, search.depth)))

    assert list(dict.fromkeys(stage for stage, _ in seen)) == [
        "one trade alone",
        "which states are alike",
        "all trades together",
    ]
    depths = [depth for stage, depth in seen if stage == "all trades together"]
    assert depths == [*range(result.depth + 1), result.depth]


def test_search_does_the_same_again() -> None:
    one, again = search(laned(CAPPED)), search(laned(CAPPED))

    assert (one.states, one.orders, one.edges, one.layers) == (
        again.states,
        again.orders,
        again.edges,
        again.layers,
    )


# ---- what it finds -------------------------------------------------------------------------------------


def test_broken_rule_comes_with_a_tape_that_breaks_it_in_the_world_of_all_lanes() -> None:
    universe = universe_of(scope_of(PAIR), Nobody())

    result = search(universe)

    assert result.verdict == "broken"
    assert result.failure is not None
    world = universe.initial()
    for action in result.tape:
        world, records = universe.apply(world, action)
        assert records


def test_memory_that_is_used_up_ends_a_search_and_is_told() -> None:
    prepared = prepare(laned())

    progress = Dense(prepared.surroundings(), prepared.partitions()).search(Bounds(megabytes_max=0), 0.0)

    assert (progress.why, progress.broken) == ("0 MB of memory are used", None)


def test_more_combinations_than_can_be_numbered_end_a_search_and_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hedgecheck.explore.tables.product.PLACES_MAX", 100)
    prepared = prepare(laned())

    progress = Dense(prepared.surroundings(), prepared.partitions()).search(Bounds(), time.perf_counter())

    assert re.fullmatch(r"[\d,]+ combinations of classes are too many to number", progress.why)
