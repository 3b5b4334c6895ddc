"""The largest scope that fits a budget: rung after rung while there is time, and what is said of it."""

import pytest

from hedgecheck import climbing, runner
from hedgecheck.climbing import BY_TABLES, DIRECTLY, Ladder, room
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.report import Looked
from hedgecheck.runner import Plan

LADDER = Ladder(by_tables=True, cpu_seconds=1_000.0)


def looked(scope, seconds=1.0, verdict="exhausted", states=10, why=""):
    return Looked(scope, verdict, states, 20, 3, seconds, 50, why)


@pytest.mark.parametrize("rung", [*BY_TABLES, *DIRECTLY], ids=lambda small: small.name)
def test_every_rung_is_a_scope(rung):
    assert scope_of(rung).intents


def test_rungs_follow_each_other():
    first, _ = LADDER.next([looked("small")], 900.0)
    second, _ = LADDER.next([looked("small"), looked(first.name)], 900.0)

    assert (first, second) == BY_TABLES[:2]


def test_an_engine_that_is_one_whole_is_searched_directly():
    rung, _ = Ladder(by_tables=False, cpu_seconds=1_000.0).next([looked("small")], 900.0)

    assert rung == DIRECTLY[0]


@pytest.mark.parametrize(("left", "fits"), [(39.0, False), (41.0, True)])
def test_a_rung_is_begun_where_several_times_the_time_of_the_last_is_left(left, fits):
    assert (LADDER.next([looked("small", seconds=10.0)], left) is not None) is fits


def test_searches_in_full_have_a_share_of_the_budget():
    assert LADDER.next([looked("small", 50.0), looked("other", 150.0)], 900.0) is None
    _, bounds = LADDER.next([looked("small", 20.0)], 900.0)

    assert bounds.seconds_max == pytest.approx(380.0)


def test_nothing_follows_a_rung_that_did_not_fit():
    short = looked(BY_TABLES[0].name, 5.0, "truncated")

    assert LADDER.next([looked("small"), short], 900.0) is None


def test_the_largest_is_named_and_what_became_of_the_next():
    whole = [looked("small"), looked(BY_TABLES[0].name, states=6_234_392)]
    short = looked(BY_TABLES[1].name, verdict="truncated", states=77, why="9 seconds are over")

    assert LADDER.said(whole) == (
        f"The largest seen in full: {BY_TABLES[0].name} (6,234,392 states). "
        f"The next, {BY_TABLES[1].name}, was not begun: the budget has no room for it."
    )
    assert LADDER.said([*whole, short]).endswith(
        f"The next, {BY_TABLES[1].name}, did not fit: 9 seconds are over (77 states)."
    )
    assert LADDER.seen([*whole, short]) == tuple(whole)


def test_nothing_is_said_where_nothing_was_seen_in_full():
    assert LADDER.said([looked("small", verdict="broken")]) == ""


@pytest.mark.parametrize(
    ("available", "limit", "megabytes"),
    [
        ("MemTotal: 9 kB\nMemAvailable: 1024000 kB\n", "max", 500),
        ("MemAvailable: 1024000 kB\n", str(600 << 20), 300),
        ("MemAvailable: 1024000 kB\n", str(6_000 << 20), 500),
        ("MemAvailable: 102400000 kB\n", "max", climbing.MEGABYTES_MAX),
        ("MemTotal: 9 kB\n", "max", climbing.MEGABYTES_MAX),
    ],
)
def test_a_search_has_half_of_what_the_machine_and_a_container_leave(
    available, limit, megabytes, tmp_path, monkeypatch
):
    (tmp_path / "meminfo").write_text(available)
    (tmp_path / "memory.max").write_text(limit + "\n")
    monkeypatch.setattr(climbing, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(climbing, "CGROUP", tmp_path / "memory.max")

    assert room() == megabytes


def test_a_machine_that_says_nothing_of_its_memory_leaves_the_most(tmp_path, monkeypatch):
    monkeypatch.setattr(climbing, "MEMINFO", tmp_path / "none")
    monkeypatch.setattr(climbing, "CGROUP", tmp_path / "none")

    assert room() == climbing.MEGABYTES_MAX


def test_verify_climbs_while_there_is_time(monkeypatch):
    rung = Small(trades=2, own=1, cap=1)
    monkeypatch.setattr(climbing, "BY_TABLES", (rung, Small(trades=3, own=1, cap=1)))
    monkeypatch.setattr(climbing, "GROWTH", 0)
    plan = Plan("core", 0, ("fuzz", "exhaustive"), 8.0, scopes=(Small(),), processes=1)

    (exhaustive,) = [each for each in runner.run(plan).explorers if each.name == "exhaustive"]

    assert rung.name in [each.scope for each in exhaustive.searches]
    assert exhaustive.verdict == "holds"
    assert exhaustive.scope.startswith("The largest seen in full: ")


def test_a_counted_run_searches_the_same_scopes_on_every_machine():
    plan = Plan("core", 0, ("fuzz", "exhaustive"), executions=5, scopes=(Small(),), processes=1)

    (exhaustive,) = [each for each in runner.run(plan).explorers if each.name == "exhaustive"]

    assert [each.scope for each in exhaustive.searches] == [Small().name]
