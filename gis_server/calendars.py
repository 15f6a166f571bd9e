"""The commands about working hours and holidays.

Modules that take long to load are imported by the command that needs them.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from geodata.errors import Conflict
from gis_server.config import Settings

if TYPE_CHECKING:
    from geodata.worktime import Calendar

FILE = click.Path(path_type=Path)


@click.group("calendar")
def calendar_command() -> None:
    """Check, load and extend the file of working hours and days off."""


@calendar_command.command()
@click.argument("file", required=False, type=FILE)
def check(file: Path | None) -> None:
    """Check a calendar file; the shipped one when none is named."""
    from geodata.calendar_file import calendar_path, read_calendar

    path = file or calendar_path(Settings.from_env().district)
    _tell(path, read_calendar(path))


@calendar_command.command()
@click.argument("file", required=False, type=FILE)
def load(file: Path | None) -> None:
    """Load a calendar file; open cases whose limit it moves get a new due time."""
    from geodata.calendar_file import calendar_path, read_calendar
    from gis_server import offline
    from layers.reckoning import load_calendar

    settings = Settings.from_env()
    path = file or calendar_path(settings.district)
    read = read_calendar(path)
    _tell(path, read)
    with offline.opened(settings) as begin, begin() as session:
        loaded = load_calendar(session, offline.scope_of(settings), read)
    click.echo(f"gis: {loaded.spans:,} spans of work stored; {loaded.cases:,} open cases due anew")


@calendar_command.command()
@click.argument("year", type=int)
@click.argument("file", required=False, type=FILE)
def seed(year: int, file: Path | None) -> None:
    """Add a year's holidays and make-up days, as the state announced them, to a file."""
    from geodata import calendar_file

    path = file or calendar_file.calendar_path(Settings.from_env().district)
    if year in calendar_file.read_calendar(path).years:
        raise Conflict(f"{path.name} has the year {year} already; edit it there", "year")
    text = path.read_text(encoding="utf-8").rstrip("\n")
    path.write_text(f"{text}\n\n{calendar_file.seed(year)}", encoding="utf-8")
    click.echo(f"gis: {year} added to {path}")


def _tell(path: Path, read: Calendar) -> None:
    years = ", ".join(map(str, read.years))
    click.echo(
        f"gis: {path.name}: {len(read.holidays)} holidays and {len(read.workdays)} make-up days"
        f" in {years}"
    )
    if date.today().year not in read.years:
        click.echo(f"gis: warning: {_unknown(date.today().year)}", err=True)
    elif date.today().year + 1 not in read.years:
        click.echo(f"gis: warning: {_unknown(date.today().year + 1)}", err=True)


def _unknown(year: int) -> str:
    return f"no holidays are known for {year}: all its weekdays count as working days"
