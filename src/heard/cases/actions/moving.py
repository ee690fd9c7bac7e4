"""A case that goes where its report went."""

from uuid import UUID

from django.db import transaction

from heard.accounts.models import User
from heard.audit import chain as audit
from heard.cases import queries
from heard.cases.actions.opening import chain
from heard.cases.actions.people import meant_among
from heard.cases.models import Case, Duty
from heard.community import queries as community
from heard.community.models import Team
from heard.reports.actions import alarms, recovery, standing
from heard.reports.actions.readers import hand_up
from heard.reports.models import Report
from heard.reports.models import WrongState as ReportMoved
from heard.vault import safes
from heard.vault.keyring import Keyring, NoGrant, SafeKey
from heard.vault.models import Exclusion


def follow(safe_id: UUID, team: Team) -> None:
    """Let a case belong to the team that its keys went to."""
    case = Case.objects.filter(safe=safe_id).exclude(team=team).first()
    if case is not None:
        Case.objects.filter(pk=case.pk).update(team=team)
        case.merged.update(team=team)
        case.duties.filter(state=Duty.State.OPEN).update(owner=None, nudged_at=None)
        audit.record("case.moved-up", chain=chain(case), who="program")


def pass_on(user: User, keyring: Keyring) -> None:
    """Hand up the cases whose reports went up while nobody who holds the case was there.

    The reporter took people out or named them, so that too few were left; their code opens the report and not the case.
    """
    for case in queries.left_behind(user):
        try:
            _pass_on(case, keyring)
        except (NoGrant, ReportMoved):  # their own key is newer than what they were given; or somebody was faster
            continue


@transaction.atomic
def _pass_on(case: Case, keyring: Keyring) -> None:
    case = Case.objects.select_for_update(of=("self",)).select_related("team").get(pk=case.pk)
    rows = Report.objects.select_for_update(of=("self",)).select_related("team", "chapter", "event")
    reports = list(rows.filter(case_safe=case.safe_id).order_by("pk"))
    keys = [keyring.sealer(safe_id) for safe_id in safes.with_joined(case.safe_id)]
    gone = next((report for report in reports if report.team.is_global), None)
    readers = _readers(case, gone, keyring) if gone else set()
    if gone is None or case.team.is_global or not readers:
        return
    belonging = [key.safe_id for key in keys]
    safes.withdraw(belonging, safes.keyholders(*belonging))
    for key in keys:
        safes.open_to(key, safes.user_holders(readers).values())
    for report in reports:
        recovery.drop(report)
        recovery.keep(report, *keys, *_brought(report, gone.team, readers, keyring))
    follow(case.safe_id, gone.team)
    case.lent.clear()
    standing.renew_all(keyring, keys)


def _brought(report: Report, team: Team, readers: set[UUID], keyring: Keyring) -> list[SafeKey]:
    """Let another report of the case go with it, where its key is at hand, and return the key."""
    own = keyring.sealers([report.safe_id]) if report.team_id != team.pk else []
    for key in own:
        hand_up(report, key, team, readers)
        report.save(update_fields=["team", "contact", "notes_safe", "acknowledged_at", "next_word_at"])
        alarms.raise_anew(report)
    return own


def _readers(case: Case, report: Report, keyring: Keyring) -> set[UUID]:
    """Return who of the global team takes it over: those who have the report, are no party, and kept no conflict back."""
    out = set(Exclusion.objects.filter(safe_id=case.safe_id).values_list("user_id", flat=True))
    members = [m for m in community.readers(report.team) if m.declared_at or m.reads_since <= report.made_at]
    people = safes.able(report.safe_id) & {member.user_id for member in members} - out
    return people - meant_among(case, [party.facts for party in queries.parties(case, keyring)], people)
