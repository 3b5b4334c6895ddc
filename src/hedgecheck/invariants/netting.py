"""Which intents of one moment oppose one another, so that an engine may net them."""

from hedgecheck.invariants.base import Table
from hedgecheck.invariants.worst import strategy_of
from hedgecheck.messages import Batch, Intent, Side

Lots = tuple[str, Side, int]  # of one leg


def opponents(batch: Batch) -> Table[tuple[Intent, ...]]:
    """By intent, those of other strategies that are on the other side of one of its symbols; only of intents
    that have any."""
    found = {
        each.id: tuple([other for other in batch.intents if opposed(each, other)]) for each in batch.intents
    }
    return Table({name: others for name, others in found.items() if others})


def opposed(intent: Intent, other: Intent) -> tuple[Lots, ...]:
    """The legs of ``intent`` that the other one opposes, each for the lots that both want."""
    if strategy_of(intent.id) == strategy_of(other.id):
        return ()
    return tuple(
        [
            (symbol, side, min(lots, against))
            for symbol, side, lots in legs(intent)
            for other_symbol, other_side, against in legs(other)
            if symbol == other_symbol and side != other_side
        ]
    )


def given_up(intent: Intent, others: tuple[Intent, ...]) -> tuple[tuple[str, Lots], ...]:
    """By intent, what is asked for no more where one was netted: all of it, and as much by the only one that
    opposed it. Of several nobody knows which of them it was netted against."""
    given = tuple([(intent.id, leg) for leg in legs(intent)])
    if len(others) != 1:
        return given
    return (*given, *[(others[0].id, leg) for leg in opposed(others[0], intent)])


def legs(intent: Intent) -> tuple[Lots, ...]:
    """What the intent asks for of each of its symbols."""
    first = intent.symbol_a, intent.side_a, intent.amount_a
    return (first, (intent.symbol_b, intent.side_b, intent.amount_b)) if intent.amount_b else (first,)
