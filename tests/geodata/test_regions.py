"""The data files of a city."""

import pytest

from geodata.errors import NotFound
from geodata.regions import categories, place_rules, town_settings

DONGKENG = 441900


def test_categories_are_four_classes_of_thirty_six_items_in_all() -> None:
    items = categories(DONGKENG)
    assert (len({item.class_code for item in items}), len({item.code for item in items})) == (4, 36)


def test_every_category_names_a_department_of_the_town() -> None:
    assert {item.department for item in categories(DONGKENG)} <= set(
        town_settings(DONGKENG).departments
    )


def test_severities_are_one_to_four_and_limits_are_positive() -> None:
    assert {item.severity for item in categories(DONGKENG)} == {1, 2, 3, 4}
    assert min(item.limit_h for item in categories(DONGKENG)) > 0


def test_town_has_its_sixteen_real_village_codes() -> None:
    codes = [village.code for village in town_settings(DONGKENG).villages]
    assert codes == [f"441900109{n:03}" for n in (2, 3, *range(200, 214))]


def test_settings_carry_the_published_figures() -> None:
    town = town_settings(DONGKENG)
    assert (len(town.villages), town.grids, town.micro_grids, town.people) == (16, 48, 132, 972)
    assert town.district == DONGKENG


def test_rules_use_only_operators_that_are_understood() -> None:
    assert {rule.op for rule in place_rules(DONGKENG)} == {"<=", "in"}


def test_a_district_without_tables_takes_those_of_dongguan() -> None:
    assert categories(100000) == categories(DONGKENG)
    assert place_rules(100000) == place_rules(DONGKENG)


def test_a_district_without_settings_has_no_demo_town() -> None:
    with pytest.raises(NotFound, match=r"no town\.json for district 100000"):
        town_settings(100000)
