"""State out of the store: the fold of all events, whatever snapshots there are, by none that are wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.messages import Event, PriceMoved, Restarted
from hedgecheck.errors import StoreDamaged, StoreFenced
from hedgecheck.live import EventStore, Opening, copy, snapshots, verify
from hedgecheck.live.databases import database
from hedgecheck.live.encoding import CODEC, STORED, decoded, encoded
from tests.integration.store.flows import commanded, drawn, states

Drawn = tuple[Opening, tuple[Event, ...]]
FLOWS = drawn(60)
OPENING, EVENTS = FLOWS[0]
STATES = states(OPENING, EVENTS)


def stored(address: str, *snapshot_positions: int, flow: Drawn = FLOWS[0]) -> None:
    """A new store of a flow, with snapshots of the states at those positions."""
    opening, events = flow
    known = states(opening, events)
    with EventStore.create(address, opening) as store:
        store.append(events)
        for position in snapshot_positions:
            store.keep_snapshot(known[position], position)


def harmed(address: str, statement: str) -> int:
    """Somebody changes the tables by hand; how many rows were changed."""
    base = database(address)
    with base.engine.begin() as connection:
        changed = connection.exec_driver_sql(statement).rowcount
    base.close()
    return changed


def kept(address: str) -> list[int]:
    """The positions of the snapshots."""
    base = database(address)
    with base.engine.connect() as connection:
        found = connection.scalars(text("select position from hedgecheck_snapshots order by position")).all()
    base.close()
    return list(found)


def recovered(address: str) -> tuple[Any, int, int]:
    """State, position, and the position of the snapshot that was recovered from."""
    with EventStore.open(address) as store:
        return *store.recovered(), store.snapshot_position


@pytest.mark.parametrize(
    ("events_min", "replayed_after"), [(0, 25), (1, 10), (len(EVENTS) - 10, 10), (10**6, 0)]
)
def test_as_many_events_as_are_asked_for_are_replayed_and_shown(
    address: str, events_min: int, replayed_after: int
) -> None:
    opening, events = OPENING, EVENTS[:25] if events_min == 1 else EVENTS
    shown: list[tuple[Any, Event]] = []
    stored(address, 10, 25, flow=(opening, events))

    with EventStore.open(
        address, stepped=lambda state, event, _: shown.append((state, event)), events_min=events_min
    ) as store:
        assert store.recovered() == (STATES[len(events)], len(events))

    known = list(zip(STATES[1:], events, strict=False))
    assert shown == known[replayed_after:]


# ---- TC-IF-016, TC-IF-017 ------------------------------------------------------------------------------


@pytest.mark.covers("TC-IF-016")
def test_every_event_of_an_order_flow_is_stored_before_any_command_of_its_step_leaves(address: str) -> None:
    left: list[tuple[Any, Event]] = []

    def leaves(command: Any) -> None:
        reader = database(address)  # another process, as far as the store can tell
        with reader.engine.connect() as connection:
            last = "select body from hedgecheck_events order by position desc limit 1"
            left.append((command, decoded(connection.execute(text(last)).scalar_one())))
        reader.close()

    some = EVENTS[:60]
    with EventStore.create(address, OPENING) as store:
        for event, commands in zip(some, commanded(OPENING, some), strict=True):
            store.append([event])
            for command in commands:
                leaves(command)
        assert list(store.events()) == list(some)

    expected = [
        (command, event)
        for event, commands in zip(some, commanded(OPENING, some), strict=True)
        for command in commands
    ]
    assert left == expected
    assert len(left) > 10


@pytest.mark.covers("TC-IF-017")
@pytest.mark.parametrize("positions", [(), (len(EVENTS) // 2,), (len(EVENTS),), (10, 20, 30)])
def test_restarted_process_has_the_state_of_the_one_that_ended(
    address: str, positions: tuple[int, ...]
) -> None:
    stored(address, *positions)

    with EventStore.open(address) as store:
        assert store.recovered() == (STATES[-1], len(EVENTS))
        store.append([Restarted()])
        after = states(OPENING, (*EVENTS, Restarted()))[-1]
        assert store.recovered() == (after, len(EVENTS) + 1)
    assert recovered(address)[:2] == (after, len(EVENTS) + 1)


def test_only_what_comes_after_the_snapshot_is_replayed(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(address, len(EVENTS) - 3)
    replayed: list[Event] = []
    step = snapshots.engine.step
    monkeypatch.setattr(
        "hedgecheck.live.store.engine.step", lambda state, event: replayed.append(event) or step(state, event)
    )

    assert recovered(address) == (STATES[-1], len(EVENTS), len(EVENTS) - 3)
    assert replayed == list(EVENTS[-3:])


@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.covers("TC-IF-017")
def test_snapshots_change_no_recovered_state(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Whenever they were taken, and when all of them are deleted again."""
    flow = data.draw(st.sampled_from(FLOWS))
    positions = data.draw(st.lists(st.integers(0, len(flow[1])), max_size=4))
    path = str(tmp_path_factory.mktemp("snapshots") / "events.db")
    stored(path, *positions, flow=flow)

    with_them = recovered(path)
    harmed(path, "delete from hedgecheck_snapshots")
    without = recovered(path)

    assert with_them[:2] == without[:2] == (states(*flow)[-1], len(flow[1]))
    assert without[2] == 0


def test_the_last_two_are_kept(address: str) -> None:
    stored(address, 10, 20, 30, 40)

    assert kept(address) == [30, 40]


def test_every_state_is_written_and_read_again() -> None:
    for opening, events in FLOWS:
        for state in states(opening, events):
            assert decoded(encoded(state)) == state
    assert {"State", "Book", "Trade", "Order", "Gauges", "Breaker", "Opening"} <= set(CODEC.kinds)
    assert "State" not in STORED


# ---- what is wrong with a snapshot, and with what lies behind it ------------------------------------------

AT = len(EVENTS) - 5
OF = f"where position = {AT}"
OTHER_DIGEST = f"(select digest from hedgecheck_events where position = {AT - 1})"
WRONG = {
    "text": f"update hedgecheck_snapshots set body = replace(body, '\"fees\":0', '\"fees\":1') {OF}",
    "digest": f"update hedgecheck_snapshots set digest = {OTHER_DIGEST} {OF}",
    "place": f"update hedgecheck_snapshots set position = {AT + 1} {OF}",
    "other release": f"update hedgecheck_snapshots set release = {OTHER_DIGEST} {OF}",
    "other chain": f"update hedgecheck_snapshots set chain_digest = {OTHER_DIGEST} {OF}",
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.covers("TC-RC-013")
def test_snapshot_that_is_wrong_is_ignored_and_the_one_before_it_taken(address: str, wrong: str) -> None:
    stored(address, 10, AT)
    assert harmed(address, WRONG[wrong]) == 1

    assert recovered(address) == (STATES[-1], len(EVENTS), 10)
    harmed(address, "delete from hedgecheck_snapshots where position = 10")
    assert recovered(address) == (STATES[-1], len(EVENTS), 0)


@pytest.mark.parametrize("wrong", ["_digest", "release"])
def test_snapshot_that_is_whole_but_not_of_this_chain_and_release_is_ignored(
    address: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that says of itself that all is well."""
    with monkeypatch.context() as patched:
        if wrong == "release":
            patched.setattr(snapshots, "release", lambda: b"another release")
        stored(address, AT)
    if wrong == "_digest":
        monkeypatch.setattr(snapshots, "_digest", lambda **row: b"right")
        digest = "'right'" if "postgresql" in address else "x'7269676874'"
        harmed(address, f"update hedgecheck_snapshots set chain_digest = {OTHER_DIGEST}, digest = {digest}")

    assert recovered(address) == (STATES[-1], len(EVENTS), 0)


def test_snapshot_of_what_is_not_stored_any_more_is_ignored(address: str) -> None:
    stored(address, 10, AT)
    harmed(address, f"delete from hedgecheck_events where position >= {AT}")
    last = f"(select digest from hedgecheck_events where position = {AT - 1})"
    times = f"(select recorded_ns from hedgecheck_events where position = {AT - 1})"
    head = f"position = {AT - 1}, digest = {last}, recorded_ns = {times}"
    harmed(address, f"update hedgecheck_store set {head}")

    assert recovered(address) == (STATES[AT - 1], AT - 1, 10)


@pytest.mark.covers("TC-RC-013")
def test_damage_behind_a_snapshot_is_found_while_the_store_is_in_use(address: str) -> None:
    stored(address, AT)
    assert harmed(address, "update hedgecheck_events set format = 2 where position = 8") == 1
    found: list[Exception] = []

    with EventStore.open(address) as store:
        assert store.recovered() == (STATES[-1], len(EVENTS))
        store.check_older(found.append).wait()

    assert [str(each).partition(": ")[2].partition(". ")[0] for each in found] == [
        "event 8 is not what was written"
    ]
    assert isinstance(found[0], StoreDamaged)
    assert found[0].good == 7


def test_what_is_whole_behind_a_snapshot_is_called_so(address: str) -> None:
    stored(address, AT)
    found: list[Exception] = []

    with EventStore.open(address) as store:
        store.check_older(found.append).wait()
        store.check_older(found.append).stop()

    assert found == []


@pytest.mark.covers("TC-RC-013")
def test_damage_after_a_snapshot_is_found_on_open(address: str) -> None:
    stored(address, 10)
    harmed(address, f"update hedgecheck_events set format = 2 where position = {AT}")

    with pytest.raises(StoreDamaged, match=f"event {AT} is not what was written"):
        EventStore.open(address)


# ---- TC-RC-006, TC-RC-010: consistency of what is stored -------------------------------------------------


@pytest.mark.covers("TC-RC-010")
def test_times_are_of_the_clock_and_never_go_backwards(address: str) -> None:
    times = iter([1_000, 1_005, 1_003, 900, 2_000])
    clock: Callable[[], int] = lambda: next(times)  # noqa: E731
    events = [PriceMoved("AAA", 100 + number) for number in range(4)]
    with EventStore.create(address, OPENING, clock) as store:
        for event in events[:2]:
            store.append([event])
    with EventStore.open(address, clock) as store:
        store.append(events[2:3])
        store.append(events[3:])

        found = [(each.position, each.recorded_ns, each.event) for each in store.recorded()]
    assert found == list(zip((1, 2, 3, 4), (1_005, 1_005, 1_005, 2_000), events, strict=True))
    stands = verify(address)
    assert (stands.beginning.recorded_ns, stands.head.recorded_ns) == (1_000, 2_000)


@pytest.mark.covers("TC-RC-006")
def test_store_is_consistent_with_its_copy_its_head_and_its_events(address: str, tmp_path: Any) -> None:
    """Counted, read from the middle, copied: always the same events at the same places."""
    stored(address, 10)
    copied = str(tmp_path / "copy.db")

    head = copy(address, copied)

    assert head == verify(address).head == verify(copied).head
    with EventStore.open(address) as one, EventStore.open(copied) as other:
        assert list(one.recorded()) == list(other.recorded())
        places = [each.position for each in one.recorded(after=40)]
        assert places == list(range(41, len(EVENTS) + 1))
        assert list(one.events(after=40)) == list(EVENTS[40:])
        assert one.recovered() == other.recovered() == (STATES[-1], len(EVENTS))


@pytest.mark.parametrize("what", ["body = replace(body, '1', '2')", "recorded_ns = recorded_ns + 1"])
@pytest.mark.covers("TC-RC-006")
def test_what_is_read_from_an_open_store_is_checked(address: str, what: str) -> None:
    """Also what was changed since it was opened."""
    stored(address)
    with EventStore.open(address) as store:
        harmed(address, f"update hedgecheck_events set {what} where position = 12")

        with pytest.raises(StoreDamaged, match="event 12 is not what was written"):
            list(store.events())


@pytest.mark.covers("TC-RC-006")
def test_writer_that_was_fenced_off_stores_nothing(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = EventStore.create(address, OPENING)
    monkeypatch.setattr(type(stale._base), "lock", lambda self: None)
    with EventStore.open(address) as fresh:
        with pytest.raises(StoreFenced):
            stale.append(EVENTS[:1])
        fresh.append(EVENTS[:2])
        assert fresh.recovered() == (STATES[2], 2)
    assert verify(address).head.position == 2
