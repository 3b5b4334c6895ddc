"""Phases of exchanges on days that everybody can look up, and what is true of them on all days."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgecheck import UsageError, calendars
from hedgecheck.calendars import PhaseChange, phase_at, phases
from hedgecheck.errors import PackageMissing

NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
UTC = ZoneInfo("UTC")
MINUTE = 60_000_000_000


def told(changes, zone=NEW_YORK):
    """The changes as people write them."""
    return [
        (f"{datetime.fromtimestamp(each.time_ns // 10**9, zone):%m-%d %H:%M}", each.phase) for each in changes
    ]


def at(changes, text, zone=NEW_YORK):
    """The phase at a time that is written as people write it."""
    return phase_at(changes, int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 10**9).phase


YEAR = phases("XNYS", "2024-01-01", "2024-12-31")


def test_ordinary_day_goes_through_its_phases():
    assert told(phases("XNYS", "2024-06-12", "2024-06-12")) == [
        ("06-12 00:00", "closed"),
        ("06-12 04:00", "pre_market"),
        ("06-12 09:30", "regular"),
        ("06-12 15:50", "closing"),
        ("06-12 16:00", "after_hours"),
        ("06-12 20:00", "closed"),
    ]


def test_day_after_thanksgiving_closes_early_and_thanksgiving_does_not_open():
    assert told(phases("XNYS", "2024-11-28", "2024-12-01")) == [
        ("11-28 00:00", "closed"),
        ("11-29 04:00", "pre_market"),
        ("11-29 09:30", "regular"),
        ("11-29 12:50", "closing"),
        ("11-29 13:00", "after_hours"),
        ("11-29 17:00", "closed"),
    ]


@pytest.mark.parametrize(
    ("day", "phase"),
    [
        ("2024-01-01", "closed"),  # New Year, a Monday
        ("2024-01-15", "closed"),  # Martin Luther King
        ("2024-03-29", "closed"),  # Good Friday
        ("2024-06-19", "closed"),  # Juneteenth
        ("2024-07-04", "closed"),
        ("2024-07-06", "closed"),  # a Saturday
        ("2024-12-25", "closed"),
        ("2024-07-03", "regular"),
        ("2024-12-24", "regular"),
        ("2024-12-26", "regular"),
    ],
)
def test_holidays_and_weekends_are_closed_at_noon(day, phase):
    assert at(YEAR, f"{day} 12:00") == phase


def test_year_has_252_sessions_three_of_them_short():
    opens = [each for each in YEAR if each.phase == "regular"]
    closes = [each for each in YEAR if each.phase == "after_hours"]

    assert len(opens) == len({each.session for each in opens}) == 252
    hours = [datetime.fromtimestamp(each.time_ns // 10**9, NEW_YORK).hour for each in closes]
    assert sorted(hours) == [13] * 3 + [16] * 249


def test_clocks_change_and_the_open_stays_at_half_past_nine_there():
    opens = [each for each in YEAR if each.phase == "regular"]

    assert {told([each])[0][0][6:] for each in opens} == {"09:30"}
    assert {told([each], UTC)[0][0][6:] for each in opens} == {"14:30", "13:30"}
    assert told(phases("XNYS", "2024-03-08", "2024-03-08"), UTC)[0][0] == "03-08 05:00"
    assert told(phases("XNYS", "2024-03-11", "2024-03-11"), UTC)[0][0] == "03-11 04:00"


def test_london_changes_its_clocks_on_another_day_and_has_no_extended_hours():
    days = phases("XLON", "2024-03-27", "2024-04-02", closing_minutes=5)

    assert told(days, LONDON) == [
        ("03-27 00:00", "closed"),
        ("03-27 08:00", "regular"),
        ("03-27 16:25", "closing"),
        ("03-27 16:30", "closed"),
        ("03-28 08:00", "regular"),
        ("03-28 16:25", "closing"),
        ("03-28 16:30", "closed"),
        ("04-02 08:00", "regular"),
        ("04-02 16:25", "closing"),
        ("04-02 16:30", "closed"),
    ]


def test_break_at_noon_is_closed():
    assert told(phases("XHKG", "2024-12-27", "2024-12-27"), ZoneInfo("Asia/Hong_Kong")) == [
        ("12-27 00:00", "closed"),
        ("12-27 09:30", "regular"),
        ("12-27 12:00", "closed"),
        ("12-27 13:00", "regular"),
        ("12-27 15:50", "closing"),
        ("12-27 16:00", "closed"),
    ]


def test_crypto_never_closes_and_has_a_session_each_day():
    days = phases("24/7", "2024-02-28", "2024-03-01")

    assert told(days, UTC) == [(f"{day} 00:00", "regular") for day in ("02-28", "02-29", "03-01")]
    assert [each.session for each in days] == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert [each.day for each in days] == [738_944, 738_945, 738_946]


def test_closing_takes_what_it_is_given():
    without = phases("XNYS", "2024-06-12", "2024-06-12", closing_minutes=0)
    all_day = phases("XNYS", "2024-06-12", "2024-06-12", closing_minutes=1_000)

    assert [each.phase for each in without] == ["closed", "pre_market", "regular", "after_hours", "closed"]
    assert [each.phase for each in all_day] == ["closed", "pre_market", "closing", "after_hours", "closed"]


def test_extended_hours_may_be_given_for_any_exchange():
    days = phases("XLON", "2024-06-12", "2024-06-12", extended_minutes=(180, 45))

    assert told(days, LONDON)[1:] == [
        ("06-12 05:00", "pre_market"),
        ("06-12 08:00", "regular"),
        ("06-12 16:20", "closing"),
        ("06-12 16:30", "after_hours"),
        ("06-12 17:15", "closed"),
    ]


def test_change_at_midnight_is_of_the_day_that_begins():
    hours = {"extended_minutes": (0, 480)}
    day, other = (phases("XNYS", f"2024-06-{each}", f"2024-06-{each}", **hours) for each in (12, 13))

    assert [each.phase for each in day] == ["closed", "regular", "closing", "after_hours"]
    assert told(other)[:2] == [("06-13 00:00", "closed"), ("06-13 09:30", "regular")]


def test_closing_begins_after_the_break_at_the_earliest():
    days = phases("XHKG", "2024-12-27", "2024-12-27", closing_minutes=1_000)

    assert [each.phase for each in days] == ["closed", "regular", "closed", "closing", "closed"]


def test_exchange_that_closes_when_it_opens_again_is_not_closed_between():
    days = phases("CMES", "2024-06-12", "2024-06-12")

    assert all(each.time_ns < other.time_ns for each, other in pairwise(days))
    assert "closed" not in [each.phase for each in days]


def test_calendar_does_not_depend_on_how_much_of_it_is_asked_for():
    part = phases("XNYS", "2024-05-20", "2024-06-05")

    assert part[1:] == tuple(
        each for each in YEAR if part[0].time_ns < each.time_ns < part[0].time_ns + 17 * 1_440 * MINUTE
    )


@pytest.mark.parametrize("exchange", ["XNYS", "XLON", "XHKG", "XTKS", "CMES"])
@given(
    st.dates(date(2023, 1, 20), date(2024, 11, 20)),
    st.integers(0, 20),
    st.integers(0, 90),
)
def test_changes_are_in_order_and_each_session_trades_once(exchange, first, days, closing):
    last = first + timedelta(days=days)

    found = phases(exchange, first.isoformat(), last.isoformat(), closing_minutes=closing)

    assert all(each.time_ns < other.time_ns for each, other in pairwise(found))
    assert all(each.session <= other.session for each, other in pairwise(found))
    assert all(each.phase != other.phase or each.day < other.day for each, other in pairwise(found[1:]))
    for each, other in pairwise(found):
        assert phase_at(found, each.time_ns) == phase_at(found, other.time_ns - 1) == each
        if each.phase == "closing" and each is not found[0]:
            assert other.time_ns - each.time_ns == closing * MINUTE


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("NOPE", "2024-01-01", "2024-01-02"), "There is no calendar of 'NOPE'"),
        (("XNYS", "2024-01-02", "2024-01-01"), "earlier day first"),
        (("XNYS", "yesterday", "2024-01-01"), "'yesterday' is no day"),
        (("XNYS", None, "2024-01-01"), "YYYY-MM-DD"),
        (("XHKG", "2060-01-01", "2060-01-02"), "does not reach from 2060-01-01"),
        (("XNYS", "0001-01-01", "0001-01-02"), "does not reach from 0001-01-01"),
    ],
)
def test_what_there_is_not_is_refused_with_its_cause(wrong, said):
    with pytest.raises(UsageError) as error:
        phases(*wrong)

    assert said in str(error.value)


def test_minutes_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="closing_minutes is -1"):
        phases("XNYS", "2024-01-01", "2024-01-02", closing_minutes=-1)
    with pytest.raises(UsageError, match="overlap"):
        phases("XNYS", "2024-01-01", "2024-01-10", extended_minutes=(600, 600))
    with pytest.raises(UsageError, match="begin after 0 ns"):
        phase_at((PhaseChange(1, "closed", "1970-01-01"),), 0)


def test_without_the_package_its_pip_line_is_said_and_crypto_needs_none(monkeypatch):
    def missing(name):
        raise ImportError(name)

    calendars._years.cache_clear()

    monkeypatch.setattr("hedgecheck.packages.import_module", missing)

    with pytest.raises(PackageMissing, match=r"pip install 'hedgecheck\[stress\]'"):
        phases("XNYS", "2024-01-01", "2024-01-02")
    assert len(phases("24/7", "2024-01-01", "2024-01-02")) == 2
