"""Make the registers with their histories, incidents with their steps, and the outbox.

Two roles: the owner runs this; ``gis_app`` serves, and owns nothing.
"""

from collections.abc import Sequence
from pathlib import Path

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SQL = Path(__file__).parents[1] / "sql"
ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'gis_app') THEN
        CREATE ROLE gis_app LOGIN;
    END IF;
END $$
"""
GRANTS = """
GRANT USAGE ON SCHEMA public TO gis_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO gis_app;
REVOKE INSERT, UPDATE, DELETE ON alembic_version, spatial_ref_sys FROM gis_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO gis_app
"""
UNGRANTS = "REVOKE ALL ON SCHEMA public FROM gis_app"


class Xid8(sa.types.UserDefinedType):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def upgrade() -> None:
    op.execute(ROLES)
    op.create_geospatial_table(
        "areas",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="区划代码"),
        sa.Column("name", sa.String(), nullable=False, comment="名称"),
        sa.Column("level", sa.SmallInteger(), nullable=False, comment="层级"),
        sa.Column("kind", sa.String(), nullable=True, comment="类别"),
        sa.Column("parent_code", sa.String(), nullable=True, comment="上级代码"),
        sa.Column("successor", sa.String(), nullable=True, comment="后续代码"),
        sa.Column("valid", postgresql.TSTZRANGE(), nullable=False, comment="有效期"),
        sa.Column(
            "seat",
            geoalchemy2.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="驻地",
        ),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="图形",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        postgresql.ExcludeConstraint(
            (sa.column("district"), "="),
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_areas_one_edition",
        ),
        sa.CheckConstraint("code ~ '^[0-9]{12}$'", name=op.f("ck_areas_code_of_12_digits")),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_areas_geom_sound"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_areas")),
    )
    op.create_index(
        "ix_areas_geom", "areas", ["district", "geom"], unique=False, postgresql_using="gist"
    )
    op.create_index("ix_areas_parent_code", "areas", ["district", "parent_code"], unique=False)
    op.create_geospatial_table(
        "areas_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("parent_code", sa.String(), nullable=True),
        sa.Column("successor", sa.String(), nullable=True),
        sa.Column("valid", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "seat",
            geoalchemy2.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id", "row_version", name=op.f("pk_areas_history")),
    )
    op.create_index(
        "ix_areas_history_recorded",
        "areas_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "buildings",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("name", sa.String(), nullable=True, comment="名称"),
        sa.Column("address", sa.String(), nullable=True, comment="地址"),
        sa.Column("road", sa.String(), nullable=True, comment="道路"),
        sa.Column("door", sa.String(), nullable=True, comment="门牌"),
        sa.Column("estate", sa.String(), nullable=True, comment="小区"),
        sa.Column("village_code", sa.String(), nullable=True, comment="村社代码"),
        sa.Column("kind", sa.String(), nullable=True, comment="用途"),
        sa.Column("households", sa.Integer(), nullable=True, comment="户数"),
        sa.Column("residents", sa.Integer(), nullable=True, comment="常住人口"),
        sa.Column("floating", sa.Integer(), nullable=True, comment="流动人口"),
        sa.Column("rental", sa.Boolean(), nullable=True, comment="出租屋"),
        sa.Column("height_m", sa.Double(), nullable=True, comment="高度（米）"),
        sa.Column("floors", sa.SmallInteger(), nullable=True, comment="层数"),
        sa.Column("year", sa.SmallInteger(), nullable=True, comment="建成年份"),
        sa.Column("danger_grade", sa.String(), nullable=True, comment="危房等级"),
        sa.Column("leader_post", sa.String(), nullable=True, comment="楼长岗"),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="图形",
        ),
        sa.Column(
            "point",
            geoalchemy2.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            sa.Computed("ST_PointOnSurface(geom)", persisted=True),
            nullable=False,
            comment="代表点",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        sa.CheckConstraint(
            "danger_grade IN ('A','B','C','D')", name=op.f("ck_buildings_danger_grade_known")
        ),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_buildings_geom_sound"),
        ),
        sa.CheckConstraint(
            "households >= 0 AND residents >= 0 AND floating >= 0",
            name=op.f("ck_buildings_counts_not_negative"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_buildings")),
        sa.UniqueConstraint("district", "code", name=op.f("uq_buildings_district_code")),
    )
    op.create_index(
        "ix_buildings_geom",
        "buildings",
        ["district", "geom"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_geospatial_index(
        "ix_buildings_point",
        "buildings",
        ["point"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("ix_buildings_road", "buildings", ["district", "road", "door"], unique=False)
    op.create_geospatial_table(
        "buildings_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("road", sa.String(), nullable=True),
        sa.Column("door", sa.String(), nullable=True),
        sa.Column("estate", sa.String(), nullable=True),
        sa.Column("village_code", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("residents", sa.Integer(), nullable=True),
        sa.Column("floating", sa.Integer(), nullable=True),
        sa.Column("rental", sa.Boolean(), nullable=True),
        sa.Column("height_m", sa.Double(), nullable=True),
        sa.Column("floors", sa.SmallInteger(), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("danger_grade", sa.String(), nullable=True),
        sa.Column("leader_post", sa.String(), nullable=True),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "point",
            geoalchemy2.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id", "row_version", name=op.f("pk_buildings_history")),
    )
    op.create_index(
        "ix_buildings_history_recorded",
        "buildings_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "categories",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("class_code", sa.String(), nullable=False),
        sa.Column("class", sa.String(), nullable=False),
        sa.Column("class_en", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("item_en", sa.String(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("limit_h", sa.Double(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("district", "code", name=op.f("pk_categories")),
    )
    op.create_table(
        "duties",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("organisation_code", sa.String(), nullable=True, comment="所属组织"),
        sa.Column("post", sa.String(), nullable=False, comment="岗位"),
        sa.Column("title", sa.String(), nullable=False, comment="岗位名称"),
        sa.Column("grid_code", sa.String(), nullable=True, comment="网格编码"),
        sa.Column("net", sa.String(), server_default="general", nullable=False, comment="网"),
        sa.Column("category", sa.String(), nullable=True, comment="事项"),
        sa.Column("rank", sa.SmallInteger(), server_default="0", nullable=False, comment="顺位"),
        sa.Column("holder", sa.String(), server_default="", nullable=False, comment="任岗"),
        sa.Column("phone", sa.String(), nullable=True, comment="电话"),
        sa.Column(
            "valid",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(NULL, NULL)"),
            nullable=False,
            comment="有效期",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_duties")),
        sa.UniqueConstraint("district", "code", name=op.f("uq_duties_district_code")),
    )
    op.create_index(
        "ix_duties_grid_code", "duties", ["district", "grid_code", "rank"], unique=False
    )
    op.create_table(
        "duties_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("organisation_code", sa.String(), nullable=True),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("grid_code", sa.String(), nullable=True),
        sa.Column("net", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("valid", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id", "row_version", name=op.f("pk_duties_history")),
    )
    op.create_index(
        "ix_duties_history_recorded",
        "duties_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "enterprises",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("name", sa.String(), nullable=True, comment="名称"),
        sa.Column("credit_code", sa.String(), nullable=True, comment="统一社会信用代码"),
        sa.Column("class", sa.String(), nullable=False, comment="类别"),
        sa.Column("place", sa.String(), nullable=True, comment="三小/九小"),
        sa.Column("area_m2", sa.Double(), nullable=True, comment="面积（平方米）"),
        sa.Column("staff", sa.Integer(), nullable=True, comment="从业人数"),
        sa.Column("seats", sa.Integer(), nullable=True, comment="座位数"),
        sa.Column("beds", sa.Integer(), nullable=True, comment="床位数"),
        sa.Column("pupils", sa.Integer(), nullable=True, comment="学生数"),
        sa.Column("height_m", sa.Double(), nullable=True, comment="建筑高度（米）"),
        sa.Column("floor_m2", sa.Double(), nullable=True, comment="单层面积（平方米）"),
        sa.Column("fire_class", sa.String(), nullable=True, comment="火灾危险性"),
        sa.Column("parent_code", sa.String(), nullable=True, comment="出租方"),
        sa.Column("control_tier", sa.String(), nullable=True, comment="管控等级"),
        sa.Column("department", sa.String(), nullable=True, comment="行业部门"),
        sa.Column("building_code", sa.String(), nullable=True, comment="建筑编码"),
        sa.Column("address", sa.String(), nullable=True, comment="地址"),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="图形",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        sa.CheckConstraint(
            "place IN ('three_small','nine_small')", name=op.f("ck_enterprises_place_known")
        ),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_enterprises_geom_sound"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_enterprises")),
        sa.UniqueConstraint("district", "code", name=op.f("uq_enterprises_district_code")),
    )
    op.create_index(
        "ix_enterprises_building_code", "enterprises", ["district", "building_code"], unique=False
    )
    op.create_geospatial_index(
        "ix_enterprises_geom",
        "enterprises",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "enterprises_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("credit_code", sa.String(), nullable=True),
        sa.Column("class", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("staff", sa.Integer(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("beds", sa.Integer(), nullable=True),
        sa.Column("pupils", sa.Integer(), nullable=True),
        sa.Column("height_m", sa.Double(), nullable=True),
        sa.Column("floor_m2", sa.Double(), nullable=True),
        sa.Column("fire_class", sa.String(), nullable=True),
        sa.Column("parent_code", sa.String(), nullable=True),
        sa.Column("control_tier", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("building_code", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint(
            "district", "id", "row_version", name=op.f("pk_enterprises_history")
        ),
    )
    op.create_index(
        "ix_enterprises_history_recorded",
        "enterprises_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "facilities",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("name", sa.String(), nullable=True, comment="名称"),
        sa.Column("class", sa.String(), nullable=False, comment="类别"),
        sa.Column(
            "attributes",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="属性",
        ),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="图形",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_facilities_geom_sound"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_facilities")),
        sa.UniqueConstraint("district", "code", name=op.f("uq_facilities_district_code")),
    )
    op.create_geospatial_index(
        "ix_facilities_geom",
        "facilities",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "facilities_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("class", sa.String(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint(
            "district", "id", "row_version", name=op.f("pk_facilities_history")
        ),
    )
    op.create_index(
        "ix_facilities_history_recorded",
        "facilities_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "grids",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="网格编码"),
        sa.Column("name", sa.String(), nullable=False, comment="名称"),
        sa.Column("net", sa.String(), server_default="general", nullable=False, comment="网"),
        sa.Column("kind", sa.String(), server_default="base", nullable=False, comment="类别"),
        sa.Column("level", sa.SmallInteger(), server_default="1", nullable=False, comment="层级"),
        sa.Column("parent_code", sa.String(), nullable=True, comment="上级编码"),
        sa.Column("village_code", sa.String(), nullable=True, comment="村社代码"),
        sa.Column(
            "valid",
            postgresql.TSTZRANGE(),
            server_default=sa.text("tstzrange(NULL, NULL)"),
            nullable=False,
            comment="有效期",
        ),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="图形",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        postgresql.ExcludeConstraint(
            (sa.column("district"), "="),
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_grids_one_edition",
        ),
        sa.CheckConstraint("code <> ''", name=op.f("ck_grids_code_given")),
        sa.CheckConstraint(
            "kind IN ('base','dedicated','micro','professional')", name=op.f("ck_grids_kind_known")
        ),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_grids_geom_sound"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_grids")),
    )
    op.create_index(
        "ix_grids_geom", "grids", ["district", "geom"], unique=False, postgresql_using="gist"
    )
    op.create_index("ix_grids_parent_code", "grids", ["district", "parent_code"], unique=False)
    op.create_geospatial_table(
        "grids_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("net", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent_code", sa.String(), nullable=True),
        sa.Column("village_code", sa.String(), nullable=True),
        sa.Column("valid", postgresql.TSTZRANGE(), nullable=False),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id", "row_version", name=op.f("pk_grids_history")),
    )
    op.create_index(
        "ix_grids_history_recorded",
        "grids_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "hazards",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("name", sa.String(), nullable=True, comment="名称"),
        sa.Column("nature", sa.String(), server_default="defect", nullable=False, comment="性质"),
        sa.Column("kind", sa.String(), nullable=False, comment="种类"),
        sa.Column("l", sa.Double(), nullable=True, comment="可能性 L"),
        sa.Column("e", sa.Double(), nullable=True, comment="暴露 E"),
        sa.Column("c", sa.Double(), nullable=True, comment="后果 C"),
        sa.Column("grade", sa.String(), nullable=True, comment="等级"),
        sa.Column("state", sa.String(), server_default="open", nullable=False, comment="状态"),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True, comment="整改期限"),
        sa.Column("parent_code", sa.String(), nullable=True, comment="所属风险点"),
        sa.Column("place_code", sa.String(), nullable=True, comment="所在场所"),
        sa.Column("address", sa.String(), nullable=True, comment="地址"),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="图形",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        sa.CheckConstraint("grade IN ('general','major')", name=op.f("ck_hazards_grade_known")),
        sa.CheckConstraint(
            "nature IN ('risk_point','defect')", name=op.f("ck_hazards_nature_known")
        ),
        sa.CheckConstraint(
            "state IN ('open','rectified','rechecked','written_off')",
            name=op.f("ck_hazards_state_known"),
        ),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_hazards_geom_sound"),
        ),
        sa.CheckConstraint("c IN (100,40,15,7,3,1)", name=op.f("ck_hazards_consequence_known")),
        sa.CheckConstraint("e IN (10,6,3,2,1,0.5)", name=op.f("ck_hazards_exposure_known")),
        sa.CheckConstraint("l IN (10,6,3,1,0.5,0.2,0.1)", name=op.f("ck_hazards_likelihood_known")),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_hazards")),
        sa.UniqueConstraint("district", "code", name=op.f("uq_hazards_district_code")),
    )
    op.create_geospatial_index(
        "ix_hazards_geom",
        "hazards",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "hazards_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("nature", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("l", sa.Double(), nullable=True),
        sa.Column("e", sa.Double(), nullable=True),
        sa.Column("c", sa.Double(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parent_code", sa.String(), nullable=True),
        sa.Column("place_code", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id", "row_version", name=op.f("pk_hazards_history")),
    )
    op.create_index(
        "ix_hazards_history_recorded",
        "hazards_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "layer_versions",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("district", "layer", name=op.f("pk_layer_versions")),
    )
    op.create_geospatial_table(
        "organisations",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("name", sa.String(), nullable=False, comment="名称"),
        sa.Column("kind", sa.String(), nullable=False, comment="类别"),
        sa.Column("area_code", sa.String(), nullable=True, comment="所属区划"),
        sa.Column("phone", sa.String(), nullable=True, comment="电话"),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="图形",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_organisations_geom_sound"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("district", "code", name=op.f("uq_organisations_district_code")),
    )
    op.create_geospatial_index(
        "ix_organisations_geom",
        "organisations",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "organisations_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("area_code", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint(
            "district", "id", "row_version", name=op.f("pk_organisations_history")
        ),
    )
    op.create_index(
        "ix_organisations_history_recorded",
        "organisations_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "outbox",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("layer", sa.String(), nullable=False),
        sa.Column("feature_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("grid_code", sa.String(), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_at", "outbox", ["at"], unique=False)
    op.create_index("ix_outbox_xid", "outbox", ["xid"], unique=False)
    op.create_table(
        "outbox_purges",
        sa.Column("purged_to", Xid8(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("purged_to", name=op.f("pk_outbox_purges")),
    )
    op.create_geospatial_table(
        "reference",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("collection", sa.String(), nullable=False, comment="数据集"),
        sa.Column(
            "properties",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="属性",
        ),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="图形",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_reference_geom_sound"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_reference")),
        sa.UniqueConstraint("district", "code", name=op.f("uq_reference_district_code")),
    )
    op.create_index(
        "ix_reference_geom",
        "reference",
        ["district", "geom"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_geospatial_table(
        "reference_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("collection", sa.String(), nullable=False),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id", "row_version", name=op.f("pk_reference_history")),
    )
    op.create_index(
        "ix_reference_history_recorded",
        "reference_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "replies",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_sha", sa.LargeBinary(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("district", "key", name=op.f("pk_replies")),
    )
    op.create_index("ix_replies_at", "replies", ["at"], unique=False)
    op.create_geospatial_table(
        "streets",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(), nullable=False, comment="编码"),
        sa.Column("name", sa.String(), nullable=True, comment="名称"),
        sa.Column("class", sa.String(), nullable=False, comment="等级"),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="MULTILINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
            comment="图形",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("source_crs", sa.String(), nullable=True, comment="来源坐标系"),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_streets_geom_sound"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_streets")),
        sa.UniqueConstraint("district", "code", name=op.f("uq_streets_district_code")),
    )
    op.create_index(
        "ix_streets_geom", "streets", ["district", "geom"], unique=False, postgresql_using="gist"
    )
    op.create_geospatial_table(
        "streets_history",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("class", sa.String(), nullable=False),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="MULTILINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_crs", sa.String(), nullable=True),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.PrimaryKeyConstraint("district", "id", "row_version", name=op.f("pk_streets_history")),
    )
    op.create_index(
        "ix_streets_history_recorded",
        "streets_history",
        ["district", "id", "recorded"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "towns",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("district", name=op.f("pk_towns")),
    )
    op.create_geospatial_table(
        "incidents",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(), nullable=False, comment="案件编号"),
        sa.Column("category", sa.String(), nullable=False, comment="事项"),
        sa.Column("severity", sa.SmallInteger(), nullable=False, comment="紧急程度"),
        sa.Column("source", sa.String(), nullable=False, comment="来源"),
        sa.Column("external_id", sa.String(), nullable=True, comment="外部编号"),
        sa.Column("description", sa.String(), nullable=True, comment="描述"),
        sa.Column("address", sa.String(), nullable=True, comment="地址"),
        sa.Column("accuracy_m", sa.Double(), nullable=True, comment="定位精度（米）"),
        sa.Column("source_crs", sa.String(), nullable=False, comment="来源坐标系"),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False, comment="上报时间"),
        sa.Column("stage", sa.String(), server_default="reported", nullable=False, comment="环节"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="时限"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True, comment="结案时间"),
        sa.Column("grid_id", sa.BigInteger(), nullable=True, comment="网格"),
        sa.Column("grid_code", sa.String(), nullable=True, comment="网格编码"),
        sa.Column("confidence", sa.Double(), nullable=True, comment="置信度"),
        sa.Column(
            "candidates",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="候选",
        ),
        sa.Column("placed_by", sa.String(), nullable=True, comment="定位方式"),
        sa.Column(
            "photos",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="照片",
        ),
        sa.Column(
            "geom",
            geoalchemy2.Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
            comment="图形",
        ),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(stage = 'closed') = (closed_at IS NOT NULL)",
            name=op.f("ck_incidents_closed_has_time"),
        ),
        sa.CheckConstraint(
            "stage IN ('reported','accepted','handling','closed')",
            name=op.f("ck_incidents_stage_known"),
        ),
        sa.CheckConstraint(
            "ST_IsValid(geom) AND ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180 AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90",
            name=op.f("ck_incidents_geom_sound"),
        ),
        sa.CheckConstraint(
            "accuracy_m >= 0 AND accuracy_m <= 100000", name=op.f("ck_incidents_accuracy_in_range")
        ),
        sa.CheckConstraint(
            "confidence BETWEEN 0 AND 1", name=op.f("ck_incidents_confidence_is_chance")
        ),
        sa.CheckConstraint("severity BETWEEN 1 AND 4", name=op.f("ck_incidents_severity_known")),
        sa.ForeignKeyConstraint(
            ["district", "category"],
            ["categories.district", "categories.code"],
            name=op.f("fk_incidents_district_category_categories"),
        ),
        sa.ForeignKeyConstraint(
            ["district", "grid_id"],
            ["grids.district", "grids.id"],
            name=op.f("fk_incidents_district_grid_id_grids"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("district", "number", name=op.f("uq_incidents_district_number")),
        sa.UniqueConstraint(
            "district",
            "source",
            "external_id",
            name=op.f("uq_incidents_district_source_external_id"),
        ),
    )
    op.create_index(
        "ix_incidents_closed_at",
        "incidents",
        ["district", "closed_at"],
        unique=False,
        postgresql_where="closed_at IS NOT NULL",
    )
    op.create_index("ix_incidents_due_at", "incidents", ["district", "due_at"], unique=False)
    op.create_geospatial_index(
        "ix_incidents_geom",
        "incidents",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_incidents_grid_id", "incidents", ["district", "grid_id", "id"], unique=False
    )
    op.create_geospatial_index(
        "ix_incidents_live",
        "incidents",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_where="closed_at IS NULL",
        postgresql_ops={},
    )
    op.create_index(
        "ix_incidents_open",
        "incidents",
        ["district", "due_at"],
        unique=False,
        postgresql_where="closed_at IS NULL",
    )
    op.create_index(
        "ix_incidents_reported_at", "incidents", ["district", "reported_at"], unique=False
    )
    op.create_index(
        "ix_incidents_tray",
        "incidents",
        ["district", "id"],
        unique=False,
        postgresql_where="geom IS NULL AND closed_at IS NULL",
    )
    op.create_table(
        "steps",
        sa.Column("district", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("stage_from", sa.String(), nullable=True),
        sa.Column("stage_to", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "evidence", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["district", "incident_id"],
            ["incidents.district", "incidents.id"],
            name=op.f("fk_steps_district_incident_id_incidents"),
        ),
        sa.PrimaryKeyConstraint("district", "id", name=op.f("pk_steps")),
    )
    op.create_index(
        "ix_steps_incident_id", "steps", ["district", "incident_id", "id"], unique=False
    )

    op.execute((SQL / "grids_at.sql").read_text())
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute("DROP FUNCTION grids_at")
    op.execute("DROP FUNCTION gaussian_cloud")
    op.execute(UNGRANTS)
    op.drop_index("ix_steps_incident_id", table_name="steps")
    op.drop_table("steps")
    op.drop_index(
        "ix_incidents_tray",
        table_name="incidents",
        postgresql_where="geom IS NULL AND closed_at IS NULL",
    )
    op.drop_index("ix_incidents_reported_at", table_name="incidents")
    op.drop_index("ix_incidents_open", table_name="incidents", postgresql_where="closed_at IS NULL")
    op.drop_geospatial_index(
        "ix_incidents_live",
        table_name="incidents",
        postgresql_using="gist",
        postgresql_where="closed_at IS NULL",
        column_name="geom",
    )
    op.drop_index("ix_incidents_grid_id", table_name="incidents")
    op.drop_geospatial_index(
        "ix_incidents_geom", table_name="incidents", postgresql_using="gist", column_name="geom"
    )
    op.drop_index("ix_incidents_due_at", table_name="incidents")
    op.drop_index(
        "ix_incidents_closed_at", table_name="incidents", postgresql_where="closed_at IS NOT NULL"
    )
    op.drop_geospatial_table("incidents")
    op.drop_table("towns")
    op.drop_index(
        "ix_streets_history_recorded", table_name="streets_history", postgresql_using="gist"
    )
    op.drop_geospatial_table("streets_history")
    op.drop_index("ix_streets_geom", table_name="streets", postgresql_using="gist")
    op.drop_geospatial_table("streets")
    op.drop_index("ix_replies_at", table_name="replies")
    op.drop_table("replies")
    op.drop_index(
        "ix_reference_history_recorded", table_name="reference_history", postgresql_using="gist"
    )
    op.drop_geospatial_table("reference_history")
    op.drop_index("ix_reference_geom", table_name="reference", postgresql_using="gist")
    op.drop_geospatial_table("reference")
    op.drop_table("outbox_purges")
    op.drop_index("ix_outbox_xid", table_name="outbox")
    op.drop_index("ix_outbox_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(
        "ix_organisations_history_recorded",
        table_name="organisations_history",
        postgresql_using="gist",
    )
    op.drop_geospatial_table("organisations_history")
    op.drop_geospatial_index(
        "ix_organisations_geom",
        table_name="organisations",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("organisations")
    op.drop_table("layer_versions")
    op.drop_index(
        "ix_hazards_history_recorded", table_name="hazards_history", postgresql_using="gist"
    )
    op.drop_geospatial_table("hazards_history")
    op.drop_geospatial_index(
        "ix_hazards_geom", table_name="hazards", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("hazards")
    op.drop_index("ix_grids_history_recorded", table_name="grids_history", postgresql_using="gist")
    op.drop_geospatial_table("grids_history")
    op.drop_index("ix_grids_parent_code", table_name="grids")
    op.drop_index("ix_grids_geom", table_name="grids", postgresql_using="gist")
    op.drop_geospatial_table("grids")
    op.drop_index(
        "ix_facilities_history_recorded", table_name="facilities_history", postgresql_using="gist"
    )
    op.drop_geospatial_table("facilities_history")
    op.drop_geospatial_index(
        "ix_facilities_geom", table_name="facilities", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("facilities")
    op.drop_index(
        "ix_enterprises_history_recorded", table_name="enterprises_history", postgresql_using="gist"
    )
    op.drop_geospatial_table("enterprises_history")
    op.drop_geospatial_index(
        "ix_enterprises_geom", table_name="enterprises", postgresql_using="gist", column_name="geom"
    )
    op.drop_index("ix_enterprises_building_code", table_name="enterprises")
    op.drop_geospatial_table("enterprises")
    op.drop_index(
        "ix_duties_history_recorded", table_name="duties_history", postgresql_using="gist"
    )
    op.drop_table("duties_history")
    op.drop_index("ix_duties_grid_code", table_name="duties")
    op.drop_table("duties")
    op.drop_table("categories")
    op.drop_index(
        "ix_buildings_history_recorded", table_name="buildings_history", postgresql_using="gist"
    )
    op.drop_geospatial_table("buildings_history")
    op.drop_index("ix_buildings_road", table_name="buildings")
    op.drop_geospatial_index(
        "ix_buildings_point", table_name="buildings", postgresql_using="gist", column_name="point"
    )
    op.drop_index("ix_buildings_geom", table_name="buildings", postgresql_using="gist")
    op.drop_geospatial_table("buildings")
    op.drop_index("ix_areas_history_recorded", table_name="areas_history", postgresql_using="gist")
    op.drop_geospatial_table("areas_history")
    op.drop_index("ix_areas_parent_code", table_name="areas")
    op.drop_index("ix_areas_geom", table_name="areas", postgresql_using="gist")
    op.drop_geospatial_table("areas")
