"""What an event of an execution reads and writes, and which two events may change places.

A bot's memory is one resource: of Python code nobody can say what it shares. A venue is one per symbol, where
every rule of the execution judges symbols one by one, and no stream and no shared balance ties them together.
What nothing is said about, such as a timer, a crash or a price shock, touches everything.

Times are left out: of two orders of independent events each has its own, and a bot which looks at the clock
may tell them apart. That is why a search that leaves one of them out proves nothing.
"""

from collections.abc import Iterable

from hedgecheck.values import frozen


@frozen
class Resource:
    """``owner``: the bot's memory, or a venue; ``part``: a symbol, empty for all of it."""

    owner: str
    part: str = ""
    is_written: bool = True


EVERYTHING = Resource("")
MEMORY = Resource("bot")

Footprint = frozenset[Resource]

# Rules to which it is nothing in what order different symbols trade.
BY_SYMBOL = {"I03", "I04", "I05", "I06", "I07", "I08", "I14", "I15", "I19", "no_blind_resend"}


def are_independent(one: Iterable[Resource], other: Iterable[Resource]) -> bool:
    """Whether two events with these footprints come to the same in either order."""
    return not any(_conflict(mine, theirs) for mine in one for theirs in other)


def _conflict(one: Resource, other: Resource) -> bool:
    if EVERYTHING in (one, other):
        return True
    is_shared = one.owner == other.owner and (not one.part or not other.part or one.part == other.part)
    return is_shared and (one.is_written or other.is_written)
