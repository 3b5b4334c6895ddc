"""Tokens: what goes in comes out, in at most 100 characters, and a damaged one is never taken for another."""

import base64
import string
import zlib

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hedgecheck import tape
from hedgecheck.errors import ForeignToken, HedgecheckError, MalformedToken, TokenError, TruncatedToken
from hedgecheck.tape import (
    ACTIONS,
    ChangeEntry,
    Corrupt,
    CrashIn,
    CrossCancel,
    CrossReplace,
    Crosstalk,
    Delay,
    Deliver,
    DeliverLate,
    Drop,
    Execution,
    Fill,
    Fire,
    Halt,
    InLane,
    LoseReply,
    Misanswer,
    Move,
    Rebalance,
    Receive,
    Refuse,
    Restart,
    Roll,
    Signal,
    Skew,
    Tape,
    read_token,
    token_of,
)
from hedgecheck.tape.tokens import FIELDS, LENGTH_MAX

KNOWN_TAPE = Tape(
    7,
    (
        Signal(0),
        Receive(),
        LoseReply("p1a1", "Accepted"),
        Fill("p1a1", 4),
        Misanswer("not_found"),
        Move("AAA", -200_000),
        Fire("p1a1/timeout"),
    ),
)
KNOWN_TOKEN = "hc1-KgAHFXAxYTEgQUFBIHAxYTEvdGltZW91dAAAAgcMAAgMCAoLDA3_tBgLDqWp1Q"
LONG_TAPE = Tape(3, tuple(Fire(f"p{number}a1/timeout") for number in range(200)))
ORIGIN = Execution(2**64 - 1, 2**32, "AAPL")
EMPTY_TOKEN = token_of(Tape(0, ()))
TOKENS = {
    "empty": EMPTY_TOKEN,
    "plain": KNOWN_TOKEN,
    "packed": token_of(Tape(1, (Fill("p1a1", 1),) * 300)),
    "long": token_of(LONG_TAPE),
    "origin": token_of(LONG_TAPE, ORIGIN),
}

NAMES = st.text(st.characters(exclude_characters=" ", exclude_categories=("Cs",)), min_size=1)
OF_ONE_LANE = tuple(action for action in ACTIONS if action is not InLane)
ACTS_OF_ONE_LANE = st.one_of(
    *(
        st.builds(action, **{name: st.integers() if kind is int else NAMES for name, kind in FIELDS[action]})
        for action in OF_ONE_LANE
    )
)
ACTS = ACTS_OF_ONE_LANE | st.builds(InLane, st.integers(), ACTS_OF_ONE_LANE)
TAPES = st.builds(Tape, st.integers(0, 2**40), st.lists(ACTS, max_size=30).map(tuple))
EXECUTIONS = st.builds(
    Execution, st.integers(0, 2**64 - 1), st.integers(0, 2**40), st.sampled_from(("", "AAPL"))
)

# ---- there and back --------------------------------------------------------------------------------


@given(TAPES)
def test_token_of_any_tape_reads_as_that_tape(written: Tape) -> None:
    assert read_token(token_of(written)) == written


@given(EXECUTIONS)
def test_token_of_any_execution_reads_as_that_execution(origin: Execution) -> None:
    assert read_token(token_of(LONG_TAPE, origin)) == origin


@pytest.mark.parametrize("action", OF_ONE_LANE, ids=lambda action: action.__name__)
def test_every_action_survives_its_token_alone_and_in_a_lane(action: type[tape.Action]) -> None:
    filled_in = action(*(-3 if kind is int else "Filled" for _, kind in FIELDS[action]))
    laned = Tape(0, (InLane(1, filled_in), filled_in, InLane(300, filled_in)))

    assert read_token(token_of(Tape(0, (filled_in,)))) == Tape(0, (filled_in,))
    assert read_token(token_of(laned)) == laned


def test_names_within_lanes_are_those_of_the_whole_tape() -> None:
    shared = Tape(0, (Fire("p1/linger"), InLane(0, Fire("q1")), InLane(1, Fire("p1/linger")), Fire("q1")))

    assert read_token(token_of(shared)) == shared
    assert len(token_of(shared)) < len(token_of(Tape(0, (*shared.actions[:3], Fire("q2")))))


def test_known_token_keeps_its_meaning() -> None:
    assert read_token(KNOWN_TOKEN) == KNOWN_TAPE


NEW_TOKEN = "hc1-PgAFJVggV09VTERfVFJJR0dFUiBBQUEgbmFuIHN0b3JlZCBmaXJlIHQNDAAODAAPDAIQCBENEg4PExQVEBESpnn4"
NEW_TAPE = Tape(
    5,
    (
        Delay("X", "Accepted"),
        DeliverLate("X", "Accepted"),
        Drop("X", "Filled"),
        CrossCancel(4),
        Refuse("WOULD_TRIGGER"),
        Corrupt("AAA", "nan"),
        Halt(),
        Restart(),
        CrashIn("stored", "fire", "t"),
    ),
)


NEWEST_TAPE = Tape(
    6, (CrossReplace(4), Roll(), Skew(-1), Skew(2), Crosstalk("web_1", "Filled"), ChangeEntry(1, -20_000))
)
NEWEST_TOKEN = "hc1-FwAGBXdlYl8xFggXGAEYBBkMAhoCv7gCA3V2"


LANED_TAPE = Tape(
    2,
    (
        InLane(0, Signal(0)),
        InLane(1, Deliver("q1a1", "Accepted")),
        Halt(),
        InLane(1, CrashIn("lost", "signal", "0")),
    ),
)
LANED_TOKEN = "hc1-JQACEnExYTEgbG9zdCBzaWduYWwgMBsAAAAbAgMMABMbAhUNDg-Fn1g"
OWNED_TAPE = Tape(7, (Rebalance("p", 10_000), Signal(0), Rebalance("m", 0)))
OWNED_TOKEN = "hc1-EAAHA3AgbR8MoJwBAAAfDQDbZ6U"
KNOWN = {
    NEW_TOKEN: NEW_TAPE,
    NEWEST_TOKEN: NEWEST_TAPE,
    LANED_TOKEN: LANED_TAPE,
    OWNED_TOKEN: OWNED_TAPE,
}


@pytest.mark.parametrize(("token", "known"), KNOWN.items())
def test_known_token_of_later_actions_keeps_its_meaning(token: str, known: Tape) -> None:
    assert token_of(known) == token
    assert read_token(token) == known


def test_every_opcode_keeps_its_place() -> None:
    assert [action.__name__ for action in ACTIONS] == [
        *("Signal", "Repeat", "Receive", "Deliver", "Overtake", "Duplicate", "LoseRequest", "LoseReply"),
        *("Fill", "FillFeeInBase", "Misanswer", "Fire", "Move"),
        *("Delay", "DeliverLate", "Drop", "CrossCancel", "Refuse", "Corrupt", "Halt", "Restart", "CrashIn"),
        *("CrossReplace", "Roll", "Skew", "Crosstalk", "ChangeEntry"),
        *("InLane", "ChangePhase", "HaltTrading", "ResumeTrading", "Rebalance", "Exit", "Reshape"),
        *("Batch", "CashFlow"),
    ]


@pytest.mark.parametrize("around", ["{}\n", "  {}  ", "\t{}"])
def test_space_around_a_token_is_no_part_of_it(around: str) -> None:
    assert read_token(around.format(KNOWN_TOKEN)) == KNOWN_TAPE


def test_names_that_are_words_of_the_format_survive() -> None:
    words = Tape(0, (Deliver("Filled", "p1a1"), Deliver("stale", "stale"), Fire("Price")))

    assert read_token(token_of(words)) == words


# ---- length ------------------------------------------------------------------------------------------


@given(TAPES, EXECUTIONS)
def test_token_has_at_most_a_hundred_characters_where_the_origin_is_known(
    written: Tape, origin: Execution
) -> None:
    token = token_of(written, origin)

    assert len(token) <= LENGTH_MAX == 100
    assert read_token(token) == (written if len(token_of(written)) <= LENGTH_MAX else origin)


def test_tape_too_long_for_a_token_is_named_by_its_origin() -> None:
    assert len(token_of(LONG_TAPE)) > LENGTH_MAX
    assert read_token(token_of(LONG_TAPE, ORIGIN)) == ORIGIN
    assert read_token(token_of(LONG_TAPE)) == LONG_TAPE


def test_tape_that_fits_is_written_out_though_its_origin_is_known() -> None:
    assert token_of(KNOWN_TAPE, ORIGIN) == token_of(KNOWN_TAPE)


def test_token_can_be_pasted_anywhere() -> None:
    assert set(token_of(LONG_TAPE)) <= set(string.ascii_letters + string.digits + "-_")


# ---- damaged -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
def test_every_cut_tail_is_called_truncated(token: str) -> None:
    for end in range(len("hc1-"), len(token)):
        with pytest.raises(TruncatedToken, match="copy it again, whole"):
            read_token(token[:end])


@settings(derandomize=True)
@given(TAPES, st.data())
def test_cut_tail_of_any_tape_is_called_truncated(written: Tape, data: st.DataObject) -> None:
    token = token_of(written)
    end = data.draw(st.integers(len("hc1-"), len(token) - 1))

    with pytest.raises(TruncatedToken):
        read_token(token[:end])


@pytest.mark.parametrize(
    "token", [EMPTY_TOKEN, KNOWN_TOKEN, TOKENS["packed"]], ids=["empty", "plain", "packed"]
)
def test_every_single_wrong_character_is_noticed(token: str) -> None:
    for at, right in enumerate(token):
        for wrong in string.ascii_letters + string.digits + "-_+/= é१":
            if wrong != right:
                with pytest.raises(TokenError):
                    read_token(token[:at] + wrong + token[at + 1 :])


@settings(derandomize=True)
@given(TAPES, st.data())
def test_wrong_character_in_the_token_of_any_tape_is_noticed(written: Tape, data: st.DataObject) -> None:
    token = token_of(written)
    at = data.draw(st.integers(0, len(token) - 1))
    wrong = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_") | st.characters())
    assume(wrong != token[at])

    with pytest.raises(TokenError):
        read_token(token[:at] + wrong + token[at + 1 :])


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("more", ["A", "AA", "AAA", "AAAA", "_"])
def test_characters_too_many_are_noticed(token: str, more: str) -> None:
    with pytest.raises(MalformedToken):
        read_token(token + more)


@pytest.mark.parametrize("at", range(4, len(KNOWN_TOKEN) - 1))
def test_two_characters_swapped_are_noticed(at: int) -> None:
    swapped = KNOWN_TOKEN[:at] + KNOWN_TOKEN[at + 1] + KNOWN_TOKEN[at] + KNOWN_TOKEN[at + 2 :]

    if swapped != KNOWN_TOKEN:
        with pytest.raises(TokenError):
            read_token(swapped)


# ---- no token at all, or somebody else's ---------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("", "hc", "hc1", "hc-", "hcx-AAAA", "HC1-AAAA", "-", "hello", "7Qk2mZ4T", "token: " + KNOWN_TOKEN),
        *("hc1-AA AA", "hc1-AA=", "hc1-AA+/", "hc1-é", "hc१-AAAA", "hc" + "9" * 5_000 + "-AAAA"),
    ],
)
def test_text_that_is_no_token_is_malformed(text: str) -> None:
    with pytest.raises(MalformedToken, match="Copy it again, whole"):
        read_token(text)


@pytest.mark.parametrize("number", [0, 2, 17])
def test_token_of_another_format_names_it_and_what_would_read_it(number: int) -> None:
    with pytest.raises(ForeignToken) as caught:
        read_token(KNOWN_TOKEN.replace("hc1-", f"hc{number}-"))

    assert f"token format {number}" in str(caught.value)
    assert "this hedgecheck reads format 1" in str(caught.value)
    assert f"the one whose tokens begin with hc{number}-" in str(caught.value)


def test_whatever_is_wrong_with_a_token_is_the_kits_own_error() -> None:
    assert {MalformedToken.__base__, TruncatedToken.__base__, ForeignToken.__base__} == {TokenError}
    assert issubclass(TokenError, HedgecheckError)


@given(st.text(), st.sampled_from(("", "hc1-", "hc2-")))
def test_no_text_raises_anything_but_a_token_error(text: str, prefix: str) -> None:
    with pytest.raises(TokenError):
        read_token(prefix + text)


# ---- a good checksum over nonsense -----------------------------------------------------------------------


def sealed(body: bytes) -> str:
    """A token with a right length and checksum around any body of less than 128 bytes."""
    whole = bytes([len(body)]) + body
    whole += zlib.crc32(whole).to_bytes(4, "big")[:3]
    return "hc1-" + base64.urlsafe_b64encode(whole).decode().rstrip("=")


PLAIN, EXECUTION, PACKED = b"\x00", b"\x01", b"\x02"
NONSENSE = {
    "packed-garbage": PACKED + b"\xff\xff\xff",
    "packed-and-cut": PACKED + zlib.compress(bytes(50), wbits=-15)[:-2],
    "nothing": PLAIN,
    "text-beyond-the-end": PLAIN + b"\x00\x09abc",
    "text-of-no-encoding": PLAIN + b"\x00\x01\xff",
    "unknown-opcode": PLAIN + b"\x00\x00\x63",
    "unknown-name": PLAIN + b"\x00\x00\x03\x63\x00",
    "action-cut-short": PLAIN + b"\x00\x00\x08\x00",
    "number-without-end": PLAIN + b"\xff\xff\xff",
    "lane-without-action": PLAIN + b"\x00\x00\x1b\x00",
    "lane-in-a-lane": PLAIN + b"\x00\x00\x1b\x00\x1b\x00\x02",
    "execution-cut-short": EXECUTION + b"\x01",
}


def test_seal_of_this_test_is_that_of_the_format() -> None:
    assert sealed(PLAIN + b"\x00\x00") == EMPTY_TOKEN


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_under_a_good_checksum_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedToken, match="no readable content"):
        read_token(sealed(body))


def test_lane_in_a_lane_is_called_that() -> None:
    with pytest.raises(MalformedToken, match="a lane in a lane"):
        read_token(token_of(Tape(0, (InLane(0, InLane(1, Receive())),))))


def test_empty_body_under_a_good_checksum_is_malformed() -> None:
    with pytest.raises(MalformedToken):
        read_token(sealed(b""))
