"""The house key: the server's own secret, outside the database and its backups.

No Django here: the settings themselves are made with it.
"""

import base64
import json
import os
import secrets
import stat
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nacl.signing import SigningKey

from heard.config import WrongSetting
from heard.vault import crypto

FILE = "house.key"
SIGNING_FILE = "signing.key"
PURPOSES = {"django", "outbox", "contact", "identity", "receipt", "form", "pass", "totp", "hook", "rate"}


@dataclass(frozen=True)
class House:
    """The house key with its versions."""

    current: int
    keys: dict[int, bytes]

    def subkey(self, purpose: str, version: int | None = None) -> bytes:
        """Return the subkey for one purpose. Raises CannotOpen for a version that is gone."""
        if purpose not in PURPOSES:
            raise ValueError(f"{purpose} is no purpose of the house key")
        key = self.keys.get(self.current if version is None else version)
        if key is None:
            raise crypto.CannotOpen("this version of the house key is gone")
        return _subkey(key, purpose)


@cache
def _subkey(key: bytes, purpose: str) -> bytes:
    return crypto.derive(key, purpose)


def create(folder: Path) -> House:
    """Make the folder with a new house key and signing key, readable by nobody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(32)
    _write(folder / FILE, json.dumps({"current": 1, "keys": {"1": base64.b64encode(key).decode()}}))
    _write(folder / SIGNING_FILE, SigningKey.generate().encode().hex())
    return House(1, {1: key})


def find(folder: Path) -> House:
    """Return the house key, or a passing one where no installation was set up yet."""
    if not (folder / FILE).exists():
        return House(1, {1: secrets.token_bytes(32)})
    data = json.loads(_read(folder / FILE))
    return House(data["current"], {int(v): base64.b64decode(k) for v, k in data["keys"].items()})


def exists(folder: Path) -> bool:
    """Tell whether the installation was set up."""
    return (folder / FILE).exists()


def require(folder: Path) -> None:
    """Raise WrongSetting where no installation was set up: a passing key would open nothing later."""
    if not exists(folder):
        raise WrongSetting(f"There is no house key in {folder}. Run `heard setup` first.")


def signing_key(folder: Path) -> SigningKey:
    """Return the key that signs audit roots and exports."""
    return SigningKey(bytes.fromhex(_read(folder / SIGNING_FILE)))


def _write(path: Path, text: str) -> None:
    """Write a secret once, durably. Raises FileExistsError rather than overwrite one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> str:
    """Read a secret. Raises WrongSetting when others could read it as well."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise WrongSetting(f"Others on this machine can read {path.name}. Run: chmod 600 {path}")
    return path.read_text().strip()
