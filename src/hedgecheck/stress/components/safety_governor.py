"""When to stop: limits on what was lost, on what failed and on what the data are worth.

A number that is none counts as beyond its limit.
"""

from collections import deque

from hedgecheck.arrays import number, whole
from hedgecheck.stress.components.checking import flag
from hedgecheck.stress.components.protocols import AccountView, BarView, Policy, Stop

LEAST = 1e-9  # a limit of 0 is reached where nothing is wrong


class LimitGovernor:
    """The bundled governor. Stops where at least so much is reached, as fractions: ``drawdown`` from the peak
    of the equity, ``daily_loss`` of the equity at the start of the day, ``failed`` of the last ``orders``
    requests, ``flagged`` of the quotes of the last ``bars``. Shares are judged when there are as many. A
    limit above 1 never stops.

    After a loss what is held is left too (``liquidate``); not where the venue or the data are what failed.
    """

    def __init__(
        self,
        drawdown: float = 0.2,
        daily_loss: float = 0.1,
        failed: float = 0.5,
        orders: int = 20,
        flagged: float = 0.25,
        bars: int = 50,
        liquidate: bool = True,
    ) -> None:
        self._drawdown = number("drawdown", drawdown, LEAST)
        self._daily = number("daily_loss", daily_loss, LEAST)
        self._failed, self._flagged = number("failed", failed, LEAST), number("flagged", flagged, LEAST)
        self._orders, self._liquidate = whole("orders", orders, 1), flag("liquidate", liquidate)
        self._counts: deque[tuple[int, int]] = deque([(0, 0)])  # orders and failures, where they changed
        self._bad: deque[tuple[int, int]] = deque(maxlen=whole("bars", bars, 1))  # flagged, of so many
        self._bad_sum = self._quotes_sum = 0

    def judge(self, view: BarView, account: AccountView, policy: Policy) -> Stop | None:
        """See ``SafetyGovernor``. Kinds, the first that applies: drawdown, daily_loss, execution_failures,
        data."""
        failed, flagged = self._failing(account), self._flagging(view)
        lost, lost_today = _lost(account.peak, account.equity), _lost(account.day_start, account.equity)
        if not lost < self._drawdown:
            return Stop("drawdown", _beyond("drawdown", lost, self._drawdown), self._liquidate)
        if not lost_today < self._daily:
            return Stop("daily_loss", _beyond("loss of the day", lost_today, self._daily), self._liquidate)
        if not failed < self._failed:
            return Stop("execution_failures", _beyond("failed orders", failed, self._failed))
        if not flagged < self._flagged:
            return Stop("data", _beyond("flagged bars", flagged, self._flagged))
        return None

    def _failing(self, account: AccountView) -> float:
        """The share of the last requests that failed, 0 before there are enough."""
        counts, now = self._counts, (account.orders, account.failures)
        if now != counts[-1]:
            counts.append(now)
        while len(counts) > 1 and counts[1][0] <= now[0] - self._orders:
            counts.popleft()
        sent, failures = now[0] - counts[0][0], now[1] - counts[0][1]
        return failures / sent if sent >= self._orders else 0.0

    def _flagging(self, view: BarView) -> float:
        """The share of the last quotes that were flagged, 0 before there are enough bars."""
        bad = self._bad
        if len(bad) == bad.maxlen:
            old, quotes = bad[0]
            self._bad_sum -= old
            self._quotes_sum -= quotes
        count = sum([not each.usable for each in view.quotes])
        bad.append((count, len(view.quotes)))
        self._bad_sum += count
        self._quotes_sum += len(view.quotes)
        return self._bad_sum / self._quotes_sum if len(bad) == bad.maxlen and self._quotes_sum else 0.0


def _lost(before: float, now: float) -> float:
    """The loss as a fraction of what there was; all of it where there was nothing."""
    return (before - now) / before if before > 0 else 1.0


def _beyond(what: str, is_now: float, limit: float) -> str:
    return f"{what} {is_now:.2%}, the limit is {limit:.2%}"
