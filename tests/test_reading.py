"""A line is read without ever failing: what is wrong with it stands in the reading, and what is right reads one way."""

from __future__ import annotations

import random
from operator import attrgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmshell.commands import GRAMMAR
from crmshell.errors import UsageError
from crmshell.language.declaration import Command, Parameter, Rest
from crmshell.language.expansion import PROGRAM
from crmshell.language.reading import Reading, missing_value, read
from crmshell.language.tokens import LONGEST_LINE, quoted

NAMED = attrgetter("name")
MANY = settings(max_examples=150, deadline=None, derandomize=True)
COMMANDS = list(GRAMMAR.commands.values())
OPTIONS = sorted({option for command in COMMANDS for option in command.options})
VALUES = [
    "12", "1500", "5611d818", "@gala", "@customer.email", "'Zoé Lefèvre'", "O'Brien", "d'Été", '"L\'Atelier"', '""',
    "-5", "王小明", "$YEAR", "$$", '"ouvert', "'ouvert", ">", ">!", "|", "--", "--help", "--mien", "#", "# fin", "\\",
    "\n", "\x1b[31m", "\u202e", "\ud800", "csv", "crm", "table", "12/07/2027",
]  # fmt: skip
PARTS = (
    st.sampled_from(VALUES)
    | st.sampled_from([word for command in COMMANDS for word in command.path])
    | st.sampled_from(OPTIONS).map("--{}".format)
    | st.tuples(st.sampled_from(OPTIONS), st.sampled_from(VALUES)).map("--{0[0]}={0[1]}".format)
)
SHAPED = st.tuples(st.sampled_from(COMMANDS), st.lists(PARTS, max_size=7)).map(
    lambda drawn: " ".join([drawn[0].name, *drawn[1]])
)
ANY_LINE = (
    st.text() | st.text(st.characters(exclude_categories=())) | st.lists(PARTS, max_size=8).map(" ".join) | SHAPED
)


def the(line: str) -> Reading:
    """The reading of a line."""
    return read(line, GRAMMAR)


def sound(line: str) -> Reading:
    """The reading of a line with which nothing is wrong."""
    reading = the(line)
    assert not reading.faults, [(line, fault.message) for fault in reading.faults]
    return reading


def fault(line: str) -> UsageError:
    """The first fault of a line."""
    return the(line).faults[0]


def at_fault(line: str) -> str:
    """The words that the first fault is about."""
    span = fault(line).span
    assert span is not None
    return line[span[0] : span[1]]


def values(reading: Reading) -> dict[str, str]:
    """The values given, by option."""
    return {argument.parameter.option: argument.token.text for argument in reading.arguments}


# Totality


@MANY
@given(SHAPED, ANY_LINE)
def test_a_line_of_a_known_form_reads_as_if_it_were_the_first_one(line: str, other: str) -> None:
    the(other), the(line)
    again = the(line)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crmshell.language.reading.form_of", lambda _tokens: None)
        first = the(line)
    assert again._replace(faults=()) == first._replace(faults=())
    assert [str(fault) for fault in again.faults] == [str(fault) for fault in first.faults]


def test_values_are_no_part_of_a_form_but_the_words_of_the_command_are() -> None:
    for line, value in (("customer detail 1", "1"), ("customer detail '2 or so'", "2 or so")):
        assert values(sound(line)) == {"customer-id": value}
    assert [the(f"{PROGRAM} customer {verb} 1").path for verb in ("detail", "delete")] == [
        ("customer", "detail"),
        ("customer", "delete"),
    ]
    assert the("customer detail '1").faults


@MANY
@given(ANY_LINE)
def test_any_line_is_read_whole(line: str) -> None:
    reading = the(line)
    assert "".join(token.raw for token in reading.tokens) == line
    assert reading.line == line
    starts = []
    for found in reading.faults:
        assert found.span is not None
        assert 0 <= found.span[0] <= found.span[1] <= len(line)
        assert found.message
        assert found.hint
        starts.append(found.span[0])
    assert starts == sorted(starts)


@MANY
@given(ANY_LINE)
def test_every_argument_is_one_of_the_command_and_lies_in_the_line(line: str) -> None:
    reading = the(line)
    for argument in reading.arguments:
        assert reading.command is not None
        assert argument.parameter in reading.command.parameters
        assert argument.token in reading.tokens
        assert 0 <= argument.span[0] <= argument.span[1] <= len(line)
    given_names = {argument.parameter.name for argument in reading.arguments}
    assert not given_names & {parameter.name for parameter in reading.missing}


@MANY
@given(ANY_LINE)
def test_a_line_that_is_sound_names_a_command_or_asks_for_help_or_says_nothing(line: str) -> None:
    reading = the(line)
    assert reading.faults or reading.command or reading.wants_help or reading.is_empty
    assert not (reading.is_empty and reading.arguments)
    missing = missing_value(reading)
    if missing is not None:
        assert missing.span is not None
        assert missing.span[1] <= len(line)


@pytest.mark.parametrize("line", ["", "   ", "\n", "# rien", "  # contract list", "\\", "crm", "crm # rien"])
def test_nothing_to_run_is_no_fault(line: str) -> None:
    assert sound(line).is_empty


def test_a_line_that_is_too_long_is_one_fault() -> None:
    line = "contract list # " + "é" * LONGEST_LINE
    assert "the longest that is read is 65536" in fault(line).message
    assert the(line).command is None


# Every command that is declared


def _sample(parameter: Parameter) -> str:
    return "" if parameter.is_switch else quoted(f"valeur de d'Été {parameter.name} 株式会社")


def _whole(command: Command) -> list[Parameter]:
    rivals = {name for names in command.exclusive for name in names[1:]}
    return [parameter for parameter in command.parameters if parameter.name not in rivals]


@pytest.mark.parametrize("command", COMMANDS, ids=NAMED)
def test_a_command_reads_back_with_every_option_in_any_order(command: Command) -> None:
    pieces = [f"--{parameter.option} {_sample(parameter)}".strip() for parameter in _whole(command)]
    random.Random(command.name).shuffle(pieces)
    reading = sound(" ".join([command.name, *pieces]))
    assert reading.command is command
    assert {argument.parameter.option for argument in reading.arguments} == {p.option for p in _whole(command)}
    assert not reading.missing


@pytest.mark.parametrize("command", COMMANDS, ids=NAMED)
def test_an_option_with_an_equals_sign_reads_the_same(command: Command) -> None:
    spaced, joined = [], []
    for parameter in _whole(command):
        value = _sample(parameter)
        spaced.append(f"--{parameter.option} {value}".strip())
        joined.append(f"--{parameter.option}={value}" if value else f"--{parameter.option}")
    assert values(sound(f"{command.name} {' '.join(spaced)}")) == values(sound(f"{command.name} {' '.join(joined)}"))


@pytest.mark.parametrize("command", COMMANDS, ids=NAMED)
def test_positions_and_names_give_the_same_reading(command: Command) -> None:
    others = [f"--{p.option} {_sample(p)}" for p in _whole(command) if not p.is_positional and not p.is_common]
    words = " ".join(_sample(parameter) for parameter in command.positional)
    named = " ".join(f"--{parameter.option} {_sample(parameter)}" for parameter in command.positional)
    takes_the_rest = any(parameter.rest is Rest.WHOLE_LINE for parameter in command.positional)
    options_first = sound(f"{command.name} {' '.join(others)} {words}")
    by_position = options_first if takes_the_rest else sound(f"{command.name} {words} {' '.join(others)}")
    by_name = sound(f"{command.name} {' '.join(others)} {named}")
    assert values(by_position) == values(options_first) == values(by_name)


@pytest.mark.parametrize("command", COMMANDS, ids=NAMED)
def test_a_parameter_given_by_name_leaves_the_positions_to_the_others(command: Command) -> None:
    if any(parameter.rest.name != "ONE_WORD" for parameter in command.positional):
        return
    others = [f"--{p.option} {_sample(p)}" for p in _whole(command) if not p.is_positional and not p.is_common]
    words = [_sample(parameter) for parameter in command.positional]
    expected = values(sound(" ".join([command.name, *words, *others])))
    for index, parameter in enumerate(command.positional):
        rest = words[:index] + words[index + 1 :]
        named = f"--{parameter.option} {words[index]}"
        assert values(sound(" ".join([command.name, named, *rest, *others]))) == expected
        assert values(sound(" ".join([command.name, *rest, *others, named]))) == expected


@pytest.mark.parametrize("command", COMMANDS, ids=NAMED)
def test_an_example_of_the_help_reads_without_a_fault(command: Command) -> None:
    assert command.examples
    for line in command.examples:
        reading = sound(line)
        assert reading.command is command
        assert all(parameter.is_secret for parameter in reading.missing), line


@pytest.mark.parametrize("command", COMMANDS, ids=NAMED)
def test_names_and_options_of_a_command_are_unique_and_its_rivals_exist(command: Command) -> None:
    names = [parameter.name for parameter in command.parameters]
    assert len(names) == len(set(names)) == len(command.options)
    assert {name for rivals in command.exclusive for name in rivals} <= set(names)


@pytest.mark.parametrize("command", [c for c in COMMANDS if any(p.is_required for p in c.parameters)], ids=NAMED)
def test_a_command_says_what_it_lacks(command: Command) -> None:
    lacking = [parameter for parameter in command.parameters if parameter.is_required]
    reading = sound(command.name)
    assert list(reading.missing) == lacking
    failure = missing_value(reading)
    assert failure is not None
    assert failure.message == f"{command.name} needs {', '.join(f'--{parameter.option}' for parameter in lacking)}"
    assert failure.hint == f"usage: {command.usage}"


# The rules of section 2


def test_a_leading_crm_is_accepted_and_ignored() -> None:
    assert values(sound("crm contract sign 5611d818")) == values(sound("contract sign 5611d818"))
    assert sound("crm contract list").command is GRAMMAR.find("contract", "list")
    assert at_fault("crm crm contract list") == "crm"


@pytest.mark.parametrize("noun", [noun for noun in GRAMMAR.nouns() if GRAMMAR.verbs(noun)])
def test_help_is_an_option_of_every_noun(noun: str) -> None:
    reading = sound(f"{noun} --help")
    assert (reading.wants_help, reading.path) == (True, (noun,))


@pytest.mark.parametrize("command", COMMANDS, ids=NAMED)
def test_help_is_an_option_of_every_command_and_nothing_is_missing_then(command: Command) -> None:
    reading = sound(f"{command.name} --help")
    assert (reading.wants_help, reading.path, reading.missing) == (True, command.path, ())
    assert missing_value(reading) is None


def test_help_alone_is_the_overview() -> None:
    reading = sound("--help")
    assert (reading.wants_help, reading.path) == (True, ())


def test_help_after_two_dashes_is_a_word() -> None:
    assert values(sound("contract sign -- --help")) == {"contract-uuid": "--help"}


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ("list contract", "contract list"),
        ("lst contract", "contract list"),
        ("contract lst", "contract list"),
        ("contrat list", "contract list"),
        ("contract paiements 5611d818", "contract payments"),
        ("add customer 'Zoé Lefèvre'", "customer add"),
        ("employe detail zoe", "employee detail"),
        ("CONTRACT LIST", "contract list"),
        ("custmer", "customer"),
        ("payments", "contract payments"),
        ("hlep", "help"),
    ],
)
def test_an_unknown_command_names_the_nearest(line: str, suggestion: str) -> None:
    assert fault(line).message.startswith("there is no command `")
    assert fault(line).hint == f"did you mean `{suggestion}`?"
    assert the(line).command is None


@pytest.mark.parametrize(
    ("line", "words"), [("contrat list", "contrat"), ("contract lst x", "lst"), ("王小明", "王小明")]
)
def test_an_unknown_command_points_at_the_word_that_is_wrong(line: str, words: str) -> None:
    assert at_fault(line) == words


def test_a_verb_like_no_other_lists_those_there_are() -> None:
    assert fault("database 王小明").hint == "database has the verbs info, check"
    assert fault("王小明 list").hint == "type help for the commands"


@pytest.mark.parametrize(
    "line", ["contract", "contract --mine", "contract > x.csv", "contract -- list", "contract # x"]
)
def test_a_noun_alone_needs_a_verb(line: str) -> None:
    assert fault(line).message == "contract needs a verb"
    assert fault(line).hint.startswith("one of list, ")
    assert at_fault(line) == "contract"


@pytest.mark.parametrize("line", ["--mine", "> x", "| less", "-- contract list", "--help=contract"])
def test_a_command_begins_with_a_word(line: str) -> None:
    assert fault(line).message.startswith("a command begins with a word")


def test_an_unknown_option_names_the_nearest() -> None:
    line = "contract list --not-payed-filter --format=csv"
    assert fault(line).message == "contract list has no option --not-payed-filter"
    assert fault(line).hint == "did you mean --not-paid-filter?"
    assert at_fault(line) == "--not-payed-filter"
    assert values(the(line)) == {"format": "csv"}


def test_an_unknown_option_like_no_other_shows_the_usage_and_takes_its_value_along() -> None:
    assert [found.message for found in the("contract detail --zzz 12 5611d818").faults] == [
        "contract detail has no option --zzz"
    ]
    assert values(the("contract detail --zzz 12 5611d818")) == {"contract-uuid": "5611d818"}
    assert fault("contract detail --zzz").hint == "usage: contract detail CONTRACT"


@pytest.mark.parametrize(
    "line",
    [
        "contract update 5611d818",
        "customer update 3 --allow-duplicate",
        "employee update 2 --format=csv",
        "event update 3 --force",
    ],
)
def test_an_update_without_a_field_is_a_fault(line: str) -> None:
    assert "changes nothing without a field" in fault(line).message
    assert fault(line).hint.startswith("give one of --")


@pytest.mark.parametrize("field", ["--note Léger", "--append-note=Tard", '--location ""', "--start= "])
def test_an_update_with_one_field_is_sound(field: str) -> None:
    assert sound(f"event update 3 {field}").missing == ()


def test_options_that_exclude_each_other_are_a_fault_at_the_second() -> None:
    line = "event list --assigned-to-me --mine --no-support-assigned"
    assert fault(line).message == "--assigned-to-me and --no-support-assigned exclude each other"
    assert at_fault(line) == "--no-support-assigned"
    assert sound("event list --assigned-to-me --mine")


@pytest.mark.parametrize("again", ["--total-amount 11", "--total-amount=11", "--total-amount ''"])
def test_an_option_is_given_once(again: str) -> None:
    line = f"contract add 1 --total-amount 10 {again}"
    assert fault(line).message == "--total-amount is given twice"
    assert values(the(line)) == {"customer-id": "1", "total-amount": "10"}


def test_a_switch_is_given_once_and_takes_no_value() -> None:
    assert fault("contract list --mine --mine").message == "--mine is given twice"
    assert fault("contract list --mine=oui").message == "--mine takes no value"
    assert at_fault("contract list --mine=oui") == "oui"
    assert fault("contract list --mine oui").message == "contract list takes no more words"


def test_an_option_at_the_end_needs_a_value() -> None:
    reading = the("contract add 12 --total-amount ")
    assert reading.faults[0].message == "--total-amount needs a value"
    assert reading.open_option is not None
    assert reading.open_option.option == "total-amount"


def test_an_option_is_no_value_unless_it_is_written_so() -> None:
    assert "if that is the value" in fault("event update 3 --name --note x").hint
    assert values(sound("event update 3 --name=--note")) == {"event-id": "3", "name": "--note"}
    assert values(sound("contract add 12 --total-amount -5"))["total-amount"] == "-5"


def test_too_many_words_suggest_quotes() -> None:
    line = "customer add Zoé Lefèvre Martin --company x"
    assert fault(line).message == "customer add takes no more words"
    assert fault(line).hint == 'put a value with blanks in quotes: "Zoé Lefèvre Martin"'
    assert at_fault(line) == "Lefèvre Martin"


@pytest.mark.parametrize("line", ["auth login alice hunter22hunter22", "employee set-password zoe hunter22hunter22"])
def test_a_secret_is_never_taken_by_position_nor_repeated_in_a_message(line: str) -> None:
    reading = the(line)
    assert not any(argument.parameter.is_secret for argument in reading.arguments)
    assert [parameter.option for parameter in reading.missing] == ["password"]
    assert "hunter" not in reading.faults[0].message + reading.faults[0].hint


def test_no_secret_has_a_position() -> None:
    secrets = [parameter for command in COMMANDS for parameter in command.parameters if parameter.is_secret]
    assert len(secrets) >= 5
    assert not any(parameter.is_positional for parameter in secrets)


@pytest.mark.parametrize("line", ["customer add 'Zoé", 'customer add "Zoé', 'customer add --fullname="Zoé Lefèvre --x'])
def test_an_open_quote_is_a_fault_at_the_quote(line: str) -> None:
    assert fault(line).message.endswith("is never closed")
    assert at_fault(line) == line[line.index("Zoé") - 1 :]


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ("contract list > unpaid.csv", "unpaid.csv"),
        ("contract list --mine >! 'my list.csv' # again", "my list.csv"),
        ("help contract add > ~/add.txt", "~/add.txt"),
    ],
)
def test_a_line_says_into_which_file_its_answer_goes(line: str, target: str) -> None:
    found = sound(line).redirection
    assert found is not None
    assert (found.is_pipe, found.overwrites, found.target.text) == (False, ">!" in line, target)


def test_what_follows_a_pipe_is_the_business_of_the_users_shell() -> None:
    found = sound("contract list | grep -i 'l\"été' > x | wc -l # no comment").redirection
    assert found is not None
    assert (found.is_pipe, found.target.raw) == (True, " grep -i 'l\"été' > x | wc -l # no comment")


@pytest.mark.parametrize(
    ("line", "message", "at_fault"),
    [
        ("contract list >", "`>` needs the name of a file", ">"),
        ("contract list >! # nowhere", "`>!` needs the name of a file", ">!"),
        ("contract list |", "`|` needs a command", "|"),
        ("contract list |  ", "`|` needs a command", "|"),
        ("contract list > --mine", "--mine is no name of a file", "--mine"),
        ("contract list > my list.csv", "the name of the file ends the line", "list.csv"),
        ("contract list > a.csv | wc", "what is shown goes to one place", "| wc"),
        ("contract list > 'a.csv", "the quote ' is never closed", "'a.csv"),
        ("exit > a.csv", "exit shows nothing that could go elsewhere", ">"),
    ],
)
def test_a_redirection_that_makes_no_sense_is_a_fault(line: str, message: str, at_fault: str) -> None:
    (fault,) = the(line).faults
    assert fault.span is not None
    assert (fault.message, line[slice(*fault.span)]) == (message, at_fault)


def test_an_operator_in_quotes_is_a_value() -> None:
    assert sound("customer add '>'").redirection is None


@pytest.mark.parametrize(
    "line", ["list\x1b[31m contract\u202e", "contract list --\x1b]0;x\x07", "contract list \x9b1m"]
)
def test_a_message_never_holds_what_a_terminal_would_act_on(line: str) -> None:
    for found in the(line).faults:
        assert found.message.isprintable()
        assert found.hint.isprintable()
