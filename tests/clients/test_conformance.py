"""The tests of OGC API – Features, core, as PyPI ``ogctests`` has them."""

from __future__ import annotations

import os
import re
import subprocess
import sys

CORE = 29  # tests in the suite's core
QUIETLY = ("-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull)


def test_every_test_of_the_core_suite_passes(served_town: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "ogctests.features.core", *QUIETLY],
        env={**os.environ, "INSTANCE_URL": served_town},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-8000:]
    assert re.search(rf"^{CORE} passed", done.stdout, re.MULTILINE), done.stdout[-500:]
