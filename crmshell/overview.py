"""The overview of the help: every command in a line."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from crmshell.outcome import Definitions, Heading, Page, Paragraph

SUMMARIES = Path(__file__).with_name("summaries.tsv")
"""Name and summary of every command, as the declarations say: made by `python -m tests.reference --write`."""

_LANGUAGE = (
    "A line is a noun, a verb, words and options: contract add 12 1500 --as gala. Words with blanks stand in quotes. "
    "An employee is named by username, a customer or an event by number, a contract by the first characters of its id; "
    "@gala is the record that --as gala named, @contract the last one touched. Tab offers what fits."
)
_MORE = (
    ("help COMMAND", "explains one, as COMMAND --help does"),
    ("help WORDS", "finds commands by what they do: help payment"),
    ("help language", "quotes, names, operators"),
    ("help values", "how amounts, moments and records are written"),
    ("help keys", "the keys of the prompt"),
    ("help scripts", "the flags and exit codes of batches"),
    ("help permissions", "who may do what"),
)


def read_summaries() -> list[tuple[str, str]]:
    """What each command does, without loading any."""
    lines = SUMMARIES.read_text("utf-8").splitlines()
    return [(name, summary) for name, _, summary in (line.partition("\t") for line in lines)]


def overview(summaries: Iterable[tuple[str, str]]) -> Page:
    """Every command and what it does."""
    nouns: dict[str, list[tuple[str, str]]] = {}
    alone: list[tuple[str, str]] = []
    for name, summary in summaries:
        noun, _, verb = name.partition(" ")
        home = nouns.setdefault(noun, []) if verb else alone
        home.append((name, summary))
    parts: list[Heading | Paragraph | Definitions] = [Paragraph(_LANGUAGE)]
    for noun, commands in nouns.items():
        parts += [Heading(noun), Definitions(commands)]
    parts += [Heading("and"), Definitions(alone), Heading("more"), Definitions(_MORE)]
    return Page(parts)
