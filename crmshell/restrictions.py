"""What a line may not be in a batch, where nobody can be asked and other processes may look on."""

from __future__ import annotations

from crmshell.errors import UsageError
from crmshell.language.reading import Reading
from crmshell.redirecting import find_ending_fault


def static_fault(
    reading: Reading, *, may_hold_secrets: bool, may_confirm: bool, may_redirect: bool
) -> UsageError | None:
    """What is wrong with a line in a batch, whatever the database says; None for one that may run."""
    if reading.faults:
        return reading.faults[0]
    command = reading.command
    for argument in reading.arguments if command is not None and command.takes_secrets and not may_hold_secrets else ():
        if argument.parameter.is_secret:
            return UsageError(
                f"--{argument.parameter.option} would show in the list of processes",
                hint="put the line into a script, or pipe it in; to log in use --password-file or CRM_PASSWORD",
            ).at(argument.span)
    shell_fault = _shell_fault(reading, may_redirect=may_redirect)
    if shell_fault is not None:
        return shell_fault
    is_confirmed = may_confirm or reading.wants_help
    if command and command.asks_first(reading.given) and not (is_confirmed or command.confirmed_by):
        message = f"{command.name} asks before it does anything, and nobody can be asked here"
        return UsageError(message, hint="start with --yes to confirm it").at(reading.words[0].span)
    return None


def _shell_fault(reading: Reading, *, may_redirect: bool) -> UsageError | None:
    """What is wrong with a line that asks for what belongs to a prompt, to a file, or to the user's own shell."""
    if reading.command is not None and reading.command.needs_shell and not reading.wants_help:
        message = f"{reading.command.name} works at the prompt of the shell alone"
        return UsageError(message, hint="leave it out of scripts").at(reading.words[0].span)
    if reading.redirection is not None and not may_redirect:
        message = f"`{reading.redirection.operator.raw}` is off in a batch"
        return UsageError(message, hint="start with --allow-shell to let scripts write files and run commands").at(
            reading.redirection.span
        )
    return find_ending_fault(reading)
