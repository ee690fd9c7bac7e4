"""Passkeys: a second factor, and with the PRF extension the key itself, without a password."""

import base64
import hashlib
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import transaction

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.vault import crypto, members
from heard.vault.keyring import Keyring

# What the authenticator hashes its secret with. The same for everybody: the secret is the passkey's own.
SALT = base64.urlsafe_b64encode(hashlib.sha256(b"heard:prf:1").digest()).rstrip(b"=").decode()
PRF_BYTES = 32
MOST = 10
# What reading a made-up answer may end in.
BROKEN = (ValidationError, ValueError, KeyError, TypeError, AttributeError)


class Refused(Exception):
    """The answer of the authenticator does not fit what it was asked."""


class TooMany(Exception):
    """There are ten already."""


def begin_adding(user: User) -> dict[str, Any]:
    """Return what the browser is asked to make a passkey with."""
    return _with_prf(auth.begin_registration(user, True))


def begin_sign_in() -> dict[str, Any]:
    """Return what the browser is asked to sign in with."""
    return _with_prf(auth.begin_authentication())


def begin_second_step(user: User) -> dict[str, Any]:
    """Return what the browser is asked after the password."""
    return dict(auth.begin_authentication(user))


def _with_prf(options: dict[str, Any]) -> dict[str, Any]:
    asked = dict(options["publicKey"])
    asked["extensions"] = {**(asked.get("extensions") or {}), "prf": {"eval": {"first": SALT}}}
    return {"publicKey": asked}


def without_secret(credential: dict[str, Any]) -> dict[str, Any]:
    """Return a browser's answer without what only its PRF may know: allauth stores the answer as it is."""
    results = {name: value for name, value in (credential.get("clientExtensionResults") or {}).items() if name != "prf"}
    return {**credential, "clientExtensionResults": results}


@transaction.atomic
def add(user: User, keyring: Keyring, *, name: str, credential: dict[str, Any], prf: bytes | None) -> list[str]:
    """Take a passkey into use; where it has a PRF, it opens the key from now on. Return codes for paper, if new.

    Raises Refused, TooMany.
    """
    if len(of(user)) >= MOST:
        raise TooMany
    try:
        auth.parse_registration_response(credential)
        if not auth.complete_registration(credential).is_user_verified():
            raise Refused
        stored = without_secret(credential)
    except BROKEN as error:
        raise Refused from error
    row = auth.WebAuthn.add(user, name, stored).instance
    if prf:
        members.wrap_under_passkey(keyring, str(row.pk), prf)
    audit.record("passkey.added", chain=audit.HOUSE, who=f"user:{user.pk}")
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).exists():
        return []
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


@transaction.atomic
def remove(user: User, pk: int) -> bool:
    """Take a passkey out of use; tell whether there was one. The last second factor cannot be removed."""
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    row = factors.filter(pk=pk, type=Authenticator.Type.WEBAUTHN).first()
    if row is None or factors.count() < 2:
        return False
    members.forget_passkey(user.pk, str(row.pk))
    row.delete()
    audit.record("passkey.removed", chain=audit.HOUSE, who=f"user:{user.pk}")
    return True


def of(user: User) -> list[dict[str, Any]]:
    """Return somebody's passkeys: number, name, since when, and whether it opens the key."""
    opens = members.passkeys(user.pk)
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk")
    return [
        {"pk": row.pk, "name": row.wrap().name, "since": row.created_at, "opens": str(row.pk) in opens} for row in rows
    ]


def complete_sign_in(credential: dict[str, Any]) -> tuple[User, Authenticator]:
    """Return who the passkey belongs to. Raises Refused."""
    try:
        credential = without_secret(credential)
        auth.parse_authentication_response(credential)
        user = auth.extract_user_from_response(credential)
        if not user.is_active:
            raise Refused
        return user, auth.complete_authentication(user, credential)
    except BROKEN as error:
        raise Refused from error


def unlock(user: User, passkey: Authenticator, prf: bytes | None) -> members.Privates:
    """Return the private halves that a passkey opens; none where it has no PRF or was made before this key."""
    if not prf:
        return {}
    try:
        return members.unlock_by_passkey(user.pk, str(passkey.pk), prf)
    except crypto.CannotOpen:
        return {}


def read_prf(text: str) -> bytes | None:
    """Return the PRF's output as the browser posts it, or None."""
    try:
        prf = bytes.fromhex(text)
    except ValueError:
        return None
    return prf if len(prf) == PRF_BYTES else None
