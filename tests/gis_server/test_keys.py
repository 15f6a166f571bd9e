"""Secrets that are kept in the server's own folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from geodata.errors import Unavailable
from gis_server import keys
from gis_server.config import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(Settings(), var=tmp_path / "var")


def test_a_key_is_made_once_for_its_owner_only(settings: Settings) -> None:
    made = keys.secret_key(settings)

    assert (len(made), keys.secret_key(settings)) == (64, made)
    assert (settings.var / keys.SECRET).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in settings.var.iterdir()] == [keys.SECRET]


def test_the_key_of_the_settings_comes_first(settings: Settings) -> None:
    assert keys.secret_key(replace(settings, secret_key="ours")) == "ours"
    assert not settings.var.exists()


def test_of_two_who_make_a_key_at_once_both_get_the_first(settings: Settings) -> None:
    settings.var.mkdir()
    keys._link(settings.var / keys.SECRET, "first")
    keys._link(settings.var / keys.SECRET, "second")

    assert keys.secret_key(settings) == "first"


def test_a_folder_that_keeps_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable, match="file/var"):
        keys.secret_key(replace(Settings(), var=tmp_path / "file" / "var"))


def test_no_two_towns_share_a_demo_password(settings: Settings, tmp_path: Path) -> None:
    other = replace(settings, var=tmp_path / "other")

    assert len(keys.demo_password(settings)) == 14
    assert keys.demo_password(settings) != keys.demo_password(other)
