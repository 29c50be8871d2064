"""What makes a day at the prompt easier: names of one's own, watching, looking back, settings, and a locked screen."""

from __future__ import annotations

import stat

from crmshell.aliases import aliases_path, save_aliases
from tests.company import Company
from tests.keyboard import DOWN, ENTER, TAB, UP, Keyboard
from tests.process import Program
from tests.records import journal


def _at(company: Company, username: str = "carla") -> Keyboard:
    return Keyboard(company.session(username))


# Aliases


def test_an_alias_is_kept_for_the_user_alone(sqlite_company: Company) -> None:
    contract = sqlite_company.signed()
    with _at(sqlite_company) as keys:
        keys.enter("alias pay = contract add-payment $1 $2 --method card").expect(
            "pay stands for: contract add-payment"
        )
        keys.enter(f"pay {contract[:8]} 12,50").expect("12.50 € received")
    assert stat.S_IMODE(aliases_path().stat().st_mode) == 0o600
    with _at(sqlite_company) as keys:
        keys.enter("alias").expect("pay").expect("contract add-payment $1 $2 --method card")
        keys.type(UP + UP).wait_for_line(f"pay {contract[:8]} 12,50").type(ENTER).expect("12.50 € received")
        keys.enter("unalias pay").expect("pay no longer stands for")
        keys.enter("pay 1").expect("there is no command")
    lines = [entry.line for entry in journal() if entry.command == "contract add-payment"]
    assert lines == [f"contract add-payment {contract[:8]} 12,50 --method card"] * 2


def test_an_alias_is_completed_asked_for_and_told_what_is_wrong(sqlite_company: Company) -> None:
    sqlite_company.signed()
    with _at(sqlite_company) as keys:
        keys.enter("alias pay = contract add-payment $1 $2 > /dev/null").expect("stands for")
        keys.type("pa").wait(lambda: keys.is_menu_open, "the menu").type(TAB).wait_for_line("pay")
        keys.type(" elo").expect("1 000.00 € due").type(DOWN + ENTER).type(ENTER).expect("payment (")
        keys.enter("12").expect("/dev/null is no file to write to")
        keys.enter("alias pay = contract add-payment").expect("stands for")
        keys.enter("pay --mehtod card").expect("contract add-payment --mehtod card").expect("did you mean --method?")


def test_no_alias_hides_a_command_or_makes_no_sense(sqlite_company: Company) -> None:
    with _at(sqlite_company) as keys:
        keys.enter("alias contract = customer list").expect("no alias hides one")
        keys.enter("alias x = nonsense here").expect("there is no command `nonsense here`")
        keys.enter("alias x = x").expect("there is no command `x`")
        keys.enter("alias x").expect("there is no alias x")
        keys.enter("alias x contract list").expect("followed by =")
        keys.enter("alias x = auth login carla --password 'a quiet lamp'").expect("stands in no alias")
        keys.enter("alias").expect("no aliases yet")
    assert not aliases_path().exists()


def test_scripts_know_no_alias(sqlite_program: Program) -> None:
    save_aliases({"unpaid": "contract list"})
    assert "there is no command `unpaid`" in sqlite_program.script("unpaid\n").err
    refused = sqlite_program.script("alias\n")
    assert refused.code == 2
    assert "alias works at the prompt of the shell alone" in refused.err
