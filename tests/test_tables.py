"""Tables: aligned in every script, as narrow as the terminal, and drawn as the rows come."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest

from crmshell.outcome import (
    Column,
    Kind,
    Rows,
)
from crmshell.output import Printer
from crmshell.output.cells import PAGE_LENGTH
from crmshell.settings import FORMATS
from crmshell.text import width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmshell.outcome import Value
from tests.shown import (
    COLOURED,
    CONTRACT,
    CUSTOMER,
    DUPRE,
    FIRST,
    HOSTILE,
    LINES,
    MOET,
    PIPE,
    SECOND,
    SIGNED_AT,
    TERMINAL,
    Seen,
    contracts,
    customers,
    harmful,
    shorten,
    show,
    without_colour,
)


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
