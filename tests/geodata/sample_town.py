"""The demo town, made once for all tests that look at it."""

from datetime import UTC, datetime
from functools import cache

from geodata.regions import town_settings
from geodata.scene import Scene
from geodata.town import DONGKENG, Town, make_scene, make_town

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@cache
def demo_town() -> Town:
    return make_town(now=NOW)


@cache
def demo_scene() -> Scene:
    return make_scene(1, town_settings(DONGKENG), NOW)
