"""The benchmark beside other simulators: the engines on a loop that is not ours, and its own programs."""

import asyncio

import pytest

from benchmarks.rivals import with_asyncio, with_hedgecheck
from benchmarks.rivals.exchange import Borrowed, Timers
from benchmarks.rivals.subjects import DEFECTS, SOUND, Subject
from hedgecheck import faults
from hedgecheck.faults import Plan
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.perform import stage
from hedgecheck.simulate.search import search

NOTHING = Plan(())
RULES = {
    "balance_race": "reserve_kept",
    "blind_retry": "one_intent_one_exposure (I05)",
    "hedge_requested": "hedged (I07)",
    "stale_snapshot3": "within_limit",
    "starvation": "fresh_price",
    "timeout_abandon": "hedged (I07)",
}
ORDERED = ("callbacks_in_order", "gather_starts_in_order")


class Scripted:
    """A chance that says what it is told: the same part of every interval, and the first fault always."""

    def __init__(self, *parts, strikes=False):
        self.parts = list(parts)
        self.is_struck = strikes

    def between(self, low, high):
        return low + (high - low) * self.parts.pop(0)

    def strikes(self, percent):
        return self.is_struck

    def one_of(self, options):
        return 0


@pytest.mark.parametrize(("name", "rule"), RULES.items())
def test_defect_is_found_on_a_borrowed_loop_by_the_rule_that_it_breaks(name, rule):
    found = with_asyncio.search(DEFECTS[name], "seeds", 40, 0)

    assert found.why == f"Accused: {rule}"


@pytest.mark.parametrize("name", ["registers_first", "hands_over", "exit_once"])
def test_correct_engine_is_not_accused_on_a_borrowed_loop(name):
    found = with_asyncio.search(SOUND[name], "seeds", 15, 0)

    assert (found.executions, found.why) == (15, None)


@pytest.mark.parametrize("name", ORDERED)
@pytest.mark.parametrize("tool", [with_hedgecheck, with_asyncio])
def test_program_that_relies_on_the_order_of_asyncio_holds(tool, name):
    found = tool.search(SOUND[name], "", 40, 0)

    assert (found.executions, found.why) == (40, None)


@pytest.mark.parametrize("name", ORDERED)
def test_program_that_relies_on_the_order_of_asyncio_fails_in_another(name):
    with stage(SOUND[name].scenario) as open_stage:
        result = search(open_stage, Setting(NOTHING, shuffled=True), 100, 0)

    assert result.found is not None


def test_same_seeds_give_the_same_executions():
    searches = [with_asyncio.search(DEFECTS["stale_snapshot3"], "seeds", 40, 7) for _ in range(2)]

    assert searches[0] == searches[1]


def test_faults_strike_only_where_the_plan_has_them():
    quiet = Subject("quiet", DEFECTS["blind_retry"].scenario, NOTHING)

    assert with_asyncio.search(quiet, "seeds", 20, 0).why is None


def test_no_more_faults_strike_than_may():
    struck = []

    async def scenario(sim):
        sim.always(lambda ledger: None)
        exchange = sim.exchange()
        for _ in range(6):
            try:
                await exchange.fetch_balance()
            except Exception as error:
                struck.append(type(error).__name__)

    subject = Subject("asks", scenario, Plan((faults.rate_limit,)))
    with asyncio.Runner(loop_factory=with_asyncio.JumpingLoop) as runner:
        runner.run(with_asyncio.Stage(subject).play(Scripted(*[0.5] * 20, strikes=True)))

    assert struck == ["RateLimitExceeded"] * 2


def flat(ledger):
    """Nothing is held."""
    return not ledger.positions


def holding(seconds, *, after_the_end=False, always=False):
    """Buys, and sells after so many seconds."""

    async def scenario(sim):
        if always:
            sim.always(flat)
        else:
            sim.eventually(flat, within_seconds=30)
        exchange = sim.exchange()

        async def sell():
            await asyncio.sleep(seconds)
            await exchange.create_order("BTC/USDT", "market", "sell", 1.0)

        await exchange.create_order("BTC/USDT", "market", "buy", 1.0)
        selling = asyncio.create_task(sell())
        if not after_the_end:
            await selling

    return Subject("holding", scenario, NOTHING)


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        (holding(0, always=True), "Accused: flat"),
        (holding(40), "Accused: flat"),
        (holding(20), None),
        (holding(20, after_the_end=True), None),
        (holding(100, after_the_end=True), "Accused: flat"),
    ],
    ids=["for a moment", "for too long", "not too long", "until after the end", "for long after the end"],
)
def test_rule_is_judged_at_every_arrival_and_when_all_has_come_to_rest(subject, why):
    assert with_asyncio.search(subject, "seeds", 1, 0).why == why


def test_mistake_of_a_test_is_no_accusation():
    async def rule(ledger):
        """A coroutine function, which no rule is."""

    async def scenario(sim):
        sim.always(rule)
        await sim.exchange().fetch_balance()

    found = with_asyncio.search(Subject("mistaken", scenario, NOTHING), "seeds", 1, 0)

    assert found.why.startswith("Unplayable")


@pytest.mark.parametrize(("in_order", "order"), [(False, ["b", "a"]), (True, ["a", "b"])])
def test_arrivals_take_what_is_drawn_and_of_an_ordered_flow_none_overtakes(in_order, order):
    arrived = []

    async def main():
        loop = Borrowed(asyncio.get_running_loop())
        timers = Timers(loop, Scripted(0.9, 0.1), lambda arrive: arrive())
        for name in "ab":
            arrive = lambda name=name: arrived.append((name, round(loop.now, 6)))  # noqa: E731
            timers.add("stream", 1.0, 2.0, arrive, in_order=in_order)
        await asyncio.sleep(3)

    with asyncio.Runner(loop_factory=with_asyncio.JumpingLoop) as runner:
        runner.run(main())

    assert [name for name, _ in arrived] == order
    assert dict(arrived)["a"] == 1.9
