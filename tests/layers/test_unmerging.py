"""A case that was merged is taken out again, and who may: in which areas, and one at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Settings
from layers.base import Reader, Scope
from tests.factories import DISPATCHER, EAST, SCOPE, WEST, add_town
from tests.layers.merges import LAST_STEP, STATE, add_case, all_of, merge, unmerge
from tests.waits import await_waiting


def test_an_unmerged_case_is_open_as_it_was_before(dispatcher: FlaskClient, town: Session) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)
    before = tuple(town.execute(STATE, {"id": again}).one())
    merge(dispatcher, again, kept)

    reply = unmerge(dispatcher, again)

    assert reply.status_code == 201
    assert tuple(town.execute(STATE, {"id": again}).one()) == before
    assert town.execute(LAST_STEP, {"id": again}).one().move == "unmerge"


def test_what_was_merged_into_a_case_follows_it_and_comes_back(
    dispatcher: FlaskClient, town: Session
) -> None:
    first, second, third = (add_case(dispatcher, east) for east in (10, 12, 14))
    merge(dispatcher, third, second)

    merge(dispatcher, second, first)
    followed = town.execute(STATE, {"id": third}).one().duplicate_of
    unmerge(dispatcher, second)

    assert followed == first
    assert town.execute(STATE, {"id": third}).one().duplicate_of == second


def test_a_case_merged_again_since_then_stays_where_it_was_put(
    dispatcher: FlaskClient, town: Session
) -> None:
    first, second, third = (add_case(dispatcher, east) for east in (10, 12, 14))
    merge(dispatcher, third, second)
    merge(dispatcher, second, first)
    unmerge(dispatcher, third)
    merge(dispatcher, third, first)

    unmerge(dispatcher, second)

    assert town.execute(STATE, {"id": third}).one().duplicate_of == first
    assert town.execute(STATE, {"id": second}).one().duplicate_of is None


def test_a_case_brought_by_another_since_then_stays_with_it(
    dispatcher: FlaskClient, town: Session
) -> None:
    kept, first, second, third = (add_case(dispatcher, east) for east in (10, 12, 14, 16))
    merge(dispatcher, third, first)
    merge(dispatcher, first, kept)
    unmerge(dispatcher, third)
    merge(dispatcher, third, second)
    merge(dispatcher, second, kept)

    unmerge(dispatcher, first)

    assert town.execute(STATE, {"id": third}).one().duplicate_of == kept


def test_a_case_that_followed_twice_comes_back_with_what_brought_it(
    dispatcher: FlaskClient, town: Session
) -> None:
    last, first, second, third = (add_case(dispatcher, east) for east in (10, 12, 14, 16))
    merge(dispatcher, third, second)
    merge(dispatcher, second, first)
    merge(dispatcher, first, last)

    unmerge(dispatcher, second)

    assert town.execute(STATE, {"id": third}).one().duplicate_of == second


def _scoped(*areas: str) -> Reader:
    return Reader(account="east", roles=frozenset({"dispatcher"}), areas=areas)


@pytest.mark.parametrize("places", [(-10, 10), (10, -10)], ids=("from", "into"))
def test_a_dispatcher_of_an_area_merges_in_it_only(
    client_as: Any, town: Session, places: tuple[int, int]
) -> None:
    client = client_as(_scoped(EAST))
    again, kept = (add_case(client, east) for east in places)
    before = all_of(town)

    reply = merge(client, again, kept)

    assert (reply.status_code, all_of(town)) == (403, before)
    assert merge(client_as(_scoped(EAST, WEST)), again, kept).status_code == 201


@pytest.mark.parametrize("places", [(-10, 10), (10, -10)], ids=("out", "of"))
def test_a_dispatcher_of_an_area_takes_out_in_it_only(
    client_as: Any, dispatcher: FlaskClient, town: Session, places: tuple[int, int]
) -> None:
    again, kept = (add_case(dispatcher, east) for east in places)
    merge(dispatcher, again, kept)
    before = all_of(town)

    reply = unmerge(client_as(_scoped(EAST)), again)

    assert (reply.status_code, all_of(town)) == (403, before)
    assert unmerge(client_as(_scoped(EAST, WEST)), again).status_code == 201


def test_a_case_that_is_not_merged_is_not_taken_out(dispatcher: FlaskClient, town: Session) -> None:
    assert unmerge(dispatcher, add_case(dispatcher)).status_code == 409


HOLD = text("SELECT 1 FROM incidents WHERE id = :id FOR UPDATE NOWAIT")


def test_who_takes_a_case_out_waits_for_the_other_before_holding_it(
    own_database: Settings, own_engine: Engine
) -> None:
    with Session(own_engine) as session:
        add_town(session)
        session.commit()
    scope = Scope(SCOPE.district, reader=DISPATCHER)
    app = create_app(own_database, asking=lambda: scope)
    kept, again = (add_case(app.test_client(), east) for east in (10, 12))
    merge(app.test_client(), again, kept)

    with ThreadPoolExecutor(1) as desk, own_engine.begin() as connection:
        connection.execute(HOLD, {"id": kept})
        taken_out = desk.submit(unmerge, app.test_client(), again)
        await_waiting(connection)
        connection.execute(HOLD, {"id": again})
        connection.commit()

    assert taken_out.result().status_code == 201
