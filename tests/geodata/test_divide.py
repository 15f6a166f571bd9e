"""Dividing blocks into connected parts of like weight."""

import numpy as np
import pytest
import shapely

from geodata.divide import Mesh, grow, reading_order, share_out, shared_segments, split


def _chain(count: int) -> Mesh:
    """Make blocks in a row, each touching the next."""
    near = [{n - 1: 1.0, n + 1: 1.0} for n in range(count)]
    fronts = tuple({k: v for k, v in links.items() if 0 <= k < count} for links in near)
    xy = np.column_stack((np.arange(count), np.zeros(count))).astype(float)
    return Mesh(fronts, fronts, xy, np.ones(count))


def _star(count: int) -> Mesh:
    """Make one block in the middle of all others, which touch nothing else."""
    fronts = (dict.fromkeys(range(1, count), 1.0), *({0: 1.0} for _ in range(1, count)))
    angle = np.linspace(0, 6, count - 1)
    xy = np.vstack(([[0, 0]], np.column_stack((np.cos(angle), np.sin(angle)))))
    return Mesh(fronts, fronts, xy, np.ones(count))


def test_row_is_split_into_even_parts() -> None:
    assert sorted(map(len, split(_chain(12), range(12), 4))) == [3, 3, 3, 3]


def test_parts_of_a_split_hold_every_block_once() -> None:
    parts = split(_chain(11), range(11), 4)
    assert sorted(block for part in parts for block in part) == list(range(11))


def test_star_can_be_split_to_single_blocks() -> None:
    assert sorted(split(_star(6), range(6), 6)) == [[0], [1], [2], [3], [4], [5]]


def test_too_few_blocks_are_refused() -> None:
    with pytest.raises(ValueError, match="2 blocks cannot make 3 parts"):
        split(_chain(2), range(2), 3)


def test_blocks_grow_around_the_nearest_seed() -> None:
    part = grow(_chain(6), np.array([[0.0, 0.0], [5.0, 0.0]]), np.ones(2))
    assert part.tolist() == [0, 0, 0, 1, 1, 1]


def test_shares_add_up_and_keep_least_and_most() -> None:
    share = share_out(np.array([1.0, 1.0, 98.0]), 10, 2, np.array([9, 9, 5]))
    assert share.sum() == 10
    assert share.min() >= 2
    assert share[2] == 5


def test_impossible_shares_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be shared"):
        share_out(np.ones(3), 2, 1)


def test_neighbours_share_the_segments_between_them() -> None:
    a, b, segments = shared_segments(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]))
    assert {int(a[0]), int(b[0])} == {0, 1}
    assert segments.tolist() == [[[1, 0], [1, 1]]]


def test_boxes_that_touch_at_a_corner_share_no_segment() -> None:
    a, _, _ = shared_segments(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2)]))
    assert len(a) == 0


def test_reading_order_is_west_to_east_then_north_to_south() -> None:
    xy = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 5.0]])
    assert reading_order(xy).tolist() == [2, 1, 0]
