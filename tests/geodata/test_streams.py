"""What every format of a streamed file shares."""

from __future__ import annotations

from geodata.streams import Column, Lines, distinct


def _names(*columns: Column) -> list[str]:
    return [column.name for column in columns]


def test_names_are_told_apart_whatever_their_case() -> None:
    columns = [Column(name, "string") for name in ("name", "NAME", "name_2", "Fid")]

    assert _names(*distinct(columns, ("fid",))) == ["name", "NAME_2", "name_2_2", "Fid_2"]


def test_names_that_differ_stay_as_they_are() -> None:
    columns = (Column("名称", "string"), Column("Name", "integer"))

    assert distinct(columns) == columns


def test_rows_of_text_are_lines() -> None:
    lines = Lines()

    parts = [lines.begin(), lines.add([("甲",), ("乙",)]), lines.add([("丙",)]), *lines.end()]
    lines.close()

    assert b"".join(parts).decode() == "甲\n乙\n丙\n"


def test_rows_of_a_sequence_have_a_mark_before_each() -> None:
    assert Lines("\x1e").add([("1",), ("2",)]) == b"\x1e1\n\x1e2\n"
