"""What arrives of a market: no bar that was flagged is shown as one that can be used."""

from dataclasses import replace

import numpy as np
import pytest

from hedgecheck.drive import bundled_core
from hedgecheck.messages import BadPrice, Price
from hedgecheck.stress.gateway import Gateway
from hedgecheck.stress.stressed import Stressed
from tests.unit.stress.systems import BUY, SETTINGS, Run, closing

CLOSES = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0, 106.0, 107.0]
WRONG = {"nan": np.nan, "infinite": np.inf, "negative": -104.0, "a spike": 1_040.0}


def stressed(bars: dict[int, float]) -> Stressed:
    """A market of which some closes arrive wrong."""
    truth = closing(CLOSES)
    close = truth.close.copy()
    for bar, price in bars.items():
        close[bar] = price
    feed = replace(truth, close=close, high=np.fmax(truth.high, close))
    return Stressed(truth, feed)


def shown(gateway: Gateway, halted: frozenset[str] = frozenset()) -> list[tuple[float, bool]]:
    return [
        (quote.price, quote.usable)
        for bar in range(len(CLOSES))
        for quote in gateway.show(bar, halted).quotes
    ]


def test_sound_bar_is_shown_as_it_arrived():
    gateway = Gateway(stressed({}))

    assert shown(gateway) == [(price, True) for price in CLOSES]
    assert gateway.issues == []


@pytest.mark.covers("ST-06", "ST-11")
@pytest.mark.parametrize("price", WRONG.values(), ids=WRONG)
def test_wrong_bar_is_flagged_and_the_last_usable_price_is_shown(price: float):
    gateway = Gateway(stressed({4: price}))

    assert shown(gateway)[3:6] == [(103.0, True), (103.0, False), (105.0, True)]
    assert [(each.bar, each.symbol) for each in gateway.issues] == [(4, "A")]
    assert gateway.raw(4, "A") == repr(price)


@pytest.mark.covers("ST-06")
def test_wrong_first_bar_is_shown_at_the_price_before_it():
    assert shown(Gateway(stressed({0: np.nan})))[0] == (100.0, False)


def test_of_a_symbol_that_is_halted_the_last_price_is_shown_and_nothing_is_found():
    gateway = Gateway(stressed({4: np.nan}))

    assert shown(gateway, frozenset("A")) == [(100.0, False)] * len(CLOSES)
    assert gateway.issues == []


def test_bars_without_a_price_are_counted_in_a_row():
    gateway, stale = Gateway(stressed({2: np.nan, 3: np.nan, 5: np.nan})), []
    for bar in range(len(CLOSES)):
        gateway.show(bar)
        stale.append(gateway.stale["A"])

    assert stale == [0, 0, 1, 2, 0, 1, 0, 0]


def test_no_bar_depends_on_a_later_one():
    one, other = Gateway(stressed({6: np.nan})), Gateway(stressed({7: -1.0}))

    assert shown(one)[:6] == shown(other)[:6]


# ---- and what the engine hears of it -------------------------------------------------------------------


class Heard:
    """An engine that notes what it is told of prices."""

    def __init__(self) -> None:
        self.core, self.prices = bundled_core(), []

    def step(self, state, event):
        if isinstance(event, Price | BadPrice):
            self.prices.append(event)
        return self.core.step(state, event)

    def __getattr__(self, name):
        return getattr(self.core, name)


@pytest.mark.covers("ST-06")
def test_engine_hears_no_wrong_price_and_after_three_bars_that_there_is_none():
    heard = Heard()

    run = Run(stressed(dict.fromkeys((2, 3, 4, 5, 6), np.nan)), {6: [BUY]}, engine=heard)

    assert [type(each) for each in heard.prices if isinstance(each, BadPrice)] == [BadPrice] * 2
    told = [each.price for each in heard.prices if isinstance(each, Price)]
    assert set(told) <= {10_000, 10_100, 10_700}
    assert run.account.flagged_bars == 5
    assert run.execution.broken is None


@pytest.mark.covers("ST-06")
def test_so_many_bars_may_be_without_a_price_as_the_settings_say():
    heard = Heard()

    Run(
        stressed(dict.fromkeys((2, 3, 4, 5, 6), np.nan)),
        {},
        engine=heard,
        settings=replace(SETTINGS, stale_bars_max=1),
    )

    assert len([each for each in heard.prices if isinstance(each, BadPrice)]) == 4
