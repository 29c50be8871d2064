"""Table, json, jsonl, csv and tsv of every listing hold the same values, once they are read back."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crmshell.__main__ import main
from crmshell.models.integrity import MODELS
from crmshell.moments import format_moment
from crmshell.outcome import Column, Kind, Rows
from crmshell.output import Style, separated
from crmshell.people import format_phone
from crmshell.text import safe, width
from crmshell.values import format_amount

PARIS = ZoneInfo("Europe/Paris")
# Section 7 of the specification.
FIELDS = {
    "employee": "id username fullname role active",
    "customer": "id fullname company email phone commercial created_at updated_at",
    "contract": (
        "id customer_id customer company commercial total_amount total_paid total_due signed signed_at created_at"
    ),
    "payment": "id contract_id amount date method reference recorded_by recorded_at",
    "event": "id name contract_id customer_id customer commercial support start end attendees location note",
}
# What came later stands behind it.
LATER = {
    "customer": " last_contact note deleted_at merged_into erased_at",
    "contract": " cancelled_at",
    "payment": " reverses",
    "event": " cancelled_at",
}
ALL_FIELDS = {noun: fields + LATER.get(noun, "") for noun, fields in FIELDS.items()}
LISTINGS = {
    "employee list": "employee",
    "customer list": "customer",
    "contract list": "contract",
    "contract payments c0ffee01": "payment",
    "event list": "event",
}
KINDS = {noun: [shown.column.kind for shown in model.shown] for noun, model in MODELS.items()}


class Shows:
    """Shows a listing in a format."""

    def __init__(self, database: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._database, self._capsys = database, capsys

    def __call__(self, listing: str, wanted: str) -> str:
        """What stdout gets."""
        flags = ["--demo", "--database", self._database, "--user", "alice", "--format", wanted, "-c", listing]
        assert main(flags) == 0
        return self._capsys.readouterr().out


@pytest.fixture
def shows(
    sample_company: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Shows:
    """The program on the sample company."""
    monkeypatch.chdir(tmp_path)
    return Shows(str(shutil.copy(sample_company, tmp_path / "demo.db")), capsys)


def _of_json(value: Any, kind: Kind) -> str:
    """A value of json as csv writes it."""
    if value is None:
        return ""
    if kind is Kind.FLAG:
        return str(value).lower()
    return f"{value:.2f}" if kind is Kind.AMOUNT else str(value)


def _of_table(machine: str, kind: Kind) -> str:
    """A value of csv as a table writes it."""
    if not machine:
        return ""
    if kind is Kind.AMOUNT:
        return format_amount(round(float(machine) * 100))
    if kind is Kind.MOMENT:
        return format_moment(int(datetime.fromisoformat(machine).timestamp()), PARIS)
    if kind is Kind.FLAG:
        return {"true": "yes", "false": "no"}[machine]
    return format_phone(machine, "FR") if kind is Kind.PHONE else safe(machine)


def _cells(table: str) -> list[list[str]]:
    """The cells of a table, cut where the rule under the heading says."""
    _heading, rule, *lines = table.splitlines()
    lines = lines[: lines.index(rule)] if rule in lines else lines
    spans = [match.span() for match in re.finditer("─+", rule)]
    return [[_cut(line, *span).strip() for span in spans] for line in lines]


def _cut(line: str, begin: int, end: int) -> str:
    """The part of a line between two columns of the terminal."""
    kept, column = "", 0
    for char in line:
        if begin <= column < end or (column == end and not width(char)):
            kept += char
        column += width(char)
    return kept


@pytest.mark.parametrize("listing", LISTINGS)
def test_the_formats_agree_value_for_value(listing: str, shows: Shows) -> None:
    noun = LISTINGS[listing]
    kinds = KINDS[noun]
    header, *rows = list(csv.reader(io.StringIO(shows(listing, "csv"), newline="")))
    assert " ".join(header) == ALL_FIELDS[noun]
    records = json.loads(shows(listing, "json"))
    assert [list(record) for record in records] == [header] * len(rows)
    assert [[_of_json(v, k) for v, k in zip(r.values(), kinds, strict=True)] for r in records] == rows
    assert [json.loads(line) for line in shows(listing, "jsonl").splitlines()] == records
    _tab_header, *tabbed = (line.split("\t") for line in shows(listing, "tsv").splitlines())
    assert [[cell.replace("\\n", "\n") for cell in row] for row in tabbed] == rows
    in_table = [place for place, shown in enumerate(MODELS[noun].shown) if not shown.is_aside or _any(rows, place)]
    tabled = [[row[place] for place in in_table] for row in rows]
    _agrees_with_table(tabled, _cells(shows(listing, "table")), [kinds[place] for place in in_table])


def _any(rows: list[list[str]], place: int) -> bool:
    return any(row[place] for row in rows)


def _agrees_with_table(rows: list[list[str]], cells: list[list[str]], kinds: list[Kind]) -> None:
    assert len(rows) == len(cells)
    for row, shown in zip(rows, cells, strict=True):
        for machine, cell, kind in zip(row, shown, kinds, strict=True):
            if kind is Kind.UUID:
                assert machine.replace("-", "").startswith(cell)
                assert len(cell) >= 8
            else:
                assert cell == _of_table(machine, kind).strip()


@pytest.mark.parametrize(("wanted", "empty"), [("json", "[]\n"), ("jsonl", ""), ("table", "")])
def test_nothing_is_an_empty_listing(wanted: str, empty: str, shows: Shows) -> None:
    listing = "event list --from 2199-01-01"
    assert shows(listing, wanted) == empty
    assert shows(listing, "csv") == ALL_FIELDS["event"].replace(" ", ",") + "\n"


SPECIAL = '=a,"b\\\t'  # no column that has it is written in one go
PLAIN = Style(ZoneInfo("Europe/Paris"), "FR", colour=False, width=None, height=0)


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.EMAIL, Kind.NAME, Kind.STATE, Kind.PHONE])
@pytest.mark.parametrize("odd", ["=1+1", " -2", "a,b", 'a"b', "a\tb", "a\\b", "a\nb", "\x1b[31m", "d'Été", "", "@x"])
def test_a_cell_is_written_the_same_in_any_company(kind: Kind, odd: str) -> None:
    columns = [Column("cell", kind)]
    for write in (separated.csv_rows, separated.tsv_rows):
        alone = "".join(write(Rows("cell", columns, [[odd]]), PLAIN)).removeprefix("cell\n")
        first = "".join(write(Rows("cell", columns, [[SPECIAL]]), PLAIN))
        both = "".join(write(Rows("cell", columns, [[SPECIAL], [odd], [None]]), PLAIN))
        assert both == f"{first}{alone}\n"
