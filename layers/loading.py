"""What a bulk load is given and what it tells: the contract between layers and the import."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from geopandas import GeoDataFrame
from sqlalchemy.orm import Session

from geodata.dataset import Progress, silent


class Rejected(NamedTuple):
    """A row that was not stored: its position from 1, the member at fault, and why.

    ``known`` says that the same row is stored already, so that nothing is lost.
    """

    row: int
    member: str
    detail: str
    known: bool = False


class Taken(NamedTuple):
    """What became of a frame: ``rows_written`` are new or changed, ``outside`` in no grid."""

    rows_read: int
    rows_written: int
    outside: int
    rejected: list[Rejected]


class Load(Protocol):
    """Store a frame in EPSG:4326, whose columns are named as the layer's, and announce it once."""

    def __call__(
        self, session: Session, scope: Any, frame: GeoDataFrame, progress: Progress = silent
    ) -> Taken:
        """Store the frame; nothing is kept unless the caller commits."""


@dataclass(frozen=True)
class Prepared:
    """A frame made ready for its layer.

    Attributes:
        frame: the rows, some perhaps merged: their index is that of the first.
        notes: what was done, as sentences for the user.
        flaws: what a person has to look at: ``flaw``, ``first``, ``second``, ``area_m2``, ``lon``,
            ``lat`` and the shape; None when the layer looks for none.
    """

    frame: GeoDataFrame
    notes: tuple[str, ...] = ()
    flaws: GeoDataFrame | None = None


def as_it_is(_session: Session, _scope: Any, frame: GeoDataFrame) -> Prepared:
    """Let a frame be, where what is stored beside it does not matter."""
    return Prepared(frame)


def named_by_file(source: Path) -> str:
    """Name rows after their file, so that its next edition brings them up to date."""
    return source.name.split(".", 1)[0]


def named_by_content(source: Path) -> str:
    """Name rows after what the file holds: the same file is known again, another never is."""
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=6))
    return f"{named_by_file(source)}-{digest.hexdigest()}"


@dataclass(frozen=True)
class Imports:
    """Say how a file's rows become rows of a layer.

    Attributes:
        fields: the columns that a file may fill; empty means all that the table has.
        required: columns that a file must fill; empty means those without a null or a default.
        key: the column that tells rows apart; made of ``source_name`` and the row's number where
            the file has none.
        source_name: names a file for the key.
        rest: the column that keeps what no other column takes, as JSON.
        osm: the part of an OpenStreetMap file that belongs here.
        prepare: makes the whole frame ready.
        settle: fits it to what is stored beside it, with the session of the import.
    """

    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    key: str = "code"
    source_name: Callable[[Path], str] = field(default=named_by_file)
    rest: str | None = None
    osm: str | None = None
    prepare: Callable[[GeoDataFrame], Prepared] = field(default=Prepared)
    settle: Callable[[Session, Any, GeoDataFrame], Prepared] = field(default=as_it_is)
