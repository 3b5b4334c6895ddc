"""The policy: set by regime, kept in memory or in a file."""

import json
from math import nan

import pytest

from hedgecheck import UsageError
from hedgecheck.stress.components.msc import Regime, RegimeController
from hedgecheck.stress.components.policy_store import FilePolicyStore, MemoryPolicyStore, checked, policy_in
from hedgecheck.stress.components.protocols import Policy
from hedgecheck.values import replace
from tests.unit.stress.component_bars import CASH, POLICY, account, bar, quote, walk


class Course:
    """A controller and the policy it set, bar by bar."""

    def __init__(self, **numbers):
        numbers = {"drawdown": (0.05, 0.1), **numbers}
        self.controller, self.now, self.at = RegimeController(**numbers), POLICY, 0
        self.price = 100.0
        self.regimes = []

    def bar(self, price, spread_bps=2.0, usable=True, **changes):
        view = bar(self.at, quote(price=price, spread_bps=spread_bps, usable=usable))
        self.now = self.controller.policy(self.now, view, account(**changes))
        self.at += 1
        return self.controller.regime

    def walk(self, bars, volatility=0.01, seed=1, **changes):
        start = self.price
        for (price,) in walk(bars, volatility=volatility, seed=seed):
            self.price = start * price / 100.0
            self.regimes.append(self.bar(self.price, **changes))
        return self.regimes[-bars:]


@pytest.mark.covers("SE-06")
def test_usual_market_leaves_the_policy_alone():
    course = Course()
    assert set(course.walk(1_000)) == {Regime.NORMAL}
    assert course.now is POLICY


@pytest.mark.covers("SE-06")
def test_volatility_raises_the_regime_and_calm_lowers_it_slowly():
    course = Course()
    course.walk(300)
    rough = course.walk(30, volatility=0.08, seed=2)
    assert rough[-1] is Regime.DEFENSIVE
    assert course.now == replace(POLICY, risk=0.2, gross_bps=1_600, confidence_min=0.75)
    calm = course.walk(400, seed=3)
    first = calm.index(Regime.CAUTIOUS)
    assert 20 <= first < calm.index(Regime.NORMAL) - 19
    assert calm[-1] is Regime.NORMAL
    assert course.now == POLICY


@pytest.mark.covers("SE-06")
@pytest.mark.parametrize(("spread", "regime"), [(5.0, 0), (6.5, 1), (17.0, 2)])
def test_spread_raises_the_regime(spread, regime):
    course = Course()
    course.walk(300)
    assert course.bar(course.price, spread_bps=spread) == regime


@pytest.mark.covers("SE-06")
@pytest.mark.parametrize(
    ("lost", "regime", "risk"), [(0.04, 0, 1.0), (0.06, 1, 0.5), (0.11, 2, 0.2), (nan, 2, 0.2)]
)
def test_drawdown_raises_the_regime(lost, regime, risk):
    course = Course()
    assert course.bar(100.0, equity=CASH * (1 - lost), peak=CASH) == regime
    assert course.now.risk == risk


def test_regime_does_not_flutter_at_its_limit():
    course = Course(calm_bars=5)
    regimes = [course.bar(100.0, equity=CASH * (0.949 if at % 2 else 0.951), peak=CASH) for at in range(60)]
    assert set(regimes[1:]) == {Regime.CAUTIOUS}


def test_calm_must_last():
    course = Course(calm_bars=5)
    course.bar(100.0, equity=94_000.0)
    calm = [course.bar(100.0) for _ in range(4)]
    course.bar(100.0, equity=95_500.0)
    again = [course.bar(100.0) for _ in range(5)]
    assert calm + again == [Regime.CAUTIOUS] * 8 + [Regime.NORMAL]


def test_policy_that_somebody_else_sets_is_the_new_base():
    course = Course()
    course.bar(100.0, equity=94_000.0)
    course.now = Policy(risk=0.8, gross_bps=4_000)
    course.bar(100.0, equity=94_000.0)
    assert (course.now.risk, course.now.gross_bps) == (0.4, 2_000)
    for _ in range(20):
        course.bar(100.0)
    assert course.now == Policy(risk=0.8, gross_bps=4_000)


def test_flagged_bar_measures_nothing():
    course = Course()
    course.walk(300)
    assert course.bar(1e9, spread_bps=1e6, usable=False) is Regime.NORMAL
    assert course.bar(nan) is Regime.NORMAL
    assert set(course.walk(5, seed=1)) == {Regime.NORMAL}


@pytest.mark.parametrize(
    "numbers",
    [{"spread": 3.0}, {"risk": (0.5,)}, {"volatility": (nan, 1.0)}, {"calm_bars": 0}, {"slow_bars": 20}],
)
def test_controller_of_senseless_numbers_is_refused(numbers):
    with pytest.raises(UsageError, match=next(iter(numbers))):
        RegimeController(**numbers)


@pytest.mark.covers("SE-07")
def test_store_keeps_what_was_saved_last(tmp_path):
    other = Policy(risk=0.25, short_allowed=False)
    for store in (MemoryPolicyStore(), FilePolicyStore(tmp_path / "policy.json")):
        assert store.load() == Policy()
        store.save(other)
        assert store.load() == other


@pytest.mark.covers("SE-07")
def test_file_keeps_the_policy_for_the_next_process(tmp_path):
    path = tmp_path / "policy.json"
    FilePolicyStore(path).save(Policy(risk=0.25, stop_bps=300))

    assert FilePolicyStore(path).load() == Policy(risk=0.25, stop_bps=300)
    assert json.loads(path.read_text())["stop_bps"] == 300
    assert [each.name for each in tmp_path.iterdir()] == ["policy.json"]


def test_file_that_cannot_be_written_is_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "policy.json"
    FilePolicyStore(path).save(Policy(risk=0.25))
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    store = FilePolicyStore(path)
    with pytest.raises(UsageError, match=r"cannot be stored in .*policy\.json: disk full"):
        store.save(Policy())

    assert policy_in(path) == store.load() == Policy(risk=0.25)
    assert [each.name for each in tmp_path.iterdir()] == ["policy.json"]


@pytest.mark.covers("SE-07")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"risk": 0.5', "cannot be read"),
        ("[1]", "holds a list"),
        ('{"rsk": 0.5}', "has no rsk. It has risk, confidence_min"),
        ('{"risk": NaN}', "is damaged: risk is nan"),
        ('{"risk": "1"}', "is damaged: risk is '1'"),
        ('{"short_allowed": 1}', "short_allowed is 1. Give true or false"),
    ],
)
def test_damaged_file_is_told_and_never_taken_for_none(tmp_path, text, said):
    path = tmp_path / "policy.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=said) as error:
        FilePolicyStore(path).load()
    assert str(path) in str(error.value)


def test_file_of_some_fields_has_the_usual_others(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text('{"stop_bps": 200}')
    assert FilePolicyStore(path).load() == Policy(stop_bps=200)


@pytest.mark.parametrize(
    "changes",
    [
        {"risk": -0.1},
        {"confidence_min": 1.1},
        {"positions_max": 1.5},
        {"position_bps": -1},
        {"gross_bps": nan},
        {"stop_bps": 0},
        {"stop_bps": 10_000},
    ],
)
def test_policy_that_makes_no_sense_is_refused(changes):
    with pytest.raises(UsageError, match=next(iter(changes))):
        checked(Policy(**changes))
    with pytest.raises(UsageError, match=next(iter(changes))):
        MemoryPolicyStore(Policy(**changes))
