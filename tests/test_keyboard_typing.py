"""Typing: what the toolbar says of a line, grey suggestions, the keys of two schools, pastes and the editor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import fragment_list_to_text
from prompt_toolkit.history import InMemoryHistory

from crmshell.commands import GRAMMAR
from crmshell.language.declaration import ParameterKind
from crmshell.language.expansion import Names
from crmshell.language.reading import Reading, read
from crmshell.models.employee import RoleName
from crmshell.parameters import Amount, Clearable, Count, Day, Email, Moment, OneOf, Phone, Text, Username
from crmshell.session import Session
from crmshell.shell.answers import find_fault, find_slow_fault
from crmshell.shell.guidance import FAULT, HELP, Guidance
from crmshell.shell.highlight import ReadingLexer
from crmshell.shell.suggesting import HistorySuggestion
from tests.company import Company
from tests.keyboard import Keyboard
from tests.keys import CTRL_C, DOWN, ENTER, UP
from tests.records import sql

RIGHT, ESCAPE, CTRL_R, EDIT = "\x1b[C", "\x1b", "\x12", "\x18\x05"
NAMES: Names = {"pay": "contract add-payment $1 $2"}


def _said(line: str) -> tuple[str, str] | None:
    return Guidance(GRAMMAR, Session(), lambda: NAMES).of(Document(line))


# What the toolbar says


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("contract lst ", "there is no command `contract lst` – did you mean `contract list`?"),
        ("custmer", "there is no command `custmer` – did you mean `customer`?"),
        ("contract list --mien ", "contract list has no option --mien – did you mean --mine?"),
        ("contract list --mine --mine", "--mine is given twice – leave one of them out"),
        ("contract add-payment c0ff 12.345 ", "12.345"),
        ("employee list --role-filter suport --format csv", "suport is none of"),
        ("event list --from '32/01/2027' --mine", "32/01/2027"),
        ("customer add Ana Peña", "customer add takes no more words"),
        ("contract list > a.csv b.csv", "the name of the file ends the line"),
        ("pay c0ff 12,345 ", "12,345"),
        ("contract list > unpaid.xls ", "the ending .xls stands for no format"),
    ],
)
def test_a_fault_that_typing_on_cannot_mend_is_named(line: str, text: str) -> None:
    said = _said(line)
    assert said is not None
    assert (said[0], text in said[1]) == (FAULT, True), said


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("contract add-payment ", "contract: the contract the payment is for"),
        ("contract add-payment c0ff 12.345", "payment: how much was received"),
        ("contract add-payment c0ff 12.35 --date", "date: when it was received; today when left out"),
        ("contract add-payment c0ff --date ", "date: when it was received; today when left out"),
        ("customer add 'Ana Pe", "fullname: first and last name"),
        ("contract list --mi", "mine: only those of your customers, or whose events you support"),
        ("contract list --", "List contracts, the newest first; several filters narrow each other."),
        ("contract list > ", "the file to write: .csv .tsv .json .jsonl or .txt"),
        ("pay c0ff ", "payment: how much was received"),
    ],
)
def test_what_is_being_filled_in_is_explained(line: str, text: str) -> None:
    assert _said(line) == (HELP, text)


@pytest.mark.parametrize(
    "line", ["", "  ", "contr", "contract ", "contract li", "pa", "# what for", "customer add \\\n"]
)
def test_what_is_still_being_typed_is_no_fault(line: str) -> None:
    said = _said(line)
    assert said is None or said[0] == HELP


def test_the_toolbar_speaks_and_falls_silent(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.wait_for_toolbar("carla · commercial · ").type("contract lst ")
        keys.wait_for_toolbar("there is no command `contract lst` – did you").type(CTRL_C)
        keys.type("customer add ").wait_for_toolbar("fullname: first and last name · 30 min left").type(CTRL_C)
        keys.type("contract add").wait_for_line("contract add").type(" ")
        keys.wait_for_toolbar("contract add is for administrator, and carla has the role")


@pytest.mark.parametrize(
    ("line", "wrong", "text"),
    [
        ("contract list --where 'total_due > abc' ", "abc", "abc is not an amount"),
        ("contract list --where 'totl_due > 1", "totl_due", "did you mean total_due?"),
        ("contract list --where='signed >> yes' ", ">>", ">> is no operator"),
        ("contract list --sort total_due-,nothing ", "nothing", "contracts have no field nothing"),
        ("contract list --columns id,nix,customer", "nix", "contracts have no field nix"),
    ],
)
def test_a_condition_or_a_list_of_fields_that_cannot_be_mended_is_red_where_it_is_wrong(
    line: str, wrong: str, text: str
) -> None:
    pieces = ReadingLexer(GRAMMAR, Session()).lex_document(Document(line))(0)
    assert fragment_list_to_text(pieces) == line
    assert [piece[1] for piece in pieces if piece[0] == "class:fault"] == [wrong]
    assert text in (_said(line) or ("", ""))[1]


def test_a_condition_has_the_colours_of_its_parts() -> None:
    line = "contract list --where='signed in (yes, no)' --sort total_due-,id --where 'commercial = nobody' --where 'tot"
    pieces = ReadingLexer(GRAMMAR, Session()).lex_document(Document(line))(0)
    coloured = {
        style: [piece[1] for piece in pieces if piece[0] == f"class:{style}"] for style in ("field", "operator")
    }
    assert coloured == {"field": ["signed", "total_due", "id", "commercial", "tot"], "operator": ["in", "="]}
    assert [piece[1] for piece in pieces if piece[0] == "class:value"] == ["yes", "no", "nobody"]
    assert not [piece for piece in pieces if piece[0] == "class:fault"]


@pytest.mark.parametrize(
    ("kind", "faulty", "hopeful"),
    [
        (Amount(), ["12.345", "12x", "abc"], ["1", "12,", "1 2", "1 234.5", ""]),
        (Day(), ["32/01/2027", "tomorow", "2027-13"], ["31", "31/1", "2027-0", "next t", "+3", "to", "31/12/2027"]),
        (Moment(), ["tomorrow 25:00", "x"], ["tomorrow", "tomorrow 9", "tomorrow 14:3", "2027-03-01T1", "+3"]),
        (OneOf(RoleName), ["suport"], ["sup", "Support", "n"]),
        (Count(), ["-1", "1.5"], ["12"]),
        (Text(5), ["éloïse", "a\x07"], ["", "éloïs"]),
        (Clearable(Username()), ["a b", "é" * 31], ["zo", "zoe"]),
    ],
)
def test_an_answer_is_at_fault_only_where_typing_on_cannot_mend_it(
    kind: ParameterKind, faulty: list[str], hopeful: list[str]
) -> None:
    assert [text for text in (*faulty, *hopeful) if find_fault(kind, text, Session())] == faulty


def test_what_is_wrong_with_an_answer_is_named_while_it_is_typed(sqlite_company: Company) -> None:
    contract = sqlite_company.signed()
    with Keyboard.of(sqlite_company) as keys:
        keys.enter(f"contract add-payment {contract[:8]}").expect("payment (").type("12.345")
        keys.expect("12.345 reads as thousands or as three decimals").type("\x7f" + ENTER).expect("12.34 € received")


@pytest.mark.parametrize(
    ("kind", "faulty", "hopeful"),
    [
        (
            Email(),
            ["élo ise", "a@b@c", "a@b..", "@"],
            ["", "elo", "elo.", "elo@", "elo@exa", "elo@example.", "elo@exa.co"],
        ),
        (
            Phone(),
            ["o6", "06 12 34 56 789", "+33 12 34 56 78 90 12"],
            ["06", "06 12", "06 12 34 56 7", "+", "+44 20", "+1 21"],
        ),
    ],
)
def test_an_answer_that_takes_longer_to_judge_is_at_fault_for_good_too(
    kind: ParameterKind, faulty: list[str], hopeful: list[str]
) -> None:
    assert [text for text in (*faulty, *hopeful) if find_slow_fault(kind, text, Session())] == faulty


def test_what_only_the_database_knows_of_an_answer_is_named_while_it_is_typed(sqlite_company: Company) -> None:
    others = sqlite_company.contract(sqlite_company.customer("Li Na", by="colin"))
    sqlite_company.contract(sqlite_company.customer("Éloïse d'Été"))
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("contract sign").expect("contract uuid")
        for typed, fault in (
            ("zzzz", "there is no contract zzzz"),
            (others[:8], "belongs to a customer of colin, not yours"),
            ("@vip", "@vip is not defined"),
        ):
            keys.type(typed).expect(fault).type("\x15")
        keys.complete("élo", "Éloïse").type(CTRL_C)
        keys.enter("customer add").expect("fullname").enter("Zoé Roy").expect("company").enter("").expect("email")
        keys.type("zoe@ex ample").expect("is not an e-mail address").type(CTRL_C).expect("abandoned")


# Grey suggestions


def _suggested(keys: Keyboard) -> str:
    suggestion = keys.shell._prompts.default_buffer.suggestion
    return suggestion.text if suggestion else ""


def test_the_rest_of_an_earlier_line_is_suggested_and_taken_with_the_right_arrow(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("employee detail sam").expect("Sam Łukasz").expect("carla commercial>")
        keys.type("employee de").wait(lambda: _suggested(keys) == "tail sam", "a suggestion")
        keys.type(RIGHT).wait_for_line("employee detail sam").type(ENTER).expect("Sam Łukasz")


@pytest.mark.parametrize(
    "line",
    [
        "employee delete nils",
        pytest.param("employee deactivate nils", marks=pytest.mark.slow),
        pytest.param("employee list >! staff.csv", marks=pytest.mark.slow),
        "employee list | tee staff.csv",
        pytest.param("gone", marks=pytest.mark.slow),
        pytest.param("customer add 'Ana Peña'", marks=pytest.mark.slow),
        pytest.param("employee lst", marks=pytest.mark.slow),
    ],
)
def test_what_removes_overwrites_is_wrong_or_not_allowed_is_never_suggested(
    sqlite_company: Company, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("alias gone = employee delete nils").expect("stands for")
        keys.enter("employee detail sam").expect("Sam Łukasz").enter(line).type(CTRL_C)
        keys.type("employee det").wait(lambda: bool(_suggested(keys)), "a suggestion").type(CTRL_C)
        keys.type(line[:-2]).wait_for_line(line[:-2])
        assert _suggested(keys) == ""


def test_a_suggestion_reads_few_lines_and_none_of_them_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def noted(line: str, *rest: Any) -> Reading:
        looked_at.append(line)
        return read(line, *rest)

    monkeypatch.setattr("crmshell.shell.suggesting.read", noted)
    buffer, suggestion = Buffer(history=InMemoryHistory()), HistorySuggestion(Session(), dict)
    for number in range(300):
        buffer.history.append_string(f"customer lst {number}")
        buffer.history.append_string("no such command")
    for typed in ("customer l", "customer ls", "no ", "no s"):
        assert suggestion.get_suggestion(buffer, Document(typed)) is None
    assert len(looked_at) == len(set(looked_at)) <= 20


# Keys


@pytest.mark.slow
def test_ctrl_r_searches_the_history(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("employee detail sam").expect("Sam Łukasz").enter("help exit").expect("Leave the shell")
        keys.type(f"{CTRL_R}detail{ENTER}").wait_for_line("employee detail sam")


def test_alt_enter_continues_the_line(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.type(f"employee{ESCAPE}{ENTER}").wait_for_line("employee \\\n").enter("detail sam").expect("Sam Łukasz")


def test_the_line_is_finished_in_an_editor(
    sqlite_company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf ' detail sam' >> \"$1\"\n")
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))
    with Keyboard.of(sqlite_company) as keys:
        keys.type("employee").wait_for_line("employee").type(EDIT).wait_for_line("employee detail sam")
        keys.type(" ").wait_for_line("employee detail sam ").type(ENTER).expect("Sam Łukasz")


def test_vi_keys_say_which_mode_they_are_in(sqlite_company: Company) -> None:
    session = sqlite_company.session("carla")
    session.settings = replace(session.settings, keys="vi")
    with Keyboard(session) as keys:
        keys.wait_for_toolbar(" INS · carla · commercial · ").type("employee detail samx")
        keys.wait_for_line("employee detail samx").type(ESCAPE).wait_for_toolbar(" NAV · ").type("x")
        keys.wait_for_line("employee detail sam").type(ENTER).expect("Sam Łukasz").wait_for_toolbar(" INS · ")


# Pastes


def test_a_paste_runs_line_by_line_and_keeps_the_unfinished_last_one(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.paste("customer add 'Ana Peña'\r\ncustomer add \\\n  'Zoé Roy'\ncustomer add 'Li")
        keys.expect("customer 1 is added").expect("customer 2 is added").wait_for_line("customer add 'Li")
        keys.enter(" Na'").expect("customer 3 is added")
    assert sql("SELECT fullname FROM customer ORDER BY id") == [("Ana Peña",), ("Zoé Roy",), ("Li Na",)]


def test_each_line_of_a_paste_stands_at_a_prompt_and_in_the_history_by_itself(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.paste("begin\ncustomer add \\\n  'Zoé Roy'\nrollback\n").expect("carla commercial> begin")
        keys.expect("a transaction is open").expect("carla commercial (transaction)> customer add \\\n")
        keys.expect("'Zoé Roy'").expect("customer 1 is added").expect("(transaction)> rollback").expect("rolled back")
        typed = ["begin", "customer add \\\n  'Zoé Roy'", "rollback"]
        assert list(keys.shell._prompts.history.get_strings()) == typed


def test_what_is_behind_a_line_that_fails_is_counted(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.paste("employee lst\nemployee list\nemployee detail sam\n").expect("did you mean")
        keys.expect("2 lines behind it did not run").enter("auth whoami").expect("Carla d'Été")
        keys.paste("customer add\nemployee list\n").expect("fullname").type(CTRL_C)
        keys.expect("abandoned; nothing was changed").expect("1 line behind it did not run")


def test_a_paste_of_one_line_waits_for_enter(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.type("customer add ").paste("'Ana Peña'\n").wait_for_line("customer add 'Ana Peña'")
        keys.type(ENTER).expect("customer 1 is added")


@pytest.mark.slow
def test_a_paste_asks_for_what_its_lines_lack(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.paste("employee delete nils\nemployee detail sam\nemployee de")
        keys.answer("delete employee nils? [y/N]", "n").expect("nothing was changed").expect("Sam Łukasz")
        keys.wait_for_line("employee de").type(CTRL_C).expect("alice administrator>")


def test_enter_takes_the_entry_and_the_next_one_runs(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.complete("employee det").type(DOWN)
        keys.wait_for_line("employee detail").type(ENTER).complete(" sa", "Sam Łukasz · support").type(DOWN)
        keys.wait_for_line("employee detail sam").type(ENTER)
        keys.wait_for_no_menu().type(ENTER).expect("active")
        keys.type(UP).wait_for_line("employee detail sam")
