"""What a command answers with is the same data in every format, and nothing in it acts on a terminal."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmshell.errors import Failure, Forbidden, NotFound, Refused, SessionEnded
from crmshell.outcome import (
    Card,
    ClearScreen,
    Column,
    Definitions,
    Example,
    Farewell,
    Heading,
    Kind,
    Matrix,
    Page,
    Paragraph,
    Rows,
    Said,
)
from crmshell.output import Printer, Source, Style, page
from crmshell.output.cells import PAGE_LENGTH
from crmshell.settings import FORMATS, NEVER, Settings
from crmshell.text import safe, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmshell.outcome import Outcome, Value

PARIS = ZoneInfo("Europe/Paris")
PIPE = Style(PARIS, "FR", colour=False, width=None, height=0)
TERMINAL = PIPE._replace(width=200, height=24)
COLOURED = TERMINAL._replace(colour=True, error_colour=True)

FIRST = "5611d818c3a04f6b9a3c0d5e8f7a6b01"
SECOND = "5611d81977aa4c108e2f1b3d5c7e9f02"
DUPRE = "Hélène Dupré-Lacroix"
MOET = "Société d'Événementiel du Grand Ouest, Moët & Fils"
SIGNED_AT = 1_772_370_000
KEY = "=Kz7-Qw9"
HOSTILE = "[/] [bold]\x1b[31mrouge\x1b]0;titre\x07 \u202edroite\u2066 \x9b2J\x7f\nfin"

CONTRACT = (
    Column("id", Kind.UUID),
    Column("customer", Kind.TEXT),
    Column("company", Kind.TEXT),
    Column("commercial", Kind.NAME),
    Column("total_due", Kind.AMOUNT),
    Column("signed", Kind.FLAG),
    Column("signed_at", Kind.MOMENT),
)
CUSTOMER = (Column("id", Kind.NUMBER), Column("fullname", Kind.TEXT), Column("email", Kind.EMAIL))
LINES: Sequence[Sequence[Value]] = (
    (FIRST, DUPRE, MOET, "claire.martin", 1_234_000, True, SIGNED_AT),
    (SECOND, "山田 花子", None, "li_wei", 123, False, None),
)


class Seen(NamedTuple):
    """What stands on stdout and on stderr after a command."""

    out: str
    err: str


class Terminal(StringIO):
    """A stream that says it is a terminal, of a size nobody knows."""

    def isatty(self) -> bool:
        return True


def shorten(uuids: Sequence[str]) -> Mapping[str, str]:
    """Give the prefixes that tell the two contracts apart."""
    return {uuid: uuid[:8] for uuid in uuids}


def contracts(lines: Sequence[Sequence[Value]] = LINES) -> Rows:
    return Rows("contract", CONTRACT, iter(lines), shorten)


def customers(*names: str | None) -> Rows:
    return Rows("customer", CUSTOMER, [(number, name, None) for number, name in enumerate(names, 1)])


def signed(**more: object) -> Card:
    card = Card("contract", CONTRACT, LINES[0], frozenset({"signed", "signed_at"}), "contract 5611d818 is signed")
    return card._replace(shorten=shorten, **more)  # type: ignore[arg-type]


def show(outcome: Outcome, format: str = "table", style: Style = PIPE) -> Seen:  # noqa: A002
    out, err = StringIO(), StringIO()
    Printer(out, err, style).show(outcome, format)
    return Seen(out.getvalue(), err.getvalue())


def fail(failure: Failure, source: Source | None = None, style: Style = PIPE) -> str:
    out, err = StringIO(), StringIO()
    Printer(out, err, style).fail(failure, source)
    assert not out.getvalue()
    return err.getvalue()


def without_colour(text: str) -> str:
    return re.sub("\x1b\\[[0-9;]*m", "", text)


def harmful(text: str) -> str:
    """Name what is left in a text that a terminal could act on, line feeds apart."""
    return "".join(char for char in text if char != "\n" and safe(char) != char)


# --- tables


def test_a_table_aligns_names_of_every_script_and_amounts_to_the_right() -> None:
    short = (FIRST, DUPRE, "Moët & Fils", "claire.martin", 1_234_000, True, SIGNED_AT)
    seen = show(contracts([short, LINES[1]]))
    assert seen.out == (
        "id        customer              company      commercial       total due  signed  signed at\n"
        "────────  ────────────────────  ───────────  ─────────────  ───────────  ──────  ────────────────\n"
        "5611d818  Hélène Dupré-Lacroix  Moët & Fils  claire.martin  12 340.00 €  yes     2026-03-01 14:00\n"
        "5611d819  山田 花子                          li_wei              1.23 €  no\n"
        "────────  ────────────────────  ───────────  ─────────────  ───────────  ──────  ────────────────\n"
        "total                                                       12 341.23 €\n"
    )
    assert seen.err == "2 contracts, 12 341.23 € due\n"


@pytest.mark.parametrize(
    "name", ["山田 花子", "👩‍👩‍👧 Zoé", "e\u0301mile", "Łódź", "🇫🇷 Anne", "각", "李 \uff57\uff45\uff49"]
)
def test_what_stands_after_a_name_is_aligned_whatever_its_characters(name: str) -> None:
    columns = (Column("fullname", Kind.TEXT), Column("username", Kind.NAME))
    seen = show(Rows("employee", columns, [(name, "zoe"), ("Jean-Baptiste d'Été", "zoe")]))
    assert [width(line.removesuffix("zoe")) for line in seen.out.splitlines()[2:]] == [21, 21]


def test_the_rows_are_the_same_at_a_terminal_and_in_a_pipe() -> None:
    piped, coloured = show(contracts()), show(contracts(), style=COLOURED)
    assert without_colour(coloured.out) == piped.out
    assert coloured.out.startswith("\x1b[1mid ")
    assert coloured.out.splitlines()[2:4] == piped.out.splitlines()[2:4]


def test_stored_text_never_acts_on_the_terminal() -> None:
    for style in (PIPE, TERMINAL, TERMINAL._replace(width=16)):
        seen = show(customers(HOSTILE), style=style)
        assert not harmful(seen.out)
        assert "[/] [bold]␛[31mr" in " ".join(seen.out.split())


def test_texts_end_in_an_ellipsis_before_anything_else_loses_a_character() -> None:
    lines = show(contracts(), style=TERMINAL._replace(width=100)).out.splitlines()
    assert max(map(width, lines)) <= 100
    assert (
        lines[2]
        == "5611d818  Hélène Dupré-Lac…  Société d'Événem…  claire.martin  12 340.00 €  yes     2026-03-01 14:00"
    )


def test_the_widest_text_is_cut_first_and_e_mail_addresses_are_cut_too() -> None:
    row = (7, "Anne Roy", "comptabilite.fournisseurs@moet-evenements.example.com")
    seen = show(Rows("customer", CUSTOMER, [row]), style=TERMINAL._replace(width=40))
    assert seen.out.splitlines()[2] == " 7  Anne Roy  comptabilite.fournisseurs…"


def test_where_no_line_fits_the_table_is_folded_each_field_below_its_name() -> None:
    seen = show(contracts(), style=TERMINAL._replace(width=72))
    assert seen.out.splitlines() == [
        "id        customer              company",
        "  commercial       total due  signed  signed at",
        "────────────────────────────────────────────────────────────────────────",
        f"5611d818  {DUPRE}  Société d'Événementiel du Grand Ouest, …",
        "  claire.martin  12 340.00 €  yes     2026-03-01 14:00",
        "5611d819  山田 花子",
        "  li_wei              1.23 €  no",
        "────────────────────────────────────────────────────────────────────────",
        "total",
        "                 12 341.23 €",
    ]
    assert seen.err == "2 contracts, 12 341.23 € due\n"


def test_a_table_is_folded_before_too_little_is_left_of_its_texts() -> None:
    columns = (*CONTRACT[:3], Column("phone", Kind.PHONE), Column("created_at", Kind.MOMENT))
    rows = [(FIRST, DUPRE, MOET, "+33612345678", SIGNED_AT)]
    at = {w: show(Rows("contract", columns, rows, shorten), style=TERMINAL._replace(width=w)).out for w in (74, 70)}
    assert at[74].splitlines()[2] == "5611d818  Hélène Dupré-…  Société d'Évé…  06 12 34 56 78  2026-03-01 14:00"
    assert at[70].splitlines()[:2] == ["id        customer              company", "  phone           created at"]


def test_a_folded_table_is_aligned_on_every_line() -> None:
    lines = [(FIRST, name, firm, "c.m", 100, False, None) for name, firm in ((DUPRE, "A"), ("Zoé", MOET))]
    seen = show(contracts(lines), style=TERMINAL._replace(width=60)).out.splitlines()
    assert seen[0] == "id        customer              company"
    assert [line[32:33] for line in (seen[3], seen[5])] == ["A", "S"]


def test_a_text_is_cut_to_what_is_legible_before_a_row_takes_a_third_line() -> None:
    kinds = ("id", Kind.UUID), ("customer", Kind.TEXT), ("company", Kind.TEXT), ("commercial", Kind.NAME)
    amounts = (("total_amount", Kind.AMOUNT), ("total_paid", Kind.AMOUNT), ("total_due", Kind.AMOUNT))
    moments = ("signed_at", Kind.MOMENT), ("created_at", Kind.MOMENT)
    columns = tuple(Column(*each) for each in (*kinds, *amounts, *moments))
    row = (FIRST, DUPRE, MOET, "claire.martin", 12_345_678, 1_234_567, 11_111_111, SIGNED_AT, SIGNED_AT)
    seen = show(Rows("contract", columns, [row] * 3, shorten), style=TERMINAL._replace(width=72))
    assert seen.out.splitlines()[3:5] == [
        "5611d818  Hélène Dupré-L…  Société d'Événe…  claire.martin  123 456.78 €",
        "  12 345.67 €  111 111.11 €  2026-03-01 14:00  2026-03-01 14:00",
    ]


def test_where_no_fold_fits_each_row_is_a_card_of_a_few_lines_that_line_up() -> None:
    seen = show(contracts(), style=TERMINAL._replace(width=56))
    assert seen.out.splitlines() == [
        f"id 5611d818  customer {DUPRE}",
        f"  company {MOET.removesuffix(' & Fils')}",
        "    & Fils",
        "  commercial claire.martin  total due 12 340.00 €",
        "  signed yes     signed at 2026-03-01 14:00",
        "id 5611d819  customer 山田 花子",
        "  company –",
        "  commercial li_wei         total due 1.23 €",
        "  signed no      signed at –",
        "total",
        "  total due 12 341.23 €",
    ]


def test_no_value_of_a_card_is_cut_on_the_narrowest_terminal() -> None:
    text = " ".join(show(contracts(), style=TERMINAL._replace(width=40)).out.split())
    for value in ("5611d818", DUPRE, MOET, "claire.martin", "12 340.00 €", "2026-03-01 14:00"):
        assert value in text


def test_a_text_is_never_cut_to_less_than_eight_columns() -> None:
    rows = Rows("customer", (Column("note", Kind.TEXT),), [(DUPRE,)])
    assert show(rows, style=TERMINAL._replace(width=8)).out.splitlines()[2] == "Hélène …"
    rows = Rows("customer", (Column("note", Kind.TEXT),), [(DUPRE,)])
    assert show(rows, style=TERMINAL._replace(width=7)).out == "note\n  Hélène\n  Dupré-Lacroix\n"


def test_a_very_long_note_is_cut_to_what_is_left() -> None:
    seen = show(customers("x" * 64_000, "Zoé"), style=TERMINAL._replace(width=60))
    assert [width(line) for line in seen.out.splitlines()[1:3]] == [60, 53]


def later(*last: Value) -> Rows:
    """List customers with a first page of short values, and then this one."""
    return Rows("customer", CUSTOMER, [*[(1, "Anne Roy", "a@b.fr")] * PAGE_LENGTH, last])


def test_a_wider_value_on_a_later_page_pushes_its_line() -> None:
    email = "comptabilite@moet.example.com"
    for style in (PIPE, TERMINAL._replace(width=60)):
        last = show(later(12_345, DUPRE, email), style=style).out.splitlines()[-1]
        assert last == f"12345  {DUPRE}  {email}"


def test_a_later_text_is_cut_where_the_terminal_forces_it_and_an_id_is_not() -> None:
    last = show(later(12_345, DUPRE, MOET), style=TERMINAL._replace(width=30)).out.splitlines()[-1]
    assert last == "12345  Hélène …  Socié…"


def test_a_table_shows_its_first_page_before_the_last_row_is_there() -> None:
    out = StringIO()
    shown_when_asked: list[str] = []

    def rows() -> Iterator[Sequence[Value]]:
        for number in range(PAGE_LENGTH * 2 + 1):
            shown_when_asked.append(out.getvalue())
            yield number, DUPRE, None

    for format_ in FORMATS:
        Printer(out, StringIO(), PIPE).show(Rows("customer", CUSTOMER, rows()), format_)
        assert DUPRE in shown_when_asked[-1]
        out.seek(0)
        out.truncate()


def test_uuids_are_shown_whole_where_nobody_knows_which_prefix_is_unique() -> None:
    seen = show(contracts()._replace(shorten=None))
    assert seen.out.splitlines()[3].startswith("5611d819-77aa-4c10-8e2f-1b3d5c7e9f02  山田 花子")


def test_prefixes_are_asked_for_once_a_page() -> None:
    asked: list[int] = []

    def count(uuids: Sequence[str]) -> Mapping[str, str]:
        asked.append(len(uuids))
        return {FIRST: "5611d8180"}

    columns = (Column("contract_id", Kind.UUID), Column("other_id", Kind.UUID))
    rows = Rows("event", columns, [(FIRST, SECOND)] * (PAGE_LENGTH + 1), count)
    assert show(rows).out.splitlines()[-1] == "5611d8180    5611d819-77aa-4c10-8e2f-1b3d5c7e9f02"
    assert asked == [2, 2]


def test_an_empty_listing_is_told_on_stderr() -> None:
    assert show(contracts([])) == Seen("", "no contracts\n")
    assert show(contracts([]), style=PIPE._replace(quiet=True)) == Seen("", "")


def test_quiet_leaves_the_rows_alone() -> None:
    seen = show(contracts(), style=PIPE._replace(quiet=True))
    assert seen == Seen(show(contracts()).out, "")


def test_only_a_table_counts_its_rows_aloud() -> None:
    assert [show(contracts(), format_).err for format_ in FORMATS[1:]] == [""] * 4


def test_phone_numbers_and_markup_in_states_and_names() -> None:
    columns = (Column("phone", Kind.PHONE), Column("role", Kind.STATE), Column("birthday", Kind.DAY))
    seen = show(Rows("employee", columns, [("+33140205050", "[red]", "1987-02-28"), ("+442079460018", None, None)]))
    assert seen.out.splitlines()[2:] == ["01 40 20 50 50    [red]  1987-02-28", "+44 20 7946 0018"]
    assert seen.err == "2 employees\n"


# --- one listing, every format


def test_every_format_gives_the_same_values() -> None:
    lines = [LINES[0], LINES[0]]
    objects = json.loads(show(contracts(lines), "json").out, parse_float=Decimal)
    from_lines = [json.loads(line, parse_float=Decimal) for line in show(contracts(lines), "jsonl").out.splitlines()]
    from_csv = list(csv.DictReader(StringIO(show(contracts(lines), "csv").out, newline="")))
    from_tsv = list(csv.DictReader(StringIO(show(contracts(lines), "tsv").out), delimiter="\t"))
    shown = [re.split(" {2,}", line) for line in show(contracts(lines)).out.splitlines()[2:4]]
    assert objects == from_lines
    assert from_csv == from_tsv == [{name: _as_csv(value) for name, value in line.items()} for line in objects]
    assert shown == [[_as_shown(value) for value in line.values()] for line in objects]


def _as_csv(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_shown(value: object) -> str:
    forms = {
        "5611d818-c3a0-4f6b-9a3c-0d5e8f7a6b01": "5611d818",
        Decimal("12340.00"): "12 340.00 €",
        True: "yes",
        "2026-03-01T14:00:00+01:00": "2026-03-01 14:00",
    }
    return forms.get(value, str(value))


def test_json_is_one_array_with_a_record_a_line() -> None:
    assert show(contracts(), "json").out == (
        "[\n"
        '{"id": "5611d818-c3a0-4f6b-9a3c-0d5e8f7a6b01", "customer": "Hélène Dupré-Lacroix", '
        '"company": "Société d\'Événementiel du Grand Ouest, Moët & Fils", "commercial": "claire.martin", '
        '"total_due": 12340.00, "signed": true, "signed_at": "2026-03-01T14:00:00+01:00"},\n'
        '{"id": "5611d819-77aa-4c10-8e2f-1b3d5c7e9f02", "customer": "山田 花子", "company": null, '
        '"commercial": "li_wei", "total_due": 1.23, "signed": false, "signed_at": null}\n'
        "]\n"
    )


def test_nothing_found_in_each_format() -> None:
    header = "id,customer,company,commercial,total_due,signed,signed_at\n"
    outs = [show(contracts([]), format_).out for format_ in FORMATS]
    assert outs == ["", "[]\n", "", header, header.replace(",", "\t")]


def test_json_over_several_pages_and_with_signs_of_formatting_in_a_column_name() -> None:
    rows = Rows("count", (Column("100%s {}", Kind.NUMBER),), [(number,) for number in range(PAGE_LENGTH * 2 + 1)])
    assert [line["100%s {}"] for line in json.loads(show(rows, "json").out)] == list(range(PAGE_LENGTH * 2 + 1))


def test_json_escapes_all_that_the_screen_is_not_trusted_with() -> None:
    every_character = " ".join(map(chr, range(0x10000)))
    seen = show(customers(every_character), "json")
    assert not harmful(seen.out)
    assert json.loads(seen.out)[0]["fullname"] == every_character


ANY_TEXT = st.text(st.characters(), max_size=20)


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT)
@example(HOSTILE)
@example("\r")
@example("\x7f")
@example('"O\'Brien", dit "l\'Été"')
def test_json_and_csv_read_back_what_was_stored(text: str) -> None:
    written = show(customers(text), "json").out
    assert not harmful(written)
    assert _paired(json.loads(written)[0]["fullname"]) == _paired(text)
    seen = show(Rows("state", (Column("x", Kind.STATE), Column("y", Kind.STATE)), [(text, "fin")]), "csv")
    assert list(csv.reader(StringIO(seen.out, newline="")))[1] == [_in_utf8(text), "fin"]


def _paired(text: str) -> str:
    """Join two surrogates that make one character, as every reader of json does."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _in_utf8(text: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


@pytest.mark.parametrize(
    "text", ["=1+1", "+33", "-2", "@SUM(A1)", "  =1", "\t=1", "\rx", " \tx", "\uff1d1", "\u00a0=1"]
)
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    for format_, delimiter in (("csv", ","), ("tsv", "\t")):
        line = show(customers(text), format_).out.split("\n", 1)[1]
        assert line.split(delimiter)[1].lstrip('"').startswith("'")


def test_amounts_phones_and_dates_are_no_formulas() -> None:
    columns = (Column("phone", Kind.PHONE), Column("balance", Kind.AMOUNT), Column("change", Kind.NUMBER))
    assert show(Rows("customer", columns, [("+33140205050", -1050, -3)]), "csv").out.splitlines()[1] == (
        "+33140205050,-10.50,-3"
    )
    assert show(customers("O'Brien - 5 = 3"), "csv").out.splitlines()[1] == "1,O'Brien - 5 = 3,"


def test_tsv_keeps_a_record_on_one_line() -> None:
    seen = show(customers("C:\\crm\tAnne\nRoy\r"), "tsv")
    assert seen.out == "id\tfullname\temail\n1\tC:\\\\crm\\tAnne\\nRoy\\r\t\n"


def test_csv_is_harmless_at_a_terminal_and_exact_in_a_pipe() -> None:
    assert not harmful(show(customers(HOSTILE), "csv", TERMINAL).out)
    assert HOSTILE in show(customers(HOSTILE), "csv").out


# --- cards


def test_a_card_marks_what_a_write_changed() -> None:
    seen = show(signed(notes=["2026-10-25 02:30 happens twice and was taken as the first"]))
    assert seen.out.splitlines() == [
        "  id          5611d818",
        f"  customer    {DUPRE}",
        f"  company     {MOET}",
        "  commercial  claire.martin",
        "  total due   12 340.00 €",
        "* signed      yes",
        "* signed at   2026-03-01 14:00",
    ]
    assert seen.err.splitlines() == [
        "contract 5611d818 is signed",
        "2026-10-25 02:30 happens twice and was taken as the first",
    ]


def test_a_detail_has_no_marks_and_keeps_the_lines_of_its_notes() -> None:
    columns = (Column("id", Kind.NUMBER), Column("note", Kind.TEXT), Column("location", Kind.TEXT))
    seen = show(Card("event", columns, (3, "Entrée B\n\n  quai \x1b[2J\nfin", None)))
    assert seen.out == "id        3\nnote      Entrée B\n\n            quai ␛[2J\n          fin\nlocation\n"


def test_a_terminal_folds_the_long_texts_of_a_card_and_loses_none() -> None:
    seen = show(signed(), style=COLOURED._replace(width=40))
    lines = without_colour(seen.out).splitlines()
    assert lines[0] == "contract"
    assert lines[3:5] == ["  company     Société d'Événementiel du", "              Grand Ouest, Moët & Fils"]
    assert "\x1b[1myes\x1b[0m" in seen.out


def test_a_card_at_a_terminal_interprets_no_markup_and_no_escape() -> None:
    columns = (Column("[bold]id", Kind.NUMBER), Column("fullname", Kind.TEXT))
    seen = show(Card("customer", columns, (1, HOSTILE + " :smile: [link=x]")), style=TERMINAL)
    assert not harmful(seen.out)
    assert "[/] [bold]␛[31mrouge␛]0;titre␇" in seen.out
    assert ":smile: [link=x]" in seen.out


def test_a_new_password_is_shown_with_the_card_in_every_format() -> None:
    card = signed(secrets={"password": KEY})
    for style in (PIPE, TERMINAL):
        assert f"  password    {KEY}" in show(card, style=style).out
    assert json.loads(show(card, "json").out)["password"] == KEY
    assert next(csv.DictReader(StringIO(show(card, "csv").out)))["password"] == KEY


def test_what_belongs_to_a_record_stands_below_it() -> None:
    payment = (Column("id", Kind.NUMBER), Column("amount", Kind.AMOUNT))
    card = signed()._replace(
        related=[Rows("payment", payment, [(1, 50_000), (2, 7)]), Rows("event", payment, [])],
        columns=payment,
        values=(1, 2),
    )
    below = ["", "payments", "id    amount", "──  ────────", " 1  500.00 €", " 2    0.07 €", "", "no events"]
    assert show(card).out.splitlines()[2:] == below
    record = json.loads(show(card, "jsonl").out)
    assert record == {
        "id": 1,
        "amount": 0.02,
        "payments": [{"id": 1, "amount": 500.0}, {"id": 2, "amount": 0.07}],
        "events": [],
    }
    assert show(card, "csv").out == "id,amount\n1,0.02\n"


def test_a_message_alone_goes_to_stderr_in_every_format() -> None:
    said = Said("already signed on 2026-03-01", ["nothing was written"])
    for format_ in FORMATS:
        assert show(said, format_) == Seen("", "already signed on 2026-03-01\nnothing was written\n")
    assert show(said, style=PIPE._replace(quiet=True)) == Seen("", "")
    assert show(Said("Anne\x1b[2J")).err == "Anne␛[2J\n"


def test_farewell_and_clear_screen() -> None:
    assert show(Farewell()) == show(ClearScreen()) == show(ClearScreen(), style=TERMINAL._replace(dumb=True))
    assert show(ClearScreen(), style=TERMINAL).out.startswith("\x1b[H\x1b[2J")


# --- pages

HELP = Page(
    [
        Heading("contract sign"),
        Paragraph("Record that the customer has signed, which opens the contract to payments and to events."),
        Definitions([("--contract-uuid UUID", "the contract to sign"), ("--a-term-that-is-far-too-long X", "meaning")]),
        Example("contract sign 5611d818"),
        Example("contract sign @contract"),
        Matrix(("command", "administrator", "commercial"), [("contract sign", "yes", "own")]),
    ]
)


def test_a_page_is_wrapped_and_aligned() -> None:
    assert show(HELP, style=TERMINAL._replace(width=60)).out == (
        "contract sign\n"
        "Record that the customer has signed, which opens the\n"
        "contract to payments and to events.\n\n"
        "  --contract-uuid UUID  the contract to sign\n"
        "  --a-term-that-is-far-too-long X\n"
        "                        meaning\n\n"
        "  contract sign 5611d818\n"
        "  contract sign @contract\n\n"
        "command        administrator  commercial\n"
        "contract sign  yes            own\n"
    )


def test_a_page_is_bold_in_its_headings_only() -> None:
    seen = show(HELP, style=COLOURED)
    assert re.findall("\x1b\\[1m(.*?)\x1b\\[0m", seen.out) == [
        "contract sign",
        "command        administrator  commercial",
    ]
    assert json.loads(show(HELP, "json", COLOURED).out)["text"] == show(HELP).out


# --- errors


def test_an_error_at_the_prompt_underlines_the_words_at_fault() -> None:
    failure = NotFound("no contract begins with 5611d9", hint="contract list").at((14, 20))
    assert fail(failure, Source("contract sign 5611d9")).splitlines() == [
        "no contract begins with 5611d9",
        "  contract sign 5611d9",
        "                ^~~~~~",
        "hint: contract list",
    ]


def test_an_error_in_a_script_begins_with_its_place() -> None:
    failure = Refused("-5 is not an amount").at((36, 38))
    line = "contract add-payment 5611 --payment -5"
    assert fail(failure, Source(line, "avril.crm", 12, column=2)).startswith("avril.crm:12:39: -5 is not an amount\n")
    assert fail(Forbidden("not yours"), Source(line, "avril.crm", 12)) == "avril.crm:12: not yours\n"
    assert fail(Forbidden("not yours"), Source(line, number=12)) == "12: not yours\n"
    assert fail(Forbidden("not yours"), Source("", "avril.crm")) == "avril.crm: not yours\n"
    assert fail(Forbidden("not yours")) == "not yours\n"


def test_the_caret_stands_under_wide_and_invisible_characters() -> None:
    line = "customer add 山田\x1b \x9b 花子"
    lines = fail(Refused("no").at((line.index("花"), len(line))), Source(line)).splitlines()
    assert lines[1:] == ["  customer add 山田␛ \\x9b 花子", "                          ^~~~"]


def test_the_caret_stands_after_the_line_where_a_word_is_missing() -> None:
    lines = fail(Refused("no").at((13, 13)), Source("contract sign")).splitlines()
    assert lines[1:] == ["  contract sign", "               ^"]


def test_a_continued_line_shows_the_part_at_fault_and_counts_from_it() -> None:
    source = Source("contract add \\\n  --customer-id x \\\n  --total-amount 5", "avril.crm", 7, column=4)
    lines = fail(Refused("x is no customer").at((31, 32)), source).splitlines()
    assert lines == ["avril.crm:8:17: x is no customer", "    --customer-id x \\", "                  ^"]


@pytest.mark.parametrize("start", [0, 20, 200, 395])
def test_a_long_line_is_clipped_around_the_words_at_fault(start: int) -> None:
    line = "花子 et Zoé " * 40
    style = TERMINAL._replace(error_width=50)
    _, text, caret = fail(Refused("no").at((start, start + 5)), Source(line), style).splitlines()
    assert max(width(text), width(caret)) <= 50
    before, under = caret.index("^"), caret.count("~") + 1
    assert _columns(text, before, under) == line[start : start + 5].rstrip()
    assert "…" in text


def _columns(text: str, before: int, columns: int) -> str:
    """Read what stands above the caret."""
    starts = [width(text[:place]) for place in range(len(text) + 1)]
    end = next((place for place, start in enumerate(starts) if start >= before + columns), len(text))
    return text[starts.index(before) : end].rstrip()


def test_a_caret_after_a_long_line_is_still_on_the_screen() -> None:
    line = "contract list " * 40
    failure = Refused("no").at((len(line), len(line)))
    _, text, caret = fail(failure, Source(line), TERMINAL._replace(error_width=50)).splitlines()
    assert (width(text), width(caret)) == (48, 50)


def test_words_at_fault_that_are_wider_than_the_screen_are_cut() -> None:
    lines = fail(Refused("no").at((4, 400)), Source("a b " + "x" * 400), TERMINAL._replace(error_width=30)).splitlines()
    assert lines[1:] == ["  " + "x" * 27 + "…", "  ^" + "~" * 27]


def test_an_error_in_json_is_one_object_on_stderr() -> None:
    source = Source("contract sign 5611\x1b", "avril.crm", 12)
    failure = NotFound("no contract begins with 5611\x1b", hint="contract list").at((14, 19))
    shown = fail(failure, source, COLOURED._replace(format="json"))
    assert not harmful(shown)
    assert json.loads(shown) == {
        "error": {
            "class": "NotFound",
            "message": "no contract begins with 5611\x1b",
            "hint": "contract list",
            "code": 5,
            "file": "avril.crm",
            "line": 12,
            "column": 15,
        }
    }
    unknown = json.loads(fail(SessionEnded("log in"), None, PIPE._replace(format="jsonl")))["error"]
    assert unknown == dict.fromkeys(("hint", "file", "line", "column")) | {
        "class": "NotLoggedIn",
        "message": "log in",
        "code": 3,
    }


def test_an_error_is_one_harmless_line_and_quiet_does_not_hide_it() -> None:
    shown = fail(Refused(HOSTILE, hint=HOSTILE), style=PIPE._replace(quiet=True))
    assert not harmful(shown)
    assert shown.count("\n") == 2


def test_an_error_is_red_only_where_stderr_shows_colour() -> None:
    assert fail(Refused("no"), style=COLOURED) == "\x1b[31mno\x1b[0m\n"
    assert fail(Refused("no"), style=COLOURED._replace(error_colour=False)) == "no\n"


# --- where output goes


def detect(environ: Mapping[str, str], *, colour: bool | None = None) -> Style:
    return Style.detect(Terminal(), Terminal(), environ, PARIS, "FR", colour=colour)


def test_a_terminal_has_colour_unless_the_user_or_the_terminal_has_none() -> None:
    assert detect({"TERM": "xterm", "NO_COLOR": ""}).colour
    for style in (detect({"NO_COLOR": "1"}), detect({"TERM": "dumb"}), detect({}, colour=False)):
        assert (style.colour, style.error_colour) == (False, False)
        assert "\x1b" not in show(signed(), style=style).out + show(contracts(), style=style).out
    assert detect({"TERM": "dumb"}).dumb


def test_a_process_has_the_colour_of_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for wanted, may_colour in ((Settings(), True), (Settings(), False), (Settings(colour=NEVER), True)):
        style = Style.of_process(wanted, may_colour=may_colour, quiet=False)
        assert style.colour == style.error_colour == (may_colour and wanted.colour != NEVER)


def test_columns_overrules_the_terminal_and_not_a_pipe() -> None:
    assert detect({"COLUMNS": "44", "LINES": "9"}).width == 44
    assert detect({"LINES": "9"}).height == 9
    assert (detect({"COLUMNS": "wide"}).width, detect({"COLUMNS": "0"}).height) == (80, 24)
    piped = Style.detect(StringIO(), Terminal(), {"COLUMNS": "44"}, PARIS, "FR")
    assert (piped.width, piped.colour, piped.error_width, piped.error_colour) == (None, False, 44, True)


class Reader:
    """A pager that keeps what it is given, up to the line where its reader leaves."""

    def __init__(self, patience: int = sys.maxsize) -> None:
        self.read = ""
        self.has_ended = False
        self._patience = patience

    def write(self, text: str) -> int:
        if self.read.count("\n") > self._patience:
            raise BrokenPipeError
        self.read += text
        return len(text)

    @contextmanager
    def open(self) -> Iterator[StringIO]:
        stream = StringIO()
        stream.write = self.write  # type: ignore[method-assign]
        try:
            yield stream
        except BrokenPipeError:
            pass
        finally:
            self.has_ended = True


def test_a_result_longer_than_the_screen_goes_through_the_pager() -> None:
    reader = Reader()
    long = [f"client {number}" for number in range(500)]
    seen = show(customers(*long), style=TERMINAL._replace(pager=reader.open))
    assert seen == Seen("", "500 customers\n")
    assert reader.read == show(customers(*long)).out
    assert reader.has_ended


def test_a_short_result_needs_no_pager_and_a_pipe_has_none() -> None:
    reader = Reader()
    assert show(contracts(), style=TERMINAL._replace(pager=reader.open)).out == show(contracts()).out
    show(customers(*map(str, range(99))), style=PIPE._replace(pager=reader.open))
    assert not reader.has_ended


def test_a_reader_who_leaves_early_stops_the_listing_quietly() -> None:
    reader = Reader(patience=150)
    seen = show(customers(*map(str, range(5000))), style=TERMINAL._replace(pager=reader.open))
    assert seen == Seen("", "")
    assert reader.read.count("\n") < 500


def test_a_closed_pipe_is_the_callers_to_answer() -> None:
    class Closed(StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    for format_ in FORMATS:
        with pytest.raises(BrokenPipeError):
            Printer(Closed(), StringIO(), PIPE).show(contracts(), format_)


def test_rows_read_before_a_failure_are_shown() -> None:
    def rows() -> Iterator[Sequence[Value]]:
        yield from [(1, DUPRE, None)] * PAGE_LENGTH
        raise Refused("the database is gone")

    out = StringIO()
    with pytest.raises(Refused):
        Printer(out, StringIO(), TERMINAL._replace(height=999, pager=Reader().open)).show(
            Rows("customer", CUSTOMER, rows())
        )
    assert out.getvalue().count(DUPRE) == PAGE_LENGTH


def test_a_batch_never_loads_rich_or_prompt_toolkit() -> None:
    program = """if True:
        import sys, zoneinfo
        from crmshell import errors, outcome, output, settings
        style = output.Style(zoneinfo.ZoneInfo("Europe/Paris"), "FR", False, None, 0)
        printer = output.Printer(sys.stdout, sys.stderr, style)
        for format in settings.FORMATS:
            printer.show(outcome.Card("customer", [outcome.Column("id", outcome.Kind.NUMBER)], [1]), format)
            printer.fail(errors.Refused("no"), None, format)
        assert not {"rich", "prompt_toolkit"} & set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_usage_is_folded_between_its_options(columns: int) -> None:
    usage = "event update EVENT [--name TEXT] [--start MOMENT] [--attendees NUMBER] [--append-note TEXT] [--force]"
    style = Style(ZoneInfo("Europe/Paris"), "FR", colour=False, width=columns, height=0)
    lines = "".join(page.draw(Page([Heading(usage)]), style)).splitlines()
    assert " ".join(line.strip() for line in lines) == usage
    assert all(len(line) <= columns and line.count("[") == line.count("]") for line in lines)
    assert all(line.startswith("    [") for line in lines[1:])
