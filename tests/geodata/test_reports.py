"""The stream of simulated incidents."""

from itertools import islice

import numpy as np
import pytest
import shapely

from geodata.regions import categories, report_words
from geodata.reports import incidents
from tests.geodata.sample_town import demo_town

STREAM = list(islice(incidents(demo_town(), seed=4), 2_000))


def test_same_seed_gives_the_same_stream() -> None:
    assert list(islice(incidents(demo_town(), seed=4), 300)) == STREAM[:300]


def test_every_item_is_reported_in_words_of_its_own() -> None:
    known = {words.category: words.words for words in report_words(441900)}
    assert set(known) == {item.code for item in categories(441900)}
    assert all(f["properties"]["description"] in known[f["properties"]["category"]] for f in STREAM)


def test_about_one_in_twenty_has_words_only() -> None:
    words_only = [f for f in STREAM if f["geometry"] is None]
    assert len(words_only) / len(STREAM) == pytest.approx(0.05, abs=0.02)
    assert all(f["properties"]["address"] for f in words_only)
    assert not any("accuracy_m" in f["properties"] for f in words_only)


def test_points_lie_in_the_town_but_for_a_few_on_its_edge() -> None:
    xy = np.array([f["geometry"]["coordinates"] for f in STREAM if f["geometry"]])
    assert shapely.contains_xy(demo_town().outline, xy).mean() > 0.99


def test_every_channel_reports_and_no_external_id_comes_twice() -> None:
    assert {f["properties"]["source"] for f in STREAM} == {
        *("12345", "snap", "grid_worker", "patrol", "video_ai", "sensor")
    }
    assert len({f["properties"]["external_id"] for f in STREAM}) == len(STREAM)
