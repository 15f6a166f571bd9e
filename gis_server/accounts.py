"""The door: sign in and out by Flask-Security, and rules for passwords.

It is a small application of its own, so that no other request pays for its hooks.
"""

from __future__ import annotations

import ipaddress
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any, cast

import orjson
from argon2 import PasswordHasher
from flask import Blueprint, Flask, Response, request
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_security import Security, SQLAlchemySessionUserDatastore
from flask_security.utils import login_user, logout_user
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from geodata.errors import Forbidden, InvalidInput, SignInRequired
from geodata.geojson import parse_json
from gis_server import access, asked, errors, keys
from gis_server.config import Settings
from gis_server.db import Database
from layers import accounts
from layers.base import VISITOR, Reader, Scope

BODY_LIMIT_BYTES = 4096
FORM = "application/x-www-form-urlencoded"
NAME_LIMIT, PASSWORD_LENGTHS = 64, (10, 128)
LEAST_LETTERS = 5
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
DOORS = frozenset({("POST", "/login"), ("POST", "/logout")})
LIFETIME = timedelta(hours=accounts.LASTS_H)
CONFIG = {
    "MAX_CONTENT_LENGTH": BODY_LIMIT_BYTES,
    "PERMANENT_SESSION_LIFETIME": LIFETIME,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_NAME": access.COOKIE,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "SESSION_REFRESH_EACH_REQUEST": False,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
    "WTF_CSRF_ENABLED": False,  # requests of other sites are refused by where they come from
}


# Source: OWASP Password Storage Cheat Sheet, Argon2id.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass
class Hashing:
    """Hash passwords, which takes a core and 19 MB for some 30 ms: two at a time, no more.

    Attributes:
        aside: does the work; a server may do it beside its other requests.
    """

    aside: Callable[..., Any]
    turn: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))

    def run(self, work: Callable[..., Any], *given: Any) -> Any:
        """Do work when it is its turn."""
        with self.turn:
            return self.aside(work, *given)


HASHING = Hashing(lambda work, *given: work(*given))


class Cookies(SecureCookieSessionInterface):
    """Keep the cookie to HTTPS where the browser came by it."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the browser speaks HTTPS, to us or to the proxy before us."""
        return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"


@dataclass
class Door:
    """Let people in and out.

    Attributes:
        security: Flask-Security, which hashes passwords and fills the cookie.
    """

    home: Scope
    database: Database
    security: Security
    demo: bool
    _dummy: str = ""

    def sign_in(self) -> Response:
        """Check name and password, and give the browser its cookie."""
        name, password = _given()
        with self.database.transaction() as session:
            account = accounts.attempt(session, self.home, name)
        known = account.password if account else self._nobody()
        right = HASHING.run(self.security.pwd_context.verify, normal(password), known)
        if account is None or not right:
            raise SignInRequired("no such account, or the password is wrong", "password")
        self._check_open(account)
        key = secrets.token_urlsafe(32)
        with self.database.transaction() as session:
            self._forget(session)
            accounts.succeed(session, self.home, account.id, key)
            reader, _ = accounts.signed_in(session, self.home, key, account.fs_uniquifier)
        cookie.clear()
        cookie.permanent = True
        login_user(accounts.Account(fs_uniquifier=account.fs_uniquifier, active=True))
        cookie["key"] = key
        return told(reader, account.title)

    def sign_out(self) -> Response:
        """Forget the browser; its cookie is good for nothing from then on."""
        with self.database.transaction() as session:
            self._forget(session)
        logout_user()
        cookie.clear()
        return told(VISITOR, None)

    def _forget(self, session: Session) -> None:
        """Let whoever was signed in by this browser be so no more."""
        if isinstance(key := cookie.get("key"), str):
            accounts.sign_out(session, self.home, key)

    def _nobody(self) -> str:
        """Give a hash that no password has: an unknown name takes as long as a known one."""
        if not self._dummy:
            self._dummy = HASHING.run(HASHER.hash, secrets.token_urlsafe())
        return self._dummy

    def _check_open(self, account: Any) -> None:
        if not account.active:
            raise Forbidden(f"the account {account.name} is disabled", "account.active")
        if account.demo and not (self.demo and not any(h in request.headers for h in FORWARDED)):
            raise Forbidden(
                "accounts of the demo town are for the machine itself: this server listens beyond"
                " loopback, or a proxy stands before it",
                "account.demo",
            )


def make_door(settings: Settings, database: Database) -> Flask:
    """Make the application that answers POST /login and POST /logout."""
    door = Flask("gis_server.door", static_folder=None)
    door.config.update(CONFIG, SECRET_KEY=keys.secret_key(settings))
    door.session_interface = Cookies()
    errors.register(door)
    door.before_request(access.refuse_other_sites)
    # Accounts are found by our own statements, so the store needs no session; and who asks is not
    # Flask-Login's business here, as nobody is yet, or he leaves.
    store = SQLAlchemySessionUserDatastore(cast(Any, None), accounts.Account, accounts.Role)
    security = Security(door, store, register_blueprint=False)
    security.login_manager.user_loader(lambda _: None)
    security.login_manager.request_loader(lambda _: None)
    home = Scope(settings.district, settings.time_zone)
    views = Door(home, database, security, is_loopback(settings.host))
    door.post("/login")(views.sign_in)
    door.post("/logout")(views.sign_out)
    return door


def opener(door: Flask) -> access.Opener:
    """Give what reads the door's cookies."""
    signed = cast(Any, door.session_interface).get_signing_serializer(door)

    def read(text: str) -> Any:
        try:
            return signed.loads(text, max_age=LIFETIME.total_seconds())
        except BadSignature:
            return None

    return read


def beside(app: Flask, door: Flask) -> None:
    """Let an application answer all but what is asked at the door."""
    inside, at_the_door = app.wsgi_app, door.wsgi_app

    def answer(environ: Any, start: Any) -> Any:
        asked_for = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        return (at_the_door if asked_for in DOORS else inside)(environ, start)

    app.wsgi_app = cast(Any, answer)  # type: ignore[method-assign]


def make(asking: access.Asking, database: Database) -> Blueprint:
    """Make the blueprint of ``/account``."""
    pages = Blueprint("accounts", __name__)

    @pages.get("/account")
    def account() -> Response:
        scope = asking()
        if scope.reader == VISITOR:
            return told(VISITOR, None)
        with database.reading() as session:
            return told(scope.reader, accounts.title_of(session, scope))

    return pages


def told(reader: Reader, title: str | None) -> Response:
    """Tell a client who is signed in."""
    headers = {"Cache-Control": "no-store"}
    body = orjson.dumps(accounts.about(reader, title))
    return Response(body, headers=headers, mimetype="application/json")


def normal(password: str) -> str:
    """Write a password in one way, however it was typed.

    Source: NIST SP 800-63B, section 5.1.1.2.
    """
    return unicodedata.normalize("NFKD", password)


def hashed(password: str, name: str) -> str:
    """Hash a new password.

    Raises:
        InvalidInput: if it is too short, too long, too plain, or holds the account's name.
    """
    least, most = PASSWORD_LENGTHS
    if not least <= len(normal(password)) <= most:
        raise InvalidInput(f"a password has {least}…{most} characters", "password")
    if len(set(password)) < LEAST_LETTERS or name.casefold() in password.casefold():
        raise InvalidInput("the password is too easy to guess", "password")
    return HASHER.hash(normal(password))


def is_loopback(host: str) -> bool:
    """Tell whether a server that listens on a host is heard on its own machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _given() -> tuple[str, str]:
    """Read name and password from JSON or a form."""
    given = request.form if request.mimetype == FORM else parse_json(asked.body())
    if not isinstance(given, Mapping):
        raise InvalidInput("the body is not a JSON object", "body")
    for name, most in (("username", NAME_LIMIT), ("password", PASSWORD_LENGTHS[1])):
        value = given.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= most or "\x00" in value:
            raise InvalidInput(f"{name} is text of 1…{most} characters", name)
    return given["username"].strip(), given["password"]
