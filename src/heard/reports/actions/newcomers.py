"""Newcomers: they declare conflicts against code names, then somebody who holds a report lets them in."""

import uuid
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import queries as community
from heard.community.actions import who
from heard.community.models import Member
from heard.reports import access, queries
from heard.reports.actions import recovery
from heard.reports.actions.handling import NotHere, _locked
from heard.reports.actions.submit import chain
from heard.reports.models import Report
from heard.vault import safes
from heard.vault.keyring import Keyring, NoGrant
from heard.vault.models import Exclusion

# Reports that one visit opens to one newcomer.
AT_ONCE = 50


@transaction.atomic
def declare(user: User, conflicts: Iterable[uuid.UUID]) -> None:
    """Stand aside from earlier reports of one's teams, known by code name alone, and say that this is all."""
    chosen = set(conflicts)
    for report in access.before(user):
        if report.pk in chosen:
            for safe_id in report.safes:
                safes.exclude(safe_id, user.pk, Exclusion.Kind.RECUSED, user.pk)
            recovery.drop(report)
            audit.record("member.recused", chain=chain(report), who=who(user))
    mine = Member.objects.filter(user=user, is_active=True, role__in=Member.READING)
    mine.update(declared_at=timezone.now())


@transaction.atomic
def let_in(report: Report, keyring: Keyring, *, by: User, member: Member) -> None:
    """Open a report to a colleague who has declared their conflicts. Raises NotHere for anybody else."""
    report = _locked(report, by)
    if member not in access.could_let_in(report):
        raise NotHere
    holder = safes.user_holders([member.user_id])[member.user_id]
    for key in report.keys(keyring):
        safes.regrant(key, holder)
    audit.record("member.let-in", chain=chain(report), who=who(by), thing=f"user:{member.user_id}")


def let_in_as_agreed(user: User, keyring: Keyring) -> int:
    """Open earlier reports to newcomers who declared their conflicts, where the community switched that on; return how many."""
    done = 0
    for team in community.of(user):
        if not community.policy(team).policy.switches.newcomers_read:
            continue
        mine = queries.reports_for(user).filter(team=team).values("pk")
        for member in community.readers(team):
            if member.declared_at:
                lacking = access.before(member.user).filter(team=team, pk__in=mine)[:AT_ONCE]
                done += sum(_tried(report, keyring, by=user, member=member) for report in lacking)
    return done


def _tried(report: Report, keyring: Keyring, *, by: User, member: Member) -> bool:
    try:
        let_in(report, keyring, by=by, member=member)
    except (NotHere, NoGrant):
        return False
    return True
