"""What goes wrong for a user of the kit: one family, each with its cause and its cure."""


class HedgecheckError(Exception):
    """Base of every error the kit raises on purpose."""


class Falsified(AssertionError, HedgecheckError):
    """Cause: an invariant does not hold for an execution. Cure: read ``diagram``, mend the engine, replay.

    ``invariant`` is the rule's name, ``token`` replays the execution, ``trace`` is what happened; ``again``
    says how to see it again.
    """

    def __init__(
        self,
        invariant: str,
        id: str,
        why: str,
        token: str,
        trace: object,
        diagram: str,
        again: str = "",
    ) -> None:
        again = again or f"replay token: {token}"
        super().__init__(f"{invariant} ({id})\n{why}\n{diagram}\n{again}".rstrip())
        self.invariant = invariant
        self.id = id
        self.why = why
        self.token = token
        self.trace = trace
        self.diagram = diagram


class Unproven(AssertionError, HedgecheckError):
    """Cause: nothing was found and nothing was shown: one choice sequence gave two traces, or under a tenth
    of the budget ran. Cure: in the message."""


class NothingHappened(AssertionError, HedgecheckError):
    """Cause: no order reached the venue in any execution, or no rule had anything to check. Cure: in the
    message."""


class Diverged(HedgecheckError):
    """Cause: a token of another program: the test, the bot or its setting has changed since. Cure: run the
    test without the token; if it fails, it prints a new one."""


class PortabilityWarning(UserWarning):
    """Cause: the bot relies on an order of callbacks or timers that asyncio has and other loops do not. Cure:
    none is needed on asyncio; in the message for other loops."""


class RealWorld(HedgecheckError):
    """Cause: the bot reached for a socket, a thread, a process, an event loop or the clock of this machine,
    which no token can replay. Cure: in the message."""


class FixtureScope(HedgecheckError):
    """Cause: a fixture made for each test would be shared by all executions of it. Cure: in the message."""


class NotApplicable(HedgecheckError):
    """Cause: a rule was asked for in a way in which it cannot be judged. Cure: in the message."""


class UsageError(HedgecheckError):
    """Cause: an option, target or setting that does not exist or makes no sense. Cure: in the message."""


class TokenError(HedgecheckError):
    """Cause: a replay token that cannot be read. Cure: in the message."""


class MalformedToken(TokenError):
    """Cause: this text is no token, or one that was mistyped. Cure: copy it again, whole."""


class TruncatedToken(TokenError):
    """Cause: the end of the token is missing. Cure: copy it again, whole."""


class ForeignToken(TokenError):
    """Cause: another version of hedgecheck wrote it. Cure: replay it with that version."""


class WorkerDied(HedgecheckError):
    """Cause: a worker process ended without an answer: the engine ended it, or memory ran out. Cure: make the
    engine return to its caller, or run with more memory. The verdict is unknown."""


class PackageMissing(HedgecheckError):
    """Cause: a package that belongs to an extra is not installed. Cure: the pip line in the message."""


class PricesMissing(PackageMissing):
    """Cause: the package that holds the prices is not installed. Cure: pip install 'hedgecheck[prices]', for
    an index 'hedgecheck[stress]'."""


# What a user sees of an error is where it is public.
for _public in (
    *(Diverged, Falsified, FixtureScope, HedgecheckError, NotApplicable),
    *(NothingHappened, PackageMissing, PortabilityWarning, RealWorld, Unproven, UsageError),
):
    _public.__module__ = "hedgecheck"


class StoreError(HedgecheckError):
    """An event store could not do what it was asked for, and stored nothing of what it was to append."""


class EventUnreadable(StoreError):
    """Cause: an event was written by a newer release, or is none. Cure: in the message."""


class StoreMissing(StoreError):
    """Cause: there is no event store at that address, or one that is no event store. Cure: in the message."""


class StoreBusy(StoreError):
    """Cause: another process writes to the store, or holds its database locked. Cure: end that process, or
    wait for it."""


class StoreFenced(StoreError):
    """Cause: another process has opened the store for writing since. Cure: none; this one must stop."""


class StoreDamaged(StoreError):
    """Cause: what is in the store is not what was written. Cure: recover it up to the last good event into a
    new store, or restore a backup. ``good``: the position of that event."""

    def __init__(self, message: str, good: int) -> None:
        super().__init__(message)
        self.good = good


class StoreUnavailable(StoreError):
    """Cause: the database could not be reached or written: its disk is full, or the connection was lost.
    Cure: in the message."""


class BrokerLost(HedgecheckError):
    """Cause: the connection to a broker broke. Cure: none is needed; it is made again, and what happened
    meanwhile is asked for."""


class ShellStopped(HedgecheckError):
    """Cause: the shell has ended; why is in the message. Cure: start another over the same store: it recovers
    what was under way."""


class DataUnavailable(HedgecheckError):
    """Cause: prices could not be fetched from an exchange, or not be kept: its network, an answer of it, or
    the disk. Cure: in the message; what was kept is whole, and the same call goes on from there."""
