"""Any list is a workbook: the same rows, Chinese headings, and no text becomes a formula."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import text
from sqlalchemy.orm import Session

from gis_server import workbooks
from tests.factories import at, incident, posted

ITEMS = "/collections/incidents/items"


def _rows(client: FlaskClient, question: str = "") -> list[dict[str, Any]]:
    reply = client.get(f"{ITEMS}.xlsx{question}")
    assert reply.status_code == 200, reply.text
    (sheet,) = load_workbook(io.BytesIO(reply.data)).worksheets
    names, *lines = sheet.values
    return [dict(zip(names, line, strict=True)) for line in lines]


def test_a_list_is_written_with_chinese_headings_and_its_place(
    client: FlaskClient, town: Session
) -> None:
    number = posted(client, incident(10, 20, description="烟"))["properties"]["number"]

    (row,) = _rows(client)

    assert (row["案件编号"], row["描述"], row["环节"]) == (number, "烟", "已上报")
    assert (row["事项"], row["事项名称"], row["责任单位名称"]) == ("101", "火灾烟雾", None)
    assert (row["经度"], row["纬度"]) == pytest.approx(at(10, 20))


def test_times_are_those_of_the_town(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10, reported_at="2026-01-05T16:30:00Z"))

    assert f"{_rows(client)[0]['上报时间']:%Y-%m-%d %H:%M}" == "2026-01-06 00:30"


def test_a_workbook_has_the_rows_of_its_filters(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10, category="102"))
    posted(client, incident(10, 10))

    assert [row["事项"] for row in _rows(client, "?category=102")] == ["102"]


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "#N/A", "=cmd|' /C calc'!A0"])
def test_no_text_becomes_a_formula(client: FlaskClient, town: Session, words: str) -> None:
    posted(client, incident(10, 10, description=words))
    reply = client.get(f"{ITEMS}.xlsx")

    (sheet,) = load_workbook(io.BytesIO(reply.data)).worksheets
    cell = next(cell for cell in sheet[2] if cell.value == words)
    assert cell.data_type == "s"


@pytest.mark.parametrize("letter", ["\x0b", "\x1f", "\ufffe", "\uffff"])
def test_a_letter_that_no_workbook_holds_is_left_out(
    client: FlaskClient, town: Session, letter: str
) -> None:
    posted(client, incident(10, 10, description=f"a{letter}b"))

    assert _rows(client)[0]["描述"] == "ab"


def test_a_letter_beyond_the_first_plane_is_kept(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10, description="𠮷\ufffd😀\U0010ffff"))

    assert _rows(client)[0]["描述"] == "𠮷\ufffd😀\U0010ffff"


def test_pages_follow_each_other_without_a_gap(
    client: FlaskClient, town: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "PAGE_ROWS", 2)
    numbers = [posted(client, incident(i, 0))["properties"]["number"] for i in range(5)]

    assert [row["案件编号"] for row in _rows(client)] == numbers[::-1]


def test_too_long_a_list_is_refused(
    client: FlaskClient, town: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 1)
    posted(client, incident(10, 10))
    posted(client, incident(20, 10))

    assert client.get(f"{ITEMS}.xlsx").status_code == 413


def test_a_register_without_places_is_a_workbook_too(client: FlaskClient, town: Session) -> None:
    reply = client.get("/collections/duties/items.xlsx")

    names, line = load_workbook(io.BytesIO(reply.data)).worksheets[0].values
    assert dict(zip(names, line, strict=True))["岗位名称"] == "微网格长"
    assert "filename*=UTF-8''%E5" in reply.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "address", ["/collections/none/items.xlsx", "/collections/incidents/items/1.xlsx"]
)
def test_what_is_no_workbook_is_not_found(client: FlaskClient, town: Session, address: str) -> None:
    assert client.get(address).status_code == 404


MANY = text("""
INSERT INTO organisations (district, code, name, kind)
SELECT 441900, 'M' || n, repeat('长', 1000), 'team' FROM generate_series(1, 3000) AS n
""")


def test_a_long_list_takes_no_more_memory_than_a_page(
    client: FlaskClient, town: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "PAGE_ROWS", 50)
    town.execute(MANY)  # 2 MB of text for each 1,000
    client.get("/collections/duties/items.xlsx")
    tracemalloc.start()

    with client.get("/collections/organisations/items.xlsx", buffered=False) as reply:
        length = sum(len(part) for part in reply.iter_encoded())

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (length > 20_000, peak < 3_000_000) == (True, True)


def test_a_cases_number_leads_to_the_case_on_the_wall(client: FlaskClient, town: Session) -> None:
    case = posted(client, incident(10, 10))

    (sheet,) = load_workbook(io.BytesIO(client.get(f"{ITEMS}.xlsx").data)).worksheets

    cell = next(cell for cell in sheet[2] if cell.value == case["properties"]["number"])
    assert cell.hyperlink is not None
    assert cell.hyperlink.target == f"http://localhost/wall#case-{case['id']}"
