"""A member's opened key while they are signed in: sealed in the session under what only the cookie holds."""

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from heard.accounts.models import User
from heard.vault import crypto, members
from heard.vault.keyring import Keyring

KEY, SINCE = "sealed_key", "signed_in_at"


def begin(request: HttpRequest, user: User) -> None:
    """Seal the opened key into the new session."""
    privates = getattr(request, "privates", None)
    if not privates:
        return
    cookie = members.new_cookie()
    request.session[KEY] = members.for_session(privates, cookie)
    request.session[SINCE] = time.time()
    request.new_key_cookie = cookie  # type: ignore[attr-defined]
    del request.privates  # type: ignore[attr-defined]


def end(request: HttpRequest) -> None:
    """Have the cookie removed."""
    request.new_key_cookie = ""  # type: ignore[attr-defined]


def open_keyring(request: HttpRequest) -> Keyring | None:
    """Return the keyring of whoever is signed in, or None where row and cookie do not belong together."""
    user = request.user
    if not user.is_authenticated or time.time() > request.session.get(SINCE, 0) + settings.SESSION_COOKIE_AGE:
        return None
    try:
        return members.from_session(
            user.pk, request.session.get(KEY, ""), request.COOKIES.get(settings.KEY_COOKIE_NAME, "")
        )
    except crypto.CannotOpen:
        return None


def set_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Hand the cookie over, or take it back."""
    cookie = getattr(request, "new_key_cookie", None)
    if cookie:
        response.set_cookie(
            settings.KEY_COOKIE_NAME,
            cookie,
            secure=settings.KEY_COOKIE_SECURE,
            httponly=True,
            samesite="Strict",
            path="/",
        )
    elif cookie == "":
        response.delete_cookie(settings.KEY_COOKIE_NAME, path="/", samesite="Strict")
