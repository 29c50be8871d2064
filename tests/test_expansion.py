"""A word that stands for others: what the line becomes, and where in it each character is that was typed."""

from __future__ import annotations

import pytest

from crmshell.commands import GRAMMAR
from crmshell.language.expansion import find_expansion
from crmshell.language.reading import read
from crmshell.language.slots import Place, slot_at
from crmshell.shell.highlight import fragments

NAMES = {
    "unpaid": "contract list --not-paid-filter --mine",
    "pay": "contract add-payment $1 $2 --method transfer",
    "over": 'contract list --columns "$1 €" $*',
    "out": "contract list > out.csv",
    "biggest": "unpaid --format csv | sort -n # the last ones",
    "loop": "again",
    "again": "loop",
    "contract": "customer list",
    "quoted": "customer add '$1' --company=$1 --email $$1",
}


def made(line: str) -> str:
    """The line that is run."""
    return read(line, GRAMMAR, NAMES).line


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("unpaid", "contract list --not-paid-filter --mine"),
        ("crm unpaid", "contract list --not-paid-filter --mine"),
        ("unpaid --format csv", "contract list --not-paid-filter --mine --format csv"),
        ("unpaid > a.csv", "contract list --not-paid-filter --mine > a.csv"),
        ("unpaid | grep -c x", "contract list --not-paid-filter --mine | grep -c x"),
        ("pay c0ff 12,50", "contract add-payment c0ff 12,50 --method transfer"),
        ("pay c0ff", "contract add-payment c0ff  --method transfer"),
        ("pay c0ff 12 --date today", "contract add-payment c0ff 12 --method transfer --date today"),
        ("pay c0ff '1 200 €' more", "contract add-payment c0ff '1 200 €' --method transfer more"),
        ('over "l\'\\"été" a b', 'contract list --columns "l\'\\"été €" a b'),
        ("out --mine", "contract list --mine > out.csv"),
        ("biggest", "contract list --not-paid-filter --mine --format csv | sort -n # the last ones"),
        ("quoted Zoé", "customer add '$1' --company=Zoé --email $$1"),
    ],
)
def test_a_line_is_what_its_first_word_stands_for(typed: str, line: str) -> None:
    assert made(typed).replace("  ", " ").strip() == line.replace("  ", " ")


@pytest.mark.parametrize("line", ["contract list", "loop", "'unpaid'", "customer unpaid", "", "# unpaid", "--help"])
def test_other_lines_stay_what_they_are(line: str) -> None:
    reading = read(line, GRAMMAR, NAMES)
    assert reading.expansion is None or line == "loop"
    assert (reading.command is not None) == (line == "contract list")


@pytest.mark.parametrize("typed", ["unpaid --fromat csv", "pay c0ff 12,50 --fromat csv", "out --fromat csv"])
def test_what_is_wrong_with_it_is_found_where_it_was_typed(typed: str) -> None:
    reading = read(typed, GRAMMAR, NAMES)
    (fault, *_) = reading.faults
    assert fault.span is not None
    assert reading.line[slice(*fault.span)] == "--fromat"
    pieces = fragments(reading, reading.faults)
    styles = {text: style for style, text, *_ in pieces}
    assert styles["--fromat"] == "class:fault"
    assert styles[typed.split(maxsplit=1)[0]] == "class:alias"
    assert "".join(text for _, text, *_ in pieces) == typed


@pytest.mark.parametrize(
    ("typed", "name"),
    [("pay ", "contract"), ("pay c0", "contract"), ("pay c0ff ", "payment"), ("pay c0ff 1", "payment")],
)
def test_the_slot_of_a_parameter_is_the_one_it_fills(typed: str, name: str) -> None:
    slot = slot_at(typed, len(typed), GRAMMAR, NAMES)
    assert slot.place is Place.VALUE
    assert slot.parameter is not None
    assert (slot.parameter.name, slot.start) == (name, typed.rindex(" ") + 1)


def test_options_are_offered_behind_an_alias_and_commands_inside_its_definition() -> None:
    slot = slot_at("unpaid --fo", 11, GRAMMAR, NAMES)
    assert (slot.place, slot.typed, slot.start) == (Place.OPTION, "--fo", 7)
    slot = slot_at("alias mine = contract li", 24, GRAMMAR, NAMES)
    assert (slot.place, slot.noun, slot.typed, slot.start) == (Place.VERB, "contract", "li", 22)
    slot = slot_at("alias mine = contract list --fo", 31, GRAMMAR, NAMES)
    assert (slot.place, slot.typed, slot.start) == (Place.OPTION, "--fo", 27)
    assert slot_at("unpai", 5, GRAMMAR, NAMES).place is Place.NOUN


def test_every_place_of_what_was_typed_is_one_in_the_line() -> None:
    for typed in ("pay c0ff 12 --date today > a.csv", "unpaid  --format  csv | wc", "over a b c"):
        expansion = find_expansion(typed, NAMES, GRAMMAR.nouns())
        assert expansion is not None
        for piece in expansion.pieces:
            assert (
                typed[piece.typed_start : piece.typed_start + piece.length]
                == expansion.line[piece.start : piece.start + piece.length]
            )
        assert all(0 <= expansion.place(offset) <= len(expansion.line) for offset in range(len(typed) + 1))
