"""When a bar ended, as people are told."""

from datetime import UTC, datetime, timedelta

import pytest

from hedgecheck.stress.models import Curves
from hedgecheck.stress.wording import when


def ending(first: datetime, step: timedelta, bars: int) -> Curves:
    """The curves of so many bars, of which the first ends then."""
    ends = tuple(int((first + bar * step).timestamp()) * 10**9 for bar in range(bars))
    return Curves(ends, *[(0.0,) * bars] * 5, ())


@pytest.mark.parametrize(
    ("step", "first", "last"),
    [
        (timedelta(days=1), "2001-06-15", "2001-07-08"),
        (timedelta(days=7), "2001-06-15", "2001-11-23"),
        (timedelta(hours=1), "2001-06-16 00:00:00", "2001-06-16 23:00:00"),
        (timedelta(seconds=1), "2001-06-16 00:00:00", "2001-06-16 00:00:23"),
    ],
)
def test_a_day_that_ends_is_told_by_its_own_date_and_what_is_shorter_by_the_time(step, first, last) -> None:
    curves = ending(datetime(2001, 6, 16, tzinfo=UTC), step, bars=24)

    assert (when(curves, 0), when(curves, -1)) == (first, last)
