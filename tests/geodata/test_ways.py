"""Ways along streets."""

from __future__ import annotations

import numpy as np

from geodata.ways import Ways


def test_in_a_town_without_streets_no_way_leads_anywhere() -> None:
    nowhere = Ways(np.array([], dtype=object))
    far = nowhere.distances_m((114.0, 23.0), np.array([[114.0, 23.001]]))
    assert np.isinf(far).all()
