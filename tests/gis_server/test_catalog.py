"""The catalog: layers of the program, and collections as they are published now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.catalog import Catalog
from gis_server.config import Settings
from gis_server.db import Database, Sessions
from layers import find_layers
from layers.publishing import drop
from tests.factories import SCOPE, add_collection

REGISTERED = find_layers()


@contextmanager
def away() -> Iterator[Session]:
    raise OperationalError("SELECT", {}, Exception("server closed the connection"))
    yield


@pytest.fixture
def sessions(session: Session) -> Sessions:
    """Give what opens the test's own session, again and again."""

    @contextmanager
    def opened() -> Iterator[Session]:
        yield session

    return opened


@pytest.fixture
def catalog(sessions: Sessions) -> Catalog:
    return Catalog(REGISTERED, SCOPE, sessions)


def test_a_collection_stands_among_the_layers_in_drawing_order(
    session: Session, catalog: Catalog
) -> None:
    add_collection(session, "人口", look={"order": 25})

    drawn = list(catalog)
    assert drawn.index("areas") < drawn.index("人口") < drawn.index("grids")
    assert len(catalog) == len(REGISTERED) + 1
    assert [layer.name for layer in catalog.values()] == drawn == [n for n, _ in catalog.items()]


def test_a_collection_is_found_as_soon_as_it_is_asked_for_by_name(
    session: Session, catalog: Catalog
) -> None:
    assert "人口" not in catalog
    add_collection(session, "人口")

    assert catalog["人口"].title == "人口"


def test_a_collection_is_gone_at_once_by_its_name_and_soon_from_the_list(
    session: Session, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_collection(session, "人口")
    assert "人口" in list(catalog)
    drop(session, SCOPE, "人口")
    listed = "人口" in list(catalog)
    named = "人口" in catalog
    monkeypatch.setattr("gis_server.catalog.FRESH_S", 0)

    assert (listed, named, "人口" in list(catalog)) == (True, False, False)


def test_a_replaced_collection_is_the_new_one_at_once(session: Session, catalog: Catalog) -> None:
    add_collection(session, "人口", title_zh="旧")
    assert catalog["人口"].title_zh == "旧"
    add_collection(session, "人口", title_zh="新", replaces=True)

    assert catalog["人口"].title_zh == "新"


def test_a_collection_that_did_not_change_stays_the_same_layer(
    session: Session, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gis_server.catalog.FRESH_S", 0)
    add_collection(session, "a")
    add_collection(session, "b")
    first, other = catalog["a"], catalog["b"]
    add_collection(session, "b", replaces=True)

    assert catalog["a"] is first
    assert catalog["b"] is not other


def test_a_layer_of_the_program_is_found_without_the_database() -> None:
    catalog = Catalog(REGISTERED, SCOPE, away)

    assert catalog["grids"] is REGISTERED["grids"]


def test_another_name_is_not_unknown_while_the_database_is_away() -> None:
    catalog = Catalog(REGISTERED, SCOPE, away)

    with pytest.raises(OperationalError):
        catalog.get("人口")


def test_collections_are_unavailable_while_the_database_is_away(settings: Settings) -> None:
    client = create_app(settings, Database(away, away, away, away)).test_client()

    reply = client.get(f"/collections/{quote('人口')}/items")
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")


def test_no_collection_hides_a_layer_of_the_program(session: Session, catalog: Catalog) -> None:
    add_collection(session, "grids")

    assert catalog["grids"] is next(x for x in catalog.values() if x.name == "grids")
    assert catalog["grids"].home


def test_a_server_serves_what_was_published_after_its_start(
    session: Session, client: FlaskClient
) -> None:
    path = f"/collections/{quote('人口')}"
    assert client.get(path).status_code == 404
    add_collection(session, "人口", title_zh="人口分布")

    assert client.get(path).get_json()["title_zh"] == "人口分布"
    assert "人口" in [one["id"] for one in client.get("/collections").get_json()["collections"]]
