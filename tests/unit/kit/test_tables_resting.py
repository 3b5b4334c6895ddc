"""That all trades can come to rest is told from the table of one: no more is claimed than that shows."""

from types import SimpleNamespace
from typing import Any

import pytest

from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.exhaustive import search as search_directly
from hedgecheck.explore.replay import run_tape
from hedgecheck.explore.tables import search
from hedgecheck.explore.tables.alone import ASKS, CRASHES, HALTS, REFUSED, SHAKES
from hedgecheck.explore.tables.resting import news_ends, nobody_waits, reached_alone, restless
from hedgecheck.explore.tables.searching import prepare
from hedgecheck.explore.tables.surroundings import Surroundings
from hedgecheck.messages import Intent, StartTimer, TimerFired
from hedgecheck.tape import Fire, Halt, Tape
from hedgecheck.values import replace
from hedgecheck.world import Engine, Scope, Universe, universe_of
from tests.unit.kit.endless import PLANTED, Requeuing, Ticking, is_refusal

PAIR = Small(trades=2, own=1, cap=1)


class Insisting(BundledCore):
    """Asks again every second where the gate refuses, as if it had not asked, and tells nobody."""

    name = "insists"

    def __init__(self) -> None:
        self.intents: dict[str, Intent] = {}

    def initial(self, scope: Scope) -> Any:
        """As the core, and knows what it may have to ask for again."""
        self.intents |= {each.id: each for each in scope.intents}
        return super().initial(scope)

    def step(self, state: Any, event: Any) -> Any:
        """As the core, but for what is refused."""
        if isinstance(event, TimerFired) and event.timer.endswith("/again"):
            event = self.intents[event.timer.removesuffix("/again")]
        after, commands = super().step(state, event)
        again = tuple([StartTimer(f"{each.intent}/again", 1) for each in commands if is_refusal(each)])
        return (state, again) if again else (after, commands)


def in_lanes(engine: Engine, small: Small, trades: int = 2) -> Universe:
    return universe_of(scope_of(replace(small, own=1, trades=trades)), engine)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_defect_of_liveness_is_found_by_both_after_as_many_steps(name):
    setting = in_lanes(*PLANTED[name])

    directly, by_tables = search_directly(setting), search(setting)
    again = run_tape(setting, Tape(0, by_tables.tape))

    assert by_tables.verdict == directly.verdict == "broken"
    assert by_tables.failure.invariant == directly.failure.invariant == again.invariant == "I15"
    assert len(by_tables.tape) == len(directly.tape) == again.used


def test_what_only_a_crash_would_end_goes_on_for_ever():
    setting = in_lanes(Requeuing(), Small(crashes=1), trades=1)

    directly, by_tables = search_directly(setting), search(setting)

    assert by_tables.verdict == directly.verdict == "broken"
    assert len(by_tables.tape) == len(directly.tape) == 11


def test_a_trade_that_waits_for_its_neighbours_is_not_said_to_come_to_rest():
    setting = in_lanes(Insisting(), PAIR)

    done = search(setting)

    assert search_directly(setting).failure.invariant == "I15"  # its neighbour is parked
    assert done.verdict == "truncated"
    assert done.why == "one trade may go on for ever, and no way there was found beside others"


def test_a_timer_that_is_nobodys_and_never_ends_is_not_said_to_come_to_rest():
    done = search(in_lanes(Ticking(), PAIR))

    assert (done.verdict, done.why) == ("truncated", "what comes over all trades may go on for ever")


def test_the_bundled_core_comes_to_rest_whatever_its_gate_answers():
    small = replace(PAIR, crashes=1)
    prepared = prepare(universe_of(scope_of(small), BundledCore()))

    _, endless = restless(prepared.tabulator)

    assert endless == []


def test_a_way_takes_no_more_faults_than_there_are_and_nothing_that_neighbours_do():
    edges = [(0, 1, 0, 1), (1, 2, 0, 1), (0, 2, REFUSED, 0), (0, 2, HALTS, 0), (0, 3, 0, 0), (3, 4, 0, 0)]
    sources, targets, flags, costs = zip(*edges, (4, 2, ASKS, 0), strict=True)
    table = SimpleNamespace(sources=sources, targets=targets, flags=flags, costs=costs, choices=[0] * 7)
    tabulator: Any = SimpleNamespace(table=table)

    def steps(max_faults: int, halts: int = 0) -> int:
        universe: Any = SimpleNamespace(scope=SimpleNamespace(max_faults=max_faults, halts=halts))
        reached = reached_alone(universe, tabulator)
        return min(depth for (state, _), (depth, _) in reached.items() if state == 2)

    assert steps(max_faults=2) == 2
    assert steps(max_faults=1) == 3
    assert steps(max_faults=0, halts=1) == 1


# ---- what comes over all --------------------------------------------------------------------------------


def ends(*news: tuple[int, int]) -> bool:
    """Whether an end comes to what all are told, where it takes what they share from here to there."""
    around: Any = SimpleNamespace(
        news=set(news), company=SimpleNamespace(shares=lambda number: f"shared {number}")
    )
    return news_ends(around)


def told(flags: int, cost: int = 0, after: int = 1) -> set[tuple[int, int]]:
    """The news of one edge that leads from 0, if it is any."""
    around: Any = SimpleNamespace(
        table=SimpleNamespace(costs=[cost], flags=[flags]),
        is_news=lambda before, after: before != after,
        news=set(),
    )
    Surroundings._tell(around, 0, 0, after)
    return around.news  # type: ignore[no-any-return]


def test_news_that_come_back_have_no_end():
    assert ends((0, 1), (1, 2), (0, 2))
    assert not ends((0, 1), (1, 2), (2, 1))


def test_news_of_faults_and_crashes_are_as_many_as_those():
    assert told(SHAKES) == {(0, 1)}
    assert not told(SHAKES, after=0)
    assert not told(SHAKES, cost=1)
    assert not told(SHAKES | CRASHES)
    assert not told(0)


def waits(*fires: tuple[int, int], rests: tuple[int, ...], action: Any = None, cost: int = 0) -> bool:
    """Whether the timers that are nobody's end, where they lead from here to there."""
    each = action or Fire("t")
    around: Any = SimpleNamespace(
        company=SimpleNamespace(known=range(3), rests=lambda number: number in rests),
        over_all=lambda number: [
            SimpleNamespace(action=each, cost=cost, everybody=after)
            for here, after in fires
            if here == number
        ],
    )
    return nobody_waits(around)


def test_timers_that_are_nobodys_end_where_each_leads_to_rest():
    assert waits((0, 1), (1, 0), (1, 2), rests=(2,))
    assert waits(rests=(0, 1, 2))
    assert not waits((0, 1), (1, 0), rests=(2,))
    assert not waits((0, 2), (1, 1), rests=(2,))


def test_neither_people_nor_faults_bring_rest():
    assert not waits((0, 2), (1, 2), rests=(2,), action=Halt())
    assert not waits((0, 2), (1, 2), rests=(2,), cost=1)
