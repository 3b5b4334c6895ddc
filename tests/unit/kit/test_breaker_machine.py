"""The machine for a user's breaker: right breakers pass, each wrong one is caught by the rule that it
breaks."""

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from hedgecheck.errors import UsageError
from hedgecheck.machines import BreakerMachine, BreakerTerms, EquityMarked, SessionDayBegan, TradeClosed, st
from hedgecheck.machines.trips import Recount, equity_at, recounted, reset, settled, tripped
from tests.unit.kit import breakers

SETTING = hypothesis.settings(
    max_examples=60,
    stateful_step_count=30,
    phases=(hypothesis.Phase.generate,),  # what is found is not made small here
    deadline=None,
    database=None,
    derandomize=True,
)
DAILY, DRAWDOWN = BreakerTerms("daily_loss", 333), BreakerTerms("drawdown", 500)
ROW = BreakerTerms("consecutive_losses", 3)
EVERY = (DAILY, DRAWDOWN, ROW)


def machine(kind, stated=DAILY):
    """The machine for a breaker."""

    class Machine(BreakerMachine):
        terms = stated
        breaker = kind()

        def fresh(self, terms):
            return self.breaker.fresh(terms)

        def on(self, state, event):
            return self.breaker.on(state, event)

        def is_tripped(self, state):
            return self.breaker.is_tripped(state)

        def allows(self, state, order_kind):
            return self.breaker.allows(state, order_kind)

        def code(self, state):
            return self.breaker.code(state)

        def restarted(self, state):
            return self.breaker.restarted(state)

    return Machine


def tried(kind, stated=DAILY, setting=SETTING):
    """Runs the machine for a breaker."""
    run_state_machine_as_test(machine(kind, stated), settings=setting)


@pytest.mark.parametrize("stated", EVERY, ids=lambda terms: terms.measure)
@pytest.mark.parametrize("kind", [breakers.Breaker, breakers.KeepsItsBase, breakers.SleepsWhileTripped])
def test_right_breaker_passes(kind, stated):
    tried(kind, stated)


@pytest.mark.parametrize(
    ("kind", "stated", "rule"),
    [
        (breakers.TripsBeyondItsLevel, DRAWDOWN, "trips_at_its_level: .* has not tripped"),
        (breakers.TripsEarly, DAILY, "trips_at_its_level: .* has tripped"),
        (breakers.CountsTheDay, DRAWDOWN, "trips_at_its_level: .* has not tripped"),
        (breakers.RecoversByItself, DAILY, "halt_is_halt: EquityMarked"),
        (breakers.CoolsDown, ROW, "halt_is_halt: TimePassed"),
        (breakers.StartsAfreshEachDay, DRAWDOWN, "halt_is_halt: SessionDayBegan"),
        (breakers.LetsEntriesThrough, DAILY, "halt_is_halt: .* an entry may be sent"),
        (breakers.StopsExitsToo, DAILY, "exits_pass"),
        (breakers.TakesNoPriceForRecovery, DRAWDOWN, "trips_at_its_level: .* has not tripped"),
        (breakers.TakesNoResultForAProfit, ROW, "trips_at_its_level: .* has not tripped"),
        (breakers.ForgetsAtARestart, DAILY, "restart_neutral"),
        (breakers.ForgetsWhatItMeasures, ROW, "trips_at_its_level: .* has not tripped"),
        (breakers.HasOneCode, DAILY, "reset_code: .* is used"),
        (breakers.TakesAnyCode, DAILY, "reset_code: .* is (made up|used)"),
        (breakers.CannotBeReset, DAILY, "reset_code: .* stays tripped"),
        (breakers.StartsTripped, DAILY, "of_use"),
        (breakers.WritesOver, DAILY, "one_answer"),
    ],
)
def test_wrong_breaker_is_caught(kind, stated, rule):
    with pytest.raises(AssertionError, match=f"^{rule}"):
        tried(kind, stated, hypothesis.settings(SETTING, max_examples=600))


@pytest.mark.parametrize("method", ["fresh", "on", "is_tripped", "allows"])
def test_machine_without_a_method_says_what_to_write(method):
    incomplete = machine(breakers.Breaker)
    setattr(incomplete, method, getattr(BreakerMachine, method))

    with pytest.raises(UsageError, match=rf"Machine has no {method}\. Write def {method}\(self"):
        run_state_machine_as_test(incomplete, settings=SETTING)


@pytest.mark.parametrize(
    "stated", [BreakerTerms("volatility", 5), BreakerTerms("drawdown", 0), BreakerTerms("drawdown", 0.05)]
)
def test_terms_that_make_no_sense_are_refused(stated):
    with pytest.raises(UsageError, match="name a measure and its level"):
        machine(breakers.Breaker, stated)()


# ---- the recount -----------------------------------------------------------------------------------


def after(terms, *events, found=None):
    found = found or Recount()
    for number, (kind, value) in enumerate(events):
        found = recounted(found, terms, kind(number, value))
    return found


@pytest.mark.parametrize("base", [1_000_000, 999_999, 7])
def test_level_is_reached_at_it_and_not_a_minor_unit_before(base):
    at = equity_at(base, DAILY)

    assert after(DAILY, (EquityMarked, base), (EquityMarked, at)).must_trip(DAILY)
    assert not after(DAILY, (EquityMarked, base), (EquityMarked, at + 1)).may_trip(DAILY)


def test_drawdown_is_measured_from_the_peak_and_a_daily_loss_from_the_morning():
    path = ((EquityMarked, 1_000), (EquityMarked, 2_000), (SessionDayBegan, 1_500))

    assert (after(DRAWDOWN, *path).low, after(DRAWDOWN, *path).high) == (2_000, 2_000)
    assert (after(DAILY, *path).low, after(DAILY, *path).high) == (1_500, 1_500)


def test_what_is_unusable_ends_no_row_of_losses():
    found = after(ROW, (TradeClosed, -1), (TradeClosed, None), (TradeClosed, -1), (TradeClosed, -1))

    assert found.must_trip(ROW)


def test_what_a_reset_leaves_open_is_open():
    found = reset(tripped(after(DRAWDOWN, (EquityMarked, 1_000), (EquityMarked, 900))), DRAWDOWN)
    found = settled(after(DRAWDOWN, (EquityMarked, 950), found=found))

    assert (found.low, found.high) == (900, 1_000)
    assert found.may_trip(DRAWDOWN)
    assert not found.must_trip(DRAWDOWN)


# ---- strategies ------------------------------------------------------------------------------------


@hypothesis.settings(SETTING)
@hypothesis.given(st.equity_paths(1_000, largest_bps=100, marks_max=5))
def test_path_of_equity_goes_in_steps_of_what_is_allowed(path):
    steps = zip((1_000, *path), path, strict=False)

    assert 1 <= len(path) <= 5
    assert all(abs(now - was) * 100 <= was + 100 for was, now in steps)
