"""What can be set: flag, then environment, then crmshell.toml here, then the user's config.toml, then the default."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crmshell.errors import UsageError
from crmshell.text import nearest

HERE = "crmshell.toml"
_ENVIRONMENT = {
    "database": "CRM_DATABASE",
    "user": "CRM_USER",
    "format": "CRM_FORMAT",
    "zone": "CRM_ZONE",
    "region": "CRM_REGION",
    "pager": "PAGER",
}


@dataclass(frozen=True)
class Settings:
    """The settings of one run. `zone` is an IANA name; `region` the country whose phones need no prefix."""

    database: str = "crm.db"
    user: str = ""
    password_file: str = ""
    format: str = "table"
    zone: str = "Europe/Paris"
    region: str = "FR"
    pager: str = "less -SRFX"

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The time zone moments are typed and shown in."""
        return ZoneInfo(self.zone)


def load(flags: Mapping[str, str | None], environ: Mapping[str, str] = os.environ) -> Settings:
    """Put the settings together; raises UsageError for a file or a value that cannot be used."""
    chosen: dict[str, str] = {}
    for source in (_user_file(), Path(HERE)):
        chosen |= _from_file(source)
    chosen |= {name: environ[variable] for name, variable in _ENVIRONMENT.items() if environ.get(variable)}
    chosen |= {name: value for name, value in flags.items() if value}
    chosen |= {"region": chosen["region"].upper()} if "region" in chosen else {}
    settings = Settings(**chosen)
    _check(settings)
    return settings


def _user_file() -> Path:
    import platformdirs

    return platformdirs.user_config_path("crm-shell") / "config.toml"


def _from_file(path: Path) -> dict[str, str]:
    try:
        found: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}", hint="it holds lines such as: zone = 'Europe/Paris'"
        ) from error
    known = {field.name for field in fields(Settings)}
    for name, value in found.items():
        if name not in known:
            other = nearest(name, sorted(known))
            hint = f"did you mean {other}?" if other else f"the settings are {', '.join(sorted(known))}"
            raise UsageError(f"{path} sets {name}, which is no setting", hint=hint)
        if not isinstance(value, str):
            raise UsageError(f"{name} in {path} must be a text", hint=f'write {name} = "{value}"')
    return found


def _check(settings: Settings) -> None:
    try:
        settings.zone_info  # noqa: B018  (reading it is the check)
    except (ValueError, KeyError, OSError) as error:
        raise UsageError(f"{settings.zone} is no time zone", hint="a name such as Europe/Paris") from error
    if settings.format not in FORMATS:
        raise UsageError(f"{settings.format} is no format", hint=f"one of {', '.join(FORMATS)}")
    if len(settings.region) != 2 or not settings.region.isalpha():  # noqa: PLR2004  (ISO 3166 has two letters)
        raise UsageError(f"{settings.region} is no country", hint="two letters such as FR")


FORMATS = ("table", "json", "jsonl", "csv", "tsv")
