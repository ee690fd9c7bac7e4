"""Somebody reads no reports any more: their keys go, new ones follow, and nothing is left without a reader."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone

from heard.community import queries as community
from heard.community.models import Member
from heard.outbox import letters
from heard.reports.models import Report
from heard.vault import rekey, safes
from heard.vault.models import Grant

# A safe that waits longer for its new key is called for.
OVERDUE = timedelta(hours=24)
SPACING = timedelta(hours=24)


def give_up(member: Member) -> None:
    """Take a member's keys to what their team reads, where somebody else of the team has one.

    What nobody else can read keeps its grant: it opens nothing to them any more, the global team is told that nobody
    reads it, and should they come back nothing is lost.
    """
    others = {reader.user_id for reader in community.readers(member.team)} - {member.user_id}
    for report in _held(member):
        for safe_id in report.safes:
            if others & safes.able(safe_id):
                safes.withdraw([safe_id], [member.user_id])
        if report.contact_id == member.user_id:
            Report.objects.filter(pk=report.pk).update(contact=None)


def holds_any(safe_id: uuid.UUID, users: Collection[uuid.UUID]) -> bool:
    """Tell whether any of these people can open a safe."""
    return not set(safes.keyholders(safe_id)).isdisjoint(users)


def _held(member: Member) -> list[Report]:
    held = Grant.objects.filter(holder_kind=Grant.HolderKind.USER, holder=str(member.user_id)).values("safe_id")
    return list(Report.objects.filter(team=member.team, safe_id__in=held))


def call_for_keys() -> None:
    """Nudge those who hold a safe that waits for its new key for a day, and the global team's leads."""
    overdue = rekey.overdue(timezone.now() - OVERDUE)
    holders: set[uuid.UUID] = {user for safe_id in overdue for user in safes.keyholders(safe_id)}
    if not overdue:
        return
    worldwide = community.readers(community.global_team())
    leads = {member.user_id for member in worldwide if member.role == Member.Role.LEAD}
    people = Member.objects.filter(user__in=holders | leads, is_active=True, role__in=Member.READING)
    for user_id, email in dict(people.values_list("user_id", "user__email")).items():
        letters.nudge(user_id, to=email, spacing=SPACING)
