"""What every table must be: keyed by district, indexed by place, ruled by its constraints."""

from __future__ import annotations

from typing import Any

import pytest
from geoalchemy2 import Geometry
from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from layers import find_layers
from layers.base import Base, Register
from layers.registers import history_of

LAYERS = find_layers()
# The transaction up to which events were purged is the database's, not a district's.
OF_ALL_DISTRICTS = {"outbox_purges"}
TABLES = {n: t for n, t in Base.metadata.tables.items() if n not in OF_ALL_DISTRICTS}
KEYED = sorted(
    (
        (table, constraint)
        for table in TABLES.values()
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint | ExcludeConstraint)
    ),
    key=lambda keyed: str(keyed[1].name),
)
# Seats of areas are a few dozen rows, which nobody asks for by place.
FEW = {("areas", "seat")}
PLACED = [
    (table, column)
    for table in TABLES.values()
    for column in table.columns
    if isinstance(column.type, Geometry)
    and not table.name.endswith("_history")
    and (table.name, column.name) not in FEW
]
POLYGONS = [(table, column) for table, column in PLACED if "POLYGON" in column.type.geometry_type]
POINTS = [(table, column) for table, column in PLACED if column.type.geometry_type == "POINT"]


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_table_has_the_district_first_in_its_primary_key(table: Table) -> None:
    assert next(column.name for column in table.primary_key) == "district"


@pytest.mark.parametrize(("table", "constraint"), KEYED, ids=[c.name for _, c in KEYED])
def test_what_is_unique_is_unique_in_its_district(
    table: Table, constraint: UniqueConstraint | ExcludeConstraint
) -> None:
    assert next(column.name for column in constraint.columns) == "district"


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_foreign_key_stays_in_its_district(table: Table) -> None:
    pairs = [
        {(element.parent.name, element.column.name) for element in key.elements}
        for key in table.foreign_key_constraints
    ]

    assert all(("district", "district") in pair for pair in pairs)


def _indexed(table: Table) -> list[list[str]]:
    return [
        [column.name for column in index.columns]
        for index in table.indexes
        if index.dialect_options["postgresql"]["using"] == "gist"
    ]


def _titles(placed: list[tuple[Table, Any]]) -> list[str]:
    return [f"{table.name}.{column.name}" for table, column in placed]


@pytest.mark.parametrize(("table", "column"), POLYGONS, ids=_titles(POLYGONS))
def test_polygons_are_indexed_with_their_district(table: Table, column: Any) -> None:
    assert ["district", column.name] in _indexed(table)


@pytest.mark.parametrize(("table", "column"), POINTS, ids=_titles(POINTS))
def test_masses_of_points_are_indexed_by_place_alone(table: Table, column: Any) -> None:
    assert [column.name] in _indexed(table)


@pytest.mark.parametrize(("table", "column"), PLACED, ids=_titles(PLACED))
def test_every_place_is_indexed(table: Table, column: Any) -> None:
    assert column.name in {names[-1] for names in _indexed(table)}


@pytest.mark.parametrize(("table", "column"), PLACED, ids=_titles(PLACED))
def test_every_place_is_stored_in_wgs84(table: Table, column: Any) -> None:
    assert column.type.srid == 4326


@pytest.mark.parametrize("register", Register.__subclasses__(), ids=lambda r: r.__tablename__)
def test_a_history_has_the_registers_columns_and_when_they_were_on_record(
    register: type[Register],
) -> None:
    former = [column.name for column in history_of(register).columns]

    assert former == [*[c.name for c in register.__table__.columns], "recorded"]


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_a_layer_shows_only_columns_that_have_a_chinese_name(layer: Any) -> None:
    columns = layer.table.__table__.columns

    assert [name for name in layer.properties if not columns[name].comment] == []


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_a_layers_tiles_and_search_know_their_columns(layer: Any) -> None:
    columns = layer.table.__table__.columns
    used = {*layer.tile_properties, *layer.search, layer.label, *([layer.by] if layer.by else [])}

    assert used <= set(columns.keys())


def test_layers_are_found_in_drawing_order() -> None:
    orders = [layer.order for layer in LAYERS.values()]

    assert orders == sorted(orders)


def test_one_layer_is_home() -> None:
    assert [layer.name for layer in LAYERS.values() if layer.home] == ["grids"]
