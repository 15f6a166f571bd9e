"""The real server answers, ends with its supervisor, and outlives its database."""

from __future__ import annotations

import requests


def test_the_real_server_answers_on_its_own_database(live_server: str) -> None:
    assert requests.get(f"{live_server}/town", timeout=5).json()["district"] == 441900
