"""The orphan proof: whose each piece of ground is, for each item."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, box, union_all

from bench.cases.flaws import inject, judged
from bench.cases.orphans import leaders
from geodata.fabric import area_m2
from layers.answers import Post, Roster
from layers.proving import Proof, net_of, prove
from tests.factories import GRID, VILLAGE, block
from tests.geodata.sample_town import demo_town

ITEMS = ["101", "201", "302"]
WEST, EAST = f"{GRID}01", f"{GRID}02"
WHOLE = block(-200, -200, 200, 200)
HALVES = {WEST: block(-200, -200, 0, 200), EAST: block(0, -200, 200, 200)}


def row(code: str, shape: Any, **given: Any) -> dict[str, Any]:
    told = {"net": "general", "kind": "micro", "level": 2, "parent_code": GRID}
    return {"code": code, "village_code": VILLAGE, "geom": shape, **told, **given}


BASE = row(GRID, WHOLE, kind="base", level=1, parent_code=None)
TOWN = [BASE, *[row(code, shape) for code, shape in HALVES.items()]]


def proved(rows: list[dict[str, Any]], roster: Roster | None = None) -> Proof:
    net = net_of(pd.DataFrame(rows))
    return prove(net, WHOLE, roster or leaders(net), ITEMS)


def told(proof: Proof) -> list[tuple[str, int | None, tuple[str, ...]]]:
    return [(flaw.reason, flaw.level, flaw.grids) for flaw in proof.flaws]


def dedicated(code: str, shape: Any) -> dict[str, Any]:
    return row(code, shape, kind="dedicated", parent_code=None)


def leader(grid: str, **given: Any) -> Post:
    named = {"title": "", "holder": "人", "phone": None, "unit": None, "category": None, "rank": 0}
    return Post(**{"code": f"J{grid}", "post": "micro_leader", "grid_code": grid, **named, **given})


def test_a_town_whose_nets_tile_has_one_body_everywhere() -> None:
    proof = proved(TOWN)

    assert (proof.flaws, proof.faces, proof.items) == ((), 2, 3)
    assert proof.area_m2 == pytest.approx(160_000, rel=5e-3)


def test_a_missing_half_is_a_gap_of_its_level_with_its_place_and_area() -> None:
    (flaw,) = proved(TOWN[:2]).flaws

    assert (flaw.reason, flaw.level, flaw.grids, flaw.items) == ("gap", 2, (GRID,), ())
    assert HALVES[EAST].contains(box(flaw.lon, flaw.lat, flaw.lon, flaw.lat).centroid)
    assert flaw.area_m2 == pytest.approx(80_000, rel=5e-3)


def test_ground_in_no_grid_at_all_is_one_gap() -> None:
    assert told(proved([BASE | {"geom": HALVES[WEST]}, TOWN[1]])) == [("gap", 1, ())]


def test_a_grid_that_is_not_divided_is_no_gap_where_few_are() -> None:
    half = row(f"{VILLAGE}002", HALVES[EAST], kind="base", level=1, parent_code=None)

    assert proved([BASE | {"geom": HALVES[WEST]}, half]).flaws == ()


def test_two_micro_grids_over_the_same_ground_are_an_overlap() -> None:
    wider = row(WEST, block(-200, -200, 10, 200))

    (flaw,) = proved([BASE, wider, TOWN[2]]).flaws

    assert (flaw.reason, flaw.level, flaw.grids) == ("overlap", 2, (WEST, EAST))
    assert flaw.area_m2 == pytest.approx(4_000, rel=5e-3)


def test_a_sliver_under_a_square_metre_is_rounding() -> None:
    assert proved([BASE, row(WEST, block(-200, -200, 0.002, 200)), TOWN[2]]).flaws == ()


def test_two_police_beats_overlap_but_need_not_cover() -> None:
    beat = {"net": "police", "kind": "professional", "level": 1, "parent_code": None}
    beats = [row("P1", block(-200, 0, 5, 90), **beat), row("P2", block(0, 0, 90, 90), **beat)]

    assert told(proved([*TOWN, *beats])) == [("overlap", 1, ("P1", "P2"))]


def test_two_dedicated_grids_claim_the_ground_that_they_share() -> None:
    owners = [dedicated("A", block(0, 0, 50, 50)), dedicated("B", block(40, 0, 90, 50))]

    (flaw,) = proved([*TOWN, *owners]).flaws

    assert (flaw.reason, flaw.grids, flaw.items) == ("dedicated", ("A", "B"), ())
    assert flaw.area_m2 == pytest.approx(500, rel=5e-3)


def test_dedicated_grids_for_different_items_do_not_meet() -> None:
    owners = [dedicated("A", block(0, 0, 50, 50)), dedicated("B", block(40, 0, 90, 50))]
    rows = [*TOWN, *owners]
    posts = [leader(WEST), leader(EAST), leader("A", category="101"), leader("B", category="302")]

    assert proved(rows, Roster(posts, ())).flaws == ()
    both = Roster([*posts, leader("B", category="101", code="J9")], ())
    assert [flaw.items for flaw in proved(rows, both).flaws] == [("101",)]


def test_a_micro_grid_in_another_grid_than_it_says_is_told() -> None:
    other = f"{VILLAGE}002"
    bases = [
        BASE | {"geom": HALVES[WEST]},
        row(other, HALVES[EAST], kind="base", level=1, parent_code=None),
    ]

    found = told(proved([*bases, TOWN[1], row(EAST, HALVES[EAST])]))

    assert found == [("parent", 2, (GRID, EAST))]


def test_ground_whose_posts_are_all_vacant_is_an_orphan_of_each_item() -> None:
    posts = [leader(WEST), leader(EAST, holder="")]

    (flaw,) = proved(TOWN, Roster(posts, ())).flaws

    assert (flaw.reason, flaw.items) == ("nobody", ())
    assert set(flaw.grids) == {GRID, EAST}


def test_ground_where_somebody_answers_for_one_item_alone_lacks_the_others() -> None:
    posts = [leader(WEST), leader(EAST, post="tree_keeper", category="302")]

    (flaw,) = proved(TOWN, Roster(posts, ())).flaws

    assert (flaw.reason, flaw.items) == ("nobody", ("101", "201"))


def test_two_leaders_of_one_micro_grid_are_a_double() -> None:
    posts = [leader(WEST), leader(EAST), leader(EAST, code="J9")]

    assert told(proved(TOWN, Roster(posts, ()))) == [("two_posts", None, (EAST,))]


CELLS = [block(20 * x, 20 * y, 20 * x + 20, 20 * y + 20) for x in range(4) for y in range(4)]
OUTLINE = block(0, 0, 80, 80)


@given(st.lists(st.sets(st.integers(0, 15), min_size=1), min_size=1, max_size=4))
def test_gaps_and_overlaps_of_any_grids_are_exactly_the_cells_that_they_miss_and_share(
    drawn: list[set[int]],
) -> None:
    shapes = [MultiPolygon([CELLS[n] for n in sorted(cells)]).buffer(0) for cells in drawn]
    rows = [row(f"G{n}", shape, level=1, parent_code=None) for n, shape in enumerate(shapes)]
    net = net_of(pd.DataFrame(rows))
    times = [sum(n in cells for cells in drawn) for n in range(16)]

    found = prove(net, OUTLINE, leaders(net), ITEMS).flaws

    sizes = area_m2(np.array(CELLS, dtype=object))
    assert _total(found, "gap") == pytest.approx(_sum(sizes, times, 0, 0), abs=0.5)
    assert _total(found, "overlap") == pytest.approx(_sum(sizes, times, 2, 9), abs=0.5)


def _total(flaws: Any, reason: str) -> float:
    return sum(flaw.area_m2 for flaw in flaws if flaw.reason == reason)


def _sum(sizes: Any, times: list[int], least: int, most: int) -> float:
    return float(sum(s for s, n in zip(sizes, times, strict=True) if least <= n <= most))


@pytest.mark.parametrize("seed", [11, 12])
def test_fifty_flaws_put_into_the_demo_town_are_found_and_nothing_else(seed: int) -> None:
    town = demo_town()
    spoilt, put = inject(town.frames["grids"], town.outline, 50, seed)
    net = net_of(spoilt)

    proof = prove(net, town.outline, leaders(net_of(town.frames["grids"])), ITEMS)

    assert judged(proof.flaws, put) == ([], [])
    assert len(put) == 50
    assert union_all([flaw.region for flaw in put]).area > 0
