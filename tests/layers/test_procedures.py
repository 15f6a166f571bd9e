"""Procedures are kept in editions: what has changed gets a new one, and cases keep theirs."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata import regions
from gis_server.config import ROOT
from layers.base import Reader
from layers.procedures import load_procedures, procedure_of
from tests.conftest import Desk
from tests.factories import SCOPE, Json, count
from tests.layers.casework import BOSS, CENTRE, add_bodies, holder, reported

DONGKENG = next(p for p in regions.procedures(441900) if p.code == "dongkeng")
FILE = Path(regions.__file__).parent / "441900/procedures/dongkeng.toml"
MIGRATION = ROOT / "migrations/versions/0004_cases.py"
RENAMED = replace(DONGKENG, title="四哨")
EDITIONS = text("""
SELECT edition, title, upper_inf(valid) AS present FROM procedures WHERE code = 'dongkeng'
ORDER BY edition
""")


def _editions(town: Session) -> list[Any]:
    return [tuple(row) for row in town.execute(EDITIONS)]


def test_loading_the_same_procedures_again_changes_nothing(town: Session) -> None:
    before = count(town, "procedures")

    changed = load_procedures(town, SCOPE, regions.procedures(441900))

    assert (changed, count(town, "procedures")) == ([], before)


def test_a_changed_procedure_gets_a_new_edition(town: Session) -> None:
    load_procedures(town, SCOPE, [RENAMED])

    assert _editions(town) == [(1, "三哨", False), (2, "四哨", True)]


def test_a_procedure_that_is_changed_back_gets_a_third_edition(town: Session) -> None:
    load_procedures(town, SCOPE, [RENAMED])
    load_procedures(town, SCOPE, [DONGKENG])

    assert _editions(town)[2] == (3, "三哨", True)


def test_a_case_keeps_the_edition_it_began_under(desk: Desk, town: Session) -> None:
    add_bodies(town)
    case = reported(desk, CENTRE)
    without = tuple(move for move in DONGKENG.moves if move.code != "supervise")
    load_procedures(town, SCOPE, [replace(DONGKENG, moves=without)])

    case.moved(CENTRE, "dispatch")
    later = reported(desk, CENTRE)
    later.moved(CENTRE, "dispatch")

    assert case.moved(CENTRE, "supervise", reason="久拖")["edition"] == 1
    assert later.properties()["edition"] == 2
    assert later.refused(CENTRE, "supervise", reason="久拖") == (400, "move")


def test_what_is_stored_is_what_the_file_says(town: Session) -> None:
    assert procedure_of(town, SCOPE, "dongkeng", 1) == DONGKENG


def test_the_basic_procedure_of_the_migration_is_the_shipped_one() -> None:
    spec = importlib.util.spec_from_file_location("cases", MIGRATION)
    assert spec and spec.loader
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)

    basic = next(p for p in regions.procedures(441900) if p.code == "basic")
    assert basic.to_json() == migration.DEFINITION


def _stored(desk: Desk, reader: Reader, toml: Any) -> Any:
    desk.reader = reader
    return desk.client.post("/collections/procedures/store", json={"toml": toml})


def test_an_administrator_stores_a_changed_file(desk: Desk, town: Session) -> None:
    reply = _stored(desk, BOSS, FILE.read_text().replace("三哨", "四哨"))

    assert reply.status_code == 200
    assert reply.json["changed"][0]["edition"] == 2


def test_a_file_with_a_loop_without_exit_is_refused_and_nothing_changes(
    desk: Desk, town: Session
) -> None:
    before = _editions(town), count(town, "outbox")
    looped = FILE.read_text().replace('to = "closed"', 'to = "reported"')

    reply = _stored(desk, BOSS, looped)

    assert (reply.status_code, reply.json["member"]) == (400, "toml")
    assert "in a loop without exit" in reply.json["detail"]
    assert (_editions(town), count(town, "outbox")) == before


@pytest.mark.parametrize(
    ("reader", "status"), [(Reader(), 401), (CENTRE, 403), (holder("leader"), 403)]
)
def test_only_an_administrator_stores_procedures(
    desk: Desk, town: Session, reader: Reader, status: int
) -> None:
    assert _stored(desk, reader, FILE.read_text()).status_code == status


@pytest.mark.parametrize("toml", [None, 7, "x = ", ""])
def test_what_is_no_file_is_refused(desk: Desk, town: Session, toml: Any) -> None:
    assert _stored(desk, BOSS, toml).status_code == 400


def test_procedures_are_listed_with_their_definition(client: FlaskClient, town: Session) -> None:
    found = client.get("/collections/procedures/items?code=dongkeng").get_json(force=True)

    told: Json = found["features"][0]["properties"]
    assert (told["edition"], told["title_en"]) == (1, "Three whistles")
    assert told["definition"]["steps"][0]["code"] == "reported"
