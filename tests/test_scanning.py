"""A scan says that it is one, how far it is, and stops at Ctrl-C without harm."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from io import StringIO
from zoneinfo import ZoneInfo

import pytest

from crmshell.dispatch import run_line
from crmshell.errors import Interrupted
from crmshell.outcome import Column, Kind, Rows
from crmshell.output import Printer, Style, scanning
from tests.company import Company
from tests.listed import fill_evenly
from tests.records import tables

SCAN = "customer list --where 'fullname ~ nobody'"


class Terminal:
    """A printer, and what it wrote for people; `width` is that of a terminal on stderr, None where there is none."""

    def __init__(self, width: int | None = 80, *, quiet: bool = False) -> None:
        self.out, self.err = StringIO(), StringIO()
        style = Style(ZoneInfo("Europe/Paris"), "FR", colour=False, width=None, height=0)
        self.printer = Printer(self.out, self.err, style._replace(error_width=width, quiet=quiet))

    def run(self, company: Company, line: str) -> str:
        """What a line says on stderr."""
        run_line(line, company.session("alice"), self.printer.show)
        return self.err.getvalue()


@pytest.fixture
def large(company: Company) -> Company:
    """A company whose scans are long enough to tell something."""
    fill_evenly(company, 2500)
    return company


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock by which each look takes two seconds."""
    seconds = iter(range(0, 10_000, 2))
    with monkeypatch.context() as patched:
        patched.setattr(scanning, "time", type("Clock", (), {"monotonic": staticmethod(lambda: next(seconds))}))
        yield


@pytest.mark.usefixtures("impatient")
def test_a_scan_tells_a_terminal_how_far_it_is(large: Company) -> None:
    said = Terminal().run(large, SCAN)
    begun, *shown = said.split("\r\x1b[2K")
    assert begun == "a scan of all customers\n"
    assert shown == [f"{number} 000 customers looked at; Ctrl-C stops" for number in (1, 2)] + ["no customers\n"]


@pytest.mark.usefixtures("impatient")
def test_nobody_else_is_told(large: Company) -> None:
    assert Terminal(width=None).run(large, SCAN) == "no customers\n"
    assert Terminal(quiet=True).run(large, SCAN) == ""


@pytest.mark.usefixtures("impatient")
def test_the_line_goes_before_the_first_row(large: Company) -> None:
    said = Terminal().run(large, "customer list --where 'fullname ~ ana' --sort fullname --limit 3")
    assert said.endswith("2 000 customers looked at; Ctrl-C stops\r\x1b[2K3 customers\n")


def test_a_short_scan_shows_no_line(large: Company) -> None:
    assert Terminal().run(large, SCAN) == "a scan of all customers\nno customers\n"


@pytest.mark.parametrize(
    "line", [SCAN, "customer list --sort fullname", "customer list --where 'fullname ~ ana' --total"]
)
def test_ctrl_c_stops_a_scan_without_harm(large: Company, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    before, terminal = tables(), Terminal()
    monkeypatch.setattr(scanning.ScanProgress, "tell", lambda *_: signal.raise_signal(signal.SIGINT))
    with pytest.raises(Interrupted) as stopped:
        terminal.run(large, line)
    assert (stopped.value.message, stopped.value.hint) == ("interrupted", "this command changed nothing")
    assert terminal.out.getvalue() == ""
    monkeypatch.undo()
    assert tables() == before
    assert len(large.must("customer list --limit 3").rows) == 3


@pytest.mark.parametrize(("error_width", "is_told"), [(80, True), (None, False)])
def test_a_long_file_says_how_far_it_is_at_a_terminal(
    monkeypatch: pytest.MonkeyPatch, error_width: int | None, *, is_told: bool
) -> None:
    monkeypatch.setattr(scanning, "_PATIENCE", 0)
    monkeypatch.setattr(scanning, "_BETWEEN", 0)
    paper, err = StringIO(), StringIO()
    style = Style(ZoneInfo("Europe/Paris"), "FR", colour=False, width=None, height=0, error_width=error_width)
    rows = Rows("employee", [Column("id", Kind.NUMBER)], ([number] for number in range(2500)))
    Printer(StringIO(), err, style).onto(paper, "csv").show(rows)
    assert paper.getvalue().count("\n") == 2501
    assert ("2 000 employees written; Ctrl-C stops" in err.getvalue()) == is_told
    assert err.getvalue().endswith("2500 employees\n")
