"""A search that is kept in a file: it goes on as if it had never stopped, or says why it does not."""

import fcntl
import os
import zipfile
from collections.abc import Callable
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from hedgecheck import invariants
from hedgecheck.drive import BundledCore
from hedgecheck.errors import UsageError
from hedgecheck.explore.bounded import Small, scope_of
from hedgecheck.explore.exhaustive import Bounds
from hedgecheck.explore.tables import TableSearch, checkpoint, search, searching
from hedgecheck.values import replace
from hedgecheck.world import Engine, universe_of
from tests.canary.engines import CANARIES

HALTED = Small(trades=2, own=1, cap=1, halts=1, faults=1, kinds=("F16",))
FEW = Small(trades=2, own=1, cap=1)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "check_locality", lambda *tables: 0)  # most of the time of a small search


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a search is kept."""
    return tmp_path / "search.ckpt"


def run(
    file: Path | None, small: Small = FEW, engine: Engine | None = None, layers: int = 999
) -> TableSearch:
    """A search that is interrupted after so many layers."""

    def interrupt(seen: TableSearch) -> None:
        if len(seen.layers) >= layers:
            raise KeyboardInterrupt

    universe = universe_of(scope_of(small), engine or BundledCore())
    return search(universe, watch=interrupt, checkpoint=file)


def seen(result: TableSearch) -> tuple[Any, ...]:
    """What must not depend on interruptions."""
    counts = (result.states, result.orders, result.edges, result.depth, result.layers)
    return (*counts, result.verdict, result.failure, result.tape)


# ---- it goes on ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [2, 9])
def test_a_search_that_was_interrupted_goes_on_as_if_it_had_not_been(file: Path, layers: int) -> None:
    whole = run(None, HALTED)

    cut = run(file, HALTED, layers=layers)
    assert (cut.verdict, len(cut.layers)) == ("truncated", layers)
    assert f"goes on from {file}" in cut.why

    assert seen(run(file, HALTED)) == seen(whole)
    assert whole.verdict == "exhausted"


def test_a_search_may_be_interrupted_after_every_layer(file: Path) -> None:
    whole, times = run(None), 1

    while (result := run(file, layers=times)).verdict == "truncated":
        assert len(result.layers) == times
        times += 1

    assert seen(result) == seen(whole)
    assert times == len(whole.layers) + 1


@pytest.mark.parametrize("name", ["Z112", "Z125", "X013"])
def test_the_case_that_is_found_is_the_same(name: str, file: Path) -> None:
    small = CANARIES[name].small
    assert small is not None
    small = replace(small, own=1, trades=2)
    whole = run(None, small, CANARIES[name].factory())

    run(file, small, CANARIES[name].factory(), layers=len(whole.layers) - 1)

    assert seen(run(file, small, CANARIES[name].factory())) == seen(whole)
    assert whole.verdict == "broken"
    assert not file.exists()


def test_what_a_bound_ended_goes_on_with_a_wider_one(file: Path) -> None:
    universe = universe_of(scope_of(FEW), BundledCore())

    cut = search(universe, bounds=Bounds(states_max=100), checkpoint=file)
    assert cut.verdict == "truncated"

    assert seen(search(universe, checkpoint=file)) == seen(run(None))


def test_the_file_goes_with_the_end_of_the_search(file: Path) -> None:
    run(file, layers=3)
    assert file.exists()

    assert run(file).verdict == "exhausted"

    assert not file.exists()
    assert not list(file.parent.iterdir())


def test_it_is_saved_while_it_goes_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY_SECONDS", 0.0)
    there: list[bool] = []

    universe = universe_of(scope_of(FEW), BundledCore())
    search(universe, watch=lambda seen: there.append(file.exists()), checkpoint=file)

    assert any(there)


# ---- it does not -----------------------------------------------------------------------------------------


class Renamed(BundledCore):
    """The core under another name."""

    name = "renamed"


def other_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "_digest_of_package", lambda name: f"{name}, changed")


def other_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "__defaults__", (invariants.ALL[1:], *search.__defaults__[1:]))  # type: ignore[index]


def other_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "_digest_of_table", lambda *tables: "another")


def other_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "_digest_of_engine", lambda engine: "changed")


@pytest.mark.parametrize(
    ("small", "engine", "change", "why"),
    [
        (replace(FEW, halts=1), BundledCore(), None, "another scope"),
        (FEW, Renamed(), None, "another engine"),
        (FEW, BundledCore(), other_sources, "changed since"),
        (FEW, BundledCore(), other_kit, "hedgecheck was changed"),
        (FEW, BundledCore(), other_rules, "other rules"),
        (FEW, BundledCore(), other_table, "table of one trade came out otherwise"),
    ],
    ids=["scope", "engine", "sources", "kit", "rules", "table"],
)
def test_a_file_of_another_search_is_refused_and_stays(
    file: Path,
    small: Small,
    engine: Engine,
    change: Callable[[pytest.MonkeyPatch], None] | None,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(file, layers=3)
    before = file.read_bytes()
    if change is not None:
        change(monkeypatch)

    with pytest.raises(UsageError, match=rf"{why}.*Delete the file to begin anew, or name another"):
        run(file, small, engine)

    assert file.read_bytes() == before


def spoiled(data: bytes, at: bytes) -> bytes:
    """The data with the byte after ``at`` changed."""
    place = data.index(at) + len(at) + 2
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: b"",
        lambda data: b"no archive",
        lambda data: spoiled(data, b"0.depths"),
        lambda data: spoiled(data, b"0.following"),
        lambda data: spoiled(data, b"search.json"),
    ],
    ids=["half", "short", "empty", "other", "depths", "following", "header"],
)
def test_a_damaged_file_is_refused_and_stays(file: Path, spoil: Callable[[bytes], bytes]) -> None:
    run(file, layers=3)
    file.write_bytes(spoil(file.read_bytes()))
    before = file.read_bytes()

    with pytest.raises(UsageError, match=r"no checkpoint that can be read.*Delete the file"):
        run(file)

    assert file.read_bytes() == before


def test_a_file_from_which_states_are_gone_is_refused(file: Path) -> None:
    run(file, layers=5)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data[:-8] if name == "0.following" else data)

    with pytest.raises(UsageError, match="do not add up"):
        run(file)


def test_a_file_for_which_there_is_no_room_is_refused_and_stays(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(file, layers=3)
    used = chain([1], repeat(10**9))  # by the table, and from then on
    monkeypatch.setattr(searching, "megabytes_used", lambda: next(used))

    with pytest.raises(UsageError, match=r"0 MB are left\. Give more with --memory"):
        run(file)

    assert file.exists()


def test_two_searches_do_not_use_one_file(file: Path) -> None:
    run(file, layers=3)
    other = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)

    try:
        with pytest.raises(UsageError, match="in use by another search"):
            run(file)
    finally:
        os.close(other)

    assert run(file).verdict == "exhausted"


def test_a_file_that_cannot_be_written_is_said_before_the_search(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        run(tmp_path / "nowhere" / "search.ckpt")
    with pytest.raises(UsageError, match=r"is a folder\. Name a file in it"):
        run(tmp_path)


def test_a_full_disk_leaves_the_last_good_file_and_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(file, layers=3)
    before = file.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    cut = run(file, layers=5)

    assert "the checkpoint could not be written: No space left on device" in cut.why
    assert file.read_bytes() == before
    assert not list(file.parent.glob("*.part"))
    monkeypatch.undo()
    assert seen(run(file)) == seen(run(None))


def test_what_broke_a_rule_is_not_kept_as_if_it_had_not(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "EVERY_SECONDS", 0.0)
    small = CANARIES["Z112"].small
    assert small is not None
    small = replace(small, own=1, trades=2)
    whole = run(None, small, CANARIES["Z112"].factory())

    def killed(self: Any, is_over: bool) -> str:
        return ""

    monkeypatch.setattr(checkpoint.Checkpoint, "end", killed)
    run(file, small, CANARIES["Z112"].factory())
    monkeypatch.undo()

    assert seen(run(file, small, CANARIES["Z112"].factory())) == seen(whole)
