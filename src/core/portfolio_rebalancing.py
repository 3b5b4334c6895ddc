"""Moves capital between strategies: what they can spare at once, and the rest when it is free.

Capital that bears what a strategy has open at worst does not leave it, so no limit is broken at any step.
What is held back is owed, and follows when trades end. How much is to move is decided when it is asked for:
profit that is made later is the strategy's own. ``rebalance`` and ``released`` are pure.
"""

from core import portfolio
from core.admission import limits_now
from core.messages import AssignCapital, Command, RaiseAlert, RebalanceRequested, ReportAnomaly
from core.portfolio import RESERVE, Account, Targets, Transfer, budgets, split
from core.risk import needed
from core.state import State, Step, summary
from core.units import WHOLE_BPS, Money
from core.values import frozen, replace

Transfers = tuple[Transfer, ...]


@frozen
class Capital:
    """What a strategy is worth, and what of it bears its open trades at worst: that may be more."""

    strategy: str
    money: Money
    needed: Money = Money(0)


def rebalance(capitals: tuple[Capital, ...], targets: Targets) -> tuple[Transfers, Transfers]:
    """What moves now, and what is owed, so that each comes to its share of all to the minor unit.

    ``capitals`` are those of the reserve and of each strategy in ``targets``, more than nothing together.
    """
    wanted = dict(split(Money(sum([each.money for each in capitals])), targets))
    above = [(each.strategy, each.money - wanted[each.strategy]) for each in capitals]
    lacking = [(name, -excess) for name, excess in reversed(above) if excess < 0]
    plan: list[Transfer] = []
    for giver, excess in above:
        left = excess
        while left > 0:
            receiver, lacks = lacking.pop()
            amount = min(left, lacks)
            plan.append(Transfer(giver, receiver, Money(amount)))
            left -= amount
            if lacks > amount:
                lacking.append((receiver, lacks - amount))
    return released(capitals, tuple(plan))


def released(capitals: tuple[Capital, ...], owed: Transfers) -> tuple[Transfers, Transfers]:
    """What of the transfers ``owed`` moves now, in their order, and what is owed still."""
    free = {each.strategy: max(0, each.money - each.needed) for each in capitals}
    moved, still = [], []
    for each in owed:
        amount = Money(min(each.amount, free.get(each.giver, 0)))
        if amount:
            free[each.giver] -= amount
            moved.append(replace(each, amount=amount))
        if amount < each.amount:
            still.append(replace(each, amount=Money(each.amount - amount)))
    return tuple(moved), tuple(still)


# ---- on the state ----------------------------------------------------------------------------------


def rebalance_requested(state: State, event: RebalanceRequested) -> Step:
    """Capital is to move between strategies; that takes the place of what is owed."""
    targets = event.targets or budgets(state.settings)
    if not _is_complete(targets, state):
        return state, (ReportAnomaly("INVALID_TARGETS", event),)
    capitals = _capitals(state)
    if len(capitals) < len(state.accounts) or sum([each.money for each in capitals]) <= 0:
        return state, (ReportAnomaly("INVALID_VALUE", event),)  # nobody knows what there is to share
    state, commands = _moved(state, *rebalance(capitals, targets))
    return state, commands + _told_of_debts(state)


def _is_complete(targets: Targets, state: State) -> bool:
    """Whether these targets are for each strategy, once, and no more than the whole."""
    if (RESERVE, *[name for name, _ in targets]) != tuple([each.strategy for each in state.accounts]):
        return False
    shares = [share for _, share in targets]
    return min(shares) >= 0 and sum(shares) <= WHOLE_BPS


def settled(state: State, commands: tuple[Command, ...]) -> Step:
    """After anything changed: capital that is owed and free by now moves."""
    moved, owed = released(_capitals(state), state.owed)
    if not moved:
        return state, commands
    state, more = _moved(state, moved, owed)
    return state, commands + more


def told_again(state: State) -> tuple[Command, ...]:
    """After a restart: what people may not have been told of capital that moved, and of what is owed."""
    return tuple(map(_assigned, state.accounts)) + _told_of_debts(state)


def _told_of_debts(state: State) -> tuple[Command, ...]:
    return tuple([RaiseAlert("REBALANCING_OWED", (each.giver, each.amount)) for each in state.owed])


def _assigned(account: Account) -> AssignCapital:
    return AssignCapital(account.strategy, account.assigned)


def _capitals(state: State) -> tuple[Capital, ...]:
    """Of each whose worth is known, what it is worth and needs by the limits of now: all of it where nobody
    can say what it has open."""
    known, limits, blind = summary(state), limits_now(state), _blind(state)
    return tuple(
        [
            Capital(name, worth, worth if name in blind else needed(known.total, limits, name))
            for name, worth in known.capitals
            if worth is not None
        ]
    )


def _blind(state: State) -> set[str]:
    """The strategies with a trade in a symbol that has no usable price."""
    unpriced = [symbol for symbol, price in state.prices if price is None]
    return {
        trade.signal.strategy
        for trade in state.trades
        if trade.leg_a.symbol in unpriced or trade.leg_b.symbol in unpriced
    }


def _moved(state: State, moved: Transfers, owed: Transfers) -> Step:
    accounts = portfolio.transferred(state.accounts, moved)
    changed = [now for was, now in zip(state.accounts, accounts, strict=True) if was is not now]
    return replace(state, accounts=accounts, owed=owed), tuple(map(_assigned, changed))
