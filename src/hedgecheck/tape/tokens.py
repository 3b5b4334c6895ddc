"""A tape and its token.

A token is a tape in at most 100 characters; a tape too long for that is named by the seed and number of the
execution that made it.
"""

import base64
import binascii
import re
import zlib
from dataclasses import fields
from typing import Any

from hedgecheck.errors import ForeignToken, MalformedToken, TruncatedToken
from hedgecheck.tape.actions import ACTIONS, Action, InLane
from hedgecheck.values import frozen

FORMAT = 1
LENGTH_MAX = 100
CHECKSUM_BYTES = 3
SCHEDULE = 4  # the kind of a token, beside 0 for a tape and 1 for the origin of one


OPCODES = {action: opcode for opcode, action in enumerate(ACTIONS)}
FIELDS = {action: tuple((each.name, each.type) for each in fields(action)) for action in ACTIONS}
WORDS = (
    *("Accepted", "Rejected", "Filled", "Canceled", "Expired", "CancelRefused", "Status", "Price"),
    *("failed", "empty", "stale", "not_found"),
)


@frozen
class Tape:
    """``scope``: the seed that the setting was drawn from, 0 for the plain one."""

    scope: int
    actions: tuple[Action, ...]


@frozen
class Execution:
    """A tape by its origin: execution ``number`` of the fuzz run with this root seed and price source."""

    seed: int
    number: int
    prices: str


@frozen
class Deviation:
    """A choice that was not the default: the ``index``-th of the execution, with a checksum of its label."""

    index: int
    kind: int
    value: int
    label: int


@frozen
class Schedule:
    """An execution of a simulated bot. ``model``: the version of what can be chosen; ``options``: the setting
    in bits."""

    model: int
    options: int
    deviations: tuple[Deviation, ...]


def token_of(tape: Tape, origin: Execution | None = None) -> str:
    """The token of a tape; of its origin where the tape alone would be over 100 characters."""
    token = _sealed(0, _encode_tape(tape))
    if len(token) <= LENGTH_MAX or origin is None:
        return token
    return _sealed(1, _int(origin.seed) + _int(origin.number) + _text(origin.prices))


def token_of_schedule(schedule: Schedule) -> str:
    """The token of an execution of a simulated bot, however long it gets."""
    return _sealed(SCHEDULE, _encode_schedule(schedule))


def read_token(token: str) -> Tape | Execution | Schedule:
    """What a token stands for.

    Raises ``MalformedToken``, ``TruncatedToken`` or ``ForeignToken``, each saying what would help.
    """
    try:
        kind, payload = _opened(token.strip())
        if kind == 0:
            return _decode_tape(payload)
        reader = _Reader(payload)
        if kind == SCHEDULE:
            return _decode_schedule(reader)
        return Execution(reader.natural(), reader.natural(), reader.text())
    except (IndexError, UnicodeDecodeError, ValueError, zlib.error) as error:
        raise MalformedToken(f"{token!r} has a good checksum and no readable content ({error}).") from error


# ---- the envelope: hc<format>-<base64url of: length, kind, payload, checksum> ---------------------


def _sealed(kind: int, payload: bytes) -> str:
    packed = zlib.compress(payload, 9, wbits=-15)
    flag = 2 if len(packed) < len(payload) else 0
    body = bytes([kind | flag]) + (packed if flag else payload)
    body = _int(len(body)) + body
    sealed = body + zlib.crc32(body).to_bytes(4, "big")[:CHECKSUM_BYTES]
    return f"hc{FORMAT}-" + base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _opened(token: str) -> tuple[int, bytes]:
    match = re.fullmatch(r"hc([0-9]{1,9})-([A-Za-z0-9_-]*)", token)
    if match is None:
        raise MalformedToken(
            f"{token!r} is no token: those look like hc{FORMAT}-7Qk2mZ4T. Copy it again, whole."
        )
    if int(match[1]) != FORMAT:
        raise ForeignToken(
            f"{token!r} is of token format {match[1]}; this hedgecheck reads format {FORMAT}. "
            f"Replay it with the hedgecheck that printed it: the one whose tokens begin with hc{match[1]}-."
        )
    text = match[2][: len(match[2]) - (len(match[2]) % 4 == 1)]
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        reader = _Reader(data)
        length = reader.natural()
    except (binascii.Error, IndexError) as error:
        raise TruncatedToken(f"{token!r} ends too early; copy it again, whole.") from error
    whole = reader.at + length + CHECKSUM_BYTES
    if len(data) < whole:
        raise TruncatedToken(f"{token!r} holds {len(data)} of {whole} bytes; copy it again, whole.")
    body, checksum = data[: reader.at + length], data[reader.at + length :]
    spelled = base64.urlsafe_b64encode(data).decode().rstrip("=") == match[2]  # no bit is left unread
    if not spelled or not length or checksum != zlib.crc32(body).to_bytes(4, "big")[:CHECKSUM_BYTES]:
        raise MalformedToken(f"{token!r} does not match its checksum: a character is wrong. Copy it again.")
    flag, payload = data[reader.at], body[reader.at + 1 :]
    return flag & ~2, zlib.decompress(payload, wbits=-15) if flag & 2 else payload


# ---- schedules -------------------------------------------------------------------------------------


def _encode_schedule(schedule: Schedule) -> bytes:
    coded, before = _int(schedule.model) + _int(schedule.options), -1
    for each in schedule.deviations:
        coded += _int(each.index - before - 1) + _int(each.kind) + _int(each.value)
        coded += each.label.to_bytes(2, "big")
        before = each.index
    return coded


def _decode_schedule(reader: "_Reader") -> Schedule:
    model, options = reader.natural(), reader.natural()
    deviations, index = [], -1
    while not reader.is_done():
        index += reader.natural() + 1
        kind, value = reader.natural(), reader.natural()
        label = int.from_bytes(reader.data[reader.at : reader.at + 2], "big")
        if reader.at + 2 > len(reader.data):
            raise IndexError("a label beyond the end")
        reader.at += 2
        deviations.append(Deviation(index, kind, value, label))
    return Schedule(model, options, tuple(deviations))


# ---- the payload -----------------------------------------------------------------------------------


def _encode_tape(tape: Tape) -> bytes:
    names: dict[str, int] = {word: index for index, word in enumerate(WORDS)}
    coded = b"".join([_encode_action(action, names) for action in tape.actions])
    own = tuple(names)[len(WORDS) :]
    return _int(tape.scope) + _text(" ".join(own)) + coded


def _encode_action(action: Action, names: dict[str, int]) -> bytes:
    coded = bytearray([OPCODES[type(action)]])
    for name, kind in FIELDS[type(action)]:
        value = getattr(action, name)
        if kind is int:
            coded += _signed(value)
        elif kind is str:
            coded += _int(names.setdefault(value, len(names)))
        else:
            coded += _encode_action(value, names)
    return bytes(coded)


def _decode_tape(payload: bytes) -> Tape:
    reader = _Reader(payload)
    scope, own = reader.natural(), reader.text()
    names = (*WORDS, *(own.split(" ") if own else ()))
    actions = []
    while not reader.is_done():
        actions.append(_decode_action(reader, names))
    return Tape(scope, tuple(actions))


def _decode_action(reader: "_Reader", names: tuple[str, ...], is_inner: bool = False) -> Action:
    action = ACTIONS[reader.natural()]
    if is_inner and action is InLane:
        raise ValueError("a lane in a lane")
    values: list[Any] = []
    for _, kind in FIELDS[action]:
        if kind is int:
            values.append(reader.integer())
        elif kind is str:
            values.append(names[reader.natural()])
        else:
            values.append(_decode_action(reader, names, is_inner=True))
    made: Action = action(*values)
    return made


def _int(value: int) -> bytes:
    coded = bytearray()
    while value > 127:
        coded.append(value & 127 | 128)
        value >>= 7
    return bytes((*coded, value))


def _signed(value: int) -> bytes:
    return _int(value * 2 if value >= 0 else -value * 2 - 1)


def _text(value: str) -> bytes:
    coded = value.encode()
    return _int(len(coded)) + coded


class _Reader:
    """Reads what the functions above wrote; IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def is_done(self) -> bool:
        """Whether everything was read."""
        return self.at >= len(self.data)

    def natural(self) -> int:
        """A number from zero up."""
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def integer(self) -> int:
        """Any whole number."""
        value = self.natural()
        return value // 2 if value % 2 == 0 else -(value // 2) - 1

    def text(self) -> str:
        """A text with its length before it."""
        length = self.natural()
        if self.at + length > len(self.data):
            raise IndexError("text beyond the end")
        text = self.data[self.at : self.at + length].decode()
        self.at += length
        return text
