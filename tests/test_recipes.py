"""The recipes for script writers run as they stand, each in a folder and a sample company of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crmshell import demo

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "scripting.md").read_text("utf-8")
RECIPES = re.findall(r"^### (.+?)\n.*?^```sh as=(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def kitchen(sample_company: Path, tmp_path: Path) -> dict[str, str]:
    """An environment with crm-shell on its PATH and a sample company in the folder."""
    shutil.copy(sample_company, tmp_path / "crm.db")
    program = tmp_path / "bin" / "crm-shell"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m crmshell "$@"\n', "utf-8")
    program.chmod(0o755)
    path = f"{program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "CRM_PASSWORD": demo.PASSWORD}


def test_there_are_ten_recipes() -> None:
    assert len(RECIPES) == PAGE.count("\n### ") >= 10


@pytest.mark.slow
@pytest.mark.parametrize(("username", "recipe"), [recipe[1:] for recipe in RECIPES], ids=[r[0] for r in RECIPES])
def test_a_recipe_works(username: str, recipe: str, kitchen: dict[str, str], tmp_path: Path) -> None:
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", recipe],
        env=kitchen | {"CRM_USER": username},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
