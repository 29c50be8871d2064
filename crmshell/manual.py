"""The help, made from the declarations alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from crmshell.access import Role
from crmshell.errors import UsageError
from crmshell.language.declaration import Command, Mode, Parameter
from crmshell.language.grammar import Grammar
from crmshell.outcome import Definitions, Example, Heading, Matrix, Page, Paragraph
from crmshell.overview import overview
from crmshell.records import Pick
from crmshell.text import nearest, safe, shorten, words

PERMISSIONS = "permissions"
_COLUMNS = ((Role.ADMINISTRATOR, "adm"), (Role.COMMERCIAL, "com"), (Role.SUPPORT, "sup"), (Role.NONE, "none"))


def page(grammar: Grammar, named: tuple[str, ...]) -> Page:
    """The page of a command, a noun or a topic; the overview without any words. Raises UsageError for others."""
    if not named:
        return overview((command.name, command.summary) for command in grammar.commands.values())
    if named == (PERMISSIONS,):
        return permissions(grammar)
    if len(named) == 1 and named[0] in topics():
        return _topics()[named[0]]
    command = grammar.find(*named)
    if command is not None:
        return of_command(command)
    if len(named) == 1 and grammar.verbs(named[0]):
        return of_noun(grammar, named[0])
    asked = " ".join(named)
    found = search(grammar, asked)
    if found:
        return Page([Heading(f"about {shorten(safe(asked), 60)}"), Definitions(found), Paragraph("More: help COMMAND")])
    known = grammar.nearest(*named) or nearest(asked, topics())
    hint = f"did you mean `help {known}`?" if known else "type help for the commands"
    raise UsageError(f"there is no help on {shorten(safe(asked), 60)}", hint=hint)


def topics() -> list[str]:
    """The names of the pages that belong to no command."""
    return [*_topics(), PERMISSIONS]


def _topics() -> Mapping[str, Page]:
    """Their pages, which no start has to make."""
    from crmshell.topics import TOPICS

    return TOPICS


def search(grammar: Grammar, asked: str) -> list[tuple[str, str]]:
    """The commands and topics that have all these words, or longer ones, those named so first; and what each is."""
    wanted = words(asked)
    if not wanted:
        return []
    described = [(command.name, command.summary, _all_of(of_command(command))) for command in grammar.commands.values()]
    described += [(name, f"the topic {name}", _all_of(topic)) for name, topic in _topics().items()]
    found = [(name, summary) for name, summary, text in described if _has_all(wanted, f"{name} {text}")]
    return sorted(found, key=lambda item: not _has_all(wanted, item[0]))


def _has_all(wanted: Iterable[str], text: str) -> bool:
    present = words(text)
    return all(any(word.startswith(each) for word in present) for each in wanted)


def _all_of(topic: Page) -> str:
    """Every word of a page but those of its examples."""
    return " ".join(_text_of(part) for part in topic.parts)


def _text_of(part: Heading | Paragraph | Definitions | Example | Matrix) -> str:
    if isinstance(part, Heading | Paragraph):
        return part.text
    return " ".join(map(" ".join, part.items)) if isinstance(part, Definitions) else ""


def of_noun(grammar: Grammar, noun: str) -> Page:
    """The commands of a noun."""
    return Page([Heading(noun), _summaries(grammar, noun), Paragraph(f"More: help {noun} VERB")])


def of_command(command: Command) -> Page:
    """One command: usage, what it does, its parameters, who may run it, examples."""
    return Page(
        [Heading(command.usage), *_text(command), *_parameters(command), Paragraph(who(command)), *_examples(command)]
    )


def _text(command: Command) -> Iterator[Paragraph]:
    yield Paragraph(command.summary)
    yield from (Paragraph(text) for text in command.details)


def _parameters(command: Command) -> Iterator[Definitions]:
    if command.parameters:
        yield Definitions([(parameter.usage, _explained(parameter)) for parameter in command.parameters])


def _examples(command: Command) -> Iterator[Heading | Example]:
    if command.examples:
        yield Heading("examples")
        yield from (Example(line) for line in command.examples)


def _explained(parameter: Parameter) -> str:
    if parameter.is_required:
        return f"{parameter.help} (required)"
    default = parameter.default
    if default is None or isinstance(default, bool | tuple):
        return parameter.help
    return f"{parameter.help} (default {default})"


def _summaries(grammar: Grammar, noun: str) -> Definitions:
    commands = (grammar.commands[noun, verb] for verb in grammar.verbs(noun))
    return Definitions([(command.name, command.summary) for command in commands])


def who(command: Command) -> str:
    """Who may run a command, in a sentence."""
    if command.by is None:
        return "Anyone may run it, logged in or not."
    roles = Role(command.by)
    own = [f"{rule.binds.names}: {_only(rule.name)}" for kind in _picks(command) for rule in kind.rules]
    whom = "Every role" if len(list(roles)) == len(_COLUMNS) else roles.names.capitalize()
    return f"{whom} may run it{''.join(f'; {sentence}' for sentence in dict.fromkeys(own))}."


def _only(rule: str) -> str:
    return {
        "own": "for their own customers only",
        "assigned": "for events assigned to them only",
    }.get(rule, rule)


def _picks(command: Command) -> list[Pick]:
    kinds = (getattr(parameter.kind, "kind", parameter.kind) for parameter in command.parameters)
    return [kind for kind in kinds if isinstance(kind, Pick)]


def permissions(grammar: Grammar) -> Page:
    """The permission table: commands by roles."""
    lines = [[command.name, *permission_row(command)] for command in grammar.commands.values()]
    legend = (
        "yes: may run it. own: for the records of their own customers. assigned: for events assigned to them, and the "
        "customers of these."
    )
    return Page(
        [Heading("permissions"), Matrix(["command", *(name for _, name in _COLUMNS)], lines), Paragraph(legend)]
    )


def permission_row(command: Command) -> list[str]:
    """What each role may do with a command: `yes`, `own`, `assigned` or `-`, administrator first."""
    return [_cell(command, role) for role, _ in _COLUMNS]


def _cell(command: Command, role: Role) -> str:
    if command.mode is Mode.NONE or command.by is None:
        return "yes"
    if role not in Role(command.by):
        return "-"
    rules = [rule.name for kind in _picks(command) for rule in kind.rules if role in rule.binds]
    return rules[0] if rules else "yes"
