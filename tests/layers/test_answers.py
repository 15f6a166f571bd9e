"""Who answers for a place and an item, and by which rule."""

from typing import Any

import pytest

from layers.answers import Answer, Ground, Post, Roster, Unit

VILLAGE = "441900109212"
TOWN = "441900109000"
GRID, MICRO, OWN = f"{VILLAGE}001", f"{VILLAGE}00101", f"{VILLAGE}901"
GROUND = Ground(tree=(MICRO, GRID), village=VILLAGE)
UNITS = (
    Unit("T1", "黄屋一工作队", "team", VILLAGE, None),
    Unit("V1", "黄屋村", "village", VILLAGE, "0769-83000001"),
    Unit("W1", "东坑网格工作队", "town_team", TOWN, None),
    Unit("D1", "应急管理分局", "department", TOWN, "0769-83000002"),
)
MANDATES = {("107", "factory"): ("department", "应急管理分局")}


def post(code: str, name: str, **given: Any) -> Post:
    told = {"title": name, "holder": f"{code}人", "phone": None, "unit": "T1", "grid_code": MICRO}
    return Post(**{"code": code, "post": name, "category": None, "rank": 0, **told, **given})


LEADER = post("J1", "micro_leader")
STAND_IN = post("J2", "micro_leader", rank=1)
GRID_LEADER = post("J3", "grid_leader", grid_code=GRID, unit="V1")
SECRETARY = post("J4", "village_secretary", grid_code=None, unit="V1")
CAPTAIN = post("J5", "team_leader", grid_code=None, unit="W1")
DESK = post("J6", "desk", grid_code=None, unit="D1", category="107")
POSTS = (LEADER, STAND_IN, GRID_LEADER, SECRETARY, CAPTAIN, DESK)


def vacant(*posts: Post) -> list[Post]:
    codes = {p.code for p in posts}
    return [post(p.code, p.post, **_rest(p, p.code in codes)) for p in POSTS]


def _rest(given: Post, empty: bool) -> dict[str, Any]:
    names = ("unit", "grid_code", "category", "rank")
    return {n: getattr(given, n) for n in names} | ({"holder": ""} if empty else {})


def first(
    posts: Any = POSTS, ground: Ground = GROUND, item: str = "201"
) -> tuple[str, str | None, str | None]:
    answers = Roster(posts, UNITS, MANDATES).answers(ground, item)
    return told(answers[0])


def told(answer: Answer) -> tuple[str, str | None, str | None]:
    return answer.rule, *answer.key


def test_the_leader_on_duty_answers_for_the_micro_grid() -> None:
    assert first() == ("post", "T1", "J1")


@pytest.mark.parametrize(
    ("empty", "expected"),
    [
        ((LEADER,), ("substitute", "T1", "J2")),
        ((LEADER, STAND_IN), ("substitute", "V1", "J3")),
        ((LEADER, STAND_IN, GRID_LEADER), ("territorial", "V1", "J4")),
        ((LEADER, STAND_IN, GRID_LEADER, SECRETARY), ("territorial", "W1", "J5")),
    ],
)
def test_a_vacant_post_falls_to_its_substitute_then_up_to_village_and_town(
    empty: tuple[Post, ...], expected: tuple[str, str, str]
) -> None:
    assert first(vacant(*empty)) == expected


def test_a_village_with_nobody_on_duty_answers_before_none_at_all() -> None:
    assert first(vacant(*POSTS)) == ("territorial", "V1", None)


def test_without_any_body_there_is_no_answer() -> None:
    assert Roster((), ()).answers(GROUND, "201") == []


def test_a_department_answers_for_its_item_in_a_factory_alone() -> None:
    factory = Ground(tree=GROUND.tree, village=VILLAGE, classes=frozenset({"factory", "shop"}))

    assert first(ground=factory, item="107") == ("industry", "D1", "J6")
    assert first(ground=factory, item="106") == ("post", "T1", "J1")
    assert first(item="107") == ("post", "T1", "J1")


def test_a_department_with_a_vacant_desk_answers_by_itself() -> None:
    factory = Ground(tree=GROUND.tree, village=VILLAGE, classes=frozenset({"factory"}))

    assert first(vacant(DESK), factory, "107") == ("industry", "D1", None)


def test_the_owner_of_a_dedicated_grid_comes_before_everybody() -> None:
    owner = post("J9", "park_manager", grid_code=OWN, unit="D1")
    ground = Ground((OWN,), GROUND.tree, VILLAGE, frozenset({"factory"}))

    assert first((*POSTS, owner), ground, "107") == ("dedicated", "D1", "J9")


def test_a_dedicated_grid_for_one_item_leaves_the_others_to_the_net() -> None:
    owner = post("J9", "park_manager", grid_code=OWN, unit="D1", category="302")
    ground = Ground((OWN,), GROUND.tree, VILLAGE)

    assert first((*POSTS, owner), ground, "302") == ("dedicated", "D1", "J9")
    assert first((*POSTS, owner), ground, "201") == ("post", "T1", "J1")


def test_a_post_for_the_item_comes_before_the_leader() -> None:
    special = post("J8", "tree_keeper", category="308")

    assert first((*POSTS, special), item="308") == ("post", "T1", "J8")
    assert first((*POSTS, special), item="201") == ("post", "T1", "J1")


def test_policemen_doctors_and_volunteers_serve_but_do_not_answer() -> None:
    beside = [post(f"B{n}", name) for n, name in enumerate(("police", "doctor", "volunteer"))]

    assert Roster(beside, UNITS).answers(GROUND, "201")[0].rule == "territorial"


def test_in_a_grid_without_micro_grids_its_leader_holds_the_post() -> None:
    assert first(ground=Ground(tree=(GRID,), village=VILLAGE)) == ("post", "V1", "J3")


def test_outside_every_grid_the_village_answers() -> None:
    assert first(ground=Ground(village=VILLAGE)) == ("territorial", "V1", "J4")


def test_who_comes_next_is_listed_once_each_in_the_order_of_the_rule() -> None:
    rules = [told(a) for a in Roster(POSTS, UNITS).answers(GROUND, "201")]

    assert rules == [
        ("post", "T1", "J1"),
        ("substitute", "T1", "J2"),
        ("substitute", "V1", "J3"),
        ("territorial", "V1", "J4"),
        ("territorial", "W1", "J5"),
    ]


def test_two_who_hold_one_leading_post_are_both_accountable() -> None:
    twin = post("J7", "micro_leader")

    found = Roster((*POSTS, twin), UNITS).accountable(GROUND, "201")

    assert [told(answer)[2] for answer in found] == ["J1", "J7"]
