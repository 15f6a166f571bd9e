"""Edits at the same time: one of those that are based on the same version wins."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from gis_server.app import create_app
from gis_server.config import Settings
from layers import find_layers
from layers.buildings import Building
from layers.edits import Aim
from layers.registers import hold
from tests.factories import SCOPE, add_building, add_town, count
from tests.gis_server.editors import ITEMS, MERGE, PLANNER, house
from tests.waits import await_waiting


def test_of_two_edits_of_one_version_exactly_one_wins(
    own_database: Settings, own_engine: Engine
) -> None:
    with Session(own_engine) as session, session.begin():
        add_town(session)
        number = add_building(session, "B1", (-100, 0)).id
    app = create_app(own_database, asking=lambda: replace(SCOPE, reader=PLANNER))
    start = Barrier(4)

    def edit(name: str) -> int:
        start.wait()
        return int(
            app.test_client()
            .patch(
                f"{ITEMS}/{number}",
                json={"properties": {"name": name}},
                content_type=MERGE,
                headers={"If-Match": '"1"'},
            )
            .status_code
        )

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(edit, "甲乙丙丁"))

    assert statuses == [204, 412, 412, 412]
    with Session(own_engine) as session:
        assert [count(session, n) for n in ("buildings_history", "outbox")] == [1, 1]


def test_of_two_features_with_one_code_exactly_one_is_created(
    own_database: Settings, own_engine: Engine
) -> None:
    with Session(own_engine) as session, session.begin():
        add_town(session)
    app = create_app(own_database, asking=lambda: replace(SCOPE, reader=PLANNER))
    start = Barrier(3)

    def create(_: int) -> int:
        start.wait()
        return int(app.test_client().post(ITEMS, json=house()).status_code)

    with ThreadPoolExecutor(3) as pool:
        statuses = sorted(pool.map(create, range(3)))

    assert statuses == [201, 409, 409]


def test_an_edit_and_an_import_do_not_wait_for_each_other(
    own_database: Settings, own_engine: Engine
) -> None:
    with Session(own_engine) as session, session.begin():
        add_town(session)
        number = add_building(session, "B1", (-100, 0)).id
    app = create_app(own_database, asking=lambda: replace(SCOPE, reader=PLANNER))

    def edit() -> int:
        headers = {"If-Match": '"1"'}
        address, patch = f"{ITEMS}/{number}", {"properties": {"name": "甲"}}
        client = app.test_client()
        return int(
            client.patch(address, json=patch, content_type=MERGE, headers=headers).status_code
        )

    with (
        ThreadPoolExecutor(1) as pool,
        Session(own_engine) as importing,
        own_engine.connect() as watching,
    ):
        hold(importing, Building)
        edited = pool.submit(edit)
        await_waiting(watching)
        importing.execute(text("UPDATE buildings SET row_version = 2"))
        importing.commit()

        assert edited.result() == 412


def test_a_code_that_is_ended_meanwhile_is_not_used_again(
    own_database: Settings, own_engine: Engine
) -> None:
    with Session(own_engine) as session, session.begin():
        add_town(session)
        number = add_building(session, "N1", (-100, 0)).id
    app = create_app(own_database, asking=lambda: replace(SCOPE, reader=PLANNER))
    end, aim = find_layers()["buildings"].edits, Aim(number, frozenset({1}))
    assert end is not None
    assert end.remove is not None

    with (
        ThreadPoolExecutor(1) as pool,
        Session(own_engine) as ending,
        own_engine.connect() as watching,
    ):
        end.remove(ending, replace(SCOPE, reader=PLANNER), aim)
        creating = pool.submit(lambda: app.test_client().post(ITEMS, json=house("N1")))
        await_waiting(watching)
        ending.commit()

        reply = creating.result()
        assert (reply.status_code, "never used again" in reply.json["detail"]) == (409, True)
