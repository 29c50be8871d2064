"""The keys of the shell: what runs a line, what asks, what abandons, and what keeps the shell alive."""

from __future__ import annotations

from completers.menu import PAGE
from crmshell.commands import GRAMMAR
from crmshell.models.offers import MOST
from tests.company import PASSWORD, Company
from tests.crowd import hire
from tests.keyboard import Keyboard
from tests.keys import CTRL_A, CTRL_C, CTRL_D, DOWN, ENTER, TAB, UP
from tests.records import journal, sql, tables

# Running a line


def test_enter_runs_the_line(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.expect("Welcome, Carla d'Été").enter("employee detail sam").expect("Sam Łukasz")
        keys.expect("carla commercial>")


def test_enter_takes_a_highlighted_entry_and_runs_nothing(sqlite_company: Company) -> None:
    contract = sqlite_company.contract()
    with Keyboard.of(sqlite_company) as keys:
        keys.complete("contract si")
        keys.type(DOWN).wait_for_line("contract sign")
        keys.type(ENTER).wait_for_no_menu()
        assert keys.line == "contract sign"
        keys.enter(f" {contract}").expect("is signed")
        assert "abandoned" not in keys.screen


def test_tab_walks_through_the_menu(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.complete("custo").type(TAB).wait_for_line("customer")
        first, second, *_ = GRAMMAR.verbs("customer")
        keys.complete(" ", "List customers").type(TAB).wait_for_line(f"customer {first}")
        keys.type(TAB).wait_for_line(f"customer {second}")


def test_a_long_menu_shows_a_page_and_grows_as_one_goes_down(sqlite_company: Company) -> None:
    hire(55)
    with Keyboard.of(sqlite_company) as keys:
        keys.type("employee detail zoe").wait(lambda: len(keys.menu) == PAGE, "the first page")
        for number in range(PAGE - 5):
            keys.type(DOWN).wait_for_line(f"employee detail zoe{number:03}")
        keys.wait(lambda: len(keys.menu) == MOST + 1, "the rest")
        for number in range(PAGE - 5, MOST):
            keys.type(DOWN).wait_for_line(f"employee detail zoe{number:03}")
        keys.type(DOWN).wait_for_line("employee detail zoe").type(DOWN * 2).wait_for_line("employee detail zoe000")


def test_ctrl_c_clears_the_line(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.type("rubbish").wait_for_line("rubbish")
        keys.type(CTRL_C).enter("employee detail sam").expect("Sam Łukasz")
        assert "hint:" not in keys.screen


def test_ctrl_d_leaves_from_an_empty_line_alone(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.type(f"xhelp exit{CTRL_A}{CTRL_D}").wait_for_line("help exit")
        keys.type(f"{ENTER}{CTRL_D}")
        assert keys.ended() == 0
        assert "Leave the shell" in keys.screen


def test_exit_leaves(sqlite_company: Company) -> None:
    for word in ("exit", "quit"):
        with Keyboard.of(sqlite_company) as keys:
            assert keys.enter(word).ended() == 0


def test_a_mistyped_command_runs_nothing_and_is_answered(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("custmer list").expect("there is no command `custmer list`").expect("did you mean `customer list`?")
        keys.enter('customer add "open').expect("is never closed")
        keys.enter("employee detail sam").expect("Sam Łukasz")


def test_a_blank_line_and_a_comment_do_nothing(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("").enter("   ").enter("# what for").enter("exit")
        assert keys.ended() == 0
        assert "hint:" not in keys.screen


def test_a_backslash_at_the_end_continues_the_line(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("employee \\").wait_for_line("employee \\\n")
        keys.enter(" detail sam").expect("Sam Łukasz")


def test_pasted_lines_run_in_order_up_to_the_first_error(sqlite_company: Company) -> None:
    lines = [
        "customer add 'Ana Peña'",
        "",
        "customer add \\",
        "  'Zoé Roy'",
        "customer ad 'Li Na'",
        "customer add 'Lost'",
        "customer add 'Unfinished'",
    ]
    with Keyboard.of(sqlite_company) as keys:
        keys.paste("\n".join(lines)).expect("customer 1 is added").expect("customer 2 is added")
        keys.expect("did you mean `customer add`?").expect("1 line behind it did not run")
        keys.wait_for_line("customer add 'Unfinished'")
    assert sql("SELECT fullname FROM customer ORDER BY id") == [("Ana Peña",), ("Zoé Roy",)]


# Asking for what is missing


def test_missing_values_are_asked_for_one_by_one(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("customer add").answer("fullname", "Éloïse d'Été").answer("company (Enter to leave it out)", "")
        keys.answer("email", "eloise").expect("eloise is not an e-mail address")
        keys.answer("email", "@atelier.example").answer("phone", "06 12 34 56 78").expect("customer 1 is added")
        keys.expect("06 12 34 56 78")
    fields = "fullname, company, email, phone"
    assert sql(f"SELECT {fields} FROM customer") == [("Éloïse d'Été", None, "eloise@atelier.example", "+33612345678")]


def test_only_what_is_missing_is_asked_for(sqlite_company: Company) -> None:
    contract = sqlite_company.signed()
    with Keyboard.of(sqlite_company) as keys:
        keys.enter(f"contract add-payment --date yesterday {contract[:8]} # cash").answer("payment (", "12,50")
        keys.expect("12.50 € received")
        assert "method (" not in keys.screen


def test_what_may_be_left_out_has_its_default(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("employee add").answer("fullname", "Zoé Roy").answer("username", "z").expect("3 to 30 characters")
        keys.answer("username", "oe").answer("role (default none)", "").expect("first-password-once")
    assert sql("SELECT role FROM employee WHERE username = 'zoe'") == [("none",)]


def test_an_answer_is_completed_and_may_be_a_name(sqlite_company: Company) -> None:
    sqlite_company.signed()
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("contract detail").expect("contract uuid (the contract):").complete("elo", "Éloïse d'Été ·")
        keys.type(f"{TAB}{ENTER}{ENTER}").expect("total due")
        keys.enter("contract add-payment").answer("contract uuid", "@contract").expect("payment (")
        keys.wait_for_menu("all that is due").type(f"{TAB}{ENTER}{ENTER}").expect("1 000.00 € received")


def test_an_answer_is_one_line_whatever_is_pasted(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("customer add").expect("fullname").paste("Ana\nPeña\n").type(ENTER)
        keys.answer("company", "").answer("email", "").answer("phone", "").expect("customer 1 is added")
    assert sql("SELECT fullname FROM customer") == [("Ana Peña",)]


def test_an_answer_is_never_read_as_syntax(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("customer add").answer("fullname", "$HOME 'n' \"@me\" # --x \\").answer("company", "--company")
        keys.answer("email", "").answer("phone", "").expect("customer 1 is added")
    assert sql("SELECT fullname, company FROM customer") == [("$HOME 'n' \"@me\" # --x \\", "--company")]


def test_answers_are_not_left_to_the_next_question(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("customer add").answer("fullname", "Ana Peña").expect("company").type(UP + ENTER)
        keys.answer("email", "").answer("phone", "").expect("customer 1 is added")
    assert sql("SELECT company FROM customer") == [(None,)]


def test_answers_to_a_command_that_is_refused_stay_to_be_corrected(sqlite_company: Company) -> None:
    contract = sqlite_company.signed()
    with Keyboard.of(sqlite_company) as keys:
        keys.enter(f"event add {contract[:8]}").answer("name", "Gala d'été").answer("start", "2028-05-01 19:00")
        keys.answer("end", "2028-05-01 18:00").answer("location", "").answer("attendees", "").answer("note", "")
        keys.expect("the end of an event comes after its start")
        keys.wait(lambda: "--end '2028-05-01 18:00'" in keys.line, "the line with the answers")
        keys.type("\x7f" * len("18:00'") + "20:00'" + ENTER).expect("Gala d'été")


def test_a_secret_that_was_asked_for_never_comes_back(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("employee set-password sam").answer("password", "sam sam sam sam").expect("hint:").type(CTRL_C)
        keys.expect("alice administrator>").wait_for_line("")


def test_enter_takes_an_entry_for_an_answer_before_it_answers(sqlite_company: Company) -> None:
    sqlite_company.customer("Éloïse d'Été")
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("customer detail").expect("customer id").wait_for_menu("Éloïse").type(DOWN + ENTER)
        keys.wait_for_no_menu().wait_for_line("@customer").type(ENTER).expect("created at")


def test_ctrl_c_and_ctrl_d_abandon_what_is_asked_for(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        for key in (CTRL_C, CTRL_D):
            keys.enter("customer add").answer("fullname", "Ana Peña").expect("company").type(key)
            keys.expect("abandoned; nothing was changed").expect("carla commercial>")
        keys.enter("customer list").expect("no customers")


def test_what_the_role_may_not_do_is_refused_before_anything_is_asked(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "sam") as keys:
        keys.enter("customer add").expect("customer add is for commercial, and sam has the role support")
        keys.enter("contract add-payment ffff0000").expect("contract add-payment is for")
        assert "fullname" not in keys.screen
        assert "payment (" not in keys.screen
    assert [entry.command for entry in journal() if entry.result == "refused"] == [
        "customer add",
        "contract add-payment",
    ]


# What cannot be undone


def test_what_cannot_be_undone_is_asked_and_the_default_is_no(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        for answer in ("", "n", "delete", "yeah"):
            keys.enter("employee delete nils").answer("delete employee nils? [y/N]", answer).expect(
                "nothing was changed"
            )
        keys.enter("employee delete nils").expect("[y/N]").type(CTRL_C).expect("nothing was changed")
        assert sql("SELECT count(*) FROM employee WHERE username = 'nils'") == [(1,)]
        keys.enter("employee delete nils").answer("[y/N]", "Y").expect("nils is deleted")
    assert sql("SELECT count(*) FROM employee WHERE username = 'nils'") == [(0,)]


def test_what_would_be_affected_is_said_before_the_question(sqlite_company: Company) -> None:
    contract = sqlite_company.signed()
    sqlite_company.event(contract)
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter(f"contract cancel {contract[:8]}").answer("reason", "Le client renonce")
        keys.expect("Éloïse d'Été: 1 000.00 € will no longer be due, 1 event to come cancelled")
        keys.answer(f"cancel contract {contract[:8]}? [y/N]", "y").expect("is cancelled, with 1 event")


def test_the_question_names_the_record_itself(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("employee detail nils").enter("employee delete @employee").answer("delete employee nils?", "")
        keys.enter("employee deactivate").answer("username", "NILS").answer("deactivate employee nils?", "y")
        keys.expect("nils is deactivated")


def test_a_question_about_no_single_record_asks_whether_to_go_on(sqlite_company: Company) -> None:
    sqlite_company.contract()
    sqlite_company.must("view save mine = contract list")
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("for mine do contract sign @it").expect("1 contract: contract sign @it")
        keys.answer("go on? [y/N]", "y").expect("1 contract done")


def test_what_would_be_refused_is_not_asked(sqlite_company: Company) -> None:
    before = tables()
    with Keyboard.of(sqlite_company, "carla") as keys:
        keys.enter("employee delete nils").expect("employee delete is for administrator")
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("employee delete nobody").expect("there is no employee nobody")
        assert "[y/N]" not in keys.screen
    assert tables() == before
    assert [entry.command for entry in journal() if entry.result == "refused"] == ["employee delete"]


def test_what_a_rule_would_refuse_is_not_asked_either(sqlite_company: Company) -> None:
    paid = sqlite_company.signed()
    held = sqlite_company.event(sqlite_company.signed(), "--start 2026-01-01T19:00 --end 2026-01-01T23:00")
    sqlite_company.must(f"contract add-payment {paid} 100")
    payment = int(sql("SELECT id FROM payment")[0][0])
    sqlite_company.must(f"contract reverse-payment {paid} {payment} Erreur")
    sqlite_company.must(f"contract add-payment {paid} 100")
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("employee deactivate carla").expect("carla cannot be deactivated: they have")
        keys.enter("employee delete carla").expect("carla cannot be deleted: they are named by")
        keys.enter("employee deactivate alice").expect("nobody deactivates themselves")
        keys.enter(f"contract cancel {paid} Non").expect("100.00 € paid and cannot be cancelled")
        keys.enter(f"contract reverse-payment {paid} {payment} Non").expect("was taken back by payment")
        keys.enter(f"event cancel {held}").expect("has ended and cannot be cancelled")
        assert "[y/N]" not in keys.screen


# Passwords


def test_a_new_password_is_typed_twice_until_it_is_good(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("employee set-password nils").answer("password:", "short").expect("12 to 128 characters, not 5")
        keys.answer("password:", "a second quiet lamp").answer("the same again:", "a second quiet limp")
        keys.expect("the two differ").answer("password:", "a second quiet lamp")
        keys.answer("the same again:", "a second quiet lamp").expect("nils has a new password")
        assert "quiet" not in keys.screen
    sqlite_company.visitor().log_in("nils", "a second quiet lamp")


def test_a_pasted_password_loses_its_line_feed(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company, "alice") as keys:
        keys.enter("auth login carla").expect("password:").paste(f"{PASSWORD}\n").type(ENTER)
        keys.expect("logged in as carla, commercial")


def test_ones_own_password_is_changed_at_the_prompt(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("auth set-password").answer("current password:", PASSWORD).answer(
            "new password:", "another quiet lamp"
        )
        keys.answer("the same again:", "another quiet lamp").expect("your password is changed")
        keys.enter("customer list").expect("no customers")
    sqlite_company.visitor().log_in("carla", "another quiet lamp")
