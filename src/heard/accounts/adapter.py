"""How Heard differs from allauth's ways."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from heard.accounts import factors, sessions
from heard.accounts.models import User
from heard.audit import chain as audit
from heard.vault import crypto


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in seals the opened key into the session; there is no open sign-up."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("Too many wrong passwords from here. Please wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves; a lead invites."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> Any:
        """Let the key wait, sealed, while the second factor is asked for."""
        sessions.wait(request)
        return super().pre_login(request, user, **kwargs)

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin the session. The key goes into it only now, when every step of the sign-in is done."""
        super().login(request, user)
        sessions.begin(request, user, has_factor=factors.has_factor(user))
        audit.record("signed-in", chain=audit.HOUSE, who=f"user:{user.pk}")

    def logout(self, request: HttpRequest) -> None:
        """End the session and take the key's cookie back."""
        super().logout(request)
        sessions.end(request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return a keyed hash of the address, another one every day: limits work, and no address is kept."""
        forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE else ""
        address = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
        return crypto.derive(settings.HOUSE.subkey("rate"), "heard:rate", f"{now():%j} {address}".encode(), 16).hex()

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by account *and* address: nobody can shut a colleague out from elsewhere."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self.get_client_ip(request)}"

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing after a sign-in: the page itself answers."""

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing: whatever leaves goes through the outbox."""
