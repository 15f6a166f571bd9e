"""Features over HTTP: lists and pages, one feature, posts under a key, batches."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Settings
from tests.factories import EAST, Json, add_town, bring, count, incident, posted, traces

ITEMS = "/collections/incidents/items"
KEY = {"Idempotency-Key": "ticket-7"}


def _ids(collection: Json) -> list[int]:
    return [feature["id"] for feature in collection["features"]]


def _json(client: FlaskClient, address: str) -> Json:
    reply = client.get(address)
    assert reply.status_code == 200, reply.text
    return dict(reply.get_json(force=True))


def test_a_posted_feature_is_answered_with_where_it_is_now(
    client: FlaskClient, town: Session
) -> None:
    reply = client.post(ITEMS, json=incident(10, 10))

    assert (reply.status_code, reply.mimetype) == (201, "application/geo+json")
    assert client.get(reply.headers["Location"]).status_code == 200


def test_a_feature_is_read_as_it_was_posted(client: FlaskClient, town: Session) -> None:
    made = posted(client, incident(10, 10, description="井盖缺失"))

    found = _json(client, f"{ITEMS}/{made['id']}")

    assert found["geometry"] == made["geometry"]
    assert found["properties"].items() <= made["properties"].items()


def test_a_feature_is_read_with_its_version(
    client: FlaskClient, dispatcher: FlaskClient, town: Session
) -> None:
    number = posted(client, incident(10, 10))["id"]
    bring(dispatcher, number, "accepted")

    assert client.get(f"{ITEMS}/{number}").headers["ETag"] == '"2"'


def test_features_are_listed_newest_first(client: FlaskClient, town: Session) -> None:
    older, newer = (posted(client, incident(e, 10))["id"] for e in (10, 20))

    assert _ids(_json(client, ITEMS)) == [newer, older]


def test_pages_hold_every_feature_once(client: FlaskClient, town: Session) -> None:
    made = [posted(client, incident(e, 10))["id"] for e in range(5)]

    first = _json(client, f"{ITEMS}?limit=2")
    second = _json(client, _next(first))
    third = _json(client, _next(second))

    assert _ids(first) + _ids(second) + _ids(third) == made[::-1]
    assert "next" not in {link["rel"] for link in third["links"]}


def test_the_next_page_keeps_the_filters(client: FlaskClient, town: Session) -> None:
    wanted = [posted(client, incident(e, 10, severity=4))["id"] for e in (10, 20)]
    posted(client, incident(30, 10, severity=1))

    first = _json(client, f"{ITEMS}?limit=1&severity=4")

    assert _ids(first) + _ids(_json(client, _next(first))) == wanted[::-1]


def _next(page: Json) -> str:
    return next(str(link["href"]) for link in page["links"] if link["rel"] == "next")


def test_a_whole_answer_tells_how_many_there_are(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10))

    found = _json(client, ITEMS)

    assert (found["numberMatched"], found["numberReturned"]) == (1, 1)


def test_an_answer_tells_when_it_was_true(client: FlaskClient, town: Session) -> None:
    told = datetime.fromisoformat(_json(client, ITEMS)["timeStamp"])

    assert abs(datetime.now(UTC) - told) < timedelta(minutes=1)


def test_a_list_is_cut_to_a_box(client: FlaskClient, town: Session) -> None:
    inside = posted(client, incident(10, 10))["id"]
    posted(client, incident(-150, 10))

    assert _ids(_json(client, f"{ITEMS}?bbox=113.94,22.99,113.95,23")) == [inside]


def test_a_list_is_filtered_by_a_property(client: FlaskClient, town: Session) -> None:
    fire = posted(client, incident(10, 10, category="101"))["id"]
    posted(client, incident(10, 10, category="201"))

    assert _ids(_json(client, f"{ITEMS}?category=101")) == [fire]


def test_a_list_is_filtered_by_ids(client: FlaskClient, town: Session) -> None:
    one, two, _ = (posted(client, incident(e, 10))["id"] for e in range(3))

    assert _ids(_json(client, f"{ITEMS}?ids={one},{two},99")) == [two, one]


def test_the_tray_holds_what_has_no_place(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10))
    words = {**incident(0, 0, address="村口那边"), "geometry": None}
    waiting = posted(client, words)["id"]

    assert _ids(_json(client, f"{ITEMS}?located=false&stage=reported")) == [waiting]


def test_a_count_has_the_lists_filters(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10))
    posted(client, incident(-10, 10))

    assert _json(client, f"/collections/incidents/count?grid_code={EAST}") == {"count": 1}


def test_an_empty_layer_is_an_empty_collection(client: FlaskClient) -> None:
    assert _json(client, "/collections/hazards/items")["features"] == []


def test_a_layer_without_places_lists_features_without_geometry(
    client: FlaskClient, town: Session
) -> None:
    (duty,) = _json(client, "/collections/duties/items")["features"]

    assert (duty["geometry"], duty["properties"]["post"]) == (None, "micro_leader")


def test_a_period_is_shown_as_its_two_ends(client: FlaskClient, town: Session) -> None:
    grid = _json(client, f"/collections/grids/items?code={EAST}")["features"][0]

    assert grid["properties"]["valid"] == [None, None]


def test_the_same_key_and_body_get_the_first_answer_again(
    client: FlaskClient, town: Session
) -> None:
    first = client.post(ITEMS, json=incident(10, 10), headers=KEY)
    again = client.post(ITEMS, json=incident(10, 10), headers=KEY)

    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Location"] == first.headers["Location"]
    assert traces(town) == 4  # the incident, its first step, its event and the kept reply


def test_a_body_that_is_only_spaced_otherwise_is_the_same(
    client: FlaskClient, town: Session
) -> None:
    first = client.post(ITEMS, json=incident(10, 10), headers=KEY)
    spaced = json.dumps(incident(10, 10), indent=3)

    again = client.post(ITEMS, data=spaced, content_type="application/geo+json", headers=KEY)

    assert again.data == first.data


def test_another_body_under_a_used_key_is_refused(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10), **KEY)

    reply = client.post(ITEMS, json=incident(10, 10, severity=4), headers=KEY)

    assert reply.status_code == 409
    assert reply.json is not None
    assert reply.json["member"] == "Idempotency-Key"
    assert traces(town) == 4


def test_a_refused_body_leaves_its_key_free(client: FlaskClient, town: Session) -> None:
    client.post(ITEMS, json=incident(10, 10, category="999"), headers=KEY)

    assert posted(client, incident(10, 10), **KEY)["properties"]["category"] == "101"


def test_the_same_body_without_a_key_is_another_incident(
    client: FlaskClient, town: Session
) -> None:
    assert posted(client, incident(10, 10))["id"] != posted(client, incident(10, 10))["id"]


def test_a_source_cannot_send_an_external_id_twice(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10, source="12345", external_id="A7"))

    reply = client.post(ITEMS, json=incident(20, 10, source="12345", external_id="A7"))

    assert reply.status_code == 409
    assert reply.json is not None
    assert reply.json["member"] == "properties.external_id"
    assert count(town, "incidents") == 1


def test_two_sources_may_use_the_same_external_id(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10, source="12345", external_id="A7"))

    assert posted(client, incident(10, 10, source="app", external_id="A7"))["id"]


def test_the_same_post_at_the_same_time_is_stored_once(
    own_database: Settings, own_engine: Engine
) -> None:
    with Session(own_engine) as session:
        add_town(session)
        session.commit()
    app = create_app(own_database)

    def post(_: int) -> bytes:
        return app.test_client().post(ITEMS, json=incident(10, 10), headers=KEY).data

    with ThreadPoolExecutor(8) as clients:
        replies = list(clients.map(post, range(24)))

    with Session(own_engine) as session:
        assert (len(set(replies)), traces(session)) == (1, 4)


def test_a_post_reaches_the_primary_while_its_replica_is_away(
    own_database: Settings, own_engine: Engine
) -> None:
    with Session(own_engine) as session:
        add_town(session)
        session.commit()
    away = "postgresql+psycopg2://nobody@/nowhere?host=/nonexistent"
    client = create_app(replace(own_database, replica_url=away)).test_client()

    assert (posted(client, incident(1, 1))["type"], client.get(ITEMS).status_code) == (
        "Feature",
        503,
    )


def test_caches_tell_the_forms_of_one_address_apart(client: FlaskClient, town: Session) -> None:
    asked = [f"/collections/grids/items{query}" for query in ("", "?offset=0", "?f=json")]

    varies = [client.get(address).headers["Vary"].split(", ") for address in asked]

    assert ["Accept" in told for told in varies] == [True, True, False]
