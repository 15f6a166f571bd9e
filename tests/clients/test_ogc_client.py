"""npm ``@camptocamp/ogc-client``, which web maps use, lists and reads every collection."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import requests

SCRIPT = Path(__file__).with_name("ogc-client.mjs")
WAIT_S = 120


def test_every_collection_is_listed_and_read(served_town: str) -> None:
    done = subprocess.run(
        ["node", str(SCRIPT), f"{served_town}/"],
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    listed = requests.get(f"{served_town}/collections", timeout=WAIT_S).json()["collections"]
    assert set(told["read"]) == {one["id"] for one in listed}
    assert all(one["crs"] == 7 and one["ids"] for one in told["read"].values())
