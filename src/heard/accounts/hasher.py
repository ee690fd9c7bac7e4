"""One Argon2id run for two things: half of the output checks the password, half unwraps the member key."""

import base64
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import BasePasswordHasher

from heard.vault import crypto

SALT_BYTES = 16


class SplitArgon2(BasePasswordHasher):
    """`split_argon2$passes$bytes$salt$verifier`; the other half of the output is never stored."""

    algorithm = "split_argon2"

    def salt(self) -> str:
        """Return 16 random bytes in hex."""
        return secrets.token_hex(SALT_BYTES)

    def encode(self, password: str, salt: str) -> str:
        """Return what the database keeps."""
        cost = crypto.Cost(*getattr(settings, "PASSWORD_COST", crypto.Cost()))
        return self._encoded(cost, salt, split(password, salt, cost)[0])

    def decode(self, encoded: str) -> dict[str, Any]:
        """Return the parts."""
        algorithm, passes, memory, salt, verifier = encoded.split("$")
        return {
            "algorithm": algorithm,
            "cost": crypto.Cost(int(passes), int(memory)),
            "salt": salt,
            "verifier": verifier,
            "hash": verifier,
        }

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether the password is right."""
        return wrapping_key(password, encoded) is not None

    def must_update(self, encoded: str) -> bool:
        """Never by Django alone: a new salt would leave the member key wrapped under the old one."""
        return False

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        """Return nothing worth showing."""
        return {}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to do: the cost is read from the stored value."""

    def _encoded(self, cost: crypto.Cost, salt: str, verifier: str) -> str:
        return f"{self.algorithm}${cost.passes}${cost.memory}${salt}${verifier}"


def split(password: str, salt: str, cost: crypto.Cost) -> tuple[str, bytes]:
    """Return the verifier and the wrapping key of a password."""
    stretched = crypto.stretch(password, bytes.fromhex(salt), cost)
    verifier = crypto.digest(stretched[:32], "heard:verifier")
    return base64.b64encode(verifier).decode(), stretched[32:]


def wrapping_key(password: str, encoded: str) -> bytes | None:
    """Return the key from the password, or None where it is wrong. The one slow step of a sign-in."""
    if not encoded.startswith(SplitArgon2.algorithm + "$"):
        return None
    parts = SplitArgon2().decode(encoded)
    verifier, key = split(password, parts["salt"], parts["cost"])
    return key if secrets.compare_digest(verifier, parts["verifier"]) else None
