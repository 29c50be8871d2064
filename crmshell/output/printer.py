"""Data goes to stdout, everything else to stderr, and both in the format asked for."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self, TextIO

from crmshell.outcome import Card, ClearScreen, Clip, Farewell, Include, Lock, Page, Recall, Rows, Said, Watch
from crmshell.output import card, faults, jsons, page, separated, table
from crmshell.output.scanning import ScanProgress
from crmshell.text import plural, plural_of, safe, safe_lines, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

    from crmshell.errors import Failure
    from crmshell.outcome import Outcome, Scan, Value
    from crmshell.output.faults import Source
    from crmshell.output.style import Style

_BETWEEN_LOOKS = 1000  # records
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"
_JSON = frozenset({"json", "jsonl"})
_FLAT = frozenset({"csv", "tsv"})


class Printer:
    """Shows what commands answer with; a closed stdout raises BrokenPipeError, and a full disk OSError."""

    def __init__(self, out: TextIO, err: TextIO, style: Style) -> None:
        """Write to these two; `style` may be replaced when the terminal changes its size."""
        self._out = out
        self._err = err
        self.style = style

    def onto(self, out: TextIO, format: str) -> Printer:  # noqa: A002 -- the name of the option
        """A printer whose data goes elsewhere, plain and as wide as it needs; it talks where this one does."""
        return _FilePrinter(out, self._err, self._plain(format))

    def piped_into(self, out: TextIO, talk: TextIO) -> Printer:
        """The same, for a reader who may leave early: the rest is then dropped; and who may draw: talk has to wait."""
        return _PipePrinter(out, talk, self._plain("table")._replace(error_width=None))

    def _plain(self, format: str) -> Style:  # noqa: A002
        return self.style._replace(colour=False, width=None, pager=None, format=format)

    def send(self, sequence: str) -> None:
        """Tell the terminal something that is no text, such as a title; nothing where it would be shown as text."""
        if self.style.width is not None and not self.style.dumb:
            self._out.write(sequence)
            self._out.flush()

    def write(self, text: str) -> None:
        """Write text that was drawn already."""
        self._out.write(text)
        self._out.flush()

    def show(self, outcome: Outcome, format: str | None = None) -> None:  # noqa: A002 -- the name of the option
        """Write an outcome, in the process's own format where the command was given none."""
        chosen = format or self.style.format
        match outcome:
            case Rows():
                self._show_rows(outcome, chosen)
            case Card():
                self._show_card(outcome, chosen)
            case Said():
                self._talk(outcome.message, *outcome.notes)
            case Page():
                self._show_page(outcome, chosen)
            case ClearScreen():
                self._clear()
            case Farewell() | Include() | Watch() | Recall() | Lock() | Clip():
                pass

    def fail(self, failure: Failure, source: Source | None = None, format: str | None = None) -> None:  # noqa: A002
        """Write a failure to stderr; with a json format as one object."""
        is_json = (format or self.style.format) in _JSON
        self._report(faults.as_json(failure, source) if is_json else faults.as_text(failure, source, self.style))

    def say(self, message: str) -> None:
        """Write a sentence to stderr, unless the user wants quiet."""
        if not self.style.quiet:
            self._report("".join(f"{line}\n" for line in wrapped(safe_lines(message), self.style.error_width)))

    def _talk(self, *sentences: str) -> None:
        for sentence in filter(None, sentences):
            self.say(sentence)

    def _show_rows(self, rows: Rows, chosen: str) -> None:
        if chosen != "table":
            self._put_rows(rows, _ROWS[chosen](rows, self.style))
            return
        tally = table.Tally(rows)
        if self._put_rows(rows, table.draw(tally.rows, self.style)):
            self._talk(tally.summary)
        self._talk(*rows.notes)

    def _put_rows(self, rows: Rows, texts: Iterable[str]) -> bool:
        return self._put(texts if rows.scan is None else self._scanned(rows.scan, texts))

    def _scanned(self, scan: Scan, texts: Iterable[str]) -> Iterator[str]:
        """The same texts; before the first of them a terminal is told what is going on, and how far it is."""
        if self.style.error_width is None or self.style.quiet:
            yield from texts
            return
        self.say(f"a scan of all {plural_of(scan.noun)}")
        progress = ScanProgress(self._err, scan.noun, is_drawn=not self.style.dumb)
        scan.tell = progress.tell
        try:
            for text in texts:
                progress.end()
                yield text
        finally:
            progress.end()

    def _show_card(self, record: Card, chosen: str) -> None:
        self._talk(record.message)
        self._put(_CARDS[chosen](record, self.style))
        self._talk(*record.notes)
        if record.related and chosen in _FLAT:
            self.say(f"{chosen} holds the {record.noun} alone; --format json holds what belongs to it too")

    def _show_page(self, pages: Page, chosen: str) -> None:
        if chosen in _JSON:
            plain = self.style._replace(colour=False, width=None)
            self._put([jsons.text("".join(page.draw(pages, plain)))])
            return
        self._put(page.draw(pages, self.style))

    def _clear(self) -> None:
        if self.style.width is not None and not self.style.dumb:
            self._put([_CLEAR])

    def _put(self, texts: Iterable[str]) -> bool:
        """Write to stdout, through the pager what is longer than the screen; False if its reader left early."""
        if self.style.width is None:
            self._out.writelines(texts)
            self._out.flush()
            return True
        is_complete = False
        with _Screen(self._out, self.style) as screen:
            for text in texts:
                screen.write(text)
            is_complete = True
        self._out.flush()
        return is_complete

    def _report(self, text: str) -> None:
        self._out.flush()  # where both streams end in one place, what came first stands first
        self._err.write(text)
        self._err.flush()


class _FilePrinter(Printer):
    """Writes to a file that nobody sees: how much there is in it is said whatever its format."""

    def _show_rows(self, rows: Rows, chosen: str) -> None:
        if chosen == "table":
            super()._show_rows(rows, chosen)
            return
        tally = table.Tally(rows._replace(rows=self._told(rows)))
        self._put_rows(rows, _ROWS[chosen](tally.rows, self.style))
        self._talk(tally.summary)

    def _told(self, rows: Rows) -> Iterator[Sequence[Value]]:
        """The rows; a terminal is told how many there were so far, unless a scan tells that already."""
        is_drawn = self.style.error_width is not None and not (self.style.quiet or self.style.dumb or rows.scan)
        progress = ScanProgress(self._err, rows.noun, is_drawn=is_drawn, done="written")
        try:
            for number, row in enumerate(rows.rows, start=1):
                if number % _BETWEEN_LOOKS == 0:
                    progress.tell(number)
                yield row
        finally:
            progress.end()


class _PipePrinter(Printer):
    """Writes to a program that may have seen enough."""

    def _put(self, texts: Iterable[str]) -> bool:
        try:
            return super()._put(texts)
        except BrokenPipeError:
            return False

    def _report(self, text: str) -> None:
        with suppress(BrokenPipeError):
            self._out.flush()
        self._err.write(text)
        self._err.flush()


class _Screen:
    """Text for stdout: at a terminal held back while it fits the screen, and handed to the pager once it does not."""

    def __init__(self, out: TextIO, style: Style) -> None:
        self._out = out
        self._open_pager = None if style.width is None else style.pager
        self._room = style.height
        self._held: list[str] = []
        self._pager = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if self._open_pager:
            self._release()
        return bool(self._pager.__exit__(kind, error, traceback))

    def write(self, text: str) -> None:
        self._held.append(text)
        self._room -= text.count("\n")
        if self._open_pager and self._room <= 0:
            self._out = self._pager.enter_context(self._open_pager())
            self._open_pager = None
        if not self._open_pager:
            self._release()

    def _release(self) -> None:
        text = "".join(self._held)
        self._held.clear()
        self._out.write(text)


def _draw_card(record: Card, style: Style) -> Iterator[str]:
    """Yield the record, and below it what belongs to it."""
    yield from card.draw(record, style)
    for rows in record.related:
        yield from _draw_related(rows, style)


def _draw_related(rows: Rows, style: Style) -> Iterator[str]:
    lines = table.draw(rows, style)
    first = next(lines, None)
    if first is None:
        yield f"\n{plural(0, safe(rows.noun))}\n"
        return
    yield "\n" + style.bold(safe(plural_of(rows.noun))) + "\n" + first
    yield from lines
    if rows.more:
        yield "".join(f"{line}\n" for line in wrapped(safe(rows.more), style.width))


_ROWS: dict[str, Callable[[Rows, Style], Iterator[str]]] = {
    "table": table.draw,
    "json": jsons.array,
    "jsonl": jsons.lines,
    "csv": separated.csv_rows,
    "tsv": separated.tsv_rows,
}
_CARDS: dict[str, Callable[[Card, Style], Iterator[str]]] = {
    "table": _draw_card,
    "json": jsons.card,
    "jsonl": jsons.card,
    "csv": separated.csv_card,
    "tsv": separated.tsv_card,
}
