"""Of generated pairs with a known truth, the card proposes the echoes, and hardly any other."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geodata.echoes import Pair, pairs
from geodata.geojson import feature_of
from geodata.reports import Feature
from layers.base import Scope
from layers.duplicates import nearby
from layers.posting import report_many
from tests.factories import DISPATCHER, SCOPE
from tests.geodata.sample_town import demo_town

IDS = text("SELECT external_id, id FROM incidents")
READING = Scope(SCOPE.district, reader=DISPATCHER)
PAIRS = 160


@pytest.fixture
def found(town: Session) -> list[Pair]:
    """Store pairs of reports; those in words only stand at the building that they name."""
    made = list(islice(pairs(demo_town(), 22, datetime.now(UTC)), PAIRS))
    rows = [report for pair in made for report in (pair.first, _placed(pair))]
    taken = report_many(town, SCOPE, [feature_of(row) for row in rows])
    assert taken["rejected"] == []
    return made


def _placed(pair: Pair) -> Feature:
    if pair.meant is None:
        return pair.second
    return pair.second | {"geometry": {"type": "Point", "coordinates": pair.meant}}


def test_nine_of_ten_echoes_are_proposed_and_nine_of_ten_proposals_are_right(
    town: Session, found: list[Pair]
) -> None:
    ids = {row.external_id: row.id for row in town.execute(IDS)}
    proposed = {
        (ids[pair.second["properties"]["external_id"]], row["id"])
        for pair in found
        for row in _likely(town, ids[pair.second["properties"]["external_id"]])
    }
    echoes = {
        tuple(ids[report["properties"]["external_id"]] for report in (pair.second, pair.first))
        for pair in found
        if pair.same
    }

    assert len(echoes) > PAIRS / 3
    assert len(proposed & echoes) >= 0.9 * len(echoes)
    assert len(proposed & echoes) >= 0.9 * len(proposed)


def _likely(session: Session, case: int) -> list[dict[str, int]]:
    return list(orjson.loads(nearby(session, READING, case))["likely"])
