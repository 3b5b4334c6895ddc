"""Model failure: as many predictions fail as the plan says, where it says, the same ones for one seed."""

from collections import Counter
from math import isnan

import pytest

from hedgecheck import UsageError
from hedgecheck.marketdata.chance import source
from hedgecheck.stress.components.factory import create_components
from hedgecheck.stress.components.failing import failing
from hedgecheck.stress.stressed import ExecutionFailure, ModelFailure, Window
from hedgecheck.values import replace
from tests.unit.stress.component_bars import Desk, account, bar, buy, quote, walk

QUOTES = (quote("A"), quote("B"))


class Says:
    """An engine that says the same at every bar."""

    def __init__(self, *signals):
        self.said = signals

    def signals(self, view, account):
        return list(self.said)


def run(engine, bars):
    return [list(engine.signals(bar(at, *QUOTES), account())) for at in range(bars)]


def kind(made, signal=None):
    signal = signal or buy()
    if not made:
        return "missing"
    (each,) = made
    if isnan(each.confidence):
        return "no number"
    return (
        "sound"
        if each == signal
        else "inverted"
        if each == replace(signal, target=-signal.target)
        else "other"
    )


@pytest.mark.covers("SE-01")
def test_predictions_fail_at_their_rate_in_three_ways_within_the_window_alone():
    engine = failing(Says(buy()), [ModelFailure(Window(100, 3_100), 0.3)], source(1))
    kinds = [kind(each) for each in run(engine, 3_200)]

    assert set(kinds[:100] + kinds[3_100:]) == {"sound"}
    counted = Counter(kinds)
    assert (counted["missing"], counted["inverted"], counted["no number"]) == (
        engine.missing,
        engine.inverted,
        engine.no_number,
    )
    assert engine.predictions == 3_000
    assert 0.27 < engine.failed / 3_000 < 0.33
    assert all(0.25 < counted[each] / engine.failed < 0.42 for each in ("missing", "inverted", "no number"))


@pytest.mark.parametrize(("rate", "failed"), [(0.0, 0), (1.0, 50)])
def test_rate_at_its_ends(rate, failed):
    engine = failing(Says(buy()), [ModelFailure(Window(0, 50), rate)], source(1))
    run(engine, 50)
    assert engine.failed == failed


def test_same_seed_fails_the_same_and_another_does_not():
    first, again, other = (
        run(failing(Says(buy()), [ModelFailure(Window(0, 99), 0.5)], source(seed)), 99) for seed in (1, 1, 2)
    )
    assert list(map(kind, first)) == list(map(kind, again)) != list(map(kind, other))


def test_higher_rate_fails_what_failed_before_and_more():
    less, more = (
        [
            kind(each)
            for each in run(failing(Says(buy()), [ModelFailure(Window(0, 500), rate)], source(1)), 500)
        ]
        for rate in (0.2, 0.6)
    )
    assert all(a in (b, "sound") for a, b in zip(less, more, strict=True))
    assert less != more


def test_opposite_of_leaving_is_to_say_nothing():
    leave = buy(target=0)
    engine = failing(Says(leave), [ModelFailure(Window(0, 200), 1.0)], source(1))
    assert {kind(each, leave) for each in run(engine, 200)} == {"missing", "no number"}
    assert engine.inverted == 0


def test_window_of_a_symbol_is_of_its_signals():
    engine = failing(
        Says(buy("A"), buy("B"), buy("B", hedge="A")), [ModelFailure(Window(0, 50, ("A",)), 1.0)], source(1)
    )
    assert all(each.count(buy("B")) == 1 for each in run(engine, 50))
    assert engine.predictions == engine.failed == 100


def test_overlapping_windows_strike_one_after_another():
    half = [ModelFailure(Window(0, 2_000), 0.5)] * 2
    engine = failing(Says(buy()), half, source(1))
    run(engine, 2_000)
    assert 0.71 < engine.failed / 2_000 < 0.79


def test_other_faults_leave_the_model_alone():
    engine = failing(Says(buy()), [ExecutionFailure(Window(0, 50), 1.0)], source(1))
    assert {kind(each) for each in run(engine, 50)} == {"sound"}


def test_rate_that_is_none_is_refused():
    with pytest.raises(UsageError, match=r"rate is 1\.5"):
        failing(Says(), [ModelFailure(Window(0, 1), 1.5)], source(1))


@pytest.mark.covers("SE-02")
def test_orchestrator_lets_no_prediction_through_that_is_no_number():
    components = create_components()
    engine = failing(components.runtime_engine, [ModelFailure(Window(0, 400), 1.0)], source(3))
    desk = Desk(replace(components, runtime_engine=engine)).run(walk(400, volatility=0.02))

    assert engine.no_number > 20
    assert desk.refused.count("CONFIDENCE_UNUSABLE") == engine.no_number
    assert all(not isnan(each.signal.confidence) for each in desk.orders)
