"""The gazetteer knows the town's addresses as they are now."""

from __future__ import annotations

import geopandas as gpd
from sqlalchemy.orm import Session

from layers import gazetteer
from layers.buildings import LAYER as BUILDINGS
from tests.factories import EAST, SCOPE, Json, at, block


def _load(town: Session, **building: str) -> None:
    rows: Json = {name: [value] for name, value in building.items()}
    frame = gpd.GeoDataFrame(rows, geometry=[block(95, 95, 105, 105)], crs=4326)
    assert BUILDINGS.load is not None
    BUILDINGS.load(town, SCOPE, frame)


def _labels(town: Session, words: str) -> list[str]:
    return [one.label for one in gazetteer.candidates_for(town, SCOPE, words).candidates]


def test_an_address_leads_to_its_building_and_grid(town: Session) -> None:
    _load(town, code="B1", road="黄屋路", door="12号", address="黄屋路12号")

    best = gazetteer.candidates_for(town, SCOPE, "黄屋路12号").placed

    assert best is not None
    assert (best.grid_code, round(best.lon, 6), round(best.lat, 6)) == (
        EAST,
        *(round(degree, 6) for degree in at(100, 100)),
    )


def test_a_town_without_addresses_knows_no_words(town: Session) -> None:
    assert _labels(town, "黄屋路12号") == []


def test_a_new_address_is_known_at_once(town: Session) -> None:
    _labels(town, "井美路7号")

    _load(town, code="B1", road="井美路", door="7号", address="井美路7号")

    assert _labels(town, "井美路7号") != []


def test_a_renamed_road_is_forgotten_at_once(town: Session) -> None:
    _load(town, code="B1", road="井美路", door="7号", address="井美路7号")
    before = gazetteer.candidates_for(town, SCOPE, "井美路7号").placed

    _load(town, code="B1", road="长安塘大道", door="7号", address="长安塘大道7号")

    assert before is not None
    assert gazetteer.candidates_for(town, SCOPE, "井美路7号").placed is None


def test_at_most_five_candidates_are_offered(town: Session) -> None:
    assert len(_labels(town, "路")) <= gazetteer.CANDIDATES == 5
