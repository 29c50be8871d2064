"""A function's signature, read into a command: the order, types and defaults of its parameters, and `Annotated`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from enum import IntFlag
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from crmshell.language.declaration import (
    SWITCH,
    Asked,
    Command,
    Fields,
    Mode,
    Option,
    Parameter,
    ParameterKind,
    Positional,
    Repeatable,
    Rest,
)

_T = TypeVar("_T")


def declare(
    path: str,
    function: Callable[..., Any],
    *,
    mode: Mode,
    by: IntFlag | None,
    common: Sequence[Parameter] = (),
    exclusive: Sequence[Sequence[str]] = (),
    is_destructive: bool = False,
    creates: bool = False,
    needs_shell: bool = False,
    preview: Callable[..., str] | None = None,
    confirmed_by: str = "",
    asked_with: str = "",
) -> Command:
    """The command of a function, under a path such as `contract sign`; `common` are options the function never sees.

    Raises TypeError for a parameter whose annotation does not say what it may hold; see Command for the rest.
    """
    signature = _Signature.of(function)
    return Command(
        path=tuple(path.split()),
        function=function,
        mode=mode,
        by=by,
        parameters=(*signature.parameters, *common),
        groups=signature.groups,
        takes_session=signature.takes_session,
        exclusive=tuple(tuple(names) for names in exclusive),
        is_destructive=is_destructive,
        creates=creates,
        needs_shell=needs_shell,
        preview=preview,
        confirmed_by=confirmed_by,
        asked_with=asked_with,
    )


class _Signature(NamedTuple):
    """What a function takes: values one by one, groups of them such as `New[Customer]`, and the session."""

    parameters: Sequence[Parameter]
    groups: Mapping[str, Fields]
    takes_session: bool

    @classmethod
    def of(cls, function: Callable[..., Any]) -> _Signature:
        """That of a function, its parameters in their order."""
        hints = get_type_hints(function, include_extras=True)
        parameters: list[Parameter] = []
        groups: dict[str, Fields] = {}
        declared = inspect.signature(function).parameters
        for name in (name for name in declared if name != "session"):
            if isinstance(fields := _fields_of(hints[name]), Fields):
                groups[name] = fields
                parameters.extend(fields.parameters(name))
            else:
                parameters.append(_parameter(name, hints[name], declared[name].default))
        return cls(parameters, groups, "session" in declared)


def _fields_of(hint: Any) -> object:
    origin = get_origin(hint)
    return origin.of(get_args(hint)[0]) if hasattr(origin, "of") else None


def _parameter(name: str, hint: Any, default: object) -> Parameter:
    metadata = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    plain = get_args(hint)[0] if metadata else hint
    kind = _first(metadata, ParameterKind) or (SWITCH if plain is bool else None)
    if kind is None:
        message = f"parameter {name} does not say what it may hold"
        raise TypeError(message)
    is_required = default is inspect.Parameter.empty
    positional = _first(metadata, Positional)
    return Parameter(
        name=name,
        option=_option_name(name, kind, _first(metadata, Option)),
        kind=kind,
        help=_first(metadata, str) or "",
        is_required=is_required,
        default=None if is_required else default,
        is_positional=not (kind.is_secret or kind.needs_name) and (positional is not None or is_required),
        rest=positional.rest if positional else Rest.ONE_WORD,
        is_asked=_first(metadata, Asked) is not None,
        is_repeatable=_first(metadata, Repeatable) is not None,
    )


def _first(metadata: Sequence[object], wanted: type[_T]) -> _T | None:
    return next((item for item in metadata if isinstance(item, wanted)), None)


def _option_name(name: str, kind: ParameterKind, option: Option | None) -> str:
    return (option.name if option else kind.option_name()) or name.rstrip("_").replace("_", "-")
