"""Moments as they are written: one, or a column of them at once, which takes a quarter of the time each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 24 * 60 * 60
FIRST_DAY = date(1970, 1, 1)
_LAST_PLAIN_DAY = 2_900_000  # in the year 9909; what comes later is written the long way
_FEW_DAYS = 40


def format_moment(seconds: int, zone: ZoneInfo) -> str:
    """Write a moment for people: `2026-03-01 14:00`, with the seconds only when there are some."""
    offset = _offsets(zone)[seconds // DAY]
    if offset is None:
        return without_offset(local(seconds, zone))
    return _for_people([seconds + offset.seconds])[0]


def format_moments(column: Sequence[int], zone: ZoneInfo) -> list[str]:
    """Write a column of them for people."""
    common = _find_common(column, zone)
    if common is not None:
        ahead = common.seconds
        return _for_people([seconds + ahead for seconds in column])
    offsets = _find_offsets(column, zone)
    if offsets is None:
        return [format_moment(seconds, zone) for seconds in column]
    return _for_people([seconds + offset.seconds for seconds, offset in zip(column, offsets, strict=True)])


def iso_moment(seconds: int, zone: ZoneInfo) -> str:
    """Write a moment for programs: `2026-03-01T14:00:00+01:00`."""
    offset = _offsets(zone)[seconds // DAY]
    if offset is None:
        return local(seconds, zone).isoformat()
    return _for_programs([seconds + offset.seconds], offset.written)[0]


def iso_moments(column: Sequence[int], zone: ZoneInfo) -> list[str]:
    """Write a column of them for programs."""
    common = _find_common(column, zone)
    if common is None:
        return [iso_moment(seconds, zone) for seconds in column]
    ahead = common.seconds
    return _for_programs([seconds + ahead for seconds in column], common.written)


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


def _for_people(shown: Sequence[int]) -> list[str]:
    minutes, seconds = _minutes(), _seconds("")
    return [f"{_WRITTEN_DAYS[s // DAY]} {minutes[s % DAY // 60]}{seconds[s % 60]}" for s in shown]


def _for_programs(shown: Sequence[int], offset: str) -> list[str]:
    minutes, seconds = _minutes(), _seconds(":00")
    return [f"{_WRITTEN_DAYS[s // DAY]}T{minutes[s % DAY // 60]}{seconds[s % 60]}{offset}" for s in shown]


def _find_common(column: Sequence[int], zone: ZoneInfo) -> _Offset | None:
    """The offset that all moments of a column share, as those of a few days in a row do; None where they may not."""
    first, last = min(column) // DAY, max(column) // DAY
    if last - first >= _FEW_DAYS:
        return None
    offsets = _offsets(zone)
    found = {offsets[day] for day in range(first, last + 1)}
    return found.pop() if len(found) == 1 else None


def _find_offsets(column: Sequence[int], zone: ZoneInfo) -> Sequence[_Offset] | None:
    """The offset of each moment of a column; None where the day of one does not tell it."""
    offsets = _offsets(zone)
    found = [offset for seconds in column if (offset := offsets[seconds // DAY]) is not None]
    return found if len(found) == len(column) else None


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
def _seconds(first: str) -> Sequence[str]:
    """Every second of a minute as it is written; people do not want the first one."""
    return [first, *(f":{second:02}" for second in range(1, 60))]


@cache
def _minutes() -> Sequence[str]:
    """Every minute of a day as it is written."""
    return [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
