"""The orphan proof of the stored town, by HTTP."""

from __future__ import annotations

import pytest
from geoalchemy2.shape import from_shape
from shapely import MultiPolygon, Point, Polygon
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.crs import WGS84
from layers.areas import Area
from layers.orphans import orphan_proof
from tests.conftest import Desk
from tests.factories import EAST, GRID, SCOPE, VILLAGE, WEST, Json, add_grid, block
from tests.layers.casework import TOWN, add_bodies

ORPHANS = "/collections/grids/orphans"
EVER = "[2024-01-01T00:00:00Z,)"


@pytest.fixture(autouse=True)
def bodies(town: Session) -> None:
    add_bodies(town)
    add_area(town, TOWN, block(-200, -200, 200, 200), 2)


def add_area(town: Session, code: str, shape: Polygon, level: int) -> None:
    geom = from_shape(MultiPolygon([shape]), WGS84)
    area = Area(district=SCOPE.district, code=code, name=code, level=level, geom=geom)
    area.valid = text(f"'{EVER}'::tstzrange")
    town.add(area)
    town.flush()


def proof(desk: Desk) -> Json:
    return dict(desk.client.get(ORPHANS).get_json(force=True))


def told(found: Json, kind: str) -> list[tuple[str, int | None, list[str]]]:
    return [(flaw["reason"], flaw["level"], flaw["grids"]) for flaw in found[kind]]


def test_a_sound_town_holds(desk: Desk) -> None:
    found = proof(desk)

    assert (found["holds"], found["orphans"], found["doubles"]) == (True, [], [])
    assert (found["faces"], found["grids"]) == (2, 3)
    assert found["items"] >= 36
    assert found["area_m2"] == pytest.approx(160_000, rel=5e-3)


def test_an_orphan_is_told_with_its_place_and_why(town: Session, desk: Desk) -> None:
    town.execute(text("DELETE FROM grids WHERE code = :code"), {"code": EAST})

    found = proof(desk)

    (flaw,) = found["orphans"]
    assert (found["holds"], told(found, "orphans")) == (False, [("gap", 2, [GRID])])
    assert block(0, -200, 200, 200).contains(Point(flaw["lon"], flaw["lat"]))
    assert flaw["area_m2"] == pytest.approx(80_000, rel=5e-3)
    assert (flaw["why"], flaw["why_zh"]) == ("no grid of this level", "该层级网格空缺")


def test_ground_of_the_town_outside_every_grid_is_an_orphan(town: Session, desk: Desk) -> None:
    town.execute(text("DELETE FROM areas"))
    add_area(town, TOWN, block(-200, -200, 250, 200), 2)

    assert told(proof(desk), "orphans") == [("gap", 1, [])]


def test_a_double_is_told_with_both_grids(town: Session, desk: Desk) -> None:
    add_grid(town, f"{GRID}03", block(-50, 0, 50, 50), parent_code=GRID)

    found = told(proof(desk), "doubles")

    assert [(reason, level) for reason, level, _ in found] == [("overlap", 2)]
    assert set(found[0][2]) == {WEST, EAST, f"{GRID}03"}


def test_a_grid_whose_time_is_over_counts_no_more(town: Session, desk: Desk) -> None:
    add_grid(town, f"{GRID}03", block(-50, 0, 50, 50), parent_code=GRID)
    town.execute(
        text("UPDATE grids SET valid = tstzrange(NULL, now()) WHERE code = :code"),
        {"code": f"{GRID}03"},
    )

    assert proof(desk)["holds"]


def test_items_for_which_nobody_is_left_are_named(town: Session, desk: Desk) -> None:
    town.execute(text("UPDATE duties SET holder = '' WHERE post <> 'desk'"))
    town.execute(text("DELETE FROM organisations WHERE kind IN ('village', 'town_team')"))
    town.execute(text("UPDATE organisations SET area_code = NULL WHERE kind = 'petition'"))

    found = proof(desk)

    assert [flaw["reason"] for flaw in found["orphans"]] == ["nobody"]
    assert found["orphans"][0]["items"] == []


def test_a_town_without_areas_is_what_its_grids_enclose(town: Session) -> None:
    town.execute(text("DELETE FROM areas"))

    found = orphan_proof(town, SCOPE)

    assert (found.faces, found.flaws) == (2, ())


def test_a_question_with_a_filter_is_refused(desk: Desk) -> None:
    reply = desk.client.get(ORPHANS, query_string={"code": VILLAGE})

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (400, "code")


def test_a_district_without_grids_has_nothing_to_prove(town: Session) -> None:
    town.execute(text("DELETE FROM grids"))
    town.execute(text("DELETE FROM areas"))

    found = orphan_proof(town, SCOPE)

    assert (found.faces, found.grids, found.flaws) == (0, 0, ())


def test_a_proof_is_made_again_only_when_what_it_is_made_of_changed(town: Session) -> None:
    first = orphan_proof(town, SCOPE)
    assert orphan_proof(town, SCOPE) is first

    town.execute(text("UPDATE duties SET holder = '' WHERE code = 'leader'"))

    assert orphan_proof(town, SCOPE) is not first
