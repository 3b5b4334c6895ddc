"""Drawn limits: at most one is in reach, each some time; and the bundled core is told all of them."""

from dataclasses import fields, replace

import pytest

from core.settings import Correlation, MessageRate, Strategy, problems
from hedgecheck.drive import limits_of, settings_of
from hedgecheck.explore import scopes
from hedgecheck.explore.bounded import LOOSE, Small, scope_of
from hedgecheck.invariants import Bounds

SEEDS = range(1, 1_500)
TOGETHER = {"correlations": "cluster_bps", "message_refill": "message_burst"}  # what only goes with another
NEVER = {"exit_cost_bps", "cluster_correlation"}
OF_BOOKS = {"participation_bps", "spread_bps", "impact_bps"}
APART = {"budgets", "budget_bps", "conflicts", *OF_BOOKS}  # in scopes of their own, or no limit


def tight(seed: int) -> set[str]:
    """The limits of a scope that are not far away."""
    scope = scopes.draw(seed)
    roomy = replace(LOOSE, order_amount=100 * scope.intents[0].amount_a)
    names = [each.name for each in fields(Bounds) if each.name not in APART]
    changed = {name for name in names if getattr(scope.bounds, name) != getattr(roomy, name)}
    return {TOGETHER.get(name, name) for name in changed}


def test_at_most_one_limit_is_in_reach_and_each_some_time() -> None:
    drawn = [tight(seed) for seed in SEEDS]

    assert max(map(len, drawn)) == 1
    assert set().union(*drawn) == {each.name for each in fields(Bounds)} - set(TOGETHER) - NEVER - APART
    assert drawn.count(set()) > len(SEEDS) // 10


def test_from_a_seed_on_strategies_have_capital_of_their_own_and_all_else_is_as_before_it() -> None:
    owned = [(scopes.draw(seed), scopes.draw(scopes.OWNED_FROM + seed)) for seed in SEEDS]

    assert len({scope.bounds.budgets for _, scope in owned}) == 3
    assert {scope.bounds.budget_bps for _, scope in owned} == {5_000, 10_000, 20_000}
    assert {scope.rebalances for _, scope in owned} == {1, 3}
    for before, scope in owned:
        bounds = replace(scope.bounds, budgets=(), budget_bps=10_000)
        assert replace(scope, bounds=bounds, rebalances=0) == before
        assert problems(settings_of(scope)) == ()


def test_from_a_later_seed_on_symbols_have_order_books_and_all_else_is_as_before_it() -> None:
    booked = [(scopes.draw(seed), scopes.draw(scopes.BOOKED_FROM + seed)) for seed in SEEDS]

    assert {scope.reshapes for _, scope in booked} == {1, 3, 6}
    assert {scope.bounds.participation_bps for _, scope in booked} == {None, 10_000, 30_000}
    assert {scope.bounds.spread_bps for _, scope in booked} == {None, 250}
    assert {scope.bounds.impact_bps for _, scope in booked} == {None, 35}
    for before, scope in booked:
        bounds = replace(scope.bounds, **dict.fromkeys(OF_BOOKS))
        assert replace(scope, bounds=bounds, reshapes=0, books=()) == before
        assert [each.symbol for each in scope.books] == [each.symbol for each in scope.house.markets]
        for book, market in zip(scope.books, scope.house.markets, strict=True):
            assert min(book.bid_depth, book.ask_depth) > 0 == book.bid_depth % market.lot
        assert problems(settings_of(scope)) == ()


def test_scopes_have_books_and_budgets_together() -> None:
    both = scopes.draw(scopes.BOOKED_FROM + scopes.OWNED_FROM + 5)

    assert (both.bounds.budgets, both.rebalances) == (
        scopes.draw(scopes.OWNED_FROM + 5).bounds.budgets,
        scopes.draw(scopes.OWNED_FROM + 5).rebalances,
    )
    assert both.books


def test_moves_are_those_of_the_scope_before_it() -> None:
    assert scopes.draw(scopes.OWNED_FROM + 5, (77,)).moves == (77,) * 3


def test_most_intents_fit_their_limits_and_some_do_not() -> None:
    orders = [scopes.draw(seed) for seed in SEEDS if tight(seed) == {"order_notional"}]
    too_large = [scope.intents[0].amount_a * scopes.PRICE > scope.bounds.order_notional for scope in orders]

    assert not any(too_large)
    assert any(
        max(each.amount_b for each in scope.intents) * scopes.PRICE > scope.bounds.order_notional
        for scope in orders
    )


def test_limits_of_small_scopes_are_far_away() -> None:
    assert scope_of(Small()).bounds == replace(LOOSE, exit_cost_bps=0)


@pytest.mark.parametrize(
    ("bound", "limit"),
    [
        ("position_bps", "position_bps"),
        ("gross_bps", "gross_bps"),
        ("heat_bps", "heat_bps"),
        ("exit_cost_bps", "exit_cost_bps"),
        ("trades_in_flight", "trades_in_flight"),
        ("order_amount", "order_quantity"),
        ("strategy_bps", "strategy_bps"),
        ("net_bps", "net_bps"),
        ("leverage_bps", "leverage_bps"),
        ("cluster_bps", "cluster_bps"),
        ("cluster_correlation", "cluster_correlation"),
        ("collar_bps", "collar_bps"),
        ("order_notional", "order_notional"),
        ("budget_bps", "budget_bps"),
        ("participation_bps", "participation_bps"),
        ("spread_bps", "spread_bps"),
        ("impact_bps", "impact_bps"),
    ],
)
def test_core_is_told_every_limit(bound: str, limit: str) -> None:
    told = limits_of(replace(LOOSE, **{bound: 77}))

    assert getattr(told, limit) == 77
    assert replace(told, **{limit: getattr(limits_of(LOOSE), limit)}) == limits_of(LOOSE)


def test_core_is_told_the_budget_of_every_strategy() -> None:
    told = settings_of(replace(scopes.plain(), bounds=replace(LOOSE, budgets=(("m", 1), ("p", 2)))))

    assert told.strategies == (Strategy("m", 1), Strategy("p", 2))


def test_core_is_told_of_messages_only_where_they_are_bounded() -> None:
    assert limits_of(LOOSE).message_rate is None
    assert limits_of(replace(LOOSE, message_burst=5, message_refill=2)).message_rate == MessageRate(
        5, 2, 1_000_000_000
    )


def test_core_is_told_the_correlations_in_order() -> None:
    known = (("BBB", "CCC", 5), ("AAA", "BBB", -7))
    scope = replace(scopes.plain(), bounds=replace(LOOSE, correlations=known))

    assert settings_of(scope).correlations == (Correlation("AAA", "BBB", -7), Correlation("BBB", "CCC", 5))
