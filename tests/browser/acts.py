"""What people do in the tests: report cases, look at the wall, and stand somewhere."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import requests
from PIL import Image
from playwright.sync_api import Page, expect

from tests.factories import PASSWORD, Json, at, feature, incident

REPLY_LIMIT_S = 10
ITEMS = "/collections/incidents/items"
REPORTED = (0xFF, 0x9A, 0xD2)  # the colour of cases that nobody has accepted yet
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def report(server: str, east_m: float, north_m: float, **told: Any) -> Json:
    """Post a case at a place in metres from the middle of the town."""
    return _post(server, incident(east_m, north_m, **told))


def ticket(server: str, address: str) -> Json:
    """Post a hotline ticket with words only."""
    return _post(server, feature(None, source="12345", address=address))


def sign_in(page: Page, account: str = "dispatcher") -> None:
    """Sign in by the browser that shows a page, and show the page again."""
    signed = page.context.request.post(f"{_origin(page.url)}/login", data=_credentials(account))
    assert signed.ok, signed.text()
    page.reload()


@cache
def signed_in(server: str, account: str = "dispatcher") -> requests.Session:
    """Sign in beside the browser; once for all that is asked of a server by an account."""
    web = requests.Session()
    reply = web.post(f"{server}/login", json=_credentials(account), timeout=REPLY_LIMIT_S)
    assert reply.ok, reply.text
    return web


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _credentials(account: str) -> Json:
    return {"username": account, "password": PASSWORD}


def _post(server: str, body: Json) -> Json:
    return _stored(requests.post(server + ITEMS, json=body, timeout=REPLY_LIMIT_S))


def _stored(reply: requests.Response) -> Json:
    assert reply.status_code == 201, reply.text
    stored: Json = reply.json()
    return stored


def ask(server: str, path: str) -> Json:
    """Read JSON from the server."""
    answer: Json = requests.get(server + path, timeout=REPLY_LIMIT_S).json()
    return answer


def case_of(server: str, number: str) -> Json:
    """Read the case of a number."""
    found: Json = ask(server, f"/collections/incidents/items?number={number}")["features"][0]
    return found


def await_wall(page: Page) -> None:
    """Wait until the wall shows figures and hears the server."""
    expect(page.locator(".figure-value").first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-stale", "fresh")


def line(page: Page, case: Json) -> Any:
    """Find the ticker's line of a case."""
    return page.locator(f'#ticker [data-key="{case["id"]}"]')


def standing(east_m: float, north_m: float, accuracy_m: float) -> dict[str, Any]:
    """Hold a phone at a place in metres from the middle, which tells it how exact it is."""
    lon, lat = at(east_m, north_m)
    place = {"longitude": lon, "latitude": lat, "accuracy": accuracy_m}
    return {**PHONE, "geolocation": place, "permissions": ["geolocation"]}


def locate(page: Page) -> None:
    """Ask for the grid at one's own position."""
    page.get_by_role("button", name="用我的位置").click()


def pixel(page: Page, x: float, y: float) -> tuple[int, ...]:
    """Look at one point of what the page shows: red, green and blue."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    colour = picture.getpixel((round(x), round(y)))
    assert isinstance(colour, tuple)
    return colour
