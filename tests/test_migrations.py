"""The schema that the migrations make: its rules, its rights, and the way down and up with data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import ProgrammingError

from gis_server import schema
from gis_server.config import Settings
from gis_server.demo import load_town

# Changed EXCLUDE and CHECK constraints are not noticed by `alembic check`.
RULES = {
    "ex_areas_one_edition": "EXCLUDE USING gist (district WITH =, code WITH =, valid WITH &&)",
    "ex_grids_one_edition": "EXCLUDE USING gist (district WITH =, code WITH =, valid WITH &&)",
    "ck_areas_code_of_12_digits": "CHECK (((code)::text ~ '^[0-9]{12}$'::text))",
    "ck_grids_code_given": "CHECK (((code)::text <> ''::text))",
    "ck_grids_kind_known": "CHECK (((kind)::text = ANY ((ARRAY['base'::character varying,"
    " 'dedicated'::character varying, 'micro'::character varying, 'professional'::character"
    " varying])::text[])))",
    "ck_incidents_severity_known": "CHECK (((severity >= 1) AND (severity <= 4)))",
    "ck_incidents_stage_known": "CHECK (((stage)::text = ANY ((ARRAY['reported'::character"
    " varying, 'accepted'::character varying, 'handling'::character varying, 'closed'::character"
    " varying])::text[])))",
    "ck_incidents_closed_has_time": "CHECK ((((stage)::text = 'closed'::text) ="
    " (closed_at IS NOT NULL)))",
    "ck_incidents_accuracy_in_range": "CHECK (((accuracy_m >= (0)::double precision) AND"
    " (accuracy_m <= (100000)::double precision)))",
    "ck_incidents_confidence_is_chance": "CHECK (((confidence >= (0)::double precision) AND"
    " (confidence <= (1)::double precision)))",
    "ck_incidents_geom_sound": "CHECK ((((st_x(geom) >= ('-180'::integer)::double precision) AND"
    " (st_x(geom) <= (180)::double precision)) AND ((st_y(geom) >= ('-90'::integer)::double"
    " precision) AND (st_y(geom) <= (90)::double precision))))",
    "ck_organisations_geom_sound": "CHECK ((st_isvalid(geom) AND (st_xmin((geom)::box3d) >="
    " ('-180'::integer)::double precision) AND (st_xmax((geom)::box3d) <= (180)::double precision)"
    " AND (st_ymin((geom)::box3d) >= ('-90'::integer)::double precision) AND"
    " (st_ymax((geom)::box3d) <= (90)::double precision)))",
    "ck_buildings_counts_not_negative": "CHECK (((households >= 0) AND (residents >= 0) AND"
    " (floating >= 0)))",
    "ck_hazards_likelihood_known": "CHECK ((l = ANY (ARRAY[(10)::double precision, (6)::double"
    " precision, (3)::double precision, (1)::double precision, (0.5)::double precision,"
    " (0.2)::double precision, (0.1)::double precision])))",
}
DEFINITION = text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")
ROWS = text("""
SELECT sum((xpath('/row/n/text()', query_to_xml(
    format('SELECT count(*) AS n FROM %I', relname), false, true, '')))[1]::text::int)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  AND relname NOT IN ('spatial_ref_sys', 'alembic_version')
""")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize(("name", "definition"), RULES.items(), ids=RULES)
def test_a_rule_of_the_schema_says_what_it_should(
    connection: Connection, name: str, definition: str
) -> None:
    assert connection.execute(DEFINITION, {"name": name}).scalar_one() == definition


def test_no_table_has_a_trigger(connection: Connection) -> None:
    asked = text("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal")

    assert connection.execute(asked).all() == []


def test_every_geometry_but_a_formers_is_checked_to_be_sound(connection: Connection) -> None:
    asked = text("""
        SELECT f_table_name FROM geometry_columns AS g
        WHERE f_table_schema = 'public' AND f_table_name NOT LIKE '%history'
          AND f_geometry_column = 'geom' AND NOT EXISTS (
              SELECT FROM pg_constraint WHERE conrelid = f_table_name::regclass
                 AND conname = format('ck_%s_geom_sound', f_table_name))
    """)

    assert connection.execute(asked).all() == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE incidents ADD COLUMN mine int",
        "ALTER TABLE incidents DROP CONSTRAINT ck_incidents_geom_sound",
        "DROP TABLE incidents",
        "DROP FUNCTION grids_at",
        "TRUNCATE incidents",
        "UPDATE alembic_version SET version_num = 'x'",
        "DELETE FROM spatial_ref_sys",
    ],
)
def test_the_application_role_cannot_change_the_schema(
    connection: Connection, statement: str
) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        connection.execute(text(statement))


def test_the_application_role_is_no_superuser_and_makes_no_roles(connection: Connection) -> None:
    asked = text(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication"
        " FROM pg_roles WHERE rolname = current_user"
    )

    assert tuple(connection.execute(asked).one()) == (False,) * 5


def test_a_loaded_town_goes_down_and_up_again(own_database: Settings) -> None:
    url = own_database.owner_database_url
    load_town(own_database)
    before = _rows(url)

    with schema.config(url) as steps:
        command.downgrade(steps, "base")
    schema.migrate(url)

    assert (before > 10_000, _rows(url)) == (True, 0)
    with schema.config(url) as steps:
        command.check(steps)


def _rows(url: str) -> int:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return int(connection.execute(ROWS).scalar_one())
