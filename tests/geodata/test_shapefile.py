"""Test the encodings of shapefiles and what their zips hold."""

from __future__ import annotations

import shutil
import zipfile

import pytest

from geodata.errors import InvalidInput
from geodata.files import ReadOptions, read, write
from tests.geodata.sample_files import (
    NAMES,
    gbk_shapefile,
)


@pytest.mark.parametrize("cpg", ["GBK", "936", "ANSI 936", "gb18030", None])
def test_a_gbk_shapefile_is_read_by_its_cpg_or_without_one(town, tmp_path, cpg):
    path = gbk_shapefile(town, tmp_path / "a.shp", cpg)
    frame = read(path).frame
    assert (frame.columns[1], frame["名称"].tolist()) == ("名称", NAMES)


def test_a_wrong_cpg_is_refused_with_the_remedy(town, tmp_path):
    path = gbk_shapefile(town, tmp_path / "a.shp", "UTF-8")
    with pytest.raises(InvalidInput, match="--encoding GBK"):
        read(path)


def test_the_encoding_asked_for_wins_over_a_wrong_cpg(town, tmp_path):
    path = gbk_shapefile(town, tmp_path / "a.shp", "UTF-8")
    assert read(path, ReadOptions(encoding="GBK")).frame["名称"].tolist() == NAMES


def test_a_zipped_gbk_shapefile_with_a_chinese_name_is_read(town, tmp_path):
    gbk_shapefile(town, tmp_path / "a.shp", None)
    with zipfile.ZipFile(tmp_path / "网格.zip", "w") as archive:
        for part in tmp_path.glob("a.*"):
            archive.write(part, f"数据/网格{part.suffix.upper()}")
    assert read(tmp_path / "网格.zip").frame["名称"].tolist() == NAMES


def test_a_zip_with_two_shapefiles_asks_which(town, tmp_path):
    write(town, tmp_path / "one.shp")
    write(town, tmp_path / "two.shp")
    shutil.make_archive(str(tmp_path / "both"), "zip", tmp_path)
    with pytest.raises(InvalidInput, match="one, two; choose one with --layer"):
        read(tmp_path / "both.zip")
    assert len(read(tmp_path / "both.zip", ReadOptions(layer="two")).frame) == 3
