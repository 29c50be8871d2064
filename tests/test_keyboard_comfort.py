"""What makes a day at the prompt easier: names of one's own, watching, looking back, settings, and a locked screen."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path
from unittest.mock import Mock

import pytest
from prompt_toolkit.output import ColorDepth

from crmshell.aliases import aliases_path, load_aliases, save_aliases
from crmshell.commands import GRAMMAR
from crmshell.errors import Failure, Interrupted, StoreError
from crmshell.language.reading import read
from crmshell.outcome import Watch
from crmshell.session import IDLE_SECONDS, Session
from crmshell.settings import as_toml, load, user_file
from tests.company import PASSWORD, Company
from tests.crowd import gather
from tests.keyboard import Keyboard
from tests.keys import CTRL_C, CTRL_D, DOWN, ENTER, TAB, UP
from tests.menus import offered
from tests.process import Program
from tests.records import journal

# Aliases


def test_an_alias_is_kept_for_the_user_alone(sqlite_company: Company) -> None:
    contract = sqlite_company.signed()
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("alias pay = contract add-payment $1 $2 --method card").expect(
            "pay stands for: contract add-payment"
        )
        keys.enter(f"pay {contract[:8]} 12,50").expect("12.50 € received")
    assert stat.S_IMODE(aliases_path().stat().st_mode) == 0o600
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("alias").expect("pay").expect("contract add-payment $1 $2 --method card")
        keys.type(UP + UP).wait_for_line(f"pay {contract[:8]} 12,50").type(ENTER).expect("12.50 € received")
        keys.enter("unalias pay").expect("pay no longer stands for")
        keys.enter("pay 1").expect("there is no command")
    lines = [entry.line for entry in journal() if entry.command == "contract add-payment"]
    assert lines == [f"contract add-payment {contract[:8]} 12,50 --method card"] * 2


def test_an_alias_is_completed_asked_for_and_told_what_is_wrong(sqlite_company: Company) -> None:
    sqlite_company.signed()
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("alias pay = contract add-payment $1 $2 > /dev/null").expect("stands for")
        keys.complete("pa").type(TAB).wait_for_line("pay")
        keys.complete(" elo", "1 000.00 € due").type(DOWN + ENTER).type(ENTER).expect("payment (")
        keys.enter("12").expect("/dev/null is no file to write to")
        keys.wait(lambda: keys.line.startswith("contract add-payment"), "the line to be corrected").type(CTRL_C)
        keys.enter("alias pay = contract add-payment").expect("stands for")
        keys.enter("pay --mehtod card").expect("contract add-payment --mehtod card").expect("did you mean --method?")


@pytest.mark.slow
def test_no_alias_hides_a_command_or_makes_no_sense(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("alias contract = customer list").expect("no alias hides one")
        keys.enter("alias x = nonsense here").expect("there is no command `nonsense here`")
        keys.enter("alias x = x").expect("there is no command `x`")
        keys.enter("alias x").expect("there is no alias x")
        keys.enter("alias x contract list").expect("followed by =")
        keys.enter("alias x = auth login carla --password 'a quiet lamp'").expect("stands in no alias")
        keys.enter("alias").expect("no aliases yet")
    assert not aliases_path().exists()


@pytest.mark.parametrize("words", ["auth login alice hunter2hunter2", "watch 5 auth login alice hunter2hunter2"])
def test_no_alias_keeps_a_password_that_has_no_place(sqlite_company: Company, words: str) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter(f"alias in = {words}").expect("a password stands in no alias")
    assert not aliases_path().exists()


def test_an_alias_of_several_lines_or_strange_blanks_is_the_same_the_next_day(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("alias own = customer list \\").enter("--mine").expect("own stands for")
        keys.paste("alias page = search a\x0cb").enter("").expect("page stands for")
    assert load_aliases() == {"own": "customer list  --mine", "page": "search a\x0cb"}


def test_an_alias_file_that_is_a_link_stays_one(tmp_path: Path) -> None:
    dotfile = tmp_path / "dotfiles" / "aliases"
    dotfile.parent.mkdir()
    aliases_path().parent.mkdir(parents=True)
    aliases_path().symlink_to(dotfile)
    save_aliases({"unpaid": "contract list"})
    assert aliases_path().is_symlink()
    assert load_aliases() == {"unpaid": "contract list"}
    assert stat.S_IMODE(dotfile.stat().st_mode) == 0o600


def test_scripts_know_no_alias(sqlite_program: Program) -> None:
    save_aliases({"unpaid": "contract list"})
    assert "there is no command `unpaid`" in sqlite_program.script("unpaid\n").err
    refused = sqlite_program.script("alias\n")
    assert refused.code == 2
    assert "alias works at the prompt of the shell alone" in refused.err


# Help


@pytest.mark.slow
def test_help_finds_commands_and_topics_by_words(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("help payment").expect("about payment").expect("contract add-payment").expect("contract payments")
        keys.enter("help exit code").expect("scripts").enter("help keys").expect("Ctrl-R").expect("Ctrl-D")
        keys.enter("help nonsense").expect("there is no help on nonsense")
        for topic in ("language", "values", "scripts", "permissions"):
            keys.enter(f"help {topic}").expect(topic).expect("carla commercial>")


# Settings


def test_settings_are_shown_set_and_kept_in_a_file_that_explains_itself(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("settings").expect("not set – a file whose").expect("keys").expect(
            "emacs – the keys of the prompt (emacs, vi)"
        )
        keys.enter("settings set keys vi").expect("keys is vi").wait_for_toolbar(" INS · ")
        keys.enter("settings set keys nano").expect("keys cannot be nano").expect("one of emacs, vi")
        keys.enter("settings set kyes vi").expect("did you mean keys?")
        keys.enter("settings set kyes").expect("did you mean keys?")
        keys.enter("settings set zone Mars/Olympus").expect("is no time zone")
        keys.enter("settings set format json").expect("format is json").enter("employee list").expect('"username"')
    text = user_file().read_text("utf-8")
    assert stat.S_IMODE(user_file().stat().st_mode) == 0o600
    assert 'keys = "vi"' in text.splitlines()
    assert '# zone = "Europe/Paris"' in text.splitlines()
    loaded = load({}, {})
    assert (loaded.keys, loaded.format, loaded.zone) == ("vi", "json", "Europe/Paris")


def test_what_is_read_at_the_start_counts_from_the_next_one_on(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("settings set database elsewhere.db").expect("is elsewhere.db from the next start on")
        keys.expect("carla commercial>").wait_for_toolbar("crm.db")
        keys.enter('settings set user ""').expect("user is not set from the next start on")
    assert load({}, {}).database == "elsewhere.db"


def test_a_zone_holds_at_once_for_all_that_is_told(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("settings set zone Asia/Tokyo").expect("zone is Asia/Tokyo").enter("customer list").expect("no cust")
        assert keys.session.sight
        assert str(keys.session.sight.zone) == "Asia/Tokyo"


def test_colours_that_are_turned_off_are_off_in_questions_too(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("settings set colour never").expect("colour is never").enter("customer add").expect("fullname (")
        assert keys._terminal.app
        assert keys._terminal.app.color_depth is ColorDepth.DEPTH_1_BIT


def test_any_value_of_a_setting_is_read_back() -> None:
    chosen = {"pager": 'less -"S" \\ é\x07', "database": "C:\\crm.db"}
    assert tomllib.loads(as_toml(chosen)) == chosen


def test_settings_that_cannot_be_read_are_told_in_words(sqlite_program: Program) -> None:
    (sqlite_program.folder / "crmshell.toml").mkdir()
    told = sqlite_program.run("customer", "list")
    assert (told.code, told.err.splitlines()[0]) == (2, "crmshell.toml cannot be read: Is a directory")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# mine\nzone = 'UTC' # at home", "# mine\nzone = 'UTC' # at home\nkeys = \"vi\"\n"),
        ("# my keys\nkeys = 'emacs'  # for now\nzone='UTC'\n", "# my keys\nkeys = \"vi\"  # for now\nzone='UTC'\n"),
        ('# keys = "emacs"\n\n# the end\n', 'keys = "vi"\n\n# the end\n'),
        ('# keys = "emacs"\nkeys = "emacs"\n', '# keys = "emacs"\nkeys = "vi"\n'),
        ('keys = """emacs"""\n', as_toml({"keys": "vi"})),
    ],
)
def test_what_one_wrote_into_the_settings_file_oneself_stays(sqlite_company: Company, before: str, after: str) -> None:
    user_file().parent.mkdir(parents=True, exist_ok=True)
    user_file().write_text(before, "utf-8")
    sqlite_company.must("settings set keys vi")
    assert user_file().read_text("utf-8") == after


def test_the_values_of_a_setting_are_completed(sqlite_company: Company) -> None:
    session = sqlite_company.session("carla")
    assert offered(session, "settings ") == ["set"]
    assert offered(session, "settings set ke") == ["keys"]
    assert offered(session, "settings set keys ") == ["emacs", "vi"]
    assert offered(session, "help ke") == ["keys"]


# Watching and looking back


@pytest.mark.slow
def test_a_list_is_watched_until_ctrl_c(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("watch 1 customer list").expect("every 1 s: customer list").expect("no customers")
        sqlite_company.customer("Éloïse d'Été")
        keys.expect("every 1 s: customer list").expect("Éloïse d'Été")
        keys.interrupt().expect("watched").expect("carla commercial>")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("watch 5 customer add Ana", "only a command that reads can be watched"),
        pytest.param("watch 5 customer lst", "there is no command `customer lst`", marks=pytest.mark.slow),
        pytest.param("watch 5 customer detail", "customer detail needs --customer-id", marks=pytest.mark.slow),
        pytest.param("watch 5 customer list | wc", "what is watched goes to the screen", marks=pytest.mark.slow),
        pytest.param("watch 0 customer list", "0 seconds is not between 1 and 3600", marks=pytest.mark.slow),
        pytest.param("watch 5 exit", "only a command that reads can be watched", marks=pytest.mark.slow),
    ],
)
def test_what_cannot_be_watched_is_refused(sqlite_company: Company, line: str, message: str) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter(line).expect(message).expect("carla commercial>")


def test_no_more_of_a_watched_list_is_made_than_the_screen_holds(sqlite_company: Company) -> None:
    gather(sqlite_company, 1000)
    with Keyboard.of(sqlite_company) as keys:
        tasks = keys.expect("carla commercial>").shell._tasks
        keys.shell._printer.style = keys.shell._printer.style._replace(width=120, height=10)
        lines = tasks._look(read("customer list", GRAMMAR))
        assert 10 <= len(lines) < 300  # a table is drawn some rows at a time
        tasks._draw(Watch(1, "customer list"), lines)
        keys.expect("every 1 s: customer list").expect("… more than the screen holds")


@pytest.mark.slow
def test_looking_on_does_not_keep_a_session_alive(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("watch 1 customer list").expect("every 1 s").expect("every 1 s")
        sqlite_company.hands.move(IDLE_SECONDS + 1)
        keys.answer("password for carla:", PASSWORD)
        keys.expect("every 1 s").interrupt().expect("watched").expect("carla commercial>")


def test_what_was_typed_is_listed_and_taken_back_by_its_number(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("employee detail sam").expect("Sam Łukasz").enter("customer list").expect("no customers")
        keys.enter("recall DETAIL emp").expect("1  employee detail sam").enter("recall 99").expect("no line 99")
        keys.enter("recall quantum").expect("nothing like that was typed")
        keys.enter("recall 1").wait_for_line("employee detail sam").type(ENTER).expect("Sam Łukasz")


def test_a_line_that_is_not_kept_may_ask_for_those_that_are(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("recall lamp --password").expect("nothing like that was typed")
        keys.enter("employee detail sam").expect("Sam Łukasz").enter("recall auth login sam lamp").expect("nothing li")
        keys.enter("recall sam").expect("1  employee detail sam")


# The screen and the clipboard


def test_a_locked_screen_opens_for_the_password_alone(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("customer add 'Ana Peña' --as ana").expect("customer 1 is added")
        keys.enter("lock").answer("password for carla:", "wrong").expect("wrong password")
        keys.expect("password for carla:").type(CTRL_C).expect("locked by carla").expect("password for carla:")
        keys.type(CTRL_D).expect("locked by carla").answer("password for carla:", PASSWORD).expect(
            "welcome back, carla"
        )
        keys.enter("customer detail @ana").expect("Ana Peña")
        keys.enter("begin").enter("lock").expect("a transaction is open, and others wait for it")
    assert [entry.result for entry in journal() if entry.command == "auth login"][-2:] == ["login failed", "login"]


@pytest.mark.parametrize("failure", [StoreError("the database does not answer"), Interrupted("interrupted")])
def test_a_locked_screen_stays_locked_when_the_password_cannot_be_checked(
    sqlite_company: Company, monkeypatch: pytest.MonkeyPatch, failure: Failure
) -> None:
    check = Mock(side_effect=[failure, None])
    monkeypatch.setattr(Session, "unlock", check)
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("lock").answer("password for carla:", PASSWORD).expect(failure.message).expect("locked by carla")
        keys.answer("password for carla:", PASSWORD).expect("welcome back, carla")


def test_nobody_is_logged_in_behind_a_lock_that_breaks(
    sqlite_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "unlock", Mock(side_effect=ZeroDivisionError))
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("lock").answer("password for carla:", PASSWORD).expect("a mistake of the program")
        keys.enter("customer list").expect("nobody is logged in")


def test_the_clipboard_is_off_until_it_is_turned_on(sqlite_company: Company) -> None:
    with Keyboard.of(sqlite_company) as keys:
        keys.enter("clip").expect("the clipboard is off").expect("hint: settings set clipboard on")
        keys.enter("settings set clipboard on").enter("clip").expect("no record was touched yet")
        keys.enter("customer add 'Ana Peña'").expect("customer 1 is added").enter("clip").expect(
            "1 is on the clipboard"
        )


def test_scripts_refuse_what_makes_sense_at_a_prompt_alone(sqlite_program: Program) -> None:
    for line in ("watch 5 customer list", "recall", "lock", "clip", "unalias x"):
        refused = sqlite_program.script(f"{line}\n")
        assert (refused.code, "works at the prompt of the shell alone" in refused.err) == (2, True)
        assert sqlite_program.script(f"{line}\n", "--check").code == 2
    assert sqlite_program.run("settings").code == 0
    assert sqlite_program.run("settings", "set", "zone", "Europe/Lisbon").code == 0
    assert load({}, {}).zone == "Europe/Lisbon"
