"""Texts of all kinds, and the refusals that reading them may end in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from crmshell.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

FEW = settings(max_examples=40, deadline=None, derandomize=True)
MANY = settings(FEW, max_examples=200)
LONGEST_MESSAGE = 400

any_text = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="0123456789 .,:/-+TZhdwm€", max_size=25),
    st.text(alphabet="0123456789 .,\u00a0\u202f\u2009'+-eE€EUR", max_size=15),
)


def refusal(read: Callable[[], object]) -> Refused:
    """Give the refusal a reading ends in."""
    with pytest.raises(Refused) as caught:
        read()
    return caught.value


def assert_presentable(refused: Refused) -> None:
    """Check that a refusal is one short printable line with a hint."""
    assert refused.hint
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e\ud800-\udfff]", refused.message + refused.hint)
    assert len(refused.message) < LONGEST_MESSAGE
