"""A calendar file is read whole, or refused with the line that is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geodata.calendar_file import calendar, parse_calendar, read_calendar, seed
from geodata.errors import InvalidInput, NotFound

GOOD = """
hours = ["08:30-12:00", "14:30-18:00"]

[2026.holidays]
2026-10-01 = "国庆节"

[2026.workdays]
2026-10-10 = "国庆节"
"""


def test_the_shipped_calendar_knows_three_years() -> None:
    shipped = calendar(441900)

    assert (shipped.years, len(shipped.holidays), len(shipped.workdays)) == (
        (2024, 2025, 2026),
        *_seeded(),
    )


def _seeded() -> tuple[int, int]:
    text = "\n".join(seed(year) for year in (2024, 2025, 2026))
    seeded = parse_calendar(f'hours = ["08:30-12:00"]\n{text}')
    return len(seeded.holidays), len(seeded.workdays)


def test_a_district_without_a_calendar_takes_the_models() -> None:
    assert calendar(340181).hours == calendar(441900).hours


def test_a_day_is_worked_by_its_table_first() -> None:
    town = parse_calendar(GOOD)

    days = [date(2026, 10, 1), date(2026, 10, 10), date(2026, 10, 9), date(2026, 10, 11)]
    assert [town.is_worked(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2026-10-01 =", "2025-10-01 =", "line 5: 2025-10-01 is not in 2026"),
        ("2026-10-01 =", "2026-02-30 =", "line 5: '2026-02-30' is no day"),
        ("2026-10-10 =", "2026-10-09 =", "line 8: 2026-10-09 is no weekend"),
        ("2026-10-10 =", "2027-10-10 =", "line 8: 2027-10-10 is not in 2026"),
        ("2026-10-01 =", "2026-10-10 =", "line 8: 2026-10-10 is a holiday and worked"),
        ("[2026.holidays]", "[206.holidays]", "line 4: '206' is no year"),
        ("[2026.holidays]", "[2026.days_off]", "line 4: 2026 has the tables holidays and workdays"),
        ("14:30-18:00", "11:30-18:00", "line 2: 11:30 is before 12:00: hours overlap"),
        ("14:30-18:00", "18:00-14:30", "line 2: 18:00-14:30 ends before it begins"),
        ("14:30-18:00", "25:00-26:00", "line 2: no such time of day: '25:00-26:00'"),
        ("14:30-18:00", "half past two", "line 2: hours are such as 08:30-12:00"),
        ('["08:30-12:00", "14:30-18:00"]', "[]", "line 2: hours is a list such as"),
        ("hours =", 'zone = "Mars"\nhours =', "line 2: no time zone is called 'Mars'"),
        ('2026-10-01 = "国庆节"', '2026-10-01 = "国庆节"\n' * 2, "line 6"),
        (GOOD.partition("\n\n")[2], "", "no table of a year"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_calendar(GOOD.replace(old, new, 1))

    assert words in refusal.value.message


def test_a_year_that_nobody_announced_is_not_seeded() -> None:
    with pytest.raises(NotFound, match="chinesecalendar does not know 2031"):
        seed(2031)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"none\.toml"):
        read_calendar(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "calendar.toml"
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InvalidInput, match="not UTF-8"):
        read_calendar(file)
