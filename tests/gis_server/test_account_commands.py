"""./gis account: who may sign in, from the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from geodata.errors import Conflict, InvalidInput, NotFound
from gis_server.account_commands import account
from gis_server.app import create_app
from gis_server.config import Settings
from gis_server.db import open_database
from tests.factories import PASSWORD, WEST, add_town

Run = Callable[..., Result]


@pytest.fixture
def run(own_database: Settings, own_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on a small town."""
    with Session(own_engine) as session, session.begin():
        add_town(session)
    monkeypatch.setenv("DATABASE_URL", own_database.database_url)
    monkeypatch.setenv("GIS_OWNER_DATABASE_URL", own_database.owner_database_url)

    def run_it(*arguments: str, typed: str = f"{PASSWORD}\n") -> Result:
        return CliRunner().invoke(account, arguments, input=typed)

    return run_it


@pytest.fixture
def client(own_database: Settings) -> FlaskClient:
    return create_app(own_database, open_database(own_database)).test_client()


def test_an_account_of_a_post_takes_the_posts_unit_and_grid(run: Run, client: FlaskClient) -> None:
    run("add", "leader", "--role", "worker", "--post", "D1")

    reply = client.post("/login", json={"username": "leader", "password": PASSWORD})

    assert reply.get_json() == {
        "account": "leader",
        "title": "微网格长",
        "roles": ["worker"],
        "post": "D1",
        "unit": "O1",
        "areas": [WEST],
    }


def test_accounts_are_listed_and_disabled(run: Run, client: FlaskClient) -> None:
    run("add", "wall", "--role", "dispatcher", "--title", "指挥中心")
    run("disable", "wall")

    assert run("list").stdout == "wall\t指挥中心\tdispatcher\tdisabled\n"
    reply = client.post("/login", json={"username": "wall", "password": PASSWORD})
    assert reply.status_code == 403


@pytest.mark.parametrize(
    ("arguments", "error", "member"),
    [
        (("--role", "mayor"), InvalidInput, "role"),
        (("--role", "worker", "--post", "D9"), InvalidInput, "post"),
        (("--role", "worker", "--unit", "O9"), InvalidInput, "unit"),
        (("--role", "worker", "--area", "黄屋村"), InvalidInput, "area"),
        (("--role", "worker", "--area", "44"), InvalidInput, "area"),
    ],
)
def test_an_account_of_what_is_not_there_is_refused(
    run: Run, arguments: tuple[str, ...], error: type[InvalidInput], member: str
) -> None:
    refusal = run("add", "leader", *arguments).exception

    assert isinstance(refusal, error)
    assert refusal.member == member
    assert run("list").stdout == ""


def test_a_weak_password_is_refused(run: Run) -> None:
    refusal = run("add", "wall", "--role", "dispatcher", typed="secret\n").exception

    assert isinstance(refusal, InvalidInput)


def test_a_name_is_taken_once(run: Run) -> None:
    run("add", "wall", "--role", "dispatcher")

    assert isinstance(run("add", "wall", "--role", "planner").exception, Conflict)


@pytest.mark.parametrize("command", ["disable", "password"])
def test_who_is_not_there_is_not_found(run: Run, command: str) -> None:
    assert isinstance(run(command, "nobody").exception, NotFound)


def test_another_password_opens_a_disabled_account(run: Run, client: FlaskClient) -> None:
    run("add", "wall", "--role", "dispatcher")
    run("disable", "wall")
    run("password", "wall", typed="neap-tide-2026\n")

    told = [PASSWORD, "neap-tide-2026"]
    replies = [client.post("/login", json={"username": "wall", "password": p}) for p in told]
    assert [reply.status_code for reply in replies] == [401, 200]
