"""What nobody foresaw: a bug becomes one line for the user and a traceback in the log file."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
from pathlib import Path
from types import TracebackType

from crmshell import __version__
from crmshell.database import current, log_path, proxy, store_errors
from crmshell.errors import Bug, Failure, StoreError


def as_failure(error: BaseException) -> Failure:
    """The failure to tell the user of; an error that is none yet is one of the store, of the output, or a bug."""
    if isinstance(error, Failure):
        if isinstance(error, StoreError) and str(log_path()) in error.hint:
            with contextlib.suppress(OSError):
                _write(log_path(), error)
        return error
    if proxy.obj is not None:
        try:
            with store_errors(current()):
                raise error
        except Failure as failure:
            return failure
        except BaseException as unknown:  # noqa: BLE001  (whatever it is, it is logged)
            return _logged(unknown)
    return _logged(error)


def _logged(error: BaseException) -> Failure:
    path = log_path()
    try:
        _write(path, error)
    except OSError:
        return Bug(f"a mistake of the program ({type(error).__name__}), and {path} cannot be written")
    return Bug(f"a mistake of the program; the details are in {path}", hint="report it together with that file")


def _write(path: Path, error: BaseException) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
    handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    record = logging.LogRecord("crmshell", logging.ERROR, __file__, 0, _headline(), None, _info(error))
    handler.emit(record)
    handler.close()


def _headline() -> str:
    return f"crm-shell {__version__}, Python {platform.python_version()}, {platform.system()}"


def _info(error: BaseException) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    return type(error), error, error.__traceback__
