"""Events as text: every kind there and back, what is refused, and how an older format comes up."""

import json
from dataclasses import fields
from hashlib import sha256
from typing import Any, get_args

import pytest

from core import messages
from core.messages import (
    Fill,
    OrderFilled,
    OrderId,
    PriceMoved,
    SettingsChanged,
    SignalId,
    SignalsReceived,
)
from core.settings import Instrument, MessageRate, Settings
from core.values import replace
from hedgecheck.errors import EventUnreadable
from hedgecheck.live.encoding import FORMAT, STORED, decoded, encoded
from tests.unit.core.build import signal

SIGNAL = SignalId("päärs", 1)
FILLED = OrderFilled(OrderId(SIGNAL, "entry", 1), Fill("t1", 10, -37, fee_money=3))
RATED = Settings(
    (Instrument("AAA"),), limits=replace(Settings(()).limits, message_rate=MessageRate(5, 1, 10))
)
EXAMPLES = (
    FILLED,
    PriceMoved("AAA", 100),
    signal(limit_price_a=99),
    SettingsChanged(RATED),
    SignalsReceived((signal(1), signal(2))),
    RATED,
)


@pytest.mark.parametrize("record", EXAMPLES, ids=lambda each: type(each).__name__)
def test_what_is_written_is_read_again(record: Any) -> None:
    assert decoded(encoded(record)) == record


@pytest.mark.parametrize("kind", STORED.values(), ids=STORED)
def test_every_class_that_is_stored_is_read_again(kind: type[Any]) -> None:
    values = (1, "a", None, True, (), (SIGNAL, (FILLED, -(10**30))), '\ud800\0ä"')
    record = kind(*[values[number % len(values)] for number, _ in enumerate(fields(kind))])

    text = encoded(record)

    assert decoded(text) == record
    assert text.isascii()
    assert json.loads(text)["is"] == kind.__name__


def test_every_event_of_the_core_is_known() -> None:
    assert {kind.__name__ for kind in get_args(messages.Event)} <= set(STORED)


def test_equal_events_have_equal_text_and_it_says_what_it_is() -> None:
    assert encoded(FILLED) == encoded(replace(FILLED))
    assert encoded(PriceMoved("AAA", 100)) == '{"is":"PriceMoved","symbol":"AAA","price":100}'


@pytest.mark.parametrize("value", [1.5, object(), [1], {"a": 1}])
def test_what_is_no_event_is_not_written(value: Any) -> None:
    with pytest.raises(AssertionError, match="plain values"):
        encoded(PriceMoved("AAA", value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ('{"is":"Gone","a":1}', "a 'Gone', of which this release knows nothing"),
        ('{"symbol":"AAA"}', "a None, of which"),
        (
            '{"is":"PriceMoved","symbol":"AAA"}',
            "PriceMoved is written with symbol; its fields",
        ),
        ('{"is":"PriceMoved","symbol":"AAA","price":1,"note":2}', "written with note, price, symbol"),
        ('{"is":"PriceMoved","symbol":"AAA","price":1.5}', "holds 1.5"),
        ('{"is":"PriceMoved","symbol":"AAA","price":NaN}', "holds NaN"),
    ],
)
def test_what_is_no_text_of_an_event_is_refused(text: str, message: str) -> None:
    with pytest.raises(EventUnreadable) as refused:
        decoded(text)

    assert message in str(refused.value)


@pytest.mark.parametrize("written_in", [FORMAT + 1, 0, -1])
def test_format_without_a_way_up_is_refused(written_in: int) -> None:
    with pytest.raises(EventUnreadable, match=r"this release knows up to|no way up from format"):
        decoded(encoded(FILLED), written_in)


def test_older_format_comes_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two formats ago a price was called a quote, and one ago it was in half ticks."""
    monkeypatch.setattr("hedgecheck.live.encoding.FORMAT", FORMAT + 2)

    def renamed(found: dict[str, Any]) -> dict[str, Any]:
        return {("price" if name == "quote" else name): value for name, value in found.items()}

    def doubled(found: dict[str, Any]) -> dict[str, Any]:
        return {**found, "price": found["price"] // 2} if found["is"] == "PriceMoved" else found

    ways = {FORMAT: renamed, FORMAT + 1: doubled}
    old = '{"is":"PriceMoved","symbol":"AAA","quote":200}'

    assert decoded(old, FORMAT, ways) == PriceMoved("AAA", 100)
    assert decoded(old.replace("quote", "price"), FORMAT + 1, ways) == PriceMoved("AAA", 100)
    with pytest.raises(EventUnreadable, match="no way up"):
        decoded(old, FORMAT, {FORMAT: renamed})


def test_objects_within_come_up_before_what_holds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hedgecheck.live.encoding.FORMAT", FORMAT + 1)
    seen: list[str] = []

    def watched(found: dict[str, Any]) -> dict[str, Any]:
        seen.append(found["is"])
        return found

    assert decoded(encoded(FILLED), FORMAT, {FORMAT: watched}) == FILLED
    assert seen == ["SignalId", "OrderId", "Fill", "OrderFilled"]


def test_format_is_pinned_to_the_fields_there_are() -> None:
    """Whoever changes a stored record raises ``FORMAT``, writes an upcaster, and pins it here anew.

    ``PositionAdjusted`` and ``OrderDoubted`` came later and are still of format 1: it was never released.
    """
    said = json.dumps([[name, [each.name for each in fields(STORED[name])]] for name in sorted(STORED)])

    assert (FORMAT, sha256(said.encode()).hexdigest()[:16]) == (1, "fa6a7f35bc76f41d")
