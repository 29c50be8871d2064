"""A value for which there is nothing in the menu is judged beside the keys, for those alone who may know."""

from __future__ import annotations

from functools import partial

import pytest
from prompt_toolkit.document import Document

from completers import LineCompleter
from crmshell.commands import GRAMMAR
from crmshell.session import Session
from crmshell.shell.answers import find_slow_fault_in_line
from crmshell.shell.guidance import FAULT, HELP, Guidance
from tests.company import Company


@pytest.fixture
def contract(company: Company) -> str:
    """The handle of a contract of colin's that is not signed."""
    return company.contract(company.customer("Éloïse d'Été", by="colin"))[:8]


def _said(session: Session, line: str, cursor: int | None = None) -> tuple[str, str] | None:
    """What the toolbar says once the menu was looked for."""
    document = Document(line, cursor)
    completer = LineCompleter(GRAMMAR, session, find_fault=partial(find_slow_fault_in_line, session=session))
    guidance = Guidance(GRAMMAR, session, dict, completer.fault_of)
    before = guidance.of(document)
    list(completer.menu(document))
    said = guidance.of(document)
    completer.forget()
    assert guidance.of(document) == before
    return said


def _is_fault(said: tuple[str, str] | None, text: str) -> bool:
    return said is not None and said[0] == FAULT and text in said[1]


def test_why_there_is_no_menu_is_said(company: Company, contract: str) -> None:
    alice, carla = company.session("alice"), company.session("carla")
    assert _is_fault(_said(alice, "contract sign zzzz"), "there is no contract zzzz")
    assert _is_fault(_said(alice, "contract sign --contract-uuid=zzzz"), "there is no contract zzzz")
    assert _is_fault(_said(alice, "contract sign @nobody"), "nobody")
    assert _is_fault(_said(carla, f"contract sign {contract}"), "belongs to a customer of")
    assert _is_fault(_said(carla, "contract list\ncustomer detail 99"), "99")


def test_a_value_with_a_menu_is_not_judged(company: Company, contract: str) -> None:
    said = _said(company.session("alice"), f"contract sign {contract[:2]}")
    assert said is not None
    assert said[0] == HELP


@pytest.mark.usefixtures("contract")
def test_what_may_still_become_right_is_not_judged(company: Company) -> None:
    alice = company.session("alice")
    assert not _is_fault(_said(alice, "contract sign $1"), "")
    assert not _is_fault(_said(alice, "contract sign zzzz", len("contract sign zz")), "")
    assert not _is_fault(_said(alice, "contract sign "), "")


def test_nobody_is_told_what_they_may_not_know(company: Company, contract: str) -> None:
    assert _is_fault(_said(company.session("sam"), f"contract sign {contract}"), "contract sign is for")
    gone = company.session("carla")
    gone.log_out()
    assert not _is_fault(_said(gone, f"contract detail {contract}x"), "there is no")
