"""Organisations of a synthetic town and the posts of its teams: 1 + 5 + X + N."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geodata.divide import share_out
from geodata.ground import random
from geodata.nets import VALID_FROM, dissolve, town_part
from geodata.regions import categories
from geodata.scene import Scene
from geodata.streets import Shapes

ONE_AND_FIVE = {
    "officer": "驻点干部",
    "branch_secretary": "支部书记",
    "group_leader": "网格组长",
    "micro_leader": "微网格长",
    "publicity": "宣传员",
    "governance": "治理员",
}
EXPERT = ("safety_officer", "安全员")  # the X: one for each grid
VOLUNTEER = ("volunteer", "志愿者")  # the N: whoever is left of the people
STATIONED = {"police": ("民警", "police"), "doctor": ("家庭医生", "health")}
STATIONS = {
    "police": "派出所",
    "fire": "消防救援站",
    "health": "社区卫生服务中心",
    "governance": "综治中心",
}
# What a town falls back on when neither a grid nor a village answers: code letter, name.
TOWN_BODIES = {"town_team": ("T", "网格工作队"), "petition": ("X", "信访办公室")}
# The posts of villages and of the town's bodies, each with its substitute: post, title, rank.
TERRITORIAL = {
    "village": (("village_secretary", "书记", 0), ("village_secretary", "副书记", 1)),
    "town_team": (("team_leader", "队长", 0), ("team_leader", "副队长", 1)),
    "petition": (("petition_officer", "接访专员", 0), ("petition_officer", "接访员", 1)),
}
VACANT = ("micro_leader", "governance", "publicity", "governance", "micro_leader")
PHONE = "0769-8300{:04}"  # a block of numbers that is not given out
DUTY_COLUMNS = ["organisation_code", "post", "title", "grid_code", "category", "rank", "holder"]


def make_organisations(scene: Scene) -> tuple[pd.DataFrame, Shapes]:
    """Give villages, departments, stations, property firms and one team for each micro-grid."""
    town, nets = scene.settings, scene.nets
    micro_shape = dissolve(scene.plan.blocks, nets.micro)
    estates = scene.houses[scene.houses["estate"].notna()].groupby("estate", sort=True).head(1)
    middle = _offices(scene, len(town.departments) + len(STATIONS))
    hall = np.full(len(TOWN_BODIES), middle[list(STATIONS).index("governance") - len(STATIONS)])
    tables = [
        _kind("village", nets.villages["code"], nets.villages["name"], nets.villages["code"]),
        _kind("department", *_numbered(scene, "D", town.departments), town.code),
        _kind("station", *_numbered(scene, "P", _station_names(scene)), town.code),
        _kind("team", team_codes(scene), nets.micros["name"] + "工作队", _village_of_micro(scene)),
        _kind(
            "property",
            *_numbered(scene, "M", (estates["estate"] + "物业服务中心").tolist()),
            estates["village_code"],
        ),
        *[_town_body(scene, kind) for kind in TOWN_BODIES],
    ]
    places = [
        shapely.points(scene.plan.cores),
        middle,
        shapely.point_on_surface(micro_shape),
        shapely.point_on_surface(scene.prints.shape[estates.index]),
        hall,
    ]
    rows = pd.concat(tables, ignore_index=True)
    rows["phone"] = [PHONE.format(n) for n in range(len(rows))]
    return rows, np.concatenate(places)


def _kind(kind: str, code: Sequence[str], name: Sequence[str], area: Any) -> pd.DataFrame:
    frame = pd.DataFrame({"code": np.asarray(code, dtype=object)})
    return frame.assign(name=np.asarray(name), kind=kind, area_code=np.asarray(area))


def _town_body(scene: Scene, kind: str) -> pd.DataFrame:
    town, (letter, name) = scene.settings, TOWN_BODIES[kind]
    return _kind(kind, [f"{town.code}{letter}01"], [town_part(town.name) + name], town.code)


def _numbered(scene: Scene, letter: str, names: Sequence[str]) -> tuple[list[str], Sequence[str]]:
    return [f"{scene.settings.code}{letter}{n:02}" for n in range(1, len(names) + 1)], names


def _station_names(scene: Scene) -> list[str]:
    return [town_part(scene.settings.name) + name for name in STATIONS.values()]


def station_code(scene: Scene, station: str) -> str:
    """Give the organisation code of one of the town's stations."""
    return f"{scene.settings.code}P{list(STATIONS).index(station) + 1:02}"


def team_codes(scene: Scene) -> list[str]:
    """Give the organisation codes of the teams, in the order of the micro-grids."""
    return [code + "T" for code in scene.nets.micros["code"]]


def _village_of_micro(scene: Scene) -> pd.Series:
    return scene.nets.micros["code"].str[:12]


def _offices(scene: Scene, count: int) -> Shapes:
    """Choose large buildings near the middle of the town as offices."""
    centre = np.flatnonzero((scene.houses["kind"] == "shophouse").to_numpy())
    chosen = random(scene.seed, "offices").choice(centre, count, replace=False)
    offices: Shapes = shapely.point_on_surface(scene.prints.shape[np.sort(chosen)])
    return offices


def make_duties(scene: Scene) -> pd.DataFrame:
    """Give who holds which post of which grid, with substitutes and a few vacant posts.

    The filled posts of the teams are exactly as many as the town's settings have people.
    """
    teams = _teams(scene)
    duties = pd.concat(
        [
            *(teams, _substitutes(teams), _stationed(scene), _grid_leaders(scene)),
            *(_departments(scene), _territorial(scene)),
        ],
        ignore_index=True,
    )
    duties["code"] = scene.codes("J", len(duties))
    people = pd.factorize(duties["holder"] + duties["organisation_code"])[0]
    duties["phone"] = [PHONE.format(1000 + n) for n in people]
    duties.loc[duties["holder"] == "", "phone"] = None
    columns = ["code", *DUTY_COLUMNS[:4], "net", *DUTY_COLUMNS[4:], "phone", "valid_from"]
    return duties.assign(net="general", valid_from=VALID_FROM)[columns]


def _teams(scene: Scene) -> pd.DataFrame:
    micros = scene.nets.micros
    first_of_grid = ~micros["parent"].duplicated()
    posts = [_posts(scene, np.ones(len(micros)), post) for post in ONE_AND_FIVE.items()]
    posts.append(_posts(scene, first_of_grid.to_numpy(), EXPERT))
    _vacate(scene, posts)
    filled = sum(int((table["holder"] != "").sum()) for table in posts)
    volunteers = share_out(np.ones(len(micros)), scene.settings.people - filled)
    return pd.concat([*posts, _posts(scene, volunteers, VOLUNTEER)], ignore_index=True)


def _posts(scene: Scene, many: Any, post: tuple[str, str]) -> pd.DataFrame:
    """Give each team as many posts of one kind as ``many`` says."""
    counts = np.asarray(many, dtype=np.int64)
    row = np.repeat(np.arange(len(counts)), counts)
    label = scene.nets.micros["name"].to_numpy()[row].astype(object)
    label = np.array([name.removesuffix("微网格") for name in label], dtype=object)
    number = pd.Series(row).groupby(row).cumcount() + 1
    title = post[1] if post[1].startswith("微网格") else "微网格" + post[1]
    return pd.DataFrame(
        {
            "organisation_code": np.array(team_codes(scene), dtype=object)[row],
            "post": post[0],
            "title": post[1],
            "grid_code": scene.nets.micros["code"].to_numpy()[row],
            "category": None,
            "rank": 0,
            "holder": label + title + np.where(number > 1, number.astype(str), ""),
        }
    )


def _vacate(scene: Scene, posts: list[pd.DataFrame]) -> None:
    """Leave a few posts without a holder, each in another team."""
    rows = random(scene.seed, "vacant").choice(len(posts[0]), len(VACANT), replace=False)
    for post, row in zip(VACANT, rows.tolist(), strict=True):
        posts[list(ONE_AND_FIVE).index(post)].loc[row, "holder"] = ""


def _substitutes(teams: pd.DataFrame) -> pd.DataFrame:
    """Let the governance worker stand in for the micro-grid leader, or else the group leader."""
    by_post = {post: teams[teams["post"] == post].reset_index(drop=True) for post in ONE_AND_FIVE}
    stand_in = by_post["governance"]["holder"]
    stand_in = stand_in.where(stand_in != "", by_post["group_leader"]["holder"])
    return by_post["micro_leader"].assign(rank=1, holder=stand_in)


def _stationed(scene: Scene) -> pd.DataFrame:
    """Give each grid its policeman and its doctor, who serve all its micro-grids too."""
    grids, micros = scene.nets.grids, scene.nets.micros
    codes = pd.concat([grids["code"], micros["code"]], ignore_index=True)
    names = pd.concat([grids["name"], grids["name"].iloc[micros["parent"]]], ignore_index=True)
    tables = [
        pd.DataFrame({"grid_code": codes, "holder": names + title}).assign(
            organisation_code=station_code(scene, station),
            post=post,
            title=title,
            category=None,
            rank=0,
        )
        for post, (title, station) in STATIONED.items()
    ]
    return pd.concat(tables, ignore_index=True)[DUTY_COLUMNS]


def _grid_leaders(scene: Scene) -> pd.DataFrame:
    """Give each grid a leader of its village, to whom what no team takes falls back."""
    grids = scene.nets.grids
    return pd.DataFrame({"grid_code": grids["code"], "holder": grids["name"] + "长"}).assign(
        organisation_code=grids["code"].str[:12],
        post="grid_leader",
        title="网格长",
        category=None,
        rank=0,
    )[DUTY_COLUMNS]


def _departments(scene: Scene) -> pd.DataFrame:
    """Give each item its duty desk in the department in charge."""
    items = categories(scene.settings.district)
    order = {name: n for n, name in enumerate(scene.settings.departments, 1)}
    return pd.DataFrame(
        {
            "organisation_code": [
                f"{scene.settings.code}D{order[item.department]:02}" for item in items
            ],
            "post": "desk",
            "title": "值班岗",
            "grid_code": None,
            "category": [item.code for item in items],
            "rank": 0,
            "holder": [item.department + "值班岗" for item in items],
        }
    )


def _territorial(scene: Scene) -> pd.DataFrame:
    """Give each village and body of the town its post without a grid, and who stands in for it."""
    town, villages = scene.settings, scene.nets.villages
    bodies = [("village", *row) for row in zip(villages["code"], villages["name"], strict=True)]
    bodies += [
        (kind, f"{town.code}{letter}01", town_part(town.name) + name)
        for kind, (letter, name) in TOWN_BODIES.items()
    ]
    rows = [
        (code, post, title, None, None, rank, name + title)
        for kind, code, name in bodies
        for post, title, rank in TERRITORIAL[kind]
    ]
    return pd.DataFrame(rows, columns=DUTY_COLUMNS)
