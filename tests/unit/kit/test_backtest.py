"""A backtest: what is traded when, what a day's sheet says, and what is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core import engine
from hedgecheck import invariants
from hedgecheck.backtest import Backtest, Bars, Sheet, Sleeve, backtest
from hedgecheck.drive import BundledCore
from hedgecheck.errors import UsageError
from hedgecheck.messages import Filled, Rebalance
from hedgecheck.signalers import History, Signals
from hedgecheck.world import Scope

DATES = ("2008-10-02", "2008-10-03", "2008-10-06", "2008-10-07", "2008-10-08", "2008-10-09")
FIRST, LAST = "2008-10-03", "2008-10-09"
CASH = 1_000_000_00
WIDE = invariants.Bounds(
    position_bps=10_000, gross_bps=20_000, heat_bps=20_000, leverage_bps=20_000, cluster_bps=20_000
)


class Wants:
    """A signaler that wants what it is told to, a number for each bar."""

    bars_min = 1

    def __init__(self, *targets: int, ratio: float = 0.0) -> None:
        self.targets, self.ratio = targets, ratio

    def signals(self, history: History) -> Signals:
        """The same each time."""
        return Signals(np.array(self.targets, np.int8), np.full(len(self.targets), self.ratio))


def bars(opened: list[int], close: list[int], low: list[int] | None = None) -> Bars:
    """AAA at these prices, and BBB at 100.00 all the time."""
    flat = [10_000] * len(opened)
    tops = [max(pair) for pair in zip(opened, close, strict=True)]
    bottoms = low or [min(pair) for pair in zip(opened, close, strict=True)]
    both = [np.array([one, flat], np.int64).T for one in (opened, tops, bottoms, close)]
    return Bars(DATES[: len(opened)], ("AAA", "BBB"), *both, np.ones((len(opened), 2), np.int64))


STILL = bars([10_000] * 6, [10_000] * 6)


def sleeve(*targets: int, name: str = "one", ratio: float = 0.0, **more: Any) -> Sleeve:
    """Trades AAA against BBB, half of its capital in each leg."""
    return Sleeve(name, Wants(*targets, ratio=ratio), "AAA", "BBB", 10_000, **{"leg_bps": 5_000, **more})


def run(*sleeves: Sleeve, of: Bars = STILL, core: BundledCore | None = None, **more: Any) -> Backtest:
    """The sessions after the first day."""
    chosen = {"first": FIRST, "last": of.dates[-1], "cash": CASH, "bounds": WIDE, "fee_bps": 0, **more}
    return backtest(sleeves, of, core or BundledCore(), **chosen)


def fills(result: Backtest) -> list[tuple[str, str, int, int]]:
    """Symbol, side, lots and price of each."""
    made: list[Filled] = [fill for _, fill in result.fills]
    return [(each.symbol, each.side, each.amount, each.price) for each in made]


# ---- what is traded ------------------------------------------------------------------------------------


def test_signal_of_a_close_is_traded_at_the_next_open_and_left_at_the_one_after_it_is_gone() -> None:
    opened = [10_000, 10_100, 10_200, 10_300, 10_400, 10_500]
    moving = bars(opened, [each + 50 for each in opened])

    result = run(sleeve(0, 1, 1, 0, 0, 0), of=moving)

    assert fills(result) == [
        ("AAA", "buy", 4_901, 10_200),
        ("BBB", "sell", 4_999, 10_000),
        ("AAA", "sell", 4_901, 10_400),
        ("BBB", "buy", 4_999, 10_000),
    ]
    assert [each.equity - CASH for each in result.sheets] == [4_901 * gain for gain in (0, 50, 150, 200, 200)]
    assert result.sheets[-1].profits == (("", 0), ("one", 4_901 * 200))


def test_short_signal_sells_first_and_a_turn_leaves_before_it_opens() -> None:
    result = run(sleeve(-1, -1, 1, 1, 1, 1))

    assert [each[:2] for each in fills(result)] == [
        *(("AAA", "sell"), ("BBB", "buy")),
        *(("AAA", "buy"), ("BBB", "sell")),
        *(("AAA", "buy"), ("BBB", "sell")),
    ]
    assert {intent for intent, _ in result.fills} == {"one1", "one2"}


def test_second_leg_has_the_value_that_the_signals_say() -> None:
    result = run(sleeve(1, 1, 1, 1, 1, 1, ratio=0.5, leg_bps=4_000))

    assert [each[2] for each in fills(result)] == [4_000, 2_000]


def test_larger_second_leg_is_no_more_than_its_part_of_the_capital() -> None:
    result = run(sleeve(1, 1, 1, 1, 1, 1, ratio=2.0, leg_bps=4_000))

    assert [each[2] for each in fills(result)] == [2_000, 4_000]


def test_nothing_is_traded_where_a_lot_is_dearer_than_the_capital_bears() -> None:
    result = run(sleeve(1, 1, 1, 1, 1, 1), cash=10_000)

    assert fills(result) == []
    assert result.reasons == {("one", "LESS_THAN_A_LOT"): 5}


def test_refused_signal_is_tried_again_each_day_under_another_name() -> None:
    result = run(sleeve(1, 1, 1, 1, 1, 1), bounds=replace(WIDE, position_bps=100))

    assert result.reasons == {("one", "POSITION_CAP"): 5}
    assert result.fills == []


def test_stop_is_hit_at_its_price_within_the_days_range_and_not_opened_again() -> None:
    low = [10_000, 10_000, 9_400, 10_000, 10_000, 10_000]
    result = run(sleeve(1, 1, 1, 1, 1, 1), of=bars([10_000] * 6, [10_000] * 6, low=low))

    assert fills(result)[2:] == [("AAA", "sell", 5_000, 9_500), ("BBB", "buy", 5_000, 10_000)]
    assert result.sheets[-1].equity - CASH == -500 * 5_000


def test_stop_is_filled_at_the_open_where_the_price_jumped_over_it() -> None:
    gap = bars([10_000, 10_000, *[9_000] * 4], [10_000, 10_000, *[9_000] * 4])

    result = run(sleeve(1, 1, 1, 1, 1, 1), of=gap)

    assert fills(result)[2][3] == 9_000


def test_stops_are_there_again_to_be_hit_after_the_signal_has_changed() -> None:
    low = [10_000, 9_400, 10_000, 10_000, 9_400, 10_000]
    result = run(sleeve(1, 0, 1, 1, 1, 1, leg_bps=2_000), of=bars([10_000] * 6, [10_000] * 6, low=low))

    assert [each[3] for each in fills(result) if each[:2] == ("AAA", "sell")] == [9_500, 9_500]


# ---- two sleeves, and capital that moves -----------------------------------------------------------------

HALVES = {"budget_bps": 5_000}


def two(**more: Any) -> list[Sleeve]:
    """The first buys and the second does nothing."""
    first = replace(sleeve(1, 1, 1, 1, 1, 1), **HALVES, **more)
    return [first, replace(sleeve(0, 0, 0, 0, 0, 0, name="two"), **HALVES)]


RISING = bars([10_000, 10_000, *[11_000] * 4], [10_000, *[11_000] * 5])


def test_profit_is_its_sleeves_and_stays_so_when_capital_moves() -> None:
    kept, moved = run(*two(leg_bps=2_000), of=RISING), run(*two(leg_bps=2_000), of=RISING, rebalance_days=2)
    gain = 1_000 * 1_000

    assert kept.sheets[-1].capitals == (("", 0), ("one", CASH // 2 + gain), ("two", CASH // 2))
    assert moved.sheets[-1].capitals == (("", 0), ("one", (CASH + gain) // 2), ("two", (CASH + gain) // 2))
    assert kept.sheets[-1].profits == moved.sheets[-1].profits == (("", 0), ("one", gain), ("two", 0))
    assert [each.differences for each in moved.sheets] == [()] * 5


def test_what_no_sleeve_was_given_is_in_reserve() -> None:
    result = run(replace(sleeve(0, 0, 0, 0, 0, 0), budget_bps=3_000))

    assert result.sheets[0].capitals == (("", CASH * 7 // 10), ("one", CASH * 3 // 10))


# ---- what a sheet says -----------------------------------------------------------------------------------


def test_heat_is_what_the_stops_let_go_and_getting_out_costs() -> None:
    sheet = run(sleeve(1, 1, 1, 1, 1, 1, stop_bps=200)).sheets[0]

    assert sheet.heat == 2 * (5_000 * 200 + 5_000 * 10_000 * 10 // 10_000)
    assert sheet.gross == 2 * 5_000 * 10_000
    assert sheet.positions == (("AAA", 5_000), ("BBB", -5_000))


def test_alerts_of_a_day_are_on_its_sheet() -> None:
    falling = bars([10_000] * 3 + [9_600] * 3, [10_000, 10_000, *[9_600] * 4])
    sheets = run(sleeve(1, 1, 1, 1, 1, 1), of=falling, daily_loss_bps=150).sheets

    tripped = [("BREAKER_TRIPPED", "daily_loss#1") in each.alerts for each in sheets]
    assert tripped == [False, True, False, False, False]


class Forgetful(BundledCore):
    """Believes to have a unit more than it has."""

    def belief(self, state: engine.State) -> invariants.Belief:
        believed = super().belief(state)
        return replace(believed, cash=believed.cash + 1)


def test_sheet_says_where_the_engine_and_the_venue_differ() -> None:
    result = run(sleeve(0, 0, 0, 0, 0, 0), core=Forgetful(), rules=())

    assert result.sheets[0].differences == (f"the engine's cash: {CASH + 1}, not {CASH}",)


class Silent(BundledCore):
    """Does not say whose what is."""

    def belief(self, state: engine.State) -> invariants.Belief:
        return replace(super().belief(state), attributed=None, accounts=None)


def test_engine_need_not_say_whose_what_is() -> None:
    result = run(sleeve(1, 1, 1, 1, 1, 1), core=Silent())

    assert result.failure is None
    assert {each.differences for each in result.sheets} == {()}


def test_run_ends_on_the_day_on_which_a_rule_is_broken() -> None:
    seen: list[Sheet] = []

    result = run(sleeve(0, 0, 0, 0, 0, 0), core=Forgetful(), watch=seen.append)

    assert result.failure is not None
    assert result.failure.invariant == "I11"
    assert len(result.sheets) == 1
    assert seen == []


def test_watch_sees_every_sheet() -> None:
    seen: list[Sheet] = []

    assert run(sleeve(0, 0, 0, 0, 0, 0), watch=seen.append).sheets == seen
    assert [each.date for each in seen] == list(DATES[1:])


# ---- what is refused -------------------------------------------------------------------------------------

QUIET = sleeve(0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("sleeves", "more", "message"),
    [
        ((), {}, "There is no sleeve"),
        ((QUIET, QUIET), {}, "Two sleeves are named 'one'"),
        ((replace(QUIET, name="v2"),), {}, "'v2' has a digit in its name"),
        ((replace(QUIET, hedge="AAA"),), {}, "one hedges AAA with itself"),
        ((replace(QUIET, budget_bps=0.3),), {}, "budget_bps of one is 0.3"),
        ((replace(QUIET, budget_bps=-1),), {}, "budget_bps of one is -1"),
        ((replace(QUIET, leg_bps=0),), {}, "leg_bps of one is 0"),
        ((replace(QUIET, stop_bps=10_001),), {}, "stop_bps of one is 10001"),
        ((QUIET, replace(QUIET, name="two", budget_bps=1)), {}, "share 10001 bps"),
        ((QUIET,), {"cash": 10_001}, "multiple of 10000"),
        ((QUIET,), {"cash": 0}, "cash is 0"),
        ((QUIET,), {"first": "2008-10-02"}, "The bars begin on 2008-10-02, and 2008-10-02 needs one before"),
        (
            (QUIET,),
            {"first": "2008-10-04"},
            "no bar of 2008-10-04: no session, or not loaded. The next is",
        ),
        ((QUIET,), {"first": "2009-10-05"}, "The last is of 2008-10-09"),
        ((QUIET,), {"first": "04/10/2008"}, "'04/10/2008' is no date"),
        ((QUIET,), {"first": "20081004"}, "'20081004' is no date"),
        ((QUIET,), {"last": "2008-10-10"}, "no bar of the session 2008-10-10"),
        ((replace(QUIET, symbol="ZZZ"),), {}, "no bars of 'ZZZ'. There are bars of AAA, BBB"),
        ((sleeve(1, 1, 1),), {}, "one gave targets of the shape (3,) for 6 bars"),
        ((sleeve(1, 1, 1, 1, 1, 2),), {}, "one wants 2 after 2008-10-09"),
        ((sleeve(1, 1, 1, 1, 1, 1, ratio=float("nan")),), {}, "hedge ratios of one is no finite number"),
        ((sleeve(1, 1, 1, 1, 1, 1, ratio=-0.5),), {}, "hedge ratios of one is not above"),
    ],
)
def test_what_cannot_be_run_is_refused(sleeves: Any, more: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        run(*sleeves, **more)

    assert message in str(refused.value)


class Deaf(BundledCore):
    """Understands no wish of a strategy."""

    understands = (Rebalance,)


@pytest.mark.parametrize(("days", "what"), [(0, "Exit"), (5, "Exit, Rebalance")])
def test_engine_that_no_trade_could_be_left_with_is_refused(days: int, what: str) -> None:
    with pytest.raises(UsageError, match=f"does not say that it understands {what}"):
        run(QUIET, core=Deaf(), rebalance_days=days)


def test_a_scope_is_the_engines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told budgets, limits and prices of the day before."""
    told: list[Scope] = []

    class Listens(BundledCore):
        def initial(self, scope: Scope) -> engine.State:
            told.append(scope)
            return super().initial(scope)

    run(QUIET, of=RISING, core=Listens(), drawdown_bps=700)

    assert told[0].prices == (("AAA", 10_000), ("BBB", 10_000))
    assert told[0].bounds.budgets == (("one", 10_000),)
    assert (told[0].daily_loss_bps, told[0].drawdown_bps) == (200, 700)
