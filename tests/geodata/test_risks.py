"""Risk points and defects."""

import pandas as pd

from tests.geodata.sample_town import NOW, demo_town

HAZARDS = demo_town().frames["hazards"]
POINTS = HAZARDS[HAZARDS["nature"] == "risk_point"]
DEFECTS = HAZARDS[HAZARDS["nature"] == "defect"]


def test_factors_are_from_the_allowed_sets() -> None:
    assert set(HAZARDS["l"]) <= {10, 6, 3, 1, 0.5, 0.2, 0.1}
    assert set(HAZARDS["e"]) <= {10, 6, 3, 2, 1, 0.5}
    assert set(HAZARDS["c"]) <= {100, 40, 15, 7, 3, 1}


def test_risks_are_of_all_four_levels() -> None:
    risk = POINTS["l"] * POINTS["e"] * POINTS["c"]
    assert pd.cut(risk, [0, 70, 160, 320, 1e6], right=False).nunique() == 4


def test_every_defect_belongs_to_a_risk_point_of_its_kind() -> None:
    parents = POINTS.set_index("code").loc[DEFECTS["parent_code"]]
    assert (parents["kind"].to_numpy() == DEFECTS["kind"].to_numpy()).all()
    assert set(DEFECTS["grade"]) == {"general", "major"}


def test_defects_are_in_every_state_and_some_open_ones_are_late() -> None:
    assert set(DEFECTS["state"]) == {"open", "rectified", "rechecked", "written_off"}
    late = DEFECTS.loc[DEFECTS["state"] == "open", "deadline"] < pd.Timestamp(NOW)
    assert 0.1 < late.mean() < 0.6


def test_over_800_hazards_were_found() -> None:
    assert len(DEFECTS) > 800


def test_places_are_enterprises_or_buildings_of_the_town() -> None:
    known = set(demo_town().frames["enterprises"]["code"])
    known |= set(demo_town().frames["buildings"]["code"])
    assert set(HAZARDS["place_code"].dropna()) <= known


def test_slopes_and_low_streets_are_areas() -> None:
    wide = HAZARDS[HAZARDS["kind"].isin(["landslide", "waterlogging"])]
    assert set(wide.loc[wide["nature"] == "risk_point", "geom"].geom_type) <= {
        "Polygon",
        "MultiPolygon",
    }
