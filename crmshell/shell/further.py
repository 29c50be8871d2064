"""Several lines that were accepted at once, as those of a paste are: each is shown and kept as if it had been typed."""

from __future__ import annotations

from collections.abc import Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText, StyleAndTextTuples, fragment_list_width, to_formatted_text
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.shortcuts import print_formatted_text

from completers.lines import logical_lines
from crmshell.shell.highlight import STYLE
from crmshell.shell.status import continuation


class Further:
    """The lines behind the one that is at the prompt."""

    def __init__(self, lexer: Lexer) -> None:
        self._lexer = lexer
        self._rest: Sequence[str] = ()

    def keep(self, lines: Sequence[str]) -> None:
        """Let lines wait until the one at the prompt is accepted."""
        self._rest = lines

    def with_rest(self, text: str) -> list[str]:
        """The lines of a text that was accepted, and those that waited for it; blank ones are left out."""
        rest, self._rest = self._rest, ()
        return [line for line in (*logical_lines(text), *rest) if line.strip()]

    def show(self, line: str, prompts: PromptSession[str]) -> None:
        """Draw one of them behind a prompt, and put it into the history."""
        prompts.history.append_string(line)
        begin, coloured = to_formatted_text(prompts.message), self._lexer.lex_document(Document(line))
        room = fragment_list_width(begin)
        shown: StyleAndTextTuples = [*begin, *coloured(0)]
        for number in range(1, line.count("\n") + 1):
            shown += [("", "\n" + continuation(room, number, 0)), *coloured(number)]
        print_formatted_text(FormattedText(shown), style=STYLE, output=prompts.output, color_depth=prompts.color_depth)
