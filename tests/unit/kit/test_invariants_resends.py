"""no_blind_resend: what makes an order known before the same is sent again. I19: what rests, and crosses."""

import pytest

from hedgecheck import invariants
from hedgecheck.invariants import Broken, Finding, Invariant, no_blind_resend, no_self_cross
from hedgecheck.messages import (
    Accepted,
    Canceled,
    CancelOrder,
    CancelRefused,
    CreateOrder,
    Expired,
    FetchOrder,
    Listed,
    Lost,
    OutcomeUnknown,
    Record,
    Rejected,
    Restarted,
    Sent,
    Side,
    Told,
)
from hedgecheck.trace import line
from tests.unit.kit.traces import (
    TERMS,
    Records,
    buy,
    fill,
    heard,
    is_broken,
    judge,
    placed,
    remember,
    sell,
    status,
)

TIMED_OUT = OutcomeUnknown("X", "create")
UNKNOWN = (Sent(buy()), TIMED_OUT)
AGAIN = Sent(buy("Y"))
BLIND = (*UNKNOWN, AGAIN)

SAYING: dict[str, Record] = {
    "accepted": Told(Accepted("X")),
    "rejected": Told(Rejected("X", "INSUFFICIENT_BALANCE")),
    "partly-filled": heard(buy(), amount=4),
    "canceled": Told(Canceled("X", 0)),
    "expired": Told(Expired("X", 0)),
    "cancel-refused": Told(CancelRefused("X", "UNKNOWN_ORDER")),
    "found": status("found", "open"),
    "not-found": status("not_found"),
    "stale": status("stale"),
    "among-open-orders": Listed("open_orders", "AAA", ("W", "X")),
    "among-open-orders-of-all": Listed("open_orders", None, ("X",)),
    "among-fills": Listed("fills", "AAA", ("X",)),
    "not-among-orders": Listed("orders", "AAA", ("W",)),
    "not-among-fills": Listed("fills", "AAA"),
    "positions": Listed("positions", "AAA"),
    "positions-of-all": Listed("positions", None),
    "balance": Listed("balance", None),
}
SILENT: dict[str, Record] = {
    "query-failed": status("failed"),
    "query-empty": status("empty"),
    "query-unanswered": OutcomeUnknown("X", "fetch"),
    "query-sent": Sent(FetchOrder("X")),
    "not-among-open-orders": Listed("open_orders", "AAA", ("W",)),
    "not-among-open-orders-of-all": Listed("open_orders", None),
    "orders-of-another-symbol": Listed("orders", "BBB"),
    "positions-of-another-symbol": Listed("positions", "BBB"),
    "another-order-accepted": Told(Accepted("W")),
    "another-order-not-found": status("not_found", name="W"),
    "accepted-at-the-venue-and-untold": Accepted("X"),
    "filled-at-the-venue-and-untold": fill(buy()),
    "restarted": Restarted(),
}
SHOWING = ("accepted", "rejected", "partly-filled", "canceled", "expired", "found", "among-open-orders")
PROVING_NOTHING_YET = ("cancel-refused", "not-found", "stale", "not-among-orders", "positions", "balance")


def resends(*records: Record) -> Finding:
    """What no_blind_resend says of the trace."""
    return judge(no_blind_resend, records)


# ---- no blind resend -----------------------------------------------------------------------------------


def test_same_order_again_while_the_first_is_unknown_is_broken() -> None:
    assert resends(*BLIND) == Broken(
        "Y is sent to buy 10 lots of AAA, where X for the same got no answer "
        "and nobody asked what became of it"
    )


@pytest.mark.parametrize("missing", range(len(BLIND)))
def test_smallest_blind_resend_without_any_one_record_is_none(missing: int) -> None:
    assert not is_broken(resends(*BLIND[:missing], *BLIND[missing + 1 :]))


@pytest.mark.parametrize("said", SAYING.values(), ids=SAYING)
def test_same_order_again_after_something_was_said_of_the_first_holds(said: Record) -> None:
    assert resends(*UNKNOWN, said, AGAIN) == "holds"


@pytest.mark.parametrize("silent", SILENT.values(), ids=SILENT)
def test_same_order_again_after_what_says_nothing_of_the_first_is_broken(silent: Record) -> None:
    assert is_broken(resends(*UNKNOWN, silent, AGAIN))


@pytest.mark.parametrize(
    "other",
    [buy("Y", 9), buy("Y", 11), sell("Y"), buy("Y", symbol="BBB")],
    ids=["less", "more", "other-side", "other-symbol"],
)
def test_order_of_another_size_side_or_symbol_is_no_resend(other: CreateOrder) -> None:
    assert resends(*UNKNOWN, Sent(other)) == "holds"


@pytest.mark.parametrize(
    "other",
    [
        CreateOrder("Y", "AAA", "buy", 10, price=99),
        CreateOrder("Y", "AAA", "buy", 10, reduce_only=True),
        CreateOrder("Y", "AAA", "buy", 10, immediate=True),
        buy("Y", of="p2"),
        buy("X"),
    ],
    ids=["limit", "reduce-only", "immediate", "other-intent", "same-id"],
)
def test_order_that_differs_in_nothing_else_is_a_resend(other: CreateOrder) -> None:
    assert is_broken(resends(*UNKNOWN, Sent(other)))


@pytest.mark.parametrize("request_about_it", ["cancel", "fetch"])
def test_unanswered_request_about_an_order_leaves_its_create_known(request_about_it) -> None:
    assert resends(Sent(buy()), OutcomeUnknown("X", request_about_it), AGAIN) == "vacuous"


@pytest.mark.parametrize("shown", SHOWING)
def test_order_heard_of_before_its_answer_was_lost_is_known(shown: str) -> None:
    assert resends(Sent(buy()), SAYING[shown], TIMED_OUT, AGAIN) == "vacuous"


@pytest.mark.parametrize("early", PROVING_NOTHING_YET)
def test_order_denied_before_its_answer_was_lost_may_still_arrive(early: str) -> None:
    assert is_broken(resends(Sent(buy()), SAYING[early], TIMED_OUT, AGAIN))


def test_every_order_unknown_has_to_be_asked_about() -> None:
    both = (*UNKNOWN, Sent(sell("Z")), OutcomeUnknown("Z", "create"))

    assert is_broken(resends(*both, AGAIN))
    assert is_broken(resends(*both, SAYING["accepted"], Sent(sell("Q"))))
    assert resends(*both, SAYING["accepted"], AGAIN) == "holds"
    assert resends(*both, SAYING["balance"], AGAIN, Sent(sell("Q"))) == "holds"


def test_second_attempt_that_is_unknown_in_its_turn_has_to_be_asked_about_too() -> None:
    twice = (*UNKNOWN, SAYING["not-found"], AGAIN, OutcomeUnknown("Y", "create"))

    assert is_broken(resends(*twice, Sent(buy("Z"))))
    assert is_broken(resends(*twice, SAYING["not-found"], Sent(buy("Z"))))
    assert resends(*twice, status("not_found", name="Y"), Sent(buy("Z"))) == "holds"


def test_answer_is_lost_once() -> None:
    assert resends(*UNKNOWN, SAYING["not-found"], TIMED_OUT, AGAIN) == "holds"


def test_id_used_again_is_unknown_again() -> None:
    known = (Sent(buy()), SAYING["accepted"])

    assert is_broken(resends(*known, *BLIND))
    assert is_broken(resends(*UNKNOWN, SAYING["not-found"], Sent(buy()), TIMED_OUT, AGAIN))


def test_one_of_two_orders_of_one_id_that_is_accepted_is_not_the_other() -> None:
    assert is_broken(resends(Sent(buy(amount=4)), Sent(buy()), SAYING["accepted"], TIMED_OUT, AGAIN))


def test_blind_resend_stays_one_when_the_first_is_heard_of_later() -> None:
    assert is_broken(resends(*BLIND, SAYING["rejected"], Sent(buy("Z", 3))))
    assert resends(*BLIND, Sent(buy("Z"))) == resends(*BLIND)


def test_no_order_was_ever_unknown_is_vacuous() -> None:
    assert resends() == "vacuous"
    assert resends(Sent(buy()), AGAIN) == "vacuous"
    assert resends(*UNKNOWN) == "holds"


# ---- I19: no self-cross --------------------------------------------------------------------------------


def limit(name: str, side: Side, price: int | None, amount: int = 10, symbol: str = "AAA") -> CreateOrder:
    """A limit order, or one at market where ``price`` is None."""
    return CreateOrder(name, symbol, side, amount, price)


def works(*orders: CreateOrder) -> Records:
    """The venue takes the orders, one after the other."""
    records: Records = ()
    for order in orders:
        records += (Sent(order), Accepted(order.client_order_id))
    return records


def crosses(*records: Record) -> Finding:
    """What no_self_cross says of the trace."""
    return judge(no_self_cross, records)


BID, ASK = limit("B", "buy", 100), limit("S", "sell", 101)
CROSSING = limit("S", "sell", 100)
CROSSED = works(BID, CROSSING)


def test_bid_at_the_price_of_an_ask_is_broken() -> None:
    assert crosses(*CROSSED) == Broken("AAA: order B works to buy at 100 where order S works to sell at 100")


@pytest.mark.parametrize("missing", range(len(CROSSED)))
def test_smallest_cross_without_any_one_record_is_none(missing: int) -> None:
    assert crosses(*CROSSED[:missing], *CROSSED[missing + 1 :]) == "vacuous"


@pytest.mark.parametrize(("bid", "ask"), [(100, 101), (99, 200)])
def test_bid_below_the_ask_holds_in_either_order(bid: int, ask: int) -> None:
    both = (limit("B", "buy", bid), limit("S", "sell", ask))

    assert crosses(*works(*both)) == "holds"
    assert crosses(*works(*reversed(both))) == "holds"


@pytest.mark.parametrize(("bid", "ask"), [(100, 100), (101, 100)])
def test_bid_at_or_above_the_ask_is_broken_in_either_order(bid: int, ask: int) -> None:
    both = (limit("B", "buy", bid), limit("S", "sell", ask))

    assert is_broken(crosses(*works(*both)))
    assert is_broken(crosses(*works(*reversed(both))))


def test_any_pair_of_a_symbol_counts() -> None:
    assert is_broken(crosses(*works(limit("B1", "buy", 90), BID, limit("S1", "sell", 110), CROSSING)))


def test_orders_of_two_symbols_or_of_one_side_do_not_meet() -> None:
    assert crosses(*works(BID, limit("S", "sell", 90, symbol="BBB"), limit("B2", "buy", 90))) == "vacuous"


@pytest.mark.parametrize(
    "passing",
    [limit("S", "sell", None), CreateOrder("S", "AAA", "sell", 10, 100, immediate=True)],
    ids=["market", "immediate"],
)
def test_order_that_never_rests_is_not_counted(passing: CreateOrder) -> None:
    assert crosses(*works(BID, passing)) == "vacuous"


ENDINGS: dict[str, Records] = {
    "filled": (fill(BID),),
    "filled-in-parts": (fill(BID, 4), fill(BID, 6, "B.2")),
    "canceled": (Canceled("B", 0),),
    "expired": (Expired("B", 0),),
}
LEAVING_IT: dict[str, Records] = {
    "partly-filled": (fill(BID, 4),),
    "cancel-sent": (Sent(CancelOrder("B")),),
    "cancel-lost": (Sent(CancelOrder("B")), Lost(CancelOrder("B"))),
    "another-order-filled": (fill(limit("W", "buy", 100)),),
    "another-order-canceled": (Canceled("W", 0),),
    "told-of-what-was-not": (Told(Canceled("B", 0)),),
    "same-id-rejected": (Sent(BID), Rejected("B", "DUPLICATE_CLIENT_ORDER_ID")),
    "same-id-lost": (Sent(BID), Lost(BID)),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_order_that_ended_crosses_nothing(ending: Records) -> None:
    assert crosses(*works(BID), *ending, *works(CROSSING)) == "vacuous"


@pytest.mark.parametrize("between", LEAVING_IT.values(), ids=LEAVING_IT)
def test_order_still_works_after_what_does_not_end_it(between: Records) -> None:
    assert is_broken(crosses(*works(BID), *between, *works(CROSSING)))


@pytest.mark.parametrize("end", [Rejected("S", "WOULD_TRIGGER"), Lost(CROSSING)], ids=["rejected", "lost"])
def test_order_that_the_venue_never_took_crosses_nothing(end: Record) -> None:
    assert crosses(*works(BID), Sent(CROSSING), end) == "vacuous"
    assert crosses(*works(BID), Sent(CROSSING), end, Accepted("S")) == "vacuous"


def test_lost_cancel_does_not_end_an_order_still_on_its_way() -> None:
    assert is_broken(crosses(*works(BID), Sent(CROSSING), Lost(CancelOrder("S")), Accepted("S")))


def test_one_of_two_orders_of_one_id_that_is_gone_is_not_the_other() -> None:
    both = (*works(BID), Sent(ASK), Sent(CROSSING))

    assert crosses(*both, Rejected("S", "PRECISION")) == "vacuous"
    assert is_broken(crosses(*both, Rejected("S", "PRECISION"), Accepted("S")))
    assert crosses(*both, Accepted("S"), Rejected("S", "DUPLICATE_CLIENT_ORDER_ID")) == "holds"


def test_order_taken_at_an_id_that_is_held_works_beside_the_other() -> None:
    both = works(CROSSING, ASK)

    assert is_broken(crosses(*both, *works(BID)))
    assert crosses(*both, Canceled("S", 0), *works(BID)) == "holds"


def test_id_used_again_after_its_order_ended_is_an_order_of_its_own() -> None:
    ended = (*works(limit("B", "buy", 100, amount=4)), fill(limit("B", "buy", 100, amount=4)))

    assert crosses(*ended, *works(CROSSING)) == "vacuous"
    assert is_broken(crosses(*ended, *works(BID), fill(BID, 4), *works(CROSSING)))


def test_cross_that_was_resolved_holds_again() -> None:
    assert crosses(*CROSSED, Canceled("B", 0)) == "holds"
    assert crosses(*CROSSED, Canceled("B", 0), *works(ASK)) == "holds"


# ---- both ----------------------------------------------------------------------------------------------

BOTH = (no_blind_resend, no_self_cross)


@pytest.mark.parametrize("rule", BOTH, ids=lambda rule: rule.name)
def test_memories_are_values_that_observing_leaves_as_they_were(rule: Invariant) -> None:
    story = (*BLIND, *SAYING.values(), *SILENT.values(), *CROSSED, *ENDINGS["filled-in-parts"], *placed(BID))
    memory = rule.books.initial(TERMS)
    for record in story:
        before = repr(memory)
        after = rule.books.observe(memory, record)
        assert repr(memory) == before
        memory = after

    assert memory == remember(rule, story)
    assert hash(memory) == hash(remember(rule, story))
    assert hash(rule.books.essence(memory)) == hash(rule.books.essence(remember(rule, story)))


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [
        (no_blind_resend, (Sent(buy("X")), Sent(buy("Y"))), (Sent(buy("Y")), Sent(buy("X")))),
        (no_self_cross, works(BID, ASK), works(ASK, BID)),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_order_in_which_orders_were_sent_is_not_of_the_essence(
    rule: Invariant, first: Records, second: Records
) -> None:
    essence = rule.books.essence

    assert essence(remember(rule, first)) == essence(remember(rule, second))
    assert essence(remember(rule, first)) != essence(remember(rule, first[:-1]))


def test_ledger_base_is_what_an_engine_that_says_nothing_of_itself_is_held_to() -> None:
    names = [rule.name for rule in invariants.LEDGER_BASE]

    assert names == ["no_blind_resend", "sane_orders", "no_self_cross", "live"]
    assert not set(BOTH) & set(invariants.ALL)


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        (Listed("open_orders", "BTC/USDT", ("X", "Y")), "2 open orders of BTC/USDT"),
        (Listed("fills", None), "0 fills"),
        (Listed("positions", "BTC/USDT"), "positions of BTC/USDT"),
        (Listed("balance", None), "balance"),
    ],
    ids=lambda each: getattr(each, "what", ""),
)
def test_list_shown_is_a_line_of_the_diagram(listed: Listed, words: str) -> None:
    assert line(listed) == f"            engine <- venue {words}"
