"""A case that repeats another is merged into it by a dispatcher, and can be taken out again."""

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
from tests.factories import DISPATCHER, SCOPE, Json, add_town
from tests.layers.merges import ITEMS, LAST_STEP, STATE, add_case, all_of, merge, unmerge

ELSEWHERE = text("""
INSERT INTO categories (district, code, class_code, class, class_en, item, item_en, severity,
                        limit_h, department)
SELECT 441302, code, class_code, class, class_en, item, item_en, severity, limit_h, department
FROM categories WHERE district = 441900 AND code = '101'
""")


def test_a_merged_case_is_closed_and_names_the_one_it_repeats(
    dispatcher: FlaskClient, town: Session
) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)

    reply = merge(dispatcher, again, kept)

    told = reply.get_json(force=True)["properties"]
    assert (reply.status_code, told["stage"], told["duplicate_of"]) == (201, "closed", kept)
    assert told["closed_at"] is not None


def test_a_merge_is_a_step_with_who_and_why(dispatcher: FlaskClient, town: Session) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)

    merge(dispatcher, again, kept, reason="两人报的同一堆垃圾")

    step = town.execute(LAST_STEP, {"id": again}).one()
    assert (step.move, step.stage_from, step.stage_to) == ("merge", "reported", "closed")
    assert (step.actor, step.reason) == (DISPATCHER.account, "两人报的同一堆垃圾")
    assert step.evidence["into"] == kept


def test_both_cases_of_a_merge_are_announced(dispatcher: FlaskClient, town: Session) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)

    merge(dispatcher, again, kept)

    told = town.execute(text("SELECT feature_id FROM outbox WHERE kind = 'merged'")).scalars()
    assert sorted(told) == sorted((kept, again))


def test_each_step_of_merging_keeps_when_the_case_is_due(
    dispatcher: FlaskClient, town: Session
) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)
    merge(dispatcher, again, kept)
    unmerge(dispatcher, again)

    told = town.execute(text("""
        SELECT s.move, s.due_at = i.due_at AS kept FROM steps AS s
        JOIN incidents AS i ON i.id = s.incident_id WHERE i.id = :id ORDER BY s.id
    """), {"id": again})  # fmt: skip
    assert told.all() == [("report", True), ("merge", True), ("unmerge", True)]


def test_the_others_card_keeps_who_reported_a_merged_case(
    dispatcher: FlaskClient, town: Session
) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12, source="12345", external_id="GD-7")
    merge(dispatcher, again, kept)

    told = dispatcher.get(f"{ITEMS}/{kept}/nearby").get_json(force=True)

    merged = [(m["id"], m["source"], m["external_id"]) for m in told["merged"]]
    assert merged == [(again, "12345", "GD-7")]
    assert told["likely"] == []


def _to_itself(_client: FlaskClient, case: int, _kept: int) -> Json:
    return {"into": case}


def _to_nothing(_client: FlaskClient, _case: int, _kept: int) -> Json:
    return {"into": 2**40}


def _to_words(_client: FlaskClient, _case: int, _kept: int) -> Json:
    return {"into": "1"}


def _without_reason(_client: FlaskClient, _case: int, _kept: int) -> Json:
    return {"reason": " "}


def _to_a_merged_one(client: FlaskClient, _number: int, kept: int) -> Json:
    merge(client, kept, add_case(client, 20))
    return {}


def _stale(_client: FlaskClient, _case: int, _kept: int) -> Json:
    return {"version": '"77"'}


def _with_an_unknown_member(_client: FlaskClient, _case: int, _kept: int) -> Json:
    return {"stage": "closed"}


@pytest.mark.parametrize(
    ("wrong", "status", "member"),
    [
        (_to_itself, 400, "into"),
        (_to_nothing, 400, "into"),
        (_to_words, 400, "into"),
        (_without_reason, 400, "reason"),
        (_with_an_unknown_member, 400, "stage"),
        (_to_a_merged_one, 409, "into"),
        (_stale, 412, "If-Match"),
    ],
)
def test_a_wrong_merge_is_refused_and_changes_nothing(
    dispatcher: FlaskClient, town: Session, wrong: Any, status: int, member: str
) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)
    given = wrong(dispatcher, again, kept)
    before = all_of(town)

    reply = merge(dispatcher, again, **({"into": kept} | given))

    problem = reply.get_json(force=True)
    assert (reply.status_code, problem["member"]) == (status, member)
    assert all_of(town) == before


def test_a_merge_without_a_version_is_refused(dispatcher: FlaskClient, town: Session) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)
    before = all_of(town)

    reply = dispatcher.post(f"{ITEMS}/{again}/merge", json={"into": kept, "reason": "同"})

    assert (reply.status_code, all_of(town)) == (428, before)


def test_a_merged_case_is_not_merged_again(dispatcher: FlaskClient, town: Session) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)
    merge(dispatcher, again, kept)
    before = all_of(town)

    reply = merge(dispatcher, again, add_case(dispatcher, 30))

    assert reply.status_code == 409
    assert all_of(town)["steps"] == before["steps"] + 1  # of the new case alone


def test_a_case_of_another_district_is_none_to_merge_into(
    dispatcher: FlaskClient, town: Session
) -> None:
    again, far = add_case(dispatcher), add_case(dispatcher, 12)
    town.execute(ELSEWHERE)
    town.execute(text("DELETE FROM steps WHERE incident_id = :id"), {"id": far})
    moved = text("UPDATE incidents SET district = 441302, grid_id = NULL WHERE id = :id")
    town.execute(moved, {"id": far})

    reply = merge(dispatcher, again, far)

    assert reply.status_code == 400
    assert f"no incident {far} in district 441900" in reply.text


@pytest.mark.parametrize(
    ("reader", "status"),
    [
        (Reader(), 401),
        (Reader(account="w", roles=frozenset({"worker"})), 403),
        (Reader(account="d", roles=frozenset({"department"})), 403),
    ],
    ids=("visitor", "worker", "department"),
)
def test_only_a_dispatcher_merges(
    client_as: Any, town: Session, reader: Reader, status: int
) -> None:
    client = client_as(reader)
    kept, again = add_case(client), add_case(client, 12)

    assert merge(client, again, kept).status_code == status
    assert town.execute(STATE, {"id": again}).one().duplicate_of is None


def _figures(client: FlaskClient, more: str = "") -> Json:
    address = f"/collections/incidents/figures?from=2026-01-01{more}"
    return dict(client.get(address).get_json(force=True)["figures"])


def test_a_merged_case_is_no_closed_work_in_the_figures(
    dispatcher: FlaskClient, town: Session
) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)
    merge(dispatcher, again, kept)

    told = _figures(dispatcher)
    listed = dispatcher.get(f"{ITEMS}?from=2026-01-01&figure=closed").get_json(force=True)

    assert (told["filed"], told["closed"], told["open"]) == (1, 0, 1)
    assert listed["features"] == []


def test_figures_of_before_a_merge_count_both_cases(dispatcher: FlaskClient, town: Session) -> None:
    kept, again = add_case(dispatcher), add_case(dispatcher, 12)
    town.execute(text("UPDATE incidents SET reported_at = now() - interval '2 hours'"))
    town.execute(text("UPDATE steps SET at = now() - interval '2 hours'"))
    merge(dispatcher, again, kept)
    before = town.execute(text("SELECT now() - interval '1 hour'")).scalar_one()

    told = _figures(dispatcher, f"&as_of={before.isoformat().replace('+', '%2B')}")

    assert (told["filed"], told["open"]) == (2, 2)


def test_of_two_dispatchers_at_once_one_merges(own_database: Settings, own_engine: Engine) -> None:
    with Session(own_engine) as session:
        add_town(session)
        session.commit()
    scope = Scope(SCOPE.district, reader=DISPATCHER)
    app = create_app(own_database, asking=lambda: scope)
    one, other = (add_case(app.test_client(), east) for east in (10, 12))

    def send(pair: tuple[int, int]) -> int:
        return merge(app.test_client(), *pair, version='"1"').status_code

    with ThreadPoolExecutor(2) as desks:
        codes = sorted(desks.map(send, [(one, other), (other, one)]))

    with Session(own_engine) as session:
        merged = text("SELECT count(*) FROM incidents WHERE duplicate_of IS NOT NULL")
        assert (codes[0], session.execute(merged).scalar_one()) == (201, 1)
    assert codes[1] in (409, 412)
