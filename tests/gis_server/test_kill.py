"""A killed server loses no answered post, stores none twice, and its streams resume."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bench.intake.kill import RATE, Crash, post_through
from bench.intake.reports import CREATED, missing, requests_at, rows, untrue_streams
from geodata.regions import categories
from gis_server.config import Settings
from layers.base import Scope
from layers.town import load_categories

STREAMS = 3


def test_kill_9_while_posting_loses_nothing_and_doubles_nothing(
    own_database: Settings, own_engine: Engine
) -> None:
    with Session(own_engine) as session, session.begin():
        load_categories(session, Scope(own_database.district), categories(441900))
    places = np.random.default_rng(1).uniform((113.9, 22.9), (114.1, 23.1), (2 * RATE, 2))

    with Crash(own_database, after_s=1.0) as crash:
        answers, streams = post_through(crash, requests_at(places), STREAMS)

    assert {answer.status for answer in answers} == {CREATED}
    assert any(answer.tries > 1 for answer in answers)
    assert missing(own_database, answers) == 0
    assert rows(own_database, "SELECT count(*) FROM incidents") == [(len(answers),)]
    assert [stream.resumed for stream in streams] == [1] * STREAMS
    assert untrue_streams(own_database, streams) == 0
