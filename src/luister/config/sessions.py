"""Who asks, for what answers beside Django."""

from http.cookies import SimpleCookie

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from starlette.types import Scope

from luister.accounts.models import User


def session_key(scope: Scope) -> str:
    """Return the key of the session that a request names, or nothing."""
    cookies: SimpleCookie = SimpleCookie()
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookies.load(value.decode("latin-1"))
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else ""


def user_of(key: str) -> User | None:
    """Return who is signed in in that session, if anybody who may be is."""
    request = HttpRequest()
    request.session = SessionStore(key)
    user = get_user(request)  # checks the session's hash: a changed password ends it
    return None if isinstance(user, AnonymousUser) or not user.is_active else user


def bearer(scope: Scope) -> str:
    """Return the token that a request carries, or nothing."""
    given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    kind, _, token = given.partition(" ")
    return str(token.strip()) if kind.lower() == "bearer" else ""
