"""Nouns, verbs and options: those that the role of the session may use and that are not given yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from completers.ranking import Choice
from crmshell.access import Role
from crmshell.language.declaration import Command, Mode, Parameter
from crmshell.language.expansion import Names
from crmshell.language.grammar import Grammar
from crmshell.language.slots import Slot
from crmshell.session import Session


def may_run(command: Command, session: Session) -> bool:
    """Whether the session, as it is, may run a command."""
    if command.mode is Mode.NONE or command.by is None:
        return True
    employee = session.employee
    if employee is None or (employee.must_change_password and command.path[0] != "auth"):
        return False
    return Role.of(employee) in Role(command.by)


def nouns(grammar: Grammar, session: Session) -> Iterator[Choice]:
    """The first words of the commands the session may run."""
    allowed = [command for command in grammar.commands.values() if may_run(command, session)]
    for noun in dict.fromkeys(command.path[0] for command in allowed):
        single = grammar.find(noun)
        yield Choice(noun, single.summary if single else ", ".join(_verbs(allowed, noun)))


def aliases(names: Names) -> Iterator[Choice]:
    """The words that stand for others."""
    return (Choice(name, f"= {stands_for}") for name, stands_for in names.items())


def _verbs(commands: Iterable[Command], noun: str) -> list[str]:
    return [command.path[1] for command in commands if command.path[0] == noun and len(command.path) > 1]


def verbs(grammar: Grammar, noun: str, session: Session) -> Iterator[Choice]:
    """The verbs of a noun that the session may use."""
    for verb in grammar.verbs(noun):
        command = grammar.commands[noun, verb]
        if may_run(command, session):
            yield Choice(verb, command.summary)


def options(slot: Slot) -> Iterator[Choice]:
    """The options not given yet, those that exclude a given one left out."""
    command = slot.command
    if command is None:
        return
    for parameter in command.parameters:
        if _is_free(parameter, command, slot):
            yield Choice(f"--{parameter.option}", parameter.help, parameter.usage, is_literal=True)
    yield Choice("--help", "explain this command", is_literal=True)


def _is_free(parameter: Parameter, command: Command, slot: Slot) -> bool:
    if parameter.name in slot.given and not parameter.is_repeatable:
        return False
    rivals = [names for names in command.exclusive if parameter.name in names]
    return not any(name in slot.given for names in rivals for name in names)
