"""The wall map in a real browser: how soon a case is seen, how smoothly it moves, what it holds."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.client import Answer, Loop, Posts
from bench.figure import Figure, Finding, at_least, at_most, percentile
from bench.intake.archive import fill
from bench.intake.reports import CREATED, address, requests
from bench.rig import Rig, server
from gis_server import serving
from gis_server.config import Settings

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--enable-precise-memory-info",
)
SCREEN = {"width": 1920, "height": 1080}
RATE, SEEN_MS = 50, 1000
LIVE, FRAMES_PER_S = 50_000, 30
SIMULATED_RATE, FLAT = 10, 1.1
ARRIVAL_S, SETTLE_S = 3.0, 4.0
MOVES_S, MOVES_PER_S = 6.0, 60
SAMPLE_S = 5.0

# A case is seen in the frame after the one in which its layer drew it.
WATCH_CASES = """async () => {
  const wall = document.querySelector('script[type=module]').src;
  const {CaseLayer} = await import(new URL('cases/case-layer.js', wall));
  const put = CaseLayer.prototype.put;
  globalThis.seen = {};
  CaseLayer.prototype.put = function (feature) {
    put.call(this, feature);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      globalThis.seen[feature.id] ??= performance.timeOrigin + performance.now();
    }));
  };
}"""
COUNT_FRAMES = """() => {
  globalThis.frames = [];
  const frame = at => {
    globalThis.frames.push(at);
    globalThis.counting = requestAnimationFrame(frame);
  };
  frame(performance.now());
}"""
FRAMES = "() => { cancelAnimationFrame(globalThis.counting); return globalThis.frames; }"


def wall(rig: Rig) -> Iterator[Finding]:
    """Watch cases arrive; then move a map of 50,000 live cases, and let a simulation run on it."""
    with _walled(rig, 1_000 if rig.quick else 20_000, 500 if rig.quick else 5_000) as (town, page):
        page.evaluate(WATCH_CASES)
        answers = _post(rig, town, page)
        yield from _seen(answers, page.evaluate("() => globalThis.seen"))
    live = 2_000 if rig.quick else LIVE
    with _walled(rig, live, live) as (town, page):
        for name, move in (("pan", _pan), ("zoom", _zoom)):
            frames = _frames(page, move)
            case = f"wall: {name} with {live:,} live cases"
            yield Figure(case, 1000 / float(np.mean(frames)), "frames/s", at_least(FRAMES_PER_S))
            yield Figure(f"{case}, slowest of 20", percentile(frames, 95), "ms a frame")
        yield from _heap(rig, town, page)


@contextlib.contextmanager
def _walled(rig: Rig, total: int, opened: int) -> Iterator[tuple[Settings, Page]]:
    """Serve a town with open cases, and open its wall in a browser that reaches no other host."""
    asked: list[str] = []
    with rig.database() as settings:
        fill(rig, settings, total, opened)
        with server(settings), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            page = browser.new_page(viewport=SCREEN)
            page.on("request", lambda request: asked.append(request.url))
            page.goto(f"{serving.address(settings)}/wall")
            page.wait_for_selector("html[data-stale=fresh]")
            page.wait_for_timeout(SETTLE_S * 1000)
            yield settings, page
            browser.close()
    outside = [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))]
    assert not outside, outside


def _post(rig: Rig, settings: Settings, page: Page) -> list[Answer]:
    posts = requests(rig, RATE * (4 if rig.quick else 20))
    answers = Posts(Loop(), address(settings), posts, RATE).run()
    page.wait_for_timeout(ARRIVAL_S * 1000)
    return answers


def _seen(answers: list[Answer], seen: dict[str, float]) -> Iterator[Finding]:
    """Compare when a post was to be sent with when the browser had drawn its case."""
    epoch_s = time.time() - time.monotonic()
    sent = {orjson.loads(a.body)["id"]: a.due_at + epoch_s for a in answers if a.status == CREATED}
    took = [seen[str(case)] - at * 1000 for case, at in sent.items() if str(case) in seen]
    yield Figure(f"wall: POST to seen p50 at {RATE}/s", percentile(took, 50), "ms")
    yield Figure(
        f"wall: POST to seen p95 at {RATE}/s", percentile(took, 95), "ms", at_most(SEEN_MS)
    )
    yield Figure("wall: cases never seen", len(sent) - len(took), "cases", at_most(0))


def _frames(page: Page, move: Any) -> list[float]:
    """Move the map by mouse for a while; milliseconds between its frames."""
    page.mouse.move(SCREEN["width"] / 2, SCREEN["height"] / 2)
    page.evaluate(COUNT_FRAMES)
    move(page)
    at = page.evaluate(FRAMES)
    page.wait_for_timeout(SETTLE_S * 1000 / 2)
    return list(np.diff(at))


def _pan(page: Page) -> None:
    """Drag the map in circles of 300 px."""
    x, y = SCREEN["width"] / 2, SCREEN["height"] / 2
    page.mouse.down()
    started = time.monotonic()
    while (passed := time.monotonic() - started) < MOVES_S:
        turn = 2 * math.pi * passed / 2
        page.mouse.move(x + 300 * math.sin(turn), y + 300 * (math.cos(turn) - 1))
        page.wait_for_timeout(1000 / MOVES_PER_S)
    page.mouse.up()


def _zoom(page: Page) -> None:
    """Turn the wheel one zoom in and out again, every half second."""
    started = time.monotonic()
    step = -100
    while time.monotonic() - started < MOVES_S:
        page.mouse.wheel(0, step)
        page.wait_for_timeout(500)
        step = -step


def _heap(rig: Rig, settings: Settings, page: Page) -> Iterator[Finding]:
    """Sample the heap after collecting garbage, while the simulation posts."""
    minutes = 0.2 if rig.quick else rig.minutes
    session = page.context.new_cdp_session(page)
    samples = []
    with serving.running(settings, [serving.simulation(settings, SIMULATED_RATE)]):
        page.wait_for_timeout(SAMPLE_S * 1000)
        until = time.monotonic() + minutes * 60
        while time.monotonic() < until:
            samples.append(_used_mb(session))
            page.wait_for_timeout(SAMPLE_S * 1000)
    third = max(1, len(samples) // 3)
    first, last = float(np.median(samples[:third])), float(np.median(samples[-third:]))
    case = f"wall: heap after {minutes:g} min of simulation at {SIMULATED_RATE}/s"
    yield Figure(case, last, "MB", at_most(first, "its first third", FLAT))


def _used_mb(session: CDPSession) -> float:
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 2**20
