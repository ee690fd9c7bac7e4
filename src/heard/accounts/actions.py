"""Making and changing accounts."""

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from heard.accounts import factors
from heard.accounts.hasher import wrapping_key
from heard.accounts.models import User
from heard.audit import chain as audit
from heard.vault import crypto, members, receipts
from heard.vault.keyring import Keyring


class WrongPassword(Exception):
    """The old password is not right."""


class WrongCode(Exception):
    """Address and recovery code do not open a key."""


def create_user(*, email: str, password: str) -> User:
    """Make an account with its key. The slow derivation runs before the transaction."""
    encoded = make_password(password)
    key = wrapping_key(password, encoded)
    assert key is not None
    with transaction.atomic():
        user = User.objects.create(email=User.objects.normalize_email(email), password=encoded)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        members.make_key(user.pk, key)
        audit.record("account.made", chain=audit.HOUSE, who="host", thing=f"user:{user.pk}")
    return user


def is_password(user: User, password: str) -> bool:
    """Tell whether this is somebody's password. Slow on purpose."""
    return wrapping_key(password, user.password) is not None


def unlock(user: User, password: str) -> members.Privates:
    """Return the private halves that a password opens; none where it is wrong. Slow on purpose."""
    key = wrapping_key(password, user.password)
    return members.unlock(user.pk, key) if key else {}


@transaction.atomic
def sign_out_elsewhere(user: User) -> None:
    """End every session of somebody; the caller keeps its own alive."""
    User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
    user.refresh_from_db(fields=["epoch"])
    audit.record("sessions.ended", chain=audit.HOUSE, who=f"user:{user.pk}")


def recover(*, email: str, code: str, new: str) -> None:
    """Set another password by the personal recovery code; every key is kept. Raises WrongCode, the same for all reasons."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    encoded = make_password(new)
    key = wrapping_key(new, encoded)
    assert key is not None
    try:
        receipt = receipts.read(code)
        if user is None:
            raise WrongCode
        with transaction.atomic():
            members.recover(user.pk, receipt, key)
            user.password, user.epoch = encoded, user.epoch + 1
            user.save(update_fields=["password", "epoch"])
            audit.record("account.recovered", chain=audit.HOUSE, who=f"user:{user.pk}")
    except (receipts.Mistyped, crypto.CannotOpen):
        raise WrongCode from None


@transaction.atomic
def make_recovery_code(user: User, keyring: Keyring) -> str:
    """Return a personal recovery code, shown once; an older one opens nothing any more."""
    code = receipts.new()
    members.wrap_under_code(keyring, code)
    audit.record("recovery-code.made", chain=audit.HOUSE, who=f"user:{user.pk}")
    return code.spelled


def begin_anew(user: User, *, password: str) -> None:
    """Give somebody who lost password and code a new key and password; colleagues grant anew what was theirs."""
    encoded = make_password(password)
    key = wrapping_key(password, encoded)
    assert key is not None
    with transaction.atomic():
        generation = members.make_generation(user.pk, key)
        user.password, user.epoch, user.grace_used_at = encoded, user.epoch + 1, None
        user.save(update_fields=["password", "epoch", "grace_used_at"])
        factors.forget(user)
        audit.record("key.made-anew", chain=audit.HOUSE, who=f"user:{user.pk}", thing=str(generation))


def change_password(user: User, *, old: str, new: str) -> None:
    """Set another password and wrap the key under it. Raises WrongPassword."""
    old_key = wrapping_key(old, user.password)
    if old_key is None:
        raise WrongPassword
    encoded = make_password(new)
    new_key = wrapping_key(new, encoded)
    assert new_key is not None
    with transaction.atomic():
        members.rewrap(user.pk, old_key, new_key)
        user.password = encoded
        user.save(update_fields=["password"])
        audit.record("account.password-changed", chain=audit.HOUSE, who=f"user:{user.pk}")
