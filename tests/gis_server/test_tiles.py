"""Tiles: what they hold adds up, and a cached one is never stale."""

from __future__ import annotations

import gzip
from typing import Any

import geopandas as gpd
import pytest
from flask.testing import FlaskClient
from pyproj import Transformer
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.tiles import WORLD_M, Tile
from layers.grids import LAYER as GRIDS
from tests.factories import EAST, GRID, SCOPE, WEST, at, block, bring, incident, posted
from tests.mvt import read_tile

INCIDENTS = "/collections/incidents/tiles"
TO_MERCATOR = Transformer.from_crs(4326, 3857, always_xy=True)
# Spread over several tiles at high zoom; some share a place.
PLACES = [(0, 0), (0, 0), (0.5, 0), (30, 5), (-90, 120), (700, -400), (5000, 3000), (-150, -150)]


@pytest.fixture
def cases(client: FlaskClient, dispatcher: FlaskClient, town: Session) -> list[int]:
    """Report cases in and around the town; the last one is closed."""
    made = [posted(client, incident(*place, severity=2))["id"] for place in PLACES]
    closed = posted(client, incident(20, 20))["id"]
    bring(dispatcher, closed, "accepted", "handling", "closed")
    bring(dispatcher, made[3], "accepted")
    return made


def _address(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    x_m, y_m = TO_MERCATOR.transform(lon, lat)
    size = 2 * WORLD_M / 2**z
    return z, int((x_m + WORLD_M) / size), int((WORLD_M - y_m) / size)


def _tile(client: FlaskClient, path: str, address: tuple[int, int, int]) -> gpd.GeoDataFrame:
    reply = client.get(f"{path}/{address[0]}/{address[1]}/{address[2]}")
    assert reply.status_code in (200, 204), reply.text
    return read_tile(reply.data, address) if reply.data else gpd.GeoDataFrame({"n": []})


def _sum(client: FlaskClient, z: int, column: str = "n", **query: Any) -> int:
    """Add a column up over all tiles of a zoom that hold a case."""
    tiles = {_address(*at(*place), z) for place in [*PLACES, (20, 20)]}
    filters = "&".join(f"{name}={value}" for name, value in query.items())
    total = 0
    for address in tiles:
        z, x, y = address
        reply = client.get(f"{INCIDENTS}/{z}/{x}/{y}?{filters}")
        frame = read_tile(reply.data, address) if reply.data else {}
        total += int(frame[column].fillna(0).sum()) if column in frame else 0
    return total


@pytest.mark.parametrize("z", [0, 1, 2, 3, 5, 9, 12, 14, 16, 17, 18, 20, 22])
def test_the_clusters_of_a_zoom_add_up_to_the_database(
    client: FlaskClient, cases: list[int], z: int
) -> None:
    counted = client.get("/collections/incidents/count?live=true").get_json()

    assert _sum(client, z) == counted["count"] == len(PLACES)


def test_clusters_have_the_lists_filters(client: FlaskClient, cases: list[int]) -> None:
    counted = client.get(f"/collections/incidents/count?live=true&grid_code={WEST}").get_json()

    assert _sum(client, 16, grid_code=WEST) == counted["count"] == 4


def test_clusters_tell_the_shares_of_their_stages(client: FlaskClient, cases: list[int]) -> None:
    stages = [_sum(client, 10, f"stage_{s}") for s in ("reported", "accepted", "handling")]

    assert stages == [len(PLACES) - 1, 1, 0]


def test_a_cluster_tells_how_many_are_overdue(
    client: FlaskClient, town: Session, cases: list[int]
) -> None:
    town.execute(text("UPDATE incidents SET due_at = now() - interval '1 hour' WHERE severity = 2"))

    assert _sum(client, 12, "overdue") == len(PLACES)


def test_a_case_alone_is_told_in_full(client: FlaskClient, cases: list[int]) -> None:
    address = _address(*at(5000, 3000), 16)

    (case,) = _tile(client, INCIDENTS, address).to_dict("records")

    assert (case["mvt_id"], case["n"], case["category"]) == (cases[6], 1, "101")
    assert (case["stage"], case["severity"], case["overdue"]) == ("reported", 2, 0)
    assert (case["geometry"].x, case["geometry"].y) == pytest.approx(
        TO_MERCATOR.transform(*at(5000, 3000)), abs=1
    )


def test_cases_in_one_place_stay_together_at_any_zoom(
    client: FlaskClient, cases: list[int]
) -> None:
    frame = _tile(client, INCIDENTS, _address(*at(0, 0), 22))

    assert frame["n"].max() == 2


def test_a_case_on_the_edge_of_two_tiles_is_in_one(client: FlaskClient, town: Session) -> None:
    _, south, east, north = Tile(14, 13375, 7127).box()
    edge = {"type": "Point", "coordinates": [east, (south + north) / 2]}
    posted(client, {**incident(0, 0), "geometry": edge})

    found = [_tile(client, INCIDENTS, (14, x, 7127))["n"].sum() for x in (13375, 13376)]

    assert found == [0, 1]


def test_an_empty_tile_has_no_content(client: FlaskClient, town: Session) -> None:
    assert client.get(f"{INCIDENTS}/14/0/0").status_code == 204


def test_a_registers_tile_holds_its_features(client: FlaskClient, town: Session) -> None:
    frame = _tile(client, "/collections/grids/tiles", _address(*at(0, 0), 15))

    assert set(frame["code"]) == {GRID, EAST, WEST}
    assert frame["mvt_id"].is_unique


def test_a_feature_in_a_tile_lies_where_it_lies(client: FlaskClient, town: Session) -> None:
    frame = _tile(client, "/collections/grids/tiles", _address(*at(100, 0), 12)).set_index("code")

    shape = gpd.GeoSeries([block(0, -200, 200, 200)], crs=4326).to_crs(3857).iloc[0]
    assert frame.loc[EAST].geometry.hausdorff_distance(shape) < 3


def test_below_its_zoom_a_layer_draws_nothing(client: FlaskClient, town: Session) -> None:
    assert client.get("/collections/grids/tiles/3/6/3").status_code == 204


def test_a_tile_is_sent_once_in_one_version(client: FlaskClient, town: Session) -> None:
    z, x, y = _address(*at(0, 0), 15)
    first = client.get(f"/collections/grids/tiles/{z}/{x}/{y}")

    held = {"If-None-Match": first.headers["ETag"]}

    assert client.get(f"/collections/grids/tiles/{z}/{x}/{y}", headers=held).status_code == 304


def test_a_cached_tile_is_redrawn_when_its_layer_changes(
    client: FlaskClient, town: Session
) -> None:
    z, x, y = _address(*at(0, 0), 15)
    address = f"/collections/grids/tiles/{z}/{x}/{y}"
    held = {"If-None-Match": client.get(address).headers["ETag"]}
    frame = gpd.GeoDataFrame({"code": [EAST], "name": ["东"]}, geometry=[block(0, -200, 200, 200)])

    assert GRIDS.load is not None
    GRIDS.load(town, SCOPE, frame.set_crs(4326))

    redrawn = client.get(address, headers=held)
    assert redrawn.status_code == 200
    assert "东" in set(read_tile(redrawn.data, (z, x, y))["name"])


def test_a_case_is_on_its_tile_at_once(client: FlaskClient, town: Session) -> None:
    z, x, y = _address(*at(10, 10), 15)
    assert client.get(f"{INCIDENTS}/{z}/{x}/{y}").status_code == 204

    posted(client, incident(10, 10))

    assert client.get(f"{INCIDENTS}/{z}/{x}/{y}").status_code == 200


def test_a_large_tile_is_compressed_for_who_reads_that(client: FlaskClient, town: Session) -> None:
    z, x, y = _address(*at(0, 0), 15)
    address = f"/collections/grids/tiles/{z}/{x}/{y}"

    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    plain = client.get(address, headers={"Accept-Encoding": "identity"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Content-Encoding" not in plain.headers


def test_who_refuses_compression_is_sent_the_plain_tile(client: FlaskClient, town: Session) -> None:
    z, x, y = _address(*at(0, 0), 15)
    refused = {"Accept-Encoding": "gzip;q=0"}

    reply = client.get(f"/collections/grids/tiles/{z}/{x}/{y}", headers=refused)

    assert "Content-Encoding" not in reply.headers
