"""What every broker does: one suite, whatever is behind it."""

from collections.abc import Awaitable, Callable

import pytest

from hedgecheck.errors import BrokerLost
from hedgecheck.live.exchange import Temper
from hedgecheck.live.ports import Account, OpenOrder
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    CreateOrder,
    Expired,
    FetchOrder,
    Filled,
    OutcomeUnknown,
    Price,
    Rejected,
    Replaced,
    ReplaceOrder,
    ReplaceRefused,
    Status,
)
from hedgecheck.values import replace
from tests.integration.live.rigs import RIGS, Rig, listening, next_of_orders, performed

BUY = CreateOrder("p1a1", "AAA", "buy", 10)
REST = CreateOrder("p1a1", "AAA", "buy", 10, price=9_000)
FILLED = Filled("p1a1", "p1a1.1", "AAA", "buy", 10, 10_000)
HALVES = Temper(moves_bps=0, trades_bps=10_000, parts_bps=10_000, expires_bps=10_000)

Test = Callable[[Rig], Awaitable[None]]


@pytest.fixture(params=RIGS)
def perform(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Runs a test with a broker of each kind."""
    return lambda test, *temper: performed(test, RIGS[request.param](*temper))


def test_order_that_is_taken_is_accepted_and_works(perform: Callable[[Test], None]) -> None:
    async def test(rig: Rig) -> None:
        assert await rig.broker.send(REST) == (Accepted("p1a1"),)
        account = await rig.broker.account()
        assert account.open_orders == (OpenOrder("p1a1", "AAA", "buy", 10, 0),)

    perform(test)


def test_order_that_is_not_taken_is_rejected_with_the_reason(perform: Callable[[Test], None]) -> None:
    async def test(rig: Rig) -> None:
        assert await rig.broker.send(replace(BUY, symbol="ZZZ")) == (Rejected("p1a1", "UNKNOWN_SYMBOL"),)
        assert rig.ledger.orders == ()

    perform(test)


def test_fill_is_told_and_is_in_the_account(perform: Callable[[Test], None]) -> None:
    async def test(rig: Rig) -> None:
        stream = await listening(rig.broker)
        await rig.broker.send(BUY)
        rig.exchange.beat()

        assert await next_of_orders(stream) == FILLED
        account = await rig.broker.account()
        assert (account.positions, account.fills, account.open_orders) == ((("AAA", 10),), (FILLED,), ())
        assert await rig.broker.send(FetchOrder("p1a1")) == (
            Status("p1a1", "found", "closed", (FILLED,), 10),
        )

    perform(test)


def test_limit_order_fills_in_parts_and_what_a_market_order_has_left_expires(
    perform: Callable[[Test, Temper], None],
) -> None:
    async def test(rig: Rig) -> None:
        stream = await listening(rig.broker)
        await rig.broker.send(replace(REST, price=10_000))
        rig.exchange.beat()
        first = await next_of_orders(stream)
        assert 0 < first.amount < 10
        assert (await rig.broker.account()).open_orders == (
            OpenOrder("p1a1", "AAA", "buy", 10, first.amount),
        )

        await rig.broker.send(CancelOrder("p1a1"))
        await rig.broker.send(replace(BUY, client_order_id="p1a2"))
        rig.exchange.beat()
        part = await next_of_orders(stream)
        assert 0 < part.amount < 10
        assert await next_of_orders(stream) == Expired("p1a2", part.amount)

    perform(test, HALVES)


def test_canceled_order_is_over_and_cannot_be_canceled_again(perform: Callable[[Test], None]) -> None:
    async def test(rig: Rig) -> None:
        await rig.broker.send(REST)
        assert await rig.broker.send(CancelOrder("p1a1")) == (Canceled("p1a1", 0),)
        assert await rig.broker.send(CancelOrder("p1a1")) == (CancelRefused("p1a1", "TOO_LATE"),)
        assert await rig.broker.send(FetchOrder("p1a1")) == (Status("p1a1", "found", "canceled", (), 10),)
        assert (await rig.broker.account()).open_orders == ()

    perform(test)


def test_replaced_order_stands_for_what_was_asked(perform: Callable[[Test], None]) -> None:
    async def test(rig: Rig) -> None:
        await rig.broker.send(REST)
        assert await rig.broker.send(ReplaceOrder("p1a1", 7, 9_100)) == (Replaced("p1a1", 7),)
        assert (await rig.broker.account()).open_orders == (OpenOrder("p1a1", "AAA", "buy", 7, 0),)

    perform(test)


def test_order_that_nobody_sent_is_unknown_to_the_venue(perform: Callable[[Test], None]) -> None:
    async def test(rig: Rig) -> None:
        assert await rig.broker.send(FetchOrder("p9a1")) == (Status("p9a1", "not_found"),)
        assert await rig.broker.send(CancelOrder("p9a1")) == (CancelRefused("p9a1", "UNKNOWN_ORDER"),)
        refused = (ReplaceRefused("p9a1", "UNKNOWN_ORDER"),)
        assert await rig.broker.send(ReplaceOrder("p9a1", 5)) == refused

    perform(test)


def test_lost_reply_is_an_unknown_outcome_and_the_order_is_found_by_its_id(
    perform: Callable[[Test], None],
) -> None:
    async def test(rig: Rig) -> None:
        lost = await rig.losing_its_reply(rig.broker.send(REST))
        assert lost == (OutcomeUnknown("p1a1", "create"),)
        assert await rig.broker.send(FetchOrder("p1a1")) == (Status("p1a1", "found", "open", (), 10),)
        assert len(rig.ledger.orders) == 1

    perform(test)


@pytest.mark.parametrize(
    ("request_of", "word"),
    [(CancelOrder("p1a1"), "cancel"), (FetchOrder("p1a1"), "fetch"), (ReplaceOrder("p1a1", 7), "replace")],
)
def test_unknown_outcome_says_of_which_request(
    request_of: CancelOrder, word: str, perform: Callable[[Test], None]
) -> None:
    async def test(rig: Rig) -> None:
        lost = await rig.losing_its_reply(rig.broker.send(request_of))
        assert lost == (OutcomeUnknown("p1a1", word),)

    perform(test)


def test_account_is_what_the_venue_has_and_its_answer_lost_says_nothing(
    perform: Callable[[Test], None],
) -> None:
    async def test(rig: Rig) -> None:
        for number in range(1, 8):
            side = "buy" if number % 3 else "sell"
            await rig.broker.send(CreateOrder(f"p{number}a1", "AAA", side, number, 9_990 + 5 * number))
            rig.exchange.beat()
        account, ledger = await rig.broker.account(), rig.ledger

        working = {each.request.client_order_id for each in ledger.orders if each.phase == "open"}
        assert {each.client_order_id for each in account.open_orders or ()} == working != set()
        assert (account.positions, account.cash) == (ledger.positions, ledger.cash)
        assert account.fills == ledger.fills != ()
        assert account.time_ns is not None
        assert await rig.losing_its_reply(rig.broker.account()) == Account()

    perform(test)


def test_connection_that_breaks_is_said_and_made_again_and_the_order_is_there(
    perform: Callable[[Test], None],
) -> None:
    async def test(rig: Rig) -> None:
        stream = await listening(rig.broker)
        rig.mishaps.replies.append("hung_up")
        assert await rig.broker.send(BUY) == (OutcomeUnknown("p1a1", "create"),)
        with pytest.raises(BrokerLost, match="connection to venue main"):
            await next_of_orders(stream)

        rig.exchange.beat()  # what happens meanwhile is not told
        again = rig.broker.stream()
        assert await anext(again) == Price("AAA", 10_000)
        assert (await rig.broker.account()).positions == (("AAA", 10),)
        await rig.broker.send(replace(BUY, client_order_id="p2a1"))
        rig.exchange.beat()
        assert (await next_of_orders(again)).client_order_id == "p2a1"

    perform(test)


def test_broker_that_was_closed_sends_nothing(perform: Callable[[Test], None]) -> None:
    async def test(rig: Rig) -> None:
        stream = await listening(rig.broker)
        await rig.broker.close()

        with pytest.raises(BrokerLost):
            await next_of_orders(stream)
        with pytest.raises(BrokerLost):
            await anext(rig.broker.stream())
        assert await rig.broker.send(BUY) == (OutcomeUnknown("p1a1", "create"),)
        assert await rig.broker.account() == Account()
        assert rig.ledger.orders == ()

    perform(test)
