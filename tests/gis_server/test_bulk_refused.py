"""What is no file: wrong questions, forms that are not written, and what nobody waits for."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import Json

GRIDS = "/collections/grids/items"


@pytest.mark.parametrize(
    ("asked", "member"),
    [
        ({"after": 7}, "after"),
        ({"colour": "red"}, "colour"),
        ({"bbox": "1,2"}, "bbox"),
        ({"limit": 0}, "limit"),
        ({"crs": "EPSG:2"}, "crs"),
    ],
)
def test_what_is_wrong_with_a_question_is_told_before_the_file(
    client: FlaskClient, asked: Json, member: str
) -> None:
    reply = client.get(GRIDS, query_string={"f": "fgb", **asked})

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (400, member)


def test_nothing_is_left_of_a_file_whose_client_goes_away(
    client: FlaskClient, town: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    reply = client.get(GRIDS, query_string={"f": "gpkg"}, buffered=False)
    next(reply.iter_encoded())
    assert list(tmp_path.iterdir())

    reply.close()

    assert list(tmp_path.iterdir()) == []


def test_a_form_that_is_not_written_is_refused(client: FlaskClient) -> None:
    reply = client.get(GRIDS, query_string={"f": "dxf"})

    assert (reply.status_code, reply.get_json(force=True)["member"]) == (400, "f")


def test_only_the_number_is_told_when_only_that_is_asked_for(
    client: FlaskClient, town: Session
) -> None:
    reply = client.get(GRIDS, query_string={"f": "fgb", "resulttype": "hits"})

    assert reply.get_json(force=True)["numberMatched"] == 3
