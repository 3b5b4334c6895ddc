"""What goes wrong for a user of the kit: one family, each with its cause and its cure."""


class HedgecheckError(Exception):
    """Base of every error the kit raises on purpose."""


class Falsified(AssertionError, HedgecheckError):
    """Cause: an invariant does not hold for an execution. Cure: read ``diagram``, mend the engine, replay.

    ``invariant`` is the rule's name, ``token`` replays the execution, ``trace`` is what happened.
    """

    def __init__(self, invariant: str, id: str, why: str, token: str, trace: object, diagram: str) -> None:
        super().__init__(f"{invariant} ({id})\n{why}\n{diagram}\nreplay token: {token}".rstrip())
        self.invariant = invariant
        self.id = id
        self.why = why
        self.token = token
        self.trace = trace
        self.diagram = diagram


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


class PricesMissing(HedgecheckError):
    """Cause: the package that holds the prices is not installed. Cure: pip install 'hedgecheck[prices]'."""
