"""Run the program in this process, as a batch: flags in, exit code and both streams out."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from crmshell.__main__ import main
from crmshell.database import current
from tests.company import PASSWORD, Company


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str


class Program:
    """The program on the database of a company; `user` logs in."""

    def __init__(
        self, company: Company, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.company, self.folder = company, folder
        self._monkeypatch, self._capsys = monkeypatch, capsys
        monkeypatch.setenv("CRM_PASSWORD", PASSWORD)
        monkeypatch.chdir(folder)

    def run(self, *flags: str, stdin: str | bytes = "", user: str = "carla") -> Ended:
        """Run with these flags, stdin being a pipe."""
        piped = io.TextIOWrapper(io.BytesIO(stdin if isinstance(stdin, bytes) else stdin.encode()))
        self._monkeypatch.setattr(sys, "stdin", piped)
        self._capsys.readouterr()
        code = main(["--database", self.company.url, "--user", user, *flags])
        captured = self._capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    def script(self, text: str, *flags: str, user: str = "carla", name: str = "script.crm") -> Ended:
        """Run a script from a file."""
        (self.folder / name).write_text(text, "utf-8")
        return self.run("-f", name, *flags, user=user)

    def customers(self) -> list[str]:
        """The names of all customers, in the order they were entered."""
        return [row[0] for row in current().execute_sql("SELECT fullname FROM customer ORDER BY id")]

    def count(self, table: str, where: str = "1 = 1") -> int:
        """How many rows a table has."""
        return int(current().execute_sql(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])
