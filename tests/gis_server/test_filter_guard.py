"""What a filter may not be: long, deep, dear, no text; and what it may not do."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from geodata.errors import InvalidInput
from gis_server.filters import parse
from tests.factories import count
from tests.gis_server.filter_samples import add_samples, found

ITEMS = "/collections/buildings/items"
DEEP = 64


@pytest.fixture
def samples(session: Session) -> Session:
    """Store the buildings that all filters are tried on."""
    add_samples(session)
    return session


def _nested(text: str, depth: int) -> str:
    return "(" * depth + text + ")" * depth


HOSTILE = {
    "2,000 parentheses": _nested("code = 'A'", 2000),
    "65 parentheses": _nested("code = 'A'", DEEP + 1),
    "100 kB": "code = 'A' OR " * 7500 + "TRUE",
    "8 kB in 3 bytes each": "code = '" + "网" * 2800 + "'",
    "open parentheses": "(" * DEEP,
    "an error in 64 parentheses": _nested("code =", DEEP),
    "a shape in open parentheses": "(" * 40 + "POINT(1 2)",
    "a chain of comparisons": "code=" * 1600 + "code",
    "a chain of negations": "NOT " * 1900 + "rental",
    "a chain of signs": "-" * 4000 + "1 = 1",
    "a chain of sums": "households+" * 700 + "1 = 1",
    "a chain of powers": "2^" * 4000 + "2 = 1",
    "functions of functions": "abs(" * 40 + "households" + ")" * 40 + " = 1",
    "five powers": "(2^2)+(2^2)+(2^2)+(2^2)+(2^2) = 1",
    "sums within sums": "(1+2)" + "+(1+2)" * 40 + " = 1",
    "a null character": "code = '\x00'",
    "half a character": "code = '\ud800'",
    "half a character in a name": "\udfff = 1",
    "many digits": "households = " + "9" * 5000,
    "a huge number": "households = 1e309",
    "a tiny number": "households = 1e-320",
    "nothing": "",
    "blanks": " \n\t ",
    "an open text": "code = 'A",
    "an open name": '"code = 1',
    "a closed parenthesis": "code = 'A')",
    "a list": "1, 2",
    "a comment": "code = 'A' /* x */",
    "two statements": "code = 'A'; DROP TABLE buildings",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_filter_is_refused_at_once(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(InvalidInput) as refusal:
        parse(text, "cql2-text")
    assert (refusal.value.member, time.monotonic() - began < 0.5) == ("filter", True)
    assert len(refusal.value.message.encode()) < 400


HOSTILE_JSON = {
    "deep lists": "[" * 2000,
    "deep objects": '{"op":"not","args":[' * 33 + "true" + "]}" * 33,
    "not a number": '{"op":"=","args":[{"property":"households"},NaN]}',
    "infinity": '{"op":"=","args":[{"property":"households"},Infinity]}',
    "half a character": '{"op":"=","args":[{"property":"code"},"\\ud800"]}',
    "half a character in a name": '{"op":"=","args":[{"property":"\\ud800"},1]}',
    "a null character": '{"op":"=","args":[{"property":"code"},"\\u0000"]}',
    "many digits": "1" * 5000,
    "a member twice": '{"op":"not","op":"or","args":[true]}',
    "no JSON": "code = 'A'",
    "nothing": "",
}


@pytest.mark.parametrize("text", HOSTILE_JSON.values(), ids=HOSTILE_JSON)
def test_hostile_json_is_refused_at_once(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse(text, "cql2-json")
    assert refusal.value.member == "filter"


DEEPEST = {
    _nested("code = 'A'", DEEP): "A",
    "NOT " * 32 + "code = 'A'": "A",
    "NOT(" * 62 + "code = 'A'" + ")" * 62: "A",
    "NOT(" * 54 + "CASEI(" * 10 + "code" + ")" * 10 + " = 'a'" + ")" * 54: "A",
    "ACCENTI(CASEI(" * 13 + "code" + "))" * 13 + " = 'a'": "A",
    "households" + " + 1" * 60 + " = 70": "A",
    "(" * 60 + "households" + " + 1)" * 60 + " = 70": "A",
    "(7 % (7 / " * 13 + "households" + "))" * 13 + " = 10": "",
    "abs(" * 26 + "-households" + ")" * 26 + " = 10": "A",
    "(" * 30 + "rental" + " = TRUE)" * 30: "AC",
    "(code = 'A' AND (rental OR " * 30 + "TRUE" + "))" * 30: "A",
    " OR ".join(f"code = '{i}'" for i in range(500)) + " OR code = 'B'": "B",
    " OR code = 'x' AND ".join(["rental"] * 300): "AC",
    f"households IN ({','.join(map(str, range(1700)))})": "ABCD",
}


def test_what_is_within_the_limits_is_answered(samples: Session) -> None:
    assert {text: found(samples, text) for text in DEEPEST} == DEEPEST


def test_the_deepest_filter_is_answered_over_the_wire(
    samples: Session, client: FlaskClient
) -> None:
    text = "(code = 'A' AND NOT (NOT rental OR " * 30 + "FALSE" + "))" * 30
    assert client.get(ITEMS, query_string={"filter": text}).status_code == 200


def test_the_deepest_json_is_answered(samples: Session) -> None:
    tree = '{"op":"not","args":[' * 30 + '{"op":"=","args":[{"property":"code"},"A"]}' + "]}" * 30
    assert found(samples, tree, "cql2-json") == "A"


@pytest.mark.parametrize(
    "text",
    [
        "code = 'A''; DROP TABLE buildings; --'",
        "code = '\\'; DROP TABLE buildings; --'",
        "code = '%(district_1)s' OR code = '%s' OR code = ':x'",
        "name LIKE '%'' OR 1=1 --'",
        "A_CONTAINS(tags, ('x''}]'')::text', '$[*]'))",
        "lower(name) = 'x'') OR pg_sleep(9) IS NULL --'",
    ],
)
def test_a_value_stays_a_value(samples: Session, text: str) -> None:
    assert (found(samples, text), count(samples, "buildings")) == ("", 4)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("pg_sleep(9) = 1", "'pg_sleep'"),
        ("version() = 'x'", "'version'"),
        ("ST_Union(geom) = 1", "'st_union'"),
        ("row_version = 1", "'row_version'"),
        ("district = 441900", "'district'"),
        ("point IS NULL", "'point'"),
        ('"code"" = code --" = 1', "'code\" = code --'"),
        ("__class__ = 1", "'__class__'"),
    ],
)
def test_what_is_not_offered_is_refused_by_name(session: Session, text: str, named: str) -> None:
    with pytest.raises(InvalidInput, match=named) as refusal:
        found(session, text)
    assert refusal.value.member == "filter"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("households = 'x'", "households is a number and 'x' a text"),
        ("rental = 2", "rental is a boolean and 2 a number"),
        ("code > 5", "code is a text and 5 a number"),
        ("rental = 'true'", "rental is a boolean and 'true' a text"),
        ("code", "code is no condition but a text"),
        ("households + 'x' = 1", "'x', which is a text"),
        ("geom = POINT(1 2)", "geom is a geometry, which has no ="),
        ("notes = 'x'", "notes is an object"),
        ("name LIKE households", "households, which is a number"),
        ("name LIKE code", "a pattern that is written out"),
        ("name LIKE 'x\\'", "ends with an escape of nothing"),
        ("name LIKE ACCENTI('x\\\u0301')", "ends with an escape of nothing"),
        ("S_INTERSECTS(geom, code)", "code, which is a text"),
        ("S_INTERSECTS(geom)", "takes 2 arguments, not 1"),
        ("A_CONTAINS(code, ('x'))", "code, which is a text"),
        ("A_CONTAINS(tags, (code))", "code, which is a text"),
        ("A_CONTAINS(tags, (code, 'x'))", "not code"),
        ("area_m2(code) = 1", "code, which is a text"),
        ("lower() = 'x'", "lower takes 1 arguments, not 0"),
        ("code IN (1)", "code is a text and 1 a number"),
        ("code IS NULL IS NULL", "too many operators"),
        ("code = NULL", "write IS NULL"),
        ("upper(code)", "is no condition but a text"),
    ],
)
def test_what_does_not_fit_is_refused_naming_both(session: Session, text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        found(session, text)
    assert said in refusal.value.message


@pytest.mark.parametrize(
    "tree",
    [
        [],
        5,
        {},
        {"op": "=", "args": 1},
        {"op": 5, "args": []},
        {"op": "=", "args": [1, 1], "more": 1},
        {"op": "=", "args": [{"property": "code", "more": 1}, "A"]},
        {"op": "=", "args": [{"property": ["code"]}, "A"]},
        {"op": "=", "args": [{"function": {"name": "lower", "args": []}}, "A"]},
        {"op": "=", "args": [{"property": "code"}, None]},
        {"op": "in", "args": [{"property": "code"}, []]},
        {"op": "and", "args": []},
        {"op": "s_intersects", "args": [{"property": "geom"}, {"type": "Point"}]},
        {"op": "s_intersects", "args": [{"property": "geom"}, {"bbox": [1, 2, 3, 4], "x": 1}]},
        {"op": "t_after", "args": [{"property": "at"}, {"date": "2026-01-01", "x": 1}]},
        {"op": "like", "args": [{"property": "code"}, {"op": "casei", "args": []}]},
    ],
)
def test_json_of_another_shape_is_refused(session: Session, tree: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        found(session, json.dumps(tree), "cql2-json")
    assert refusal.value.member == "filter"


def test_a_refused_filter_is_a_problem_that_names_the_parameter(client: FlaskClient) -> None:
    reply = client.get(ITEMS, query_string={"filter": "nothing = 1"})
    problem = reply.get_json(force=True)
    assert (reply.status_code, reply.mimetype) == (400, "application/problem+json")
    assert "'nothing'" in problem["detail"]
    assert client.get(ITEMS, query_string={"filter": "TRUE", "filter-lang": "x"}).status_code == 400
    assert client.get(ITEMS, query_string={"filter": "TRUE", "filter-crs": "x"}).status_code == 400


def test_a_filter_narrows_lists_and_counts(samples: Session, client: FlaskClient) -> None:
    asked = {"filter": "households > 9"}
    tree = {"op": ">", "args": [{"property": "households"}, 9]}
    listed = client.get(ITEMS, query_string=asked).get_json(force=True)["features"]
    same = {"filter": json.dumps(tree), "filter-lang": "cql2-json", "resulttype": "hits"}
    assert {one["properties"]["code"] for one in listed} == {"A", "B"}
    assert client.get(ITEMS, query_string=same).get_json(force=True)["numberMatched"] == 2


def test_names_of_all_scripts_need_no_quotes() -> None:
    tree = parse("人口（户） = 1 AND été:x.y > 2 AND _a < 3", "cql-text").tree
    assert [node["args"][0]["property"] for node in tree["args"]] == ["人口（户）", "été:x.y", "_a"]


def test_numbers_are_read_digit_by_digit() -> None:
    tree = parse("a = 123456789012345678.5 OR b = -9007199254740993", "cql2-text").tree
    assert [node["args"][1] for node in tree["args"]] == [
        Decimal("123456789012345678.5"),
        -9007199254740993,
    ]


def test_the_parser_outlives_what_crashes_it_otherwise() -> None:
    hostile = json.dumps(list(HOSTILE.values()))
    program = (
        "import json, sys\n"
        "from geodata.errors import InvalidInput\n"
        "from gis_server.filters import parse\n"
        "refused = 0\n"
        "for text in json.loads(sys.stdin.read()):\n"
        "    try: parse(text, 'cql2-text')\n"
        "    except InvalidInput: refused += 1\n"
        "print(refused)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=hostile, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, str(len(HOSTILE)))
