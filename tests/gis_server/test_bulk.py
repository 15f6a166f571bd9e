"""Whole collections as files that hold what the list shows."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gis_server.bulk import FORMATS
from layers.base import Reader
from tests.factories import EAST, GRID, WEST, Json, block, feature, incident, point, posted

GRIDS, CASES = "/collections/grids/items", "/collections/incidents/items"
FIRE, DISPUTE = "101", "201"


def _gdal(body: bytes) -> pd.DataFrame:
    return pyogrio.read_dataframe(io.BytesIO(body))


def _gpkg(body: bytes) -> pd.DataFrame:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        Path(file.name).write_bytes(body)
        return pyogrio.read_dataframe(file.name)


def _csv(body: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(body), dtype=str, encoding="utf-8-sig")


def _sequence(body: bytes) -> pd.DataFrame:
    parts = [json.loads(part) for part in body.decode().replace("\x1e", "").splitlines()]
    rows = [{"id": part["id"], **part["properties"]} for part in parts]
    return pd.DataFrame(rows, columns=None if rows else ["id"])


READ: dict[str, Callable[[bytes], pd.DataFrame]] = {
    **{"geojsonseq": _sequence, "ndjson": _sequence, "fgb": _gdal, "gpkg": _gpkg, "csv": _csv},
    "parquet": lambda body: gpd.read_parquet(io.BytesIO(body)),
}
every_format = pytest.mark.parametrize("form", FORMATS)
with_shapes = pytest.mark.parametrize("form", ["fgb", "gpkg", "parquet"])


def _file(client: FlaskClient, form: str, path: str = GRIDS, **asked: Any) -> pd.DataFrame:
    reply = _asked(client, form, path, **asked)
    assert reply.status_code == 200, reply.text
    return READ[form](reply.data)


def _asked(client: FlaskClient, form: str, path: str = GRIDS, **asked: Any) -> TestResponse:
    return client.get(path, query_string={"f": form, **asked})


def _listed(client: FlaskClient, path: str = GRIDS, **asked: Any) -> list[Json]:
    reply = client.get(path, query_string={"limit": 10_000, **asked})
    return list(reversed(reply.get_json(force=True)["features"]))


@every_format
def test_a_file_holds_the_features_of_the_list_by_their_ids(
    client: FlaskClient, town: Session, form: str
) -> None:
    told = _file(client, form)

    listed = _listed(client)
    assert told["id"].astype(int).tolist() == [one["id"] for one in listed]
    assert told["name"].tolist() == [one["properties"]["name"] for one in listed]
    assert told["level"].astype(int).tolist() == [1, 2, 2]


@with_shapes
def test_shapes_are_those_of_the_list(client: FlaskClient, town: Session, form: str) -> None:
    found = _file(client, form)

    listed = [shapely.geometry.shape(one["geometry"]) for one in _listed(client)]
    assert found.crs.to_epsg() == 4326
    assert all(shapely.equals_exact(found.geometry.to_numpy(), listed, 1e-6, normalize=True))


@pytest.mark.parametrize("form", ["geojsonseq", "ndjson"])
def test_a_sequence_holds_the_very_features_of_the_list(
    client: FlaskClient, town: Session, form: str
) -> None:
    parts = _asked(client, form).text.replace("\x1e", "").splitlines()

    assert [json.loads(part) for part in parts] == _listed(client)


@every_format
def test_a_period_has_two_columns_but_in_json(
    client: FlaskClient, town: Session, form: str
) -> None:
    columns = set(_file(client, form).columns)

    assert ({"valid_from", "valid_to"} <= columns) == ("valid" not in columns)
    assert ("valid" in columns) == (form in ("geojsonseq", "ndjson"))


@pytest.mark.parametrize("form", ["geojsonseq", "csv"])
@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({"bbox": "113.9,22.9,113.9395,23.1", "kind": "micro"}, [WEST]),
        ({"code": EAST}, [EAST]),
        ({"limit": 2}, [GRID, WEST]),
        ({"offset": 2}, [EAST]),
        ({"sortby": "-code"}, [EAST, WEST, GRID]),
        ({"valid_at": "2020-01-01T00:00:00Z"}, [GRID, WEST, EAST]),
        ({"code": "none"}, []),
    ],
)
def test_a_file_holds_what_the_question_finds(
    client: FlaskClient, town: Session, form: str, asked: Json, codes: list[str]
) -> None:
    found = _file(client, form, **asked)

    assert (found["code"].tolist() if len(found) else []) == codes


FORMER = """
UPDATE grids SET recorded_at = '2020-01-01';
INSERT INTO grids_history
SELECT *, tstzrange('2020-01-01', '2026-01-01') FROM grids WHERE code = :code;
UPDATE grids SET name = 'new', recorded_at = '2026-01-01', row_version = 2 WHERE code = :code
"""


@pytest.mark.parametrize("form", ["geojsonseq", "fgb", "csv"])
@pytest.mark.parametrize(
    ("at", "names"),
    [("2025-01-01", [GRID, WEST, EAST]), ("2026-02-01", [GRID, "new", EAST]), ("2019-01-01", [])],
)
def test_a_file_holds_what_was_on_record_at_a_time(
    client: FlaskClient, town: Session, form: str, at: str, names: list[str]
) -> None:
    for statement in FORMER.split(";"):
        town.execute(text(statement), {"code": WEST})

    found = _file(client, form, as_of=f"{at}T00:00:00Z", valid_at="2026-03-01T00:00:00Z")

    told = found["name"].tolist() if len(found) else []
    assert told == [name if name == "new" else name[-5:] for name in names]


@pytest.mark.parametrize("form", ["geojsonseq", "fgb", "csv"])
def test_a_file_shows_the_properties_that_are_asked_for(
    client: FlaskClient, town: Session, form: str
) -> None:
    found = _file(client, form, properties="name,code")

    told = set(found.columns) - {"geometry", "wkt"}
    assert told == {"id", "code", "name"}


@with_shapes
def test_a_file_is_in_the_system_that_is_asked_for(
    client: FlaskClient, town: Session, form: str
) -> None:
    found = _file(client, form, crs="http://www.opengis.net/def/crs/EPSG/0/4547")

    west = gpd.GeoSeries([block(-200, -200, 0, 200)], crs=4326).to_crs(4547)
    assert found.crs.to_epsg() == 4547
    assert found.geometry[1].centroid.distance(west[0].centroid) < 0.1


def test_a_sequence_names_its_system(client: FlaskClient, town: Session) -> None:
    reply = _asked(client, "geojsonseq", crs="http://www.opengis.net/def/crs/EPSG/0/4490")

    assert reply.headers["Content-Crs"] == "<http://www.opengis.net/def/crs/EPSG/0/4490>"
    lat, lon = json.loads(reply.data[1:].split(b"\n")[0])["geometry"]["coordinates"][0][0][0]
    assert (round(lat), round(lon)) == (23, 114)


@every_format
def test_a_layer_without_rows_is_a_file_without_rows(client: FlaskClient, form: str) -> None:
    reply = _asked(client, form, "/collections/hazards/items")

    assert reply.status_code == 200
    assert len(READ[form](reply.data)) == 0


@every_format
def test_a_layer_without_places_is_a_table(client: FlaskClient, town: Session, form: str) -> None:
    read = READ if form != "parquet" else {form: lambda body: pd.read_parquet(io.BytesIO(body))}

    found = read[form](_asked(client, form, "/collections/duties/items").data)

    assert found["title"].tolist() == ["微网格长"]


@every_format
def test_cases_with_and_without_a_place_are_told(
    client: FlaskClient, dispatcher: FlaskClient, town: Session, form: str
) -> None:
    posted(client, incident(10, 10, description="=1+1"))
    posted(client, feature(None, description="没有地点"))

    found = _file(dispatcher, form, CASES)

    told = "'=1+1" if form == "csv" else "=1+1"
    assert found["description"].tolist() == [told, "没有地点"]
    assert pd.to_datetime(found["reported_at"], format="ISO8601").notna().all()


def test_points_of_a_csv_are_columns(client: FlaskClient, town: Session) -> None:
    posted(client, incident(10, 10))

    found = _file(client, "csv", CASES).iloc[0]

    assert [float(found["lon"]), float(found["lat"])] == pytest.approx(
        point(10, 10)["coordinates"], abs=1e-6
    )


@pytest.mark.parametrize("form", ["geojsonseq", "fgb", "csv"])
def test_a_file_holds_what_its_reader_may_see(
    client_as: Callable[[Reader], FlaskClient],
    dispatcher: FlaskClient,
    client: FlaskClient,
    town: Session,
    form: str,
) -> None:
    posted(client, incident(-10, 10, category=FIRE))
    posted(client, incident(-10, 20, category=DISPUTE))
    fire = client_as(Reader(account="w", roles=frozenset({"worker"}), areas=(EAST,)))

    told = [_file(who, form, CASES)["category"].astype(str).tolist() for who in (fire, dispatcher)]

    assert told == [[FIRE], [FIRE, DISPUTE]]


@every_format
def test_a_file_is_named_by_its_title(client: FlaskClient, town: Session, form: str) -> None:
    reply = _asked(client, form)

    ending = FORMATS[form].extension
    assert reply.mimetype == FORMATS[form].mimetype
    assert reply.headers["Content-Disposition"] == (
        f"attachment; filename=\"grids.{ending}\"; filename*=UTF-8''%E7%BD%91%E6%A0%BC.{ending}"
    )


@every_format
def test_a_file_may_be_asked_for_by_its_type(client: FlaskClient, town: Session, form: str) -> None:
    reply = client.get(GRIDS, headers={"Accept": FORMATS[form].mimetype})

    assert (reply.mimetype, len(READ[form](reply.data))) == (FORMATS[form].mimetype, 3)
