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
from gis_server.openapi_parameters import BOX, code, count, formats, given, refer, words
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
_CREDENTIALS = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {
        "username": {"type": "string", "minLength": 1, "maxLength": 64},
        "password": {"type": "string", "minLength": 1, "maxLength": 128, "format": "password"},
    },
}
_PASSWORDS = {
    "type": "object",
    "required": ["old", "new"],
    "properties": {
        "old": {"type": "string", "minLength": 1, "maxLength": 128, "format": "password"},
        "new": {"type": "string", "minLength": 10, "maxLength": 128, "format": "password"},
    },
}
_WORDS = "spring-tide-42"
_VIEW = {
    "type": "object",
    "required": ["name", "query"],
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 60},
        "query": {"type": "string", "minLength": 1, "maxLength": 2000},
    },
    "examples": [{"name": "fires", "query": "category=101"}],
}


def _get(
    path: str, tag: str, summary: str, reply: Json, parameters: Any = (), **more: Any
) -> Operation:
    return Operation("get", path, tag, summary, {200: reply}, parameters, **more)


def about() -> Iterator[Operation]:
    """Describe what tells of the server itself."""
    yield _get(
        "/",
        "server",
        "Where to begin",
        answer("Links to what is served.", JSON, HTML, schema=ref("landing")),
        HTML_TOO,
    )
    yield _get(
        "/conformance",
        "server",
        "Which standards are kept",
        answer("The conformance classes.", JSON, HTML, schema=ref("conformance")),
        HTML_TOO,
    )
    yield _get(
        "/api",
        "server",
        "This description",
        answer("OpenAPI 3.0 or 3.1, or a page.", OPENAPI, OPENAPI_31, JSON, HTML, schema={}),
        [formats("json", "openapi30", "openapi31", "html")],
    )
    yield _get(
        "/collections",
        "server",
        "The collections that the reader may ask for",
        answer("The collections.", JSON, HTML, schema=ref("collections")),
        [*HTML_TOO, given("tables", "Whether tables without a place are listed too.", FLAG)],
    )
    yield _get(
        "/functions",
        "server",
        "The functions that filters may call",
        answer("The functions.", JSON, schema=made_of("functions", functions=listed({}))),
        [formats("json")],
    )
    yield _get(
        "/town",
        "server",
        "The town: its name, extent, time zone and base map",
        answer("The town.", JSON, schema={"type": "object"}),
    )


def places() -> Iterator[Operation]:
    """Describe the questions about a place."""
    yield _get(
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
    yield _get(
        "/search",
        "places",
        "What has a name, a code or an address like some words",
        answer("The best first.", JSON, schema=made_of("results", results=listed({}))),
        [
            {**words("q", "What is looked for.", 200, "黄屋"), "required": True},
            count("limit", "At most so many.", 50, 8),
        ],
    )
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
    yield _get(
        "/dossier/{id}",
        "places",
        "Figures and rows of all that lies in a grid",
        answer("The dossier of the grid.", JSON, schema={"type": "object"}),
        refer("id"),
        problems=(404,),
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
    yield _get(
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


def accounts() -> Iterator[Operation]:
    """Describe who is signed in, and what an account keeps."""
    signed = answer("Who is signed in now.", JSON, schema=ref("reader"))
    yield Operation(
        "post",
        "/login",
        "accounts",
        "Sign in; the cookie of the answer says who asks from then on",
        {200: signed},
        body={
            kind: media(_CREDENTIALS, {"username": "dispatcher", "password": _WORDS})
            for kind in (JSON, "application/x-www-form-urlencoded")
        },
        problems=(401, 403, 413, 415, 429),
    )
    yield Operation("post", "/logout", "accounts", "Sign out", {200: signed}, problems=(403, 413))
    yield Operation(
        "post",
        "/account/password",
        "accounts",
        "Change one's own password; whoever else is signed in by the account is out",
        {200: signed},
        body={JSON: media(_PASSWORDS, {"old": _WORDS, "new": "autumn-ebb-1937"})},
        problems=(400, 401, 403, 409, 413, 415, 429),
    )
    yield _get("/account", "accounts", "Who is signed in", signed)
    views = answer("The views.", JSON, schema=made_of("views", views=listed(ref("view"))))
    yield _get(
        "/account/views", "accounts", "The filters that the account named", views, signed_in=True
    )
    yield Operation(
        "post",
        "/account/views",
        "accounts",
        "Keep a filter under a name",
        {201: views},
        body={JSON: media(_VIEW)},
        problems=(409, 413, 415),
        signed_in=True,
    )
    yield Operation(
        "delete",
        "/account/views/{name}",
        "accounts",
        "Forget a named filter",
        {204: {"description": "It is forgotten."}},
        [code("name", "The view's name.", "fires")],
        problems=(404,),
        signed_in=True,
    )


def sources() -> Iterator[Operation]:
    """Describe what other systems send."""
    name = code("name", "The source.", "hotline")
    row = {"type": "object"}
    told = answer("The source.", JSON, schema=ref("source"))
    yield _get(
        "/sources",
        "sources",
        "What other systems may send in their own form",
        answer("The sources.", JSON, schema=made_of("sources", sources=listed(ref("source")))),
    )
    yield _get("/sources/{name}", "sources", "How a source says it", told, [name], problems=(404,))
    taken = answer("What was taken and what was refused, row by row.", JSON, schema=ref("taken"))
    yield Operation(
        "post",
        "/sources/{name}",
        "sources",
        "Send rows of a source",
        {200: taken, 201: taken},
        [name],
        {
            JSON: media({"oneOf": [row, {"type": "array", "items": row, "minItems": 1}]}),
            "text/csv": media(TEXT, "工单编号,事项小类\nGD7,环境卫生\n"),
        },
        problems=(404, 409, 413, 415),
        signed_in=True,
    )


def operations() -> Iterator[Operation]:
    """Describe all that is served beside the layers."""
    for part in (about, places, events, accounts, sources):
        yield from part()
