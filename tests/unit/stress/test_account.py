"""What an account was like at the end of each bar, and when it was stopped, recounted."""

from itertools import pairwise

import numpy as np
import pytest

from hedgecheck.stress.account import DAY_NS, Account
from hedgecheck.stress.emergencies import daily_losses, drawdowns, of_breakers
from hedgecheck.stress.execution import Execution
from hedgecheck.stress.ledger import Ledger
from hedgecheck.stress.scale import Scale
from hedgecheck.stress.settings import ExecutorSettings
from tests.unit.stress.markets import HOUR_NS
from tests.unit.stress.systems import BUY, CASH, FLAT, SETTINGS, Run, closing

SCALE = Scale((("A", 0.01),), 0.01)


def account(*worths: tuple[int, int], bars_a_day: int = 3) -> Account:
    """An account of cash alone that falls to the one and ends the bar with the other."""
    ledger = Ledger(100_000, {"A": 1}, SCALE)
    found = Account(ledger, 0)
    for bar, (low, worth) in enumerate(worths):
        if bar and not bar % bars_a_day:
            found.begin_day(bar // bars_a_day)
        ledger.low, ledger.cash = min(ledger.low, low), worth
        found.close()
    return found


WORTHS = ((100_000, 101_000), (100_500, 104_000), (99_000, 103_000), (98_000, 99_000), (97_000, 100_000))


def test_account_has_one_number_for_each_bar_and_equity_that_before_the_first():
    found = account(*WORTHS)

    assert found.equity == [100_000, *[worth for _, worth in WORTHS]]
    assert found.lows == [100_000, 100_500, 99_000, 98_000, 97_000]
    assert found.days == [0, 0, 0, 1, 1]
    assert len(found.gross) == len(found.heat) == len(found.held) == len(WORTHS)


def test_view_tells_the_peak_and_the_start_of_the_day_in_currency():
    view = account(*WORTHS).view()

    assert (view.equity, view.cash, view.peak, view.day_start) == (1_000.0, 1_000.0, 1_040.0, 1_030.0)


def test_view_tells_what_is_held_and_what_is_under_way():
    run = Run(closing(FLAT), {2: [BUY], 6: [BUY]})
    accounts = run.script.accounts

    assert [len(each.holdings) for each in accounts] == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2]
    assert [each.quantity for each in accounts[-1].holdings] == [10.0, 10.0]
    assert accounts[-1].gross == pytest.approx(2_000.0)
    assert accounts[-1].heat == pytest.approx(100.0)
    assert accounts[-1].orders == 4
    assert accounts[-1].pending == ()


@pytest.mark.parametrize(("low", "least"), [(96_000, 96_000), (97_500, 97_000)])
def test_last_bar_closes_again_with_the_least_of_both(low: int, least: int):
    found = account(*WORTHS)
    found._ledger.low, found._ledger.cash = low, 98_000

    found.close_again()

    assert found.equity[-1] == 98_000
    assert found.lows[-1] == least
    assert len(found.equity) == len(WORTHS) + 1
    assert len(found.days) == len(found.lows) == len(WORTHS)


def test_daily_losses_are_of_the_equity_at_the_start_of_each_day():
    assert daily_losses(account(*WORTHS)) == pytest.approx(
        [0.0, -50.0, 100.0, 5_000 / 103_000 * 1e4, 6_000 / 103_000 * 1e4]
    )


def test_drawdowns_are_from_the_highest_end_of_a_bar_before():
    assert drawdowns(account(*WORTHS)) == pytest.approx(
        [0.0, 500 / 101_000 * 1e4, *[lost / 104_000 * 1e4 for lost in (5_000, 6_000, 7_000)]]
    )


@pytest.mark.covers("SE-12")
def test_trip_is_told_with_its_numbers_and_the_bar_of_the_breach():
    limits = ExecutorSettings(daily_loss_bps=90, drawdown_bps=600)

    trips = of_breakers([(2, "daily_loss"), (4, "drawdown"), (4, "manual")], account(*WORTHS), limits, SCALE)

    assert [(each.bar, each.kind, each.breached_bar) for each in trips] == [
        (2, "daily_loss", 2),
        (4, "drawdown", 4),
    ]
    assert (
        trips[0].why == "equity fell to 990.00 in the bar, 1.00 % below the day's start; the limit is 0.9 %"
    )
    assert trips[1].why == "equity fell to 970.00 in the bar, 6.73 % below its highest; the limit is 6 %"


def test_breaker_that_is_not_there_is_never_breached():
    trips = of_breakers([(2, "drawdown")], account(*WORTHS), ExecutorSettings(drawdown_bps=0), SCALE)

    assert trips[0].breached_bar is None


# ---- in a run ------------------------------------------------------------------------------------------

FALLING = [100 - 0.2 * at for at in range(60)]


def held_through(settings: ExecutorSettings) -> Run:
    """Ten entries are held while the price falls, with stops out of reach."""
    return Run(closing(FALLING), {at: [BUY] for at in range(3, 13)}, settings=settings)


def lows_of(run: Run) -> np.ndarray:
    """The least equity of each bar, in currency."""
    return np.array(run.account.lows) * run.execution.scale.minor


@pytest.mark.covers("SE-12")
def test_breaker_trips_in_the_bar_in_which_a_recount_first_finds_its_limit_passed():
    limited = ExecutorSettings(profile=SETTINGS.profile, fee_bps=0, daily_loss_bps=30, drawdown_bps=0)

    run = held_through(limited)

    days = [(HOUR_NS * (bar + 1) - 1) // DAY_NS for bar in range(60)]
    lows, equity = lows_of(run), [CASH, *run.equity.tolist()]
    starts = {day: equity[bar] for bar, day in reversed(list(enumerate(days)))}
    lost = [(starts[day] - low) / starts[day] * 1e4 for day, low in zip(days, lows, strict=True)]
    breached = next(bar for bar, each in enumerate(lost) if each >= 30)
    (stop,) = [each for each in run.execution.emergency_stops() if each.kind == "daily_loss"][:1]
    assert (stop.bar, stop.breached_bar) == (breached, breached)
    assert breached > 0
    assert any(later < sooner for sooner, later in pairwise(equity))


def test_execution_keeps_the_stops_in_the_order_of_their_bars():
    run = held_through(
        ExecutorSettings(profile=SETTINGS.profile, fee_bps=0, daily_loss_bps=20, drawdown_bps=30)
    )
    stops = Execution.emergency_stops(run.execution)

    assert [each.bar for each in stops] == sorted(each.bar for each in stops)
    assert {each.kind for each in stops} >= {"daily_loss", "drawdown"}
