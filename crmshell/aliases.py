"""The aliases of a user: a file of lines `name = words` that only the user reads, and that any editor may change."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from crmshell.errors import Refused
from crmshell.text import safe

_LINE = r"\s*(?P<name>[^\s=#]+)\s*=\s*(?P<words>\S.*?)\s*"
_HEADING = (
    "# The aliases of crm-shell, a line each: name = words. $1 to $9 and $* are the words typed behind the name.\n"
)


def aliases_path() -> Path:
    """Where they are kept."""
    import platformdirs

    return platformdirs.user_config_path("crm-shell") / "aliases"


def load_aliases() -> dict[str, str]:
    """The words by name; what is no such line is passed over, and so is a file that cannot be read."""
    try:
        text = aliases_path().read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    matches = (re.fullmatch(_LINE, line) for line in text.split("\n"))
    return {match["name"]: match["words"] for match in matches if match}


def save_aliases(aliases: Mapping[str, str]) -> None:
    """Replace the file as a whole; raises Refused where it cannot be written."""
    lines = [f"{name} = {words}\n" for name, words in sorted(aliases.items())]
    write_private(aliases_path(), _HEADING + "".join(lines))


def write_private(path: Path, text: str) -> None:
    """Put a text into a file of the user's own, mode 0600, at once or not at all; raises Refused.

    A link stays one: the file that it leads to is the one that is replaced.
    """
    import tempfile

    try:
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, written = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(written).replace(path)
        finally:
            Path(written).unlink(missing_ok=True)
    except (OSError, UnicodeError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it holds what is no text"
        raise Refused(f"{safe(str(path))} cannot be written: {reason}", hint="check the folder") from error
