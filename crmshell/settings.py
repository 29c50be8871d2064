"""What can be set: flag, then environment, then crmshell.toml here, then the user's config.toml, then the default."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crmshell.errors import UsageError
from crmshell.text import nearest

HERE = "crmshell.toml"
FORMATS = ("table", "json", "jsonl", "csv", "tsv")
ON, OFF, NEVER = "on", "off", "never"


def _setting(default: str, meaning: str, variable: str = "", choices: Sequence[str] = ()) -> Any:
    """Declare a setting: its default, what it means, the environment's variable, and the words it may be."""
    return field(default=default, metadata={"meaning": meaning, "variable": variable, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """The settings of one run, all of them texts; this is the only place where they are declared."""

    database: str = _setting("crm.db", "a file, or postgresql://user@host/name", "CRM_DATABASE")
    user: str = _setting("", "who logs in", "CRM_USER")
    password_file: str = _setting("", "a file whose first line is the password")
    format: str = _setting("table", "how records are shown", "CRM_FORMAT", FORMATS)
    zone: str = _setting("Europe/Paris", "the time zone in which moments are typed and shown", "CRM_ZONE")
    region: str = _setting("FR", "the country whose phone numbers need no prefix", "CRM_REGION")
    pager: str = _setting("less -SRFX", "what shows a result longer than the screen; cat for nothing", "PAGER")
    keys: str = _setting("emacs", "the keys of the prompt", "CRM_KEYS", ("emacs", "vi"))
    colour: str = _setting("auto", "colours at a terminal that has them", "CRM_COLOUR", ("auto", NEVER))
    suggestions: str = _setting(ON, "grey suggestions from the history, taken with the right arrow", "", (ON, OFF))
    title: str = _setting(ON, "the window's title says who is logged in, and where", "", (ON, OFF))
    clipboard: str = _setting(OFF, "clip may put an id on the clipboard of the terminal (OSC 52)", "", (ON, OFF))

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The time zone moments are typed and shown in."""
        return ZoneInfo(self.zone)


def declared() -> Sequence[Field[str]]:
    """The settings there are, each with its default and what it means."""
    return fields(Settings)


def load(flags: Mapping[str, str | None], environ: Mapping[str, str] = os.environ) -> Settings:
    """Put the settings together; raises UsageError for a file or a value that cannot be used."""
    chosen: dict[str, str] = {}
    for source in (user_file(), Path(HERE)):
        chosen |= read_settings(source)
    variables = {setting.name: setting.metadata["variable"] for setting in declared()}
    chosen |= {name: environ[variable] for name, variable in variables.items() if environ.get(variable)}
    chosen |= {name: value for name, value in flags.items() if value}
    return made(chosen)


def made(chosen: Mapping[str, str]) -> Settings:
    """The settings with these values; raises UsageError for one that cannot be used."""
    settings = Settings(**{name: value.upper() if name == "region" else value for name, value in chosen.items()})
    _check(settings)
    return settings


def user_file() -> Path:
    """Where the user's own settings are kept."""
    import platformdirs

    return platformdirs.user_config_path("crm-shell") / "config.toml"


def read_settings(path: Path) -> dict[str, str]:
    """The settings in a file, none where there is no file; raises UsageError for one that cannot be used."""
    try:
        found = _read_toml(path)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="check the file and its folder") from error
    except ValueError as error:
        raise UsageError(
            f"{path} cannot be read: {error}", hint="it holds lines such as: zone = 'Europe/Paris'"
        ) from error
    for name, value in found.items():
        if name not in known():
            other = nearest(name, known())
            hint = f"did you mean {other}?" if other else f"the settings are {', '.join(known())}"
            raise UsageError(f"{path} sets {name}, which is no setting", hint=hint)
        if not isinstance(value, str):
            raise UsageError(f"{name} in {path} must be a text", hint=f'write {name} = "{value}"')
    return found


def _read_toml(path: Path) -> dict[str, Any]:
    return parse_toml(path.read_text("utf-8"))


def parse_toml(text: str) -> dict[str, Any]:
    """What a settings file sets; raises ValueError for one that cannot be read."""
    import tomllib  # only where there is such a file

    return tomllib.loads(text)


def known() -> list[str]:
    """The names of the settings, by the alphabet."""
    return sorted(setting.name for setting in declared())


def as_toml(chosen: Mapping[str, str]) -> str:
    """A file that documents itself: every setting with what it means, those that are chosen in force."""
    lines = ["# The settings of crm-shell. A line behind a # is the default; take the # away to change it.\n"]
    for setting in declared():
        choices = setting.metadata["choices"]
        one_of = f" ({', '.join(choices)})" if choices else ""
        line = f"{setting.name} = {_quoted(chosen.get(setting.name, str(setting.default)))}"
        lines.append(f"# {setting.metadata['meaning']}{one_of}\n{'' if setting.name in chosen else '# '}{line}\n")
    return "\n".join(lines)


def with_setting(text: str, name: str, value: str) -> str:
    """A settings file with one of them changed and all else as the user wrote it, comments above all."""
    import re

    before = (
        rf"^[ \t]*(?P<off>#[ \t]*)?{name}[ \t]*=[ \t]*(?:\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')(?P<rest>[ \t]*(?:#.*)?)$"
    )
    lines = list(re.finditer(before, text, re.MULTILINE))
    chosen = next((line for line in lines if not line["off"]), lines[0] if lines else None)
    setting = f"{name} = {_quoted(value)}"
    if chosen is None:
        return f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{setting}\n"
    return f"{text[: chosen.start()]}{setting}{chosen['rest']}{text[chosen.end() :]}"


def _quoted(value: str) -> str:
    """A basic string of TOML."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in escaped) + '"'


def _check(settings: Settings) -> None:
    try:
        settings.zone_info  # noqa: B018  (reading it is the check)
    except (ValueError, KeyError, OSError) as error:
        raise UsageError(f"{settings.zone} is no time zone", hint="a name such as Europe/Paris") from error
    if settings.format not in FORMATS:
        raise UsageError(f"{settings.format} is no format", hint=f"one of {', '.join(FORMATS)}")
    for setting in declared():
        value, choices = getattr(settings, setting.name), setting.metadata["choices"]
        if choices and value not in choices:
            raise UsageError(f"{setting.name} cannot be {value}", hint=f"one of {', '.join(choices)}")
    if len(settings.region) != 2 or not settings.region.isalpha():  # noqa: PLR2004  (ISO 3166 has two letters)
        raise UsageError(f"{settings.region} is no country", hint="two letters such as FR")
