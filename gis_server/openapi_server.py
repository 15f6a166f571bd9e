"""What is served beside the layers, as operations of OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gis_server import locating
from gis_server.openapi_operations import (
    HTML,
    JSON,
    Operation,
    answer,
    media,
)
from gis_server.openapi_parameters import BOX, count, formats, given, refer, words
from gis_server.openapi_schemas import TEXT, TIME, listed, made_of, ref
from gis_server.polling import LONGEST_WAIT_S

Json = dict[str, Any]

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
OPENAPI_31 = "application/vnd.oai.openapi+json;version=3.1"
HTML_TOO = [formats("json", "html")]
STREAM = "text/event-stream"
SNAPSHOT: Json = {
    "type": "string",
    "pattern": "^[0-9a-f]{12}-[1-9][0-9]{0,18}:[1-9][0-9]{0,18}:([0-9]{1,19}(,[0-9]{1,19})*)?$",
    "example": "0123456789ab-7:9:8",
}
NAMES: Json = {"type": "array", "minItems": 1, "items": {"type": "string"}}
GRID: Json = {"type": "string", "pattern": "^[0-9A-Za-z]{1,17}$"}
WAIT: Json = {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT_S, "default": 0}
_LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "What was heard last, as browsers say it.",
    "required": False,
    "style": "simple",
    "explode": False,
}
FLAG: Json = {"type": "boolean"}
_POINT = (
    '{"type": "Feature", "properties": {"id": "a"},'
    ' "geometry": {"type": "Point", "coordinates": [113.94, 22.99]}}\n'
)
_PLACES = {
    locating.CSV: "id,lon,lat\na,113.94,22.99\n",
    locating.SEQUENCE: f"\x1e{_POINT}",
    locating.LINES: _POINT,
}


def get(
    path: str, tag: str, summary: str, reply: Json, parameters: Any = (), **more: Any
) -> Operation:
    """Describe what one GET tells when all is well."""
    return Operation("get", path, tag, summary, {200: reply}, parameters, **more)


def about() -> Iterator[Operation]:
    """Describe what tells of the server itself."""
    yield get(
        "/",
        "server",
        "Where to begin",
        answer("Links to what is served.", JSON, HTML, schema=ref("landing")),
        HTML_TOO,
    )
    yield get(
        "/conformance",
        "server",
        "Which standards are kept",
        answer("The conformance classes.", JSON, HTML, schema=ref("conformance")),
        HTML_TOO,
    )
    yield get(
        "/api",
        "server",
        "This description",
        answer("OpenAPI 3.0 or 3.1, or a page.", OPENAPI, OPENAPI_31, JSON, HTML, schema={}),
        [formats("json", "openapi30", "openapi31", "html")],
    )
    yield get(
        "/collections",
        "server",
        "The collections that the reader may ask for",
        answer("The collections.", JSON, HTML, schema=ref("collections")),
        [*HTML_TOO, given("tables", "Whether tables without a place are listed too.", FLAG)],
    )


def catalog() -> Iterator[Operation]:
    """Describe what tells of what can be asked."""
    yield get(
        "/functions",
        "server",
        "The functions that filters may call",
        answer("The functions.", JSON, schema=made_of("functions", functions=listed({}))),
        [formats("json")],
    )
    yield get(
        "/town",
        "server",
        "The town: its name, extent, time zone and base map",
        answer("The town.", JSON, schema={"type": "object"}),
    )


def places() -> Iterator[Operation]:
    """Describe the questions about a place."""
    yield get(
        "/locate",
        "places",
        "Whose a place is: grids of all nets and levels, with their posts",
        answer("The grids that hold the place.", JSON, schema=ref("located")),
        [
            *refer("lon", "lat", "accuracy_m", "valid_at"),
            given("crs", "What `lon` and `lat` are: an EPSG code, `gcj02` or `bd09`.", TEXT),
            words("q", "An address, in place of a position.", 200, "黄屋二路8号"),
        ],
        problems=(404,),
    )
    yield get(
        "/search",
        "places",
        "What has a name, a code or an address like some words",
        answer("The best first.", JSON, schema=made_of("results", results=listed({}))),
        [
            {**words("q", "What is looked for.", 200, "黄屋"), "required": True},
            count("limit", "At most so many.", 50, 8),
        ],
    )
    yield get(
        "/dossier/{id}",
        "places",
        "Figures and rows of all that lies in a grid",
        answer("The dossier of the grid.", JSON, schema={"type": "object"}),
        refer("id"),
        problems=(404,),
    )


def many_places() -> Iterator[Operation]:
    """Describe the question about many places at once."""
    yield Operation(
        "post",
        "/locate:batch",
        "places",
        "Whose many places are: a table or a sequence of points or addresses",
        {200: _located_many()},
        [
            given("crs", "What the coordinates are: an EPSG code, `gcj02` or `bd09`.", TEXT),
            *refer("valid_at"),
            formats(*locating.FORMS),
        ],
        {kind: media(TEXT, _PLACES[kind]) for kind in locating.READ},
        problems=(413, 415),
    )


def _located_many() -> Json:
    rows = made_of("rows rows_read", rows=listed({"type": "object"}), rows_read={"type": "integer"})
    told = answer("The rows with their micro-grids, or why there is none.", JSON, schema=rows)
    told["content"] |= {kind: {"schema": TEXT} for kind in locating.READ}
    return told


def events() -> Iterator[Operation]:
    """Describe the feed of changes."""
    changes = made_of(
        "at since changes reset",
        at=TIME,
        since=TEXT,
        changes=listed({"type": "object"}),
        reset={"type": "boolean"},
    )
    told = answer("The stream, which does not end; or what changed since.", STREAM, schema=TEXT)
    told["content"][JSON] = {"schema": changes}
    yield get(
        "/events",
        "events",
        "Everything that changes, as server-sent events that can be resumed, or as JSON for a poll",
        told,
        [
            given("since", "What was heard last: only what changed after it.", SNAPSHOT),
            given("last_event_id", "The former name of `since`.", SNAPSHOT),
            {**_LAST_EVENT_ID, "schema": SNAPSHOT},
            given("layers", "Only changes of these collections.", NAMES),
            given("bbox", "Only changes in west,south,east,north in degrees.", BOX),
            given("grid", "Only changes in grids whose code begins so.", GRID),
            given("wait", "Seconds that a poll waits for a change.", WAIT),
            formats("sse", "json"),
        ],
    )


def operations() -> Iterator[Operation]:
    """Describe all that is served beside the layers."""
    for part in (about, catalog, places, many_places, events):
        yield from part()
