"""What the schema of a property tells of its values."""

from __future__ import annotations

import pytest
from sqlalchemy import literal

from gis_server.field_schema import TYPES, field_schema, geometry_schema, or_null
from layers import find_layers
from layers.base import Field

LAYERS = find_layers()


def schema_of(layer: str, name: str) -> dict[str, object]:
    return field_schema(LAYERS[layer].fields[name])


def test_a_property_has_its_chinese_title_and_its_type():
    assert schema_of("buildings", "name") == {
        "title": "名称",
        "type": "string",
        "maxLength": 4000,
    }


def test_what_an_index_holds_is_short():
    assert schema_of("buildings", "road")["maxLength"] == 128


def test_what_no_client_writes_has_no_length():
    assert "maxLength" not in schema_of("procedures", "title")


def test_the_values_a_rule_lists_are_the_only_ones():
    assert schema_of("buildings", "danger_grade")["enum"] == ["A", "B", "C", "D"]


def test_listed_numbers_stay_numbers():
    assert schema_of("hazards", "e")["enum"] == [10, 6, 3, 2, 1, 0.5]


def test_each_count_of_a_joint_rule_has_its_bound():
    told = [schema_of("buildings", name)["minimum"] for name in ("households", "floating")]
    assert told == [0, 0]


def test_both_ends_of_a_range_are_told():
    severity = schema_of("incidents", "severity")
    assert (severity["minimum"], severity["maximum"]) == (1, 4)


def test_a_number_is_no_larger_than_its_column():
    year = schema_of("buildings", "year")
    assert (year["minimum"], year["maximum"]) == (-(2**15), 2**15 - 1)


def test_a_pattern_of_a_rule_is_told():
    assert schema_of("areas", "code")["pattern"] == "^[0-9]{12}$"


def test_a_text_that_must_be_given_is_not_empty():
    assert schema_of("grids", "code")["minLength"] == 1


def test_a_number_tells_the_unit_that_its_name_ends_with():
    assert schema_of("enterprises", "area_m2")["x-ogc-unit"] == "m2"


def test_a_time_is_a_text_in_a_format():
    deadline = {"title": "整改期限", "type": "string", "format": "date-time"}
    assert schema_of("hazards", "deadline") == deadline


def test_a_period_is_two_times_either_of_which_may_be_open():
    period = schema_of("grids", "valid")
    assert (period["minItems"], period["maxItems"]) == (2, 2)
    assert period["items"] == {"type": ["string", "null"], "format": "date-time"}


def test_null_is_allowed_beside_the_listed_values():
    grade = or_null(schema_of("buildings", "danger_grade"))
    assert (grade["type"], grade["enum"]) == (["string", "null"], ["A", "B", "C", "D", None])


def test_a_property_of_an_expression_has_a_type_alone():
    assert field_schema(Field("人口", "integer", literal(1))) == {"type": "integer"}


@pytest.mark.parametrize(
    ("layer", "shape"),
    [("buildings", "multipolygon"), ("enterprises", "point"), ("hazards", "any")],
)
def test_a_shape_is_named_by_its_kind(layer: str, shape: str):
    told = {"format": f"geometry-{shape}", "x-ogc-role": "primary-geometry"}
    assert geometry_schema(LAYERS[layer]) == told


def test_a_layer_without_a_place_has_no_shape():
    assert geometry_schema(LAYERS["duties"]) is None


def test_every_property_of_every_layer_has_a_known_type():
    described = [field_schema(f) for layer in LAYERS.values() for f in layer.fields.values()]
    known = {schema["type"] for schema in TYPES.values()}
    assert {schema["type"] for schema in described} <= known


def test_a_code_has_no_spaces_at_its_ends():
    assert schema_of("buildings", "code")["pattern"] == r"^\S(.*\S)?$"
