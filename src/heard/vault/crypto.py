"""Sealing bytes: XChaCha20-Poly1305, Argon2id, X25519, BLAKE2b. Only the vault imports PyNaCl."""

import hashlib
import secrets
import struct
import threading
from typing import NamedTuple

from nacl import bindings, pwhash
from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b

KEY_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_KEYBYTES
NONCE_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
FORMAT = b"\x01"
SMALLEST = 64


class CannotOpen(Exception):
    """The bytes were not sealed with this key for this place."""


class KeyPair(NamedTuple):
    """An X25519 key pair."""

    public: bytes
    private: bytes


class Cost(NamedTuple):
    """What Argon2id costs: passes and bytes of memory."""

    passes: int = 3
    memory: int = 64 * 1024 * 1024


# Each derivation takes 64 MiB: a burst of sign-ins waits in line instead of filling the memory.
_derivations = threading.BoundedSemaphore(2)


def new_key() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plain: bytes, place: str) -> bytes:
    """Seal padded bytes to a place (associated data)."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    data = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(pad(plain), FORMAT + place.encode(), nonce, key)
    return FORMAT + nonce + data


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Open what `seal` made for this place. Raises CannotOpen."""
    if sealed[:1] != FORMAT:
        raise CannotOpen("unknown format")
    nonce, data = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return unpad(bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(data, FORMAT + place.encode(), nonce, key))
    except (CryptoError, ValueError):
        raise CannotOpen("another key or another place") from None


def padded_length(size: int) -> int:
    """Return the Padmé length of a size in bytes (Nikitin et al. 2019): it leaks O(log log) bits."""
    size = max(size, SMALLEST)
    exponent = size.bit_length() - 1
    loose = exponent - exponent.bit_length()
    mask = (1 << loose) - 1
    return (size + mask) & ~mask


def pad(plain: bytes) -> bytes:
    """Return the bytes behind their length, filled up to a Padmé length."""
    framed = struct.pack(">I", len(plain)) + plain
    return framed.ljust(padded_length(len(framed)), b"\0")


def unpad(padded: bytes) -> bytes:
    """Return what `pad` was given."""
    (size,) = struct.unpack_from(">I", padded)
    return padded[4 : 4 + size]


def derive(key: bytes, purpose: str, data: bytes = b"", size: int = 32) -> bytes:
    """Return a subkey for a purpose (BLAKE2b, keyed; the purpose of at most 16 bytes personalises it)."""
    person = purpose.encode()
    if len(person) > 16:
        raise ValueError("a purpose has at most 16 bytes")
    return blake2b(data, digest_size=size, key=key, person=person, encoder=RawEncoder)


def digest(data: bytes, purpose: str, size: int = 32) -> bytes:
    """Return a hash that differs by purpose, without a key: for inputs of at least 100 random bits."""
    return blake2b(data, digest_size=size, person=purpose.encode(), encoder=RawEncoder)


def new_pair() -> KeyPair:
    """Return a fresh X25519 pair."""
    return KeyPair(*bindings.crypto_box_keypair())


def pair_of(private: bytes) -> KeyPair:
    """Return the pair of a private half."""
    return KeyPair(bindings.crypto_scalarmult_base(private), private)


def seal_to(public: bytes, plain: bytes) -> bytes:
    """Seal bytes to whoever holds the private half."""
    return FORMAT + bindings.crypto_box_seal(plain, public)


def unseal_with(pair: KeyPair, sealed: bytes) -> bytes:
    """Open what `seal_to` made. Raises CannotOpen."""
    if sealed[:1] != FORMAT:
        raise CannotOpen("unknown format")
    try:
        return bindings.crypto_box_seal_open(sealed[1:], pair.public, pair.private)
    except CryptoError:
        raise CannotOpen("another key") from None


def stretch(password: str, salt: bytes, cost: Cost, size: int = 64) -> bytes:
    """Return bytes from a password by Argon2id: slow on purpose, so never inside a transaction."""
    with _derivations:
        return pwhash.argon2id.kdf(size, password.encode(), salt, opslimit=cost.passes, memlimit=cost.memory)


def sha256(data: bytes) -> bytes:
    """Return the SHA-256 of the bytes (the proof of work, which browsers can compute too)."""
    return hashlib.sha256(data).digest()
