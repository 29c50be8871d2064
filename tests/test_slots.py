"""Positions take one word, all words or the rest of the line, and the cursor is in the slot that would run."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmshell.commands import GRAMMAR
from crmshell.language.declaration import Mode, Option, ParameterKind, Positional, Rest
from crmshell.language.grammar import Grammar
from crmshell.language.reading import Reading, read
from crmshell.language.signature import declare
from crmshell.language.slots import Place, Slot, slot_at


class Plain(ParameterKind):
    """Any text, as it is."""

    def take(self, text: str, scope: Any) -> str:
        return text


class Hidden(Plain):
    """A password."""

    is_secret = True


Name = Annotated[str, Plain(), "a name"]
Optional = Annotated[str, Plain(), Positional(), "a word that may be left out"]
Words = Annotated[tuple[str, ...], Plain(), Positional(Rest.ALL_WORDS), Option("words"), "any number of words"]
Line = Annotated[str, Plain(), Positional(Rest.WHOLE_LINE), Option("line"), "a line"]


def search(words: Words, limit: Name = "50", mine_: bool = False) -> None:
    """Search."""


def greet(name: Name, title: Optional = "", city: Optional = "", *, loud: bool = False) -> None:
    """Greet."""


def save(name: Name, line: Line, *, force: bool = False) -> None:
    """Save a line under a name."""


def seal(name: Name, password: Annotated[str, Hidden(), "a password"], note: Optional = "") -> None:
    """Seal."""


OWN = Grammar()
for _command in (
    declare("search", search, mode=Mode.NONE, by=None),
    declare("greet", greet, mode=Mode.NONE, by=None),
    declare("alias save", save, mode=Mode.NONE, by=None),
    declare("vault seal", seal, mode=Mode.NONE, by=None),
):
    OWN.add(_command)


def own(line: str) -> Reading:
    """The reading of a line of the test's own grammar, in which nothing is wrong."""
    reading = read(line, OWN)
    assert not reading.faults, [fault.message for fault in reading.faults]
    return reading


def values(reading: Reading) -> list[tuple[str, str]]:
    """Parameter and value, in the order of the line."""
    return [
        (a.parameter.name, a.raw if a.raw is not None else "yes" if a.parameter.is_switch else a.token.text)
        for a in reading.arguments
    ]


# Positions


@pytest.mark.parametrize(
    "line", ["greet Zoé Dr", "greet Zoé --title Dr", "greet Dr --name=Zoé", "greet --title Dr Zoé"]
)
def test_optional_words_are_given_by_position_or_by_name(line: str) -> None:
    assert dict(values(own(line))) == {"name": "Zoé", "title": "Dr"}


def test_an_optional_word_may_be_left_out_or_skipped_by_name() -> None:
    assert values(own("greet 王小明")) == [("name", "王小明")]
    assert values(own("greet Zoé --title Dr Lyon")) == [("name", "Zoé"), ("title", "Dr"), ("city", "Lyon")]
    assert own("greet 王小明").missing == ()


def test_a_word_too_many_is_still_a_fault() -> None:
    assert read("greet a b c d", OWN).faults[0].message == "greet takes no more words"


def test_all_words_go_to_the_parameter_that_takes_them() -> None:
    reading = own("search Éloïse --limit 5 \"d'Été\" O'Brien --mine")
    assert values(reading) == [
        ("words", "Éloïse"), ("limit", "5"), ("words", "d'Été"), ("words", "O'Brien"), ("mine_", "yes"),
    ]  # fmt: skip


def test_all_words_that_are_required_are_at_least_one() -> None:
    assert [parameter.name for parameter in own("search --mine").missing] == ["words"]
    assert values(own("search --words Éloïse")) == [("words", "Éloïse")]


def test_an_operator_ends_what_takes_all_words() -> None:
    assert read("search a > b", OWN).operator is not None


@pytest.mark.parametrize(
    "rest",
    ["contract list", "contract list --mine > f.csv | less", "a 'b", "x # y", "$1 @gala @@ \\x", "été 王"],
)
def test_the_rest_of_the_line_is_taken_as_it_stands(rest: str) -> None:
    reading = own(f"alias save fin {rest}  ")
    assert values(reading) == [("name", "fin"), ("line", rest)]
    assert not reading.wants_help


def test_the_rest_of_the_line_begins_at_its_first_word() -> None:
    assert values(own("alias save fin -- --help | x"))[1] == ("line", "--help | x")
    argument = own("alias save fin a > b ").arguments[1]
    assert argument.span == (15, 20)


def test_options_before_the_rest_of_the_line_are_the_commands_own_and_those_in_it_are_not() -> None:
    reading = own("alias save --force fin a --force --name b")
    assert values(reading) == [("force", "yes"), ("name", "fin"), ("line", "a --force --name b")]


def test_the_rest_of_the_line_begins_earlier_where_a_name_was_given_by_option() -> None:
    assert values(own("alias save --name fin a | b")) == [("name", "fin"), ("line", "a | b")]


def test_the_rest_of_the_line_may_be_given_by_option() -> None:
    assert values(own("alias save --line 'a | b' fin --force")) == [
        ("line", "a | b"),
        ("name", "fin"),
        ("force", "yes"),
    ]
    assert read("alias save --line a fin more", OWN).faults[0].message == "alias save takes no more words"


def test_words_pass_over_a_secret() -> None:
    assert values(own("vault seal Zoé note")) == [("name", "Zoé"), ("note", "note")]
    assert OWN.commands["vault", "seal"].usage == "vault seal NAME --password VALUE [NOTE]"


# The slot under the cursor


def slot(marked: str, grammar: Grammar = GRAMMAR) -> Slot:
    """The slot at the `¦` of a line."""
    before, _, after = marked.partition("¦")
    return slot_at(before + after, len(before), grammar)


def option_at(marked: str, grammar: Grammar = GRAMMAR) -> str:
    """The option whose value is under the cursor."""
    found = slot(marked, grammar)
    assert found.place is Place.VALUE
    assert found.parameter is not None
    return found.parameter.option


@pytest.mark.parametrize(
    ("marked", "typed", "start"),
    [
        ("¦", "", 0),
        ("con¦", "con", 0),
        ("con¦tract", "con", 0),
        ("crm ¦", "", 4),
        ("crm con¦", "con", 4),
        ("  ¦", "", 2),
        ("contract¦ list", "contract", 0),
        ("help¦", "help", 0),
        ("# x\ncon¦", "con", 4),
    ],
)
def test_the_first_word_is_a_noun(marked: str, typed: str, start: int) -> None:
    assert (slot(marked).place, slot(marked).typed, slot(marked).start) == (Place.NOUN, typed, start)


@pytest.mark.parametrize(
    ("marked", "typed"),
    [("contract ¦", ""), ("contract si¦", "si"), ("crm contract sign¦ 56", "sign"), ("contract 'l¦", "l")],
)
def test_the_second_word_is_a_verb_of_the_noun(marked: str, typed: str) -> None:
    found = slot(marked)
    assert (found.place, found.typed, found.noun) == (Place.VERB, typed, "contract")


@pytest.mark.parametrize(
    "marked", ["contract list ¦", "contract list --¦", "contract list --mi¦", "contract list --mi¦ne"]
)
def test_where_no_word_is_taken_there_is_an_option(marked: str) -> None:
    found = slot(marked)
    assert found.place is Place.OPTION
    assert found.command is GRAMMAR.find("contract", "list")
    assert "--mine".startswith(found.typed)
    assert found.start == len("contract list ")


@pytest.mark.parametrize(
    ("marked", "option"),
    [
        ("contract add ¦", "customer-id"),
        ("contract add 1¦", "customer-id"),
        ("contract add 1¦2 1500", "customer-id"),
        ("contract add 12 ¦", "total-amount"),
        ("contract add --customer-id 12 ¦", "total-amount"),
        ("contract add --customer-id ¦", "customer-id"),
        ("contract add --total-amount ¦", "total-amount"),
        ("contract add --total-amount=¦", "total-amount"),
        ("contract add --total-amount=1¦5 12", "total-amount"),
        ("contract add --total-amount 15¦ 12", "total-amount"),
        ("contract list --format ¦", "format"),
        ("contract sign -- ¦", "contract-uuid"),
        ("contract sign -¦", "contract-uuid"),
        ("contract sign \\\n ¦", "contract-uuid"),
        ("help contract ¦", "command"),
        ("help contract ad¦", "command"),
        ("employee add 'Zoé Lefèvre' z¦", "username"),
        ("event update 3 --append-note 'Tard ¦", "append-note"),
    ],
)
def test_a_value_is_taken_by_position_or_by_name(marked: str, option: str) -> None:
    assert option_at(marked) == option


@pytest.mark.parametrize(
    ("marked", "option"),
    [
        ("contract add ¦ --customer-id 12", "total-amount"),
        ("contract add 1¦ --customer-id 12", "total-amount"),
        ("contract add ¦ --total-amount 1500", "customer-id"),
        ("contract add ¦ 1500", "customer-id"),
    ],
)
def test_what_stands_after_the_cursor_counts_as_given(marked: str, option: str) -> None:
    assert option_at(marked) == option


def test_nothing_is_left_to_take_where_all_is_given_after_the_cursor() -> None:
    found = slot("contract add ¦ --customer-id 12 --total-amount 1500")
    assert found.place is Place.OPTION
    assert set(found.given) == {"customer", "total_amount"}


def test_given_holds_the_arguments_of_the_whole_line_the_first_of_several() -> None:
    assert set(slot("event list --mine ¦ --format json").given) == {"mine_", "format_"}
    assert slot("help contract ad¦").given["command"].token.text == "contract"


@pytest.mark.parametrize(
    ("marked", "typed", "start", "quote"),
    [
        ("customer add 'Zoé Le¦", "Zoé Le", 13, "'"),
        ("customer add \"Éloïse d'É¦", "Éloïse d'É", 13, '"'),
        ("customer add --fullname='Zoé ¦ --company x", "Zoé ", 24, "'"),
        ("customer add Zo¦é", "Zo", 13, ""),
        ("contract sign @ga¦", "@ga", 14, ""),
        ("contract sign --contract-uuid=@ga¦", "@ga", 30, ""),
        ("contract sign '@ga¦", "@ga", 14, "'"),
    ],
)
def test_a_choice_replaces_the_value_from_its_quote_on(marked: str, typed: str, start: int, quote: str) -> None:
    found = slot(marked)
    assert (found.place, found.typed, found.start, found.quote) == (Place.VALUE, typed, start, quote)


@pytest.mark.parametrize(
    ("marked", "typed"),
    [("contract list > ¦", ""), ("contract list > ou¦ # x", "ou"), ("help >! 'mes c¦", "mes c")],
)
def test_a_file_is_offered_behind_the_operator_alone(marked: str, typed: str) -> None:
    assert (slot(marked).place, slot(marked).typed) == (Place.FILE, typed)


@pytest.mark.parametrize(
    "marked",
    [
        "# con¦",
        "contract list # --mi¦",
        "contract sign #¦",
        "contract list > out.csv ¦",
        "contract list | le¦",
        "contract list >¦",
        "contract list --mine=¦",
        "contract list x¦",
        "contract foo ¦",
        "foo ¦",
        "contract list -- ¦",
        "--mi¦",
        "foo bar¦",
    ],
)
def test_nothing_is_offered_where_nothing_can_stand(marked: str) -> None:
    assert slot(marked).place is Place.NOTHING


@pytest.mark.parametrize(
    ("marked", "option", "typed"),
    [
        ("search Élo¦", "words", "Élo"),
        ("search Éloïse ¦", "words", ""),
        ("greet Zoé ¦", "title", ""),
        ("greet Zoé Dr ¦", "city", ""),
        ("greet Zoé ¦ --title Dr", "city", ""),
        ("alias save fin ¦", "line", ""),
        ("alias save fin contract ¦", "line", ""),
        ("alias save fin contract --mi¦", "line", "--mi"),
        ("alias save --name fin c¦", "line", "c"),
        ("vault seal Zoé ¦", "note", ""),
        ("vault seal --password ¦", "password", ""),
    ],
)
def test_positions_of_every_sort_are_slots(marked: str, option: str, typed: str) -> None:
    assert option_at(marked, OWN) == option
    assert slot(marked, OWN).typed == typed


PIECES = [
    "contract",
    "add",
    "sign",
    "event",
    "list",
    "12",
    "--mine",
    "--format",
    "--format=",
    "--",
    "'Zoé",
    '"',
    "#",
    " ",
]
LINES = st.text() | st.lists(st.sampled_from([*PIECES, "@gala", ">", "\\", "\n", "王小明"]), max_size=8).map(" ".join)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(LINES, st.integers(0, 60))
def test_every_cursor_in_every_line_is_in_some_slot(line: str, cursor: int) -> None:
    cursor = min(cursor, len(line))
    found = slot_at(line, cursor, GRAMMAR)
    assert 0 <= found.start <= cursor
    assert (found.parameter is not None) == (found.place is Place.VALUE)
