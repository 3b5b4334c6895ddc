"""Values that a test draws: chosen by the execution, the same for a token, simple in what is shown."""

import importlib
from random import Random
from time import perf_counter

import pytest
from hypothesis import strategies as st

import hedgecheck
from hedgecheck.simulate import watchdog
from hedgecheck.simulate.choices import Choices, PriorityChanges, StickyRandom
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from tests.schedules.performing import NOTHING, answer_of, anything

BTC = "BTC/USDT"
COUNTS = st.integers(1, 1000)
BOOKS = st.lists(st.integers(1, 9), min_size=1)


def drawing(values, *strategies):
    """A test that draws from each, and notes what it got."""

    async def test(sim):
        sim.always(anything)
        await sim.exchange().create_order(BTC, "market", "buy", 1)
        values.append(tuple(sim.draw(each) for each in strategies))

    return test


def drawn(strategy, number):
    """The value of that number."""
    values = []
    with stage(drawing(values, strategy)) as open_stage:
        outcome = open_stage.perform(Setting(NOTHING), Choices(None, {("draw", "1", 0): number}))
    assert outcome.error is None, outcome.error
    return values[0][0]


def test_plain_execution_draws_the_simplest_value_of_each_strategy():
    strategies = (COUNTS, st.booleans(), st.text(), BOOKS, st.sampled_from(["b", "a"]))

    async def program(sim):
        return [sim.draw(each) for each in strategies]

    assert answer_of(program) == [1, False, "", [1], "b"]


def test_executions_draw_many_values_and_all_of_them_are_the_strategys():
    values = []
    hedgecheck.check(drawing(values, COUNTS), executions=200, faults=None)

    assert len(set(values)) >= 10
    assert all(1 <= each <= 1000 for (each,) in values)


@pytest.mark.parametrize("make", [StickyRandom, PriorityChanges])
def test_every_way_to_search_at_random_draws_any_value(make):
    never = (0.0, 0.0) if make is StickyRandom else (0, 10, 0.0)
    source = make(Random(0), *never)

    assert {source.pick("draw", 16, index) for index in range(200)} == {*range(16)}


def test_a_drawn_list_is_nobody_elses():
    async def program(sim):
        first = sim.draw(BOOKS)
        first.append("mine")
        return sim.draw(BOOKS)

    assert answer_of(program) == [1]


def test_values_are_the_same_whatever_modules_are_loaded(tmp_path, monkeypatch):
    before = [drawn(st.integers(2, 100_002), number) for number in range(16)]
    (tmp_path / "constants_of_a_bot.py").write_text(
        "SIZES = [" + ", ".join(map(str, range(3000, 4000))) + "]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("constants_of_a_bot")
    # Hypothesis looks for constants in modules outside of site-packages; another object asks it anew.
    after = [drawn(st.integers(2, 100_002).filter(bool), number) for number in range(16)]

    assert after == before


def test_values_get_longer_with_their_number():
    lengths = [len(drawn(BOOKS, number)) for number in range(1, 10)]

    assert lengths == sorted(lengths)


@pytest.mark.parametrize("strategy", [1, [1, 2], COUNTS.example, None, st.integers])
def test_what_is_no_strategy_is_refused(strategy):
    async def program(sim):
        sim.draw(strategy)

    with pytest.raises(hedgecheck.UsageError, match="strategy of Hypothesis"):
        answer_of(program)


@pytest.mark.parametrize("strategy", [st.nothing(), st.integers(5, 1)])
def test_strategy_without_a_value_is_refused(strategy):
    async def program(sim):
        sim.draw(strategy)

    with pytest.raises(hedgecheck.UsageError, match=r"sim\.draw"):
        answer_of(program)


# ---- found, shrunk and replayed --------------------------------------------------------------------


def sizing(size):
    """A bot that is told how many to buy, one by one."""

    async def test(sim):
        exchange = sim.exchange()
        wanted, spare = sim.draw(COUNTS), sim.draw(st.booleans())
        sim.always(lambda ledger: ledger.position(BTC) <= wanted)
        await exchange.create_order(BTC, "market", "buy", size(wanted), None, {"spare": spare})

    return test


def test_bot_that_sizes_its_order_wrong_is_found_and_shown_with_a_simple_value():
    verdict = hedgecheck.check(sizing(lambda wanted: wanted if wanted < 10 else wanted + 1), faults=None)
    (found,) = verdict.counterexamples
    shown = [line.split(" draws ")[1].split()[0] for line in found.diagram.splitlines() if " draws " in line]

    assert int(shown[0]) >= 10
    assert len(shown[0]) == 2
    assert shown[1] == "False"
    assert found.actions_shrunk == 0


def test_bot_that_sizes_its_order_right_holds():
    assert hedgecheck.check(sizing(lambda wanted: wanted), faults=None, executions=100).verdict == "holds"


def test_token_draws_the_same_values():
    values = []

    async def test(sim):
        await sizing(lambda wanted: wanted + wanted // 10)(Noting(sim, values))

    (found,) = hedgecheck.check(test, faults=None).counterexamples
    values.clear()
    again = hedgecheck.check(test, faults=None, token=found.token)

    assert again.counterexamples[0].diagram == found.diagram
    assert values[0] > 9
    assert f"draws {values[0]}\n" in found.diagram


class Noting:
    """A sim whose draws are noted."""

    def __init__(self, sim, values):
        self._sim, self._values = sim, values

    def __getattr__(self, name):
        return getattr(self._sim, name)

    def draw(self, strategy):
        self._values.append(self._sim.draw(strategy))
        return self._values[-1]


def test_strategy_may_take_its_time(monkeypatch):
    monkeypatch.setattr(watchdog, "PATIENCE_SECONDS", 0.05)
    looks = []
    monkeypatch.setattr(watchdog, "is_importing", looks.append)

    def slow(value):
        began = perf_counter()
        while perf_counter() - began < 0.3:
            pass
        return value

    async def program(sim):
        return sim.draw(st.just(1).map(slow))

    assert answer_of(program) == 1
    assert not looks
