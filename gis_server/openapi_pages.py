"""Pages for people and their files, as operations of OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gis_server.openapi_operations import HTML, Operation, answer
from gis_server.openapi_parameters import PARAMETERS, code
from gis_server.openapi_schemas import BINARY
from web_map.pages import SHELLS

Json = dict[str, Any]

TAG = "pages"
_PART = re.compile(r"<(?:\w+:)?(\w+)>")


def operations() -> Iterator[Operation]:
    """Describe the pages; what they show comes from the other operations."""
    told = {200: answer("The page.", HTML)}
    for rule, template in {**SHELLS, "/maps/live": "live.html"}.items():
        names = [_part(name) for name in _PART.findall(rule)]
        path, title = _PART.sub(r"{\1}", rule), f"The page {template.removesuffix('.html')}"
        yield Operation("get", path, TAG, title, told, names, problems=(404,))
    file = {200: answer("The file.", "*/*", schema=BINARY), 304: {"description": "As it was."}}
    named = [code("filename", "The file.", "icon.svg")]
    yield Operation("get", "/static/{filename}", TAG, "A file", file, named, problems=(404,))
    led = {303: {"description": "To the features, without what was left empty."}}
    named = [code("name", "The collection.", "wells")]
    yield Operation("get", "/browse/{name}", TAG, "Where a form leads", led, named, problems=(404,))


def _part(name: str) -> Json:
    if name == "number":
        number = {"type": "integer", "minimum": 0}
        return {**PARAMETERS["id"], "name": name, "schema": number}
    return code(name, "What the page is about.", "basic")
