"""The house key: the server's own secret, outside the database and its backups.

No Django here: the settings themselves are made with it.
"""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import stat
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nacl.signing import SigningKey

from heard.config import WrongSetting
from heard.vault import crypto

FILE = "house.key"
SIGNING_FILE = "signing.key"
CHAIN_FILE = "signing.chain"
# What a signing key signs to name its successor.
SUCCESSION = b"heard:signing-key:"
LOOK_SECONDS = 1.0
PURPOSES = {"django", "outbox", "contact", "identity", "proposal", "receipt", "form", "pass", "totp", "hook", "rate"}


class House:
    """The house key with its versions. A rotation while this process runs is noticed within a second."""

    def __init__(self, current: int, keys: dict[int, bytes], folder: Path | None = None) -> None:
        self._current, self._keys, self._folder = current, keys, folder
        self._looked = time.monotonic()
        self._stamp = _stamp(folder)

    def __repr__(self) -> str:
        """Say nothing."""
        return "[sealed]"

    @property
    def current(self) -> int:
        """The version that seals."""
        self._look()
        return self._current

    @property
    def versions(self) -> list[int]:
        """Every version that still opens something, the oldest first."""
        self._look()
        return sorted(self._keys)

    def subkey(self, purpose: str, version: int | None = None) -> bytes:
        """Return the subkey for one purpose. Raises CannotOpen for a version that is gone."""
        if purpose not in PURPOSES:
            raise ValueError(f"{purpose} is no purpose of the house key")
        self._look(at_once=version is not None and version not in self._keys)
        key = self._keys.get(self._current if version is None else version)
        if key is None:
            raise crypto.CannotOpen("this version of the house key is gone")
        return _subkey(key, purpose)

    def _look(self, *, at_once: bool = False) -> None:
        """Read the file again when it changed."""
        now = time.monotonic()
        if self._folder is None or (now < self._looked + LOOK_SECONDS and not at_once):
            return
        self._looked = now
        stamp = _stamp(self._folder)
        if stamp and stamp != self._stamp:
            self._stamp = stamp
            self._current, self._keys = _parsed(self._folder)


@cache
def _subkey(key: bytes, purpose: str) -> bytes:
    return crypto.derive(key, purpose)


def create(folder: Path) -> House:
    """Make the folder with a new house key and signing key, readable by nobody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(32)
    _write(folder / FILE, _text(1, {1: key}))
    _write(folder / SIGNING_FILE, SigningKey.generate().encode().hex())
    return House(1, {1: key}, folder)


def find(folder: Path) -> House:
    """Return the house key, or a passing one where no installation was set up yet."""
    if not (folder / FILE).exists():
        return House(1, {1: secrets.token_bytes(32)})
    return House(*_parsed(folder), folder)


def rotate(folder: Path) -> int:
    """Put a new version of the house key into use; older ones still open. Return its number."""
    with _alone(folder):
        _current, keys = _parsed(folder)
        new = max(keys) + 1
        _replace(folder / FILE, _text(new, {**keys, new: secrets.token_bytes(32)}))
    return new


def forget(folder: Path) -> list[int]:
    """Forget every version but the newest, for good; return which. Callers make sure that nothing needs them."""
    with _alone(folder):
        current, keys = _parsed(folder)
        _replace(folder / FILE, _text(current, {current: keys[current]}))
    return sorted(set(keys) - {current})


def rotated_at(folder: Path) -> float:
    """Return when the file of the house key was written, in seconds since 1970."""
    return (folder / FILE).stat().st_mtime


def rotate_signing_key(folder: Path) -> str:
    """Put a new signing key into use, which the old one vouches for; return its public half in hex."""
    with _alone(folder):
        old, new = signing_key(folder), SigningKey.generate()
        public = new.verify_key.encode().hex()
        link = {
            "key": public,
            "by": old.verify_key.encode().hex(),
            "signature": old.sign(SUCCESSION + public.encode()).signature.hex(),
        }
        _replace(folder / CHAIN_FILE, json.dumps([*signing_chain(folder), link], indent=1))
        _replace(folder / SIGNING_FILE, new.encode().hex())
    return public


def signing_chain(folder: Path) -> list[dict[str, str]]:
    """Return who vouched for whom among the signing keys, the oldest first."""
    path = folder / CHAIN_FILE
    links: list[dict[str, str]] = json.loads(_read(path)) if path.exists() else []
    return links


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time change the keys: two at once would each lose the other's."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _parsed(folder: Path) -> tuple[int, dict[int, bytes]]:
    data = json.loads(_read(folder / FILE))
    return data["current"], {int(v): base64.b64decode(k) for v, k in data["keys"].items()}


def _text(current: int, keys: dict[int, bytes]) -> str:
    return json.dumps({"current": current, "keys": {str(v): base64.b64encode(k).decode() for v, k in keys.items()}})


def _stamp(folder: Path | None) -> tuple[int, int] | None:
    """Return what changes when the file is replaced."""
    if folder is None or not (folder / FILE).exists():
        return None
    facts = (folder / FILE).stat()
    return facts.st_mtime_ns, facts.st_ino


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


def _replace(path: Path, text: str) -> None:
    """Write a secret in place of an older one, durably: after a crash there is the one or the other."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    _write(fresh, text)
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> str:
    """Read a secret. Raises WrongSetting when others could read it as well."""
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise WrongSetting(f"Others on this machine can read {path.name}. Run: chmod 600 {path}")
    return path.read_text().strip()
