"""Cards, pages and talk: the same data in every format, and nothing in them acts on a terminal."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from crmshell.errors import Refused
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
from crmshell.output import Printer, Style, page
from crmshell.output.cells import PAGE_LENGTH
from crmshell.settings import FORMATS, NEVER, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmshell.outcome import Value
from tests.shown import (
    COLOURED,
    CUSTOMER,
    DUPRE,
    HOSTILE,
    KEY,
    MOET,
    PARIS,
    PIPE,
    TERMINAL,
    Seen,
    Terminal,
    contracts,
    customers,
    harmful,
    show,
    signed,
    without_colour,
)

# Cards


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


# Pages

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


# Where output goes


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
