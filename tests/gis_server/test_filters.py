"""Filters find the rows that they mean, and no others."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.gis_server.filter_samples import BIG, add_samples, all_found

ALL, YEARED = "ABCD", "ABC"


@pytest.fixture
def samples(session: Session) -> Session:
    """Store the buildings that all filters are tried on."""
    add_samples(session)
    return session


BASIC = {
    "households = 10": "A",
    "households <> 10": "BCD",
    "households < 10": "CD",
    "households <= 10": "ACD",
    "households > 10": "B",
    "households >= 9.5": "AB",
    "10 = households": "A",
    "households = +10": "A",
    "height_m = 12.5": "A",
    "height_m > .5e2": "",
    "code = 'A'": "A",
    "code > 'B'": "CD",
    "name = '50%_it''s C:\\'": "C",
    "kind = '黄屋'": "C",
    "\"kind\" = '黄屋'": "C",
    "rental = TRUE": "AC",
    "rental": "AC",
    "NOT rental": "B",
    "rental <> true": "B",
    "rental = 1": "AC",
    "0 = rental": "B",
    "rental IS NULL": "D",
    "height_m IS NOT NULL": "AB",
    "geom IS NULL": "",
    "TRUE": ALL,
    "false": "",
    "code = 'A' OR code = 'B' AND households = 10": "A",
    "(code = 'A' OR code = 'B') AND NOT households = 10": "B",
    "NOT (code = 'A' OR code = 'B')": "CD",
    "NOT NOT code = 'A'": "A",
    "(code = 'A') = (households = 10)": ALL,
}


def test_a_basic_comparison_finds_its_rows(samples: Session) -> None:
    assert all_found(samples, BASIC) == BASIC


ADVANCED = {
    "name LIKE '%azul'": "B",
    "name LIKE 'École _zul'": "A",
    "name LIKE '50\\%\\_%'": "C",
    "name LIKE '%\\\\'": "C",
    "name LIKE '50_\\_%'": "C",
    "name NOT LIKE '%azul'": "AC",
    "name ILIKE 'ÉCOLE%'": "A",
    "name NOT ILIKE '%AZUL' AND code ILIKE 'c'": "C",
    "households BETWEEN 9 AND 10": "AC",
    "households NOT BETWEEN 9 AND 10": "BD",
    "code BETWEEN 'B' AND 'C' AND rental": "C",
    "code IN ('A','D','?')": "AD",
    "code NOT IN ('A','D')": "BC",
    "households IN (9, 10.0, residents)": "ABCD",
    "households IN (residents)": "BD",
    "day IN (DATE('2000-06-01'), DATE('2010-06-02'))": "A",
    "name LIKE CASEI('x')": "",
    "CASEI(name) LIKE CASEI('ÉCOLE%')": "A",
    "ACCENTI(name) LIKE 'Ecole%'": "A",
    "ACCENTI(CASEI(name)) = ACCENTI(CASEI('ECOLÉ AZUL'))": "AB",
    "CASEI(name) = 'ecole azul'": "B",
    "CASEI(name) IN (CASEI('ECOLE AZUL'), CASEI('ÉCOLE AZUL'))": "AB",
    "CASEI(kind) = casei(road)": "AB",
    "kind = road": "B",
    "households = residents": "BD",
    "residents > households": "AC",
}


def test_an_advanced_comparison_finds_its_rows(samples: Session) -> None:
    assert all_found(samples, ADVANCED) == ADVANCED


RECKONED = {
    "households + 10 = 20": "A",
    "households - residents = -20": "A",
    "-households = -9": "C",
    "households * 2 = residents + 10": "",
    "1 + 2 * 3 = 7": ALL,
    "(1 + 2) * 3 = 9 AND code = 'A'": "A",
    "households / 4 = 2.5": "A",
    "households % 3 = 0": "CD",
    "households div 4 = 2": "AC",
    "households ^ 2 = 81": "C",
    "2 ^ 3 ^ 2 = 64": ALL,
    "-2 ^ 2 = 4": ALL,
    "height_m * 2 = 25": "A",
    "0.1 + 0.2 = 0.3": ALL,
    "10 / households = 1": "A",
    "10 / 0 = 1 OR 10 % 0 = 1 OR 10 div 0 = 1 OR 0 ^ -1 = 1 OR (-8) ^ 0.5 = 1": "",
    "10 / households IS NULL": "D",
    "1e308 * 1e308 * 1e308 > households": ALL,
    "height_m < 1e308 * 1e308": "AB",
    "10 ^ 64 ^ 64 = 1": "",
    "(households + 0.5) ^ -2 > 0": ALL,
}


def test_arithmetic_is_exact_and_never_fails(samples: Session) -> None:
    assert all_found(samples, RECKONED) == RECKONED


BIG_NUMBERS = {
    f"big = {BIG + 10}": "A",
    f"big > {BIG + 10}": "B",
    f"big = {BIG + 9}": "C",
    f"big IN ({BIG + 8}, {BIG + 20})": "B",
    f"big - 1 = {BIG + 9}": "A",
    "id < 123456789012345678901234567890": ALL,
    "id = 123456789012345678901234567890": "",
    "households > -123456789012345678901234567890.5": ALL,
}


def test_whole_numbers_compare_to_the_last_digit(samples: Session) -> None:
    assert all_found(samples, BIG_NUMBERS) == BIG_NUMBERS


FUNCTIONS = {
    "lower(name) = 'école azul'": "A",
    "UPPER(code) = 'A' AND upper('ß') <> 'x'": "A",
    "length(name) = 10": "AB",
    "trim('  A ') = code": "A",
    "abs(households - 15) = 5": "AB",
    "floor(height_m) = 12": "A",
    "ceil(height_m) = 13 AND ceiling(height_m) = 13": "A",
    "round(height_m) = 13": "A",
    "area_m2(geom) BETWEEN 99 AND 101": ALL,
    "length_m(geom) = 0": ALL,
    "distance_m(geom, geom) = 0 AND area_m2(geometry) / 2 < 51": ALL,
    "distance_m(geom, POINT(113.94 22.99)) < 94": "A",
    "distance_m(geom, POINT(113.94 22.99)) < 96": YEARED,
}


def test_functions_find_their_rows(samples: Session) -> None:
    assert all_found(samples, FUNCTIONS) == FUNCTIONS


LISTS = {
    "A_CONTAINS(tags, ('shop', 2000))": "A",
    "A_CONTAINS(tags, (TRUE))": YEARED + "D",
    "A_CONTAINS(tags, 'flat')": "B",
    "A_CONTAINEDBY(tags, ('shop', 'flat', 2000, 2010, TRUE, 1.5))": "AB",
    "A_EQUALS(tags, (2000.0, TRUE, 'shop'))": "A",
    "A_EQUALS(tags, more)": ALL,
    "A_EQUALS(tags, ())": "",
    "A_OVERLAPS(tags, ('黄屋', 2010, 'x'))": "BC",
    "A_OVERLAPS(tags, ())": "",
    "A_OVERLAPS(('shop', 'it''s \"'), tags)": "A",
    "A_OVERLAPS(tags, more)": ALL,
    "A_CONTAINS(notes, ('shop'))": "",
    "A_OVERLAPS(notes, notes)": "",
}


def test_lists_are_compared_as_sets(samples: Session) -> None:
    assert all_found(samples, LISTS) == LISTS
