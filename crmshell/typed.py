"""A value of the list language, read as the kind of its field reads it (section 5 of the reference)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import peewee

from crmshell.errors import Failure, NotFound, Refused
from crmshell.language.conditions import Clause, Piece
from crmshell.models import handles
from crmshell.models.conditions import Condition, Field, Measure, Span, by_looking, containing, emptiness, in_sql
from crmshell.models.employee import Employee
from crmshell.models.terms import dialled_at_home
from crmshell.moments import format_moment
from crmshell.outcome import Kind
from crmshell.people import fold_email, fold_username, parse_phone
from crmshell.session import Session
from crmshell.text import fold, nearest, safe, shorten
from crmshell.values import day_bounds, parse_amount, parse_count, parse_day, parse_moment, plain_amount, wrong

Interpret = Callable[[Field, str, Session], Span]
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


def condition_of(field: Field, clause: Clause, session: Session) -> Condition:
    """The condition of a clause without faults; raises the Failure of a value that cannot be read."""
    sign = clause.operator.text
    if sign.endswith("empty"):
        return emptiness(field, is_empty=sign == "empty")
    if sign in {"=", "!="} and not clause.values[0].text.strip():
        return emptiness(field, is_empty=sign == "=")
    if sign == "~":
        return _containing(field, clause.values[0], session)
    return _comparing(field, sign, clause, session)


def _comparing(field: Field, sign: str, clause: Clause, session: Session) -> Condition:
    is_equality = sign in {"=", "!=", "in"}
    kind = field.kind
    if kind is Kind.FLAG and is_equality:
        return _flag(field, sign, [_read(field, _flag_span, value, session) for value in clause.values])
    if is_equality and field.found_by is not None and kind in _BY_KEY:
        spans = [_read(field, _BY_KEY[kind], value, session) for value in clause.values]
        return in_sql(field, field.found_by, sign, spans, is_indexed=True)
    interpret, measure = _KINDS[kind]
    spans = [_read(field, interpret, value, session) for value in clause.values]
    if measure is not None:
        return by_looking(field, sign, spans, measure)
    column = field.source if field.found_by is None else field.found_by
    return in_sql(field, column, sign, spans, is_indexed=field.found_by is not None)


def _read(field: Field, interpret: Interpret, value: Piece, session: Session) -> Span:
    """What a value stands for; what is wrong with it points at it."""
    try:
        return interpret(field, value.text, session)
    except Failure as failure:
        failure.part = value.span
        raise


def _flag(field: Field, sign: str, spans: list[Span]) -> Condition:
    """A flag in the words of its own index: `signed_at IS NULL`, not `(signed_at IS NOT NULL) = 0`."""
    wanted = {bool(span.first) != (sign == "!=") for span in spans}
    if len(wanted) > 1:
        return Condition(field, peewee.SQL("1 = 1"))
    is_on = wanted.pop()
    if isinstance(field.found_by, tuple):
        return Condition(field, field.found_by[0 if is_on else 1])
    return Condition(field, field.source == is_on)


def _containing(field: Field, part: Piece, session: Session) -> Condition:
    """`~`: the value as people see it has this in it, whatever the case and the accents; of a phone the digits."""
    zone = session.settings.zone_info
    writers: Mapping[Kind, Measure] = {
        Kind.AMOUNT: plain_amount,
        Kind.MOMENT: lambda seconds: format_moment(seconds, zone),
        Kind.FLAG: lambda flag: "yes" if flag else "no",
        Kind.NUMBER: str,
        Kind.UUID: str,
        Kind.PHONE: _dialled,
    }
    interpret = {Kind.UUID: _uuid_part, Kind.PHONE: _phone_part}.get(field.kind, _text_span)
    wanted = _read(field, interpret, part, session).first
    return containing(field, wanted, writers.get(field.kind, fold))


def _uuid_part(_field: Field, text: str, _session: Session) -> Span:
    part = fold(text).replace("-", "")
    return Span(part, part)


def _phone_part(_field: Field, text: str, _session: Session) -> Span:
    digits = _digits(text)
    if not digits:
        raise wrong(text, "has no digit, and phones are compared by theirs", "phone ~ 0612")
    return Span(digits, digits)


def _dialled(e164: str) -> str:
    """The digits of a number, with its country code and as it is dialled at home."""
    digits = _digits(e164)
    return f"{digits} {dialled_at_home(digits)}"


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, fold(text)))


def _text_span(_field: Field, text: str, _session: Session) -> Span:
    return Span(fold(text), fold(text))


def _email_span(_field: Field, text: str, _session: Session) -> Span:
    key = safe(fold_email(text.strip()))  # no server takes what no address has
    return Span(key, key)


def _name_span(_field: Field, text: str, _session: Session) -> Span:
    key = safe(fold_username(text.strip()))
    return Span(key, key)


def _employee_span(field: Field, text: str, session: Session) -> Span:
    """The id of an employee where the field refers to one, the folded name where it is the employee's own."""
    key = _name_span(field, text, session)
    if not isinstance(field.found_by, peewee.ForeignKeyField):
        return key
    found = Employee.find_named(text.strip())
    if found is None:
        known = nearest(text, [str(employee.username) for employee in Employee.select(Employee.username)])
        hint = f"did you mean {known}?" if known else "employee list shows them"
        raise NotFound(f"there is no employee {shorten(safe(text), 40) or 'without a name'}", hint=hint)
    return Span(found.id, found.id)


def _amount_span(_field: Field, text: str, _session: Session) -> Span:
    """An amount; less than nothing is possible here, as a payment that is taken back."""
    bare = text.strip()
    cents = -parse_amount(bare[1:]) if bare.startswith("-") else parse_amount(bare)
    return Span(cents, cents)


def _number_span(_field: Field, text: str, _session: Session) -> Span:
    number = parse_count(text)
    return Span(number, number)


def _moment_span(_field: Field, text: str, session: Session) -> Span:
    """A day from its first second to its last, in the zone of the settings; else one moment."""
    zone = session.settings.zone_info
    try:
        first, end = day_bounds(parse_day(text, session.now(), zone), zone)
    except Refused:
        taken = parse_moment(text, session.now(), zone)
        session.remark(taken.note)
        return Span(taken.seconds, taken.seconds)
    return Span(first, end - 1)


def _day_span(_field: Field, text: str, session: Session) -> Span:
    day = parse_day(text, session.now(), session.settings.zone_info).isoformat()
    return Span(day, day)


def _flag_span(_field: Field, text: str, _session: Session) -> Span:
    word = text.strip().casefold()
    if word not in _YES | _NO:
        raise Refused(f"{shorten(safe(text), 40)} is neither yes nor no", hint="yes or no")
    return Span(word in _YES, word in _YES)


def _state_span(field: Field, text: str, _session: Session) -> Span:
    word, words = text.strip().casefold(), field.words
    if words and word not in words:
        known = nearest(word, words)
        hint = f"did you mean {known}?" if known else f"one of {', '.join(words)}"
        raise Refused(f"{shorten(safe(text), 40)} is none of {', '.join(words)}", hint=hint)
    return Span(word, word)


def _uuid_span(_field: Field, text: str, _session: Session) -> Span:
    prefix = handles.find_prefix(text.strip())
    if prefix is None:
        message = f"{shorten(safe(text), 40)} is not the beginning of an id"
        raise Refused(message, hint="its first 4 or more characters, 0 to 9 and a to f")
    return Span(*handles.bounds(prefix))


def _phone_span(_field: Field, text: str, session: Session) -> Span:
    number = parse_phone(text, session.settings.region)
    return Span(number, number)


# The kinds whose `=` an index answers through another column, and how each kind is read and, if here, measured.
_BY_KEY: Mapping[Kind, Interpret] = {Kind.EMAIL: _email_span, Kind.NAME: _employee_span}
_KINDS: Mapping[Kind, tuple[Interpret, Measure | None]] = {
    Kind.NUMBER: (_number_span, None),
    Kind.AMOUNT: (_amount_span, None),
    Kind.MOMENT: (_moment_span, None),
    Kind.DAY: (_day_span, None),
    Kind.UUID: (_uuid_span, None),
    Kind.PHONE: (_phone_span, None),
    Kind.STATE: (_state_span, None),
    Kind.TEXT: (_text_span, fold),
    Kind.NAME: (_name_span, fold_username),
    Kind.EMAIL: (_email_span, fold_email),
    Kind.FLAG: (_flag_span, bool),
}
