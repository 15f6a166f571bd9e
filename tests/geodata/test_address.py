"""Test the matcher of addresses on a small town full of near misses."""

from __future__ import annotations

import pytest

from geodata.address import Buildings, Candidate, Gazetteer, Places, placed
from geodata.address_text import normal

ROADS = {
    "黄屋村": ("东兴路", "东新路", "福星路", "三巷", "东兴路一巷", "振华二路"),
    "井美村": ("东兴路", "长安路", "新东兴路", "三巷", "龙门街"),
    "坑美村": ("东方路",),
}
TOWN = "广东省东莞市东坑镇"


def _streets() -> list[tuple[str, ...]]:
    return [
        ("", road, f"{door}号", "", village)
        for village, roads in ROADS.items()
        for road in roads
        for door in range(1, 21)
    ]


def _estates() -> list[tuple[str, ...]]:
    return [
        (f"{estate}{block}栋", "", "", estate, village)
        for estate, village in (("黄屋花园", "井美村"), ("锦绣花园", "黄屋村"))
        for block in range(1, 6)
    ]


def _odd_ones() -> list[tuple[str, ...]]:
    return [
        ("", "福星路", "12-1号", "", "黄屋村"),
        ("", "东新路", "88号", "", "黄屋村"),
        ("", "付星路", "3号", "", "黄屋村"),
        ("井美综合大厦", "长安路", "66号", "", "井美村"),
        ("", "", "31号", "", "坑美村"),
    ]


def _row(at: int, part: tuple[str, ...]) -> tuple[object, ...]:
    name, road, door, _, village = part
    address = f"{TOWN}{village}{road}{door or name}"
    where = (113.9 + at * 1e-4, 22.9, f"{village}-{at // 5}")
    return (at, f"441900109{at:06d}", *part, address, *where)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    parts = _streets() + _estates() + _odd_ones()
    rows = [_row(at, part) for at, part in enumerate(parts)]
    shops = ["鸿福百货商店", "老王饭店", "美宜佳便利店", "美宜佳便利店", "河边公园"]
    homes = [3, 4, 5, 50, None]
    where = ([113.8 + at * 1e-3 for at in range(5)], [22.8] * 5)
    return Gazetteer(Buildings(*zip(*rows, strict=True)), Places(shops, *where, homes, ["x"] * 5))


def _place(gazetteer: Gazetteer, text: str) -> str | None:
    candidate = placed(gazetteer.match(text))
    return candidate.label.removeprefix(TOWN) if candidate else None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("黄屋村东兴路12号", "黄屋村东兴路12号"),
        ("黄屋村東興路１２號", "黄屋村东兴路12号"),
        ("黄屋村东兴路十二号", "黄屋村东兴路12号"),
        ("黄屋村福星路12号之一", "黄屋村福星路12-1号"),
        ("黄屋村福星路12-1", "黄屋村福星路12-1号"),
        ("黄屋村振华2路5号", "黄屋村振华二路5号"),
        ("黄屋村3巷5号", "黄屋村三巷5号"),
        ("黄屋花园三号楼", "井美村黄屋花园3栋"),
        ("锦绣花园2座501", "黄屋村锦绣花园2栋"),
        ("井美综合大厦", "井美村长安路66号"),
        ("鸿福百货商店", "鸿福百货商店"),
        ("441900109000003", "黄屋村东兴路4号"),
    ],
)
def test_every_way_to_write_an_address_is_understood(gazetteer, text, label):
    assert _place(gazetteer, text) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("黄屋村东行路12号", "黄屋村东兴路12号"),
        ("黄无村东兴路12号", "黄屋村东兴路12号"),
        ("井美村长女路5号", "井美村长安路5号"),
        ("井美村龙们街5号", "井美村龙门街5号"),
        ("井美村尤门街5号", "井美村龙门街5号"),
        ("井美村长路安5号", "井美村长安路5号"),
        ("井美村长长安路5号", "井美村长安路5号"),
        ("井美村长安路五浩", "井美村长安路5号"),
        ("井美村长安路5浩", "井美村长安路5号"),
        ("锦秀花园2栋", "黄屋村锦绣花园2栋"),
        ("洪福百货商店", "鸿福百货商店"),
    ],
)
def test_one_wrong_character_is_forgiven(gazetteer, text, label):
    assert gazetteer.match(text)[0].label.removeprefix(TOWN) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("黄屋东兴路12号", "黄屋村东兴路12号"),
        ("黄屋村东兴12号", "黄屋村东兴路12号"),
        ("黄屋村东兴路12", "黄屋村东兴路12号"),
        ("长安路5号", "井美村长安路5号"),
        ("井美村长路5号", "井美村长安路5号"),
        ("坑美村31号", "坑美村31号"),
        ("锦绣2栋", "黄屋村锦绣花园2栋"),
    ],
)
def test_a_missing_part_is_made_up_for(gazetteer, text, label):
    assert _place(gazetteer, text) == label


@pytest.mark.parametrize(
    "text",
    [
        "我在黄屋村东兴路12号旁边看到井盖坏了",
        "东莞市东坑镇黄屋村东兴路12号附近，电话13800138000，请处理",
        "东坑黄屋村东兴路12号门口",
        "8月3日14时黄屋村，东兴路 12 号 楼下有3个人，0769-83381234",
    ],
)
def test_a_sentence_around_the_address_does_not_matter(gazetteer, text):
    assert _place(gazetteer, text) == "黄屋村东兴路12号"


@pytest.mark.parametrize(
    ("text", "word"), [("东方路3号旁边", "旁边"), ("东方路3号斜对面", "斜对面"), ("东方路3号", "")]
)
def test_a_relative_word_is_kept_with_the_building(gazetteer, text, word):
    assert placed(gazetteer.match(text)).relation == word


@pytest.mark.parametrize(
    "text",
    [
        "村口那边",
        "",
        "路",
        "12号",
        "黄屋村",
        "黄屋村口那边有人",
        "东兴路50米处",
        "东兴路",
        "美宜佳便利店",
        "黄屋花园",
        "老张饭店",
        "黄屋村12号",
        "黄屋村幸运大道12号",
        "长安五金店门口",
        "\0\ud7ff🙂" * 300,
    ],
)
def test_a_vague_text_is_not_placed(gazetteer, text):
    assert placed(gazetteer.match(text)) is None


def test_a_text_without_a_name_has_no_candidates(gazetteer):
    assert gazetteer.match("村口那边") == []


def test_the_road_as_written_wins_over_one_that_differs_by_a_character(gazetteer):
    assert _place(gazetteer, "黄屋村东新路12号") == "黄屋村东新路12号"


def test_the_longer_road_wins_over_the_one_inside_it(gazetteer):
    assert _place(gazetteer, "井美村新东兴路12号") == "井美村新东兴路12号"


def test_the_lane_wins_over_its_road(gazetteer):
    assert _place(gazetteer, "东兴路一巷12号") == "黄屋村东兴路一巷12号"


def test_a_spelling_between_two_roads_is_not_placed(gazetteer):
    first, second = gazetteer.match("黄屋村东星路12号")[:2]
    labels = {first.label.removeprefix(TOWN), second.label.removeprefix(TOWN)}
    assert labels == {"黄屋村东兴路12号", "黄屋村东新路12号"}
    assert placed([first, second]) is None


def test_the_same_road_in_two_villages_is_not_placed_without_the_village(gazetteer):
    assert {c.score for c in gazetteer.match("东兴路12号")[:2]} == {0.98}
    assert _place(gazetteer, "东兴路12号") is None


def test_a_road_of_another_village_is_not_placed(gazetteer):
    assert gazetteer.match("坑美村长安路5号")[0].label == f"{TOWN}井美村长安路5号"
    assert _place(gazetteer, "坑美村长安路5号") is None


def test_a_door_that_another_similar_road_has_is_not_placed(gazetteer):
    assert _place(gazetteer, "黄屋村东兴路88号") is None
    assert _place(gazetteer, "黄屋村付星路12号") is None


def test_an_unknown_door_yields_the_nearest_doors_below_the_threshold(gazetteer):
    candidates = gazetteer.match("井美村长安路60号")
    assert candidates[0].label == f"{TOWN}井美村长安路66号"
    assert placed(candidates) is None


def test_an_estate_named_like_a_village_is_the_estate(gazetteer):
    assert _place(gazetteer, "黄屋花园2栋旁边") == "井美村黄屋花园2栋"


def test_a_shop_and_a_door_that_disagree_are_not_placed(gazetteer):
    assert _place(gazetteer, "黄屋村东兴路12号对面鸿福百货商店") is None


def test_a_road_tells_two_shops_of_one_name_apart(gazetteer):
    assert gazetteer.match("福星路美宜佳便利店")[0].building_id != 5
    assert _place(gazetteer, "黄屋村东兴路美宜佳便利店") == "美宜佳便利店"


def test_a_shop_and_its_building_are_one_candidate(gazetteer):
    ids = [c.building_id for c in gazetteer.match("黄屋村东兴路4号鸿福百货商店")]
    assert len(ids) == len(set(ids))
    assert ids[0] == 3


def test_a_place_outside_every_building_is_placed_at_its_point(gazetteer):
    candidate = placed(gazetteer.match("河边公园门口"))
    assert candidate == Candidate(
        "河边公园", candidate.score, 1.0, 113.804, 22.8, None, "x", "门口"
    )


def test_no_more_candidates_than_the_limit(gazetteer):
    assert len(gazetteer.match("东兴路12号", limit=3)) == 3


def test_an_empty_register_matches_nothing():
    gazetteer = Gazetteer(Buildings(*[[]] * 11), Places(*[[]] * 5))
    assert gazetteer.match("黄屋村东兴路12号") == []


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("一百零八號", "108号"),
        ("二十栋", "20栋"),
        ("东兴11巷", "东兴十一巷"),
        ("12號之3", "12-3号"),
        ("１２—３号", "12-3号"),
        ("３＃楼", "3#楼"),
        ("12 13", "12 13"),
    ],
)
def test_numbers_have_one_normal_form(text, form):
    assert normal(text) == form
