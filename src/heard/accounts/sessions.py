"""A member's opened key while they are signed in: sealed in the session under what only the cookie holds."""

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from heard.accounts.models import SignedIn, User
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
    _note(request)
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
        _note(request)
    try:
        return members.from_session(
            user.pk, request.session.get(KEY, ""), request.COOKIES.get(settings.KEY_COOKIE_NAME, "")
        )
    except crypto.CannotOpen:
        return None


def _note(request: HttpRequest) -> None:
    """Keep the list of where somebody is signed in."""
    if request.session.session_key and request.user.is_authenticated:
        SignedIn.objects.update_or_create(
            session=request.session.session_key,
            defaults={"user": request.user, "seen_at": timezone.now()},
            create_defaults={
                "user": request.user,
                "since": datetime.fromtimestamp(request.session.get(SINCE, time.time()), UTC),
            },
        )


def of(request: HttpRequest) -> list[SignedIn]:
    """Return where somebody is signed in, the newest first; `is_this` marks the session that asks."""
    _note(request)
    alive = timezone.now() - timedelta(seconds=settings.IDLE_SECONDS)
    rows = SignedIn.objects.filter(user=request.user, seen_at__gt=alive).order_by("-since")  # type: ignore[misc]
    found = [row for row in rows if SessionStore().exists(row.session)]
    for row in found:
        row.is_this = row.session == request.session.session_key  # type: ignore[attr-defined]
    return found


def end_one(user: User, number: int) -> bool:
    """End one session of somebody; tell whether there was one."""
    row = SignedIn.objects.filter(user=user, pk=number).first()
    if row is None:
        return False
    SessionStore(row.session).delete()
    row.delete()
    return True


def tidy() -> None:
    """Forget sessions that are over."""
    SignedIn.objects.filter(seen_at__lt=timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)).delete()


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
