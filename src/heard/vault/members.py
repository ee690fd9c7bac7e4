"""Members' own keys: made once, wrapped under what unlocks them, carried by a session without resting in it."""

import secrets
import uuid

from heard.vault import crypto
from heard.vault.keyring import Keyring
from heard.vault.models import Grant, KeyWrap, MemberKey
from heard.vault.receipts import Receipt

Privates = dict[int, bytes]


def make_key(user_id: uuid.UUID, wrapping_key: bytes) -> None:
    """Make a person's first key pair, its private half wrapped under a key from the password."""
    pair = crypto.new_pair()
    key = MemberKey.objects.create(user_id=user_id, public=pair.public)
    wrapped = crypto.seal(wrapping_key, pair.private, _wrap_place(key))
    KeyWrap.objects.create(key=key, kind=KeyWrap.Kind.PASSWORD, data=wrapped)


def unlock(user_id: uuid.UUID, wrapping_key: bytes) -> Privates:
    """Return the private halves by generation that the password's key opens."""
    wraps = KeyWrap.objects.filter(key__user_id=user_id, kind=KeyWrap.Kind.PASSWORD).select_related("key")
    return {w.key.generation: crypto.unseal(wrapping_key, bytes(w.data), _wrap_place(w.key)) for w in wraps}


def rewrap(user_id: uuid.UUID, old: bytes, new: bytes) -> None:
    """Wrap the private halves under another key, when the password changes."""
    for wrap in KeyWrap.objects.filter(key__user_id=user_id, kind=KeyWrap.Kind.PASSWORD).select_related("key"):
        private = crypto.unseal(old, bytes(wrap.data), _wrap_place(wrap.key))
        wrap.data = crypto.seal(new, private, _wrap_place(wrap.key))
        wrap.save(update_fields=["data"])


def make_generation(user_id: uuid.UUID, wrapping_key: bytes) -> int:
    """Make a new key pair for somebody who lost the old one; what was granted to the old one stays shut for them."""
    generation = MemberKey.objects.filter(user_id=user_id).count() + 1
    KeyWrap.objects.filter(key__user_id=user_id).delete()
    pair = crypto.new_pair()
    key = MemberKey.objects.create(user_id=user_id, generation=generation, public=pair.public)
    KeyWrap.objects.create(
        key=key, kind=KeyWrap.Kind.PASSWORD, data=crypto.seal(wrapping_key, pair.private, _wrap_place(key))
    )
    return generation


def wrap_under_code(keyring: Keyring, code: Receipt) -> None:
    """Wrap somebody's private halves under a recovery code of their own, in place of an older code."""
    KeyWrap.objects.filter(key__user_id=keyring.holder, kind=KeyWrap.Kind.RECOVERY_CODE).delete()
    for key in MemberKey.objects.filter(user_id=keyring.holder):
        private = keyring.private(key.generation)
        if private is not None:
            data = crypto.seal(_code_key(code), private, _wrap_place(key))
            KeyWrap.objects.create(key=key, kind=KeyWrap.Kind.RECOVERY_CODE, data=data)


def recover(user_id: uuid.UUID, code: Receipt, wrapping_key: bytes) -> None:
    """Wrap the private halves that a recovery code opens under a new password's key. Raises CannotOpen."""
    wraps = list(KeyWrap.objects.filter(key__user_id=user_id, kind=KeyWrap.Kind.RECOVERY_CODE).select_related("key"))
    opened = [(wrap.key, crypto.unseal(_code_key(code), bytes(wrap.data), _wrap_place(wrap.key))) for wrap in wraps]
    if not opened:
        raise crypto.CannotOpen("no recovery code was made")
    KeyWrap.objects.filter(key__user_id=user_id, kind=KeyWrap.Kind.PASSWORD).delete()
    for key, private in opened:
        data = crypto.seal(wrapping_key, private, _wrap_place(key))
        KeyWrap.objects.create(key=key, kind=KeyWrap.Kind.PASSWORD, data=data)


def wrap_under_passkey(keyring: Keyring, passkey: str, prf: bytes) -> None:
    """Wrap somebody's private halves under the output of a passkey's PRF."""
    for key in MemberKey.objects.filter(user_id=keyring.holder):
        private = keyring.private(key.generation)
        if private is not None:
            data = crypto.seal(_prf_key(prf), private, _wrap_place(key))
            KeyWrap.objects.create(key=key, kind=KeyWrap.Kind.PASSKEY, passkey=passkey, data=data)


def unlock_by_passkey(user_id: uuid.UUID, passkey: str, prf: bytes) -> Privates:
    """Return the private halves by generation that a passkey's PRF opens. Raises CannotOpen."""
    wraps = KeyWrap.objects.filter(key__user_id=user_id, kind=KeyWrap.Kind.PASSKEY, passkey=passkey)
    return {
        w.key.generation: crypto.unseal(_prf_key(prf), bytes(w.data), _wrap_place(w.key))
        for w in wraps.select_related("key")
    }


def passkeys(user_id: uuid.UUID) -> set[str]:
    """Return which passkeys open somebody's key."""
    wraps = KeyWrap.objects.filter(key__user_id=user_id, kind=KeyWrap.Kind.PASSKEY)
    return set(wraps.values_list("passkey", flat=True))


def forget_passkey(user_id: uuid.UUID, passkey: str) -> None:
    """Let a passkey open nothing any more."""
    KeyWrap.objects.filter(key__user_id=user_id, kind=KeyWrap.Kind.PASSKEY, passkey=passkey).delete()


def has_code(user_id: uuid.UUID) -> bool:
    """Tell whether somebody made a recovery code."""
    return KeyWrap.objects.filter(key__user_id=user_id, kind=KeyWrap.Kind.RECOVERY_CODE).exists()


def fingerprint(user_id: uuid.UUID) -> str:
    """Return what two people compare by voice before a new key is trusted: the newest public half, in groups."""
    newest = MemberKey.objects.filter(user_id=user_id).order_by("-generation").first()
    if newest is None:
        return ""
    digits = str(int.from_bytes(crypto.digest(bytes(newest.public), "heard:finger", 16), "big") % 10**20).zfill(20)
    return " ".join(digits[at : at + 5] for at in range(0, 20, 5))


def _code_key(code: Receipt) -> bytes:
    # 100 random bits: no slow hash is needed.
    return crypto.digest(code.code.encode(), "heard:recovery")


def _prf_key(prf: bytes) -> bytes:
    # The output is 32 uniform bytes already; this only keeps it to one purpose.
    return crypto.digest(prf, "heard:passkey")


def new_cookie() -> str:
    """Return the 32 random bytes, in hex, that a browser keeps while somebody is signed in."""
    return secrets.token_hex(32)


def for_session(privates: Privates, cookie: str) -> str:
    """Return the private halves sealed under the cookie; what the session row keeps."""
    plain = b"".join(generation.to_bytes(4, "big") + private for generation, private in sorted(privates.items()))
    return crypto.seal(bytes.fromhex(cookie), plain, "session").hex()


def from_session(user_id: uuid.UUID, sealed: str, cookie: str) -> Keyring:
    """Return the keyring of a session. Raises CannotOpen unless the cookie belongs to it."""
    try:
        plain = crypto.unseal(bytes.fromhex(cookie), bytes.fromhex(sealed), "session")
    except (ValueError, TypeError):
        raise crypto.CannotOpen("no cookie of this session") from None
    step = 4 + crypto.KEY_BYTES
    parts = [plain[i : i + step] for i in range(0, len(plain), step)]
    return keyring(user_id, {int.from_bytes(part[:4], "big"): part[4:] for part in parts})


def keyring(user_id: uuid.UUID, privates: Privates) -> Keyring:
    """Return the keyring of a person whose private halves are open."""
    return Keyring(Grant.HolderKind.USER, str(user_id), privates)


def _wrap_place(key: MemberKey) -> str:
    return f"wrap\x1f{key.user_id}\x1f{key.generation}"
