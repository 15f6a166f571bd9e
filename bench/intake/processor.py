"""What a bench costs the processor: a truer measure than its rate where others load the machine."""

from __future__ import annotations

import time

import psutil

from bench.rig import Rig
from gis_server.serving import Child


def spent_s(rig: Rig, web: Child) -> dict[str, float]:
    """Tell the seconds of processor time used until now, by the web server, database and client.

    Processes that have ended are left out.
    """
    postmaster = int((rig.cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    return {
        "web": _with_children_s(web.pid),
        "database": _with_children_s(postmaster),
        "client": time.process_time(),
    }


def _with_children_s(pid: int) -> float:
    parent = psutil.Process(pid)
    processes = [parent, *parent.children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in processes)
