"""A long session takes no more memory than a short one; tests/longevity.py tells of its time, too."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

COMMANDS = 600
BYTES_EACH = 20_000_000 / 50_000  # a session of 50 000 commands grows by less than 20 MB
CACHES = 3_000_000  # what menus and history come to, once, before they are full


@pytest.mark.slow
def test_a_session_grows_by_little_for_each_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.longevity", str(COMMANDS)], capture_output=True, text=True, check=True
    )
    looks = json.loads(done.stdout)
    settled = [look for look in looks if look["left"] <= COMMANDS]
    grown = (settled[-1]["mb"] - settled[0]["mb"]) * 1e6
    assert grown < COMMANDS * BYTES_EACH + CACHES, looks
