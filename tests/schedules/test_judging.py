"""What a bot is held to: rules that apply by themselves, rules of the test's own, and what is no finding."""

import asyncio
import itertools

import ccxt
import numpy
import pytest

import hedgecheck
from hedgecheck import invariants
from tests.schedules.performing import EVERYTHING, failure_of

BTC, ETH = "BTC/USDT", "ETH/USDT"
BASE = {"no_blind_resend", "sane_orders", "no_self_cross", "live"}


def judged(test, executions=20, faults=None, **how):
    return hedgecheck.check(test, executions=executions, faults=faults, **how)


async def buy(exchange, signal):
    """One leg, and that is all."""
    await exchange.create_order(signal.pair_x, "market", signal.side_x, signal.amount_x)
    return True


async def trade_pair(exchange, signal):
    await buy(exchange, signal)
    await exchange.create_order(signal.pair_y, "market", signal.side_y, signal.amount_y)
    return True


# ---- the rules that apply by themselves ----------------------------------------------------------


async def without_intent(sim):
    await sim.exchange().create_order(BTC, "market", "buy", 1)


async def with_one_leg(sim):
    exchange = sim.exchange()
    await sim.deliver(sim.signal(BTC, None, 1), lambda signal: buy(exchange, signal))


async def with_two_legs(sim):
    exchange = sim.exchange()
    await sim.deliver(sim.signal(BTC, ETH, 1), lambda signal: trade_pair(exchange, signal))


@pytest.mark.parametrize(
    ("test", "rules"),
    [
        (without_intent, BASE),
        (with_one_leg, BASE | {"one_intent_one_exposure", "exits_only_reduce"}),
        (with_two_legs, BASE | {"one_intent_one_exposure", "exits_only_reduce", "hedged"}),
    ],
)
def test_rules_follow_from_what_the_test_declares(test, rules):
    verdict = judged(test)

    assert verdict.verdict == "holds"
    assert {name for _, name in verdict.asked} == rules
    for row in verdict.invariant_rows():
        assert row["verdict"] in ("holds", "n/a")
        assert (row["why"] == "") == (row["verdict"] == "holds")
        assert row["verdict"] == "n/a" or row["name"] in rules


def test_rules_that_are_named_stand_alone_but_for_live():
    async def test(sim):
        sim.always(invariants.sane_orders)
        await without_intent(sim)

    assert {name for _, name in judged(test).asked} == {"sane_orders", "live"}


def test_bot_that_decides_for_itself_may_trade_a_lot():
    async def test(sim):
        exchange = sim.exchange()
        for side, _ in itertools.product(("buy", "buy", "sell"), range(20)):
            await exchange.create_order(BTC, "market", side, 1)

    assert judged(test, executions=3).verdict == "holds"


def test_exit_that_is_sold_twice_is_caught():
    async def test(sim):
        exchange = sim.exchange()
        await sim.deliver(sim.signal(BTC, None, 1), lambda signal: buy(exchange, signal))
        leave = sim.signal(BTC, None, 1, side_x="sell", reduces=True)
        await sim.deliver(leave, lambda signal: buy(exchange, signal), times=2)

    assert failure_of(test)[0] == "I05"


def test_exit_that_is_sold_once_is_fine():
    async def test(sim):
        exchange = sim.exchange()
        await sim.deliver(sim.signal(BTC, None, 1), lambda signal: buy(exchange, signal))
        leave = sim.signal(BTC, None, 1, side_x="sell", reduces=True)
        await sim.deliver(leave, lambda signal: buy(exchange, signal))

    assert failure_of(test) is None


def test_one_leg_of_two_is_not_hedged():
    async def test(sim):
        exchange = sim.exchange()
        await sim.deliver(sim.signal(BTC, ETH, 1), lambda signal: buy(exchange, signal))

    assert failure_of(test)[0] == "I07"


def test_blind_resend_is_caught_without_any_intent():
    async def test(sim):
        exchange = sim.exchange()
        try:
            await exchange.create_order(BTC, "market", "buy", 1)
        except ccxt.RequestTimeout:
            await exchange.create_order(BTC, "market", "buy", 1)

    verdict = judged(test, executions=100, faults=hedgecheck.faults.response_lost)

    assert [each.invariant for each in verdict.counterexamples] == ["no_blind_resend"]


@pytest.mark.parametrize("asks", ["fetch_open_orders", "fetch_my_trades", "fetch_order", "cancel_all_orders"])
def test_resend_after_asking_is_judged_by_what_the_answer_shows(asks):
    async def test(sim):
        exchange, named = sim.exchange(), {"clientOrderId": "mine"}
        try:
            await exchange.create_order(BTC, "limit", "buy", 1, 40_000, named)
        except ccxt.RequestTimeout:
            if asks == "fetch_order":
                await exchange.fetch_order(None, BTC, named)
            else:
                await getattr(exchange, asks)(BTC)
            await exchange.create_order(BTC, "limit", "buy", 1, 40_000)

    assert failure_of(test, plan=EVERYTHING, strikes={("1 create_order", 0): 1}) is None


def test_own_orders_that_cross_are_caught():
    async def test(sim):
        one, other = sim.exchange("a"), sim.exchange("a")
        await one.create_order(BTC, "limit", "buy", 1, 49_000)
        await other.create_order(BTC, "limit", "sell", 1, ask)

    ask = 49_100
    assert failure_of(test) is None

    ask = 48_900
    assert failure_of(test)[0] == "I19"


# ---- nothing happened, nothing shown ---------------------------------------------------------------


def test_bot_that_places_no_order_is_nothing_happened():
    @hedgecheck.verify(executions=5, faults=None)
    async def test(sim):
        await sim.exchange().fetch_ticker(BTC)

    with pytest.raises(hedgecheck.NothingHappened, match="no order reached the venue"):
        test()


def test_run_that_had_under_a_tenth_of_its_budget_is_unproven():
    @hedgecheck.verify(executions=100_000, budget_seconds=0.05, faults=None)
    async def test(sim):
        await sim.exchange().create_order(BTC, "market", "buy", 1)

    with pytest.raises(hedgecheck.Unproven, match="under a tenth"):
        test()


def test_bot_that_remembers_other_executions_is_unproven():
    calls = itertools.count()

    async def test(sim):
        exchange = sim.exchange()
        sim.always(lambda ledger: len(ledger.orders) < 3)
        for _ in range(1 + next(calls) % 4):
            await exchange.create_order(BTC, "market", "buy", 1)

    verdict = judged(test)

    assert verdict.verdict == "unknown"
    assert "one choice sequence gave two traces: at t=" in verdict.unknown_because
    assert "state that one execution leaves for the next" in verdict.unknown_because
    assert verdict.counterexamples == ()


# ---- rules of the test's own -----------------------------------------------------------------------


def never(ledger):
    return False


def refuses(ledger):
    if ledger.orders:
        raise AssertionError("there is an order")


def with_rule(rule):
    async def test(sim):
        sim.always(rule)
        await sim.exchange().create_order(BTC, "market", "buy", 1)

    return test


@pytest.mark.parametrize(
    ("rule", "finding"),
    [
        (never, ("never", "it is False")),
        (refuses, ("refuses", "there is an order")),
        (lambda ledger: None, None),
        (lambda ledger: True, None),
        (lambda ledger: numpy.bool_(True), None),
        (lambda ledger: numpy.bool_(False), ("rule", "it is False")),
    ],
)
def test_function_is_broken_by_false_and_by_assertions_alone(rule, finding):
    assert failure_of(with_rule(rule)) == finding


@pytest.mark.parametrize("answer", [0, 1, [], "no"])
def test_answer_that_is_neither_true_nor_false_is_refused(answer):
    with pytest.raises(hedgecheck.UsageError, match="answers False or raises"):
        judged(with_rule(lambda ledger: answer))


@pytest.mark.parametrize("rule", ["hedged", invariants.OneIntentOneExposure, None])
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(hedgecheck.UsageError, match="is no rule"):
        judged(with_rule(rule))


def test_coroutine_is_no_rule():
    async def rule(ledger):
        return True

    with pytest.raises(hedgecheck.UsageError, match="plain function"):
        judged(with_rule(rule))


@pytest.mark.parametrize("rule", [invariants.hedged])
def test_deadline_rule_is_not_for_always(rule):
    with pytest.raises(hedgecheck.NotApplicable, match="eventually"):
        judged(with_rule(rule))


def holds_by(seconds_until, within_seconds):
    """A rule that holds once an order is there, which comes late."""

    async def test(sim):
        exchange = sim.exchange()
        sim.eventually(lambda ledger: bool(ledger.orders), within_seconds=within_seconds)
        await sim.sleep(seconds_until)
        await exchange.create_order(BTC, "market", "buy", 1)

    return test


def test_eventually_gives_a_rule_its_time_and_no_more():
    assert failure_of(holds_by(9, within_seconds=10)) is None
    assert "more than 10 s" in failure_of(holds_by(12, within_seconds=10))[1]


def test_eventually_counts_from_the_last_fault():
    async def test(sim):
        exchange = sim.exchange()
        sim.eventually(lambda ledger: bool(ledger.orders), within_seconds=10)
        await sim.sleep(8)
        try:
            await exchange.fetch_ticker(BTC)
        except ccxt.NetworkError:
            await exchange.create_order(BTC, "market", "buy", 1)  # at 18 s, ten after the fault
        else:
            await sim.sleep(10)
            await exchange.create_order(BTC, "market", "buy", 1)

    assert failure_of(test, plan=EVERYTHING, strikes={("1 fetch_ticker", 0): 1}) is None
    assert "more than 10 s" in failure_of(test)[1]


# ---- errors ----------------------------------------------------------------------------------------


def raises(error):
    async def test(sim):
        await sim.exchange().create_order(BTC, "market", "buy", 1)

        async def call():
            raise error

        answers.append(await sim.concurrently(call))

    answers = []
    return failure_of(test), answers


def test_exchange_s_error_is_a_result():
    error = ccxt.InsufficientFunds("no")

    assert raises(error) == (None, [[error]])


def test_any_other_error_is_a_finding():
    (rule, why), _ = raises(KeyError("price"))

    assert rule == "I15"
    assert "KeyError: 'price' at test_judging.py:" in why


def test_error_of_a_task_that_nobody_awaits_is_a_finding():
    async def test(sim):
        async def loop():
            raise ZeroDivisionError("amount")

        sim.task = asyncio.create_task(loop())
        await sim.exchange().create_order(BTC, "market", "buy", 1)
        del sim.task

    failure = failure_of(test)

    assert failure is not None
    assert "ZeroDivisionError: amount" in failure[1]


def test_assertion_of_the_test_itself_is_a_finding():
    async def test(sim):
        order = await sim.exchange().create_order(BTC, "market", "buy", 1)
        assert order["filled"] == 2, "two were asked for"

    rule, why = failure_of(test)

    assert (rule, why.splitlines()[0]) == ("assertion", "two were asked for")


def test_bot_that_waits_for_ever_is_a_finding():
    async def test(sim):
        await asyncio.get_running_loop().create_future()

    rule, why = failure_of(test)

    assert rule == "I15"
    assert "wait" in why


# ---- two venues ------------------------------------------------------------------------------------


def test_rules_of_one_account_stay_at_their_venue():
    async def across(sim):
        one, other = sim.exchange("a"), sim.exchange("b")
        await one.create_order(BTC, "limit", "sell", 1, 51_000)
        sim.price(BTC, 50_500)
        await other.create_order(BTC, "limit", "buy", 1, 50_400)
        await one.create_order(BTC, "limit", "buy", 1, 50_400)
        await other.create_order(BTC, "limit", "sell", 1, 51_000)

    async def exits_alone(sim):
        one, other = sim.exchange("a"), sim.exchange("b")
        sim.always(invariants.exits_only_reduce)
        await one.create_order(BTC, "market", "buy", 1)
        await one.create_order(BTC, "limit", "sell", 1, 60_000, {"reduceOnly": True})
        await other.create_order(BTC, "market", "sell", 1)
        await other.create_order(BTC, "limit", "buy", 1, 40_000, {"reduceOnly": True})

    assert failure_of(across) is None
    assert failure_of(exits_alone) is None


def test_one_intent_s_exposure_is_counted_over_all_venues():
    async def test(sim):
        exchanges = sim.exchange("a"), sim.exchange("b")
        sim.always(invariants.one_intent_one_exposure)

        async def buy_everywhere(signal):
            for each in exchanges:
                await buy(each, signal)
            return True

        await sim.deliver(sim.signal(BTC, None, 1), buy_everywhere)

    assert failure_of(test)[0] == "I05"
