"""Handing over: who leaves, who takes over, in one sitting and with a signed record."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.community import actions as community_actions
from heard.community import queries as community
from heard.community.actions import team_chain, who
from heard.community.models import Handover, Member, Shift, Team
from heard.reports import access, queries
from heard.reports.actions import leaving, newcomers, standing
from heard.reports.models import Report
from heard.vault.keyring import Keyring, SafeKey
from heard.vault.signing import HouseSigner

# Reports that get their new key in the same request; the rest follow at the next visit of whoever holds them.
RENEWED = 200


class NobodyStays(Exception):
    """Everybody would leave, or no lead would be left."""


class NotReady(Exception):
    """Somebody who takes over has not declared their conflicts yet."""


@dataclass(frozen=True)
class Plan:
    """Who leaves; who stays; who of those leads from now on; who takes over conversations and shifts."""

    leavers: Sequence[Member]
    leads: Sequence[Member]
    heir: Member


@transaction.atomic
def hand_over(team: Team, plan: Plan, keyring: Keyring, *, by: User) -> Handover:
    """Pass on what I hold, take the leavers' keys, and sign a record. Raises NobodyStays, NotReady."""
    going = {member.user_id for member in plan.leavers}
    staying = [member for member in community.readers(team) if member.user_id not in going]
    if plan.heir not in staying or not set(plan.leads) <= set(staying):
        raise NobodyStays
    if access.undeclared(staying, asked_by=by):
        raise NotReady
    leads = set(plan.leads) | {member for member in staying if member.role == Member.Role.LEAD}
    if not leads:
        raise NobodyStays
    held = list(queries.reports_for(by).filter(team=team))
    opens = keyring.keys_of({safe_id for report in held for safe_id in report.safes})
    held = [report for report in held if report.safe_id in opens]
    _let_in(held, keyring, by)
    _pass_duties(team, going, plan.heir, held)
    keys = _keys(held, keyring, going)
    for member in plan.leads:
        community_actions.change_member(member, role=Member.Role.LEAD, is_active=True, by=by)
    for member in plan.leavers:
        community_actions.change_member(member, role=Member.Role.MEMBER, is_active=False, by=by)
    standing.renew_all(keyring, keys)
    return _signed(team, plan, staying, by)


def _let_in(held: Sequence[Report], keyring: Keyring, by: User) -> None:
    """Open what I hold to those who stay, have no conflict and no key yet."""
    for report in held:
        for member in access.could_let_in(report):
            newcomers.let_in(report, keyring, by=by, member=member)


def _pass_duties(team: Team, going: set[UUID], heir: Member, held: Sequence[Report]) -> None:
    """Give conversations with reporters and shifts to come to whoever takes over, where they can read it."""
    for report in held:
        if report.contact_id in going:
            can = heir in queries.handlers(report)
            Report.objects.filter(pk=report.pk).update(contact=heir.user if can else None)
    Shift.objects.filter(team=team, member__user__in=going, ends_at__gte=timezone.now()).update(member=heir)


def _keys(held: Sequence[Report], keyring: Keyring, going: set[UUID]) -> list[SafeKey]:
    """Return the keys of what a leaver could read; with them the safes get new ones."""
    safes_ = [safe_id for report in held for safe_id in report.safes]
    theirs = [safe_id for safe_id in safes_ if leaving.holds_any(safe_id, going)]
    return keyring.sealers(theirs[:RENEWED])


def _signed(team: Team, plan: Plan, staying: Sequence[Member], by: User) -> Handover:
    names = {member.user_id: member.shown_name for member in [*plan.leavers, *staying]}
    record = {
        "team": team.name,
        "at": timezone.now().isoformat(timespec="seconds"),
        "by": names.get(by.pk, ""),
        "left": [member.shown_name for member in plan.leavers],
        "stayed": [member.shown_name for member in staying],
        "lead": [m.shown_name for m in staying if m.role == Member.Role.LEAD or m in plan.leads],
        "took_over": plan.heir.shown_name,
    }
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    key, signature = HouseSigner().sign(text.encode())
    audit.record("handover.done", chain=team_chain(team), who=who(by), thing=str(len(plan.leavers)))
    return Handover.objects.create(team=team, record=text, key=key, signature=signature)
