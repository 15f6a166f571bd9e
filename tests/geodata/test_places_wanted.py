"""A table or a sequence of places: every row is understood, or told what is wrong with it."""

from __future__ import annotations

import pytest

from geodata.errors import InvalidInput, TooLarge
from geodata.places_wanted import ROWS, Wanted, of_sequence, of_table, reads_words

WGS84 = "EPSG:4326"


def test_columns_are_found_by_their_chinese_names() -> None:
    body = "编号,经度,纬度,详细地址\n甲,113.9,22.9,\n乙,,,黄屋街3号".encode()

    assert of_table(body, WGS84) == [
        Wanted(1, "甲", 113.9, 22.9),
        Wanted(2, "乙", address="黄屋街3号"),
    ]


def test_a_point_goes_before_an_address() -> None:
    (row,) = of_table(b"lon,lat,address\n113.9,22.9,x", WGS84)

    assert (row.lon, row.address) == (113.9, None)


def test_tabs_and_semicolons_part_cells_too() -> None:
    bodies = (b"lon\tlat\n113.9\t22.9", b"lon;lat\n113.9;22.9")

    assert [of_table(body, WGS84)[0].lon for body in bodies] == [113.9, 113.9]


def test_a_line_break_in_a_cell_is_no_row() -> None:
    assert len(of_table('address\n"黄屋街\n3号"\n凤凰路1号'.encode(), WGS84)) == 2


def test_a_row_with_more_cells_than_columns_is_read() -> None:
    assert of_table(b"lon,lat\n113.9,22.9,7,8", WGS84)[0].lat == 22.9


def test_a_row_without_its_last_cells_is_read() -> None:
    assert of_table(b"lon,lat,address\n113.9,22.9", WGS84)[0].lat == 22.9


def test_a_survey_zone_has_its_easting_in_the_column_of_the_longitude() -> None:
    (row,) = of_table(b"x,y\n494000,2543000", "EPSG:4547")

    assert (row.lon, row.lat) == (pytest.approx(113.94, abs=0.01), pytest.approx(22.98, abs=0.01))


def test_swapped_degrees_are_told() -> None:
    (row,) = of_table(b"lon,lat\n22.9,113.9", WGS84)

    assert (row.member, "swapped" in str(row.reason)) == ("lat", True)


@pytest.mark.parametrize(
    ("part", "member"),
    [
        (b"{", "body"),
        (b"7", "type"),
        (b'{"type":"Point","coordinates":[1,2]}', "type"),
        (b'{"type":"Feature","properties":[]}', "properties"),
        (b'{"type":"Feature","geometry":{"type":"Point","coordinates":[1]}}', "geometry"),
        (b'{"type":"Feature","geometry":{"type":"Point","coordinates":[1,99]}}', "geometry"),
        (b'{"type":"Feature","geometry":null,"properties":{"address":5}}', "address"),
        (b'{"type":"Feature","geometry":null,"properties":{}}', "address"),
        (b'{"type":"Feature","id":[],"geometry":null}', "id"),
        (
            b'{"type":"Feature","geometry":{"type":"LineString","coordinates":[[1,2],[3,4]]}}',
            "geometry",
        ),
        (
            b'{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},'
            b'"properties":{"accuracy_m":-1}}',
            "accuracy_m",
        ),
    ],
)
def test_a_feature_that_is_wrong_is_told_so(part: bytes, member: str) -> None:
    (row,) = of_sequence(part, WGS84)

    assert str(row.member).partition(".")[0] == member
    assert row.reason


def test_only_words_need_the_addresses() -> None:
    assert not reads_words(of_table(b"lon,lat\n113.9,22.9", WGS84))
    assert reads_words(of_table("address\n黄屋街3号".encode(), WGS84))


def test_too_many_rows_are_refused_as_a_whole() -> None:
    with pytest.raises(TooLarge):
        of_sequence(b"{}\n" * (ROWS + 1), WGS84)
    with pytest.raises(TooLarge):
        of_table(b"lon,lat\n" + b"1,2\n" * (3 * ROWS), WGS84)


def test_a_table_of_other_columns_is_refused_as_a_whole() -> None:
    with pytest.raises(InvalidInput, match="neither lon and lat nor address"):
        of_table(b"lon,name\n1,2", WGS84)
