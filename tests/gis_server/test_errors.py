"""Errors become problems of the right status, each with what a client needs to act on it."""

from __future__ import annotations

import logging
from typing import Any

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.test import TestResponse

from geodata import errors
from gis_server.errors import STATUS, is_away, place, register


def _answer(error: Exception) -> TestResponse:
    app = Flask(__name__)
    register(app)

    @app.get("/")
    def fail() -> None:
        raise error

    return app.test_client().get("/")


def _refusals(kind: type[errors.GisError]) -> list[type[errors.GisError]]:
    return [kind, *(deeper for own in kind.__subclasses__() for deeper in _refusals(own))]


def _state(code: str, kind: type[DBAPIError] = DBAPIError) -> DBAPIError:
    class Original(psycopg2.Error):
        """Stand in for an error that the database sent."""

        pgcode = code

    return kind("SELECT", {}, Original("of the database"))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidInput("x"), 400),
        (errors.InvalidGeometry("x"), 400),
        (errors.InvalidTile("x"), 400),
        (errors.InvalidCrs("x"), 400),
        (errors.TooLarge("x"), 413),
        (errors.WrongType("x"), 415),
        (errors.NotFound("x"), 404),
        (errors.ReadOnly("x"), 405),
        (errors.Conflict("x"), 409),
        (errors.Stale("x"), 412),
        (errors.VersionRequired("x"), 428),
        (errors.Unavailable("x"), 503),
    ],
)
def test_a_refusal_has_its_status(error: errors.GisError, status: int) -> None:
    assert _answer(error).status_code == status


@pytest.mark.parametrize("kind", _refusals(errors.GisError)[1:])
def test_every_refusal_has_a_status(kind: type[errors.GisError]) -> None:
    assert any(above in STATUS for above in kind.__mro__)


def test_a_problem_tells_what_is_wrong_and_where() -> None:
    reply = _answer(errors.InvalidInput("severity is 7", "properties.severity"))

    assert reply.mimetype == "application/problem+json"
    assert reply.json == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "severity is 7",
        "member": "properties.severity",
        "errors": [{"detail": "severity is 7", "parameter": "properties.severity"}],
    }


def _place(member: str, **asked: Any) -> dict[str, str]:
    with Flask(__name__).test_request_context("/", **asked):
        return place(member)


def test_a_parameter_at_fault_is_named_even_where_a_body_is() -> None:
    assert _place("crs", method="POST", query_string="crs=x") == {"parameter": "crs"}


def test_a_parameter_that_is_missing_is_named() -> None:
    assert _place("lon") == {"parameter": "lon"}


def test_a_header_at_fault_is_named() -> None:
    assert _place("If-Match", method="POST") == {"header": "If-Match"}


@pytest.mark.parametrize(
    ("member", "found"),
    [
        ("geometry.coordinates[1][0]", "#/geometry/coordinates/1/0"),
        ("[3].name", "#/3/name"),
        ("properties.a/b~c", "#/properties/a~1b~0c"),
        ("properties.名称", "#/properties/%E5%90%8D%E7%A7%B0"),
        ("body", "#"),
    ],
)
def test_a_member_of_the_body_is_pointed_to(member: str, found: str) -> None:
    assert _place(member, method="POST") == {"pointer": found}


def test_who_may_not_is_not_told_where() -> None:
    assert "errors" not in (_answer(errors.Forbidden("disabled", "account.active")).json or {})


def test_a_problem_of_no_member_names_none() -> None:
    assert "member" not in (_answer(errors.NotFound("no such page")).json or {})


def test_what_is_away_says_when_to_try_again() -> None:
    assert _answer(errors.Unavailable("x")).headers["Retry-After"] == "2"


@pytest.mark.parametrize("code", ["08006", "57P01", "57P03", "53300"])
def test_a_database_that_is_away_is_503(code: str) -> None:
    reply = _answer(_state(code))

    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03", "57014"])
def test_a_statement_that_was_stopped_is_503(code: str) -> None:
    assert _answer(_state(code)).status_code == 503


def test_no_free_connection_is_503() -> None:
    assert _answer(PoolTimeout("full")).status_code == 503


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_lost_connection_is_away(kind: Any) -> None:
    assert is_away(kind("SELECT", {}, psycopg2.OperationalError("gone")))


def test_a_wrong_statement_is_not_away() -> None:
    assert not is_away(_state("42601", OperationalError))


def test_a_bug_is_a_500_that_tells_nothing_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        reply = _answer(ZeroDivisionError("secret"))

    assert (reply.status_code, reply.mimetype) == (500, "application/problem+json")
    assert "secret" not in reply.text
    assert "ZeroDivisionError: secret" in caplog.text


def test_a_wrong_statement_is_a_500_that_tells_nothing() -> None:
    reply = _answer(_state("42601"))

    assert (reply.status_code, "SELECT" in reply.text) == (500, False)


def test_a_browser_is_shown_why_it_is_refused(client: FlaskClient) -> None:
    accepted = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    reply = client.get("/collections/<wells>", headers=accepted)

    assert (reply.status_code, reply.mimetype) == (404, "text/html")
    assert "没有这个数据集：&lt;wells&gt;</span>" in reply.text


GRIDS = "/collections/grids/items"
REFUSED = {
    f"{GRIDS}?colour=red": "没有属性“colour”",
    "/conformance?colour=red": "这里没有参数“colour”",
    f"{GRIDS}?bbox=1,2,3": "bbox 须为四个或六个数（西,南,东,北），不能是“1,2,3”",
    f"{GRIDS}?bbox=22.9,113.9,23.0,114.0": "纬度 113.9 超出 -90 至 90，请检查经纬度是否写反",
    f"{GRIDS}?datetime=soon": "datetime 不是 ISO 8601 时间：“soon”",
    f"{GRIDS}?datetime=2026-02-30": "datetime 须为日期，如 2026-11-22，不能是“2026-02-30”",
    f"{GRIDS}?limit=0": "limit 须为 1 至 10000",
    f"{GRIDS}?limit=ten": "limit 须为不超过 10000 的整数，不能是“ten”",
    f"{GRIDS}?f=shp": "f 须为 ",
    f"{GRIDS}/7": "没有此项，或您无权查看：7",
    "/no/such/page": "没有这个地址",
}


@pytest.mark.parametrize(("path", "said"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_chinese_reader_is_told_in_chinese_why_he_is_refused(
    client: FlaskClient, path: str, said: str
) -> None:
    reply = client.get(path, headers={"Accept": "text/html", "Accept-Language": "zh-CN"})

    assert reply.status_code in (400, 404)
    assert f'<p role="alert"><span data-zh="{said}' in reply.text


def test_what_has_no_words_of_ours_stays_as_it_is_beneath_a_title_in_chinese(
    client: FlaskClient,
) -> None:
    reply = client.get(f"{GRIDS}?filter=((", headers={"Accept": "text/html"})

    assert "无法应答这个请求" in reply.text
    assert '<p role="alert" lang="en">' in reply.text


def test_a_number_that_no_feature_can_have_is_told_as_text(client: FlaskClient) -> None:
    reply = client.get(f"{GRIDS}/{2**70}")

    assert reply.json is not None
    assert (reply.status_code, reply.json["params"]) == (404, {"id": str(2**70)})


def test_a_problem_that_a_program_is_told_of_has_the_code_of_those_words(
    client: FlaskClient,
) -> None:
    told = client.get(f"{GRIDS}?limit=ten").json

    assert told is not None
    assert (told["code"], told["params"]) == (
        "no_whole_number",
        {"name": "limit", "most": 10_000, "given": "ten"},
    )


@pytest.mark.parametrize("accepted", ["*/*", "application/json", "application/geo+json, */*;q=0.1"])
def test_a_program_is_told_as_a_problem(client: FlaskClient, accepted: str) -> None:
    reply = client.get("/collections/wells", headers={"Accept": accepted})

    assert (reply.status_code, reply.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("host", [".", "a..b"])
def test_a_host_that_is_none_is_refused_to_browsers_too(client: FlaskClient, host: str) -> None:
    reply = client.get("/collections", headers={"Host": host, "Accept": "text/html"})

    assert (reply.status_code, reply.mimetype) == (400, "application/problem+json")
