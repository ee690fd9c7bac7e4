"""Receipt codes: 100 random bits that open one mailbox, and that nobody keeps."""

import secrets
import time
from dataclasses import dataclass

from django.conf import settings

from heard.vault import crypto
from heard.vault.house import House

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
PASS_SECONDS = 30 * 60
FORM_SECONDS = 24 * 60 * 60
_LOOK_ALIKES = str.maketrans(
    {"O": "0", "I": "1", "L": "1", "U": "V", "-": None, " ": None, "\u2013": None, "\u00a0": None}
)


class Mistyped(Exception):
    """The code cannot be one: a character is missing or wrong."""


class Forged(Exception):
    """A form's token or a pass was not made here, or ran out."""


class Expired(Forged):
    """A form's token was made here, too long ago."""

    def __init__(self, token: "FormToken") -> None:
        super().__init__()
        self.token = token


@dataclass(frozen=True)
class Receipt:
    """A code as the reporter keeps it."""

    code: str

    def __repr__(self) -> str:
        """Say nothing."""
        return "[sealed]"

    @property
    def spelled(self) -> str:
        """The code in groups, with its check character."""
        whole = self.code + check_character(self.code)
        return "-".join([whole[0:4], whole[4:8], whole[8:12], whole[12:16], whole[16:]])

    @property
    def lookup(self) -> str:
        """What the database knows the mailbox by."""
        return crypto.digest(self.code.encode(), "heard:lookup", 16).hex()

    @property
    def pair(self) -> crypto.KeyPair:
        """The key pair of the mailbox."""
        return crypto.pair_of(crypto.digest(self.code.encode(), "heard:mailbox"))


def check_character(code: str) -> str:
    """Return the Luhn mod 32 character: it finds every single slip and nearly every swap of neighbours."""
    total = 0
    for place, character in enumerate(reversed(code)):
        value = ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def read(typed: str) -> Receipt:
    """Return the receipt that somebody typed. Raises Mistyped."""
    code = typed.upper().translate(_LOOK_ALIKES).strip()
    if len(code) != LENGTH + 1 or any(character not in ALPHABET for character in code):
        raise Mistyped
    if check_character(code[:LENGTH]) != code[LENGTH]:
        raise Mistyped
    return Receipt(code[:LENGTH])


def new() -> Receipt:
    """Return a fresh receipt."""
    return Receipt("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def successor(old: Receipt, nonce: str) -> Receipt:
    """Return the receipt that replaces an old one: the same for the same page, so that a second click loses nothing."""
    return _derived(_house().current, f"{old.code} {nonce}".encode())


def _derived(version: int, data: bytes) -> Receipt:
    """Return the receipt that belongs to some bits."""
    bits = crypto.derive(_house().subkey("receipt", version), "heard:receipt", data, 16)
    number = int.from_bytes(bits, "big")
    return Receipt("".join(ALPHABET[(number >> (5 * i)) & 31] for i in range(LENGTH)))


@dataclass(frozen=True)
class FormToken:
    """What a form carries: random bits, from which its receipt and its name for pending files are made."""

    seed: bytes
    made: int
    version: int

    @property
    def receipt(self) -> Receipt:
        """The receipt of this form: the same however often it is sent."""
        return _derived(self.version, self.seed)

    @property
    def name(self) -> str:
        """What the database knows the form by."""
        return crypto.digest(self.seed, "heard:form", 16).hex()

    @property
    def key(self) -> bytes:
        """The key of files that wait for the form to be complete; only the form has it."""
        return crypto.digest(self.seed, "heard:pending")

    @property
    def age(self) -> float:
        """Seconds since the form was shown."""
        return time.time() - self.made

    def __str__(self) -> str:
        """Return the token as the form carries it."""
        body = self.version.to_bytes(2, "big") + self.made.to_bytes(6, "big") + self.seed
        return (body + _mac(body, self.version)).hex()


def new_form(*, age: int = 0) -> FormToken:
    """Return the token of a form that is about to be shown; of one that comes back, with the seconds it was open."""
    return FormToken(secrets.token_bytes(16), int(time.time()) - age, _house().current)


def read_form(token: str) -> FormToken:
    """Return what a form carried. Raises Forged, or Expired."""
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        raise Forged from None
    body, mac = raw[:24], raw[24:]
    version = int.from_bytes(body[:2], "big")
    try:
        genuine = len(body) == 24 and secrets.compare_digest(mac, _mac(body, version))
    except crypto.CannotOpen:
        genuine = False
    form = FormToken(body[8:], int.from_bytes(body[2:8], "big"), version)
    if not genuine:
        raise Forged
    if form.age > FORM_SECONDS:
        raise Expired(form)
    return form


def make_pass(receipt: Receipt) -> str:
    """Return a sealed note of the code that a page carries for half an hour, instead of a cookie."""
    until = int(time.time()) + PASS_SECONDS
    return crypto.seal(_house().subkey("pass"), f"{until} {receipt.code}".encode(), "mailbox").hex()


def read_pass(note: str) -> Receipt:
    """Return the receipt behind a pass. Raises Forged when it ran out or was not made here."""
    try:
        until, code = crypto.unseal(_house().subkey("pass"), bytes.fromhex(note), "mailbox").decode().split(" ")
    except (ValueError, crypto.CannotOpen):
        raise Forged from None
    if int(until) < time.time():
        raise Forged
    return Receipt(code)


def _mac(body: bytes, version: int) -> bytes:
    return crypto.derive(_house().subkey("form", version), "heard:token", body, 16)


def _house() -> House:
    house: House = settings.HOUSE
    return house
