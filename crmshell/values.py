"""What a person types is read exactly or refused, and what is stored is shown one way."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from crmshell.errors import Refused
from crmshell.moments import DAY, EPOCH, FIRST_DAY, format_moment, iso_moment, local, without_offset
from crmshell.text import find_control, plural, safe, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from zoneinfo import ZoneInfo

MAX_AMOUNT = 9_999_999_999  # cents

_LONGEST_SHOWN = 40  # columns
_LONGEST_QUOTED = 200  # characters, since marks without width would never fill the columns

_SPACES = dict.fromkeys((0x00A0, 0x2009, 0x202F), " ")
_CURRENCY = "(?:€|EUR)"
_AMOUNT = re.compile(
    rf"""
    (?P<before> {_CURRENCY} [ ]* )?
    (?P<whole> [0-9]+ | [1-9][0-9]{{0,2}} (?P<group>[ .,]) [0-9]{{3}} (?: (?P=group) [0-9]{{3}} )* )
    (?: (?!(?P=group)) [.,] (?P<decimals>[0-9]+) )?
    (?(before) | (?: [ ]* {_CURRENCY} )? )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MOST_DECIMALS = 2
_AMBIGUOUS = re.compile("[1-9][0-9]{0,2}[.,][0-9]{3}")
_AMOUNT_HINT = "type an amount such as 1234.56 or 1 234,56 €"
_COUNT = re.compile(r"[0-9]{1,9}|[1-9][0-9]{0,2}(?: [0-9]{3}){1,2}")

_END_OF_9999 = 253_402_300_800  # UTC, past which Python knows no moment
_HOUR = "[01]?[0-9]|2[0-3]"
_MOMENT = re.compile(
    rf"""
    (?P<day> .+? )
    (?: (?:[ ]|(?<=[0-9])t)
        (?P<hour> {_HOUR} )
        (?: h | :(?=[0-9]) )
        (?: (?P<minute> [0-5][0-9] ) (?: :(?P<second> [0-5][0-9] ) (?:\.[0-9]+)? )? )?
        (?: [ ]? (?P<offset> z | [+-](?:[01][0-9]|2[0-3]) (?: :?[0-5][0-9] (?: :[0-5][0-9] )? )? ) )?
    )?
    """,
    re.VERBOSE,
)
_ELAPSED = re.compile(r"(?P<count>[+-][0-9]{1,9})(?P<unit>[hm])")
_SECONDS = {"h": 60 * 60, "m": 60}
_TIME_ALONE = re.compile(rf"(?:{_HOUR})(?:h|[h:][0-5][0-9])")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ABBREVIATED = tuple(name[:3] for name in _WEEKDAYS)
_NEAR_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_DAYS = {"d": 1, "w": 7}
_DAY_HINT = "type a day such as 2026-03-01, 01/03/2026 (the day first), tomorrow, +3d or friday"
_MOMENT_HINT = "type a moment such as 2026-03-01 14:00, 01/03/2026 14:00, tomorrow 14:00, +3d 9h30, next friday or now"

_EMPTY = "the text must not be empty"
_INVISIBLE_CATEGORIES = frozenset({"Cf", "Zs", "Zl", "Zp"})


class Taken(NamedTuple):
    """A moment in `seconds` UTC; the `note` says that a local time happening twice was taken as the first."""

    seconds: int
    note: str


def wrong(text: str, why: str, hint: str) -> Refused:
    """The refusal of a text that cannot be read."""
    return Refused(f"{_shown(text)} {why}", hint=hint)


def _shown(text: str) -> str:
    return shorten(safe(text.strip()[:_LONGEST_QUOTED]), _LONGEST_SHOWN) or "an empty value"


def parse_amount(text: str) -> int:
    """Read an amount, in cents.

    One separator before three digits (`1.234`) is refused: it reads as thousands to some and as decimals to others.
    """
    match = _AMOUNT.fullmatch(text.translate(_SPACES).strip())
    if match is None:
        raise wrong(text, "is not an amount", _AMOUNT_HINT)
    decimals = match["decimals"] or ""
    cents = _within_maximum(text, _only_digits(match["whole"]) + decimals[:_MOST_DECIMALS].ljust(_MOST_DECIMALS, "0"))
    if len(decimals) > _MOST_DECIMALS:
        raise _too_precise(text, match["whole"], decimals, cents)
    return cents


def _within_maximum(text: str, digits: str) -> int:
    significant = digits.lstrip("0") or "0"
    if len(significant) > len(str(MAX_AMOUNT)) or int(significant) > MAX_AMOUNT:
        why = f"is more than the largest amount, {format_amount(MAX_AMOUNT)}"
        raise wrong(text, why, f"type at most {plain_amount(MAX_AMOUNT)}")
    return int(significant)


def _too_precise(text: str, whole: str, decimals: str, rounded_down: int) -> Refused:
    if _AMBIGUOUS.fullmatch(f"{whole}.{decimals}"):
        why = "reads as thousands or as three decimals, and an amount has at most two"
        return wrong(text, why, f"type {whole}{decimals}.00 or {plain_amount(rounded_down)}")
    return wrong(text, "has more than two decimals", f"type {plain_amount(rounded_down)}")


def _only_digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def format_amount(cents: int) -> str:
    """Write an amount for people: `1 234.56 €`."""
    sign = "-" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    return f"{sign}{units:,}.{rest:02} €".replace(",", " ")


def format_amounts(column: Sequence[int]) -> list[str]:
    """Write a column of them for people, which takes a third of the time each."""
    if min(column) < 0:
        return list(map(format_amount, column))
    written = "\n".join([f"{cents // 100:,}{_CENTS[cents % 100]}" for cents in column])
    return written.replace(",", " ").split("\n")


_CENTS = [f".{cents:02} €" for cents in range(100)]


def plain_amount(cents: int) -> str:
    """Write an amount for programs: `1234.56`."""
    units, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{units}.{rest:02}"


def parse_count(text: str) -> int:
    """Read a whole number of at most nine digits, zero included."""
    digits = text.translate(_SPACES).strip()
    if not _COUNT.fullmatch(digits):
        raise wrong(text, "is not a whole number of at most nine digits", "type a number such as 120 or 1 200")
    return int(_only_digits(digits))


def parse_moment(text: str, now: int, zone: ZoneInfo) -> Taken:
    """Read a moment; `now` in seconds UTC, `zone` the one in which people write without an offset.

    `+4h` and `+30m` are elapsed time from `now`; a day without a time is its first second, for `+3d` and `+2w` too.
    `friday` and `next friday` are the first one after today. Fractions of a second are dropped.
    """
    taken = _read_moment(text, now, zone)
    if taken.seconds not in _known_seconds(zone):
        raise wrong(text, "is outside the years 1970 to 9999", _MOMENT_HINT)
    return taken


def _read_moment(text: str, now: int, zone: ZoneInfo) -> Taken:
    words = _words(text)
    if words == "now":
        return Taken(now, "")
    if elapsed := _ELAPSED.fullmatch(words):
        return Taken(now + int(elapsed["count"]) * _SECONDS[elapsed["unit"]], "")
    match = _MOMENT.fullmatch(words)
    day = match and _find_day(match["day"], now, zone)
    if not match or not day:
        hint = f"type today {words}" if _TIME_ALONE.fullmatch(words) else _MOMENT_HINT
        raise wrong(text, "is not a moment", hint)
    if not match["hour"]:
        return _taken_at_start(day, zone)
    return _taken_at(datetime.combine(day, _clock(match)), zone)


def _words(text: str) -> str:
    return " ".join(text.lower().split())


def _clock(match: re.Match[str]) -> time:
    minute, second, offset = match["minute"] or "00", match["second"] or "00", match["offset"] or ""
    return time.fromisoformat(f"{match['hour']:0>2}:{minute}:{second}{offset.upper()}")


def _taken_at_start(day: date, zone: ZoneInfo) -> Taken:
    seconds = _first_second(day, zone)
    if local(seconds, zone).date() != day:
        raise _skipped(day.isoformat(), seconds, zone)
    return Taken(seconds, "")


def _taken_at(wanted: datetime, zone: ZoneInfo) -> Taken:
    if wanted.tzinfo:
        return Taken(_epoch(wanted), "")
    first, second = (_epoch(wanted.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first > second:
        raise _skipped(without_offset(wanted), first, zone)
    return Taken(first, _twice(wanted, second, zone) if first < second else "")


def _skipped(wanted: str, later: int, zone: ZoneInfo) -> Refused:
    message = f"{wanted} does not exist in {zone} because the clocks go forward over it"
    return Refused(message, hint=f"type {format_moment(later, zone)}")


def _twice(wanted: datetime, second: int, zone: ZoneInfo) -> str:
    happens_twice = f"{without_offset(wanted)} happens twice in {zone} and was taken as the first"
    return f"{happens_twice}; type {iso_moment(second, zone)} for the second"


def parse_day(text: str, now: int, zone: ZoneInfo) -> date:
    """Read a day in the forms `parse_moment` knows, without a time."""
    match = _MOMENT.fullmatch(_words(text))
    day = match and _find_day(match["day"], now, zone)
    if not match or not day:
        raise wrong(text, "is not a day", _DAY_HINT)
    if match["hour"]:
        raise wrong(text, "has a time, and only the day is wanted", f"type {match['day']}")
    return day


def _find_day(words: str, now: int, zone: ZoneInfo) -> date | None:
    today = local(now, zone).date()
    readings = (read(match, today) for form, read in _DAY_FORMS if (match := form.fullmatch(words)))
    try:
        day = next(readings, None)
    except (ValueError, OverflowError) as error:
        raise _outside(words) from error
    if day and day < FIRST_DAY:
        raise _outside(words)
    return day


def _outside(words: str) -> Refused:
    return wrong(words, "is not a day of the years 1970 to 9999", _DAY_HINT)


def _calendar_day(match: re.Match[str], _today: date) -> date:
    return date(int(match["year"]), int(match["month"]), int(match["day"]))


def _near_day(match: re.Match[str], today: date) -> date:
    return today + timedelta(days=_NEAR_DAYS[match[0]])


def _distant_day(match: re.Match[str], today: date) -> date:
    return today + timedelta(days=int(match["count"]) * _DAYS[match["unit"]])


def _next_weekday(match: re.Match[str], today: date) -> date:
    days_after_tomorrow = (_ABBREVIATED.index(match["name"][:3]) - today.weekday() - 1) % 7
    return today + timedelta(days=days_after_tomorrow + 1)


_DAY_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]], ...] = (
    (re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"), _calendar_day),
    (re.compile(r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})"), _calendar_day),
    (re.compile("|".join(_NEAR_DAYS)), _near_day),
    (re.compile(r"(?P<count>[+-][0-9]{1,9})(?P<unit>[dw])"), _distant_day),
    (re.compile(rf"(?:next )?(?P<name>{'|'.join(_WEEKDAYS)}|{'|'.join(_ABBREVIATED)})"), _next_weekday),
)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Give the first second of a day and of the next one, UTC; both are the same for a day the zone skipped."""
    start = _first_second(day, zone)
    return start, _first_second(day + timedelta(days=1), zone) if day < date.max else start + DAY


def _first_second(day: date, zone: ZoneInfo) -> int:
    midnight = datetime.combine(day, time(), zone)
    latest = _epoch(midnight)
    around_midnight = range(min(latest, _epoch(midnight.replace(fold=1))), latest)  # empty where midnight exists
    return latest - len(around_midnight) + bisect_left(around_midnight, day, key=lambda s: local(s, zone).date())


@cache
def _known_seconds(zone: ZoneInfo) -> range:
    end_of_9999 = day_bounds(date.max, zone)[1]
    return range(_first_second(FIRST_DAY, zone), min(end_of_9999, _END_OF_9999))


def _epoch(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1)


def parse_text(text: str, *, longest: int, lines: bool = False) -> str:
    """Read a text of one line, or of several with `lines`, trimmed and in NFC; `longest` in characters."""
    if text.isascii() and text.isprintable() and text.strip() and len(text) <= longest:
        return text.strip()
    unified = text.replace("\r\n", "\n") if lines else text
    trimmed = unicodedata.normalize("NFC", unified).strip()
    if all(unicodedata.category(char) in _INVISIBLE_CATEGORIES for char in trimmed):
        raise Refused(_EMPTY, hint="type at least one visible character")
    control = find_control(trimmed.replace("\n", "") if lines else trimmed)
    if control:
        raise wrong(text, f"has a control character in it, {safe(control)}", "type it without that character")
    if len(trimmed) > longest:
        hint = f"type at most {plural(longest, 'character')}"
        raise wrong(text, f"is {plural(len(trimmed), 'character')} long, more than {longest}", hint)
    return trimmed


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier, in 1970 at the earliest; the 28th for a 29 February that was none."""
    year = max(day.year - years, _EPOCH_YEAR)
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


_EPOCH_YEAR = 1970
