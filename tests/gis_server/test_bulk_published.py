"""A published dataset of every kind of value and shape becomes a file that says the same."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import Json, add_collection
from tests.geodata.sample_rows import BIG, SHAPES, same

NAME = "人口 普查"
ITEMS = f"/collections/{quote(NAME)}/items"
TOLD = {
    **{"名称": "黄屋村\n“一”", "Name of Place": "=1+1", "ID": BIG, "密度": -12.5, "有效": True},
    **{"普查日": "2020-11-01", "更新于": "2020-11-01T00:00:00+00:00", "明细": {"男": [1, None]}},
    "标签": ["甲", "乙"],
}
SCHEMA = {
    **{"名称": "string", "Name of Place": "string", "ID": "integer", "密度": "number"},
    **{"有效": "boolean", "普查日": "date", "更新于": "date-time", "明细": "object"},
    "标签": "array",
}
NOTHING: Json = {**dict.fromkeys(TOLD), "ID": BIG}


@pytest.fixture
def published(session: Session) -> None:
    """Publish a feature of each kind of shape, and one with neither place nor values."""
    rows = [*((shape, TOLD) for shape in SHAPES), (None, NOTHING)]
    add_collection(session, NAME, rows, schema=SCHEMA)


def _gpkg(body: bytes) -> gpd.GeoDataFrame:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        Path(file.name).write_bytes(body)
        return pyogrio.read_dataframe(file.name)


READ: dict[str, Callable[[bytes], gpd.GeoDataFrame]] = {
    "fgb": lambda body: pyogrio.read_dataframe(io.BytesIO(body)),
    "gpkg": _gpkg,
    "parquet": lambda body: gpd.read_parquet(io.BytesIO(body)),
}


@pytest.mark.parametrize("form", READ)
@pytest.mark.usefixtures("published")
def test_every_value_and_shape_comes_back(client: FlaskClient, form: str) -> None:
    found = READ[form](client.get(ITEMS, query_string={"f": form}).data)

    assert found["feature_id"].tolist() == list(range(1, len(SHAPES) + 2))
    assert found["ID"].tolist() == [BIG] * (len(SHAPES) + 1)
    assert same(found.geometry.to_numpy(), np.array([*SHAPES, None]))
    one, empty = found.iloc[0], found.iloc[-1]
    assert [one[name] for name in ("名称", "Name of Place", "密度", "有效")] == [
        TOLD[name] for name in ("名称", "Name of Place", "密度", "有效")
    ]
    assert str(one["普查日"])[:10] == TOLD["普查日"]
    assert pd.Timestamp(one["更新于"]) == pd.Timestamp(TOLD["更新于"])
    assert [json.loads(one[name]) for name in ("明细", "标签")] == [TOLD["明细"], TOLD["标签"]]
    assert empty[[name for name in TOLD if name != "ID"]].isna().all()


@pytest.mark.usefixtures("published")
def test_a_sequence_says_what_the_list_says(client: FlaskClient) -> None:
    lines = client.get(ITEMS, query_string={"f": "ndjson"}).text.splitlines()

    listed = client.get(ITEMS).get_json(force=True)["features"]
    assert [json.loads(line) for line in lines] == listed[::-1]
    assert json.loads(lines[0])["properties"] == TOLD


@pytest.mark.usefixtures("published")
def test_a_csv_tells_shapes_in_words_and_no_formula(client: FlaskClient) -> None:
    reply = client.get(ITEMS, query_string={"f": "csv"})

    found = pd.read_csv(io.BytesIO(reply.data), encoding="utf-8-sig", dtype=str)
    shapes = shapely.from_wkt(found["wkt"].replace({np.nan: None}).to_numpy(object))
    assert same(shapes, np.array([*SHAPES, None]))
    assert (found["Name of Place"][0], found["ID"][0]) == ("'=1+1", str(BIG))


@pytest.mark.usefixtures("published")
def test_the_file_of_a_chinese_name_has_a_plain_one_too(client: FlaskClient) -> None:
    told = client.get(ITEMS, query_string={"f": "csv"}).headers["Content-Disposition"]

    assert told.startswith("attachment; filename=\"features.csv\"; filename*=UTF-8''")
    assert told.isascii()


@pytest.mark.usefixtures("published")
def test_a_file_may_be_of_what_a_filter_finds(client: FlaskClient) -> None:
    asked = {"f": "fgb", "filter": '"ID" = 1 OR S_INTERSECTS(geometry, POINT(113.94 22.99))'}
    reply = client.get(ITEMS, query_string=asked)

    assert reply.status_code == 200, reply.text
    assert READ["fgb"](reply.data)["feature_id"].tolist() == [1]
