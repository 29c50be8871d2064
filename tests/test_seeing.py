"""What is seen: tones that mean something, totals, what belongs to a record, and sentences on a narrow screen."""

from __future__ import annotations

import json
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from crmshell.errors import Refused
from crmshell.outcome import Card, Column, Kind, Rows, Sense
from crmshell.output import Printer, Style
from crmshell.text import width, wrapped
from tests.company import Company
from tests.process import Program

PLAIN = Style(ZoneInfo("Europe/Paris"), "FR", colour=False, width=80, height=24, user="carla")
COLOURED = PLAIN._replace(colour=True)
COLUMNS = (
    Column("id", Kind.NUMBER),
    Column("commercial", Kind.NAME, sense=Sense.OWNER),
    Column("total_due", Kind.AMOUNT, sense=Sense.DUE),
    Column("signed", Kind.FLAG, sense=Sense.DONE),
    Column("cancelled_at", Kind.MOMENT, sense=Sense.ENDED),
)


def shown(row: tuple[object, ...], style: Style = COLOURED) -> str:
    """The line of a row in a table."""
    out = StringIO()
    Printer(out, StringIO(), style).show(Rows("contract", COLUMNS, [row]))  # type: ignore[list-item]
    return out.getvalue().splitlines()[2]


def tone(rendition: int, text: str) -> str:
    """A text in a tone."""
    return f"\x1b[{rendition}m{text}"


# Tones


def test_a_row_says_by_its_colours_what_its_words_say() -> None:
    due = shown((1, "carla", 123_400, True, None))
    assert tone(1, "carla") in due
    assert tone(31, " 1 234.00 €") in due or tone(31, "1 234.00 €") in due
    assert tone(32, "yes") in due
    paid = shown((2, "colin", 0, True, None))
    assert tone(32, "   0.00 €") in paid
    assert tone(1, "colin") not in paid


def test_what_is_not_agreed_yet_waits_and_is_not_due() -> None:
    waiting = shown((1, "colin", 123_400, False, None))
    assert tone(35, "no") in waiting
    assert "\x1b[31m" not in waiting


def test_what_is_out_of_use_steps_back_as_a_whole() -> None:
    cancelled = shown((1, "carla", 123_400, True, 1_790_000_000))
    assert cancelled.count("\x1b[2m") == 5
    assert not any(f"\x1b[{rendition}m" in cancelled for rendition in (1, 31, 32, 35))


def test_nothing_is_lost_without_colours() -> None:
    for row in ((1, "carla", 123_400, False, None), (1, "carla", 0, True, 1_790_000_000)):
        plain, coloured = shown(row, PLAIN), shown(row)
        for rendition in (0, 1, 2, 31, 32, 35):
            coloured = coloured.replace(f"\x1b[{rendition}m", "")
        assert coloured.rstrip() == plain
        assert "\x1b" not in plain


@pytest.mark.parametrize("columns", [80, 60, 30])
def test_a_fold_and_a_card_have_the_same_tones(columns: int) -> None:
    out = StringIO()
    printer = Printer(out, StringIO(), COLOURED._replace(width=columns))
    wide = (*COLUMNS, Column("fullname", Kind.TEXT), Column("company", Kind.TEXT))
    printer.show(Rows("contract", wide, [(1, "carla", 5, False, None, "Éloïse d'Été-Łukasz", "王小明股份有限公司")]))
    assert "\x1b[35mno" in out.getvalue()
    out.truncate(0)
    printer.show(Card("contract", COLUMNS, (1, "carla", 5, False, None)))
    assert "\x1b[35mno" in out.getvalue()
    assert "\x1b[1mcarla" in out.getvalue()


# Totals


def test_totals_stand_under_their_amounts_whatever_their_length() -> None:
    out = StringIO()
    rows = [(number, "carla", 99_999_999, True, None) for number in range(200)]
    Printer(out, StringIO(), PLAIN).show(Rows("contract", COLUMNS, rows))
    *_, last_row, rule, total = out.getvalue().splitlines()
    assert set(rule) == {"─", " "}
    assert total.split()[0] == "total"
    assert total.endswith("199 999 998.00 €")
    assert last_row.index("€") == total.index("€")


def test_one_row_and_other_formats_have_no_totals() -> None:
    out = StringIO()
    printer = Printer(out, StringIO(), PLAIN)
    printer.show(Rows("contract", COLUMNS, [(1, "carla", 5, True, None)]))
    printer.show(Rows("contract", COLUMNS, [(1, "carla", 5, True, None)] * 2), "csv")
    assert "\ntotal" not in out.getvalue()


# What belongs to a record


def test_a_customer_is_shown_with_the_newest_contracts_and_events(company: Company, program: Program) -> None:
    customer = company.customer("Éloïse d'Été")
    contracts = [company.signed(customer, str(1000 + number)) for number in range(12)]
    company.event(contracts[0])
    shown = program.run("customer", "detail", str(customer))
    assert shown.out.count(" €") == 20
    assert "1 011.00 €" in shown.out
    assert "1 001.00 €" not in shown.out
    assert f"and 2 more: `contract list --where 'customer_id = {customer}'`" in shown.out
    assert "Soirée" in shown.out
    listed = program.run("-c", f"contract list --where 'customer_id = {customer}' --format csv")
    assert len(listed.out.splitlines()) == 13


def test_a_contract_is_shown_with_its_payments_and_events(company: Company, program: Program) -> None:
    contract = company.signed(total="1000")
    for number in range(1, 13):
        company.must(f"contract add-payment {contract} {number} --reference VIR-{number}")
    company.event(contract)
    shown = program.run("contract", "detail", contract)
    assert "VIR-12 " in shown.out
    assert "VIR-2 " not in shown.out
    assert f"and 2 more: `contract payments {contract[:8]}`" in shown.out
    assert "Soirée" in shown.out


def test_programs_get_the_record_alone(company: Company, program: Program) -> None:
    contract = company.signed()
    company.event(contract)
    card = json.loads(program.run("contract", "detail", contract, "--format", "json").out)
    assert "events" not in card
    assert "and" not in program.run("customer", "detail", "1", "--format", "csv").out.split()


# Sentences


def test_sentences_and_errors_break_at_words() -> None:
    err = StringIO()
    printer = Printer(StringIO(), err, PLAIN._replace(error_width=40))
    printer.say("contract 5611d818 belongs to a customer of Jean-Baptiste L'Hermitte, not yours 王小明 王小明")
    printer.fail(Refused("the end of the event, 2027-01-01 19:00, is not after its start", hint="give a later --end"))
    lines = err.getvalue().splitlines()
    assert all(width(line) <= 40 for line in lines)
    assert lines[0] == "contract 5611d818 belongs to a customer"
    assert lines[-1] == "hint: give a later --end"
    assert " ".join(lines[:3]).endswith("王小明 王小明")


@pytest.mark.parametrize("text", ["", " ", "x" * 90, "a " * 60, "  indented words that go on and on", "王" * 40])
def test_no_character_is_lost_by_folding(text: str) -> None:
    lines = wrapped(text, 20)
    assert "".join("".join(lines).split()) == "".join(text.split())
