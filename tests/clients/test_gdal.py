"""GDAL's driver of OGC API – Features, as QGIS and geopandas use it, reads every layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pytest
import requests
from shapely import box

from layers import find_layers
from tests.clients.conftest import COLLECTION, ROWS

PLACED = [name for name, layer in find_layers().items() if layer.geom is not None]
TABLES = [name for name, layer in find_layers().items() if layer.geom is None]
WAIT_S = 30
BOX = (113.925, 22.98, 113.945, 23.0)


def _matched(server: str, name: str, **asked: Any) -> int:
    told = {"resulttype": "hits", **asked}
    reply = requests.get(f"{server}/collections/{name}/items", params=told, timeout=WAIT_S)
    return int(reply.json()["numberMatched"])


def test_all_layers_are_listed(served_town: str) -> None:
    listed = pyogrio.list_layers(f"OAPIF:{served_town}")[:, 0].tolist()

    assert {*PLACED, COLLECTION} <= set(listed)


@pytest.mark.parametrize("name", [*PLACED, COLLECTION])
def test_a_layer_is_read_to_its_end(served_town: str, name: str) -> None:
    read = pyogrio.read_dataframe(f"OAPIF:{served_town}", layer=name)

    assert len(read) == _matched(served_town, name) > 0
    assert read.geometry.notna().any()


@pytest.mark.parametrize("name", ["grids", "buildings", "enterprises", "incidents"])
def test_a_box_reads_what_touches_it(served_town: str, name: str) -> None:
    whole = pyogrio.read_dataframe(f"OAPIF:{served_town}", layer=name)
    read = pyogrio.read_dataframe(f"OAPIF:{served_town}", layer=name, bbox=BOX)

    inside = whole.geometry.notna() & whole.geometry.intersects(box(*BOX))
    assert (
        len(read) == int(inside.sum()) == _matched(served_town, name, bbox=",".join(map(str, BOX)))
    )


def test_a_layers_box_is_that_of_its_features(served_town: str) -> None:
    told = pyogrio.read_info(f"OAPIF:{served_town}", layer="grids")["total_bounds"]
    whole = pyogrio.read_dataframe(f"OAPIF:{served_town}", layer="grids")

    assert np.allclose(told, whole.total_bounds, atol=1e-6)


def test_a_published_collection_keeps_its_names_dates_and_empty_cells(served_town: str) -> None:
    read = pyogrio.read_dataframe(f"OAPIF:{served_town}", layer=COLLECTION)

    read = read.sort_values("小区", ignore_index=True)
    wanted = sorted(ROWS, key=lambda row: row["小区"])
    assert read["小区"].tolist() == [row["小区"] for row in wanted]
    assert read["户数"].isna().tolist() == [not row["户数"] for row in wanted]
    days = pd.to_datetime(read["更新"]).dt.strftime("%Y-%m-%d").fillna("")
    assert days.tolist() == [row["更新"] for row in wanted]
