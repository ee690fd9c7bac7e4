"""A member's opened key while they are signed in: sealed in the session under what only the cookie holds."""

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from heard.accounts.models import User
from heard.vault import crypto, members
from heard.vault.keyring import Keyring

KEY, SINCE, SEEN = "sealed_key", "signed_in_at", "seen_at"
# Where the key waits between the password and the second factor; nothing reads it before both were right.
WAITING = "waiting_key"
MUST_SET_UP, GRACE = "must_set_up_factor", "grace"
# How often it is noted that somebody is still there.
NOTED_SECONDS = 60


def wait(request: HttpRequest) -> None:
    """Seal the opened key into the session until every step of the sign-in is done."""
    privates = getattr(request, "privates", None)
    if not privates:
        return
    cookie = members.new_cookie()
    request.session[WAITING] = members.for_session(privates, cookie)
    request.new_key_cookie = cookie  # type: ignore[attr-defined]
    del request.privates  # type: ignore[attr-defined]


def begin(request: HttpRequest, user: User, *, has_factor: bool) -> None:
    """Make the key usable. Without a second factor one sign-in is free; then it has to be set up first."""
    request.session[KEY] = request.session.pop(WAITING, "")
    request.session[SINCE] = request.session[SEEN] = time.time()
    request.session.pop(MUST_SET_UP, None)
    request.session.pop(GRACE, None)
    if has_factor:
        return
    if user.grace_used_at is None:
        User.objects.filter(pk=user.pk).update(grace_used_at=timezone.now())
        request.session[GRACE] = True
    else:
        request.session[MUST_SET_UP] = True


def factor_is_set_up(request: HttpRequest) -> None:
    """Let the session go on: the second factor is there now."""
    request.session.pop(MUST_SET_UP, None)
    request.session.pop(GRACE, None)


def must_set_up(request: HttpRequest) -> bool:
    """Tell whether nothing else may be opened before a second factor is set up."""
    return bool(request.session.get(MUST_SET_UP))


def end(request: HttpRequest) -> None:
    """Have the cookie removed."""
    request.new_key_cookie = ""  # type: ignore[attr-defined]


def open_keyring(request: HttpRequest) -> Keyring | None:
    """Return the keyring of whoever is signed in, or None where row and cookie do not belong together."""
    user, now = request.user, time.time()
    if not user.is_authenticated or now > request.session.get(SINCE, 0) + settings.SESSION_COOKIE_AGE:
        return None
    if now > request.session.get(SEEN, 0) + settings.IDLE_SECONDS:
        return None  # nobody was there for long; what is being typed comes back after the next sign-in
    if now > request.session[SEEN] + NOTED_SECONDS:
        request.session[SEEN] = now
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
