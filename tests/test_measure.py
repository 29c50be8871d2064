"""What the benchmarks share does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.measure import Times, in_turn, markdown, percentile, write_between_markers


def test_cases_take_turns_and_the_first_round_does_not_count() -> None:
    calls: list[str] = []
    found = in_turn({"one": lambda: calls.append("one"), "two": lambda: calls.append("two")}, 2)
    assert calls == ["one", "two"] * 3
    assert [len(times) for times in found.values()] == [2, 2]


def test_figures_are_ratios_of_medians() -> None:
    assert Times([4, 1, 100]).times(Times([2, 2, 2])) == 2
    assert percentile(list(range(200)), 0.99) == 198
    assert Times([3]).p99 == 3


def test_a_table_is_written_where_the_readme_wants_it(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- here -->\nold\n<!-- /here -->\nafter\n", "utf-8")
    write_between_markers("here", markdown(["case", "ms"], [["list", "2.0"]]), readme)
    assert readme.read_text("utf-8").splitlines() == [
        "before",
        "<!-- here -->",
        "| case | ms |",
        "| --- | --: |",
        "| list | 2.0 |",
        "<!-- /here -->",
        "after",
    ]
    with pytest.raises(ValueError, match="no place"):
        write_between_markers("elsewhere", "", readme)
