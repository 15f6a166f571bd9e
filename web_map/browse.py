"""Pages for people of what the API answers: made of the same documents, on the server.

They can be read, followed and copied from without a script; with one they show a map, copy at a
key, and switch language and colours as the other pages do.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import orjson
from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.wrappers import Response as Reply

from web_map import browse_api, pages
from web_map.browse_words import LANGUAGES, Said, meaning, moment, period, reason, words_of

Json = Mapping[str, Any]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
SOUGHT = frozenset({"string", "integer", "number", "boolean"})
SIZES = (10, 100, 1000)
MOST_COLUMNS = 12
_ZONE = "BROWSE_TIME_ZONE"


class Line(NamedTuple):
    """A line to be copied: the program that it is for, by the key of its name, and the text."""

    program: str
    text: str


def landing(document: Json) -> Response:
    """Show where to begin."""
    lines = (
        Line("browse.qgis", _root()),
        Line("browse.gdal", f'ogrinfo "OAPIF:{_root()}"'),
        Line("browse.curl", _curl()),
    )
    return _page("landing", document, lines)


def conformance(document: Json) -> Response:
    """Show which standards are kept."""
    return _page("conformance", document, (Line("browse.curl", _curl()),))


def collections(document: Json) -> Response:
    """Show what can be asked for."""
    lines = (
        Line("browse.qgis", _root()),
        Line("browse.gdal", f'ogrinfo "OAPIF:{_root()}"'),
        Line("browse.curl", _curl()),
    )
    return _page("collections", document, lines)


def collection(document: Json) -> Response:
    """Show what a collection is, and how to take it elsewhere."""
    name = str(document["id"])
    lines = (
        Line("browse.qgis", _root()),
        Line("browse.gdal", _ogr2ogr(name, f"OAPIF:{_root()}", name)),
        Line("browse.curl", _curl(f"/collections/{quote(name)}/items?limit=10")),
    )
    return _page("collection", document, lines, about=document)


def items(document: Json, about: Json) -> Response:
    """Show a page of features as a table and on a map, with a form that asks for others.

    Args:
        document: the collection of features.
        about: the description of their collection; its ``periods`` names those properties that
            are a period of time.
    """
    name, here = str(about["id"]), _here()
    features = document["features"]
    lines = (
        Line("browse.qgis", here),
        Line("browse.gdal", _ogr2ogr(name, here)),
        Line("browse.curl", _curl()),
    )
    told = {
        "about": about,
        "columns": _columns(about, features),
        "sought": [one for one in about.get("properties", ()) if one.get("type") in SOUGHT],
        "links": {link["rel"]: link["href"] for link in document.get("links", ())},
        "mapped": _mapped(features),
        "sizes": SIZES,
    }
    return _page("items", document, lines, **told)


def item(document: Json, about: Json) -> Response:
    """Show one feature: its properties, its place, and what can be asked of it.

    Args:
        document: the feature.
        about: the description of its collection.
    """
    name, here = str(about["id"]), _here()
    lines = (
        Line("browse.qgis", here),
        Line("browse.gdal", _ogr2ogr(f"{name}-{document['id']}", here)),
        Line("browse.curl", _curl()),
    )
    titles = {one["name"]: one.get("title_zh") for one in about.get("properties", ())}
    told = {"about": about, "titles": titles, "mapped": _mapped([document])}
    return _page("item", document, lines, **told)


def schema(document: Json, about: Json) -> Response:
    """Show the properties of a collection, or those that filters may name.

    Args:
        document: the queryables or the schema, as JSON Schema.
        about: the description of the collection.
    """
    return _page("schema", document, (Line("browse.curl", _curl()),), about=about)


def api(document: Json) -> Response:
    """Show the description of the API: what can be asked, operation by operation."""
    return _page("api", document, (), groups=browse_api.groups(document, _root().rstrip("/")))


def problem(document: Json) -> Response:
    """Show why a request is not answered, and which part of it is to blame."""
    reply = _page("problem", document, (Line("browse.curl", _curl()),), said=reason(document))
    reply.status_code = document["status"]
    return reply


def make_browse(time_zone: str = "UTC") -> Blueprint:
    """Make the blueprint of ``/browse/<name>``, where the form of a page of features leads.

    Args:
        time_zone: the zone in which pages tell periods.
    """
    found = Blueprint("browse", __name__)
    found.record(lambda state: state.app.config.__setitem__(_ZONE, time_zone))

    @found.get("/browse/<name>")
    def sought(name: str) -> Reply:
        asked = [(key, value.strip()) for key, value in request.args.items() if value.strip()]
        tail = f"?{urlencode(asked)}" if asked else ""
        return redirect(f"/collections/{quote(name)}/items{tail}", 303)

    return found


def _page(name: str, document: Json, lines: Sequence[Line], **told: Any) -> Response:
    language = request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
    reply = pages.rendered(
        f"browse/{name}.html",
        form_action="'self'",
        name=name,
        document=document,
        lines=lines,
        language=language,
        words=words_of(language),
        plain=_plain,
        period=_period,
        moment=_moment,
        meaning=meaning,
        **told,
    )
    reply.headers["Cache-Control"] = "private, no-cache"
    reply.vary.update(("Accept", "Accept-Language"))
    return reply


def _plain(value: Any) -> str:
    """Write a value of a property as text."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _period(about: Json, name: str, value: Any) -> Said | None:
    """Say the value of a property in words where it is a period; None where it is not."""
    if name not in about.get("periods", ()):
        return None
    return period(value, current_app.config[_ZONE])


def _moment(about: Json, name: str, value: Any) -> str | None:
    """Write the value of a property in local time where it is a time; None where it is not."""
    kinds = {one["name"]: one.get("type") for one in about.get("properties", ())}
    return moment(value, current_app.config[_ZONE]) if kinds.get(name) == "date-time" else None


def _columns(about: Json, features: Sequence[Json]) -> list[Json]:
    """Pick the properties of a table: its first ones, of those that the features tell."""
    known = [one for one in about.get("properties", ()) if one.get("type") != "object"]
    if features:
        known = [one for one in known if one["name"] in (features[0]["properties"] or {})]
    return known[:MOST_COLUMNS]


def _mapped(features: Sequence[Json]) -> list[dict[str, Any]]:
    """Give what a map shows of features: nothing of those in another system than its own."""
    if request.args.get("crs", CRS84) not in (CRS84, "CRS84", "OGC:CRS84"):
        return []
    placed = [feature for feature in features if feature["geometry"]]
    members = ("type", "id", "geometry", "properties")
    return [{name: feature.get(name) for name in members} for feature in placed]


def _root() -> str:
    return request.url_root


def _here() -> str:
    """Write this address as a program asks it: without the form, which pages alone need."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "f"]
    address = f"{request.host_url.rstrip('/')}{request.script_root}{quote(request.path)}"
    return f"{address}?{urlencode(asked, safe=',:/')}" if asked else address


def _curl(path: str | None = None) -> str:
    address = _here() if path is None else f"{_root().rstrip('/')}{path}"
    return f"curl {shlex.quote(address)}" if urlsplit(address).query else f"curl {address}"


def _ogr2ogr(name: str, source: str, layer: str = "") -> str:
    told = f"ogr2ogr -f GPKG {shlex.quote(name + '.gpkg')} {shlex.quote(source)}"
    return f"{told} {shlex.quote(layer)}" if layer else told
