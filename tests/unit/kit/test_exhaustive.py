"""The exhaustive search: its counts are right, its verdicts honest, its tape short, its states exact."""

import gc
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest

from hedgecheck import faults, invariants, tape
from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small, number_of, scope_of
from hedgecheck.explore.exhaustive import Bounds, Search, search
from hedgecheck.explore.replay import run_tape
from hedgecheck.invariants import Books, Broken, Finding
from hedgecheck.messages import Halt, Price, Spent, Told
from hedgecheck.tape import Tape
from hedgecheck.world import Engine, Universe, World
from tests.canary.engines import CANARIES
from tests.unit.kit.worlds import Echo, universe

TINY = {
    "nothing": Small(),
    "halt": Small(halts=1),
    "crash": Small(crashes=1),
    "two-faults": Small(faults=2, kinds=("F02", "F04")),
    "parts": Small(faults=1, lots=2, kinds=("F08", "F10")),
}
ONE_FAULT = Small(faults=1, lots=2)
FAILING = {
    "Z001": Small(faults=1, kinds=("F01",)),
    "Z013": Small(faults=1, kinds=("F03",)),
    "Z040": Small(faults=1, kinds=("F08",)),
    "Z141": Small(faults=1, kinds=("F15",)),
    "Z038": Small(),
}
BOOKS = tuple(dict.fromkeys(rule.books for rule in invariants.ALL))

each_tiny = pytest.mark.parametrize("small", TINY.values(), ids=TINY)


def searched(small: Small, engine: Engine | None = None, **bounds: Any) -> Search:
    return search(Universe(scope_of(small), engine or BundledCore()), bounds=Bounds(**bounds))


# ---- a count made in the plainest way ------------------------------------------------------------------


@dataclass
class Counted:
    states: int
    edges: int
    depth: int
    spent: Counter[str]


def _key(world: World, memories: tuple[Any, ...]) -> tuple[Any, ...]:
    essences = tuple(books.essence(memory) for books, memory in zip(BOOKS, memories, strict=True))
    return replace_timers(world), essences


def replace_timers(world: World) -> World:
    """Which timers run matters, not since when."""
    return replace(world, timers=tuple(sorted(world.timers)))


def _observed(memories: tuple[Any, ...], records: tuple[Any, ...]) -> tuple[Any, ...]:
    for record in records:
        memories = tuple(books.observe(each, record) for books, each in zip(BOOKS, memories, strict=True))
    return memories


def counted(setting: Universe) -> Counted:
    """Every state and edge of the scope, breadth first; judges nothing."""
    start = (setting.initial(), tuple(books.initial(setting.terms()) for books in BOOKS))
    seen, layer, count = {_key(*start)}, [start], Counted(0, 0, -1, Counter())
    while layer:
        count.depth += 1
        following = []
        for world, memories in layer:
            for action in setting.enabled(world):
                after, records = setting.apply(world, action)
                state = (after, _observed(memories, records))
                count.edges += 1
                count.spent.update(each.fault for each in records if isinstance(each, Spent))
                if _key(*state) not in seen:
                    seen.add(_key(*state))
                    following.append(state)
        layer = following
    count.states = len(seen)
    return count


@each_tiny
def test_counts_are_those_of_a_plain_breadth_first_count(small: Small) -> None:
    result, count = searched(small), counted(Universe(scope_of(small), BundledCore()))

    assert (result.verdict, result.why, result.failure) == ("exhausted", "", None)
    assert (result.states, result.edges, result.depth) == (count.states, count.edges, count.depth)
    assert result.spent == count.spent
    assert sum(result.actions.values()) == result.edges


@each_tiny
def test_memories_of_one_essence_judge_and_go_on_alike(small: Small) -> None:
    setting = Universe(scope_of(small), BundledCore())
    start = (setting.initial(), tuple(books.initial(setting.terms()) for books in BOOKS))
    seen, layer = {_key(*start): start}, [start]

    while layer:
        following = []
        for world, memories in layer:
            for action in setting.enabled(world):
                after, records = setting.apply(world, action)
                state = (after, _observed(memories, records))
                twin = seen.setdefault(_key(*state), state)
                if twin is state:
                    following.append(state)
                elif twin != state:
                    assert _futures(setting, *twin) == _futures(setting, *state)
        layer = following


def _futures(setting: Universe, world: World, memories: tuple[Any, ...]) -> Any:
    """What every rule says now, and the keys of what comes next."""
    at_rest = setting.quiet(world) is None
    view, kept = setting.view(world, at_rest), dict(zip(BOOKS, memories, strict=True))
    said = [rule.verdict(kept[rule.books], view) for rule in invariants.ALL]
    steps = {action: setting.apply(world, action) for action in setting.enabled(world)}
    return said, {act: _key(to, _observed(memories, records)) for act, (to, records) in steps.items()}


def test_transitions_of_a_trade_are_counted_where_the_engine_tells_its_phases() -> None:
    assert searched(TINY["nothing"]).transitions
    assert not searched(TINY["nothing"], Echo()).transitions


def test_search_does_the_same_under_two_seeds_of_hash() -> None:
    program = (
        "from hedgecheck.drive import BundledCore\n"
        "from hedgecheck.explore.bounded import Small, scope_of\n"
        "from hedgecheck.explore.exhaustive import Bounds, search\n"
        "from hedgecheck.world import Universe\n"
        "setting = Universe(scope_of(Small(faults=1, lots=2, crashes=1)), BundledCore())\n"
        "done = search(setting, bounds=Bounds(depth_max=7))\n"
        "print(done.states, done.edges, done.depth, list(done.actions.items()), list(done.spent.items()))\n"
        "print(list(done.transitions.items()), sorted(done.tally.nonvacuous.items()))\n"
        "print(setting.enabled(setting.initial()))\n"
    )

    def said(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "src"}
        ran = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, check=True
        )
        return ran.stdout.decode()

    assert said("1") == said("4242")


# ---- verdicts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bound", "why"),
    [
        ({"states_max": 100}, "the bound is 100"),
        ({"depth_max": 3}, "3 steps from the start"),
        ({"seconds_max": 0.0}, "0 seconds are over"),
        ({"megabytes_max": 1}, "1 MB of memory are used"),
    ],
    ids=["states", "depth", "seconds", "memory"],
)
def test_search_that_a_bound_ends_is_truncated_and_says_which(bound: dict[str, Any], why: str) -> None:
    result = searched(ONE_FAULT, **bound)

    assert result.verdict == "truncated"
    assert why in result.why
    assert result.failure is None
    assert result.states < searched(ONE_FAULT).states


def test_bound_that_the_last_state_reaches_is_no_proof_and_one_more_is() -> None:
    whole = searched(TINY["nothing"])

    assert searched(TINY["nothing"], states_max=whole.states).verdict == "truncated"
    assert searched(TINY["nothing"], states_max=whole.states + 1).verdict == "exhausted"
    assert searched(TINY["nothing"], depth_max=whole.depth).verdict == "truncated"
    assert searched(TINY["nothing"], depth_max=whole.depth + 1).verdict == "exhausted"


def test_watch_sees_every_layer() -> None:
    depths: list[int] = []

    result = search(Universe(scope_of(Small()), BundledCore()), watch=lambda seen: depths.append(seen.depth))

    assert depths == [*range(1, result.depth + 1), result.depth]


@pytest.mark.parametrize("name", FAILING)
def test_failing_scope_gives_a_tape_that_replays_to_the_same_failure(name: str) -> None:
    engine, small = CANARIES[name].factory(), FAILING[name]

    result = searched(small, engine)

    assert result.verdict == "broken"
    assert result.failure.invariant in CANARIES[name].invariants
    assert result.failure.used == len(result.tape)
    again = run_tape(Universe(scope_of(small), engine), Tape(number_of(small), result.tape))
    assert again == result.failure
    assert run_tape(Universe(scope_of(small), BundledCore()), Tape(number_of(small), result.tape)) is None


@pytest.mark.parametrize("name", FAILING)
def test_no_shorter_tape_fails(name: str) -> None:
    setting = Universe(scope_of(FAILING[name]), CANARIES[name].factory())

    shortest = search(setting, drains=True).tape

    assert shortest
    tapes: list[tuple[tape.Action, ...]] = [()]
    for _ in range(len(shortest)):
        for actions in tapes:
            assert run_tape(setting, Tape(0, actions)) is None
        tapes = [
            (*actions, more) for actions in tapes for more in setting.enabled(_reached(setting, actions))
        ]
    assert shortest in tapes


def _reached(setting: Universe, actions: tuple[tape.Action, ...]) -> World:
    world = setting.initial()
    for action in actions:
        world, _ = setting.apply(world, action)
    return world


def test_state_that_comes_to_no_good_end_is_found_sooner_where_ends_are_followed() -> None:
    setting = Universe(scope_of(FAILING["Z001"]), CANARIES["Z001"].factory())

    ending, whole = search(setting, drains=True), search(setting)

    assert len(ending.tape) <= len(whole.tape)
    assert run_tape(setting, Tape(0, ending.tape)) == ending.failure


@dataclass(frozen=True, slots=True)
class Hears:
    """Broken once its books heard one of these."""

    what: Any
    id: str = "T1"
    name: str = "hears"
    kind: Literal["always", "rest"] = "always"
    judged_after: None = None

    @property
    def books(self) -> Books:
        return self.what

    def verdict(self, memory: int, _view: Any) -> Finding:
        return Broken("heard") if memory else "vacuous"


def _counting(heard: Any) -> Books:
    return Books(lambda terms: 0, {heard: lambda memory, record: memory + 1})


def test_failure_at_rest_goes_before_one_that_is_a_step_further() -> None:
    further = Hears(_counting((Told, Price)))
    nearer = Hears(_counting(Halt), "T2", kind="rest")
    markets = universe().scope.house.markets[:1]
    house = replace(universe().scope.house, markets=markets)
    setting = universe(faults.reordered, intents=(), house=house, prices=(("AAA", 100),))

    result = search(setting, (further, nearer), Bounds(depth_max=3))

    assert result.tape == (tape.Halt(),)


# ---- states are exact --------------------------------------------------------------------------------------


class Blank(Echo):
    """Echo, remembering nothing: what happened shows in the rest of the world alone."""

    def step(self, state: Any, event: Any) -> Any:
        """As Echo's."""
        return (), super().step(state, event)[1]


LEFT_OUT = ("engine", "venue", "signaled", "faults_left", "outbound", "inbound", "timers", "denied", "late")
SHORT = {"ticks": (), "moves": (), "bad_prices": (), "max_faults": 1, "max_crashes": 0, "halts": 0}
ROOM: dict[str, tuple[tuple[faults.Fault, ...], dict[str, int]]] = {
    "denied": ((faults.response_lost, faults.query_unreliable), {"max_faults": 2}),
    "signaled": ((faults.storage_error,), {"max_crashes": 1}),
    "late": ((faults.late_ack,), {}),
    "crashes_left": ((faults.restart,), {"max_crashes": 1}),
    "halts_left": ((faults.response_lost,), {"halts": 1}),
}


def worlds_of(setting: Universe, without: str = "") -> int:
    """How many worlds can be reached; ``without``: worlds that differ in that field alone are one."""

    def key(world: World) -> World:
        return replace(replace_timers(world), **({without: None} if without else {}))

    layer = [setting.initial()]
    seen = {key(world) for world in layer}
    reached_ = {replace_timers(layer[0])}
    while layer:
        world = layer.pop()
        for action in setting.enabled(world):
            after, _ = setting.apply(world, action)
            if replace_timers(after) not in reached_:
                reached_.add(replace_timers(after))
                seen.add(key(after))
                layer.append(after)
    return len(seen)


@pytest.mark.parametrize("field", [*LEFT_OUT, "crashes_left", "halts_left"])
def test_worlds_that_differ_in_one_field_are_two_states(field: str) -> None:
    kinds, room = ROOM.get(field, ((faults.response_lost,), {}))
    engine = Echo() if field == "engine" else Blank()
    setting = universe(*kinds, engine=engine, **{**SHORT, **room})

    states = search(setting, rules=()).states

    assert states == worlds_of(setting) > worlds_of(setting, field)


def test_an_interrupted_search_ends_with_what_it_saw() -> None:
    def interrupt(done: Search) -> None:
        if done.depth == 3:
            raise KeyboardInterrupt

    done = search(Universe(scope_of(Small()), BundledCore()), watch=interrupt)

    assert (done.verdict, done.why, done.depth) == ("truncated", "interrupted", 3)
    assert 3 < done.states < searched(Small()).states


# ---- the collector of cycles ---------------------------------------------------------------------------


@pytest.mark.parametrize("was_on", [True, False])
@pytest.mark.parametrize("raises", [True, False])
def test_collector_rests_while_searching_and_is_as_it_was_afterwards(was_on: bool, raises: bool) -> None:
    during: list[bool] = []

    def watch(_search: Search) -> None:
        during.append(gc.isenabled())
        if raises:
            raise EOFError

    try:
        (gc.enable if was_on else gc.disable)()
        with pytest.raises(EOFError) if raises else pytest.MonkeyPatch.context():
            search(Universe(scope_of(Small()), BundledCore()), watch=watch)
        assert gc.isenabled() is was_on
    finally:
        gc.enable()
    assert set(during) == {False}
