"""The commands about the calendar: what an administrator does when the state announces a year."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from geodata.calendar_file import calendar_path, read_calendar
from gis_server.cli import cli
from gis_server.config import Settings
from tests.factories import SCOPE

SHIPPED = calendar_path(SCOPE.district)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    copy = tmp_path / "calendar.toml"
    copy.write_text(SHIPPED.read_text())
    return copy


def _run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["calendar", *words])


def test_the_shipped_calendar_is_sound_and_says_what_it_does_not_know() -> None:
    told = _run("check").output

    assert "holidays and 19 make-up days in 2024, 2025, 2026" in told
    assert "all its weekdays count as working days" in told


def test_a_wrong_day_is_refused_with_its_line(file: Path) -> None:
    file.write_text(file.read_text().replace("2026-10-01 =", "2016-10-01 ="))
    line = file.read_text().splitlines().index('2016-10-01 = "国庆节"') + 1

    refusal = _run("check", str(file)).exception

    assert f"line {line}: 2016-10-01 is not in 2026" in getattr(refusal, "message", "")


def test_a_year_is_added_as_it_was_announced(file: Path) -> None:
    told = _run("seed", "2023", str(file))

    assert (told.exit_code, read_calendar(file).years) == (0, (2023, 2024, 2025, 2026))


def test_a_year_that_is_there_is_not_written_over(file: Path) -> None:
    before = file.read_text()

    told = _run("seed", "2026", str(file))

    assert (told.exit_code, file.read_text()) == (1, before)


def test_a_calendar_is_loaded_into_the_database(
    own_database: Settings, own_engine: Engine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", own_database.database_url)
    monkeypatch.setenv("GIS_OWNER_DATABASE_URL", own_database.owner_database_url)

    told = _run("load", str(file))

    with own_engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT count(*) FROM work_spans").scalar_one()
    assert (told.exit_code, f"{stored:,} spans of work stored" in told.output) == (0, True)
