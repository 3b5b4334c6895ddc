"""Contracts of unbounded shapes, which CrossHair does not get to the end of: pinned as not confirmed.

Each has a bounded relative in ``fills`` or ``gate`` that is confirmed. They stay because a counterexample
would still be found, and so that nobody takes the bounded ones for more than they are.
"""

# ruff: noqa: PT018 - one assert before and one after, so that it is plain which is which; and
# a twin has the body of its check, whatever of it the false claim needs

from core.orders import Order
from core.risk import Contribution, Intent, Summary, decide
from specs.contracts.shapes import ID, SIGNAL, booked, filled_by, wide


def check_trade_id_is_counted_once_whatever_it_is(one_id: str, other_id: str, one: int, other: int) -> None:
    """Ids are the venue's, of any length and any signs."""
    assert one > 0 and other > 0
    after = booked(Order(ID, "A", "buy", 9), filled_by(one_id, one), filled_by(other_id, other))
    assert after.filled == (one if one_id == other_id else one + other)


def twin_trade_id_is_counted_once_whatever_it_is(one_id: str, other_id: str, one: int, other: int) -> None:
    """False: every report adds its lots."""
    assert one > 0 and other > 0
    after = booked(Order(ID, "A", "buy", 9), filled_by(one_id, one), filled_by(other_id, other))
    assert after.filled == one + other


def check_batch_of_any_length_is_within_the_limit(adds: tuple[int, ...], limit: int) -> None:
    """All that one call allows together."""
    assert limit > 0 and all(each > 0 for each in adds)
    intents = tuple(Intent(SIGNAL, Contribution(each)) for each in adds)
    decisions = decide(Summary(1, False), wide(trades_in_flight=limit), intents)
    allowed = sum(each for each, decision in zip(adds, decisions, strict=True) if decision.reason is None)
    assert allowed <= limit


def twin_batch_of_any_length_is_within_the_limit(adds: tuple[int, ...], limit: int) -> None:
    """False: it stays below."""
    assert limit > 0 and all(each > 0 for each in adds)
    intents = tuple(Intent(SIGNAL, Contribution(each)) for each in adds)
    decisions = decide(Summary(1, False), wide(trades_in_flight=limit), intents)
    allowed = sum(each for each, decision in zip(adds, decisions, strict=True) if decision.reason is None)
    assert allowed < limit
