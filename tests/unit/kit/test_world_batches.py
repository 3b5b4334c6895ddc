"""Intents of the world that are signaled at one moment."""

from dataclasses import replace

import pytest

from hedgecheck import tape
from hedgecheck.errors import UsageError
from hedgecheck.explore import scopes
from hedgecheck.explore.exhaustive import wire_of
from hedgecheck.explore.replay import Run
from hedgecheck.invariants import Bounds, Conflicts
from hedgecheck.messages import Batch, CreateOrder, Intent, Returned, Sent, Signaled
from hedgecheck.world import universe_of
from tests.unit.kit.worlds import SIGNAL, after, core, strike, told, universe

LONG = Intent("p1", "AAA", "buy", 10, "BBB", "sell", 20)
SHORT = Intent("m1", "BBB", "buy", 8, "AAA", "sell", 4)
OTHER = Intent("p2", "AAA", "buy", 10, "CCC", "sell", 10)
ALL = (LONG, SHORT, OTHER)
BOTH, THREE = tape.Batch(2), tape.Batch(3)
WIDE = Bounds(
    **dict.fromkeys(("position_bps", "heat_bps", "gross_bps", "net_bps"), 10_000), strategy_bps=10_000
)


def test_the_next_intents_are_told_with_one_event() -> None:
    setting = universe(intents=ALL, batches=2)
    world, batched, records = strike(setting, (SIGNAL,), BOTH)

    assert records == [Batch((SHORT, OTHER)), Signaled(SHORT), Signaled(OTHER)]
    assert told(batched) == (*told(world), Batch((SHORT, OTHER)))
    assert (world.signaled, batched.signaled) == ((1, 0, 0), (1, 1, 1))
    assert replace(batched, engine=world.engine, batches_left=2, signaled=world.signaled) == world
    assert setting.apply(world, THREE) == (world, ())


def test_intents_come_together_so_often_as_the_scope_says_and_while_there_are_several() -> None:
    setting = universe(intents=(*ALL, *(replace(each, id=f"z{n}") for n, each in enumerate(ALL))), batches=1)
    world, batched = setting.initial(), after(setting, BOTH)

    assert setting.batches(world) == [tape.Batch(count) for count in range(2, 7)]
    assert {BOTH, THREE} < set(setting.enabled(world))
    assert setting.batches(batched) == []
    assert setting.apply(batched, BOTH) == (batched, ())
    assert setting.apply(world, tape.Batch(1)) == setting.apply(world, tape.Batch(7)) == (world, ())
    assert setting.batches(replace(world, crashed=True)) == []
    assert universe(intents=ALL).batches(universe(intents=ALL).initial()) == []
    assert wire_of(batched) != wire_of(replace(batched, batches_left=1))


@pytest.mark.parametrize(
    ("conflicts", "entries", "answers"),
    [("net", {"p1": 6}, {"m1": "NETTED"}), ("refuse", {"p1": 10}, {"m1": "OPPOSING_POSITION"})],
)
def test_core_gives_the_answer_to_signals_that_oppose_which_the_bounds_say(
    conflicts: Conflicts, entries: dict[str, int], answers: dict[str, str]
) -> None:
    run = Run(core(intents=ALL[:2], batches=1, bounds=replace(WIDE, conflicts=conflicts)))

    said = run.do(BOTH)
    run.settle()

    sent = [each.request for each in said if isinstance(each, Sent)]
    assert {each.intent: each.amount for each in sent if isinstance(each, CreateOrder)} == entries
    assert {each.intent: each.reason for each in said if isinstance(each, Returned)} == answers
    assert run.failure is None


def test_what_netting_leaves_is_hedged_in_its_own_proportions() -> None:
    """Of 9 for 7 netting leaves 5 for 3: 3 lots of those call for 1, where 3 of the 9 would call for 2."""
    plan, against = replace(LONG, amount_a=9, amount_b=7), replace(SHORT, amount_a=3, amount_b=1)
    run = Run(core(intents=(plan, against), batches=1, bounds=replace(WIDE, conflicts="net")))
    for action in (BOTH, tape.Receive(), tape.Fill("p1a1", 3)):
        run.do(action)

    run.settle()

    assert run.universe.engine.belief(run.world.engine).positions == (("AAA", 3), ("BBB", -1))
    assert run.failure is None


def test_lanes_have_no_event_in_common() -> None:
    scope = replace(universe(intents=ALL, batches=1).scope, lanes=True)

    with pytest.raises(UsageError, match=r"Intents of one moment.*Take --symbols shared"):
        universe_of(scope, core().engine)


def test_random_scopes_have_batches_and_either_answer_to_what_opposes() -> None:
    drawn = [scopes.draw(seed) for seed in range(1, 60)]

    assert {each.batches for each in drawn} == {0, 1, 2}
    assert {each.bounds.conflicts for each in drawn} == {"refuse", "net"}
