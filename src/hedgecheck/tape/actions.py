"""What can happen in a world, one record per kind of action.

Actions name orders, messages and timers, not positions in a list of what was possible, so an action keeps
its meaning when others are removed.
"""

from typing import Any

from hedgecheck.values import frozen


@frozen
class Signal:
    """The strategy's next intent reaches the engine."""

    intent: int


@frozen
class Repeat:
    """An intent that was delivered before is delivered again."""

    intent: int


@frozen
class Receive:
    """The venue takes the oldest request."""


@frozen
class Deliver:
    """The engine hears the oldest message in flight; ``about`` is an order or a symbol."""

    about: str
    kind: str


@frozen
class Overtake:
    """The engine hears a message before older ones."""

    about: str
    kind: str


@frozen
class Duplicate:
    """The engine hears a message, and will hear it again."""

    about: str
    kind: str


@frozen
class LoseRequest:
    """The oldest request never arrives; the engine sees a timeout."""


@frozen
class LoseReply:
    """A reply is lost after the venue acted; the engine sees a timeout."""

    about: str
    kind: str


@frozen
class Fill:
    """The market trades ``amount`` lots of an order."""

    order: str
    amount: int


@frozen
class FillFeeInBase:
    """The same, and the venue takes its fee in the bought asset."""

    order: str
    amount: int


@frozen
class Misanswer:
    """The venue answers the query at the head of the queue with a false answer of this name."""

    answer: str


@frozen
class Fire:
    """An armed timer fires."""

    timer: str


@frozen
class Move:
    """The market price of a symbol moves by ``ppm`` parts per million."""

    symbol: str
    ppm: int


@frozen
class Delay:
    """A message in flight falls behind everything else: it comes when it comes."""

    about: str
    kind: str


@frozen
class DeliverLate:
    """The engine hears the oldest of the messages that fell behind."""

    about: str
    kind: str


@frozen
class Drop:
    """A streamed message is lost, and nobody is told."""

    about: str
    kind: str


@frozen
class CrossCancel:
    """The cancel at the head of the queue crosses a fill of ``amount`` lots: the venue says canceled first,
    then that it had filled."""

    amount: int


@frozen
class Refuse:
    """The venue rejects the order at the head of the queue for this reason."""

    reason: str


@frozen
class Corrupt:
    """A price message of this content reaches the engine, and after it the true price."""

    symbol: str
    raw: str


@frozen
class Halt:
    """A person halts trading."""


@frozen
class Restart:
    """The engine's process dies between two steps, and comes up again with what it had stored."""


@frozen
class CrashIn:
    """It dies in the step that ``step`` on ``name`` would be: before its event was stored ("lost"), after
    that and before its commands left ("stored"), or, where commands leave first, after them ("sent")."""

    cut: str
    step: str
    name: str


@frozen
class CrossReplace:
    """The replacement at the head of the queue crosses a fill of ``amount`` lots: the venue answers it first,
    then says that it had filled."""

    amount: int


@frozen
class Roll:
    """The next session day begins."""


@frozen
class Skew:
    """The clock is wrong: the day that begins is ``days`` after the present one, 0 the same, -1 the one
    before."""

    days: int


@frozen
class Crosstalk:
    """The engine hears a message of this kind about an order that somebody else has on the account."""

    about: str
    kind: str


@frozen
class ChangeEntry:
    """The strategy wants the entry of a signaled intent ``ppm`` parts per million off the limit it named."""

    intent: int
    ppm: int


@frozen
class ChangePhase:
    """The trading session goes on to this phase; with the pre-market another day begins."""

    phase: str


@frozen
class HaltTrading:
    """Trading in a symbol is halted; in all of them for ``*``."""

    symbol: str


@frozen
class ResumeTrading:
    """That halt is over."""

    symbol: str


@frozen
class InLane:
    """One of the others, in the lane of that intent; see ``world.lanes``."""

    lane: int
    action: "Action"


@frozen
class Rebalance:
    """Capital is to move so that this strategy has ``bps`` of all, and the others the rest in equal parts."""

    strategy: str
    bps: int


@frozen
class Exit:
    """The strategy wants out of a signaled intent."""

    intent: int


@frozen
class Reshape:
    """The order book of a symbol takes another of the shapes in ``world.books``."""

    symbol: str
    part: str


@frozen
class Batch:
    """The next ``count`` intents are signaled at one moment."""

    count: int


@frozen
class CashFlow:
    """So much of the opening cash is deposited, in basis points; withdrawn where negative."""

    bps: int


Action = (
    Signal
    | Repeat
    | Receive
    | Deliver
    | Overtake
    | Duplicate
    | LoseRequest
    | LoseReply
    | Fill
    | FillFeeInBase
    | Misanswer
    | Fire
    | Move
    | Delay
    | DeliverLate
    | Drop
    | CrossCancel
    | Refuse
    | Corrupt
    | Halt
    | Restart
    | CrashIn
    | CrossReplace
    | Roll
    | Skew
    | Crosstalk
    | ChangeEntry
    | InLane
    | ChangePhase
    | HaltTrading
    | ResumeTrading
    | Rebalance
    | Exit
    | Reshape
    | Batch
    | CashFlow
)

# The position in this tuple is the opcode in tokens: append only, and raise FORMAT for anything else.
ACTIONS: tuple[type[Any], ...] = (
    Signal,
    Repeat,
    Receive,
    Deliver,
    Overtake,
    Duplicate,
    LoseRequest,
    LoseReply,
    Fill,
    FillFeeInBase,
    Misanswer,
    Fire,
    Move,
    Delay,
    DeliverLate,
    Drop,
    CrossCancel,
    Refuse,
    Corrupt,
    Halt,
    Restart,
    CrashIn,
    CrossReplace,
    Roll,
    Skew,
    Crosstalk,
    ChangeEntry,
    InLane,
    ChangePhase,
    HaltTrading,
    ResumeTrading,
    Rebalance,
    Exit,
    Reshape,
    Batch,
    CashFlow,
)


def bare(action: Action) -> Action:
    """What happens, in whichever lane."""
    return action.action if isinstance(action, InLane) else action
