"""Moments and days read back exactly as they were written, in every zone; whatever else is typed is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmshell import moments, values
from crmshell.errors import Refused
from crmshell.values import Taken
from tests.refusals import FEW, MANY, any_text, assert_presentable, refusal

PARIS = ZoneInfo("Europe/Paris")
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Paris",
        "UTC",
        "America/New_York",
        "America/Sao_Paulo",  # clocks change at midnight
        "America/St_Johns",  # a minute past midnight
        "Africa/Monrovia",  # an offset with seconds until 1972
        "Australia/Lord_Howe",  # half an hour
        "Pacific/Apia",  # skipped 2011-12-30
        "Pacific/Kiritimati",  # 14 hours ahead
        "Asia/Kathmandu",
    )
]
NOW = 1_772_370_037  # Sunday 2026-03-01 14:00:37 in Paris
YEAR_2200 = 7_258_118_400
FRIDAY = 5
# fmt: off
NOT_MOMENTS = [
    "", "demain", "tuesday next", "next", "next tomorrow", "friday14:00", "tomorrow14:00", "now 14:00",
    "+3h 14:00", "3d", "2026-3-1", "20260301", "2026-03-01T", "2026-03-01 25:00", "2026-03-01 24:00",
    "2026-03-01 14:60", "2026-03-01 14", "2026-03-01 14:00:60", "2026-03-01 14:00+24:00", "2026-03-01+01:00",
    "01.03.2026", "٢٠٢٦-03-01", "14:00Z", "\ud800",
]
NOT_DAYS = ["2026-02-30", "31/11/2026", "03/25/2026", "1969-12-31", "0000-01-01", "+999999999w", "-90000d"]
# fmt: on

zones = st.sampled_from(ZONES)
every_moment = st.integers(86_400, YEAR_2200)
days = st.dates(date(1970, 1, 1), date(2200, 1, 1))


def at(text: str, zone: ZoneInfo = PARIS) -> str:
    """Read a moment on 2026-03-01 at 14:00:37 in Paris, and write it for programs."""
    return moments.iso_moment(values.parse_moment(text, NOW, zone).seconds, zone)


def day_of(text: str) -> str:
    """Read a day on 2026-03-01."""
    return values.parse_day(text, NOW, PARIS).isoformat()


# Moments


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-03-01T14:00:37+01:00"),
        ("  NOW ", "2026-03-01T14:00:37+01:00"),
        ("2026-07-14", "2026-07-14T00:00:00+02:00"),
        ("2026-07-14T14:00", "2026-07-14T14:00:00+02:00"),
        ("2026-07-14 14:00:30", "2026-07-14T14:00:30+02:00"),
        ("2026-07-14 14h30", "2026-07-14T14:30:00+02:00"),
        ("2026-03-01 14:00:30+02:00", "2026-03-01T13:00:30+01:00"),
        ("2026-03-01T14:00:30.250Z", "2026-03-01T15:00:30+01:00"),
        ("2026-03-01t14:00z", "2026-03-01T15:00:00+01:00"),
        ("2026-03-01T14:00-0530", "2026-03-01T20:30:00+01:00"),
        ("2026-03-01T14:00 +00", "2026-03-01T15:00:00+01:00"),
        ("14/07/2026", "2026-07-14T00:00:00+02:00"),
        ("1/3/2026 9:05", "2026-03-01T09:05:00+01:00"),
        ("today", "2026-03-01T00:00:00+01:00"),
        ("Tomorrow  14:00", "2026-03-02T14:00:00+01:00"),
        ("yesterday 23:59:59", "2026-02-28T23:59:59+01:00"),
        ("+3d", "2026-03-04T00:00:00+01:00"),
        ("-2d", "2026-02-27T00:00:00+01:00"),
        ("+4w 9h", "2026-03-29T09:00:00+02:00"),
        ("+3d 14:00", "2026-03-04T14:00:00+01:00"),
        ("+4h", "2026-03-01T18:00:37+01:00"),
        ("-30m", "2026-03-01T13:30:37+01:00"),
        ("friday", "2026-03-06T00:00:00+01:00"),
        ("next friday 9:00", "2026-03-06T09:00:00+01:00"),
        ("FRI 09:00", "2026-03-06T09:00:00+01:00"),
        ("monday 14h30", "2026-03-02T14:30:00+01:00"),
        ("Sunday", "2026-03-08T00:00:00+01:00"),
        ("next sat 14h", "2026-03-07T14:00:00+01:00"),
    ],
)
def test_the_forms_of_a_moment(text: str, moment: str) -> None:
    """Local time unless an offset is written; a day alone is its first second."""
    assert at(text) == moment


@pytest.mark.parametrize("text", NOT_MOMENTS)
def test_what_is_not_a_moment_is_refused(text: str) -> None:
    """The hint shows the forms."""
    refused = refusal(lambda: at(text))
    assert refused.message.endswith(" is not a moment")
    assert "tomorrow 14:00" in refused.hint


def test_a_time_alone_lacks_its_day() -> None:
    """The hint is the same time today."""
    assert refusal(lambda: at("14h30")).hint == "type today 14h30"
    assert refusal(lambda: at("9:00")).hint == "type today 9:00"


@pytest.mark.parametrize("text", NOT_DAYS)
def test_a_day_that_is_none_is_refused(text: str) -> None:
    """So is every day before 1970 and after 9999."""
    assert "is not a day of the years 1970 to 9999" in refusal(lambda: at(f"{text} 14:00")).message
    assert "the day first" in refusal(lambda: day_of(text)).hint


@pytest.mark.parametrize("text", ["1970-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "+999999999h", "-999999999m"])
def test_a_moment_outside_the_years_is_refused(text: str) -> None:
    """Where the day is right and the moment is not."""
    assert "is outside the years 1970 to 9999" in refusal(lambda: at(text)).message


def test_the_first_and_the_last_moment() -> None:
    """1970 and 9999 are local years, and both ends can be shown in every zone."""
    assert at("1970-01-01") == "1970-01-01T00:00:00+01:00"
    assert at("9999-12-31 23:59:59") == "9999-12-31T23:59:59+01:00"
    for zone in ZONES:
        assert moments.format_moment(values.parse_moment("1970-01-01", NOW, zone).seconds, zone) == "1970-01-01 00:00"
        late = values.parse_moment("9999-12-31", NOW, PARIS).seconds
        assert moments.format_moment(late, zone).startswith("9999-12-3")
    late = values.parse_moment("9999-12-31 23:00", NOW, ZoneInfo("UTC")).seconds
    assert moments.iso_moment(late, ZoneInfo("Pacific/Kiritimati")) == "9999-12-31T23:00:00+00:00"
    beyond = refusal(lambda: at("9999-12-31 20:00", ZoneInfo("America/New_York")))
    assert "is outside the years" in beyond.message


@pytest.mark.parametrize(
    ("zone", "text", "later"),
    [
        ("Europe/Paris", "2026-03-29 02:30", "2026-03-29 03:30"),
        ("Europe/Paris", "29/03/2026 2h", "2026-03-29 03:00"),
        ("America/New_York", "2026-03-08 02:59:59", "2026-03-08 03:59:59"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-04 02:45"),
        ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 01:00"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-31 12:00"),
        ("Pacific/Apia", "2011-12-30", "2011-12-31 00:00"),
    ],
)
def test_a_local_time_that_does_not_exist_is_refused(zone: str, text: str, later: str) -> None:
    """The hint is the same time with the clocks put forward."""
    refused = refusal(lambda: at(text, ZoneInfo(zone)))
    assert f"does not exist in {zone}" in refused.message
    assert refused.hint == f"type {later}"


def test_a_local_time_that_happens_twice_is_the_first() -> None:
    """The note says so, and how to type the second, which has no note."""
    seconds, note = values.parse_moment("2026-10-25 02:30", NOW, PARIS)
    assert moments.iso_moment(seconds, PARIS) == "2026-10-25T02:30:00+02:00"
    assert note == (
        "2026-10-25 02:30 happens twice in Europe/Paris and was taken as the first; "
        "type 2026-10-25T02:30:00+01:00 for the second"
    )
    assert values.parse_moment("2026-10-25T02:30:00+01:00", NOW, PARIS) == Taken(seconds + 3600, "")


def test_a_day_without_midnight_begins_when_it_begins() -> None:
    """In São Paulo 2018-11-04 began at one o'clock."""
    sao_paulo = ZoneInfo("America/Sao_Paulo")
    assert at("2018-11-04", sao_paulo) == "2018-11-04T01:00:00-02:00"
    start, end = values.day_bounds(date(2018, 11, 4), sao_paulo)
    assert end - start == 23 * 3600


@FEW
@given(every_moment, zones)
@example(1_792_888_200, PARIS)
@example(1_792_891_800, PARIS)
def test_iso_moments_read_back(seconds: int, zone: ZoneInfo) -> None:
    """Both passes of an hour that happens twice included."""
    assert values.parse_moment(moments.iso_moment(seconds, zone), NOW, ZONES[-1]) == Taken(seconds, "")


@FEW
@given(every_moment, zones)
@example(1_792_888_200, PARIS)
@example(1_792_891_800, PARIS)
def test_shown_moments_read_back(seconds: int, zone: ZoneInfo) -> None:
    """What is shown has no offset, so the second pass of an hour reads as the first."""
    shown = moments.format_moment(seconds, zone)
    taken = values.parse_moment(shown, NOW, zone)
    assert moments.format_moment(taken.seconds, zone) == shown
    assert taken.seconds == seconds or (taken.note and taken.seconds < seconds)


@FEW
@given(st.datetimes(datetime(1971, 1, 1), datetime(2037, 12, 31)), zones)
def test_a_local_time_is_kept_or_refused(local: datetime, zone: ZoneInfo) -> None:
    """No local time is moved silently."""
    typed = f"{local:%d/%m/%Y %Hh%M}"
    try:
        taken = values.parse_moment(typed, NOW, zone)
    except Refused as refused:
        assert "does not exist in" in refused.message  # noqa: PT017
    else:
        assert moments.format_moment(taken.seconds, zone) == f"{local:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_quarters_of_an_hour_are_kept_or_refused_when_the_clocks_change(zone: ZoneInfo) -> None:
    """A local time is noted when it happens twice, and refused only when it never happens."""
    for day in changes_of_the_clocks(zone):
        for minutes in range(0, 24 * 60, 15):
            wanted = f"{day} {minutes // 60:02}:{minutes % 60:02}"
            try:
                taken = values.parse_moment(wanted, NOW, zone)
            except Refused:
                assert not exists(wanted, zone)
            else:
                assert moments.format_moment(taken.seconds, zone) == wanted
                shown_later = {moments.format_moment(taken.seconds + later, zone) for later in (1800, 3600)}
                assert bool(taken.note) == (wanted in shown_later)


def changes_of_the_clocks(zone: ZoneInfo) -> list[date]:
    """List the days of 2011 and 2018 on which the offset changes, with the days before them."""
    starts = [date(year, 1, 1) + timedelta(days=day) for year in (2011, 2018) for day in range(365)]
    changing = [day for day in starts if length(day, zone) != 24 * 3600]
    return sorted({*changing, *(day - timedelta(days=1) for day in changing)})


def length(day: date, zone: ZoneInfo) -> int:
    """Count the seconds of a day."""
    start, end = values.day_bounds(day, zone)
    return end - start


def exists(wanted: str, zone: ZoneInfo) -> bool:
    """Tell whether a clock of the zone ever shows a local time."""
    utc = values.parse_moment(wanted, NOW, ZoneInfo("UTC")).seconds
    return any(moments.format_moment(utc + quarter * 900, zone) == wanted for quarter in range(-60, 60))


@MANY
@given(any_text, zones, every_moment)
@example("9999-12-31T23:59:59-23:59", PARIS, NOW)
@example("+999999999w", PARIS, NOW)
@example("\x00", PARIS, NOW)
def test_no_text_breaks_the_readers_of_moments(text: str, zone: ZoneInfo, now: int) -> None:
    """A text is a moment, or it is refused in a sentence with a hint that a terminal may show."""
    for read in (values.parse_moment, values.parse_day):
        try:
            read(text, now, zone)
        except Refused as refused:
            assert_presentable(refused)


# Days


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-03-01"),
        ("2026-07-14", "2026-07-14"),
        ("14/7/2026", "2026-07-14"),
        (" YESTERDAY ", "2026-02-28"),
        ("+1w", "2026-03-08"),
        ("next tuesday", "2026-03-03"),
        ("9999-12-31", "9999-12-31"),
    ],
)
def test_the_forms_of_a_day(text: str, day: str) -> None:
    """The forms of a moment, without a time."""
    assert day_of(text) == day


def test_a_day_takes_no_time() -> None:
    """The hint is the day alone."""
    assert refusal(lambda: day_of("Tomorrow 14:00")).hint == "type tomorrow"


@pytest.mark.parametrize("text", ["now", "+4h", "14:00", "demain 14:00", ""])
def test_what_is_not_a_day_is_refused(text: str) -> None:
    """Moments without a day of their own too."""
    assert refusal(lambda: day_of(text)).message.endswith(" is not a day")


@FEW
@given(every_moment, zones)
def test_today_is_the_day_of_the_zone(now: int, zone: ZoneInfo) -> None:
    """Now lies between the bounds of today, and a weekday is one to seven days ahead."""
    today = values.parse_day("today", now, zone)
    start, end = values.day_bounds(today, zone)
    if zone.key != "America/St_Johns":  # where the first minute of a day came back at the end of the day before
        assert start <= now < end
    friday = values.parse_day("friday", now, zone)
    assert friday.isoweekday() == FRIDAY
    assert timedelta(days=1) <= friday - today <= timedelta(days=7)


@FEW
@given(days, zones)
@example(date(2011, 12, 29), ZoneInfo("Pacific/Apia"))
@example(date(2018, 11, 3), ZoneInfo("America/Sao_Paulo"))
@example(date(2026, 3, 29), PARIS)
def test_days_follow_each_other(day: date, zone: ZoneInfo) -> None:
    """The end of a day is the start of the next, and its first second is on it."""
    start, end = values.day_bounds(day, zone)
    assert end == values.day_bounds(day + timedelta(days=1), zone)[0]
    assert moments.format_moment(start, zone).startswith(day.isoformat()) or start == end


def test_the_length_of_days() -> None:
    """23 and 25 hours when the clocks change, none for a day that was skipped, and the last day has an end."""
    assert length(date(2026, 3, 29), PARIS) == 23 * 3600
    assert length(date(2026, 10, 25), PARIS) == 25 * 3600
    assert length(date(2011, 12, 30), ZoneInfo("Pacific/Apia")) == 0
    assert length(date.max, PARIS) == 24 * 3600


# Moments are written by a short way, which says what the long one says


@MANY
@given(
    st.integers(0, 5_000_000_000) | st.integers(0, 253_402_300_799),
    st.sampled_from(["Europe/Paris", "UTC", "America/St_Johns", "Asia/Kathmandu", "Africa/Monrovia", "Pacific/Apia"]),
)
def test_a_moment_is_written_as_the_calendar_has_it(seconds: int, name: str) -> None:
    zone = ZoneInfo(name)
    try:
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone)
    except OverflowError:
        return
    assert moments.iso_moment(seconds, zone) == local.isoformat()
    assert moments.format_moment(seconds, zone) == local.replace(tzinfo=None).isoformat(" ").removesuffix(":00")


@MANY
@given(st.lists(st.integers(1_700_000_000, 1_800_000_000), min_size=1, max_size=5), st.integers(0, 90), zones)
def test_a_column_of_moments_is_written_as_each_of_them(column: list[int], days: int, zone: ZoneInfo) -> None:
    """Whether its moments are years apart, or days with one offset or two."""
    near = [1_774_000_000 + days * 86_400 + seconds % 400_000 for seconds in column]
    for written in column, near:
        assert moments.iso_moments(written, zone) == [moments.iso_moment(seconds, zone) for seconds in written]
        assert moments.format_moments(written, zone) == [moments.format_moment(seconds, zone) for seconds in written]
