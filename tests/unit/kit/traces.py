"""Hand-written traces: short names for the usual records, and ``judge``, which asks a rule about them.

The plain setting is two symbols at 100, one lot a step, no fees, 1,000,000 of cash.
"""

from dataclasses import dataclass, replace
from typing import Any

from hedgecheck.invariants import (
    Belief,
    BelievedOrder,
    Broken,
    Finding,
    Invariant,
    MarketTerms,
    Restart,
    Terms,
)
from hedgecheck.messages import (
    Accepted,
    Alert,
    Arrived,
    CreateOrder,
    Filled,
    Intent,
    Record,
    Returned,
    Sent,
    Side,
    Signaled,
    Status,
    Told,
)

CASH = 1_000_000
TERMS = Terms(CASH, (MarketTerms("AAA", 100), MarketTerms("BBB", 100)))
NOTHING = Belief(CASH, (), ())

Records = tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A view of the world as a verdict gets it."""

    belief: Belief = NOTHING
    is_at_rest: bool = False
    restarts: tuple[Restart, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A trace, and what the engine believes at its end, and after restarts there."""

    rule: Invariant
    records: Records
    belief: Belief = NOTHING
    restarts: tuple[Restart, ...] = ()


def remember(rule: Invariant, records: Records, terms: Terms = TERMS) -> Any:
    """The memory of the rule's books after the records that they hear."""
    memory = rule.books.initial(terms)
    for record in records:
        memory = rule.books.observe(memory, record)
    return memory


def judge(
    rule: Invariant,
    records: Records,
    belief: Belief = NOTHING,
    at_rest: bool | None = None,
    terms: Terms = TERMS,
    restarts: tuple[Restart, ...] = (),
) -> Finding:
    """What the rule says at the end, or at the first record that breaks it.

    Rest rules, and those that compare with a belief, are asked once, at the end. ``at_rest`` None: as the
    rule's kind has it.
    """
    if rule.kind == "always" and rule.judged_after is None:
        for end in range(1, len(records)):
            finding = rule.verdict(remember(rule, records[:end], terms), Seen(belief))
            if isinstance(finding, Broken):
                return finding
    at_rest = rule.kind == "rest" if at_rest is None else at_rest
    return rule.verdict(remember(rule, records, terms), Seen(belief, at_rest, restarts))


def is_broken(finding: Finding) -> bool:
    """Whether the rule does not hold."""
    return isinstance(finding, Broken)


def says(rule: Invariant, *records: object, belief: Belief = NOTHING, terms: Terms | None = None) -> str:
    """What the rule says of these, any breach as ``broken``."""
    finding = judge(rule, records, belief, **({} if terms is None else {"terms": terms}))
    return "broken" if is_broken(finding) else finding


# ---- belief ----------------------------------------------------------------------------------------


def holding(**positions: int) -> Belief:
    """An engine with these positions."""
    return replace(NOTHING, positions=tuple(sorted(positions.items())))


def order_over(name: str = "X", filled: int = 0) -> Belief:
    """An engine that expects nothing more of this order."""
    return replace(NOTHING, orders=(BelievedOrder(name, True, filled),))


def order_open(name: str = "X", filled: int = 0) -> Belief:
    """An engine that still waits for this order."""
    return replace(NOTHING, orders=(BelievedOrder(name, False, filled),))


# ---- records ---------------------------------------------------------------------------------------


def intent(name: str = "p1", amount_a: int = 10, amount_b: int = 10, **changes: Any) -> Intent:
    """Buy AAA, sell BBB."""
    return replace(Intent(name, "AAA", "buy", amount_a, "BBB", "sell", amount_b), **changes)


def signaled(name: str = "p1", amount_a: int = 10, amount_b: int = 10, **changes: Any) -> Signaled:
    """The engine is given the intent."""
    return Signaled(intent(name, amount_a, amount_b, **changes))


def buy(name: str = "X", amount: int = 10, symbol: str = "AAA", of: str | None = "p1") -> CreateOrder:
    """An order at market."""
    return CreateOrder(name, symbol, "buy", amount, intent=of)


def sell(name: str = "X", amount: int = 10, symbol: str = "AAA", of: str | None = "p1") -> CreateOrder:
    """An order at market."""
    return CreateOrder(name, symbol, "sell", amount, intent=of)


def leaving(
    name: str = "E", amount: int = 10, symbol: str = "AAA", side: Side = "sell", of: str | None = "p1"
) -> CreateOrder:
    """An exit: reduce-only, at market."""
    return CreateOrder(name, symbol, side, amount, reduce_only=True, intent=of)


def stop(
    name: str = "S",
    amount: int = 10,
    symbol: str = "AAA",
    side: Side = "sell",
    at: int = 95,
    of: str | None = "p1",
) -> CreateOrder:
    """A stop that protects what is held: reduce-only, at market once the price is at it."""
    return CreateOrder(name, symbol, side, amount, reduce_only=True, intent=of, stop_price=at)


def fill(order: CreateOrder, amount: int | None = None, trade: str = "", **changes: Any) -> Filled:
    """An execution of the order at 100; of all of it unless ``amount`` says otherwise."""
    lots = order.amount if amount is None else amount
    name = order.client_order_id
    return replace(Filled(name, trade or f"{name}.1", order.symbol, order.side, lots, 100), **changes)


def placed(order: CreateOrder) -> Records:
    """The venue takes the order."""
    return Sent(order), Arrived(order), Accepted(order.client_order_id)


def traded(order: CreateOrder, **changes: Any) -> Records:
    """The venue takes the order and fills it."""
    return *placed(order), fill(order, **changes)


def heard(order: CreateOrder, **changes: Any) -> Told:
    """The engine hears of an execution."""
    return Told(fill(order, **changes))


def status(answer: Any, state: Any = "open", *fills: Filled, name: str = "X") -> Told:
    """The engine hears the answer to a query."""
    return Told(Status(name, answer, state, fills))


def returned(name: str = "p1", success: bool = False, reason: str = "unfilled") -> Returned:
    """The call that carried the intent returns."""
    return Returned(name, success, reason)


def alert(subject: str = "p1", reason: str = "PARKED") -> Alert:
    """A person is told."""
    return Alert(subject, reason)
