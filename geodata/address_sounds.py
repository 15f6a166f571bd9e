"""Tell which Chinese characters sound alike, with or without an accent.

Mandarin readings without tones come from the table inside PyPI ``pypinyin``. Its file is read
without importing the package: the phrase dictionary that comes with it would cost every web
process 55 MB, the two arrays kept here cost 84 kB.
"""

from __future__ import annotations

import importlib.util
import json
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geodata.errors import Unavailable

FIRST_HAN, LAST_HAN = 0x4E00, 0x9FFF
NOT_HAN = 4096
"""Codes from here on are characters that have no reading: digits, letters, signs."""

_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))

Codes = NDArray[np.int64]


def letters(text: str) -> Codes:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.int64)


def sounds(points: Codes) -> Codes:
    """Return one number per character, equal for characters with the same syllable."""
    return _coded(points, _tables()[0])


def blurred(points: Codes) -> Codes:
    """Return one number per character, equal also across zh/z, ch/c, sh/s, n/ng and l/n."""
    return _coded(points, _tables()[1])


def _coded(points: Codes, table: Codes) -> Codes:
    han = (points >= FIRST_HAN) & (points <= LAST_HAN)
    read = table[np.where(han, points - FIRST_HAN, 0)]
    return np.where(han & (read > 0), read, NOT_HAN + points)


@cache
def _tables() -> tuple[Codes, Codes]:
    plain: dict[str, int] = {}
    merged: dict[str, int] = {}
    exact = np.zeros(LAST_HAN - FIRST_HAN + 1, dtype=np.int64)
    rough = exact.copy()
    for point, reading in _readings():
        syllable = _toneless(reading)
        exact[point - FIRST_HAN] = plain.setdefault(syllable, len(plain) + 1)
        rough[point - FIRST_HAN] = merged.setdefault(_blur(syllable), len(merged) + 1)
    return exact, rough


def _readings() -> list[tuple[int, str]]:
    spec = importlib.util.find_spec("pypinyin")
    if spec is None or spec.origin is None:
        raise Unavailable("pypinyin is not installed, its table of readings is needed")
    table = json.loads((Path(spec.origin).parent / "pinyin_dict.json").read_text("utf-8"))
    points = ((int(point), readings) for point, readings in table.items())
    return [(p, r.split(",")[0]) for p, r in points if FIRST_HAN <= p <= LAST_HAN]


def _toneless(reading: str) -> str:
    parts = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(c for c in parts if c.isascii())


def _blur(syllable: str) -> str:
    for long, short in _MERGED:
        syllable = syllable.replace(long, short)
    return "n" + syllable[1:] if syllable.startswith("l") else syllable
