"""A strategy of the world that wants out of an intent."""

from dataclasses import replace

from hedgecheck import tape
from hedgecheck.explore import scopes
from hedgecheck.explore.replay import Run
from hedgecheck.messages import Exit
from hedgecheck.world.lanes import lane_of
from tests.unit.kit.worlds import SIGNAL, WORKING, Echo, after, core, strike, told, universe

OUT = tape.Exit(0)


def test_engine_is_told_what_the_strategy_wants_out_of() -> None:
    world, left, records = strike(universe(exits=2), WORKING, OUT)

    assert records == [Exit("p1")]
    assert told(left) == (*told(world), Exit("p1"))
    assert replace(left, engine=world.engine, exits_left=2) == world


def test_only_what_was_signaled_is_left_and_so_often_as_the_scope_says() -> None:
    setting = universe(exits=1)
    world, left = after(setting, SIGNAL), after(setting, SIGNAL, OUT)

    assert setting.exits(setting.initial()) == []
    assert (setting.exits(world), setting.exits(left)) == ([OUT], [])
    assert OUT in setting.enabled(world)
    assert setting.apply(left, OUT) == (left, ())
    assert setting.apply(world, tape.Exit(1)) == (world, ())
    assert setting.exits(replace(world, crashed=True)) == []
    assert universe().exits(after(universe(), SIGNAL)) == []


def test_a_lane_has_exits_of_its_own() -> None:
    scope = replace(universe(exits=2).scope, lanes=True)

    assert lane_of(scope, 0).exits == 2


def test_core_is_flat_at_rest_after_an_exit() -> None:
    run = Run(core(exits=1))
    for action in (SIGNAL, *_traded(run)):
        run.do(action)
    assert run.universe.engine.belief(run.world.engine).positions

    run.do(OUT)
    run.settle()

    assert run.failure is None
    assert run.universe.engine.belief(run.world.engine).positions == ()


def _traded(run: Run) -> list[tape.Action]:
    """What leads to both legs filled."""
    world, actions = run.universe.apply(run.world, SIGNAL)[0], []
    while (action := run.universe.quiet(world)) is not None and not isinstance(action, tape.Fire):
        world = run.universe.apply(world, action)[0]
        actions.append(action)
    return actions


def test_random_scopes_have_strategies_that_want_out() -> None:
    assert {scopes.draw(seed).exits for seed in range(60)} == {0, 1, 2}


class Older(Echo):
    """An engine that says nothing of what it understands."""

    understands = ()


def test_engine_that_does_not_say_that_it_understands_is_not_told() -> None:
    counts = {"exits": 2, "rebalances": 2, "cash_flows": 2, "batches": 2, "changes": 2}
    world, told_of = universe(engine=Older(), **counts).initial(), universe(**counts).initial()

    assert (world.exits_left, world.rebalances_left, world.cash_flows_left, world.batches_left) == (
        0,
        0,
        0,
        0,
    )
    assert (told_of.exits_left, told_of.rebalances_left, told_of.cash_flows_left) == (2, 2, 2)
    assert world.changes_left == told_of.changes_left == 2
