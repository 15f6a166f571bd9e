"""The file of a town's working hours and days off, which an administrator edits."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import chinese_calendar

from geodata.errors import InvalidInput, NotFound
from geodata.regions import region_file
from geodata.worktime import SATURDAY, Calendar, Hours

NAME = "calendar.toml"
KINDS = ("holidays", "workdays")
SPAN = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)")
TABLE, KEY = re.compile(r"\s*\[([^\]]+)\]"), re.compile(r"\s*([\w-]+)\s*=")
HOLIDAY_NAMES = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}


@cache
def calendar(district: int) -> Calendar:
    """Read the calendar that is shipped for a district.

    Raises:
        NotFound: if there is none.
    """
    return read_calendar(calendar_path(district))


def calendar_path(district: int) -> Path:
    """Find the calendar file that is shipped for a district; Dongguan's for one without."""
    return region_file(district, NAME)


def read_calendar(path: Path) -> Calendar:
    """Read a calendar file.

    Raises:
        NotFound: if there is no such file.
        InvalidInput: naming the line and the entry that is wrong.
    """
    try:
        return parse_calendar(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path.name} is not UTF-8", path.name) from error


def parse_calendar(text: str, name: str = NAME) -> Calendar:
    """Read the text of a calendar file; see ``read_calendar``."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{name}: {error}", name) from error
    reading = _Reading(name, text)
    zone, hours = tables.pop("zone", "Asia/Shanghai"), tables.pop("hours", None)
    if zone not in available_timezones():
        raise reading.wrong("", "zone", f"no time zone is called {zone!r}")
    years = {reading.year(label): (label, table) for label, table in tables.items()}
    if not years:
        raise InvalidInput(f"{name} has no table of a year, such as [2026.holidays]", name)
    days = {kind: frozenset(reading.days(years, kind)) for kind in KINDS}
    return Calendar(
        hours=reading.hours(hours),
        holidays=days["holidays"],
        workdays=days["workdays"],
        years=tuple(sorted(years)),
        zone=zone,
    )


def seed(year: int) -> str:
    """Write the tables of a year as the state announced it, to be put into a calendar file.

    Raises:
        NotFound: if the package chinesecalendar does not know that year.

    Source: the yearly notices of the State Council's General Office, as the package
        chinesecalendar keeps them.
    """
    off = {day: name for day, name in chinese_calendar.holidays.items() if day.year == year}
    made_up = {day: name for day, name in chinese_calendar.workdays.items() if day.year == year}
    if not off:
        raise NotFound(f"chinesecalendar does not know {year}; write its days by hand", "year")
    return "\n".join([*_table(year, "holidays", off), "", *_table(year, "workdays", made_up), ""])


def _table(year: int, kind: str, days: dict[date, str]) -> Iterator[str]:
    yield f"[{year}.{kind}]"
    for day, name in sorted(days.items()):
        yield f'{day} = "{HOLIDAY_NAMES[name]}"'


@dataclass(frozen=True)
class _Reading:
    """Check the entries of one file, and name the line of what is wrong."""

    name: str
    text: str

    def wrong(self, table: str, key: str, reason: str) -> InvalidInput:
        line = self._line(table, key)
        where = f"{self.name}, line {line}" if line else self.name
        return InvalidInput(f"{where}: {reason}", key or table)

    def _line(self, table: str, key: str) -> int | None:
        """Find the line of a key below a table's head, or of the head itself."""
        here = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            if head := TABLE.match(line):
                here = re.sub(r"[\s\"']", "", head[1])
                if not key and here.split(".")[0] == table.split(".", 1)[0]:
                    return number
            elif here == table and (entry := KEY.match(line)) and entry[1] == key:
                return number
        return None

    def year(self, label: str) -> int:
        if not re.fullmatch(r"(19|20|21)\d\d", label):
            raise self.wrong(label, "", f"{label!r} is no year")
        return int(label)

    def days(self, years: dict[int, tuple[str, Any]], kind: str) -> Iterator[date]:
        for year, (label, table) in years.items():
            if not isinstance(table, dict) or set(table) - set(KINDS):
                raise self.wrong(label, "", f"{label} has the tables {' and '.join(KINDS)}")
            for key in table.get(kind, {}):
                day = self._day(f"{label}.{kind}", key)
                self._check(day, year, kind, table)
                yield day

    def _day(self, table: str, key: str) -> date:
        try:
            return date.fromisoformat(key)
        except ValueError as error:
            raise self.wrong(table, key, f"{key!r} is no day, such as 2026-10-01") from error

    def _check(self, day: date, year: int, kind: str, table: dict[str, Any]) -> None:
        place = (f"{year}.{kind}", str(day))
        if day.year != year:
            raise self.wrong(*place, f"{day} is not in {year}")
        if kind == "workdays" and day.weekday() < SATURDAY:
            raise self.wrong(*place, f"{day} is no weekend, so it makes up for nothing")
        if kind == "workdays" and str(day) in table.get("holidays", {}):
            raise self.wrong(*place, f"{day} is a holiday and worked")

    def hours(self, given: Any) -> tuple[Hours, ...]:
        if not isinstance(given, list) or not given:
            raise self.wrong("", "hours", 'hours is a list such as ["08:30-12:00", "14:30-18:00"]')
        read = tuple(self._span(text) for text in given)
        for (_, end), (start, _) in pairwise(read):
            if start < end:
                raise self.wrong("", "hours", f"{start:%H:%M} is before {end:%H:%M}: hours overlap")
        return read

    def _span(self, given: Any) -> Hours:
        match = SPAN.fullmatch(given) if isinstance(given, str) else None
        if match is None:
            raise self.wrong("", "hours", f"hours are such as 08:30-12:00, not {given!r}")
        try:
            start, end = (time.fromisoformat(part) for part in match.groups())
        except ValueError as error:
            raise self.wrong("", "hours", f"no such time of day: {given!r}") from error
        if end <= start:
            raise self.wrong("", "hours", f"{given} ends before it begins")
        return start, end
