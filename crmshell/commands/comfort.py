"""What makes a day at the prompt easier; none of it means anything in a script."""

from __future__ import annotations

from typing import Annotated

from crmshell.aliases import load_aliases, save_aliases
from crmshell.commands.registry import GRAMMAR, in_shell
from crmshell.errors import NotFound, Refused, UsageError
from crmshell.language.declaration import Option, Positional, Rest
from crmshell.language.definitions import check_word, read_definition
from crmshell.language.reading import read
from crmshell.language.secrecy import may_hold_secret
from crmshell.outcome import Clip, Definitions, Heading, Lock, Page, Recall, Said, Watch
from crmshell.parameters import AliasName, Count, Line
from crmshell.session import Session
from crmshell.text import nearest, safe

_LONGEST_WATCH = 3600  # seconds
_USAGE = "alias NAME = COMMAND, such as: alias unpaid = contract list --not-paid-filter --mine"


@in_shell("alias")
def alias(
    name: Annotated[str | None, AliasName(), Option("name"), Positional(), "the word to type"] = None,
    line: Annotated[str | None, Line(), Positional(Rest.WHOLE_LINE), "what it stands for, behind a ="] = None,
) -> Page | Said:
    """Let a word stand for a command, or list the words that do.

    All that follows the = belongs to the alias, operators included. $1 to $9 are the words typed behind its name, $*
    all of them; what is left over is added at the end. No alias hides a command, and scripts know none.

    crm> alias unpaid = contract list --not-paid-filter --mine
    crm> alias pay = contract add-payment $1 $2 --method transfer
    crm> alias
    """
    aliases = load_aliases()
    if name is None:
        return _listed(aliases)
    word, words, has_sign = read_definition(name, line or "")
    if not words and not has_sign:
        return _listed({word: _find(word, aliases)})
    if not has_sign:
        message = "the name of an alias is followed by ="
        raise UsageError(message, hint=_USAGE)
    _check(word, words, aliases)
    save_aliases({**aliases, word: words})
    return Said(f"{word} stands for: {safe(words)}")


@in_shell("unalias")
def unalias(name: Annotated[str, AliasName(), Option("name"), "the word that shall mean nothing any more"]) -> Said:
    """Forget an alias.

    crm> unalias unpaid
    """
    aliases = load_aliases()
    words = _find(name, aliases)
    save_aliases({other: stands for other, stands in aliases.items() if other != name})
    return Said(f"{safe(name)} no longer stands for: {safe(words)}")


@in_shell("watch")
def watch(
    seconds: Annotated[int, Count(), Option("seconds"), "how long to wait between two looks, 1 to 3600"],
    line: Annotated[str, Line(), Positional(Rest.WHOLE_LINE), "a command that only reads"],
) -> Watch:
    """Show the answer to a command again and again, until Ctrl-C.

    Looking on does not keep the session alive: it ends as it would if nobody were there.

    crm> watch 5 contract list --not-signed-filter
    """
    if not 1 <= seconds <= _LONGEST_WATCH:
        raise Refused(f"{seconds} seconds is not between 1 and {_LONGEST_WATCH}", hint="watch 5 contract list")
    return Watch(seconds, line)


@in_shell("recall")
def recall(
    wanted: Annotated[str, Line(), Option("wanted"), Positional(Rest.WHOLE_LINE), "words in it, or its number"] = "",
) -> Recall:
    """List what you typed before; with its number, take a line back to the prompt.

    crm> recall
    crm> recall contract add
    crm> recall 12
    """
    return Recall(wanted)


@in_shell("lock")
def lock(session: Session) -> Lock:
    """Hide the screen until your password is typed; a wrong one counts like a failed login.

    crm> lock
    """
    _ = session.user
    if session.transaction is not None:
        message = "a transaction is open, and others wait for it"
        raise Refused(message, hint="commit or rollback ends it")
    return Lock()


@in_shell("clip")
def clip() -> Clip:
    """Put the id of the record you touched last on the clipboard of the terminal, where it allows that (OSC 52).

    Off by default, because a terminal that does not know the sequence may show it: settings set clipboard on.

    crm> clip
    """
    return Clip()


def _listed(aliases: dict[str, str]) -> Page | Said:
    if not aliases:
        return Said(f"no aliases yet; {_USAGE}")
    return Page([Heading("aliases"), Definitions(sorted(aliases.items()))])


def _find(name: str, aliases: dict[str, str]) -> str:
    if name in aliases:
        return aliases[name]
    known = nearest(name, sorted(aliases))
    raise NotFound(f"there is no alias {safe(name)}", hint=f"did you mean {known}?" if known else "alias lists them")


def _check(name: str, words: str, aliases: dict[str, str]) -> None:
    """Refuse a name that is taken, words that could never run, and words that would keep a password."""
    check_word(name, "alias", GRAMMAR)
    reading = read(words, GRAMMAR, {**aliases, name: words})
    if reading.command is None and not reading.wants_help:
        fault = reading.faults[0] if reading.faults else UsageError("an alias stands for a command", hint=_USAGE)
        raise UsageError(fault.message, hint=fault.hint)
    if may_hold_secret(reading, GRAMMAR):
        message = "a password stands in no alias"
        raise Refused(message, hint="leave it out: it is asked for")
