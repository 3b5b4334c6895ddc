"""How many messages may leave: a token bucket (Turner 1986; the leaky bucket as a meter, ITU-T I.371).

Every request takes a token. What opens a position is refused without one; hedges, flattens, cancels and
questions lower risk and are never held back, so the bucket may be empty when they leave and stays empty. Its
timer runs while it is not full.
"""

from core.messages import (
    CancelOrder,
    Command,
    QueryOrder,
    RateTimerId,
    ReplaceOrder,
    ReportAnomaly,
    StartTimer,
    StopTimer,
    SubmitOrder,
    TimerFired,
)
from core.settings import MessageRate, Settings
from core.state import State, Step
from core.values import replace

TIMER = RateTimerId()
REQUESTS = (SubmitOrder, ReplaceOrder, CancelOrder, QueryOrder)


def spent(state: State, commands: tuple[Command, ...]) -> Step:
    """The state after these commands left, with the tokens that they took."""
    rate = state.settings.limits.message_rate
    requests = sum([isinstance(each, REQUESTS) for each in commands])
    if rate is None or not requests:
        return state, commands
    after = replace(state, tokens=max(0, state.tokens - requests))
    return after, (*commands, _timer(rate)) if state.tokens == rate.burst else commands


def refilled(state: State, event: TimerFired) -> Step:
    """The state after the bucket got its next share; the timer runs on until it is full."""
    rate = state.settings.limits.message_rate
    if rate is None or state.tokens == rate.burst:
        return state, (ReportAnomaly("UNKNOWN_TIMER", event),)
    tokens = min(rate.burst, state.tokens + rate.refill)
    return replace(state, tokens=tokens), (_timer(rate),) if tokens < rate.burst else ()


def timer_again(state: State) -> tuple[Command, ...]:
    """What starts the timer anew after a restart, where it ran."""
    rate = state.settings.limits.message_rate
    return () if rate is None or state.tokens == rate.burst else (_timer(rate),)


def changed(state: State, before: Settings) -> Step:
    """The state after its settings were changed: a bucket that there was keeps what is in it, as far as it
    holds that now; one that there was not is full."""
    old, new = before.limits.message_rate, state.settings.limits.message_rate
    if old == new:
        return state, ()
    ran = old is not None and state.tokens < old.burst
    tokens = 0 if new is None else new.burst if old is None else min(new.burst, state.tokens)
    state = replace(state, tokens=tokens)
    commands = timer_again(state)
    return state, (StopTimer(TIMER),) if ran and not commands else commands


def _timer(rate: MessageRate) -> StartTimer:
    return StartTimer(TIMER, rate.interval)
