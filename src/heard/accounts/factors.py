"""The second factor: six digits from an app, or one of ten codes on paper."""

import time
from typing import Any
from urllib.parse import urlsplit

import segno
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.vault import crypto, members

PLACE = "totp"
STEP = 30
# As long as any of the half minutes that count has not passed: the one before, this one, the one after (RFC 6238, 5.2).
GOOD_FOR = STEP * (2 * settings.MFA_TOTP_TOLERANCE + 1)
SECRETS = {"secret", "seed"}


class WrongCode(Exception):
    """The six digits do not belong to the secret."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets lie under the house key; nothing is mailed."""

    def encrypt(self, text: str) -> str:
        """Return a secret sealed."""
        version = settings.HOUSE.current
        return f"{version}:{crypto.seal(settings.HOUSE.subkey('totp', version), text.encode(), PLACE).hex()}"

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret opened. Raises CannotOpen."""
        version, _, sealed = encrypted_text.partition(":")
        return crypto.unseal(settings.HOUSE.subkey("totp", int(version)), bytes.fromhex(sealed), PLACE).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the installation as the browser names it: its host, nothing that tells what it is for."""
        # On this machine itself: browsers take a name, not 127.0.0.1.
        host = urlsplit(settings.URL).hostname or "" if settings.SECURE else "localhost"
        return {"id": host, "name": host}

    def get_totp_issuer(self) -> str:
        """Return what the app shows: nothing that tells what it is for."""
        return str(settings.ALLOWED_HOSTS[0])

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Send nothing: whatever leaves goes through the outbox."""


@transaction.atomic
def rewrap() -> int:
    """Seal every secret under the newest version of the house key; return how many."""
    count, ours = 0, FactorAdapter()
    for row in Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN):
        for name in SECRETS & set(row.data):
            if not row.data[name].startswith(f"{settings.HOUSE.current}:"):
                row.data[name] = ours.encrypt(ours.decrypt(row.data[name]))
                row.save(update_fields=["data"])
                count += 1
    return count


def has_factor(user: User) -> bool:
    """Tell whether somebody signs in with a second factor."""
    rows = Authenticator.objects.filter(user=user)
    return bool(rows.filter(type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]).exists())


def new_secret(user: User) -> tuple[str, str]:
    """Return a fresh secret, and the same sealed for the form: it rests nowhere before it is confirmed."""
    secret: str = generate_totp_secret()
    sealed = crypto.seal(settings.HOUSE.subkey("totp"), secret.encode(), f"{PLACE}\x1f{user.pk}").hex()
    return secret, sealed


def opened_secret(user: User, sealed: str) -> str:
    """Return the secret that a form carried. Raises CannotOpen."""
    try:
        return crypto.unseal(settings.HOUSE.subkey("totp"), bytes.fromhex(sealed), f"{PLACE}\x1f{user.pk}").decode()
    except ValueError:
        raise crypto.CannotOpen("not a sealed secret") from None


def picture_of(user: User, secret: str) -> str:
    """Return the QR code of a secret as a data URI."""
    url = FactorAdapter().build_totp_url(user, secret)
    return str(segno.make(url, error="m").svg_data_uri(scale=5, border=3, light="white"))


@transaction.atomic
def set_up(user: User, *, secret: str, code: str) -> list[str]:
    """Take a new secret into use, in place of an older one; return ten codes for paper. Raises WrongCode."""
    if not validate_totp_code(secret, code):
        raise WrongCode
    return adopt(user, secret)


@transaction.atomic
def adopt(user: User, secret: str) -> list[str]:
    """Take a secret into use without asking for digits; return ten codes for paper."""
    Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN).delete()
    TOTP.activate(user, secret)
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    audit.record("factor.set-up", chain=audit.HOUSE, who=f"user:{user.pk}")
    return codes


def has_recovery_code(user: User) -> bool:
    """Tell whether somebody made their personal recovery code."""
    return members.has_code(user.pk)


def forget(user: User) -> None:
    """Forget somebody's app and codes: they begin anew."""
    Authenticator.objects.filter(user=user).delete()


def codes_left(user: User) -> int:
    """Return how many of the codes on paper are unused."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(row.wrap().get_unused_codes()) if row else 0


def as_groups(secret: str) -> str:
    """Return a secret in groups of four, to be typed by hand."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def use_once(user: User, digits: str) -> bool:
    """Note that six digits were used; tell whether it is the first time they are."""
    return bool(cache.add(_used(user, digits), 1, timeout=GOOD_FOR))


def unuse(user: User, digits: str) -> None:
    """Let six digits be used once more, for demo logins and tests that are faster than half a minute."""
    cache.delete_many([_used(user, digits), f"allauth.mfa.totp.used?user={user.pk}&code={digits}"])


def _used(user: User, digits: str) -> str:
    return f"digits-used:{user.pk}:{normalize_user_code(digits)}"


def code_now(user: User) -> str:
    """Return the six digits of this half minute, for demo logins and tests."""
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    secret = FactorAdapter().decrypt(row.data["secret"])
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // STEP)))
