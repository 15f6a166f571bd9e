"""Find where a text mentions any of thousands of names, also when a character is wrong.

Every pair of characters of a name (neighbours, and neighbours but one) is filed under how it
sounds. The pairs of a text vote for (name, start); the few with enough votes are compared
character by character, all at once in NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.address_shapes import look_alike
from geodata.address_sounds import Codes, blurred, letters, sounds
from geodata.address_text import NUMERAL

SAME_SOUND, NEAR_SOUND, LOOK_ALIKE, OTHER, SHIFTED = 0.5, 0.6, 0.6, 1.1, 1.0
"""What a wrong character costs, in edits: homophone, accent, look-alike, any other, misplaced."""

_FORBIDDEN = 9.0
_NUMBERS = letters("0123456789" + NUMERAL)
_LONGEST = 24
_SKIP = 1 << 40
_PAIR = 1 << 20

Points = NDArray[np.integer[Any]]
Mask = NDArray[np.bool_]
Costs = NDArray[np.float32]


class Mention(NamedTuple):
    """Hold one place where a text mentions a name."""

    name: int
    """Position of the name in the index."""
    start: int
    end: int
    cost: float
    """Edits between the name and the text."""
    loss: float
    """Share (0..1) of the name's information that the edits destroy."""


@dataclass(frozen=True, slots=True)
class _Spelling:
    points: Codes
    sound: Codes
    blur: Codes


class NameIndex:
    """Hold names in normal form and find their mentions.

    Args:
        names: in the form of `address_text.normal`; longer than 24 characters are cut.
    """

    def __init__(self, names: Sequence[str]) -> None:
        cut = [name[:_LONGEST] for name in names]
        self._length = np.array([len(name) for name in cut], dtype=np.int16)
        width = int(self._length.max(initial=1))
        points = letters("".join(name.ljust(width, "\0") for name in cut))
        self._points = points.reshape(-1, width).astype(np.int32)
        self._sound = sounds(points).reshape(-1, width).astype(np.int32)
        self._blur = blurred(points).reshape(-1, width).astype(np.int32)
        self._weight = self._weights()
        self.information = self._weight.sum(axis=1)
        self._keys, self._first, self._filed_name, self._filed_at = self._file_pairs()

    def mentions(self, text: str) -> list[Mention]:
        """Return every mention within one edit (two in names of six characters or more)."""
        if len(text) < 2:
            return []
        points = letters(text)
        spelling = _Spelling(points, sounds(points), blurred(points))
        names, starts = self._elected(spelling.blur)
        ways = (self._replaced, self._swapped, self._shifted)
        return [mention for way in ways for mention in way(spelling, names, starts)]

    def _weights(self) -> Costs:
        """Weigh each character by how rare its sound is among the names."""
        used = self._points > 0
        codes, back = np.unique(self._blur, return_inverse=True)
        per_name = np.unique(np.argwhere(used)[:, 0] * (1 << 20) + back.reshape(used.shape)[used])
        count = np.bincount(per_name & ((1 << 20) - 1), minlength=len(codes))
        rarity = np.log(1 + len(used) / np.maximum(count, 1))[back].reshape(used.shape)
        return np.where(used, rarity, 0).astype(np.float32)

    def _file_pairs(self) -> tuple[Codes, Codes, Codes, Codes]:
        codes = self._blur.astype(np.int64)
        keys, where = [], []
        for step, mark in ((1, 0), (2, _SKIP)):
            full = np.argwhere(self._points[:, step:] > 0)
            row, col = full[:, 0], full[:, 1]
            keys.append(codes[row, col] * _PAIR + codes[row, col + step] + mark)
            where.append(full)
        every, place = np.concatenate(keys), np.concatenate(where)
        order = np.argsort(every, kind="stable")
        unique, first = np.unique(every[order], return_index=True)
        place = place[order].astype(np.int32)
        return unique, np.append(first, len(every)), place[:, 0].copy(), place[:, 1].copy()

    def _elected(self, blur: Codes) -> tuple[Codes, Codes]:
        """Return the names, and where they would begin, that enough pairs vote for."""
        near, skip = _pairs(blur, 1), _pairs(blur, 2) + _SKIP
        keys = np.concatenate([near, skip, near + _SKIP])
        at = np.concatenate([np.arange(len(side)) for side in (near, skip, near)])
        slot = np.searchsorted(self._keys, keys)
        slot[slot == len(self._keys)] = 0
        known = self._keys[slot] == keys if len(self._keys) else np.zeros(len(keys), bool)
        first, last = self._first[slot[known]], self._first[slot[known] + 1]
        post = _ranges(first, last)
        starts = np.repeat(at[known], last - first) - self._filed_at[post]
        ballots = self._filed_name[post] * np.int64(1024) + starts + _LONGEST
        elected, votes = np.unique(ballots, return_counts=True)
        names = elected // 1024
        enough = votes >= np.maximum(1, self._length[names] - 4)
        return names[enough], (elected % 1024 - _LONGEST)[enough]

    def _replaced(self, text: _Spelling, names: Codes, starts: Codes) -> list[Mention]:
        """Compare without a shift: some characters may be other ones."""
        cost = self._costs(text, names, starts)
        edits = cost.sum(axis=1)
        keep = (edits <= self._allowed(names) + 0.01) & (starts >= 0)
        keep &= starts + self._length[names] <= len(text.points)
        names, starts, cost, edits = names[keep], starts[keep], cost[keep], edits[keep]
        loss = (cost * self._weight[names]).sum(axis=1) / self.information[names]
        ends = starts + self._length[names]
        return _listed(names, starts, ends, edits, loss)

    def _swapped(self, text: _Spelling, names: Codes, starts: Codes) -> list[Mention]:
        """Compare with two neighbours in each other's place."""
        inside = (starts >= 0) & (starts + self._length[names] <= len(text.points))
        names, starts = names[inside], starts[inside]
        wrong = ~self._same(text, names, starts)
        names, starts = names[two := wrong.sum(axis=1) == 2], starts[two]
        first = np.argmax(wrong[two], axis=1)
        name, at = self._points[names], starts + first
        row, last = np.arange(len(names)), np.minimum(first + 1, name.shape[1] - 1)
        crossed = text.points[at] == name[row, last]
        crossed &= text.points[np.minimum(at + 1, len(text.points) - 1)] == name[row, first]
        loss = 0.3 * self._weight[names, first] / self.information[names]
        return self._edited(names[crossed], starts[crossed], 0, loss[crossed])

    def _shifted(self, text: _Spelling, names: Codes, starts: Codes) -> list[Mention]:
        """Compare with one character missing from the text, or one too many in it."""
        long = self._length[names] > 2
        names, starts = np.tile(names[long], 2), np.tile(starts[long], 2)
        starts[len(starts) // 2 :] += 1
        head = _run(self._same(text, names, starts))
        length = self._length[names]
        tail = self._tail(text, names, starts - 1)
        missing = (head + tail >= length - 1) & (np.maximum(head, tail) < length) & (starts >= 0)
        lost = self._weight[names, np.minimum(head, length - 1)] / self.information[names]
        found = self._edited(names[missing], starts[missing], -1, lost[missing])
        tail = self._tail(text, names, starts + 1)
        extra = (head + tail >= length) & (np.maximum(head, tail) < length) & (head > 0)
        return found + self._edited(names[extra], starts[extra], 1, 0.1 * lost[extra])

    def _edited(self, names: Codes, starts: Codes, shift: int, loss: Costs) -> list[Mention]:
        edits = np.full(len(names), SHIFTED, dtype=np.float32)
        return _listed(names, starts, starts + self._length[names] + shift, edits, loss)

    def _same(self, text: _Spelling, names: Codes, starts: Codes) -> Mask:
        """Tell which characters of each name are those of the text; padding always is."""
        at = starts[:, None] + np.arange(self._points.shape[1])
        inside = (at >= 0) & (at < len(text.points))
        there = np.where(inside, text.points[np.clip(at, 0, len(text.points) - 1)], -1)
        same: Mask = (there == self._points[names]) | (self._points[names] == 0)
        return same

    def _costs(self, text: _Spelling, names: Codes, starts: Codes) -> Costs:
        """Return the cost of each character of each name at its place in the text."""
        cost = np.zeros((len(names), self._points.shape[1]), dtype=np.float32)
        wrong = np.nonzero(~self._same(text, names, starts))
        name = (names[wrong[0]], wrong[1])
        at = starts[wrong[0]] + wrong[1]
        inside = (at >= 0) & (at < len(text.points))
        at = np.clip(at, 0, len(text.points) - 1)
        there, here = text.points[at], self._points[name]
        each = np.where(look_alike(there, here), LOOK_ALIKE, OTHER)
        each[_is_number(there) & ~_is_number(here)] = _FORBIDDEN
        each[text.blur[at] == self._blur[name]] = NEAR_SOUND
        each[text.sound[at] == self._sound[name]] = SAME_SOUND
        cost[wrong] = np.where(inside, each, OTHER)
        return cost

    def _tail(self, text: _Spelling, names: Codes, starts: Codes) -> Codes:
        """Count how many last characters of each name sound as the text does."""
        good = self._same(text, names, starts)
        tail: Codes = _run(good[:, ::-1]) - (good.shape[1] - self._length[names])
        return tail

    def _allowed(self, names: Codes) -> Costs:
        steps = np.searchsorted([3, 6], self._length[names], side="right")
        return np.array([SAME_SOUND, OTHER, 2 * OTHER], dtype=np.float32)[steps]


def _is_number(points: Points) -> Mask:
    return np.isin(points, _NUMBERS)


def _pairs(codes: Codes, step: int) -> Codes:
    return codes[:-step] * _PAIR + codes[step:]


def _ranges(first: Codes, last: Codes) -> Codes:
    """Concatenate the ranges first[i]..last[i]."""
    size = last - first
    offset = np.repeat(first - np.append(0, np.cumsum(size)[:-1]), size)
    concatenated: Codes = np.arange(int(size.sum())) + offset
    return concatenated


def _run(good: Mask) -> Codes:
    """Count the leading true values of each row."""
    run: Codes = np.where(good.all(axis=1), good.shape[1], np.argmin(good, axis=1))
    return run


def _listed(*columns: NDArray[Any]) -> list[Mention]:
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [Mention(*row) for row in rows]
