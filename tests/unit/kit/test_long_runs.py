"""A long run costs what is live: the thousandth round trip is no dearer than the first.

Nothing is timed: calls are counted, and how much is held in what is walked over or copied. An archive is
neither.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from hedgecheck.archive import Archive
from hedgecheck.backtest.desk import Desk
from hedgecheck.drive import bundled_core
from hedgecheck.invariants import ALL, LEDGER_BASE, Bounds
from hedgecheck.messages import Exit, Intent, Signaled
from hedgecheck.venue import House, Market
from hedgecheck.world import Scope

SCOPE = Scope(
    (),
    House((Market("AAA"), Market("BBB")), fee_bps=5),
    10**9,
    (("AAA", 10_000), ("BBB", 10_000)),
    Bounds(gross_bps=100_000, cluster_bps=100_000),
    daily_loss_bps=9_000,
)
MINUTE_NS = 60 * 10**9
TRIPS = 40  # more than an archive copies whole
RULES = tuple(dict.fromkeys((*ALL, *LEDGER_BASE)))


def trade(desk: Desk, first: int, count: int) -> None:
    """So many round trips of a pair, each protected by stops, one price a minute."""
    for number in range(first, first + count):
        intent = Intent(f"p{number}", "AAA", "buy", 10, "BBB", "sell", 10, 10_100, 9_000, 11_000)
        desk.tell(intent, Signaled(intent))
        for minute in range(3):
            desk.price("AAA", 10_000 + number % 5 + minute)
            desk.wait(MINUTE_NS)
        desk.tell(Exit(intent.id), Exit(intent.id))
        desk.wait(MINUTE_NS)
    assert desk.failure is None


def calls_of(act: Callable[[], None]) -> int:
    """How many functions are called, C's among them."""
    calls = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls


def sizes(value: object, where: str) -> Iterator[tuple[str, int]]:
    """How many each collection inside holds, archives apart."""
    if isinstance(value, Archive | str):
        return
    if isinstance(value, dict | tuple | frozenset):
        yield where, len(value)
        for each in value.values() if isinstance(value, dict) else value:
            yield from sizes(each, where)
    elif is_dataclass(value):
        for each in fields(value):
            yield from sizes(getattr(value, each.name), f"{where}.{each.name}")


def held(desk: Desk) -> dict[str, int]:
    """The largest collection at each place of the world and of what the rules remember."""
    largest: dict[str, int] = {}
    memories = [(type(each).__name__, each) for each in desk._run.watch.memories]
    for name, value in [("World", desk._run.world), *memories]:
        for where, size in sizes(value, name):
            largest[where] = max(largest.get(where, 0), size)
    return largest


def test_a_round_trip_calls_as_many_functions_however_many_there_were() -> None:
    desk = Desk(SCOPE, bundled_core(), rules=RULES)
    trade(desk, 1, 5)

    early = calls_of(lambda: trade(desk, 6, TRIPS))
    trade(desk, 6 + TRIPS, 2 * TRIPS)
    late = calls_of(lambda: trade(desk, 6 + 3 * TRIPS, TRIPS))

    assert late <= early * 1.02


def test_nobody_walks_over_an_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    def walked(self: Archive[object]) -> dict[str, object]:
        raise AssertionError(f"an archive was walked over that holds {self._young}")

    desk = Desk(SCOPE, bundled_core(), rules=RULES)
    monkeypatch.setattr(Archive, "_old", walked)

    trade(desk, 1, 5)
    desk.rest()

    assert desk.failure is None


def test_what_a_round_trip_leaves_behind_is_archived_alone() -> None:
    desk = Desk(SCOPE, bundled_core(), rules=RULES)
    trade(desk, 1, 5)
    early = held(desk)

    trade(desk, 6, TRIPS)

    assert {place: size for place, size in held(desk).items() if size > early[place]} == {}
    assert len(desk.venue.archive) > TRIPS
