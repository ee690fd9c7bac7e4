"""Signatures of this installation."""

from django.conf import settings
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from heard.vault import house


class HouseSigner:
    """Signs with the installation's Ed25519 key."""

    def sign(self, message: bytes) -> tuple[str, str]:
        """Return the public key and the signature, both in hex."""
        key = house.signing_key(settings.HEARD["HEARD_KEYS"])
        return key.verify_key.encode().hex(), key.sign(message).signature.hex()

    def signed(self, message: bytes, key: str, signature: str) -> bool:
        """Tell whether this installation's key made the signature."""
        return key in self._keys() and _is_signed(key, message, signature)

    def _keys(self) -> set[str]:
        """Return the key in use and those before it, as far back as each was vouched for by the one before."""
        folder = settings.HEARD["HEARD_KEYS"]
        key = house.signing_key(folder).verify_key.encode().hex()
        known = {key}
        for link in reversed(house.signing_chain(folder)):
            if link["key"] != key or not _is_signed(link["by"], house.SUCCESSION + key.encode(), link["signature"]):
                break
            key = link["by"]
            known.add(key)
        return known


def _is_signed(key: str, message: bytes, signature: str) -> bool:
    try:
        VerifyKey(bytes.fromhex(key)).verify(message, bytes.fromhex(signature))
    except (BadSignatureError, ValueError):
        return False
    return True
