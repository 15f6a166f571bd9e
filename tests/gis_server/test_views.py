"""An account keeps its filters under names of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from layers import saved_views
from layers.base import Reader
from tests.factories import Json

VIEWS = "/account/views"
OTHER = Reader(account="other", roles=frozenset({"worker"}))
OVERDUE = {"name": "超期", "query": "?overdue=true&unit=O1"}


def test_a_view_is_kept_for_its_account_alone(
    dispatcher: FlaskClient, client_as: Callable[[Reader], FlaskClient], session: Session
) -> None:
    reply = dispatcher.post(VIEWS, json=OVERDUE)

    kept = [{"name": "超期", "query": "overdue=true&unit=O1"}]
    assert (reply.status_code, dispatcher.get(VIEWS).json) == (201, {"views": kept})
    assert client_as(OTHER).get(VIEWS).json == {"views": []}


def test_the_same_name_again_replaces_the_view(dispatcher: FlaskClient, session: Session) -> None:
    dispatcher.post(VIEWS, json=OVERDUE)
    dispatcher.post(VIEWS, json={**OVERDUE, "query": "live=true"})

    assert (dispatcher.get(VIEWS).json or {})["views"] == [{"name": "超期", "query": "live=true"}]


def test_a_view_is_forgotten_once(dispatcher: FlaskClient, session: Session) -> None:
    dispatcher.post(VIEWS, json=OVERDUE)

    replies = [dispatcher.delete(f"{VIEWS}/超期").status_code for _ in range(2)]
    assert (replies, dispatcher.get(VIEWS).json) == ([204, 404], {"views": []})


@pytest.mark.parametrize(("name", "address"), [("a/b", "a%2Fb"), ("a//b", "a%2F%2Fb")])
def test_a_view_of_any_name_can_be_forgotten(
    dispatcher: FlaskClient, session: Session, name: str, address: str
) -> None:
    dispatcher.post(VIEWS, json={**OVERDUE, "name": name})

    assert dispatcher.delete(f"{VIEWS}/{address}").status_code == 204


def test_a_name_that_no_view_can_have_is_not_found(
    dispatcher: FlaskClient, session: Session
) -> None:
    assert dispatcher.delete(f"{VIEWS}/%00").status_code == 404


def test_a_visitor_keeps_nothing(client: FlaskClient, session: Session) -> None:
    replies = [client.get(VIEWS), client.post(VIEWS, json=OVERDUE), client.delete(f"{VIEWS}/x")]

    assert [reply.status_code for reply in replies] == [401, 401, 401]


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ({"query": "a=1"}, "name"),
        ({"name": " ", "query": "a=1"}, "name"),
        ({"name": "n" * 81, "query": "a=1"}, "name"),
        ({"name": "/n", "query": "a=1"}, "name"),
        ({"name": "..", "query": "a=1"}, "name"),
        ({"name": "n"}, "query"),
        ({"name": "n", "query": 7}, "query"),
        ([], "name"),
    ],
)
def test_what_is_no_view_is_refused_by_name(
    dispatcher: FlaskClient, session: Session, body: Json, member: str
) -> None:
    reply = dispatcher.post(VIEWS, json=body)

    assert (reply.status_code, (reply.json or {})["member"]) == (400, member)


def test_an_account_keeps_only_so_many(
    dispatcher: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    dispatcher.post(VIEWS, json=OVERDUE)

    assert dispatcher.post(VIEWS, json={"name": "more", "query": "live=true"}).status_code == 400
    assert dispatcher.post(VIEWS, json=OVERDUE).status_code == 201
