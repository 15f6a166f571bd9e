"""A question or an action that means nothing is refused by the name of what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.factories import incident, posted, traces

ITEMS = "/collections/incidents/items"
LONG = "1" * 5000


def _refusal(reply: TestResponse) -> tuple[int, str]:
    assert reply.mimetype == "application/problem+json"
    assert reply.json is not None
    return reply.status_code, reply.json.get("member", "")


QUERIES = {
    "bbox=1,2,3": "bbox",
    "bbox=a,b,c,d": "bbox",
    "bbox=nan,0,1,1": "bbox",
    "bbox=0,0,inf,1": "bbox",
    "bbox=0,1,1,0": "bbox",
    "bbox=0,0,1,95": "bbox",
    "bbox=22.9,113.9,23.0,114.0": "bbox",
    "bbox=": "bbox",
    "limit=0": "limit",
    "limit=-1": "limit",
    "limit=ten": "limit",
    "limit=10001": "limit",
    "limit=1.5": "limit",
    "limit=٣": "limit",
    f"limit={LONG}": "limit",
    "ids=": "ids",
    "ids=1,,2": "ids",
    "ids=a": "ids",
    "ids=99999999999999999999": "ids",
    "ids=" + ",".join(["1"] * 1001): "ids",
    "after=x": "after",
    "after=-1": "after",
    "colour=red": "colour",
    "severity=high": "severity",
    f"severity={LONG}": "severity",
    "overdue=yes": "overdue",
    "located=1": "located",
    "candidates=x": "candidates",
    "reported_at=now": "reported_at",
    "stage=a%00b": "stage",
    "limit=1&limit=2": "limit",
    "geom=x": "geom",
    "district=441900": "district",
}


@pytest.mark.parametrize(("query", "member"), QUERIES.items(), ids=range(len(QUERIES)))
def test_a_question_that_means_nothing_is_refused(
    client: FlaskClient, town: Session, query: str, member: str
) -> None:
    reply = client.get(f"{ITEMS}?{query}")

    assert _refusal(reply) == (400, member)


@pytest.mark.parametrize("path", [ITEMS, "/collections/grids/items", "/conformance"])
def test_a_parameter_without_a_name_is_pointed_at_too(
    client: FlaskClient, town: Session, path: str
) -> None:
    told = client.get(f"{path}?=1").json

    assert told is not None
    assert (told["member"], [one["parameter"] for one in told["errors"]]) == ("", [""])


ADDRESSES = {
    "/collections/dragons/items": 404,
    "/collections/dragons": 404,
    "/collections/dragons/count": 404,
    "/collections/dragons/tiles/0/0/0": 404,
    "/collections/incidents/dreams": 404,
    f"{ITEMS}/1": 404,
    f"{ITEMS}/0": 404,
    f"{ITEMS}/-1": 404,
    f"{ITEMS}/abc": 404,
    f"{ITEMS}/9223372036854775808": 404,
    f"{ITEMS}/{LONG}": 404,
    f"{ITEMS}/1/steps": 404,
    f"{ITEMS}/1/dreams": 404,
    "/dossier/1": 404,
    "/dossier/9223372036854775808": 404,
    "/dossier/x": 404,
    "/collections/incidents/tiles/23/0/0": 400,
    "/collections/incidents/tiles/1/2/0": 400,
    "/collections/incidents/tiles/1/0/2": 400,
    "/collections/incidents/tiles/99999999999/0/0": 400,
    "/collections/incidents/tiles/a/0/0": 404,
    "/collections/incidents/tiles/0/0/0?stage=a%00": 400,
    "/collections/incidents/tiles/0/0/0?colour=red": 400,
    "/collections/duties/tiles/0/0/0": 400,
    "/collections/duties/items?bbox=0,0,1,1": 400,
    "/collections/incidents/figures?colour=red": 400,
    "/collections/incidents/figures?bbox=x": 400,
    "/collections/incidents/hours?colour=red": 400,
    "/collections/incidents/categories?bbox=0,0,1,1": 400,
    "/locate": 400,
    "/locate?lon=113.94": 400,
    "/locate?lon=113.94&lat=north": 400,
    "/locate?lon=nan&lat=22.99": 400,
    "/locate?lon=22.99&lat=113.94": 400,
    "/locate?lon=113.94&lat=22.99&crs=mars": 400,
    "/locate?lon=1e30&lat=1e30&crs=EPSG:4547": 400,
    "/locate?lon=113.94&lat=22.99&accuracy_m=-1": 400,
    "/locate?lon=113.94&lat=22.99&accuracy_m=1e9": 400,
    "/locate?lon=113.94&lat=22.99&valid_at=2026-01-01": 400,
    "/locate?lon=113.94&lat=22.99&valid_at=soon": 400,
    "/locate?lon=113.94&lat=22.99&valid_at=0001-01-01T00:00:00%2B23:59": 400,
    "/locate?lon=113.94&lat=22.99&valid_at=9999-12-31T23:59:59-23:59": 400,
    "/locate?q=": 400,
    "/locate?q=%00": 400,
    "/locate?q=nowhere-at-all": 404,
    "/search": 400,
    "/search?q=%20": 400,
    f"/search?q={LONG}": 400,
    "/search?q=a&limit=51": 400,
    "/events?last_event_id=7": 400,
    "/no/such/page": 404,
}


@pytest.mark.parametrize(("address", "status"), ADDRESSES.items(), ids=range(len(ADDRESSES)))
def test_an_address_that_leads_nowhere_says_so(
    client: FlaskClient, town: Session, address: str, status: int
) -> None:
    reply = client.get(address)

    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")


ACTIONS: dict[str, tuple[tuple[str, Any], tuple[int, str]]] = {
    "an unknown action": (("fly", {}), (404, "")),
    "an unknown move": (("steps", {"move": "lose"}), (400, "move")),
    "a list as move": (("steps", {"move": ["dispatch"]}), (400, "move")),
    "no move": (("steps", {}), (400, "move")),
    "a move of another step": (("steps", {"move": "close"}), (409, "move")),
    "a rating of six": (("steps", {"move": "dispatch", "rating": 6}), (400, "rating")),
    "no time": (("steps", {"move": "dispatch", "until": "soon"}), (400, "until")),
    "photos as text": (
        ("steps", {"move": "dispatch", "evidence": {"photos": "a"}}),
        (400, "evidence.photos"),
    ),
    "a unit that is none": (("steps", {"move": "dispatch", "unit": "no"}), (400, "unit")),
    "a post that is none": (("steps", {"move": "dispatch", "post": "no"}), (400, "post")),
    "a list": (("steps", []), (400, "body")),
    "an unknown member": (("steps", {"move": "dispatch", "colour": 1}), (400, "colour")),
    "a number as post": (("steps", {"move": "dispatch", "post": 7}), (400, "post")),
    "a long reason": (("steps", {"move": "dispatch", "reason": "x" * 401}), (400, "reason")),
    "a number as evidence": (("steps", {"move": "dispatch", "evidence": 7}), (400, "evidence")),
    "a null character": (
        ("steps", {"move": "dispatch", "evidence": {"a": "\x00"}}),
        (400, "evidence.a"),
    ),
    "no place": (("place", {}), (400, "lon")),
    "text as lon": (("place", {"lon": "113.9", "lat": 22.9}), (400, "lon")),
    "swapped": (("place", {"lon": 22.9, "lat": 113.9}), (400, "lat")),
    "an unknown building": (("place", {"building_id": 1}), (400, "building_id")),
    "a huge building": (("place", {"building_id": 2**64 - 1}), (400, "building_id")),
    "a building and text as place": (
        ("place", {"building_id": 1, "lon": "x", "lat": 1}),
        (400, "lon"),
    ),
    "text as building": (("place", {"building_id": "1"}), (400, "building_id")),
    "a truth as building": (("place", {"building_id": True}), (400, "building_id")),
}


@pytest.mark.parametrize(("asked", "refusal"), ACTIONS.values(), ids=ACTIONS)
def test_an_action_that_means_nothing_is_refused(
    dispatcher: FlaskClient, town: Session, asked: tuple[str, Any], refusal: tuple[int, str]
) -> None:
    action, body = asked
    number = posted(dispatcher, incident(10, 10))["id"]
    before = traces(town)

    reply = dispatcher.post(f"{ITEMS}/{number}/{action}", json=body, headers={"If-Match": '"1"'})

    assert _refusal(reply) == refusal
    assert traces(town) == before


def test_an_action_on_no_incident_is_not_found(dispatcher: FlaskClient, town: Session) -> None:
    assert dispatcher.post(f"{ITEMS}/1/steps", json={"move": "dispatch"}).status_code == 404
    assert dispatcher.post(f"{ITEMS}/1/place", json={"lon": 113.9, "lat": 22.9}).status_code == 404


def test_an_action_reads_json_only(client: FlaskClient, town: Session) -> None:
    reply = client.post(f"{ITEMS}/1/steps", data="move=dispatch", content_type="text/plain")

    assert _refusal(reply) == (415, "Content-Type")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("PUT", ITEMS),
        ("DELETE", ITEMS),
        ("PATCH", f"{ITEMS}/1"),
        ("POST", "/locate"),
        ("POST", "/town"),
        ("POST", "/collections/grids/items"),
    ],
)
def test_a_method_that_is_not_offered_is_refused_with_those_that_are(
    client: FlaskClient, town: Session, method: str, address: str
) -> None:
    reply = client.open(address, method=method)

    assert _refusal(reply)[0] == 405
    assert "GET" in reply.headers["Allow"]


def test_a_doubled_slash_leads_to_the_page(client: FlaskClient, town: Session) -> None:
    assert client.get("/collections//incidents/items", follow_redirects=True).status_code == 200
