"""I10 beyond single positions: strategies, net, leverage, clusters, each order by itself, and messages."""

from dataclasses import replace
from typing import Any

import pytest

from hedgecheck.invariants import Bounds, Broken, MarketTerms, Terms
from hedgecheck.invariants import worst_case_limit as rule
from hedgecheck.messages import (
    Canceled,
    CreateOrder,
    Expired,
    Lost,
    Price,
    Rejected,
    Replaced,
    ReplaceOrder,
    Sent,
    Told,
)
from tests.unit.kit.test_invariant_limits import EQUITY, WIDE, breaks, gone, limited, opened
from tests.unit.kit.traces import (
    Records,
    alert,
    buy,
    heard,
    judge,
    leaving,
    returned,
    sell,
    signaled,
    status,
)

SYMBOLS = ("AAA", "BBB", "CCC", "DDD")


def four(**limits: Any) -> Terms:
    """The same terms with four symbols."""
    markets = tuple(MarketTerms(symbol, 100) for symbol in SYMBOLS)
    return Terms(EQUITY, markets, Bounds(**{**WIDE, **limits}))


def opened_on(name: str, symbols: str, lots: int = 10, **changes: Any) -> Records:
    """An intent on two other symbols, and its first order on the wire."""
    symbol_a, symbol_b = symbols.split()
    first = buy(f"{name}a1", lots, symbol_a, of=name)
    return signaled(name, lots, lots, symbol_a=symbol_a, symbol_b=symbol_b, **changes), Sent(first)


def holds(terms: Terms, *records: Any) -> bool:
    """Whether the rule holds, and had something to hold for."""
    return judge(rule, records, terms=terms) == "holds"


# ---- strategies, net, leverage -----------------------------------------------------------------------


def test_strategy_is_counted_over_all_its_intents_and_no_other() -> None:
    two = (*opened("p1"), *opened("p2", 5))

    assert holds(limited(strategy_bps=3_000), *two, *opened("m1"))
    assert breaks(limited(strategy_bps=2_999), *two)


def test_strategy_that_another_took_beyond_its_bound_stops_nobody_else() -> None:
    drifted = (*opened("p1"), heard(buy("p1a1")), Told(Price("AAA", 300)))

    assert holds(limited(strategy_bps=3_000), *drifted, *opened_on("m1", "BBB AAA", 1))


@pytest.mark.parametrize(("net_bps", "broken"), [(1_000, False), (999, True)])
def test_net_counts_one_leg_filled_and_the_other_not(net_bps: int, broken: bool) -> None:
    assert breaks(limited(net_bps=net_bps), *opened()) is broken


@pytest.mark.parametrize(("net_bps", "broken"), [(2_000, False), (1_999, True)])
def test_net_of_what_is_sold_counts_as_what_is_bought(net_bps: int, broken: bool) -> None:
    larger_hedge = (signaled(amount_a=10, amount_b=20), Sent(buy("p1a1")))

    assert breaks(limited(net_bps=net_bps), *larger_hedge) is broken


def test_net_of_what_is_held_on_both_sides_cancels_out() -> None:
    hedge = sell("p1b1", 10, "BBB")
    held = (*opened(), heard(buy("p1a1")), Sent(hedge), heard(hedge), returned(reason="hedged", success=True))

    assert holds(limited(net_bps=1_000), *held, *opened("p2"))
    assert breaks(limited(net_bps=999), *held, *opened("p2"))


@pytest.mark.parametrize(("net_bps", "broken"), [(2_000, False), (1_999, True)])
def test_exit_that_may_be_filled_alone_counts_in_the_net(net_bps: int, broken: bool) -> None:
    hedge = sell("p1b1", 10, "BBB")
    held = (*opened(), heard(buy("p1a1")), Sent(hedge), heard(hedge), returned(reason="hedged", success=True))

    assert breaks(limited(net_bps=net_bps), *held, Sent(leaving("p1x1")), *opened("p2")) is broken


@pytest.mark.parametrize(("net_bps", "broken"), [(2_000, False), (1_999, True)])
def test_net_adds_what_may_be_bought_to_what_is_held(net_bps: int, broken: bool) -> None:
    long_alone = (*opened(), heard(buy("p1a1")), returned())
    larger_hedge = (signaled("p2", 10, 20), Sent(buy("p2a1", of="p2")))

    assert breaks(limited(net_bps=net_bps), *long_alone, *larger_hedge) is broken


DEAR = (*opened(), heard(buy("p1a1"), price=133), returned(), *opened("p2", 0))
LOT_OF_THREE = {
    "position": ({"position_bps": 3_000}, opened()),
    "net": ({"net_bps": 3_000}, opened()),
    "heat without a stop": ({"heat_bps": 4_040, "exit_cost_bps": 100}, opened()),
    "heat": ({"heat_bps": 200}, opened(stop_a=95, stop_b=105)),
    "equity": ({"position_bps": 3_330}, DEAR),  # 3,000 of 9,010
}


@pytest.mark.parametrize("case", LOT_OF_THREE)
def test_money_of_a_tick_and_lot_counts_in_every_sum(case: str) -> None:
    bounds, records = LOT_OF_THREE[case]
    name, bps = next(iter(bounds.items()))
    markets = (MarketTerms("AAA", 100, 3), MarketTerms("BBB", 100))

    assert holds(Terms(EQUITY, markets, Bounds(**{**WIDE, **bounds})), *records)
    assert breaks(Terms(EQUITY, markets, Bounds(**{**WIDE, **bounds, name: bps - 1})), *records)


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        ("position_bps", "AAA may reach 1000 of equity 10000, over 1 bps"),
        ("strategy_bps", "strategy p may reach 2000 of equity 10000, over 1 bps"),
        ("gross_bps", "gross exposure may reach 2000 of equity 10000, over 1 bps"),
        ("net_bps", "net exposure may reach 1000 of equity 10000, over 1 bps"),
        ("leverage_bps", "leverage may reach 2000 of equity 10000, over 1 bps"),
        ("cluster_bps", "the cluster of AAA may reach 2000 of equity 10000, over 1 bps"),
        ("heat_bps", "heat may reach 2000 of equity 10000, over 1 bps"),
    ],
)
def test_breach_is_told_with_its_numbers(bound: str, words: str) -> None:
    assert judge(rule, opened(), terms=limited(**{bound: 1})) == Broken(words)


@pytest.mark.parametrize("name", ["p10", "p2034", "p56789"])
def test_number_of_an_intent_is_no_part_of_its_strategy(name: str) -> None:
    assert breaks(limited(strategy_bps=3_999), *opened("p1"), *opened(name))


@pytest.mark.parametrize(("leverage_bps", "broken"), [(2_000, False), (1_999, True)])
def test_leverage_is_gross_over_equity(leverage_bps: int, broken: bool) -> None:
    assert breaks(limited(leverage_bps=leverage_bps), *opened()) is broken


# ---- clusters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cluster_bps", "broken"), [(4_000, False), (3_999, True)])
def test_symbols_of_unknown_correlation_are_one_cluster(cluster_bps: int, broken: bool) -> None:
    two = (*opened(), *opened_on("m1", "CCC DDD"))

    assert breaks(four(cluster_bps=cluster_bps), *two) is broken


def apart(*pairs: str, bps: int = 0) -> tuple[tuple[str, str, int], ...]:
    """These pairs of symbols with that correlation."""
    return tuple((pair[0] * 3, pair[1] * 3, bps) for pair in pairs)


ACROSS = ("AC", "AD", "BC", "BD")  # what must be known to be weak for AAA and BBB to stand apart


@pytest.mark.parametrize(
    ("known", "broken"),
    [
        (apart(*ACROSS), False),
        (apart(*ACROSS, bps=6_999), False),
        (apart(*ACROSS, bps=-6_999), False),
        (apart(*ACROSS, bps=7_000), True),
        (apart(*ACROSS, bps=-7_000), True),
        (apart(*ACROSS[1:]), True),
        ((*apart(*ACROSS[:3]), ("DDD", "BBB", 0)), False),
    ],
    ids=[
        "apart",
        "just apart",
        "just apart, contrary",
        "linked",
        "contrary",
        "one unknown",
        "other way round",
    ],
)
def test_cluster_is_what_correlations_link_however_far_around(known: Any, broken: bool) -> None:
    two = (*opened(), *opened_on("m1", "CCC DDD"))

    assert breaks(four(cluster_bps=2_000, correlations=known), *two) is broken


def test_link_through_others_counts() -> None:
    chain = apart("AC", "AD", "BD")  # AAA with BBB, that with CCC, that with DDD
    two = (*opened(), *opened_on("m1", "DDD CCC"))

    assert breaks(four(cluster_bps=2_000, correlations=chain), *two)


def test_cluster_that_is_not_touched_stops_nobody() -> None:
    drifted = (*opened(), heard(buy("p1a1")), Told(Price("AAA", 200)))

    terms = four(cluster_bps=2_000, correlations=apart(*ACROSS))

    assert holds(terms, *drifted, *opened_on("m1", "CCC DDD"))


# ---- orders that are out -----------------------------------------------------------------------------

OVER = (
    Told(Canceled("p1a1", 0)),
    Told(Expired("p1a1", 0)),
    Told(Rejected("p1a1", "no")),
    status("not_found", name="p1a1"),
    status("found", "closed", name="p1a1"),
    Lost(buy("p1a1")),
)


def test_order_that_is_out_counts_though_its_intent_returned() -> None:
    early = (*opened(), returned())

    assert holds(limited(position_bps=2_000), *early, *opened("p2"))
    assert breaks(limited(position_bps=1_999), *early, *opened("p2"))


@pytest.mark.parametrize("ending", OVER, ids=lambda each: type(getattr(each, "report", each)).__name__)
def test_order_that_is_over_counts_no_more(ending: Any) -> None:
    assert holds(limited(position_bps=1_000), *opened(), ending, returned(), *opened("p2"))


@pytest.mark.parametrize("answer", ["failed", "empty", "stale"])
def test_answer_that_says_nothing_ends_no_order(answer: str) -> None:
    assert breaks(
        limited(position_bps=1_999), *opened(), status(answer, name="p1a1"), returned(), *opened("p2")
    )


def test_order_found_open_is_still_out() -> None:
    working = (*opened(), status("found", "open", name="p1a1"), returned())

    assert breaks(limited(position_bps=1_999), *working, *opened("p2"))


def test_what_is_filled_of_an_order_counts_once() -> None:
    partly = (*opened(), heard(buy("p1a1"), amount=4), returned())

    assert holds(limited(position_bps=2_000), *partly, *opened("p2"))


@pytest.mark.parametrize(
    ("resized", "lots"),
    [
        ((Sent(ReplaceOrder("p1a1", 4)),), 4),
        ((Sent(ReplaceOrder("p1a1", 40)),), 10),
        ((Sent(ReplaceOrder("p1a1", 40)), Told(Replaced("p1a1", 40))), 40),
        ((Sent(ReplaceOrder("p1a1", 4)), Told(Replaced("p1a1", 4))), 4),
        ((Sent(ReplaceOrder("other", 4)), Told(Replaced("other", 4))), 10),
    ],
)
def test_order_that_was_replaced_counts_as_what_is_known_of_it(resized: Records, lots: int) -> None:
    records = (*opened(), *resized, returned(), *opened("p2"))

    assert holds(limited(position_bps=100 * (lots + 10)), *records)
    assert breaks(limited(position_bps=100 * (lots + 10) - 1), *records)


# ---- each order by itself ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount_a", "amount_b", "broken"), [(10, 10, False), (11, 10, True), (10, 11, True)]
)
def test_order_size_is_that_of_the_larger_leg(amount_a: int, amount_b: int, broken: bool) -> None:
    planned = (signaled(amount_a=amount_a, amount_b=amount_b), Sent(buy("p1a1", amount_a)))

    assert breaks(limited(order_amount=10), *planned) is broken


@pytest.mark.parametrize(("amount_a", "amount_b", "broken"), [(10, 10, False), (11, 1, True), (1, 11, True)])
def test_order_notional_is_that_of_the_larger_leg(amount_a: int, amount_b: int, broken: bool) -> None:
    planned = (signaled(amount_a=amount_a, amount_b=amount_b), Sent(buy("p1a1", amount_a)))

    assert breaks(limited(order_notional=1_000), *planned) is broken


def test_order_notional_is_counted_at_the_limit_and_at_the_value_of_a_lot() -> None:
    limited_order = (signaled(price_a=101), Sent(replace(buy("p1a1"), price=101)))
    worth_three = Terms(
        EQUITY,
        (MarketTerms("AAA", 100, 3), MarketTerms("BBB", 100)),
        Bounds(**{**WIDE, "order_notional": 2_999}),
    )

    assert breaks(limited(order_notional=1_009), *limited_order)
    assert holds(limited(order_notional=1_010), *limited_order)
    assert breaks(worth_three, *opened())


@pytest.mark.parametrize(("price", "broken"), [(105, False), (95, False), (106, True), (94, True)])
def test_limit_price_is_inside_the_collar(price: int, broken: bool) -> None:
    order = (signaled(price_a=price), Sent(replace(buy("p1a1"), price=price)))

    assert breaks(limited(collar_bps=500), *order) is broken


def test_order_without_a_limit_has_no_collar() -> None:
    assert holds(limited(collar_bps=1), Told(Price("AAA", 300)), *opened())


def sent_again(name: str = "p1a2", **changes: Any) -> Sent:
    """The entry of p1 once more."""
    return Sent(replace(buy(name), **changes))


@pytest.mark.parametrize(
    ("limits", "moves", "changes"),
    [
        ({"collar_bps": 500}, (Told(Price("AAA", 106)),), {"price": 100}),
        ({"order_notional": 1_000}, (Told(Price("AAA", 101)),), {}),
        ({"position_bps": 1_000}, (Told(Price("AAA", 101)),), {}),
        ({"position_bps": 1_000}, (Told(Price("BBB", 101)),), {}),
        ({"order_amount": 10}, (), {"amount": 11}),
    ],
    ids=["collar", "notional", "position", "other position", "size"],
)
def test_entry_that_is_sent_again_is_judged_anew(limits: Any, moves: Any, changes: Any) -> None:
    first = (*opened(), status("not_found", name="p1a1"))

    assert holds(limited(**limits), *first, sent_again())
    assert breaks(limited(**limits), *first, *moves, sent_again(**changes))


def test_hedge_and_exit_are_not_judged_again() -> None:
    later = (*opened(), heard(buy("p1a1")), Told(Price("AAA", 1_000)))

    assert holds(limited(position_bps=1_000), *later, Sent(sell("p1b1", 10, "BBB")), Sent(leaving("p1x1")))


def test_trade_in_flight_sends_again_though_a_limit_on_their_number_is_reached() -> None:
    assert holds(limited(trades_in_flight=1), *opened(), status("not_found", name="p1a1"), sent_again())


def test_parked_intent_counts_in_full_in_every_sum() -> None:
    parked = (*opened(), *gone()[:1], alert(), returned(reason="parked"))

    assert breaks(limited(strategy_bps=2_999), *parked, *opened("p2", 5))


def test_first_order_is_judged_whatever_it_is() -> None:
    odd = (signaled(), Sent(CreateOrder("p1b1", "BBB", "sell", 10, intent="p1")))

    assert breaks(limited(leverage_bps=1_999), *odd)
