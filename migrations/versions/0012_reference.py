"""Publish any dataset as a collection: one table of all rows, one of editions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = sa.DateTime(timezone=True)
SOUND = (
    "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180"
    " AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90"
)
GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON collections, reference TO gis_app;
GRANT USAGE ON SEQUENCE collections_id_seq TO gis_app
"""
FORMER_GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON reference, reference_history TO gis_app;
GRANT USAGE ON SEQUENCE reference_id_seq TO gis_app
"""
# Each dataset of the former table, as drawn there, becomes a collection under its own name.
COLLECTIONS = """
INSERT INTO collections (district, name, title, title_zh, geometry, schema, look, bbox, rows, source)
SELECT r.district, r.collection, initcap(r.collection),
       CASE r.collection WHEN 'water' THEN '水系' ELSE r.collection END,
       CASE count(DISTINCT replace(GeometryType(geom), 'MULTI', ''))
            WHEN 1 THEN CASE min(replace(GeometryType(geom), 'MULTI', ''))
                        WHEN 'POINT' THEN max(GeometryType(geom))
                        WHEN 'LINESTRING' THEN 'MULTILINESTRING'
                        WHEN 'POLYGON' THEN 'MULTIPOLYGON' ELSE 'GEOMETRY' END
            ELSE 'GEOMETRY' END,
       (SELECT jsonb_agg(jsonb_build_object('name', k.key, 'type', k.kind) ORDER BY k.turn, k.key)
        FROM (SELECT key, min(turn) AS turn,
                     CASE WHEN bool_and(of IN ('string', 'null')) THEN 'string'
                          WHEN bool_and(of IN ('number', 'null')) THEN 'number'
                          WHEN bool_and(of IN ('boolean', 'null')) THEN 'boolean'
                          WHEN bool_and(of IN ('array', 'null')) THEN 'array'
                          WHEN bool_and(of IN ('object', 'null')) THEN 'object'
                          ELSE 'string' END AS kind
              FROM (SELECT 'code' AS key, 0 AS turn, 'string' AS of
                    UNION ALL
                    SELECT p.key, 1, jsonb_typeof(p.value)
                    FROM reference_former AS f, jsonb_each(f.properties) AS p
                    WHERE f.district = r.district AND f.collection = r.collection) AS told
              GROUP BY key) AS k),
       jsonb_build_object('order', 5, 'minzoom', 8, 'hidden', false, 'style',
           '{"color": "#2b4a63", "weight": 1, "fillColor": "#1d3a52", "fillOpacity": 0.8}'::jsonb),
       jsonb_build_array(ST_XMin(ST_Extent(geom)), ST_YMin(ST_Extent(geom)),
                         ST_XMax(ST_Extent(geom)), ST_YMax(ST_Extent(geom))),
       count(*), r.collection
FROM reference_former AS r GROUP BY r.district, r.collection
"""
ROWS = """
INSERT INTO reference (district, collection, id, properties, geom, row_version)
SELECT f.district, c.id, row_number() OVER (PARTITION BY c.district, c.id ORDER BY f.id),
       jsonb_build_object('code', f.code) || f.properties,
       CASE WHEN c.geometry LIKE 'MULTI%' THEN ST_Multi(f.geom) ELSE f.geom END, f.row_version
FROM reference_former AS f
JOIN collections AS c ON c.district = f.district AND c.name = f.collection
"""
FORMER_ROWS = """
INSERT INTO reference (district, code, collection, properties, geom, row_version)
SELECT c.district, c.name || '/' || r.id, c.name, r.properties - 'code', r.geom, r.row_version
FROM reference_present AS r JOIN collections AS c ON c.district = r.district AND c.id = r.collection
WHERE c.retired_at IS NULL AND r.geom IS NOT NULL ORDER BY c.name, r.id
"""


def _geom(nullable: bool = False) -> sa.Column:
    shape = Geometry("GEOMETRY", 4326, dimension=2, spatial_index=False, nullable=nullable)
    return sa.Column("geom", shape, nullable=nullable, comment="图形")


def upgrade() -> None:
    op.drop_table("reference_history")
    op.drop_index("ix_reference_geom", table_name="reference")
    op.execute("ALTER TABLE reference DROP CONSTRAINT pk_reference")
    op.execute("ALTER TABLE reference DROP CONSTRAINT ck_reference_geom_sound")
    op.rename_table("reference", "reference_former")
    op.create_table(
        "collections",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("geometry", sa.String(), nullable=True),
        sa.Column("schema", postgresql.JSONB(), nullable=False),
        sa.Column("look", postgresql.JSONB(), nullable=False),
        sa.Column("bbox", postgresql.JSONB(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("imported_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("retired_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_collections")),
    )
    op.create_table(
        "reference",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("collection", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("properties", postgresql.JSONB(), nullable=False),
        _geom(nullable=True),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(SOUND, name=op.f("ck_reference_geom_sound")),
        sa.PrimaryKeyConstraint("district", "collection", "id", name=op.f("pk_reference")),
    )
    op.execute(COLLECTIONS)
    op.execute(ROWS)
    op.drop_table("reference_former")
    op.create_index(
        "uq_collections_name",
        "collections",
        ["district", "name"],
        unique=True,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_index(
        "ix_reference_geom", "reference", ["collection", "geom"], postgresql_using="gist"
    )
    op.execute(GRANTS)


def downgrade() -> None:
    """Bring back what has a place, under codes made of name and row; titles and looks go."""
    op.drop_index("ix_reference_geom", table_name="reference")
    op.execute("ALTER TABLE reference DROP CONSTRAINT pk_reference")
    op.execute("ALTER TABLE reference DROP CONSTRAINT ck_reference_geom_sound")
    op.rename_table("reference", "reference_present")
    op.create_table(
        "reference",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("collection", sa.String(), nullable=False, comment="数据集"),
        sa.Column(
            "properties", postgresql.JSONB(), server_default="{}", nullable=False, comment="属性"
        ),
        _geom(),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("recorded_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        sa.CheckConstraint(SOUND, name=op.f("ck_reference_geom_sound")),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_reference")),
        sa.UniqueConstraint("district", "code", name=op.f("uq_reference_district_code")),
    )
    op.create_index("ix_reference_geom", "reference", ["district", "geom"], postgresql_using="gist")
    _former_history()
    op.execute(FORMER_ROWS)
    op.drop_table("reference_present")
    op.drop_table("collections")
    op.execute(FORMER_GRANTS)


def _former_history() -> None:
    op.create_table(
        "reference_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("collection", sa.String(), nullable=False),
        sa.Column("properties", postgresql.JSONB(), nullable=False),
        _geom(),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id", "row_version", name=op.f("pk_reference_history")),
    )
    op.create_index(
        "ix_reference_history_recorded",
        "reference_history",
        ["district", "id", "recorded"],
        postgresql_using="gist",
    )
