"""The real prompt in a process of its own, with another completer where one is asked for; for benchmarks/completion.py.

`python -m benchmarks.prompt KIND --database URL --user NAME`, where KIND is `real`, `none` or `fixed`.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Sequence
from typing import Any, ClassVar

from prompt_toolkit.completion import CompleteEvent, Completion
from prompt_toolkit.document import Document

from completers import BackgroundCompleter
from completers.menu import PAGE
from crmshell.__main__ import main
from crmshell.shell import app


class NoCompleter(BackgroundCompleter):
    """Offers nothing and has no thread to wait for."""

    entries: ClassVar[Sequence[Completion]] = ()

    async def get_completions_async(
        self,
        document: Document,  # noqa: ARG002
        complete_event: CompleteEvent,  # noqa: ARG002
    ) -> AsyncGenerator[Completion, None]:
        """The entries there are."""
        for completion in self.entries:
            yield completion


class FixedCompleter(NoCompleter):
    """Offers as many entries as the first page of a menu, always the same, as wide as real ones."""

    entries = tuple(
        Completion(f"{700_000 + number}", display_meta=f"Éloïse d'Été · L'Atelier Müller {number:02} · carla")
        for number in range(PAGE)
    )


_KINDS: dict[str, type[Any]] = {"real": BackgroundCompleter, "none": NoCompleter, "fixed": FixedCompleter}

if __name__ == "__main__":
    vars(app)["BackgroundCompleter"] = _KINDS[sys.argv[1]]
    sys.exit(main(sys.argv[2:]))
