"""Reference collections: many datasets in one table, each with its own schema and look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from shapely import Point
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from geodata.tiles import Tile
from gis_server.config import Settings
from layers import queries, tiling
from layers.base import Layer, Query, Sort
from layers.reference import default_look, published
from layers.search import search
from tests.factories import SCOPE, add_collection, at
from tests.layers.plans import Explained, explaining

TOLD: dict[str, Any] = {
    "编号": 7,
    "name": "黄屋",
    "share %": 0.25,
    "open": True,
    "day": "2026-01-05",
    "list": [1, 2],
}


def one(session: Session, name: str = "人口") -> Layer:
    return next(layer for layer in published(session, SCOPE) if layer.name == name)


def spots(*properties: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    return [(Point(at(n, n)), told) for n, told in enumerate(properties)]


def found(session: Session, layer: Layer, **asked: Any) -> list[int]:
    return [row.id for row in queries.features(session, layer, SCOPE, Query(**asked)).features]


def test_collections_share_a_table_and_not_their_rows(session: Session) -> None:
    add_collection(session, "a", spots({"x": 1}, {"x": 2}))
    add_collection(session, "b", spots({"x": 1}))

    counts = {x.name: queries.count(session, x, SCOPE, Query()) for x in published(session, SCOPE)}
    assert counts == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [("编号", "7"), ("name", "黄屋"), ("share %", "0.25"), ("open", "true")],
)
def test_each_property_is_compared_by_its_type(session: Session, name: str, value: str) -> None:
    add_collection(session, "人口", spots(TOLD, dict.fromkeys(TOLD)))

    assert found(session, one(session), where={name: value}) == [1]


def test_a_day_is_compared_as_a_day(session: Session) -> None:
    add_collection(session, "人口", spots({"day": "2026-01-05"}), schema={"day": "date"})

    assert found(session, one(session), where={"day": "2026-01-05"}) == [1]
    with pytest.raises(InvalidInput, match="day is a day such as"):
        found(session, one(session), where={"day": "5.1.2026"})


def test_numbers_are_sorted_as_numbers(session: Session) -> None:
    add_collection(session, "人口", spots({"n": 9}, {"n": 10}, {"n": None}))

    assert found(session, one(session), sort=(Sort("n"),)) == [1, 2, 3]


def test_a_collection_has_no_past(session: Session) -> None:
    add_collection(session, "人口")

    with pytest.raises(InvalidInput, match="人口 keep no record of the past"):
        found(session, one(session), as_of=queries.parse_time("as_of", "2026-01-01T00:00:00Z"))


@pytest.mark.parametrize(
    ("told", "label"),
    [
        ({"code": "1", "名称": "x"}, "名称"),
        ({"n": 1, "Name": "x"}, "Name"),
        ({"n": 1, "road": "x"}, "road"),
        ({"n": 1}, "n"),
    ],
)
def test_a_feature_is_named_by_what_is_called_a_name(
    session: Session, told: dict[str, Any], label: str
) -> None:
    add_collection(session, "人口", spots(told))

    assert one(session).label == label


def test_a_tile_holds_what_fits_and_not_what_it_uses_itself(session: Session) -> None:
    long = "二〇二三年末常住人口数（单位：人，不含学生与军人）"
    told = {"id": 1, "geom": "g", "list": [1], long: 2, **{f"f{n}": n for n in range(20)}}
    add_collection(session, "人口", spots(told))

    assert one(session).tile_properties == tuple(f"f{n}" for n in range(16))


def test_a_tile_is_drawn_of_odd_names(session: Session) -> None:
    add_collection(session, "人口", spots({'a "b" %(c)s': 5}))

    drawn = tiling.vector_tile(session, one(session), SCOPE, Tile(14, 13377, 7116), Query())
    assert b'a "b" %(c)s' in drawn


def test_words_are_looked_for_in_small_collections_only(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_collection(session, "人口", spots({"名称": "黄屋村"}))
    small = {layer.name: layer for layer in published(session, SCOPE)}
    monkeypatch.setattr("layers.reference.SEARCHED_ROWS", 0)
    large = {layer.name: layer for layer in published(session, SCOPE)}

    assert [hit["label"] for hit in search(session, SCOPE, small, "黄屋")] == ["黄屋村"]
    assert large["人口"].search == ()


def test_the_colour_of_a_collection_is_that_of_its_name(session: Session) -> None:
    add_collection(session, "人口")

    assert one(session).style == default_look("人口", "POINT")["style"]
    colours = {default_look(f"c{n}", "POINT")["style"]["color"] for n in range(40)}
    assert len(colours) == 10


@pytest.mark.parametrize(
    ("geometry", "members"),
    [
        ("POINT", {"radius": 4, "weight": 1.0}),
        ("MULTILINESTRING", {"fill": False, "weight": 2.0}),
        ("MULTIPOLYGON", {"fillOpacity": 0.25}),
        ("GEOMETRY", {"fillOpacity": 0.25}),
        (None, {}),
    ],
)
def test_shapes_are_drawn_by_their_type(geometry: str | None, members: dict[str, Any]) -> None:
    assert members.items() <= default_look("人口", geometry)["style"].items()


def test_the_box_of_a_collection_is_known_without_reading_it(session: Session) -> None:
    add_collection(session, "人口", spots({"a": 1}, {"a": 2}))

    assert one(session).box == pytest.approx((*at(0, 0), *at(1, 1)), abs=1e-9)


FILL = text("""
    INSERT INTO reference (district, collection, id, properties, geom)
    SELECT c.district, c.id, n, '{}',
           ST_SetSRID(ST_MakePoint(113.9 + n % 100 / 1000.0, 22.9 + n / 100 / 1000.0), 4326)
    FROM collections AS c, generate_series(2, 5000) AS n
""")


@pytest.fixture
def explained(own_database: Settings) -> Iterator[Explained]:
    """Publish four collections of 5,000 points on the same ground; note how they are read."""
    owner = create_engine(own_database.owner_database_url, poolclass=NullPool)
    with Session(owner) as session, session.begin():
        for name in "abcd":
            add_collection(session, name)
        session.execute(FILL)
        session.execute(text("ANALYZE reference"))
    with explaining(own_database) as explained:
        yield explained


def test_a_page_is_read_by_the_ids_of_its_collection(explained: Explained) -> None:
    session, plans = explained
    ids = found(session, one(session, "b"), after=(2500,), limit=10)

    assert ids == list(range(2499, 2489, -1))
    assert "pk_reference" in plans[-1]
    assert "Sort" not in plans[-1]


def test_a_box_is_read_by_place_and_collection(explained: Explained) -> None:
    session, plans = explained
    layer = one(session, "b")
    queries.count(session, layer, SCOPE, Query(bbox=(113.95, 22.92, 113.951, 22.921)))

    (condition,) = re.findall(r"Index Cond: (.*)", plans[-1])
    assert "ix_reference_geom" in plans[-1]
    assert "collection = " in condition
    assert "geom && " in condition
