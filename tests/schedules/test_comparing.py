"""Two runs of one test, alike in every choice but one: what must not differ, and what does."""

import asyncio

import pytest

import hedgecheck
from hedgecheck import faults, invariants
from tests.schedules.compared import (
    BTC,
    ETH,
    SOL,
    Churning,
    Counting,
    Forgetting,
    GivingUp,
    Limiting,
    Pricing,
    Resting,
    Trader,
    anything,
    restarting,
    trading,
)

# ---- restart -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("vary", ["restart", invariants.restart_neutral])
def test_bot_that_forgets_an_open_order_is_falsified(vary):
    test = restarting(Forgetting)

    verdict = hedgecheck.compare(test, vary=vary, executions=60)

    (found,) = verdict.counterexamples
    assert (verdict.verdict, found.invariant, found.name) == ("broken", "I16", "restart_neutral")
    assert "with restart: open orders of BTC/USDT 2 (buy 1 at 40000, buy 1 at 40000)" in found.why
    assert "without: open orders of BTC/USDT 1 (buy 1 at 40000)" in found.why
    assert "is restarted, as it is not in the other run" in found.diagram
    assert "they part here: at t=" in found.diagram
    again = hedgecheck.compare(test, vary=vary, token=found.token)
    assert (again.verdict, again.counterexamples[0].diagram) == ("broken", found.diagram)


def test_money_that_a_restart_costs_is_told_to_the_minor_unit():
    verdict = hedgecheck.compare(restarting(Churning), vary="restart", executions=20, faults=None)

    why = verdict.counterexamples[0].why
    assert "position" not in why
    # 50,000 each way, and 10 bps of it each time: one purchase, or three trades
    assert "with restart: sim USDT 999949850 / without: sim USDT 999949950" in why


@pytest.mark.parametrize("vary", ["restart", invariants.restart_neutral])
def test_bot_that_asks_what_there_is_holds(vary):
    verdict = hedgecheck.compare(restarting(Resting), vary=vary, executions=100)

    assert verdict.verdict == "holds", (verdict.unknown_because, verdict.counterexamples)
    assert verdict.executions % 2 == 0
    assert 0 < verdict.executions <= 100
    rows = {row["id"]: row for row in verdict.invariant_rows()}
    assert rows["I16"]["nonvacuous_checks"] > 0
    assert rows["I05"]["verdict"] == "n/a"


def test_bot_that_forgets_what_is_under_way_breaks_at_an_await_and_not_at_rest():
    class Noting(Resting):
        """Notes that its order rests, once it has heard so."""

        def __init__(self, exchange, folder):
            super().__init__(exchange)
            self.note = folder / "rests"

        async def run(self):
            if not self.note.exists():
                await self.exchange.create_order(BTC, "limit", "buy", 1, 40_000)
                self.note.write_text("yes", encoding="utf-8")

    async def test(sim):
        sim.always(anything)
        await sim.process(lambda: Noting(sim.exchange(), sim.storage("notes")))
        await sim.sleep(4)

    asked = {"executions": 40, "faults": None}
    assert hedgecheck.compare(test, vary=invariants.restart_neutral, **asked).verdict == "holds"
    assert hedgecheck.compare(test, vary="restart", **asked).verdict == "broken"


def test_executions_are_counted_singly():
    verdict = hedgecheck.compare(restarting(Forgetting), vary="restart", executions=60)

    assert verdict.executions == 2 * verdict.counterexamples[0].found_after


def test_rule_that_breaks_with_the_restart_alone_is_told():
    async def test(sim):
        @hedgecheck.invariant(id="one order")
        def one_order(ledger):
            assert len(ledger.orders) <= 1, f"{len(ledger.orders)} orders"

        sim.always(one_order)
        await sim.process(lambda: Forgetting(sim.exchange()))
        await sim.sleep(4)

    verdict = hedgecheck.compare(test, vary="restart", executions=20, faults=None)

    assert "with restart: one order breaks: 2 orders / without: it holds" in verdict.counterexamples[0].why


def test_rule_that_breaks_anyway_is_another_matter():
    async def test(sim):
        sim.always(lambda ledger: not ledger.orders)
        await sim.process(lambda: Forgetting(sim.exchange()))
        await sim.sleep(4)

    verdict = hedgecheck.compare(test, vary="restart", executions=10, faults=None)

    assert verdict.verdict == "unknown"
    assert "break a rule as they are" in verdict.unknown_because


class Repeating(Resting):
    """Buys a little every ten seconds of the clock, for ever."""

    async def run(self):
        while True:
            await asyncio.sleep(10 - asyncio.get_running_loop().time() % 10)
            await self.exchange.create_order(BTC, "market", "buy", 0.1)


@pytest.mark.parametrize("seconds", [7, 10.001])  # at the second something is under way when the test ends
def test_bot_that_goes_on_for_ever_is_held_against_as_long_a_time(seconds):
    test = restarting(Repeating, seconds)

    verdict = hedgecheck.compare(test, vary=invariants.restart_neutral, executions=60, faults=None)

    assert verdict.verdict == "holds", (verdict.unknown_because, verdict.counterexamples)


def test_test_that_ends_sooner_is_held_against_as_long_a_time():
    async def test(sim):
        sim.always(anything)
        bot = Trader(sim.exchange(), sim)
        keeping = Repeating(sim.exchange())
        await keeping.start()

        async def slow(signal):
            await bot.trade(signal)
            await sim.sleep(50)

        await sim.deliver(sim.signal(ETH), slow)
        await sim.deliver(sim.signal(SOL), bot.trade)

    verdict = hedgecheck.compare(test, vary=(ETH,), executions=20, faults=None)

    assert verdict.verdict == "holds", (verdict.unknown_because, verdict.counterexamples)


# ---- non-interference --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Counting, Limiting, GivingUp])
@pytest.mark.parametrize("vary", [invariants.non_interference, (ETH,), ETH])
def test_strategies_that_share_a_counter_are_falsified(kind, vary):
    test = trading(kind, ETH, BTC)

    verdict = hedgecheck.compare(test, vary=vary, executions=200)

    (found,) = verdict.counterexamples
    assert (found.invariant, found.name) == ("I20", "non_interference")
    assert "with the signals on ETH/USDT: there is none / without: market buy 1, closed" in found.why
    assert hedgecheck.compare(test, vary=vary, token=found.token).verdict == "broken"


def test_second_test_without_the_other_strategy_is_held_against_the_first():
    one = trading(Counting, BTC)

    assert hedgecheck.compare(trading(Counting, ETH, BTC), vary=one, executions=20).verdict == "broken"
    assert (
        hedgecheck.compare(trading(Trader, ETH, BTC), vary=trading(Trader, BTC), executions=60).verdict
        == "holds"
    )


def test_price_of_another_symbol_that_decides_is_found():
    verdict = hedgecheck.compare(trading(Pricing, BTC), vary={ETH: -0.2}, executions=60)

    why = verdict.counterexamples[0].why
    assert "without: market buy 1, closed, filled 1 / with a shock of ETH/USDT: market buy 0.5" in why


@pytest.mark.parametrize("vary", [invariants.non_interference, (ETH,), {ETH: -0.2}])
def test_strategies_that_share_nothing_hold(vary):
    verdict = hedgecheck.compare(trading(Trader, ETH, BTC), vary=vary, executions=120)

    assert verdict.verdict == "holds", (verdict.unknown_because, verdict.counterexamples)


def test_fault_that_strikes_what_is_left_out_hinders_no_comparison():
    plan = faults.simultaneous_signals | faults.response_lost

    verdict = hedgecheck.compare(trading(Trader, ETH, BTC), vary=(ETH,), executions=40, faults=plan)

    assert (verdict.verdict, verdict.notes) == ("holds", ())
    assert {row["id"] for row in verdict.fault_rows() if row["spent"]} == {"F01", "F13"}
