"""What a bot believes, where its test says so, is held against what is so: at rest, and by a deadline."""

import asyncio
from contextlib import suppress

import ccxt
import pytest

import hedgecheck
from hedgecheck import faults, invariants
from tests.schedules.performing import failure_of

BTC, ETH = "BTC/USDT", "ETH/USDT"
ASKS = 5  # seconds between two looks at the account


class Counting:
    """Counts what it hears of by a stream, and nothing else: what the stream drops it never knows."""

    def __init__(self, exchange):
        self.exchange, self.held, self.open, self.cash = exchange, 0.0, set(), 1e9

    async def listen(self):
        while True:
            try:
                for trade in await self.exchange.watch_my_trades(BTC):
                    self.held += trade["amount"]
            except ccxt.NetworkError:
                continue

    async def trade(self):
        self.listener = asyncio.create_task(self.listen())
        await asyncio.sleep(1)
        await self.exchange.create_order(BTC, "market", "buy", 1)
        await asyncio.sleep(20)


class Reconciling(Counting):
    """Also asks what it holds, again and again."""

    async def trade(self):
        self.asker = asyncio.create_task(self.ask())
        await super().trade()

    async def ask(self):
        while True:
            await asyncio.sleep(ASKS)
            try:
                self.held = (await self.exchange.fetch_balance())["BTC"]["total"]
            except (ccxt.BaseError, KeyError):
                continue


def positions_of(bot, **more):
    async def test(sim):
        mine = bot(sim.exchange())
        sim.believes(lambda: {BTC: mine.held}, **more)
        await mine.trade()

    return test


def test_bot_that_loses_a_fill_is_found():
    verdict = hedgecheck.check(positions_of(Counting), executions=100, faults=faults.event_dropped)

    (found,) = verdict.counterexamples
    assert (found.invariant, found.name) == ("I01", "position_converges")
    assert "believes 0 lots of BTC/USDT, the venue holds 100000" in found.why


def test_bot_that_asks_what_it_holds_is_not_accused():
    plan = faults.event_dropped | faults.duplicated | faults.disconnect
    verdict = hedgecheck.check(positions_of(Reconciling), executions=150, faults=plan)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    rows = {row["id"]: row for row in verdict.invariant_rows()}
    assert rows["I01"]["verdict"] == "holds"
    assert rows["I01"]["nonvacuous_checks"] == 150


def test_beliefs_are_asked_for_anew_where_the_same_happens_again():
    turns = []

    async def test(sim):
        turns.append("")
        held = {BTC: 0.0}
        sim.believes(held)
        await sim.exchange().create_order(BTC, "market", "buy", 1)
        held[BTC] = 1.0 if len(turns) < 3 else 2.0

    verdict = hedgecheck.check(test, executions=10, faults=None)

    (found,) = verdict.counterexamples
    assert (found.invariant, found.found_after) == ("I01", 3)


# ---- without, and beside other rules ---------------------------------------------------------------


async def buys(sim):
    await sim.exchange().create_order(BTC, "market", "buy", 1)


def test_rules_about_beliefs_are_not_applicable_to_a_bot_that_says_nothing():
    rows = {row["id"]: row for row in hedgecheck.check(buys, executions=1).invariant_rows()}

    assert {rows[each]["verdict"] for each in ("I01", "I02", "I13")} == {"n/a"}
    assert "sim.believes(positions)" in rows["I01"]["why"]
    assert "open_orders=" in rows["I02"]["why"]
    assert "equity=" in rows["I13"]["why"]


def test_only_what_is_said_is_judged():
    async def test(sim):
        sim.believes({BTC: 1})
        await buys(sim)

    rows = {row["id"]: row["verdict"] for row in hedgecheck.check(test, executions=1).invariant_rows()}

    assert (rows["I01"], rows["I02"], rows["I13"]) == ("holds", "n/a", "n/a")
    assert rows["I14"] == "holds"  # and the rules that apply by themselves


@pytest.mark.parametrize("rule", [invariants.position_converges, invariants.open_orders_converge])
def test_rule_about_beliefs_that_is_asked_for_without_any_is_not_applicable(rule):
    async def test(sim):
        sim.eventually(rule, within_seconds=5)
        await buys(sim)

    with pytest.raises(hedgecheck.NotApplicable, match=r"sim\.believes"):
        hedgecheck.check(test, executions=1)


def test_belief_may_be_wrong_for_as_long_as_a_deadline_says():
    def late_by(seconds):
        async def test(sim):
            held = {}
            sim.believes(held)
            sim.eventually(invariants.position_converges, within_seconds=10)
            await buys(sim)
            await sim.sleep(seconds)
            held[BTC] = 1
            await sim.sleep(20)

        return failure_of(test)

    assert late_by(5) is None
    assert late_by(15)[0] == "I01"
    assert "more than 10 s" in late_by(15)[1]


# ---- positions -------------------------------------------------------------------------------------


def finding(positions, amount=0.3, **terms):
    """What is found where the bot bought in three parts and says that it holds this."""

    async def test(sim):
        exchange = sim.exchange(**terms)
        sim.believes(positions)
        for _ in range(3):
            await exchange.create_order(BTC, "market", "buy", amount)

    return failure_of(test)


def test_floats_that_do_not_add_up_are_the_same_number_of_lots():
    assert finding({BTC: 1.2 - 0.9}, amount=0.1) is None
    assert finding({BTC: 0.30001}, amount=0.1)[0] == "I01"


@pytest.mark.parametrize("held", [float("nan"), float("inf"), None, "much"])
def test_position_that_is_no_number_is_a_finding(held):
    rule, why = finding({BTC: held})

    assert rule == "I01"
    assert repr(held) in why


def test_bot_that_raises_when_it_is_asked_is_a_finding():
    def positions():
        raise KeyError("BTC")

    assert finding(positions) == ("I01", "asked what it believes, the bot raised KeyError: 'BTC'")


def test_what_a_spot_account_was_opened_with_is_held_too():
    terms = {"account": "spot", "balances": {"USDT": 1_000_000, "BTC": 2}}

    assert finding({BTC: 2.9}, **terms) is None
    assert finding({BTC: 0.9}, **terms)[0] == "I01"


def test_position_is_that_of_all_venues_together():
    async def test(sim):
        one, other = sim.exchange("a"), sim.exchange("b")
        sim.believes({BTC: 0.5})
        await one.create_order(BTC, "market", "buy", 2)
        await other.create_order(BTC, "market", "sell", 1.5)

    assert failure_of(test) is None


async def async_positions():
    return {}


@pytest.mark.parametrize(
    ("positions", "says"),
    [
        ([], "dict of amounts"),
        (lambda: None, "dict of amounts"),
        ({"BTC-USDT": 1}, "lists"),
        (async_positions, "plain function"),
    ],
)
def test_positions_that_are_none_are_refused(positions, says):
    with pytest.raises(hedgecheck.UsageError, match=says):
        finding(positions)


# ---- open orders -----------------------------------------------------------------------------------


def resting(said, wanted=None):
    """What is found where one order rests, one is cancelled, and the bot says that these are open."""

    async def test(sim):
        exchange = sim.exchange()
        open_orders = []
        sim.believes({}, open_orders=lambda: open_orders)
        rests = await exchange.create_order(BTC, "limit", "buy", 1, 40_000, {"clientOrderId": "mine"})
        gone = await exchange.create_order(BTC, "limit", "buy", 1, 41_000)
        await exchange.cancel_order(gone["id"], BTC)
        open_orders.extend(said(rests, gone))

    return failure_of(test)


@pytest.mark.parametrize(
    "said",
    [
        lambda rests, gone: [rests["id"]],
        lambda rests, gone: ["mine"],
        lambda rests, gone: [rests],
        lambda rests, gone: {"mine": rests}.keys(),
    ],
)
def test_bot_that_knows_its_open_order_by_any_of_its_names_is_not_accused(said):
    assert resting(said) is None


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (lambda rests, gone: [], "works order #1, which the engine does not think open"),
        (lambda rests, gone: [rests["id"], gone["id"]], "thinks order #2 open"),
        (lambda rests, gone: ["mine", gone["clientOrderId"]], "thinks order #2 open"),
        (lambda rests, gone: ["mine", "phantom"], "thinks order phantom open"),
    ],
)
def test_ghosts_and_phantoms_are_found(said, why):
    rule, found = resting(said)

    assert rule == "I02"
    assert why in found


def test_order_that_never_arrived_and_is_thought_open_is_found():
    async def test(sim):
        exchange, named = sim.exchange(), {"clientOrderId": "mine"}
        sim.believes({}, open_orders=["mine"])
        with suppress(ccxt.RequestTimeout):
            await exchange.create_order(BTC, "limit", "buy", 1, 40_000, named)

    plan = faults.Plan((faults.response_lost,))
    assert failure_of(test, plan=plan, strikes={("1 create_order", 0): 1}) is None
    assert "thinks order #1 open" in failure_of(test, plan=plan, strikes={("1 create_order", 0): 2})[1]


def test_order_of_an_id_that_was_sent_once_more_in_vain_is_known_by_it():
    async def test(sim):
        exchange, named = sim.exchange(), {"clientOrderId": "mine"}
        sim.believes({}, open_orders=["mine"])
        await exchange.create_order(BTC, "limit", "buy", 1, 40_000, named)
        with suppress(ccxt.InvalidOrder):
            await exchange.create_order(BTC, "limit", "buy", 1, 40_000, named)

    assert failure_of(test) is None


@pytest.mark.parametrize("said", ["mine", 5])
def test_open_orders_that_are_no_collection_are_refused(said):
    async def test(sim):
        sim.believes({BTC: 1}, open_orders=said)
        await buys(sim)

    with pytest.raises(hedgecheck.UsageError, match="list of order ids"):
        failure_of(test)


# ---- equity ----------------------------------------------------------------------------------------


def worth(equity):
    """What is found where the bot bought 1 at 50,000, paid 0.1 % and the price fell by a tenth."""

    async def test(sim):
        sim.believes({BTC: 1}, equity=lambda: equity)
        await buys(sim)
        sim.price(BTC, 45_000)

    return failure_of(test)


def test_equity_counts_what_is_unrealised_and_the_fees():
    assert worth(1e9 - 5_000 - 50) is None
    assert worth(1e9 - 5_000 - 50 + 0.004) is None


@pytest.mark.parametrize("equity", [1e9, 1e9 - 50, 1e9 - 5_000, float("nan"), None])
def test_wrong_equity_is_found(equity):
    rule, why = worth(equity)

    assert rule == "I13"
    assert "equity" in why
