"""When trading was stopped, by whom and why: trips of the engine's breakers, the governor, the exchange.

When a number was first beyond its limit is counted anew from the least equity of each bar, so that a breaker
that trips late shows.
"""

from collections.abc import Sequence

from hedgecheck.stress.account import Account
from hedgecheck.stress.models import EmergencyStop
from hedgecheck.stress.scale import Scale
from hedgecheck.stress.settings import ExecutorSettings

WHOLE_BPS = 10_000
DAILY_LOSS, DRAWDOWN, MANUAL = "daily_loss", "drawdown", "manual"


def of_breakers(
    trips: Sequence[tuple[int, str]], account: Account, settings: ExecutorSettings, scale: Scale
) -> tuple[EmergencyStop, ...]:
    """The engine's trips, each with the bar in which its number was first beyond its limit, and why.

    A trip by hand is not among them: who asked for it says why."""
    if not trips:
        return ()
    breaches = {
        DAILY_LOSS: _first(daily_losses(account), settings.daily_loss_bps),
        DRAWDOWN: _first(drawdowns(account), settings.drawdown_bps),
    }
    return tuple(
        EmergencyStop(
            bar, "breaker", breaker, _why(breaker, bar, account, settings, scale), breaches.get(breaker)
        )
        for bar, breaker in trips
        if breaker != MANUAL
    )


def daily_losses(account: Account) -> list[float]:
    """The most within each bar, in bps of the equity at the start of its day."""
    starts = dict[int, int]()
    for bar, day in enumerate(account.days):
        starts.setdefault(day, account.equity[bar])
    return [
        (starts[day] - account.lows[bar]) * WHOLE_BPS / max(1, starts[day])
        for bar, day in enumerate(account.days)
    ]


def drawdowns(account: Account) -> list[float]:
    """The most within each bar, in bps of the highest equity at the end of a bar so far."""
    peak, found = account.equity[0], []
    for low, worth in zip(account.lows, account.equity[1:], strict=True):
        found.append((peak - low) * WHOLE_BPS / max(1, peak))
        peak = max(peak, worth)
    return found


def _first(numbers: list[float], limit: int) -> int | None:
    return next((bar for bar, number in enumerate(numbers) if limit and number >= limit), None)


def _why(breaker: str, bar: int, account: Account, settings: ExecutorSettings, scale: Scale) -> str:
    equity = f"equity fell to {scale.money(account.lows[bar]):,.2f} in the bar"
    if breaker == DAILY_LOSS:
        lost, limit, base = daily_losses(account)[bar], settings.daily_loss_bps, "the day's start"
    elif breaker == DRAWDOWN:
        lost, limit, base = drawdowns(account)[bar], settings.drawdown_bps, "its highest"
    else:
        return equity
    if lost < limit:
        return "the equity was not known: what is held had no price that could be used"
    return f"{equity}, {lost / 100:.2f} % below {base}; the limit is {limit / 100:g} %"
