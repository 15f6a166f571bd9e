"""Test the past that the demo town is given."""

from datetime import UTC, datetime

import geopandas as gpd
import pandas as pd
import pytest

from geodata.past import CASES_A_DAY, DAYS, with_past
from tests.geodata.sample_town import demo_town

NOW = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def past() -> gpd.GeoDataFrame:
    return with_past(demo_town(), NOW).frames["incidents"]


def test_nothing_is_reported_or_closed_after_now(past: gpd.GeoDataFrame) -> None:
    assert past["reported_at"].max() <= pd.Timestamp(NOW)
    assert past["closed_at"].max() <= pd.Timestamp(NOW)


def test_no_case_is_closed_before_it_was_reported(past: gpd.GeoDataFrame) -> None:
    closed = past[past["closed_at"].notna()]
    assert (closed["closed_at"] >= closed["reported_at"]).all()


def test_the_past_fills_the_days_up_to_now(past: gpd.GeoDataFrame) -> None:
    whole_days = DAYS - 1
    assert whole_days * CASES_A_DAY * 0.9 < len(past) < DAYS * CASES_A_DAY
    assert (NOW - past["reported_at"].min()).days >= whole_days - 1


def test_some_cases_are_still_open(past: gpd.GeoDataFrame) -> None:
    assert 0.02 < past["closed_at"].isna().mean() < 0.3


def test_the_same_seed_makes_the_same_past(past: gpd.GeoDataFrame) -> None:
    again = with_past(demo_town(), NOW).frames["incidents"]
    pd.testing.assert_frame_equal(past.drop(columns="geom"), again.drop(columns="geom"))
