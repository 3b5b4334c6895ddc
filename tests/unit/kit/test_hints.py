"""Goals in an exhaustive search: none that a way reaches is passed over, and few ways are gone again."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from hedgecheck.drive import BundledCore
from hedgecheck.explore import exhaustive
from hedgecheck.explore.bounded import Small, number_of, scope_of
from hedgecheck.explore.exhaustive import search
from hedgecheck.explore.fuzz import Campaign
from hedgecheck.explore.goals import GOALS, OWED, Goal, Story
from hedgecheck.explore.hints import ALERTS, REASONS, Hints
from hedgecheck.explore.replay import replay
from hedgecheck.messages import (
    Accepted,
    Alert,
    BadPrice,
    Canceled,
    CancelOrder,
    CancelRefused,
    CapitalAssigned,
    CreateOrder,
    Exit,
    Expired,
    Filled,
    Halt,
    NewDay,
    OutcomeUnknown,
    Price,
    Record,
    Rejected,
    Restarted,
    Returned,
    Sent,
    Signaled,
    Status,
    Told,
    TradingHalted,
    TradingResumed,
)
from hedgecheck.report import ExplorerResult, Looked, Report
from hedgecheck.report.verdict import witnesses_of
from hedgecheck.tape import Tape, read_token
from hedgecheck.world import Universe, World, universe_of

SMALLS = {
    "faults": Small(faults=3, lots=2),
    "two trades": Small(trades=2, faults=2, lots=2),
    "crash and halt": Small(trades=2, faults=1, crashes=1, halts=1),
    "stops": Small(faults=2, lots=2, kinds=("F10", "F09"), stops=1),
}
LOST, BAD = Small(faults=1, kinds=("F01",)), Small(faults=1, kinds=("F15",))
DEPTH = 5
STEPS_MAX = 60  # a stop that rests is asked about for ever


def universe(small: Small, **changes: Any) -> Universe:
    return universe_of(replace(scope_of(small), **changes), BundledCore())


OWNED = replace(scope_of(Small()).bounds, budgets=(("p", 2_000),), budget_bps=10_000)
WIDER = {  # what small scopes have not, and the goals of it
    "calendar": (universe(Small(trades=2, kinds=("F09",)), sessions=1, pauses=1), {"G24", "G25", "G26"}),
    "exits": (universe(Small(), exits=1), {"G28"}),
    "capital": (universe(Small(lots=1_000), bounds=OWNED, rebalances=2), {"G27"}),
}


def steps(setting: Universe, seed: int) -> list[tuple[Record, ...]]:
    """What happened in an execution drawn by chance, step by step."""
    random, world = Random(seed), setting.initial()
    found = []
    while len(found) < STEPS_MAX and (actions := setting.enabled(world)):
        world, records = setting.apply(world, random.choice(actions))
        found.append(records)
    return found


def reached_in(story: list[Record], goals: tuple[Goal, ...] = GOALS) -> set[str]:
    """Which of these goals a story reaches."""
    read = Story(story)
    return {goal.id for goal in goals if goal.reached(read)}


def reached_with_a_hint(setting: Universe, seeds: range, goals: tuple[Goal, ...] = GOALS) -> set[str]:
    """Which of these goals executions reach, each in a step that hints at it."""
    reached = set()
    for seed in seeds:
        hints, facts, story, before = Hints(setting.scope.intents), 0, [], set()
        for records in steps(setting, seed):
            story += records
            facts, hinted = hints.read(facts, records)
            now = reached_in(story, goals)
            assert now - before <= {goal.id for goal in hinted}
            reached |= now - before
            before = now
    return reached


@pytest.mark.parametrize("small", SMALLS.values(), ids=SMALLS)
def test_a_step_that_reaches_a_goal_hints_at_it(small):
    assert len(reached_with_a_hint(universe(small), range(20))) > 4


@pytest.mark.parametrize(("setting", "expected"), WIDER.values(), ids=WIDER)
def test_a_step_that_reaches_a_goal_of_a_wider_scope_hints_at_it(setting, expected):
    goals = tuple(goal for goal in GOALS if goal.id in expected)

    assert reached_with_a_hint(setting, range(100), goals) == expected


def sent(name: str) -> Sent:
    """An order for the first two intents of a small scope: entry a, hedge b, exits x and y."""
    intent = next(each for each in PAIR.intents if each.id == name[:2])
    legs = (intent.symbol_a, intent.side_a), (intent.symbol_b, intent.side_b)
    symbol, side = legs[name[2] in "by"]
    return Sent(CreateOrder(name, symbol, side, 1, reduce_only=name[2] in "xy", intent=intent.id))


def about(name: str) -> tuple[Record, ...]:
    """What can come of an order, whether it makes sense or not."""
    filled = Filled(name, "t1", "AAA", "buy", 1, 100)
    told = (Accepted(name), filled, Canceled(name, 0), Expired(name, 0), Rejected(name, ""))
    answers = (Status(name, "found"), Status(name, "not_found"), Status(name, "failed"))
    return (filled, CancelRefused(name, ""), OutcomeUnknown(name, "create"), *map(Told, (*told, *answers)))


PAIR = scope_of(Small(trades=2))
OPENING = (*map(Signaled, PAIR.intents), sent("p1a1"), sent("q1a1"), sent("p1b1"))
ALPHABET = (
    *about("p1a1"),
    *about("q1a1"),
    *map(sent, ("p1a2", "p1b2", "q1b1", "p1x1", "p1x2")),
    *(Returned(intent, False, reason) for intent in ("p1", "q1") for reason in (*REASONS, "unfilled")),
    *(Alert("p1", reason) for reason in ALERTS),
    *(Told(Price("AAA", 99)), Told(BadPrice("AAA", "nan")), Halt(), Restarted()),
)


CALENDAR = (
    *(Accepted("p1a1"), Sent(CancelOrder("p1a1")), Told(Price("AAA", 99))),
    *(NewDay(1, "closed"), NewDay(2), TradingHalted(("AAA",)), TradingResumed(("AAA",))),
    *map(sent, ("p1a1", "p1b1", "p1x1")),
)
CAPITAL = (
    *(Alert("p#5", OWED), CapitalAssigned("p", 5), Told(Price("AAA", 99))),
    *(Returned("p1", False, "unfilled"), Returned("q1", True, "hedged"), sent("p1a1")),
)
WISHES = (
    *(Returned("p1", True, "hedged"), Exit("p1"), Exit("q1"), sent("p1x1"), sent("p1y1"), sent("p1b1")),
    *(Filled(name, "t1", "AAA", "buy", 1, 100) for name in ("p1x1", "p1y1")),
)
LATER = {"G24", "G25", "G27", "G28"}  # each takes several records that nothing else takes
ALPHABETS = {
    "orders": (ALPHABET, {goal.id for goal in GOALS} - LATER),
    "calendar": (CALENDAR, {"G24", "G25"}),
    "capital": (CAPITAL, {"G27"}),
    "wishes": (WISHES, {"G28"}),
}


@pytest.mark.parametrize("name", ALPHABETS)
def test_whatever_the_order_of_records_the_one_that_reaches_a_goal_hints_at_it(name):
    alphabet, expected = ALPHABETS[name]
    reached = set()
    for seed in range(400):
        random, hints, story = Random(seed), Hints(PAIR.intents), list(OPENING[: 3 + seed % 3])
        facts, _ = hints.read(0, tuple(story))
        before = reached_in(story)
        for record in random.choices(alphabet, k=10):
            story.append(record)
            facts, hinted = hints.read(facts, (record,))
            now = reached_in(story)
            assert now - before <= {goal.id for goal in hinted}
            reached |= now - before
            before = now

    assert reached >= expected


def shortest(setting: Universe, depth_max: int) -> dict[str, int]:
    """The fewest steps after which each goal is reached, by going all ways."""
    layer: list[tuple[World, list[Record]]] = [(setting.initial(), [])]
    found: dict[str, int] = {}
    for depth in range(1, depth_max + 1):
        following = []
        for world, story in layer:
            for action in setting.enabled(world):
                after, records = setting.apply(world, action)
                following.append((after, [*story, *records]))
                read = Story([*story, *records])
                found |= {goal.id: depth for goal in GOALS if goal.id not in found and goal.reached(read)}
        layer = following
    return found


@pytest.mark.parametrize("small", [Small(halts=1), LOST, BAD], ids=lambda s: s.name)
def test_a_witness_is_as_short_as_the_shortest_of_all_ways(small):
    setting = universe(small)

    reached = search(setting).reached

    near = shortest(setting, DEPTH)
    assert near
    assert near == {goal: len(way) for goal, way in reached.items() if len(way) <= DEPTH}


def test_a_witness_reaches_its_goal_when_replayed():
    done = search(universe(LOST))

    assert done.reached
    for goal in GOALS:
        if goal.id in done.reached:
            entries = replay(universe(LOST), Tape(0, done.reached[goal.id])).entries
            happened = [record for entry in entries if not entry.drained for record in entry.records]
            assert goal.reached(Story(happened))


def test_few_ways_are_gone_again(monkeypatch):
    ways = []
    story = exhaustive.Story
    monkeypatch.setattr(exhaustive, "Story", lambda records: ways.append(len(records)) or story(records))

    done = search(universe(Small(faults=1, kinds=("F01",), crashes=1)))

    assert 0 < len(ways) < 4 * len(done.reached)


def test_report_says_after_how_many_steps_a_goal_was_seen_and_gives_the_way():
    number = number_of(LOST)
    done = search(universe(LOST)).reached
    looked = [
        Looked(LOST.name, "exhausted", 1, 1, 1, 0.0, 1, reached=witnesses_of(number, ways))
        for ways in (done, {"G03": (*done["G03"], *done["G03"])})
    ]
    report = Report("core", 0, "", (ExplorerResult("exhaustive", Campaign(), 0.0, "", tuple(looked)),), ())

    rows = {row["id"]: row for row in report.to_json()["sometimes"]}

    assert rows["G03"]["reached"] == 2
    assert rows["G03"]["steps"] == len(done["G03"])
    assert read_token(rows["G03"]["witness"]) == Tape(number, done["G03"])
    assert rows["G16"] == {"id": "G16", "reached": 0}


def test_report_has_no_goals_where_none_were_looked_for():
    looked = Looked(LOST.name, "exhausted", 1, 1, 1, 0.0, 1)
    report = Report("core", 0, "", (ExplorerResult("exhaustive", Campaign(), 0.0, "", (looked,)),), ())

    assert report.to_json()["sometimes"] == []
