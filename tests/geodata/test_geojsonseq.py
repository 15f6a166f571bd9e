"""Test that broken records of a sequence are found and numbered."""

from __future__ import annotations

import json

import pytest

from geodata.files import read
from tests.geodata.sample_files import (
    feature,
    reasons,
    text,
)


@pytest.mark.parametrize("separator", ["", "\x1e"])
def test_broken_records_of_a_sequence_keep_their_numbers(tmp_path, separator):
    good = json.dumps(feature([113, 23]))
    records = [good, "{broken", good.replace("113", "1e309"), "[]", good]
    path = text(tmp_path / "a.geojsonseq", "".join(f"{separator}{r}\n" for r in records))
    dataset = read(path)
    assert (dataset.rows_read, dataset.frame.index.tolist()) == (5, [1, 5])
    assert reasons(dataset) == {
        2: "not JSON",
        3: "number 1e309 is not finite",
        4: "not a GeoJSON feature",
    }


def test_a_sequence_whose_first_record_is_broken_is_read(tmp_path):
    path = text(tmp_path / "a.geojsonl", "{\n" + json.dumps(feature([113, 23])))
    assert list(reasons(read(path))) == [1]
