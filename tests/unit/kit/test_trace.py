"""One record in words, for those that stops, replacements, days and strangers brought."""

from typing import Any

import pytest

from hedgecheck.messages import (
    Accepted,
    Batch,
    BookShown,
    CapitalAssigned,
    CashFlow,
    CreateOrder,
    EntryChange,
    Exit,
    Filled,
    Intent,
    Lost,
    NewDay,
    Overheard,
    Rebalance,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Sent,
    Told,
    TradingHalted,
    TradingResumed,
)
from hedgecheck.trace import line

PAIR = tuple(Intent(name, "AAA", "buy", 1, "BBB", "sell", 1) for name in ("p1", "m1"))
STOP = CreateOrder("p1s1", "AAA", "sell", 10, reduce_only=True, stop_price=95)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (Sent(STOP), "engine -> venue create_order p1s1: sell 10 AAA at market, stop 95, reduce only"),
        (
            Sent(CreateOrder("X", "AAA", "buy", 10, 99, stop_price=98)),
            "engine -> venue create_order X: buy 10 AAA limit 99, stop 98",
        ),
        (Sent(ReplaceOrder("p1s1", 6)), "engine -> venue replace_order p1s1: 6 in all"),
        (Lost(ReplaceOrder("X", 6, 99, 98)), "engine -x venue replace_order X: 6 in all, limit 99, stop 98"),
        (Replaced("X", 6), "venue X replaced, 6 in all"),
        (ReplaceRefused("X", "TOO_LATE"), "venue X replace refused: TOO_LATE"),
        (Told(Replaced("X", 6)), "engine <- venue X replaced, 6 in all"),
        (EntryChange("p1", 98), "strategy -> engine          p1 to enter at 98"),
        (Exit("p1"), "strategy -> engine          p1 to exit"),
        (Rebalance((("m", 1), ("p", 20))), "person   -> engine          shares m 1, p 20 bps"),
        (Batch(PAIR), "strategy -> engine          p1, m1 at one moment"),
        (CashFlow(5), "person   -> engine          deposits 5"),
        (CashFlow(-5), "person   -> engine          withdraws 5"),
        (CapitalAssigned("p", -5), "engine          p has got -5 from others"),
        (CapitalAssigned("", 5), "engine          the reserve has got 5 from others"),
        (BookShown("AAA", 4, 6, 2), "venue AAA book: 4 bid, 6 asked, 2 apart"),
        (Told(BookShown("AAA", 0, 6, None)), "engine <- venue AAA book: 0 bid, 6 asked"),
        (NewDay(3), "calendar -> engine          day 3, regular"),
        (NewDay(3, "pre_market"), "calendar -> engine          day 3, pre-market"),
        (TradingHalted(), "calendar -> engine          the market halted"),
        (TradingHalted(("AAA", "BBB")), "calendar -> engine          AAA, BBB halted"),
        (TradingResumed(("AAA",)), "calendar -> engine          AAA resumed"),
        (Overheard(Accepted("web_1")), "engine <- venue somebody else's web_1 accepted"),
        (
            Overheard(Filled("web_1", "web_1.1", "AAA", "buy", 1, 100)),
            "engine <- venue somebody else's web_1 filled: buy 1 AAA at 100",
        ),
    ],
)
def test_record_is_told_in_one_line(record: Any, words: str) -> None:
    assert line(record).strip() == words
