"""What the benchmarks share does what it says."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks import charts
from benchmarks.data import fill
from benchmarks.everyday import Sample, measure, tasks
from benchmarks.measure import Times, fresh_database, in_turn, markdown, percentile, write_between_markers


def test_cases_take_turns_to_be_first_and_the_first_round_does_not_count() -> None:
    calls: list[str] = []
    found = in_turn({"one": lambda: calls.append("one"), "two": lambda: calls.append("two")}, 2)
    assert [sorted(calls[turn : turn + 2]) for turn in (0, 2, 4)] == [["one", "two"]] * 3
    assert {calls[0], calls[2]} == {"one", "two"}
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


def test_a_chart_has_a_bar_for_every_figure_and_is_well_formed() -> None:
    drawn = charts.bars("a & b", ["small", "large"], {"list": [1, 10], "search <word>": [2.5, 200]}, "ms")
    root = ET.fromstring(drawn)
    bars = [node for node in root.iter("{http://www.w3.org/2000/svg}rect") if node.get("height") == "12"]
    widths = [float(node.get("width", "0")) for node in bars]
    assert len(widths) == 4
    assert 0 < widths[0] < widths[2] < widths[1] < widths[3] == 420


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_every_task_of_a_day_can_be_measured(engine: str, tmp_path: Path) -> None:
    with fresh_database(engine) as url:
        fill(url, 60)
        found = measure({60: url}, 1)
        assert set(found[60]) == {task.name for task in tasks(Sample(1, "01", 60))}
