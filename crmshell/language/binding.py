"""Turn the arguments of a reading into the values its function takes."""

from __future__ import annotations

from typing import Any

from crmshell.errors import Failure
from crmshell.language.declaration import AtName, Command, Parameter, Rest
from crmshell.language.reading import Argument, Reading
from crmshell.language.tokens import Sort


def bind(reading: Reading, command: Command, scope: Any) -> dict[str, object]:
    """The values by parameter name; `scope` is what the kinds read values with.

    Raises the Failure of the first value that cannot be taken, in the order of the declaration, with its span.
    """
    given: dict[str, list[Argument]] = {}
    for argument in reading.arguments:
        given.setdefault(argument.parameter.name, []).append(argument)
    values: dict[str, object] = dict(command.defaults)
    grouped: dict[str, dict[str, object]] = {group: {} for group in command.groups}
    for parameter in command.parameters:
        if parameter.name in given:
            home = grouped[parameter.group] if parameter.group else values
            home[parameter.name] = _value(parameter, given[parameter.name], scope)
    for group, fields in command.groups.items():
        values[group] = fields.collect(grouped[group])
    return values


def _value(parameter: Parameter, arguments: list[Argument], scope: Any) -> object:
    if parameter.rest is Rest.ALL_WORDS or parameter.is_repeatable:
        return tuple(_taken(argument, scope) for argument in arguments)
    return _taken(arguments[0], scope)


def _taken(argument: Argument, scope: Any) -> object:
    try:
        return argument.parameter.kind.take(text_of(argument, scope), scope)
    except Failure as failure:
        failure.at(span_of(argument, failure.part))
        raise


def span_of(argument: Argument, part: tuple[int, int] | None) -> tuple[int, int]:
    """Where a part of a value stands in the line; all of the value where it is not written as it reads."""
    token = argument.token
    if part is None or argument.raw is not None or token.text not in token.raw:
        return argument.span
    begin = token.start + token.raw.index(token.text, max(token.value_start - token.start, 0))
    return begin + part[0], begin + part[1]


def text_of(argument: Argument, scope: Any) -> str:
    """The text of a value, variables and `@name.field` filled in.

    A kind that takes names gets an AtName, one that keeps quotes gets what stood in any between double ones.
    """
    if argument.raw is not None:
        return argument.raw
    token = argument.token
    if token.sort is Sort.OPTION and not token.has_value:
        return ""
    name = token.at_name
    if name is None:
        text = token.expanded(scope.variables)
        return f'"{text}"' if token.quote and argument.parameter.kind.keeps_quotes else text
    if argument.parameter.kind.takes_names and "." not in name:
        return AtName(name)
    named: str = scope.text_of(name)
    return named
