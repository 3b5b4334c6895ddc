"""I10: whenever an engine opens something, everything open, counted at its worst, is inside the limits."""

from typing import Literal

from hedgecheck.invariants.accounting import ACCOUNT
from hedgecheck.invariants.base import (
    Books,
    Broken,
    Finding,
    Heard,
    View,
)
from hedgecheck.invariants.worst import (
    Account,
    is_leveraged_beyond,
)
from hedgecheck.messages import (
    BookShown,
    CapitalAssigned,
    CashFlow,
    CreateOrder,
    Price,
    Sent,
    Told,
)
from hedgecheck.values import frozen


@frozen
class WorstCaseLimit:
    """At every entry order, with every open intent counted in full, one that was netted as what it enters
    for, every finished one as what it holds, and
    every order that is out: order size and notional, price collar, message rate, trades in flight, position,
    strategy, gross and net exposure, leverage, cluster, heat, and the strategy's own capital; and both legs
    are no more than the books bear that the engine was told of last: share of what stands there, spread and
    impact. And where a price or a withdrawal takes the engine beyond its leverage, or a book bears their
    intent no more, the entries that rest are cancelled at once; and capital that bears a strategy's open
    trades does not move away from it."""

    id: str = "I10"
    name: str = "worst_case_limit"
    kind: Literal["always", "rest"] = "always"
    judged_after: tuple[Heard, ...] = (
        (Sent, CreateOrder),
        (Told, Price),
        (Told, BookShown),
        CapitalAssigned,
        CashFlow,
    )
    books: Books = ACCOUNT

    def verdict(self, memory: Account, view: View) -> Finding:
        if memory.breach:
            return Broken(memory.breach)
        if memory.owed:
            leveraged = is_leveraged_beyond(memory)
            cause = "leverage is beyond its bound" if leveraged else "a book bears it no longer"
            return Broken(f"{cause}, and {', '.join(memory.owed)} still rests")
        return "holds" if memory.openings else "vacuous"
