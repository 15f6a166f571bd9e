"""Settings are read once, from the environment, and refuse what they cannot mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata.errors import InvalidInput
from gis_server.config import Basemap, Settings


def test_every_default_runs_on_a_laptop() -> None:
    settings = Settings.from_env({})

    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8400, "")


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_env({"GIS_PORT": ""}).port == 8400


def test_a_bare_postgresql_address_means_psycopg2() -> None:
    settings = Settings.from_env({"DATABASE_URL": "postgresql://app@db/gis"})

    assert settings.database_url == "postgresql+psycopg2://app@db/gis"


def test_the_owner_is_the_application_role_unless_told_otherwise() -> None:
    settings = Settings.from_env({"DATABASE_URL": "postgresql://app@db/gis"})

    assert settings.owner_database_url == settings.database_url


def test_settings_survive_the_way_through_a_childs_environment() -> None:
    basemap = Basemap("xyz", "https://t.example/{z}/{x}/{y}", "© 天地图", "EPSG:3857")
    settings = Settings(port=9000, var=Path("/srv/gis"), basemap=basemap)

    assert Settings.from_env(settings.environment()) == settings


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("GIS_PORT", "65536"),
        ("GIS_PORT", "-1"),
        ("GIS_PORT", "8400.5"),
        ("GIS_WORKERS", "0"),
        ("GIS_DISTRICT", "4419"),
        ("GIS_TIME_ZONE", "Mars/Olympus"),
        ("GIS_TIME_ZONE", "../etc"),
        ("DATABASE_URL", "mysql://db/gis"),
        ("GIS_BASEMAP", "{"),
        ("GIS_BASEMAP", '{"crs": "EPSG:3857"}'),
        ("GIS_BASEMAP", '{"url": "/a", "crs": "EPSG:3857", "kind": "wms"}'),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Settings.from_env({name: text})

    assert refusal.value.member == name


@pytest.mark.parametrize("crs", ["gcj02", "GCJ-02", "bd09", "EPSG:4547", ""])
def test_a_base_map_that_would_lie_off_the_true_place_is_refused(crs: str) -> None:
    with pytest.raises(InvalidInput):
        Basemap.parse(f"https://t.example/{{z}}/{{x}}/{{y}}#crs={crs}")


def test_an_address_that_declares_its_crs_is_a_base_map() -> None:
    basemap = Basemap.parse("/static/town.pmtiles#crs=EPSG:3857")

    assert basemap == Basemap("pmtiles", "/static/town.pmtiles", "", "EPSG:3857")
