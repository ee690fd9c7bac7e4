"""The people who sign in."""

import uuid
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac


class UserManager(BaseUserManager["User"]):
    """Finds users by their address."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with an address, however it is capitalised."""
        return self.get(email__iexact=username)


class SignedIn(models.Model):
    """One session of somebody: since when, and when it was last used. No address, no browser."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="signed_in")
    session = models.CharField(max_length=40, unique=True)
    since = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)


class User(AbstractBaseUser):
    """A person; owns the key. What they may do lies in their memberships."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    # The one sign-in without a second factor was used then.
    grace_used_at = models.DateTimeField(null=True)
    # Sessions of an earlier epoch are over.
    epoch = models.PositiveIntegerField(default=0)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def get_session_auth_hash(self) -> str:
        """Return what a session must agree with: the password, and since when others are signed out."""
        return salted_hmac("heard.session", f"{self.password} {self.epoch}", algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield what sessions from before the last rotation of the house key agree with."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            facts = f"{self.password} {self.epoch}"
            yield salted_hmac("heard.session", facts, secret=secret, algorithm="sha256").hexdigest()

    def __str__(self) -> str:
        """Return no name: this may end up in a log."""
        return f"user {self.pk}"
