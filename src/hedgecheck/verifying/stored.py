"""Failing tokens of earlier runs, kept to be tried first: one small text file per test.

A file is replaced whole, so that processes which write it at once leave one of their versions and never a
mixture. What cannot be read or written is a complaint, as data: no test fails for it. What is in a file and
is no token is left out; the tokens beside it stay.
"""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Collection
from pathlib import Path

from hedgecheck.values import frozen

TOKEN = re.compile(r"hc[0-9]{1,9}-[A-Za-z0-9_-]{1,100}")
TOKENS_MAX = 20  # of one test
DIGEST_LENGTH = 24


@frozen
class Kept:
    """The tokens of one test, the latest first, and what was wrong with the file, empty if nothing."""

    tokens: tuple[str, ...]
    complaint: str = ""


@frozen
class Store:
    """Where the tokens are: a folder that need not exist before something fails."""

    folder: Path

    def path(self, test_id: str) -> Path:
        """The file of a test."""
        return self.folder / hashlib.sha256(test_id.encode()).hexdigest()[:DIGEST_LENGTH]

    def read(self, test_id: str) -> Kept:
        """What is kept of a test."""
        path = self.path(test_id)
        try:
            text = path.read_bytes().decode(errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            return Kept(())
        except OSError as error:
            return Kept((), f"the stored failures in {path} cannot be read, and are left out: {error}")
        lines = [each.strip() for each in text.splitlines() if each.strip() and not each.startswith("#")]
        tokens = tuple(dict.fromkeys(each for each in lines if TOKEN.fullmatch(each)))
        foreign = [each for each in lines if not TOKEN.fullmatch(each)]
        if not foreign:
            return Kept(tokens)
        count = f"{len(foreign)} line{'s' * (len(foreign) != 1)}"
        return Kept(tokens, f"{path} holds {count} that are no token, and are left out: {foreign[0][:40]!r}")

    def update(self, test_id: str, *, add: str | None, drop: Collection[str]) -> str:
        """Keeps one token more, and others no longer. Returns what went wrong, empty if nothing did."""
        kept = self.read(test_id).tokens  # again: another process may have written it since
        left = [each for each in kept if each not in drop and each != add]
        wanted = ([add] if add else []) + left
        wanted = wanted[:TOKENS_MAX]
        if tuple(wanted) == kept:
            return ""
        path = self.path(test_id)
        try:
            if wanted:
                _replace(path, "\n".join((f"# failures of {test_id}, tried first", *wanted, "")))
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            return f"the failures of {test_id} cannot be stored in {path}: {error}"
        return ""


def _replace(path: Path, text: str) -> None:
    """Writes the file beside the old one, and puts it in its place at once. Raises ``OSError``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
