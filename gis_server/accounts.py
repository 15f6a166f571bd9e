"""The door: sign in and out by Flask-Security, and change one's password.

It is a small application of its own, so that no other request pays for its hooks.
"""

from __future__ import annotations

import ipaddress
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import orjson
from flask import Blueprint, Flask, Response, request
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_security import Security, SQLAlchemySessionUserDatastore
from flask_security.utils import login_user, logout_user
from itsdangerous import BadSignature
from sqlalchemy.orm import Session

from geodata.errors import Forbidden, InvalidInput, NotFound, SignInRequired
from geodata.geojson import parse_json
from gis_server import access, asked, errors, keys
from gis_server.config import Settings
from gis_server.db import Database
from gis_server.passwords import HASHER, HASHING, LENGTHS, hashed, normal
from layers import accounts
from layers.base import VISITOR, Reader, Scope

BODY_LIMIT_BYTES = 4096
FORM = "application/x-www-form-urlencoded"
NAME_LIMIT = 64
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")
DOORS = frozenset({("POST", "/login"), ("POST", "/logout"), ("POST", "/account/password")})
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
        name, password = _given(username=NAME_LIMIT, password=LENGTHS[1])
        name = name.strip()
        with self.database.transaction() as session:
            account = accounts.attempt(session, self.home, name)
        known = account.password if account else self._nobody()
        right = HASHING.run(self.security.pwd_context.verify, normal(password), known)
        if account is None or not right:
            raise SignInRequired("no such account, or the password is wrong", "password")
        self._check_open(account)
        with self.database.transaction() as session:
            return self._let_in(session, account.id, account.fs_uniquifier, account.title)

    def _let_in(self, session: Session, account_id: int, uniquifier: str, title: str) -> Response:
        """Give the browser a cookie of its own, in place of the one that it may have."""
        key = secrets.token_urlsafe(32)
        self._forget(session)
        accounts.succeed(session, self.home, account_id, key)
        reader, _ = accounts.signed_in(session, self.home, key, uniquifier)
        cookie.clear()
        cookie.permanent = True
        login_user(accounts.Account(fs_uniquifier=uniquifier, active=True))
        cookie["key"] = key
        return told(reader, title)

    def change_password(self) -> Response:
        """Give the reader's account another password; whoever else is signed in by it is out.

        A wrong old one counts as a wrong password at the door does.
        """
        old, new = _given(old=LENGTHS[1], new=LENGTHS[1])
        name = self._own_name()
        fresh = HASHING.run(hashed, new, name, "new")
        with self.database.transaction() as session:
            account = accounts.attempt(session, self.home, name)
        if not HASHING.run(self.security.pwd_context.verify, normal(old), account.password):
            raise Forbidden("the old password is wrong", "old", code="password_wrong")
        uniquifier = uuid.uuid4().hex
        with self.database.transaction() as session:
            accounts.renew_own(session, self.home, account, (fresh, uniquifier))
            return self._let_in(session, account.id, uniquifier, account.title)

    def _own_name(self) -> str:
        """Tell whose browser this is, and that it is no account that many share."""
        key, uniquifier = cookie.get("key"), cookie.get("_user_id")
        reader, demo = VISITOR, False
        if isinstance(key, str) and isinstance(uniquifier, str):
            with self.database.transaction() as session:
                reader, demo = accounts.signed_in(session, self.home, key, uniquifier)
        if reader.account is None:
            raise SignInRequired("sign in to change your password", code="sign_in")
        if demo:
            message = "accounts of the demo town keep the password that they share"
            raise Forbidden(message, "account.demo", code="password_shared")
        return reader.account

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
    """Make the application that answers POST /login, /logout and /account/password."""
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
    door.post("/account/password")(views.change_password)
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
    """Let an application answer all but what is asked at the door.

    It knows the door's addresses, and answers other methods there by naming those that there are.
    """
    inside, at_the_door = app.wsgi_app, door.wsgi_app
    for method, path in DOORS:
        app.add_url_rule(path, f"door{path}", _beside_the_door, methods=[method])

    def answer(environ: Any, start: Any) -> Any:
        asked_for = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        return (at_the_door if asked_for in DOORS else inside)(environ, start)

    app.wsgi_app = cast(Any, answer)  # type: ignore[method-assign]


def _beside_the_door() -> Response:
    raise NotFound("this is asked at the door")


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


def is_loopback(host: str) -> bool:
    """Tell whether a server that listens on a host is heard on its own machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _given(**limits: int) -> tuple[str, ...]:
    """Read texts of so many characters at most from JSON or a form, by name."""
    given = request.form if request.mimetype == FORM else parse_json(asked.body())
    if not isinstance(given, Mapping):
        raise InvalidInput("the body is not a JSON object", "body")
    for name, most in limits.items():
        value = given.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= most or "\x00" in value:
            raise InvalidInput(f"{name} is text of 1…{most} characters", name)
    return tuple(given[name] for name in limits)
