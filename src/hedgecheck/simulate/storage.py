"""Directories that outlive a process: what a crash leaves in them, and what it takes.

A process that dies takes what its file objects still buffered; whatever it handed to the operating system is
there. A machine that dies may also take what was not synced: of each file that ``open`` has open, what it
grew by since its last ``os.fsync``. Where a crash strikes, a directory becomes a copy of itself, so that
nothing of the dead, neither a late flush nor a lock of SQLite's, reaches those who come after.
"""

import builtins
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from hedgecheck.errors import UsageError
from hedgecheck.simulate.loop import Process, running_simulation

PREFIX = "hedgecheck-storage-"
SYNCS = tuple(name for name in ("fsync", "fdatasync") if hasattr(os, name))
Loss = Literal["", "lose", "tear"]


class Written:
    """A file below the directory ``name`` that is open for writing; ``synced``: bytes of it that are safe."""

    __slots__ = ("file", "inode", "name", "synced")

    def __init__(self, file: Any, name: str) -> None:
        state = os.fstat(file.fileno())
        self.file = file
        self.name = name
        self.inode = state.st_ino
        self.synced = state.st_size

    def kept(self, loss: Loss) -> int:
        """Bytes of it that are there after a crash."""
        size = os.fstat(self.file.fileno()).st_size
        unsynced = max(0, size - self.synced)
        return size - (unsynced if loss == "lose" else unsynced - unsynced // 2 if loss == "tear" else 0)


class Storage:
    """The directories of one execution after the other, below ``root``. ``processes``: how many there are
    that come up again."""

    def __init__(self, root: str) -> None:
        self.processes = 0
        self._root = Path(root).resolve()
        self._owners: dict[str, Process | None] = {}
        self._written: list[Written] = []
        self._graves = 0
        self._real: list[tuple[Any, str, Any]] = []

    def folder(self, name: str, process: Process | None) -> Path:
        """The directory of that name, which ``process`` asks for. Raises ``UsageError`` for no plain name."""
        if not isinstance(name, str) or name in ("", ".", "..") or any(each in name for each in "/\\\0"):
            raise UsageError(
                f"sim.storage({name!r}): a plain name is needed, without separators, such as 'orders'."
            )
        path = self._root / "now" / name
        path.mkdir(parents=True, exist_ok=True)
        self._owners[name] = process
        return path

    def reset(self) -> None:
        """Forgets everything: an execution has ended."""
        if self._owners:
            shutil.rmtree(self._root / "now", ignore_errors=True)
            for number in range(self._graves):
                shutil.rmtree(self._root / str(number), ignore_errors=True)
        self.processes = self._graves = 0
        self._owners.clear()
        self._written.clear()

    # ---- crashes ----------------------------------------------------------------------------------------

    def is_unsynced(self, process: Process) -> bool:
        """Whether a crash of the machine would take something of what the process has written."""
        if not self._written:
            return False
        names = self._names_of(process)
        return any(each.name in names and each.kept("lose") < each.kept("") for each in self._open())

    def outlives(self, process: Process, loss: Loss) -> None:
        """The process has died: what was flushed stays, less what a crash of the machine takes."""
        for name in self._names_of(process):
            sizes = {each.inode: each.kept(loss) for each in self._open() if each.name == name}
            path, grave = self._root / "now" / name, self._root / str(self._graves)
            self._graves += 1
            path.rename(grave)
            shutil.copytree(grave, path, symlinks=True)
            for old in sorted(grave.rglob("*")):
                inode = old.lstat().st_ino
                if inode in sizes:
                    os.truncate(path / old.relative_to(grave), sizes[inode])
            self._written = [each for each in self._written if each.name != name]

    def _names_of(self, process: Process) -> list[str]:
        """What the process has asked for; and what the test has, where nobody else that lives has it open."""
        alone = self.processes == int(process.comes_back)
        return [
            name
            for name, owner in self._owners.items()
            if owner is process or (alone and (owner is None or not owner.comes_back))
        ]

    # ---- what is written and what is synced -------------------------------------------------------------

    def _open(self) -> list[Written]:
        """The files that are open for writing; one that was closed counts as safe."""
        self._written = [each for each in self._written if not each.file.closed]
        return self._written

    def watch(self) -> None:
        """From now on it is seen what a simulation opens and syncs."""
        for owner, name in ((builtins, "open"), (io, "open"), *((os, each) for each in SYNCS)):
            self._real.append((owner, name, getattr(owner, name)))
        opened = self._opened(builtins.open)
        builtins.open = io.open = opened
        for name in SYNCS:
            setattr(os, name, self._synced(getattr(os, name)))

    def watch_no_more(self) -> None:
        """Puts back what was there before."""
        while self._real:
            owner, name, attribute = self._real.pop()
            setattr(owner, name, attribute)

    def _opened(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            made = real(file, mode, *args, **kwargs)
            if not isinstance(file, int) and set(mode) & set("wax+") and running_simulation() is not None:
                self._notice(os.path.abspath(os.fsdecode(file)), made)
            return made

        return opened

    def _notice(self, path: str, file: Any) -> None:
        place = Path(path)
        now = self._root / "now"
        if now in place.parents and len(place.relative_to(now).parts) > 1:
            self._written = [*self._open(), Written(file, place.relative_to(now).parts[0])]

    def _synced(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def synced(fd: Any) -> None:
            number = fd if isinstance(fd, int) else fd.fileno()
            known = [each for each in self._open() if each.file.fileno() == number]
            if not known or running_simulation() is None:
                real(fd)
            for each in known:
                each.synced = os.fstat(number).st_size

        return synced


@contextmanager
def storage_in(root: str) -> Iterator[Storage]:
    """Storage below an empty directory, for as long as a campaign takes."""
    storage = Storage(root)
    storage.watch()
    try:
        yield storage
    finally:
        storage.watch_no_more()
