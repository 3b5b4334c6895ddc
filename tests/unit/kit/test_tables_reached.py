"""Goals of a table search: those of the direct search, by ways that happen, with the fewest faults."""

from dataclasses import replace
from pathlib import Path

import pytest

from hedgecheck import tape
from hedgecheck.drive import BundledCore
from hedgecheck.explore.bounded import Small, number_of, scope_of
from hedgecheck.explore.exhaustive import Bounds
from hedgecheck.explore.exhaustive import search as search_directly
from hedgecheck.explore.goals import GOALS, Story
from hedgecheck.explore.replay import replay
from hedgecheck.explore.tables import reached, search, walk
from hedgecheck.explore.tables.alone import tabulate
from hedgecheck.explore.tables.happenings import Happenings
from hedgecheck.explore.tables.reached import OF_NO_LANE, TAKE_SEVERAL, Ways, reached_alone
from hedgecheck.explore.tables.searching import TableSearch, prepare
from hedgecheck.messages import Alert, Price, Signaled, Told
from hedgecheck.report.verdict import witnesses_of
from hedgecheck.tape import Action, InLane, read_token
from hedgecheck.world import Universe, universe_of
from tests.unit.kit.walks import PAIR, all_twins, laned, tabulated

CAPPED = Small(trades=2, own=1, cap=1)
LOST = Small(own=1, faults=2, kinds=("F01",))
BAD = Small(trades=2, own=1, faults=1, kinds=("F15",))
ONE_TRADE = {
    "halt": Small(own=1, halts=1),
    "halts and a crash": Small(own=1, halts=2, crashes=1),
    "replies lost": LOST,
    "in parts and out of order": Small(own=1, faults=2, kinds=("F03", "F10"), lots=2),
    "twice and bad data": Small(own=1, faults=1, kinds=("F13", "F15")),
    "stops": Small(own=1, faults=1, kinds=("F15",), stops=1),
}
TWO_TRADES = {
    "nothing": PAIR,
    "cap": CAPPED,
    "no room": Small(trades=2, own=1, heat=0),
}
TURNED = Small(trades=2, own=1, halts=1, crashes=1)


def universe(small: Small) -> Universe:
    return universe_of(scope_of(small), BundledCore())


def ways(small: Small) -> Ways:
    """The goals of a table, and how they are reached."""
    return reached_alone(laned(small), tabulated(small), all_twins(scope_of(small)))


def cost(setting: Universe, way: tuple[Action, ...]) -> tuple[int, int]:
    """The faults and the steps of a way; each of its actions happens."""
    world = setting.initial()
    for action in way:
        world, records = setting.apply(world, action)
        assert records
    return setting.scope.max_faults - world.faults_left, len(way)


@pytest.mark.parametrize("small", [*ONE_TRADE.values(), *TWO_TRADES.values()], ids=[*ONE_TRADE, *TWO_TRADES])
def test_goals_are_those_of_the_direct_search_with_no_more_faults_and_of_as_many_no_longer(
    small: Small,
) -> None:
    setting = laned(small)

    directly, by_tables = search_directly(setting).reached, ways(small)

    assert set(by_tables) == set(directly)
    for goal, way in by_tables.items():
        assert cost(setting, way) <= cost(setting, directly[goal])


def test_a_way_with_fewer_faults_comes_before_a_shorter_one() -> None:
    setting = universe(LOST)

    directly, by_tables = search_directly(setting).reached["G08"], ways(LOST)["G08"]

    assert cost(setting, directly) == (1, 12)
    assert cost(setting, by_tables) == (0, 17)


@pytest.mark.parametrize("small", [LOST, BAD, TURNED], ids=lambda small: small.name)
def test_a_witness_reaches_its_goal_when_its_token_is_replayed(small: Small) -> None:
    seen = ways(small)

    goals = {goal.id: goal for goal in GOALS}
    assert len(seen) > 5
    for witness in witnesses_of(number_of(small), seen):
        entries = replay(universe(small), read_token(witness.token)).entries
        happened = [record for entry in entries if not entry.drained for record in entry.records]
        assert goals[witness.goal].reached(Story(happened))
        assert sum(not entry.drained for entry in entries) == witness.steps


def test_a_trade_that_is_left_as_its_strategy_wants_is_seen_in_its_table() -> None:
    scope, core = replace(scope_of(Small(own=1)), exits=1), BundledCore()
    setting = universe_of(scope, core)

    directly = search_directly(setting).reached
    by_tables = reached_alone(setting, tabulate(scope, core, core.parts(scope)), all_twins(scope))

    assert "G28" in by_tables
    assert set(by_tables) == set(directly)
    assert cost(setting, by_tables["G28"]) == cost(setting, directly["G28"])


# ---- what takes two trades -------------------------------------------------------------------------------


def lanes(way: tuple[Action, ...]) -> list[int | None]:
    """The lane of each step, None for what comes over all."""
    return [each.lane if isinstance(each, InLane) else None for each in way]


def test_two_trades_are_under_way_at_once_where_there_is_room_for_two() -> None:
    assert lanes(ways(PAIR)["G22"]) == [0, 1]
    assert "G22" not in ways(CAPPED)


def test_a_second_trade_is_refused_while_the_engine_recovers() -> None:
    way = ways(TURNED)["G18"]

    assert lanes(way)[-1] == 1
    assert len(way) == 2
    assert "G18" not in ways(Small(own=1, halts=1, crashes=1))


def test_a_second_trade_is_refused_once_the_first_has_halted_all() -> None:
    assert lanes(ways(BAD)["G15"]) == [*[0] * 7, 1]


def test_a_second_trade_halts_all_while_the_first_is_between_its_legs() -> None:
    way = ways(BAD)["G14"]

    assert cost(universe(BAD), way) == (1, 10)
    assert set(lanes(way)) == {0, 1}


# ---- what it does not claim ------------------------------------------------------------------------------


def test_a_way_on_which_something_does_not_happen_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    go = reached.way_of
    monkeypatch.setattr(reached, "way_of", lambda *asked: (*go(*asked), tape.Restart()))

    assert ways(PAIR) == {}


def test_an_engine_that_came_up_with_nothing_to_ask_about_is_not_said_to_recover(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reached, "TRIED", 1)

    assert "G18" in ways(TURNED)


def test_ways_that_come_to_nothing_are_so_many_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    performed = []
    story = reached.Story
    monkeypatch.setattr(reached, "Story", lambda records: performed.append(len(records)) or story(records))
    small = Small(own=1, halts=1, crashes=1)

    seen = ways(small)
    assert len(performed) > 20
    assert "G12" in seen

    performed.clear()
    monkeypatch.setattr(reached, "TRIED", 3)

    assert ways(small) == seen
    assert len(performed) < 15


# ---- what a search says ----------------------------------------------------------------------------------


def test_a_search_says_what_it_saw_and_what_it_did_not_look_for(tmp_path: Path) -> None:
    def interrupt(done: TableSearch) -> None:
        if done.walks:
            raise KeyboardInterrupt

    setting = universe(CAPPED)
    seen = ways(CAPPED)

    for done in (
        search(setting),
        search(setting, partial_order=True),
        search(setting, checkpoint=tmp_path / "search.ckpt"),
        walk(setting, watch=interrupt),
    ):
        assert done.reached == seen
        assert done.unsought == (*TAKE_SEVERAL, *OF_NO_LANE)


def test_a_search_that_ended_with_one_trade_looked_for_nothing() -> None:
    done = search(universe(CAPPED), bounds=Bounds(states_max=10))

    assert done.why.endswith("one trade alone")
    assert (done.reached, done.unsought) == ({}, None)


def test_a_goal_that_takes_several_and_was_seen_was_looked_for() -> None:
    def interrupt(done: TableSearch) -> None:
        if done.states:
            raise KeyboardInterrupt

    done = search(universe(PAIR), watch=interrupt)

    assert done.verdict == "truncated"
    assert done.unsought == ("G18", "G20", *OF_NO_LANE)


# ---- what happened at edges ------------------------------------------------------------------------------


def test_what_happens_is_known_by_number_less_what_says_nothing_of_goals() -> None:
    price, alert = Told(Price("AAA", 99)), Alert("p1", "TRADE_PARKED")
    happenings = Happenings()

    for records in ((), (price, alert), (Signaled(scope_of(PAIR).intents[0]), price, alert), (alert,)):
        happenings.note(records)

    assert happenings.numbers.tolist() == [0, 1, 1, 2]
    assert happenings.records == [(), (price, alert), (alert,)]


def test_every_edge_has_what_happened_at_it_until_goals_are_read() -> None:
    tabulator = tabulated(PAIR)
    assert len(tabulator.happenings.numbers) == len(tabulator.table.sources)

    prepared = prepare(universe(PAIR))

    assert len(prepared.tabulator.happenings.numbers) == 0
    assert prepared.reached == ways(PAIR)
