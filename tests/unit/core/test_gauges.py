"""What breakers measure by: marks move with cash, windows with prices, counts with what happened."""

import pytest

from core import gauges
from core.gauges import Gauges, Round
from core.messages import (
    CancelRejected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderRejected,
    OrderReplaced,
    ReplaceRejected,
    RequestOutcomeUnknown,
    SignalId,
)
from core.plan import Trade
from core.settings import DAILY_LOSS, MANUAL, BreakerRule
from tests.unit.core.build import (
    ENTRY,
    FLATTEN_A,
    SIGNAL,
    answered,
    filled,
    opened,
    order_id,
    played,
    settings,
)
from tests.unit.core.build import signal as signaled

OTHER = SignalId("pairs", 2)
THIRD = SignalId("pairs", 3)
COUNTS = Gauges(
    losses=3, rounds=(Round(SIGNAL, -5, True), Round(OTHER, -5, False)), outcomes=(True,), refusals=2
)


def rule(kind, name=None, **rest):
    return BreakerRule(name or kind, kind, 100, **rest)


# ---- what is kept ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("daily_loss", Gauges(opening=70)),
        ("drawdown", Gauges(mark=70)),
        ("consecutive_losses", Gauges(rounds=())),
        ("volatility", Gauges(windows=())),
        ("liquidation_buffer", Gauges()),
        ("correlation", Gauges()),
        ("position_size", Gauges(refusals=0)),
        ("error_rate", Gauges(outcomes=())),
        ("custom", Gauges(metrics=())),
        ("manual", Gauges()),
    ],
)
def test_only_what_a_configured_breaker_needs_is_kept(kind, needed):
    assert gauges.initial(settings(breakers=(rule(kind),)), 70) == needed


def test_the_window_of_a_kind_is_its_rule_s():
    chosen = settings(breakers=(DAILY_LOSS, rule("error_rate", window=7), rule("volatility", window=9)))

    assert gauges.window_of(chosen, "error_rate") == 7
    assert gauges.window_of(chosen, "volatility") == 9
    assert gauges.window_of(chosen, "position_size") == 0


# ---- money -----------------------------------------------------------------------------------------


def test_a_day_begins_with_its_opening_equity_and_no_cash_moved():
    assert gauges.day_begun(Gauges(opening=100, moved=7, mark=120), 90) == Gauges(opening=90, mark=120)


def test_a_day_that_begins_without_a_known_equity_goes_on_as_before():
    before = Gauges(opening=100, moved=7)

    assert gauges.day_begun(before, None) is before


def test_without_a_daily_loss_breaker_a_day_changes_nothing():
    before = Gauges(mark=120)

    assert gauges.day_begun(before, 90) is before


@pytest.mark.parametrize("amount", [50, -50])
def test_cash_moves_the_mark_and_is_remembered_for_the_day(amount):
    before = Gauges(opening=100, moved=1, mark=120)

    assert gauges.cash_moved(before, amount) == Gauges(opening=100, moved=1 + amount, mark=120 + amount)


def test_cash_moves_nothing_that_is_not_kept():
    assert gauges.cash_moved(Gauges(), 50) == Gauges()
    assert gauges.cash_moved(Gauges(opening=100), 50) == Gauges(opening=100, moved=50)
    assert gauges.cash_moved(Gauges(mark=120), 50) == Gauges(mark=170)


# ---- prices and metrics ----------------------------------------------------------------------------


def test_as_many_prices_are_kept_as_the_window_says_and_the_present_one():
    read = Gauges(windows=())
    for price in (1, 2, 3, 4):
        read = gauges.priced(read, "BBB", price, 2)
    read = gauges.priced(read, "AAA", 9, 2)

    assert read.windows == (("AAA", (9,)), ("BBB", (2, 3, 4)))


def test_the_last_value_of_each_metric_is_kept():
    read = gauges.metered(gauges.metered(Gauges(metrics=()), "vix", 40), "lag", None)

    assert read.metrics == (("lag", None), ("vix", 40))
    assert gauges.metered(read, "lag", 3).metrics == (("lag", 3), ("vix", 40))


# ---- refusals and outcomes -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "refusals"),
    [
        ("ORDER_SIZE", 3),
        ("ORDER_NOTIONAL", 3),
        ("POSITION_CAP", 3),
        ("HEAT", 2),
        ("DUPLICATE_SIGNAL", 2),
        ("HALTED", 2),
        (None, 0),
    ],
)
def test_only_refusals_for_size_count_and_an_allowed_signal_ends_the_row(reason, refusals):
    assert gauges.signalled(Gauges(refusals=2), reason) == Gauges(refusals=refusals)


def test_an_allowed_signal_after_no_refusal_changes_nothing():
    before = Gauges(refusals=0)

    assert gauges.signalled(before, None) is before
    assert gauges.signalled(before, "POSITION_CAP") == Gauges(refusals=1)


@pytest.mark.parametrize(
    ("event", "outcomes"),
    [
        (OrderAccepted(ENTRY), (False,)),
        (OrderCanceled(ENTRY, 0), (False,)),
        (OrderReplaced(ENTRY, 10), (False,)),
        (OrderRejected(ENTRY, "no"), (True,)),
        (RequestOutcomeUnknown(ENTRY, "query"), (True,)),
        (answered(ENTRY, "found"), (False,)),
        (answered(ENTRY, "not_found"), (False,)),
        (answered(ENTRY, "failed"), (True,)),
        (answered(ENTRY, "empty"), (True,)),
        (answered(ENTRY, "stale"), ()),
        (filled(ENTRY, 10), ()),
        (OrderExpired(ENTRY, 0), ()),
        (CancelRejected(ENTRY, "late"), ()),
        (ReplaceRejected(ENTRY, "late"), ()),
    ],
)
def test_each_report_is_an_error_or_none_or_no_outcome(event, outcomes):
    assert gauges.answered(Gauges(outcomes=()), event, 3).outcomes == outcomes


def test_the_latest_outcomes_are_kept():
    read = Gauges(outcomes=())
    for event in (OrderRejected(ENTRY, ""), OrderAccepted(ENTRY), OrderAccepted(ENTRY)):
        read = gauges.answered(read, event, 2)

    assert read.outcomes == (False, False)


# ---- rounds ----------------------------------------------------------------------------------------

HOLDING = opened(filled(ENTRY, 1_000))
REJECTED = tuple(OrderRejected(order_id("hedge", attempt), "no") for attempt in (1, 2, 3))
FLAT = played(HOLDING, *REJECTED, filled(FLATTEN_A, 1_000))


def test_a_round_begins_with_the_first_fill():
    waiting = opened()

    assert gauges.traded(Gauges(rounds=()), SIGNAL, 0, (waiting,)) == Gauges(rounds=())
    assert gauges.traded(Gauges(rounds=()), SIGNAL, -100_000, (HOLDING,)) == Gauges(
        rounds=(Round(SIGNAL, -100_000, False),)
    )


def test_a_round_closes_when_its_trade_is_over_and_flat():
    before = Gauges(rounds=(Round(SIGNAL, -100_000, False),))

    assert FLAT.phase == "ended"
    assert gauges.traded(before, SIGNAL, 99_000, (FLAT,)) == Gauges(rounds=(Round(SIGNAL, -1_000, True),))


@pytest.mark.parametrize(("lots", "is_closed"), [(9, True), (10, False), (-9, True), (-10, False)])
def test_dust_closes_a_round_and_an_order_s_worth_does_not(lots, is_closed):
    parked = played(opened(grid_a=(1, 10), grid_b=(1, 10)), filled(ENTRY, 1_000))
    for phase in ("ended", "parked"):
        over = _holding(parked, phase, lots)

        (made,) = gauges.traded(Gauges(rounds=()), SIGNAL, -1, (over,)).rounds

        assert made.is_closed == is_closed


def _holding(trade, phase, lots, signal=SIGNAL):
    return Trade(signal, trade.leg_a, trade.leg_b, trade.protocol, phase=phase, carried_b=lots)


@pytest.mark.parametrize("phase", ["entry", "hedge", "flatten", "exit"])
def test_a_trade_that_runs_is_no_closed_round_even_while_it_is_flat(phase):
    running = _holding(opened(), phase, 0)

    assert gauges.traded(Gauges(rounds=()), SIGNAL, -1, (running,)).rounds == (Round(SIGNAL, -1, False),)


def test_a_late_fill_counts_to_its_own_round_which_closes_anew():
    before = Gauges(rounds=(Round(SIGNAL, -10, True), Round(OTHER, 5, True)))
    trades = (FLAT, _holding(opened(), "ended", 0, OTHER))

    assert gauges.traded(before, SIGNAL, 30, trades).rounds == (
        Round(OTHER, 5, True),
        Round(SIGNAL, 20, True),
    )
    assert gauges.traded(before, SIGNAL, 0, trades).rounds == before.rounds


def test_a_round_whose_trade_left_is_counted_in():
    before = Gauges(losses=2, rounds=(Round(SIGNAL, -10, True),))

    assert gauges.traded(before, SIGNAL, 0, ()) == Gauges(losses=3, rounds=())


def test_a_round_that_is_only_held_as_dust_is_counted_in():
    held = _holding(opened(), "held", 0)

    assert gauges.traded(Gauges(rounds=()), SIGNAL, -10, (held,)) == Gauges(losses=1, rounds=())


def test_a_held_position_keeps_its_round_open():
    held = _holding(opened(), "held", 5)

    assert gauges.traded(Gauges(rounds=()), SIGNAL, -10, (held,)).rounds == (Round(SIGNAL, -10, False),)


def test_a_later_round_waits_until_the_ones_before_it_are_certain():
    before = Gauges(rounds=(Round(SIGNAL, -10, True), Round(OTHER, 0, False), Round(THIRD, -10, True)))

    waits = gauges.traded(before, THIRD, 0, (FLAT, _holding(opened(), "held", 5)))
    done = gauges.traded(waits, SIGNAL, 0, ())

    assert waits == before
    assert done == Gauges(losses=2, rounds=(Round(OTHER, 0, False),))


@pytest.mark.covers("EM-08")
@pytest.mark.parametrize(
    ("results", "losses"),
    [
        ((), 2),
        ((-1,), 3),
        ((-1, -1), 4),
        ((-1, 0, -1), 4),
        ((0,), 2),
        ((1,), 0),
        ((-1, 1, -1), 1),
    ],
)
def test_a_loss_adds_a_profit_clears_and_nothing_does_neither(results, losses):
    rounds = tuple(Round(SignalId("pairs", n), profit, True) for n, profit in enumerate(results))

    assert gauges.losses_in_row(Gauges(losses=2, rounds=rounds)) == losses


def test_an_open_round_neither_adds_nor_clears():
    assert gauges.losses_in_row(Gauges(losses=2, rounds=(Round(SIGNAL, 50, False),))) == 2
    assert gauges.losses_in_row(Gauges(losses=2, rounds=(Round(SIGNAL, -50, False),))) == 2
    assert gauges.losses_in_row(Gauges()) == 0


# ---- resets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "after"),
    [
        ("consecutive_losses", Gauges(rounds=(Round(OTHER, -5, False),), outcomes=(True,), refusals=2)),
        ("error_rate", Gauges(losses=3, rounds=COUNTS.rounds, outcomes=(), refusals=2)),
        ("position_size", Gauges(losses=3, rounds=COUNTS.rounds, outcomes=(True,), refusals=0)),
        ("volatility", COUNTS),
        ("daily_loss", COUNTS),
    ],
)
def test_what_counts_the_past_starts_from_zero(kind, after):
    assert gauges.forgotten(COUNTS, kind) == after
    if kind != "volatility":
        assert gauges.restarted(COUNTS, kind) == after


def test_a_person_s_reset_starts_the_windows_with_the_present_prices():
    before = Gauges(windows=(("AAA", (1, 2, 3)), ("BBB", (7,))), mark=120)

    assert gauges.restarted(before, "volatility") == Gauges(windows=(("AAA", (3,)), ("BBB", (7,))), mark=120)
    assert gauges.forgotten(before, "volatility") is before


def test_no_reset_moves_a_mark():
    before = Gauges(opening=100, moved=5, mark=120, metrics=(("vix", 40),))

    for each in (DAILY_LOSS, MANUAL, rule("drawdown"), rule("custom", "vix")):
        assert gauges.restarted(before, each.kind) is before


def test_a_signal_is_no_report():
    assert gauges.answered(Gauges(outcomes=()), signaled(), 3).outcomes == ()
