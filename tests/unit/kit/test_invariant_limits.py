"""I10: each limit at its bound and one beyond it, at the moment something is opened."""

from typing import Any

import pytest

from hedgecheck.invariants import Bounds, MarketTerms, Terms
from hedgecheck.invariants import worst_case_limit as rule
from hedgecheck.messages import (
    Canceled,
    CapitalAssigned,
    CashFlow,
    FetchOrder,
    NewDay,
    Price,
    Sent,
    Told,
    TradingHalted,
    TradingResumed,
)
from tests.unit.kit.traces import (
    Records,
    Seen,
    alert,
    buy,
    fill,
    heard,
    is_broken,
    judge,
    remember,
    returned,
    sell,
    signaled,
)

WIDE = {
    "position_bps": 1_000_000,
    "gross_bps": 1_000_000,
    "heat_bps": 1_000_000,
    "exit_cost_bps": 0,
    "trades_in_flight": 100,
    "order_amount": 1_000_000,
    "strategy_bps": 1_000_000,
    "net_bps": 1_000_000,
    "leverage_bps": 1_000_000,
    "cluster_bps": 1_000_000,
}
EQUITY = 10_000


def limited(**limits: Any) -> Terms:
    """Equity of 10,000 and two symbols at 100, with only these limits in reach."""
    markets = (MarketTerms("AAA", 100), MarketTerms("BBB", 100))
    return Terms(EQUITY, markets, Bounds(**{**WIDE, **limits}))


def opened(name: str = "p1", lots: int = 10, **changes: Any) -> Records:
    """An intent of so many lots a leg, and its first order on the wire."""
    return signaled(name, lots, lots, **changes), Sent(buy(f"{name}a1", lots, of=name))


def gone(name: str = "p1") -> Records:
    """Its first order was cancelled before anything was filled, and the call returned."""
    return Told(Canceled(f"{name}a1", 0)), returned(name)


def ended(name: str = "p1", lots: int = 10, reason: str = "hedged") -> Records:
    """The same, filled on both legs and returned."""
    hedge = sell(f"{name}b1", lots, "BBB", of=name)
    entry = buy(f"{name}a1", lots, of=name)
    return (
        *opened(name, lots),
        heard(entry),
        Sent(hedge),
        heard(hedge),
        returned(name, reason == "hedged", reason),
    )


def breaks(terms: Terms, *records: Any) -> bool:
    """Whether the rule does not hold."""
    return is_broken(judge(rule, records, terms=terms))


# ---- each limit ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "at_bound", "beyond"),
    [
        ({"order_amount": 10}, opened(lots=10), opened(lots=11)),
        ({"position_bps": 1_000}, opened(lots=10), opened(lots=11)),
        ({"gross_bps": 2_000}, opened(lots=10), opened(lots=11)),
        ({"heat_bps": 2_000}, opened(lots=10), opened(lots=11)),
        ({"trades_in_flight": 1}, opened(), (*opened(), *opened("p2"))),
        ({"trades_in_flight": 2}, (*opened(), *opened("p2")), (*opened(), *opened("p2"), *opened("p3"))),
        ({"position_bps": 2_000}, (*opened(), *opened("p2")), (*opened(), *opened("p2", 11))),
        ({"gross_bps": 4_000}, (*opened(), *opened("p2")), (*opened(), *opened("p2", 11))),
        ({"heat_bps": 4_000}, (*opened(), *opened("p2")), (*opened(), *opened("p2", 11))),
    ],
    ids=["order", "position", "gross", "heat", "flight-1", "flight-2", "positions", "gross-2", "heat-2"],
)
def test_limit_holds_at_its_bound_and_breaks_beyond(
    limits: dict[str, int], at_bound: Records, beyond: Records
) -> None:
    terms = limited(**limits)

    assert judge(rule, at_bound, terms=terms) == "holds"
    assert breaks(terms, *beyond)


def test_breach_is_remembered_after_a_later_opening_that_keeps_the_limits() -> None:
    later = (*opened(lots=11), returned(), *opened("p2", 1))

    assert is_broken(rule.verdict(remember(rule, later, limited(order_amount=10)), Seen()))


def test_nothing_opened_is_vacuous() -> None:
    terms = limited(position_bps=1)

    assert judge(rule, (signaled(), Sent(FetchOrder("X")), returned()), terms=terms) == "vacuous"


def test_order_of_no_intent_opens_nothing() -> None:
    assert judge(rule, (signaled(), Sent(buy(of=None))), terms=limited(position_bps=1)) == "vacuous"


# ---- capital of a strategy ---------------------------------------------------------------------------

HALF = (("m", 4_000), ("p", 5_000))  # of 10,000


@pytest.mark.parametrize(("bps", "most"), [(10_000, 25), (5_000, 12), (20_000, 50)])
def test_strategy_may_have_open_what_its_own_capital_bears(bps: int, most: int) -> None:
    terms = limited(budgets=HALF, budget_bps=bps)

    assert judge(rule, opened(lots=most), terms=terms) == "holds"
    assert breaks(terms, *opened(lots=most + 1))
    assert judge(rule, (*opened("m1", most - 12), *opened(lots=most)), terms=terms) == "holds"
    assert breaks(terms, *opened("p2", 5), *opened(lots=most - 4))


def test_strategy_that_has_no_capital_of_its_own_has_no_bound() -> None:
    assert judge(rule, opened("z1", 90), terms=limited(budgets=HALF)) == "holds"


def test_what_a_strategy_made_or_lost_is_its_own() -> None:
    terms, up, down = limited(budgets=HALF), Told(Price("AAA", 110)), Told(Price("AAA", 90))
    held = ended(lots=10)

    assert judge(rule, (*held, up, *opened("p2", 14)), terms=terms) == "holds"
    assert breaks(terms, *held, up, *opened("p2", 15))
    assert judge(rule, (*held, down, *opened("p2", 15)), terms=terms) == "holds"
    assert breaks(terms, *held, down, *opened("p2", 16))
    assert judge(rule, (*held, up, *opened("m1", 19)), terms=terms) == "holds"


@pytest.mark.parametrize(
    ("assigned", "lots", "broken"),
    [
        ((("p", 1_000),), 30, False),
        ((("p", 1_000),), 31, True),
        ((("p", 1_000), ("p", 1_000)), 31, True),
        ((("p", 1_000), ("p", -1_000)), 20, False),
        ((("p", 1_000), ("p", -1_000)), 21, True),
        ((("m", 1_000),), 25, False),
        ((("", 1_000),), 25, False),
    ],
)
def test_capital_that_was_assigned_counts_as_often_as_it_was(
    assigned: tuple[tuple[str, int], ...], lots: int, broken: bool
) -> None:
    said = tuple(CapitalAssigned(*each) for each in assigned)

    assert breaks(limited(budgets=HALF), *said, *opened(lots=lots)) == broken


@pytest.mark.parametrize(
    ("name", "amount", "broken"), [("p", -1_000, False), ("p", -1_001, True), ("m", -4_000, False)]
)
def test_capital_that_bears_open_trades_does_not_leave(name: str, amount: int, broken: bool) -> None:
    terms = limited(budgets=HALF)
    records = (*opened(lots=20), CapitalAssigned(name, amount), CapitalAssigned("", -amount))

    assert breaks(terms, *records) == broken
    assert breaks(terms, *records, CapitalAssigned(name, 0)) == broken
    assert not breaks(terms, *opened(lots=20), *gone(), *records[2:])


def test_a_strategy_that_is_beyond_its_capital_by_now_may_be_given_more() -> None:
    poor = (*opened(lots=25), Told(Price("AAA", 200)))

    assert judge(rule, (*poor, CapitalAssigned("p", 1)), terms=limited(budgets=HALF)) == "holds"


@pytest.mark.parametrize(("amount", "most"), [(2_000, 30), (-2_000, 20)])
def test_each_strategy_has_its_share_of_cash_that_flowed(amount: int, most: int) -> None:
    terms = limited(budgets=HALF)

    assert judge(rule, (CashFlow(amount), *opened(lots=most)), terms=terms) == "holds"
    assert breaks(terms, CashFlow(amount), *opened(lots=most + 1))
    assert judge(rule, (*opened("z1", 90), CashFlow(amount)), terms=terms) == "holds"


@pytest.mark.parametrize(("amount", "lots"), [(2_000, 12), (-2_000, 8)])
def test_limits_are_of_the_equity_after_cash_flowed(amount: int, lots: int) -> None:
    terms = limited(position_bps=1_000)

    assert judge(rule, (CashFlow(amount), *opened(lots=lots)), terms=terms) == "holds"
    assert breaks(terms, CashFlow(amount), *opened(lots=lots + 1))


# ---- heat ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("heat_bps", "broken"), [(100, False), (99, True)])
def test_heat_is_what_is_lost_when_the_stops_are_hit(heat_bps: int, broken: bool) -> None:
    with_stops = opened(stop_a=95, stop_b=105)  # 5 ticks of 10 lots, twice: 100 of 10,000

    assert breaks(limited(heat_bps=heat_bps), *with_stops) is broken


@pytest.mark.parametrize(("heat_bps", "broken"), [(1_050, False), (1_049, True)])
def test_leg_without_a_stop_risks_all_of_it(heat_bps: int, broken: bool) -> None:
    assert breaks(limited(heat_bps=heat_bps), *opened(stop_a=95)) is broken


@pytest.mark.parametrize(("heat_bps", "broken"), [(120, False), (119, True)])
def test_getting_out_costs_its_share_of_the_notional(heat_bps: int, broken: bool) -> None:
    terms = limited(heat_bps=heat_bps, exit_cost_bps=100)  # one percent of 1,000, twice

    assert breaks(terms, *opened(stop_a=95, stop_b=105)) is broken


@pytest.mark.parametrize(("heat_bps", "broken"), [(30, False), (29, True)])
def test_heat_of_a_limit_order_is_counted_from_its_limit(heat_bps: int, broken: bool) -> None:
    assert breaks(limited(heat_bps=heat_bps), *opened(price_a=98, stop_a=95, stop_b=100)) is broken


def test_stop_already_passed_gives_no_credit() -> None:
    terms = limited(heat_bps=50)

    assert judge(rule, opened(stop_a=120, stop_b=105), terms=terms) == "holds"
    assert breaks(limited(heat_bps=49), *opened(stop_a=120, stop_b=105))


# ---- what counts, and as what ------------------------------------------------------------------------


def test_running_intent_counts_in_full_though_little_is_filled() -> None:
    partly = (*opened(), heard(buy("p1a1"), amount=1))

    assert judge(rule, (*partly, *opened("p2")), terms=limited(position_bps=2_000)) == "holds"
    assert breaks(limited(position_bps=1_999), *partly, *opened("p2"))


def test_finished_intent_counts_as_what_it_holds() -> None:
    unfilled = (*opened(), *gone())
    tight = limited(position_bps=1_000, trades_in_flight=1)

    assert judge(rule, (*unfilled, *opened("p2")), terms=tight) == "holds"
    assert breaks(tight, *ended(), *opened("p2"))
    assert judge(rule, (*ended(), *opened("p2")), terms=limited(position_bps=2_000)) == "holds"


def test_intent_that_holds_more_than_it_planned_counts_as_what_it_holds() -> None:
    overfilled = (*opened(), heard(buy("p1a1", 15)))

    assert breaks(limited(position_bps=2_499), *overfilled, *opened("p2"))
    assert judge(rule, (*overfilled, *opened("p2")), terms=limited(position_bps=2_500)) == "holds"


def test_refused_intent_does_not_count() -> None:
    refused = (signaled(), returned(reason="POSITION_CAP"))

    assert judge(rule, (*refused, *opened("p2")), terms=limited(trades_in_flight=1)) == "holds"


def test_parked_intent_counts_in_full_until_a_person_acted() -> None:
    parked = (*opened(), alert(), returned(reason="parked"))

    assert breaks(limited(trades_in_flight=1), *parked, *opened("p2"))
    assert breaks(limited(position_bps=1_999), *parked, *opened("p2"))


@pytest.mark.parametrize(
    ("halted", "resumed"),
    [
        ((TradingHalted(),), (TradingResumed(),)),
        ((TradingHalted(("BBB",)),), (TradingResumed(("BBB",)),)),
        ((NewDay(0, "closed"),), (NewDay(1),)),
    ],
    ids=["market", "symbol", "session"],
)
def test_intent_of_which_a_person_was_told_while_it_could_not_be_traded_does_not_wait_for_him(
    halted: Records, resumed: Records
) -> None:
    waited = (*opened(), *halted, alert(), *gone(), *resumed)
    limits = limited(trades_in_flight=1)

    assert judge(rule, (*waited, *opened("p2")), terms=limits) == "holds"
    assert breaks(limits, *waited, alert(), *opened("p2"))
    assert breaks(limits, *opened(), TradingHalted(("CCC",)), alert(), *gone(), *opened("p2"))


@pytest.mark.parametrize("reason", ["DUPLICATE_SIGNAL", "KEY_BUSY"])
def test_refusal_of_a_repeated_call_does_not_end_the_running_one(reason: str) -> None:
    repeated = (*opened(), signaled(), returned(reason=reason))

    assert breaks(limited(trades_in_flight=1), *repeated, *opened("p2"))


def test_limits_are_judged_when_an_intent_opens_and_not_later() -> None:
    later = (*opened(), heard(buy("p1a1")), Sent(sell("p1b1", 10, "BBB")), Told(Price("AAA", 1_000)))

    assert judge(rule, later, terms=limited(position_bps=1_000)) == "holds"


# ---- equity and prices ----------------------------------------------------------------------------------


def test_exposure_is_valued_at_the_price_the_engine_was_told() -> None:
    terms = limited(position_bps=1_000)

    assert breaks(terms, Told(Price("AAA", 101)), *opened())
    assert judge(rule, (Price("AAA", 101), *opened()), terms=terms) == "holds"  # it has not heard yet
    assert judge(rule, (Told(Price("BBB", 99)), *opened()), terms=terms) == "holds"


def test_value_of_a_tick_and_lot_counts() -> None:
    terms = Terms(
        EQUITY,
        (MarketTerms("AAA", 100, 3), MarketTerms("BBB", 100)),
        Bounds(**{**WIDE, "position_bps": 2_999}),
    )

    assert breaks(terms, *opened())


@pytest.mark.parametrize(("price", "broken"), [(100, False), (50, True)])
def test_loss_on_what_is_held_lowers_equity(price: int, broken: bool) -> None:
    held = (*ended(), Told(Price("AAA", price)))  # 10 lots: 500 of 10,000 lost at 50
    next_one = (signaled("p2", 1, 10), Sent(buy("p2a1", 1, of="p2")))

    assert breaks(limited(position_bps=2_000), *held, *next_one) is broken


def test_execution_heard_twice_moves_equity_once() -> None:
    lost = heard(buy("p1a1"), price=200)
    records = (*opened(), lost, lost, returned())  # paid 2,000 for 1,000: equity 9,000

    assert judge(rule, (*records, *opened("p2", 8)), terms=limited(position_bps=2_000)) == "holds"
    assert breaks(limited(position_bps=1_999), *records, *opened("p2", 8))


def test_fee_lowers_equity() -> None:
    paid = (*opened(), heard(buy("p1a1"), fee_money=1_000), returned())

    assert judge(rule, (*paid, *opened("p2", 8)), terms=limited(position_bps=2_000)) == "holds"
    assert breaks(limited(position_bps=1_999), *paid, *opened("p2", 8))


def test_no_equity_left_allows_nothing() -> None:
    ruined = (*opened(), heard(buy("p1a1"), price=2_000), returned())

    assert breaks(limited(), *ruined, *opened("p2", 1))


def test_execution_the_engine_has_not_heard_of_does_not_count() -> None:
    records = (*opened(), fill(buy("p1a1")), *gone())

    assert judge(rule, (*records, *opened("p2")), terms=limited(position_bps=1_000)) == "holds"
