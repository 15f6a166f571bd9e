"""Distances along streets: a graph of noded lines, searched from one place to many."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import Geometries, metres_near

Floats = NDArray[np.float64]


class Ways:
    """The streets of a town as a graph, in metres of its 3° Gauss–Krüger zone.

    Streets that cross are taken to meet, bridges too. Whoever starts or ends beside a street
    walks straight to the nearest one.

    Args:
        streets: lines in EPSG:4326.
    """

    def __init__(self, streets: Geometries) -> None:
        self._metres = metres_near(*_middle(streets))
        noded = shapely.union_all(self._metres.geometries_from_wgs84(streets))
        self._edges = shapely.get_parts(noded)
        self._length = shapely.length(self._edges)
        self._ends, nodes = _ends(self._edges)
        self._near: list[list[tuple[int, float]]] = [[] for _ in range(nodes)]
        for (one, two), metres in zip(self._ends.tolist(), self._length.tolist(), strict=True):
            self._near[one].append((two, metres))
            self._near[two].append((one, metres))
        self._tree = shapely.STRtree(self._edges)

    def distances_m(self, start: tuple[float, float], ends: Floats) -> Floats:
        """Measure the way from one place to others, in metres.

        Args:
            start: (lon, lat) in EPSG:4326.
            ends: the others (n, 2), likewise.

        Returns:
            One distance for each; infinite where no way leads.
        """
        if not len(self._edges) or not len(ends):
            return np.full(len(ends), np.inf)
        edge, along, off = self._onto_streets(np.vstack(([start], ends)))
        begin = int(edge[0])
        reached = self._search(begin, float(along[0]))
        one, two = self._ends[edge[1:]].T
        left = self._length[edge[1:]] - along[1:]
        way = np.minimum(reached[one] + along[1:], reached[two] + left)
        direct = np.where(edge[1:] == begin, np.abs(along[1:] - along[0]), np.inf)
        found: Floats = np.minimum(way, direct) + off[0] + off[1:]
        return found

    def _onto_streets(self, lonlat: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
        """Find each place's nearest edge, how far along it that is and how far off."""
        points = shapely.points(self._metres.from_wgs84(lonlat))
        (_, edge), off = self._tree.query_nearest(points, return_distance=True, all_matches=False)
        return edge, shapely.line_locate_point(self._edges[edge], points), off

    def _search(self, edge: int, along: float) -> Floats:
        """Measure the way from a place on an edge to every node (Dijkstra)."""
        far = np.full(len(self._near), np.inf).tolist()
        one, two = self._ends[edge].tolist()
        queue = [(along, one), (float(self._length[edge]) - along, two)]
        queue.sort()
        while queue:
            metres, node = heappop(queue)
            if metres >= far[node]:
                continue
            far[node] = metres
            for other, step in self._near[node]:
                if metres + step < far[other]:
                    heappush(queue, (metres + step, other))
        return np.array(far)


def _middle(streets: Geometries) -> tuple[float, float]:
    """Tell where a town lies; without streets anywhere will do."""
    if not len(streets):
        return 114.0, 0.0
    west, south, east, north = shapely.total_bounds(streets).tolist()
    return (west + east) / 2, (south + north) / 2


def _ends(edges: Geometries) -> tuple[NDArray[np.intp], int]:
    """Number the nodes: the first and last of each edge, and how many there are."""
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(edges, n)) for n in (0, -1)])
    nodes, number = np.unique(ends, axis=0, return_inverse=True)
    return number.reshape(2, -1).T, len(nodes)
