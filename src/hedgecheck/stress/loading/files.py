"""Bars from a file of the user's own: CSV or Parquet, all symbols in one, or a file for each."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from hedgecheck.arrays import Floats, Ints
from hedgecheck.errors import UsageError
from hedgecheck.packages import optional
from hedgecheck.stress.candles import FIELDS, Candles

PLACE = "{symbol}"
SPELLINGS = {
    "time": (
        *("timestamp", "open_time", "opentime", "open_timestamp", "datetime", "date", "time", "unix"),
        *("unix_timestamp", "index_level_0"),
    ),
    "symbol": ("symbol", "ticker", "pair", "instrument"),
    "open": ("open", "open_price", "o"),
    "high": ("high", "high_price", "h"),
    "low": ("low", "low_price", "l"),
    "close": ("close", "close_price", "c"),
    "volume": ("volume", "vol", "base_volume", "v"),
}
BINANCE = (  # what its exports have, most of them without a line that says so
    *("open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count"),
    *("taker_buy_volume", "taker_buy_quote_volume", "ignore"),
)
PLAIN = BINANCE[:6]
DATES = (19_000_101, 21_001_231)  # what a date is as a whole number; an epoch would be of 1970
HEAD_BYTES = 4096  # the first line is in
SEPARATORS = (",", ";", "\t")
UNITS_NS = (
    (1e11, 1_000_000_000),
    (1e14, 1_000_000),
    (1e17, 1_000),
)  # an epoch below is in s, ms, us; else ns


def candles_of(symbols: Sequence[str], path: str, kind: str) -> list[Candles]:
    """The bars of each symbol: of ``path`` with ``{symbol}`` in it the file of each, of any other the rows
    with its name. ``kind``: csv or parquet.

    A time is when the bar begins: ISO 8601, UTC where it does not say, or an epoch in s, ms, us or ns. Raises
    ``UsageError`` for a file that cannot be read, lacks a column or a symbol, or holds what is no number or
    no time (where it is); ``PackageMissing`` without pyarrow.
    """
    if PLACE in path:
        names = [path.replace(PLACE, symbol.replace("/", "")) for symbol in symbols]
        return [_Table(name, kind).candles(symbol) for symbol, name in zip(symbols, names, strict=True)]
    table = _Table(path, kind)
    if table.symbols is None and len(symbols) > 1:
        raise UsageError(
            f"{path} has no column symbol, so it is of one symbol, not of {', '.join(symbols)}. Add the "
            f"column, or name a file for each: {PLACE} in the path."
        )
    return [table.candles(symbol) for symbol in symbols]


class _Table:
    """One file. ``symbols``: of each row; None where it does not say."""

    def __init__(self, path: str, kind: str) -> None:
        self._path = path
        found = _read(path, kind)
        self._rows = found.num_rows
        if not self._rows:
            raise UsageError(f"{path} has no rows. Name a file with bars in it.")
        spelled = {_plain(name): at for at, name in reversed(list(enumerate(found.column_names)))}
        columns = {
            meant: next((spelled[each] for each in spellings if each in spelled), None)
            for meant, spellings in SPELLINGS.items()
        }
        missing = [meant for meant, at in columns.items() if at is None and meant != "symbol"]
        if missing:
            raise UsageError(
                f"{path} has no column for {', '.join(missing)}. It has {', '.join(found.column_names)}; "
                "name them timestamp, open, high, low, close, volume."
            )
        self._columns = {meant: found.column(at) for meant, at in columns.items() if at is not None}
        self.symbols = self._symbols()

    def _symbols(self) -> Any:
        column = self._columns.get("symbol")
        return None if column is None else np.array(column.to_pylist(), dtype=str)

    def candles(self, symbol: str) -> Candles:
        """The rows of a symbol."""
        rows = np.arange(self._rows)
        if self.symbols is not None:
            names = {symbol, symbol.replace("/", "")}
            rows = np.flatnonzero(np.isin(self.symbols, list(names)))
            if not len(rows):
                there = ", ".join(sorted(set(self.symbols.tolist()))[:10])
                raise UsageError(f"{self._path} has no rows of {symbol}. It has rows of {there}.")
        return Candles(symbol, self._times()[rows], *(self._numbers(name)[rows] for name in FIELDS))

    def _numbers(self, name: str) -> Floats:
        said = self._columns[name].to_pylist()
        try:
            return np.array([np.nan if each is None else float(each) for each in said])
        except (TypeError, ValueError):
            raise self._wrong(name, said, _is_number, "no number") from None

    def _times(self) -> Ints:
        pyarrow = optional("pyarrow", "What reads files of prices is", "stress")
        column = self._columns["time"].combine_chunks()
        kinds = pyarrow.types
        if column.null_count:
            raise self._wrong("time", column.to_pylist(), lambda each: each is not None, "no time")
        if kinds.is_timestamp(column.type) or kinds.is_date(column.type):
            return np.array(column.cast("timestamp[us]").cast("int64"), dtype=np.int64) * 1_000
        if kinds.is_integer(column.type) or kinds.is_floating(column.type):
            return _epochs(np.array(column))
        said = column.to_pylist()
        moments = [_moment_ns(each) for each in said]
        if None in moments:
            alike = _is_number if _is_number(said[0]) else _is_time  # as the first is
            raise self._wrong("time", said, alike, "no time")
        return np.array(moments, dtype=np.int64)

    def _wrong(self, name: str, said: list[Any], is_sound: Callable[[Any], bool], what: str) -> UsageError:
        row = next((at for at, each in enumerate(said) if not is_sound(each)), 0)
        return UsageError(
            f"{self._path}: {name} in row {row + 1} of the data is {what}: {said[row]!r}. Mend the row or "
            "leave it out."
        )


def _read(path: str, kind: str) -> Any:
    """The file as a table. ``UsageError`` where it cannot be read."""
    pyarrow = optional("pyarrow", "What reads files of prices is", "stress")
    if Path(path).is_dir():
        raise UsageError(
            f"{path} is a folder. Name the file, or {path}/{PLACE}.{kind} for one of each symbol."
        )
    try:
        if kind == "parquet":
            return optional("pyarrow.parquet", "What reads files of prices is", "stress").read_table(path)
        with pyarrow.input_stream(path, compression="detect") as file:
            head = file.read(HEAD_BYTES).decode("utf-8", "replace").lstrip("\ufeff")
        return _csv(path, head.partition("\n")[0].strip())
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}. Name one that is there.") from None
    except (OSError, pyarrow.ArrowException) as error:
        raise UsageError(f"{path} cannot be read as {kind}: {error}. Name a file that is sound.") from error


def _csv(path: str, head: str) -> Any:
    csv = optional("pyarrow.csv", "What reads files of prices is", "stress")
    if not head:
        raise UsageError(f"{path} is empty. Name a file with bars in it.")
    separator = max(SEPARATORS, key=head.count)
    cells = head.split(separator)
    names: tuple[str, ...] = ()
    if _is_number(cells[0]):
        names = {len(BINANCE): BINANCE, len(PLAIN): PLAIN}.get(len(cells), ())
        if not names:
            raise UsageError(
                f"{path} has no line of names, and {len(cells)} columns: what they are cannot be told. Add a "
                "first line: timestamp,open,high,low,close,volume."
            )
    return csv.read_csv(
        path,
        read_options=csv.ReadOptions(column_names=list(names)),
        parse_options=csv.ParseOptions(delimiter=separator),
    )


def _epochs(said: Floats | Ints) -> Ints:
    """Epochs in ns, each by its size, so that a file may change its unit as Binance's did in 2025; whole
    numbers such as 20210519 are dates."""
    if ((said >= DATES[0]) & (said <= DATES[1])).all():
        return np.array([_moment_ns(str(int(each))) or 0 for each in said], dtype=np.int64)
    size = np.abs(said)
    units = np.select([size < below for below, _ in UNITS_NS], [unit for _, unit in UNITS_NS], 1)
    if (said == np.round(said)).all():  # exactly, which floats of so many ns are not
        said = said.astype(np.int64)
    found: Ints = np.round(said * units).astype(np.int64)
    return found


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")


def _is_number(text: Any) -> bool:
    try:
        float(text)
    except (TypeError, ValueError):
        return text is None
    return True


def _is_time(text: Any) -> bool:
    return _moment_ns(text) is not None


def _moment_ns(text: Any) -> int | None:
    """Of a time in ISO 8601; None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    if not found.tzinfo:
        found = found.replace(tzinfo=UTC)
    return round(found.timestamp() * 1_000_000) * 1_000
