"""Strategies with capital of their own: whose every fill and every minor unit is.

Beside the book of the account each strategy has one, and the reserve has what no strategy was given. A fill
is booked twice, in the account's book and in that of its trade's strategy, and capital that moves leaves one
book and enters another: so the books of all add up to the account's. Only cash moves between strategies;
positions stay with the trades that opened them. Without strategies in the settings there are no such books.
"""

from collections.abc import Callable

from core import positions
from core.memo import latest
from core.positions import Book, Prices
from core.settings import Settings
from core.units import WHOLE_BPS, BasisPoints, Money
from core.values import frozen, replace

RESERVE = ""  # the name under which the reserve is booked
Targets = tuple[tuple[str, BasisPoints], ...]  # of all capital, by strategy; the rest is in reserve
Capitals = tuple[tuple[str, Money | None], ...]  # None: it holds what has no usable price


@frozen
class Account:
    """What is one strategy's, or the reserve's. ``assigned``: capital that it got from others, less what went
    to them."""

    strategy: str
    book: Book
    assigned: Money = Money(0)


@frozen
class Transfer:
    """Capital that goes from one strategy to another, more than nothing."""

    giver: str
    receiver: str
    amount: Money


Accounts = tuple[Account, ...]  # sorted by strategy


def initial(settings: Settings, cash: Money) -> Accounts:
    """The accounts in the beginning: each strategy has its budget of the cash."""
    if not settings.strategies:
        return ()
    return tuple([Account(name, Book(part)) for name, part in split(cash, budgets(settings))])


def budgets(settings: Settings) -> Targets:
    """The share of each strategy by the settings."""
    return tuple([(each.name, each.budget_bps) for each in settings.strategies])


def may_trade(settings: Settings, strategy: str) -> bool:
    """Whether a strategy of that name has capital, where any needs it."""
    return not settings.strategies or strategy in [each.name for each in settings.strategies]


def split(amount: Money, targets: Targets) -> tuple[tuple[str, Money], ...]:
    """``amount``, of either sign, by these shares and the reserve's, to the minor unit, sorted by name.

    Largest remainder (Hamilton 1792): no part is a whole unit off its share. The targets are at most the
    whole; of equal remainders the reserve's is rounded up, then that of the first by name. What is taken is
    shared as what is given.
    """
    if amount < 0:
        return tuple([(name, Money(-part)) for name, part in split(Money(-amount), targets)])
    kept = WHOLE_BPS - sum([share for _, share in targets])
    shares = ((RESERVE, kept), *targets)
    parts = {name: amount * share // WHOLE_BPS for name, share in shares}
    left = amount - sum(parts.values())
    for name, _ in sorted(shares, key=lambda each: -(amount * each[1] % WHOLE_BPS))[:left]:
        parts[name] += 1
    return tuple([(name, Money(part)) for name, part in sorted(parts.items())])


def booked(accounts: Accounts, strategy: str, book: Callable[[Book], Book]) -> Accounts:
    """The accounts after that strategy's book was changed."""
    return tuple(
        [replace(each, book=book(each.book)) if each.strategy == strategy else each for each in accounts]
    )


def cash_moved(accounts: Accounts, amount: Money, settings: Settings) -> Accounts:
    """The accounts after cash was paid in or out: it is shared by the budgets."""
    if not accounts:
        return accounts
    parts = dict(split(amount, budgets(settings)))
    return tuple([replace(each, book=_with_cash(each.book, parts[each.strategy])) for each in accounts])


def _with_cash(book: Book, amount: int) -> Book:
    return replace(book, cash=Money(book.cash + amount))


def transferred(accounts: Accounts, transfers: tuple[Transfer, ...]) -> Accounts:
    """The accounts after capital moved between them."""
    changes: dict[str, int] = {}
    for each in transfers:
        changes[each.giver] = changes.get(each.giver, 0) - each.amount
        changes[each.receiver] = changes.get(each.receiver, 0) + each.amount
    return tuple([_assigned(each, changes.get(each.strategy, 0)) for each in accounts])


def _assigned(account: Account, amount: int) -> Account:
    if not amount:
        return account
    assigned = Money(account.assigned + amount)
    return replace(account, book=_with_cash(account.book, amount), assigned=assigned)


@latest
def capitals(accounts: Accounts, prices: Prices, settings: Settings) -> Capitals:
    """What each is worth: its cash, and what it holds at the market."""
    return tuple([(each.strategy, positions.equity(each.book, prices, settings)) for each in accounts])
