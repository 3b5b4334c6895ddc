"""A scenario under way: the life of orders, halts and partitions, and an equity that can be recounted."""

from dataclasses import replace
from math import isfinite

import numpy as np
import pytest

from hedgecheck.stress.components.protocols import Stop
from hedgecheck.stress.library import ScenarioLibrary
from hedgecheck.stress.loading import ScenarioLoader
from hedgecheck.stress.models import Scenario
from hedgecheck.stress.settings import ExecutorSettings
from hedgecheck.stress.stressed import MarginRaise, Partition, ShortSaleBan, TradingHalt, Window
from hedgecheck.stress.transforming import ScenarioTransformer
from tests.unit.stress.systems import BUY, CASH, FLAT, OUT, SELL, SETTINGS, Run, closing

SYMBOLS = ("BTCUSDT", "ETHUSDT")
LONG_AND_SHORT = {at: [BUY, SELL][at // 8 % 2 : at // 8 % 2 + 1] for at in range(4, 400, 8)}


def under(name: str, bars: int = 400):
    """The market of a scenario of the library, under its stress."""
    scenario = ScenarioLibrary().get(name)
    loaded = ScenarioLoader().load(scenario.symbols, "synthetic", bars=bars, seed=5, volatility=0.8)
    asked = Scenario(name, scenario.type, "", {**scenario.parameters, "bars": bars}, scenario.symbols, 5)
    return ScenarioTransformer().apply(loaded.market, asked)


def trading(symbol: str, bars: int = 400):
    """In and out of a symbol every few bars, long and short by turns."""
    wants = {}
    for at in range(4, bars, 8):
        side = replace(SELL if at // 8 % 2 else BUY, symbol=symbol)
        wants |= {at: [side], at + 4: [replace(side, target=0)]}
    return wants


# ---- the life of an order ------------------------------------------------------------------------------


def test_trade_is_entered_protected_and_left():
    run = Run(closing(FLAT), {2: [BUY], 6: [OUT]})

    assert [(each.order, each.side, each.bar, each.status) for each in run.orders] == [
        ("mine1a1", "buy", 2, "filled"),
        ("mine1s1", "sell", 3, "canceled"),
        ("mine1x1", "sell", 7, "filled"),
    ]
    (trade,) = run.trades
    assert (trade.entry_bar, trade.exit_bar, trade.reason) == (3, 7, "signal")


def test_stop_is_touched_within_a_bar_and_ends_the_trade_at_its_price():
    run = Run(closing([100, 100, 100, 99, 94, 98, 98]), {1: [BUY]})

    (trade,) = run.trades
    assert (trade.exit_bar, trade.exit_price, trade.reason) == (4, 95.0, "stop")
    assert run.equity.tolist() == [*[CASH] * 3, CASH - 10, *[CASH - 50] * 3]


def test_signal_of_the_other_side_leaves_what_is_held_and_is_taken_in_the_same_bar():
    run = Run(closing(FLAT), {2: [BUY], 6: [SELL]})

    assert [(each.side, each.reason) for each in run.trades] == [("buy", "signal"), ("sell", "open")]
    assert [each.entry_bar for each in run.trades] == [3, 7]


def test_what_is_held_on_the_side_that_is_wanted_is_kept():
    run = Run(closing(FLAT), {2: [BUY], 6: [BUY]})

    assert [each.reason for each in run.trades] == ["open", "open"]


def test_both_legs_of_a_pair_are_entered_and_protected():
    pair = replace(BUY, hedge="B")
    run = Run(closing([(100, 100)] * 8, ("A", "B")), {2: [pair], 5: [replace(pair, target=0)]})

    (trade,) = run.trades
    assert (trade.symbol, trade.hedge, trade.side, trade.reason) == ("A", "B", "buy", "signal")
    stops = [each for each in run.orders if each.status == "canceled"]
    assert {(each.symbol, each.side, each.reference_price) for each in stops} == {
        ("A", "sell", 95.0),
        ("B", "buy", 105.0),
    }


# ---- what goes wrong at the exchange -------------------------------------------------------------------


@pytest.mark.covers("ST-13")
def test_nothing_is_traded_in_a_halt_and_a_stop_that_was_passed_fills_after_it():
    closes = [100, 100, 100, 100, 90, 90, 90, 90]
    halt = TradingHalt(Window(4, 6), "LEVEL_1")

    run = Run(closing(closes), {1: [BUY], 4: [BUY]}, (halt,))

    assert [each.bar for each in run.said if each.topic == "fill"] == [2, 6]
    assert run.trades[0].exit_bar == 6
    assert run.trades[0].exit_price == 90.0  # the stop was at 95
    assert run.payloads("refused")[0].reason == "FLAGGED_BAR"
    (stop,) = run.execution.emergency_stops()
    assert (stop.bar, stop.source, stop.kind, stop.reset_bar) == (4, "market", "LEVEL_1", 6)
    assert stop.breached_bar == 3  # by whose close it was called


@pytest.mark.covers("ST-13")
def test_halt_of_one_symbol_leaves_the_others_alone():
    halt = TradingHalt(Window(2, 7, ("A",)), "LULD")

    run = Run(closing([(100, 100)] * 10, ("A", "B")), {3: [BUY, replace(BUY, symbol="B")]}, (halt,))

    assert [(each.symbol, each.entry_bar) for each in run.trades] == [("B", 4)]


@pytest.mark.covers("ST-13")
@pytest.mark.parametrize("wants", [{3: [BUY]}, {1: [BUY], 4: [OUT]}])
def test_nothing_gets_through_a_network_that_is_down_and_a_person_is_told(wants):
    run = Run(closing(FLAT), wants, (Partition(Window(3, 6)),))

    assert all(each.bar < 3 for each in run.said if each.topic == "fill")
    assert run.orders[-1].status in ("failed", "unknown")
    assert run.ledger.parked.keys() == {"mine1"}
    assert run.execution.broken is None


@pytest.mark.covers("ST-13")
def test_what_is_wanted_when_the_network_is_up_again_is_traded():
    run = Run(closing(FLAT), {1: [BUY], 7: [OUT]}, (Partition(Window(3, 6)),))

    assert [(each.entry_bar, each.exit_bar) for each in run.trades] == [(2, 8)]


@pytest.mark.covers("ST-13")
def test_shorts_are_refused_while_they_are_banned_alone():
    run = Run(closing(FLAT), {3: [SELL], 6: [SELL]}, (ShortSaleBan(Window(2, 5)),))

    assert [each.reason for each in run.payloads("refused")] == ["SHORT_BANNED"]
    assert [each.entry_bar for each in run.trades] == [7]


@pytest.mark.covers("ST-13")
def test_exposure_that_is_allowed_is_divided_while_margins_are_raised():
    seen = []

    def noting(order, view, account, policy):
        seen.append((view.bar, policy.position_bps, policy.gross_bps))
        return ""

    Run(closing(FLAT), {3: [BUY], 7: [BUY]}, (MarginRaise(Window(2, 5), 4.0),), risk_guard=noting)

    assert seen == [(3, 450, 2_000), (7, 1_800, 8_000)]


# ---- what the governor says ----------------------------------------------------------------------------


@pytest.mark.covers("SE-05", "SE-12")
@pytest.mark.parametrize(("liquidates", "reason"), [(True, "liquidation"), (False, "open")])
def test_stop_halts_the_engine_and_leaves_what_is_held_only_where_it_is_to(liquidates: bool, reason: str):
    def judge(view, account, policy):
        return Stop("mine", "it is bar 5", liquidates) if view.bar == 5 else None

    run = Run(closing(FLAT), {2: [BUY], 7: [BUY]}, safety_governor=judge)

    assert [each.reason for each in run.trades] == [reason]
    assert run.script.accounts[-1].tripped == ("manual",)
    (stop,) = run.execution.emergency_stops()
    assert (stop.bar, stop.source, stop.kind, stop.why) == (5, "governor", "mine", "it is bar 5")


# ---- what is seen --------------------------------------------------------------------------------------


@pytest.mark.covers("ST-06")
@pytest.mark.parametrize("kinds", [["nan"], ["spike"], ["gap", "inf"], ["negative", "duplicate"]])
def test_no_corrupted_bar_reaches_anybody_as_one_that_can_be_used(kinds: list[str]):
    loaded = ScenarioLoader().load(SYMBOLS, "synthetic", bars=600, seed=11)
    parameters = {"bars": 600, "start_bar": 1, "corruption_pct": 0.3, "kinds": kinds}
    stressed = ScenarioTransformer().apply(
        loaded.market, Scenario("Wrong", "data_corruption", "", parameters, SYMBOLS, 11)
    )

    run = Run(stressed, trading("BTCUSDT", 600))

    flagged, truth = 0, stressed.truth.close
    for view in run.script.views:
        for at, quote in enumerate(view.quotes):
            numbers = quote.price, quote.high, quote.low, quote.volume, quote.spread_bps
            assert all(isfinite(each) and each >= 0 for each in numbers), (view.bar, quote)
            assert not quote.usable or quote.price == truth[view.bar, at]
            flagged += not quote.usable
    assert flagged >= len(stressed.injected) > 200
    assert run.execution.broken is None
    assert run.execution.tally.nonvacuous["I14"] > 0


def test_what_is_shown_of_a_bar_does_not_depend_on_what_comes_after():
    whole, half = under("Black Swan Combo"), under("Black Swan Combo")
    keep = 260
    rest = {
        name: np.vstack([getattr(half.feed, name)[:keep], getattr(half.feed, name)[keep:] * 1.01])
        for name in ("open", "high", "low", "close")
    }
    half = replace(half, feed=replace(half.feed, **rest))

    one, other = Run(whole, {}), Run(half, {})

    assert one.script.views[:keep] == other.script.views[:keep]
    assert one.script.views[keep:] != other.script.views[keep:]


# ---- a recount -----------------------------------------------------------------------------------------


def tick_of(price: float) -> float:
    """A price has five digits."""
    return 10.0 ** (len(str(int(price))) - 5) if price >= 1 else 10.0 ** (np.floor(np.log10(price)) - 4)


def worth(run: Run, filled: dict, bar: int) -> float:
    """What an account is worth that had these orders, at the close of a bar."""
    truth, total = run.stressed.truth, CASH
    for order in filled.values():
        at = truth.symbols.index(order.symbol)
        tick = tick_of(truth.reference[at])
        price = round(truth.close[bar, at] / tick) * tick
        sign = 1 if order.side == "buy" else -1
        total += sign * order.filled * (price - order.price) - order.fee
    return total


@pytest.mark.covers("SE-09")
@pytest.mark.parametrize("name", ["BTC Flash Crash 2021", "Execution Crisis", "Black Swan Combo"])
def test_equity_of_every_bar_is_what_a_recount_of_the_fills_gives(name: str):
    stressed = under(name)
    run = Run(stressed, trading(stressed.truth.symbols[0]), settings=ExecutorSettings())

    filled, counted = {}, []
    for message in run.said:
        if message.topic == "fill":
            filled[message.payload.order] = message.payload
        elif message.topic == "bar":
            counted.append(worth(run, filled, message.bar))
    counted[-1] = worth(run, filled, len(counted) - 1)  # with what was under way at the end

    assert run.execution.broken is None
    assert len(filled) > 10
    assert run.equity == pytest.approx(np.array(counted), abs=0.01)


@pytest.mark.covers("SE-09")
def test_equity_of_the_last_bar_is_what_all_orders_of_the_result_come_to():
    stressed = under("Execution Crisis")
    run = Run(stressed, trading("BTCUSDT"), settings=ExecutorSettings())

    filled = {each.order: each for each in run.orders if each.filled}

    assert run.equity[-1] == pytest.approx(worth(run, filled, 399), abs=0.01)


@pytest.mark.covers("SE-09")
def test_last_bar_ends_with_what_was_decided_in_it():
    dear = replace(SETTINGS, fee_bps=100)

    run = Run(closing(FLAT), {len(FLAT) - 1: [BUY]}, settings=dear)

    assert run.equity.tolist() == [*[CASH] * (len(FLAT) - 1), CASH - 10]
    assert run.trades[0].pnl == -10
    assert len(run.account.lows) == len(run.account.days) == len(run.account.gross) == len(FLAT)


# ---- how far it is -------------------------------------------------------------------------------------


def test_progress_is_told_every_256_bars_and_at_the_end():
    closes = [100 + 0.01 * (at % 7) for at in range(600)]

    assert Run(closing(closes), {}).told == [(256, 600), (512, 600), (600, 600)]
