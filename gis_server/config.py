"""Settings: everything that the environment may say, read once."""

from __future__ import annotations

import json
import os
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from geodata.errors import InvalidInput

ROOT = Path(__file__).resolve().parent.parent

_WEB_MERCATOR_NAMES = frozenset({"EPSG:3857", "EPSG:900913"})


@dataclass(frozen=True)
class Basemap:
    """A background map that the town's own streets are drawn over.

    Args:
        kind: ``xyz`` (one address with {z}, {x}, {y}; WMTS too) or ``pmtiles`` (one file).
        url: where the browser fetches it.
        attribution: the credit line that its licence asks for.
        crs: always ``EPSG:3857``; said aloud because many Chinese tiles are shifted.
    """

    kind: Literal["xyz", "pmtiles"]
    url: str
    attribution: str
    crs: str

    @classmethod
    def parse(cls, text: str) -> Basemap | None:
        """Read a base map from JSON, or from an address that ends in ``#crs=EPSG:3857``.

        Returns:
            None for an empty text.

        Raises:
            InvalidInput: without an address, or without a CRS that the map can draw.
        """
        if not (text := text.strip()):
            return None
        declared = _from_json(text) if text.startswith("{") else _from_address(text)
        url, crs = str(declared.get("url", "")), str(declared.get("crs", ""))
        if not url:
            raise InvalidInput("a base map needs a url", "GIS_BASEMAP")
        default = "pmtiles" if urlsplit(url).path.endswith(".pmtiles") else "xyz"
        kind = declared.get("kind", default)
        if kind not in {"xyz", "pmtiles"}:
            raise InvalidInput(f"a base map is of kind xyz or pmtiles, not {kind!r}", "GIS_BASEMAP")
        return cls(kind, url, str(declared.get("attribution", "")), _drawable(crs))


def _from_json(text: str) -> dict[str, Any]:
    try:
        return cast(dict[str, Any], json.loads(text))
    except json.JSONDecodeError as error:
        raise InvalidInput(f"not JSON: {error}", "GIS_BASEMAP") from error


def _from_address(text: str) -> dict[str, Any]:
    url, _, crs = text.partition("#crs=")
    return {"url": url, "crs": crs}


def _drawable(crs: str) -> str:
    if not crs:
        raise InvalidInput(
            "a base map must declare its CRS: give JSON with crs, or end the address in "
            "#crs=EPSG:3857",
            "GIS_BASEMAP",
        )
    if crs.lower().replace("-", "") in {"gcj02", "bd09"}:
        raise InvalidInput(
            f"{crs} tiles lie about 550 m off the true place; choose tiles in EPSG:3857",
            "GIS_BASEMAP",
        )
    if crs.upper() not in _WEB_MERCATOR_NAMES:
        raise InvalidInput(f"the map draws EPSG:3857, not {crs}", "GIS_BASEMAP")
    return "EPSG:3857"


@dataclass(frozen=True)
class Settings:
    """What an installation may choose; every default runs on a laptop.

    Args:
        database_url: the application role's connection; empty means the embedded cluster.
        owner_database_url: the owner's connection, which migrates; the application's if not given.
        replica_url: a streaming replica for reads; empty means the primary.
        test_database_url: where tests may create databases; empty means a throw-away cluster.
        var: the folder for the embedded cluster, logs and locks.
        host: the address to listen on.
        port: the port to listen on.
        workers: how many server processes answer requests.
        district: first six digits of the area code; given to rows without a place.
        time_zone: the zone whose midnight divides days.
        secret_key: signs the cookies of who is signed in; empty means one that is made and kept
            in ``var``.
        title: the map's name in Chinese.
        title_en: the map's name in English.
        basemap: a background map, see Basemap.parse; None draws streets and water only.
        real_data: folder of real data for the tests in tests/real; None leaves them out.
    """

    database_url: str = ""
    owner_database_url: str = ""
    replica_url: str = ""
    test_database_url: str = ""
    var: Path = ROOT / "var"
    host: str = "127.0.0.1"
    port: int = 8400
    workers: int = 2
    district: int = 441900
    time_zone: str = "Asia/Shanghai"
    secret_key: str = ""
    title: str = "网格治理一张图"
    title_en: str = "Grid governance map"
    basemap: Basemap | None = None
    real_data: Path | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from the environment; an empty variable counts as not set.

        Raises:
            InvalidInput: naming the variable that cannot be understood.
        """
        environ = os.environ if environ is None else environ
        given = {
            field.name: _PARSERS.get(field.name, _text)(environ[name], name)
            for field in fields(cls)
            if environ.get(name := variable(field.name))
        }
        given.setdefault("owner_database_url", given.get("database_url", ""))
        return cls(**given)

    def environment(self) -> dict[str, str]:
        """Write the environment of a child process, which reads the same settings from it."""
        chosen = {variable(f.name): _written(getattr(self, f.name)) for f in fields(self)}
        return {**os.environ, **chosen}


def variable(field: str) -> str:
    """Name the environment variable of a field, such as GIS_PORT of port."""
    return _UNPREFIXED.get(field, f"GIS_{field.upper()}")


_UNPREFIXED = {
    "database_url": "DATABASE_URL",
    "replica_url": "DATABASE_REPLICA_URL",
    "test_database_url": "TEST_DATABASE_URL",
}


def _written(value: object) -> str:
    if isinstance(value, Basemap):
        return json.dumps(vars(value), ensure_ascii=False)
    return "" if value is None else str(value)


def _text(text: str, _name: str) -> str:
    return text


def _path(text: str, _name: str) -> Path:
    return Path(text).expanduser().resolve()


def _whole(low: int, high: int) -> Callable[[str, str], int]:
    def parse(text: str, name: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise InvalidInput(f"{name} is a whole number {low}–{high}, not {text!r}", name)
        return int(text)

    return parse


def _zone(text: str, name: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInput(f"no time zone is called {text!r}", name) from error
    return text


def _database(text: str, name: str) -> str:
    scheme, found, rest = text.partition("://")
    if not found or scheme not in {"postgres", "postgresql", "postgresql+psycopg2"}:
        raise InvalidInput(f"{name} begins with postgresql://", name)
    # SQLAlchemy 2.1 reads a bare postgresql:// as psycopg 3, which gevent does not patch.
    return f"postgresql+psycopg2://{rest}"


_PARSERS: dict[str, Callable[[str, str], Any]] = {
    "database_url": _database,
    "owner_database_url": _database,
    "replica_url": _database,
    "test_database_url": _database,
    "var": _path,
    "port": _whole(1, 65535),
    "workers": _whole(1, 64),
    "district": _whole(100000, 999999),
    "time_zone": _zone,
    "basemap": lambda text, _name: Basemap.parse(text),
    "real_data": _path,
}
