"""Faults of a user's own: what they make of a message, when they strike and heal, and what cannot be one."""

import asyncio

import ccxt
import pytest

import hedgecheck
from hedgecheck import faults
from tests.schedules.performing import answer_of, failure_of, perform

BTC = "BTC/USDT"
BUY = (BTC, "market", "buy", 1)


def struck(body, fault, about, *, max_faults=1, count=0, number=1):
    """What the body returns where the fault strikes there."""
    return answer_of(
        body, plan=faults.Plan((fault,)), strikes={(about, count): number}, max_faults=max_faults
    )


# ---- requests --------------------------------------------------------------------------------------


@hedgecheck.fault(at="request", method="create_order")
def fat_finger(message):
    return message.changed(amount=message.arguments["amount"] * 10)


@hedgecheck.fault(at="request", method="cancel*")
def maintenance(message):
    return ccxt.ExchangeNotAvailable("maintenance")


async def buys(sim):
    await sim.exchange().create_order(*BUY)
    return [float(each.amount) for each in sim.ledger.orders]


def test_altered_request_is_what_arrives():
    assert struck(buys, fat_finger, "1 create_order") == [10.0]
    assert struck(buys, fat_finger, "1 create_order", number=0) == [1.0]


def test_exception_for_a_request_is_raised_and_the_venue_never_has_it():
    async def cancels(sim):
        exchange = sim.exchange()
        order = await exchange.create_order(BTC, "limit", "buy", 1, 40_000)
        with pytest.raises(ccxt.ExchangeNotAvailable, match="maintenance"):
            await exchange.cancel_order(order["id"], BTC)
        return sim.ledger.orders[0].status

    assert struck(cancels, maintenance, "1 cancel_order") == "open"


def test_request_for_an_order_that_exists_can_become_that_for_another():
    @hedgecheck.fault(at="request", method="cancel_order")
    def mistaken(message):
        return message.changed(id="1000001")

    async def cancels(sim):
        exchange = sim.exchange()
        for price in (40_000, 41_000):
            order = await exchange.create_order(BTC, "limit", "buy", 1, price)
        await exchange.cancel_order(order["id"], BTC)
        return [each.status for each in sim.ledger.orders]

    assert struck(cancels, mistaken, "1 cancel_order") == ["canceled", "open"]


def test_edited_order_can_be_altered_too():
    @hedgecheck.fault(at="request", method="edit_order")
    def other(message):
        return message.changed(amount=message.arguments["amount"] + 1, price=42_000)

    async def edits(sim):
        exchange = sim.exchange()
        order = await exchange.create_order(BTC, "limit", "buy", 1, 40_000)
        await exchange.edit_order(order["id"], BTC, "limit", "buy", 2, 41_000)
        return [(float(each.amount), float(each.price)) for each in sim.ledger.open_orders()]

    assert struck(edits, other, "1 edit_order") == [(3.0, 42_000.0)]


# ---- replies ---------------------------------------------------------------------------------------


@hedgecheck.fault(at="reply", method="create_order")
def half(message):
    if not message.answer["filled"]:
        return None
    return message.answered({**message.answer, "filled": message.answer["filled"] / 2})


@hedgecheck.fault(at="reply")
def no_answer(message):
    return ccxt.RequestTimeout


def test_altered_reply_is_what_the_client_gets_and_the_venue_has_done_as_it_was_asked():
    async def body(sim):
        order = await sim.exchange().create_order(*BUY)
        return order["filled"], float(sim.ledger.orders[0].filled), type(order), type(order["trades"])

    assert struck(body, half, "1 create_order reply") == (0.5, 1.0, dict, list)


def test_exception_for_a_reply_is_raised_where_the_venue_has_done_it():
    async def body(sim):
        with pytest.raises(ccxt.RequestTimeout):
            await sim.exchange().create_order(*BUY)
        return len(sim.ledger.orders)

    assert struck(body, no_answer, "1 create_order reply") == 1


def test_order_without_an_answer_by_ones_own_fault_is_unknown_to_the_rules():
    async def test(sim):
        exchange = sim.exchange()
        for _ in range(2):
            try:
                await exchange.create_order(*BUY)
            except ccxt.RequestTimeout:
                continue
            return

    strikes = {("1 create_order reply", 0): 1}
    assert failure_of(test, plan=faults.Plan((no_answer,)), strikes=strikes)[0] == "no_blind_resend"


# ---- events and prices -----------------------------------------------------------------------------


@hedgecheck.fault(at="event", method="watch_my_trades")
def doubled(message):
    return message.answered([{**each, "amount": each["amount"] * 2} for each in message.answer])


@hedgecheck.fault(at="event")
def gone(message):
    return ccxt.ExchangeError("gone")


@hedgecheck.fault(at="price")
def ten_times(message):
    return message.answered(message.answer * 10)


async def listens(sim):
    exchange = sim.exchange()
    heard = sim.concurrently(lambda: exchange.watch_my_trades(BTC), lambda: later(sim, exchange))
    (first, _) = await heard
    return first if isinstance(first, Exception) else [each["amount"] for each in first]


async def later(sim, exchange):
    await sim.sleep(1)
    await exchange.create_order(*BUY)


def test_altered_event_is_what_the_stream_brings():
    assert struck(listens, doubled, "stream 1 my_trades BTC/USDT") == [2.0]


def test_exception_for_an_event_breaks_the_stream_with_it():
    assert str(struck(listens, gone, "stream 1 my_trades BTC/USDT")) == "gone"


def test_price_of_a_ticker_is_altered_where_it_is_fetched_and_where_it_is_watched():
    async def fetches(sim):
        return (await sim.exchange().fetch_ticker(BTC))["last"]

    async def watches(sim):
        exchange = sim.exchange()
        await exchange.watch_ticker(BTC)
        sim.price(BTC, 51_000)
        return (await exchange.watch_ticker(BTC))["last"]

    assert struck(fetches, ten_times, "1 fetch_ticker reply") == 500_000
    assert struck(watches, ten_times, "stream 1 ticker BTC/USDT") == 510_000


# ---- when it strikes -------------------------------------------------------------------------------


def test_fault_that_would_do_nothing_is_not_asked_for():
    async def rests(sim):
        await sim.exchange().create_order(BTC, "limit", "buy", 1, 40_000)

    assert [label for label, _, _ in perform(rests, plan=faults.Plan((half,))).outcome.made] == []


def test_fault_strikes_the_methods_that_it_names_and_no_other():
    async def body(sim):
        exchange = sim.exchange()
        order = await exchange.create_order(BTC, "limit", "buy", 1, 40_000)
        await exchange.fetch_order(order["id"], BTC)
        await exchange.cancel_order(order["id"], BTC)

    made = perform(body, plan=faults.Plan((maintenance,))).outcome.made

    assert [about for (_, about, _), _, _ in made] == ["1 cancel_order"]


def asks(times, fault, **how):
    """What the bot is told of ten queries, one a second."""

    async def body(sim):
        exchange, answers = sim.exchange(), []
        for _ in range(times):
            try:
                await exchange.fetch_balance()
                answers.append("+")
            except ccxt.RequestTimeout:
                answers.append("-")
            await sim.sleep(1 - sim.now() % 1)
        return "".join(answers)

    return struck(body, fault, "1 fetch_balance reply", **how)


def test_fault_strikes_once_unless_it_says_for_how_long():
    lasting = hedgecheck.fault(at="reply", heals_after_seconds=3)(lambda message: ccxt.RequestTimeout())

    assert asks(6, no_answer) == "-+++++"
    assert asks(6, lasting) == "---+++"
    assert asks(6, lasting, count=2) == "++---+"


def test_lasting_fault_counts_once_and_heals_when_the_test_has_ended():
    lasting = hedgecheck.fault(at="reply", heals_after_seconds=100)(lambda message: ccxt.RequestTimeout())

    async def test(sim):
        exchange, answers = sim.exchange(), []

        async def ask():
            try:
                answers.append(await exchange.fetch_balance())
            except ccxt.RequestTimeout:
                answers.append(None)

        async def ask_later():
            await sim.sleep(5)
            await ask()
            assert answers[2] is not None

        await ask()
        await ask()
        assert answers == [None, None]
        sim.later = asyncio.create_task(ask_later())

    seen = perform(test, plan=faults.Plan((lasting,)), strikes={("1 fetch_balance reply", 0): 1})

    assert seen.outcome.failure is None
    assert seen.outcome.spent == ("fault",)


def retrying(sure):
    """A bot that takes what a reply says was filled; ``sure`` asks again."""

    async def test(sim):
        exchange = sim.exchange()
        sim.always(lambda ledger: ledger.position(BTC) >= 0)
        order = await exchange.create_order(*BUY)
        while sure and order["status"] == "closed" and order["filled"] != order["amount"]:
            order = await exchange.fetch_order(order["id"], BTC)
        await exchange.create_order(BTC, "market", "sell", order["filled"])

    return test


@hedgecheck.fault(at="reply", method="create_order")
def cumulated(message):
    return message.answered({**message.answer, "filled": message.answer["filled"] * 2})


def test_bot_that_believes_a_reply_is_found_and_its_fault_is_shown_and_replayed():
    verdict = hedgecheck.check(retrying(False), executions=50, faults=cumulated | faults.late_ack)
    (found,) = verdict.counterexamples
    again = hedgecheck.check(
        retrying(False), faults=cumulated | faults.late_ack, token=found.token
    ).counterexamples

    assert "FAULT cumulated" in found.diagram
    assert "faults=hedgecheck.faults.late_ack | cumulated" in found.pytest
    assert again[0].diagram == found.diagram
    assert {row["id"]: row["spent"] for row in verdict.fault_rows()}["cumulated"] >= 1


def test_bot_that_asks_again_is_not_accused():
    verdict = hedgecheck.check(retrying(True), executions=50, faults=cumulated)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    assert verdict.explorers[0].campaign.spent["cumulated"] > 5


def test_all_faults_with_ones_own_mean_crashes_too_once_a_process_is_given():
    async def body(sim):
        class Bot:
            async def start(self):
                await sim.exchange().fetch_balance()

        await sim.process(Bot)
        await sim.sleep(1)

    def asked(plan):
        return {about for (_, about, _), _, _ in perform(body, plan=plan).outcome.made}

    assert "process" in asked(faults.ALL | half)
    assert "process" not in asked(faults.late_ack | half)


# ---- what cannot be one ----------------------------------------------------------------------------


async def coroutine(message):
    return None


@pytest.mark.parametrize(
    "how",
    [
        {"at": "decision"},
        {"at": None},
        {"at": "reply", "method": ""},
        {"at": "reply", "method": 1},
        {"at": "reply", "heals_after_seconds": 0},
        {"at": "reply", "heals_after_seconds": float("inf")},
        {"at": "reply", "heals_after_seconds": True},
    ],
)
def test_setting_that_makes_no_sense_is_refused(how):
    with pytest.raises(hedgecheck.UsageError):
        hedgecheck.fault(**how)


def restart(message):
    return None


@pytest.mark.parametrize("does", [None, "create_order", dict, coroutine, restart])
def test_what_is_no_plain_function_of_ones_own_is_refused(does):
    with pytest.raises(hedgecheck.UsageError):
        hedgecheck.fault(at="reply")(does)


@pytest.mark.parametrize(
    ("does", "error"),
    [
        (lambda message: "lost", hedgecheck.UsageError),
        (lambda message: message.changed(amount=0), hedgecheck.UsageError),
        (lambda message: message.changed(colour="red"), hedgecheck.UsageError),
        (lambda message: message.arguments["colour"], KeyError),
        (lambda message: message.arguments.update(amount=2), AttributeError),
    ],
)
def test_mistake_of_a_fault_is_said_whatever_the_bot_catches(does, error):
    async def catches(sim):
        try:
            await buys(sim)
        except Exception:
            await sim.sleep(1)

    with pytest.raises(error):
        struck(catches, hedgecheck.fault(at="request")(does), "1 create_order")


def test_mistake_of_a_fault_of_an_event_is_the_tests_too():
    @hedgecheck.fault(at="event")
    def mistaken(message):
        return message.answer["nothing"]

    async def watches(sim):
        exchange = sim.exchange()
        await exchange.watch_ticker(BTC)
        sim.price(BTC, 51_000)

    with pytest.raises(KeyError, match="nothing"):
        struck(watches, mistaken, "stream 1 ticker BTC/USDT")
