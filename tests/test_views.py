"""Saved views: lists under a name, one's own or shared, with parameters; and a command for each record of one."""

from __future__ import annotations

import pytest

from crmshell.commands import GRAMMAR
from crmshell.dispatch import rehearse
from crmshell.language.reading import read
from crmshell.outcome import Said
from tests.company import Company
from tests.process import Program
from tests.records import journal, problems, sql, tables

SAYS_WHAT = "a view says what is listed, not where to or in which format"
LATE = "contract list --not-paid-filter --where 'total_amount > 500' --sort total_amount"


def test_a_view_is_saved_listed_run_and_deleted(company: Company) -> None:
    small, large, larger = (company.contract(total=total) for total in ("400", "700", "900"))
    saved = company.must(f"view save late = {LATE}", by="carla")
    assert (saved.message, saved.card["owner"], saved.card["line"]) == ("view late is saved", "carla", LATE)
    assert [row["id"] for row in company.must("view run late", by="carla").rows] == [large, larger]
    company.must("view save late = contract list --where 'total_amount < 500'", by="carla")
    assert [row["id"] for row in company.must("view run late", by="carla").rows] == [small]
    assert [row["name"] for row in company.must("view list", by="carla").rows] == ["late"]
    company.must("view delete late", by="carla")
    assert company.must("view list", by="carla").rows == []
    assert problems() == []


def test_views_are_ones_own_or_shared_by_an_administrator(company: Company) -> None:
    refused = company.run("view save --shared all = customer list", by="carla")
    assert refused.message == "shared views are for administrators, and carla has the role commercial"
    assert refused.code == 4
    company.must("view save mine = customer list --mine", by="carla")
    assert company.run("view run mine", by="colin").message == "there is no view mine"
    company.must("view save --shared all = customer list")
    company.must("view run all", by="nils")
    assert company.run("view delete all", by="nils").code == 4
    company.must("view save all = contract list --columns id", by="nils")
    assert list(company.must("view list", by="nils").rows[0]) == ["id", "name", "owner", "line", "created_at"]
    outcome = company.must("view run all", by="nils").outcome
    assert [column.name for column in outcome.columns] == ["id"]  # type: ignore[union-attr]
    company.must("view delete all", by="nils")
    company.must("view run all", by="nils")
    company.must("view delete all")
    assert company.run("view run all").failure.hint == "view list shows them"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("view save contract = contract list", 1, "contract is a command, and no view hides one"),
        ("view save for = contract list", 1, "for is a command, and no view hides one"),
        ("view save 1st = contract list", 2, "1st is no name for a view"),
        ("view save late = contract sign 5611d818", 2, "a view stands for a list"),
        ("view save late = contract totals", 2, "a view stands for a list"),
        ("view save late = contract list --sotr id", 2, "contract list has no option --sotr"),
        ("view save late = contract payments", 2, "contract payments needs --contract-uuid"),
        (
            "view save late = contract list --format csv",
            2,
            SAYS_WHAT,
        ),
        ("view save late = contract list > late.csv", 2, SAYS_WHAT),
        ("view save late = customer list --search 'a\0'", 1, "the line has a control character in it, ␀"),
        ("view run nothing", 5, "there is no view nothing"),
    ],
)
def test_what_is_no_view_is_refused(sqlite_company: Company, line: str, code: int, message: str) -> None:
    refused = sqlite_company.run(line)
    assert (refused.code, refused.message) == (code, message)
    assert refused.failure is not None
    assert refused.failure.hint
    assert sqlite_company.must("view list").rows == []


def test_a_view_has_parameters(company: Company) -> None:
    contracts = [company.contract(total=total) for total in ("400", "700")]
    company.must('view save over = contract list --where "total_amount > $least" --limit 5')
    assert [row["id"] for row in company.must("view run over least=500").rows] == contracts[1:]
    assert len(company.must("view run over 'least=1,50'").rows) == 2
    missing = company.run("view run over").failure
    assert missing is not None
    assert (missing.code, missing.message, missing.hint) == (2, "view over needs least", "view run over least=…")
    strange = company.run("view run over least=1 most=2").failure
    assert strange is not None
    assert (strange.message, strange.hint) == ("view over has no parameter most", "it has least")
    company.must("view save plain = customer list --where 'fullname ~ $least' --limit 5")
    literal = company.run("view run plain least=1").failure
    assert literal is not None
    assert literal.hint == "between single quotes $least is plain text: save the view with double quotes"
    wrong = company.run("view run over least=1.234").message
    assert wrong.startswith("view over: 1.234 reads as thousands")
    assert company.run("view run over 500").message == "500 gives no parameter a value"


def test_a_command_runs_for_each_record_of_a_view(company: Company) -> None:
    contracts = [company.contract(total=total) for total in ("400", "700", "900")]
    company.must("view save big = contract list --where 'total_amount > 500'")
    done = company.must("for big do contract update @it --total-amount 1000")
    assert done.message == "2 contracts done: contract update @it --total-amount 1000"
    totals = {row["id"]: row["total_amount"] for row in company.must("contract list").rows}
    assert totals == dict(zip(contracts, (40_000, 100_000, 100_000), strict=True))
    entries = [entry for entry in journal() if entry.command == "contract update"]
    assert [entry.result for entry in entries] == ["done", "done"]
    company.must("view save mine = customer list --where 'commercial = carla' --limit 1")
    company.must("for mine do contract add @it 12 --as last")
    assert "it" not in company.session("alice").names


def test_a_view_with_parameters_gets_them_before_the_command(company: Company) -> None:
    names = [f"C{number}" for number in range(3)]
    for name in names:
        company.must(f"customer add {name}", by="carla")
    company.must('view save above = customer list --mine --where "id > $low"', by="carla")
    said = company.must("for above low=1 do customer update @it --company Ça", by="carla").outcome
    assert isinstance(said, Said)
    assert said.message.startswith("2 customers done")
    assert [row[0] for row in sql("SELECT fullname FROM customer WHERE company = 'Ça' ORDER BY id")] == names[1:]
    refused = company.run("for above do customer update @it --company No", by="carla").failure
    assert refused is not None
    assert refused.message == "view above needs low"


def test_how_many_it_will_be_is_known_before_it_is_asked(sqlite_company: Company) -> None:
    for total in ("400", "700", "900"):
        sqlite_company.contract(total=total)
    sqlite_company.must("view save big = contract list --where 'total_amount > 500'")
    reading = read("for big do contract sign @it", GRAMMAR)
    assert rehearse(reading, sqlite_company.session("alice")) == "2 contracts: contract sign @it"
    assert [row["signed"] for row in sqlite_company.must("contract list").rows] == [False, False, False]


def test_one_refusal_undoes_all_of_it_and_names_the_record(company: Company) -> None:
    paid, free = company.signed(total="900"), company.contract(total="800")
    company.must(f"contract add-payment {paid} 850")
    company.must("view save all = contract list --sort total_amount")
    before = tables()
    refused = company.run("for all do contract update @it --total-amount 700")
    assert refused.code == 1
    assert refused.message == (
        f"contract {paid[:8]}: 700.00 € is less than the 850.00 € already paid; nothing was changed"
    )
    assert {name: rows for name, rows in tables().items() if name != "journal_change"} == {
        name: rows for name, rows in before.items() if name != "journal_change"
    }
    kept = company.run("for --keep-going all do contract update @it --total-amount 700")
    assert kept.code == 1
    assert kept.message.startswith(f"1 contract done, 1 refused: contract {paid[:8]}: 700.00 € is less")
    assert company.must(f"contract detail {free}").card["total_amount"] == 70_000
    assert problems() == []


def test_a_record_of_somebody_else_is_refused_as_ever(company: Company) -> None:
    company.contract(company.customer(by="colin"))
    company.must("view save --shared all = contract list")
    refused = company.run("for all do contract sign @it", by="carla")
    assert refused.code == 4
    assert refused.message.endswith("belongs to a customer of colin, not yours; nothing was changed")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("for all contract sign @it", "the view is followed by do and a command"),
        ("for all do", "the view is followed by do and a command"),
        ("for all do contract list", "what is done for each record is a command that changes it"),
        ("for all do for all do contract sign @it", "what is done for each record is a command that changes it"),
        ("for all do contract sing @it", "there is no command `contract sing`"),
        ("for all do contract add @it", "contract add needs --total-amount"),
        ("for sums do contract sign @it", "view sums shows sums, not records"),
    ],
)
def test_what_cannot_be_done_for_each_is_refused(sqlite_company: Company, line: str, message: str) -> None:
    sqlite_company.must("view save all = contract list")
    sqlite_company.must("view save sums = contract list --group-by commercial")
    assert sqlite_company.run(line).message == message


def test_a_batch_is_asked_for_yes(sqlite_program: Program) -> None:
    line = "for all do contract sign @it"
    sqlite_program.company.must("view save --shared all = contract list")
    refused = sqlite_program.run("-c", line)
    assert (refused.code, "start with --yes" in refused.err) == (2, True)
    assert sqlite_program.run("--yes", "-c", line).code == 0
