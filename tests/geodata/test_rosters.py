"""Organisations and posts: 132 teams and 972 people."""

import pandas as pd

from tests.geodata.sample_town import demo_town

FRAMES = demo_town().frames
ORGANISATIONS, DUTIES = FRAMES["organisations"], FRAMES["duties"]
TEAM_CODES = ORGANISATIONS.loc[ORGANISATIONS["kind"] == "team", "code"]
POSTS = DUTIES[DUTIES["organisation_code"].isin(TEAM_CODES) & (DUTIES["rank"] == 0)]
MICRO_CODES = FRAMES["grids"].loc[FRAMES["grids"]["level"] == 2, "code"]


def test_town_has_its_villages_departments_and_teams() -> None:
    kinds = ORGANISATIONS["kind"].value_counts()
    assert (kinds["village"], kinds["department"], kinds["team"]) == (16, 10, 132)


def test_teams_hold_972_people_each_counted_once() -> None:
    filled = POSTS.loc[POSTS["holder"] != "", "holder"]
    assert (len(filled), filled.nunique()) == (972, 972)


def test_every_team_has_the_one_and_the_five() -> None:
    named = {
        "officer",
        "branch_secretary",
        "group_leader",
        "micro_leader",
        "publicity",
        "governance",
    }
    posts = POSTS.groupby("organisation_code")["post"].agg(set)
    assert len(posts) == 132
    assert all(named <= held for held in posts)


def test_few_posts_are_vacant_and_have_no_phone() -> None:
    vacant = POSTS[POSTS["holder"] == ""]
    assert 1 <= len(vacant) <= 10
    assert vacant["phone"].isna().all()


def test_every_micro_grid_leader_has_a_substitute_who_is_someone_else() -> None:
    substitutes = DUTIES[(DUTIES["rank"] == 1) & DUTIES["grid_code"].notna()]
    assert set(substitutes["grid_code"]) == set(MICRO_CODES)
    leaders = POSTS[POSTS["post"] == "micro_leader"].set_index("grid_code")["holder"]
    assert (substitutes["holder"] != "").all()
    assert (substitutes.set_index("grid_code")["holder"] != leaders).all()


def test_every_micro_grid_has_a_policeman_and_a_doctor() -> None:
    for post in ("police", "doctor"):
        assert set(MICRO_CODES) <= set(DUTIES.loc[DUTIES["post"] == post, "grid_code"])


def test_every_item_has_a_desk_in_a_department() -> None:
    desks = DUTIES[DUTIES["category"].notna()]
    departments = ORGANISATIONS.loc[ORGANISATIONS["kind"] == "department", "code"]
    assert len(desks) == 36
    assert desks["organisation_code"].isin(departments).all()


def test_duties_name_known_organisations_and_grids() -> None:
    assert DUTIES["organisation_code"].isin(ORGANISATIONS["code"]).all()
    assert DUTIES["grid_code"].dropna().isin(FRAMES["grids"]["code"]).all()


def test_every_village_and_the_town_have_a_post_without_a_grid_and_a_substitute() -> None:
    without_grid = DUTIES[DUTIES["grid_code"].isna() & DUTIES["category"].isna()]
    posts = without_grid.groupby("organisation_code")["holder"].agg(list)
    bodies = ORGANISATIONS[ORGANISATIONS["kind"].isin(["village", "town_team", "petition"])]
    assert set(posts.index) == set(bodies["code"])
    assert all(len(set(held)) == 2 and "" not in held for held in posts)


def test_the_town_has_one_team_and_one_petition_centre_of_its_own() -> None:
    bodies = ORGANISATIONS[ORGANISATIONS["kind"].isin(["town_team", "petition"])]
    assert bodies["name"].tolist() == ["东坑网格工作队", "东坑信访办公室"]
    assert set(bodies["area_code"]) == {"441900109000"}


def test_phones_are_fictitious() -> None:
    phones = pd.concat([ORGANISATIONS["phone"], DUTIES["phone"].dropna()])
    assert phones.str.fullmatch(r"0769-8300\d{4}").all()
