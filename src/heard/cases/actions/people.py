"""The people of a case, and what the person harmed wishes."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions.duties import locked, write
from heard.cases.actions.opening import chain
from heard.cases.models import Case, Entry, Party, WrongState
from heard.community import queries as community
from heard.community.actions import who
from heard.matching import Written
from heard.reports.actions import standing
from heard.vault import safes
from heard.vault.keyring import Keyring
from heard.vault.models import Exclusion


@transaction.atomic
def add(case: Case, keyring: Keyring, *, by: User, role: str, facts: dict[str, Any]) -> Party:
    """Put down a person. A member who is meant by the name, address or handle is out at once (R51)."""
    case, key = locked(case, keyring, by)
    party = Party.objects.create(**key.where, case=case, role=role, facts=key(facts))
    audit.record("party.added", chain=chain(case), who=who(by), thing=role)
    for user_id in meant_among(case, [facts], _could_hold(case)):
        _take_out(case, keyring, user_id, by)
    return party


def _could_hold(case: Case) -> set[uuid.UUID]:
    """Return who has the case, or could get it: an appeal or a failed quorum takes it to the global team."""
    above = community.readers(community.global_team())
    return {member.user_id for member in [*queries.able(case), *above]}


def meant_among(case: Case, facts: Iterable[dict[str, Any]], people: set[uuid.UUID]) -> set[uuid.UUID]:
    """Return who of some people is a party, as far as names, addresses and handles tell; in a practice case nobody is."""
    text = "\n".join(str(value) for each in facts for value in each.values() if value)
    return set() if case.is_drill else community.named_in(Written(people=text, story=""), people)


def _take_out(case: Case, keyring: Keyring, user_id: uuid.UUID, by: User) -> None:
    """Take somebody out of the case and of every report in it."""
    for report in queries.reports_of(case):
        if user_id in safes.keyholders(report.safe_id):
            standing.take_out(report, keyring, user_id=user_id, by=by)
        for safe_id in report.safes:
            safes.exclude(safe_id, user_id, Exclusion.Kind.MATCH, by.pk)
    if user_id in safes.keyholders(case.safe_id):
        safes.withdraw(safes.with_joined(case.safe_id), [user_id])
    safes.exclude(case.safe_id, user_id, Exclusion.Kind.MATCH, by.pk)


@transaction.atomic
def note_wishes(
    case: Case,
    keyring: Keyring,
    *,
    by: User,
    police: bool,
    objects: bool,
    fears: bool,
    words: str,
    key: str,
    apology: bool = False,
) -> None:
    """Note what the person harmed wishes: where it decides what may be done, and in their own words."""
    case, safe_key = locked(case, keyring, by)
    Case.objects.filter(pk=case.pk).update(police_wished=police, objected=objects, fears=fears, takes_apology=apology)
    said = [
        f"Police: {'yes' if police else 'no'}", f"Objects to going ahead: {'yes' if objects else 'no'}",
        f"Afraid: {'yes' if fears else 'no'}", f"An apology may be passed on: {'yes' if apology else 'no'}", words.strip(),
    ]  # fmt: skip
    write(case, safe_key, Entry.Kind.STEP, "\n".join(line for line in said if line), by=by, mark=key)
    audit.record("case.wishes", chain=chain(case), who=who(by))


def require_party(case: Case, pk: str) -> Party:
    """Return one of the case's people. Raises WrongState."""
    party = next((p for p in case.parties.all() if str(p.pk) == pk), None)
    if party is None:
        raise WrongState
    return party
