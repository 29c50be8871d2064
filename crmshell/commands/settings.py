"""The settings: what they are, and how they are changed for good."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated

from crmshell.aliases import write_private
from crmshell.commands.registry import free
from crmshell.language.declaration import Option
from crmshell.outcome import Definitions, Heading, Page, Paragraph, Said
from crmshell.parameters import SettingName, SettingValue
from crmshell.session import Session
from crmshell.settings import as_toml, declared, made, parse_toml, read_settings, user_file, with_setting
from crmshell.text import safe

_READ_AT_THE_START = frozenset({"database", "user", "password_file"})  # and shown as what this run began with


@free("settings")
def show_settings(session: Session) -> Page:
    """Show the settings, what each means and what it may be.

    crm> settings
    """
    where = f"settings set NAME VALUE changes one for good, in {safe(str(user_file()))}, which explains itself."
    return Page([Heading("settings"), Definitions(list(_explained(session))), Paragraph(where)])


@free("settings set")
def set_setting(
    session: Session,
    name: Annotated[str, SettingName(), Option("name"), "the setting"],
    value: Annotated[str, SettingValue(), Option("value"), "what it shall be from now on"],
) -> Said:
    """Change a setting, now and for the next time.

    A flag, the environment and crmshell.toml in the folder you start from still go before it.

    crm> settings set zone Europe/Paris
    crm> settings set keys emacs
    """
    kept = {**read_settings(user_file()), name: value}
    made(kept)
    write_private(user_file(), _changed_file(kept, name))
    told = f"{name} is {safe(value) or 'not set'}"
    if name in _READ_AT_THE_START:
        return Said(f"{told} from the next start on", _overruled(name))
    session.settings = replace(session.settings, **{name: getattr(made(kept), name)})
    return Said(told, _overruled(name))


def _changed_file(kept: Mapping[str, str], name: str) -> str:
    """The text of the file: what the user wrote and one line of it changed, or a new one that explains itself."""
    try:
        text = with_setting(user_file().read_text("utf-8"), name, kept[name])
        is_right = parse_toml(text) == kept
    except (FileNotFoundError, ValueError):  # the latter for a value that is written in a way of its own
        is_right = False
    return text if is_right else as_toml(kept)


def _explained(session: Session) -> Iterator[tuple[str, str]]:
    for setting in declared():
        choices = ", ".join(setting.metadata["choices"])
        value = safe(str(getattr(session.settings, setting.name))) or "not set"
        yield setting.name, f"{value} – {setting.metadata['meaning']}{f' ({choices})' if choices else ''}"


def _overruled(name: str) -> list[str]:
    """What the user should know where the environment goes before the file."""
    variables = {setting.name: setting.metadata["variable"] for setting in declared()}
    variable = variables[name]
    return [f"the next time {variable} from the environment goes before it"] if os.environ.get(variable) else []
