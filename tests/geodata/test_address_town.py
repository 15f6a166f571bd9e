"""Measure the matcher of addresses on tickets about the demo town, whose truth is known."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import pytest

from geodata.address import Buildings, Candidate, Gazetteer, Places, placed
from geodata.tickets import Ticket, tickets
from tests.geodata.sample_town import demo_town

TICKETS = 500


@pytest.fixture(scope="module")
def frames() -> dict[str, gpd.GeoDataFrame]:
    return demo_town().frames


@pytest.fixture(scope="module")
def gazetteer(frames: dict[str, gpd.GeoDataFrame]) -> Gazetteer:
    return Gazetteer(_buildings(frames), _places(frames))


def _buildings(frames: dict[str, gpd.GeoDataFrame]) -> Buildings:
    frame = frames["buildings"].reset_index(drop=True)
    village = frame["village_code"].map(frames["areas"].set_index("code")["name"])
    lon, lat, micro = _where(frame, frames["grids"])
    texts = [_texts(frame[column]) for column in ("name", "road", "door", "estate")]
    address = _texts(frame["address"])
    codes = frame["code"].tolist()
    where = (list(village), address, lon, lat, micro)
    return Buildings(list(range(len(frame))), codes, *texts, *where)


def _places(frames: dict[str, gpd.GeoDataFrame]) -> Places:
    frame = frames["enterprises"].reset_index(drop=True)
    codes = {code: at for at, code in enumerate(frames["buildings"]["code"])}
    lon, lat, micro = _where(frame, frames["grids"])
    return Places(
        _texts(frame["name"]), lon, lat, [codes.get(c) for c in frame["building_code"]], micro
    )


def _texts(column: gpd.GeoSeries) -> list[str]:
    return [text if isinstance(text, str) else "" for text in column]


def _where(
    frame: gpd.GeoDataFrame, grids: gpd.GeoDataFrame
) -> tuple[list[float], list[float], list[str]]:
    points = frame.set_geometry(frame.representative_point())
    micro = grids[grids["level"] == 2][["code", "geom"]].rename(columns={"code": "micro"})
    found = points.sjoin(micro)["micro"]
    found = found[~found.index.duplicated()].reindex(frame.index).fillna("")
    return points.geometry.x.tolist(), points.geometry.y.tolist(), found.tolist()


def _outcome(gazetteer: Gazetteer, codes: list[str], ticket: Ticket) -> Counter[str]:
    candidates = gazetteer.match(ticket.text)
    first = candidates[0] if candidates else None
    sure = placed(candidates)
    return Counter(
        tickets=1,
        first=_right(first, codes, ticket),
        placed=sure is not None,
        in_grid=sure is not None and sure.grid_code == ticket.grid_code,
        wrong=sure is not None and not _right(sure, codes, ticket),
    )


def _right(candidate: Candidate | None, codes: list[str], ticket: Ticket) -> bool:
    if candidate is None or candidate.building_id is None:
        return False
    return codes[candidate.building_id] == ticket.building_code


@pytest.fixture(scope="module")
def count(frames: dict[str, gpd.GeoDataFrame], gazetteer: Gazetteer) -> Counter[str]:
    codes = frames["buildings"]["code"].tolist()
    drawn = tickets(frames, TICKETS)
    return sum((_outcome(gazetteer, codes, ticket) for ticket in drawn), Counter())


def test_the_right_building_comes_first_in_95_of_100_tickets(count):
    assert count["first"] >= 0.95 * TICKETS, count


def test_98_of_100_tickets_placed_without_a_click_are_in_the_right_micro_grid(count):
    assert count["in_grid"] >= 0.98 * count["placed"], count


def test_at_most_5_in_1000_tickets_are_placed_wrong(count):
    assert count["wrong"] <= 0.005 * TICKETS, count


def test_9_of_10_tickets_need_no_click(count):
    assert count["placed"] >= 0.9 * count["tickets"] == 0.9 * TICKETS, count
