"""A table search kept in a file, to go on with: for what takes longer than a machine may be had at once.

Kept are the states that were seen, by block and place with their depth, those that come next, and the
questions by which it became known what may hold for all; the table of one trade is made again. A file says of
which search it is, and is used for no other. It is put beside its name and then renamed, so what is there is
always a whole one; it is removed when the search has come to its end.
"""

import fcntl
import hashlib
import json
import os
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from hedgecheck.errors import UsageError
from hedgecheck.explore.tables.alone import Table
from hedgecheck.explore.tables.classes import Classes, Ints
from hedgecheck.explore.tables.product import Block, Dense
from hedgecheck.explore.tables.seen import BYTES_A_STATE, Seen
from hedgecheck.explore.tables.surroundings import Surroundings
from hedgecheck.invariants import Invariant
from hedgecheck.world import Universe

FORMAT = 2
EVERY_SECONDS = 120.0
CURE = "Delete the file to begin anew, or name another."
DIFFERS = {
    "format": "it was written in another format",
    "hedgecheck": "hedgecheck was changed since",
    "engine": "it is of another engine, or of one that was changed since",
    "scope": "it is of another scope, of other rules, or one of the two is by partial order",
    "table": "the table of one trade came out otherwise",
}
COUNTED = ("states", "orders", "edges", "depth", "frontier", "layers")  # of the progress


class Checkpoint:
    """One search and its file, which is locked. ``how``: in a word how it is searched. ``trouble``: why the
    file could not be written, where it could not.

    Raises ``UsageError`` where the file cannot be written or read, is of another search, or is in use.
    """

    def __init__(self, path: Path, universe: Universe, rules: Sequence[Invariant], how: str = "") -> None:
        self._path = path
        self._is_of = {
            "format": str(FORMAT),
            "hedgecheck": _digest_of_package("hedgecheck"),
            "engine": f"{universe.engine.name} {_digest_of_engine(universe.engine)}",
            "scope": _digest(repr(universe.scope), *[rule.id for rule in rules], how),
        }
        self._saved_at = time.monotonic()
        self._search: tuple[Dense, Surroundings] | None = None
        self.trouble = ""
        self._kept = self._header() if path.exists() else None
        if self._kept is not None:
            self._compare(self._kept["of"])

    def begin(
        self,
        dense: Dense,
        around: Surroundings,
        table: Table,
        kinds: Sequence[Classes],
        megabytes_max: int,
    ) -> None:
        """Puts a search to where the file says that it was; from then on it may be saved."""
        self._is_of["table"] = _digest_of_table(table, kinds)
        if self._kept is not None:
            self._compare(self._kept["of"])
            try:
                self._hold_room(self._kept, megabytes_max)
                self._restore(self._kept, dense, around)
            except (OSError, zipfile.BadZipFile, KeyError, ValueError, IndexError) as error:
                raise self._unreadable(error) from error
        self._search = dense, around

    def save_now_and_then(self) -> None:
        """Saves where the last time is long ago."""
        if time.monotonic() - self._saved_at >= EVERY_SECONDS:
            self.save()

    def save(self) -> None:
        """Saves the search where it is between two layers; what is there stays until all is written."""
        if self._search is None:
            return
        beside = self._path.with_name(f"{self._path.name}.part")
        try:
            if self._written(beside, *self._search):
                beside.replace(self._path)
                self.trouble = ""
        except OSError as error:
            self.trouble = f"the checkpoint could not be written: {error.strerror}"
        finally:
            beside.unlink(missing_ok=True)
        self._saved_at = time.monotonic()

    def end(self, is_over: bool) -> str:
        """Removes the file of a search that is over, and saves another; what there is to say of that."""
        if is_over:
            self._path.unlink(missing_ok=True)
            return ""
        self.save()
        if self.trouble:
            return f"; {self.trouble}"
        if not self._path.exists():
            return "; nothing was kept, for a file begins with all trades together"
        return f"; the same command goes on from {self._path}"

    # ---- reading -----------------------------------------------------------------------------------

    def _header(self) -> dict[str, Any]:
        try:
            with zipfile.ZipFile(self._path) as archive:
                header: dict[str, Any] = json.loads(archive.read("search.json"))
                assert isinstance(header["of"], dict)
                return header
        except (OSError, zipfile.BadZipFile, KeyError, ValueError, AssertionError, TypeError) as error:
            raise self._unreadable(error) from error

    def _compare(self, of: dict[str, str]) -> None:
        for part, value in self._is_of.items():
            if of.get(part) != value:
                raise UsageError(f"{self._path} is the checkpoint of another search: {DIFFERS[part]}. {CURE}")

    def _unreadable(self, error: Exception) -> UsageError:
        said = f"{self._path} is no checkpoint that can be read ({type(error).__name__}: {error}). {CURE}"
        return UsageError(said)

    def _hold_room(self, header: dict[str, Any], megabytes_max: int) -> None:
        size = BYTES_A_STATE * sum(size for _, size in header["blocks"])
        if size > megabytes_max << 20:
            raise UsageError(
                f"{self._path} holds {size >> 20:,} MB of states, and {megabytes_max:,} MB are left. "
                "Give more with --memory."
            )

    def _restore(self, header: dict[str, Any], dense: Dense, around: Surroundings) -> None:
        for question, known in header["learned"]:
            around.learn(question)
            if len(around.company.known) != known:
                raise ValueError("what holds for all came out otherwise")
        around.news.update((before, after) for before, after in header["news"])
        for name in COUNTED:
            setattr(dense.progress, name, header["progress"][name])
        with zipfile.ZipFile(self._path) as archive:
            for number, (block, _) in enumerate(header["blocks"]):
                places = _places(archive.read(f"{number}.places"))
                depths = np.frombuffer(archive.read(f"{number}.depths"), np.uint8)
                dense.blocks[_block(block)] = Seen(places, depths)
            for number, block in enumerate(header["following"]):
                dense.following[_block(block)] = _places(archive.read(f"{number}.following"))
        if not _is_between_layers(dense):
            raise ValueError("its states do not add up")

    # ---- writing -----------------------------------------------------------------------------------

    def _written(self, beside: Path, dense: Dense, around: Surroundings) -> bool:
        """Writes all of it; False where the search is in the middle of a layer."""
        if not _is_between_layers(dense):
            return False
        header = {
            "of": self._is_of,
            "progress": {name: getattr(dense.progress, name) for name in COUNTED},
            "learned": around.learned,
            "news": sorted(around.news),
            "blocks": [(block, len(seen)) for block, seen in dense.blocks.items()],
            "following": list(dense.following),
        }
        with zipfile.ZipFile(beside, "w") as archive:
            archive.writestr("search.json", json.dumps(header))
            for number, seen in enumerate(dense.blocks.values()):
                _put(archive, f"{number}.places", seen.places)
                _put(archive, f"{number}.depths", seen.depths)
            for number, places in enumerate(dense.following.values()):
                _put(archive, f"{number}.following", places)
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        return True


@contextmanager
def opened(
    path: Path | None, universe: Universe, rules: Sequence[Invariant], how: str = ""
) -> Iterator[Checkpoint | None]:
    """The checkpoint of that name, if any, locked: no other search may use it meanwhile."""
    if path is None:
        yield None
        return
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name a file in it.")
    lock = path.with_name(f"{path.name}.lock")
    descriptor = _locked(path, lock)
    try:
        yield Checkpoint(path, universe, rules, how)
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(path: Path, lock: Path) -> int:
    """The lock, held until it is closed or this process is no more."""
    while True:
        try:
            descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, 0o644)
        except OSError as error:
            raise UsageError(
                f"{path} cannot be written: {error.strerror}. Name a file in a folder that you may write to."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise UsageError(
                f"{path} is in use by another search. Wait until that has ended, or name another file."
            ) from error
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # its holder ended and removed it just before it was locked here


def _is_between_layers(dense: Dense) -> bool:
    """Whether all that was marked was looked at, or comes next, and no rule broke."""
    if dense.progress.broken is not None:
        return False
    following = sum(map(len, dense.following.values()))
    marked = sum(map(len, dense.blocks.values()))
    return following > 0 and marked == dense.progress.states + following


def _block(read: Any) -> Block:
    everybody, waits, left, groups = read
    return everybody, waits, left, tuple(groups)


def _places(data: bytes) -> Ints:
    return np.frombuffer(data, np.uint64).astype(np.int64)


def _put(archive: zipfile.ZipFile, name: str, values: Any) -> None:
    kind = np.uint8 if values.dtype == np.uint8 else np.uint64
    archive.writestr(name, values.astype(kind, copy=False).tobytes())


# ---- of which search a file is -------------------------------------------------------------------------


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(f"{len(data)} ".encode())
        digest.update(data)
    return digest.hexdigest()[:32]


def _digest_of_engine(engine: Any) -> str:
    """Of the sources of the package that the engine is from, and of the core, which the bundled drives."""
    package = type(engine).__module__.partition(".")[0]
    return _digest(*[_digest_of_package(each) for each in sorted({package, "core"})])


def _digest_of_package(name: str) -> str:
    """Of all sources of a package or module; of its name where it has none."""
    main = getattr(sys.modules.get(name), "__file__", None)
    spec = None if main else find_spec(name)
    origin = main or (spec.origin if spec else None)
    if origin is None or not Path(origin).is_file():
        return _digest(name)
    file = Path(origin)
    sources = sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
    return _digest(*[part for each in sources for part in (each.name, each.read_bytes())])


def _digest_of_table(table: Table, kinds: Sequence[Classes]) -> str:
    columns = (table.sources, table.targets, table.choices, table.flags, table.questions, table.costs)
    parts = [column.tobytes() for column in columns]
    for each in kinds:
        for column in fields(Classes):
            value = getattr(each, column.name)
            parts += [row.tobytes() for row in (value if isinstance(value, tuple) else (value,))]
    return _digest(*parts)
