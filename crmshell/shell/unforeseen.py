"""What nobody foresaw while a line is edited: a sentence above the prompt, which goes on with the line as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from prompt_toolkit.application import run_in_terminal

from crmshell.errors import Failure
from crmshell.faults import as_failure


def tell_unforeseen(complain: Callable[[Failure], None]) -> None:
    """Tell errors of keys, drawing and completion with `complain`; to be called as a prompt begins, in its loop.

    The first one of a prompt alone: what fails in each drawing would be told without end. prompt_toolkit itself, unless
    it is told not to, writes a traceback on the screen and waits for a key.
    """
    told: list[Failure] = []

    def tell(_loop: object, context: Mapping[str, Any]) -> None:
        if told:
            return
        told.append(as_failure(context.get("exception") or RuntimeError(context["message"])))
        run_in_terminal(lambda: complain(told[0]))

    asyncio.get_running_loop().set_exception_handler(tell)
