"""The arguments of a line become the values its function takes; what cannot be taken says where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmshell.commands import GRAMMAR
from crmshell.errors import Failure, NotFound, Refused, UsageError
from crmshell.language.binding import bind, text_of
from crmshell.language.declaration import AtName, Mode, ParameterKind, Positional, Rest, Scope
from crmshell.language.grammar import Grammar
from crmshell.language.reading import read
from crmshell.language.signature import declare
from crmshell.language.tokens import quoted
from crmshell.models.customer import Customer
from crmshell.models.employee import RoleName
from crmshell.models.event import Event
from crmshell.models.payment import Method
from crmshell.parameters import Clearable, Format, NewName, OneOf, Text
from crmshell.records import Edit, New, Pick
from crmshell.settings import Settings

NOON = 1_772_370_037  # Sunday 2026-03-01 14:00:37 in Paris


@dataclass
class Desk:
    """The scope of a person with three variables and one named customer, and no database."""

    variables: Mapping[str, str] = field(
        default_factory=lambda: {"YEAR": "2027", "NOM": "Éloïse d'Été --x", "HANDLE": "@gala"}
    )
    settings: Settings = field(default_factory=Settings)
    remarks: list[str] = field(default_factory=list)
    is_writing: bool = False

    def now(self) -> int:
        return NOON

    def remark(self, sentence: str) -> None:
        self.remarks.append(sentence)

    def text_of(self, name: str) -> str:
        texts = {
            "acme.email": "contact@acme.example",
            "acme.company": "株式会社 --さくら $YEAR",
            "acme.total": "1234.5",
        }
        if name not in texts:
            message = f"@{name} is no value"
            raise UsageError(message, hint="@acme.email")
        return texts[name]

    def named(self, name: str) -> NoReturn:
        message = f"@{name} is not defined"
        raise UsageError(message, hint="give one with --as NAME")


DESK: Scope = Desk()
ALONE: Any = DESK  # for the kinds, which ask for a Session


class Plain(ParameterKind):
    """Any text, as it is."""

    def take(self, text: str, scope: Any) -> object:
        return text


class Handle(ParameterKind):
    """A record by handle or by name."""

    takes_names = True

    def take(self, text: str, scope: Any) -> object:
        return ("named", str(text)) if isinstance(text, AtName) else ("typed", text)


class Lost(ParameterKind):
    """A record that is gone, and a kind that knows better than anybody where the fault is."""

    def take(self, text: str, scope: Any) -> object:
        failure = NotFound(f"there is no {text}")
        raise failure.at((1, 2)) if text == "exact" else failure


Note = Annotated[str, Plain(), "a text"]


def take(
    record: Annotated[object, Handle(), "a record"],
    note: Note = "",
    lost: Annotated[object, Lost(), "what is gone"] = None,
    *,
    force: bool = False,
) -> None:
    """Take."""


def gather(words: Annotated[tuple[str, ...], Plain(), Positional(Rest.ALL_WORDS), "words"] = ("a", "b")) -> None:
    """Gather."""


def keep(name: Note, line: Annotated[str, Plain(), Positional(Rest.WHOLE_LINE), "a line"]) -> None:
    """Keep."""


def renew(
    record: Annotated[object, Handle(), "a record"], who: New[Customer], what: Edit[Event], force: bool = False
) -> None:
    """Renew, with two groups of fields."""


OWN = Grammar()
for _command in (
    declare("take", take, mode=Mode.NONE, by=None),
    declare("gather", gather, mode=Mode.NONE, by=None),
    declare("keep", keep, mode=Mode.NONE, by=None),
    declare("renew", renew, mode=Mode.NONE, by=None),
):
    OWN.add(_command)


def bound(line: str, grammar: Grammar = OWN, scope: Scope = DESK) -> dict[str, Any]:
    """The values of a sound line."""
    reading = read(line, grammar)
    assert not reading.faults, [fault.message for fault in reading.faults]
    assert reading.command is not None
    return bind(reading, reading.command, scope)


def refusal(line: str, grammar: Grammar = OWN) -> Failure:
    """Why a sound line cannot be bound."""
    with pytest.raises(Failure) as caught:
        bound(line, grammar)
    return caught.value


def at_fault(line: str, grammar: Grammar = OWN) -> str:
    """The words of the line that the refusal is about."""
    span = refusal(line, grammar).span
    assert span is not None
    return line[span[0] : span[1]]


# Defaults, switches and positions


def test_what_is_left_out_has_its_default() -> None:
    assert bound("take 5611d818") == {"record": ("typed", "5611d818"), "note": "", "lost": None, "force": False}
    assert bound("gather") == {"words": ("a", "b")}


def test_a_switch_that_is_there_is_true() -> None:
    assert bound("take 3 --force")["force"] is True


def test_an_empty_value_is_given_and_not_left_out() -> None:
    assert bound("gather ''") == {"words": ("",)}
    assert bound("take '' --note=")["record"] == ("typed", "")


def test_all_words_are_a_tuple_in_their_order() -> None:
    assert bound("gather Éloïse 'd Été' $YEAR 王小明") == {"words": ("Éloïse", "d Été", "2027", "王小明")}
    assert bound("gather --words seul") == {"words": ("seul",)}


def test_the_rest_of_the_line_is_kept_as_it_stands_variables_included() -> None:
    assert bound("keep $YEAR contract list $YEAR @@x > a | b") == {
        "name": "2027",
        "line": "contract list $YEAR @@x > a | b",
    }


def test_the_rest_of_the_line_by_option_is_a_value_like_others() -> None:
    assert bound("keep fin --line 'contract list | less'")["line"] == "contract list | less"
    assert bound('keep fin --line="list $YEAR $$x"')["line"] == "list 2027 $x"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_characters="\n\r\t\v\f")))
def test_any_value_arrives_as_it_was_meant(value: str) -> None:
    assert bound(f"take x --note {quoted(value)}")["note"] == value
    assert bound(f"take x --note={quoted(value)}")["note"] == value


# Variables


@pytest.mark.parametrize("line", ["take x --note $NOM", 'take x --note "$NOM"', "take --note=$NOM x"])
def test_a_variable_is_filled_in_and_never_read_as_syntax(line: str) -> None:
    values = bound(line)
    assert (values["note"], values["force"]) == ("Éloïse d'Été --x", False)


def test_a_variable_that_holds_an_at_names_no_record() -> None:
    assert bound("take $HANDLE")["record"] == ("typed", "@gala")


@pytest.mark.parametrize("word", ["'$NOM'", "$$NOM", '"$$NOM"'])
def test_a_variable_is_plain_where_it_is_quoted_or_doubled(word: str) -> None:
    assert bound(f"take x --note {word}")["note"] == "$NOM"


@pytest.mark.parametrize("word", ["$ABSENT", '"le $ABSENT"', "d'Été$ABSENT"])
@pytest.mark.parametrize("option", ["", "--note ", "--note="])
def test_an_undefined_variable_is_a_usage_error_at_the_value(word: str, option: str) -> None:
    line = f"take {option}{word} x" if option else f"take {word}"
    assert isinstance(refusal(line), UsageError)
    assert refusal(line).message == "$ABSENT is not defined"
    assert "--var ABSENT=VALUE" in refusal(line).hint
    assert at_fault(line) == word


# Names


def test_a_kind_that_takes_names_gets_the_name() -> None:
    assert bound("take @gala")["record"] == ("named", "gala")
    assert bound("take --record=@gala")["record"] == ("named", "gala")


@pytest.mark.parametrize("word", ["'@gala'", '"@gala"', "@@gala"])
def test_a_quoted_or_doubled_at_is_the_plain_character(word: str) -> None:
    assert bound(f"take {word}")["record"] == ("typed", "@gala")


def test_a_name_and_a_field_stand_for_the_fields_text() -> None:
    assert bound("take @acme.email --note @acme.company") == {
        "record": ("typed", "contact@acme.example"),
        "note": "株式会社 --さくら $YEAR",
        "lost": None,
        "force": False,
    }


def test_a_name_alone_is_no_text() -> None:
    assert refusal("take x --note @acme").message == "@acme is no value"
    assert at_fault("take x --note @acme --force") == "@acme"
    assert at_fault("take x --note=@acme.zzz") == "@acme.zzz"


def test_an_at_inside_a_word_is_no_name() -> None:
    assert bound("take x --note contact@acme.example")["note"] == "contact@acme.example"


def test_a_lone_at_is_an_undefined_name_and_never_nobody() -> None:
    pick = Pick(Customer, may_be_empty=True)
    assert pick.take("", Desk()) is None  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="@ is not defined"):
        pick.take(AtName(""), ALONE)


def test_the_text_of_an_argument_can_be_had_by_itself() -> None:
    texts = {a.parameter.name: text_of(a, DESK) for a in read("take @gala --note $YEAR --force", OWN).arguments}
    assert texts == {"record": "gala", "note": "2027", "force": ""}
    assert isinstance(texts["record"], AtName)


# Failures


@pytest.mark.parametrize("line", ["take x --lost 王小明", "take x --lost=王小明 --force", "take --lost 王小明 x"])
def test_a_failure_says_where_the_value_stands(line: str) -> None:
    assert isinstance(refusal(line), NotFound)
    assert at_fault(line) == "王小明"


def test_whoever_is_closer_to_the_fault_has_named_it_already() -> None:
    assert refusal("take x --lost exact").span == (1, 2)


def test_the_first_failure_in_the_order_of_the_declaration_counts() -> None:
    assert at_fault("take --lost weg --note @zzz x") == "@zzz"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("contract add-payment @acme 0", "@acme"),
        ("employee add 'Zoé Lefèvre' z", "z"),
        ("employee add 'Zoé Lefèvre' zoe --role suport", "suport"),
        ("event list --from demain", "demain"),
        ("customer add Zoé --email=zoe@", "zoe@"),
        ("customer add Zoé --as customer", "customer"),
        ("contract list --format xml", "xml"),
    ],
)
def test_the_kinds_of_the_commands_fail_at_their_words(line: str, words: str) -> None:
    assert at_fault(line, GRAMMAR) == words
    assert refusal(line, GRAMMAR).hint


def test_a_mistyped_choice_names_the_nearest() -> None:
    assert refusal("employee list --role-filter suport", GRAMMAR).hint == "did you mean support?"
    assert isinstance(refusal("employee list --role-filter 王", GRAMMAR), Refused)


def test_a_choice_is_taken_in_any_case() -> None:
    assert bound("employee list --role-filter SUPPORT", GRAMMAR)["role_filter"] is RoleName.SUPPORT
    assert OneOf(Method).take(" Card ", Desk()) is Method.CARD  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["customer", "contract", "event", "employee", "2gala", "été", "a.b", "", "x" * 41])
def test_a_name_for_a_record_is_plain_and_not_reserved(name: str) -> None:
    with pytest.raises(UsageError):
        NewName().take(name, ALONE)


# Groups of fields


def test_new_collects_the_fields_that_are_given() -> None:
    values = bound("customer add 'Zoé Lefèvre' --phone '06 12 34 56 78' --company 株式会社 --as zoe", GRAMMAR)
    assert values == {
        "fields": {"fullname": "Zoé Lefèvre", "phone": "+33612345678", "company": "株式会社"},
        "allow_duplicate": False,
        "as_": "zoe",
        "format_": None,
    }
    assert isinstance(values["fields"], New)


def test_edit_tells_a_field_that_is_emptied_from_one_that_is_left_out() -> None:
    values = bound("renew 3 Zoé --note '' --end '2026-03-02 18:00'")
    assert values["what"] == {"note": None, "end": 1_772_470_800}
    assert isinstance(values["what"], Edit)


def test_every_group_gets_its_own_fields() -> None:
    values = bound("renew @gala --fullname Zoé --name Soirée --location Lyon --company '' --attendees 120")
    assert values == {
        "record": ("named", "gala"),
        "who": {"fullname": "Zoé", "company": None},
        "what": {"name": "Soirée", "location": "Lyon", "attendees": 120},
        "force": False,
    }


def test_an_update_needs_a_field_of_the_group_that_is_edited() -> None:
    reading = read("renew 3 Zoé --force", OWN)
    assert [fault.message for fault in reading.faults] == ["renew changes nothing without a field"]
    assert reading.faults[0].hint == "give one of --name, --start, --end, --location, --attendees, --note"


def test_a_field_that_may_be_null_can_be_cleared_and_others_cannot() -> None:
    kinds = {parameter.name: parameter.kind for parameter in Edit.of(Customer).parameters("fields")}
    assert {name: isinstance(kind, Clearable) for name, kind in kinds.items()} == {
        "fullname": False,
        "company": True,
        "email": True,
        "phone": True,
    }
    assert isinstance(refusal("renew 3 '' --name x"), Refused)
    assert Clearable(Text()).take("  ", ALONE) is None


def test_days_moments_and_formats_are_read_in_the_scope() -> None:
    values = bound("event list --from today --to 02/03/2026 --format JSON", GRAMMAR)
    assert (values["from_"], values["to"], values["format_"]) == (date(2026, 3, 1), date(2026, 3, 2), Format.JSON)
    desk = Desk()
    assert bound("renew 3 Zoé --start '25/10/2026 02:30'", scope=desk)["what"] == {"start": 1_792_888_200}
    assert len(desk.remarks) == 1
