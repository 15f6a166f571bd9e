"""Imports point down only, and the server names no layer."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers import find_layers

ROOT = Path(__file__).resolve().parent.parent
DOWNWARD = ("gis_server", "web_map", "layers", "geodata")
# Jobs name the layers that they compute, and the simulation is a client of the public API.
NAMES_LAYERS = {"jobs.py", "simulation.py"}
NEITHER_WEB_NOR_DATABASE = {"flask", "sqlalchemy", "geoalchemy2", "psycopg2", "alembic"}


def _imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("package", DOWNWARD)
def test_no_import_points_up(package: str) -> None:
    above = DOWNWARD[: DOWNWARD.index(package)]
    wrong = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in _modules(package)
        for name in _imports(module)
        if name.split(".")[0] in above
    ]

    assert wrong == []


def test_geometry_knows_neither_web_nor_database() -> None:
    wrong = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in _modules("geodata")
        for name in _imports(module)
        if name.split(".")[0] in NEITHER_WEB_NOR_DATABASE
    ]

    assert wrong == []


def test_the_server_imports_no_layer() -> None:
    wrong = [
        f"{module.relative_to(ROOT)} imports {name}"
        for module in _server_modules()
        for name in _imports(module)
        if name.startswith("layers.") and name.split(".")[1] in find_layers()
    ]

    assert wrong == []


def test_the_server_names_no_layer() -> None:
    wrong = [
        f"{module.relative_to(ROOT)} says {text!r}"
        for module in _server_modules()
        for text in _texts(module)
        if find_layers().keys() & set(text.split("/"))
    ]

    assert wrong == []


def _server_modules() -> list[Path]:
    return [module for module in _modules("gis_server") if module.name not in NAMES_LAYERS]


def _texts(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
