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
        own = house.signing_key(settings.HEARD["HEARD_KEYS"]).verify_key.encode().hex()
        if key != own:
            return False
        try:
            VerifyKey(bytes.fromhex(key)).verify(message, bytes.fromhex(signature))
        except (BadSignatureError, ValueError):
            return False
        return True
