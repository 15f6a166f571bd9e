"""Procedures are read from TOML files; an error names the file and what is wrong in it."""

from __future__ import annotations

import pytest

from geodata.errors import InvalidInput
from geodata.procedure_files import parse_procedure
from geodata.regions import bags, categories, procedures

SMALL = """
code = "small"
title = "小流程"
title_en = "Small"
steps = [
    { code = "new", title = "登记", title_en = "N", stage = "reported", limit_h = 2, first = true },
    { code = "work", title = "处置", title_en = "W", stage = "handling", limit_days = 3 },
    { code = "done", title = "结案", title_en = "D", stage = "closed", final = true },
]

[[moves]]
code = "go"
title = "派"
title_en = "Go"
key = "g"
effect = "advance"
from = ["new"]
to = "work"
by = ["*/*"]

[[moves]]
code = "end"
title = "结"
title_en = "End"
key = "e"
effect = "advance"
from = ["work"]
to = "done"
by = ["handler"]
needs = ["photo"]
"""


def test_a_file_is_read_into_steps_and_moves() -> None:
    found = parse_procedure(SMALL, "small.toml")

    assert [(s.code, s.limit, s.unit) for s in found.steps] == [
        ("new", 2.0, "working_hours"),
        ("work", 3.0, "working_days"),
        ("done", None, None),
    ]
    assert [(m.code, m.to, m.needs) for m in found.moves] == [
        ("go", "work", ()),
        ("end", "done", ("photo",)),
    ]


WRONG = {
    "a loop without exit": (('to = "done"', 'to = "new"'), "in a loop without exit"),
    "two limits": (("limit_h = 2", "limit_h = 2, limit_days = 1"), "step 'new': two limits"),
    "a limit of 0": (("limit_h = 2", "limit_h = 0"), "step 'new': limit_h is a number over 0"),
    "a limit in words": (("limit_h = 2", 'limit = "soon"'), "step 'new': limit is"),
    "an unknown unit": (("limit_h = 2", 'limit_h = 2, unit = "moons"'), "unknown unit 'moons'"),
    "no limit": (("limit_h = 2, ", ""), "step 'new': no limit"),
    "an unknown member of a step": (("limit_days = 3", "limit_days = 3, x = 1"), "member 'x'"),
    "an unknown member of a move": (('key = "g"', 'key = "g"\nx = 1'), "move 'go': unknown"),
    "no title": (('title = "派"\n', ""), "move 'go': no title"),
    "from as text": (('from = ["new"]', 'from = "new"'), "move 'go': from is a list"),
    "steps that are no tables": (("steps = [", "levels = 3\nsteps = ["), "levels is a list"),
    "no TOML": (("steps = [", "steps = [["), "not TOML"),
}


@pytest.mark.parametrize(("change", "fault"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused_by_name(change: tuple[str, str], fault: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_procedure(SMALL.replace(*change), "441900/procedures/small.toml")

    assert refusal.value.message.startswith("441900/procedures/small.toml: ")
    assert fault in refusal.value.message


def test_the_five_towns_procedures_are_shipped() -> None:
    assert {procedure.code for procedure in procedures(441900)} == {
        *("basic", "dongkeng", "dongkeng_dispute", "huicheng_town", "huicheng_district"),
        *("jiangyan_alert", "jiangyan_bag", "jiangyan_wish", "gucheng", "gucheng_mediation"),
        *("chaohu_handover", "chaohu_wish"),
    }


def test_every_item_follows_a_shipped_procedure() -> None:
    known = {procedure.code for procedure in procedures(441900)}

    assert {item.procedure for item in (*categories(441900), *bags(441900))} <= known


def test_disputes_are_mediated() -> None:
    assert {item.procedure for item in categories(441900) if item.class_code == "2"} == {
        "dongkeng_dispute"
    }


def test_there_are_five_bags() -> None:
    assert [item.item[:2] for item in bags(441900)] == ["蓝袋", "黄袋", "绿袋", "橙袋", "红袋"]
