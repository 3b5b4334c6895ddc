"""Defects of a portfolio of strategies: whose capital it is, what is netted, and what moves."""

from dataclasses import replace

from core import portfolio, portfolio_netting, portfolio_rebalancing, risk, sums
from core.portfolio import Account
from core.units import WHOLE_BPS
from tests.canary.planted import Swap, plant

PROMISED = tuple(f"MS-{number:02}" for number in range(1, 9))


@plant("MS-01")
def last_strategy_is_left_out() -> list[Swap]:
    """The strategy that comes last has no account."""
    initial = portfolio.initial
    return [(portfolio, "initial", lambda settings, cash: initial(settings, cash)[:-1])]


@plant("MS-02")
def fills_are_booked_to_the_first() -> list[Swap]:
    """Whoever traded, the strategy that comes first pays for it."""
    booked = portfolio.booked

    def misbooked(accounts, strategy, change):
        return booked(accounts, accounts[1].strategy, change)

    return [(portfolio, "booked", misbooked)]


@plant("MS-03")
def position_is_bounded_per_strategy() -> list[Swap]:
    """What other strategies hold of a symbol is not counted, nor what heat and exposure they bring."""
    refusal = risk._refusal

    def alone(summary, limits, intent, after):
        opposing = refusal(summary, replace(limits, **LOOSE), intent, after)
        own = replace(intent.adds, strategies=after.strategies)
        return opposing or refusal(summary, limits, intent, own)

    return [(risk, "_refusal", alone)]


SHARES = ("position_bps", "gross_bps", "heat_bps", "net_bps", "leverage_bps", "cluster_bps")
LOOSE = dict.fromkeys(SHARES, 10**9)


@plant("MS-04")
def opposing_is_let_in() -> list[Swap]:
    """One strategy may be short where another is long."""
    merged = risk._merged

    def blind(rows, more):
        return tuple((*row[:2], 0, row[3]) if len(row) == 4 and row[1] else row for row in merged(rows, more))

    return [(risk, "_merged", blind)]


@plant("MS-04")
def both_sides_of_a_moment_go_out_smaller() -> list[Swap]:
    """Netting halves both signals that oppose, instead of leaving the difference to one."""

    def halved(plan, other):
        return portfolio_netting.sizing.resized(plan, max(1, plan.leg_a.planned // 2))

    return [(portfolio_netting, "less", halved)]


@plant("MS-05")
def shares_are_rounded_down() -> list[Swap]:
    """Units that are left over when capital is shared are lost."""

    def rounded(amount, targets):
        kept = WHOLE_BPS - sum(share for _, share in targets)
        return tuple(sorted((name, amount * share // WHOLE_BPS) for name, share in (("", kept), *targets)))

    return [(portfolio, "split", rounded), (portfolio_rebalancing, "split", rounded)]


@plant("MS-05", "MS-08")
def capital_arrives_and_never_left() -> list[Swap]:
    """The strategy that gives keeps what it gave."""
    assigned = portfolio._assigned

    def kept(account: Account, amount):
        return assigned(account, max(0, amount))

    return [(portfolio, "_assigned", kept)]


@plant("MS-06")
def budget_is_never_asked_for() -> list[Swap]:
    """A strategy may use the capital of all."""
    return [(risk, "_budget_refusal", lambda summary, limits, intent, after: None)]


@plant("MS-06")
def budget_is_a_share_of_what_all_have() -> list[Swap]:
    """What a strategy may use is judged by all that is open: others use it up."""

    def shared(total, limits, strategy):
        return -(-total.gross * WHOLE_BPS // limits.budget_bps)

    return [(risk, "needed", shared), (portfolio_rebalancing, "needed", shared)]


@plant("MS-07")
def heat_of_five_and_no_more() -> list[Swap]:
    """The sums look at the first five trades."""
    total = sums.total
    return [(sums, "total", lambda trades, prices, settings: total(trades[:5], prices, settings))]


@plant("MS-08")
def capital_in_use_moves_too() -> list[Swap]:
    """What bears open trades leaves with the rest."""
    released = portfolio_rebalancing.released

    def careless(capitals, owed):
        return released(tuple(replace(each, needed=0) for each in capitals), owed)

    return [(portfolio_rebalancing, "released", careless)]


@plant("MS-08")
def what_is_owed_is_forgotten() -> list[Swap]:
    """Capital that is in use when it is asked for never moves."""
    released = portfolio_rebalancing.released
    return [(portfolio_rebalancing, "released", lambda capitals, owed: (released(capitals, owed)[0], ()))]
