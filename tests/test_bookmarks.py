"""Names of records: whatever is given and taken back, they stand for what they stood for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crmshell.bookmarks import Bookmarks
from crmshell.models.customer import Customer
from tests.process import Program

NAMES = st.sampled_from("abc")
STEPS = st.lists(st.one_of(st.tuples(NAMES, st.integers(1, 3)), NAMES.map(lambda name: (name, None))), max_size=8)


def apply(names: Bookmarks, steps: list[tuple[str, int | None]]) -> None:
    """Give a name, or take it away."""
    for name, number in steps:
        if number is not None:
            names[name] = (Customer, number)
        else:
            names.pop(name, None)


@given(STEPS, STEPS, STEPS)
def test_what_is_undone_is_as_it_was_at_the_mark(
    first: list[tuple[str, int | None]], second: list[tuple[str, int | None]], third: list[tuple[str, int | None]]
) -> None:
    names = Bookmarks()
    apply(names, first)
    outer, at_outer = names.mark(), dict(names)
    apply(names, second)
    inner, at_inner = names.mark(), dict(names)
    apply(names, third)
    assert names.given_since(inner) == {n: v for n, v in names.items() if at_inner.get(n) != v}
    names.go_back(inner)
    assert dict(names) == at_inner
    names.go_back(outer)
    assert dict(names) == at_outer


def test_a_mark_may_be_released_before_one_inside_it() -> None:
    names = Bookmarks()
    outer, inner = names.mark(), names.mark()
    names["a"] = (Customer, 1)
    names.release(outer)
    assert names.given_since(inner) == {"a": (Customer, 1)}
    names.go_back(inner)
    assert dict(names) == {}


def test_what_is_remembered_does_not_grow_with_how_often_a_name_is_given() -> None:
    names = Bookmarks()
    mark = names.mark()
    for number in range(1000):
        names["customer"] = (Customer, number)
    assert len(names._before[mark]) == 1


def test_a_name_nobody_gave_is_told_with_one_like_it_among_many(sqlite_program: Program) -> None:
    lines = "".join(f"customer add 'C {number}' --as client{number}\n" for number in range(30))
    ended = sqlite_program.script(f"{lines}customer detail @cliemt7\n", "--atomic", "--quiet")
    assert (ended.code, "hint: did you mean @client7?" in ended.err) == (2, True)
