"""Records as text: the kit's messages there and back, and what comes from outside held to its annotations."""

from typing import Any

import pytest

from hedgecheck import messages
from hedgecheck.codec import Codec, Unreadable, records, wrong_with
from hedgecheck.messages import CreateOrder, Filled, Request, Status
from hedgecheck.values import replace

CODEC = Codec(records(messages))
ORDER = CreateOrder("p1a1", "AAA", "buy", 10, price=99)
FILLED = Filled("p1a1", "p1a1.1", "AAA", "buy", 4, 99)


@pytest.mark.parametrize("record", [ORDER, FILLED, Status("p1a1", "found", fills=(FILLED, FILLED))])
def test_message_is_read_as_it_was_written(record: Any) -> None:
    assert CODEC.read(CODEC.written(record)) == record
    assert "\n" not in CODEC.written(record)
    assert wrong_with(record, type(record)) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 100_000, "is no JSON: maximum recursion"),
        (b"\xff\xfe\xfd", "is no JSON"),
        ('{"is":7}', "holds a 7, of which"),
        ('{"is":["Price"]}', r"holds a \['Price'\], of which"),
        ('{"is":"Price"}', "Price is written with nothing; its fields are symbol, price"),
        ('[{"is":"Price","symbol":"AAA","price":1e3}]', "holds 1e3"),
    ],
)
def test_what_is_no_record_is_unreadable(text: str | bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        CODEC.read(text)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (replace(ORDER, amount="ten"), "amount: 'ten' is no int"),
        (replace(ORDER, amount=True), "amount: True is no int"),
        (replace(ORDER, client_order_id=None), "client_order_id: None is no str"),
        (replace(ORDER, price="99"), "price: '99' is none of int, NoneType"),
        (replace(ORDER, side="both"), "side: 'both' is none of buy, sell"),
        (replace(ORDER, side=("buy",)), "side: ('buy',) is none of buy, sell"),
        (FILLED, "a Filled is none of CreateOrder, CancelOrder, FetchOrder, ReplaceOrder"),
        (7, "7 is none of CreateOrder, CancelOrder, FetchOrder, ReplaceOrder"),
    ],
)
def test_request_that_is_none_is_said_to_be_so_down_to_the_field(record: Any, why: str) -> None:
    assert wrong_with(record, Request) == why


def test_values_within_lists_are_looked_at() -> None:
    bad = replace(FILLED, amount=None)

    assert wrong_with(Status("p1", "found", fills=(FILLED, bad)), Status) == "fills: amount: None is no int"
    assert wrong_with(Status("p1", "found", fills=FILLED), Status) == "fills: a Filled is no list"
    assert wrong_with((("AAA", 3), ("BBB",)), tuple[tuple[str, int], ...]) == "('BBB',) has not 2 values"
    assert wrong_with((("AAA", 3), ("BBB", 4)), tuple[tuple[str, int], ...]) == ""
