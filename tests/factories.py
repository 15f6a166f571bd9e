"""Sample shapes and rows: a small town, measured in metres from its middle."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import cos, radians
from typing import Any

import pandas as pd
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from geoalchemy2.shape import from_shape
from geopandas import GeoDataFrame
from shapely import MultiPolygon, Point, Polygon, box
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from geodata.columns import typed_rows
from geodata.crs import WGS84
from geodata.regions import categories
from layers import account_making
from layers.base import Reader, Scope
from layers.buildings import Building
from layers.duties import Duty
from layers.grids import Grid
from layers.organisations import Organisation
from layers.publishing import Publication, publish
from layers.town import load_categories

SCOPE = Scope(441900)
DISPATCHER = Reader(account="dispatcher", roles=frozenset({"dispatcher"}))
PASSWORD = "spring-tide-42"
MIDDLE_LON, MIDDLE_LAT = 113.94, 22.99
LON_M = 111_320 * cos(radians(MIDDLE_LAT))
LAT_M = 110_574
VILLAGE = "441900109212"
GRID = f"{VILLAGE}001"
WEST, EAST = f"{GRID}01", f"{GRID}02"

Json = dict[str, Any]


def at(east_m: float, north_m: float) -> list[float]:
    """Place a position so many metres east and north of the middle, as [lon, lat]."""
    return [MIDDLE_LON + east_m / LON_M, MIDDLE_LAT + north_m / LAT_M]


def block(west_m: float, south_m: float, east_m: float, north_m: float) -> Polygon:
    """Draw a rectangle in EPSG:4326 by its edges in metres from the middle."""
    return box(*at(west_m, south_m), *at(east_m, north_m))


def point(east_m: float, north_m: float) -> Json:
    """Write a GeoJSON point so many metres from the middle."""
    return {"type": "Point", "coordinates": at(east_m, north_m)}


def feature(geometry: Json | None, **properties: Any) -> Json:
    """Write a GeoJSON feature of category 101 (fire) unless told otherwise."""
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"category": "101", **properties},
    }


def incident(east_m: float, north_m: float, **properties: Any) -> Json:
    """Write a report of a fire at a point."""
    return feature(point(east_m, north_m), **properties)


def posted(client: FlaskClient, report: Json, **headers: str) -> Json:
    """Post a report that must be taken; the feature that is answered."""
    reply = client.post("/collections/incidents/items", json=report, headers=headers)
    assert reply.status_code == 201, reply.text
    return dict(reply.get_json(force=True))


# The moves of the whistles' procedure that bring a case to a stage.
MOVES_TO = {"accepted": ("dispatch",), "handling": ("take",), "closed": ("finish", "close")}


def bring(client: FlaskClient, number: int, *stages: str) -> Json:
    """Bring a case to one stage after another, as a dispatcher; the case in the end."""
    for move in (move for stage in stages for move in MOVES_TO[stage]):
        reply = make_move(client, number, move)
        assert reply.status_code == 201, reply.text
    return dict(client.get(f"/collections/incidents/items/{number}").get_json(force=True))


def make_move(client: FlaskClient, number: int, move: str, **said: Any) -> TestResponse:
    """Make a move of a case, based on its present version; the reply."""
    case = f"/collections/incidents/items/{number}"
    headers = {"If-Match": client.get(case).headers["ETag"]}
    return client.post(f"{case}/steps", json={"move": move, **said}, headers=headers)


def add_grid(session: Session, code: str, shape: Polygon, **given: Any) -> Grid:
    """Store a grid; a micro-grid unless told otherwise."""
    told = {"name": code[-5:], "kind": "micro", "level": 2, **given}
    geom = from_shape(MultiPolygon([shape]), WGS84)
    grid = Grid(district=SCOPE.district, code=code, geom=geom, **told)
    session.add(grid)
    session.flush()
    return grid


def add_building(session: Session, code: str, place: tuple[float, float], **given: Any) -> Building:
    """Store a building of 10 m × 10 m around a place in metres from the middle."""
    shape = block(place[0] - 5, place[1] - 5, place[0] + 5, place[1] + 5)
    geom = from_shape(MultiPolygon([shape]), WGS84)
    told = {"village_code": VILLAGE, "households": 1, "residents": 3, "floating": 0, **given}
    building = Building(**{"district": SCOPE.district, **told}, code=code, geom=geom)
    session.add(building)
    session.flush()
    return building


def add_town(session: Session) -> None:
    """Store what can be reported, a grid of 400 m × 400 m, its two halves, and a leader."""
    load_categories(session, SCOPE, categories(SCOPE.district))
    parent = block(-200, -200, 200, 200)
    add_grid(session, GRID, parent, kind="base", level=1, village_code=VILLAGE)
    add_grid(session, WEST, block(-200, -200, 0, 200), parent_code=GRID, village_code=VILLAGE)
    add_grid(session, EAST, block(0, -200, 200, 200), parent_code=GRID, village_code=VILLAGE)
    session.add(
        Organisation(
            district=SCOPE.district, code="O1", name="黄屋村", kind="village", area_code=VILLAGE
        )
    )
    session.add(
        Duty(
            district=SCOPE.district,
            code="D1",
            organisation_code="O1",
            post="micro_leader",
            title="微网格长",
            grid_code=WEST,
            holder="黄屋一微网格长",
            phone="0769-00000001",
        )
    )
    session.flush()


def add_collection(
    session: Session, name: str, rows: Sequence[tuple[Any, Json]] = (), **about: Any
) -> None:
    """Publish a collection of shapes and their properties; one point of one name when not given."""
    shapes, properties = zip(*(rows or [(Point(at(0, 0)), {"名称": "黄屋"})]), strict=True)
    schema, documents, _ = typed_rows(
        pd.DataFrame(list(properties), dtype=object), {}, SCOPE.time_zone
    )
    index = pd.RangeIndex(1, len(shapes) + 1)
    frame = GeoDataFrame({"properties": documents}, index=index, geometry=list(shapes), crs=WGS84)
    told = {"schema": schema, "source": f"{name}.gpkg", **about}
    publish(session, SCOPE, Publication(name, **told), frame)


@cache
def password_hash() -> str:
    """Hash the password of all accounts of the tests, once and cheaply."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def add_account(session: Session, reader: Reader) -> None:
    """Store an account, which signs in by ``PASSWORD`` and then is a reader."""
    told = {**vars(reader), "roles": tuple(sorted(reader.roles))}
    account_making.add(
        session, SCOPE, account_making.NewAccount(told.pop("account"), password_hash(), **told)
    )


def count(session: Session, table: str) -> int:
    """Count the rows of a table."""
    return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


def traces(session: Session) -> int:
    """Count all that a posted incident leaves behind: itself, its steps, events and replies."""
    return sum(count(session, table) for table in ("incidents", "steps", "outbox", "replies"))


CHANGE = text(
    "INSERT INTO outbox (district, layer, feature_id, kind, grid_code)"
    " VALUES (441900, 'incidents', :id, 'reported', '4419') RETURNING id"
)


def add_change(connection: Connection, number: int) -> int:
    """Announce that a feature changed; the number of the event."""
    return int(connection.execute(CHANGE, {"id": number}).scalar_one())


def commit_change(engine: Engine, *numbers: int) -> None:
    """Announce changes of features in a transaction of their own."""
    with engine.begin() as connection:
        for number in numbers:
            add_change(connection, number)
