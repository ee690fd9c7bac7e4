"""How a case follows its report to another team. Reports know no cases: those who keep cases say so at start-up."""

import uuid
from collections.abc import Callable

from heard.accounts.models import User
from heard.community.models import Team
from heard.vault.keyring import Keyring

_moves: list[Callable[[uuid.UUID, Team], None]] = []
_visits: list[Callable[[User, Keyring], None]] = []


def on_move(follow: Callable[[uuid.UUID, Team], None]) -> None:
    """Have a case, known by its safe, follow whenever its keys went to another team."""
    _moves.append(follow)


def on_visit(pass_on: Callable[[User, Keyring], None]) -> None:
    """Have what waits for somebody's key looked for when they are there."""
    _visits.append(pass_on)


def moved(case_safe_id: uuid.UUID, team: Team) -> None:
    """Tell that the keys of a case went to a team."""
    for follow in _moves:
        follow(case_safe_id, team)


def visited(user: User, keyring: Keyring) -> None:
    """Tell that somebody is there, with their key."""
    for pass_on in _visits:
        pass_on(user, keyring)
