"""Who asks and what other systems send, as operations of OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gis_server.openapi_operations import JSON, Operation, answer, media
from gis_server.openapi_parameters import code
from gis_server.openapi_schemas import TEXT, listed, made_of, ref
from gis_server.openapi_server import get

Json = dict[str, Any]

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


def accounts() -> Iterator[Operation]:
    """Describe who is signed in, and how he comes in and out."""
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
    yield get("/account", "accounts", "Who is signed in", signed)


def views() -> Iterator[Operation]:
    """Describe the filters that an account keeps."""
    views = answer("The views.", JSON, schema=made_of("views", views=listed(ref("view"))))
    yield get(
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
    yield get(
        "/sources",
        "sources",
        "What other systems may send in their own form",
        answer("The sources.", JSON, schema=made_of("sources", sources=listed(ref("source")))),
    )
    yield get("/sources/{name}", "sources", "How a source says it", told, [name], problems=(404,))
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
    """Describe who asks and what other systems send."""
    for part in (accounts, views, sources):
        yield from part()
