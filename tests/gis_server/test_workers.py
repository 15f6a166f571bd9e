"""What is set up before and after the workers are forked."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: to import the configuration patches the whole of it.
FROZEN = """
import gc
from gis_server import workers
before = gc.get_freeze_count()
workers.pre_fork(None, None)
print(before, gc.get_freeze_count() > 10_000, len(gc.get_objects()) < 1000)
"""


def test_workers_share_what_the_application_is_made_of() -> None:
    told = subprocess.run(
        [sys.executable, "-c", FROZEN], capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["0", "True", "True"]
