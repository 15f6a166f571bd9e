"""The door: who may sign in, how often he may try, and what his cookie is worth afterwards."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from gis_server import accounts
from gis_server.access import COOKIE, TRUSTED_S
from layers import account_making
from tests.factories import PASSWORD, SCOPE, Json, add_account
from tests.gis_server.doors import GOOD, LEADER

WRONG = {"username": "leader", "password": "winter-tide-42"}
VISITOR = {"account": None, "title": None, "roles": [], "post": None, "unit": None, "areas": []}


def _account(client: FlaskClient) -> Json:
    return dict(client.get("/account").get_json())


def test_a_visitor_has_no_account(door: FlaskClient) -> None:
    assert _account(door) == VISITOR


def test_who_signs_in_is_known_from_then_on(door: FlaskClient) -> None:
    reply = door.post("/login", json=GOOD)

    assert reply.status_code == 200
    assert (
        reply.get_json()
        == _account(door)
        == {
            "account": "leader",
            "title": "微网格长",
            "roles": ["worker"],
            "post": "D1",
            "unit": "O1",
            "areas": ["44190010921200101"],
        }
    )


def test_a_form_signs_in_too(door: FlaskClient) -> None:
    assert door.post("/login", data=GOOD).status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(door: FlaskClient) -> None:
    cookie = door.post("/login", json=GOOD).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize("how", [{"base_url": "https://localhost"}, {}])
def test_over_https_the_cookie_stays_there(door: FlaskClient, how: Json) -> None:
    headers = {} if how else {"X-Forwarded-Proto": "https"}

    cookie = door.post("/login", json=GOOD, headers=headers, **how).headers["Set-Cookie"]

    assert "Secure" in cookie


@pytest.mark.parametrize("name", ["leader", "nobody"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    door: FlaskClient, name: str
) -> None:
    reply = door.post("/login", json={**WRONG, "username": name})

    assert (reply.status_code, reply.mimetype) == (401, "application/problem+json")
    assert reply.get_json()["detail"] == "no such account, or the password is wrong"
    assert "Set-Cookie" not in reply.headers


def _try(client: FlaskClient, times: int) -> list[int]:
    return [client.post("/login", json=WRONG).status_code for _ in range(times)]


def test_after_five_wrong_passwords_even_the_right_one_must_wait(door: FlaskClient) -> None:
    assert _try(door, 5) == [401] * 5

    reply = door.post("/login", json=GOOD)

    assert reply.status_code == 429
    assert int(reply.headers["Retry-After"]) >= 1


def test_the_wait_doubles_and_ends(door: FlaskClient, town: Session) -> None:
    _failed(town, times=8, seconds_ago=7)
    waiting = door.post("/login", json=GOOD).status_code
    _failed(town, times=8, seconds_ago=9)

    assert (waiting, door.post("/login", json=GOOD).status_code) == (429, 200)


def test_nobody_waits_longer_than_a_minute(door: FlaskClient, town: Session) -> None:
    _failed(town, times=1000, seconds_ago=61)

    assert door.post("/login", json=GOOD).status_code == 200


def test_the_right_password_makes_the_wrong_ones_forgotten(door: FlaskClient) -> None:
    _try(door, 4)
    door.post("/login", json=GOOD)

    assert _try(door, 5) == [401] * 5


def _failed(session: Session, times: int, seconds_ago: int) -> None:
    """Say that an account failed so often, the last time so many seconds ago."""
    session.execute(
        text(
            "UPDATE accounts SET failures = :times,"
            " failed_at = now() - make_interval(secs => :ago) WHERE name = 'leader'"
        ),
        {"times": times, "ago": seconds_ago},
    )


def test_a_disabled_account_is_refused_with_the_reason(door: FlaskClient, town: Session) -> None:
    account_making.disable(town, SCOPE, "leader")

    reply = door.post("/login", json=GOOD)

    assert (reply.status_code, reply.get_json()["member"]) == (403, "account.active")


def test_a_disabled_account_is_a_visitor_within_seconds(door: FlaskClient, town: Session) -> None:
    door.post("/login", json=GOOD)
    _account(door)
    account_making.disable(town, SCOPE, "leader")
    time.sleep(TRUSTED_S)

    assert _account(door) == VISITOR


def test_a_cookie_is_worth_nothing_after_signing_out(door: FlaskClient) -> None:
    door.post("/login", json=GOOD)
    kept = door.get_cookie(COOKIE)
    assert kept is not None
    door.post("/logout")
    signed_out = _account(door)
    door.set_cookie(COOKIE, kept.value)

    assert (signed_out, _account(door)) == (VISITOR, VISITOR)


def test_who_signs_in_takes_the_place_of_who_was_there(door: FlaskClient, town: Session) -> None:
    add_account(town, replace(LEADER, account="other"))
    door.post("/login", json=GOOD)
    former = door.get_cookie(COOKIE)
    assert former is not None
    door.post("/login", json={**GOOD, "username": "other"})
    now = _account(door)["account"]
    door.set_cookie(COOKIE, former.value)

    assert (now, _account(door)) == ("other", VISITOR)


def test_one_browser_signs_out_and_another_stays(door: FlaskClient) -> None:
    other = door.application.test_client()
    door.post("/login", json=GOOD)
    other.post("/login", json=GOOD)

    door.post("/logout")

    assert (_account(door)["account"], _account(other)["account"]) == (None, "leader")


def test_a_cookie_older_than_a_shift_is_a_visitors(door: FlaskClient, town: Session) -> None:
    door.post("/login", json=GOOD)
    town.execute(text("UPDATE sign_ins SET at = now() - interval '12 hours 1 second'"))

    assert _account(door) == VISITOR


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "eyJrZXkiOiJ4In0.aaaa.bbbb"])
def test_a_cookie_that_is_not_ours_is_a_visitors(door: FlaskClient, cookie: str) -> None:
    door.set_cookie(COOKIE, cookie)

    assert _account(door) == VISITOR


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ([], "body"),
        ({}, "username"),
        ({"username": "leader"}, "password"),
        ({"username": 7, "password": PASSWORD}, "username"),
        ({"username": "leader", "password": ["x"]}, "password"),
        ({"username": "x" * 65, "password": PASSWORD}, "username"),
        ({"username": "leader\x00", "password": PASSWORD}, "username"),
        ({"username": "leader", "password": "x" * 129}, "password"),
    ],
)
def test_what_is_no_name_and_password_is_refused(
    door: FlaskClient, body: object, member: str
) -> None:
    reply = door.post("/login", json=body)

    assert (reply.status_code, reply.get_json()["member"]) == (400, member)


def test_a_body_over_the_doors_limit_is_refused(door: FlaskClient) -> None:
    assert door.post("/login", data=b"x" * 5000, content_type="application/json").status_code == 413


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("127.8.9.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.7", False),
        ("gis.example", False),
    ],
)
def test_loopback_is_heard_on_its_own_machine_only(host: str, near: bool) -> None:
    assert accounts.is_loopback(host) is near


def test_an_account_in_two_roles_has_both(client: FlaskClient, town: Session) -> None:
    add_account(town, replace(LEADER, roles=frozenset({"worker", "planner"})))

    assert client.post("/login", json=GOOD).get_json()["roles"] == ["planner", "worker"]
