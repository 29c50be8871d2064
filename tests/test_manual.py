"""The help is made of the declarations, and the declarations are those of section 3 of the specification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import pytest

from crmshell import manual
from crmshell.commands import GRAMMAR
from crmshell.dispatch import run_line
from crmshell.errors import UsageError
from crmshell.language.declaration import Command, Mode
from crmshell.language.reading import read
from crmshell.outcome import Definitions, Example, Heading, Matrix, Outcome, Page, Paragraph
from crmshell.overview import overview, read_summaries
from crmshell.session import Session

P = TypeVar("P", Heading, Paragraph, Definitions, Example, Matrix)
COMMANDS = list(GRAMMAR.commands.values())

# Section 3, written down a second time and without a look at the declarations: options, and who may run it as
# administrator, commercial, support, none. A * marks what may also stand by position, ! what is required by name alone.
SECTION_3 = """
auth login              | username* password!                                                     | yes yes yes yes
auth logout             |                                                                         | yes yes yes yes
auth whoami             | format                                                                  | yes yes yes yes
auth set-password       | current-password! new-password!                                         | yes yes yes yes
employee list           | role-filter LISTING format                                              | yes yes yes yes
employee detail         | username* format                                                        | yes yes yes yes
employee add            | fullname* username* role password as format                             | yes - - -
employee set-role       | username* role* format                                                  | yes - - -
employee set-password   | username* password! format                                              | yes - - -
employee update         | employee-id* fullname username force format                                   | yes - - -
employee delete         | username* format                                                        | yes - - -
employee deactivate     | username* format                                                        | yes - - -
employee activate       | username* format                                                        | yes - - -
employee handover       | from* to* then-deactivate format                                        | yes - - -
customer list           | mine LISTING format                                                     | yes yes yes yes
customer detail         | customer-id* format                                                     | yes yes yes yes
customer add            | fullname* company email phone allow-duplicate as format                 | - yes - -
customer update         | customer-id* fullname company email phone allow-duplicate force format        | - own - -
customer set-commercial | customer-id* commercial-username* format                                | yes - - -
customer contacted      | customer-id* note date format                                           | - own assigned -
customer delete         | customer-id* reason format                                              | yes - - -
customer restore        | customer-id* reason format                                              | yes - - -
customer merge          | from* into* keep format                                                 | yes own - -
customer silent         | years LISTING format                                                    | yes yes yes yes
customer export-data    | customer-id* format                                                     | yes - - -
customer erase          | customer-id* confirm! format                                            | yes - - -
contract list           | not-signed-filter not-paid-filter mine no-event LISTING format          | yes yes yes yes
contract totals         | by format                                                               | yes yes yes yes
contract detail         | contract-uuid* format                                                   | yes yes yes yes
contract add            | customer-id* total-amount* as format                                    | yes - - -
contract sign           | contract-uuid* format                                                   | yes own - -
contract add-payment    | contract-uuid* payment* date method reference format                    | yes own - -
contract payments       | contract-uuid* LISTING format                                           | yes yes yes yes
contract cancel         | contract-uuid* reason* format                                           | yes - - -
contract unsign         | contract-uuid* reason* format                                           | yes - - -
contract reverse-payment | contract-uuid* payment-id* reason* format                              | yes - - -
contract update         | contract-uuid* total-amount customer-id force format                          | yes own - -
event list              | no-support-assigned assigned-to-me mine upcoming from to LISTING format | yes yes yes yes
event detail            | event-id* format                                                        | yes yes yes yes
event add               | contract-uuid* name* start end location attendees note as format        | - own - -
event set-support       | event-id* username* force format                                        | yes - - -
event cancel            | event-id* reason format                                                 | yes own - -
event update            | event-id* name start end location attendees note append-note force format | - - assigned -
database info           | format                                                                  | yes - - -
database check          | head format                                                             | yes - - -
help                    | command                                                                 | yes yes yes yes
exit                    |                                                                         | yes yes yes yes
quit                    |                                                                         | yes yes yes yes
clear                   |                                                                         | yes yes yes yes
alias                   | name line                                                               | yes yes yes yes
watch                   | seconds* line*                                                          | yes yes yes yes
recall                  | wanted                                                                  | yes yes yes yes
lock                    |                                                                         | yes yes yes yes
clip                    |                                                                         | yes yes yes yes
settings                |                                                                         | yes yes yes yes
settings set            | name* value*                                                            | yes yes yes yes
unalias                 | name*                                                                   | yes yes yes yes
batch list              | format                                                                  | yes yes yes yes
batch show              | run* format                                                             | yes yes yes yes
customer history        | customer-id* format                                                     | yes yes yes yes
contract history        | contract-uuid* format                                                   | yes yes yes yes
event history           | event-id* format                                                        | yes yes yes yes
employee history        | username* format                                                        | yes yes yes yes
journal list            | by on since command LISTING format                                      | yes yes yes yes
journal show            | entry* format                                                           | yes yes yes yes
journal head            | format                                                                  | yes - - -
undo                    | entry since format                                                      | yes yes yes yes
redo                    | entry since format                                                      | yes yes yes yes
search                  | words* in limit format                                                  | yes yes yes yes
view save               | name* line* shared format                                               | yes yes yes yes
view list               | format                                                                  | yes yes yes yes
view run                | view* given format                                                      | yes yes yes yes
view delete             | view* format                                                            | yes yes yes yes
for                     | view* line* keep-going                                                  | yes yes yes yes
begin                   |                                                                         | yes yes yes yes
commit                  |                                                                         | yes yes yes yes
rollback                |                                                                         | yes yes yes yes
source                  | file*                                                                   | yes yes yes yes
"""
# Issue 4: what every list takes.
LISTING = "where search sort columns limit after offset count total group-by"
EXPECTED: Mapping[str, tuple[list[str], list[str]]] = {
    name.strip(): (options.replace("LISTING", LISTING).split(), roles.split())
    for name, options, roles in (line.split("|") for line in SECTION_3.strip().splitlines())
}
SWITCHES = {
    "mine", "no-event", "not-signed-filter", "not-paid-filter", "no-support-assigned", "assigned-to-me", "upcoming",
    "force", "then-deactivate", "allow-duplicate", "count", "total",
    "shared", "keep-going",
}  # fmt: skip
COMFORTS = {"watch", "recall", "lock", "clip", "settings", "settings set"}
WITHOUT_A_SESSION = {"auth login", "help", "exit", "quit", "clear", "source", "alias", "unalias", *COMFORTS}


def named(command: Command) -> str:
    """How a command is called in a list of tests."""
    return command.name


def page(*words: str) -> Page:
    """The help page of these words."""
    return manual.page(GRAMMAR, words)


def asked(line: str) -> Outcome:
    """What a line shows in a session in which nobody is logged in."""
    shown: list[Outcome] = []
    run_line(line, Session(), lambda outcome, _format: shown.append(outcome))
    (outcome,) = shown
    return outcome


def of_sort(found: Page, sort: type[P]) -> list[P]:
    """The parts of one sort."""
    return [part for part in found.parts if isinstance(part, sort)]


# Declared as the specification says


def test_the_commands_are_those_of_the_specification() -> None:
    assert {command.name for command in COMMANDS} == set(EXPECTED)


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_the_options_are_those_of_the_specification_exactly(command: Command) -> None:
    marked = [
        f"{p.option}{'*' if p.is_positional and p.is_required else '!' if p.is_required else ''}"
        for p in command.parameters
    ]
    assert sorted(marked) == sorted(EXPECTED[command.name][0])
    assert {parameter.option for parameter in command.parameters if parameter.is_switch} == SWITCHES & set(
        command.options
    )


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_the_positions_come_in_the_order_of_the_specification(command: Command) -> None:
    expected = [option.rstrip("*") for option in EXPECTED[command.name][0] if option.endswith("*")]
    assert [parameter.option for parameter in command.positional if parameter.is_required] == expected


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_every_command_that_shows_data_takes_a_format_and_every_one_that_creates_a_name(command: Command) -> None:
    assert ("as" in command.options) == command.creates == (command.path[-1] == "add")
    assert ("format" in command.options) == (command.mode in {Mode.READS, Mode.WRITES})


def test_these_work_without_a_session_and_no_other() -> None:
    assert {command.name for command in COMMANDS if command.by is None} == WITHOUT_A_SESSION


def test_the_permission_page_is_the_table_of_the_specification() -> None:
    (matrix,) = of_sort(page("permissions"), Matrix)
    assert list(matrix.headings) == ["command", "adm", "com", "sup", "none"]
    assert {line[0]: list(line[1:]) for line in matrix.lines} == {name: roles for name, (_, roles) in EXPECTED.items()}
    assert len(matrix.lines) == len(EXPECTED)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("contract list", "Every role may run it."),
        ("contract add", "Administrator may run it."),
        ("contract sign", "Administrator or commercial may run it; commercial: for their own customers only."),
        ("event update", "Support may run it; support: for events assigned to them only."),
        ("auth login", "Anyone may run it, logged in or not."),
    ],
)
def test_a_page_says_who_may_run_the_command(name: str, sentence: str) -> None:
    assert Paragraph(sentence) in page(*name.split()).parts


# Pages


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_a_command_has_a_summary_a_text_for_each_parameter_and_examples(command: Command) -> None:
    assert command.summary.endswith(".")
    assert len(command.summary) < 110
    assert command.summary[0].isupper()
    assert all(parameter.help for parameter in command.parameters)
    assert not any(parameter.help.endswith(".") for parameter in command.parameters)
    assert command.examples


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_the_page_of_a_command_holds_all_that_was_declared(command: Command) -> None:
    found = page(*command.path)
    assert found.parts[0] == Heading(command.usage)
    assert found.parts[1] == Paragraph(command.summary)
    assert [part.line for part in of_sort(found, Example)] == list(command.examples)
    definitions = [item for part in of_sort(found, Definitions) for item in part.items]
    assert [usage for usage, _ in definitions] == [parameter.usage for parameter in command.parameters]
    for parameter, (_, text) in zip(command.parameters, definitions, strict=True):
        assert text.startswith(parameter.help)
        assert text.endswith("(required)") == parameter.is_required


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_help_and_the_option_help_agree_and_need_no_session(command: Command) -> None:
    assert asked(f"help {command.name}") == asked(f"{command.name} --help") == page(*command.path)


@pytest.mark.parametrize("noun", [noun for noun in GRAMMAR.nouns() if GRAMMAR.verbs(noun) and noun != "settings"])
def test_the_page_of_a_noun_lists_its_verbs_with_their_summaries(noun: str) -> None:
    found = asked(f"help {noun}")
    assert found == asked(f"{noun} --help")
    assert isinstance(found, Page)
    (definitions,) = of_sort(found, Definitions)
    assert list(definitions.items) == [(c.name, c.summary) for c in COMMANDS if c.path[0] == noun]


def test_the_overview_lists_every_command_once() -> None:
    found = asked("help")
    assert found == asked("--help") == asked("crm --help") == page()
    assert isinstance(found, Page)
    *commands, more = of_sort(found, Definitions)
    assert sorted(name for part in commands for name, _ in part.items) == sorted(EXPECTED)
    assert all(name.startswith("help ") for name, _ in more.items)


def test_the_overview_that_loads_no_command_is_the_same() -> None:
    assert overview(read_summaries()) == page()


def test_a_default_is_shown_and_an_absent_one_is_not() -> None:
    texts = dict(of_sort(page("contract", "add-payment"), Definitions)[0].items)
    assert texts["--method transfer|card|cheque|cash|debit|other"] == "how it was paid (default transfer)"
    assert texts["--reference TEXT"] == "the number of the transfer, of the cheque"
    assert dict(of_sort(page("employee", "add"), Definitions)[0].items)[
        "--role administrator|commercial|support|none"
    ].endswith("(default none)")


def test_a_field_that_may_be_emptied_says_so() -> None:
    texts = dict(of_sort(page("customer", "update"), Definitions)[0].items)
    assert texts["--company TEXT"].endswith('; "" clears it')
    assert not texts["--fullname TEXT"].endswith("clears it")
    assert "clears" not in dict(of_sort(page("customer", "add"), Definitions)[0].items)["--company TEXT"]


def test_an_example_line_is_no_paragraph() -> None:
    assert not any("crm>" in part.text for name in EXPECTED for part in of_sort(page(*name.split()), Paragraph))


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("contrat", "did you mean `help contract`?"),
        ("contract lst", "did you mean `help contract list`?"),
        ("permision", "did you mean `help permissions`?"),
        ("王小明", "type help for the commands"),
    ],
)
def test_help_on_what_is_not_there_names_the_nearest(words: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        page(*words.split())
    assert caught.value.message == f"there is no help on {words}"
    assert caught.value.hint == hint


def test_help_on_a_text_that_acts_on_a_terminal_is_harmless() -> None:
    with pytest.raises(UsageError) as caught:
        page("\x1b[31m", "\u202ex")
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_the_usage_names_every_own_parameter_once(command: Command) -> None:
    own = [parameter for parameter in command.parameters if not parameter.is_common]
    words = command.usage.removeprefix(command.name).split()
    assert sum(word.startswith(("--", "[--")) for word in words) == len(own) - len(command.positional)
    assert "--as" not in words
    assert "[--format" not in words


@pytest.mark.parametrize(
    "usage",
    [
        "help [COMMAND…]",
        "contract add CUSTOMER TOTAL-AMOUNT",
        "event set-support EVENT EMPLOYEE [--force]",
        "auth login USERNAME --password PASSWORD",
    ],
)
def test_the_usage_is_what_one_would_type(usage: str) -> None:
    command = read(usage.replace("[", "").replace("]", ""), GRAMMAR).command
    assert command is not None
    assert command.usage == usage


def test_words_that_are_no_command_find_those_that_have_them() -> None:
    (found,) = of_sort(page("list", "contract"), Definitions)
    assert found.items[0][0] == "contract list"
    (found,) = of_sort(page("paid"), Definitions)
    assert "contract add-payment" in [name for name, _ in found.items]
    assert page("keys").parts[0] == Heading("keys")
