"""Pages of candles on disk: each whole or not there, whoever is killed or writes at the same time."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hedgecheck.errors import DataUnavailable
from hedgecheck.packages import optional

PATIENCE_SECONDS = 300  # for a page that another process is fetching
Row = list[float]  # when it begins in ms, open, high, low, close, volume
Rows = list[Row]


class Pages:
    """The pages of one exchange in a folder, which is made when there is one to keep. All methods raise
    ``DataUnavailable`` where the folder cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: set[Path] = set()  # pages that were there and could not be used

    def read(self, symbol: str, timeframe: str, start_ms: int) -> Rows | None:
        """A page; None where there is none, or one that is not what was written."""
        path = self._path(symbol, timeframe, start_ms)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable("read", error) from error
        try:
            kept = json.loads(text)
            if kept["digest"] == _digest(kept["rows"]):
                rows: Rows = kept["rows"]
                return rows
        except (ValueError, TypeError, KeyError):
            pass
        self.damaged.add(path)
        return None

    def write(self, symbol: str, timeframe: str, start_ms: int, rows: Rows) -> None:
        """Keeps a page: at once, or not at all."""
        path = self._path(symbol, timeframe, start_ms)
        text = json.dumps({"digest": _digest(rows), "rows": rows})
        try:
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".tmp")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)
                raise
        except OSError as error:
            raise self._unusable("written", error) from error

    @contextmanager
    def alone(self, symbol: str, timeframe: str) -> Iterator[None]:
        """Keeps other processes from fetching the same series meanwhile."""
        filelock = optional("filelock", "What keeps two downloads apart is", "live")
        folder = self._path(symbol, timeframe, 0).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(folder / "fetching.lock", timeout=PATIENCE_SECONDS)
            lock.acquire()
        except filelock.Timeout as error:
            raise DataUnavailable(
                f"Another process has been fetching {symbol} {timeframe} for {PATIENCE_SECONDS} s. "
                "Wait for it, or end it."
            ) from error
        except OSError as error:
            raise self._unusable("written", error) from error
        try:
            yield
        finally:
            lock.release()

    def _path(self, symbol: str, timeframe: str, start_ms: int) -> Path:
        return self.folder / quote(symbol.replace("/", "-"), safe="") / timeframe / f"{start_ms}.json"

    def _unusable(self, how: str, error: OSError) -> DataUnavailable:
        return DataUnavailable(
            f"The cache {self.folder} cannot be {how}: {error.strerror or error}. What it holds is "
            "whole: make room or mend the folder, and the same call goes on from there."
        )


def _digest(rows: Any) -> str:
    return blake2b(json.dumps(rows).encode(), digest_size=16).hexdigest()
