"""What Tab offers in each slot, and nothing else: words by role, options still free, records by the rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import peewee
import pytest
from prompt_toolkit.completion import CompleteEvent, Completion
from prompt_toolkit.document import Document

from completers import BackgroundCompleter, LineCompleter
from completers.lines import line_at, logical_lines
from completers.menu import PAGE, Menu
from completers.values import SOURCES
from crmshell.commands import GRAMMAR
from crmshell.database import current, open_database, transaction
from crmshell.language.declaration import ParameterKind
from crmshell.models.compiled import Statement
from crmshell.models.offers import MOST
from crmshell.records import Pick
from crmshell.session import IDLE_SECONDS, Session
from tests.company import Company
from tests.crowd import hire
from tests.menus import entries, offered, taken
from tests.records import sql


@pytest.fixture
def carla(company: Company) -> Session:
    return company.session("carla")


@pytest.fixture
def alice(company: Company) -> Session:
    return company.session("alice")


# Nouns and verbs


def test_a_visitor_is_offered_the_way_in_and_nothing_that_needs_it(sqlite_company: Company) -> None:
    visitor = sqlite_company.visitor()
    of_the_shell = {command.path[0] for command in GRAMMAR.commands.values() if command.needs_shell}
    assert set(offered(visitor, "")) - of_the_shell == {"auth", "help", "exit", "quit", "clear", "source", "settings"}
    assert offered(visitor, "auth ") == ["login"]
    assert offered(visitor, "contract ") == []


PERSONAL = ("export-data", "erase")


@pytest.mark.parametrize(
    ("username", "verbs"),
    [
        (
            "alice",
            [
                "list",
                "detail",
                "history",
                "set-commercial",
                "delete",
                "restore",
                "merge",
                "silent",
                "export-data",
                "erase",
            ],
        ),
        ("carla", ["list", "detail", "history", "add", "update", "contacted", "merge", "silent"]),
        ("sam", ["list", "detail", "history", "contacted", "silent"]),
        ("nils", ["list", "detail", "history", "silent"]),
    ],
)
def test_verbs_are_those_of_the_role(sqlite_company: Company, username: str, verbs: list[str]) -> None:
    assert sorted(offered(sqlite_company.session(username), "customer ")) == sorted(verbs)


def test_nouns_without_a_verb_for_the_role_are_left_out(sqlite_company: Company) -> None:
    assert "database" in offered(sqlite_company.session("alice"), "")
    assert "database" not in offered(sqlite_company.session("carla"), "")


def test_a_verb_is_found_by_the_beginning_of_its_parts(sqlite_company: Company) -> None:
    assert offered(sqlite_company.session("alice"), "customer com") == ["set-commercial"]
    assert offered(sqlite_company.session("carla"), "contract pay") == ["payments", "add-payment"]
    assert offered(sqlite_company.session("carla"), "crm cont") == ["contract"]


def test_nobody_who_must_change_the_password_is_offered_anything_but_auth(sqlite_company: Company) -> None:
    sqlite_company.must('employee add "Zoé Lefèvre" zoe --role support')
    zoe = sqlite_company.visitor()
    zoe.log_in("zoe", "first-password-once")
    assert "customer" not in offered(zoe, "")
    assert "set-password" in offered(zoe, "auth ")


def test_a_command_of_another_role_is_not_completed(company: Company) -> None:
    company.contract()
    sam = company.session("sam")
    assert offered(sam, "contract sign ") == []
    assert offered(sam, "contract sign abcd --") == []


def test_words_are_explained_by_their_first_sentence(sqlite_company: Company) -> None:
    (sign,) = entries(sqlite_company.session("carla"), "contract sign")
    assert sign.display_meta_text.startswith("Record that the customer has signed")


# Options


def test_an_option_is_offered_until_it_is_given(carla: Session) -> None:
    whole = offered(carla, "customer add 'A B' ")
    assert whole == ["--company", "--email", "--phone", "--allow-duplicate", "--as", "--format", "--help"]
    rest = offered(carla, "customer add 'A B' --email a@b.example --allow-duplicate ")
    assert rest == ["--company", "--phone", "--as", "--format", "--help"]


def test_what_stands_after_the_cursor_counts_as_given(carla: Session) -> None:
    line = "customer add 'A B' --ph --email a@b.example"
    assert offered(carla, line, line.index(" --email")) == ["--phone"]
    line = "customer add 'A B'  --email a@b.example"
    assert "--email" not in offered(carla, line, line.index(" --email"))


def test_options_that_exclude_each_other_are_not_offered_together(carla: Session) -> None:
    assert {"--no-support-assigned", "--assigned-to-me"} <= set(offered(carla, "event list "))
    left = offered(carla, "event list --assigned-to-me ")
    assert "--no-support-assigned" not in left
    assert "--upcoming" in left


def test_an_option_shows_what_it_takes(carla: Session) -> None:
    (option,) = entries(carla, "contract add-payment abcd 5 --date")
    assert option.display_text == "--date DAY"
    assert option.display_meta_text == "when it was received; today when left out"


def test_nothing_is_offered_in_a_comment_or_to_a_text_only_its_writer_knows(carla: Session) -> None:
    assert offered(carla, "contract list # --mi") == []
    assert offered(carla, "customer add ") == []
    assert offered(carla, "auth set-password --new-password ") == []
    assert offered(carla, "rubbish here ") == []


# Values


def test_words_of_a_few_are_offered_by_their_beginning(alice: Session) -> None:
    assert offered(alice, "employee list --role-filter ") == ["administrator", "commercial", "support", "none"]
    assert offered(alice, "employee list --role-filter CO") == ["commercial"]
    assert offered(alice, "contract add-payment abcd 5 --method=c") == ["card", "cheque", "cash"]


def test_days_of_a_payment_are_never_in_the_future(carla: Session) -> None:
    assert offered(carla, "contract add-payment abcd 5 --date ") == ["today", "yesterday", "-7d"]
    assert "tomorrow" in offered(carla, "event list --from ")


def test_what_is_inserted_stands_in_quotes_where_it_must(carla: Session) -> None:
    assert taken(carla, "event add abcd Gala --start tom", 1) == "event add abcd Gala --start 'tomorrow 9:00'"
    assert taken(carla, "event add abcd Gala --start=tom") == "event add abcd Gala --start=tomorrow"
    assert taken(carla, "event add abcd Gala --start 'tomorrow 9") == "event add abcd Gala --start 'tomorrow 9:00'"


def test_all_that_is_due_is_offered_as_the_payment(company: Company, alice: Session) -> None:
    contract = company.signed(total="1200,50")
    company.must(f"contract add-payment {contract} 200")
    (due,) = entries(alice, f"contract add-payment {contract} ")
    assert (due.text, due.display_meta_text) == ("1000.50", "all that is due: 1 000.50 €")
    assert offered(alice, f"contract update {contract} --total-amount ") == []
    assert offered(alice, "contract add-payment ffff0000 ") == []


def test_a_condition_is_completed_word_by_word(alice: Session) -> None:
    assert offered(alice, "contract list --where 'total_d") == ["'total_due ", "'contract.total_due "][:1]
    assert taken(alice, "contract list --where sign") == "contract list --where 'signed "
    assert offered(alice, "contract list --where 'total_due <") == ["'total_due < ", "'total_due <= "]
    assert offered(alice, "contract list --where 'signed = ") == ["'signed = yes'", "'signed = no'"]
    assert offered(alice, "employee list --where 'role in (support, com") == ["'role in (support, commercial'"]
    assert offered(alice, "contract list --where 'commercial = car") == ["'commercial = carla'"]
    assert "'start >= today'" in offered(alice, "event list --where 'start >= ")
    assert offered(alice, "contract list --where 'nothing ") == []


def test_the_fields_of_a_list_are_completed_after_each_comma(alice: Session) -> None:
    assert offered(alice, "contract list --sort company,total_d") == ["company,total_due", "company,total_due-"]
    assert "id,customer.email" in offered(alice, "contract list --columns id,customer.")
    assert "created_at.month" in offered(alice, "contract list --group-by created")


def test_help_completes_commands_and_its_topics(sqlite_company: Company) -> None:
    visitor = sqlite_company.visitor()
    assert offered(visitor, "help per") == ["permissions"]
    assert "add-payment" in offered(visitor, "help contract ")


def test_files_are_completed(sqlite_company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "fin de mois.crm").touch()
    (tmp_path / ".hidden").touch()
    visitor = sqlite_company.visitor()
    assert ".hidden" not in offered(visitor, "source ")
    assert offered(visitor, "source .h") == [".hidden"]
    assert offered(visitor, "source scr") == ["scripts/"]
    assert offered(visitor, "source scripts/") == ["'scripts/fin de mois.crm'"]
    assert offered(visitor, "source ~nobody-of-this-name/") == []
    assert offered(visitor, "source a\0b") == []


def _kinds(base: type[ParameterKind] = ParameterKind) -> Iterator[type[ParameterKind]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_every_kind_of_value_has_a_source() -> None:
    assert Pick in SOURCES
    kinds = {kind for kind in _kinds() if kind.__module__.startswith("crmshell.")}
    assert {kind.__name__ for kind in kinds - set(SOURCES)} == set()


# Several lines at once, and lines that nobody should type


def test_only_the_line_of_the_cursor_counts(sqlite_company: Company) -> None:
    alice = sqlite_company.session("alice")
    assert offered(alice, "employee list\nemployee det") == ["detail"]
    assert offered(alice, "employee list\n") == offered(alice, "")
    assert offered(alice, "employee list --role-filter \\\n sup") == ["support"]


def test_lines_are_found_again_in_their_text() -> None:
    text = "one\ntwo \\\nstill two\n\nfour"
    assert logical_lines(text) == ["one", "two \\\nstill two", "", "four"]
    assert [line_at(text, place)[0] for place in (0, 3, 4, 12, 20, 21, len(text))] == [0, 0, 4, 4, 20, 21, 21]


@pytest.mark.parametrize("rubbish", ["\udce9\udcff", "\0", "\x1b[31m", "%", "_", "' OR 1=1 --", "9" * 40, "💥", "@x"])
def test_rubbish_offers_nothing_and_breaks_nothing(company: Company, rubbish: str) -> None:
    company.customer("Éloïse d'Été")
    carla = company.session("carla")
    for words in ("customer detail", "contract sign", "event detail", "employee detail", "event", ""):
        assert offered(carla, f"{words} {rubbish}") == [], words


def test_a_bug_in_the_background_ends_in_the_log(
    sqlite_company: Company, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    completer = LineCompleter(GRAMMAR, sqlite_company.session("carla"))
    monkeypatch.setattr(completer, "_entries", lambda *_: 1 / 0)
    background = BackgroundCompleter(completer)
    assert list(background.get_completions(Document("customer "), CompleteEvent())) == []
    background.close()
    (log,) = tmp_path.rglob("crm-shell.log")
    assert "ZeroDivisionError" in log.read_text("utf-8")


# Without a session, and without a database


def test_no_data_without_a_live_session(company: Company, carla: Session) -> None:
    company.customer()
    assert offered(carla, "customer detail ")
    company.hands.move(IDLE_SECONDS + 1)
    assert offered(carla, "customer detail ") == []
    assert offered(company.visitor(), "customer detail ") == []


@pytest.mark.parametrize("line", ["employee set-password colin", "employee deactivate colin", "employee delete colin"])
def test_no_data_once_an_administrator_has_ended_the_session(company: Company, line: str) -> None:
    contract = company.signed()
    colin = company.session("colin")
    assert offered(colin, "customer detail ")
    company.must(f"{line} --password 'another quiet lamp'" if "password" in line else line)
    assert offered(colin, "customer detail ") == []
    assert offered(colin, f"contract add-payment {contract} ") == []


def test_a_new_role_counts_on_the_next_key(company: Company) -> None:
    contract = company.contract()
    colin = company.session("colin")
    assert offered(colin, "contract sign ") == []
    company.must("employee set-role colin administrator")
    assert offered(colin, "contract sign ") == [contract[:8]]


def test_a_lost_database_offers_nothing(tmp_path: Path, sqlite_company: Company) -> None:
    sqlite_company.customer()
    carla = sqlite_company.session("carla")
    assert offered(carla, "customer detail ")
    lost = open_database(str(tmp_path / "other.db"), may_create=True)
    assert offered(carla, "customer detail ") == []
    assert offered(carla, "contract sign ab") == []
    lost.close()
    assert offered(carla, "contract li") == ["list"]


def test_at_most_fifty_are_offered(company: Company, alice: Session) -> None:
    hire(MOST + 5)
    for line in ("employee detail ", "employee detail zoe"):
        *found, remark = entries(alice, line)
        assert len([entry for entry in found if not entry.text.startswith("@")]) == MOST
        assert (remark.text, remark.display_text, remark.start_position) == ("", "…", 0)
    assert len(offered(alice, "employee detail zoe05")) == 5


def test_a_menu_begins_with_a_page_and_makes_the_rest_on_demand() -> None:
    made: list[str] = []

    def making() -> Iterator[Completion]:
        for number in range(50):
            made.append(f"{number}")
            yield Completion(made[-1])

    menu = Menu(making())
    assert [entry.text for entry in menu.first_page()] == made == [str(number) for number in range(PAGE)]
    assert [entry.text for entry in menu.rest()] == made[PAGE:]
    assert len(made) == len(list(menu)) == 50
    assert len(menu.first_page()) == PAGE


def test_what_the_database_holds_never_acts_on_the_terminal(company: Company, carla: Session) -> None:
    customer = company.customer("Éloïse d'Été")
    evil = "\x1b]0;pwned\x07\x1b[31m\u202eevil\x9b2J"
    sql("UPDATE customer SET fullname = ?, company = ? WHERE id = ?", evil, evil, customer)
    company.contract(customer)
    for line in ("customer detail ", "contract sign "):
        for entry in entries(carla, line):
            shown = entry.display_text + entry.display_meta_text
            assert not any(unicodedata.category(char) in {"Cc", "Cf"} for char in shown)
            assert "evil" in entry.display_meta_text


def test_the_connection_of_the_thread_is_its_own(sqlite_company: Company) -> None:
    carla = sqlite_company.session("carla")
    sqlite_company.customer()
    background = BackgroundCompleter(LineCompleter(GRAMMAR, carla))
    with current().atomic():
        assert list(background.get_completions(Document("customer detail 1"), CompleteEvent()))
    background.close()


# In the background


@pytest.fixture
def numbers(company: Company) -> Iterator[Callable[[str], list[str]]]:
    """What a prompt of carla's offers for a line, looked up in the background; names left out."""
    completer = LineCompleter(GRAMMAR, company.session("carla"))
    background = BackgroundCompleter(completer)

    def offers(line: str) -> list[str]:
        completer.forget()
        found = background.get_completions(Document(line), CompleteEvent())
        return [entry.text for entry in found if not entry.text.startswith("@")]

    yield offers
    background.close()


Numbers = Callable[[str], list[str]]


def test_what_was_committed_is_offered_by_the_next_prompt(company: Company, numbers: Numbers) -> None:
    assert numbers("customer detail ") == []
    customer = company.customer()
    assert numbers("customer detail ") == [str(customer)]


def test_what_an_open_transaction_wrote_is_offered_and_what_it_undid_is_not(company: Company, numbers: Numbers) -> None:
    first = company.customer()
    company.must("begin", by="carla")
    second = company.customer("Zoltán Kővári")
    assert numbers("customer detail ") == [str(second), str(first)]
    assert numbers("customer update zol") == [str(second)]
    company.must(f'customer update {second} --fullname "Ana Peña"', by="carla")
    assert (numbers("customer detail zol"), numbers("customer detail ana")) == ([], [str(second)])
    company.must("rollback", by="carla")
    assert numbers("customer detail ") == [str(first)]
    assert numbers("customer detail ana") == []
    company.must("begin", by="carla")
    third = company.customer("Łukasz Żak")
    company.must("commit", by="carla")
    assert numbers("customer detail żak") == [str(third)]


def test_a_query_that_fails_leaves_the_open_transaction_as_it_is(
    company: Company, numbers: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.must("begin", by="carla")
    customer = company.customer()
    with monkeypatch.context() as patched:
        patched.setattr(Statement, "rows", lambda *_: current().execute_sql("SELECT nothing FROM nowhere"))
        assert numbers("customer detail ") == []
    assert numbers("customer detail ") == [str(customer)]
    company.must("commit", by="carla")
    assert numbers("customer detail ") == [str(customer)]


def test_a_menu_is_empty_while_a_command_of_the_open_transaction_runs(company: Company, numbers: Numbers) -> None:
    company.must("begin", by="carla")
    customer = company.customer()
    with transaction(current(), writes=True):
        assert numbers("customer detail ") == []
    assert numbers("customer detail ") == [str(customer)]
    company.must("rollback", by="carla")


def test_no_transaction_is_left_open_by_a_menu(company: Company, numbers: Numbers) -> None:
    company.contract(company.customer())
    for line in ("customer detail ", "customer detail elo", "contract sign ", "contract sign elo", "event detail 1"):
        numbers(line)
    if current().engine == "sqlite":
        company.customer("Ana Peña")
        assert current().execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    else:
        states = sql("SELECT DISTINCT state FROM pg_stat_activity WHERE datname = current_database() AND pid <> 0")
        assert "idle in transaction" not in {state for (state,) in states}


def test_a_menu_waits_for_no_writer(company: Company, numbers: Numbers) -> None:
    customer = company.customer("Éloïse d'Été")
    with transaction(current(), writes=True):
        sql("UPDATE customer SET company = 'Béton' WHERE id = ?", customer)
        background = BackgroundCompleter(LineCompleter(GRAMMAR, company.session("carla")))
        (entry,) = (
            entry
            for entry in background.get_completions(Document("customer detail elo"), CompleteEvent())
            if not entry.text.startswith("@")
        )
        background.close()
    assert entry.display_meta_text == "Éloïse d'Été · carla"
    assert numbers("customer detail elo") == [str(customer)]


def test_a_database_that_was_lost_offers_again_once_it_is_back(
    company: Company, numbers: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> None:
        raise peewee.OperationalError("no route to host")

    customer = company.customer()
    assert numbers("customer detail ") == [str(customer)]
    with monkeypatch.context() as patched:
        patched.setattr(type(current()), "_connect", unreachable)
        patched.setattr(type(current()), "is_connection_usable", lambda *_: False)
        assert numbers("customer detail ") == []
    assert numbers("customer detail ") == [str(customer)]


def test_whole_words_come_before_those_that_only_begin_so(company: Company, carla: Session) -> None:
    names = ("Siméon Martin", "Anouk Martineau", "Martine Roy", "Paul Martinet", "Élise Saint-Martin")
    numbers = {name: str(company.customer(name)) for name in names}
    expected = ["Martine Roy", "Élise Saint-Martin", "Siméon Martin", "Paul Martinet", "Anouk Martineau"]
    carla.recent.clear()
    assert [text for text in offered(carla, "customer detail martin") if text[0] != "@"] == [
        numbers[name] for name in expected
    ]


def test_several_words_find_a_record_without_quotes(company: Company, carla: Session) -> None:
    company.must("customer add 'Élodie Martin' --company 'Dubois & Fils'", by="carla")
    contract = company.contract(1)
    company.contract(company.customer("Paul Martin"))
    handle = contract[:8]
    for typed in ("martin dub", "dub élod", "Élodie Martin"):
        assert taken(carla, f"contract sign {typed}") == f"contract sign {handle}", typed
    assert taken(carla, "contract update --total-amount 5 dub mart") == f"contract update --total-amount 5 {handle}"
    for line in (
        "contract sign martin 'dub",
        "contract sign 'martin' dub",
        "contract sign @a martin",
        "auth whoami dub",
    ):
        assert not offered(carla, line), line
