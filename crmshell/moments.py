"""Moments as they are written: one, or a column of them at once, which takes a quarter of the time each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 24 * 60 * 60
FIRST_DAY = date(1970, 1, 1)
_LAST_PLAIN_DAY = 2_900_000  # in the year 9909; what comes later is written the long way


def format_moment(seconds: int, zone: ZoneInfo) -> str:
    """Write a moment for people: `2026-03-01 14:00`, with the seconds only when there are some."""
    return next(_for_people((seconds,), zone))


def format_moments(column: Sequence[int | None], absent: str, zone: ZoneInfo) -> list[str]:
    """Write a column of them for people, `absent` where there is none."""
    return list(_for_people(column, zone, absent))


def iso_moment(seconds: int, zone: ZoneInfo) -> str:
    """Write a moment for programs: `2026-03-01T14:00:00+01:00`."""
    return next(_for_programs((seconds,), zone))


def iso_moments(column: Sequence[int | None], absent: str, zone: ZoneInfo) -> list[str]:
    """Write a column of them for programs, `absent` where there is none."""
    return list(_for_programs(column, zone, absent))


def format_time(seconds: int, zone: ZoneInfo) -> str:
    """Write the time of day: `14:00`."""
    return f"{local(seconds, zone):%H:%M}"


def format_day(seconds: int, zone: ZoneInfo) -> str:
    """Write the day of a moment: `2026-03-01`."""
    return local(seconds, zone).date().isoformat()


def local(seconds: int, zone: ZoneInfo) -> datetime:
    """The moment as the clocks of a zone show it."""
    moment = EPOCH + timedelta(seconds=seconds)
    try:
        return moment.astimezone(zone)
    except OverflowError:  # the last hours of 9999, written in a zone further west
        return moment


def without_offset(moment: datetime) -> str:
    """Write what the clocks show, with the seconds only when there are some."""
    return moment.replace(tzinfo=None).isoformat(" ", "seconds" if moment.second else "minutes")


def _for_people(column: Sequence[int | None], zone: ZoneInfo, absent: str = "") -> Iterator[str]:
    offsets, minutes = _offsets(zone), _minutes()
    for seconds in column:
        if seconds is None:
            yield absent
            continue
        offset = offsets[seconds // DAY]
        if offset is None:
            yield without_offset(local(seconds, zone))
            continue
        shown = seconds + offset.seconds
        written = f"{_WRITTEN_DAYS[shown // DAY]} {minutes[shown % DAY // 60]}"
        yield f"{written}:{shown % 60:02}" if shown % 60 else written


def _for_programs(column: Sequence[int | None], zone: ZoneInfo, absent: str = "") -> Iterator[str]:
    offsets, minutes = _offsets(zone), _minutes()
    for seconds in column:
        if seconds is None:
            yield absent
            continue
        offset = offsets[seconds // DAY]
        if offset is None:
            yield local(seconds, zone).isoformat()
            continue
        shown = seconds + offset.seconds
        yield f"{_WRITTEN_DAYS[shown // DAY]}T{minutes[shown % DAY // 60]}:{shown % 60:02}{offset.written}"


class _Offset(NamedTuple):
    """How far a zone is ahead of UTC, and how that is written."""

    seconds: int
    written: str


class _Offsets(dict[int, _Offset | None]):
    """The offset of a zone on each day of UTC; None for a day on which that changes."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, day: int) -> _Offset | None:
        self[day] = self._find_offset(day) if 0 < day < _LAST_PLAIN_DAY else None
        return self[day]

    def _find_offset(self, day: int) -> _Offset | None:
        first, last = (local(day * DAY + second, self._zone).utcoffset() for second in (0, DAY))
        return _offset(first // timedelta(seconds=1)) if first is not None and first == last else None


class _Written(dict[int, str]):
    """The days since 1970 as they are written."""

    def __missing__(self, day: int) -> str:
        self[day] = (FIRST_DAY + timedelta(days=day)).isoformat()
        return self[day]


_WRITTEN_DAYS = _Written()
_offsets = cache(_Offsets)


@cache
def _offset(seconds: int) -> _Offset:
    return _Offset(seconds, datetime(2000, 1, 1, tzinfo=timezone(timedelta(seconds=seconds))).isoformat()[19:])


@cache
def _minutes() -> Sequence[str]:
    """Every minute of a day as it is written."""
    return [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
