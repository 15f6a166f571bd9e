"""Every refusal of what is done with a case has a code, and each code is said in both languages."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from geodata import errors
from geodata.procedures import NEEDS
from tests.conftest import Desk
from tests.factories import Json
from tests.layers.casework import CENTRE, reported

LAYERS, WORDS = Path("layers"), Path("web_map/static/i18n")
# What a card's buttons lead to; the members of a posted report are told by its own form.
OF_A_CARD = (
    *("actors", "bodies", "delays", "dispatching", "effects", "merging", "moves", "placing"),
    *("said",),
)
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type)} - {"GisError"}
LANGUAGES = ("zh-CN", "en")


def _refusals(module: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            yield node


def _codes(call: ast.Call) -> list[str]:
    """Tell the codes that a refusal may have; the one that a choice is made for has several."""
    return [
        code
        for keyword in call.keywords
        if keyword.arg == "code"
        for code in _values(keyword.value)
    ]


def _values(value: ast.expr) -> list[str]:
    if isinstance(value, ast.Constant):
        return [str(value.value)]
    if isinstance(value, ast.IfExp):
        return [*_values(value.body), *_values(value.orelse)]
    assert ast.unparse(value) == "f'needs_{need}'", f"no constant: {ast.unparse(value)}"
    return [f"needs_{need}" for need in sorted(NEEDS)]


DOOR = (Path("gis_server/accounts.py"), Path("gis_server/passwords.py"))
SERVER = ("asked", "features", "formats", "parameters")
QUESTIONS = (*(Path(f"gis_server/{name}.py") for name in SERVER), Path("geodata/geojson.py"))
MODULES = (*sorted(LAYERS.glob("*.py")), *DOOR, *QUESTIONS)
NO_ANSWER = "unreachable"  # what a page says itself
CODES = {code for module in MODULES for call in _refusals(module) for code in _codes(call)}


def _words(language: str) -> dict[str, str]:
    told: dict[str, str] = json.loads((WORDS / f"{language}.json").read_text())
    return {k.removeprefix("refused."): v for k, v in told.items() if k.startswith("refused.")}


@pytest.mark.parametrize("module", OF_A_CARD)
def test_what_a_card_may_be_refused_for_has_a_code(module: str) -> None:
    refusals = _refusals(LAYERS / f"{module}.py")

    assert [ast.unparse(call) for call in refusals if not _codes(call)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_code_is_said_in_each_language_and_none_that_is_not(language: str) -> None:
    assert set(_words(language)) == CODES | {"too_soon", NO_ANSWER}


def test_a_sentence_names_nothing_that_the_refusal_does_not_tell() -> None:
    told = {name for text in _words("zh-CN").values() for name in re.findall(r"\{(\w+)\}", text)}

    assert told <= {"id", "into", "move", "post", "unit", "level", "most", "name", "title"} | {
        *("body", "who", "wait_s", "least", "given", "offered"),
    }


def test_a_refusal_tells_its_code_beside_the_words(desk: Desk, town: Session) -> None:
    reply = reported(desk).tried(CENTRE, "fly")

    problem: Json = reply.get_json(force=True)
    assert (problem["status"], problem["code"], problem["params"], problem["member"]) == (
        400,
        "no_such_move",
        {"move": "fly"},
        "move",
    )


def test_each_case_that_is_refused_in_a_batch_tells_its_code(desk: Desk, town: Session) -> None:
    case = reported(desk)
    listed = [{"id": case.id, "version": 7}, {"id": case.id + 1, "version": 1}]

    told = desk.client.post("/collections/incidents/dispatch", json={"cases": listed}).json

    assert [one["code"] for one in (told or {})["refused"]] == ["changed", "no_case"]
