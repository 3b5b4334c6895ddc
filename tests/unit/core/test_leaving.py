"""Whether an entry rests: what is asked before limits are judged anew."""

import pytest

from core.leaving import rests
from core.messages import OrderAccepted, TradingHalted
from tests.unit.core.build import (
    ENTRY,
    HEDGE,
    after,
    confirmed_canceled,
    filled,
    ready,
    signal,
)

LIMITED = (signal(limit_price_a=100),)
WITHDRAWN = (*LIMITED, OrderAccepted(ENTRY), TradingHalted(("AAA",)))
HEDGING = (*LIMITED, filled(ENTRY, 1_000), OrderAccepted(HEDGE))


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ((), False),
        (LIMITED, True),  # on its way
        ((*LIMITED, OrderAccepted(ENTRY)), True),
        ((*LIMITED, OrderAccepted(ENTRY), filled(ENTRY, 100)), True),
        (WITHDRAWN, False),
        ((*WITHDRAWN, *confirmed_canceled(ENTRY, 0)), False),
        (HEDGING, False),
        ((*HEDGING, filled(HEDGE, 2_000)), False),
    ],
)
def test_an_entry_rests_from_when_it_is_sent_until_it_is_told_to_go_or_over(history, expected):
    assert rests(after(ready(), *history)) == expected


def test_of_several_trades_one_whose_entry_rests_is_enough():
    other = signal(1, "other", symbol_b="CCC", limit_price_a=100)

    assert rests(after(ready(), *HEDGING, other))
