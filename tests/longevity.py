"""A day at the prompt in minutes, and what it leaves behind: `python -m tests.longevity COMMANDS`.

A process of its own types commands into the real shell, five keys each, three of which open a menu that is waited for,
and prints the memory it takes and its processor time, every hundred commands. With 50 000 commands it takes a while.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

from prompt_toolkit.application import create_app_session, get_app
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from crmshell.database import open_database
from crmshell.entrance import Entrance
from crmshell.models import schema
from crmshell.output import Printer, Style
from crmshell.shell import Shell
from tests.company import Company
from tests.crowd import gather

CUSTOMERS = 300
WARM = 300  # commands before the first look: caches fill, modules are loaded
_LINES = (
    ("customer detail", "atl"),
    ("customer update {0} --company", "Éco"),
    ("contract detail", "dub"),
    ("contract list --limit 5 --customer-id", "mar"),
    ("event detail", "gal"),
    ("customer add Zoé{0}", "abc"),
    ("employee list --role-filter", "com"),
    ("employee detail", "sam"),
    ("no such command", "xyz"),
)


class Typist:
    """Presses the keys of one command at each prompt, and waits for the menu each of the last ones opens."""

    def __init__(self, pipe: PipeInput, commands: int) -> None:
        self._pipe = pipe
        self._left = commands + WARM
        self._lines = cycle(_LINES)
        self._started = time.process_time()
        self.looks: list[dict[str, float]] = []

    def type(self) -> None:
        """Type the next command into the prompt that has just begun."""
        if self._left % 100 == 0:
            self._look()
        get_app().create_background_task(self._type_later())

    async def _type_later(self) -> None:
        if self._left == 0:
            self._pipe.send_text("\x04")
            return
        begin, letters = next(self._lines)
        self._left -= 1
        text = f"{begin.format(self._left % CUSTOMERS + 1)} "
        self._pipe.send_text(f"\x1b[200~{text}\x1b[201~")
        for letter in letters:
            text += letter
            self._pipe.send_text(letter)
            await _until_completed(text)
        self._pipe.send_text("\x1b[B\r\r" if "detail" in text else "\r")

    def _look(self) -> None:
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
        now = time.process_time()
        self.looks.append(
            {"left": self._left, "mb": pages * os.sysconf("SC_PAGE_SIZE") / 1e6, "s": now - self._started}
        )
        self._started = now


async def _until_completed(text: str) -> None:
    """Wait until a text is at the prompt and its menu, if there is one, is complete."""
    buffer = get_app().current_buffer
    for _ in range(200):
        await asyncio.sleep(0.0005)
        if buffer.text == text and (buffer.complete_state is None or buffer.complete_state.completions):
            return


def _sessions(folder: Path) -> Iterator[Shell]:
    opened = open_database(str(folder / "crm.db"), may_create=True)
    schema.migrate()
    company = Company(str(folder / "crm.db"))
    gather(company, CUSTOMERS)
    session = company.session("carla")
    style = Style(ZoneInfo("Europe/Paris"), "FR", colour=True, width=None, height=24)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        yield Shell(session, Entrance(session, environ={}), Printer(nowhere, nowhere, style))
    opened.close()


def main() -> None:
    """Type so many commands and print what was seen as json."""
    with tempfile.TemporaryDirectory() as name, create_pipe_input() as pipe:
        os.environ["XDG_STATE_HOME"] = name
        typist = Typist(pipe, int(sys.argv[1]))
        with create_app_session(input=pipe, output=DummyOutput()):
            for shell in _sessions(Path(name)):
                shell._watch.watch_prompt = typist.type  # type: ignore[method-assign]
                shell.run()
    print(json.dumps(typist.looks))


if __name__ == "__main__":
    main()
