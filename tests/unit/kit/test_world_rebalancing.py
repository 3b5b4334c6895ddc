"""Capital of the world's strategies that is shared anew."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck import tape
from hedgecheck.messages import (
    CapitalAssigned,
    Rebalance,
)
from hedgecheck.world import Universe
from tests.unit.kit.worlds import (
    WORKING,
    after,
    core,
    strike,
    told,
    universe,
)

OWNED = replace(universe().scope.bounds, budgets=(("m", 3_000), ("p", 5_000), ("q", 1_000)))
SHARES = tuple(tape.Rebalance(name, bps) for name in "mpq" for bps in (0, 5_000, 10_000))


def owned(**more: Any) -> Universe:
    """A world in which capital may be shared anew."""
    return universe(**{"bounds": OWNED, "rebalances": 2, **more})


@pytest.mark.parametrize(
    ("action", "shares"),
    [
        (tape.Rebalance("m", 0), (0, 5_000, 5_000)),
        (tape.Rebalance("p", 5_000), (2_500, 5_000, 2_500)),
        (tape.Rebalance("q", 10_000), (0, 0, 10_000)),
    ],
)
def test_capital_is_shared_anew_between_all_strategies(
    action: tape.Rebalance, shares: tuple[int, ...]
) -> None:
    asked = Rebalance(tuple(zip("mpq", shares, strict=True)))

    world, shared, records = strike(owned(), WORKING, action)

    assert records == [asked]
    assert told(shared) == (*told(world), asked)
    assert replace(shared, engine=world.engine, rebalances_left=2) == world


def test_capital_is_shared_so_often_as_the_scope_says_and_only_where_there_is_any() -> None:
    setting = owned(rebalances=1)
    world, shared = setting.initial(), after(setting, SHARES[0])

    assert (tuple(setting.rebalances(world)), setting.rebalances(shared)) == (SHARES, [])
    assert set(SHARES) < set(setting.enabled(world))
    assert setting.apply(shared, SHARES[1]) == (shared, ())
    assert setting.apply(world, tape.Rebalance("m", 1)) == (world, ())
    assert setting.apply(world, tape.Rebalance("z", 0)) == (world, ())
    assert universe(rebalances=1).rebalances(universe(rebalances=1).initial()) == []
    assert setting.rebalances(replace(world, crashed=True)) == []


def test_one_strategy_has_its_share_and_the_rest_is_in_reserve() -> None:
    alone = owned(bounds=replace(OWNED, budgets=(("p", 1_000),)))

    _, _, records = strike(alone, (), tape.Rebalance("p", 5_000))

    assert records == [Rebalance((("p", 5_000),))]


def test_core_says_what_each_strategy_has_got_and_has() -> None:
    setting = core(bounds=OWNED, rebalances=1)

    world, records = setting.apply(setting.initial(), tape.Rebalance("p", 10_000))

    assert records[1:] == (
        CapitalAssigned("", -100_000),
        CapitalAssigned("m", -300_000),
        CapitalAssigned("p", 500_000),
        CapitalAssigned("q", -100_000),
    )
    assert setting.engine.belief(world.engine).accounts == (("", 0), ("m", 0), ("p", 1_000_000), ("q", 0))
    assert core().engine.belief(core().initial().engine).accounts is None
