"""Who really handled the reports of the simulated town."""

from collections import Counter
from itertools import islice

import pytest
import shapely

from geodata.duty_truth import true_grids, who_handled
from geodata.reports import Told, incidents, reports
from tests.geodata.sample_town import demo_town

TOWN = demo_town()
TOLD = list(islice(reports(TOWN, seed=4), 2_000))
HANDLED = who_handled(TOWN, TOLD, seed=4)
DUTIES = TOWN.frames["duties"].set_index("code")


def item(told: Told) -> str:
    return str(told.feature["properties"]["category"])


def test_the_stream_with_its_truth_is_the_stream_that_is_posted() -> None:
    assert [told.feature for told in TOLD[:300]] == list(islice(incidents(TOWN, seed=4), 300))


def test_the_posted_place_lies_off_the_true_one_by_its_accuracy() -> None:
    placed = [told for told in TOLD if told.feature["geometry"]]
    posted = shapely.points([told.feature["geometry"]["coordinates"] for told in placed])
    true = shapely.points([(told.lon, told.lat) for told in placed])
    allowed = [told.feature["properties"]["accuracy_m"] / 105_000 for told in placed]

    assert (shapely.distance(posted, true) <= allowed).mean() == pytest.approx(0.95, abs=0.02)


def test_a_report_of_a_building_happened_in_it() -> None:
    buildings = TOWN.frames["buildings"].set_index("code")["geom"]
    inside = [told for told in TOLD if told.building]

    assert len(inside) > 800
    assert all(buildings[t.building].covers(shapely.Point(t.lon, t.lat)) for t in inside)


def test_the_same_seed_tells_the_same_truth() -> None:
    assert who_handled(TOWN, TOLD[:400], seed=4) == HANDLED[:400]


def test_everybody_who_handled_a_report_holds_a_post() -> None:
    held = DUTIES.loc[[handled.post for handled in HANDLED]]

    assert (held["holder"] != "").all()
    assert (held["organisation_code"].to_numpy() == [h.unit for h in HANDLED]).all()


def test_most_are_handled_by_the_leader_of_the_true_micro_grid() -> None:
    own = [n for n, handled in enumerate(HANDLED) if handled.why == "grid"]
    grids = true_grids(TOWN, TOLD)
    held = DUTIES.loc[[HANDLED[n].post for n in own]]

    assert held["grid_code"].tolist() == [grids[n] for n in own]
    assert set(held["post"]) <= {"micro_leader", "group_leader"}


def test_a_fire_is_handled_by_the_fire_brigade() -> None:
    desks = {h.post for told, h in zip(TOLD, HANDLED, strict=True) if item(told) == "101"}

    assert DUTIES.loc[list(desks), "holder"].tolist() == ["消防救援大队值班岗"]


def test_unsafe_work_goes_to_the_department_from_factories_only() -> None:
    firms = TOWN.frames["enterprises"]
    factories = set(firms.loc[firms["class"] == "factory", "building_code"])
    told = [(t, h) for t, h in zip(TOLD, HANDLED, strict=True) if item(t) == "107"]

    assert {h.why for t, h in told if t.building in factories} == {"department"}
    assert "department" not in {h.why for t, h in told if t.building not in factories}


def test_a_small_share_follows_no_rule() -> None:
    why = Counter(handled.why for handled in HANDLED)

    assert set(why) == {"grid", "department", "swapped", "taken_over", "kept"}
    assert 0.008 < (why["swapped"] + why["taken_over"] + why["kept"]) / len(HANDLED) < 0.025
