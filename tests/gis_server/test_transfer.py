"""The commands import and export, on a database of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner, Result
from shapely import Point
from sqlalchemy import NullPool, create_engine, text

from geodata.errors import GisError
from geodata.export import write
from gis_server.cli import cli
from gis_server.config import Settings
from tests.factories import at, block


@pytest.fixture(autouse=True)
def environment(own_database: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    owner = own_database.owner_database_url.replace("+psycopg2", "")
    monkeypatch.setenv("DATABASE_URL", owner)
    monkeypatch.setenv("GIS_DISTRICT", "170310")
    yield


def gis(*arguments: object) -> Result:
    """Run ./gis; what the domain refuses stays an exception."""
    result = CliRunner().invoke(cli, [str(one) for one in arguments])
    if isinstance(result.exception, GisError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def rows(settings: Settings, table: str) -> int:
    engine = create_engine(settings.database_url, poolclass=NullPool)
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608


@pytest.fixture
def grids(tmp_path: Path) -> Path:
    """Write a file of one grid."""
    frame = gpd.GeoDataFrame({"code": ["1"]}, geometry=[block(0, 0, 100, 100)], crs=4326)
    return write(frame, tmp_path / "grids.gpkg")


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Write a file of two places, one of them in no grid."""
    frame = gpd.GeoDataFrame(geometry=[Point(at(1, 1)), Point(at(900, 1))], crs=4326)
    return write(frame, tmp_path / "cases.geojson")


def test_an_empty_database_takes_a_strangers_town(
    grids: Path, cases: Path, own_database: Settings
) -> None:
    gis("import", grids, "--as", "grids")
    told = gis("import", cases, "--as", "incidents", "--set", "category=302").output

    assert "50.0% of 2 rows lie inside the grids" in told
    assert "2 rows read, 2 written" in told
    assert "1 outside every grid" in told
    assert rows(own_database, "incidents") == 2


def test_a_dry_run_tells_all_and_writes_nothing(grids: Path, own_database: Settings) -> None:
    told = gis("import", grids, "--as", "grids", "--dry-run").output

    assert "1 rows read, 1 written" in told
    assert "dry run: nothing was written" in told
    assert rows(own_database, "grids") == 0


def test_a_file_that_lies_elsewhere_is_refused_unless_meant(
    grids: Path, tmp_path: Path, own_database: Settings
) -> None:
    gis("import", grids, "--as", "grids")
    far = gpd.GeoDataFrame({"kind": ["gas"]}, geometry=[Point(0, 0)], crs=4326)
    path = write(far, tmp_path / "far.gpkg")

    with pytest.raises(GisError, match="--anyway"):
        gis("import", path, "--as", "hazards")
    assert rows(own_database, "hazards") == 0

    gis("import", path, "--as", "hazards", "--anyway")
    assert rows(own_database, "hazards") == 1


def test_all_of_a_file_is_imported_or_nothing(
    cases: Path, own_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layers.batch.announce", lambda *_: 1 / 0)

    result = CliRunner().invoke(
        cli, ["import", str(cases), "--as", "incidents", "--set", "category=302"]
    )

    assert isinstance(result.exception, ZeroDivisionError)
    assert (rows(own_database, "incidents"), rows(own_database, "categories")) == (0, 0)


def test_all_editions_are_exported_when_asked_for(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["1", "1"], "valid_from": [None, "2026-01-01"], "valid_to": ["2026-01-01", None]},
        geometry=[block(0, 0, 100, 100)] * 2,
        crs=4326,
    )
    gis("import", write(frame, tmp_path / "grids.gpkg"), "--as", "grids")

    present = gis("export", "grids", tmp_path / "present.gpkg").output
    all_of_them = gis("export", "grids", tmp_path / "all.gpkg", "--editions").output

    assert ("1 grids in" in present, "2 grids in" in all_of_them) == (True, True)


def test_a_layer_is_exported_in_the_crs_asked_for(grids: Path, tmp_path: Path) -> None:
    gis("import", grids, "--as", "grids")
    target = tmp_path / "out.gpkg"

    told = gis("export", "grids", target, "--crs", "EPSG:4547", "--where", "code=1").output

    assert told == f"gis: 1 grids in {target}\n"
    found = gpd.read_file(target)
    assert (found.crs.to_epsg(), found["code"].tolist()) == (4547, ["1"])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("import", "none.gpkg", "--as", "grids"), "no file none.gpkg"),
        (("import", "a.gpkg", "--as", "grids", "--map", "code"), "--map takes name=value"),
        (("export", "grids", "out.gpkg", "--bbox", "1,2"), "west,south,east,north, not '1,2'"),
        (("export", "grids", "out.foo"), "out.foo is of no known format"),
        (("export", "gird", "out.gpkg"), "no layer 'gird'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: tuple[str, ...], error: str) -> None:
    with pytest.raises(GisError) as refusal:
        gis(*arguments)

    assert error in refusal.value.message
    assert "\n" not in refusal.value.message


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Write a file of two places with people."""
    told = {"名称": ["黄屋", "井美"], "人数": [12, 7]}
    frame = gpd.GeoDataFrame(told, geometry=[Point(at(1, 1)), Point(at(2, 2))], crs=4326)
    return write(frame, tmp_path / "people.gpkg")


def test_any_file_is_published_replaced_exported_and_taken_back(
    people: Path, tmp_path: Path, own_database: Settings
) -> None:
    told = gis("import", people, "--as", "人口", "--title-zh", "人口分布").output
    assert "a new collection '人口': POINT" in told
    assert "2 properties: 名称 (string), 人数 (integer)" in told

    again = gis("import", people, "--as", "人口", "--replace", "--yes").output
    assert "takes the place of the collection '人口'" in again
    assert rows(own_database, "collections WHERE retired_at IS NULL") == 1

    gis("export", "人口", tmp_path / "out.gpkg", "--where", "名称=黄屋")
    assert gpd.read_file(tmp_path / "out.gpkg")["人数"].tolist() == [12]

    assert "the collection 人口 has 2 rows" in gis("import", "--drop", "人口", "--yes").output
    assert rows(own_database, "collections WHERE retired_at IS NULL") == 0


def test_a_dry_run_publishes_nothing(people: Path, own_database: Settings) -> None:
    gis("import", people, "--as", "people", "--dry-run")

    assert rows(own_database, "collections") == rows(own_database, "reference") == 0


def test_a_collection_that_lies_elsewhere_is_refused_unless_meant(
    grids: Path, tmp_path: Path, own_database: Settings
) -> None:
    gis("import", grids, "--as", "grids")
    far = write(gpd.GeoDataFrame({"a": [1]}, geometry=[Point(0, 0)], crs=4326), tmp_path / "f.gpkg")

    with pytest.raises(GisError, match="--anyway"):
        gis("import", far, "--as", "far")
    gis("import", far, "--as", "far", "--anyway")
    assert rows(own_database, "collections") == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--as", "Land Use"), "'land-use' would do"),
        (("--as", "items"), "'items' is taken"),
        (("--as", "people", "--replace"), "no collection 'people' to replace"),
        (("--as", "grids", "--replace"), "--replace is for collections of their own"),
        (("--as", "grids", "--title-zh", "x"), "--title-zh is for collections"),
        (("--drop", "people"), "name a file to import, or a collection to take back"),
    ],
)
def test_a_wrong_wish_is_refused_before_the_file_is_read(
    people: Path, arguments: tuple[str, ...], error: str
) -> None:
    with pytest.raises(GisError) as refusal:
        gis("import", people, *arguments)

    assert error in refusal.value.message


@pytest.mark.parametrize(
    ("name", "error"),
    [("grids", "grids is a layer of the program"), ("x", "no collection 'x'")],
)
def test_only_a_collection_can_be_taken_back(name: str, error: str) -> None:
    with pytest.raises(GisError) as refusal:
        gis("import", "--drop", name, "--yes")

    assert error in refusal.value.message


def test_nothing_is_taken_back_that_nobody_confirms(people: Path) -> None:
    gis("import", people, "--as", "people")

    with pytest.raises(GisError, match="give --yes"):
        gis("import", "--drop", "people")
