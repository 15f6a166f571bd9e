"""Draw the layers with Folium: a page that follows events, and a file that stands alone.

Folium's own page loads from four other hosts and puts names into pop-ups unescaped. Here every
asset is local (or inlined), and what the data says enters the page as text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import folium
import orjson
from branca.element import Element
from flask import Blueprint, Response
from folium.utilities import JsCode
from jinja2 import Template
from sqlalchemy.orm import Session

from layers import queries
from layers.base import Layer, Query, Scope
from layers.town import about

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("vendor/leaflet.js", "report/report.js")
STYLES = ("vendor/leaflet.css", "report/report.css")
TOWN_ZOOM = 12
MARGIN_PX = 12
MOST_FEATURES = 10_000
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)

Asking = Callable[[], Scope]
Sessions = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Shown:
    """A layer with the features that the map shows of it."""

    layer: Layer
    query: Query
    features: bytes

    @property
    def spec(self) -> dict[str, Any]:
        """Tell the browser how to draw a feature and what to call its properties."""
        return {
            "style": dict(self.layer.style),
            "by": self.layer.by,
            "symbols": {s.value: dict(s.style) for s in self.layer.symbols},
            "label": self.layer.label,
            "properties": [
                {"name": name, "title_zh": one.title_zh or name}
                for name, one in self.layer.fields.items()
            ],
        }

    @property
    def href(self) -> str:
        """The address that these features can be read from again."""
        asked = urlencode({**self.query.where, "limit": self.query.limit})
        return f"/collections/{self.layer.name}/items?{asked}"


def make_report(layers: Mapping[str, Layer], asking: Asking, reading: Sessions) -> Blueprint:
    """Make the blueprint of ``/maps/live``."""
    pages = Blueprint("report", __name__)

    @pages.get("/maps/live")
    def live() -> Response:
        with reading() as session:
            page = live_page(session, layers, asking())
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        return Response(page, headers=headers, mimetype="text/html")

    return pages


def live_page(session: Session, layers: Mapping[str, Layer], scope: Scope) -> str:
    """Draw the town's layers as a page of this server that follows its events."""
    drawn = _drawn(session, layers, scope)
    drawn.map.default_js = [(name, f"/static/{name}") for name in SCRIPTS]
    drawn.map.default_css = [(name, f"/static/{name}") for name in STYLES]
    followed = ", ".join(
        f"{_js(shown.layer.name)}: {{href: {_js(shown.href)}, layer: {variable}}}"
        for variable, shown in drawn.shown.items()
        if shown.layer.live
    )
    follow = f"gisReport.follow('/events', {{{followed}}}, document.getElementById('as-of'))"
    # The layers' variables are set by the scripts of the map, which come after this one.
    _raw(_figure(drawn.map).script, f"window.addEventListener('load', () => {follow});")
    return str(_figure(drawn.map).render())


def frozen_page(session: Session, layers: Mapping[str, Layer], scope: Scope) -> str:
    """Draw the town's layers as one file that needs nothing beside it."""
    drawn = _drawn(session, layers, scope)
    drawn.map.default_js, drawn.map.default_css = [], []
    head = "".join(f"<style>{_inlined_css(name)}</style>" for name in STYLES)
    head += "".join(f"<script>{_inlined_js(name)}</script>" for name in SCRIPTS)
    _raw(_figure(drawn.map).header, head)
    return str(_figure(drawn.map).render())


@dataclass(frozen=True)
class Drawn:
    """A Folium map, and what it shows by the name of the JavaScript variable."""

    map: folium.Map
    shown: dict[str, Shown]


def _drawn(session: Session, layers: Mapping[str, Layer], scope: Scope) -> Drawn:
    home = next(layer for layer in layers.values() if layer.home)
    town = about(session, scope, home)
    west, south, east, north = town["bbox"] or (-180, -60, 180, 75)
    page = folium.Map(tiles=None, prefer_canvas=True, control_scale=True, zoom_snap=0)
    page.fit_bounds([[south, west], [north, east]], padding=(MARGIN_PX, MARGIN_PX))
    shown = {}
    for layer in layers.values():
        if layer.geom is not None and layer.minzoom <= TOWN_ZOOM and not layer.hidden:
            part = _shown(session, layer, scope)
            shown[_added(page, part)] = part
    folium.LayerControl(collapsed=True).add_to(page)
    _raw(_figure(page).html, _head(town, scope) + _legend(shown))
    return Drawn(page, shown)


def _shown(session: Session, layer: Layer, scope: Scope) -> Shown:
    query = Query(where={"live": "true"} if "live" in layer.filters else {}, limit=MOST_FEATURES)
    found = queries.features(session, layer, scope, query).features
    features = [orjson.Fragment(f.body) for f in found]
    return Shown(layer, query, orjson.dumps({"type": "FeatureCollection", "features": features}))


def _added(page: folium.Map, shown: Shown) -> str:
    """Add a layer to the map; tell the name of its JavaScript variable."""
    drawn = folium.GeoJson(
        orjson.loads(shown.features),
        name=shown.layer.title_zh,
        marker=folium.CircleMarker(radius=4),
        on_each_feature=JsCode(f"gisReport.draw({_js(shown.spec)})"),
    )
    drawn.add_to(page)
    return str(drawn.get_name())


def _js(value: Any) -> str:
    """Write a value as JavaScript that cannot end the script it stands in."""
    text = orjson.dumps(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _figure(page: folium.Map) -> Any:
    """Find the page that a map stands on, with its header, html and script."""
    return page.get_root()


def _raw(parent: Any, text: str) -> None:
    """Add text as it is; a Jinja template would read braces in it."""
    part: Any = Element()
    part._template = Template("{{ this.text }}")
    part.text = text
    parent.add_child(part)


HEAD = Template(
    """<div class="report-head"><h1>{{ town.name or '网格治理一张图' }}
{% if town.name_en %}<small lang="en">{{ town.name_en }}</small>{% endif %}</h1>
<p>数据时间 <span id="as-of" data-zone="{{ zone }}">{{ as_of }}</span>
{% if town.synthetic %}<span class="synthetic">合成数据 synthetic</span>{% endif %}</p></div>""",
    autoescape=True,
)
LEGEND = Template(
    """<div class="report-legend">{% for layer in layers %}<h2>{{ layer.title_zh }}</h2><ul>
{% for symbol, style in layer.lines %}<li><svg width="18" height="12"><rect x="1" y="1" width="16"
height="10" rx="2" fill="{{ style.fillColor or 'none' }}" stroke="{{ style.color or '#456' }}"
stroke-width="2"/></svg>{{ symbol }}</li>{% endfor %}</ul>{% endfor %}</div>""",
    autoescape=True,
)


def _head(town: Mapping[str, Any], scope: Scope) -> str:
    now = datetime.now(UTC).astimezone(ZoneInfo(scope.time_zone))
    as_of = f"{now:%Y-%m-%d %H:%M:%S}"
    return str(HEAD.render(town=town, as_of=as_of, zone=scope.time_zone))


def _legend(shown: Mapping[str, Shown]) -> str:
    """List the symbols of all layers, what lies on top first."""
    told = [
        {
            "title_zh": part.layer.title_zh,
            "lines": [
                (symbol.label_zh, {**part.layer.style, **symbol.style})
                for symbol in part.layer.symbols
            ],
        }
        for part in reversed(list(shown.values()))
        if part.layer.symbols
    ]
    return str(LEGEND.render(layers=told))


def _inlined_js(name: str) -> str:
    return (STATIC / name).read_text().replace("</script", "<\\/script")


def _inlined_css(name: str) -> str:
    """Read a style sheet with its images in it."""

    def image(match: re.Match[str]) -> str:
        file = (STATIC / name).parent / match[1]
        body = base64.b64encode(file.read_bytes()).decode()
        return f"url(data:image/png;base64,{body})"

    return re.sub(r"url\(([\w./-]+\.png)\)", image, (STATIC / name).read_text())
