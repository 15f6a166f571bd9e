"""A report says what a period came to, and stays what it was."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from layers import report_content, reports
from layers.areas import Area
from layers.base import Reader
from tests.cases import NOON, add_case, add_step, ago
from tests.factories import SCOPE, VILLAGE, WEST, Json

REPORTS = "/collections/reports"
DAY = str((NOON - timedelta(hours=24)).date())
DISPUTE = "201"
WORKER = Reader(account="w", roles=frozenset({"worker"}), areas=(VILLAGE,))
ELSEWHERE = Reader(account="x", roles=frozenset({"worker"}), areas=("441900109999",))


@pytest.fixture
def cases(town: Session) -> Session:
    always = Range(None, None)
    town.add(Area(district=SCOPE.district, code=VILLAGE, name="黄屋村", level=3, valid=always))
    add_case(town, ago(30), closed_at=ago(25), limit_h=4, unit="O1")
    add_case(town, ago(30), limit_h=4)
    add_case(town, ago(26), limit_h=4, category=DISPUTE)
    return town


def _issue(client: FlaskClient, **asked: Any) -> Any:
    return client.post(f"{REPORTS}/issue", json={"period": "day", "date": DAY, **asked})


def _issued(client: FlaskClient, **asked: Any) -> int:
    reply = _issue(client, **asked)
    assert reply.status_code == 200, reply.text
    return int(reply.json["id"])


def _told(client: FlaskClient, address: str) -> Json:
    reply = client.get(f"{REPORTS}/items/{address}")
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def test_a_report_counts_all_cases_of_its_area_and_day(
    dispatcher: FlaskClient, cases: Session
) -> None:
    told = _told(dispatcher, f"{_issued(dispatcher, area=VILLAGE)}")["properties"]

    figures = told["content"]["figures"]
    assert (figures["filed"], figures["due"], figures["closed_due"], figures["open"]) == (
        3,
        3,
        1,
        2,
    )
    assert told["title"] == f"黄屋村 {_zh(DAY)} 日报"


def _zh(day: str) -> str:
    read = date.fromisoformat(day)
    return f"{read.year}年{read.month}月{read.day}日"


def test_a_report_counted_again_says_the_same_whatever_happened_since(
    dispatcher: FlaskClient, cases: Session
) -> None:
    number = _issued(dispatcher)
    add_case(cases, ago(28))  # sent in later, with the time at which it happened
    late = add_case(cases, ago(-1))
    add_step(cases, late, ago(-2), "close", stage="closed")
    cases.execute(text("UPDATE incidents SET stage = 'closed', closed_at = :at"), {"at": ago(-3)})
    cases.execute(text("UPDATE incidents SET closed_at = :at WHERE unit = 'O1'"), {"at": ago(25)})

    assert _told(dispatcher, f"{number}/check")["same"] is True


def test_a_new_name_of_a_unit_changes_no_report(dispatcher: FlaskClient, cases: Session) -> None:
    number = _issued(dispatcher)
    cases.execute(text("UPDATE organisations SET name = '另一个名称'"))

    assert _told(dispatcher, f"{number}/check")["same"] is True


BEFORE_POSTS = text("UPDATE reports SET content = content #- '{groups,post}', sha256 = :sha256")


def test_a_report_of_before_figures_by_post_is_held_to_what_it_says(
    dispatcher: FlaskClient, cases: Session
) -> None:
    number = _issued(dispatcher)
    content = _told(dispatcher, f"{number}")["properties"]["content"]
    del content["groups"]["post"]
    cases.execute(BEFORE_POSTS, {"sha256": report_content.digest(content)})

    book = load_workbook(io.BytesIO(dispatcher.get(f"{REPORTS}/items/{number}.xlsx").data))

    assert _told(dispatcher, f"{number}/check")["same"] is True
    assert book.sheetnames == ["汇总", "按区域", "按责任单位", "按事项"]


def test_a_report_keeps_the_figures_of_each_post(dispatcher: FlaskClient, cases: Session) -> None:
    cases.execute(text("UPDATE steps SET post_to = 'D1' WHERE unit_to = 'O1'"))
    cases.execute(text("UPDATE incidents SET post = 'D1' WHERE unit = 'O1'"))

    groups = _told(dispatcher, f"{_issued(dispatcher)}")["properties"]["content"]["groups"]["post"]

    assert {group["key"]: group["figures"]["filed"] for group in groups} == {"D1": 1, "none": 2}


def test_a_report_that_was_tampered_with_is_told(dispatcher: FlaskClient, cases: Session) -> None:
    number = _issued(dispatcher)
    cases.execute(text("UPDATE steps SET at = at - interval '30 hours'"))
    cases.execute(text("UPDATE incidents SET reported_at = reported_at - interval '30 hours'"))

    assert _told(dispatcher, f"{number}/check")["same"] is False


def test_an_area_is_known_by_its_whole_code_too(dispatcher: FlaskClient, cases: Session) -> None:
    told = _told(dispatcher, f"{_issued(dispatcher, area='441900000000')}")["properties"]

    assert (told["area"], told["content"]["figures"]["filed"]) == ("441900", 3)


def test_lists_of_reports_leave_their_content_out(dispatcher: FlaskClient, cases: Session) -> None:
    _issued(dispatcher)

    found = dispatcher.get(f"{REPORTS}/items").get_json(force=True)["features"]

    assert ["content" in feature["properties"] for feature in found] == [False]


def test_an_issued_report_is_announced(dispatcher: FlaskClient, cases: Session) -> None:
    number = _issued(dispatcher)

    found = cases.execute(text("SELECT kind FROM outbox WHERE layer = 'reports'")).scalars().all()
    assert (found, number > 0) == (["issued"], True)


@pytest.mark.parametrize(
    ("asked", "status", "member"),
    [
        ({"period": "year"}, 400, "period"),
        ({"date": "20th"}, 400, "date"),
        ({"area": "999"}, 400, "area"),
        ({"area": 7}, 400, "area"),
        ({"kind": "poem"}, 400, "kind"),
        ({"kind": ["figures"]}, 400, "kind"),
        ({"kind": {}}, 400, "kind"),
        ({"date": "0001-01-01"}, 400, "date"),
        ({"date": "0001-01-01", "period": "week"}, 400, "date"),
        ({"date": "9999-12-31"}, 400, "date"),
        ({"date": "9999-12-31", "period": "quarter"}, 400, "date"),
        ({"colour": "red"}, 400, "colour"),
        ({"date": str(date.today() + timedelta(days=1))}, 409, "date"),
        (
            {"period": "month", "date": str(datetime.now(ZoneInfo("Asia/Shanghai")).date())},
            409,
            "date",
        ),
    ],
)
def test_a_report_that_cannot_be_is_refused_by_name(
    dispatcher: FlaskClient, cases: Session, asked: Json, status: int, member: str
) -> None:
    reply = _issue(dispatcher, **asked)

    assert (reply.status_code, reply.json["member"]) == (status, member)


def test_a_report_is_issued_once(dispatcher: FlaskClient, cases: Session) -> None:
    _issued(dispatcher)

    assert _issue(dispatcher).status_code == 409


def test_only_who_may_issues_reports(
    client: FlaskClient, client_as: Callable[[Reader], FlaskClient], cases: Session
) -> None:
    assert (_issue(client).status_code, _issue(client_as(WORKER)).status_code) == (401, 403)


def test_a_report_is_for_those_who_answer_for_its_area(
    dispatcher: FlaskClient,
    client: FlaskClient,
    client_as: Callable[[Reader], FlaskClient],
    cases: Session,
) -> None:
    address = f"{REPORTS}/items/{_issued(dispatcher, area=VILLAGE)}"
    readers = (dispatcher, client_as(WORKER), client_as(ELSEWHERE), client)

    assert [reader.get(address).status_code for reader in readers] == [200, 200, 404, 404]
    assert [reader.get(f"{address}.xlsx").status_code for reader in readers] == [200, 200, 404, 404]
    assert [reader.get(f"{address}/check").status_code for reader in readers] == [
        200,
        200,
        404,
        404,
    ]


def test_a_report_is_a_workbook_with_a_sheet_for_each_grouping(
    dispatcher: FlaskClient, cases: Session
) -> None:
    reply = dispatcher.get(f"{REPORTS}/items/{_issued(dispatcher)}.xlsx")

    book = load_workbook(io.BytesIO(reply.data))
    rows = {row[0]: row[1] for row in book["汇总"].values}
    assert book.sheetnames == ["汇总", "按区域", "按责任单位", "按事项", "按责任岗位"]
    assert (rows["上报"], rows["结案率"]) == (3, 0.3333)


LEDGER_MOVES = text("""
INSERT INTO procedures (district, code, edition, title, title_en, first_step, definition)
VALUES (441900, 'mine', 7, '', '', 'reported', '{"moves": [
    {"code": "hand", "title": "移交", "effect": "assign"},
    {"code": "strike", "title": "销号", "effect": "write_off"},
    {"code": "go", "title": "处置", "effect": "advance"}]}')
""")


def test_a_ledger_lists_what_was_handed_over_and_written_off(
    dispatcher: FlaskClient, town: Session
) -> None:
    town.execute(LEDGER_MOVES)
    month = NOON.replace(day=1) - timedelta(days=10)
    case = add_case(town, month, procedure="mine", edition=7)
    add_step(town, case, month + timedelta(hours=1), "hand", unit="O1")
    add_step(town, case, month + timedelta(hours=2), "go")
    add_step(town, case, month + timedelta(hours=3), "strike", stage="closed")
    asked = {"period": "month", "date": str(month.date()), "kind": "ledger"}

    number = _issued(dispatcher, **asked)

    content = _told(dispatcher, f"{number}")["properties"]["content"]
    assert content["counts"] == {"handed_over": 1, "written_off": 1}
    assert (content["handed_over"][0]["to"], content["written_off"][0]["move"]) == (
        "黄屋村",
        "销号",
    )
    book = load_workbook(io.BytesIO(dispatcher.get(f"{REPORTS}/items/{number}.xlsx").data))
    assert [book[name].max_row for name in ("移交", "销号")] == [2, 2]
    leads = book["移交"]["C2"].hyperlink
    assert leads is not None
    assert str(leads.target).endswith(f"/wall#case-{case}")


@pytest.mark.parametrize("kind", ["ledger", "figures"])
@pytest.mark.parametrize(("before", "after"), [(WEST, "441900109999000"), (None, WEST)])
def test_a_case_placed_elsewhere_since_changes_no_report(
    dispatcher: FlaskClient, cases: Session, kind: str, before: str | None, after: str
) -> None:
    cases.execute(LEDGER_MOVES)
    case = add_case(cases, ago(30), procedure="mine", edition=7, grid_code=before)
    add_step(cases, case, ago(29), "hand", unit="O1")
    number = _issued(dispatcher, area=VILLAGE, kind=kind)
    grids = {} if before is None else {"grid_before": before}
    add_step(cases, case, datetime.now(UTC), "place", unit="O1", evidence=grids)
    moved = text("UPDATE incidents SET grid_code = :after WHERE id = :case")
    cases.execute(moved, {"after": after, "case": case})

    assert _told(dispatcher, f"{number}/check")["same"] is True


def test_a_period_is_over_when_what_was_begun_in_it_has_ended(
    dispatcher: FlaskClient, cases: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "SETTLING", timedelta(days=9))

    due = reports.missing(cases, SCOPE, datetime.now(UTC).date())

    assert (_issue(dispatcher).status_code, due) == (409, [])
