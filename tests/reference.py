"""What is made from the declarations: the reference in the README, and crmshell/summaries.tsv.

`python -m tests.reference --write` makes both anew, `--check` says whether they are what they should be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from crmshell.commands import GRAMMAR
from crmshell.language.declaration import Command
from crmshell.manual import permission_row
from crmshell.overview import SUMMARIES

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- reference -->", "<!-- end of reference -->"


def reference() -> str:
    """The whole reference as Markdown."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| command | adm | com | sup | none | what it does |"
    yield "|---|---|---|---|---|---|"
    for command in GRAMMAR.commands.values():
        cells = " | ".join(permission_row(command))
        yield f"| `{_escaped(_written(command))}` | {cells} | {command.summary} |"


def _written(command: Command) -> str:
    return command.usage


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def renewed(readme: str) -> str:
    """The README with the reference of today."""
    before, rest = readme.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n{reference()}\n{END}{after}"


def summaries() -> str:
    """The whole of crmshell/summaries.tsv."""
    return "".join(f"{command.name}\t{command.summary}\n" for command in GRAMMAR.commands.values())


def main() -> int:
    """Write what is made, or say whether it is there as it should be."""
    made = {README: renewed(README.read_text("utf-8")), SUMMARIES: summaries()}
    if "--write" in sys.argv:
        for path, text in made.items():
            path.write_text(text, "utf-8")
        return 0
    old = [path.name for path, text in made.items() if path.read_text("utf-8") != text]
    if old:
        sys.stderr.write(f"{' and '.join(old)} out of date: python -m tests.reference --write\n")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
