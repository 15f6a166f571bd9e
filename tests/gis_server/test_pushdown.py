"""GDAL leaves its WHERE to the server: its own log says so, and what comes back is right."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import NamedTuple
from urllib.parse import unquote

import pytest
import requests
from shapely import Point
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from gis_server.config import Settings
from tests.factories import WEST, add_collection, add_town, at, incident
from tests.gis_server.filter_samples import add_samples

# One process reads everything, and marks in GDAL's log where each answer begins.
READ = """
import json, sys
from pyogrio.raw import read
address, asked = sys.argv[1], json.loads(sys.argv[2])
for layer, where, name in asked:
    print(f"@@{where}", file=sys.stderr, flush=True)
    _, _, _, (values,) = read(
        f"OAPIF:{address}", layer=layer, where=where, columns=[name], read_geometry=False
    )
    print(json.dumps("".join(sorted(values))))
"""
WAIT_S = 60
SENT = re.compile(r"/items\?\S*[?&]filter=(\S*)&filter-lang=cql-text")

BUILDINGS = {
    "(households > 9 AND name LIKE '%zul') OR height_m >= 30.5 OR code IS NULL": "AB",
    "name ILIKE '%ZUL'": "AB",
    "rental = 1 AND year BETWEEN 2000 AND 2010": "A",
    "name IS NOT NULL AND NOT (households = 10)": "BC",
    "kind = '黄屋' OR name = 'it''s'": "C",
    "year <> 2000.5": "ABC",
}
ROWS = [
    {"人口（户）": 7, "名称": "黄屋", "日期": "2026-01-05"},
    {"人口（户）": 3, "名称": "角社", "日期": "2026-02-01"},
    {"人口（户）": None, "名称": "寮边头", "日期": None},
]
SCHEMA = {"人口（户）": "number", "名称": "string", "日期": "date"}
PEOPLE = {
    """ "人口（户）" > 5 AND "名称" = '黄屋' """.strip(): "黄屋",
    '"日期" >= \'2026/01/05\' AND "人口（户）" IS NOT NULL': "角社黄屋",
}
INCIDENTS = {
    "reported_at > '2020/01/01 00:00:00' AND category = '101'": WEST,
    "reported_at < '2020/01/01 00:00:00'": "",
}


class Answer(NamedTuple):
    """What GDAL read, the filters that it sent, and its log."""

    read: str
    sent: list[str]
    log: str


@pytest.fixture(scope="module")
def answers(live_settings: Settings, live_server: str) -> dict[str, Answer]:
    """Serve the town, the buildings and a case, and let GDAL read them with each WHERE."""
    engine = create_engine(live_settings.database_url)
    with Session(engine) as session, session.begin():
        add_town(session)
        add_samples(session)
        rows = [(Point(at(0, 0)), row) for row in ROWS]
        add_collection(session, "人口", rows, schema=SCHEMA)
    engine.dispose()
    case = requests.post(
        f"{live_server}/collections/incidents/items", json=incident(-50, 50), timeout=WAIT_S
    )
    assert case.status_code == 201
    return _read(live_server)


def _read(address: str) -> dict[str, Answer]:
    asked = [
        *(("buildings", where, "code") for where in BUILDINGS),
        *(("人口", where, "名称") for where in PEOPLE),
        *(("incidents", where, "grid_code") for where in INCIDENTS),
    ]
    done = subprocess.run(
        [sys.executable, "-c", READ, address, json.dumps(asked)],
        env={"CPL_DEBUG": "ON"},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    logs = [part.partition("\n") for part in done.stderr.split("@@")[1:]]
    return {
        where: Answer(json.loads(read), [unquote(sent) for sent in SENT.findall(log)], log)
        for read, (where, _, log) in zip(done.stdout.splitlines(), logs, strict=True)
    }


@pytest.mark.parametrize("where", [*BUILDINGS, *PEOPLE, *INCIDENTS])
def test_gdal_leaves_all_of_a_where_to_the_server(answers: dict[str, Answer], where: str) -> None:
    answer = answers[where]
    assert "OAPIF: CQL text detected" in answer.log
    assert not re.search("OAPIF: .* side", answer.log)
    assert len(set(answer.sent)) == 1
    assert answer.read == {**BUILDINGS, **PEOPLE, **INCIDENTS}[where]


def test_a_date_is_asked_for_as_a_day(answers: dict[str, Answer]) -> None:
    assert "日期 >= '2026-01-05" in answers[list(PEOPLE)[1]].sent[0]


def test_the_filter_in_the_address_is_the_where(answers: dict[str, Answer]) -> None:
    assert answers["name ILIKE '%ZUL'"].sent == ["name ILIKE '%ZUL'"]
