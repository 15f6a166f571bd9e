"""How one operation is described: what may be asked, what is sent, and all that is answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from gis_server.openapi_schemas import ref

Json = dict[str, Any]

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
GEOJSON_SEQ, MVT = "application/geo+json-seq", "application/vnd.mapbox-vector-tile"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PROBLEM = "application/problem+json"
SESSION = "session"
# What any request may meet: words that mean nothing here, a form that is not offered, an address
# that is too long, and a database that is away.
ALWAYS = (400, 406, 414, 503)
TITLES: Mapping[int, str] = {
    400: "A parameter, a header or the body is wrong; `errors` points to it.",
    401: "Nobody has signed in.",
    403: "The reader's roles, post or areas do not allow this.",
    404: "There is no such thing, or the reader may not see it.",
    405: "This cannot be done here.",
    406: "The answer is not offered in any form that `Accept` names.",
    409: "The change contradicts what is stored.",
    412: "Another version is stored by now.",
    413: "The body is too large.",
    414: "The address is too long to be read.",
    415: "The body is of another type than those described.",
    428: "The change does not say which version it is based on (`If-Match`).",
    429: "Too many attempts; `Retry-After` says when the next may come.",
    503: "The database is away or busy; `Retry-After` says when to try again.",
}
_SECONDS = {"schema": {"type": "integer", "minimum": 0}, "description": "Seconds."}


@dataclass(frozen=True)
class Operation:
    """What one method of one path does.

    Attributes:
        method: of HTTP, in lower case.
        path: with the names of its parameters in braces.
        tag: the group that it belongs to.
        summary: what it does, in a few words.
        replies: what is answered when all is well, by status.
        parameters: objects or references of OpenAPI.
        body: what is sent: the schema or the whole description of each media type.
        problems: statuses of refusals, beside those that any request may meet.
        signed_in: whether somebody must have signed in.
    """

    method: str
    path: str
    tag: str
    summary: str
    replies: Mapping[int, Json]
    parameters: Sequence[Json] = ()
    body: Mapping[str, Json] | None = None
    problems: tuple[int, ...] = ()
    signed_in: bool = False

    def told(self) -> Json:
        """Write it as an operation object."""
        told: Json = {
            "operationId": self.name,
            "tags": [self.tag],
            "summary": self.summary,
            "parameters": list(self.parameters),
            "responses": self._responses(),
            "security": [{SESSION: []}] if self.signed_in else [{}, {SESSION: []}],
        }
        if self.body is not None:
            told["requestBody"] = {"required": True, "content": dict(self.body)}
        return told

    @property
    def name(self) -> str:
        """A name that no other operation has."""
        words = re.findall(r"\w+", self.path.replace(".", "_"), re.ASCII)
        plain = "_".join([self.method, *words]) if words else f"{self.method}_root"
        rest = "".join(c for c in self.path if not c.isascii())
        return f"{plain}_{rest.encode().hex()}" if rest else plain

    def _responses(self) -> Json:
        signed = (401, 403) if self.signed_in else ()
        refused = sorted({*ALWAYS, *signed, *self.problems})
        refusals = {str(status): {"$ref": f"#/components/responses/{status}"} for status in refused}
        return {**{str(status): reply for status, reply in self.replies.items()}, **refusals}


def refusals() -> dict[str, Json]:
    """Describe every refusal once."""
    return {str(status): _refusal(status, title) for status, title in TITLES.items()}


def _refusal(status: int, title: str) -> Json:
    example = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": title.rstrip("."),
    }
    content = {PROBLEM: {"schema": ref("problem"), "example": example}}
    told: Json = {"description": title, "content": content}
    if status == HTTPStatus.REQUEST_URI_TOO_LONG:  # refused before the application is asked
        told["content"][HTML] = {"schema": {"type": "string"}}
    if status in (429, 503):
        told["headers"] = {"Retry-After": _SECONDS}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        told["headers"] = {"Allow": {"schema": {"type": "string"}}}
    return told


def answer(text: str, *kinds: str, schema: Json | None = None, **more: Any) -> Json:
    """Describe an answer in one or several media types; pages are text."""
    contents = {
        kind: {"schema": {"type": "string"} if kind == HTML else schema or {}} for kind in kinds
    }
    return {"description": text, "content": contents, **more} if kinds else {"description": text}


def media(schema: Json, example: Any = None) -> Json:
    """Describe what one media type holds; the schema's own example unless told."""
    examples = schema.get("examples")
    told = examples[0] if example is None and examples else example
    return {"schema": schema} if told is None else {"schema": schema, "example": told}


def header(text: str, example: str) -> Json:
    """Describe a header of an answer."""
    return {"description": text, "schema": {"type": "string"}, "example": example}


ETAG = {"ETag": header("The version: what a change is based on.", '"1"')}
LOCATION = {"Location": header("The address of what was stored.", "/collections/…/items/1")}
CONTENT_CRS = {"Content-Crs": header("The system of the coordinates.", "<…/OGC/1.3/CRS84>")}
NOT_MODIFIED = {"description": "It is still the version of `If-None-Match`."}
