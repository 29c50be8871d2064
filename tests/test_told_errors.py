"""An error as it is told: where it is, the words at fault, and the next thing to type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from crmshell.errors import Forbidden, NotFound, Refused, SessionEnded
from crmshell.output import Source
from crmshell.text import width

if TYPE_CHECKING:
    pass
from tests.shown import COLOURED, HOSTILE, PIPE, TERMINAL, fail, harmful


def test_an_error_at_the_prompt_underlines_the_words_at_fault() -> None:
    failure = NotFound("no contract begins with 5611d9", hint="contract list").at((14, 20))
    assert fail(failure, Source("contract sign 5611d9")).splitlines() == [
        "no contract begins with 5611d9",
        "  contract sign 5611d9",
        "                ^~~~~~",
        "hint: contract list",
    ]


def test_an_error_in_a_script_begins_with_its_place() -> None:
    failure = Refused("-5 is not an amount").at((36, 38))
    line = "contract add-payment 5611 --payment -5"
    assert fail(failure, Source(line, "avril.crm", 12, column=2)).startswith("avril.crm:12:39: -5 is not an amount\n")
    assert fail(Forbidden("not yours"), Source(line, "avril.crm", 12)) == "avril.crm:12: not yours\n"
    assert fail(Forbidden("not yours"), Source(line, number=12)) == "12: not yours\n"
    assert fail(Forbidden("not yours"), Source("", "avril.crm")) == "avril.crm: not yours\n"
    assert fail(Forbidden("not yours")) == "not yours\n"


def test_the_caret_stands_under_wide_and_invisible_characters() -> None:
    line = "customer add 山田\x1b \x9b 花子"
    lines = fail(Refused("no").at((line.index("花"), len(line))), Source(line)).splitlines()
    assert lines[1:] == ["  customer add 山田␛ \\x9b 花子", "                          ^~~~"]


def test_the_caret_stands_after_the_line_where_a_word_is_missing() -> None:
    lines = fail(Refused("no").at((13, 13)), Source("contract sign")).splitlines()
    assert lines[1:] == ["  contract sign", "               ^"]


def test_a_continued_line_shows_the_part_at_fault_and_counts_from_it() -> None:
    source = Source("contract add \\\n  --customer-id x \\\n  --total-amount 5", "avril.crm", 7, column=4)
    lines = fail(Refused("x is no customer").at((31, 32)), source).splitlines()
    assert lines == ["avril.crm:8:17: x is no customer", "    --customer-id x \\", "                  ^"]


@pytest.mark.parametrize("start", [0, 20, 200, 395])
def test_a_long_line_is_clipped_around_the_words_at_fault(start: int) -> None:
    line = "花子 et Zoé " * 40
    style = TERMINAL._replace(error_width=50)
    _, text, caret = fail(Refused("no").at((start, start + 5)), Source(line), style).splitlines()
    assert max(width(text), width(caret)) <= 50
    before, under = caret.index("^"), caret.count("~") + 1
    assert _columns(text, before, under) == line[start : start + 5].rstrip()
    assert "…" in text


def _columns(text: str, before: int, columns: int) -> str:
    """Read what stands above the caret."""
    starts = [width(text[:place]) for place in range(len(text) + 1)]
    end = next((place for place, start in enumerate(starts) if start >= before + columns), len(text))
    return text[starts.index(before) : end].rstrip()


def test_a_caret_after_a_long_line_is_still_on_the_screen() -> None:
    line = "contract list " * 40
    failure = Refused("no").at((len(line), len(line)))
    _, text, caret = fail(failure, Source(line), TERMINAL._replace(error_width=50)).splitlines()
    assert (width(text), width(caret)) == (48, 50)


def test_words_at_fault_that_are_wider_than_the_screen_are_cut() -> None:
    lines = fail(Refused("no").at((4, 400)), Source("a b " + "x" * 400), TERMINAL._replace(error_width=30)).splitlines()
    assert lines[1:] == ["  " + "x" * 27 + "…", "  ^" + "~" * 27]


def test_an_error_in_json_is_one_object_on_stderr() -> None:
    source = Source("contract sign 5611\x1b", "avril.crm", 12)
    failure = NotFound("no contract begins with 5611\x1b", hint="contract list").at((14, 19))
    shown = fail(failure, source, COLOURED._replace(format="json"))
    assert not harmful(shown)
    assert json.loads(shown) == {
        "error": {
            "class": "NotFound",
            "message": "no contract begins with 5611\x1b",
            "hint": "contract list",
            "code": 5,
            "file": "avril.crm",
            "line": 12,
            "column": 15,
        }
    }
    unknown = json.loads(fail(SessionEnded("log in"), None, PIPE._replace(format="jsonl")))["error"]
    assert unknown == dict.fromkeys(("hint", "file", "line", "column")) | {
        "class": "NotLoggedIn",
        "message": "log in",
        "code": 3,
    }


def test_an_error_is_one_harmless_line_and_quiet_does_not_hide_it() -> None:
    shown = fail(Refused(HOSTILE, hint=HOSTILE), style=PIPE._replace(quiet=True))
    assert not harmful(shown)
    assert shown.count("\n") == 2


def test_an_error_is_red_only_where_stderr_shows_colour() -> None:
    assert fail(Refused("no"), style=COLOURED) == "\x1b[31mno\x1b[0m\n"
    assert fail(Refused("no"), style=COLOURED._replace(error_colour=False)) == "no\n"
