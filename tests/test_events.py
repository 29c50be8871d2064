"""Events: planned on signed contracts, supported by somebody who is nowhere else meanwhile."""

from __future__ import annotations

import pytest

from tests.company import START, Company
from tests.records import journal, last_entry, problems, tables

NOON = 1_814_868_000  # 2027-07-06 12:00 in Paris
HOUR = 3600


def _dated(company: Company, start: str, end: str, by: str = "carla") -> int:
    """An event of a new customer on 6 July 2027."""
    contract = company.signed(company.customer(by=by))
    return company.event(contract, f'--start "06/07/2027 {start}" --end "06/07/2027 {end}"', by=by)


def test_an_event_is_planned_on_a_signed_contract(company: Company) -> None:
    contract = company.signed(company.customer("王小明"))
    added = company.must(
        f"event add {contract} \"Soirée d'été\" --start '06/07/2027 12:00' --end 2027-07-06T13:00:00Z "
        '--location "Château d\'Ô" --attendees "1 200" --note Apéro --as soiree',
        by="carla",
    )
    assert added.card == {
        "id": 1,
        "name": "Soirée d'été",
        "contract_id": contract,
        "customer_id": 1,
        "customer": "王小明",
        "commercial": "carla",
        "support": None,
        "start": NOON,
        "end": NOON + 3 * HOUR,
        "attendees": 1200,
        "location": "Château d'Ô",
        "note": "Apéro",
        "cancelled_at": None,
    }
    assert added.message == "event 1 is planned"
    assert last_entry().changes["event"]["start"] == (None, NOON)
    assert company.must("event detail @soiree", by="carla").card == added.card
    company.must(f"event add {contract} 'Une autre'", by="carla")
    assert company.must("event detail @event", by="carla").card["start"] is None
    assert problems() == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("event add {unsigned} Gala", 1),
        ("event add {signed}", 2),
        ("event add {signed} ''", 1),
        ("event add {signed} Gala --start tomorrow", 1),
        ("event add {signed} Gala --end tomorrow", 1),
        ("event add {signed} Gala --start tomorrow --end today", 1),
        ("event add {signed} Gala --start tomorrow --end tomorrow", 1),
        ("event add {signed} Gala --start 'tomorrow 25:00' --end +2d", 1),
        ("event add {signed} Gala --start '28/03/2027 02:30' --end '28/03/2027 05:00'", 1),  # the clocks go forward
        ("event add {signed} Gala --attendees=-1", 1),
        ("event add {signed} Gala --attendees 1.5", 1),
        ("event add {signed} Gala --attendees many", 1),
        ("event add {signed} Gala --location {long}", 1),
        ("event add 9999 Gala", 5),
        ("event list --from someday", 1),
        ("event list --from tomorrow --to today", 1),
        ("event list --no-support-assigned --assigned-to-me", 2),
    ],
)
def test_what_is_refused_changes_nothing(sqlite_company: Company, line: str, code: int) -> None:
    customer = sqlite_company.customer()
    names = {
        "unsigned": sqlite_company.contract(customer),
        "signed": sqlite_company.signed(customer),
        "long": "x" * 256,
    }
    before = tables()
    failure = sqlite_company.run(line.format(**names), by="carla").failure
    assert failure is not None
    assert (failure.code, bool(failure.hint)) == (code, True)
    assert tables() == before


def test_a_local_time_that_happens_twice_is_the_first(company: Company) -> None:
    added = company.must(
        f"event add {company.signed()} Nuit --start '31/10/2027 02:30' --end '31/10/2027 05:00'", by="carla"
    )
    assert "happens twice in Europe/Paris and was taken as the first" in added.notes
    assert company.must("event detail 1").card["start"] == 1_824_942_600  # 2027-10-31 00:30 UTC


def test_support_updates_the_event_and_the_whole_is_checked(company: Company) -> None:
    event = _dated(company, "12:00", "15:00")
    company.must(f"event set-support {event} sam")
    moved = company.must(f"event update {event} --end '06/07/2027 16:00' --attendees 80", by="sam")
    assert (moved.changed, moved.card["end"]) == ({"end", "attendees"}, NOON + 4 * HOUR)
    assert last_entry().changes == {"event": {"end": (NOON + 3 * HOUR, NOON + 4 * HOUR), "attendees": (None, 80)}}
    before = tables()
    for options in (
        "--end '06/07/2027 12:00'",
        "--end '06/07/2027 11:00'",
        "--start '06/07/2027 16:00'",
        "--start ''",
        "--end ''",
        "--name ''",
        "--attendees -3",
    ):
        assert company.run(f"event update {event} {options}", by="sam").code == 1, options
    assert company.run(f"event update {event}", by="sam").code == 2
    assert company.run(f"event update {event} --force", by="sam").code == 2
    assert tables() == before
    emptied = company.must(f"event update {event} --start '' --end '' --attendees ''", by="sam")
    assert [emptied.card[name] for name in ("start", "end", "attendees")] == [None] * 3
    assert company.must(f"event update {event} --attendees ''", by="sam").message == "nothing to change"
    assert problems() == []


def test_a_paragraph_is_stamped_with_time_and_author(company: Company) -> None:
    event = company.event()
    company.must(f"event set-support {event} sam")
    company.must(f'event update {event} --append-note "Le traiteur arrive à 17h"', by="sam")
    company.hands.move(24 * 60 + 40)
    company.must(f'event update {event} --append-note "Reporté"', by="sam")
    note = "[2026-09-21 16:13:20 sam] Le traiteur arrive à 17h\n\n[2026-09-21 16:38 sam] Reporté"
    assert company.must(f"event detail {event}").card["note"] == note
    company.must(f'event update {event} --note Neuf --append-note "Encore"', by="sam")
    assert company.must(f"event detail {event}").card["note"] == "Neuf\n\n[2026-09-21 16:38 sam] Encore"
    company.must(f"event update {event} --note ''", by="sam")
    assert company.must(f"event detail {event}").card["note"] is None
    assert problems() == []


def test_only_active_support_is_assigned(company: Company) -> None:
    event = company.event()
    before = tables()
    refused = company.run(f"event set-support {event} carla")
    assert (refused.code, refused.message) == (1, "carla is not a support but has the role commercial")
    assert company.run(f"event set-support {event} zoe").code == 5
    assert company.run("event set-support 99 sam").code == 5
    assert tables() == before
    assigned = company.must(f"event set-support {event} SAM")
    assert (assigned.card["support"], assigned.changed) == ("sam", {"support"})
    assert last_entry().changes == {"event": {"support": (None, company.ids["sam"])}}
    cleared = company.must(f'event set-support {event} ""')
    assert (cleared.card["support"], cleared.message) == (None, "event 1 is assigned to nobody")
    assert company.run(f"event update {event} --attendees 3", by="sam").code == 4
    assert problems() == []


def test_nobody_is_in_two_places(company: Company) -> None:
    noon = _dated(company, "12:00", "15:00")
    touching, over, inside = (
        _dated(company, *span) for span in (("15:00", "16:00"), ("14:59", "16:00"), ("13:00", "14:00"))
    )
    for event in (noon, touching):
        company.must(f"event set-support {event} sam")
    for event in (over, inside):
        refused = company.run(f"event set-support {event} sam")
        assert (refused.code, refused.message) == (1, f"sam is busy at event {noon} (Soirée) meanwhile")
        assert last_entry().result == "refused"
        company.must(f"event set-support {event} sue" if event == over else f"event set-support {event} ''")
    forced = company.must(f"event set-support {inside} sam --force")
    assert forced.notes == f"overridden: sam is busy at event {noon} (Soirée) meanwhile"
    assert last_entry().line == f"event set-support {inside} sam --force"
    undated = company.event()
    company.must(f"event set-support {undated} sam")
    assert problems() == []


def test_an_assigned_event_does_not_move_into_another(company: Company) -> None:
    noon, evening = _dated(company, "12:00", "15:00"), _dated(company, "19:00", "21:00")
    undated = company.event()
    for event in (noon, evening, undated):
        company.must(f"event set-support {event} sam")
    before = tables()
    lines = [
        f"event update {evening} --start '06/07/2027 14:59'",
        f"event update {undated} --start '06/07/2027 20:00' --end '06/07/2027 22:00'",
    ]
    for line in lines:
        assert "sam is busy at event" in company.run(line, by="sam").message
    assert tables() == before
    company.must(f"event update {evening} --start '06/07/2027 15:00'", by="sam")
    forced = company.must(f"{lines[1]} --force", by="sam")
    assert f"overridden: sam is busy at event {evening}" in forced.notes
    company.must(f"event update {undated} --attendees 5", by="sam")  # it does not move: nothing is checked
    assert problems() == []


def test_lists_come_by_start_and_narrow(company: Company) -> None:
    noon, evening = _dated(company, "12:00", "15:00"), _dated(company, "19:00", "21:00", by="colin")
    undated = company.event()
    night = company.event(company.signed(), "--start '06/07/2027 22:00' --end '07/07/2027 00:00'")
    company.must(f"event set-support {evening} sam")
    company.must(f"event set-support {undated} sue")

    def listed(options: str, by: str = "nils") -> list[int]:
        return [row["id"] for row in company.must(f"event list {options}", by=by).rows]

    assert listed("") == [night, evening, noon, undated]
    assert listed("--no-support-assigned") == [night, noon]
    assert listed("--assigned-to-me", by="sam") == listed("--mine", by="sam") == [evening]
    assert listed("--mine", by="carla") == [night, noon, undated]
    assert listed("--mine --no-support-assigned", by="colin") == listed("--mine") == []
    assert listed("--from 06/07/2027 --to 06/07/2027") == [night, evening, noon]
    assert listed("--from 07/07/2027") == listed("--to 05/07/2027") == []
    assert listed("--upcoming") == [night, evening, noon, undated]
    company.hands.move(NOON + 8 * HOUR - START)  # 20:00, while the second one runs
    company.sessions.clear()
    assert listed("--upcoming") == [night, evening, undated]
    assert listed("--upcoming --from today --to today --no-support-assigned") == [night]


def test_a_forced_assignment_survives_what_does_not_move_it(company: Company) -> None:
    one, two = _dated(company, "12:00", "15:00"), _dated(company, "12:00", "15:00")
    company.must(f"event set-support {one} sam")
    company.must(f"event set-support {two} sam --force")
    entries = len(journal())
    company.must(f"event update {two} --name Gala --start '06/07/2027 12:00'", by="sam")
    assert [entry.result for entry in journal()[entries:]] == ["login", "done"]
    assert problems() == []
