"""The token of an execution, and its replay: the same choices, or the word where they were others."""

import zlib

from hedgecheck.errors import Diverged, ForeignToken, UsageError
from hedgecheck.simulate.agenda import PACES
from hedgecheck.simulate.choices import KINDS, Choices, Kind, Label
from hedgecheck.simulate.execution import Setting
from hedgecheck.simulate.loop import Profile
from hedgecheck.simulate.perform import Made, Outcome, Stage
from hedgecheck.simulate.story import Story
from hedgecheck.tape import Deviation, Schedule, read_token, token_of_schedule
from hedgecheck.values import replace

MODEL = 1  # raise it whenever the sequence of choices changes for some program
ARRIVALS, SHUFFLED, PROFILE_SHIFT, ORDER_SHIFT, PACE_SHIFT = 1, 2, 2, 4, 8
PROFILES: tuple[Profile, ...] = ("asyncio", "uvloop", "eager")


def token_of(setting: Setting, made: Made) -> str:
    """The token of an execution."""
    options = ARRIVALS * setting.arrivals | SHUFFLED * setting.shuffled | setting.order << ORDER_SHIFT
    options |= PROFILES.index(setting.profile) << PROFILE_SHIFT | PACES.index(setting.pace) << PACE_SHIFT
    deviations = tuple(
        Deviation(index, KINDS.index(label[0]), value, checksum(label))
        for index, (label, _, value) in enumerate(made)
        if value
    )
    return token_of_schedule(Schedule(MODEL, options, deviations))


def schedule_of(token: str) -> Schedule:
    """What a token says. Raises ``TokenError``, or ``UsageError`` for a token of another kind of run."""
    read = read_token(token)
    if not isinstance(read, Schedule):
        raise UsageError(f"{token!r} is of a run on the pure world. Replay it: hedgecheck replay {token}.")
    if read.model != MODEL:
        raise ForeignToken(
            f"{token!r} is of version {read.model} of the simulation; this hedgecheck has {MODEL}. "
            "Run the test without it: where it still fails it prints a new one."
        )
    return read


def replay(
    stage: Stage, setting: Setting, token: str, *, tell: bool = False, story: Story | None = None
) -> tuple[Setting, Outcome]:
    """Performs what a token says; ``setting`` gives the faults. ``tell`` and ``story`` as in ``perform``.

    Raises ``Diverged`` where the program asks for other choices than those of the token.
    """
    schedule = schedule_of(token)
    setting = replace(
        setting,
        arrivals=bool(schedule.options & ARRIVALS),
        shuffled=bool(schedule.options & SHUFFLED),
        profile=PROFILES[(schedule.options >> PROFILE_SHIFT & 3) % len(PROFILES)],
        pace=PACES[(schedule.options >> PACE_SHIFT & 3) % len(PACES)],
        order=schedule.options >> ORDER_SHIFT & 15,
    )
    choices = Replayed(schedule)
    outcome = stage.perform(setting, choices, tell=tell, story=story)
    if outcome.error is not None:
        raise outcome.error
    if choices.expected and outcome.failure is None:
        first = choices.expected[min(choices.expected)]
        raise Diverged(
            f"diverged at choice {first.index}: expected {_expected(first)}, got the end of the execution "
            f"after {len(outcome.made)} choices. The test or the bot has changed since the token was printed."
        )
    return setting, outcome


class Replayed(Choices):
    """The choices of a token; every other is the default."""

    __slots__ = ("expected",)

    def __init__(self, schedule: Schedule) -> None:
        super().__init__()
        self.expected = {each.index: each for each in schedule.deviations}

    def pick(self, kind: Kind, about: str, options: int) -> int:
        """The token's choice. Raises ``Diverged`` where this is another choice than the token's."""
        index = len(self.made)
        super().pick(kind, about, options)
        expected = self.expected.pop(index, None)
        if expected is None:
            return 0
        label = self.made[-1][0]
        if checksum(label) != expected.label or expected.value >= options:
            raise Diverged(
                f"diverged at choice {index}: expected {_expected(expected)}, got {in_words(label)}. "
                "The test or the bot has changed since the token was printed."
            )
        self.made[-1] = (label, options, expected.value)
        return expected.value


def checksum(label: Label) -> int:
    """Two bytes of a label."""
    return zlib.crc32(repr(label).encode()) & 0xFFFF


def in_words(label: Label) -> str:
    """What was chosen about."""
    kind, about, count = label
    verbs = {
        "hold": f"holding back {about} from then on",
        "fault": f"a fault at {about}",
        "batch": f"{about} in the same poll",
        "between": f"{about} between two iterations",
        "deadline": f"{about} at the moment of a timer",
        "ready": f"taking {about} in another order",
        "draw": f"drawing another value in {about}",
        "order": f"another of {about} first",
        "vary": f"{about} at another moment",
    }
    return verbs.get(kind, f"{kind} of {about}") + (f" (time {count + 1})" if count else "")


def _expected(deviation: Deviation) -> str:
    names = {"hold": "holding something back", "fault": f"fault {deviation.value} of a call"}
    kind = KINDS[deviation.kind] if deviation.kind < len(KINDS) else "?"
    return f"{names.get(kind, f'a choice of kind {kind!r}')} [{deviation.label:04x}]"
