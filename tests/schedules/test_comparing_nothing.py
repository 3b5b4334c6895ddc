"""Two runs of one test that say nothing of a bot, and differences that cannot be asked for."""

from types import SimpleNamespace

import pytest

import hedgecheck
from hedgecheck import invariants
from hedgecheck.errors import NotApplicable, UsageError
from hedgecheck.simulate.twice import Ran, same_choices
from hedgecheck.simulate.variations import chosen_moment
from tests.schedules.compared import BTC, ETH, SOL, Resting, Trader, anything, restarting, trading


def test_bot_whose_choices_are_its_own_every_time_is_not_judged():
    runs = []

    async def test(sim):
        sim.always(anything)
        runs.append(sim)
        for _ in range(len(runs) % 2):
            await sim.exchange().fetch_balance()
        await sim.process(lambda: Resting(sim.exchange()))
        await sim.sleep(2)

    verdict = hedgecheck.compare(test, vary=invariants.restart_neutral, executions=20)

    assert verdict.verdict == "unknown"
    assert "ask for other choices before anything differs" in verdict.unknown_because


def ran(*made, prefix=0):
    """A run that made these choices."""
    return Ran(None, SimpleNamespace(made=made), prefix)


def test_choice_that_the_second_run_never_comes_to_is_no_evidence():
    struck = (("fault", "1 create_order", 1), 3, 2)
    held = (("hold", "1", 0), 2, 1)

    assert same_choices(ran(struck), ran(struck)) == ""
    assert "'fault' that the other run never comes to" in same_choices(ran(struck), ran(held))
    assert same_choices(ran(struck), ran(), ignored=("fault",)) == ""
    assert "'hold'" in same_choices(ran(held), ran(), ignored=("fault",))
    assert "before anything differs" in same_choices(ran(held), ran(struck, prefix=1))


def test_test_that_orders_nothing_shows_nothing():
    async def test(sim):
        await sim.process(SimpleNamespace)
        await sim.sleep(1)

    verdict = hedgecheck.compare(test, vary="restart", executions=10)

    assert verdict.unknown_because.startswith("no order reached the venue")


@pytest.mark.parametrize(
    "vary", [None, 3, "restrat", (), {}, {BTC: 0}, {BTC: -1}, (BTC, 3), invariants.hedged, lambda sim: None]
)
def test_difference_that_is_none_is_refused(vary):
    with pytest.raises(UsageError, match="says nothing that two runs could differ in"):
        hedgecheck.compare(restarting(Resting), vary=vary)


@pytest.mark.parametrize(
    ("test", "vary", "why"),
    [
        (trading(Trader, BTC), "restart", "sim.process"),
        (trading(Trader, BTC), invariants.non_interference, "No signal that shares no symbol"),
        (trading(Trader, BTC), (SOL,), "No signal on SOL/USDT was delivered"),
    ],
)
def test_test_that_cannot_differ_says_what_it_lacks(test, vary, why):
    with pytest.raises(NotApplicable, match=why):
        hedgecheck.compare(test, vary=vary)


def test_symbols_that_share_a_signal_are_left_out_together():
    async def test(sim):
        bot = Trader(sim.exchange(), sim)
        await sim.deliver(sim.signal(BTC, ETH), bot.trade)

    with pytest.raises(NotApplicable, match="Signals on BTC/USDT also trade ETH/USDT"):
        hedgecheck.compare(test, vary=(BTC,))


def test_shock_of_what_nobody_lists_is_refused():
    with pytest.raises(UsageError, match="lists NOT/USDT"):
        hedgecheck.compare(trading(Trader, BTC), vary={"NOT/USDT": -0.1})


def test_rule_that_compares_is_refused_of_one_run_with_the_way_to_ask_it():
    async def test(sim):
        sim.always(invariants.non_interference)

    with pytest.raises(NotApplicable, match=r"compare\(fn, vary=hedgecheck\.invariants\.non_inter"):
        hedgecheck.check(test)


@pytest.mark.parametrize("count", [1, 2, 7, 200, 1_000])
def test_moments_are_from_the_first_on_and_the_last_is_the_default(count):
    ways = min(count, 200)
    moments = [chosen_moment(value, count) for value in range(ways)]

    assert moments[0] == count - 1
    assert moments[1:2] in ([], [0])
    assert len(set(moments)) == ways
