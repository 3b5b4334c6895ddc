"""Two runs of one test, alike in every choice but one: what must not differ, what does, and what says
nothing."""

import asyncio
from types import SimpleNamespace

import ccxt
import pytest

import hedgecheck
from hedgecheck import faults, invariants
from hedgecheck.errors import NotApplicable, UsageError
from hedgecheck.simulate.twice import Ran, same_choices
from hedgecheck.simulate.variations import chosen_moment

BTC, ETH, SOL = "BTC/USDT", "ETH/USDT", "SOL/USDT"


def anything(ledger):
    """A rule that holds."""


class Resting:
    """Wants one order to rest, and looks at what there is first."""

    def __init__(self, exchange):
        self.exchange = exchange

    async def start(self):
        self.task = asyncio.create_task(self.run())

    async def run(self):
        while True:
            try:
                if not await self.exchange.fetch_open_orders(BTC):
                    await self.exchange.create_order(BTC, "limit", "buy", 1, 10_000, {"clientOrderId": "it"})
            except ccxt.BaseError:
                pass
            await asyncio.sleep(3)


class Forgetting(Resting):
    """Remembers that its order rests, for as long as it lives."""

    async def run(self):
        try:
            await self.exchange.create_order(BTC, "limit", "buy", 1, 40_000)
        except ccxt.BaseError:
            return


class Churning(Resting):
    """Sells what it finds when it comes up, and buys it again: what it holds is the same."""

    async def run(self):
        held = (await self.exchange.fetch_balance())["total"].get("BTC", 0.0)
        if held:
            await self.exchange.create_order(BTC, "market", "sell", held)
        await self.exchange.create_order(BTC, "market", "buy", 1)


def restarting(kind, seconds=4):
    """A test of a bot as a process."""

    async def test(sim):
        sim.always(anything)
        await sim.process(lambda: kind(sim.exchange()))
        await sim.sleep(seconds)

    return test


class Trader:
    """Trades what a signal says, and knows nothing of other signals."""

    def __init__(self, exchange, sim):
        self.exchange, self.sim, self.count, self.latest = exchange, sim, 0, -1e9

    async def trade(self, signal):
        try:
            await self.exchange.create_order(signal.pair_x, "market", signal.side_x, signal.amount_x)
        except ccxt.BaseError:
            return False
        return True


class Counting(Trader):
    """Makes one trade in all."""

    async def trade(self, signal):
        self.count += 1
        return self.count <= 1 and await super().trade(signal)


class Limiting(Trader):
    """Sends one order in ten seconds, whoever wants it, and drops the rest."""

    async def trade(self, signal):
        if self.sim.now() - self.latest < 10:
            return False
        self.latest = self.sim.now()
        return await super().trade(signal)


class GivingUp(Trader):
    """Stops everything when anything goes wrong."""

    async def trade(self, signal):
        if self.count:
            return False
        done = await super().trade(signal)
        self.count += not done
        return done


class Pricing(Trader):
    """Buys less where the other symbol has fallen."""

    async def trade(self, signal):
        amount = 1
        try:
            await asyncio.sleep(1)
            amount = 1 if (await self.exchange.fetch_ticker(ETH))["last"] > 2_900 else 0.5
            await self.exchange.create_order(signal.pair_x, "market", "buy", amount)
        except ccxt.BaseError:
            return False
        return True


def trading(kind, *symbols):
    """A test of a bot that is told to trade these, one after the other."""

    async def test(sim):
        sim.always(anything)
        bot = kind(sim.exchange(), sim)
        for symbol in symbols:
            await sim.deliver(sim.signal(symbol), bot.trade)

    return test


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


# ---- what says nothing -------------------------------------------------------------------------------


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
