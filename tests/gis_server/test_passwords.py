"""Passwords: what one must be, and how somebody changes his own."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from geodata.errors import InvalidInput
from gis_server import access
from gis_server.passwords import hashed
from layers import account_making
from tests.factories import PASSWORD, SCOPE
from tests.gis_server.doors import GOOD

FRESH = "autumn-ebb-1937"


@pytest.mark.parametrize(
    "password", ["short", "x" * 129, "aaaaaaaaaaaa", "my-LEADER-2026", "abababababab"]
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        hashed(password, "leader")

    assert refusal.value.member == "password"


def test_a_password_is_the_same_however_it_is_typed(door: FlaskClient, town: Session) -> None:
    wide = account_making.NewAccount("wide", hashed("ｓｐｒｉｎｇ－42－潮", "wide"), ("planner",))
    account_making.add(town, SCOPE, wide)

    reply = door.post("/login", json={"username": "wide", "password": "spring-42-潮"})

    assert reply.status_code == 200


@pytest.fixture
def leader(door: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Sign in, on a server that looks up at each request who asks."""
    monkeypatch.setattr(access, "TRUSTED_S", 0.0)
    assert door.post("/login", json=GOOD).status_code == 200
    return door


def _change(client: FlaskClient, **given: Any) -> TestResponse:
    return client.post("/account/password", json={"old": PASSWORD, "new": FRESH, **given})


def _sign_in(client: FlaskClient, password: str) -> int:
    told = {"username": "leader", "password": password}
    return client.application.test_client().post("/login", json=told).status_code


def test_from_a_change_on_the_new_password_is_good_and_the_old_one_is_not(
    leader: FlaskClient,
) -> None:
    reply = _change(leader)

    assert (reply.status_code, (reply.json or {})["account"]) == (200, "leader")
    assert (_sign_in(leader, PASSWORD), _sign_in(leader, FRESH)) == (401, 200)


def test_who_changes_his_password_stays_and_his_other_browsers_are_out(
    leader: FlaskClient,
) -> None:
    other = leader.application.test_client()
    other.post("/login", json=GOOD)

    _change(leader)

    told = [(client.get("/account").json or {})["account"] for client in (leader, other)]
    assert told == ["leader", None]


def test_the_cookie_of_before_is_worth_nothing(leader: FlaskClient) -> None:
    before = leader.get_cookie(access.COOKIE)
    assert before is not None

    _change(leader)

    thief = leader.application.test_client()
    thief.set_cookie(access.COOKIE, before.value)
    assert (thief.get("/account").json or {})["account"] is None


def test_a_wrong_old_password_changes_nothing(leader: FlaskClient) -> None:
    reply = _change(leader, old="winter-tide-42")

    told = reply.get_json(force=True)
    assert (reply.status_code, told["member"], told["code"]) == (403, "old", "password_wrong")
    assert _sign_in(leader, PASSWORD) == 200


def test_wrong_old_passwords_wait_as_wrong_ones_at_the_door_do(leader: FlaskClient) -> None:
    tried = [_change(leader, old="winter-tide-42").status_code for _ in range(5)]

    last = _change(leader)
    assert (tried, last.status_code) == ([403] * 5, 429)
    assert int(last.headers["Retry-After"]) >= 1


def test_a_visitor_changes_no_password(door: FlaskClient) -> None:
    assert _change(door).status_code == 401


def test_who_shares_a_demo_password_does_not_change_it(leader: FlaskClient, town: Session) -> None:
    town.execute(text("UPDATE accounts SET demo = true"))

    reply = _change(leader)

    assert (reply.status_code, reply.get_json(force=True)["code"]) == (403, "password_shared")


@pytest.mark.parametrize(
    ("given", "member"),
    [
        ({"new": "short"}, "new"),
        ({"new": "my-leader-2026"}, "new"),
        ({"new": 7}, "new"),
        ({"old": None}, "old"),
    ],
)
def test_what_is_no_password_is_refused_by_name(
    leader: FlaskClient, given: dict[str, Any], member: str
) -> None:
    reply = _change(leader, **given)

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (400, member)
    assert _sign_in(leader, PASSWORD) == 200
