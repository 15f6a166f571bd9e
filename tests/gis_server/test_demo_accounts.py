"""The demo town's accounts: one for each role and for every post that is held, on loopback only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from gis_server import keys
from gis_server.app import create_app
from gis_server.config import Settings
from gis_server.db import open_database
from gis_server.demo_accounts import open_accounts
from tests.conftest import Databases
from tests.factories import SCOPE, VILLAGE, WEST, add_town

DEPARTMENT = text("""
INSERT INTO organisations (district, code, name, kind, area_code)
VALUES (441900, 'F1', '消防救援大队', 'department', '441900109000'),
       (441900, 'T1', '网格工作队', 'town_team', '441900109000')
""")
DUTIES = text("""
INSERT INTO duties (district, code, organisation_code, post, title, grid_code, holder) VALUES
    (441900, 'D2', 'F1', 'desk', '值班岗', NULL, '消防救援大队值班岗'),
    (441900, 'D3', 'T1', 'team_leader', '队长', NULL, '网格工作队队长'),
    (441900, 'D4', 'O1', 'village_secretary', '书记', NULL, '黄屋村书记'),
    (441900, 'D5', 'O1', 'volunteer', '志愿者', :grid, '')
""")


@pytest.fixture(scope="module")
def demo(new_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Make the accounts of a small town."""
    with new_databases.copy() as given, pytest.MonkeyPatch.context() as patch:
        patch.setattr("layers.demo_accounts.WORKERS_VILLAGE", VILLAGE)
        settings = replace(given, var=tmp_path_factory.mktemp("var"))
        engine = create_engine(settings.database_url, poolclass=NullPool)
        with Session(engine) as session, session.begin():
            add_town(session)
            session.execute(DEPARTMENT)
            session.execute(DUTIES, {"grid": WEST})
        open_accounts(settings)
        yield settings


@pytest.fixture
def at_home(demo: Settings) -> FlaskClient:
    return create_app(demo, open_database(demo)).test_client()


def _signed_in(client: FlaskClient, settings: Settings, name: str) -> dict[str, object]:
    body = {"username": name, "password": keys.demo_password(settings)}
    reply = client.post("/login", json=body)
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json())


@pytest.mark.parametrize("role", ["dispatcher", "planner", "administrator"])
def test_an_office_has_an_account_named_by_its_role(
    at_home: FlaskClient, demo: Settings, role: str
) -> None:
    told = _signed_in(at_home, demo, role)

    assert (told["account"], told["roles"], told["areas"]) == (role, [role], [])


def test_the_worker_holds_a_post_of_a_micro_grid(at_home: FlaskClient, demo: Settings) -> None:
    told = _signed_in(at_home, demo, "worker")

    assert told == {
        "account": "worker",
        "title": "黄屋一微网格长",
        "roles": ["worker"],
        "post": "D1",
        "unit": "O1",
        "areas": [WEST],
    }


def test_the_department_is_one_department(at_home: FlaskClient, demo: Settings) -> None:
    told = _signed_in(at_home, demo, "department")

    assert (told["roles"], told["unit"], told["post"]) == (["department"], "F1", None)


@pytest.mark.parametrize(
    ("code", "roles", "areas"),
    [
        ("D1", ["worker"], [WEST]),
        ("D2", ["department"], []),
        ("D3", ["worker"], ["441900109"]),
        ("D4", ["worker"], [VILLAGE]),
    ],
)
def test_a_post_that_is_held_has_an_account_named_by_its_code(
    at_home: FlaskClient, demo: Settings, code: str, roles: list[str], areas: list[str]
) -> None:
    told = _signed_in(at_home, demo, code)

    assert (told["post"], told["roles"], told["areas"]) == (code, roles, areas)


def test_a_vacant_post_has_no_account(at_home: FlaskClient, demo: Settings) -> None:
    body = {"username": "D5", "password": keys.demo_password(demo)}

    assert at_home.post("/login", json=body).status_code == 401


def test_no_demo_account_signs_in_where_the_server_is_heard_by_others(demo: Settings) -> None:
    client = create_app(replace(demo, host="0.0.0.0"), open_database(demo)).test_client()

    reply = client.post(
        "/login", json={"username": "planner", "password": keys.demo_password(demo)}
    )

    assert reply.status_code == 403
    assert "beyond loopback" in reply.get_json()["detail"]


def test_no_demo_account_signs_in_through_a_proxy(at_home: FlaskClient, demo: Settings) -> None:
    body = {"username": "planner", "password": keys.demo_password(demo)}

    reply = at_home.post("/login", json=body, headers={"X-Forwarded-For": "10.0.0.7"})

    assert reply.status_code == 403


def test_a_demo_accounts_cookie_is_worth_nothing_where_others_hear(
    at_home: FlaskClient, demo: Settings
) -> None:
    _signed_in(at_home, demo, "dispatcher")
    cookie = at_home.get_cookie("gis_session")
    assert cookie is not None
    client = create_app(replace(demo, host="0.0.0.0"), open_database(demo)).test_client()
    client.set_cookie("gis_session", cookie.value)

    assert client.get("/account").get_json()["account"] is None


def test_the_password_and_its_hash_are_made_once(
    demo: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = _hashes(demo)

    open_accounts(demo)

    assert (len(before), _hashes(demo)) == (1, before)
    assert keys.demo_password(demo) in capsys.readouterr().out


def test_a_lost_password_is_replaced_by_a_new_one(demo: Settings, tmp_path: Path) -> None:
    moved = replace(demo, var=tmp_path)

    open_accounts(moved)

    client = create_app(moved, open_database(moved)).test_client()
    assert _signed_in(client, moved, "D1")["account"] == "D1"
    open_accounts(demo)


def _hashes(settings: Settings) -> set[str]:
    engine = create_engine(settings.database_url, poolclass=NullPool)
    with engine.connect() as connection:
        asked = text("SELECT password FROM accounts WHERE demo AND district = :district")
        return set(connection.execute(asked, {"district": SCOPE.district}).scalars())
