"""What breakers measure by: marks, counts, and the latest prices, outcomes and metrics. Nothing trips here.

A part that no configured breaker needs is None and is not kept.
"""

from core.messages import (
    OrderAccepted,
    OrderCanceled,
    OrderEvent,
    OrderRejected,
    OrderReplaced,
    OrderStatusReported,
    Refusal,
    RequestOutcomeUnknown,
    SignalId,
)
from core.plan import Trade, open_lots
from core.settings import BreakerKind, Settings
from core.units import Lots, Money, Ticks, orderable
from core.values import frozen, replace

SIZE_REFUSALS: tuple[Refusal, ...] = ("ORDER_SIZE", "ORDER_NOTIONAL", "POSITION_CAP")

# Whether a report on an order is an error; one that is not here is no outcome of a request. That a cancel or
# a replacement came too late is a race, and a stale answer says nothing.
IS_ERROR: dict[type[OrderEvent] | str, bool] = {
    OrderAccepted: False,
    OrderCanceled: False,
    OrderReplaced: False,
    OrderRejected: True,
    RequestOutcomeUnknown: True,
    "found": False,
    "not_found": False,
    "failed": True,
    "empty": True,
}


@frozen
class Round:
    """A trade that filled something, until nothing can change its result any more.

    ``profit``: what its fills brought less what they cost, fees included. ``is_closed``: the trade is over
    and holds nothing that the venue would take as an order; such dust is worth nothing here.
    """

    signal: SignalId
    profit: Money
    is_closed: bool


@frozen
class Gauges:
    """``opening``: equity when the session day began; ``moved``: cash paid in since, less what was paid out.
    ``mark``: the highest equity ever seen, cash moved since then included. ``windows``: by symbol, its latest
    prices, oldest first. ``losses``: those in a row before the oldest of ``rounds``, which are in the order
    in which they closed, open ones anywhere. ``outcomes``: of the latest requests, oldest first, whether each
    was an error. ``refusals``: signals in a row that asked for too much. ``metrics``: by name, the value
    reported last, None where it was unusable.
    """

    opening: Money | None = None
    moved: Money = Money(0)
    mark: Money | None = None
    windows: tuple[tuple[str, tuple[Ticks, ...]], ...] | None = None
    losses: int = 0
    rounds: tuple[Round, ...] | None = None
    outcomes: tuple[bool, ...] | None = None
    refusals: int | None = None
    metrics: tuple[tuple[str, int | None], ...] | None = None


def initial(settings: Settings, cash: Money) -> Gauges:
    """What the breakers of the settings need, for an engine that owns ``cash`` and has seen nothing."""
    kinds = [rule.kind for rule in settings.breakers]
    return Gauges(
        opening=cash if "daily_loss" in kinds else None,
        mark=cash if "drawdown" in kinds else None,
        windows=() if "volatility" in kinds else None,
        rounds=() if "consecutive_losses" in kinds else None,
        outcomes=() if "error_rate" in kinds else None,
        refusals=0 if "position_size" in kinds else None,
        metrics=() if "custom" in kinds else None,
    )


def window_of(settings: Settings, kind: BreakerKind) -> int:
    """How many samples the breaker of that kind looks at; 0 where there is none."""
    return sum([rule.window for rule in settings.breakers if rule.kind == kind])


def forgotten(gauges: Gauges, kind: BreakerKind) -> Gauges:
    """The gauges after a reset of a kind that counts what is past: its count starts from zero."""
    if kind == "consecutive_losses":
        still_open = tuple([each for each in gauges.rounds or () if not each.is_closed])
        return replace(gauges, losses=0, rounds=still_open)
    if kind == "error_rate":
        return replace(gauges, outcomes=())
    if kind == "position_size":
        return replace(gauges, refusals=0)
    return gauges


def restarted(gauges: Gauges, kind: BreakerKind) -> Gauges:
    """The gauges after a person's reset: counts start from zero, and windows with the present prices."""
    if kind == "volatility":
        windows = tuple([(symbol, prices[-1:]) for symbol, prices in gauges.windows or ()])
        return replace(gauges, windows=windows)
    return forgotten(gauges, kind)


# ---- money ---------------------------------------------------------------------------------------


def day_begun(gauges: Gauges, worth: Money | None) -> Gauges:
    """A day measures its loss from its own opening; without a known equity, from the one before."""
    if gauges.opening is None or worth is None:
        return gauges
    return replace(gauges, opening=worth, moved=Money(0))


def cash_moved(gauges: Gauges, amount: Money) -> Gauges:
    """A deposit is no profit and a withdrawal no loss."""
    if gauges.opening is not None:
        gauges = replace(gauges, moved=Money(gauges.moved + amount))
    if gauges.mark is not None:
        gauges = replace(gauges, mark=Money(gauges.mark + amount))
    return gauges


# ---- prices, metrics and counts ------------------------------------------------------------------


def priced(gauges: Gauges, symbol: str, price: Ticks, window: int) -> Gauges:
    """The gauges after a price: the present one is kept, and as many before it as ``window`` says."""
    windows = dict(gauges.windows or ())
    windows[symbol] = (*windows.get(symbol, ()), price)[-1 - window :]
    return replace(gauges, windows=tuple(sorted(windows.items())))


def metered(gauges: Gauges, name: str, value: int | None) -> Gauges:
    """The gauges after a metric was reported."""
    metrics = tuple(sorted({**dict(gauges.metrics or ()), name: value}.items()))
    return replace(gauges, metrics=metrics)


def signalled(gauges: Gauges, reason: Refusal | None) -> Gauges:
    """The gauges after a signal was let in, or refused for that reason: only its size counts."""
    if reason is None and gauges.refusals:
        return replace(gauges, refusals=0)
    if reason in SIZE_REFUSALS:
        return replace(gauges, refusals=(gauges.refusals or 0) + 1)
    return gauges


def answered(gauges: Gauges, event: object, window: int) -> Gauges:
    """The gauges after an order was reported on."""
    kind = event.answer if isinstance(event, OrderStatusReported) else type(event)
    is_error = IS_ERROR.get(kind)  # type: ignore[arg-type]
    if is_error is None:
        return gauges
    return replace(gauges, outcomes=(*(gauges.outcomes or ()), is_error)[-window:])


# ---- rounds --------------------------------------------------------------------------------------


def traded(gauges: Gauges, signal: SignalId, brought: Money, trades: tuple[Trade, ...]) -> Gauges:
    """The gauges after an event brought a trade so much cash, or may have ended it.

    A late fill counts to its own trade, which then closes anew.
    """
    rounds = gauges.rounds or ()
    known = next((each for each in rounds if each.signal == signal), None)
    if known is None and not brought:
        return gauges
    trade = next((each for each in trades if each.signal == signal), None)
    profit = Money(brought + (known.profit if known is not None else 0))
    after = Round(signal, profit, trade is None or _is_over(trade))
    if after != known:
        rounds = (*[each for each in rounds if each.signal != signal], after)
    return _settled(gauges, rounds, [each.signal for each in trades if each.phase != "held"])


def _is_over(trade: Trade) -> bool:
    if trade.phase not in ("ended", "parked", "held"):
        return False
    for leg in (trade.leg_a, trade.leg_b):
        if orderable(Lots(abs(open_lots(trade, leg))), leg.step, leg.minimum):
            return False
    return True


def _settled(gauges: Gauges, rounds: tuple[Round, ...], revisable: list[SignalId]) -> Gauges:
    """Counts the oldest closed rounds in, as far as no late fill can change their results."""
    losses = gauges.losses
    kept: list[Round] = []
    for each in rounds:
        if each.is_closed and each.signal not in revisable and not any(older.is_closed for older in kept):
            losses = _counted(losses, each)
        else:
            kept.append(each)
    return replace(gauges, losses=losses, rounds=tuple(kept))


def losses_in_row(gauges: Gauges) -> int:
    """Closed rounds that lost money, since one last made some; one that did neither does not count."""
    losses = gauges.losses
    for each in gauges.rounds or ():
        losses = _counted(losses, each)
    return losses


def _counted(losses: int, each: Round) -> int:
    if not each.is_closed or each.profit == 0:
        return losses
    return losses + 1 if each.profit < 0 else 0
