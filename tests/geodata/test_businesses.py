"""Enterprises and their places by the rule table."""

import pandas as pd
import pytest
import shapely

from geodata.places import classify_places
from geodata.regions import place_rules, town_settings
from tests.geodata.sample_town import demo_town

RULES = place_rules(441900)
FRAMES = demo_town().frames
FIRMS, BUILDINGS = FRAMES["enterprises"], FRAMES["buildings"].set_index("code")
LIMITS = sorted({(r.place_class, r.attribute, float(r.limit)) for r in RULES if r.op == "<="})


def test_place_of_every_enterprise_is_what_the_rules_say() -> None:
    said = classify_places(FIRMS, RULES)
    assert (said.fillna("") == FIRMS["place"].fillna("")).all()
    assert set(FIRMS["place"].dropna()) == {"three_small", "nine_small"}


@pytest.mark.parametrize(
    ("place_class", "attribute", "limit"), [row for row in LIMITS if row[0] != "kindergarten"]
)
def test_every_limit_is_met_exactly_and_passed_by_some_place(
    place_class: str, attribute: str, limit: float
) -> None:
    figures = FIRMS.loc[FIRMS["class"] == place_class, attribute].astype(float)
    assert (figures == limit).any()
    assert (figures > limit).any()


def test_tenants_of_a_sublet_factory_share_its_building() -> None:
    tenants = FIRMS[FIRMS["parent_code"].notna()]
    landlords = FIRMS.set_index("code").loc[tenants["parent_code"]]
    assert len(tenants) > 100
    assert (tenants["building_code"].to_numpy() == landlords["building_code"].to_numpy()).all()
    assert landlords["parent_code"].isna().all()


def test_every_enterprise_stands_inside_its_building() -> None:
    homes = BUILDINGS.loc[FIRMS["building_code"], "geom"].to_numpy()
    assert shapely.covers(homes, FIRMS["geom"].to_numpy()).all()
    assert (BUILDINGS.loc[FIRMS["building_code"], "address"].to_numpy() == FIRMS["address"]).all()


def test_names_and_credit_codes_are_unique_and_the_codes_are_not_real() -> None:
    assert FIRMS["name"].is_unique
    assert FIRMS["credit_code"].is_unique
    assert FIRMS["credit_code"].str.fullmatch(r"91441900DEMO\d{6}").all()


def test_departments_are_those_of_the_town() -> None:
    assert set(FIRMS["department"]) <= set(town_settings(441900).departments)


def test_counted_figures_are_whole_numbers() -> None:
    assert isinstance(FIRMS["staff"].dtype, pd.Int64Dtype)
