"""When an exchange trades: its phases, one change after the other, with holidays, early closes and breaks.

Opens and closes are those of the package exchange_calendars. It would count from today how far its calendars
reach; here they are of the whole years that were asked for, so that an answer does not depend on the day on
which it is given. Times are ns since 1970 in UTC: daylight saving moves an exchange's hours in them. The
package knows no pre-market and no after-hours; those of some exchanges are in ``EXTENDED``.
"""

import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter, itemgetter
from zoneinfo import ZoneInfo

from hedgecheck.arrays import whole
from hedgecheck.errors import UsageError
from hedgecheck.messages import SessionPhase
from hedgecheck.packages import optional
from hedgecheck.values import frozen

Session = tuple[str, int, int, int, int]  # its day; open, begin and end of the break, close
ALWAYS = "24/7"
MINUTE_NS = 60_000_000_000
CLOSING_MINUTES = 10
MARGIN = timedelta(days=14)  # longer than any exchange was ever closed for holidays
COLUMNS = ("open", "break_start", "break_end", "close")
# Minutes before the open and after the close, early or not: NYSE Arca and Nasdaq, 04:00 to 20:00 Eastern, and
# to 17:00 where the close is at 13:00.
EXTENDED = {"XNYS": (330, 240), "XNAS": (330, 240)}


@frozen
class PhaseChange:
    """From ``time_ns`` on the exchange is in ``phase``; ``session``: the day of trading that it belongs to,
    or that is over, as YYYY-MM-DD."""

    time_ns: int
    phase: SessionPhase
    session: str

    @property
    def day(self) -> int:
        """The session as a number that grows from day to day."""
        return date.fromisoformat(self.session).toordinal()


def phases(
    exchange: str,
    first: str,
    last: str,
    *,
    closing_minutes: int = CLOSING_MINUTES,
    extended_minutes: tuple[int, int] | None = None,
) -> tuple[PhaseChange, ...]:
    """Every change of phase in the days from ``first`` to ``last``, both YYYY-MM-DD, oldest first.

    ``exchange`` is a name of exchange_calendars, mostly the market identifier code (XNYS, XLON, XHKG), or
    ``24/7`` for crypto: always regular, a session for each day in UTC. It begins with what held when
    ``first`` began, at the exchange. ``closing`` are the last ``closing_minutes`` of regular trading; a break
    at noon is ``closed``. ``extended_minutes``: how long pre-market and after-hours last; without them
    ``EXTENDED``, and for other exchanges none. Raises ``PackageMissing`` without exchange_calendars,
    ``UsageError`` for an exchange or days that there are not.
    """
    begins, ends = _day(first), _day(last)
    if begins > ends:
        raise UsageError(f"{first} is later than {last}. Give the earlier day first.")
    whole("closing_minutes", closing_minutes, 0)
    if exchange == ALWAYS:
        days = [begins + timedelta(days=each) for each in range((ends - begins).days + 1)]
        return tuple([PhaseChange(_ns(each, UTC), "regular", each.isoformat()) for each in days])
    before, after = extended_minutes or EXTENDED.get(exchange, (0, 0))
    minutes = whole("pre-market minutes", before, 0), whole("after-hours minutes", after, 0), closing_minutes
    zone, sessions = _sessions(exchange, begins, ends)
    every = [each for session in sessions for each in _changes(session, *minutes)]
    return _between(every, _ns(begins, zone), _ns(ends + timedelta(days=1), zone))


def phase_at(changes: Sequence[PhaseChange], time_ns: int) -> PhaseChange:
    """The change that holds at a time. ``UsageError`` for one before the first."""
    index = bisect_right(changes, time_ns, key=attrgetter("time_ns"))
    if not index:
        raise UsageError(f"These changes of phase begin after {time_ns} ns. Ask for days from earlier on.")
    return changes[index - 1]


def _changes(session: Session, before: int, after: int, closing: int) -> list[PhaseChange]:
    """The changes of one session, some of which may take no time."""
    name, opens, breaks, resumes, closes = session
    found: list[tuple[int, SessionPhase]] = [(opens - before * MINUTE_NS, "pre_market"), (opens, "regular")]
    if breaks > opens:  # none is the least of all ints
        found += [(breaks, "closed"), (resumes, "regular")]
    found += [(max(opens, resumes, closes - closing * MINUTE_NS), "closing"), (closes, "after_hours")]
    found.append((closes + after * MINUTE_NS, "closed"))
    return [PhaseChange(time_ns, phase, name) for time_ns, phase in found]


def _between(every: list[PhaseChange], begins_ns: int, ends_ns: int) -> tuple[PhaseChange, ...]:
    """What holds at the beginning, and every change from then on that is not over at once."""
    for each, other in pairwise(every):
        if each.time_ns > other.time_ns:
            raise UsageError(
                f"The hours of {each.session} and {other.session} overlap. Give a shorter pre-market "
                "or after-hours."
            )
    lasting = [each for each, other in pairwise(every) if each.time_ns < other.time_ns]
    held = phase_at(lasting, begins_ns)
    inside = [each for each in lasting if begins_ns < each.time_ns < ends_ns]
    return (PhaseChange(begins_ns, held.phase, held.session), *inside)


def _sessions(exchange: str, begins: date, ends: date) -> tuple[ZoneInfo, tuple[Session, ...]]:
    """The time zone, and the sessions from some days before to some days after."""
    try:
        earliest, latest = begins - MARGIN, ends + MARGIN
        zone, every = _years(exchange, earliest.year, latest.year)
    except (OverflowError, ValueError) as error:
        raise UsageError(
            f"The calendar of {exchange} does not reach from {begins} to {ends}: {error}"
        ) from error
    first = bisect_left(every, earliest.isoformat(), key=itemgetter(0))
    return zone, every[first : bisect_right(every, latest.isoformat(), key=itemgetter(0))]


@lru_cache(maxsize=32)
def _years(exchange: str, first: int, last: int) -> tuple[ZoneInfo, tuple[Session, ...]]:
    package = optional("exchange_calendars", f"The calendar of {exchange} is", "stress")
    if exchange not in package.get_calendar_names():
        raise UsageError(
            f"There is no calendar of {exchange!r}. Give a market identifier code (XNYS, XLON, XHKG), or "
            f"{ALWAYS}."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pandas speaks of the package's own code
        calendar = package.get_calendar(exchange, start=f"{first:04}-01-01", end=f"{last:04}-12-31")
        schedule = calendar.schedule
        days = [f"{each:%Y-%m-%d}" for each in schedule.index]
        times = [[each.value for each in schedule[name]] for name in COLUMNS]
    return calendar.tz, tuple(zip(days, *times, strict=True))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{text!r} is no day. Give it as YYYY-MM-DD.") from error


def _ns(day: date, zone: tzinfo) -> int:
    """When a day begins there."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1_000_000_000
