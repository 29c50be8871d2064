"""The command reference of the README, made from the declarations: `python -m tests.reference --write` or `--check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from crmshell.commands import GRAMMAR
from crmshell.language.declaration import Command
from crmshell.manual import permission_row

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


def main() -> int:
    """Write the reference, or say whether the README has it."""
    text = README.read_text("utf-8")
    if "--write" in sys.argv:
        README.write_text(renewed(text), "utf-8")
        return 0
    if renewed(text) == text:
        return 0
    sys.stderr.write("the command reference is out of date: python -m tests.reference --write\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
