"""The keys that differ from prompt_toolkit's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from prompt_toolkit.application import get_app_session
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import completion_is_selected, emacs_mode, is_searching, vi_navigation_mode
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.input.vt100_parser import Vt100Parser
from prompt_toolkit.key_binding import KeyBindings, KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys

from completers.lines import logical_lines
from crmshell.language.tokens import continues
from crmshell.shell.signals import suspend


def bindings(hold: Callable[[str], None], keep: Callable[[Sequence[str]], None]) -> KeyBindings:
    """Enter takes a highlighted entry or runs the line, a trailing backslash or Alt-Enter continues it.

    A paste of several lines runs at once; its last line, which nobody has ended yet, goes to `hold`. Where there are
    several lines, the first one is accepted and the others go to `keep`.
    """
    keys = KeyBindings()
    keys.add("enter", filter=completion_is_selected)(_take)
    keys.add("enter", filter=~completion_is_selected & ~is_searching)(partial(_run, keep=keep))
    keys.add(Keys.BracketedPaste)(partial(_paste, hold=hold, keep=keep))
    keys.add("c-x", "c-e", filter=emacs_mode)(_edit)
    keys.add("v", filter=vi_navigation_mode)(_edit)
    keys.add("c-z")(_suspend)
    keys.add("escape", "enter")(_continue)
    return keys


def _take(event: KeyPressEvent) -> None:
    event.current_buffer.complete_state = None


def _run(event: KeyPressEvent, keep: Callable[[Sequence[str]], None]) -> None:
    buffer = event.current_buffer
    if buffer.document.is_cursor_at_the_end and continues(buffer.document.current_line):
        buffer.insert_text("\n")
    else:
        _accept(buffer, logical_lines(buffer.text), keep)


def _accept(buffer: Buffer, lines: Sequence[str], keep: Callable[[Sequence[str]], None]) -> None:
    first, *further = [line for line in lines if line.strip()] or [""]
    keep(further)
    if buffer.text != first:
        buffer.document = Document(first)
    buffer.validate_and_handle()


def _paste(event: KeyPressEvent, hold: Callable[[str], None], keep: Callable[[Sequence[str]], None]) -> None:
    pasted = event.data.replace("\r\n", "\n").replace("\r", "\n")
    buffer = event.current_buffer
    if len(logical_lines(pasted.strip("\n"))) == 1:
        buffer.insert_text(pasted.strip("\n"))
        return
    buffer.insert_text(pasted)
    *finished, unfinished = logical_lines(buffer.text)
    hold(unfinished)
    _accept(buffer, finished, keep)


def _edit(event: KeyPressEvent) -> None:
    event.current_buffer.open_in_editor()


def _suspend(_event: KeyPressEvent) -> None:
    suspend()


def _continue(event: KeyPressEvent) -> None:
    event.current_buffer.insert_text(" \\\n")


def answer_bindings() -> KeyBindings:
    """An answer is one line: the last line feed of a paste is dropped, the others become blanks.

    Enter takes a highlighted entry and does not answer yet, as it does not run a line.
    """
    keys = KeyBindings()
    keys.add("enter", filter=completion_is_selected)(_take)

    @keys.add(Keys.BracketedPaste)
    def _paste(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(" ".join(event.data.splitlines()))

    keys.add("c-z")(_suspend)
    return keys


def type_again(typed: str) -> None:
    """Hand keys that were pressed earlier to the next prompt."""
    pressed: list[KeyPress] = []
    Vt100Parser(pressed.append).feed_and_flush(typed)
    store_typeahead(get_app_session().input, pressed)
