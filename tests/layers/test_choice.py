"""Test the choice of a grid by a reporter at a border."""

from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories import EAST, GRID, WEST, add_grid, add_town, block, incident, posted, traces


def test_choice_at_a_border_is_kept_with_the_other_side_as_candidate(
    client: FlaskClient, session: Session
) -> None:
    add_town(session)
    told = posted(client, incident(-8, 0, accuracy_m=20, grid_code=EAST))["properties"]
    assert told["grid_code"] == EAST
    assert [c["grid_code"] for c in told["candidates"]] == [WEST]


def test_both_sides_of_a_border_hear_of_the_choice(client: FlaskClient, session: Session) -> None:
    add_town(session)
    posted(client, incident(-8, 0, accuracy_m=20, grid_code=EAST))
    told = session.execute(text("SELECT kind, grid_code FROM outbox ORDER BY id")).all()
    assert sorted(map(tuple, told)) == [("chosen", WEST), ("reported", EAST)]


def test_choice_of_a_grid_that_is_not_near_is_refused(
    client: FlaskClient, session: Session
) -> None:
    add_town(session)
    report = incident(-150, 0, accuracy_m=20, grid_code=EAST)
    reply = client.post("/collections/incidents/items", json=report)
    assert (reply.status_code, reply.get_json(force=True)["member"]) == (
        400,
        "properties.grid_code",
    )
    assert traces(session) == 0


def test_fix_inside_a_dedicated_grid_goes_to_its_owner(
    client: FlaskClient, session: Session
) -> None:
    add_town(session)
    add_grid(session, "D1", block(20, -20, 60, 20), kind="dedicated", level=1)
    told = posted(client, incident(40, 0))["properties"]
    assert told["grid_code"] == "D1"


def _border_cases(client: FlaskClient, code: str) -> int:
    query = {"code": code, "limit": 1}
    grids = client.get("/collections/grids/items", query_string=query).get_json(force=True)
    told = client.get(f"/dossier/{grids['features'][0]['id']}").get_json(force=True)
    section = next(part for part in told["sections"] if part["layer"] == "incidents")
    return int({f["label"]: f["value"] for f in section["figures"]}["At the border"])


def test_dossier_of_the_other_side_shows_the_case_at_the_border(
    client: FlaskClient, session: Session
) -> None:
    add_town(session)
    posted(client, incident(-8, 0, accuracy_m=20, grid_code=EAST))
    assert (_border_cases(client, WEST), _border_cases(client, EAST)) == (1, 0)


def test_dossier_of_both_sides_together_has_no_case_at_the_border_between(
    client: FlaskClient, session: Session
) -> None:
    add_town(session)
    posted(client, incident(-8, 0, accuracy_m=20, grid_code=EAST))
    assert _border_cases(client, GRID) == 0
