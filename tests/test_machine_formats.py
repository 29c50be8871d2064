"""json, jsonl, csv and tsv: the values of the table, exact, and harmless wherever they are read."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmshell.outcome import (
    Column,
    Kind,
    Rows,
)
from crmshell.output.cells import PAGE_LENGTH
from crmshell.settings import FORMATS

if TYPE_CHECKING:
    pass
from tests.shown import HOSTILE, LINES, TERMINAL, contracts, customers, harmful, show


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
