"""A long session takes no more memory and no more time than a short one; see tests/longevity.py for the whole of it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

import pytest

COMMANDS = 600
BYTES_EACH = 20_000_000 / 50_000  # a session of 50 000 commands grows by less than 20 MB


@pytest.mark.slow
def test_a_session_grows_by_little_for_each_command_and_gets_no_slower() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.longevity", str(COMMANDS)], capture_output=True, text=True, check=True
    )
    looks = json.loads(done.stdout)
    settled = [look for look in looks if look["left"] <= COMMANDS]
    grown = (settled[-1]["mb"] - settled[0]["mb"]) * 1e6
    assert grown < COMMANDS * BYTES_EACH + 1_000_000, looks  # and a page or two of Python's own
    seconds = [look["s"] for look in looks if look["s"] > 1][1:]
    half = len(seconds) // 2
    assert statistics.median(seconds[half:]) < 1.5 * statistics.median(seconds[:half]), looks
