"""What the machines for a user's own object share: what it must answer, and how to say that it does not."""

from typing import Any, Protocol

from hypothesis.stateful import RuleBasedStateMachine

from hedgecheck.errors import UsageError
from hedgecheck.messages import Restarted


class Answered(Protocol):
    """One event and what the object showed. ``again``: after the same event on the same state, and of that
    state."""

    @property
    def event(self) -> Any:
        """What happened."""

    @property
    def before(self) -> Any:
        """What it showed before."""

    @property
    def after(self) -> Any:
        """What it shows after."""

    @property
    def again(self) -> tuple[Any, Any]:
        """What it showed when asked once more."""


class AdaptedMachine(RuleBasedStateMachine):
    """A machine that drives a pure object by methods which its user writes."""

    def _has_no(self, head: str, does: str) -> UsageError:
        name = head.partition("(")[0]
        return UsageError(f"{type(self).__name__} has no {name}. Write def {head} that {does}.")

    def _judge_answers(self, step: Answered) -> None:
        """A restart changes nothing, and one question has one answer."""
        if isinstance(step.event, Restarted):
            same = step.before == step.after
            assert same, f"restart_neutral: {step.before} before a restart is {step.after} after it"
        assert step.again == (step.after, step.before), (
            f"one_answer: {step.event} twice on one state gives {step.after} and {step.again[0]}; the state "
            f"itself says {step.before} before and {step.again[1]} after it. on() gives a new state, and "
            "leaves the old one alone"
        )
