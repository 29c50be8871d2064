"""The keys that differ from prompt_toolkit's own."""

from __future__ import annotations

from prompt_toolkit.filters import completion_is_selected
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from crmshell.language.tokens import continues


def bindings() -> KeyBindings:
    """Enter takes a highlighted entry or runs the line, a trailing backslash or Alt-Enter continues it."""
    keys = KeyBindings()

    @keys.add("enter", filter=completion_is_selected)
    def _take(event: KeyPressEvent) -> None:
        event.current_buffer.complete_state = None

    @keys.add("enter", filter=~completion_is_selected)
    def _run(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.document.is_cursor_at_the_end and continues(buffer.document.current_line):
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _continue(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(" \\\n")

    return keys


def answer_bindings() -> KeyBindings:
    """An answer is one line: the last line feed of a paste is dropped, the others become blanks."""
    keys = KeyBindings()

    @keys.add(Keys.BracketedPaste)
    def _paste(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(" ".join(event.data.splitlines()))

    return keys
