"""The rows in the files of a SQLite database, read without it: whatever its header and its trees say.

Every page is looked through for records that are shaped like rows, as sqlite.org, file format, describes
them (1.6 pages and cells, 2.1 records, 4.1 the log). None is taken for true here: that is for the chain.
"""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

from hedgecheck.live.chain import Head, Row
from hedgecheck.live.databases import PAGE_BYTES

LOG_HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24
FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES
PAGE_HEADER_BYTES = 8
LOCAL_MAX = PAGE_BYTES - 35  # of a record, in its own page; what is more is in a chain of others
LOCAL_MIN = (PAGE_BYTES - 12) * 32 // 255 - 23
PAYLOAD_MAX = 1 << 30
INTEGER_BYTES = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}  # by serial type; 0 is null
CONSTANTS = {8: 0, 9: 1}
Value = int | str | bytes | None


class Carved:
    """What is in a database's file and in its log. ``heads``: what may be the head of its chain."""

    def __init__(self, file: Path, log: Path) -> None:
        self._file = _opened(file)
        self._log = _opened(log)
        self._frames = _frames(self._log)
        in_file = range((_length(self._file) + PAGE_BYTES - 1) // PAGE_BYTES)
        self._places = [(0, number + 1) for number in in_file] + [(1, at) for _, at in self._frames]
        self._later = dict(self._frames)  # where the log has a page, it is newer than the file's
        self.heads: list[Head] = []
        self._rows: list[int] = []  # position and place in one number, sorted
        self._records = lru_cache(16)(self._read_records)
        for place in range(len(self._places)):
            for position, values in self._read_records(place):
                if _is_row(values):
                    self._rows.append(position * len(self._places) + place)
                elif _is_head(values):
                    self.heads.append(Head(*values[3:]))  # type: ignore[arg-type]
        self._rows = sorted(set(self._rows))

    def rows(self) -> Iterator[Row]:
        """All that may be rows, in the order of their positions; of a position there may be several."""
        for each in self._rows:
            position, place = divmod(each, len(self._places))
            for other, values in self._records(place):
                if other == position and _is_row(values):
                    yield Row(position, *values[1:])  # type: ignore[arg-type]

    def beginnings(self) -> list[Row]:
        """All that may be what the store began with."""
        return list(takewhile(lambda row: row.position == 0, self.rows()))

    def close(self) -> None:
        """Lets the files go."""
        self._file.close()
        self._log.close()

    def _read_records(self, place: int) -> list[tuple[int, list[Value]]]:
        """The records of a page, by row id, as if it were a leaf of a table; of any other page nonsense."""
        in_log, where = self._places[place]
        page = _at(self._log, where) if in_log else _at(self._file, (where - 1) * PAGE_BYTES)
        found, content = [], len(page)
        at = PAGE_HEADER_BYTES
        while at + 2 <= content:  # cells lie behind the pointers to them: there the pointers end
            pointer = int.from_bytes(page[at : at + 2])
            at += 2
            if not at <= pointer < len(page):
                continue
            content = min(content, pointer)
            try:
                rowid, payload = self._cell(page, pointer)
                found.append((rowid, _values(payload)))
            except (IndexError, ValueError):
                continue  # no cell, or one that is damaged
        return found

    def _cell(self, page: bytes, at: int) -> tuple[int, bytes]:
        """Row id and record of a table's cell. Raises ``IndexError``, ``ValueError`` for what is none."""
        size, at = _varint(page, at)
        rowid, at = _varint(page, at)
        if size > PAYLOAD_MAX or rowid >> 62:
            raise ValueError
        if size <= LOCAL_MAX:
            return rowid, page[at : at + size]
        local = LOCAL_MIN + (size - LOCAL_MIN) % (PAGE_BYTES - 4)
        local = local if local <= LOCAL_MAX else LOCAL_MIN
        parts, left = [page[at : at + local]], size - local
        following = int.from_bytes(page[at + local : at + local + 4])
        while left > 0:
            if following == 0:
                raise ValueError
            more = self._page(following)
            if len(more) < 4:
                raise ValueError
            following = int.from_bytes(more[:4])
            parts.append(more[4 : 4 + left])
            left -= PAGE_BYTES - 4
        return rowid, b"".join(parts)

    def _page(self, number: int) -> bytes:
        at = self._later.get(number)
        return _at(self._file, (number - 1) * PAGE_BYTES) if at is None else _at(self._log, at)


def _opened(path: Path) -> BinaryIO:
    return path.open("rb") if path.exists() else BytesIO()


def _length(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _at(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(PAGE_BYTES)


def _frames(log: BinaryIO) -> list[tuple[int, int]]:
    """The pages of a log that were committed: number, and where each is."""
    log.seek(0)
    header = log.read(LOG_HEADER_BYTES)
    found: list[tuple[int, int]] = []
    pending: list[tuple[int, int]] = []
    salts = {header[16:24]}
    for at in range(LOG_HEADER_BYTES, _length(log), FRAME_BYTES):
        log.seek(at)
        frame = log.read(FRAME_HEADER_BYTES)
        if not found and not pending:
            salts.add(frame[8:16])  # those of the header may be damaged
        if frame[8:16] not in salts:
            continue  # of an earlier round of the log
        pending.append((int.from_bytes(frame[:4]), at + FRAME_HEADER_BYTES))
        if int.from_bytes(frame[4:8]):
            found, pending = found + pending, []
    return found


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count in range(9):
        byte = page[at]
        at += 1
        if count == 8:
            return value << 8 | byte, at
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at


def _values(record: bytes) -> list[Value]:
    """The values of a record. Raises ``IndexError``, ``ValueError`` for what is none."""
    end, at = _varint(record, 0)
    if end > len(record):
        raise ValueError
    body, values = end, []
    while at < end:
        serial, at = _varint(record, at)
        value: Value
        if serial in CONSTANTS:
            value, size = CONSTANTS[serial], 0
        elif serial in INTEGER_BYTES:
            size = INTEGER_BYTES[serial]
            value = int.from_bytes(record[body : body + size], signed=True) if size else None
        elif serial >= 12:
            size = (serial - 12) // 2
            found = record[body : body + size]
            value = found.decode() if serial % 2 else found
        else:
            raise ValueError
        body += size
        if body > len(record):
            raise ValueError
        values.append(value)
    return values


def _is_row(values: list[Value]) -> bool:
    match values:
        case [None, int(), int(), str(), bytes()]:
            return True
    return False


def _is_head(values: list[Value]) -> bool:
    match values:
        case [None, int(), int(), int(), int(), bytes()]:
            return True
    return False
