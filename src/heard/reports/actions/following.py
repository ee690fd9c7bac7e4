"""How a case follows its report to another team. Reports know no cases: those who keep cases say so at start-up."""

import uuid
from collections.abc import Callable
from datetime import datetime

from heard.accounts.models import User
from heard.community.models import Team
from heard.vault.keyring import Keyring

_moves: list[Callable[[uuid.UUID, Team], None]] = []
_visits: list[Callable[[User, Keyring], None]] = []
_asked: list[Callable[[uuid.UUID, datetime, User], None]] = []
_answers: list[Callable[[uuid.UUID, str], None]] = []


def on_move(follow: Callable[[uuid.UUID, Team], None]) -> None:
    """Have a case, known by its safe, follow whenever its keys went to another team."""
    _moves.append(follow)


def on_visit(pass_on: Callable[[User, Keyring], None]) -> None:
    """Have what waits for somebody's key looked for when they are there."""
    _visits.append(pass_on)


def on_asked(note: Callable[[uuid.UUID, datetime, User], None]) -> None:
    """Have it noted in the case that somebody was told it goes ahead, and until when they may object."""
    _asked.append(note)


def on_answer(note: Callable[[uuid.UUID, str], None]) -> None:
    """Have it noted in the case what somebody answered to that: yes or no."""
    _answers.append(note)


def moved(case_safe_id: uuid.UUID, team: Team) -> None:
    """Tell that the keys of a case went to a team."""
    for follow in _moves:
        follow(case_safe_id, team)


def visited(user: User, keyring: Keyring) -> None:
    """Tell that somebody is there, with their key."""
    for pass_on in _visits:
        pass_on(user, keyring)


def asked(case_safe_id: uuid.UUID, until: datetime, by: User) -> None:
    """Tell that a reporter may object until a moment."""
    for note in _asked:
        note(case_safe_id, until, by)


def answered(case_safe_id: uuid.UUID, answer: str) -> None:
    """Tell what a reporter to whom it happened answered: yes or no."""
    for note in _answers:
        note(case_safe_id, answer)
