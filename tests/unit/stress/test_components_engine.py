"""The bundled strategies: when they want what, by the prices alone, and by no bar that was flagged."""

from math import inf, isclose, log, nan
from statistics import fmean, pstdev

import pytest

from hedgecheck import UsageError
from hedgecheck.stress.components.runtime_engine import PAIR_REVERSION, SMA_CROSS, RollingSum, StrategyEngine
from tests.unit.stress.component_bars import account, bar, holding, quote, walk


def run(engine, prices, symbols=("A",), holdings=()):
    """The signals of each bar."""
    found = []
    for at, each in enumerate(prices):
        quotes = [quote(symbol, price) for symbol, price in zip(symbols, each, strict=True)]
        found.append(list(engine.signals(bar(at, *quotes), account(holdings=holdings))))
    return found


def sma(prices, at, bars):
    return fmean(each[0] for each in prices[at - bars + 1 : at + 1])


@pytest.mark.covers("SE-01")
def test_target_is_the_sign_of_the_gap_of_the_means_at_every_bar():
    prices = walk(400)
    made = run(StrategyEngine(fast=10, slow=30), prices)

    assert all(not each for each in made[:29])
    for at in range(29, 400):
        assert [each.target for each in made[at]] == [1 if sma(prices, at, 10) > sma(prices, at, 30) else -1]
    assert {each[0].target for each in made[29:]} == {1, -1}


@pytest.mark.covers("SE-01")
def test_signals_do_not_know_what_comes_later():
    prices = walk(200, "AB")
    changed = [*prices[:150], *walk(50, "AB", seed=2)]

    first, second = (run(StrategyEngine(), each, "AB") for each in (prices, changed))
    assert first[:150] == second[:150]
    assert first != second


def test_confidence_grows_with_the_gap_and_is_a_share():
    slow, fast = (
        run(StrategyEngine(), walk(60, seed=3, volatility=0.01, trend=trend))[-1][0].confidence
        for trend in (0.003, 0.02)
    )

    assert 0 < slow < fast < 1


def test_without_reversing_it_is_long_or_out():
    prices = walk(400)
    made = [each for each in run(StrategyEngine(reversing=False), prices) if each]
    below = run(StrategyEngine(reversing=False), prices, holdings=(holding(strategy=SMA_CROSS),))

    assert {each[0].target for each in made} == {1}
    assert {each[0].target for each in below if each} == {0}


def test_what_it_holds_is_not_asked_for_again_and_the_opposite_is_left_first():
    rising = [(100 * 1.01**at,) for at in range(60)]

    assert run(StrategyEngine(), rising, holdings=(holding(strategy=SMA_CROSS),))[-1] == []
    assert (
        run(StrategyEngine(), rising, holdings=(holding(strategy=SMA_CROSS, quantity=-1.0),))[-1][0].target
        == 0
    )
    assert run(StrategyEngine(), rising, holdings=(holding(strategy=SMA_CROSS, quantity=0.0),))[-1] == []


def test_what_a_stop_ended_is_not_opened_again_before_the_next_crossing():
    engine = StrategyEngine()
    rising = [(100 * 1.01**at,) for at in range(40)]
    run(engine, rising, holdings=(holding(strategy=SMA_CROSS),))

    stopped = run(engine, [(150.0 * 1.01**at,) for at in range(10)])
    turned = run(engine, [(160 * 0.97**at,) for at in range(40)])
    assert stopped == [[]] * 10
    assert -1 in [each[0].target for each in turned if each]


@pytest.mark.parametrize(
    ("price", "usable"), [(500.0, False), (nan, True), (0.0, True), (-1.0, True), (inf, True)]
)
def test_unusable_bar_is_in_no_window_and_makes_no_signal(price, usable):
    prices = walk(80)
    without = run(StrategyEngine(), prices)
    engine = StrategyEngine()
    before = run(engine, prices[:50])
    flagged = engine.signals(bar(50, quote(price=price, usable=usable)), account())
    after = run(engine, prices[50:])

    assert flagged == []
    assert before + after == without


@pytest.mark.covers("SE-01")
def test_pair_is_traded_against_its_deviation_counted_anew_at_each_bar():
    prices = walk(500, "AB")
    made = run(StrategyEngine(bars=40), prices, "AB")
    ratios = [log(first) - log(second) for first, second in prices]
    pairs = [[each for each in bar if each.strategy == PAIR_REVERSION] for bar in made]

    for at in range(40, 500):
        before = ratios[at - 40 : at]
        away = (ratios[at] - fmean(before)) / pstdev(before)
        expected = [] if abs(away) < 2 else [-1 if away > 0 else 1]
        assert [each.target for each in pairs[at]] == expected
    assert {each.target for found in pairs for each in found} == {1, -1}


def test_pair_is_left_at_its_mean_and_when_it_is_beyond():
    calm = [(100 + at % 2, 100.0) for at in range(60)]
    long = (holding(strategy=PAIR_REVERSION, symbol="A", hedge="B"),)

    def last(price):
        made = run(StrategyEngine(), [*calm, (price, 100.0)], "AB", holdings=long)[-1]
        return [each.target for each in made if each.strategy == PAIR_REVERSION]

    assert last(98.0) == []
    assert last(100.5) == [0]
    assert last(110.0) == [0]


def test_pair_that_was_stopped_waits_for_its_mean():
    engine, far = StrategyEngine(), (97.0, 100.0)
    calm = [(100 + at % 2, 100.0) for at in range(60)]
    run(engine, [*calm, far], "AB", holdings=(holding(strategy=PAIR_REVERSION, hedge="B"),))

    def pair(prices):
        return [each.target for each in engine_signals(prices) if each.strategy == PAIR_REVERSION]

    def engine_signals(prices):
        return run(engine, prices, "AB")[-1]

    assert pair([far]) == []
    assert pair([(100.5, 100.0)]) == []
    assert pair([(80.0, 100.0)]) == [1]


def test_what_has_left_the_windows_is_forgotten():
    prices = walk(300, "AB")
    made = run(StrategyEngine(), [*walk(70, "AB", seed=9), (1e25, 1e-25), *prices], "AB")[71:]
    clean = run(StrategyEngine(), prices, "AB")

    for spiked, usual in zip(made[70:], clean[70:], strict=True):
        assert [(each.symbol, each.target) for each in spiked] == [
            (each.symbol, each.target) for each in usual
        ]
        assert all(isclose(a.confidence, b.confidence) for a, b in zip(spiked, usual, strict=True))


@pytest.mark.parametrize("length", [1, 2, 7])
def test_rolling_sum_is_that_of_the_last_numbers(length):
    rolling, numbers = RollingSum(length), [each[0] for each in walk(50)]
    for at in range(50):
        assert isclose(rolling.added(numbers[at]), sum(numbers[max(0, at + 1 - length) : at + 1]))
        assert rolling.is_full is (at + 1 >= length)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"fast": 30}, "fast 30 is not below slow 30"),
        ({"leave": 2.0}, "leave 2 is not below entry 2"),
        ({"fast": 0}, "fast is 0"),
        ({"reversing": "no"}, "reversing is 'no'. Give true or false"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(numbers, said):
    with pytest.raises(UsageError, match=said):
        StrategyEngine(**numbers)
