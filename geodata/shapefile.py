"""Read shapefiles: out of a zip, and with the text encoding that their DBF really has."""

from __future__ import annotations

import codecs
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from geodata.dataset import Raw, ReadOptions, pick_layer
from geodata.errors import InvalidInput
from geodata.vectors import read_vector

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
UNZIPPED_LIMIT = 8 << 30  # bytes
SAMPLE_BYTES = 4 << 20
# ESRI and GDAL write code pages as bare numbers or with these prefixes.
_PREFIXES = ("ansi ", "oem ", "cp", "windows-")
_REMEDY = "give the right one with --encoding, such as --encoding GBK"


def read_shapefile(path: Path, options: ReadOptions) -> Raw:
    """Read a shapefile, in the encoding asked for, stated in its .cpg, or found in its DBF.

    Raises:
        InvalidInput: if the text is not in the stated encoding, or in none that is known.
    """
    encoding = options.encoding or dbf_encoding(path)
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise InvalidInput(f"unknown encoding {encoding!r}; {_REMEDY}", "encoding") from error
    return read_vector(path, replace(options, encoding=encoding))


def read_zipped(path: Path, options: ReadOptions) -> Raw:
    """Read a shapefile that is zipped with its sidecar files.

    Raises:
        InvalidInput: if the archive is damaged, holds none or several, or is too large.
    """
    try:
        with (
            zipfile.ZipFile(path, metadata_encoding="gb18030") as archive,
            tempfile.TemporaryDirectory(prefix="shapefile-") as folder,
        ):
            shapefile = _unzip(archive, options.layer, Path(folder))
            return read_shapefile(shapefile, replace(options, layer=None))
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, RuntimeError) as error:
        raise InvalidInput(f"cannot unzip {path.name}: {error}", "file") from error


def dbf_encoding(shapefile: Path) -> str:
    """Return the encoding of a shapefile's text: its .cpg's, else UTF-8 or GB18030 as it decodes.

    The language byte in the DBF's header is not believed: Chinese offices leave it at 0 or ANSI.

    Raises:
        InvalidInput: if the text does not decode.
    """
    samples = list(_dbf_texts(_beside(shapefile, ".dbf")))
    declared = _beside(shapefile, ".cpg")
    if declared is not None:
        encoding = _code_page(declared)
        if not _decodes(samples, encoding):
            raise InvalidInput(f"text is not {encoding} as {declared.name} says; {_REMEDY}")
        return encoding
    for encoding in ("utf-8", "gb18030"):
        if _decodes(samples, encoding):
            return encoding
    raise InvalidInput(f"text is neither UTF-8 nor GBK; {_REMEDY}", "encoding")


def _unzip(archive: zipfile.ZipFile, wanted: str | None, folder: Path) -> Path:
    """Extract one shapefile's parts under names of our own, whatever the archive calls them."""
    names = [PurePosixPath(name) for name in archive.namelist() if "__MACOSX" not in name]
    shapes = {name.stem: name for name in names if name.suffix.lower() == ".shp"}
    if not shapes:
        raise InvalidInput("the zip holds no .shp file", "file")
    chosen = shapes[pick_layer(sorted(shapes), wanted, "shapefile")]
    parts = [n for n in names if n.with_suffix("") == chosen.with_suffix("")]
    parts = [name for name in parts if name.suffix.lower() in PARTS]
    if sum(archive.getinfo(str(name)).file_size for name in parts) > UNZIPPED_LIMIT:
        raise InvalidInput(f"the zip unpacks to more than {UNZIPPED_LIMIT >> 30} GB", "file")
    for name in parts:
        target = folder / f"shapes{name.suffix.lower()}"
        with archive.open(str(name)) as packed, target.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
    return folder / "shapes.shp"


def _beside(shapefile: Path, suffix: str) -> Path | None:
    for candidate in (suffix, suffix.upper()):
        if (path := shapefile.with_suffix(candidate)).exists():
            return path
    return None


def _code_page(declared: Path) -> str:
    name = declared.read_text("ascii", errors="replace").strip().lower()
    number = name
    for prefix in _PREFIXES:
        number = number.removeprefix(prefix)
    if number in ("936", "54936", "gbk", "gb2312"):
        return "gb18030"  # its superset
    encoding = "utf-8" if number == "65001" else f"cp{number}" if number.isdigit() else name
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise InvalidInput(f"{declared.name} says {name!r}, which is unknown; {_REMEDY}") from error


def _dbf_texts(dbf: Path | None) -> Iterator[bytes]:
    """Yield the field names and text values of a DBF's beginning, without padding."""
    if dbf is None:
        return
    with dbf.open("rb") as file:
        data = file.read(SAMPLE_BYTES)
    header, length = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    if length < 2:
        return
    fields = [data[at : at + 32] for at in range(32, header - 1, 32)]
    fields = [field for field in fields if len(field) == 32 and field[0] != 0x0D]
    yield from (field[:11].split(b"\0")[0] for field in fields)
    for start in range(header, len(data) - length + 1, max(length, 1)):
        at = start + 1
        for field in fields:
            if field[11:12] == b"C":
                yield data[at : at + field[16]].rstrip(b" \0")
            at += field[16]


def _decodes(samples: list[bytes], encoding: str) -> bool:
    """Tell whether all texts decode; a last character cut by the field's width is forgiven."""
    decoder = codecs.getincrementaldecoder(encoding)
    try:
        for sample in samples:
            decoder().decode(sample)
    except UnicodeDecodeError:
        return False
    return True
