"""What becomes of customers: deleted ones leave lists and completion, merged ones stand for another."""

from __future__ import annotations

from tests.company import Company
from tests.menus import records
from tests.records import sql


def test_a_deleted_customer_leaves_lists_and_completion(company: Company) -> None:
    gone, kept = company.customer("Zoé Ångström"), company.customer("Zoé Öztürk")
    sql("UPDATE customer SET deleted_at = 5 WHERE id = ?", gone)
    assert [row["id"] for row in company.must("customer list").rows] == [kept]
    assert [row["id"] for row in company.must("customer list --mine", by="carla").rows] == [kept]
    for typed in ("", "zoe", str(gone)):
        assert str(gone) not in records(company.session("alice"), f"customer detail {typed}")
    assert company.must(f"customer detail {gone}").card["deleted_at"] == 5


def test_a_deleted_customer_is_not_changed(company: Company) -> None:
    gone = company.customer()
    sql("UPDATE customer SET deleted_at = 5")
    for line, by in ((f"customer update {gone} --company X", "carla"), (f"contract add {gone} 100", "alice")):
        refused = company.run(line, by=by)
        assert (refused.code, refused.message) == (1, f"customer {gone} was deleted")
        assert refused.failure is not None
        assert refused.failure.hint.endswith(f"customer restore {gone}")


def test_the_number_of_a_merged_customer_stands_for_the_other_one(company: Company) -> None:
    first, second, last = (company.customer(name) for name in ("Anne Lefèvre", "Anne Lefevre", "Annie Lefèvre"))
    sql("UPDATE customer SET deleted_at = 5, merged_into_id = ? WHERE id = ?", second, first)
    sql("UPDATE customer SET deleted_at = 6, merged_into_id = ? WHERE id = ?", last, second)
    shown = company.must(f"customer detail {first}")
    assert (shown.card["id"], shown.notes) == (last, f"customer {first} was merged into customer {last}")
    assert company.must(f"contract add {first} 100").card["customer_id"] == last
    company.session("carla").names["anne"] = company.session("carla").names["customer"][0], second
    assert company.must("customer update @anne --company Été", by="carla").card["id"] == last
