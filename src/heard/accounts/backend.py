"""Signing in with address and password."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from heard.accounts.hasher import wrapping_key
from heard.accounts.models import User
from heard.vault import members


class KeyBackend(BaseBackend):
    """Checks the password and unlocks the member key in one go."""

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = "", **other: Any
    ) -> User | None:
        """Return the user, with `request.privates` set to their opened keys."""
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            make_password(password)  # as slow as a wrong password: whether an address is known does not show
            return None
        key = wrapping_key(password, user.password)
        if key is None:
            return None
        if request is not None:
            request.privates = members.unlock(user.pk, key)  # type: ignore[attr-defined]
        return user

    def get_user(self, user_id: Any) -> User | None:
        """Return an active user by id."""
        return User.objects.filter(pk=user_id, is_active=True).first()
