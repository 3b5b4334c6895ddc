"""Where results are kept: a port, and a folder of files as the one that needs nothing.

A scenario run again does not replace what it gave before: each name has a history, oldest first, numbered
from 1.
"""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

from hedgecheck.errors import UsageError
from hedgecheck.stress.models import ScenarioResult
from hedgecheck.stress.near import meant
from hedgecheck.stress.results import read, written

FILE_NAME_MAX = 240  # bytes; file systems have 255
PENDING = ".part"


class ResultStore(Protocol):
    """Keeps results. Methods raise ``UsageError`` for a name of which there is none."""

    def save(self, result: ScenarioResult) -> int:
        """Keeps a result behind those of its name; its number."""

    def names(self) -> tuple[str, ...]:
        """Of what there are results, sorted."""

    def numbers(self, name: str) -> tuple[int, ...]:
        """Those of a name, oldest first. ``UsageError`` where there is none."""

    def load(self, name: str, number: int | None = None) -> ScenarioResult:
        """A result of that name: the latest, or that of a number."""

    def before(self, name: str) -> ScenarioResult | None:
        """The one before the latest; None where there is one alone."""

    def remove(self, name: str) -> None:
        """Forgets all of a name."""


class ResultDirectory:
    """Results as files: a folder for each name, percent-encoded, and in it ``000001.json`` and so on.

    Several processes may save at once: a file appears whole, and never in the place of another.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def save(self, result: ScenarioResult) -> int:
        """Keeps a result behind those of its name; its number.

        Raises ``UsageError`` where the folder cannot be written, or the name is none or too long for one.
        """
        text, folder = written(result), self._folder(result.name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return self._placed(text, folder)
        except OSError as error:
            raise UsageError(
                f"{folder} cannot be written: {error.strerror}. Choose another place."
            ) from error

    def names(self) -> tuple[str, ...]:
        """Of what there are results, sorted."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(unquote(each.name) for each in self.folder.iterdir() if _numbers(each)))

    def numbers(self, name: str) -> tuple[int, ...]:
        """Those of a name, oldest first. ``UsageError`` where there is none."""
        found = _numbers(self._folder(name))
        if not found:
            raise UsageError(f"There is no result of {name!r} in {self.folder}. {meant(name, self.names())}")
        return found

    def load(self, name: str, number: int | None = None) -> ScenarioResult:
        """A result of that name: the latest, or that of a number. ``UsageError`` for a damaged one, too."""
        numbers = self.numbers(name)
        chosen = numbers[-1] if number is None else number
        if chosen not in numbers:
            raise UsageError(
                f"There is no result {chosen} of {name!r}: there are {numbers[0]}-{numbers[-1]}."
            )
        path = self._folder(name) / _file(chosen)
        return read(path.read_bytes(), str(path))

    def before(self, name: str) -> ScenarioResult | None:
        """The one before the latest; None where there is one alone."""
        numbers = self.numbers(name)
        return self.load(name, numbers[-2]) if len(numbers) > 1 else None

    def remove(self, name: str) -> None:
        """Forgets all of a name."""
        folder = self._folder(name)
        for number in reversed(self.numbers(name)):
            (folder / _file(number)).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # what others have put there stays
            folder.rmdir()

    def _folder(self, name: str) -> Path:
        encoded = quote(name, safe="").replace(".", "%2E")  # no name is a way out of the folder
        if not encoded or len(encoded) > FILE_NAME_MAX:
            raise UsageError(
                f"{name!r} is no name to keep a result by. Take one of 1 to {FILE_NAME_MAX} letters."
            )
        return self.folder / encoded

    def _placed(self, text: str, folder: Path) -> int:
        """Writes beside, then takes the next number that nobody has."""
        handle, beside = tempfile.mkstemp(PENDING, dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            number = max(_numbers(folder), default=0) + 1
            while True:
                try:
                    os.link(beside, folder / _file(number))
                except FileExistsError:
                    number += 1
                else:
                    return number
        finally:
            Path(beside).unlink(missing_ok=True)


def _file(number: int) -> str:
    return f"{number:06}.json"


def _numbers(folder: Path) -> tuple[int, ...]:
    """The numbers of the results in a folder, smallest first."""
    if not folder.is_dir():
        return ()
    found = (each.stem for each in folder.glob("*.json"))
    return tuple(sorted(int(each) for each in found if each.isdecimal()))
